/*
 * One step of the HTML report: a row that folds out to everything that is known of it.
 */
#include "html_priv.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "line_priv.h"
#include "maxima.h"
#include "report/report.h"
#include "value/json.h"
#include "value/value.h"

enum { DEPTH_MAX = 6, LANE_WIDTH = 1000 };
static const size_t output_max = 12 * KIB;
static const size_t output_head = 3 * KIB;

/* ---- the row ---- */

static unsigned depth_of(const struct run_report *r, const struct report_step *step) {
    unsigned depth = 0;
    while (step->parent >= 0 && depth < DEPTH_MAX) {
        step = r->steps[step->parent];
        depth++;
    }
    return depth;
}

/* Where in the time of the run the step stood. */
static void add_lane(struct str *out, const struct run_report *r, const struct report_step *step) {
    str_addf(out,
             "<svg class=\"lane\" viewBox=\"0 0 %d 8\" preserveAspectRatio=\"none\" "
             "aria-hidden=\"true\">",
             LANE_WIDTH);
    int64_t total_ms = r->last_ms > 0 ? r->last_ms : 1;
    if (step->started_ms >= 0 && step->started_ms <= total_ms) {
        int64_t end_ms = step->ended_ms >= 0 ? step->ended_ms : total_ms;
        int64_t x = step->started_ms * LANE_WIDTH / total_ms;
        int64_t width = (end_ms - step->started_ms) * LANE_WIDTH / total_ms;
        width = width < 6 ? 6 : width;
        x = x > LANE_WIDTH - width ? LANE_WIDTH - width : x;
        str_addf(out,
                 "<rect class=\"%s\" x=\"%" PRId64 "\" width=\"%" PRId64 "\" height=\"8\"></rect>",
                 html_tone(step), x, width);
    }
    str_add(out, "</svg>");
}

static void add_count_chip(struct str *out, unsigned n, const char *one, const char *many) {
    AUTO(str) struct str text = STR_INIT(0);
    str_addf(&text, "%u %s", n, n == 1 ? one : many);
    html_add_chip(out, "", str_text(&text));
}

static unsigned n_crossed(const struct report_step *step) {
    unsigned n = 0;
    for (size_t i = 0; i < step->n_metrics; i++) {
        n += step->metrics[i].verdict != METRIC_OK;
    }
    return n;
}

static void add_chips(struct str *out, const struct run_report *r, const struct report_step *step) {
    str_add(out, "<span class=\"chips\">");
    if (step->status == STEP_SKIPPED || step->status == STEP_CANCELLED ||
        step->status == STEP_TOLERATED || step->status == STEP_RUNNING) {
        html_add_chip(out, html_tone(step), step_status_names[step->status]);
    } else if (step->status == STEP_PENDING) {
        html_add_chip(out, "skip", "not reached");
    } else if (step->change != CHANGE_NONE && step->change != CHANGE_UNKNOWN) {
        html_add_chip(out, "change", step_change_names[step->change]);
    }
    if (step->error_class != CLASS_NONE && step->status != STEP_CANCELLED) {
        html_add_chip(out, html_tone(step), error_class_names[step->error_class]);
    }
    if (n_crossed(step) > 0) {
        add_count_chip(out, n_crossed(step), "limit crossed", "limits crossed");
    }
    if (step->n_polls > 1) {
        add_count_chip(out, step->n_polls, "poll", "polls");
    } else if (step->n_attempts > 1) {
        add_count_chip(out, step->n_attempts, "call", "calls");
    }
    if (step->n_children > 0) {
        add_count_chip(out, step->n_children, "step", "steps");
    }
    if (step->parent >= 0 && step->phase != r->steps[step->parent]->phase) {
        html_add_chip(out, "", step_phase_names[step->phase]);
    }
    str_add(out, "</span>");
}

static void add_row(struct str *out, const struct run_report *r, const struct report_step *step) {
    str_add(out, "<summary>");
    html_add_mark(out, step);
    str_add(out, "<span class=\"what\"><code class=\"id\">");
    html_add(out, step->id);
    str_add(out, "</code>");
    if (step->name != NULL) {
        str_add(out, " <span class=\"name\">");
        html_add_bdi(out, step->name);
        str_add(out, "</span>");
    }
    str_add(out, "</span>");
    add_chips(out, r, step);
    add_lane(out, r, step);
    str_add(out, "<span class=\"took\">");
    if (step->ended_ms >= 0 && step->started_ms >= 0) {
        html_add_duration(out, step->duration_ms);
    }
    str_add(out, "</span></summary>\n");
}

/* ---- facts ---- */

static void begin_fact(struct str *out, const char *name) {
    str_addf(out, "<div><dt>%s</dt><dd>", name);
}

static void end_fact(struct str *out) {
    str_add(out, "</dd></div>\n");
}

static void add_needs(struct str *out, const struct report_step *step) {
    begin_fact(out, "after");
    for (uint32_t i = 0; i < step->needs->len; i++) {
        const char *id = value_text(step->needs->as.items[i]);
        str_add(out, i == 0 ? "<code>" : ", <code>");
        html_add(out, id == NULL ? "" : id);
        str_add(out, "</code>");
    }
    end_fact(out);
}

static void add_facts(struct str *out, const struct run_report *r, const struct report_step *step) {
    str_add(out, "<dl class=\"facts\">\n");
    if (step->action != NULL) {
        begin_fact(out, "action");
        html_add(out, step->action);
        end_fact(out);
    }
    if (step->file != NULL) {
        begin_fact(out, "where");
        str_add(out, "<code>");
        html_add(out, step->file);
        str_addf(out, ":%u</code>", step->line);
        end_fact(out);
    }
    if (step->parent >= 0) {
        begin_fact(out, "part of");
        str_add(out, "<code>");
        html_add(out, r->steps[step->parent]->id);
        str_add(out, "</code>");
        end_fact(out);
    }
    if (step->needs != NULL && step->needs->type == VALUE_LIST) {
        add_needs(out, step);
    }
    if (step->started_ms >= 0) {
        begin_fact(out, "started");
        html_add_time(out, step->started_wall_ms);
        str_add(out, ", after ");
        html_add_duration(out, step->started_ms);
        end_fact(out);
    }
    if (step->exit_code > 0) {
        begin_fact(out, "exit code");
        str_addf(out, "%d", step->exit_code);
        end_fact(out);
    }
    if (step->change != CHANGE_NONE && step->change != CHANGE_UNKNOWN) {
        begin_fact(out, "changed");
        html_add(out, step_change_names[step->change]);
        end_fact(out);
    }
    str_add(out, "</dl>\n");
}

static void add_words(struct str *out, const struct report_step *step) {
    const char *said = step->message != NULL ? step->message : step->skip_reason;
    if (said != NULL) {
        str_addf(out, "<p class=\"said %s\">", html_tone(step));
        html_add_bdi(out, said);
        str_add(out, "</p>\n");
    }
    if (step->hint != NULL) {
        str_add(out, "<p class=\"hint\">Hint: ");
        html_add_bdi(out, step->hint);
        str_add(out, "</p>\n");
    }
}

/* ---- attempts ---- */

/* As a shell would need it, so that it can be read and tried. */
static void add_argument(struct str *out, const char *arg) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/=:,@%+";
    if (arg[0] != '\0' && strspn(arg, plain) == strlen(arg)) {
        html_add(out, arg);
        return;
    }
    AUTO(str) struct str quoted = STR_INIT(0);
    str_add_char(&quoted, '\'');
    for (const char *c = arg; *c != '\0'; c++) {
        if (*c == '\'') {
            str_add(&quoted, "'\\''");
        } else {
            str_add_char(&quoted, *c);
        }
    }
    str_add_char(&quoted, '\'');
    html_add(out, str_text(&quoted));
}

static void add_command(struct str *out, const struct report_attempt *a) {
    if (a->n_argv == 0 && a->summary == NULL) {
        return;
    }
    str_add(out, "<pre class=\"argv\"><code>");
    for (size_t i = 0; i < a->n_argv; i++) {
        str_add(out, i == 0 ? "" : " ");
        add_argument(out, a->argv[i]);
    }
    if (a->n_argv == 0) {
        html_add(out, a->summary);
    }
    str_add(out, "</code></pre>\n");
}

static void add_excerpt(struct str *out, const char *text) {
    size_t len = strlen(text);
    if (len <= output_max) {
        html_add(out, text);
        return;
    }
    size_t head = output_head;
    while (head > 0 && ((unsigned char)text[head] & 0xC0U) == 0x80U) {
        head--;
    }
    AUTO(str) struct str start = STR_INIT(0);
    str_add_bytes(&start, text, head);
    html_add(out, str_text(&start));
    const char *tail = html_tail(text, SIZE_MAX, output_max - output_head);
    str_addf(out, "\n… %zu bytes left out …\n", (size_t)(tail - text) - head);
    html_add(out, tail);
}

struct stream {
    const char *name;
    const char *text;
    const char *log;
    uint64_t bytes;
    bool is_cut;
};

/* The page shows all of it. */
static bool is_whole(const struct stream *s) {
    size_t len = s->text == NULL ? 0 : strlen(s->text);
    return !s->is_cut && len >= s->bytes && len <= output_max;
}

static void add_stream(struct html *h, struct str *out, const struct stream *s) {
    if (s->text == NULL && s->bytes == 0) {
        return;
    }
    str_addf(out, "<p class=\"stream\"><b>%s</b> %" PRIu64 " bytes", s->name, s->bytes);
    if (s->log != NULL && !is_whole(s) && html_copy_log(h, s->log)) {
        str_add(out, " · <a href=\"");
        html_add_log_href(out, s->log);
        str_addf(out, "\">whole %s</a>", s->name);
    } else if (s->log != NULL && !is_whole(s)) {
        str_add(out, " · <code>");
        html_add(out, s->log);
        str_add(out, "</code>");
    }
    str_add(out, "</p>\n");
    if (s->text != NULL) {
        str_addf(out, "<pre class=\"output\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">",
                 s->name);
        add_excerpt(out, s->text);
        str_add(out, "</pre>\n");
    }
}

/* "attempt 2 · create · exit 1 · transient · 1.2 s" */
static void add_attempt_head(struct str *out, const struct report_attempt *a) {
    bool is_fine = a->is_finished && a->error_class == CLASS_NONE;
    str_addf(out, "<p class=\"head %s\"><b>%u</b> ",
             is_fine          ? "ok"
             : a->is_finished ? "bad"
                              : "live",
             a->number);
    if (a->role != NULL) {
        html_add(out, a->role);
    }
    if (!a->is_finished) {
        str_add(out, " · was under way when the run ended</p>\n");
        return;
    }
    if (a->signal != 0) {
        str_addf(out, " · signal %d", a->signal);
    } else if (a->http_status != 0) {
        str_addf(out, " · status %d", a->http_status);
    } else if (a->exit_code >= 0) {
        str_addf(out, " · exit %d", a->exit_code);
    }
    if (!is_fine) {
        str_addf(out, " · %s", error_class_names[a->error_class]);
    }
    str_add(out, " · ");
    html_add_duration(out, a->duration_ms);
    if (a->is_retried) {
        str_add(out, " · tried again after ");
        html_add_duration(out, a->retry_delay_ms);
    }
    str_add(out, "</p>\n");
}

static void add_attempt(struct html *h, struct str *out, const struct report_step *step,
                        const struct report_attempt *a) {
    if (a->n_left_out > 0) {
        str_addf(out, "<li class=\"gap\">%u more, not kept</li>\n", a->n_left_out);
    }
    str_add(out, "<li>");
    add_attempt_head(out, a);
    add_command(out, a);
    bool is_said =
        step->message != NULL && a->message != NULL && strcmp(step->message, a->message) == 0;
    if (a->message != NULL && a->error_class != CLASS_NONE && !is_said) {
        str_add(out, "<p class=\"said bad\">");
        html_add_bdi(out, a->message);
        str_add(out, "</p>\n");
    }
    const struct stream streams[] = {
        {"stdout", a->stdout_text, a->stdout_log, a->stdout_bytes, a->is_cut},
        {"stderr", a->stderr_text, a->stderr_log, a->stderr_bytes, a->is_cut},
    };
    for (size_t i = 0; i < 2; i++) {
        add_stream(h, out, &streams[i]);
    }
    str_add(out, "</li>\n");
}

static void add_attempts(struct html *h, struct str *out, const struct report_step *step) {
    if (step->n_attempts_kept == 0) {
        return;
    }
    str_add(out, "<h3>Calls</h3>\n<ol class=\"attempts\">\n");
    for (size_t i = 0; i < step->n_attempts_kept; i++) {
        add_attempt(h, out, step, step->attempts[i]);
    }
    str_add(out, "</ol>\n");
}

/* ---- waits, metrics, outputs ---- */

static void add_waits(struct str *out, const struct report_step *step) {
    if (step->n_waits == 0) {
        return;
    }
    str_add(out, "<h3>States</h3>\n<table><thead><tr><th scope=\"col\">state</th>"
                 "<th scope=\"col\">after</th><th scope=\"col\">for</th>"
                 "<th scope=\"col\">polls</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < step->n_waits; i++) {
        const struct report_wait *w = step->waits[i];
        if (w->n_left_out > 0) {
            str_addf(out, "<tr><td colspan=\"4\">%u more, not kept</td></tr>\n", w->n_left_out);
        }
        str_add(out, "<tr><td>");
        html_add_bdi(out, text_wait_state(w));
        if (w->reason != NULL) {
            str_add(out, "<br><small>");
            html_add_bdi(out, w->reason);
            str_add(out, "</small>");
        }
        str_add(out, "</td><td>");
        html_add_duration(out, w->since_ms - (step->started_ms < 0 ? 0 : step->started_ms));
        str_add(out, "</td><td>");
        html_add_duration(out, w->until_ms - w->since_ms);
        str_addf(out, "</td><td>%u</td></tr>\n", w->n_polls);
    }
    str_add(out, "</tbody></table>\n");
}

static void add_outputs(struct str *out, const struct report_step *step) {
    bool is_empty = step->outputs == NULL || step->outputs->type == VALUE_NULL ||
                    (step->outputs->type == VALUE_OBJECT && step->outputs->len == 0);
    if (is_empty) {
        return;
    }
    AUTO(str) struct str text = STR_INIT(0);
    json_print(&text, step->outputs, JSON_PRETTY);
    str_add(out, "<h3>Result</h3>\n<pre class=\"output\" tabindex=\"0\" role=\"group\" "
                 "aria-label=\"result\">");
    add_excerpt(out, str_text(&text));
    str_add(out, "</pre>\n");
}

static void add_notices(struct str *out, const struct report_step *step) {
    if (step->n_notices == 0) {
        return;
    }
    str_add(out, "<h3>Notices</h3>\n<ul>\n");
    for (size_t i = 0; i < step->n_notices; i++) {
        str_add(out, "<li>");
        html_add_bdi(out, step->notices[i]->text);
        str_add(out, "</li>\n");
    }
    str_add(out, "</ul>\n");
}

void html_add_step(struct html *h, struct str *out, const struct report_step *step) {
    str_addf(out, "<details class=\"step d%u\">", depth_of(h->run, step));
    add_row(out, h->run, step);
    /* The anchor stands inside: a browser that follows a link to it folds the step out. */
    str_addf(out, "<div class=\"more\" id=\"s%u\">\n", step->index);
    add_words(out, step);
    add_facts(out, h->run, step);
    add_waits(out, step);
    add_attempts(h, out, step);
    add_outputs(out, step);
    add_notices(out, step);
    str_add(out, "</div></details>\n");
}
