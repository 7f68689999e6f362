/*
 * Lines that know how wide they are. Colour codes take no width, so every text goes in with its tone and nothing ever
 * cuts a finished line.
 */
#include "line_priv.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "event/run_report.h"
#include "value/value.h"

static const char *const tone_codes[TONE_COUNT] = {
    [TONE_PLAIN] = "",        [TONE_GOOD] = "\x1b[32m", [TONE_BAD] = "\x1b[31m",
    [TONE_WARN] = "\x1b[33m", [TONE_LIVE] = "\x1b[36m", [TONE_DIM] = "\x1b[2m",
    [TONE_BOLD] = "\x1b[1m",
};

static const char *const glyphs[GLYPH_COUNT][2] = {
    [GLYPH_DONE] = {"+", "✓"},      [GLYPH_FAILED] = {"x", "✗"},    [GLYPH_TOLERATED] = {"!", "!"},
    [GLYPH_SKIPPED] = {"-", "–"},   [GLYPH_CANCELLED] = {"#", "■"}, [GLYPH_RUNNING] = {">", "▸"},
    [GLYPH_WAITING] = {"o", "◦"},   [GLYPH_RETRY] = {"~", "↻"},     [GLYPH_NOTICE] = {"*", "·"},
    [GLYPH_QUOTE] = {"|", "│"},     [GLYPH_DOT] = {"-", "·"},       [GLYPH_CUT] = {"~", "…"},
    [GLYPH_BAR_FULL] = {"#", "█"},  [GLYPH_BAR_EMPTY] = {".", "░"}, [GLYPH_BAR_LIMIT] = {"|", "┃"},
    [GLYPH_AT_LEAST] = {">=", "≥"}, [GLYPH_AT_MOST] = {"<=", "≤"},
};

struct line line_begin(struct str *out, const struct look *look, unsigned width) {
    return (struct line){.out = out, .look = look, .width = width};
}

static void set_tone(const struct line *l, enum tone tone) {
    if (l->look->has_color && tone != TONE_PLAIN) {
        str_add(l->out, tone_codes[tone]);
    }
}

static void end_tone(const struct line *l, enum tone tone) {
    if (l->look->has_color && tone != TONE_PLAIN) {
        str_add(l->out, "\x1b[0m");
    }
}

/* Adds the characters that fit into `room` columns; returns the columns taken. */
static unsigned add_fitting(struct str *out, const char *text, size_t len, unsigned room) {
    unsigned used = 0;
    for (size_t at = 0; at < len;) {
        unsigned cp = 0;
        size_t n = utf8_decode(text + at, len - at, &cp);
        unsigned width = (unsigned)utf8_width(cp);
        if (used + width > room) {
            break;
        }
        str_add_bytes(out, text + at, n);
        used += width;
        at += n;
    }
    return used;
}

static void add_safe(struct line *l, enum tone tone, const char *text, size_t len) {
    unsigned room = l->width == LINE_UNLIMITED ? LINE_UNLIMITED : l->width - l->used;
    size_t width = utf8_text_width(text, len);
    if (l->is_cut || len == 0) {
        return;
    }
    set_tone(l, tone);
    if (width <= room) {
        str_add_bytes(l->out, text, len);
        l->used += (unsigned)width;
    } else {
        l->is_cut = true;
        l->used += room == 0 ? 0 : add_fitting(l->out, text, len, room - 1);
        if (l->used < l->width) {
            str_add(l->out, glyphs[GLYPH_CUT][l->look->has_unicode]);
            l->used++;
        }
    }
    end_tone(l, tone);
}

void line_add_len(struct line *l, enum tone tone, const char *text, size_t len) {
    AUTO(str) struct str safe = STR_INIT(0);
    utf8_add_safe(&safe, text, len);
    for (size_t i = 0; i < safe.len; i++) {
        if (safe.data[i] == '\n' || safe.data[i] == '\t') {
            safe.data[i] = ' ';
        }
    }
    add_safe(l, tone, str_text(&safe), safe.len);
}

void line_add(struct line *l, enum tone tone, const char *text) {
    line_add_len(l, tone, text, strlen(text));
}

void line_addf(struct line *l, enum tone tone, const char *fmt, ...) {
    AUTO(str) struct str text = STR_INIT(0);
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(&text, fmt, ap);
    va_end(ap);
    line_add_len(l, tone, str_text(&text), text.len);
}

void line_glyph(struct line *l, enum tone tone, enum glyph glyph) {
    const char *text = glyphs[glyph][l->look->has_unicode];
    add_safe(l, tone, text, strlen(text));
}

void line_pad(struct line *l, unsigned column) {
    while (l->used < column && !l->is_cut) {
        add_safe(l, TONE_PLAIN, " ", 1);
    }
}

void line_add_right(struct line *l, enum tone tone, const char *text, unsigned width) {
    size_t taken = utf8_text_width(text, strlen(text));
    line_pad(l, l->used + (taken < width ? width - (unsigned)taken : 0));
    line_add(l, tone, text);
}

/* ---- durations ---- */

static void add_long_duration(struct str *out, int64_t seconds) {
    if (seconds < 3600) {
        str_addf(out, "%dm %02ds", (int)(seconds / 60), (int)(seconds % 60));
    } else {
        str_addf(out, "%lldh %02dm", (long long)(seconds / 3600), (int)(seconds / 60 % 60));
    }
}

void text_duration(struct str *out, int64_t ms) {
    if (ms < 1000) {
        str_addf(out, "%d ms", ms < 0 ? 0 : (int)ms);
    } else if (ms < 9950) {
        int64_t tenths = (ms + 50) / 100;
        str_addf(out, "%d.%d s", (int)(tenths / 10), (int)(tenths % 10));
    } else if (ms < 59500) {
        str_addf(out, "%d s", (int)((ms + 500) / 1000));
    } else {
        add_long_duration(out, (ms + 500) / 1000);
    }
}

void text_elapsed(struct str *out, int64_t ms) {
    if (ms < 60000) {
        str_addf(out, "%d s", ms < 0 ? 0 : (int)(ms / 1000));
    } else {
        add_long_duration(out, ms / 1000);
    }
}

/* ---- metrics ---- */

static bool number_of(const struct value *v, double *ret_number) {
    if (v == NULL || v->type != VALUE_NUMBER || !isfinite(v->aux.number)) {
        return false;
    }
    *ret_number = v->aux.number;
    return true;
}

/* The end of the scale: 1 for shares, else a bit past the largest number involved. */
static double scale_end(double value, double lower, double upper) {
    double largest = fmax(value, fmax(lower, upper));
    return largest <= 1.0 ? 1.0 : largest * 1.25;
}

static unsigned cell_of(double number, double end, unsigned width) {
    double cell = number / end * (double)width;
    return cell <= 0 ? 0 : cell >= (double)width ? width : (unsigned)cell;
}

void line_metric_bar(struct line *l, const struct report_metric *m, unsigned width) {
    double value = 0;
    double lower = 0;
    double upper = 0;
    bool has_lower = number_of(m->lower_limit, &lower);
    bool has_upper = number_of(m->upper_limit, &upper);
    if (!number_of(m->value, &value) || value < 0 || lower < 0 || upper < 0) {
        return;
    }
    double end = scale_end(value, lower, upper);
    unsigned filled = cell_of(value, end, width);
    unsigned lower_cell = has_lower ? cell_of(lower, end, width) : width;
    unsigned upper_cell = has_upper ? cell_of(upper, end, width) : width;
    enum tone tone = m->verdict == METRIC_OK ? TONE_GOOD : TONE_WARN;
    for (unsigned i = 0; i < width; i++) {
        if (i == lower_cell || i == upper_cell) {
            line_glyph(l, TONE_PLAIN, GLYPH_BAR_LIMIT);
        } else {
            line_glyph(l, i < filled ? tone : TONE_DIM,
                       i < filled ? GLYPH_BAR_FULL : GLYPH_BAR_EMPTY);
        }
    }
}

void text_metric_value(struct str *out, const struct report_metric *m) {
    str_add(out, m->value->type == VALUE_NUMBER ? m->value->as.text : "none");
    if (m->unit != NULL) {
        str_addf(out, " %s", m->unit);
    }
}

void text_limits(struct str *out, const struct look *look, const struct report_metric *m) {
    if (m->lower_limit != NULL) {
        str_addf(out, "%s %s", glyphs[GLYPH_AT_LEAST][look->has_unicode], m->lower_limit->as.text);
    }
    if (m->upper_limit != NULL) {
        str_addf(out, "%s%s %s", m->lower_limit == NULL ? "" : " and ",
                 glyphs[GLYPH_AT_MOST][look->has_unicode], m->upper_limit->as.text);
    }
}

const char *text_metric_verdict(const struct report_metric *m) {
    static const char *const texts[METRIC_VERDICT_COUNT] = {
        [METRIC_OK] = "ok",
        [METRIC_BELOW] = "below its limit",
        [METRIC_ABOVE] = "above its limit",
        [METRIC_MISSING] = "missing",
    };
    return texts[m->verdict];
}

/* ---- steps ---- */

const char *text_wait_state(const struct report_wait *w) {
    return w->state != NULL ? w->state : w->is_done ? "ready" : "not ready";
}

bool text_is_item_of(const struct report_step *step, const struct report_step *parent) {
    size_t len = strlen(parent->id);
    return strncmp(step->id, parent->id, len) == 0 && step->id[len] == '[';
}

void text_step_path(struct str *out, const struct run_report *r, const struct report_step *step) {
    if (step->parent >= 0) {
        const struct report_step *parent = r->steps[step->parent];
        if (!text_is_item_of(step, parent)) {
            text_step_path(out, r, parent);
            str_add_char(out, '/');
        } else if (parent->parent >= 0) {
            text_step_path(out, r, r->steps[parent->parent]);
            str_add_char(out, '/');
        }
    }
    str_add(out, step->id);
}

void text_make_unique(struct map *names, struct str *name) {
    size_t len = name->len;
    for (unsigned n = 2; map_get(names, str_text(name)) != NULL; n++) {
        str_cut(name, len);
        str_addf(name, " #%u", n);
    }
    map_put(names, str_text(name), names);
}
