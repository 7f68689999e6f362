/*
 * When each step ran: one row a step, its calls as solid bars, the states that a wait saw as spans with their names.
 *
 * Of a long run the rows are chosen: what did not succeed, then waits, then what took longest, each below what it stands in, and all
 * in their order.
 */
#include "svg_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "event/run_report.h"
#include "line_priv.h"

enum { ROWS_MAX = 200, TICKS_MAX = 8, INDENT_MAX = 5 };
static const double label_width = 216;
static const double plot_width = 720;
static const double took_width = 84;
static const double row_height = 22;
static const double bar_height = 12;
static const double head_height = 30;
static const double foot_height = 34;

struct timeline {
    struct svg *svg;
    const struct run_report *report;
    int64_t total_ms;
    const struct report_step **rows;
    size_t n_rows;
    struct svg_left_out left_out;
};

/* ---- rows ---- */

static bool is_fine(const struct report_step *step) {
    return step->status == STEP_SUCCEEDED && !step->is_unstable;
}

static int64_t end_of(const struct timeline *t, const struct report_step *step) {
    return step->ended_ms >= step->started_ms ? step->ended_ms : t->total_ms;
}

static int by_weight(const void *a, const void *b) {
    const struct report_step *x = *(const struct report_step *const *)a;
    const struct report_step *y = *(const struct report_step *const *)b;
    if (is_fine(x) != is_fine(y)) {
        return is_fine(x) ? 1 : -1;
    }
    if ((x->n_waits > 0) != (y->n_waits > 0)) {
        return x->n_waits > 0 ? -1 : 1;
    }
    if (x->duration_ms != y->duration_ms) {
        return x->duration_ms > y->duration_ms ? -1 : 1;
    }
    return x->index < y->index ? -1 : 1;
}

/* How many rows the step needs: its own and those of what it stands in, unless they are there. */
static size_t rows_of(const struct run_report *r, const bool *is_kept,
                      const struct report_step *step) {
    size_t n = is_kept[step->index] ? 0 : 1;
    while (step->parent >= 0 && n < ROWS_MAX) {
        step = r->steps[step->parent];
        n += !is_kept[step->index];
    }
    return n;
}

static void keep(const struct run_report *r, bool *is_kept, const struct report_step *step) {
    is_kept[step->index] = true;
    while (step->parent >= 0 && !is_kept[step->parent]) {
        step = r->steps[step->parent];
        is_kept[step->index] = true;
    }
}

static void note_left_out(struct svg_left_out *left_out, const struct report_step *step) {
    left_out->n++;
    bool is_first = left_out->first == NULL || step->index < left_out->first->index;
    left_out->first = is_first ? step : left_out->first;
}

static void keep_heaviest(struct timeline *t, const struct report_step *const *order) {
    const struct run_report *r = t->report;
    bool *is_kept = mem_zalloc(r->n_steps + 1, sizeof *is_kept);
    size_t room = ROWS_MAX;
    qsort((void *)t->rows, t->n_rows, sizeof *t->rows, by_weight);
    for (size_t i = 0; i < t->n_rows && room > 0; i++) {
        size_t n = rows_of(r, is_kept, t->rows[i]);
        if (n <= room) {
            keep(r, is_kept, t->rows[i]);
            room -= n;
        }
    }
    t->n_rows = 0;
    for (size_t i = 0; i < r->n_steps; i++) {
        if (is_kept[order[i]->index]) {
            t->rows[t->n_rows++] = order[i];
        } else if (order[i]->started_ms >= 0) {
            note_left_out(&t->left_out, order[i]);
        }
    }
    mem_free(is_kept);
}

static void choose_rows(struct timeline *t) {
    const struct run_report *r = t->report;
    const struct report_step **order = run_report_order(r);
    t->rows = mem_zalloc(r->n_steps + 1, sizeof *t->rows);
    t->total_ms = 1;
    for (size_t i = 0; i < r->n_steps; i++) {
        const struct report_step *step = order[i];
        if (step->started_ms >= 0) {
            t->rows[t->n_rows++] = step;
            t->total_ms = step->started_ms > t->total_ms ? step->started_ms : t->total_ms;
            t->total_ms = step->ended_ms > t->total_ms ? step->ended_ms : t->total_ms;
        }
    }
    t->total_ms = r->duration_ms > t->total_ms ? r->duration_ms : t->total_ms;
    if (t->n_rows > ROWS_MAX) {
        keep_heaviest(t, order);
    }
    mem_free((void *)order);
}

/* ---- the axis ---- */

static double x_of(const struct timeline *t, int64_t ms) {
    ms = ms < 0 ? 0 : ms > t->total_ms ? t->total_ms : ms;
    return label_width + (double)ms / (double)t->total_ms * plot_width;
}

static int64_t tick_distance(int64_t total_ms) {
    static const int64_t nice[] = {1,       2,       5,        10,       20,       50,      100,
                                   200,     500,     1000,     2000,     5000,     10000,   15000,
                                   30000,   60000,   120000,   300000,   600000,   900000,  1800000,
                                   3600000, 7200000, 10800000, 21600000, 43200000, 86400000};
    for (size_t i = 0; i < sizeof nice / sizeof nice[0]; i++) {
        if (total_ms / nice[i] <= TICKS_MAX) {
            return nice[i];
        }
    }
    return total_ms / TICKS_MAX;
}

static void add_axis(struct timeline *t, double height) {
    int64_t distance = tick_distance(t->total_ms);
    for (int64_t ms = 0; ms <= t->total_ms; ms += distance) {
        AUTO(str) struct str text = STR_INIT(0);
        double x = x_of(t, ms);
        svg_add_line(t->svg, x, head_height - 6, x, height - foot_height + 2, SVG_LINE, false);
        if (ms == 0) {
            str_add(&text, "0");
        } else {
            text_duration(&text, ms);
        }
        struct svg_text how = {.x = x,
                               .y = head_height - 12,
                               .size = SVG_SMALL,
                               .color = SVG_DIM,
                               .anchor = SVG_MIDDLE};
        svg_add_text(t->svg, &how, str_text(&text));
    }
}

/* ---- bars ---- */

struct bar {
    int64_t from_ms;
    int64_t to_ms;
    double y;
    double height;
    enum svg_color fill;
};

static void add_bar(struct timeline *t, const struct bar *bar) {
    double x = x_of(t, bar->from_ms);
    double width = x_of(t, bar->to_ms) - x;
    width = width < 2 ? 2 : width;
    x = x + width > label_width + plot_width ? label_width + plot_width - width : x;
    struct svg_box box = {.x = x,
                          .y = bar->y,
                          .width = width,
                          .height = bar->height,
                          .radius = bar->height < 6 || width < 6 ? 1 : 3,
                          .fill = bar->fill};
    svg_add_box(t->svg, &box);
}

/* States of a wait, each as long as it was seen, with its name where that fits. */
static void add_waits(struct timeline *t, const struct report_step *step, double y) {
    for (size_t i = 0; i < step->n_waits; i++) {
        const struct report_wait *w = step->waits[i];
        add_bar(t, &(struct bar){w->since_ms, w->until_ms, y, bar_height,
                                 w->is_done ? SVG_OK_SOFT : SVG_LIVE_SOFT});
        double x = x_of(t, w->since_ms);
        double room = x_of(t, w->until_ms) - x - 6;
        if (room < svg_text_width(4, SVG_TINY)) {
            continue;
        }
        svg_add_line(t->svg, x, y, x, y + bar_height, SVG_LIVE, false);
        struct svg_text how = {.x = x + 4,
                               .y = y + bar_height - 3,
                               .size = SVG_TINY,
                               .color = SVG_INK,
                               .columns = (unsigned)(room / svg_text_width(1, SVG_TINY))};
        svg_add_text(t->svg, &how, text_wait_state(w));
    }
}

static void add_attempts(struct timeline *t, const struct report_step *step, double y,
                         double height) {
    for (size_t i = 0; i < step->n_attempts_kept; i++) {
        const struct report_attempt *a = step->attempts[i];
        int64_t end_ms = a->is_finished ? a->started_ms + a->duration_ms : end_of(t, step);
        bool has_failed = a->is_finished && a->error_class != CLASS_NONE;
        enum svg_color fill = !has_failed     ? svg_step_color(step)
                              : a->is_retried ? SVG_WARN
                                              : svg_step_color(step);
        add_bar(t, &(struct bar){a->started_ms, end_ms, y, height, fill});
    }
}

static void add_bars(struct timeline *t, const struct report_step *step, double y) {
    enum svg_color color = svg_step_color(step);
    if (step->n_children > 0) {
        add_bar(t, &(struct bar){step->started_ms, end_of(t, step), y + 4, 4, svg_soft(color)});
        return;
    }
    add_bar(t, &(struct bar){step->started_ms, end_of(t, step), y, bar_height, svg_soft(color)});
    if (step->n_waits > 0) {
        add_waits(t, step, y);
        add_attempts(t, step, y + bar_height - 2, 3);
    } else if (step->n_attempts_kept > 0) {
        add_attempts(t, step, y, bar_height);
    } else {
        add_bar(t, &(struct bar){step->started_ms, end_of(t, step), y, bar_height, color});
    }
}

/* ---- a row ---- */

static unsigned indent_of(const struct run_report *r, const struct report_step *step) {
    unsigned n = 0;
    while (step->parent >= 0 && n < INDENT_MAX) {
        step = r->steps[step->parent];
        n++;
    }
    return n;
}

static void add_row(struct timeline *t, const struct report_step *step, double y) {
    double indent = 12.0 * indent_of(t->report, step);
    double baseline = y + row_height / 2 + 4;
    svg_add_id(t->svg, indent, label_width - 8, baseline,
               is_fine(step) ? SVG_INK : svg_step_color(step),
               step->n_children > 0 || step->status == STEP_FAILED, step->id);
    add_bars(t, step, y + (row_height - bar_height) / 2);
    AUTO(str) struct str took = STR_INIT(0);
    text_duration(&took, end_of(t, step) - step->started_ms);
    (void)svg_add_took(t->svg, label_width + plot_width + took_width, baseline, str_text(&took));
}

/* ---- what the colours mean ---- */

static void add_legend(struct timeline *t, double y) {
    static const struct {
        enum svg_color color;
        const char *text;
    } keys[] = {{SVG_OK, "call"},
                {SVG_WARN, "call that was tried again"},
                {SVG_BAD, "failed"},
                {SVG_OK_SOFT, "between calls"},
                {SVG_LIVE_SOFT, "waiting, with what was seen"}};
    double x = label_width;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        svg_add_box(
            t->svg,
            &(struct svg_box){
                .x = x, .y = y - 9, .width = 14, .height = 10, .radius = 2, .fill = keys[i].color});
        svg_add_text(t->svg,
                     &(struct svg_text){.x = x + 20, .y = y, .size = SVG_SMALL, .color = SVG_DIM},
                     keys[i].text);
        x += 44 + svg_text_width(strlen(keys[i].text), SVG_SMALL);
    }
}

bool svg_timeline(struct svg *s, const struct run_report *r, struct svg_left_out *ret_left_out) {
    struct timeline t = {.svg = s, .report = r};
    choose_rows(&t);
    if (t.n_rows > 0) {
        double height = head_height + row_height * (double)t.n_rows + foot_height;
        svg_begin(s, label_width + plot_width + took_width, height, "Timeline");
        add_axis(&t, height);
        for (size_t i = 0; i < t.n_rows; i++) {
            add_row(&t, t.rows[i], head_height + row_height * (double)i);
        }
        add_legend(&t, height - 8);
        svg_end(s);
        *ret_left_out = t.left_out;
    }
    mem_free((void *)t.rows);
    return t.n_rows > 0;
}
