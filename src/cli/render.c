/*
 * The output formats of eval and extract but the aligned table, which is in render_table.c.
 */
#include "cli/render.h"

#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/out.h"
#include "extract/extract.h"
#include "render_priv.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

const char *const render_format_names[RENDER_FORMAT_COUNT + 1] = {
    [RENDER_JSON] = "json",   [RENDER_COMPACT] = "compact", [RENDER_YAML] = "yaml",
    [RENDER_TABLE] = "table", [RENDER_CSV] = "csv",         [RENDER_LINES] = "lines"};

void render_init(struct render *r, enum render_format format, struct out *out) {
    *r = (struct render){.format = format, .out = out, .kept = ARENA_INIT(0)};
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void add_escaped(struct str *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        switch (text[i]) {
        case '\t':
            str_add(out, "\\t");
            break;
        case '\n':
            str_add(out, "\\n");
            break;
        case '\r':
            str_add(out, "\\r");
            break;
        case '\\':
            str_add(out, "\\\\");
            break;
        default:
            str_add_char(out, text[i]);
        }
    }
}

/* A scalar without quotes; null is nothing. */
static void add_bare(struct str *out, const struct value *v) {
    if (v->type == VALUE_STRING) {
        str_add_bytes(out, v->as.text, v->len);
    } else if (v->type != VALUE_NULL) {
        json_print(out, v, JSON_COMPACT);
    }
}

static bool is_list_of_scalars(const struct value *v) {
    if (v->type != VALUE_LIST) {
        return false;
    }
    for (uint32_t i = 0; i < v->len; i++) {
        if (v->as.items[i]->type == VALUE_LIST || v->as.items[i]->type == VALUE_OBJECT) {
            return false;
        }
    }
    return true;
}

/* One line: a bare scalar, the columns of an inner list, or compact JSON. */
static void add_line(struct str *out, const struct value *v) {
    if (!is_list_of_scalars(v)) {
        add_bare(out, v);
    } else {
        for (uint32_t i = 0; i < v->len; i++) {
            const struct value *cell = v->as.items[i];
            if (i > 0) {
                str_add_char(out, '\t');
            }
            if (cell->type == VALUE_STRING) {
                add_escaped(out, cell->as.text, cell->len);
            } else {
                add_bare(out, cell);
            }
        }
    }
    str_add_char(out, '\n');
}

static void add_lines(struct str *out, const struct value *v) {
    if (v->type == VALUE_NULL) {
        return;
    }
    if (v->type != VALUE_LIST) {
        add_line(out, v);
        return;
    }
    for (uint32_t i = 0; i < v->len; i++) {
        add_line(out, v->as.items[i]);
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static const struct value *keep_row(struct render *r, const struct value *row) {
    if (r->n_rows == r->cap_rows) {
        r->cap_rows = r->cap_rows == 0 ? 64 : 2 * r->cap_rows;
        r->rows = mem_realloc(r->rows, r->cap_rows, sizeof *r->rows);
    }
    r->rows[r->n_rows] = value_copy(&r->kept, row);
    return r->rows[r->n_rows];
}

/* A row of an indented list: every line of it two blanks further in. Newlines inside texts are escaped in JSON. */
static void add_json_row(struct str *out, const struct value *row, bool is_first) {
    AUTO(str) struct str text = STR_INIT(out->max);
    json_print(&text, row, JSON_PRETTY);
    str_add(out, is_first ? "[\n" : ",\n");
    const char *end = str_text(&text) + text.len;
    for (const char *line = str_text(&text); line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *next = newline != NULL ? newline + 1 : end;
        str_add(out, "  ");
        str_add_bytes(out, line, (size_t)(next - line));
        line = next;
    }
}

static void add_yaml_row(struct str *out, struct arena *a, const struct value *row) {
    struct list_builder one;
    list_begin(&one, a);
    list_add(&one, row);
    yaml_print(out, list_end(&one));
}

static bool add_csv_row(struct render *r, const struct value *row, struct err *err) {
    if (r->n_rows == 0) {
        extract_print_csv_header(&r->out->text, keep_row(r, row), ',');
    }
    return extract_print_csv_row(&r->out->text, r->rows[0], row, ',', err);
}

bool render_row(struct render *r, const struct value *row, struct err *err) {
    struct str *text = &r->out->text;
    switch (r->format) {
    case RENDER_JSON:
        add_json_row(text, row, r->n_rows == 0);
        break;
    case RENDER_COMPACT:
        str_add(text, r->n_rows == 0 ? "[" : ",");
        json_print(text, row, JSON_COMPACT);
        break;
    case RENDER_YAML: {
        struct arena one = ARENA_INIT(0);
        add_yaml_row(text, &one, row);
        arena_release(&one);
        break;
    }
    case RENDER_TABLE:
        (void)keep_row(r, row);
        break;
    case RENDER_CSV:
        if (!add_csv_row(r, row, err)) {
            return false;
        }
        break;
    case RENDER_LINES:
        add_line(text, row);
        break;
    case RENDER_FORMAT_COUNT:
        bug("format %d", (int)r->format);
    }
    r->n_rows++;
    return true;
}

/* ---- whole results --------------------------------------------------------------------------- */

bool render_value(struct render *r, const struct value *v, struct err *err) {
    struct str *text = &r->out->text;
    bool is_first = r->n_values++ == 0;
    switch (r->format) {
    case RENDER_JSON:
    case RENDER_COMPACT:
        json_print(text, v, r->format == RENDER_JSON ? JSON_PRETTY : JSON_COMPACT);
        str_add_char(text, '\n');
        return true;
    case RENDER_YAML:
        str_add(text, is_first ? "" : "---\n");
        yaml_print(text, v);
        return true;
    case RENDER_TABLE:
        str_add(text, is_first ? "" : "\n");
        render_table(text, v);
        return true;
    case RENDER_CSV:
        return extract_print_csv(text, v, ',', err);
    case RENDER_LINES:
        add_lines(text, v);
        return true;
    case RENDER_FORMAT_COUNT:
        break;
    }
    bug("format %d", (int)r->format);
}

static void end_rows(struct render *r) {
    struct str *text = &r->out->text;
    if (r->format == RENDER_TABLE) {
        struct value list = {.type = VALUE_LIST, .len = (uint32_t)r->n_rows, .as.items = r->rows};
        render_table(text, &list);
    } else if (r->format == RENDER_JSON) {
        str_add(text, r->n_rows == 0 ? "[]\n" : "\n]\n");
    } else if (r->format == RENDER_COMPACT) {
        str_add(text, r->n_rows == 0 ? "[]\n" : "]\n");
    } else if (r->format == RENDER_YAML && r->n_rows == 0) {
        str_add(text, "[]\n");
    }
}

void render_end(struct render *r, bool has_rows) {
    if (has_rows) {
        end_rows(r);
    }
    arena_release(&r->kept);
    mem_free(r->rows);
    r->rows = NULL;
}
