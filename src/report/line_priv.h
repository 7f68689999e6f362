/*
 * Lines of coloured text that fit a width, and the words and numbers that consoles and summaries share.
 */
#ifndef REPORT_LINE_PRIV_H
#define REPORT_LINE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map;
struct report_metric;
struct report_step;
struct report_wait;
struct run_report;
struct str;

enum tone {
    TONE_PLAIN,
    TONE_GOOD,
    TONE_BAD,
    TONE_WARN,
    TONE_LIVE,
    TONE_DIM,
    TONE_BOLD,
    TONE_COUNT
};

enum glyph {
    GLYPH_DONE,
    GLYPH_FAILED,
    GLYPH_TOLERATED,
    GLYPH_SKIPPED,
    GLYPH_CANCELLED,
    GLYPH_RUNNING,
    GLYPH_WAITING,
    GLYPH_RETRY,
    GLYPH_NOTICE,
    GLYPH_QUOTE,
    GLYPH_DOT,
    GLYPH_CUT,
    GLYPH_BAR_FULL,
    GLYPH_BAR_EMPTY,
    GLYPH_BAR_LIMIT,
    GLYPH_AT_LEAST,
    GLYPH_AT_MOST,
    GLYPH_COUNT
};

struct look {
    bool has_color;
    bool has_unicode;
};

/* A line being written to the end of `out`. Text past the width is cut with a mark; the line end is the caller's. */
struct line {
    struct str *out;
    const struct look *look;
    unsigned width; /* columns it may take, LINE_UNLIMITED */
    unsigned used;
    bool is_cut;
};
#define LINE_UNLIMITED (~0U)

struct line line_begin(struct str *out, const struct look *look, unsigned width);
/* Made safe to show; line ends and tabs become blanks. */
void line_add(struct line *l, enum tone tone, const char *text);
void line_add_len(struct line *l, enum tone tone, const char *text, size_t len);
void line_addf(struct line *l, enum tone tone, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void line_glyph(struct line *l, enum tone tone, enum glyph glyph);
/* Blanks up to this column. */
void line_pad(struct line *l, unsigned column);
/* Right-aligned in `width` columns. */
void line_add_right(struct line *l, enum tone tone, const char *text, unsigned width);

/* "820 ms", "1.2 s", "42 s", "2m 14s", "1h 02m". */
void text_duration(struct str *out, int64_t ms);
/* As text_duration, in whole seconds: for times that still grow. */
void text_elapsed(struct str *out, int64_t ms);

/* A bar of `width` cells with a mark at the limit; nothing when the metric has no number to draw. */
void line_metric_bar(struct line *l, const struct report_metric *m, unsigned width);
/* "0.83", "12 ms"; "none" when it is missing. */
void text_metric_value(struct str *out, const struct report_metric *m);
/* "≥ 0.8", "0.1 … 0.9"; empty without limits. */
void text_limits(struct str *out, const struct look *look, const struct report_metric *m);
/* "ok", "below its limit", "above its limit", "missing". */
const char *text_metric_verdict(const struct report_metric *m);
/* What a wait saw; "ready" or "not ready" where it has no name. */
const char *text_wait_state(const struct report_wait *w);
/* Ids from the outermost parent on, "setup/space": steps of a `use` may have the id of a step outside. */
void text_step_path(struct str *out, const struct run_report *r, const struct report_step *step);
/* True for an instance of a foreach: "upload[3]" in "upload". */
bool text_is_item_of(const struct report_step *step, const struct report_step *parent);
/* The second of equal names becomes "name #2"; takes the name. */
void text_make_unique(struct map *names, struct str *name);

#endif
