/*
 * report.json: everything that is known of a run, for programs. Its shape is report.schema.json beside this file.
 *
 * Each key is always there: what is absent is null, so a reader needs no test for existence.
 */
#include "report/report.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "value/json_write.h"

static void put_time(struct json_writer *w, const char *key, int64_t wall_ms) {
    AUTO(str) struct str time = STR_INIT(0);
    clock_format_utc(wall_ms, &time);
    json_put_text(w, key, str_text(&time));
}

/* An integer that is null when it has the value that means absent. */
static void put_int_or_null(struct json_writer *w, const char *key, int64_t n, int64_t absent) {
    if (n == absent) {
        json_put_text(w, key, NULL);
    } else {
        json_put_int(w, key, n);
    }
}

static void put_class(struct json_writer *w, enum error_class class) {
    json_put_text(w, "class", class == CLASS_NONE ? NULL : error_class_names[class]);
}

static void put_texts(struct json_writer *w, const char *key, char *const *texts, size_t n) {
    json_key(w, key);
    json_begin_list(w);
    for (size_t i = 0; i < n; i++) {
        json_write_text(w, texts[i]);
    }
    json_end_list(w);
}

static void put_notices(struct json_writer *w, struct report_notice *const *notices, size_t n,
                        unsigned n_left_out) {
    json_key(w, "notices");
    json_begin_list(w);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(w);
        json_put_text(w, "kind", notices[i]->kind);
        json_put_text(w, "text", notices[i]->text);
        json_put_int(w, "at_ms", notices[i]->at_ms);
        json_end_object(w);
    }
    json_end_list(w);
    json_put_uint(w, "notices_left_out", n_left_out);
}

static void put_stream(struct json_writer *w, const char *key, const char *text, const char *log,
                       uint64_t bytes) {
    json_key(w, key);
    json_begin_object(w);
    json_put_text(w, "text", text);
    json_put_text(w, "log", log);
    json_put_uint(w, "bytes", bytes);
    json_end_object(w);
}

static void put_retry(struct json_writer *w, const struct report_attempt *a) {
    json_key(w, "retry");
    if (!a->is_retried) {
        json_write_text(w, NULL);
        return;
    }
    json_begin_object(w);
    json_put_int(w, "delay_ms", a->retry_delay_ms);
    put_int_or_null(w, "max_attempts", a->max_attempts, 0);
    json_put_text(w, "reason", a->retry_reason);
    json_end_object(w);
}

static void put_attempt(struct json_writer *w, const struct report_attempt *a) {
    json_begin_object(w);
    json_put_uint(w, "number", a->number);
    json_put_uint(w, "left_out_before", a->n_left_out);
    json_put_text(w, "role", a->role);
    put_texts(w, "argv", a->argv, a->n_argv);
    json_put_text(w, "summary", a->summary);
    json_put_bool(w, "reads", a->reads);
    put_int_or_null(w, "pid", a->pid, 0);
    put_time(w, "started", a->started_wall_ms);
    json_put_int(w, "started_ms", a->started_ms);
    put_int_or_null(w, "duration_ms", a->is_finished ? a->duration_ms : -1, -1);
    json_put_text(w, "outcome", a->is_finished ? a->outcome : NULL);
    put_int_or_null(w, "exit_code", a->exit_code, -1);
    put_int_or_null(w, "signal", a->signal, 0);
    json_put_bool(w, "escalated", a->was_escalated);
    put_int_or_null(w, "http_status", a->http_status, 0);
    put_class(w, a->error_class);
    json_put_text(w, "message", a->message);
    put_stream(w, "stdout", a->stdout_text, a->stdout_log, a->stdout_bytes);
    put_stream(w, "stderr", a->stderr_text, a->stderr_log, a->stderr_bytes);
    json_put_bool(w, "cut", a->is_cut);
    put_retry(w, a);
    json_end_object(w);
}

static void put_wait(struct json_writer *w, const struct report_wait *wait) {
    json_begin_object(w);
    json_put_text(w, "state", wait->state);
    json_put_text(w, "reason", wait->reason);
    json_put_int(w, "since_ms", wait->since_ms);
    json_put_int(w, "for_ms", wait->until_ms - wait->since_ms);
    json_put_uint(w, "polls", wait->n_polls);
    json_put_uint(w, "left_out_before", wait->n_left_out);
    put_int_or_null(w, "timeout_ms", wait->timeout_ms, 0);
    json_put_bool(w, "done", wait->is_done);
    json_end_object(w);
}

static void put_metric(struct json_writer *w, const struct report_step *step,
                       const struct report_metric *m) {
    json_begin_object(w);
    json_put_text(w, "step", step->id);
    json_put_text(w, "name", m->name);
    json_put_value(w, "value", m->value);
    json_put_value(w, "lower_limit", m->lower_limit);
    json_put_value(w, "upper_limit", m->upper_limit);
    json_put_text(w, "unit", m->unit);
    json_put_text(w, "verdict", metric_verdict_names[m->verdict]);
    json_put_text(w, "severity", m->is_error ? "error" : "unstable");
    json_end_object(w);
}

static void put_step_head(struct json_writer *w, const struct report_step *s) {
    json_put_uint(w, "index", s->index);
    json_put_text(w, "id", s->id);
    put_int_or_null(w, "parent", s->parent, -1);
    json_put_text(w, "name", s->name);
    json_put_text(w, "action", s->action);
    json_put_text(w, "phase", step_phase_names[s->phase]);
    json_put_text(w, "file", s->file);
    put_int_or_null(w, "line", s->line, 0);
    json_put_text(w, "status", step_status_names[s->status]);
    json_put_text(w, "change", step_change_names[s->change]);
    put_class(w, s->error_class);
    if (s->started_ms < 0) {
        json_put_text(w, "started", NULL);
    } else {
        put_time(w, "started", s->started_wall_ms);
    }
    put_int_or_null(w, "started_ms", s->started_ms, -1);
    put_int_or_null(w, "duration_ms", s->ended_ms < 0 ? -1 : s->duration_ms, -1);
    put_int_or_null(w, "exit_code", s->exit_code, -1);
    json_put_bool(w, "unstable", s->is_unstable);
    json_put_text(w, "message", s->message);
    json_put_text(w, "hint", s->hint);
    json_put_text(w, "skip_reason", s->skip_reason);
    json_put_value(w, "outputs", s->outputs);
}

static void put_step(struct json_writer *w, const struct report_step *s) {
    json_begin_object(w);
    put_step_head(w, s);
    json_put_uint(w, "n_attempts", s->n_attempts);
    json_put_uint(w, "n_polls", s->n_polls);
    json_key(w, "attempts");
    json_begin_list(w);
    for (size_t i = 0; i < s->n_attempts_kept; i++) {
        put_attempt(w, s->attempts[i]);
    }
    json_end_list(w);
    json_key(w, "waits");
    json_begin_list(w);
    for (size_t i = 0; i < s->n_waits; i++) {
        put_wait(w, s->waits[i]);
    }
    json_end_list(w);
    put_notices(w, s->notices, s->n_notices, s->n_notices_left_out);
    json_end_object(w);
}

static void put_cancel(struct json_writer *w, const struct run_report *r) {
    json_key(w, "cancelled");
    if (!r->is_cancelled) {
        json_write_text(w, NULL);
        return;
    }
    json_begin_object(w);
    put_int_or_null(w, "signal", r->cancel_signal, 0);
    json_put_text(w, "reason", r->cancel_reason);
    json_put_int(w, "at_ms", r->cancelled_ms);
    json_end_object(w);
}

static void put_run(struct json_writer *w, const struct run_report *r) {
    json_key(w, "run");
    json_begin_object(w);
    json_put_text(w, "id", r->run_id);
    json_put_text(w, "recipe", r->recipe_name);
    json_put_text(w, "file", r->recipe_file);
    json_put_text(w, "digest", r->recipe_digest);
    json_put_text(w, "mode", r->mode);
    json_put_text(w, "cpdflow", r->version);
    json_put_text(w, "host", r->host);
    put_int_or_null(w, "pid", r->pid, 0);
    json_put_uint(w, "seed", r->seed);
    json_put_text(w, "directory", r->run_dir);
    put_time(w, "started", r->started_wall_ms);
    put_time(w, "ended", r->last_wall_ms);
    json_put_int(w, "duration_ms", r->duration_ms);
    json_put_uint(w, "resumed", r->n_starts > 0 ? r->n_starts - 1 : 0);
    json_put_bool(w, "finished", r->is_finished);
    put_int_or_null(w, "exit_code", r->is_finished ? r->exit_code : -1, -1);
    put_cancel(w, r);
    json_end_object(w);
}

static void put_tally(struct json_writer *w, const char *key, const char *const *names,
                      const size_t *counts, size_t n) {
    json_key(w, key);
    json_begin_object(w);
    for (size_t i = 0; i < n; i++) {
        json_put_uint(w, names[i], counts[i]);
    }
    json_end_object(w);
}

static void put_counts(struct json_writer *w, const struct run_report *r) {
    struct report_counts counts = run_report_counts(r);
    json_key(w, "counts");
    json_begin_object(w);
    json_put_uint(w, "steps", counts.n_steps);
    put_tally(w, "status", step_status_names, counts.by_status, STEP_STATUS_COUNT);
    put_tally(w, "change", step_change_names, counts.by_change, CHANGE_COUNT);
    json_put_uint(w, "metrics", counts.n_metrics);
    json_put_uint(w, "metrics_crossed", counts.n_metrics_crossed);
    json_end_object(w);
}

static void put_metrics(struct json_writer *w, const struct run_report *r) {
    json_key(w, "metrics");
    json_begin_list(w);
    for (size_t i = 0; i < r->n_steps; i++) {
        for (size_t m = 0; m < r->steps[i]->n_metrics; m++) {
            put_metric(w, r->steps[i], &r->steps[i]->metrics[m]);
        }
    }
    json_end_list(w);
}

void report_json_render(const struct run_report *r, struct str *out) {
    struct json_writer w = json_writer(out, JSON_PRETTY);
    json_begin_object(&w);
    json_put_text(&w, "format", "cpdflow-report");
    json_put_int(&w, "version", 1);
    json_put_text(&w, "verdict", r->is_finished ? run_verdict_names[r->verdict] : NULL);
    json_put_text(&w, "reason", r->reason);
    put_run(&w, r);
    put_counts(&w, r);
    json_put_value(&w, "inputs", r->inputs);
    json_put_value(&w, "outputs", r->outputs);
    put_metrics(&w, r);
    json_key(&w, "steps");
    json_begin_list(&w);
    for (size_t i = 0; i < r->n_steps; i++) {
        put_step(&w, r->steps[i]);
    }
    json_end_list(&w);
    put_notices(&w, r->notices, r->n_notices, r->n_notices_left_out);
    json_end_object(&w);
    str_add_char(out, '\n');
}
