/*
 * Mappings: keys are scalars and stand once; `<<` brings in the pairs of other mappings below the
 * explicit ones.
 */
#include "yaml_priv.h"

#include "base/mem.h"

#include <string.h>

enum { MAP_FROM = 8 }; /* fewer keys are compared one by one */

/* Pairs being collected, with a way to find a key. */
struct pair_set {
    struct yaml_pair *pairs;
    size_t n;
    size_t cap;
    struct map by_key; /* key -> its node; in use from MAP_FROM pairs on */
};

static struct yaml_node *find_key(const struct pair_set *set, const struct yaml_node *key) {
    if (set->n > MAP_FROM) {
        return map_get_len(&set->by_key, key->text, key->text_len);
    }
    for (size_t i = 0; i < set->n; i++) {
        struct yaml_node *other = set->pairs[i].key;
        if (other->text_len == key->text_len &&
            memcmp(other->text, key->text, key->text_len) == 0) {
            return other;
        }
    }
    return NULL;
}

static void add_pair(struct pair_set *set, struct yaml_node *key, struct yaml_node *value) {
    if (set->n == set->cap) {
        set->cap = set->cap == 0 ? MAP_FROM : set->cap * 2;
        set->pairs = mem_realloc(set->pairs, set->cap, sizeof *set->pairs);
    }
    set->pairs[set->n++] = (struct yaml_pair){key, value};
    if (set->n <= MAP_FROM) {
        return;
    }
    for (size_t i = set->by_key.n_entries; i < set->n; i++) {
        struct yaml_node *k = set->pairs[i].key;
        (void)map_put_len(&set->by_key, k->text, k->text_len, k); /* unique: nothing to free */
    }
}

static bool check_key(struct yaml_reader *r, const struct pair_set *set,
                      const struct yaml_node *key) {
    if (key->kind != YAML_SCALAR) {
        yaml_fail(r, key->line, key->col, "invalid-yaml", "a key must be a scalar, found a %s",
                  key->kind == YAML_LIST ? "list" : "mapping");
        yaml_hint_line(r);
        return false;
    }
    const struct yaml_node *other = find_key(set, key);
    return other == NULL ||
           yaml_fail(r, key->line, key->col, "duplicate-key",
                     "key '%s' is already defined on line %u", key->text, other->line);
}

static bool is_merge(const struct yaml_reader *r, const struct yaml_node *key) {
    return r->options->allow_merge && key->kind == YAML_SCALAR && key->is_plain &&
           key->tag == NULL && strcmp(key->text, "<<") == 0;
}

static bool merge_map(struct yaml_reader *r, struct pair_set *set, const struct yaml_node *from) {
    for (size_t i = 0; i < from->n; i++) {
        if (find_key(set, from->pairs[i].key) != NULL) {
            continue;
        }
        struct yaml_node *key = arena_try(r->arena, sizeof *key);
        if (key == NULL) {
            return yaml_fail_memory(r);
        }
        *key = *from->pairs[i].key;
        key->is_merged = true;
        add_pair(set, key, from->pairs[i].value);
    }
    return true;
}

/* A mapping, or a list of mappings of which earlier ones win. */
static bool merge(struct yaml_reader *r, struct pair_set *set, const struct yaml_node *from) {
    if (from->kind == YAML_MAP) {
        return merge_map(r, set, from);
    }
    bool is_mergeable = from->kind == YAML_LIST;
    for (size_t i = 0; is_mergeable && i < from->n; i++) {
        is_mergeable = from->items[i]->kind == YAML_MAP;
    }
    if (!is_mergeable) {
        return yaml_fail(r, from->line, from->col, "invalid-yaml",
                         "'<<' takes a mapping or a list of mappings");
    }
    for (size_t i = 0; i < from->n; i++) {
        if (!merge_map(r, set, from->items[i])) {
            return false;
        }
    }
    return true;
}

static bool collect(struct yaml_reader *r, struct pair_set *set, struct yaml_node **nodes,
                    size_t n_nodes) {
    struct yaml_node *merge_key = NULL;
    struct yaml_node *merge_from = NULL;
    for (size_t i = 0; i + 1 < n_nodes; i += 2) {
        if (!is_merge(r, nodes[i])) {
            if (!check_key(r, set, nodes[i])) {
                return false;
            }
            add_pair(set, nodes[i], nodes[i + 1]);
        } else if (merge_key != NULL) {
            return yaml_fail(r, nodes[i]->line, nodes[i]->col, "duplicate-key",
                             "key '<<' is already defined on line %u", merge_key->line);
        } else {
            merge_key = nodes[i];
            merge_from = nodes[i + 1];
        }
    }
    return merge_from == NULL || merge(r, set, merge_from);
}

bool yaml_fill_map(struct yaml_reader *r, struct yaml_node *map, struct yaml_node **nodes,
                   size_t n_nodes) {
    struct pair_set set = {.by_key = MAP_INIT};
    bool is_filled = collect(r, &set, nodes, n_nodes);
    if (is_filled) {
        map->n = set.n;
        map->pairs = arena_try(r->arena, set.n * sizeof *map->pairs);
        is_filled = map->pairs != NULL;
        if (!is_filled) {
            (void)yaml_fail_memory(r);
        }
    }
    if (is_filled && set.n > 0) {
        memcpy(map->pairs, set.pairs, set.n * sizeof *map->pairs);
    }
    mem_free(set.pairs);
    map_release(&set.by_key);
    return is_filled;
}

struct yaml_node *yaml_get(const struct yaml_node *map, const char *key) {
    if (map == NULL || map->kind != YAML_MAP) {
        return NULL;
    }
    size_t key_len = strlen(key);
    for (size_t i = 0; i < map->n; i++) {
        const struct yaml_node *k = map->pairs[i].key;
        if (k->text_len == key_len && memcmp(k->text, key, key_len) == 0) {
            return map->pairs[i].value;
        }
    }
    return NULL;
}
