/*
 * What came out, in the words of a test file, for `cpdflow test --update`: the expectation as it would have to be.
 *
 * Only what was expected is written, and what held stays as it was said. What cannot be said in an expectation, such as the
 * class of a failure that did not happen, is noted for people instead.
 */
#include <string.h>

#include "base/classes.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/utf8.h"
#include "calls_priv.h"
#include "event/run_report.h"
#include "judge_priv.h"
#include "maxima.h"
#include "recipe/suite.h"
#include "value/json_write.h"
#include "value/value.h"

enum { MAX_WRITTEN_TEXT = 200, MAX_WRITTEN_CALLS = 100 };

struct actual {
    struct json_writer w;
    const struct suite_expect *expect;
    const struct run_report *report;
    const struct calls *calls;
    const char *scratch; /* texts with its name are others each time */
    struct str notes;    /* a line each */
};

static void note(struct actual *a, const struct place *place, const char *what, const char *why) {
    str_addf(&a->notes, "%s:%u: %s: %s\n", place->file, place->line, what, why);
}

/* ---- texts ---- */

/* The first line, or the beginning of a long one. False: there is none, or it is another one each time. */
static bool usable_text(const struct actual *a, const char *text, struct str *out) {
    str_reset(out);
    if (text == NULL) {
        return false;
    }
    size_t len = strcspn(text, "\r\n");
    len = len > MAX_WRITTEN_TEXT ? utf8_valid_prefix(text, MAX_WRITTEN_TEXT) : len;
    str_add_bytes(out, text, len);
    return len > 0 && strstr(str_text(out), a->scratch) == NULL;
}

/* As it was said. */
static void write_expected_text(struct json_writer *w, const struct suite_text *text) {
    if (text->pattern == NULL) {
        json_write_text(w, text->text);
        return;
    }
    json_begin_object(w);
    json_put_text(w, "match", text->text);
    json_end_object(w);
}

static void put_step_messages(struct actual *a, const struct suite_step *e,
                              const struct report_step *s) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    AUTO(str) struct str what = STR_INIT(LIMIT_MESSAGE);
    str_addf(&what, "step '%s', message", e->id);
    json_key(&a->w, "message");
    json_begin_list(&a->w);
    for (size_t i = 0; i < e->n_messages; i++) {
        if (judge_says(s, &e->messages[i])) {
            write_expected_text(&a->w, &e->messages[i]);
        } else if (usable_text(a, judge_why(s), &text)) {
            json_write_text(&a->w, str_text(&text));
        } else {
            write_expected_text(&a->w, &e->messages[i]);
            note(a, &e->place, str_text(&what), "the step says nothing that could stand here");
        }
    }
    json_end_list(&a->w);
}

static bool is_expected(const struct actual *a, const char *text) {
    bool is_expected = false;
    for (size_t k = 0; k < a->expect->n_messages && !is_expected; k++) {
        is_expected = judge_holds(&a->expect->messages[k], text);
    }
    return is_expected;
}

/* The next text of the run from the n-th on, better one that no expectation holds for yet. */
static bool next_said(const struct actual *a, size_t *n, struct str *out) {
    const struct run_report *r = a->report;
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    str_reset(out);
    while (*n <= r->n_steps) {
        size_t i = (*n)++;
        const char *said = i < r->n_steps ? r->steps[i]->message : r->reason;
        if (!usable_text(a, said, &text)) {
            continue;
        }
        bool is_new = !is_expected(a, said);
        if (is_new || out->len == 0) {
            str_reset(out);
            str_add(out, str_text(&text));
        }
        if (is_new) {
            break;
        }
    }
    return out->len > 0;
}

static void put_messages(struct actual *a) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    size_t next = 0;
    json_key(&a->w, "messages");
    json_begin_list(&a->w);
    for (size_t i = 0; i < a->expect->n_messages; i++) {
        const struct suite_text *wanted = &a->expect->messages[i];
        if (judge_is_said(a->report, wanted)) {
            write_expected_text(&a->w, wanted);
        } else if (next_said(a, &next, &text)) {
            json_write_text(&a->w, str_text(&text));
        } else {
            write_expected_text(&a->w, wanted);
            note(a, &a->expect->place, "messages", "nobody says anything that could stand here");
        }
    }
    json_end_list(&a->w);
}

/* ---- values ---- */

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
            n += call_is(&calls->items[k], name) ? 1 : 0;
        }
        json_put_int(w, name, n);
    }
    json_end_object(w);
}

/* ---- calls ---- */

/* Each name once for a call that it fits, in the order of the calls. False: some name is left over. */
static bool sort_names(const struct actual *a, const char **ret_names) {
    const struct value *wanted = a->expect->calls;
    bool *is_used = mem_zalloc(wanted->len + 1, sizeof *is_used);
    uint32_t n = 0;
    for (size_t k = 0; k < a->calls->n; k++) {
        uint32_t i = 0;
        while (i < wanted->len &&
               (is_used[i] || !call_is(&a->calls->items[k], value_text(wanted->as.items[i])))) {
            i++;
        }
        if (i < wanted->len) {
            is_used[i] = true;
            ret_names[n++] = value_text(wanted->as.items[i]);
        }
    }
    mem_free(is_used);
    return n == wanted->len;
}

static const char *name_of(const struct actual *a, const struct made_call *call, struct str *out) {
    const struct value *wanted = a->expect->calls;
    for (uint32_t i = 0; i < wanted->len; i++) {
        if (call_is(call, value_text(wanted->as.items[i]))) {
            return value_text(wanted->as.items[i]);
        }
    }
    call_name(call, out);
    return str_text(out);
}

/* Every call that was made; equal ones behind each other are one. */
static void write_all_calls(struct actual *a) {
    AUTO(str) struct str last = STR_INIT(LIMIT_RESULT_BYTES);
    size_t n = 0;
    for (size_t i = 0; i < a->calls->n && n < MAX_WRITTEN_CALLS; i++) {
        AUTO(str) struct str own = STR_INIT(LIMIT_RESULT_BYTES);
        const char *name = name_of(a, &a->calls->items[i], &own);
        if (n == 0 || strcmp(name, str_text(&last)) != 0) {
            json_write_text(&a->w, name);
            n++;
        }
        str_reset(&last);
        str_add(&last, name);
    }
    if (n == MAX_WRITTEN_CALLS) {
        note(a, &a->expect->place, "calls", "only the first hundred were written");
    }
}

static void put_calls(struct actual *a) {
    const struct value *wanted = a->expect->calls;
    size_t from = 0;
    if (calls_in_order(a->calls, wanted, &from) == wanted->len) {
        json_put_value(&a->w, "calls", wanted);
        return;
    }
    const char **names = mem_zalloc(wanted->len + 1, sizeof *names);
    json_key(&a->w, "calls");
    json_begin_list(&a->w);
    if (sort_names(a, names)) {
        for (uint32_t i = 0; i < wanted->len; i++) {
            json_write_text(&a->w, names[i]);
        }
    } else {
        write_all_calls(a);
    }
    json_end_list(&a->w);
    mem_free(names);
}

/* ---- steps ---- */

static void put_step(struct actual *a, const struct suite_step *e, const struct report_step *s) {
    struct json_writer *w = &a->w;
    if (e->status >= 0) {
        json_put_text(w, "status", step_status_names[s->status]);
    }
    if (e->change >= 0) {
        json_put_text(w, "change", step_change_names[s->change]);
    }
    if (e->error_class >= 0) {
        enum error_class class =
            s->error_class == CLASS_NONE ? (enum error_class)e->error_class : s->error_class;
        json_put_text(w, "class", error_class_names[class]);
    }
    if (e->error_class >= 0 && s->error_class == CLASS_NONE) {
        AUTO(str) struct str what = STR_INIT(LIMIT_MESSAGE);
        str_addf(&what, "step '%s', class", e->id);
        note(a, &e->place, str_text(&what), "the step did not fail");
    }
    if (e->attempts.is_set) {
        json_put_uint(w, "attempts", s->n_attempts);
    }
    if (e->polls.is_set) {
        json_put_uint(w, "polls", s->n_polls);
    }
    put_same_keys(w, "outputs", e->outputs, s->outputs);
    if (e->n_messages > 0) {
        put_step_messages(a, e, s);
    }
}

static void put_steps(struct actual *a) {
    json_key(&a->w, "steps");
    json_begin_object(&a->w);
    for (size_t i = 0; i < a->expect->n_steps; i++) {
        const struct suite_step *e = &a->expect->steps[i];
        const struct report_step *s = judge_find_step(a->report, e->id);
        if (s == NULL) {
            AUTO(str) struct str what = STR_INIT(LIMIT_MESSAGE);
            str_addf(&what, "step '%s'", e->id);
            note(a, &e->place, str_text(&what), "the run had no such step");
            continue;
        }
        json_key(&a->w, e->id);
        json_begin_object(&a->w);
        put_step(a, e, s);
        json_end_object(&a->w);
    }
    json_end_object(&a->w);
}

/* ---- the whole ---- */

/* Of the step that failed first; tolerated failures come second. */
static void put_class(struct actual *a) {
    int found = CLASS_NONE;
    bool is_there = false;
    for (size_t i = 0; i < a->report->n_steps && !is_there; i++) {
        const struct report_step *s = a->report->steps[i];
        is_there = (int)s->error_class == a->expect->error_class;
        bool is_better = found == CLASS_NONE || s->status == STEP_FAILED;
        found =
            s->error_class != CLASS_NONE && (is_there || is_better) ? (int)s->error_class : found;
    }
    if (found == CLASS_NONE) {
        note(a, &a->expect->place, "class", "no step failed");
        found = a->expect->error_class;
    }
    json_put_text(&a->w, "class", error_class_names[found]);
}

static void put_verdict(struct actual *a) {
    const struct suite_expect *e = a->expect;
    if (e->status >= 0) {
        json_put_text(&a->w, "status", run_verdict_names[a->report->verdict]);
    }
    if (e->exit_code >= 0) {
        json_put_int(&a->w, "exit", a->report->exit_code);
    }
    if (e->error_class >= 0) {
        put_class(a);
    }
    if (e->n_calls.is_set) {
        json_put_uint(&a->w, "n_calls", a->calls->n);
    }
    if (e->duration.is_set && e->duration.ms != a->report->duration_ms) {
        AUTO(str) struct str parts = STR_INIT(64);
        AUTO(str) struct str duration = STR_INIT(64);
        num_format_duration_ms(a->report->duration_ms, &parts);
        for (const char *c = str_text(&parts); *c != '\0'; c++) { /* "1m 5s" is written 1m5s */
            str_add_bytes(&duration, c, *c == ' ' ? 0 : 1);
        }
        json_put_text(&a->w, "duration", str_text(&duration));
    }
}

char *actual_of_run(const struct suite_expect *expect, const struct run_report *report,
                    const struct calls *calls, const char *scratch) {
    AUTO(str) struct str text = STR_INIT(0);
    struct actual a = {.w = json_writer(&text, JSON_COMPACT),
                       .expect = expect,
                       .report = report,
                       .calls = calls,
                       .scratch = scratch};
    json_begin_object(&a.w);
    put_verdict(&a);
    put_same_keys(&a.w, "outputs", expect->outputs, report->outputs);
    put_metrics(&a.w, expect->metrics, report);
    if (expect->changes != NULL) {
        put_changes(&a.w, report);
    }
    if (expect->calls != NULL) {
        put_calls(&a);
    }
    if (expect->count != NULL) {
        put_count(&a.w, expect->count, calls);
    }
    if (expect->n_messages > 0) {
        put_messages(&a);
    }
    if (expect->n_steps > 0) {
        put_steps(&a);
    }
    json_put_text(&a.w, "notes", str_text(&a.notes));
    json_end_object(&a.w);
    str_release(&a.notes);
    return str_take(&text);
}
