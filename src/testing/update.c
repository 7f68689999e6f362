/*
 * Expectations rewritten: which value belongs where. edit.c changes the text.
 *
 * A run's expectation is joined from those of its row and its case (recipe/load_suite.c): what the row says is changed there,
 * and what it does not say is added to it where the case's value is another one.
 */
#include "testing/update.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "edit_priv.h"
#include "maxima.h"
#include "recipe/model.h"
#include "recipe/suite.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

struct update {
    const struct suite *suite;
    struct arena arena;
    const struct yaml_node *root; /* NULL: it could not be read again */
    struct edits edits;
    struct str notes;
};

struct update *update_new(const struct suite *s) {
    struct update *u = mem_zalloc(1, sizeof *u);
    u->suite = s;
    arena_init(&u->arena, 0);
    edits_init(&u->edits, s->file->text, s->file->text_len);
    struct yaml_options options = {.name = s->file->file, .allow_merge = true};
    struct yaml_node *root = NULL;
    struct err err = ERR_INIT;
    if (yaml_read(&u->arena, s->file->text, s->file->text_len, &options, &root, &err)) {
        u->root = root;
    }
    err_release(&err); /* it was read before: only memory could be short */
    return u;
}

static void note(struct update *u, unsigned line, const char *what, const char *why) {
    str_addf(&u->notes, "%s:%u: %s: %s\n", u->suite->file->file, line, what, why);
}

static void put(struct update *u, const struct yaml_node *map, const char *key,
                const struct value *v) {
    unsigned line = 0;
    if (!edit_value(&u->edits, map, key, v, &line)) {
        note(u, line, key, "this form is not rewritten: change it by hand");
    }
}

/* ---- what the file says in short ---- */

/* One text for a list of one, and `store: skipped` for {status: skipped}: as the file has it. */
static const struct value *in_form_of(const struct yaml_node *node, const struct value *v) {
    if (node != NULL && node->kind != YAML_LIST && v->type == VALUE_LIST && v->len == 1) {
        return v->as.items[0];
    }
    return v;
}

static const struct value *step_in_short(const struct value *step) {
    const struct value *status = value_get(step, "status");
    return step->len == 1 && status != NULL ? status : step;
}

static const struct value *steps_in_short(struct update *u, const struct value *steps) {
    struct object_builder b;
    object_begin(&b, &u->arena);
    for (uint32_t i = 0; i < steps->len; i++) {
        object_put(&b, steps->as.members[i].key, steps->as.members[i].key_len,
                   step_in_short(steps->as.members[i].value));
    }
    return object_end(&b);
}

/* ---- one expectation ---- */

static void update_step(struct update *u, const struct yaml_node *steps, const char *id,
                        const struct value *found) {
    const struct yaml_node *node = edit_find(steps, id);
    if (node == NULL || node->kind != YAML_MAP) {
        put(u, steps, id, step_in_short(found));
        return;
    }
    for (uint32_t i = 0; i < found->len; i++) {
        const struct value_member *m = &found->as.members[i];
        put(u, node, m->key, in_form_of(edit_find(node, m->key), m->value));
    }
}

/* The members of `v` that `map` has or that are not what `outer` says. */
static const struct value *own_members(struct update *u, const struct yaml_node *map,
                                       const struct yaml_node *outer, const struct value *v) {
    struct object_builder b;
    object_begin(&b, &u->arena);
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value_member *m = &v->as.members[i];
        const struct yaml_node *there = outer == NULL ? NULL : edit_find(outer, m->key);
        if ((map != NULL && edit_find(map, m->key) != NULL) || there == NULL ||
            !value_equal(yaml_to_value(&u->arena, there), m->value)) {
            object_put(&b, m->key, m->key_len, m->value);
        }
    }
    return object_end(&b);
}

/* Maps of which a row says only a part. */
static bool is_joined(const char *key) {
    return strcmp(key, "outputs") == 0 || strcmp(key, "metrics") == 0 || strcmp(key, "count") == 0;
}

static bool is_said_so(struct update *u, const struct yaml_node *node, const char *key,
                       const struct value *found) {
    if (node == NULL) {
        return false;
    }
    const struct value *said = yaml_to_value(&u->arena, node);
    return value_equal(said, in_form_of(node, found)) ||
           (strcmp(key, "steps") == 0 && value_equal(said, steps_in_short(u, found)));
}

/* `outer` is the expectation of the case around a row, NULL: none. */
static void update_key(struct update *u, const struct yaml_node *expect,
                       const struct yaml_node *outer, const char *key, const struct value *found) {
    const struct yaml_node *node = edit_find(expect, key);
    const struct yaml_node *above = outer == NULL ? NULL : edit_find(outer, key);
    if (node != NULL && strcmp(key, "steps") == 0) {
        for (uint32_t i = 0; i < found->len; i++) {
            update_step(u, node, found->as.members[i].key, found->as.members[i].value);
        }
    } else if (is_joined(key)) {
        const struct value *own = own_members(u, node, above, found);
        if (own->len > 0) {
            put(u, expect, key, own);
        }
    } else if (node != NULL || !is_said_so(u, above, key, found)) {
        bool has_steps = strcmp(key, "steps") == 0;
        put(u, expect, key, has_steps ? steps_in_short(u, found) : in_form_of(node, found));
    }
}

/* ---- cases ---- */

/* The map of a case or row that begins at this place, and of the case around a row. */
static const struct yaml_node *find_case(const struct yaml_node *list, const struct place *place,
                                         const struct yaml_node **ret_case) {
    for (size_t i = 0; list != NULL && list->kind == YAML_LIST && i < list->n; i++) {
        const struct yaml_node *node = list->items[i];
        if (node->line == place->line && node->col == place->col) {
            return node;
        }
        const struct yaml_node *row = find_case(edit_find(node, "table"), place, ret_case);
        if (row != NULL) {
            *ret_case = node;
            return row;
        }
    }
    return NULL;
}

/* A row that expects nothing of its own gets what differs from its case. */
static void add_expect(struct update *u, const struct yaml_node *row, const struct yaml_node *outer,
                       const struct value *found) {
    struct object_builder b;
    object_begin(&b, &u->arena);
    for (uint32_t i = 0; i < found->len; i++) {
        const struct value_member *m = &found->as.members[i];
        const struct yaml_node *above = edit_find(outer, m->key);
        if (strcmp(m->key, "notes") == 0 || is_said_so(u, above, m->key, m->value)) {
            continue;
        }
        const struct value *v = is_joined(m->key) ? own_members(u, NULL, above, m->value)
                                : strcmp(m->key, "steps") == 0 ? steps_in_short(u, m->value)
                                                               : in_form_of(above, m->value);
        if (!is_joined(m->key) || v->len > 0) {
            object_put(&b, m->key, m->key_len, v);
        }
    }
    const struct value *expect = object_end(&b);
    if (expect->len > 0) {
        put(u, row, "expect", expect);
    }
}

/* What stands before the case is an anchor's, and others use it. */
static bool is_shared(const struct yaml_node *node, const struct yaml_node *expect) {
    return expect->line < node->line || (expect->line == node->line && expect->col < node->col);
}

/* The case gets an expectation of its own: the shared one with what differs. */
static void write_out(struct update *u, const struct yaml_node *node,
                      const struct yaml_node *expect, const struct value *found) {
    struct object_builder b;
    object_begin(&b, &u->arena);
    for (size_t i = 0; i < expect->n; i++) {
        const char *key = expect->pairs[i].key->text;
        const struct yaml_node *said = expect->pairs[i].value;
        const struct value *v = value_get(found, key);
        bool has_steps = v != NULL && strcmp(key, "steps") == 0;
        object_put_c(&b, key,
                     v == NULL   ? yaml_to_value(&u->arena, said)
                     : has_steps ? steps_in_short(u, v)
                                 : in_form_of(said, v));
    }
    put(u, node, "expect", object_end(&b));
}

static void update_node(struct update *u, const struct yaml_node *node,
                        const struct yaml_node *around, const struct value *found) {
    const struct yaml_node *expect = edit_find(node, "expect");
    const struct yaml_node *outer = around == NULL ? NULL : edit_find(around, "expect");
    if (expect == NULL && outer != NULL) {
        add_expect(u, node, outer, found);
        return;
    }
    if (expect != NULL && is_shared(node, expect)) {
        write_out(u, node, expect, found);
        return;
    }
    for (uint32_t i = 0; expect != NULL && i < found->len; i++) {
        const struct value_member *m = &found->as.members[i];
        if (strcmp(m->key, "notes") != 0) {
            update_key(u, expect, outer, m->key, m->value);
        }
    }
}

void update_case(struct update *u, size_t run, const char *actual) {
    const struct yaml_node *around = NULL;
    const struct yaml_node *node = u->root == NULL ? NULL
                                                   : find_case(edit_find(u->root, "cases"),
                                                               &u->suite->runs[run].place, &around);
    const struct value *found = NULL;
    const struct json_options options = {.name = "result"};
    struct err err = ERR_INIT;
    if (node != NULL &&
        json_parse(&u->arena, actual, strlen(actual), &options, &found, NULL, &err)) {
        const char *notes = value_text(value_get(found, "notes"));
        str_add(&u->notes, notes == NULL ? "" : notes);
        update_node(u, node, around, found);
    }
    err_release(&err); /* our own text: it cannot fail */
}

/* ---- the whole ---- */

void update_text(struct update *u, struct str *out) {
    unsigned line = 0;
    if (!edits_apply(&u->edits, out, &line)) {
        note(u, line, "expect", "cases that share it by an anchor came out differently");
    }
}

size_t update_n_changed(const struct update *u) {
    return u->edits.n_changed;
}

const char *update_notes(const struct update *u) {
    return str_text(&u->notes);
}

void update_free(struct update *u) {
    if (u == NULL) {
        return;
    }
    edits_release(&u->edits);
    arena_release(&u->arena);
    str_release(&u->notes);
    mem_free(u);
}
