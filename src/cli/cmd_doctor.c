/*
 * cpdflow doctor [RECIPE…]: is this machine ready to run recipes, or these recipes? Looks, and changes nothing.
 */
#include <stdarg.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "doctor_priv.h"
#include "program_priv.h"
#include "maxima.h"
#include "proc/loop.h"
#include "recipe/load.h"
#include "value/json.h"
#include "value/value.h"

static const char *const status_names[DOCTOR_STATUS_COUNT] = {
    [DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_FAIL] = "fail"};

struct doctor_options {
    int output;
    const char *state_dir;
};

static const char *const outputs[] = {"text", "json", NULL};

static const struct opt_row rows[] = {
    {'o', "output", OPT_CHOICE, NULL, offsetof(struct doctor_options, output), outputs,
     "what to print: for people, or as JSON"},
    {0, "state-dir", OPT_FILE, "DIR", offsetof(struct doctor_options, state_dir), NULL,
     "where runs would be kept (.cpdflow unless given)"},
    OPT_END,
};

void doctor_say(struct doctor *d, const char *name, enum doctor_status status, const char *help,
                const char *fmt, ...) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(&text, fmt, ap);
    va_end(ap);
    d->items = mem_realloc(d->items, d->n + 1, sizeof *d->items);
    d->items[d->n++] = (struct doctor_finding){
        .name = name,
        .status = status,
        .text = arena_strdup(&d->arena, str_text(&text)),
        .help = help != NULL ? arena_strdup(&d->arena, help) : NULL,
    };
    d->n_by_status[status]++;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void print_text(const struct doctor *d, struct str *out) {
    for (size_t i = 0; i < d->n; i++) {
        const struct doctor_finding *f = &d->items[i];
        str_addf(out, "%-5s %-16s %s\n", status_names[f->status], f->name, f->text);
        if (f->help != NULL) {
            str_addf(out, "%-5s %-16s -> %s\n", "", "", f->help);
        }
    }
    str_addf(out, "%zu ok, %zu to look at, %zu missing\n", d->n_by_status[DOCTOR_OK],
             d->n_by_status[DOCTOR_WARN], d->n_by_status[DOCTOR_FAIL]);
}

static void print_json(struct doctor *d, struct str *out) {
    struct object_builder all;
    struct list_builder checks;
    object_begin(&all, &d->arena);
    list_begin(&checks, &d->arena);
    for (size_t i = 0; i < d->n; i++) {
        const struct doctor_finding *f = &d->items[i];
        struct object_builder one;
        object_begin(&one, &d->arena);
        object_put_c(&one, "name", value_cstring(&d->arena, f->name));
        object_put_c(&one, "status", value_cstring(&d->arena, status_names[f->status]));
        object_put_c(&one, "message", value_cstring(&d->arena, f->text));
        object_put_c(&one, "help",
                     f->help != NULL ? value_cstring(&d->arena, f->help) : &value_null);
        list_add(&checks, object_end(&one));
    }
    object_put_c(&all, "ready", value_bool(d->n_by_status[DOCTOR_FAIL] == 0));
    object_put_c(&all, "cpdctl_version",
                 d->cpdctl_version != NULL ? value_cstring(&d->arena, d->cpdctl_version)
                                           : &value_null);
    object_put_c(&all, "checks", list_end(&checks));
    json_print(out, object_end(&all), JSON_PRETTY);
    str_add_char(out, '\n');
}

/* ---- the command ----------------------------------------------------------------------------- */

/* What the recipes call decides what must be there; without a recipe it is cpdctl. */
static void look_at_programs(struct doctor *d, const struct opt_list *files) {
    struct map programs = MAP_INIT;
    for (size_t i = 0; i < files->n; i++) {
        struct diagnostics found = DIAGNOSTICS_INIT;
        struct recipe *r = recipe_load(files->items[i], &found);
        if (r != NULL) {
            program_collect(r, &programs);
        }
        d->is_broken_recipe = d->is_broken_recipe || r == NULL;
        recipe_free(r);
        diagnostics_release(&found);
    }
    bool needs_cpdctl = files->n == 0 || map_get(&programs, "cpdctl") != NULL;
    doctor_look_at_programs(d, needs_cpdctl, map_get(&programs, "curl") != NULL);
    map_release(&programs);
}

static int run_doctor(void *options, const struct opt_list *operands) {
    const struct doctor_options *o = options;
    struct doctor d = {.state_dir = o->state_dir};
    arena_init(&d.arena, 0);
    look_at_programs(&d, operands);
    doctor_look_at_machine(&d);
    for (size_t i = 0; i < operands->n; i++) {
        doctor_look_at_recipe(&d, operands->items[i]);
    }
    AUTO(str) struct str text = STR_INIT(0);
    if (o->output == 0) {
        print_text(&d, &text);
    } else {
        print_json(&d, &text);
    }
    enum cli_exit code = d.is_broken_recipe               ? CLI_USAGE
                         : d.n_by_status[DOCTOR_FAIL] > 0 ? CLI_ENVIRONMENT
                                                          : CLI_OK;
    int result = cli_print(&text, code);
    mem_free(d.items);
    arena_release(&d.arena);
    return result;
}

const struct cli_command cmd_doctor = {
    .name = "doctor",
    .summary = "say what this machine lacks to run recipes",
    .operands = "[RECIPE...]",
    .max_operands = CLI_MANY,
    .completes = CLI_OPERAND_FILE,
    .options = rows,
    .options_size = sizeof(struct doctor_options),
    .details =
        "Looks for cpdctl (and asks it for its version), its configuration, curl, places to\n"
        "write, descriptors and the locale. With recipes also for the programs that they call,\n"
        "the inputs that nothing gives yet, and whether this cpdctl has their commands and\n"
        "flags. Nothing is changed, and nothing is sent anywhere.\n",
    .examples = "  cpdflow doctor\n"
                "  cpdflow doctor --output=json deploy.yaml\n",
    .exits = "  0  ready, perhaps with things to look at\n"
             "  2  a recipe has errors\n"
             "  4  something is missing\n",
    .run = run_doctor,
};
