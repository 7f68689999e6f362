/*
 * cpdctl's tables: chooses the form, then reads it. The forms are in table_rows.c, table_record.c, table_pipes.c.
 */
#include "extract_priv.h"

#include <string.h>

#include "base/err.h"
#include "extract/failed.h"
#include "table_priv.h"
#include "value/value.h"

/* A number as Go prints a float of seven digits or more: 1.234567e+06 may have lost its last digits. */
static bool is_go_float(const char *text, size_t len) {
    if (len < 5 || len > 24) {
        return false;
    }
    const char *e = memchr(text, 'e', len);
    if (e == NULL || e == text || (e[1] != '+' && e[1] != '-')) {
        return false;
    }
    size_t n_left = (size_t)(text + len - (e + 2));
    return n_left >= 2 && strspn(text, "-0123456789.") == (size_t)(e - text) &&
           strspn(e + 2, "0123456789") == n_left;
}

static bool is_text(const char *text, size_t len, const char *word) {
    return len == strlen(word) && memcmp(text, word, len) == 0;
}

const struct value *table_cell(struct table *t, const char *text, size_t len) {
    if (len == 0) {
        return &value_empty_string;
    }
    bool is_cut = len >= 3 && memcmp(text + len - 3, "\xE2\x80\xA6", 3) == 0;
    t->n_cut += is_cut;
    if (is_cut || is_text(text, len, "-") || is_text(text, len, "<Array>") ||
        is_text(text, len, "<Nested Object>") || is_go_float(text, len)) {
        return value_lossy_string(t->arena, text, len);
    }
    return value_string_keep(t->arena, text, len);
}

const struct line *table_first_line(const struct lines *lines) {
    for (size_t i = lines->first; i < lines->end; i++) {
        if (lines->items[i].len > 0) {
            return &lines->items[i];
        }
    }
    return NULL;
}

static bool fail_no_table(const struct lines *lines, const struct line *line, struct err *err) {
    line_fail(lines, line, 0, err, "unexpected-output", "this is not a table");
    err_hint(err, "a table has a header line with at least two columns and rows below it; "
                  "for other text use lines, text or regex");
    return false;
}

/* A sentence in front of the true header looks like the header of a table of one column. */
static bool is_every_row_wider(const struct lines *lines) {
    for (size_t i = lines->first + 1; i < lines->end; i++) {
        const struct line *line = &lines->items[i];
        size_t at = line_skip_blanks(line, 0);
        if (line->len > 0 && at + line_field_len(line, at) == line->len) {
            return false;
        }
    }
    return true;
}

static bool fail_narrow_header(const struct lines *lines, const struct line *line,
                               struct err *err) {
    line_fail(lines, line, 0, err, "unexpected-output",
              "the header would be this one column, but every line below it has several");
    err_hint(err, "if this line is no part of the table, take it away or use output: json");
    return false;
}

static bool read_form(struct table *t, const struct line *header, const struct value **ret_value,
                      struct err *err) {
    if (table_is_pipes(&t->lines)) {
        return table_read_pipes(t, ret_value, err);
    }
    if (table_is_record(&t->lines)) {
        return table_read_record(t, ret_value, err);
    }
    t->lines.first = (size_t)(header - t->lines.items);
    bool has_one_column = line_field_len(header, 0) == header->len;
    if (has_one_column && t->lines.first + 1 == t->lines.end) {
        return fail_no_table(&t->lines, header, err);
    }
    if (has_one_column && is_every_row_wider(&t->lines)) {
        return fail_narrow_header(&t->lines, header, err);
    }
    return table_read_rows(t, ret_value, err);
}

bool x_table(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
             const struct value **ret_value, struct extract_note *note, struct err *err) {
    struct table t = {.arena = a};
    if (!lines_read(a, bytes, len, spec->name, &t.lines, err)) {
        return false;
    }
    struct peeled around;
    lines_skip_preamble(&t.lines);
    lines_peel(&t.lines, &around);
    note->has_next_page = around.has_next_page;
    if (around.is_failed) {
        return extract_fail_failed(bytes, len, spec->name, err);
    }
    const struct line *header = table_first_line(&t.lines);
    if (header == NULL) {
        *ret_value = around.is_empty_list ? &value_empty_list : &value_null;
        return around.is_empty_list || around.is_action ||
               err_set(err, "empty-output", "%s is empty: expected a table", spec->name);
    }
    bool ok = read_form(&t, header, ret_value, err);
    note->lossy_cells = t.n_cut;
    return ok;
}
