/* Searching text, shared by the functions on strings. */
#ifndef EXPR_TEXT_PRIV_H
#define EXPR_TEXT_PRIV_H

#include <stddef.h>

#define TEXT_NOT_FOUND ((size_t)-1)

/* Byte offset of the first `part` in `text`; an empty part is found at 0. Linear for every input
 * (memmem). */
size_t text_find(const char *text, size_t len, const char *part, size_t part_len);

#endif
