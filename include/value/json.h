/*
 * JSON text <-> values. Strict RFC 8259 over cJSON: what cJSON would bend (leading zeros, control
 * characters, NUL, rounding, duplicate keys, trailing text) is found first by a scan that knows
 * line and column.
 */
#ifndef VALUE_JSON_H
#define VALUE_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct str;
struct value;

enum json_duplicates { JSON_DUP_LAST, JSON_DUP_ERROR };

struct json_options {
    const char *name;                /* file name for errors; NULL: "<json>" */
    enum json_duplicates duplicates; /* cpdctl output: the last wins */
    bool allow_noise; /* lines before the document and lines after it are skipped and named */
    size_t max_depth; /* 0: LIMIT_JSON_DEPTH */
};

/* What stood around the document, for messages; offsets into the text, lengths 0 when clean. */
struct json_noise {
    size_t before_len;
    size_t after_start;
    size_t after_len;
};

/*
 * Where RFC 8259 leaves a choice: numbers of any size and precision are accepted and keep their
 * text; lone surrogates (\ud800) and invalid UTF-8 are rejected, so is every other encoding; a
 * UTF-8 byte order mark at the start is skipped; nesting goes to max_depth; of equal keys the last
 * wins or both are an error (`duplicates`).
 *
 * Parses one document; anything but white space after it is an error unless allow_noise. Error
 * kinds: invalid-json (with line and column), duplicate-key, too-deep, empty-document, too-large
 * (more text than LIMIT_JSON_BYTES, or more memory than the arena may take). ret_noise may be NULL.
 * \u0000 is kept as a NUL byte. The value does not point into `text`.
 */
bool json_parse(struct arena *a, const char *text, size_t len, const struct json_options *options,
                const struct value **ret_value, struct json_noise *ret_noise, struct err *err);
/*
 * Parses the document that starts at `*pos` (after white space) and moves *pos behind it; at the
 * end of the text *ret_value is NULL and the call succeeds. For streams of several documents
 * (NDJSON).
 */
bool json_parse_next(struct arena *a, const char *text, size_t len, size_t *pos,
                     const struct json_options *options, const struct value **ret_value,
                     struct err *err);

/*
 * Where documents end in text that arrives in pieces. Start with a zeroed splitter and *at = 0;
 * each call goes on from *at. Returns true when a document ends at *at (the splitter is ready for
 * the next), false when more text is needed: then *at == len, and a document without brackets or
 * quotes may be complete all the same.
 */
struct json_splitter {
    size_t depth;
    bool is_string;
    bool is_escaped;
    bool is_bare;
};
bool json_split(struct json_splitter *s, const char *text, size_t len, size_t *at);

enum json_style {
    JSON_COMPACT, /* no blanks: {"a":1} */
    JSON_PRETTY,  /* two blanks, a newline after each element, ": " */
};
/* Keys in their order, numbers by their text, non-ASCII as UTF-8, only what must be escaped is. No
 * newline at the end. */
void json_print(struct str *out, const struct value *v, enum json_style style);
/* One string with its quotes. */
void json_print_string(struct str *out, const char *text, size_t len);

/* Of cJSON as it is loaded: "1.7.15". */
const char *json_library_version(void);

#endif
