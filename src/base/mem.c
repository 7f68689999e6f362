/*
 * The end of memory is handled in one place: everything above may assume that a small allocation
 * succeeds.
 */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_EXHAUSTED = 4 };

/* Process wide by nature: malloc fails for everybody at once. */
static void (*at_death)(void);

static void tell_death(void) {
    void (*fn)(void) = at_death;
    at_death = NULL; /* once: the function may allocate and end up here again */
    if (fn != NULL) {
        fn();
    }
}

void mem_exhausted(void) {
    tell_death();
    static const char text[] = "cpdflow: error: out of memory\n";
    ssize_t n_written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)n_written; /* nothing is left to tell it to */
    _exit(EXIT_EXHAUSTED);
}

void mem_at_death(void (*fn)(void)) {
    at_death = fn;
}

void *mem_alloc(size_t size_bytes) {
    void *p = malloc(size_bytes == 0 ? 1 : size_bytes);
    if (p == NULL) {
        mem_exhausted();
    }
    return p;
}

void *mem_zalloc(size_t n, size_t size_bytes) {
    void *p = n == 0 || size_bytes == 0 ? calloc(1, 1) : calloc(n, size_bytes);
    if (p == NULL) {
        mem_exhausted();
    }
    return p;
}

void *mem_realloc(void *p, size_t n, size_t size_bytes) {
    if (size_bytes != 0 && n > SIZE_MAX / size_bytes) {
        mem_exhausted();
    }
    size_t total_bytes = n * size_bytes;
    void *grown = realloc(p, total_bytes == 0 ? 1 : total_bytes);
    if (grown == NULL) {
        mem_exhausted();
    }
    return grown;
}

char *mem_strndup(const char *text, size_t len) {
    if (len == SIZE_MAX) {
        mem_exhausted();
    }
    char *copy = mem_alloc(len + 1);
    if (len > 0) {
        memcpy(copy, text, len);
    }
    copy[len] = '\0';
    return copy;
}

char *mem_strdup(const char *text) {
    return mem_strndup(text, strlen(text));
}

void mem_free(void *p) {
    free(p);
}

void bug_at(const char *file, int line, const char *fmt, ...) {
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap); /* cut at 511 bytes: better than no word at all */
    va_end(ap);
    (void)fprintf(stderr, "cpdflow: bug at %s:%d: %s\n", file, line, text);
    tell_death();
    abort();
}
