/*
 * CTRF, the common test report format: one test for each step that speaks for itself, one for each metric, one for the run.
 * Attempts before the last are retryAttempts; a step that succeeded after a failed one is flaky.
 */
#include "report/report.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "line_priv.h"
#include "value/json_write.h"

enum ctrf_status { CTRF_PASSED, CTRF_FAILED, CTRF_SKIPPED, CTRF_PENDING, CTRF_OTHER, CTRF_COUNT };
static const char *const status_names[CTRF_COUNT] = {"passed", "failed", "skipped", "pending",
                                                     "other"};

struct ctrf {
    const struct run_report *report;
    struct json_writer w;
    struct map names;
    unsigned counts[CTRF_COUNT];
    unsigned n_tests;
    unsigned n_flaky;
};

static enum ctrf_status step_status(const struct report_step *step) {
    static const enum ctrf_status statuses[STEP_STATUS_COUNT] = {
        [STEP_PENDING] = CTRF_PENDING,   [STEP_RUNNING] = CTRF_FAILED,
        [STEP_SUCCEEDED] = CTRF_PASSED,  [STEP_FAILED] = CTRF_FAILED,
        [STEP_TOLERATED] = CTRF_SKIPPED, [STEP_SKIPPED] = CTRF_SKIPPED,
        [STEP_CANCELLED] = CTRF_OTHER,
    };
    return statuses[step->status];
}

/* Leaves the test open for more members. */
static void begin_test(struct ctrf *c, struct str *name, enum ctrf_status status, int64_t ms) {
    text_make_unique(&c->names, name);
    c->counts[status]++;
    c->n_tests++;
    json_begin_object(&c->w);
    json_put_text(&c->w, "name", str_text(name));
    json_put_text(&c->w, "status", status_names[status]);
    json_put_int(&c->w, "duration", ms < 0 ? 0 : ms);
}

static void put_suite(struct ctrf *c, const char *phase) {
    const struct run_report *r = c->report;
    json_key(&c->w, "suite");
    json_begin_list(&c->w);
    json_write_text(&c->w, r->recipe_name == NULL ? "cpdflow" : r->recipe_name);
    json_write_text(&c->w, phase);
    json_end_list(&c->w);
}

/* A text as the list of its lines. */
static void put_lines(struct json_writer *w, const char *key, const char *text) {
    if (text == NULL) {
        return;
    }
    json_key(w, key);
    json_begin_list(w);
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = mem_strndup(text, len);
        json_write_text(w, line);
        mem_free(line);
        text += len + (text[len] == '\n');
    }
    json_end_list(w);
}

static void put_optional(struct json_writer *w, const char *key, const char *text) {
    if (text != NULL) {
        json_put_text(w, key, text);
    }
}

static void put_retry(struct json_writer *w, const struct report_attempt *a, unsigned number) {
    json_begin_object(w);
    json_put_uint(w, "attempt", number);
    json_put_text(w, "status", "failed");
    json_put_int(w, "duration", a->duration_ms < 0 ? 0 : a->duration_ms);
    json_put_int(w, "start", a->started_wall_ms);
    json_put_int(w, "stop", a->started_wall_ms + a->duration_ms);
    put_optional(w, "message", a->message);
    put_lines(w, "stdout", a->stdout_text);
    put_lines(w, "stderr", a->stderr_text);
    json_end_object(w);
}

static bool was_retried(const struct report_attempt *a) {
    return a->is_finished && a->is_retried && a->error_class != CLASS_NONE;
}

static void put_retries(struct ctrf *c, const struct report_step *step) {
    unsigned n = 0;
    for (size_t i = 0; i < step->n_attempts_kept; i++) {
        n += was_retried(step->attempts[i]);
    }
    if (n == 0) {
        return;
    }
    bool is_flaky = step->status == STEP_SUCCEEDED;
    c->n_flaky += is_flaky;
    json_put_uint(&c->w, "retries", n);
    json_put_bool(&c->w, "flaky", is_flaky);
    json_key(&c->w, "retryAttempts");
    json_begin_list(&c->w);
    n = 0;
    for (size_t i = 0; i < step->n_attempts_kept; i++) {
        if (was_retried(step->attempts[i])) {
            put_retry(&c->w, step->attempts[i], ++n);
        }
    }
    json_end_list(&c->w);
}

static void put_extra(struct ctrf *c, const struct report_step *step) {
    json_key(&c->w, "extra");
    json_begin_object(&c->w);
    json_put_text(&c->w, "action", step->action);
    json_put_text(&c->w, "change", step_change_names[step->change]);
    json_put_text(&c->w, "class",
                  step->error_class == CLASS_NONE ? NULL : error_class_names[step->error_class]);
    json_put_text(&c->w, "hint", step->hint);
    json_end_object(&c->w);
}

static void add_case(struct ctrf *c, const struct report_step *step) {
    const struct report_attempt *a = report_step_decisive(step);
    int64_t ms = step->ended_ms >= 0 ? step->duration_ms : 0;
    AUTO(str) struct str name = STR_INIT(0);
    text_step_path(&name, c->report, step);
    begin_test(c, &name, step_status(step), ms);
    json_put_text(&c->w, "rawStatus", step_status_names[step->status]);
    put_suite(c, step_phase_names[step->phase]);
    if (step->started_ms >= 0) {
        json_put_int(&c->w, "start", step->started_wall_ms);
        json_put_int(&c->w, "stop", step->started_wall_ms + ms);
    }
    put_optional(&c->w, "message", step->message != NULL ? step->message : step->skip_reason);
    if (step->file != NULL) {
        json_put_text(&c->w, "filePath", step->file);
        json_put_uint(&c->w, "line", step->line);
    }
    if (step->status == STEP_FAILED && a != NULL) {
        put_lines(&c->w, "stdout", a->stdout_text);
        put_lines(&c->w, "stderr", a->stderr_text);
    }
    put_retries(c, step);
    put_extra(c, step);
    json_end_object(&c->w);
}

static void add_metric(struct ctrf *c, const struct report_step *step,
                       const struct report_metric *m) {
    static const struct look look = {.has_unicode = true};
    AUTO(str) struct str name = STR_INIT(0);
    AUTO(str) struct str said = STR_INIT(0);
    text_step_path(&name, c->report, step);
    str_addf(&name, " metric %s", m->name);
    begin_test(c, &name, m->verdict == METRIC_OK ? CTRF_PASSED : CTRF_FAILED, 0);
    json_put_text(&c->w, "rawStatus", metric_verdict_names[m->verdict]);
    put_suite(c, step_phase_names[step->phase]);
    str_addf(&said, "%s is ", m->name);
    text_metric_value(&said, m);
    if (m->lower_limit != NULL || m->upper_limit != NULL) {
        str_add(&said, ", should be ");
        text_limits(&said, &look, m);
    }
    json_put_text(&c->w, "message", str_text(&said));
    json_put_text(&c->w, "type", "metric");
    json_end_object(&c->w);
}

static void add_run(struct ctrf *c) {
    const struct run_report *r = c->report;
    bool is_fine =
        r->is_finished && (r->verdict == VERDICT_SUCCESS || r->verdict == VERDICT_UNSTABLE);
    AUTO(str) struct str name = STR_INIT(0);
    str_add(&name, "run");
    begin_test(c, &name, is_fine ? CTRF_PASSED : CTRF_FAILED, r->duration_ms);
    json_put_text(&c->w, "rawStatus",
                  r->is_finished ? run_verdict_names[r->verdict] : "interrupted");
    put_suite(c, "run");
    put_optional(&c->w, "message", r->is_finished ? r->reason : "the run ended without saying so");
    json_end_object(&c->w);
}

static void add_tests(struct ctrf *c) {
    const struct run_report *r = c->report;
    json_key(&c->w, "tests");
    json_begin_list(&c->w);
    for (size_t i = 0; i < r->n_steps; i++) {
        const struct report_step *step = r->steps[i];
        if (report_step_is_case(r, step)) {
            add_case(c, step);
        }
        for (size_t k = 0; k < step->n_metrics; k++) {
            add_metric(c, step, &step->metrics[k]);
        }
    }
    add_run(c);
    json_end_list(&c->w);
}

static void add_summary(struct ctrf *c) {
    const struct run_report *r = c->report;
    json_key(&c->w, "summary");
    json_begin_object(&c->w);
    json_put_uint(&c->w, "tests", c->n_tests);
    for (int i = 0; i < CTRF_COUNT; i++) {
        json_put_uint(&c->w, status_names[i], c->counts[i]);
    }
    json_put_uint(&c->w, "flaky", c->n_flaky);
    json_put_int(&c->w, "start", r->started_wall_ms);
    json_put_int(&c->w, "stop", r->started_wall_ms + r->duration_ms);
    json_put_int(&c->w, "duration", r->duration_ms);
    json_end_object(&c->w);
}

void report_ctrf_render(const struct run_report *r, struct str *out) {
    struct ctrf c = {.report = r, .w = json_writer(out, JSON_PRETTY)};
    struct json_writer *w = &c.w;
    json_begin_object(w);
    json_put_text(w, "reportFormat", "CTRF");
    json_put_text(w, "specVersion", "0.0.0");
    put_optional(w, "runId", r->run_id);
    json_put_text(w, "generatedBy", "cpdflow");
    json_key(w, "results");
    json_begin_object(w);
    json_key(w, "tool");
    json_begin_object(w);
    json_put_text(w, "name", "cpdflow");
    put_optional(w, "version", r->version);
    json_end_object(w);
    add_tests(&c);
    add_summary(&c); /* after what it counts: members have no order */
    json_end_object(w);
    json_end_object(w);
    str_add_char(out, '\n');
    map_release(&c.names);
}
