/*
 * `cpdflow run RECIPE`: joins the parts of a live run or a replay and waits for the end.
 *
 * Order: load, inputs (nothing is run when either is wrong), run directory, listeners, engine, loop, reports.
 */
#include "cli/cli.h"

#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mask.h"
#include "base/mem.h"
#include "cli/jenkins.h"
#include "cli/reports.h"
#include "cli/run_env.h"
#include "event/journal.h"
#include "event/run_report.h"
#include "proc/loop.h"
#include "recipe/load.h"
#include "report/console.h"
#include "report/report.h"
#include "session_priv.h"

/* ---- listeners ---- */

static bool open_journal(struct session *s, struct err *err) {
    s->journal = journal_create(s->dir.journal, s->dir.id, err);
    return s->journal != NULL;
}

/* Before the first step: a reader that comes while the run goes on, or after it was killed, finds a report that says so. */
static bool write_early(void *ctx, const struct event *ev) {
    struct session *s = ctx;
    if (!s->has_early_reports && ev->kind == EVENT_STEP_STARTED) {
        s->has_early_reports = true;
        (void)reports_write_early(s->reports, &s->options->reports); /* the last ones count */
    }
    return true;
}

static void open_listeners(struct session *s) {
    const struct run_options *o = s->options;
    bool is_terminal = isatty(STDOUT_FILENO) == 1;
    s->report = run_report_new();
    s->reports = reports_new(s->report, s->dir.path);
    struct console_options console = {
        .fd = STDOUT_FILENO,
        .format = o->output == 1 ? CONSOLE_JSON : CONSOLE_TEXT,
        .is_terminal = is_terminal && o->output == 0,
        .has_color = console_wants_color((enum console_color)o->color, is_terminal),
        .has_unicode = console_wants_unicode(),
        .verbosity = o->is_quiet ? CONSOLE_QUIET : (int)o->verbosity,
        .ci = console_ci(),
        .heartbeat_ms = o->heartbeat_ms,
        .report = s->report,
    };
    s->console = console_new(&console);
    event_bus_add(&s->bus, journal_sink(s->journal));
    event_bus_add(&s->bus, run_report_sink(s->report));
    event_bus_add(&s->bus, (struct sink){write_early, s});
    event_bus_add(&s->bus, console_sink(s->console));
}

/* ---- the end ---- */

static int write_reports(struct session *s) {
    struct err err = ERR_INIT;
    char *path = file_join(s->dir.path, "report.json");
    int own = reports_write_one(s->reports, report_format_find("json"), path);
    int asked = reports_write(s->reports, &s->options->reports);
    struct console_file files[] = {{"report", path}, {"logs", s->dir.path}};
    console_summary(s->console, files, sizeof files / sizeof *files);
    mem_free(path);
    if (!drive_save(s, &err)) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    return own != CLI_OK ? own : asked;
}

/* Each part is closed whatever became of the one before. A run that never began leaves nothing. */
static int close_listeners(struct session *s) {
    int worst = CLI_OK;
    struct err err = ERR_INIT;
    if (!journal_close(s->journal, &err)) {
        worst = cli_fail(&err, CLI_ENVIRONMENT);
    }
    s->journal = NULL;
    if (!console_free(s->console, &err)) {
        worst = cli_fail(&err, CLI_ENVIRONMENT);
    }
    s->console = NULL;
    bool is_clean =
        s->engine != NULL ? run_dir_clean(&s->dir, &err) : file_remove_tree(s->dir.path, &err);
    return is_clean ? worst : cli_fail(&err, CLI_ENVIRONMENT);
}

static int finish(struct session *s, int code) {
    int reports = s->engine != NULL ? write_reports(s) : CLI_OK;
    int closing = close_listeners(s);
    int worst = closing != CLI_OK ? closing : reports;
    return worst != CLI_OK && (code == CLI_OK || code == CLI_UNSTABLE) ? worst : code;
}

static void session_release(struct session *s) {
    drive_release(s);
    reports_free(s->reports);
    run_report_free(s->report);
    mem_free((void *)s->environ);
    mem_free((void *)s->child_environ);
    run_dir_release(&s->dir);
    arena_release(&s->arena);
    recipe_free(s->recipe);
    mask_clear();
}

static int run_session(struct session *s, const char *recipe) {
    int code = session_load(s, &cmd_run, recipe);
    if (code != CLI_OK) {
        return code;
    }
    struct err err = ERR_INIT;
    if (!run_dir_create(s->options->state_dir, &s->dir, &err) || !open_journal(s, &err)) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    s->environ = run_env_make(s->recipe);
    s->child_environ = run_env_child(s->environ, &s->options->pass_env);
    open_listeners(s);
    return finish(s, session_is_live(s->options) ? drive_live(s) : drive_replay(s));
}

static bool check_recording(const struct run_options *o) {
    bool has_word =
        o->record != NULL && (strcmp(o->record, "all") == 0 || strcmp(o->record, "missing") == 0 ||
                              strcmp(o->record, "failed") == 0);
    if (o->record != NULL && o->replay != NULL && !has_word) {
        (void)cli_usage_error(
            &cmd_run, "--record '%s' with --replay: expected all, missing or failed", o->record);
        return false;
    }
    if (has_word && o->replay == NULL) {
        (void)cli_usage_error(&cmd_run, "--record=%s needs --replay DIR, the recording to renew",
                              o->record);
        return false;
    }
    if ((o->is_replay_strict || o->is_replay_loose) && o->replay == NULL) {
        (void)cli_usage_error(&cmd_run, "--replay-strict and --replay-loose need --replay DIR");
        return false;
    }
    if (o->is_replay_strict && o->is_replay_loose) {
        (void)cli_usage_error(&cmd_run, "--replay-strict and --replay-loose exclude each other");
        return false;
    }
    return true;
}

static int run_run(void *options, const struct opt_list *operands) {
    const struct run_options *o = options;
    if (!reports_check(&cmd_run, "--report", &o->reports, true)) {
        return CLI_USAGE;
    }
    if (!check_recording(o)) {
        return CLI_USAGE;
    }
    proc_prepare_process();
    jenkins_warn_of_shell();
    struct session s = {.options = o};
    int code = run_session(&s, operands->items[0]);
    session_release(&s);
    return code;
}

static const char *const outputs[] = {"text", "json", NULL};
static const char *const colors[] = {"auto", "always", "never", NULL};

static const struct opt_row rows[] = {
    {'i', "input", OPT_LIST, "NAME=VALUE", offsetof(struct run_options, inputs), NULL,
     "gives an input; VALUE is text for string, file and duration inputs, JSON for the others"},
    {0, "inputs", OPT_LIST, "FILE", offsetof(struct run_options, input_files), NULL,
     "reads inputs from a YAML or JSON file; --input wins"},
    {0, "pass-env", OPT_LIST, "NAME", offsetof(struct run_options, pass_env), NULL,
     "lets every child inherit the variable NAME, or with PREFIX* all that begin so"},
    {0, "report", OPT_LIST, "FORMAT=PATH", offsetof(struct run_options, reports), NULL,
     REPORTS_FORMATS_HELP},
    {0, "state-dir", OPT_FILE, "DIR", offsetof(struct run_options, state_dir), NULL,
     "where runs are kept, each under DIR/runs/ID (default .cpdflow)"},
    {0, "record", OPT_FILE, "DIR", offsetof(struct run_options, record), NULL,
     "keeps every call and its answer as a cassette in DIR; all, missing or failed with --replay "
     "DIR:\n"
     "makes all calls again, those that DIR does not hold, or these and those that failed"},
    {0, "replay", OPT_FILE, "DIR", offsetof(struct run_options, replay), NULL,
     "answers from the cassette in DIR: starts no process, and waiting costs no time"},
    {0, "replay-strict", OPT_FLAG, NULL, offsetof(struct run_options, is_replay_strict), NULL,
     "arguments must be as recorded, in form and order, and every recording must be used"},
    {0, "replay-loose", OPT_FLAG, NULL, offsetof(struct run_options, is_replay_loose), NULL,
     "stdin and variables may differ, and the last answer of a call goes on for ever"},
    {'j', "max-parallel", OPT_COUNT, "N", offsetof(struct run_options, max_parallel), NULL,
     "at most N commands at the same time, whatever the recipe says"},
    {0, "cancel-within", OPT_DURATION, "DURATION", offsetof(struct run_options, cancel_within_ms),
     NULL,
     "after SIGINT or SIGTERM all is over within this time, cleanup and reports included (default "
     "10s)"},
    {'o', "output", OPT_CHOICE, NULL, offsetof(struct run_options, output), outputs,
     "what standard output shows: text for people, or json: one event a line"},
    {0, "heartbeat", OPT_DURATION, "DURATION", offsetof(struct run_options, heartbeat_ms), NULL,
     "away from a terminal: says what is running when nothing was said for so long"},
    {0, "color", OPT_CHOICE, NULL, offsetof(struct run_options, color), colors,
     "colours (also NO_COLOR, CLICOLOR_FORCE)"},
    {'q', "quiet", OPT_FLAG, NULL, offsetof(struct run_options, is_quiet), NULL,
     "only failures and the verdict"},
    {'v', "verbose", OPT_LEVEL, NULL, offsetof(struct run_options, verbosity), NULL,
     "attempts and output of the commands too; -vv: every poll"},
    OPT_END,
};

const struct cli_command cmd_run = {
    .name = "run",
    .summary = "run a recipe",
    .operands = "RECIPE",
    .min_operands = 1,
    .max_operands = 1,
    .completes = CLI_OPERAND_FILE,
    .options = rows,
    .options_size = sizeof(struct run_options),
    .details = "A first SIGINT or SIGTERM ends the children, runs `cleanup` and `finally` and "
               "writes the reports, all\n"
               "within 10s (--cancel-within): half of it is for the children to end; a second "
               "signal ends everything at once.\n",
    .examples =
        "  CPD_PASSWORD=… cpdflow run recipes/mlops.yaml --input url=https://cpd.example.com\n"
        "  cpdflow run flow.yaml --inputs qa.yaml --input accuracy_limit=0.9 --report "
        "junit=junit.xml\n",
    .exits = "  0  success\n"
             "  1  a step failed\n"
             "  2  wrong usage, recipe or input: nothing was run\n"
             "  3  unstable: a limit was crossed or a failure tolerated\n"
             "  4  environment: a command that is not there, a disk that is full\n"
             "  5  a deadline passed\n"
             "  130, 143  cancelled by SIGINT, SIGTERM\n",
    .run = run_run,
};
