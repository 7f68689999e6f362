/*
 * CSV rows as objects by header name. One reader serves both faces: the whole text at once (x_csv) and a file row by
 * row (csv_stream_*), which differ only in the arena a row is built in and in who takes it.
 */
#include "extract_priv.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/utf8.h"
#include "value/csv.h"
#include "value/value.h"

/* Row 0 of a file that has not shown its header yet. */
struct csv_stream {
    const struct extract_spec *spec;
    extract_row_fn on_row;
    void *ctx;
    struct arena *rows; /* where rows are built */
    struct arena head;  /* names, model, picks: as long as the stream */
    const struct value
        *model; /* an object with the names of the picked columns; NULL: rows are lists */
    const struct value **names; /* of all columns */
    size_t n_columns;           /* 0: no row seen yet */
    size_t *picks;              /* index of the cell of each picked column */
    size_t n_picks;
    const struct value **values; /* of the row in hand */
    size_t n_rows;               /* data rows seen */
    size_t n_blank; /* blank lines behind the last row; an error, or rows, once a row follows */
    unsigned blank_line; /* the first of them */
    unsigned next_line;  /* number of the first line that was not fed yet */
    bool is_done;
    struct err *err;
    struct arena row_arena; /* `rows` of a stream */
};

/* ---- header ---------------------------------------------------------------------------------- */

static bool fail_at_line(const struct csv_stream *csv, unsigned line) {
    struct place place = {csv->spec->name, line, 1};
    return err_at(csv->err, place, NULL);
}

static char separator_of(const struct csv_stream *csv) {
    return csv->spec->csv.separator != 0 ? csv->spec->csv.separator : ',';
}

/* One column whose name holds another separator: the file was written with that one. */
static bool check_separator(const struct csv_stream *csv, const struct csv_row *row) {
    static const char others[] = ";\t|,";
    const struct csv_cell *cell = &row->cells[0];
    if (row->n_cells != 1 || cell->is_quoted) {
        return true;
    }
    for (const char *c = others; *c != '\0'; c++) {
        if (*c == separator_of(csv) || memchr(cell->text, *c, cell->len) == NULL) {
            continue;
        }
        err_set(csv->err, "invalid-csv", "the header is one column, '%.*s'",
                (int)(cell->len < 100 ? cell->len : 100), cell->text);
        const char shown[] = {*c, '\0'};
        err_hint(csv->err, "is the separator '%s'?", *c == '\t' ? "\\t" : shown);
        return fail_at_line(csv, row->line);
    }
    return true;
}

static bool check_name(const struct csv_stream *csv, const struct csv_row *row, size_t i) {
    if (row->cells[i].len == 0) {
        err_set(csv->err, "invalid-csv", "column %zu has no name", i + 1);
        return fail_at_line(csv, row->line);
    }
    for (size_t other = 0; other < i; other++) {
        if (value_equal(csv->names[other], csv->names[i])) {
            err_set(csv->err, "duplicate-column", "columns %zu and %zu are both named '%s'",
                    other + 1, i + 1, csv->names[i]->as.text);
            return fail_at_line(csv, row->line);
        }
    }
    return true;
}

/* Index of the column, or n_columns and an error that names the nearest. */
static size_t find_column(const struct csv_stream *csv, const char *name, unsigned line) {
    for (size_t i = 0; i < csv->n_columns; i++) {
        if (strcmp(csv->names[i]->as.text, name) == 0) {
            return i;
        }
    }
    const char **names = mem_zalloc(csv->n_columns, sizeof *names);
    for (size_t i = 0; i < csv->n_columns; i++) {
        names[i] = csv->names[i]->as.text;
    }
    err_set(csv->err, "unknown-column", "there is no column '%s'", name);
    const char *nearest = err_nearest(name, names, csv->n_columns);
    if (nearest != NULL) {
        err_hint(csv->err, "did you mean '%s'?", nearest);
    } else {
        err_hint(csv->err, "the first column is '%s'", names[0]);
    }
    mem_free(names);
    (void)fail_at_line(csv, line);
    return csv->n_columns;
}

static bool pick_named(struct csv_stream *csv, unsigned line) {
    const struct extract_csv *options = &csv->spec->csv;
    csv->picks = arena_alloc(&csv->head, (options->n_columns + 1) * sizeof *csv->picks);
    for (size_t i = 0; i < options->n_columns; i++) {
        size_t column = find_column(csv, options->columns[i], line);
        if (column == csv->n_columns) {
            return false;
        }
        csv->picks[csv->n_picks++] = column;
    }
    return true;
}

static void pick_all(struct csv_stream *csv) {
    csv->picks = arena_alloc(&csv->head, (csv->n_columns + 1) * sizeof *csv->picks);
    while (csv->n_picks < csv->n_columns) {
        csv->picks[csv->n_picks] = csv->n_picks;
        csv->n_picks++;
    }
}

static bool drop_named(struct csv_stream *csv, unsigned line) {
    const struct extract_csv *options = &csv->spec->csv;
    for (size_t i = 0; i < options->n_drop; i++) {
        size_t column = find_column(csv, options->drop[i], line);
        if (column == csv->n_columns) {
            return false;
        }
        size_t n = 0;
        for (size_t k = 0; k < csv->n_picks; k++) {
            if (csv->picks[k] != column) {
                csv->picks[n++] = csv->picks[k];
            }
        }
        csv->n_picks = n;
    }
    return true;
}

static bool make_model(struct csv_stream *csv, unsigned line) {
    struct object_builder model;
    object_begin(&model, &csv->head);
    for (size_t i = 0; i < csv->n_picks; i++) {
        const struct value *name = csv->names[csv->picks[i]];
        if (object_put(&model, name->as.text, name->len, &value_null)) {
            err_set(csv->err, "duplicate-column", "column '%s' is asked for twice", name->as.text);
            return fail_at_line(csv, line);
        }
    }
    csv->model = object_end(&model);
    return true;
}

static bool read_header(struct csv_stream *csv, const struct csv_row *row) {
    if (!check_separator(csv, row)) {
        return false;
    }
    csv->n_columns = row->n_cells;
    csv->names = arena_alloc(&csv->head, row->n_cells * sizeof *csv->names);
    for (size_t i = 0; i < row->n_cells; i++) {
        csv->names[i] = extract_string(&csv->head, row->cells[i].text, row->cells[i].len);
        if (!check_name(csv, row, i)) {
            return false;
        }
    }
    if (csv->spec->csv.columns != NULL) {
        if (!pick_named(csv, row->line)) {
            return false;
        }
    } else {
        pick_all(csv);
    }
    return drop_named(csv, row->line) && make_model(csv, row->line);
}

/* Without a header the first row says how many cells all have, and columns have no names to ask for. */
static bool begin_without_header(struct csv_stream *csv, const struct csv_row *row) {
    if (csv->spec->csv.columns != NULL || csv->spec->csv.n_drop > 0) {
        return err_set(csv->err, "unknown-column", "columns have no names without a header");
    }
    csv->n_columns = row->n_cells;
    pick_all(csv);
    return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static const struct value *cell_value(const struct csv_stream *csv, const struct csv_cell *cell) {
    if (csv->spec->csv.types == EXTRACT_TYPES_AUTO) {
        if (cell->len == 0 && !cell->is_quoted) {
            return &value_null;
        }
        if (num_is_json(cell->text, cell->len)) {
            return value_number_text(csv->rows, cell->text, cell->len);
        }
    }
    return extract_string(csv->rows, cell->text, cell->len);
}

static const struct value *row_list(const struct csv_stream *csv) {
    struct list_builder list;
    list_begin(&list, csv->rows);
    for (size_t i = 0; i < csv->n_picks; i++) {
        list_add(&list, csv->values[i]);
    }
    return list_end(&list);
}

static bool emit_row(struct csv_stream *csv, const struct csv_cell *cells) {
    const struct extract_csv *options = &csv->spec->csv;
    csv->n_rows++;
    if (options->last_row != 0 && csv->n_rows > options->last_row) {
        csv->is_done = true;
        return false;
    }
    if (csv->n_rows < options->first_row) {
        return true;
    }
    for (size_t i = 0; i < csv->n_picks; i++) {
        csv->values[i] = cell_value(csv, &cells[csv->picks[i]]);
        if (csv->values[i] == NULL) {
            return extract_fail_too_large(csv->spec, cells[csv->picks[i]].len, csv->err);
        }
    }
    const struct value *row =
        csv->model != NULL ? object_like(csv->rows, csv->model, csv->values) : row_list(csv);
    csv->is_done = !csv->on_row(row, csv->ctx);
    if (csv->rows == &csv->row_arena) {
        arena_reset(&csv->row_arena);
    }
    return !csv->is_done;
}

static bool fail_count(const struct csv_stream *csv, const struct csv_row *row) {
    err_set(csv->err, "invalid-csv", "this row has %zu cell%s, %s %zu", row->n_cells,
            row->n_cells == 1 ? "" : "s",
            csv->model != NULL ? "the header has" : "the first row has", csv->n_columns);
    if (row->n_cells > csv->n_columns) {
        err_hint(csv->err, "a cell that holds the separator must stand in quotes");
    }
    return fail_at_line(csv, row->line);
}

/* Blank lines before a row: in a file of one column they are empty cells, else a row is missing. */
static bool emit_blank_lines(struct csv_stream *csv) {
    static const struct csv_cell empty = {"", 0, false};
    if (csv->n_blank > 0 && csv->n_columns != 1) {
        err_set(csv->err, "invalid-csv", "an empty line between rows");
        return fail_at_line(csv, csv->blank_line);
    }
    for (; csv->n_blank > 0; csv->n_blank--) {
        if (!emit_row(csv, &empty)) {
            return false;
        }
    }
    return true;
}

/* Text in another encoding would be stored with its letters replaced, and nobody would see it. */
static bool check_encoding(const struct csv_stream *csv, const struct csv_row *row) {
    for (size_t i = 0; i < row->n_cells; i++) {
        if (!utf8_is_valid(row->cells[i].text, row->cells[i].len)) {
            err_set(csv->err, "invalid-csv", "cell %zu of this row is not UTF-8", i + 1);
            err_hint(csv->err, "convert the file: iconv -f LATIN1 -t UTF-8");
            return fail_at_line(csv, row->line);
        }
    }
    return true;
}

static bool on_csv_row(const struct csv_row *row, void *ctx) {
    struct csv_stream *csv = ctx;
    if (row->n_cells == 0) {
        csv->blank_line = csv->n_blank == 0 ? row->line : csv->blank_line;
        csv->n_blank += csv->n_columns > 0; /* before the header they mean nothing */
        return true;
    }
    if (!check_encoding(csv, row)) {
        return false;
    }
    if (csv->n_columns == 0) {
        bool has_header = !csv->spec->csv.no_header;
        if (!(has_header ? read_header(csv, row) : begin_without_header(csv, row))) {
            return false;
        }
        csv->values = arena_alloc(&csv->head, (csv->n_picks + 1) * sizeof *csv->values);
        if (has_header) {
            return true;
        }
    }
    if (!emit_blank_lines(csv)) {
        return false;
    }
    return row->n_cells == csv->n_columns ? emit_row(csv, row->cells) : fail_count(csv, row);
}

static bool read_rows(struct csv_stream *csv, const char *bytes, size_t len, struct err *err) {
    struct csv_options options = {csv->spec->name, csv->spec->csv.separator, csv->next_line};
    csv->err = err;
    return csv_read(bytes, len, &options, on_csv_row, csv, err);
}

static bool check_not_empty(const struct csv_stream *csv, struct err *err) {
    return csv->n_columns > 0 || csv->spec->csv.no_header ||
           err_set(err, "empty-output", "%s is empty: expected CSV with a header line",
                   csv->spec->name);
}

/* ---- the whole text -------------------------------------------------------------------------- */

static bool add_to_list(const struct value *row, void *ctx) {
    list_add(ctx, row);
    return true;
}

bool x_csv(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
           const struct value **ret_value, struct extract_note *note, struct err *err) {
    (void)note;
    struct list_builder list;
    list_begin(&list, a);
    struct csv_stream csv = {.spec = spec, .on_row = add_to_list, .ctx = &list, .rows = a};
    bool ok = read_rows(&csv, bytes, len, err) && check_not_empty(&csv, err);
    if (ok) {
        *ret_value = list_end(&list);
        arena_join(a, &csv.head); /* rows keep the names */
    }
    arena_release(&csv.head);
    return ok;
}

/* ---- row by row ------------------------------------------------------------------------------ */

struct csv_stream *csv_stream_new(const struct extract_spec *spec, extract_row_fn on_row,
                                  void *ctx) {
    struct csv_stream *csv = mem_zalloc(1, sizeof *csv);
    csv->spec = spec;
    csv->on_row = on_row;
    csv->ctx = ctx;
    csv->rows = &csv->row_arena;
    return csv;
}

void csv_stream_free(struct csv_stream *csv) {
    if (csv != NULL) {
        arena_release(&csv->head);
        arena_release(&csv->row_arena);
        mem_free(csv);
    }
}

bool csv_stream_is_done(const struct csv_stream *csv) {
    return csv->is_done;
}

/* Length of the bytes up to the last newline that does not stand in quotes. */
static size_t complete_rows(const char *bytes, size_t len) {
    size_t complete = 0;
    bool is_inside = false;
    for (size_t at = 0; at < len; is_inside = !is_inside) {
        const char *quote = memchr(bytes + at, '"', len - at);
        size_t end = quote != NULL ? (size_t)(quote - bytes) : len;
        const char *newline = is_inside ? NULL : str_find_last(bytes + at, end - at, '\n');
        complete = newline != NULL ? (size_t)(newline + 1 - bytes) : complete;
        at = end + 1;
    }
    return complete;
}

/* Ends of lines as csv_read() counts them: LF, CRLF and CR. */
static unsigned count_line_ends(const char *bytes, size_t len) {
    unsigned n = 0;
    for (size_t i = 0; i < len; i++) {
        bool is_end = bytes[i] == '\n' || bytes[i] == '\r';
        bool is_second = bytes[i] == '\n' && i > 0 && bytes[i - 1] == '\r';
        n += is_end && !is_second;
    }
    return n;
}

bool csv_stream_feed(struct csv_stream *csv, const char *bytes, size_t len, bool is_last,
                     size_t *ret_used, struct err *err) {
    size_t used = is_last ? len : complete_rows(bytes, len);
    if (!csv->is_done && used > 0 && !read_rows(csv, bytes, used, err)) {
        return false;
    }
    if (is_last && !csv->is_done && !check_not_empty(csv, err)) {
        return false;
    }
    csv->next_line = (csv->next_line > 0 ? csv->next_line : 1) + count_line_ends(bytes, used);
    *ret_used = used;
    return true;
}
