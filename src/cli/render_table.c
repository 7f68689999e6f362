/*
 * Values as an aligned table, in cpdctl's layout: columns three blanks apart by display width, no trailing blanks, further
 * lines of a cell below it. Null is `-`, lists and objects are compact JSON, controls are made visible.
 */
#include "render_priv.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "value/json.h"
#include "value/value.h"

#define GAP ((size_t)3)

struct table {
    const char **names;
    size_t *name_lens;
    size_t *widths;
    size_t n_columns;
    size_t cap;
};

static void add_cell_text(struct str *out, const struct value *v) {
    if (v == NULL || v->type == VALUE_NULL) {
        str_add_char(out, '-');
    } else if (v->type == VALUE_STRING) {
        utf8_add_safe(out, v->as.text, v->len);
    } else {
        AUTO(str) struct str text = STR_INIT(out->max);
        json_print(&text, v, JSON_COMPACT);
        utf8_add_safe(out, str_text(&text), text.len);
    }
}

/* Start of the given line of a text; NULL past its last. */
static const char *line_at(const char *text, size_t n) {
    for (; n > 0 && text != NULL; n--) {
        const char *newline = strchr(text, '\n');
        text = newline != NULL ? newline + 1 : NULL;
    }
    return text;
}

static size_t widest_line(const char *text) {
    size_t widest = 0;
    for (const char *line = text; line != NULL; line = line_at(line, 1)) {
        size_t width = utf8_text_width(line, strcspn(line, "\n"));
        widest = width > widest ? width : widest;
    }
    return widest;
}

static size_t find_column(const struct table *t, const struct value_member *m) {
    for (size_t i = 0; i < t->n_columns; i++) {
        if (t->name_lens[i] == m->key_len && memcmp(t->names[i], m->key, m->key_len) == 0) {
            return i;
        }
    }
    return t->n_columns;
}

static void add_column(struct table *t, const struct value_member *m) {
    if (t->n_columns == t->cap) {
        t->cap = t->cap == 0 ? 16 : 2 * t->cap;
        t->names = mem_realloc(t->names, t->cap, sizeof *t->names);
        t->name_lens = mem_realloc(t->name_lens, t->cap, sizeof *t->name_lens);
        t->widths = mem_realloc(t->widths, t->cap, sizeof *t->widths);
    }
    t->names[t->n_columns] = m->key;
    t->name_lens[t->n_columns] = m->key_len;
    t->widths[t->n_columns] = utf8_text_width(m->key, m->key_len);
    t->n_columns++;
}

/* Columns in the order in which rows first show them, as wide as their widest cell. */
static void measure(struct table *t, const struct value *rows) {
    AUTO(str) struct str cell = STR_INIT(0);
    for (uint32_t i = 0; i < rows->len; i++) {
        const struct value *row = rows->as.items[i];
        for (uint32_t k = 0; k < row->len; k++) {
            const struct value_member *m = &row->as.members[k];
            size_t column = find_column(t, m);
            if (column == t->n_columns) {
                add_column(t, m);
            }
            str_reset(&cell);
            add_cell_text(&cell, m->value);
            size_t width = widest_line(str_text(&cell));
            t->widths[column] = width > t->widths[column] ? width : t->widths[column];
        }
    }
}

/* Adds text and blanks up to `width` and the gap behind it. */
static void add_padded(struct str *out, const char *text, size_t len, size_t width) {
    size_t used = utf8_text_width(text, len);
    str_add_bytes(out, text, len);
    str_add_repeat(out, ' ', width + GAP - used);
}

static void end_line(struct str *out) {
    while (out->len > 0 && out->data[out->len - 1] == ' ') {
        str_cut(out, out->len - 1);
    }
    str_add_char(out, '\n');
}

/* One line of a row. Returns false when no cell has so many lines. */
static bool add_row_line(struct str *out, const struct table *t, const struct value *row,
                         size_t n) {
    AUTO(str) struct str cell = STR_INIT(0);
    size_t start = out->len;
    bool has_text = false;
    for (size_t i = 0; i < t->n_columns; i++) {
        str_reset(&cell);
        add_cell_text(&cell, value_get_len(row, t->names[i], t->name_lens[i]));
        const char *line = line_at(str_text(&cell), n);
        has_text = has_text || line != NULL;
        add_padded(out, line != NULL ? line : "", line != NULL ? strcspn(line, "\n") : 0,
                   t->widths[i]);
    }
    if (!has_text) {
        str_cut(out, start);
        return false;
    }
    end_line(out);
    return true;
}

static void add_rows(struct str *out, const struct value *rows) {
    struct table t = {.n_columns = 0};
    measure(&t, rows);
    for (size_t i = 0; i < t.n_columns; i++) {
        add_padded(out, t.names[i], t.name_lens[i], t.widths[i]);
    }
    end_line(out);
    for (uint32_t i = 0; i < rows->len; i++) {
        for (size_t n = 0; add_row_line(out, &t, rows->as.items[i], n); n++) {
        }
    }
    mem_free(t.names);
    mem_free(t.name_lens);
    mem_free(t.widths);
}

static void add_record(struct str *out, const struct value *object) {
    size_t widest = 0;
    for (uint32_t i = 0; i < object->len; i++) {
        size_t width = utf8_text_width(object->as.members[i].key, object->as.members[i].key_len);
        widest = width > widest ? width : widest;
    }
    AUTO(str) struct str cell = STR_INIT(0);
    AUTO(str) struct str label = STR_INIT(0);
    for (uint32_t i = 0; i < object->len; i++) {
        const struct value_member *m = &object->as.members[i];
        str_reset(&label);
        str_reset(&cell);
        utf8_add_safe(&label, m->key, m->key_len);
        str_add_char(&label, ':');
        add_cell_text(&cell, m->value);
        for (const char *line = str_text(&cell); line != NULL; line = line_at(line, 1)) {
            add_padded(out, str_text(&label), label.len, widest + 1);
            str_add_bytes(out, line, strcspn(line, "\n"));
            end_line(out);
            str_reset(&label);
        }
    }
}

static bool is_list_of_objects(const struct value *v) {
    for (uint32_t i = 0; i < v->len; i++) {
        if (v->as.items[i]->type != VALUE_OBJECT) {
            return false;
        }
    }
    return true;
}

static void add_plain_line(struct str *out, const struct value *v) {
    add_cell_text(out, v);
    str_add_char(out, '\n');
}

void render_table(struct str *out, const struct value *v) {
    if (v->type == VALUE_OBJECT && v->len > 0) {
        add_record(out, v);
    } else if (v->type != VALUE_LIST) {
        add_plain_line(out, v);
    } else if (v->len == 0) {
        str_add(out, "Nothing to show.\n");
    } else if (is_list_of_objects(v)) {
        add_rows(out, v);
    } else {
        for (uint32_t i = 0; i < v->len; i++) {
            add_plain_line(out, v->as.items[i]);
        }
    }
}
