/*
 * Values -> CSV.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "extract/extract.h"
#include "value/json.h"
#include "value/value.h"

static bool needs_quotes(const char *text, size_t len, char separator) {
    for (size_t i = 0; i < len; i++) {
        if (text[i] == separator || text[i] == '"' || text[i] == '\n' || text[i] == '\r') {
            return true;
        }
    }
    return len == 0; /* "" is a text, an empty cell is no value */
}

static void add_text(struct str *out, const char *text, size_t len, char separator) {
    if (!needs_quotes(text, len, separator)) {
        str_add_bytes(out, text, len);
        return;
    }
    str_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"') {
            str_add_char(out, '"');
        }
        str_add_char(out, text[i]);
    }
    str_add_char(out, '"');
}

static void add_cell(struct str *out, const struct value *v, char separator) {
    if (v->type == VALUE_NULL) {
        return;
    }
    if (v->type == VALUE_STRING) {
        add_text(out, v->as.text, v->len, separator);
        return;
    }
    AUTO(str) struct str text = STR_INIT(0);
    json_print(&text, v, JSON_COMPACT);
    add_text(out, str_text(&text), text.len, separator);
}

void extract_print_csv_header(struct str *out, const struct value *first, char separator) {
    if (first->type != VALUE_OBJECT) {
        return;
    }
    for (uint32_t i = 0; i < first->len; i++) {
        if (i > 0) {
            str_add_char(out, separator);
        }
        add_text(out, first->as.members[i].key, first->as.members[i].key_len, separator);
    }
    str_add_char(out, '\n');
}

static bool fail_shape(const struct value *row, struct err *err) {
    err_set(err, "not-tabular", "CSV is made from a list of objects or of lists, not of %s",
            value_type_name(row));
    err_hint(err, "select what the columns are: [*].{name: name, id: metadata.id}");
    return false;
}

/* A key that the header does not have would be lost. */
static bool check_keys(const struct value *first, const struct value *row, struct err *err) {
    for (uint32_t i = 0; i < row->len; i++) {
        const struct value_member *m = &row->as.members[i];
        if (value_get_len(first, m->key, m->key_len) == NULL) {
            return err_set(err, "not-tabular", "a row has the key '%s', the first row has not",
                           m->key);
        }
    }
    return true;
}

bool extract_print_csv_row(struct str *out, const struct value *first, const struct value *row,
                           char separator, struct err *err) {
    if (row->type != first->type || (row->type != VALUE_OBJECT && row->type != VALUE_LIST)) {
        return fail_shape(row, err);
    }
    bool is_object = row->type == VALUE_OBJECT;
    if (is_object && !check_keys(first, row, err)) {
        return false;
    }
    size_t n = is_object ? first->len : row->len;
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            str_add_char(out, separator);
        }
        const struct value *cell =
            is_object ? value_get_len(row, first->as.members[i].key, first->as.members[i].key_len)
                      : row->as.items[i];
        add_cell(out, cell != NULL ? cell : &value_null, separator);
    }
    str_add_char(out, '\n');
    return true;
}

bool extract_print_csv(struct str *out, const struct value *rows, char separator, struct err *err) {
    if (rows->type != VALUE_LIST) {
        if (rows->type != VALUE_OBJECT) {
            return fail_shape(rows, err);
        }
        extract_print_csv_header(out, rows, separator);
        return extract_print_csv_row(out, rows, rows, separator, err);
    }
    for (uint32_t i = 0; i < rows->len; i++) {
        if (i == 0) {
            extract_print_csv_header(out, rows->as.items[0], separator);
        }
        if (!extract_print_csv_row(out, rows->as.items[0], rows->as.items[i], separator, err)) {
            return false;
        }
    }
    return true;
}
