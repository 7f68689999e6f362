/*
 * Results -> text on standard output, in the formats of --output.
 *
 *   struct render r; render_init(&r, RENDER_JSON, &out);
 *   render_value(&r, v, &err) for each result, or render_row(&r, item, &err) for the items of one list that come
 *   one by one; then render_end(&r, &err).
 */
#ifndef CLI_RENDER_H
#define CLI_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct err;
struct out;
struct value;

enum render_format {
    RENDER_JSON,    /* indented */
    RENDER_COMPACT, /* JSON, one result a line */
    RENDER_YAML,    /* documents after the first begin with --- */
    RENDER_TABLE,   /* aligned columns; one object as `Label:   value` lines */
    RENDER_CSV,
    RENDER_LINES, /* texts bare, the items of a list a line each; a list of scalars inside one: tab separated */
    RENDER_FORMAT_COUNT
};
/* For OPT_CHOICE. */
extern const char *const render_format_names[RENDER_FORMAT_COUNT + 1];

struct render {
    enum render_format format;
    struct out *out;
    size_t n_values;
    size_t n_rows;
    struct arena kept; /* rows of a table, whose widths need all of them; the first row of CSV */
    const struct value **rows; /* heap */
    size_t cap_rows;
};

void render_init(struct render *r, enum render_format format, struct out *out);
/* Both return false on an error of kind not-tabular (CSV of something else than rows). */
bool render_value(struct render *r, const struct value *v, struct err *err);
bool render_row(struct render *r, const struct value *row, struct err *err);
/* Ends a list of rows (`has_rows`: it may be empty) and releases. */
void render_end(struct render *r, bool has_rows);

#endif
