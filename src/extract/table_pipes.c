/*
 * dsjob's tables: names between `|`, a line of dashes, then rows; also with a `|` at both ends. A cell that holds a `|` itself
 * is found by the positions of the header's.
 */
#include "table_priv.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "maxima.h"
#include "value/value.h"

struct pipes {
    struct table *t;
    size_t n_columns;
    size_t *bars; /* terminal column of the bar behind each column but the last */
    const struct value *model;
    const struct value **values;
    struct list_builder list;
};

static bool is_rule(const struct line *line) {
    return strspn(line->text, "-|+: ") == line->len && strstr(line->text, "--") != NULL;
}

bool table_is_pipes(const struct lines *lines) {
    const struct line *header = table_first_line(lines);
    if (header == NULL || memchr(header->text, '|', header->len) == NULL) {
        return false;
    }
    const struct line *rule = header + 1;
    return rule < &lines->items[lines->end] && is_rule(rule);
}

/* Takes a `|` at both ends away. */
static struct line without_frame(const struct line *line) {
    struct line inner = *line;
    if (inner.len > 1 && inner.text[0] == '|' && inner.text[inner.len - 1] == '|') {
        inner.text++;
        inner.len -= 2;
    }
    return inner;
}

static size_t count_bars(const struct line *line) {
    size_t n = 0;
    for (size_t i = 0; i < line->len; i++) {
        n += line->text[i] == '|';
    }
    return n;
}

/* Byte of the bar that ends column i, which starts at `from`: the next one, or the one below the header's. */
static size_t find_bar(const struct pipes *p, const struct line *line, size_t i, size_t from,
                       bool is_exact) {
    if (i + 1 == p->n_columns) {
        return line->len;
    }
    size_t at = from;
    if (!is_exact) {
        struct cursor cursor = {0, 0};
        (void)line_seek(line, &cursor, p->bars[i]);
        at = cursor.byte > from ? cursor.byte : from;
        return at < line->len && line->text[at] == '|' ? at : line->len;
    }
    const char *bar = memchr(line->text + at, '|', line->len - at);
    return bar != NULL ? (size_t)(bar - line->text) : line->len;
}

static const struct value *trimmed_cell(struct pipes *p, const struct line *line, size_t from,
                                        size_t to) {
    while (from < to && line->text[from] == ' ') {
        from++;
    }
    while (to > from && line->text[to - 1] == ' ') {
        to--;
    }
    const char *text = arena_try_text(p->t->arena, line->text + from, to - from);
    return text != NULL ? table_cell(p->t, text, to - from) : NULL;
}

static bool fail_row(const struct pipes *p, const struct line *line, size_t n_bars,
                     struct err *err) {
    return line_fail(&p->t->lines, line, 0, err, "misaligned-table",
                     "this line has %zu columns, the header has %zu", n_bars + 1, p->n_columns);
}

static bool read_row(struct pipes *p, const struct line *whole, struct err *err) {
    struct line line = without_frame(whole);
    size_t n_bars = count_bars(&line);
    bool is_exact = n_bars + 1 == p->n_columns;
    if (n_bars + 1 < p->n_columns) {
        return fail_row(p, whole, n_bars, err);
    }
    size_t from = 0;
    for (size_t i = 0; i < p->n_columns; i++) {
        size_t bar = find_bar(p, &line, i, from, is_exact);
        if (bar == line.len && i + 1 < p->n_columns) {
            return fail_row(p, whole, n_bars, err);
        }
        p->values[i] = trimmed_cell(p, &line, from, bar);
        if (p->values[i] == NULL) {
            return line_fail(&p->t->lines, whole, 0, err, "output-too-large",
                             "this table is too large");
        }
        from = bar + 1;
    }
    list_add(&p->list, object_like(p->t->arena, p->model, p->values));
    return true;
}

static bool read_header(struct pipes *p, const struct line *whole, struct err *err) {
    struct line line = without_frame(whole);
    p->n_columns = count_bars(&line) + 1;
    if (p->n_columns > LIMIT_CSV_CELLS) {
        return line_fail(&p->t->lines, whole, 0, err, "unexpected-output",
                         "a header with %zu columns", p->n_columns);
    }
    p->bars = arena_alloc(p->t->arena, p->n_columns * sizeof *p->bars);
    p->values = arena_alloc(p->t->arena, p->n_columns * sizeof *p->values);
    struct object_builder names;
    object_begin(&names, p->t->arena);
    size_t from = 0;
    for (size_t i = 0; i < p->n_columns; i++) {
        size_t bar = find_bar(p, &line, i, from, true);
        p->bars[i] = line_text_width(line.text, bar);
        const struct value *name = trimmed_cell(p, &line, from, bar);
        if (name == NULL || object_put(&names, name->as.text, name->len, &value_empty_string)) {
            return line_fail(&p->t->lines, whole, from, err, "duplicate-column",
                             "two columns have the same name");
        }
        from = bar + 1;
    }
    p->model = object_end(&names);
    return true;
}

bool table_read_pipes(struct table *t, const struct value **ret_list, struct err *err) {
    struct pipes p = {.t = t};
    const struct line *header = table_first_line(&t->lines);
    size_t index = (size_t)(header - t->lines.items);
    if (!read_header(&p, header, err)) {
        return false;
    }
    list_begin(&p.list, t->arena);
    for (index += 2; index < t->lines.end; index++) {
        const struct line *line = &t->lines.items[index];
        if (line->len == 0 || is_rule(line) || strncmp(line->text, "Total: ", 7) == 0) {
            continue;
        }
        if (!read_row(&p, line, err)) {
            return false;
        }
    }
    *ret_list = list_end(&p.list);
    return true;
}
