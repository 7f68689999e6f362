/*
 * Metrics in Prometheus' text format, for the textfile collector or a Pushgateway. Each series once, families together; a
 * number that was not measured has no series.
 */
#include "report/report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "line_priv.h"
#include "value/value.h"

static void begin_family(struct str *out, const char *name, const char *help) {
    str_addf(out, "# HELP cpdflow_%s %s\n# TYPE cpdflow_%s gauge\n", name, help, name);
}

/* The value of a label: three characters are escaped, and it is one line. */
static void add_label(struct str *out, const char *name, const char *text, bool is_first) {
    str_addf(out, "%s%s=\"", is_first ? "{" : ",", name);
    for (const char *c = text == NULL ? "" : text; *c != '\0'; c++) {
        if (*c == '\n') {
            str_add(out, "\\n");
        } else {
            str_add(out, *c == '"' || *c == '\\' ? "\\" : "");
            str_add_char(out, *c);
        }
    }
    str_add_char(out, '"');
}

static void begin_series(struct str *out, const struct run_report *r, const char *name) {
    str_addf(out, "cpdflow_%s", name);
    add_label(out, "recipe", r->recipe_name == NULL ? "cpdflow" : r->recipe_name, true);
}

static void end_series(struct str *out, double number) {
    str_addf(out, "} %.17g\n", number);
}

static void add_number(struct str *out, const struct run_report *r, const char *name,
                       const char *help, double number) {
    begin_family(out, name, help);
    begin_series(out, r, name);
    end_series(out, number);
}

static void add_tally(struct str *out, const struct run_report *r, const char *name,
                      const char *help, const char *label, const char *const *names,
                      const size_t *counts, size_t n) {
    begin_family(out, name, help);
    for (size_t i = 0; i < n; i++) {
        begin_series(out, r, name);
        add_label(out, label, names[i], false);
        end_series(out, (double)counts[i]);
    }
}

static double n_retries(const struct run_report *r) {
    double n = 0;
    for (size_t i = 0; i < r->n_steps; i++) {
        for (size_t k = 0; k < r->steps[i]->n_attempts_kept; k++) {
            n += r->steps[i]->attempts[k]->is_retried;
        }
    }
    return n;
}

static void add_run(struct str *out, const struct run_report *r) {
    struct report_counts counts = run_report_counts(r);
    static const char *const verdicts_more = "interrupted";
    begin_family(out, "run_verdict", "1 for the verdict of the last run");
    for (int v = 0; v <= VERDICT_COUNT; v++) {
        bool is_it = r->is_finished ? (int)r->verdict == v : v == VERDICT_COUNT;
        begin_series(out, r, "run_verdict");
        add_label(out, "verdict", v < VERDICT_COUNT ? run_verdict_names[v] : verdicts_more, false);
        end_series(out, is_it);
    }
    add_number(out, r, "run_start_time_seconds", "When the last run began",
               (double)r->started_wall_ms / 1000);
    add_number(out, r, "run_duration_seconds", "How long it took", (double)r->duration_ms / 1000);
    if (r->is_finished) {
        add_number(out, r, "run_exit_code", "Its exit code", r->exit_code);
    }
    add_tally(out, r, "steps", "Steps of the last run by status", "status", step_status_names,
              counts.by_status, STEP_STATUS_COUNT);
    add_tally(out, r, "changes", "Steps of the last run by what they changed", "change",
              step_change_names, counts.by_change, CHANGE_COUNT);
    add_number(out, r, "retries", "Attempts that were made again", n_retries(r));
}

/* ---- metrics of the recipe ---- */

typedef const struct value *(*number_fn)(const struct report_metric *m);

static const struct value *value_of(const struct report_metric *m) {
    return m->value;
}

static const struct value *lower_of(const struct report_metric *m) {
    return m->lower_limit;
}

static const struct value *upper_of(const struct report_metric *m) {
    return m->upper_limit;
}

static void begin_metric(struct str *out, const struct run_report *r, const char *family,
                         const char *step, const struct report_metric *m) {
    begin_series(out, r, family);
    add_label(out, "step", step, false);
    add_label(out, "metric", m->name, false);
    add_label(out, "unit", m->unit, false);
}

struct family {
    const char *name;
    const char *help;
    number_fn number; /* NULL: 1 when the metric is within its limits, else 0 */
};

static void add_series_of(struct str *out, const struct run_report *r, const struct family *f,
                          const struct report_step *step, struct map *paths) {
    AUTO(str) struct str path = STR_INIT(0);
    text_step_path(&path, r, step);
    text_make_unique(paths, &path);
    for (size_t i = 0; i < step->n_metrics; i++) {
        const struct report_metric *m = &step->metrics[i];
        const struct value *v = f->number == NULL ? NULL : f->number(m);
        bool has_number = v != NULL && v->type == VALUE_NUMBER && isfinite(v->aux.number);
        if (f->number == NULL || has_number) {
            begin_metric(out, r, f->name, str_text(&path), m);
            end_series(out, has_number ? v->aux.number : m->verdict == METRIC_OK);
        }
    }
}

void report_prometheus_render(const struct run_report *r, struct str *out) {
    static const struct family families[] = {
        {"metric", "What a step measured", value_of},
        {"metric_lower_limit", "What it should at least be", lower_of},
        {"metric_upper_limit", "What it should at most be", upper_of},
        {"metric_ok", "1 when it is within its limits", NULL},
    };
    add_run(out, r);
    for (size_t f = 0; f < sizeof families / sizeof families[0]; f++) {
        struct map paths = MAP_INIT;
        size_t start = out->len;
        begin_family(out, families[f].name, families[f].help);
        size_t body = out->len;
        for (size_t i = 0; i < r->n_steps; i++) {
            if (r->steps[i]->n_metrics > 0) {
                add_series_of(out, r, &families[f], r->steps[i], &paths);
            }
        }
        str_cut(out, out->len == body ? start : out->len);
        map_release(&paths);
    }
}
