/*
 * `cpdflow run RECIPE`: a new run, live or from a cassette.
 *
 * Order: load, inputs (nothing is run when either is wrong), run directory, lease, journal; session.c does the rest.
 */
#include "cli/cli.h"

#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "cli/jenkins.h"
#include "cli/reports.h"
#include "event/journal.h"
#include "proc/loop.h"
#include "session_priv.h"

static bool open_run(struct session *s, struct err *err) {
    if (!session_take_lease(s, false, err)) {
        return false;
    }
    s->journal = journal_create(s->dir.journal, s->dir.id, err);
    return s->journal != NULL;
}

/* The error that is told is the one that was there first. */
static void leave_nothing(const struct session *s) {
    struct err err = ERR_INIT;
    (void)file_remove_tree(s->dir.path, &err);
    err_release(&err);
}

static int run_session(struct session *s, const char *recipe) {
    int code = session_load(s, &cmd_run, recipe);
    if (code != CLI_OK) {
        return code;
    }
    struct err err = ERR_INIT;
    if (!run_dir_create(s->options->state_dir, s->options->name, &s->dir, &err)) {
        bool is_ours = strcmp(err.kind, "usage") == 0 || strcmp(err.kind, "run-exists") == 0;
        return cli_fail(&err, is_ours ? CLI_USAGE : CLI_ENVIRONMENT);
    }
    if (!open_run(s, &err)) {
        leave_nothing(s);
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    session_look_around(s);
    return session_carry_out(s);
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

static const struct opt_row rows[] = {
    SESSION_OPTIONS,
    {0, "name", OPT_TEXT, "NAME", offsetof(struct run_options, name), NULL,
     "ends the run's id with NAME, such as $BUILD_TAG: `resume NAME` and `report NAME` find it"},
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
