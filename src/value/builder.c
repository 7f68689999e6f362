/*
 * Collecting list items and object members on an arena.
 *
 * Arrays double, the old halves stay behind in the arena: at most as much again as the result. The
 * parsers, which know sizes beforehand, do not come this way.
 */
#include "base/arena.h"
#include "base/mem.h"
#include "value/value.h"
#include "value_priv.h"

#include <string.h>

enum { CAP_MIN = 4 };

void list_begin(struct list_builder *b, struct arena *a) {
    *b = (struct list_builder){.arena = a};
}

void list_reserve(struct list_builder *b, size_t n) {
    b->items = arena_alloc(b->arena, n * sizeof *b->items);
    b->cap = n;
}

void list_add(struct list_builder *b, const struct value *v) {
    if (b->n == b->cap) {
        size_t cap = b->cap == 0 ? CAP_MIN : b->cap * 2;
        const struct value **items = arena_alloc(b->arena, cap * sizeof *items);
        if (b->n > 0) {
            memcpy(items, b->items, b->n * sizeof *items);
        }
        b->items = items;
        b->cap = cap;
    }
    b->items[b->n++] = v;
    b->flags |= v->flags & VALUE_UNKNOWN;
}

const struct value *list_end(struct list_builder *b) {
    if (b->n == 0) {
        return &value_empty_list;
    }
    struct value *v = arena_alloc(b->arena, sizeof *v);
    *v = (struct value){.type = VALUE_LIST,
                        .flags = b->flags,
                        .len = value_checked_len(b->n),
                        .as.items = b->items};
    return v;
}

void object_begin(struct object_builder *b, struct arena *a) {
    *b = (struct object_builder){.arena = a};
}

/* An index over all members so far; hashes are computed when the first one is made. */
static void rebuild_index(struct object_builder *b, size_t index_size) {
    b->index = arena_zalloc(b->arena, index_size * sizeof *b->index);
    b->index_size = index_size;
    for (size_t i = 0; i < b->n; i++) {
        struct value_member *m = &b->members[i];
        if (m->hash == 0) {
            m->hash = value_key_hash(m->key, m->key_len);
        }
        size_t slot =
            value_index_slot(b->members, b->index, index_size, m->key, m->key_len, m->hash);
        b->index[slot] = (uint32_t)(i + 1);
    }
}

static struct value_member *find_member(struct object_builder *b, const char *key, size_t key_len,
                                        uint32_t hash) {
    if (b->index != NULL) {
        size_t slot = value_index_slot(b->members, b->index, b->index_size, key, key_len, hash);
        return b->index[slot] == 0 ? NULL : &b->members[b->index[slot] - 1];
    }
    for (size_t i = 0; i < b->n; i++) {
        if (b->members[i].key_len == key_len && memcmp(b->members[i].key, key, key_len) == 0) {
            return &b->members[i];
        }
    }
    return NULL;
}

static void append_member(struct object_builder *b, const struct value_member *member) {
    if (b->n == b->cap) {
        size_t cap = b->cap == 0 ? CAP_MIN : b->cap * 2;
        struct value_member *members = arena_alloc(b->arena, cap * sizeof *members);
        if (b->n > 0) {
            memcpy(members, b->members, b->n * sizeof *members);
        }
        b->members = members;
        b->cap = cap;
    }
    b->members[b->n++] = *member;
    if (b->n <= VALUE_INDEX_FROM) {
        return;
    }
    size_t index_size = value_index_size(b->n);
    if (b->index_size != index_size) {
        rebuild_index(b, index_size);
        return;
    }
    size_t slot = value_index_slot(b->members, b->index, index_size, member->key, member->key_len,
                                   member->hash);
    b->index[slot] = (uint32_t)b->n;
}

bool object_put(struct object_builder *b, const char *key, size_t key_len, const struct value *v) {
    uint32_t hash = b->index == NULL ? 0 : value_key_hash(key, key_len);
    struct value_member *old = find_member(b, key, key_len, hash);
    b->flags |= v->flags & VALUE_UNKNOWN;
    if (old != NULL) {
        old->value = v;
        return true;
    }
    struct value_member member = {.key = arena_strndup(b->arena, key, key_len),
                                  .key_len = value_checked_len(key_len),
                                  .hash = hash,
                                  .value = v};
    append_member(b, &member);
    return false;
}

bool object_put_c(struct object_builder *b, const char *key, const struct value *v) {
    return object_put(b, key, strlen(key), v);
}

const struct value *object_end(struct object_builder *b) {
    if (b->n == 0) {
        return &value_empty_object;
    }
    struct value *v = arena_alloc(b->arena, sizeof *v);
    *v = (struct value){.type = VALUE_OBJECT,
                        .flags = b->flags,
                        .len = value_checked_len(b->n),
                        .as.members = b->members,
                        .aux.index = b->index};
    return v;
}

const struct value *object_like(struct arena *a, const struct value *model,
                                const struct value *const *values) {
    if (model->len == 0) {
        return &value_empty_object;
    }
    struct value_member *members = arena_alloc(a, model->len * sizeof *members);
    for (uint32_t i = 0; i < model->len; i++) {
        members[i] = model->as.members[i];
        members[i].value = values[i];
    }
    struct value *v = arena_alloc(a, sizeof *v);
    *v = *model;
    v->as.members = members;
    return v;
}
