/*
 * `cpdflow resume RUN`: goes on with a run that crashed, was cancelled or failed.
 *
 * Order: find the run, lock it (journal, then lease), fold what it did, refuse what must not go on, load the recipe with the inputs of
 * then, carry out what is left. The journal is appended to, so reports tell of the whole run.
 */
#include "cli/cli.h"

#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/jenkins.h"
#include "cli/reports.h"
#include "engine/resume.h"
#include "event/journal.h"
#include "event/run_report.h"
#include "proc/loop.h"
#include "recipe/load.h"
#include "resume_priv.h"
#include "value/json.h"
#include "value/value.h"

struct resume_options {
    struct run_options run; /* first: SESSION_OPTIONS */
    struct opt_list redo;
    struct opt_list accept;
    bool takes_changed_recipe;
    bool takes_other_host;
};

/* ---- reading the journal ---- */

static bool on_event(const struct event *ev, void *ctx, struct err *err) {
    struct session *s = ctx;
    run_report_apply(s->report, ev);
    return resume_apply(ev, s->resume, err);
}

/* The journal first: its lock says that no cpdflow is at it; the lease then that nothing of an earlier one is left. */
static int open_run(struct session *s, const char *name) {
    struct err err = ERR_INIT;
    struct journal_info info;
    if (!run_dir_find(s->options->state_dir, name, &s->dir, &err)) {
        return cli_fail(&err, CLI_USAGE);
    }
    s->report = run_report_new();
    s->resume = resume_new();
    s->journal = journal_resume(s->dir.journal, on_event, s, &info, &err);
    if (s->journal == NULL) {
        bool is_locked = strcmp(err.kind, "run-locked") == 0;
        return cli_fail(&err, is_locked ? CLI_LOCKED : CLI_ENVIRONMENT);
    }
    s->bus.next_seq = info.next_seq;
    if (info.torn_bytes > 0) {
        err_set(&err, "torn-tail", "%s: the last record was not complete (%llu bytes): left out",
                s->dir.journal, (unsigned long long)info.torn_bytes);
        cli_warn(&err);
    }
    session_look_around(s);
    /* Children die with a run, which takes a moment; with the machine they died long ago. */
    if (!session_take_lease(s, !place_is_new_boot(s), &err)) {
        bool is_held = strcmp(err.kind, "run-survivors") == 0;
        return cli_fail(&err, is_held ? CLI_LOCKED : CLI_ENVIRONMENT);
    }
    return CLI_OK;
}

/* ---- what must be as it was ---- */

/* What the journal kept of the inputs; secrets, and what holds one, are asked for again. */
static const struct value *kept_inputs(struct session *s) {
    const struct value *then = resume_run(s->resume)->inputs;
    struct object_builder b;
    object_begin(&b, &s->arena);
    for (uint32_t i = 0; then != NULL && i < then->len; i++) {
        const struct value_member *m = &then->as.members[i];
        AUTO(str) struct str text = STR_INIT(0);
        json_print(&text, m->value, JSON_COMPACT);
        if (m->value->type != VALUE_NULL && strstr(str_text(&text), MASK_TEXT) == NULL) {
            object_put(&b, m->key, m->key_len, m->value);
        }
    }
    return object_end(&b);
}

static bool check_input(const struct value_member *now, const struct value *then, struct err *err) {
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str masked = STR_INIT(0);
    AUTO(str) struct str kept = STR_INIT(0);
    json_print(&text, now->value, JSON_COMPACT);
    mask_add(&masked, str_text(&text), text.len);
    json_print(&kept, then == NULL ? &value_null : then, JSON_COMPACT);
    if (strcmp(str_text(&masked), str_text(&kept)) == 0) {
        return true;
    }
    err_set(err, "changed-input", "input '%s' was %s when the run began, and is %s now", now->key,
            str_text(&kept), str_text(&masked));
    err_hint(err, "a run goes on with the inputs it began with; others are another run");
    return false;
}

static bool check_inputs(const struct session *s, const struct resume_options *o, struct err *err) {
    const struct value *then = resume_run(s->resume)->inputs;
    for (uint32_t i = 0; i < s->public_inputs->len; i++) {
        const struct value_member *m = &s->public_inputs->as.members[i];
        const struct value *before = value_get_len(then, m->key, m->key_len);
        bool is_new = before == NULL && o->takes_changed_recipe;
        if (!is_new && !check_input(m, before, err)) {
            return false;
        }
    }
    return true;
}

/* ---- decisions ---- */

static bool decide_all(struct session *s, const struct opt_list *list, enum resume_choice choice,
                       struct err *err) {
    for (size_t i = 0; i < list->n; i++) {
        const char *text = list->items[i];
        const char *eq = choice == RESUME_ACCEPT ? strchr(text, '=') : NULL;
        const char *name = eq == NULL ? text : arena_strndup(&s->arena, text, (size_t)(eq - text));
        const struct value *result = NULL;
        struct json_options options = {.name = "--accept"};
        if (eq != NULL &&
            !json_parse(&s->arena, eq + 1, strlen(eq + 1), &options, &result, NULL, err)) {
            return false;
        }
        if (!resume_decide(s->resume, name, choice, result, err)) {
            return false;
        }
    }
    return true;
}

static int already_done(struct session *s) {
    const struct resume_run *run = resume_run(s->resume);
    int failed = session_tell_again(s);
    if (failed != CLI_OK) {
        return failed;
    }
    if (s->options->output != 0) {
        return run->exit_code; /* there is no event to tell */
    }
    AUTO(str) struct str text = STR_INIT(0);
    str_addf(&text, "run %s ended with exit code %d: nothing is left to do\n", s->dir.id,
             run->exit_code);
    return cli_print(&text, (enum cli_exit)run->exit_code);
}

/* ---- all of it ---- */

static int prepare(struct session *s, const struct resume_options *o) {
    struct err err = ERR_INIT;
    if (!place_check(s, o->takes_other_host, &err) || !decide_all(s, &o->redo, RESUME_REDO, &err) ||
        !decide_all(s, &o->accept, RESUME_ACCEPT, &err) || !resume_check(s->resume, &err)) {
        return cli_fail(&err, CLI_USAGE);
    }
    s->given = kept_inputs(s);
    int code = session_load(s, &cmd_resume, resume_run(s->resume)->recipe_file);
    if (code != CLI_OK) {
        return code;
    }
    if (!changed_check(s, o->takes_changed_recipe, &err) || !check_inputs(s, o, &err)) {
        return cli_fail(&err, CLI_USAGE);
    }
    place_tell(s);
    return file_make_dirs(s->dir.tmp, 0700, &err) ? CLI_OK : cli_fail(&err, CLI_ENVIRONMENT);
}

static int resume_session(struct session *s, const struct resume_options *o, const char *name) {
    int code = open_run(s, name);
    if (code != CLI_OK) {
        return code;
    }
    bool is_done = resume_run(s->resume)->is_finished && resume_run(s->resume)->was_success;
    if (is_done && o->redo.n == 0) {
        return already_done(s);
    }
    code = prepare(s, o);
    return code == CLI_OK ? session_carry_out(s) : code;
}

static void close_unused(struct session *s) {
    struct err err = ERR_INIT;
    if (s->journal != NULL && !journal_close(s->journal, &err)) {
        cli_warn(&err);
    }
    s->journal = NULL;
}

static int run_resume(void *options, const struct opt_list *operands) {
    const struct resume_options *o = options;
    if (!reports_check(&cmd_resume, "--report", &o->run.reports, true)) {
        return CLI_USAGE;
    }
    proc_prepare_process();
    jenkins_warn_of_shell();
    struct session s = {.options = &o->run};
    int code = resume_session(&s, o, operands->items[0]);
    close_unused(&s);
    session_release(&s);
    return code;
}

static const struct opt_row rows[] = {
    SESSION_OPTIONS,
    {0, "redo", OPT_LIST, "STEP", offsetof(struct resume_options, redo), NULL,
     "runs this step again whatever became of it"},
    {0, "accept", OPT_LIST, "STEP[=JSON]", offsetof(struct resume_options, accept), NULL,
     "takes this step for done, with this result"},
    {0, "changed-recipe", OPT_FLAG, NULL, offsetof(struct resume_options, takes_changed_recipe),
     NULL,
     "goes on although the recipe was changed; finished steps are known by their ids and kept as "
     "they are"},
    {0, "other-host", OPT_FLAG, NULL, offsetof(struct resume_options, takes_other_host), NULL,
     "goes on although the run began on another host, as another user or in another directory"},
    OPT_END,
};

const struct cli_command cmd_resume = {
    .name = "resume",
    .summary = "go on with a run that crashed, was cancelled or failed",
    .operands = "RUN",
    .min_operands = 1,
    .max_operands = 1,
    .options = rows,
    .options_size = sizeof(struct resume_options),
    .details =
        "RUN is an id, the beginning of one, a path to the run's directory, or last "
        "(`cpdflow runs` lists them).\n\n"
        "Steps that were done are not run again: what they gave comes from the journal, and so do "
        "the inputs. Secret\n"
        "inputs are not kept: they come from --input, --inputs or the environment once more. What "
        "failed, was cancelled\n"
        "or interrupted is run again; `ensure` looks first whether its object is there after all. "
        "Of a changing step\n"
        "that was interrupted in the middle nobody knows whether it did its work: it is never "
        "run again by itself, the\n"
        "command says so and asks for --redo or --accept. Steps that `cleanup` undid are done "
        "again, with all that need\n"
        "them. `finally` is run at the end once more when anything was left to do.\n",
    .examples = "  cpdflow resume last\n"
                "  CPD_PASSWORD=… cpdflow resume 20260131-0905 --accept deploy='{\"id\": "
                "\"4711\"}'\n",
    .exits = "  as of `cpdflow run`, of the whole run, and\n"
             "  2  nothing was run: the recipe, the host or an input is another, or a step needs a "
             "decision\n"
             "  75 the run still goes on, or processes that it started are still there\n",
    .run = run_resume,
};
