/*
 * cpdflow plan RECIPE: what a run would do. Only calls that read are made; nothing is left behind.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/run_env.h"
#include "event/event.h"
#include "proc/loop.h"
#include "report/console.h"
#include "report/plan.h"
#include "session_priv.h"

enum { COLUMNS_DEFAULT = 80, COLUMNS_MIN = 40 };

static unsigned columns_of_terminal(void) {
    struct winsize size;
    bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    unsigned columns = is_known ? size.ws_col : COLUMNS_DEFAULT;
    return columns < COLUMNS_MIN ? COLUMNS_MIN : columns;
}

/* The engine's own verdict stands unless the plan is whole. */
static int exit_code_of(const struct plan_report *r, int engine_code) {
    bool is_whole = engine_code == CLI_OK || engine_code == CLI_UNSTABLE;
    if (!is_whole) {
        return engine_code;
    }
    return plan_report_has_changes(r) ? CLI_CHANGES : CLI_OK;
}

static int show(const struct session *s, const struct plan_report *r, int engine_code) {
    const struct run_options *o = s->options;
    int code = exit_code_of(r, engine_code);
    AUTO(str) struct str text = STR_INIT(0);
    if (o->output == 1) {
        plan_report_json(r, code, &text);
    } else {
        bool is_terminal = isatty(STDOUT_FILENO) == 1;
        struct plan_look look = {
            .has_color = console_wants_color((enum console_color)o->color, is_terminal),
            .has_unicode = console_wants_unicode(),
            .columns = columns_of_terminal(),
            .is_verbose = o->verbosity > 0,
        };
        plan_report_text(r, &look, &text);
    }
    return cli_print(&text, (enum cli_exit)code);
}

static int plan_in(struct session *s, const char *place) {
    struct err err = ERR_INIT;
    if (!run_dir_create(place, NULL, &s->dir, &err)) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    s->environ = run_env_make(s->recipe);
    s->child_environ = run_env_child(s->environ, &s->options->pass_env);
    struct plan_report *r = plan_report_new();
    event_bus_add(&s->bus, plan_report_sink(r));
    int code = s->options->replay != NULL ? drive_replay(s) : drive_live(s);
    code = s->has_begun ? show(s, r, code) : code;
    plan_report_free(r);
    return code;
}

/* A private place for what reading calls need; it vanishes with the plan. */
static int plan_somewhere(struct session *s) {
    struct err err = ERR_INIT;
    char *place = file_make_temp_dir("cpdflow-plan-", &err);
    if (place == NULL) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    int code = plan_in(s, place);
    if (!file_remove_tree(place, &err)) {
        code = cli_fail(&err, CLI_ENVIRONMENT);
    }
    mem_free(place);
    return code;
}

/* A live plan's loop takes the signals that were held; one from a tape costs no time and ends by them once its place is gone. */
static int plan_session(struct session *s, const char *recipe) {
    int code = session_load(s, &cmd_plan, recipe);
    if (code != CLI_OK) {
        return code;
    }
    proc_hold_signals();
    code = plan_somewhere(s);
    proc_pass_signals();
    return code;
}

static int run_plan(void *options, const struct opt_list *operands) {
    proc_prepare_process();
    struct session s = {.options = options, .is_plan = true};
    int code = plan_session(&s, operands->items[0]);
    session_release(&s);
    return code;
}

static const struct opt_row rows[] = {
    {'i', "input", OPT_LIST, "NAME=VALUE", offsetof(struct run_options, inputs), NULL,
     "gives an input; VALUE is text for string, file and duration inputs, JSON for the others"},
    {0, "inputs", OPT_LIST, "FILE", offsetof(struct run_options, input_files), NULL,
     "reads inputs from a YAML or JSON file; --input wins"},
    {0, "pass-env", OPT_LIST, "NAME", offsetof(struct run_options, pass_env), NULL,
     "lets every child inherit the variable NAME, or with PREFIX* all that begin so"},
    {0, "replay", OPT_FILE, "DIR", offsetof(struct run_options, replay), NULL,
     "reads from the tape in DIR: starts no process"},
    {'j', "max-parallel", OPT_COUNT, "N", offsetof(struct run_options, max_parallel), NULL,
     "at most N commands at the same time, whatever the recipe says"},
    {'o', "output", OPT_CHOICE, NULL, offsetof(struct run_options, output), session_outputs,
     "what standard output shows: text for people, or json: one document"},
    {0, "color", OPT_CHOICE, NULL, offsetof(struct run_options, color), session_colors,
     "colours (also NO_COLOR, CLICOLOR_FORCE)"},
    {'v', "verbose", OPT_LEVEL, NULL, offsetof(struct run_options, verbosity), NULL,
     "outputs as far as they are known, and every item of a long foreach"},
    OPT_END,
};

const struct cli_command cmd_plan = {
    .name = "plan",
    .summary = "tell what a run would change, by reading alone",
    .operands = "RECIPE",
    .min_operands = 1,
    .max_operands = 1,
    .completes = CLI_OPERAND_FILE,
    .options = rows,
    .options_size = sizeof(struct run_options),
    .details =
        "Goes through the recipe as a run does, and makes only calls that read: `find` and `get` "
        "of\n"
        "`ensure`, steps with `reads: true`, http GET and HEAD, `read`, and cpdctl's own reading\n"
        "commands. All others are told, not made. What depends on them is told as unknown until\n"
        "then. The plan takes it that every step succeeds.\n",
    .examples = "  cpdflow plan recipes/mlops.yaml --input url=https://cpd.example.com\n"
                "  cpdflow plan flow.yaml --replay fixtures/flow --output json | jq .counts\n",
    .exits = "  0  nothing would change\n"
             "  1  a reading step failed: the plan is not whole\n"
             "  2  wrong usage, recipe or input: nothing was read\n"
             "  4  environment: a command that is not there, a disk that is full\n"
             "  5  a deadline passed\n"
             "  6  something would change, or may\n"
             "  130, 143  cancelled by SIGINT, SIGTERM\n",
    .run = run_plan,
};
