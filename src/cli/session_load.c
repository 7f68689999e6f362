/*
 * The recipe of a session and its inputs: nothing is run when either is wrong.
 */
#include "session_priv.h"

#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mask.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/diagnose.h"
#include "cli/run_env.h"
#include "maxima.h"
#include "recipe/load.h"
#include "recipe/params.h"
#include "value/value.h"
#include "value/yaml.h"

static bool split_inputs(const struct cli_command *command, const struct opt_list *list,
                         struct arena *a, struct param_text *texts) {
    for (size_t i = 0; i < list->n; i++) {
        const char *eq = strchr(list->items[i], '=');
        if (eq == NULL || eq == list->items[i]) {
            cli_usage_error(command, "--input '%s' is not of the form NAME=VALUE", list->items[i]);
            return false;
        }
        texts[i].name = arena_strndup(a, list->items[i], (size_t)(eq - list->items[i]));
        texts[i].text = eq + 1;
    }
    return true;
}

static bool read_input_file(const char *path, struct arena *a, const struct value **ret_v,
                            struct err *err) {
    AUTO(str) struct str text = STR_INIT(LIMIT_RECIPE_BYTES);
    if (!file_read(path, LIMIT_RECIPE_BYTES, &text, err)) {
        return false;
    }
    struct yaml_options options = {.name = path};
    if (!yaml_parse(a, str_text(&text), text.len, &options, ret_v, err)) {
        return false;
    }
    return (*ret_v)->type == VALUE_OBJECT ||
           err_set(err, "invalid-type", "%s: expected a map of inputs, found %s", path,
                   value_type_name(*ret_v));
}

/* A replay needs no secret: what was recorded has their mark in their place. */
static size_t add_absent_secrets(const struct session *s, struct param_text *texts, size_t n) {
    size_t n_given = n;
    for (size_t i = 0; i < s->recipe->n_inputs; i++) {
        const struct input *in = &s->recipe->inputs[i];
        bool is_given = !in->is_secret || (in->env != NULL && run_env_get(in->env, NULL) != NULL);
        for (size_t k = 0; k < n_given && !is_given; k++) {
            is_given = strcmp(texts[k].name, in->name) == 0;
        }
        if (!is_given) {
            texts[n++] = (struct param_text){in->name, MASK_TEXT};
        }
    }
    return n;
}

bool session_is_live(const struct run_options *o) {
    return o->replay == NULL || o->record != NULL;
}

static int resolve_inputs(struct session *s, const struct cli_command *command) {
    const struct run_options *o = s->options;
    size_t n_texts = o->inputs.n;
    struct param_text *texts =
        arena_zalloc(&s->arena, (o->inputs.n + s->recipe->n_inputs + 1) * sizeof *texts);
    const struct value **files = arena_zalloc(&s->arena, (o->input_files.n + 2) * sizeof *files);
    if (!split_inputs(command, &o->inputs, &s->arena, texts)) {
        return CLI_USAGE;
    }
    size_t n_files = 0;
    if (s->given != NULL) {
        files[n_files++] = s->given;
    }
    for (size_t i = 0; i < o->input_files.n; i++) {
        struct err err = ERR_INIT;
        if (!read_input_file(o->input_files.items[i], &s->arena, &files[n_files++], &err)) {
            return cli_fail(&err, CLI_USAGE);
        }
    }
    if (!session_is_live(o)) {
        n_texts = add_absent_secrets(s, texts, n_texts);
    }
    struct params_source source = {
        .texts = texts,
        .n_texts = n_texts,
        .files = files,
        .n_files = n_files,
        .env = run_env_get,
    };
    struct diagnostics d = DIAGNOSTICS_INIT;
    bool is_fine = params_resolve(s->recipe, &source, &s->arena, &s->inputs, &s->public_inputs, &d);
    diagnose_print(&d);
    diagnostics_release(&d);
    return is_fine ? CLI_OK : CLI_USAGE;
}

int session_load(struct session *s, const struct cli_command *command, const char *path) {
    struct diagnostics d = DIAGNOSTICS_INIT;
    s->recipe = recipe_load(path, &d);
    if (s->recipe == NULL) {
        diagnose_print(&d);
    } else if (d.n > 0 && !s->options->is_quiet) {
        diagnose_count(&d, path);
    }
    diagnostics_release(&d);
    return s->recipe == NULL ? CLI_USAGE : resolve_inputs(s, command);
}
