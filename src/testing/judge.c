/*
 * Expectations.
 */
#include "judge_priv.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/classes.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/regex.h"
#include "base/str.h"
#include "calls_priv.h"
#include "event/run_report.h"
#include "maxima.h"
#include "recipe/suite.h"
#include "testing/play.h"
#include "value/json.h"
#include "value/value.h"

enum { MAX_SHOWN_CALLS = 40 };

struct judge {
    const struct suite_expect *expect;
    const struct run_report *report;
    const struct calls *calls;
    struct play_result *result;
};

bool judge_add(struct play_result *r, const struct place *place, const char *fmt, ...) {
    AUTO(str) struct str text = STR_INIT(LIMIT_REPORT_BYTES);
    str_addf(&text, "%s:%u: ", place->file, place->line);
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(&text, fmt, ap);
    va_end(ap);
    r->failures = mem_realloc(r->failures, r->n_failures + 1, sizeof *r->failures);
    r->failures[r->n_failures++] = str_take(&text);
    return false;
}

/* ---- values ---- */

static const char *shown(struct str *out, const struct value *v) {
    str_reset(out);
    if (v == NULL) {
        str_add(out, "nothing");
    } else {
        json_print(out, v, JSON_COMPACT);
    }
    return str_text(out);
}

static bool are_maps(const struct value *a, const struct value *b) {
    return a->type == VALUE_OBJECT && b != NULL && b->type == VALUE_OBJECT;
}

/* Maps hold at least what is expected of them; everything else is equal. The first difference of each map is told. */
static void compare_values(struct judge *j, const struct place *place, const char *path,
                           const struct value *expected, const struct value *found) {
    if (are_maps(expected, found)) {
        for (uint32_t i = 0; i < expected->len; i++) {
            const struct value_member *m = &expected->as.members[i];
            AUTO(str) struct str deeper = STR_INIT(LIMIT_MESSAGE);
            str_addf(&deeper, "%s.%s", path, m->key);
            compare_values(j, place, str_text(&deeper), m->value, value_get(found, m->key));
        }
        return;
    }
    bool is_absent_null = expected->type == VALUE_NULL && found == NULL;
    if (is_absent_null || (found != NULL && value_equal(expected, found))) {
        return;
    }
    AUTO(str) struct str was = STR_INIT(0);
    AUTO(str) struct str is = STR_INIT(0);
    judge_add(j->result, place, "%s:\n    expected  %s\n    found     %s", path,
              shown(&was, expected), shown(&is, found));
}

static void compare_words(struct judge *j, const struct place *place, const char *what,
                          const char *expected, const char *found, const char *why) {
    if (strcmp(expected, found) != 0) {
        judge_add(j->result, place, "%s: expected %s, found %s%s%s%s", what, expected, found,
                  why == NULL ? "" : " (", why == NULL ? "" : why, why == NULL ? "" : ")");
    }
}

static void compare_counts(struct judge *j, const struct place *place, const char *what,
                           int64_t expected, int64_t found) {
    if (expected != found) {
        judge_add(j->result, place, "%s: expected %lld, found %lld", what, (long long)expected,
                  (long long)found);
    }
}

bool judge_holds(const struct suite_text *wanted, const char *text) {
    if (text == NULL) {
        return false;
    }
    if (wanted->pattern == NULL) {
        return strstr(text, wanted->text) != NULL;
    }
    struct regex_span span[1];
    struct err err = ERR_INIT;
    int found = regex_match(wanted->pattern, text, strlen(text), 0, span, 1, &err);
    err_release(&err);
    return found == 1;
}

/* ---- steps ---- */

const struct report_step *judge_find_step(const struct run_report *r, const char *id) {
    for (size_t i = 0; i < r->n_steps; i++) {
        if (strcmp(r->steps[i]->id, id) == 0) {
            return r->steps[i];
        }
    }
    return NULL;
}

bool judge_says(const struct report_step *s, const struct suite_text *wanted) {
    return judge_holds(wanted, s->message) || judge_holds(wanted, s->hint) ||
           judge_holds(wanted, s->skip_reason);
}

const char *judge_why(const struct report_step *s) {
    return s->message != NULL ? s->message : s->skip_reason;
}

/* "step 'page', attempts" */
static const char *name_part(struct str *out, const struct suite_step *e, const char *part) {
    str_reset(out);
    str_addf(out, "step '%s'%s%s", e->id, part[0] == '\0' ? "" : ", ", part);
    return str_text(out);
}

static void judge_step_words(struct judge *j, const struct suite_step *e,
                             const struct report_step *s) {
    AUTO(str) struct str what = STR_INIT(LIMIT_MESSAGE);
    if (e->status >= 0) {
        compare_words(j, &e->place, name_part(&what, e, ""), step_status_names[e->status],
                      step_status_names[s->status], judge_why(s));
    }
    if (e->change >= 0) {
        compare_words(j, &e->place, name_part(&what, e, "change"), step_change_names[e->change],
                      step_change_names[s->change], NULL);
    }
    if (e->error_class >= 0) {
        compare_words(j, &e->place, name_part(&what, e, "class"), error_class_names[e->error_class],
                      error_class_names[s->error_class], judge_why(s));
    }
    for (size_t i = 0; i < e->n_messages; i++) {
        if (!judge_says(s, &e->messages[i])) {
            judge_add(j->result, &e->place, "%s:\n    expected  %s\n    found     %s",
                      name_part(&what, e, "message"), e->messages[i].text,
                      judge_why(s) == NULL ? "nothing" : judge_why(s));
        }
    }
}

static void judge_step(struct judge *j, const struct suite_step *e) {
    const struct report_step *s = judge_find_step(j->report, e->id);
    if (s == NULL) {
        judge_add(j->result, &e->place, "the run had no step '%s'", e->id);
        return;
    }
    judge_step_words(j, e, s);
    AUTO(str) struct str what = STR_INIT(LIMIT_MESSAGE);
    if (e->attempts.is_set) {
        compare_counts(j, &e->place, name_part(&what, e, "attempts"), e->attempts.n, s->n_attempts);
    }
    if (e->polls.is_set) {
        compare_counts(j, &e->place, name_part(&what, e, "polls"), e->polls.n, s->n_polls);
    }
    if (e->outputs != NULL) {
        str_reset(&what);
        str_addf(&what, "steps.%s.outputs", e->id);
        compare_values(j, &e->place, str_text(&what), e->outputs,
                       s->outputs == NULL ? &value_empty_object : s->outputs);
    }
}

static void judge_class(struct judge *j) {
    int wanted = j->expect->error_class;
    AUTO(str) struct str found = STR_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; wanted >= 0 && i < j->report->n_steps; i++) {
        const struct report_step *s = j->report->steps[i];
        if ((int)s->error_class == wanted) {
            return;
        }
        if (s->error_class != CLASS_NONE) {
            str_addf(&found, "%s%s of step '%s'", found.len == 0 ? "" : ", ",
                     error_class_names[s->error_class], s->id);
        }
    }
    if (wanted >= 0) {
        judge_add(j->result, &j->expect->place, "class: expected %s, found %s",
                  error_class_names[wanted], found.len == 0 ? "no failure" : str_text(&found));
    }
}

/* ---- changes and metrics ---- */

bool judge_has_changed(const struct report_step *s) {
    return s->n_children == 0 && s->change != CHANGE_NONE && s->change != CHANGE_UNKNOWN;
}

static void judge_changes(struct judge *j) {
    const struct value *wanted = j->expect->changes;
    for (size_t i = 0; wanted != NULL && i < j->report->n_steps; i++) {
        const struct report_step *s = j->report->steps[i];
        if (judge_has_changed(s) && value_get(wanted, s->id) == NULL) {
            judge_add(j->result, &j->expect->place, "changes: step '%s' %s, which is not expected",
                      s->id, step_change_names[s->change]);
        }
    }
    for (uint32_t i = 0; wanted != NULL && i < wanted->len; i++) {
        const struct value_member *m = &wanted->as.members[i];
        const struct report_step *s = judge_find_step(j->report, m->key);
        const char *expected = value_text(m->value);
        AUTO(str) struct str what = STR_INIT(LIMIT_MESSAGE);
        str_addf(&what, "changes, step '%s'", m->key);
        compare_words(j, &j->expect->place, str_text(&what), expected == NULL ? "?" : expected,
                      s == NULL ? "no such step" : step_change_names[s->change], NULL);
    }
}

const struct report_metric *judge_find_metric(const struct run_report *r, const char *name) {
    for (size_t i = 0; i < r->n_steps; i++) {
        for (size_t k = 0; k < r->steps[i]->n_metrics; k++) {
            if (strcmp(r->steps[i]->metrics[k].name, name) == 0) {
                return &r->steps[i]->metrics[k];
            }
        }
    }
    return NULL;
}

static void judge_metrics(struct judge *j) {
    const struct value *wanted = j->expect->metrics;
    for (uint32_t i = 0; wanted != NULL && i < wanted->len; i++) {
        const struct value_member *m = &wanted->as.members[i];
        const struct report_metric *found = judge_find_metric(j->report, m->key);
        AUTO(str) struct str path = STR_INIT(LIMIT_MESSAGE);
        str_addf(&path, "metrics.%s", m->key);
        compare_values(j, &j->expect->place, str_text(&path), m->value,
                       found == NULL ? NULL : found->value);
    }
}

/* ---- calls ---- */

static void add_calls(const struct calls *calls, size_t from, struct str *out) {
    for (size_t i = from; i < calls->n && i < from + MAX_SHOWN_CALLS; i++) {
        const char *text = calls_text(&calls->items[i]);
        str_addf(out, "\n    %-14s %.*s", calls->items[i].step, (int)strcspn(text, "\n"), text);
    }
    if (calls->n > from + MAX_SHOWN_CALLS) {
        str_addf(out, "\n    … %zu more", calls->n - from - MAX_SHOWN_CALLS);
    }
}

static void judge_order(struct judge *j) {
    const struct value *wanted = j->expect->calls;
    size_t from = 0;
    uint32_t n = wanted == NULL ? 0 : calls_in_order(j->calls, wanted, &from);
    if (wanted == NULL || n == wanted->len) {
        return;
    }
    const char *name = value_text(wanted->as.items[n]);
    AUTO(str) struct str rest = STR_INIT(LIMIT_REPORT_BYTES);
    add_calls(j->calls, from, &rest);
    judge_add(j->result, &j->expect->place, "calls: '%s' was not made%s; what was made%s:%s",
              name == NULL ? "?" : name, n == 0 ? "" : " behind the one before it",
              n == 0 ? "" : " from there on", rest.len == 0 ? " nothing" : str_text(&rest));
}

static void judge_count(struct judge *j) {
    const struct value *wanted = j->expect->count;
    for (uint32_t i = 0; wanted != NULL && i < wanted->len; i++) {
        const struct value_member *m = &wanted->as.members[i];
        int64_t expected = -1;
        int64_t found = 0;
        for (size_t k = 0; k < j->calls->n; k++) {
            found += call_is(&j->calls->items[k], m->key) ? 1 : 0;
        }
        (void)value_as_i64(m->value, &expected); /* -1 fits no count */
        AUTO(str) struct str what = STR_INIT(LIMIT_MESSAGE);
        str_addf(&what, "count, '%s'", m->key);
        compare_counts(j, &j->expect->place, str_text(&what), expected, found);
    }
    if (j->expect->n_calls.is_set) {
        compare_counts(j, &j->expect->place, "n_calls", j->expect->n_calls.n, (int64_t)j->calls->n);
    }
}

/* ---- the whole ---- */

bool judge_is_said(const struct run_report *r, const struct suite_text *text) {
    bool is_there = judge_holds(text, r->reason) || judge_holds(text, r->cancel_reason);
    for (size_t i = 0; i < r->n_steps && !is_there; i++) {
        const struct report_step *s = r->steps[i];
        is_there = judge_says(s, text);
        for (size_t k = 0; k < s->n_notices && !is_there; k++) {
            is_there = judge_holds(text, s->notices[k]->text);
        }
    }
    for (size_t k = 0; k < r->n_notices && !is_there; k++) {
        is_there = judge_holds(text, r->notices[k]->text);
    }
    return is_there;
}

static void judge_messages(struct judge *j) {
    for (size_t i = 0; i < j->expect->n_messages; i++) {
        if (judge_is_said(j->report, &j->expect->messages[i])) {
            continue;
        }
        AUTO(str) struct str said = STR_INIT(LIMIT_REPORT_BYTES);
        for (size_t k = 0; k < j->report->n_steps; k++) {
            const struct report_step *s = j->report->steps[k];
            if (s->message != NULL) {
                str_addf(&said, "\n    %-14s %s", s->id, s->message);
            }
        }
        judge_add(j->result, &j->expect->place, "messages: nobody says '%s'; what is said:%s",
                  j->expect->messages[i].text, said.len == 0 ? " nothing" : str_text(&said));
    }
}

static void judge_verdict(struct judge *j) {
    const struct suite_expect *e = j->expect;
    if (e->status >= 0) {
        compare_words(j, &e->place, "status", run_verdict_names[e->status],
                      run_verdict_names[j->report->verdict], j->report->reason);
    }
    if (e->exit_code >= 0) {
        compare_counts(j, &e->place, "exit", e->exit_code, j->report->exit_code);
    }
    if (e->duration.is_set && e->duration.ms != j->report->duration_ms) {
        AUTO(str) struct str expected = STR_INIT(64);
        AUTO(str) struct str found = STR_INIT(64);
        num_format_duration_ms(e->duration.ms, &expected);
        num_format_duration_ms(j->report->duration_ms, &found);
        compare_words(j, &e->place, "duration", str_text(&expected), str_text(&found), NULL);
    }
}

void judge_run(const struct suite_expect *expect, const struct run_report *report,
               const struct calls *calls, struct play_result *r) {
    struct judge j = {expect, report, calls, r};
    judge_verdict(&j);
    judge_class(&j);
    for (size_t i = 0; i < expect->n_steps; i++) {
        judge_step(&j, &expect->steps[i]);
    }
    if (expect->outputs != NULL) {
        compare_values(&j, &expect->place, "outputs", expect->outputs,
                       report->outputs == NULL ? &value_empty_object : report->outputs);
    }
    judge_metrics(&j);
    judge_changes(&j);
    judge_order(&j);
    judge_count(&j);
    judge_messages(&j);
}
