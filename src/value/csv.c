/*
 * The CSV reader. One pass over the text; cells point into the text, except those with doubled
 * quotes, which are unescaped into a buffer that lives as long as the row. Because that buffer may
 * move while it grows, such cells keep an offset until the row is complete.
 */
#include "value/csv.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "maxima.h"

#include <stdint.h>
#include <string.h>

struct reader {
    const char *text;
    size_t len;
    size_t pos;
    size_t line_start;
    unsigned line;
    char separator;
    const char *name;
    struct csv_cell *cells;
    bool *is_unescaped; /* cell i stands in `buffer`; its text is an offset until the row is
                           complete */
    size_t n_cells;
    size_t cap;
    struct str buffer;
    struct err *err;
};

static bool fail_at(struct reader *r, size_t pos, unsigned line, size_t line_start,
                    const char *message, const char *hint) {
    err_set(r->err, "invalid-csv", "%s", message);
    if (hint) {
        err_hint(r->err, "%s", hint);
    }
    size_t line_end = line_start;
    while (line_end < r->len && r->text[line_end] != '\n' && r->text[line_end] != '\r') {
        line_end++;
    }
    AUTO(str) struct str source = STR_INIT(LIMIT_MESSAGE);
    str_add_bytes(&source, r->text + line_start, line_end - line_start);
    const char *before = r->text + line_start;
    size_t col = 1;
    for (size_t left = pos - line_start; left > 0; col++) {
        unsigned cp = 0;
        size_t n = utf8_decode(before, left, &cp);
        before += n;
        left -= n;
    }
    struct place place = {r->name, line, (unsigned)col};
    return err_at(r->err, place, str_text(&source));
}

static bool fail_here(struct reader *r, const char *message, const char *hint) {
    return fail_at(r, r->pos, r->line, r->line_start, message, hint);
}

static bool is_line_end(char c) {
    return c == '\n' || c == '\r';
}

/* Moves over LF, CRLF or CR. */
static void skip_line_end(struct reader *r) {
    bool is_cr = r->text[r->pos++] == '\r';
    if (is_cr && r->pos < r->len && r->text[r->pos] == '\n') {
        r->pos++;
    }
    r->line++;
    r->line_start = r->pos;
}

static bool add_cell(struct reader *r, struct csv_cell cell, bool is_unescaped) {
    if (r->n_cells == LIMIT_CSV_CELLS) {
        return fail_here(r, "too many cells in one row", "is the separator right?");
    }
    if (r->n_cells == r->cap) {
        r->cap = r->cap > 0 ? 2 * r->cap : 32;
        r->cells = mem_realloc(r->cells, r->cap, sizeof *r->cells);
        r->is_unescaped = mem_realloc(r->is_unescaped, r->cap, sizeof *r->is_unescaped);
    }
    r->cells[r->n_cells] = cell;
    r->is_unescaped[r->n_cells] = is_unescaped;
    r->n_cells++;
    return true;
}

static bool read_plain_cell(struct reader *r) {
    size_t start = r->pos;
    while (r->pos < r->len && r->text[r->pos] != r->separator && !is_line_end(r->text[r->pos])) {
        char c = r->text[r->pos];
        if (c == '"') {
            return fail_here(
                r, "a quote inside a cell that does not start with one",
                "put the whole cell in quotes and double the quotes inside: \"5\"\" disk\"");
        }
        if (c == '\0') {
            return fail_here(r, "a NUL byte: this is not text", NULL);
        }
        r->pos++;
    }
    struct csv_cell cell = {r->text + start, r->pos - start, false};
    return add_cell(r, cell, false);
}

/* Reads behind the opening quote up to the closing one; a doubled quote stands for one. */
static bool read_quoted_cell(struct reader *r) {
    size_t open = r->pos;
    unsigned open_line = r->line;
    size_t open_line_start = r->line_start;
    size_t run = ++r->pos; /* start of what is not yet in the buffer */
    size_t buffered = r->buffer.len;
    bool is_unescaped = false;
    for (;;) {
        if (r->pos == r->len) {
            return fail_at(r, open, open_line, open_line_start, "a quote that is never closed",
                           NULL);
        }
        char c = r->text[r->pos];
        if (is_line_end(c)) {
            skip_line_end(r);
            continue;
        }
        if (c == '\0') {
            return fail_here(r, "a NUL byte: this is not text", NULL);
        }
        r->pos++;
        if (c != '"') {
            continue;
        }
        if (r->pos == r->len || r->text[r->pos] != '"') {
            break;
        }
        str_add_bytes(&r->buffer, r->text + run, r->pos - run);
        is_unescaped = true;
        run = ++r->pos;
    }
    size_t end = r->pos - 1;
    struct csv_cell cell = {r->text + run, end - run, true};
    if (is_unescaped) {
        str_add_bytes(&r->buffer, r->text + run, end - run);
        cell.text = NULL;
        cell.len = r->buffer.len - buffered;
    }
    if (r->pos < r->len && r->text[r->pos] != r->separator && !is_line_end(r->text[r->pos])) {
        return fail_here(r, "text behind a closing quote",
                         "a quote inside a quoted cell is doubled");
    }
    return add_cell(r, cell, is_unescaped);
}

static bool read_row(struct reader *r) {
    r->n_cells = 0;
    str_reset(&r->buffer);
    if (is_line_end(r->text[r->pos])) {
        skip_line_end(r);
        return true;
    }
    for (;;) {
        bool is_quoted = r->pos < r->len && r->text[r->pos] == '"';
        if (!(is_quoted ? read_quoted_cell(r) : read_plain_cell(r))) {
            return false;
        }
        if (r->pos == r->len) {
            return true;
        }
        if (r->text[r->pos] != r->separator) {
            skip_line_end(r);
            return true;
        }
        r->pos++;
    }
}

/* Gives cells of the buffer their final address. */
static void settle_cells(struct reader *r) {
    size_t offset = 0;
    for (size_t i = 0; i < r->n_cells; i++) {
        if (r->is_unescaped[i]) {
            r->cells[i].text = str_text(&r->buffer) + offset;
            offset += r->cells[i].len;
        }
    }
}

bool csv_read(const char *text, size_t len, const struct csv_options *options, csv_row_fn fn,
              void *ctx, struct err *err) {
    struct reader r = {.text = text,
                       .len = len,
                       .line = options && options->first_line ? options->first_line : 1,
                       .separator = options && options->separator ? options->separator : ',',
                       .name = options && options->name ? options->name : "<csv>",
                       .buffer = STR_INIT(len + 1),
                       .err = err};
    if (r.line == 1 && len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        r.pos = r.line_start = 3;
    }
    bool ok = true;
    while (ok && r.pos < len) {
        unsigned line = r.line;
        ok = read_row(&r);
        if (!ok) {
            break;
        }
        settle_cells(&r);
        struct csv_row row = {r.cells, r.n_cells, line};
        if (!fn(&row, ctx)) {
            ok = err->kind == NULL;
            break;
        }
    }
    mem_free(r.cells);
    mem_free(r.is_unescaped);
    str_release(&r.buffer);
    return ok;
}
