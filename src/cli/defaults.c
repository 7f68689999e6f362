/*
 * Every default becomes the text of an option (`--name=value`) and goes through opt_parse(), so that files, variables
 * and the command line mean the same by the same words.
 */
#include "cli/defaults.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/cli.h"
#include "maxima.h"
#include "value/yaml.h"

struct defaults {
    const struct cli_command *command;
    struct arena *arena;
    void *fields;
    struct err *err;
};

/* A file that is being read; `text` for the source lines of errors. */
struct source {
    const char *path;
    const char *text;
};

static bool store(const struct defaults *d, const char *option) {
    char *argv[] = {arena_strdup(d->arena, option)};
    struct opt_list operands = {NULL, 0};
    bool ok = opt_parse(d->command->options, 1, argv, 0, d->fields, &operands, d->err);
    opt_list_release(&operands);
    return ok;
}

static bool is_flag(const struct opt_row *row) {
    return row->kind == OPT_FLAG || row->kind == OPT_LEVEL;
}

/* "true" sets a flag, a number repeats it as often, "false" leaves it alone. */
static bool store_flag(const struct defaults *d, const struct opt_row *row, const char *text) {
    size_t times = 0;
    if (strcmp(text, "true") == 0) {
        times = 1;
    } else if (text[0] >= '0' && text[0] <= '3' && text[1] == '\0') {
        times = (size_t)(text[0] - '0');
    } else if (text[0] != '\0' && strcmp(text, "false") != 0) {
        return err_set(d->err, "invalid-type", "'%s' is a flag: true or false, not '%s'", row->name,
                       text);
    }
    for (size_t i = 0; i < times; i++) {
        if (!store(d, arena_printf(d->arena, "--%s", row->name))) {
            return false;
        }
    }
    return true;
}

static bool store_text(const struct defaults *d, const struct opt_row *row, const char *text) {
    return is_flag(row) ? store_flag(d, row, text)
                        : store(d, arena_printf(d->arena, "--%s=%s", row->name, text));
}

/* ---- files ---- */

static bool fail_at(const struct defaults *d, const struct source *s, const struct yaml_node *at) {
    const char *line = s->text;
    for (unsigned n = 1; n < at->line && line != NULL; n++) {
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    const char *shown = line == NULL ? NULL : arena_strndup(d->arena, line, strcspn(line, "\r\n"));
    return err_at(d->err, (struct place){s->path, at->line, at->col}, shown);
}

static const struct opt_row *find_row(const struct cli_command *command, const char *name) {
    for (const struct opt_row *row = command->options; row != NULL && row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

static bool unknown_option(const struct defaults *d, const char *name) {
    const char *names[64];
    size_t n = 0;
    err_set(d->err, "unknown-key", "`cpdflow %s` has no option '--%s'", d->command->name, name);
    for (const struct opt_row *row = d->command->options; row != NULL && row->name != NULL; row++) {
        if (n < sizeof names / sizeof *names) {
            names[n++] = row->name;
        }
    }
    const char *nearest = err_nearest(name, names, n);
    if (nearest != NULL) {
        err_hint(d->err, "did you mean '%s'?", nearest);
    }
    return false;
}

/* One value of an option: a scalar, or NAME: VALUE of a map under an option that takes NAME=VALUE. */
static bool store_node(const struct defaults *d, const struct opt_row *row,
                       const struct yaml_node *node) {
    return node->kind == YAML_SCALAR
               ? store_text(d, row, node->text)
               : err_set(d->err, "invalid-type", "'%s' wants a plain value here", row->name);
}

static bool store_pairs(const struct defaults *d, const struct opt_row *row,
                        const struct yaml_node *map) {
    for (size_t i = 0; i < map->n; i++) {
        const struct yaml_pair *pair = &map->pairs[i];
        if (pair->value->kind != YAML_SCALAR) {
            return err_set(d->err, "invalid-type", "'%s' wants plain values here", row->name);
        }
        if (!store_text(d, row,
                        arena_printf(d->arena, "%s=%s", pair->key->text, pair->value->text))) {
            return false;
        }
    }
    return true;
}

static bool store_option(const struct defaults *d, const struct yaml_pair *pair) {
    const struct opt_row *row = find_row(d->command, pair->key->text);
    if (row == NULL) {
        return unknown_option(d, pair->key->text);
    }
    if (pair->value->kind == YAML_SCALAR || row->kind != OPT_LIST) {
        return store_node(d, row, pair->value);
    }
    if (pair->value->kind == YAML_MAP) {
        return store_pairs(d, row, pair->value);
    }
    for (size_t i = 0; i < pair->value->n; i++) {
        if (!store_node(d, row, pair->value->items[i])) {
            return false;
        }
    }
    return true;
}

static bool check_command(const struct defaults *d, const struct yaml_pair *pair) {
    if (cli_find_command(pair->key->text) != NULL) {
        return pair->value->kind == YAML_MAP ||
               err_set(d->err, "invalid-type", "'%s' wants a map of options", pair->key->text);
    }
    err_set(d->err, "unknown-key", "there is no command '%s'", pair->key->text);
    const char *nearest = cli_nearest_command(pair->key->text);
    if (nearest != NULL) {
        err_hint(d->err, "did you mean '%s'?", nearest);
    }
    return false;
}

static bool read_commands(const struct defaults *d, const struct source *s,
                          const struct yaml_node *top) {
    if (top->kind != YAML_MAP) {
        err_set(d->err, "invalid-type", "a configuration is a map with a key per command");
        return fail_at(d, s, top);
    }
    for (size_t i = 0; i < top->n; i++) {
        if (!check_command(d, &top->pairs[i])) {
            return fail_at(d, s, top->pairs[i].key);
        }
    }
    const struct yaml_node *options = yaml_get(top, d->command->name);
    for (size_t i = 0; options != NULL && i < options->n; i++) {
        if (!store_option(d, &options->pairs[i])) {
            return fail_at(d, s, options->pairs[i].key);
        }
    }
    return true;
}

static bool read_file(const struct defaults *d, const char *path) {
    AUTO(str) struct str text = STR_INIT(LIMIT_RECIPE_BYTES);
    if (!file_read(path, LIMIT_RECIPE_BYTES, &text, d->err)) {
        return false;
    }
    struct source s = {arena_strdup(d->arena, path), str_text(&text)};
    struct yaml_options options = {.name = s.path};
    struct yaml_node *top = NULL;
    return yaml_read(d->arena, s.text, text.len, &options, &top, d->err) &&
           read_commands(d, &s, top);
}

static bool read_file_if_there(const struct defaults *d, const char *path) {
    return access(path, F_OK) != 0 || read_file(d, path);
}

static bool read_files(const struct defaults *d) {
    const char *named = getenv("CPDFLOW_CONFIG");
    if (named != NULL) {
        return named[0] == '\0' || read_file(d, named) || err_wrap(d->err, "CPDFLOW_CONFIG");
    }
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    const char *own = NULL;
    if (config != NULL && config[0] == '/') {
        own = arena_printf(d->arena, "%s/cpdflow/config.yaml", config);
    } else if (home != NULL && home[0] == '/') {
        own = arena_printf(d->arena, "%s/.config/cpdflow/config.yaml", home);
    }
    return (own == NULL || read_file_if_there(d, own)) && read_file_if_there(d, ".cpdflow.yaml");
}

/* ---- variables ---- */

static bool read_variable(const struct defaults *d, const struct opt_row *row, const char *name) {
    const char *text = getenv(name);
    bool is_list = row->kind == OPT_LIST;
    while (text != NULL && *text != '\0') {
        size_t len = is_list ? strcspn(text, "\n") : strlen(text);
        const char *item = arena_strndup(d->arena, text, len);
        if (len > 0 && !store_text(d, row, item)) {
            return err_wrap(d->err, "%s", name);
        }
        text += len + (text[len] == '\n' ? 1 : 0);
    }
    return true;
}

/* "CPDFLOW", a command or nothing, an option: in capitals, with _ for -. */
static const char *variable_name(struct arena *a, const char *command, const char *option) {
    char *name = command != NULL ? arena_printf(a, "CPDFLOW_%s_%s", command, option)
                                 : arena_printf(a, "CPDFLOW_%s", option);
    for (char *c = name; *c != '\0'; c++) {
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    }
    return name;
}

/* Options that mean the same wherever they are. */
static bool is_shared(const struct opt_row *row) {
    return strcmp(row->name, "state-dir") == 0 || strcmp(row->name, "color") == 0;
}

static bool read_variables(const struct defaults *d) {
    for (const struct opt_row *row = d->command->options; row->name != NULL; row++) {
        if (is_shared(row) && !read_variable(d, row, variable_name(d->arena, NULL, row->name))) {
            return false;
        }
        if (!read_variable(d, row, variable_name(d->arena, d->command->name, row->name))) {
            return false;
        }
    }
    return true;
}

bool defaults_apply(const struct cli_command *command, struct arena *a, void *fields,
                    struct err *err) {
    struct defaults d = {command, a, fields, err};
    return command->options == NULL || (read_files(&d) && read_variables(&d));
}
