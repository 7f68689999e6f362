/* What the delimited tokens of an expression stand for. All texts are given with their delimiters.
 */
#ifndef EXPR_LITERAL_PRIV_H
#define EXPR_LITERAL_PRIV_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct value;

/* "name": a JSON string. False when it is none. */
bool literal_quoted(struct arena *a, const char *text, size_t len, bool has_escape,
                    const char **ret_name, size_t *ret_len);
/* 'text': \' and \\ are escapes, every other backslash stays. */
const struct value *literal_raw(struct arena *a, const char *text, size_t len, bool has_escape);
/* `json`: \` stands for a backquote. NULL when it is not JSON. */
const struct value *literal_json(struct arena *a, const char *text, size_t len, bool has_escape);
/* A JSON number without delimiters. */
const struct value *literal_number(struct arena *a, const char *text, size_t len);

#endif
