/*
 * Allocation that does not return NULL.
 *
 * Small, bounded allocations of the program itself go through here. When memory runs out the
 * function installed with mem_at_death() is called, then the process exits with code 4. Anything whose size outside data decides goes
 * through `struct str`, `struct arena` and a limit of maxima.h instead, and fails as an error.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size_bytes) __attribute__((malloc, returns_nonnull, warn_unused_result));
/* Zeroed; dies when n * size_bytes overflows. */
void *mem_zalloc(size_t n, size_t size_bytes)
    __attribute__((malloc, returns_nonnull, warn_unused_result));
/* Grows or shrinks `p` (may be NULL) to n elements of size_bytes. */
void *mem_realloc(void *p, size_t n, size_t size_bytes)
    __attribute__((returns_nonnull, warn_unused_result));
char *mem_strdup(const char *text) __attribute__((malloc, returns_nonnull, warn_unused_result));
char *mem_strndup(const char *text, size_t len)
    __attribute__((malloc, returns_nonnull, warn_unused_result));
void mem_free(void *p);

/*
 * `fn` runs once before the program ends for want of memory or by bug(): what must not live on is ended there. It may not count on
 * any state of ours. NULL: nothing.
 */
void mem_at_death(void (*fn)(void));
/* The one way out when memory is gone; also for allocators built on top (arena.h). */
void mem_exhausted(void) __attribute__((noreturn));

/* Our own bug: prints the text with file and line to stderr and aborts. */
#define bug(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
void bug_at(const char *file, int line, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 3, 4)));

/* `AUTO(str) struct str s = …;` releases s with str_release() when it goes out of scope. */
#define AUTO(type) __attribute__((cleanup(type##_release)))

#endif
