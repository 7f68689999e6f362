/*
 * What the files of the JSON reader share. Reading order: json_scan.c (tokens), json_parse.c
 * (documents, batches), json_convert.c (cJSON trees to values), json_place.c (errors),
 * json_string.c (escapes).
 */
#ifndef VALUE_JSON_PRIV_H
#define VALUE_JSON_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct err;
struct json_options;
struct value;
struct value_member;

/* ---- json_scan.c: strict tokens ---- */

/* What is wrong, found by the scan; `kind` NULL: nothing. */
struct json_fault {
    const char *kind;
    const char *what; /* static text; NULL when the kind says it all */
    size_t offset;
};

struct json_scan {
    const char *text;
    size_t len;
    size_t at;
    struct json_fault fault;
};

/* Records the fault and returns false. */
bool json_fail(struct json_scan *s, const char *kind, size_t offset, const char *what);
/* Moves behind white space; returns the character there, or -1 at the end. */
int json_next(struct json_scan *s);
/* These move behind the token that starts at s->at. A string `has_nul` when an escape in it stands
 * for U+0000. */
bool json_scan_string(struct json_scan *s, bool *ret_has_nul);
bool json_scan_number(struct json_scan *s);
bool json_scan_word(struct json_scan *s);

/* ---- json_string.c ---- */

/* Appends what a valid string token (with its quotes) stands for. */
void json_decode_string(struct str *out, const char *token, size_t len);

/* ---- json_place.c ---- */

/* The limit of nesting that the options mean. */
size_t json_max_depth(const struct json_options *options);
/* Turns the fault into an error with place and source line. */
bool json_report(const struct json_scan *s, const struct json_options *options, struct err *err);
/* Error of kind duplicate-key; the document at `start` is valid and has a duplicate key. */
bool json_report_duplicate(const char *text, size_t len, size_t start,
                           const struct json_options *options, struct err *err);

/* ---- json_convert.c: what cJSON parsed becomes values ---- */

/* A token that cJSON cannot carry whole. */
struct json_token {
    size_t start;
    size_t len;
    size_t number; /* strings: how many strings stood before it in the document */
};

/* cJSON reads 63 characters of a number and stumbles over the rest: longer numbers than this do not
 * reach it. */
enum { JSON_LONG_NUMBER = 60 };

/* Values that repeat in a document (states, types, small numbers, keys) are made once. */
enum { JSON_CACHE_SLOTS = 1024 };

struct json_converter {
    struct arena *arena;
    const char *text;                 /* of the document, for the tokens */
    const struct json_token *numbers; /* of this batch, in document order */
    const struct json_token *strings; /* those that replace what cJSON has */
    const struct json_token *strings_end;
    size_t string_number; /* strings passed so far, in the whole document */
    bool has_duplicates;  /* some object had a key twice */
    const struct value *values[JSON_CACHE_SLOTS];
    struct {
        const char *text;
        uint32_t len;
    } keys[JSON_CACHE_SLOTS];
};

/* Elements of one container, growing on the heap; a list uses `items`, an object `members`. */
struct json_elements {
    const struct value **items;
    struct value_member *members;
    size_t n;
    size_t cap;
};

/*
 * Parses "[…]" or "{…}" (NUL at text[len]) with cJSON and appends its elements. False past the
 * maximum of an arena; what cJSON needs comes from `scratch` and is garbage afterwards.
 */
bool json_convert_batch(struct json_converter *c, struct arena *scratch, const char *text,
                        size_t len, struct json_elements *elements);
/* The list or object of the elements, NULL past the arena's maximum. */
const struct value *json_convert_elements(struct json_converter *c, const struct json_elements *e,
                                          bool is_object);

#endif
