/*
 * Regular expressions: the only user of PCRE2.
 *
 * Compiled with UTF | MATCH_INVALID_UTF | NEVER_BACKSLASH_C | NEVER_UCP (ASCII classes), JIT where
 * it is there; \G is refused. Match, depth and heap limits hold for every call, and the whole call
 * has a budget that also bounds the number of start offsets (PCRE2's own match limit counts per
 * start offset: `\s+$` on 40 KB of blanks). A limit reached is an error of kind regex-limit, never
 * "no match".
 */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct regex;

struct regex_span {
    size_t start; /* REGEX_UNSET: the group took no part */
    size_t end;
};
#define REGEX_UNSET ((size_t)-1)

/* On failure the error (kind invalid-regex) names the offset; *ret_offset (may be NULL) gets it in
 * bytes. */
struct regex *regex_compile(const char *pattern, size_t len, size_t *ret_offset, struct err *err);
void regex_free(struct regex *re);
/*
 * Searches from byte `from`. Returns 1 found, 0 not found, -1 error. spans[0] is the whole match;
 * groups past n_spans are dropped, missing ones unset.
 */
int regex_match(const struct regex *re, const char *text, size_t len, size_t from,
                struct regex_span *spans, size_t n_spans, struct err *err);
/* Number of groups including group 0. */
size_t regex_group_count(const struct regex *re);
/* Name of group i, NULL for an unnamed one. */
const char *regex_group_name(const struct regex *re, size_t i);

/* Of PCRE2 as it is loaded: "10.42 2022-12-11". */
const char *regex_library_version(void);

#endif
