/*
 * struct value: JSON-like data without loss.
 *
 * Values are immutable and live in an arena; nobody frees a single value. A list or an object may
 * share children with others as long as all arenas involved live. value_copy() makes a copy that
 * needs only its own arena. Numbers keep the text they were read from: 2^63, 0.1 with 30 digits and
 * 1e400 print as they came; `number` is only the nearest double for arithmetic. Strings are UTF-8
 * with a length and may hold NUL (\u0000). Objects keep insertion order; keys are unique (the
 * parser's rule decides which duplicate stays).
 *
 * Building:   struct list_builder / object_builder collect on the arena, then *_end() makes the
 * value.
 */
#ifndef VALUE_VALUE_H
#define VALUE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct str;

enum value_type {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_NUMBER,
    VALUE_STRING,
    VALUE_LIST,
    VALUE_OBJECT,
    VALUE_TYPE_COUNT
};

enum value_flag {
    VALUE_LOSSY = 1, /* a table cell that was cut ("…") or stands for something (`<Array>`): not
                          usable as an id */
    VALUE_UNKNOWN =
        2, /* stands for what a plan cannot know yet; a list or an object: holds such a one */
};

struct value_member;
struct value {
    uint8_t type;  /* enum value_type */
    uint8_t flags; /* enum value_flag */
    uint32_t len;  /* string: bytes; number: bytes of text; list: items; object: members */
    union {
        bool boolean;
        const char *text;                 /* string (NUL after it) or number text (NUL after it) */
        const struct value *const *items; /* list */
        const struct value_member *members; /* object */
    } as;
    union {
        double number;         /* number: nearest double, may be infinite for text such as 1e400 */
        const uint32_t *index; /* object: hash index when it has many members, else NULL */
    } aux;
};

struct value_member {
    const char *key; /* NUL after it, length beside it */
    uint32_t key_len;
    uint32_t hash; /* 0 when the object has no index */
    const struct value *value;
};

/* Shared constants, valid for ever. */
extern const struct value value_null;
extern const struct value value_true;
extern const struct value value_false;
extern const struct value value_empty_list;
extern const struct value value_empty_object;
extern const struct value value_empty_string;

/* "null", "boolean", "number", "string", "array", "object": JMESPath's names. */
const char *value_type_name(const struct value *v);

const struct value *value_bool(bool b);
/*
 * A null of which only is known when it will be: `until` ("step 'space' has run") is kept. Lists and objects made with the
 * builders carry the flag of what they hold, so one look at `flags` tells whether a value is known as a whole.
 */
const struct value *value_unknown(struct arena *a, const char *until);
/* The `until` of the first unknown in a value that has the flag. */
const char *value_unknown_until(const struct value *v);
/* Copies the text. */
const struct value *value_string(struct arena *a, const char *text, size_t len);
const struct value *value_cstring(struct arena *a, const char *text);
/* Keeps `text` (must live as long as the arena, NUL-terminated at text[len]). */
const struct value *value_string_keep(struct arena *a, const char *text, size_t len);
const struct value *value_lossy_string(struct arena *a, const char *text, size_t len);
const struct value *value_int(struct arena *a, int64_t n);
/* `number` must be finite; the text is the shortest that reads back. */
const struct value *value_double(struct arena *a, double number);
/* `text` is a JSON number (checked by the caller); copies it. */
const struct value *value_number_text(struct arena *a, const char *text, size_t len);

/* True when the number is an integer written or representable without fraction and fits; 1.0 and
 * 1e3 are. */
bool value_as_i64(const struct value *v, int64_t *ret_n);

/* NULL when v is not an object or has no such key. Keys are case-sensitive. */
const struct value *value_get(const struct value *v, const char *key);
const struct value *value_get_len(const struct value *v, const char *key, size_t key_len);
/* The same for a key that is looked up again and again: `hash` is value_key_hash() of it, never 0. */
const struct value *value_get_hashed(const struct value *v, const char *key, size_t key_len,
                                     uint32_t hash);
uint32_t value_key_hash(const char *key, size_t key_len);
/* Walks keys separated by dots ("entity.status.state"): NULL when any part is missing. */
const struct value *value_path(const struct value *v, const char *path);
/* Convenience for C callers: NULL unless a string. */
const char *value_text(const struct value *v);

/* Deep equality: objects without order; numbers by value (1 == 1.0), integers compared exactly. */
bool value_equal(const struct value *a, const struct value *b);
/* Order of two numbers (exact at any length) or two strings (code points): -1, 0, 1. */
int value_compare(const struct value *a, const struct value *b);
const struct value *value_copy(struct arena *a, const struct value *v);
/* JMESPath truth: null, false, "", [], {} are false; everything else true. */
bool value_truth(const struct value *v);

struct list_builder {
    struct arena *arena;
    const struct value **items;
    size_t n;
    size_t cap;
    uint8_t flags; /* VALUE_UNKNOWN: an item has it */
};
void list_begin(struct list_builder *b, struct arena *a);
/* Room for n items at once, when their number is known; right behind list_begin(). */
void list_reserve(struct list_builder *b, size_t n);
void list_add(struct list_builder *b, const struct value *v);
const struct value *list_end(struct list_builder *b);

struct object_builder {
    struct arena *arena;
    struct value_member *members;
    size_t n;
    size_t cap;
    uint32_t *index; /* made when members get many */
    size_t index_size;
    uint8_t flags; /* VALUE_UNKNOWN: a member has it */
};
void object_begin(struct object_builder *b, struct arena *a);
/* Adds or replaces (the key keeps its first position). Copies the key. Returns true when it
 * replaced. */
bool object_put(struct object_builder *b, const char *key, size_t key_len, const struct value *v);
bool object_put_c(struct object_builder *b, const char *key, const struct value *v);
const struct value *object_end(struct object_builder *b);
/*
 * An object with the keys of `model` and `values[i]` for its member i: rows of one table share keys
 * and index, which are kept (the model's arena must live as long as `a`).
 */
const struct value *object_like(struct arena *a, const struct value *model,
                                const struct value *const *values);

#endif
