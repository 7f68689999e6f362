/*
 * A summary in Markdown for people: pull requests, job summaries, mail. CommonMark with GitHub's tables.
 *
 * Texts of recipes and children are escaped so that they show as they are: no links, no HTML, no tables of their own. Job
 * summaries are refused beyond 1 MiB, so each part has its share: the list of steps ends before that and says how many are missing.
 */
#include "report/report.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "line_priv.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

static const size_t size_max = 900 * KIB;
static const size_t input_max = 1 * KIB;
static const size_t inputs_max = 64 * KIB;

/* ---- escaping ---- */

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

/* An underscore inside of a word means nothing; list and heading marks mean something only at the start. */
static bool needs_escape(const char *text, size_t len, size_t i) {
    char c = text[i];
    if (c == '_') {
        return i == 0 || i + 1 == len || !is_word(text[i - 1]) || !is_word(text[i + 1]);
    }
    return c != '\0' && strchr(i == 0 ? "\\`*[]|~>#-+=" : "\\`*[]|~", c) != NULL;
}

/* Text in a paragraph or a table cell: one line. */
static void add_text_len(struct str *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '\n' || c == '\t' || c == '\r') {
            str_add_char(out, ' ');
        } else if (c == '<') {
            str_add(out, "&lt;");
        } else if (c == '&') {
            str_add(out, "&amp;");
        } else {
            str_add(out, needs_escape(text, len, i) ? "\\" : "");
            str_add_char(out, c);
        }
    }
}

static void add_text(struct str *out, const char *text) {
    add_text_len(out, text, strlen(text));
}

/* The longest run of backticks in the text. */
static size_t longest_fence(const char *text) {
    size_t longest = 0;
    for (const char *at = text; *at != '\0';) {
        size_t run = strspn(at, "`");
        longest = run > longest ? run : longest;
        at += run > 0 ? run : 1;
    }
    return longest;
}

/* A code span; a table cell would end at a bare `|` even inside of one. */
static void add_code(struct str *out, const char *text) {
    size_t fence = longest_fence(text) + 1;
    str_add_repeat(out, '`', fence);
    str_add(out, fence > 1 ? " " : "");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '|') {
            str_add_char(out, '\\');
        }
        str_add_char(out, *at == '\n' ? ' ' : *at);
    }
    str_add(out, fence > 1 ? " " : "");
    str_add_repeat(out, '`', fence);
}

static void add_block(struct str *out, const char *text) {
    size_t fence = longest_fence(text) + 1;
    size_t len = strlen(text);
    fence = fence < 3 ? 3 : fence;
    str_add_repeat(out, '`', fence);
    str_add(out, "text\n");
    str_add_bytes(out, text, len);
    str_add(out, len > 0 && text[len - 1] == '\n' ? "" : "\n");
    str_add_repeat(out, '`', fence);
    str_add(out, "\n\n");
}

/* ---- parts ---- */

static const char *status_mark(const struct report_step *step) {
    static const char *const marks[STEP_STATUS_COUNT] = {
        [STEP_PENDING] = "⚪",        [STEP_RUNNING] = "🔵",        [STEP_SUCCEEDED] = "✅",
        [STEP_FAILED] = "❌",         [STEP_TOLERATED] = "⚠️", [STEP_SKIPPED] = "⏭️",
        [STEP_CANCELLED] = "⏹️",
    };
    return step->is_unstable && step->status == STEP_SUCCEEDED ? "⚠️" : marks[step->status];
}

static const char *verdict_mark(const struct run_report *r) {
    static const char *const marks[VERDICT_COUNT] = {
        [VERDICT_SUCCESS] = "✅",     [VERDICT_FAILED] = "❌",       [VERDICT_UNSTABLE] = "⚠️",
        [VERDICT_ENVIRONMENT] = "❌", [VERDICT_TIMEOUT] = "⏱️", [VERDICT_CANCELLED] = "⏹️",
    };
    return r->is_finished ? marks[r->verdict] : "❌";
}

static void add_head(struct str *out, const struct run_report *r) {
    AUTO(str) struct str time = STR_INIT(0);
    str_addf(out, "## %s ", verdict_mark(r));
    add_text(out, r->recipe_name == NULL ? "run" : r->recipe_name);
    str_addf(out, ": %s\n\n", r->is_finished ? run_verdict_names[r->verdict] : "not finished");
    if (r->reason != NULL) {
        add_text(out, r->reason);
        str_add(out, "\n\n");
    }
    clock_format_utc(r->started_wall_ms, &time);
    str_cut(&time, sizeof "2026-01-31T09:05" - 1);
    str_add(out, "Run ");
    add_code(out, r->run_id == NULL ? "?" : r->run_id);
    str_addf(out, " of %sZ took ", str_text(&time));
    text_duration(out, r->duration_ms);
    if (r->version != NULL) {
        str_add(out, ", cpdflow ");
        add_text(out, r->version);
    }
    str_add(out, ".\n\n");
}

/* Bytes of the whole characters within the first `max` bytes. */
static size_t characters_within(const char *text, size_t max) {
    size_t len = strlen(text);
    len = len < max ? len : max;
    while (len > 0 && ((unsigned char)text[len] & 0xC0U) == 0x80U) {
        len--;
    }
    return len;
}

static void add_inputs(struct str *out, const struct run_report *r) {
    if (r->inputs == NULL || r->inputs->type != VALUE_OBJECT || r->inputs->len == 0) {
        return;
    }
    str_add(out, "| input | value |\n| --- | --- |\n");
    size_t end = out->len + inputs_max;
    for (size_t i = 0; i < r->inputs->len && out->len < end; i++) {
        const struct value_member *m = &r->inputs->as.members[i];
        AUTO(str) struct str text = STR_INIT(0);
        if (m->value->type == VALUE_STRING) {
            str_add(&text, m->value->as.text);
        } else {
            json_print(&text, m->value, JSON_COMPACT);
        }
        str_add(out, "| ");
        add_text_len(out, m->key, m->key_len);
        str_add(out, " | ");
        add_text_len(out, str_text(&text), characters_within(str_text(&text), input_max));
        str_add(out, text.len > input_max ? "… |\n" : " |\n");
    }
    str_add_char(out, '\n');
}

static void add_path(struct str *out, const struct run_report *r, const struct report_step *step) {
    AUTO(str) struct str path = STR_INIT(0);
    text_step_path(&path, r, step);
    add_text(out, str_text(&path));
}

static void add_failure(struct str *out, const struct run_report *r,
                        const struct report_step *step) {
    const struct report_attempt *a = report_step_decisive(step);
    str_addf(out, "### %s ", status_mark(step));
    add_path(out, r, step);
    str_add(out, "\n\n");
    if (step->error_class != CLASS_NONE) {
        str_addf(out, "**%s** ", error_class_names[step->error_class]);
    }
    add_text(out, step->message == NULL ? "failed" : step->message);
    if (step->file != NULL) {
        str_add(out, " (");
        add_text(out, step->file);
        str_addf(out, ":%u)", step->line);
    }
    str_add(out, "\n\n");
    if (step->hint != NULL) {
        str_add(out, "> hint: ");
        add_text(out, step->hint);
        str_add(out, "\n\n");
    }
    if (a != NULL && step->status == STEP_FAILED) {
        const char *text = a->stderr_text != NULL ? a->stderr_text : a->stdout_text;
        AUTO(str) struct str block = STR_INIT(0);
        str_addf(&block, "$ %s\n%s", a->summary == NULL ? "" : a->summary,
                 text == NULL ? "" : text);
        add_block(out, str_text(&block));
    }
}

static void add_failures(struct str *out, const struct run_report *r) {
    for (size_t i = 0; i < r->n_steps && out->len < size_max / 2; i++) {
        const struct report_step *step = r->steps[i];
        bool has_failed = step->status == STEP_FAILED || step->status == STEP_TOLERATED;
        if (has_failed && report_step_is_case(r, step)) {
            add_failure(out, r, step);
        }
    }
}

static void add_metric(struct str *out, const struct run_report *r, const struct report_step *step,
                       const struct report_metric *m) {
    static const struct look look = {.has_unicode = true};
    AUTO(str) struct str value = STR_INIT(0);
    AUTO(str) struct str limits = STR_INIT(0);
    text_metric_value(&value, m);
    text_limits(&limits, &look, m);
    str_add(out, "| ");
    add_path(out, r, step);
    str_add(out, " | ");
    add_text(out, m->name);
    str_add(out, " | ");
    add_text(out, str_text(&value));
    str_add(out, " | ");
    add_text(out, str_text(&limits));
    str_addf(out, " | %s %s |\n", m->verdict == METRIC_OK ? "✅" : "⚠️", text_metric_verdict(m));
}

static void add_metrics(struct str *out, const struct run_report *r) {
    bool is_first = true;
    for (size_t i = 0; i < r->n_steps; i++) {
        for (size_t k = 0; k < r->steps[i]->n_metrics && out->len < size_max * 3 / 4; k++) {
            if (is_first) {
                str_add(out, "| step | metric | value | limit | |\n"
                             "| --- | --- | ---: | --- | --- |\n");
                is_first = false;
            }
            add_metric(out, r, r->steps[i], &r->steps[i]->metrics[k]);
        }
    }
    str_add(out, is_first ? "" : "\n");
}

/* "created; active after 2 states; 3 attempts" */
static void add_what(struct str *out, const struct report_step *step) {
    if (step->status == STEP_SKIPPED) {
        add_text(out, step->skip_reason == NULL ? "skipped" : step->skip_reason);
        return;
    }
    bool has_changed = step->change != CHANGE_NONE && step->change != CHANGE_UNKNOWN;
    str_add(out, has_changed ? step_change_names[step->change] : "");
    const struct report_wait *w = step->n_waits == 0 ? NULL : step->waits[step->n_waits - 1];
    if (w != NULL && w->state != NULL) {
        str_add(out, has_changed ? ", " : "");
        add_text(out, w->state);
        str_addf(out, " after %u polls", step->n_polls);
    }
    if (step->status != STEP_SUCCEEDED) {
        str_addf(out, "%s%s", out->data[out->len - 1] == ' ' ? "" : ", ",
                 step->error_class == CLASS_NONE ? step_status_names[step->status]
                                                 : error_class_names[step->error_class]);
    }
}

static void add_step(struct str *out, const struct run_report *r, const struct report_step *step) {
    str_addf(out, "| %s | ", status_mark(step));
    add_path(out, r, step);
    str_add(out, " | ");
    if (step->ended_ms >= 0 && step->status != STEP_SKIPPED) {
        text_duration(out, step->duration_ms);
    }
    str_addf(out, " | %u | ", step->n_attempts);
    add_what(out, step);
    str_add(out, " |\n");
}

static void add_steps(struct str *out, const struct run_report *r) {
    str_add(out, "| | step | time | calls | |\n| --- | --- | ---: | ---: | --- |\n");
    const struct report_step **order = run_report_order(r);
    for (size_t i = 0; i < r->n_steps; i++) {
        if (out->len > size_max) {
            str_addf(out, "\n%zu more steps are in the other reports.\n", r->n_steps - i);
            break;
        }
        if (order[i]->n_children == 0) {
            add_step(out, r, order[i]);
        }
    }
    mem_free((void *)order);
}

void report_markdown_render(const struct run_report *r, struct str *out) {
    add_head(out, r);
    add_failures(out, r);
    add_metrics(out, r);
    add_steps(out, r);
    str_add_char(out, '\n');
    add_inputs(out, r);
}
