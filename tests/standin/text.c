/*
 * Growable text, see text.h.
 */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *insist(void *memory) {
    if (memory == NULL) {
        fputs("standin: out of memory\n", stderr);
        exit(70);
    }
    return memory;
}

void *must_alloc(size_t size_bytes) {
    return insist(calloc(1, size_bytes ? size_bytes : 1));
}

void *must_realloc(void *old, size_t size_bytes) {
    return insist(realloc(old, size_bytes));
}

static void text_reserve(struct text *text, size_t n_more) {
    size_t needed = text->len + n_more + 1;
    if (needed <= text->cap) {
        return;
    }
    size_t cap = text->cap < 128 ? 128 : text->cap * 2;
    text->cap = cap < needed ? needed : cap;
    text->bytes = must_realloc(text->bytes, text->cap);
}

void text_add(struct text *text, const char *bytes, size_t len) {
    text_reserve(text, len);
    if (len > 0) {
        memcpy(text->bytes + text->len, bytes, len);
    }
    text->len += len;
    text->bytes[text->len] = '\0';
}

void text_puts(struct text *text, const char *string) {
    text_add(text, string, strlen(string));
}

void text_putc(struct text *text, char c) {
    text_add(text, &c, 1);
}

void text_pad(struct text *text, size_t n_blanks) {
    for (size_t i = 0; i < n_blanks; i++) {
        text_putc(text, ' ');
    }
}

static void text_vprintf(struct text *text, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void text_vprintf(struct text *text, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len > 0) {
        text_reserve(text, (size_t)len);
        (void)vsnprintf(text->bytes + text->len, (size_t)len + 1, format, again);
        text->len += (size_t)len;
    }
    va_end(again);
}

void text_printf(struct text *text, const char *format, ...) {
    va_list args;
    va_start(args, format);
    text_vprintf(text, format, args);
    va_end(args);
}

char *text_take(struct text *text) {
    text_reserve(text, 0);
    text->bytes[text->len] = '\0';
    char *bytes = text->bytes;
    *text = (struct text){0};
    return bytes;
}

void text_release(struct text *text) {
    free(text->bytes);
    *text = (struct text){0};
}

const char *text_get(const struct text *text) {
    return text->bytes != NULL ? text->bytes : "";
}

char *text_dup(const char *string) {
    struct text copy = {0};
    text_puts(&copy, string);
    return text_take(&copy);
}

char *text_format(const char *format, ...) {
    struct text made = {0};
    va_list args;
    va_start(args, format);
    text_vprintf(&made, format, args);
    va_end(args);
    return text_take(&made);
}
