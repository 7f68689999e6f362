/*
 * Pieces of HTML that all parts of the report use.
 */
#include "html_priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "line_priv.h"
#include "report/xml.h"

void html_add(struct str *out, const char *text) {
    xml_add_text(out, text);
}

void html_add_bdi(struct str *out, const char *text) {
    str_add(out, "<bdi>");
    html_add(out, text);
    str_add(out, "</bdi>");
}

void html_add_chip(struct str *out, const char *class_name, const char *text) {
    str_addf(out, "<span class=\"chip %s\">", class_name);
    html_add(out, text);
    str_add(out, "</span>");
}

void html_add_duration(struct str *out, int64_t ms) {
    text_duration(out, ms);
}

void html_add_time(struct str *out, int64_t wall_ms) {
    AUTO(str) struct str utc = STR_INIT(0);
    clock_format_utc(wall_ms, &utc);
    const char *text = str_text(&utc);
    const char *t = strchr(text, 'T');
    str_addf(out, "<time datetime=\"%s\">", text);
    if (t == NULL) {
        str_add(out, text);
    } else {
        str_addf(out, "%.*s %.8s UTC", (int)(t - text), text, t + 1);
    }
    str_add(out, "</time>");
}

const char *html_tail(const char *text, size_t max_lines, size_t max_bytes) {
    size_t len = strlen(text);
    size_t at = len > 0 && text[len - 1] == '\n' ? len - 1 : len;
    size_t n_lines = 1;
    while (at > 0 && len - at < max_bytes) {
        if (text[at - 1] == '\n' && n_lines++ >= max_lines) {
            break;
        }
        at--;
    }
    while (((unsigned char)text[at] & 0xC0U) == 0x80U) {
        at++;
    }
    return text + at;
}

void html_add_step_href(const struct html *h, struct str *out, const struct report_step *step) {
    size_t page = h->place[step->index] / HTML_PAGE_STEPS;
    if (page > 0) {
        str_addf(out, "steps-%zu.html", page + 1);
    }
    str_addf(out, "#s%u", step->index);
}

const char *html_tone(const struct report_step *step) {
    static const char *const tones[STEP_STATUS_COUNT] = {
        [STEP_PENDING] = "skip",   [STEP_RUNNING] = "live",   [STEP_SUCCEEDED] = "ok",
        [STEP_FAILED] = "bad",     [STEP_TOLERATED] = "warn", [STEP_SKIPPED] = "skip",
        [STEP_CANCELLED] = "skip",
    };
    return step->is_unstable && step->status == STEP_SUCCEEDED ? "warn" : tones[step->status];
}

const char *html_verdict_tone(const struct run_report *r) {
    static const char *const tones[VERDICT_COUNT] = {
        [VERDICT_SUCCESS] = "ok",      [VERDICT_FAILED] = "bad",  [VERDICT_UNSTABLE] = "warn",
        [VERDICT_ENVIRONMENT] = "bad", [VERDICT_TIMEOUT] = "bad", [VERDICT_CANCELLED] = "skip",
    };
    return r->is_finished ? tones[r->verdict] : "bad";
}

void html_add_mark(struct str *out, const struct report_step *step) {
    static const char *const marks[STEP_STATUS_COUNT] = {
        [STEP_PENDING] = "·",   [STEP_RUNNING] = "●", [STEP_SUCCEEDED] = "✓", [STEP_FAILED] = "✕",
        [STEP_TOLERATED] = "!", [STEP_SKIPPED] = "–", [STEP_CANCELLED] = "■",
    };
    bool is_unstable = step->is_unstable && step->status == STEP_SUCCEEDED;
    str_addf(out,
             "<span class=\"mark %s\" aria-hidden=\"true\">%s</span><span class=\"sr\">%s: </span>",
             html_tone(step), is_unstable ? "!" : marks[step->status],
             is_unstable ? "unstable" : step_status_names[step->status]);
}

void html_add_picture(struct str *out, const char *name, const char *alt) {
    str_addf(out,
             "<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"%s-dark.svg\">"
             "<img src=\"%s.svg\"",
             name, name);
    xml_add_attribute(out, "alt", alt);
    str_add(out, "></picture>");
}
