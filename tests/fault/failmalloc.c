/*
 * LD_PRELOAD: the allocation number FAIL_AT fails, all others work. With FAIL_COUNT set, the number of allocations is
 * written to descriptor 9 at the end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);

static long n_calls;
static long fail_at = -1;

static int is_the_one(void) {
    if (fail_at < 0) {
        const char *text = getenv("FAIL_AT");
        fail_at = text == NULL ? 0 : atol(text);
    }
    n_calls++;
    if (n_calls != fail_at) {
        return 0;
    }
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size) {
    return is_the_one() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size) {
    return is_the_one() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size) {
    return is_the_one() ? NULL : __libc_realloc(p, size);
}

__attribute__((destructor)) static void tell(void) {
    if (getenv("FAIL_COUNT") != NULL) {
        char text[32];
        int n = snprintf(text, sizeof text, "%ld\n", n_calls);
        (void)!write(9, text, (size_t)n);
    }
}
