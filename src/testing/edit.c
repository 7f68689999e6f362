/*
 * Changes of a YAML text.
 *
 * libyaml tells where a node begins and not where it ends, so the end is looked for in the text: read span_of() first. Every
 * change is a range of bytes and what comes in its place; all refer to the old text and are put together in edits_apply().
 */
#include "edit_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

struct edit {
    size_t start;
    size_t end;
    char *text;
    size_t indent; /* of equal places the line that is furthest in comes first, */
    size_t number; /*   then the one made first */
};

struct span {
    size_t start;
    size_t end;
};

void edits_init(struct edits *e, const char *text, size_t len) {
    *e = (struct edits){.text = text, .len = len};
    arena_init(&e->arena, 0);
}

void edits_release(struct edits *e) {
    for (size_t i = 0; i < e->n; i++) {
        mem_free(e->items[i].text);
    }
    mem_free(e->items);
    arena_release(&e->arena);
}

static void add_edit(struct edits *e, size_t start, size_t end, char *text) {
    e->items = mem_realloc(e->items, e->n + 1, sizeof *e->items);
    e->items[e->n] = (struct edit){start, end, text, 0, e->n};
    e->n++;
}

/* ---- places in the text ---- */

static size_t offset_of(const struct edits *e, const struct yaml_node *node) {
    size_t at = 0;
    for (unsigned line = 1; line < node->line && at < e->len; at++) {
        line += e->text[at] == '\n' ? 1 : 0;
    }
    for (unsigned col = 1; col < node->col && at < e->len; col++) {
        at++; /* columns count characters */
        while (at < e->len && ((unsigned char)e->text[at] & 0xC0U) == 0x80U) {
            at++;
        }
    }
    return at;
}

static size_t line_start(const struct edits *e, size_t at) {
    while (at > 0 && e->text[at - 1] != '\n') {
        at--;
    }
    return at;
}

static size_t line_end(const struct edits *e, size_t at) {
    while (at < e->len && e->text[at] != '\n') {
        at++;
    }
    return at > 0 && at < e->len && e->text[at - 1] == '\r' ? at - 1 : at;
}

/* Where the line behind the one of `at` begins. */
static size_t next_line(const struct edits *e, size_t at) {
    const char *eol = at < e->len ? memchr(e->text + at, '\n', e->len - at) : NULL;
    return eol == NULL ? e->len : (size_t)(eol - e->text) + 1;
}

static const char *line_break(const struct edits *e) {
    const char *eol = memchr(e->text, '\n', e->len);
    return eol != NULL && eol > e->text && eol[-1] == '\r' ? "\r\n" : "\n";
}

static size_t blanks_at(const struct edits *e, size_t at) {
    size_t n = 0;
    while (at + n < e->len && e->text[at + n] == ' ') {
        n++;
    }
    return n;
}

static bool is_blank_line(const struct edits *e, size_t at) {
    return at + blanks_at(e, at) >= line_end(e, at);
}

static bool is_first_of_line(const struct edits *e, size_t at) {
    size_t start = line_start(e, at);
    return start + blanks_at(e, start) == at;
}

/* Where the first line begins that is not further in than `n_blanks`, empty ones at the end not counted. */
static size_t end_of_lines(const struct edits *e, size_t at, size_t n_blanks) {
    size_t end = next_line(e, at);
    for (size_t line = end; line < e->len; line = next_line(e, line)) {
        if (is_blank_line(e, line)) {
            continue;
        }
        if (blanks_at(e, line) <= n_blanks) {
            break;
        }
        end = next_line(e, line);
    }
    return end;
}

/* Behind the quote that ends the text at `at`. */
static size_t end_of_quoted(const struct edits *e, size_t at) {
    char quote = e->text[at++];
    while (at < e->len && (e->text[at] != quote ||
                           (quote == '\'' && at + 1 < e->len && e->text[at + 1] == '\''))) {
        bool is_pair = (quote == '"' && e->text[at] == '\\') || e->text[at] == quote;
        at += is_pair ? 2 : 1;
    }
    return at < e->len ? at + 1 : e->len;
}

/* Quotes and `#` are signs only at the beginning of a word. */
static bool begins_word(const struct edits *e, size_t at) {
    return at == 0 || strchr(" \t\r\n[{,:", e->text[at - 1]) != NULL;
}

static size_t end_of_flow(const struct edits *e, size_t at) {
    size_t depth = 0;
    while (at < e->len) {
        char c = e->text[at];
        bool is_first = begins_word(e, at);
        if ((c == '"' || c == '\'') && is_first) {
            at = end_of_quoted(e, at);
            continue;
        }
        if (c == '#' && is_first) {
            at = next_line(e, at);
            continue;
        }
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= c == '}' || c == ']' ? 1 : 0;
        at++;
        if (depth == 0) {
            return at;
        }
    }
    return e->len;
}

static bool is_flow(const struct edits *e, size_t at) {
    return at < e->len && (e->text[at] == '{' || e->text[at] == '[');
}

/* `|` and `>`: the text is all lines behind that are further in than the key before it. */
static size_t end_of_block_text(const struct edits *e, size_t at) {
    size_t line = line_start(e, at);
    size_t n_blanks = blanks_at(e, line);
    while (strncmp(e->text + line + n_blanks, "- ", 2) == 0) { /* a key behind the dash of a list */
        n_blanks += 2 + blanks_at(e, line + n_blanks + 2);
    }
    size_t end = end_of_lines(e, at, n_blanks);
    return e->text[end - 1] == '\n' ? line_end(e, end - 1) : end;
}

/* From the node's first character to behind its last one. False: what stands there is not what was read. */
static bool span_of(const struct edits *e, const struct yaml_node *node, struct span *ret_span) {
    size_t at = offset_of(e, node);
    while (at < e->len && (e->text[at] == '&' || e->text[at] == '!')) { /* they stay */
        at += strcspn(e->text + at, " \n");
        at += blanks_at(e, at);
    }
    char c = at < e->len ? e->text[at] : '\0';
    ret_span->start = at;
    if (node->kind == YAML_SCALAR && node->is_block) {
        ret_span->end = end_of_block_text(e, at);
        return c == '|' || c == '>';
    }
    if (is_flow(e, at)) {
        ret_span->end = end_of_flow(e, at);
        return true;
    }
    if (node->kind == YAML_SCALAR && !node->is_plain) {
        ret_span->end = end_of_quoted(e, at);
        return c == '"' || c == '\'';
    }
    ret_span->end = at + node->text_len;
    return node->kind == YAML_SCALAR && ret_span->end <= e->len &&
           memcmp(e->text + at, node->text, node->text_len) == 0;
}

/* Behind the colon of a key; 0: there is none. */
static size_t behind_colon(const struct edits *e, const struct yaml_node *key) {
    struct span span;
    if (!span_of(e, key, &span)) {
        return 0;
    }
    size_t at = span.end + blanks_at(e, span.end);
    return at < e->len && e->text[at] == ':' ? at + 1 : 0;
}

/* The alias stands where its value does not: behind the key. */
static bool is_alias(const struct yaml_node *key, const struct yaml_node *value) {
    return value->line < key->line || (value->line == key->line && value->col < key->col);
}

/* The word of an alias: from `*` to behind its name. */
static bool span_of_alias(const struct edits *e, const struct yaml_node *key,
                          struct span *ret_span) {
    size_t at = behind_colon(e, key);
    at += at == 0 ? 0 : blanks_at(e, at);
    *ret_span = (struct span){at, at + strcspn(e->text + at, " ,]}\r\n")};
    return at > 0 && e->text[at] == '*';
}

/* ---- values as a person would write them ---- */

static bool is_plain(const char *text, size_t len) {
    static const char *const words[] = {"true", "false", "null", "yes", "no", "on", "off", NULL};
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            return false;
        }
    }
    struct err err = ERR_INIT;
    int64_t ms = 0;
    bool is_duration = num_parse_duration_ms(text, len, &ms, &err) && strchr(text, ' ') == NULL;
    err_release(&err);
    if (is_duration) {
        return true;
    }
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char others[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-./() ";
    return len > 0 && strchr(first, text[0]) != NULL && strspn(text, others) == len &&
           text[len - 1] != ' ';
}

static void add_text(struct str *out, const char *text, size_t len) {
    if (is_plain(text, len)) {
        str_add(out, text);
    } else {
        json_print_string(out, text, len);
    }
}

static void add_value(struct str *out, const struct value *v) {
    if (v->type == VALUE_STRING) {
        add_text(out, v->as.text, v->len);
    } else if (v->type == VALUE_OBJECT || v->type == VALUE_LIST) {
        bool is_map = v->type == VALUE_OBJECT;
        str_add_char(out, is_map ? '{' : '[');
        for (uint32_t i = 0; i < v->len; i++) {
            str_add(out, i == 0 ? "" : ", ");
            if (is_map) {
                add_text(out, v->as.members[i].key, v->as.members[i].key_len);
                str_add(out, ": ");
            }
            add_value(out, is_map ? v->as.members[i].value : v->as.items[i]);
        }
        str_add_char(out, is_map ? '}' : ']');
    } else {
        json_print(out, v, JSON_COMPACT);
    }
}

static char *text_of(const struct value *v, const char *before) {
    AUTO(str) struct str text = STR_INIT(LIMIT_RECIPE_BYTES);
    str_add(&text, before);
    add_value(&text, v);
    return str_take(&text);
}

static char *pair_text(const char *before, const char *key, const struct value *v,
                       const char *after) {
    AUTO(str) struct str text = STR_INIT(LIMIT_RECIPE_BYTES);
    str_add(&text, before);
    add_text(&text, key, strlen(key));
    str_add(&text, ": ");
    add_value(&text, v);
    str_add(&text, after);
    return str_take(&text);
}

/* ---- single values ---- */

static bool is_same(struct edits *e, const struct yaml_node *node, const struct value *v) {
    return value_equal(yaml_to_value(&e->arena, node), v);
}

static bool replace_span(struct edits *e, const struct yaml_node *node, const struct value *v) {
    struct span span;
    if (!span_of(e, node, &span)) {
        return false;
    }
    bool needs_blank = span.start > 0 && e->text[span.start - 1] == ':'; /* `key:` with nothing */
    add_edit(e, span.start, span.end, text_of(v, needs_blank ? " " : ""));
    e->n_changed++;
    return true;
}

/* `key: *other`: the name of the anchor gives way to the value. */
static bool replace_alias(struct edits *e, const struct yaml_node *key, const struct value *v) {
    struct span span;
    if (!span_of_alias(e, key, &span)) {
        return false;
    }
    add_edit(e, span.start, span.end, text_of(v, ""));
    e->n_changed++;
    return true;
}

/* The lines of a block become ` {}` or ` []` behind the key. */
static bool replace_by_nothing(struct edits *e, const struct yaml_node *key,
                               const struct yaml_node *node, const struct value *v) {
    size_t colon = behind_colon(e, key);
    size_t first = line_start(e, offset_of(e, node));
    if (colon == 0 || first < colon) {
        return false;
    }
    size_t last = offset_of(e, node->kind == YAML_MAP ? node->pairs[node->n - 1].key
                                                      : node->items[node->n - 1]);
    size_t n_blanks = blanks_at(e, line_start(e, last));
    add_edit(e, colon, colon, text_of(v, " "));
    add_edit(e, first, end_of_lines(e, last, n_blanks), mem_strdup(""));
    e->n_changed++;
    return true;
}

/* ---- lists ---- */

static bool replace_value(struct edits *e, const struct yaml_node *key,
                          const struct yaml_node *node, const struct value *v);

/* The line of an item up to its text holds only its dash. */
static bool is_behind_dash(const struct edits *e, size_t at, unsigned col) {
    size_t dash = line_start(e, at) + col - 1;
    return dash < at && e->text[dash] == '-' && is_first_of_line(e, dash) &&
           dash + 1 + blanks_at(e, dash + 1) == at;
}

/* An item with its comment, up to the line where the next one or something else begins. */
static void add_old_item(struct str *out, const struct edits *e, const struct yaml_node *list,
                         size_t i) {
    size_t start = offset_of(e, list->items[i]);
    size_t end = end_of_lines(e, start, list->col - 1);
    while (end > start && strchr("\r\n", e->text[end - 1]) != NULL) {
        end--;
    }
    str_add_bytes(out, e->text + start, end - start);
}

/* Items that stay keep their lines with what stands behind them. */
static bool replace_block_list(struct edits *e, const struct yaml_node *list,
                               const struct value *v) {
    size_t start = offset_of(e, list->items[0]);
    for (size_t i = 0; i < list->n; i++) {
        if (!is_behind_dash(e, offset_of(e, list->items[i]), list->col)) {
            return false;
        }
    }
    bool *is_taken = mem_zalloc(list->n, sizeof *is_taken);
    AUTO(str) struct str text = STR_INIT(LIMIT_RECIPE_BYTES);
    for (uint32_t k = 0; k < v->len; k++) {
        size_t i = 0;
        while (i < list->n && (is_taken[i] || !is_same(e, list->items[i], v->as.items[k]))) {
            i++;
        }
        if (k > 0) {
            str_addf(&text, "%s%*s- ", line_break(e), (int)list->col - 1, "");
        }
        if (i < list->n) {
            is_taken[i] = true;
            add_old_item(&text, e, list, i);
        } else {
            add_value(&text, v->as.items[k]);
        }
    }
    mem_free(is_taken);
    size_t end = end_of_lines(e, offset_of(e, list->items[list->n - 1]), list->col - 1);
    while (end > start && strchr("\r\n", e->text[end - 1]) != NULL) {
        end--;
    }
    add_edit(e, start, end, str_take(&text));
    e->n_changed++;
    return true;
}

static bool replace_list(struct edits *e, const struct yaml_node *key, const struct yaml_node *list,
                         const struct value *v) {
    if (list->n > 0 && !is_flow(e, offset_of(e, list))) {
        return v->len == 0 ? replace_by_nothing(e, key, list, v) : replace_block_list(e, list, v);
    }
    bool is_fine = true;
    for (size_t i = 0; i < list->n && list->n == v->len; i++) {
        is_fine = replace_value(e, NULL, list->items[i], v->as.items[i]) && is_fine;
    }
    return list->n == v->len ? is_fine : replace_span(e, list, v);
}

/* ---- maps ---- */

static bool has_same_keys(const struct yaml_node *node, const struct value *v) {
    bool is_same = node->n == v->len;
    for (size_t i = 0; is_same && i < node->n; i++) {
        is_same = value_get(v, node->pairs[i].key->text) != NULL && !node->pairs[i].key->is_merged;
    }
    return is_same;
}

const struct yaml_node *edit_find(const struct yaml_node *map, const char *key) {
    return map->kind == YAML_MAP ? yaml_get(map, key) : NULL;
}

/* Own keys of a block map that the value does not have lose their lines; each stands at the beginning of one. */
static bool drop_keys(struct edits *e, const struct yaml_node *map, const struct value *v) {
    for (size_t i = 0; i < map->n; i++) {
        const struct yaml_node *key = map->pairs[i].key;
        if (value_get(v, key->text) != NULL) {
            continue;
        }
        size_t at = offset_of(e, key);
        if (key->is_merged || !is_first_of_line(e, at)) {
            return false;
        }
        add_edit(e, line_start(e, at), end_of_lines(e, at, map->col - 1), mem_strdup(""));
        e->n_changed++;
    }
    return true;
}

static const struct yaml_pair *last_own_pair(const struct yaml_node *map) {
    const struct yaml_pair *last = NULL;
    for (size_t i = 0; i < map->n && !map->pairs[i].key->is_merged; i++) {
        last = &map->pairs[i];
    }
    return last;
}

static bool put_key_in_flow(struct edits *e, const struct yaml_node *map, const char *key,
                            const struct value *v) {
    const struct yaml_pair *last = last_own_pair(map);
    size_t at = offset_of(e, map) + 1; /* behind the brace of an empty map */
    bool is_first = last == NULL;
    for (size_t i = 0; is_first && i < e->n; i++) {
        is_first = e->items[i].start != at;
    }
    if (last != NULL) {
        struct span span;
        if (!(is_alias(last->key, last->value) ? span_of_alias(e, last->key, &span)
                                               : span_of(e, last->value, &span))) {
            return false;
        }
        at = span.end;
    }
    add_edit(e, at, at, pair_text(is_first ? "" : ", ", key, v, ""));
    return true;
}

static bool put_key_in_block(struct edits *e, const struct yaml_node *map, const char *key,
                             const struct value *v) {
    const struct yaml_pair *last = last_own_pair(map);
    if (last == NULL) {
        return false;
    }
    AUTO(str) struct str indent = STR_INIT(0);
    size_t end = end_of_lines(e, offset_of(e, last->key), map->col - 1);
    bool is_open = end > 0 && e->text[end - 1] != '\n';
    str_addf(&indent, "%s%*s", is_open ? line_break(e) : "", (int)map->col - 1, "");
    add_edit(e, end, end, pair_text(str_text(&indent), key, v, is_open ? "" : line_break(e)));
    e->items[e->n - 1].indent = map->col;
    return true;
}

/* Behind the last own pair. */
static bool put_key(struct edits *e, const struct yaml_node *map, const char *key,
                    const struct value *v) {
    bool is_fine = is_flow(e, offset_of(e, map)) ? put_key_in_flow(e, map, key, v)
                                                 : put_key_in_block(e, map, key, v);
    e->n_changed += is_fine ? 1 : 0;
    return is_fine;
}

/* A pair that the map has itself, not by a merge. */
static const struct yaml_pair *own_pair(const struct yaml_node *map, const char *key) {
    for (size_t i = 0; i < map->n; i++) {
        if (strcmp(map->pairs[i].key->text, key) == 0 && !map->pairs[i].key->is_merged) {
            return &map->pairs[i];
        }
    }
    return NULL;
}

static bool put_value(struct edits *e, const struct yaml_node *map, const char *key,
                      const struct value *v) {
    const struct yaml_pair *pair = own_pair(map, key);
    const struct yaml_node *merged = edit_find(map, key);
    if (pair == NULL) {
        return (merged != NULL && is_same(e, merged, v)) || put_key(e, map, key, v);
    }
    return replace_value(e, pair->key, pair->value, v);
}

static bool replace_map(struct edits *e, const struct yaml_node *key, const struct yaml_node *map,
                        const struct value *v) {
    bool has_lines = map->n > 0 && !is_flow(e, offset_of(e, map));
    if (!has_lines && !has_same_keys(map, v)) {
        return replace_span(e, map, v);
    }
    if (v->len == 0) {
        return key != NULL && replace_by_nothing(e, key, map, v);
    }
    bool is_fine = drop_keys(e, map, v);
    for (uint32_t i = 0; i < v->len; i++) {
        is_fine = put_value(e, map, v->as.members[i].key, v->as.members[i].value) && is_fine;
    }
    return is_fine;
}

/* `key` NULL: an item of a list. */
static bool replace_value(struct edits *e, const struct yaml_node *key,
                          const struct yaml_node *node, const struct value *v) {
    if (is_same(e, node, v)) {
        return true;
    }
    if (key != NULL && is_alias(key, node)) {
        return replace_alias(e, key, v);
    }
    if (node->kind == YAML_MAP && v->type == VALUE_OBJECT) {
        return replace_map(e, key, node, v);
    }
    if (node->kind == YAML_LIST && v->type == VALUE_LIST) {
        return replace_list(e, key, node, v);
    }
    return replace_span(e, node, v);
}

bool edit_value(struct edits *e, const struct yaml_node *map, const char *key,
                const struct value *v, unsigned *ret_line) {
    size_t n_before = e->n;
    size_t n_changed_before = e->n_changed;
    if (put_value(e, map, key, v)) {
        return true;
    }
    while (e->n > n_before) { /* all of it or nothing */
        mem_free(e->items[--e->n].text);
    }
    e->n_changed = n_changed_before;
    const struct yaml_node *node = edit_find(map, key);
    *ret_line = node == NULL ? map->line : node->line;
    return false;
}

/* ---- the new text ---- */

static int by_place(const void *a, const void *b) {
    const struct edit *x = a;
    const struct edit *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    if (x->indent != y->indent) {
        return x->indent > y->indent ? -1 : 1;
    }
    return (x->number > y->number) - (x->number < y->number);
}

static unsigned line_of(const struct edits *e, size_t offset) {
    unsigned line = 1;
    for (size_t at = 0; at < offset && at < e->len; at++) {
        line += e->text[at] == '\n' ? 1 : 0;
    }
    return line;
}

bool edits_apply(struct edits *e, struct str *out, unsigned *ret_line) {
    if (e->n > 1) {
        qsort(e->items, e->n, sizeof *e->items, by_place);
    }
    bool is_fine = true;
    size_t at = 0;
    const struct edit *last = NULL;
    for (size_t i = 0; i < e->n; i++) {
        const struct edit *edit = &e->items[i];
        bool is_again = last != NULL && last->start == edit->start && last->end == edit->end &&
                        last->end > last->start;
        if (edit->start >= at && !is_again) {
            str_add_bytes(out, e->text + at, edit->start - at);
            str_add(out, edit->text);
            at = edit->end;
            last = edit;
        } else if (!is_again || strcmp(last->text, edit->text) != 0) {
            is_fine = false;
            *ret_line = line_of(e, edit->start);
        }
    }
    str_add_bytes(out, e->text + at, e->len - at);
    return is_fine;
}
