/*
 * Pictures of a run as SVG documents.
 *
 * They carry colours as presentation attributes only: a style element or attribute is what a strict Content-Security-Policy
 * refuses. A picture is therefore made twice, once for each theme.
 */
#ifndef REPORT_SVG_PRIV_H
#define REPORT_SVG_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report_metric;
struct report_source;
struct report_step;
struct run_report;
struct str;

enum svg_color {
    SVG_INK,   /* text */
    SVG_DIM,   /* text of less weight */
    SVG_LINE,  /* rules, edges */
    SVG_CARD,  /* background of a node */
    SVG_PANEL, /* of what holds nodes */
    SVG_OK,
    SVG_OK_SOFT,
    SVG_BAD,
    SVG_BAD_SOFT,
    SVG_WARN,
    SVG_WARN_SOFT,
    SVG_LIVE,
    SVG_LIVE_SOFT,
    SVG_SKIP,
    SVG_SKIP_SOFT,
    SVG_COLOR_COUNT
};

enum svg_theme { SVG_LIGHT, SVG_DARK, SVG_THEME_COUNT };

/* The same in all pictures: sizes of text. */
enum { SVG_TEXT = 12, SVG_SMALL = 11, SVG_TINY = 9 };

struct svg {
    struct str *out;
    enum svg_theme theme;
    double height; /* of the picture that was begun */
};

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

struct svg_text {
    double x;
    double y; /* of the baseline */
    double size;
    enum svg_color color;
    enum svg_anchor anchor;
    bool is_bold;
    unsigned columns; /* cut to so many, 0: not */
};

struct svg_box {
    double x;
    double y;
    double width;
    double height;
    double radius;
    enum svg_color fill;
    enum svg_color stroke;
    bool has_stroke;
};

void svg_begin(struct svg *s, double width, double height, const char *title);
void svg_end(struct svg *s);
const char *svg_color(const struct svg *s, enum svg_color color);
void svg_add_text(struct svg *s, const struct svg_text *how, const char *text);
void svg_add_box(struct svg *s, const struct svg_box *box);
void svg_add_line(struct svg *s, double x1, double y1, double x2, double y2, enum svg_color color,
                  bool is_dashed);
/* The colour of a step: by status, soft for its background. */
enum svg_color svg_step_color(const struct report_step *step);
enum svg_color svg_soft(enum svg_color color);
/* An id from x to at most `right`. */
void svg_add_id(struct svg *s, double x, double right, double baseline, enum svg_color color,
                bool is_bold, const char *id);
/* A duration, or another short word, that ends at `right`. Returns where it begins. */
double svg_add_took(struct svg *s, double right, double baseline, const char *text);
/* How wide a text of so many columns is at this size, about. */
double svg_text_width(size_t columns, double size);

/* Steps for which a picture has no room. */
struct svg_left_out {
    size_t n;
    const struct report_step *first; /* in order of declaration; NULL: none */
};

/* svg_timeline.c: what happened when. False: nothing was started, nothing is written. */
bool svg_timeline(struct svg *s, const struct run_report *r, struct svg_left_out *ret_left_out);
/* svg_graph.c: what waits for what. False: no step needs another. */
bool svg_graph(struct svg *s, const struct run_report *r, struct svg_left_out *ret_left_out);
/* svg_metric.c: one metric against its limits, with what it was in earlier runs. */
void svg_metric(struct svg *s, const struct report_source *source, const struct report_step *step,
                const struct report_metric *m);

#endif
