/*
 * What came out, in the words of a test file: for `cpdflow test --update`.
 */
#include <string.h>

#include "base/classes.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "calls_priv.h"
#include "event/run_report.h"
#include "judge_priv.h"
#include "recipe/suite.h"
#include "value/json_write.h"
#include "value/value.h"

/* The same keys as expected, null for what is not there. */
static void put_same_keys(struct json_writer *w, const char *key, const struct value *expected,
                          const struct value *found) {
    if (expected == NULL) {
        return;
    }
    json_key(w, key);
    json_begin_object(w);
    for (uint32_t i = 0; i < expected->len; i++) {
        const char *name = expected->as.members[i].key;
        json_put_value(w, name, found == NULL ? NULL : value_get(found, name));
    }
    json_end_object(w);
}

static void put_metrics(struct json_writer *w, const struct value *expected,
                        const struct run_report *r) {
    if (expected == NULL) {
        return;
    }
    json_key(w, "metrics");
    json_begin_object(w);
    for (uint32_t i = 0; i < expected->len; i++) {
        const struct report_metric *m = judge_find_metric(r, expected->as.members[i].key);
        json_put_value(w, expected->as.members[i].key, m == NULL ? NULL : m->value);
    }
    json_end_object(w);
}

static void put_changes(struct json_writer *w, const struct run_report *r) {
    json_key(w, "changes");
    json_begin_object(w);
    for (size_t i = 0; i < r->n_steps; i++) {
        if (judge_has_changed(r->steps[i])) {
            json_put_text(w, r->steps[i]->id, step_change_names[r->steps[i]->change]);
        }
    }
    json_end_object(w);
}

static void put_count(struct json_writer *w, const struct value *expected,
                      const struct calls *calls) {
    json_key(w, "count");
    json_begin_object(w);
    for (uint32_t i = 0; i < expected->len; i++) {
        const char *name = expected->as.members[i].key;
        int64_t n = 0;
        for (size_t k = 0; k < calls->n; k++) {
            n += call_fits(name, calls->items[k].line, calls->items[k].summary) ? 1 : 0;
        }
        json_put_int(w, name, n);
    }
    json_end_object(w);
}

static void put_step(struct json_writer *w, const struct suite_step *e,
                     const struct report_step *s) {
    if (e->status >= 0) {
        json_put_text(w, "status", step_status_names[s->status]);
    }
    if (e->change >= 0) {
        json_put_text(w, "change", step_change_names[s->change]);
    }
    if (e->error_class >= 0 && s->error_class != CLASS_NONE) {
        json_put_text(w, "class", error_class_names[s->error_class]);
    }
    if (e->attempts.is_set) {
        json_put_uint(w, "attempts", s->n_attempts);
    }
    if (e->polls.is_set) {
        json_put_uint(w, "polls", s->n_polls);
    }
    put_same_keys(w, "outputs", e->outputs, s->outputs);
}

static void put_steps(struct json_writer *w, const struct suite_expect *expect,
                      const struct run_report *r) {
    json_key(w, "steps");
    json_begin_object(w);
    for (size_t i = 0; i < expect->n_steps; i++) {
        const struct report_step *s = judge_find_step(r, expect->steps[i].id);
        if (s != NULL) {
            json_key(w, expect->steps[i].id);
            json_begin_object(w);
            put_step(w, &expect->steps[i], s);
            json_end_object(w);
        }
    }
    json_end_object(w);
}

char *actual_of_run(const struct suite_expect *expect, const struct run_report *report,
                    const struct calls *calls) {
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str duration = STR_INIT(64);
    num_format_duration_ms(report->duration_ms, &duration);
    struct json_writer w = json_writer(&text, JSON_COMPACT);
    json_begin_object(&w);
    json_put_text(&w, "status", run_verdict_names[report->verdict]);
    json_put_int(&w, "exit", report->exit_code);
    json_put_uint(&w, "n_calls", calls->n);
    json_put_text(&w, "duration", str_text(&duration));
    put_same_keys(&w, "outputs", expect->outputs, report->outputs);
    put_metrics(&w, expect->metrics, report);
    if (expect->changes != NULL) {
        put_changes(&w, report);
    }
    if (expect->count != NULL) {
        put_count(&w, expect->count, calls);
    }
    put_steps(&w, expect, report);
    json_end_object(&w);
    return str_take(&text);
}
