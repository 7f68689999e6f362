/*
 * Output -> clean lines, and the noise around a table. Read lines_read() for cleaning, lines_peel() for noise.
 *
 * The text is copied once into the arena, cleaned while it is copied: cells of a table then point into that copy.
 */
#include "lines_priv.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "maxima.h"

#define ESC '\x1b'

enum { PREAMBLE_LINES = 20 };

/* ---- cleaning -------------------------------------------------------------------------------- */

/* Length of the escape sequence that starts at text[0] == ESC: CSI, OSC (ended by BEL or ST), or two characters. */
static size_t escape_len(const char *text, size_t len) {
    if (len < 2) {
        return len;
    }
    size_t i = 2;
    if (text[1] == '[') {
        while (i < len && text[i] >= 0x20 && text[i] <= 0x3f) {
            i++;
        }
        return i < len ? i + 1 : len;
    }
    if (text[1] == ']') {
        while (i < len && text[i] != '\a' && text[i] != ESC) {
            i++;
        }
        if (i == len) {
            return len;
        }
        return text[i] == '\a' ? i + 1 : (i + 2 < len ? i + 2 : len);
    }
    /* `ESC ( B` and the like carry intermediate characters. */
    i = 1;
    while (i < len && text[i] >= 0x20 && text[i] <= 0x2f) {
        i++;
    }
    return i < len ? i + 1 : len;
}

/* Copies without escape sequences; `to` has room for `len` bytes. Returns what was written. */
static size_t copy_without_escapes(char *to, const char *text, size_t len) {
    size_t n = 0;
    for (size_t i = 0; i < len;) {
        const char *escape = memchr(text + i, ESC, len - i);
        size_t run = escape != NULL ? (size_t)(escape - (text + i)) : len - i;
        memcpy(to + n, text + i, run);
        n += run;
        i += run;
        if (i < len) {
            i += escape_len(text + i, len - i);
        }
    }
    return n;
}

/* What a terminal would leave of a line: its end is cut of CRs, then only what follows the last CR counts. */
static void drop_overwritten(const char **text, size_t *len) {
    while (*len > 0 && (*text)[*len - 1] == '\r') {
        (*len)--;
    }
    const char *cr = str_find_last(*text, *len, '\r');
    if (cr != NULL) {
        *len -= (size_t)(cr + 1 - *text);
        *text = cr + 1;
    }
}

/* True when every byte is printable ASCII: such a line needs no cleaning. Eight at a time, because most lines are. */
static bool has_only_plain_bytes(const char *text, size_t len) {
    const uint64_t ones = 0x0101010101010101;
    const uint64_t highs = 0x8080808080808080;
    uint64_t odd = 0;
    size_t i = 0;
    for (; len - i >= sizeof odd; i += sizeof odd) {
        uint64_t word;
        memcpy(&word, text + i, sizeof word);
        /* Below 0x20 the subtraction borrows, at 0x7f the addition carries into the high bit. */
        odd |= ((word - ones * 0x20) | (word + ones) | word) & highs;
    }
    for (; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        odd |= c < 0x20 || c >= 0x7f;
    }
    return odd == 0;
}

/* Replaces invalid bytes by U+FFFD in a text of its own. NULL when the arena is full. */
static bool repair_utf8(struct arena *a, struct line *line) {
    char *text = arena_try(a, 3 * line->len + 1);
    if (text == NULL) {
        return false;
    }
    size_t n = 0;
    for (size_t i = 0; i < line->len;) {
        size_t valid = utf8_valid_prefix(line->text + i, line->len - i);
        memcpy(text + n, line->text + i, valid);
        n += valid;
        i += valid;
        if (i < line->len) {
            memcpy(text + n, "\xEF\xBF\xBD", 3);
            n += 3;
            i++;
        }
    }
    text[n] = '\0';
    line->text = text;
    line->len = n;
    return true;
}

static size_t trimmed_len(const char *text, size_t len) {
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    return len;
}

/* Cleans one raw line into `to` (which has room for it and a NUL). Returns false when the arena is full. */
static bool clean_line(struct arena *a, const char *raw, size_t raw_len, char *to,
                       struct line *line) {
    line->text = to;
    line->is_ascii = has_only_plain_bytes(raw, raw_len);
    if (line->is_ascii) {
        line->len = trimmed_len(raw, raw_len);
        memcpy(to, raw, line->len);
        to[line->len] = '\0';
        return true;
    }
    drop_overwritten(&raw, &raw_len);
    line->len = trimmed_len(to, copy_without_escapes(to, raw, raw_len));
    to[line->len] = '\0';
    line->is_ascii = has_only_plain_bytes(to, line->len);
    return line->is_ascii || utf8_is_valid(to, line->len) || repair_utf8(a, line);
}

static size_t count_lines(const char *bytes, size_t len) {
    size_t n = 0;
    for (const char *p = bytes; len > 0 && (p = memchr(p, '\n', (size_t)(bytes + len - p))) != NULL;
         p++) {
        n++;
    }
    return n + 1;
}

bool lines_read(struct arena *a, const char *bytes, size_t len, const char *name,
                struct lines *ret_lines, struct err *err) {
    size_t n_lines = count_lines(bytes, len);
    struct line *items = n_lines < UINT32_MAX ? arena_try(a, n_lines * sizeof *items) : NULL;
    char *to = arena_try(a, len + n_lines);
    if (items == NULL || to == NULL) {
        return err_set(err, "output-too-large", "%s: %zu bytes are too many for a table", name,
                       len);
    }
    size_t start = 0;
    for (size_t i = 0; i < n_lines; i++) {
        const char *newline = i + 1 < n_lines ? memchr(bytes + start, '\n', len - start) : NULL;
        size_t raw_len = newline != NULL ? (size_t)(newline - (bytes + start)) : len - start;
        items[i].number = (unsigned)(i + 1);
        if (!clean_line(a, bytes + start, raw_len, to, &items[i])) {
            return err_set(err, "output-too-large", "%s: %zu bytes are too many for a table", name,
                           len);
        }
        to += raw_len + 1;
        start += raw_len + 1;
    }
    *ret_lines = (struct lines){items, 0, n_lines, name};
    return true;
}

/* ---- noise ----------------------------------------------------------------------------------- */

static bool line_is(const struct line *line, const char *text) {
    return line->len == strlen(text) && memcmp(line->text, text, line->len) == 0;
}

static bool line_starts(const struct line *line, const char *text) {
    return line->len >= strlen(text) && memcmp(line->text, text, strlen(text)) == 0;
}

static bool line_ends(const struct line *line, const char *text) {
    size_t n = strlen(text);
    return line->len >= n && memcmp(line->text + line->len - n, text, n) == 0;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* "544.00 KiB / 673.07 KiB [---->____] 80.82% ? p/s" */
static bool is_progress_bar(const struct line *line) {
    const char *p = line->text;
    while (is_digit(*p) || *p == '.') {
        p++;
    }
    if (p == line->text || *p != ' ') {
        return false;
    }
    p++;
    if (*p != '\0' && strchr("KMGT", *p) != NULL) {
        p++;
    }
    if (*p == 'i') {
        p++;
    }
    return strncmp(p, "B / ", 4) == 0 && strchr(p, '%') != NULL;
}

/* "2023-10-03 22:03:33: Project import status: …": `0` in the shape stands for any digit. */
static bool is_dsjob_progress(const struct line *line) {
    static const char shape[] = "0000-00-00 00:00:00: ";
    if (line->len < sizeof shape - 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        if (shape[i] == '0' ? !is_digit(line->text[i]) : line->text[i] != shape[i]) {
            return false;
        }
    }
    return true;
}

/* True when the line is noise wherever it stands at an edge; remembers what it said. */
static bool peel_line(const struct line *line, struct peeled *said) {
    if (is_progress_bar(line)) {
        said->is_action |= line_ends(line, "OK");
        return true;
    }
    if (line_is(line, "...") || is_dsjob_progress(line)) {
        return true;
    }
    if (line_is(line, "OK") || line_starts(line, "Output written to ") ||
        line_starts(line, "Status code = ")) {
        said->is_action = true;
        return true;
    }
    if (line_starts(line, "Next token: ")) {
        said->has_next_page = true;
        return true;
    }
    if (line_is(line, "FAILED")) {
        said->is_failed = true;
        return true;
    }
    return false;
}

/*
 * In a table of one column a last line `OK` or `FAILED` is a cell: a column of states ends like that, and the printer writes
 * neither behind a table.
 */
static bool is_last_cell(const struct lines *lines, const struct line *last) {
    const struct line *header = &lines->items[lines->first];
    bool has_rows = lines->end - lines->first > 2;
    bool has_one_column = header->len > 0 && line_field_len(header, 0) == header->len;
    return has_rows && has_one_column && (line_is(last, "OK") || line_is(last, "FAILED"));
}

void lines_skip_preamble(struct lines *lines) {
    for (size_t i = lines->first; i < lines->end && i - lines->first <= PREAMBLE_LINES; i++) {
        const struct line *line = &lines->items[i];
        if (line_is(line, "...")) {
            lines->first = i;
            return;
        }
        if (line_field_len(line, 0) != line->len) {
            return; /* a line with columns */
        }
    }
}

void lines_peel(struct lines *lines, struct peeled *ret_peeled) {
    struct peeled said = {false, false, false, false};
    /* Blank lines at the top stay: they announce the form with labels. */
    while (lines->first < lines->end && peel_line(&lines->items[lines->first], &said)) {
        lines->first++;
    }
    while (lines->end > lines->first) {
        const struct line *last = &lines->items[lines->end - 1];
        bool is_text = last->len > 0;
        if (is_text && (is_last_cell(lines, last) || !peel_line(last, &said))) {
            break;
        }
        lines->end--;
    }
    if (lines->end == lines->first + 1 &&
        line_is(&lines->items[lines->first], "Nothing to show.")) {
        said.is_empty_list = true;
        lines->first = lines->end;
    }
    *ret_peeled = said;
}

/* Length of the line at `at`, its newline included. */
static size_t raw_line_len(const char *bytes, size_t len, size_t at) {
    const char *newline = memchr(bytes + at, '\n', len - at);
    return newline != NULL ? (size_t)(newline + 1 - (bytes + at)) : len - at;
}

/* The line at `at`, clean; NULL when the arena is full. */
static struct line *clean_one(struct arena *a, const char *bytes, size_t raw_len) {
    if (raw_len > 0 && bytes[raw_len - 1] == '\n') {
        raw_len--;
    }
    raw_len = raw_len < BODY_LINE ? raw_len : BODY_LINE;
    struct line *line = arena_try(a, sizeof *line);
    char *to = arena_try(a, raw_len + 1);
    if (line == NULL || to == NULL) {
        return NULL;
    }
    return clean_line(a, bytes, raw_len, to, line) ? line : NULL;
}

/* Cuts noise and blank lines off the end. */
static bool trim_end(struct arena *a, struct body *body, struct peeled *said) {
    while (body->len > 0) {
        size_t before_newline = body->len - (body->text[body->len - 1] == '\n');
        const char *newline = str_find_last(body->text, before_newline, '\n');
        size_t start = newline != NULL ? (size_t)(newline + 1 - body->text) : 0;
        const struct line *last = clean_one(a, body->text + start, body->len - start);
        if (last == NULL) {
            return false;
        }
        if (start == 0 || (last->len > 0 && !peel_line(last, said))) {
            break;
        }
        body->len = start;
    }
    return true;
}

bool lines_find_body(struct arena *a, const char *bytes, size_t len, struct body *ret_body) {
    struct body body = {.text = bytes + len};
    struct peeled said = {false, false, false, false};
    for (size_t at = 0; at < len;) {
        size_t raw_len = raw_line_len(bytes, len, at);
        const struct line *line = clean_one(a, bytes + at, raw_len);
        if (line == NULL) {
            return false;
        }
        if (line->len > 0 && !peel_line(line, &said)) {
            body.text = bytes + at;
            body.len = len - at;
            body.first = *line;
            break;
        }
        body.follows_blank = line->len == 0;
        body.n_lines_before++;
        at += raw_len;
    }
    body.is_failed = said.is_failed;
    if (!trim_end(a, &body, &said)) {
        return false;
    }
    size_t first_len = raw_line_len(body.text, body.len, 0);
    if (first_len < body.len) {
        body.second =
            clean_one(a, body.text + first_len, raw_line_len(body.text, body.len, first_len));
        if (body.second == NULL) {
            return false;
        }
    }
    *ret_body = body;
    return true;
}

/* ---- columns --------------------------------------------------------------------------------- */

/* go-runewidth's opinion, where it differs from a terminal's. */
static size_t printed_width(unsigned cp) {
    if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xad || cp == 0x2028 || cp == 0x2029) {
        return 0;
    }
    return (size_t)utf8_width(cp);
}

size_t line_text_width(const char *text, size_t len) {
    size_t width = 0;
    for (size_t i = 0; i < len;) {
        unsigned cp = 0;
        i += utf8_decode(text + i, len - i, &cp);
        width += printed_width(cp);
    }
    return width;
}

bool line_seek(const struct line *line, struct cursor *cursor, size_t column) {
    if (line->is_ascii) {
        cursor->byte = column < line->len ? column : line->len;
        cursor->column = cursor->byte;
        return true;
    }
    while (cursor->byte < line->len) {
        unsigned cp = 0;
        size_t n = utf8_decode(line->text + cursor->byte, line->len - cursor->byte, &cp);
        size_t width = printed_width(cp);
        if (cursor->column >= column && width > 0) {
            break;
        }
        cursor->byte += n;
        cursor->column += width;
    }
    return cursor->column <= column;
}

size_t line_field_len(const struct line *line, size_t from) {
    const char *gap = memmem(line->text + from, line->len - from, "   ", 3);
    return gap != NULL ? (size_t)(gap - (line->text + from)) : line->len - from;
}

size_t line_skip_blanks(const struct line *line, size_t from) {
    while (from < line->len && line->text[from] == ' ') {
        from++;
    }
    return from;
}

bool line_fail(const struct lines *lines, const struct line *line, size_t byte, struct err *err,
               const char *kind, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    err_vset(err, kind, fmt, ap);
    va_end(ap);
    struct place place = {lines->name, line->number, (unsigned)utf8_count(line->text, byte) + 1};
    return err_at(err, place, line->text);
}
