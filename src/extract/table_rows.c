/*
 * Tables with a header line: column i reaches from the start of its name to the start of the next one.
 *
 * Each row is checked before it is believed: the three columns in front of every column's start are blank in everything the
 * printer writes, so a row where they are not is an error and never a guess. One case is decided by
 * counting instead: a row with characters whose width terminals disagree about (emoji sequences, East Asian ambiguous
 * ones) that has exactly one field per column, because nothing else can be meant.
 *
 * A line whose first column is empty goes on with the cells of the line above.
 */
#include "table_priv.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "maxima.h"
#include "value/value.h"

#define GAP ((size_t)3)

/* Where a cell stands in its line. */
struct span {
    size_t from;
    size_t to;
};

/* A cell that may go on in the next line. `text` stands in the lines' copy or, once joined, in the arena. */
struct cell {
    const char *text;
    size_t len;
    size_t last_line; /* index of the line that gave its last part */
};

struct rows {
    struct table *t;
    size_t n_columns;
    size_t *starts;              /* terminal column where each column starts */
    const struct value *model;   /* an object with the header's names as keys */
    struct span *spans;          /* of the line in hand */
    struct cell *cells;          /* of the row in hand */
    const struct value **values; /* of the row in hand */
    struct list_builder list;
    bool has_row; /* `cells` holds a row that is not in the list yet */
};

static size_t count_fields(const struct line *line) {
    size_t n = 0;
    for (size_t at = line_skip_blanks(line, 0); at < line->len; n++) {
        at = line_skip_blanks(line, at + line_field_len(line, at));
    }
    return n;
}

static void take_columns(struct rows *r, size_t n) {
    struct arena *a = r->t->arena;
    r->n_columns = n;
    r->starts = arena_alloc(a, n * sizeof *r->starts);
    r->spans = arena_alloc(a, n * sizeof *r->spans);
    r->cells = arena_alloc(a, n * sizeof *r->cells);
    r->values = arena_alloc(a, n * sizeof *r->values);
}

static bool read_header(struct rows *r, const struct line *header, struct err *err) {
    size_t n = count_fields(header);
    if (n > LIMIT_CSV_CELLS) {
        return line_fail(&r->t->lines, header, 0, err, "unexpected-output",
                         "a header with %zu columns", n);
    }
    take_columns(r, n);
    struct object_builder names;
    object_begin(&names, r->t->arena);
    size_t at = line_skip_blanks(header, 0);
    size_t start = at;
    for (size_t i = 0; i < n; i++) {
        size_t len = line_field_len(header, at);
        if (object_put(&names, header->text + at, len, &value_empty_string)) {
            return line_fail(&r->t->lines, header, at, err, "duplicate-column",
                             "two columns are named '%.*s'", (int)len, header->text + at);
        }
        r->starts[i] = start;
        size_t next = line_skip_blanks(header, at + len);
        start += line_text_width(header->text + at, next - at);
        at = next;
    }
    r->model = object_end(&names);
    return true;
}

static size_t span_end(const struct line *line, struct span span) {
    while (span.to > span.from && line->text[span.to - 1] == ' ') {
        span.to--;
    }
    return span.to;
}

/* True when nothing but blanks stands between the cursor and `start`, where it is moved. */
static bool skip_gap(const struct line *line, struct cursor *cursor, size_t start) {
    for (; cursor->column < start && cursor->byte < line->len; cursor->column++) {
        if (line->text[cursor->byte] != ' ') {
            return false;
        }
        cursor->byte++; /* a blank is one byte and one column */
    }
    return true;
}

/* Splits by position. Returns false, with the column, when text stands where its gap must be. */
static bool split_by_position(struct rows *r, const struct line *line, size_t *ret_bad) {
    struct cursor cursor = {0, 0};
    for (size_t i = 0; i < r->n_columns; i++) {
        size_t gap = i > 0 ? r->starts[i] - GAP : 0;
        if (!line_seek(line, &cursor, gap) || !skip_gap(line, &cursor, r->starts[i])) {
            *ret_bad = i;
            return false;
        }
        r->spans[i] = (struct span){cursor.byte, line->len};
        if (i > 0) {
            r->spans[i - 1].to = cursor.byte;
        }
    }
    for (size_t i = 0; i < r->n_columns; i++) {
        r->spans[i].to = span_end(line, r->spans[i]);
    }
    return true;
}

/* Splits at gaps when the line has one field per column and only widths can have moved them. */
static bool split_by_count(struct rows *r, const struct line *line) {
    if (line->is_ascii || count_fields(line) != r->n_columns) {
        return false;
    }
    size_t at = line_skip_blanks(line, 0);
    for (size_t i = 0; i < r->n_columns; i++) {
        size_t end = at + line_field_len(line, at);
        r->spans[i] = (struct span){at, end};
        at = line_skip_blanks(line, end);
    }
    return true;
}

static bool fail_misaligned(const struct rows *r, const struct line *line, size_t bad,
                            struct err *err) {
    size_t start = r->starts[bad];
    struct cursor cursor = {0, 0};
    (void)line_seek(line, &cursor, bad > 0 ? start - GAP : 0);
    line_fail(&r->t->lines, line, cursor.byte, err, "misaligned-table",
              "this line does not fit the header: column '%s' starts at column %zu, "
              "but text stands in the gap before it",
              r->model->as.members[bad].key, start + 1);
    err_hint(err, "use output: json, which is never cut or wrapped");
    return false;
}

static bool split_line(struct rows *r, const struct line *line, struct err *err) {
    size_t bad = 0;
    return split_by_position(r, line, &bad) || split_by_count(r, line) ||
           fail_misaligned(r, line, bad, err);
}

/* Adds the row in hand to the list. */
static void end_row(struct rows *r) {
    if (!r->has_row) {
        return;
    }
    for (size_t i = 0; i < r->n_columns; i++) {
        r->values[i] = table_cell(r->t, r->cells[i].text, r->cells[i].len);
    }
    list_add(&r->list, object_like(r->t->arena, r->model, r->values));
    r->has_row = false;
}

static void begin_row(struct rows *r, const struct line *line, size_t index) {
    end_row(r);
    for (size_t i = 0; i < r->n_columns; i++) {
        struct span s = r->spans[i];
        r->cells[i] = (struct cell){line->text + s.from, s.to - s.from, index};
    }
    for (size_t i = 0; i < r->n_columns; i++) {
        line->text[r->spans[i].to] = '\0'; /* a gap's blank, or the line's end */
    }
    r->has_row = true;
}

/* Puts a further line of a cell below what is there; blank lines between them belong to the cell. */
static bool join_cell(struct rows *r, struct cell *cell, const char *text, size_t len,
                      size_t index) {
    size_t n_newlines = index - cell->last_line;
    char *joined = arena_try(r->t->arena, cell->len + n_newlines + len + 1);
    if (joined == NULL) {
        return false;
    }
    memcpy(joined, cell->text, cell->len);
    memset(joined + cell->len, '\n', n_newlines);
    memcpy(joined + cell->len + n_newlines, text, len);
    *cell = (struct cell){joined, cell->len + n_newlines + len, index};
    joined[cell->len] = '\0';
    return true;
}

static bool continue_row(struct rows *r, const struct line *line, size_t index, struct err *err) {
    for (size_t i = 0; i < r->n_columns; i++) {
        struct span s = r->spans[i];
        if (s.to > s.from &&
            !join_cell(r, &r->cells[i], line->text + s.from, s.to - s.from, index)) {
            return line_fail(&r->t->lines, line, s.from, err, "output-too-large",
                             "this cell is too long");
        }
    }
    return true;
}

/* An empty first column means "more of the row above", unless all the other columns of three or more are filled. */
static bool is_continuation(const struct rows *r) {
    if (!r->has_row || r->spans[0].to > r->spans[0].from) {
        return false;
    }
    size_t n_filled = 0;
    for (size_t i = 1; i < r->n_columns; i++) {
        n_filled += r->spans[i].to > r->spans[i].from;
    }
    return r->n_columns < 3 || n_filled < r->n_columns - 1;
}

bool table_read_rows(struct table *t, const struct value **ret_list, struct err *err) {
    struct rows r = {.t = t};
    if (!read_header(&r, &t->lines.items[t->lines.first], err)) {
        return false;
    }
    list_begin(&r.list, t->arena);
    for (size_t i = t->lines.first + 1; i < t->lines.end; i++) {
        const struct line *line = &t->lines.items[i];
        if (line->len == 0) {
            continue; /* a blank line inside a cell: join_cell() counts it */
        }
        if (!split_line(&r, line, err)) {
            return false;
        }
        if (!is_continuation(&r)) {
            begin_row(&r, line, i);
        } else if (!continue_row(&r, line, i, err)) {
            return false;
        }
    }
    end_row(&r);
    *ret_list = list_end(&r.list);
    return true;
}
