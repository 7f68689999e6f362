/*
 * `cpdflow test --update`: writes what came out into the expectations of cases that failed.
 *
 * Only values that stand in the case itself are replaced, in place: comments, order and everything else of the file stay.
 * Messages, calls and classes of the whole run are for people to write.
 */
#include "test_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "maxima.h"
#include "recipe/model.h"
#include "recipe/suite.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

struct edit {
    size_t start;
    size_t end;
    char *text;
};

struct update {
    struct arena arena;
    const char *text; /* of the file */
    size_t len;
    struct edit *edits;
    size_t n;
};

/* ---- where a node stands ---- */

static size_t offset_of(const struct update *u, const struct yaml_node *node) {
    size_t at = 0;
    for (unsigned line = 1; line < node->line && at < u->len; at++) {
        line += u->text[at] == '\n' ? 1 : 0;
    }
    for (unsigned col = 1; col < node->col && at < u->len; col++) {
        at++; /* columns count characters */
        while (at < u->len && ((unsigned char)u->text[at] & 0xC0U) == 0x80U) {
            at++;
        }
    }
    return at;
}

/* Behind the quote that ends the text at `at`. */
static size_t end_of_quoted(const struct update *u, size_t at) {
    char quote = u->text[at++];
    while (at < u->len && (u->text[at] != quote || (quote == '\'' && u->text[at + 1] == '\''))) {
        bool is_pair = (quote == '"' && u->text[at] == '\\') || u->text[at] == quote;
        at += is_pair ? 2 : 1;
    }
    return at < u->len ? at + 1 : u->len;
}

static size_t end_of_flow(const struct update *u, size_t at) {
    size_t depth = 0;
    while (at < u->len) {
        char c = u->text[at];
        if (c == '"' || c == '\'') {
            at = end_of_quoted(u, at);
            continue;
        }
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= c == '}' || c == ']' ? 1 : 0;
        at++;
        if (depth == 0) {
            return at;
        }
    }
    return u->len;
}

/* A block goes on while lines are at least as far in as its first key. */
static size_t end_of_block(const struct update *u, size_t at, unsigned col) {
    size_t end = at;
    for (size_t line = at; line < u->len;) {
        const char *eol = memchr(u->text + line, '\n', u->len - line);
        size_t next = eol == NULL ? u->len : (size_t)(eol - u->text);
        size_t blanks = line == at ? col - 1 : strspn(u->text + line, " ");
        if (line != at && blanks + 1 < col && line + blanks < next) {
            return end;
        }
        end = line + (line == at ? 0 : blanks) < next ? next : end;
        line = next + 1;
    }
    return end;
}

/* False: its text is not found there as it was read (a block scalar, an anchor). */
static bool span_of(const struct update *u, const struct yaml_node *node, size_t *ret_start,
                    size_t *ret_end) {
    size_t at = offset_of(u, node);
    char c = at < u->len ? u->text[at] : '\0';
    *ret_start = at;
    if (c == '{' || c == '[') {
        *ret_end = end_of_flow(u, at);
    } else if (c == '"' || c == '\'') {
        *ret_end = end_of_quoted(u, at);
    } else if (node->kind == YAML_MAP && c != '&' && c != '*') {
        *ret_end = end_of_block(u, at, node->col);
    } else {
        *ret_end = at + node->text_len;
        return node->kind == YAML_SCALAR && node->is_plain && at + node->text_len <= u->len &&
               memcmp(u->text + at, node->text, node->text_len) == 0;
    }
    return true;
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
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    return len > 0 && strchr(letters, text[0]) != NULL &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-./") ==
               len;
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

/* ---- edits ---- */

static bool has_same_keys(const struct yaml_node *node, const struct value *found) {
    bool is_same = node->kind == YAML_MAP && found->type == VALUE_OBJECT && node->n == found->len;
    for (size_t i = 0; is_same && i < node->n; i++) {
        is_same = value_get(found, node->pairs[i].key->text) != NULL;
    }
    return is_same;
}

/* As little as can be: of a map with the same keys the values, of another one all of it. */
static void replace(struct update *u, const struct yaml_node *node, const struct value *found) {
    if (has_same_keys(node, found)) {
        for (size_t i = 0; i < node->n; i++) {
            replace(u, node->pairs[i].value, value_get(found, node->pairs[i].key->text));
        }
        return;
    }
    size_t start = 0;
    size_t end = 0;
    if (value_equal(yaml_to_value(&u->arena, node), found) || !span_of(u, node, &start, &end)) {
        return;
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_RECIPE_BYTES);
    add_value(&text, found);
    u->edits = mem_realloc(u->edits, u->n + 1, sizeof *u->edits);
    u->edits[u->n++] = (struct edit){start, end, str_take(&text)};
}

static void update_step(struct update *u, const struct yaml_node *node, const struct value *found) {
    if (node->kind == YAML_SCALAR) {
        const struct value *status = value_get(found, "status");
        if (status != NULL) {
            replace(u, node, status);
        }
        return;
    }
    for (size_t i = 0; node->kind == YAML_MAP && i < node->n; i++) {
        const struct value *v = value_get(found, node->pairs[i].key->text);
        if (v != NULL) {
            replace(u, node->pairs[i].value, v);
        }
    }
}

static void update_expect(struct update *u, const struct yaml_node *expect,
                          const struct value *found) {
    for (size_t i = 0; i < expect->n; i++) {
        const char *key = expect->pairs[i].key->text;
        const struct yaml_node *node = expect->pairs[i].value;
        const struct value *v = value_get(found, key);
        if (v == NULL) {
            continue;
        }
        if (strcmp(key, "steps") != 0) {
            replace(u, node, v);
            continue;
        }
        for (size_t k = 0; node->kind == YAML_MAP && k < node->n; k++) {
            const struct value *step = value_get(v, node->pairs[k].key->text);
            if (step != NULL) {
                update_step(u, node->pairs[k].value, step);
            }
        }
    }
}

/* The map of a case or row that begins at this place. */
static const struct yaml_node *find_case(const struct yaml_node *list, const struct place *place) {
    for (size_t i = 0; list != NULL && list->kind == YAML_LIST && i < list->n; i++) {
        const struct yaml_node *node = list->items[i];
        if (node->line == place->line && node->col == place->col) {
            return node;
        }
        const struct yaml_node *row =
            node->kind == YAML_MAP ? find_case(yaml_get(node, "table"), place) : NULL;
        if (row != NULL) {
            return row;
        }
    }
    return NULL;
}

static void update_case(struct update *u, const struct yaml_node *root, const struct test_case *c) {
    const struct yaml_node *node =
        find_case(yaml_get(root, "cases"), &c->file->suite->runs[c->number].place);
    const struct yaml_node *expect = node == NULL ? NULL : yaml_get(node, "expect");
    const struct value *found = NULL;
    const struct json_options options = {.name = "result"};
    struct err err = ERR_INIT;
    if (expect != NULL && expect->kind == YAML_MAP &&
        json_parse(&u->arena, c->result.actual, strlen(c->result.actual), &options, &found, NULL,
                   &err)) {
        update_expect(u, expect, found);
    }
    err_release(&err); /* our own text: it cannot fail */
}

static int by_start(const void *a, const void *b) {
    const struct edit *x = a;
    const struct edit *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

static bool write_back(struct update *u, const char *path, struct err *err) {
    qsort(u->edits, u->n, sizeof *u->edits, by_start);
    AUTO(str) struct str text = STR_INIT(LIMIT_RECIPE_BYTES);
    size_t at = 0;
    for (size_t i = 0; i < u->n; i++) {
        if (u->edits[i].start >= at) { /* an anchor that two cases share is changed once */
            str_add_bytes(&text, u->text + at, u->edits[i].start - at);
            str_add(&text, u->edits[i].text);
            at = u->edits[i].end;
        }
    }
    str_add_bytes(&text, u->text + at, u->len - at);
    return file_write_atomic(path, str_text(&text), text.len, 0644, err);
}

static bool update_file(const struct test_plan *plan, const struct test_file *file,
                        size_t *ret_n_changed, struct err *err) {
    const struct recipe *source = file->suite->file;
    struct update u = {.text = source->text, .len = source->text_len};
    arena_init(&u.arena, 0);
    struct yaml_options options = {.name = file->path, .allow_merge = true};
    struct yaml_node *root = NULL;
    bool is_fine = yaml_read(&u.arena, u.text, u.len, &options, &root, err);
    for (size_t i = 0; i < plan->n_cases && is_fine; i++) {
        const struct test_case *c = &plan->cases[i];
        if (c->file == file && c->result.n_failures > 0 && c->result.actual != NULL) {
            update_case(&u, root, c);
        }
    }
    is_fine = is_fine && (u.n == 0 || write_back(&u, file->path, err));
    *ret_n_changed += is_fine ? u.n : 0;
    for (size_t i = 0; i < u.n; i++) {
        mem_free(u.edits[i].text);
    }
    mem_free(u.edits);
    arena_release(&u.arena);
    return is_fine;
}

bool test_update(const struct test_plan *plan, size_t *ret_n_changed, struct err *err) {
    *ret_n_changed = 0;
    for (size_t i = 0; i < plan->n_files; i++) {
        if (!update_file(plan, &plan->files[i], ret_n_changed, err)) {
            return false;
        }
    }
    return true;
}
