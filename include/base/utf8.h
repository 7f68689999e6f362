/*
 * UTF-8: validation, code points, display width, and making bytes safe to show.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

struct str;

/* Length of the longest valid prefix (no surrogates, no overlong forms, at most U+10FFFF). */
size_t utf8_valid_prefix(const char *text, size_t len);
bool utf8_is_valid(const char *text, size_t len);
/*
 * Decodes one code point at `text` (len > 0). Returns its length in bytes; an invalid byte gives
 * U+FFFD and length 1.
 */
size_t utf8_decode(const char *text, size_t len, unsigned *ret_cp);
/* Number of code points; the text must be valid. */
size_t utf8_count(const char *text, size_t len);
/* Byte offset of code point number `n` (len when past the end). */
size_t utf8_offset(const char *text, size_t len, size_t n);
/* Terminal columns of one code point: 0 combining / ZWJ / variation selectors, 2 East Asian wide,
 * else 1. */
int utf8_width(unsigned cp);
size_t utf8_text_width(const char *text, size_t len);
/*
 * Appends `text` with everything that could harm a terminal or an XML/HTML file replaced: invalid
 * bytes and C0/C1 controls other than \n and \t become U+FFFD, whole escape sequences (CSI, OSC, …)
 * and the CR of a CRLF vanish, bidirectional overrides become U+FFFD. The result is valid UTF-8.
 */
void utf8_add_safe(struct str *out, const char *text, size_t len);

#endif
