/*
 * Mutants.
 *
 * The recipe is read as nodes, for the lines, and as a value, which is immutable: a mutant is a value that shares all it can
 * with the original, with a new spine from the root to the changed place. It is printed as YAML and loaded like any recipe.
 */
#include "testing/mutate.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "maxima.h"
#include "recipe/load.h"
#include "recipe/model.h"
#include "value/value.h"
#include "value/yaml.h"

enum { MAX_DEPTH = 32 };

struct mutants_state {
    struct arena arena;
    const struct recipe *recipe;
    const struct value *root;
    size_t cap;
};

/* The way from the root to a node: a key, or an index where key is NULL. */
struct step_down {
    const char *key;
    size_t index;
};
struct walk {
    struct mutants *m;
    struct step_down way[MAX_DEPTH];
    size_t depth;
};

/* ---- a changed copy ---- */

/* The value with what stands at the end of the way replaced, or taken away (NULL). */
static const struct value *rebuild(struct walk *w, size_t level, const struct value *v,
                                   const struct value *changed) {
    struct arena *a = &w->m->state->arena;
    if (level == w->depth) {
        return changed;
    }
    const struct step_down *at = &w->way[level];
    if (v->type == VALUE_LIST) {
        struct list_builder list;
        list_begin(&list, a);
        for (uint32_t i = 0; i < v->len; i++) {
            const struct value *item =
                i == at->index ? rebuild(w, level + 1, v->as.items[i], changed) : v->as.items[i];
            if (item != NULL) {
                list_add(&list, item);
            }
        }
        return list_end(&list);
    }
    struct object_builder map;
    object_begin(&map, a);
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value_member *m = &v->as.members[i];
        const struct value *item =
            strcmp(m->key, at->key) == 0 ? rebuild(w, level + 1, m->value, changed) : m->value;
        if (item != NULL) {
            object_put(&map, m->key, m->key_len, item);
        }
    }
    return object_end(&map);
}

static const char *path_of(const struct walk *w) {
    AUTO(str) struct str path = STR_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; i < w->depth; i++) {
        if (w->way[i].key == NULL) {
            str_addf(&path, "[%zu]", w->way[i].index);
        } else {
            str_addf(&path, "%s%s", i == 0 ? "" : ".", w->way[i].key);
        }
    }
    return arena_strdup(&w->m->state->arena, str_text(&path));
}

static void add(struct walk *w, unsigned line, const struct value *changed, const char *what) {
    struct mutants *m = w->m;
    if (m->n == m->state->cap) {
        m->state->cap = m->state->cap == 0 ? 256 : 2 * m->state->cap;
        m->items = mem_realloc(m->items, m->state->cap, sizeof *m->items);
    }
    m->items[m->n++] = (struct mutant){.line = line,
                                       .path = path_of(w),
                                       .what = what,
                                       .root = rebuild(w, 0, m->state->root, changed)};
}

/* ---- what is changed ---- */

static bool is_one_of(const char *key, const char *const *keys) {
    for (size_t i = 0; key != NULL && keys[i] != NULL; i++) {
        if (strcmp(key, keys[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const char *last_key(const struct walk *w) {
    return w->depth == 0 ? NULL : w->way[w->depth - 1].key;
}

static void change_text(struct walk *w, const struct yaml_node *node) {
    static const char *const conditions[] = {"if", "until", "fail_if", "that", NULL};
    static const char *const own_words[] = {"id", "as", "needs", "use", "output", "on", NULL};
    struct arena *a = &w->m->state->arena;
    struct err err = ERR_INIT;
    int64_t ms = 0;
    bool is_duration = num_parse_duration_ms(node->text, node->text_len, &ms, &err);
    err_release(&err);
    if (is_duration) {
        long long doubled = ms < INT64_MAX / 2 ? 2LL * ms + 1 : 1;
        add(w, node->line, value_cstring(a, arena_printf(a, "%lldms", doubled)), "is doubled");
    } else if (is_one_of(last_key(w), conditions)) {
        add(w, node->line, value_cstring(a, arena_printf(a, "!(%s)", node->text)), "is negated");
    } else if (!is_one_of(last_key(w), own_words) && strstr(node->text, "${{") == NULL) {
        add(w, node->line, value_cstring(a, arena_printf(a, "%sx", node->text)), "gets an x more");
    }
}

static void change_scalar(struct walk *w, const struct yaml_node *node) {
    struct arena *a = &w->m->state->arena;
    const struct value *v = yaml_to_value(a, node);
    int64_t n = 0;
    if (v->type == VALUE_BOOL) {
        add(w, node->line, value_bool(!v->as.boolean),
            v->as.boolean ? "becomes false" : "becomes true");
    } else if (v->type == VALUE_NUMBER && value_as_i64(v, &n)) {
        int64_t other = n < INT64_MAX ? n + 1 : n - 1;
        add(w, node->line, value_int(a, other),
            arena_printf(a, "%lld becomes %lld", (long long)n, (long long)other));
    } else if (v->type == VALUE_STRING) {
        change_text(w, node);
    }
}

static void descend(struct walk *w, const struct yaml_node *node);

static void visit_pair(struct walk *w, const struct yaml_pair *pair) {
    static const char *const for_people[] = {"name",   "description", "message",
                                             "reason", "unit",        NULL};
    if (is_one_of(pair->key->text, for_people) || pair->key->is_merged) {
        return;
    }
    w->way[w->depth++] = (struct step_down){.key = pair->key->text};
    add(w, pair->key->line, NULL, "is taken away");
    descend(w, pair->value);
    w->depth--;
}

static void descend(struct walk *w, const struct yaml_node *node) {
    if (w->depth + 1 >= MAX_DEPTH) {
        return;
    }
    if (node->kind == YAML_SCALAR) {
        change_scalar(w, node);
        return;
    }
    for (size_t i = 0; i < node->n; i++) {
        if (node->kind == YAML_MAP) {
            visit_pair(w, &node->pairs[i]);
        } else {
            w->way[w->depth++] = (struct step_down){.index = i};
            descend(w, node->items[i]);
            w->depth--;
        }
    }
}

/* Only what is done: inputs and texts about the recipe are what a test gives and reads. */
static void visit_recipe(struct walk *w, const struct yaml_node *root) {
    static const char *const parts[] = {"vars",  "env",     "defaults", "timeout", "classify",
                                        "steps", "finally", "outputs",  NULL};
    for (size_t i = 0; i < root->n; i++) {
        const struct yaml_pair *pair = &root->pairs[i];
        if (is_one_of(pair->key->text, parts)) {
            w->way[0] = (struct step_down){.key = pair->key->text};
            w->depth = 1;
            descend(w, pair->value);
        }
    }
}

struct mutants *mutants_new(const struct recipe *r) {
    struct mutants *m = mem_zalloc(1, sizeof *m);
    m->state = mem_zalloc(1, sizeof *m->state);
    m->state->recipe = r;
    arena_init(&m->state->arena, 0);
    struct yaml_options options = {.name = r->file, .allow_merge = true};
    struct yaml_node *root = NULL;
    struct err err = ERR_INIT;
    if (!yaml_read(&m->state->arena, r->text, r->text_len, &options, &root, &err) ||
        root->kind != YAML_MAP) {
        err_release(&err);
        mutants_free(m);
        return NULL;
    }
    m->state->root = yaml_to_value(&m->state->arena, root);
    struct walk w = {.m = m};
    visit_recipe(&w, root);
    return m;
}

struct recipe *mutant_load(const struct mutants *m, size_t i) {
    AUTO(str) struct str text = STR_INIT(LIMIT_RECIPE_BYTES);
    yaml_print(&text, m->items[i].root);
    struct diagnostics d = DIAGNOSTICS_INIT;
    const struct recipe *r = m->state->recipe;
    struct recipe *broken = recipe_load_text(str_text(&text), text.len, r->file, r->dir, &d);
    diagnostics_release(&d);
    return broken;
}

void mutants_free(struct mutants *m) {
    if (m == NULL) {
        return;
    }
    mem_free(m->items);
    arena_release(&m->state->arena);
    mem_free(m->state);
    mem_free(m);
}
