/*
 * One metric: as a bar on a scale with its limits, or as a line over earlier runs when there were any.
 */
#include "svg_priv.h"

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "event/run_report.h"
#include "report/report.h"
#include "value/value.h"

enum { POINTS_MAX = 30 };
static const double width = 280;
static const double height = 72;
static const double margin = 8;
static const double labels_width = 44; /* of a line, left of it */

struct scale {
    double low;
    double high;
};

static bool number_of(const struct value *v, double *ret_number) {
    if (v == NULL || v->type != VALUE_NUMBER || !isfinite(v->aux.number)) {
        return false;
    }
    *ret_number = v->aux.number;
    return true;
}

static void include(struct scale *scale, double number) {
    scale->low = fmin(scale->low, number);
    scale->high = fmax(scale->high, number);
}

/* What the metric of this name and step was in an earlier run. */
static bool earlier_number(const struct report_earlier *earlier, const struct report_step *step,
                           const char *name, double *ret_number) {
    const struct value *list = earlier->metrics;
    for (uint32_t i = 0; list != NULL && list->type == VALUE_LIST && i < list->len; i++) {
        const char *other = value_text(value_get(list->as.items[i], "name"));
        const char *other_step = value_text(value_get(list->as.items[i], "step"));
        if (other != NULL && strcmp(other, name) == 0 && other_step != NULL &&
            strcmp(other_step, step->id) == 0) {
            return number_of(value_get(list->as.items[i], "value"), ret_number);
        }
    }
    return false;
}

/* The newest runs last, this run's number at the end. */
static size_t collect(const struct report_source *source, const struct report_step *step,
                      const struct report_metric *m, double points[POINTS_MAX]) {
    size_t n = 0;
    size_t first = source->n_earlier >= POINTS_MAX ? source->n_earlier - (POINTS_MAX - 1) : 0;
    for (size_t i = first; i < source->n_earlier; i++) {
        double number = 0;
        if (earlier_number(&source->earlier[i], step, m->name, &number)) {
            points[n++] = number;
        }
    }
    double own = 0;
    if (number_of(m->value, &own)) {
        points[n++] = own;
    }
    return n;
}

static enum svg_color color_of(const struct report_metric *m) {
    return m->verdict == METRIC_OK ? SVG_OK : m->is_error ? SVG_BAD : SVG_WARN;
}

/* ---- one number: a bar ---- */

static double bar_x(const struct scale *scale, double number) {
    return margin + (number - scale->low) / (scale->high - scale->low) * (width - 2 * margin);
}

static void add_mark(struct svg *s, const struct scale *scale, const struct value *limit) {
    double number = 0;
    if (!number_of(limit, &number)) {
        return;
    }
    double x = bar_x(scale, number);
    svg_add_line(s, x, 18, x, 50, SVG_INK, false);
    struct svg_text how = {.x = x,
                           .y = 64,
                           .size = 11,
                           .color = SVG_DIM,
                           .anchor = x < 40           ? SVG_START
                                     : x > width - 40 ? SVG_END
                                                      : SVG_MIDDLE,
                           .columns = 12};
    svg_add_text(s, &how, limit->as.text);
}

static void draw_bar(struct svg *s, const struct report_metric *m, double number) {
    struct scale scale = {0, 0};
    double limit = 0;
    include(&scale, number);
    if (number_of(m->lower_limit, &limit)) {
        include(&scale, limit);
    }
    if (number_of(m->upper_limit, &limit)) {
        include(&scale, limit);
    }
    scale.high = scale.low >= 0 && scale.high <= 1 ? 1 : scale.high + (scale.high - scale.low) / 5;
    scale.high = scale.high > scale.low ? scale.high : scale.low + 1;
    struct svg_box track = {.x = margin,
                            .y = 28,
                            .width = width - 2 * margin,
                            .height = 12,
                            .radius = 6,
                            .fill = SVG_SKIP_SOFT};
    svg_add_box(s, &track);
    double zero = bar_x(&scale, scale.low < 0 ? 0 : scale.low);
    double end = bar_x(&scale, number);
    struct svg_box bar = {.x = fmin(zero, end),
                          .y = 28,
                          .width = fmax(fabs(end - zero), 4),
                          .height = 12,
                          .radius = 6,
                          .fill = color_of(m)};
    svg_add_box(s, &bar);
    add_mark(s, &scale, m->lower_limit);
    add_mark(s, &scale, m->upper_limit);
}

/* ---- many numbers: a line ---- */

static double line_y(const struct scale *scale, double number) {
    double share = (number - scale->low) / (scale->high - scale->low);
    return height - margin - 4 - share * (height - 2 * margin - 8);
}

static void add_limit_line(struct svg *s, const struct scale *scale, const struct value *limit) {
    double number = 0;
    if (number_of(limit, &number)) {
        double y = line_y(scale, number);
        svg_add_line(s, margin + labels_width, y, width - margin, y, SVG_DIM, true);
        struct svg_text how = {
            .x = margin, .y = y + 3.5, .size = 10, .color = SVG_DIM, .columns = 7};
        svg_add_text(s, &how, limit->as.text);
    }
}

static void add_points(struct svg *s, const struct scale *scale, const struct report_metric *m,
                       const double *points, size_t n) {
    double left = margin + labels_width + 6;
    double distance = (width - margin - 6 - left) / (double)(n - 1);
    str_addf(s->out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" d=\"",
             svg_color(s, SVG_LIVE));
    for (size_t i = 0; i < n; i++) {
        str_addf(s->out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', left + distance * (double)i,
                 line_y(scale, points[i]));
    }
    str_add(s->out, "\"/>\n");
    for (size_t i = 0; i < n; i++) {
        bool is_own = i + 1 == n;
        str_addf(s->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%s\" fill=\"%s\"/>\n",
                 left + distance * (double)i, line_y(scale, points[i]), is_own ? "4.5" : "2",
                 svg_color(s, is_own ? color_of(m) : SVG_LIVE));
    }
}

static void draw_line(struct svg *s, const struct report_metric *m, const double *points,
                      size_t n) {
    struct scale scale = {points[0], points[0]};
    double limit = 0;
    for (size_t i = 1; i < n; i++) {
        include(&scale, points[i]);
    }
    if (number_of(m->lower_limit, &limit)) {
        include(&scale, limit);
    }
    if (number_of(m->upper_limit, &limit)) {
        include(&scale, limit);
    }
    if (scale.high - scale.low < 1e-12) {
        scale.low -= 1;
        scale.high += 1;
    }
    add_limit_line(s, &scale, m->lower_limit);
    add_limit_line(s, &scale, m->upper_limit);
    add_points(s, &scale, m, points, n);
}

void svg_metric(struct svg *s, const struct report_source *source, const struct report_step *step,
                const struct report_metric *m) {
    double points[POINTS_MAX];
    size_t n = collect(source, step, m, points);
    double own = 0;
    svg_begin(s, width, height, m->name);
    if (number_of(m->value, &own) && n > 1) {
        draw_line(s, m, points, n);
    } else if (number_of(m->value, &own)) {
        draw_bar(s, m, own);
    } else {
        svg_add_text(s,
                     &(struct svg_text){.x = width / 2,
                                        .y = height / 2 + 4,
                                        .size = 12,
                                        .color = SVG_DIM,
                                        .anchor = SVG_MIDDLE},
                     "no number");
    }
    svg_end(s);
}
