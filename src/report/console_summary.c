/*
 * The end of a run for people: the verdict first, then what changed, what was measured, what failed and why, and where
 * everything is.
 */
#include "console_priv.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "event/run_report.h"

enum {
    LABEL_WIDTH = 12, /* where texts begin */
    BAR_WIDTH = 20,
    STDERR_LINES = 6, /* decisive ones shown of a failure */
    FAILURES_MAX = 5, /* shown whole; the reports have all */
    NAMES_MAX = 12,   /* of changed steps */
};

struct summary {
    struct console *c;
    const struct run_report *report;
    struct report_counts counts;
    struct str text;
};

static struct line labelled(struct summary *s, const char *label) {
    struct line l = line_begin(&s->text, &s->c->look, LINE_UNLIMITED);
    line_pad(&l, 2);
    line_add(&l, TONE_DIM, label);
    line_pad(&l, LABEL_WIDTH);
    return l;
}

static void end_line(struct summary *s) {
    str_add_char(&s->text, '\n');
}

/* ---- verdict ---- */

static enum tone verdict_tone(const struct run_report *r) {
    static const enum tone tones[VERDICT_COUNT] = {
        [VERDICT_SUCCESS] = TONE_GOOD,  [VERDICT_FAILED] = TONE_BAD,
        [VERDICT_UNSTABLE] = TONE_WARN, [VERDICT_ENVIRONMENT] = TONE_BAD,
        [VERDICT_TIMEOUT] = TONE_BAD,   [VERDICT_CANCELLED] = TONE_WARN,
    };
    return r->is_finished ? tones[r->verdict] : TONE_BAD;
}

static const char *verdict_word(const struct run_report *r) {
    static const char *const words[VERDICT_COUNT] = {
        [VERDICT_SUCCESS] = "SUCCESS",   [VERDICT_FAILED] = "FAILED",
        [VERDICT_UNSTABLE] = "UNSTABLE", [VERDICT_ENVIRONMENT] = "ENVIRONMENT",
        [VERDICT_TIMEOUT] = "TIMEOUT",   [VERDICT_CANCELLED] = "CANCELLED",
    };
    return r->is_finished ? words[r->verdict] : "NOT FINISHED";
}

static void add_verdict(struct summary *s) {
    const struct run_report *r = s->report;
    AUTO(str) struct str time = STR_INIT(0);
    struct line l = line_begin(&s->text, &s->c->look, LINE_UNLIMITED);
    text_duration(&time, r->duration_ms);
    line_add(&l, verdict_tone(r), verdict_word(r));
    line_addf(&l, TONE_BOLD, "  %s", r->recipe_name == NULL ? "" : r->recipe_name);
    line_addf(&l, TONE_DIM, " in %s", str_text(&time));
    if (r->reason != NULL) {
        line_addf(&l, TONE_PLAIN, ": %s", r->reason);
    }
    end_line(s);
}

/* ---- steps and changes ---- */

static void add_tally(struct summary *s) {
    struct line l = labelled(s, "steps");
    bool is_first = true;
    for (size_t i = 0; i < STEP_STATUS_COUNT; i++) {
        static const size_t order[STEP_STATUS_COUNT] = {
            STEP_SUCCEEDED, STEP_FAILED,  STEP_TOLERATED, STEP_CANCELLED,
            STEP_RUNNING,   STEP_SKIPPED, STEP_PENDING};
        size_t status = order[i];
        if (s->counts.by_status[status] > 0) {
            line_addf(&l, TONE_PLAIN, "%s%zu %s", is_first ? "" : ", ", s->counts.by_status[status],
                      status == STEP_PENDING ? "not reached" : step_status_names[status]);
            is_first = false;
        }
    }
    line_add(&l, TONE_PLAIN, is_first ? "none" : "");
    end_line(s);
}

/* Parent of the next step from `at` on with this change; -1 when it is no instance, or there is none. */
static int32_t next_instance(const struct run_report *r, size_t at, enum step_change change) {
    for (; at < r->n_steps; at++) {
        const struct report_step *step = r->steps[at];
        if (step->n_children == 0 && step->change == change && step->ended_ms >= 0) {
            return console_is_instance(step) ? step->parent : -1;
        }
    }
    return -1;
}

/* Ids of the steps with this change; the instances of one foreach are one name: "upload (3)". */
static void add_changed_ids(struct line *l, const struct run_report *r, enum step_change change) {
    unsigned n_names = 0;
    unsigned n_instances = 0;
    for (size_t i = 0; i < r->n_steps; i++) {
        const struct report_step *step = r->steps[i];
        if (step->n_children > 0 || step->change != change || step->ended_ms < 0) {
            continue;
        }
        bool is_instance = console_is_instance(step);
        const struct report_step *named = is_instance ? r->steps[step->parent] : step;
        n_instances++;
        if (is_instance && next_instance(r, i + 1, change) == step->parent) {
            continue;
        }
        if (n_names < NAMES_MAX) {
            AUTO(str) struct str path = STR_INIT(0);
            text_step_path(&path, r, named);
            line_addf(l, TONE_PLAIN, "%s%s", n_names == 0 ? ": " : ", ", str_text(&path));
        }
        if (n_names < NAMES_MAX && is_instance) {
            line_addf(l, TONE_PLAIN, " (%u)", n_instances);
        }
        n_names++;
        n_instances = 0;
    }
    if (n_names > NAMES_MAX) {
        line_addf(l, TONE_PLAIN, " and %u more", n_names - NAMES_MAX);
    }
}

static void add_change(struct summary *s, enum step_change change, const char *label) {
    struct line l = labelled(s, label);
    line_addf(&l, TONE_PLAIN, "%zu %s", s->counts.by_change[change], step_change_names[change]);
    add_changed_ids(&l, s->report, change);
    end_line(s);
}

static void add_changes(struct summary *s) {
    const char *label = "changed";
    for (enum step_change change = CHANGE_CREATED; change < CHANGE_UNKNOWN; change++) {
        if (s->counts.by_change[change] > 0) {
            add_change(s, change, label);
            label = "";
        }
    }
    size_t n_unknown = s->counts.by_change[CHANGE_UNKNOWN];
    if (n_unknown > 0) {
        struct line l = labelled(s, label);
        line_addf(&l, TONE_DIM, "%zu %s may have changed something", n_unknown,
                  n_unknown == 1 ? "step" : "steps");
        end_line(s);
    } else if (label[0] != '\0' && s->counts.n_steps > 0) {
        struct line l = labelled(s, label);
        line_add(&l, TONE_PLAIN, "nothing");
        end_line(s);
    }
}

/* ---- metrics ---- */

struct widths {
    unsigned name;
    unsigned value;
    unsigned limits;
};

static unsigned wider(unsigned width, size_t other) {
    return other > width ? (unsigned)other : width;
}

static struct widths metric_widths(const struct summary *s) {
    struct widths w = {0, 0, 0};
    for (size_t i = 0; i < s->report->n_steps; i++) {
        const struct report_step *step = s->report->steps[i];
        for (size_t k = 0; k < step->n_metrics; k++) {
            AUTO(str) struct str value = STR_INIT(0);
            AUTO(str) struct str limits = STR_INIT(0);
            text_metric_value(&value, &step->metrics[k]);
            text_limits(&limits, &s->c->look, &step->metrics[k]);
            w.name = wider(w.name,
                           utf8_text_width(step->metrics[k].name, strlen(step->metrics[k].name)));
            w.value = wider(w.value, utf8_text_width(str_text(&value), value.len));
            w.limits = wider(w.limits, utf8_text_width(str_text(&limits), limits.len));
        }
    }
    return w;
}

static void add_metric(struct summary *s, const char *label, const struct report_metric *m,
                       struct widths w) {
    AUTO(str) struct str value = STR_INIT(0);
    AUTO(str) struct str limits = STR_INIT(0);
    struct line l = labelled(s, label);
    text_metric_value(&value, m);
    text_limits(&limits, &s->c->look, m);
    line_add(&l, TONE_PLAIN, m->name);
    line_pad(&l, LABEL_WIDTH + w.name + 2);
    line_add_right(&l, TONE_PLAIN, str_text(&value), w.value);
    unsigned bar = LABEL_WIDTH + w.name + 2 + w.value + 2;
    line_pad(&l, bar);
    line_metric_bar(&l, m, BAR_WIDTH);
    line_pad(&l, bar + BAR_WIDTH + 2);
    line_add(&l, TONE_DIM, str_text(&limits));
    if (limits.len > 0) {
        line_pad(&l, bar + BAR_WIDTH + 2 + w.limits + 2);
        line_add(&l, m->verdict == METRIC_OK ? TONE_GOOD : TONE_WARN, text_metric_verdict(m));
    }
    end_line(s);
}

static void add_metrics(struct summary *s) {
    struct widths w = metric_widths(s);
    const char *label = "metrics";
    for (size_t i = 0; i < s->report->n_steps; i++) {
        const struct report_step *step = s->report->steps[i];
        for (size_t k = 0; k < step->n_metrics; k++) {
            add_metric(s, label, &step->metrics[k], w);
            label = "";
        }
    }
}

/* ---- failures ---- */

/* The last lines that are not blank: programs say last why they gave up. */
static const char *last_lines(const char *text, size_t n) {
    size_t at = strlen(text);
    while (at > 0 && (text[at - 1] == '\n' || text[at - 1] == ' ')) {
        at--;
    }
    for (; at > 0; at--) {
        if (text[at - 1] == '\n' && --n == 0) {
            break;
        }
    }
    return text + at;
}

static void add_quote(struct summary *s, const char *text) {
    for (const char *at = last_lines(text, STDERR_LINES); *at != '\0';) {
        size_t len = strcspn(at, "\n");
        if (len > 0) {
            struct line l = labelled(s, "");
            line_glyph(&l, TONE_DIM, GLYPH_QUOTE);
            line_add(&l, TONE_PLAIN, " ");
            line_add_len(&l, TONE_PLAIN, at, len);
            end_line(s);
        }
        at += len + (at[len] == '\n');
    }
}

static void add_labelled(struct summary *s, enum tone tone, const char *before, const char *text) {
    struct line l = labelled(s, "");
    line_addf(&l, tone, "%s%s", before, text);
    end_line(s);
}

static void add_attempt(struct summary *s, const struct report_attempt *a) {
    if (a->summary != NULL) {
        bool is_command = a->n_argv > 0 && (a->role == NULL || strcmp(a->role, "http") != 0);
        add_labelled(s, TONE_DIM, is_command ? "$ " : "", a->summary);
    }
    if (a->stderr_text != NULL) {
        add_quote(s, a->stderr_text);
    } else if (a->stdout_text != NULL) {
        add_quote(s, a->stdout_text);
    }
    if (a->stderr_log != NULL && a->is_cut) {
        add_labelled(s, TONE_DIM, "whole output: ", a->stderr_log);
    }
}

static void add_failure(struct summary *s, const struct report_step *step) {
    const struct report_attempt *a = report_step_decisive(step);
    AUTO(str) struct str path = STR_INIT(0);
    struct line l = labelled(s, step_status_names[step->status]);
    text_step_path(&path, s->report, step);
    line_add(&l, TONE_BOLD, str_text(&path));
    if (step->error_class != CLASS_NONE) {
        line_addf(&l, TONE_BAD, "  %s", error_class_names[step->error_class]);
    }
    if (step->message != NULL) {
        line_addf(&l, TONE_PLAIN, ": %s", step->message);
    }
    end_line(s);
    if (step->file != NULL && step->line > 0) {
        l = labelled(s, "");
        line_addf(&l, TONE_DIM, "%s:%u", step->file, step->line);
        end_line(s);
    }
    if (a != NULL && step->status == STEP_FAILED) {
        add_attempt(s, a);
    }
    if (step->hint != NULL) {
        add_labelled(s, TONE_LIVE, "hint: ", step->hint);
    }
}

static void add_failures(struct summary *s, enum step_status status) {
    size_t n = 0;
    for (size_t i = 0; i < s->report->n_steps; i++) {
        const struct report_step *step = s->report->steps[i];
        if (step->status != status || !report_step_is_case(s->report, step)) {
            continue;
        }
        if (n++ < FAILURES_MAX) {
            add_failure(s, step);
        }
    }
    if (n > FAILURES_MAX) {
        struct line l = labelled(s, "");
        line_addf(&l, TONE_PLAIN, "and %zu more, see the report", n - FAILURES_MAX);
        end_line(s);
    }
}

/* ---- all of it ---- */

static void add_file(struct summary *s, const struct console_file *file) {
    struct line l = labelled(s, file->what);
    line_add(&l, TONE_PLAIN, file->path);
    end_line(s);
}

void console_summary(struct console *c, const struct console_file *files, size_t n_files) {
    if (c->options.format == CONSOLE_JSON) {
        return;
    }
    struct summary s = {.c = c,
                        .report = c->options.report,
                        .counts = run_report_counts(c->options.report),
                        .text = STR_INIT(0)};
    bool is_quiet = c->options.verbosity <= CONSOLE_QUIET;
    console_log_end(c);
    if (!is_quiet) {
        str_add_char(&s.text, '\n');
    }
    add_verdict(&s);
    if (!is_quiet) {
        add_tally(&s);
        add_changes(&s);
        add_metrics(&s);
        add_failures(&s, STEP_TOLERATED);
    }
    add_failures(&s, STEP_FAILED);
    for (size_t i = 0; !is_quiet && i < n_files; i++) {
        add_file(&s, &files[i]);
    }
    outlet_add(&c->outlet, str_text(&s.text), s.text.len);
    str_release(&s.text);
}
