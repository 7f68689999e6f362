/*
 * Tables of cpdctl, to the blank:
 *
 *     ...                      always the first line
 *     ID     Name      Tags    columns are as wide as their widest cell and three blanks apart,
 *     1234   p-space   []      the last one is not padded, but the blanks follow all the same
 *
 * An empty list prints "Nothing to show."; one object prints a line of blanks and then
 * "Label:   value" lines; an object that cpdctl has no view for prints its keys without colons; an
 * action prints OK. From 1.x on, cells are cut to 50 characters.
 */
#include "render.h"

#include <string.h>

enum { GAP = 3, COLUMNS_MAX = 16, CELL_MAX_1X = 50 };

/* Characters, not bytes. */
static size_t width_of(const char *utf8) {
    size_t n = 0;
    for (; *utf8 != '\0'; utf8++) {
        n += ((unsigned char)*utf8 & 0xc0) != 0x80;
    }
    return n;
}

static void cut_cell(struct text *cell) {
    size_t n = 0;
    for (size_t i = 0; i < cell->len; i++) {
        n += ((unsigned char)cell->bytes[i] & 0xc0) != 0x80;
        if (n == CELL_MAX_1X) {
            cell->len = i;
            text_puts(cell, "…");
            return;
        }
    }
}

static void print_list_cell(struct text *cell, const cJSON *array) {
    text_putc(cell, '[');
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, array) {
        text_puts(cell, item != array->child ? " " : "");
        text_puts(cell, cJSON_IsString(item) ? item->valuestring : "<Nested Object>");
    }
    text_putc(cell, ']');
}

/* Tags are "[]" even when the object has none; other absent values are empty. */
static void cell_of(struct text *cell, const cJSON *object, const struct column *column,
                    enum dialect dialect) {
    const cJSON *value = json_at(object, column->path);
    bool is_tags = strcmp(column->header, "Tags") == 0;
    if (cJSON_IsArray(value) || (value == NULL && is_tags)) {
        print_list_cell(cell, value);
    } else if (cJSON_IsString(value)) {
        text_puts(cell, value->valuestring);
    } else if (value != NULL) {
        json_print(cell, value, JSON_COMPACT);
    }
    if (dialect == DIALECT_1X && width_of(text_get(cell)) > CELL_MAX_1X) {
        cut_cell(cell);
    }
}

static bool is_shown(const struct column *column, const cJSON *rows) {
    const cJSON *row = NULL;
    cJSON_ArrayForEach(row, rows) {
        if (json_at(row, column->path) != NULL) {
            return true;
        }
    }
    return !column->is_optional;
}

static void put_padded(struct text *out, const char *cell, size_t width) {
    size_t used = width_of(cell);
    text_puts(out, cell);
    text_pad(out, (used < width ? width - used : 0) + GAP);
}

static size_t width_of_column(const struct column *column, const cJSON *rows,
                              enum dialect dialect) {
    size_t width = width_of(column->header);
    const cJSON *row = NULL;
    cJSON_ArrayForEach(row, rows) {
        struct text cell = {0};
        cell_of(&cell, row, column, dialect);
        size_t used = width_of(text_get(&cell));
        width = used > width ? used : width;
        text_release(&cell);
    }
    return width;
}

static void render_list(struct text *out, const struct command *command, const cJSON *rows) {
    const struct column *shown[COLUMNS_MAX];
    size_t widths[COLUMNS_MAX];
    size_t n = 0;
    for (const struct column *c = command->columns; c->header != NULL && n < COLUMNS_MAX; c++) {
        if (is_shown(c, rows)) {
            widths[n] = width_of_column(c, rows, command->dialect);
            shown[n++] = c;
        }
    }
    for (size_t i = 0; i < n; i++) {
        put_padded(out, shown[i]->header, i + 1 < n ? widths[i] : 0);
    }
    text_putc(out, '\n');
    const cJSON *row = NULL;
    cJSON_ArrayForEach(row, rows) {
        for (size_t i = 0; i < n; i++) {
            struct text cell = {0};
            cell_of(&cell, row, shown[i], command->dialect);
            put_padded(out, text_get(&cell), i + 1 < n ? widths[i] : 0);
            text_release(&cell);
        }
        text_putc(out, '\n');
    }
}

/* The header of a two-column form is two empty cells: only blanks. */
static void put_blank_header(struct text *out, size_t width) {
    put_padded(out, "", width);
    put_padded(out, "", 0);
    text_putc(out, '\n');
}

static void render_record(struct text *out, const struct command *command, const cJSON *object) {
    size_t width = 0;
    for (const struct column *c = command->columns; c->header != NULL; c++) {
        bool is_left_out = c->is_optional && json_at(object, c->path) == NULL;
        size_t used = is_left_out ? 0 : strlen(c->header) + 1;
        width = used > width ? used : width;
    }
    put_blank_header(out, width);
    for (const struct column *c = command->columns; c->header != NULL; c++) {
        if (c->is_optional && json_at(object, c->path) == NULL) {
            continue;
        }
        struct text label = {0};
        struct text cell = {0};
        text_printf(&label, "%s:", c->header);
        cell_of(&cell, object, c, command->dialect);
        put_padded(out, text_get(&label), width);
        put_padded(out, text_get(&cell), 0);
        text_putc(out, '\n');
        text_release(&label);
        text_release(&cell);
    }
}

static void render_plain(struct text *out, const cJSON *object) {
    size_t width = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, object) {
        size_t used = width_of(member->string);
        width = used > width ? used : width;
    }
    put_blank_header(out, width);
    cJSON_ArrayForEach(member, object) {
        struct text cell = {0};
        if (cJSON_IsObject(member)) {
            text_puts(&cell, "<Nested Object>");
        } else if (cJSON_IsArray(member)) {
            text_puts(&cell, "<Array>");
        } else if (cJSON_IsString(member)) {
            text_puts(&cell, member->valuestring);
        } else {
            json_print(&cell, member, JSON_COMPACT);
        }
        put_padded(out, member->string, width);
        put_padded(out, text_get(&cell), 0);
        text_putc(out, '\n');
        text_release(&cell);
    }
}

static void render_table(struct text *out, const struct command *command, const cJSON *body) {
    const cJSON *rows = body != NULL ? json_at(body, kind_infos[command->kind].list_key) : NULL;
    text_puts(out, "...\n");
    if (body == NULL) {
        text_puts(out, "OK\n");
    } else if (cJSON_IsArray(rows) && rows->child == NULL) {
        text_puts(out, "Nothing to show.\n");
    } else if (cJSON_IsArray(rows) && command->columns != NULL) {
        render_list(out, command, rows);
    } else if (command->columns != NULL) {
        render_record(out, command, body);
    } else {
        render_plain(out, body);
    }
    const char *next = json_text(body, "next.href");
    if (next != NULL && command->dialect == DIALECT_1X) {
        text_printf(out, "Next token: '%s'\n", next);
    }
}

void render(struct text *out, const struct command *command, const cJSON *body,
            enum output output) {
    if (output == OUTPUT_TABLE) {
        render_table(out, command, body);
    } else if (body != NULL && output == OUTPUT_JSON) {
        json_print(out, body, JSON_GO);
    } else if (body != NULL) {
        json_print_yaml(out, body);
    }
}
