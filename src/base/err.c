/*
 * Errors as values: built where something is wrong, given a place and context on the way up,
 * rendered once.
 */
#include "base/err.h"

#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "maxima.h"

#include <string.h>

enum {
    SOURCE_COLUMNS = 160,  /* a longer source line is cut around the caret */
    NEAREST_MAX_NAME = 64, /* longer words are not looked up: nobody mistypes those by hand */
};

void err_release(struct err *err) {
    if (err == NULL) {
        return;
    }
    mem_free(err->message);
    mem_free(err->hint);
    mem_free(err->source_line);
    *err = (struct err)ERR_INIT;
}

/*
 * Moves the text out, at most LIMIT_MESSAGE long. What must be cut is masked first: half a secret
 * at the cut would no longer be recognised when the message is printed.
 */
static char *take_bounded(struct str *text) {
    if (text->len <= LIMIT_MESSAGE) {
        return str_take(text);
    }
    AUTO(str) struct str masked = STR_INIT(0);
    mask_add(&masked, str_text(text), text->len);
    static const char ellipsis[] = "…";
    if (masked.len > LIMIT_MESSAGE) {
        str_cut(&masked, LIMIT_MESSAGE - (sizeof ellipsis - 1));
        str_cut(&masked, utf8_valid_prefix(str_text(&masked), masked.len));
        str_add(&masked, ellipsis);
    }
    return str_take(&masked);
}

bool err_vset(struct err *err, const char *kind, const char *fmt, va_list ap) {
    AUTO(str) struct str text = STR_INIT(0);
    str_vaddf(&text, fmt, ap); /* before the release: an argument may be the old message */
    err_release(err);
    err->kind = kind;
    err->message = take_bounded(&text);
    return false;
}

bool err_set(struct err *err, const char *kind, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    err_vset(err, kind, fmt, ap);
    va_end(ap);
    return false;
}

bool err_wrap(struct err *err, const char *fmt, ...) {
    AUTO(str) struct str text = STR_INIT(0);
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(&text, fmt, ap);
    va_end(ap);
    str_addf(&text, ": %s", err->message == NULL ? "" : err->message);
    mem_free(err->message);
    err->message = take_bounded(&text);
    return false;
}

bool err_errno(struct err *err, const char *kind, int errnum, const char *fmt, ...) {
    AUTO(str) struct str text = STR_INIT(0);
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(&text, fmt, ap);
    va_end(ap);
    return err_set(err, kind, "%s: %s", str_text(&text), strerror(errnum));
}

void err_hint(struct err *err, const char *fmt, ...) {
    AUTO(str) struct str text = STR_INIT(0);
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(&text, fmt, ap);
    va_end(ap);
    mem_free(err->hint);
    err->hint = take_bounded(&text);
}

bool err_at(struct err *err, struct place place, const char *source_line) {
    if (err->place.line != 0) {
        return false;
    }
    err->place = place;
    if (source_line != NULL) {
        mem_free(err->source_line);
        err->source_line = mem_strdup(source_line);
    }
    return false;
}

void err_move(struct err *to, struct err *from) {
    if (to == from) {
        return;
    }
    err_release(to);
    *to = *from;
    *from = (struct err)ERR_INIT;
}

/* Masked and safe for a terminal. */
static void add_shown(struct str *out, const char *text, size_t len) {
    AUTO(str) struct str masked = STR_INIT(0);
    mask_add(&masked, text, len);
    utf8_add_safe(out, str_text(&masked), masked.len);
}

static void add_place(struct str *out, const struct place *place) {
    if (place->file != NULL) {
        add_shown(out, place->file, strlen(place->file));
    }
    if (place->line != 0) {
        str_addf(out, "%s%u:%u", place->file == NULL ? "line " : ":", place->line, place->col);
    }
    if (place->file != NULL || place->line != 0) {
        str_add(out, ": ");
    }
}

/* The source line (a window around the column when it is long) and a caret under the column. */
static void add_source(struct str *out, const char *line, unsigned col) {
    size_t len = strcspn(line, "\r\n");
    size_t n_before = col == 0 ? 0 : col - 1;
    size_t caret_at = utf8_offset(line, len, n_before);
    size_t from = 0;
    if (n_before > SOURCE_COLUMNS / 2 && len > SOURCE_COLUMNS) {
        from = utf8_offset(line, len, n_before - SOURCE_COLUMNS / 2);
    }
    size_t to = from + utf8_offset(line + from, len - from, SOURCE_COLUMNS);
    str_add(out, "  ");
    add_shown(out, line + from, to - from);
    str_add(out, "\n  ");
    AUTO(str) struct str before = STR_INIT(0);
    add_shown(&before, line + from, caret_at > from ? caret_at - from : 0);
    for (size_t at = 0; at < before.len;) {
        unsigned cp = 0;
        at += utf8_decode(before.data + at, before.len - at, &cp);
        if (cp == '\t') {
            str_add_char(out, '\t'); /* a tab is as wide as the tab above it */
        } else {
            str_add_repeat(out, ' ', (size_t)utf8_width(cp));
        }
    }
    str_add(out, "^\n");
}

void err_render(const struct err *err, const char *severity, struct str *out) {
    add_place(out, &err->place);
    str_addf(out, "%s[%s]: ", severity, err->kind == NULL ? "unknown" : err->kind);
    const char *message = err->message == NULL ? "" : err->message;
    add_shown(out, message, strlen(message));
    str_add_char(out, '\n');
    if (err->source_line != NULL && err->place.line != 0) {
        add_source(out, err->source_line, err->place.col);
    }
    if (err->hint != NULL) {
        str_add(out, "hint: ");
        add_shown(out, err->hint, strlen(err->hint));
        str_add_char(out, '\n');
    }
}

static size_t min3(size_t a, size_t b, size_t c) {
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Edit distance with adjacent swaps counted as one; both at most NEAREST_MAX_NAME long. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len) {
    size_t rows[3][NEAREST_MAX_NAME + 1];
    size_t *before_last = rows[0];
    size_t *last = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b_len; j++) {
        before_last[j] = 0;
        row[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t *oldest = before_last;
        before_last = last;
        last = row;
        row = oldest;
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
            bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (is_swap && before_last[j - 2] + 1 < row[j]) {
                row[j] = before_last[j - 2] + 1;
            }
        }
    }
    return row[b_len];
}

const char *err_nearest(const char *word, const char *const *names, size_t n_names) {
    size_t word_len = strlen(word);
    if (word_len > NEAREST_MAX_NAME) {
        return NULL;
    }
    const char *nearest = NULL;
    size_t least = 1 + (word_len + 1) / 3; /* one slip in a short word, a third of a long one */
    for (size_t i = 0; i < n_names; i++) {
        size_t name_len = strlen(names[i]);
        if (name_len > NEAREST_MAX_NAME) {
            continue;
        }
        size_t distance = edit_distance(word, word_len, names[i], name_len);
        if (distance < least && distance < name_len) {
            least = distance;
            nearest = names[i];
        }
    }
    return nearest;
}
