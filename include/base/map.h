/*
 * struct map: string keys to pointers, in insertion order, seeded hash (hostile keys cost nothing).
 *
 * Keys are copied; values are the caller's (the map never frees them). Iteration:
 *   for (size_t i = 0; i < m.n_entries; i++) { m.entries[i].key … m.entries[i].value }
 * Removal is not offered: nothing in the program needs it.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
    char *key;
    size_t key_len;
    uint64_t hash;
    void *value;
};

struct map {
    struct map_entry *entries;
    size_t n_entries;
    size_t cap;
    uint32_t *index; /* open addressing over entries, entry number + 1 */
    size_t index_size;
};

#define MAP_INIT                                                                                   \
    { NULL, 0, 0, NULL, 0 }

void map_release(struct map *m);
/* Returns NULL when absent; a stored NULL looks absent, so do not store NULL. */
void *map_get(const struct map *m, const char *key);
void *map_get_len(const struct map *m, const char *key, size_t key_len);
/* Adds, or replaces and returns the old value (NULL when new). */
void *map_put(struct map *m, const char *key, void *value);
void *map_put_len(struct map *m, const char *key, size_t key_len, void *value);
/* The hash behind it: SipHash-like, seeded once per process. Also used by value objects. */
uint64_t map_hash(const void *bytes, size_t len);

#endif
