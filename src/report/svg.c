/*
 * The pieces of a picture: text, boxes, lines, and the two palettes.
 */
#include "svg_priv.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "event/run_report.h"
#include "report/xml.h"

/* The same colours as in report.css. */
static const char *const palette[SVG_THEME_COUNT][SVG_COLOR_COUNT] = {
    [SVG_LIGHT] =
        {
            [SVG_INK] = "#1f2328",
            [SVG_DIM] = "#5a636e",
            [SVG_LINE] = "#d5d9df",
            [SVG_CARD] = "#ffffff",
            [SVG_PANEL] = "#f6f7f8",
            [SVG_OK] = "#1a7f4e",
            [SVG_OK_SOFT] = "#cfe9da",
            [SVG_BAD] = "#c62f3b",
            [SVG_BAD_SOFT] = "#f6d5d6",
            [SVG_WARN] = "#b7791f",
            [SVG_WARN_SOFT] = "#f7e4bd",
            [SVG_LIVE] = "#2f6fb3",
            [SVG_LIVE_SOFT] = "#d3e4f6",
            [SVG_SKIP] = "#8a939e",
            [SVG_SKIP_SOFT] = "#e6e9ed",
        },
    [SVG_DARK] =
        {
            [SVG_INK] = "#e6e8eb",
            [SVG_DIM] = "#a0a8b2",
            [SVG_LINE] = "#3a4149",
            [SVG_CARD] = "#262c33",
            [SVG_PANEL] = "#191d21",
            [SVG_OK] = "#4cc38a",
            [SVG_OK_SOFT] = "#1f4633",
            [SVG_BAD] = "#f2777f",
            [SVG_BAD_SOFT] = "#5a2429",
            [SVG_WARN] = "#e0ad50",
            [SVG_WARN_SOFT] = "#54401a",
            [SVG_LIVE] = "#6fb1f0",
            [SVG_LIVE_SOFT] = "#203c58",
            [SVG_SKIP] = "#7d8791",
            [SVG_SKIP_SOFT] = "#30363d",
        },
};

const char *svg_color(const struct svg *s, enum svg_color color) {
    return palette[s->theme][color];
}

void svg_begin(struct svg *s, double width, double height, const char *title) {
    s->height = height;
    str_addf(s->out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
             "viewBox=\"0 0 %.0f %.0f\" font-family=\"system-ui, -apple-system, 'Segoe UI', "
             "Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif\">\n<title>",
             width, height, width, height);
    xml_add_text(s->out, title);
    str_add(s->out, "</title>\n");
}

void svg_end(struct svg *s) {
    str_add(s->out, "</svg>\n");
}

/* Cut at the width of so many columns, with a mark. */
static void add_cut(struct str *out, const char *text, unsigned columns) {
    size_t len = strlen(text);
    if (columns == 0 || utf8_text_width(text, len) <= columns) {
        xml_add(out, text, len);
        return;
    }
    size_t at = 0;
    size_t taken = 0;
    while (at < len) {
        unsigned cp = 0;
        size_t n = utf8_decode(text + at, len - at, &cp);
        size_t width = utf8_text_width(text + at, n);
        if (taken + width + 1 > columns) {
            break;
        }
        at += n;
        taken += width;
    }
    xml_add(out, text, at);
    str_add(out, "…");
}

void svg_add_text(struct svg *s, const struct svg_text *how, const char *text) {
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    str_addf(s->out, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%g\" fill=\"%s\"%s%s>", how->x,
             how->y, how->size, svg_color(s, how->color), anchors[how->anchor],
             how->is_bold ? " font-weight=\"600\"" : "");
    add_cut(s->out, text, how->columns);
    str_add(s->out, "</text>\n");
}

void svg_add_box(struct svg *s, const struct svg_box *box) {
    str_addf(s->out,
             "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%g\" fill=\"%s\"",
             box->x, box->y, box->width, box->height, box->radius, svg_color(s, box->fill));
    if (box->has_stroke) {
        str_addf(s->out, " stroke=\"%s\"", svg_color(s, box->stroke));
    }
    str_add(s->out, "/>\n");
}

void svg_add_line(struct svg *s, double x1, double y1, double x2, double y2, enum svg_color color,
                  bool is_dashed) {
    str_addf(s->out, "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"%s\"%s/>\n", x1, y1, x2, y2,
             svg_color(s, color), is_dashed ? " stroke-dasharray=\"3 3\"" : "");
}

enum svg_color svg_step_color(const struct report_step *step) {
    static const enum svg_color colors[STEP_STATUS_COUNT] = {
        [STEP_PENDING] = SVG_SKIP,   [STEP_RUNNING] = SVG_LIVE,   [STEP_SUCCEEDED] = SVG_OK,
        [STEP_FAILED] = SVG_BAD,     [STEP_TOLERATED] = SVG_WARN, [STEP_SKIPPED] = SVG_SKIP,
        [STEP_CANCELLED] = SVG_SKIP,
    };
    bool is_unstable = step->is_unstable && step->status == STEP_SUCCEEDED;
    return is_unstable ? SVG_WARN : colors[step->status];
}

enum svg_color svg_soft(enum svg_color color) {
    static const enum svg_color soft[SVG_COLOR_COUNT] = {
        [SVG_OK] = SVG_OK_SOFT,     [SVG_BAD] = SVG_BAD_SOFT,   [SVG_WARN] = SVG_WARN_SOFT,
        [SVG_LIVE] = SVG_LIVE_SOFT, [SVG_SKIP] = SVG_SKIP_SOFT,
    };
    return soft[color];
}

void svg_add_id(struct svg *s, double x, double right, double baseline, enum svg_color color,
                bool is_bold, const char *id) {
    double room = right - x;
    struct svg_text how = {.x = x,
                           .y = baseline,
                           .size = SVG_TEXT,
                           .color = color,
                           .is_bold = is_bold,
                           .columns = room < svg_text_width(2, SVG_TEXT)
                                          ? 1
                                          : (unsigned)(room / svg_text_width(1, SVG_TEXT))};
    svg_add_text(s, &how, id);
}

double svg_add_took(struct svg *s, double right, double baseline, const char *text) {
    struct svg_text how = {
        .x = right, .y = baseline, .size = SVG_SMALL, .color = SVG_DIM, .anchor = SVG_END};
    if (text[0] != '\0') {
        svg_add_text(s, &how, text);
    }
    return right - svg_text_width(utf8_text_width(text, strlen(text)), SVG_SMALL);
}

double svg_text_width(size_t columns, double size) {
    return (double)columns * size * 0.58;
}
