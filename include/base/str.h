/*
 * struct str: a growable byte buffer with a maximum; the only place that grows text.
 *
 *   AUTO(str) struct str s = STR_INIT(LIMIT_MESSAGE);
 *   str_addf(&s, "step '%s'", id);
 *   if (s.is_over) …            // something did not fit; what fitted is kept
 *   char *text = str_take(&s);  // moves the heap text out (never NULL), s is empty again
 *
 * `data` is always NUL-terminated once something was added and may hold NUL bytes inside; use
 * `len`. Adding past `max` keeps what fits and sets `is_over`; it never fails otherwise (mem.h).
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h" /* AUTO */

struct str {
    char *data; /* NULL until something was added; see str_text() */
    size_t len;
    size_t cap;
    size_t max; /* longest length allowed; 0 means LIMIT_STR_DEFAULT */
    bool is_over;
};

#define STR_INIT(max_bytes)                                                                        \
    { NULL, 0, 0, (max_bytes), false }

void str_release(struct str *s);
/* Empties, keeps the memory. */
void str_reset(struct str *s);
void str_add(struct str *s, const char *text);
void str_add_bytes(struct str *s, const void *bytes, size_t len);
void str_add_char(struct str *s, char c);
void str_add_repeat(struct str *s, char c, size_t n);
void str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_vaddf(struct str *s, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Appends the UTF-8 form of a code point (U+FFFD for surrogates and values past U+10FFFF). */
void str_add_utf8(struct str *s, unsigned cp);
/* The text as a C string, "" when empty. Borrowed: valid until s changes. */
const char *str_text(const struct str *s);
/* Moves the text out; the caller frees it with mem_free. */
char *str_take(struct str *s) __attribute__((returns_nonnull));
/* How many more bytes fit under the maximum. */
size_t str_room(const struct str *s);
/* Makes sure that `extra` more bytes can be written at data + len; false past max. */
bool str_reserve(struct str *s, size_t extra);
/* Cuts to `len` bytes (no-op when shorter). */
void str_cut(struct str *s, size_t len);

/* The last `c` in the text, or NULL (memrchr, which not every system has). */
const char *str_find_last(const char *text, size_t len, char c);
bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);

#endif
