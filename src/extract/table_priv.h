/*
 * The forms of a table. Each reads lines first .. end-1 and gives a list of objects or one object.
 */
#ifndef EXTRACT_TABLE_PRIV_H
#define EXTRACT_TABLE_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "lines_priv.h"

struct arena;
struct err;
struct value;

/* What all forms share while one output is read. */
struct table {
    struct arena *arena;
    struct lines lines;
    size_t n_cut; /* cells that end in `…` */
};

/* Header and rows by column position. */
bool table_read_rows(struct table *t, const struct value **ret_list, struct err *err);
/* `Label:   value` lines. */
bool table_read_record(struct table *t, const struct value **ret_object, struct err *err);
/* dsjob's columns between `|`. */
bool table_read_pipes(struct table *t, const struct value **ret_list, struct err *err);

bool table_is_record(const struct lines *lines);
bool table_is_pipes(const struct lines *lines);
/* The first line that has text, or NULL. */
const struct line *table_first_line(const struct lines *lines);

/* A cell's text as a value: lossy where the printer cut or replaced it. `text` is kept and text[len] is NUL. */
const struct value *table_cell(struct table *t, const char *text, size_t len);

#endif
