/*
 * A trace of the run as the OTLP file exporter writes it: one line of JSON, one TracesData. Ids are hexadecimal, enums
 * numbers, 64-bit integers texts. Names of attributes are those of the CI/CD and process conventions.
 *
 *   run (SERVER)  >  step (INTERNAL), nested as the steps are  >  attempt (CLIENT), whose id its child got in TRACEPARENT
 */
#include "report/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "event/run_report.h"
#include "event/trace.h"
#include "value/json_write.h"

enum { KIND_INTERNAL = 1, KIND_SERVER = 2, KIND_CLIENT = 3 };
enum { STATUS_UNSET = 0, STATUS_OK = 1, STATUS_ERROR = 2 };

struct trace {
    struct json_writer w;
    const struct run_report *report;
    char id[TRACE_ID_SIZE];
    char run_span[TRACE_SPAN_SIZE];
};

struct span {
    const char *name;
    int kind;
    const char *id;
    const char *parent; /* "" : none */
    int64_t start_wall_ms;
    int64_t duration_ms;
    int status;
    const char *message; /* NULL: none */
};

static void put_nanoseconds(struct json_writer *w, const char *key, int64_t wall_ms) {
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRId64 "000000", wall_ms < 0 ? 0 : wall_ms);
    json_put_text(w, key, text);
}

/* ---- attributes ---- */

static void begin_attribute(struct json_writer *w, const char *key) {
    json_begin_object(w);
    json_put_text(w, "key", key);
    json_key(w, "value");
    json_begin_object(w);
}

static void end_attribute(struct json_writer *w) {
    json_end_object(w);
    json_end_object(w);
}

static void put_text(struct json_writer *w, const char *key, const char *text) {
    if (text != NULL) {
        begin_attribute(w, key);
        json_put_text(w, "stringValue", text);
        end_attribute(w);
    }
}

static void put_int(struct json_writer *w, const char *key, int64_t n) {
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRId64, n);
    begin_attribute(w, key);
    json_put_text(w, "intValue", text);
    end_attribute(w);
}

/* ---- spans ---- */

/* Leaves the list of attributes open. */
static void begin_span(struct trace *t, const struct span *span) {
    struct json_writer *w = &t->w;
    json_begin_object(w);
    json_put_text(w, "traceId", t->id);
    json_put_text(w, "spanId", span->id);
    if (span->parent[0] != '\0') {
        json_put_text(w, "parentSpanId", span->parent);
    }
    json_put_text(w, "name", span->name);
    json_put_int(w, "kind", span->kind);
    put_nanoseconds(w, "startTimeUnixNano", span->start_wall_ms);
    put_nanoseconds(w, "endTimeUnixNano",
                    span->start_wall_ms + (span->duration_ms < 0 ? 0 : span->duration_ms));
    json_key(w, "status");
    json_begin_object(w);
    if (span->status != STATUS_UNSET) {
        json_put_int(w, "code", span->status);
    }
    if (span->status == STATUS_ERROR && span->message != NULL) {
        json_put_text(w, "message", span->message);
    }
    json_end_object(w);
    json_key(w, "attributes");
    json_begin_list(w);
}

static void end_span(struct trace *t) {
    json_end_list(&t->w);
    json_end_object(&t->w);
}

static const char *run_result(const struct run_report *r) {
    static const char *const results[VERDICT_COUNT] = {
        [VERDICT_SUCCESS] = "success",  [VERDICT_FAILED] = "failure",
        [VERDICT_UNSTABLE] = "success", [VERDICT_ENVIRONMENT] = "error",
        [VERDICT_TIMEOUT] = "timeout",  [VERDICT_CANCELLED] = "cancellation",
    };
    return r->is_finished ? results[r->verdict] : "error";
}

static void add_run(struct trace *t, const char *parent) {
    const struct run_report *r = t->report;
    bool is_fine =
        r->is_finished && (r->verdict == VERDICT_SUCCESS || r->verdict == VERDICT_UNSTABLE);
    struct span span = {
        .name = r->recipe_name == NULL ? "run" : r->recipe_name,
        .kind = KIND_SERVER,
        .id = t->run_span,
        .parent = parent,
        .start_wall_ms = r->started_wall_ms,
        .duration_ms = r->duration_ms,
        .status = is_fine ? STATUS_OK : STATUS_ERROR,
        .message = r->is_finished ? r->reason : "the run ended without saying so",
    };
    begin_span(t, &span);
    put_text(&t->w, "cicd.pipeline.name", r->recipe_name);
    put_text(&t->w, "cicd.pipeline.run.id", r->run_id);
    put_text(&t->w, "cicd.pipeline.result", run_result(r));
    put_text(&t->w, "cpdflow.verdict",
             r->is_finished ? run_verdict_names[r->verdict] : "interrupted");
    put_text(&t->w, "cpdflow.recipe.digest", r->recipe_digest);
    if (!is_fine) {
        put_text(&t->w, "error.type",
                 r->is_finished ? run_verdict_names[r->verdict] : "interrupted");
    }
    end_span(t);
}

static const char *step_result(const struct report_step *step) {
    static const char *const results[STEP_STATUS_COUNT] = {
        [STEP_PENDING] = "skip",           [STEP_RUNNING] = "error",
        [STEP_SUCCEEDED] = "success",      [STEP_FAILED] = "failure",
        [STEP_TOLERATED] = "failure",      [STEP_SKIPPED] = "skip",
        [STEP_CANCELLED] = "cancellation",
    };
    return results[step->status];
}

static void add_attempt(struct trace *t, const struct report_step *step,
                        const struct report_attempt *a, const char *parent) {
    char id[TRACE_SPAN_SIZE];
    trace_span(t->report->run_id, step->index, a->number, id);
    bool has_failed = a->error_class != CLASS_NONE;
    int64_t until_end = t->report->last_wall_ms - a->started_wall_ms;
    struct span span = {
        .name = a->summary == NULL ? a->role : a->summary,
        .kind = KIND_CLIENT,
        .id = id,
        .parent = parent,
        .start_wall_ms = a->started_wall_ms,
        .duration_ms = a->is_finished ? a->duration_ms : until_end,
        .status = has_failed || !a->is_finished ? STATUS_ERROR : STATUS_OK,
        .message = a->message,
    };
    begin_span(t, &span);
    put_text(&t->w, "cpdflow.role", a->role);
    put_int(&t->w, "cpdflow.attempt", a->number);
    if (a->exit_code >= 0) {
        put_int(&t->w, "process.exit.code", a->exit_code);
    }
    if (a->pid > 0) {
        put_int(&t->w, "process.pid", a->pid);
    }
    if (a->http_status > 0) {
        put_int(&t->w, "http.response.status_code", a->http_status);
    }
    if (has_failed) {
        put_text(&t->w, "error.type", error_class_names[a->error_class]);
    }
    end_span(t);
}

static void add_step(struct trace *t, const struct report_step *step) {
    char id[TRACE_SPAN_SIZE];
    char parent[TRACE_SPAN_SIZE];
    trace_span(t->report->run_id, step->index, 0, id);
    trace_span(t->report->run_id, step->parent >= 0 ? step->parent : TRACE_RUN, 0, parent);
    bool is_fine = step->status == STEP_SUCCEEDED;
    int64_t until_end = t->report->last_wall_ms - step->started_wall_ms;
    struct span span = {
        .name = step->id,
        .kind = KIND_INTERNAL,
        .id = id,
        .parent = parent,
        .start_wall_ms = step->started_wall_ms,
        .duration_ms = step->ended_ms >= 0 ? step->duration_ms : until_end,
        .status = is_fine ? STATUS_OK : STATUS_ERROR,
        .message = step->message,
    };
    begin_span(t, &span);
    put_text(&t->w, "cicd.pipeline.task.name", step->name == NULL ? step->id : step->name);
    put_text(&t->w, "cicd.pipeline.task.run.id", step->id);
    put_text(&t->w, "cicd.pipeline.task.run.result", step_result(step));
    put_text(&t->w, "cpdflow.action", step->action);
    put_text(&t->w, "cpdflow.phase", step_phase_names[step->phase]);
    put_text(&t->w, "cpdflow.change", step_change_names[step->change]);
    if (step->error_class != CLASS_NONE) {
        put_text(&t->w, "error.type", error_class_names[step->error_class]);
    }
    end_span(t);
    for (size_t i = 0; i < step->n_attempts_kept; i++) {
        add_attempt(t, step, step->attempts[i], id);
    }
}

static void add_resource(struct json_writer *w, const struct run_report *r) {
    json_key(w, "resource");
    json_begin_object(w);
    json_key(w, "attributes");
    json_begin_list(w);
    put_text(w, "service.name", "cpdflow");
    put_text(w, "service.version", r->version);
    put_text(w, "host.name", r->host);
    json_end_list(w);
    json_end_object(w);
}

static void add_spans(struct trace *t) {
    char parent[TRACE_SPAN_SIZE];
    trace_parent_span(t->report->traceparent, parent);
    json_key(&t->w, "spans");
    json_begin_list(&t->w);
    add_run(t, parent);
    for (size_t i = 0; i < t->report->n_steps; i++) {
        if (t->report->steps[i]->started_ms >= 0) {
            add_step(t, t->report->steps[i]);
        }
    }
    json_end_list(&t->w);
}

void report_otlp_render(const struct run_report *r, struct str *out) {
    struct trace t = {.w = json_writer(out, JSON_COMPACT), .report = r};
    struct json_writer *w = &t.w;
    trace_id(r->traceparent, r->run_id, t.id);
    trace_span(r->run_id, TRACE_RUN, 0, t.run_span);
    json_begin_object(w);
    json_key(w, "resourceSpans");
    json_begin_list(w);
    json_begin_object(w);
    add_resource(w, r);
    json_key(w, "scopeSpans");
    json_begin_list(w);
    json_begin_object(w);
    json_key(w, "scope");
    json_begin_object(w);
    json_put_text(w, "name", "cpdflow");
    json_put_text(w, "version", r->version == NULL ? "" : r->version);
    json_end_object(w);
    add_spans(&t);
    json_end_object(w);
    json_end_list(w);
    json_end_object(w);
    json_end_list(w);
    json_end_object(w);
    str_add_char(out, '\n');
}
