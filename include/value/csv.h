/*
 * CSV text -> rows of cells, one callback per row: RFC 4180 with a choice of separator.
 *
 * Lines end with LF, CRLF or CR; the last one needs no end. A cell in double quotes may hold
 * separators, line ends and doubled quotes; blanks around cells belong to them. A byte order mark
 * at the start is skipped. An empty line is a row without cells. Cells are bytes: whether they are
 * UTF-8 is the caller's question.
 *
 *   static bool on_row(const struct csv_row *row, void *ctx) { … return true; }
 *   if (!csv_read(text, len, &(struct csv_options){.name = path}, on_row, &state, err)) …
 */
#ifndef VALUE_CSV_H
#define VALUE_CSV_H

#include <stdbool.h>
#include <stddef.h>

struct err;

struct csv_options {
    const char *name;    /* file name for errors; NULL: "<csv>" */
    char separator;      /* 0: ',' */
    unsigned first_line; /* number of the text's first line when it is a part of a file, which then
                            has no byte order mark; 0: the text is the whole */
};

/* Borrowed: valid during the callback. Not NUL-terminated. */
struct csv_cell {
    const char *text;
    size_t len;
    bool is_quoted; /* "" is an empty text; an empty cell without quotes may mean no value */
};

struct csv_row {
    const struct csv_cell *cells;
    size_t n_cells;
    unsigned line; /* one-based line on which the row starts */
};

/* Returns false to stop reading: csv_read() then fails when the callback set its error, and
 * succeeds otherwise. */
typedef bool (*csv_row_fn)(const struct csv_row *row, void *ctx);

/*
 * Errors (kind invalid-csv, with line and column): a quote that is never closed, text behind a
 * closing quote, a quote inside a cell that does not start with one, a NUL byte, more than
 * LIMIT_CSV_CELLS cells in a row. `err` is also where the callback puts its own error.
 */
bool csv_read(const char *text, size_t len, const struct csv_options *options, csv_row_fn fn,
              void *ctx, struct err *err);

#endif
