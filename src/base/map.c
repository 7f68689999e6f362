/*
 * Insertion-ordered string map: an array of entries and an open-addressing index of entry numbers.
 *
 * The hash is SipHash-1-3 with a key drawn once per process, so that no document can be written to
 * collide.
 */
#include "base/map.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

enum { INDEX_MIN = 16 };

/* The hash key is per process by design; it never changes after the first use. */
static struct {
    uint64_t k0;
    uint64_t k1;
    bool is_set;
} seed;

static void set_seed(void) {
    uint64_t key[2];
    if (getentropy(key, sizeof key) != 0) {
        /* Old kernel or early boot: weaker, but a map must always work. */
        struct timespec now;
        (void)clock_gettime(CLOCK_MONOTONIC, &now); /* any value serves */
        key[0] = (uint64_t)now.tv_nsec ^ ((uint64_t)getpid() << 32);
        key[1] = (uint64_t)(uintptr_t)&seed ^ (uint64_t)now.tv_sec;
    }
    seed.k0 = key[0];
    seed.k1 = key[1];
    seed.is_set = true;
}

static uint64_t rotate_left(uint64_t x, unsigned bits) {
    return (x << bits) | (x >> (64 - bits));
}

static void sip_round(uint64_t v[4]) {
    v[0] += v[1];
    v[1] = rotate_left(v[1], 13) ^ v[0];
    v[0] = rotate_left(v[0], 32);
    v[2] += v[3];
    v[3] = rotate_left(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate_left(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate_left(v[1], 17) ^ v[2];
    v[2] = rotate_left(v[2], 32);
}

uint64_t map_hash(const void *bytes, size_t len) {
    if (!seed.is_set) {
        set_seed();
    }
    uint64_t v[4] = {seed.k0 ^ 0x736f6d6570736575, seed.k1 ^ 0x646f72616e646f6d,
                     seed.k0 ^ 0x6c7967656e657261, seed.k1 ^ 0x7465646279746573};
    const unsigned char *p = bytes;
    size_t n_left = len;
    uint64_t word = 0;
    for (; n_left >= sizeof word; n_left -= sizeof word, p += sizeof word) {
        memcpy(&word, p, sizeof word);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = 0;
    if (n_left > 0) {
        memcpy(&word, p, n_left);
    }
    word |= (uint64_t)len << 56;
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void map_release(struct map *m) {
    if (m == NULL) {
        return;
    }
    for (size_t i = 0; i < m->n_entries; i++) {
        mem_free(m->entries[i].key);
    }
    mem_free(m->entries);
    mem_free(m->index);
    *m = (struct map)MAP_INIT;
}

/* The index slot that holds the key, or the empty one where it belongs. */
static uint32_t *find_slot(const struct map *m, const char *key, size_t key_len, uint64_t hash) {
    size_t mask = m->index_size - 1;
    size_t at = (size_t)hash & mask;
    while (m->index[at] != 0) {
        const struct map_entry *e = &m->entries[m->index[at] - 1];
        if (e->hash == hash && e->key_len == key_len && memcmp(e->key, key, key_len) == 0) {
            break;
        }
        at = (at + 1) & mask;
    }
    return &m->index[at];
}

void *map_get_len(const struct map *m, const char *key, size_t key_len) {
    if (m->n_entries == 0) {
        return NULL;
    }
    uint32_t number = *find_slot(m, key, key_len, map_hash(key, key_len));
    return number == 0 ? NULL : m->entries[number - 1].value;
}

void *map_get(const struct map *m, const char *key) {
    return map_get_len(m, key, strlen(key));
}

static void rebuild_index(struct map *m, size_t index_size) {
    mem_free(m->index);
    m->index = mem_zalloc(index_size, sizeof *m->index);
    m->index_size = index_size;
    for (size_t i = 0; i < m->n_entries; i++) {
        const struct map_entry *e = &m->entries[i];
        *find_slot(m, e->key, e->key_len, e->hash) = (uint32_t)(i + 1);
    }
}

void *map_put_len(struct map *m, const char *key, size_t key_len, void *value) {
    if (m->n_entries * 2 >= m->index_size) {
        rebuild_index(m, m->index_size == 0 ? INDEX_MIN : m->index_size * 2);
    }
    uint64_t hash = map_hash(key, key_len);
    uint32_t *slot = find_slot(m, key, key_len, hash);
    if (*slot != 0) {
        struct map_entry *e = &m->entries[*slot - 1];
        void *old = e->value;
        e->value = value;
        return old;
    }
    if (m->n_entries == UINT32_MAX) {
        bug("a map has more than 2^32 - 1 entries");
    }
    if (m->n_entries == m->cap) {
        m->cap = m->cap == 0 ? INDEX_MIN / 2 : m->cap * 2;
        m->entries = mem_realloc(m->entries, m->cap, sizeof *m->entries);
    }
    m->entries[m->n_entries++] =
        (struct map_entry){mem_strndup(key, key_len), key_len, hash, value};
    *slot = (uint32_t)m->n_entries;
    return NULL;
}

void *map_put(struct map *m, const char *key, void *value) {
    return map_put_len(m, key, strlen(key), value);
}
