#ifndef STANDIN_TEXT_H
#define STANDIN_TEXT_H
/*
 * Growable text and the few allocations of the stand-in. A test tool has nothing sensible to do
 * without memory, so every function here ends the program when there is none.
 */
#include <stdarg.h>
#include <stddef.h>

/* Zeroed, or a `struct text x = {0};`, is empty. `bytes` is NUL-terminated once anything was added. */
struct text {
    char *bytes;
    size_t len;
    size_t cap;
};

void text_add(struct text *text, const char *bytes, size_t len);
void text_puts(struct text *text, const char *string);
void text_putc(struct text *text, char c);
void text_pad(struct text *text, size_t n_blanks);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Moves the bytes out to the caller (never NULL) and leaves `text` empty. */
char *text_take(struct text *text);
void text_release(struct text *text);

/* The text so far, "" when nothing was added. Valid until the next change. */
const char *text_get(const struct text *text);

char *text_dup(const char *string);
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Zeroed memory. */
void *must_alloc(size_t size_bytes);
void *must_realloc(void *old, size_t size_bytes);

#endif
