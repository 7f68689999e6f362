/*
 * A list of blocks with a bump pointer into the newest one.
 *
 * Blocks grow with the arena, so that a small arena costs one small block and a large one few
 * calls. An object that is large beside the current block gets a block of its own, put behind the
 * head: the rest of the head stays in use.
 */
#include "base/arena.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    ALIGN = 8,       /* enough for everything but long double, which nothing here uses */
    BLOCK_MIN = 256, /* an instance of a step has an arena: most of them hold little */
    HUGE_PAGE = 2 * 1024 * 1024,
    BLOCK_MAX = 2 * HUGE_PAGE,
};

struct arena_block {
    struct arena_block *next;
    size_t size_bytes; /* of the whole block, this header included */
};

static char *block_start(struct arena_block *block) {
    return (char *)(block + 1);
}

void arena_init(struct arena *a, size_t max_bytes) {
    *a = (struct arena)ARENA_INIT(max_bytes);
}

static void free_blocks(struct arena_block *block) {
    while (block != NULL) {
        struct arena_block *next = block->next;
        mem_free(block);
        block = next;
    }
}

void arena_release(struct arena *a) {
    if (a != NULL) {
        free_blocks(a->head);
        arena_init(a, a->max_bytes);
    }
}

void arena_reset(struct arena *a) {
    struct arena_block *kept = a->head;
    if (kept == NULL) {
        return;
    }
    free_blocks(kept->next);
    kept->next = NULL;
    a->next = block_start(kept);
    a->end = (char *)kept + kept->size_bytes;
    a->total_bytes = kept->size_bytes;
}

enum { SMALL_BLOCK = 1 << 20 };

/*
 * malloc, not mem_alloc: the size comes from outside, so running out is an error of the caller's. The blocks of large
 * arenas ask for huge pages: a document of 100 MB otherwise takes 50,000 page faults.
 */
static struct arena_block *allocate_block(size_t block_bytes) {
    if (block_bytes % HUGE_PAGE != 0) {
        void *small = malloc(block_bytes);
        if (small == NULL && block_bytes <= SMALL_BLOCK) {
            mem_exhausted(); /* there is nothing left: no caller's limit has anything to do with it */
        }
        return small;
    }
    struct arena_block *block = aligned_alloc(HUGE_PAGE, block_bytes);
#ifdef MADV_HUGEPAGE
    if (block != NULL) {
        (void)madvise(block, block_bytes, MADV_HUGEPAGE); /* advice: refused is fine */
    }
#endif
    return block;
}

/* Room for `size_bytes` within the maximum, or NULL; `wanted` more is taken when the maximum
 * allows. */
static struct arena_block *new_block(struct arena *a, size_t size_bytes, size_t wanted) {
    size_t needed = sizeof(struct arena_block) + size_bytes;
    if (needed < size_bytes) {
        return NULL;
    }
    size_t block_bytes = needed > wanted ? needed : wanted;
    if (a->max_bytes != 0) {
        size_t left = a->max_bytes - a->total_bytes;
        if (needed > left) {
            return NULL;
        }
        block_bytes = block_bytes < left ? block_bytes : left;
    }
    struct arena_block *block = allocate_block(block_bytes);
    if (block == NULL) {
        return NULL;
    }
    block->next = NULL;
    block->size_bytes = block_bytes;
    a->total_bytes += block_bytes;
    return block;
}

static size_t next_block_bytes(const struct arena *a) {
    size_t wanted = a->total_bytes;
    if (wanted < BLOCK_MIN) {
        return BLOCK_MIN;
    }
    return wanted < BLOCK_MAX ? wanted : BLOCK_MAX;
}

static void *take_from_new_block(struct arena *a, size_t size_bytes) {
    size_t wanted = next_block_bytes(a);
    bool is_large = a->head != NULL && size_bytes > wanted / 4;
    struct arena_block *block = new_block(a, size_bytes, is_large ? 0 : wanted);
    if (block == NULL) {
        return NULL;
    }
    if (is_large) {
        block->next = a->head->next;
        a->head->next = block;
        return block_start(block);
    }
    block->next = a->head;
    a->head = block;
    a->next = block_start(block) + size_bytes;
    a->end = (char *)block + block->size_bytes;
    return block_start(block);
}

static void *try_aligned(struct arena *a, size_t size_bytes, size_t align) {
    size_t gap = (size_t)(-(uintptr_t)a->next & (align - 1));
    size_t left = (size_t)(a->end - a->next);
    if (a->head != NULL && gap <= left && size_bytes <= left - gap) {
        char *p = a->next + gap;
        a->next = p + size_bytes;
        return p;
    }
    return take_from_new_block(a, size_bytes);
}

void *arena_try(struct arena *a, size_t size_bytes) {
    return try_aligned(a, size_bytes, ALIGN);
}

char *arena_try_text(struct arena *a, const char *text, size_t len) {
    char *copy = len == SIZE_MAX ? NULL : try_aligned(a, len + 1, 1);
    if (copy == NULL) {
        return NULL;
    }
    if (len > 0) {
        memcpy(copy, text, len);
    }
    copy[len] = '\0';
    return copy;
}

static void *or_die(void *p) {
    if (p == NULL) {
        mem_exhausted();
    }
    return p;
}

void *arena_alloc(struct arena *a, size_t size_bytes) {
    return or_die(arena_try(a, size_bytes));
}

void *arena_zalloc(struct arena *a, size_t size_bytes) {
    return memset(arena_alloc(a, size_bytes), 0, size_bytes);
}

char *arena_strndup(struct arena *a, const char *text, size_t len) {
    return or_die(arena_try_text(a, text, len));
}

char *arena_strdup(struct arena *a, const char *text) {
    return arena_strndup(a, text, strlen(text));
}

char *arena_printf(struct arena *a, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    va_list again;
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (len < 0) {
        bug("format '%s' cannot be printed", fmt);
    }
    char *text = or_die(try_aligned(a, (size_t)len + 1, 1));
    (void)vsnprintf(text, (size_t)len + 1, fmt, again); /* the length is known to fit */
    va_end(again);
    return text;
}

void arena_join(struct arena *into, struct arena *from) {
    if (from->head == NULL) {
        return;
    }
    into->total_bytes += from->total_bytes;
    if (into->head == NULL) {
        into->head = from->head;
        into->next = from->next;
        into->end = from->end;
    } else {
        struct arena_block *last = from->head;
        while (last->next != NULL) {
            last = last->next;
        }
        last->next = into->head->next;
        into->head->next = from->head;
    }
    arena_init(from, from->max_bytes);
}
