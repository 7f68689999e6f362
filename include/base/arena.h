/*
 * struct arena: a region whose objects are all freed at once.
 *
 * A recipe, a parsed document, one attempt and one evaluation each own an arena. Memory is aligned
 * to 8 bytes (text to 1) and not zeroed unless asked. `max_bytes` bounds what outside data can make
 * it take: past it arena_try() returns NULL, while arena_alloc() treats it as exhausted memory
 * (mem.h), so code whose sizes come from outside uses arena_try().
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *head;
    char *next; /* first free byte of the head block */
    char *end;
    size_t total_bytes; /* taken from the system */
    size_t max_bytes;   /* 0: no limit */
};

#define ARENA_INIT(max)                                                                            \
    { NULL, NULL, NULL, 0, (max) }

void arena_init(struct arena *a, size_t max_bytes);
/* Frees everything; the arena may be used again. NULL is allowed. */
void arena_release(struct arena *a);
/* Keeps one block for reuse, forgets all objects. */
void arena_reset(struct arena *a);
void *arena_alloc(struct arena *a, size_t size_bytes) __attribute__((malloc, returns_nonnull));
void *arena_zalloc(struct arena *a, size_t size_bytes) __attribute__((malloc, returns_nonnull));
void *arena_try(struct arena *a, size_t size_bytes) __attribute__((malloc));
/* A NUL-terminated copy, or NULL past the maximum. */
char *arena_try_text(struct arena *a, const char *text, size_t len) __attribute__((malloc));
char *arena_strdup(struct arena *a, const char *text) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *a, const char *text, size_t len) __attribute__((returns_nonnull));
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));
/* Moves all blocks of `from` into `into`: objects of `from` then live as long as `into`. */
void arena_join(struct arena *into, struct arena *from);

#endif
