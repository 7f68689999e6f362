/*
 * What the files of value/ share about the inside of values; nothing outside includes it.
 */
#ifndef VALUE_VALUE_PRIV_H
#define VALUE_VALUE_PRIV_H

#include <stddef.h>
#include <stdint.h>

struct value_member;

enum { VALUE_INDEX_FROM = 8 }; /* objects with more members have a hash index */

/* Slots of the index of an object with that many members: a power of two, at most half full. */
size_t value_index_size(size_t n_members);
/* The slot that holds the key's member number + 1, or the free one (0) where it belongs. */
size_t value_index_slot(const struct value_member *members, const uint32_t *index,
                        size_t index_size, const char *key, size_t key_len, uint32_t hash);
/* A length of a value; past 32 bits memory counts as exhausted. */
uint32_t value_checked_len(size_t len);

#endif
