/*
 * What a command printed -> a value. Pure: no clock, no process, no file.
 *
 *   struct extract_spec spec = {.format = EXTRACT_TABLE};
 *   struct extract_note note;
 *   if (!extract_value(&arena, bytes, len, &spec, &value, &note, err)) …   // kinds: invalid-json, invalid-yaml, misaligned-table,
 *                   // duplicate-column, invalid-csv, unknown-column, no-match, regex-limit, empty-output, unexpected-output, output-too-large
 * Nothing is guessed: a table row that does not fit its header is an error that names line and column.
 */
#ifndef EXTRACT_EXTRACT_H
#define EXTRACT_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/formats.h"

struct arena;
struct err;
struct regex;
struct str;
struct value;

enum extract_types { EXTRACT_TYPES_AUTO, EXTRACT_TYPES_TEXT };

struct extract_csv {
    char separator;             /* 0: ',' */
    bool no_header;             /* objects become lists of cells */
    size_t first_row;           /* one-based data row to start from; 0: 1 */
    size_t last_row;            /* inclusive; 0: to the end */
    const char *const *columns; /* only these, in this order (NULL: all) */
    size_t n_columns;
    const char *const *
        drop; /* all but these; naming a column that is not there is an error with the nearest name */
    size_t n_drop;
    enum extract_types
        types; /* AUTO: JSON numbers become numbers, empty cells null, the rest strings */
};

struct extract_spec {
    enum extract_format format;
    struct extract_csv csv;
    const struct regex *regex; /* EXTRACT_REGEX; borrowed */
    bool all;                  /* EXTRACT_REGEX: every match */
    const char *name;          /* what the bytes are, for errors: "stdout of step 'space'" */
};

struct extract_note {
    size_t noise_before; /* bytes skipped before a JSON document */
    size_t noise_after;
    bool has_next_page; /* a table ended in `Next token: '…'` */
    size_t lossy_cells; /* cells of a table that were cut */
};

bool extract_value(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
                   const struct value **ret_value, struct extract_note *ret_note, struct err *err);
/* True when the text is empty or blank. */
bool extract_is_blank(const char *bytes, size_t len);
/* Text of outside as a string value: invalid UTF-8 becomes U+FFFD. NULL when the arena is full. */
const struct value *extract_string(struct arena *a, const char *bytes, size_t len);

/* "1500:", "1:100", ":20" (one-based data rows, both ends inclusive) into first_row and last_row. Kind invalid-rows. */
bool extract_parse_rows(const char *text, size_t *ret_first, size_t *ret_last, struct err *err);

/*
 * CSV row by row, for files that need not fit in memory:
 *
 *   struct csv_stream *csv = csv_stream_new(&spec);
 *   while (more) { … if (!csv_stream_feed(csv, bytes, len, is_last, &used, err)) …  // `used` bytes are done with
 *                  the rest comes again in front of the next bytes }
 *   csv_stream_free(csv);
 *
 * Each row is built in an arena of its own, which is reset behind on_row(). `is_last`: nothing follows. After
 * last_row, csv_stream_is_done() is true and feeding does nothing.
 */
struct csv_stream;
typedef bool (*extract_row_fn)(const struct value *row, void *ctx);
/* Keeps what `spec` points to. on_row() returns false to stop reading, which is no error. */
struct csv_stream *csv_stream_new(const struct extract_spec *spec, extract_row_fn on_row,
                                  void *ctx);
void csv_stream_free(struct csv_stream *csv);
bool csv_stream_feed(struct csv_stream *csv, const char *bytes, size_t len, bool is_last,
                     size_t *ret_used, struct err *err);
bool csv_stream_is_done(const struct csv_stream *csv);

/*
 * Values as CSV, RFC 4180 with LF: a list of objects (the keys of the first are the header; a row with another key is an error
 * of kind not-tabular), a list of lists, or one object. Texts go in as they are, numbers by their text, null as
 * an empty cell, "" as a quoted one, lists and objects as compact JSON.
 */
bool extract_print_csv(struct str *out, const struct value *rows, char separator, struct err *err);
/* The same row by row: the header of a first row (nothing for a list), then each row by its keys. */
void extract_print_csv_header(struct str *out, const struct value *first, char separator);
bool extract_print_csv_row(struct str *out, const struct value *first, const struct value *row,
                           char separator, struct err *err);

#endif
