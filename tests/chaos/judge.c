/*
 * What a run left, read by the program's own readers.
 */
#include "chaos_priv.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "event/event.h"
#include "event/journal.h"
#include "value/json.h"
#include "value/value.h"

enum { MAX_STEPS = 200 };

struct tally {
    unsigned n_ends[MAX_STEPS]; /* since the run was started or resumed last */
    bool had_end[MAX_STEPS];    /* before that */
    bool is_declared[MAX_STEPS];
    unsigned n_finished_runs;
    int exit_code;
};

static bool count_event(const struct event *ev, void *ctx, struct err *err) {
    struct tally *t = ctx;
    if (ev->kind == EVENT_RUN_STARTED) {
        for (unsigned i = 0; i < MAX_STEPS; i++) {
            t->had_end[i] = t->had_end[i] || t->n_ends[i] > 0;
            t->n_ends[i] = 0;
        }
    }
    if (ev->kind == EVENT_RUN_FINISHED) {
        t->n_finished_runs++;
        t->exit_code = ev->as.run_finished.exit_code;
    }
    if (ev->step == NULL) {
        return true;
    }
    if (ev->step->index >= MAX_STEPS) {
        return err_set(err, "chaos", "step %u", (unsigned)ev->step->index);
    }
    if (ev->kind == EVENT_STEP_DECLARED) {
        t->is_declared[ev->step->index] = true;
    } else if (ev->kind == EVENT_STEP_FINISHED) {
        t->n_ends[ev->step->index]++;
    }
    return true;
}

static bool complain(const char *dir, const char *what) {
    (void)fprintf(stderr, "%s: %s\n", dir, what);
    return false;
}

/* The run was ended before its first record. */
static bool is_unbegun(const struct err *err) {
    return strcmp(err->kind, "journal-empty") == 0 || strcmp(err->kind, "journal-open") == 0;
}

static bool judge_journal(const char *run_dir, const struct ending *ending, struct tally *t) {
    AUTO(str) struct str path = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct journal_info info;
    str_addf(&path, "%s/journal.ndjson", run_dir);
    if (!journal_read(str_text(&path), count_event, t, &info, &err)) {
        bool is_excused =
            is_unbegun(&err) && (ending->was_killed || ending->is_faulty || ending->status < 0);
        return is_excused || complain(run_dir, err.message);
    }
    bool is_at_edge = ending->status < 0 && (info.n_events == 0 || t->n_finished_runs == 1);
    bool must_finish = !ending->was_killed && !ending->is_faulty && !is_at_edge;
    if (must_finish && (t->n_finished_runs != 1 || info.torn_bytes > 0)) {
        return complain(run_dir, "the journal does not say that the run has ended");
    }
    for (unsigned i = 0; i < MAX_STEPS; i++) {
        if (t->n_ends[i] > 1 ||
            (must_finish && t->is_declared[i] && t->n_ends[i] == 0 && !t->had_end[i])) {
            (void)fprintf(stderr, "step %u has ended %u times\n", i, t->n_ends[i]);
            return complain(run_dir, "a step has not exactly one end");
        }
    }
    return true;
}

static bool is_one_of(const char *word, const char *const *words) {
    for (; word != NULL && *words != NULL; words++) {
        if (strcmp(word, *words) == 0) {
            return true;
        }
    }
    return false;
}

static bool steps_have_ended(const struct value *steps) {
    static const char *const ends[] = {"succeeded", "failed",    "tolerated",
                                       "skipped",   "cancelled", NULL};
    for (uint32_t i = 0; i < steps->len; i++) {
        if (!is_one_of(value_text(value_path(steps->as.items[i], "status")), ends)) {
            return false;
        }
    }
    return steps->len >= 20;
}

static int code_of_verdict(const char *verdict, int64_t exit_code) {
    static const struct {
        const char *verdict;
        int code;
    } codes[] = {{"success", 0},     {"failed", 1},  {"unstable", 3},
                 {"environment", 4}, {"timeout", 5}, {"cancelled", 0}};
    for (size_t i = 0; verdict != NULL && i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(codes[i].verdict, verdict) == 0) {
            return codes[i].code == 0 && exit_code > 128 ? (int)exit_code : codes[i].code;
        }
    }
    return -1;
}

static bool judge_report(const char *run_dir, const struct ending *ending) {
    AUTO(str) struct str path = STR_INIT(0);
    AUTO(str) struct str text = STR_INIT(64 * 1024 * 1024);
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct value *report = NULL;
    const struct json_options options = {.name = "report.json"};
    str_addf(&path, "%s/report.json", run_dir);
    if (access(str_text(&path), F_OK) != 0) {
        return ending->was_killed || ending->is_faulty || ending->is_resumed ||
               ending->status < 0 || complain(run_dir, "no report");
    }
    if (!file_read(str_text(&path), text.max, &text, &err) ||
        !json_parse(&a, str_text(&text), text.len, &options, &report, NULL, &err)) {
        return complain(run_dir, err.message);
    }
    int64_t code = -1;
    if (ending->was_killed) {
        return true; /* of the run before it was resumed, or in the moment of its end */
    }
    if (!value_as_i64(value_path(report, "run.exit_code"), &code) ||
        code_of_verdict(value_text(value_path(report, "verdict")), code) != code) {
        return complain(run_dir, "verdict and exit code of the report contradict each other");
    }
    bool agrees =
        code == ending->status || ending->status < 0 || (ending->is_faulty && ending->status == 4);
    if (!agrees) {
        (void)fprintf(stderr, "exit status %d, report says %d\n", ending->status, (int)code);
        return complain(run_dir, "the report contradicts the exit status");
    }
    return steps_have_ended(value_path(report, "steps")) ||
           complain(run_dir, "a step of the report has not ended");
}

static bool judge_one(const char *run_dir, const struct ending *ending) {
    AUTO(str) struct str tmp = STR_INIT(0);
    struct tally t = {.exit_code = -1};
    str_addf(&tmp, "%s/tmp", run_dir);
    if (!judge_journal(run_dir, ending, &t) || !judge_report(run_dir, ending)) {
        return false;
    }
    bool may_have_tmp = ending->was_killed || ending->is_faulty || ending->status < 0;
    return may_have_tmp || access(str_text(&tmp), F_OK) != 0 ||
           complain(run_dir, "temporary files are left");
}

bool judge_run(const char *dir, const struct ending *ending) {
    AUTO(str) struct str pattern = STR_INIT(0);
    glob_t found = {0};
    str_addf(&pattern, "%s/.cpdflow/runs/*", dir);
    bool is_fine = true;
    if (glob(str_text(&pattern), 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc && is_fine; i++) {
            is_fine = judge_one(found.gl_pathv[i], ending);
        }
        globfree(&found);
    }
    return is_fine;
}
