/*
 * What a command printed -> a value. Pure: no clock, no process, no file.
 *
 *   struct extract_spec spec = {.format = EXTRACT_TABLE};
 *   struct extract_note note;
 *   if (!extract_value(&arena, bytes, len, &spec, &value, &note, err)) …   // kinds: invalid-json, invalid-yaml, misaligned-table,
 *                                                                        // invalid-csv, no-match, regex-limit, empty-output, unexpected-output
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
/* "1500:", "1:100", ":20" (one-based data rows, both ends inclusive) into first_row and last_row. Kind invalid-rows. */
bool extract_parse_rows(const char *text, size_t *ret_first, size_t *ret_last, struct err *err);

/* Values as CSV (list of objects or of lists), RFC 4180 with CRLF only when asked; `columns` may be NULL: keys of the first object. */
bool extract_print_csv(struct str *out, const struct value *rows, char separator, struct err *err);

#endif
