/*
 * The parts of the HTML report that speak of the run as a whole: verdict, failures, metrics, inputs and outputs, notices.
 */
#include "html_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "line_priv.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

enum { FAILURES_MAX = 100, DECISIVE_LINES = 14 };
static const size_t decisive_bytes = 4 * KIB;

/* ---- verdict ---- */

static const char *verdict_words(const struct run_report *r) {
    static const char *const words[VERDICT_COUNT] = {
        [VERDICT_SUCCESS] = "Succeeded",   [VERDICT_FAILED] = "Failed",
        [VERDICT_UNSTABLE] = "Unstable",   [VERDICT_ENVIRONMENT] = "Failed: the environment",
        [VERDICT_TIMEOUT] = "Out of time", [VERDICT_CANCELLED] = "Cancelled",
    };
    return r->is_finished ? words[r->verdict] : "Interrupted";
}

static void add_tile(struct str *out, const char *tone, size_t n, const char *what) {
    if (n > 0) {
        str_addf(out, "<li class=\"%s\"><b>%zu</b> %s</li>\n", tone, n, what);
    }
}

static void add_tiles(struct str *out, const struct run_report *r) {
    static const struct {
        enum step_status status;
        const char *tone;
        const char *what;
    } statuses[] = {
        {STEP_FAILED, "bad", "failed"},        {STEP_TOLERATED, "warn", "tolerated"},
        {STEP_CANCELLED, "skip", "cancelled"}, {STEP_RUNNING, "live", "under way"},
        {STEP_SUCCEEDED, "ok", "succeeded"},   {STEP_SKIPPED, "skip", "skipped"},
        {STEP_PENDING, "skip", "not reached"},
    };
    struct report_counts counts = run_report_counts(r);
    str_add(out, "<ul class=\"tiles\" aria-label=\"Steps and changes\">\n");
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        add_tile(out, statuses[i].tone, counts.by_status[statuses[i].status], statuses[i].what);
    }
    for (int c = 0; c < CHANGE_COUNT; c++) {
        if (c != CHANGE_NONE && c != CHANGE_UNKNOWN) {
            add_tile(out, "change", counts.by_change[c], step_change_names[c]);
        }
    }
    add_tile(out, "warn", counts.n_metrics_crossed,
             counts.n_metrics_crossed == 1 ? "limit crossed" : "limits crossed");
    str_add(out, "</ul>\n");
}

static void add_about(struct str *out, const char *name, const char *text) {
    if (text != NULL && text[0] != '\0') {
        str_addf(out, "<div><dt>%s</dt><dd><bdi>", name);
        html_add(out, text);
        str_add(out, "</bdi></dd></div>\n");
    }
}

void html_add_verdict(struct str *out, const struct run_report *r) {
    str_addf(out, "<header class=\"verdict %s\">\n<p class=\"recipe\">", html_verdict_tone(r));
    html_add_bdi(out, r->recipe_name == NULL ? "cpdflow" : r->recipe_name);
    str_addf(out, "</p>\n<h1>%s</h1>\n", verdict_words(r));
    const char *reason = r->is_finished ? r->reason : "The run ended without saying how.";
    if (reason != NULL) {
        str_add(out, "<p class=\"reason\">");
        html_add_bdi(out, reason);
        str_add(out, "</p>\n");
    }
    str_add(out, "<p class=\"when\">");
    html_add_time(out, r->started_wall_ms);
    str_add(out, " · took ");
    html_add_duration(out, r->duration_ms);
    if (r->n_starts > 1) {
        str_addf(out, " · resumed %u×", r->n_starts - 1);
    }
    str_add(out, "</p>\n");
    add_tiles(out, r);
    str_add(out, "<dl class=\"about\">\n");
    add_about(out, "run", r->run_id);
    add_about(out, "recipe", r->recipe_file);
    add_about(out, "mode", r->mode);
    add_about(out, "host", r->host);
    add_about(out, "directory", r->run_dir);
    add_about(out, "cpdflow", r->version);
    str_add(out, "</dl>\n</header>\n");
}

/* ---- failures ---- */

/* Parents speak through their children, unless they failed by themselves. */
static bool is_failure(const struct run_report *r, const struct report_step *step) {
    return (step->status == STEP_FAILED && report_step_is_case(r, step)) ||
           (step->status == STEP_RUNNING && step->n_children == 0);
}

size_t html_n_failures(const struct run_report *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->n_steps; i++) {
        n += is_failure(r, r->steps[i]);
    }
    return n;
}

static void add_where(struct str *out, const struct report_step *step,
                      const struct report_attempt *a) {
    str_add(out, "<p class=\"where\">");
    if (step->file != NULL) {
        str_add(out, "<code>");
        html_add(out, step->file);
        str_addf(out, ":%u</code>", step->line);
    }
    if (step->error_class != CLASS_NONE) {
        str_addf(out, " · %s", error_class_names[step->error_class]);
    }
    if (a != NULL && a->is_finished && a->exit_code > 0) {
        str_addf(out, " · exit %d", a->exit_code);
    }
    if (step->n_attempts > 1) {
        str_addf(out, " · %u calls", step->n_attempts);
    }
    str_add(out, "</p>\n");
}

static void add_failure(const struct html *h, struct str *out, const struct report_step *step) {
    const struct report_attempt *a = report_step_decisive(step);
    const char *said = step->status == STEP_RUNNING ? "Under way when the run ended." : "Failed.";
    AUTO(str) struct str path = STR_INIT(0);
    text_step_path(&path, h->run, step);
    str_addf(out, "<li class=\"card %s\"><h3><a href=\"", html_tone(step));
    html_add_step_href(h, out, step);
    str_add(out, "\"><code>");
    html_add(out, str_text(&path));
    str_add(out, "</code></a></h3>\n<p class=\"said\">");
    html_add_bdi(out, step->message == NULL ? said : step->message);
    str_add(out, "</p>\n");
    const char *text = a == NULL ? NULL : a->stderr_text != NULL ? a->stderr_text : a->stdout_text;
    if (text != NULL) {
        str_add(out, "<pre class=\"output\" tabindex=\"0\" role=\"group\" "
                     "aria-label=\"decisive output\">");
        html_add(out, html_tail(text, DECISIVE_LINES, decisive_bytes));
        str_add(out, "</pre>\n");
    }
    if (step->hint != NULL) {
        str_add(out, "<p class=\"hint\">Hint: ");
        html_add_bdi(out, step->hint);
        str_add(out, "</p>\n");
    }
    add_where(out, step, a);
    str_add(out, "</li>\n");
}

void html_add_failures(const struct html *h, struct str *out) {
    const struct run_report *r = h->run;
    size_t n = html_n_failures(r);
    if (n == 0) {
        return;
    }
    size_t n_shown = 0;
    str_add(out, "<section id=\"failures\" aria-labelledby=\"h-failures\">\n"
                 "<h2 id=\"h-failures\">What failed</h2>\n<ul class=\"cards\">\n");
    for (size_t i = 0; i < r->n_steps && n_shown < FAILURES_MAX; i++) {
        if (is_failure(r, r->steps[i])) {
            add_failure(h, out, r->steps[i]);
            n_shown++;
        }
    }
    str_add(out, "</ul>\n");
    if (n_shown < n) {
        str_addf(out, "<p>%zu more are among the steps below.</p>\n", n - n_shown);
    }
    str_add(out, "</section>\n");
}

/* ---- metrics ---- */

static void add_metric(const struct html *h, struct str *out, const struct report_step *step,
                       const struct report_metric *m, size_t number) {
    static const struct look look = {.has_unicode = true};
    AUTO(str) struct str value = STR_INIT(0);
    AUTO(str) struct str limits = STR_INIT(0);
    AUTO(str) struct str alt = STR_INIT(0);
    AUTO(str) struct str path = STR_INIT(0);
    char name[40];
    text_metric_value(&value, m);
    text_limits(&limits, &look, m);
    text_step_path(&path, h->run, step);
    str_addf(&alt, "%s is %s%s%s: %s", m->name, str_text(&value),
             limits.len > 0 ? ", should be " : "", str_text(&limits), text_metric_verdict(m));
    (void)snprintf(name, sizeof name, "metric-%zu", number);
    const char *tone = m->verdict == METRIC_OK ? "ok" : m->is_error ? "bad" : "warn";
    str_addf(out, "<li class=\"metric %s\"><h3>", tone);
    html_add_bdi(out, m->name);
    str_add(out, "</h3><p class=\"value\">");
    html_add_bdi(out, str_text(&value));
    str_add(out, "</p><p class=\"limit\">");
    html_add(out, limits.len > 0 ? str_text(&limits) : "no limit");
    if (m->verdict != METRIC_OK) {
        str_addf(out, " · <b>%s</b>", text_metric_verdict(m));
    }
    str_add(out, "</p>");
    html_add_picture(out, name, str_text(&alt));
    str_add(out, "<p class=\"where\"><a href=\"");
    html_add_step_href(h, out, step);
    str_add(out, "\"><code>");
    html_add(out, str_text(&path));
    str_add(out, "</code></a></p></li>\n");
}

void html_add_metrics(const struct html *h, struct str *out) {
    const struct run_report *r = h->run;
    size_t number = 0;
    for (size_t i = 0; i < r->n_steps; i++) {
        for (size_t k = 0; k < r->steps[i]->n_metrics && number < HTML_METRICS_MAX; k++) {
            if (number == 0) {
                str_add(out, "<section id=\"metrics\" aria-labelledby=\"h-metrics\">\n"
                             "<h2 id=\"h-metrics\">Metrics</h2>\n<ul class=\"metrics\">\n");
            }
            add_metric(h, out, r->steps[i], &r->steps[i]->metrics[k], ++number);
        }
    }
    if (number > 0) {
        str_add(out, "</ul>\n</section>\n");
    }
}

/* ---- inputs, outputs, notices ---- */

static void add_value(struct str *out, const struct value *v) {
    if (v->type == VALUE_STRING) {
        html_add_bdi(out, v->as.text);
        return;
    }
    AUTO(str) struct str text = STR_INIT(0);
    json_print(&text, v,
               v->type == VALUE_OBJECT || v->type == VALUE_LIST ? JSON_PRETTY : JSON_COMPACT);
    str_add(out, "<code class=\"json\">");
    html_add(out, str_text(&text));
    str_add(out, "</code>");
}

static void add_table(struct str *out, const char *id, const char *title, const struct value *v) {
    if (v == NULL || v->type != VALUE_OBJECT || v->len == 0) {
        return;
    }
    str_addf(out,
             "<section id=\"%s\" aria-labelledby=\"h-%s\">\n<h2 id=\"h-%s\">%s</h2>\n"
             "<table class=\"values\"><tbody>\n",
             id, id, id, title);
    for (uint32_t i = 0; i < v->len; i++) {
        str_add(out, "<tr><th scope=\"row\">");
        html_add_bdi(out, v->as.members[i].key);
        str_add(out, "</th><td>");
        add_value(out, v->as.members[i].value);
        str_add(out, "</td></tr>\n");
    }
    str_add(out, "</tbody></table>\n</section>\n");
}

void html_add_values(struct str *out, const struct run_report *r) {
    add_table(out, "outputs", "Outputs", r->outputs);
    add_table(out, "inputs", "Inputs", r->inputs);
}

void html_add_notices(struct str *out, const struct run_report *r) {
    if (r->n_notices == 0) {
        return;
    }
    str_add(out, "<section id=\"notices\" aria-labelledby=\"h-notices\">\n"
                 "<h2 id=\"h-notices\">Notices</h2>\n<ul class=\"notices\">\n");
    for (size_t i = 0; i < r->n_notices; i++) {
        str_add(out, "<li>");
        html_add_bdi(out, r->notices[i]->text);
        str_add(out, "</li>\n");
    }
    str_add(out, "</ul>\n</section>\n");
}
