/*
 * One object as `Label:   value` lines (labels without colon for objects that cpdctl has no view for).
 *
 * The printer sees a table of two columns whose header names are empty, so a blank line stands first. The value column is
 * the smallest start of a second field. Lines without a label belong to the label above: a nested
 * table when the first of them is a header that the others fit, else further lines of the value.
 */
#include "table_priv.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "value/value.h"

#define NO_COLUMN ((size_t)-1)

/* Length of the label at the line's start: up to a gap of three blanks, or of two behind a colon. */
static size_t label_len(const struct line *line) {
    size_t len = line_field_len(line, 0);
    const char *colon = memmem(line->text, len, ":  ", 3);
    return colon != NULL ? (size_t)(colon + 1 - line->text) : len;
}

static bool has_colon(const struct line *line, size_t len) {
    return len > 0 && line->text[len - 1] == ':';
}

bool table_is_record(const struct lines *lines) {
    const struct line *first = table_first_line(lines);
    if (first == NULL || first->text[0] == ' ') {
        return false;
    }
    size_t len = label_len(first);
    if (has_colon(first, len) && len < first->len) {
        return true;
    }
    size_t value = line_skip_blanks(first, len);
    size_t value_len = line_field_len(first, value);
    return lines->items[lines->first].len == 0 &&
           (has_colon(first, len) || value + value_len == first->len);
}

struct record {
    struct table *t;
    size_t value_column; /* in terminal columns; NO_COLUMN: no label has a value */
};

static size_t find_value_column(const struct lines *lines) {
    size_t smallest = NO_COLUMN;
    for (size_t i = lines->first; i < lines->end; i++) {
        const struct line *line = &lines->items[i];
        if (line->len == 0 || line->text[0] == ' ') {
            continue;
        }
        size_t value = line_skip_blanks(line, label_len(line));
        if (value < line->len) {
            size_t column = line_text_width(line->text, value);
            smallest = column < smallest ? column : smallest;
        }
    }
    return smallest;
}

/* The part of a line from the value column on; its text stands in the line's. */
static struct line value_part(const struct record *r, const struct line *line) {
    struct cursor cursor = {0, 0};
    (void)line_seek(line, &cursor, r->value_column);
    struct line part = *line;
    part.text += cursor.byte;
    part.len -= cursor.byte;
    return part;
}

/* A line without a label must be blank up to the value column. */
static bool is_indented(const struct record *r, const struct line *line) {
    return line->len == 0 || line_skip_blanks(line, 0) >= r->value_column;
}

/* Reads lines first .. end-1 from the value column on as a table; NULL when they are none. */
static const struct value *read_nested(struct record *r, size_t first, size_t end) {
    struct lines *outer = &r->t->lines;
    struct line header = value_part(r, &outer->items[first]);
    if (line_field_len(&header, 0) == header.len || header.text[0] == ' ') {
        return NULL;
    }
    struct table nested = {.arena = r->t->arena, .lines = {NULL, 0, end - first, outer->name}};
    struct line *items = arena_try(r->t->arena, (end - first) * sizeof *items);
    if (items == NULL) {
        return NULL;
    }
    for (size_t i = first; i < end; i++) {
        /* A copy: should the lines be no table after all, they are still whole. */
        items[i - first] = value_part(r, &outer->items[i]);
        struct line *item = &items[i - first];
        char *text = arena_try_text(r->t->arena, item->text, item->len);
        if (text == NULL) {
            return NULL;
        }
        item->text = text;
    }
    nested.lines.items = items;
    const struct value *list = NULL;
    AUTO(err) struct err err = ERR_INIT;
    if (!table_read_rows(&nested, &list, &err)) {
        return NULL;
    }
    r->t->n_cut += nested.n_cut;
    return list;
}

/* Joins the values of lines first .. end-1 with newlines; NULL when the arena is full. */
static const struct value *join_lines(struct record *r, size_t first, size_t end) {
    size_t total = 0;
    for (size_t i = first; i < end; i++) {
        total += value_part(r, &r->t->lines.items[i]).len + 1;
    }
    char *text = arena_try(r->t->arena, total);
    if (text == NULL) {
        return NULL;
    }
    size_t n = 0;
    for (size_t i = first; i < end; i++) {
        struct line part = value_part(r, &r->t->lines.items[i]);
        memcpy(text + n, part.text, part.len);
        n += part.len;
        text[n++] = i + 1 < end ? '\n' : '\0';
    }
    return table_cell(r->t, text, n - 1);
}

/* The value of the label in line `first`, whose lines end before `end`. */
static const struct value *read_value(struct record *r, size_t first, size_t end) {
    while (end > first + 1 && r->t->lines.items[end - 1].len == 0) {
        end--; /* the last line of a nested table or of a value that ends in a newline */
    }
    const struct value *nested = end > first + 1 ? read_nested(r, first, end) : NULL;
    return nested != NULL ? nested : join_lines(r, first, end);
}

static bool read_label(struct record *r, size_t index, size_t end, struct object_builder *object,
                       struct err *err) {
    const struct line *line = &r->t->lines.items[index];
    size_t len = label_len(line);
    const struct value *value = read_value(r, index, end);
    if (value == NULL) {
        return line_fail(&r->t->lines, line, 0, err, "output-too-large", "this value is too long");
    }
    if (object_put(object, line->text, len - has_colon(line, len), value)) {
        return line_fail(&r->t->lines, line, 0, err, "duplicate-column",
                         "a second line with the label '%.*s'", (int)len, line->text);
    }
    return true;
}

/* Index behind the lines that belong to the label in line `index`; 0 and an error when one of them is not indented. */
static size_t find_end(const struct record *r, size_t index, struct err *err) {
    const struct lines *lines = &r->t->lines;
    size_t end = index + 1;
    for (; end < lines->end; end++) {
        const struct line *line = &lines->items[end];
        if (line->len > 0 && line->text[0] != ' ') {
            break;
        }
        if (!is_indented(r, line)) {
            line_fail(lines, line, line_skip_blanks(line, 0), err, "misaligned-table",
                      "text without a label stands before the column of the values");
            return 0;
        }
    }
    return end;
}

bool table_read_record(struct table *t, const struct value **ret_object, struct err *err) {
    struct record r = {t, find_value_column(&t->lines)};
    struct object_builder object;
    object_begin(&object, t->arena);
    size_t index = t->lines.first;
    while (t->lines.items[index].len == 0) {
        index++; /* the header of empty names */
    }
    while (index < t->lines.end) {
        size_t end = find_end(&r, index, err);
        if (end == 0 || !read_label(&r, index, end, &object, err)) {
            return false;
        }
        index = end;
    }
    *ret_object = object_end(&object);
    return true;
}
