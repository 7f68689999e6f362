/*
 * Values: making, reading, comparing and copying them.
 *
 * Objects with more than INDEX_FROM members carry a hash index (open addressing over member
 * numbers); its size follows from the number of members, so it is not stored. Recursion is bounded
 * by the depth limits of the parsers.
 */
#include "value/value.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "value_priv.h"

#include <assert.h>
#include <math.h>
#include <string.h>

const struct value value_null = {.type = VALUE_NULL};
const struct value value_true = {.type = VALUE_BOOL, .as.boolean = true};
const struct value value_false = {.type = VALUE_BOOL, .as.boolean = false};
const struct value value_empty_list = {.type = VALUE_LIST};
const struct value value_empty_object = {.type = VALUE_OBJECT};
const struct value value_empty_string = {.type = VALUE_STRING, .as.text = ""};

static const char *const type_names[] = {
    [VALUE_NULL] = "null",     [VALUE_BOOL] = "boolean", [VALUE_NUMBER] = "number",
    [VALUE_STRING] = "string", [VALUE_LIST] = "array",   [VALUE_OBJECT] = "object",
};
static_assert(sizeof type_names / sizeof type_names[0] == VALUE_TYPE_COUNT, "one name a type");
static_assert(sizeof(struct value) <= 24, "documents of many small values stay small");

const char *value_type_name(const struct value *v) {
    return type_names[v->type];
}

uint32_t value_checked_len(size_t len) {
    if (len > UINT32_MAX) {
        mem_exhausted(); /* a string or list past 4 GiB: every limit of maxima.h stands before it */
    }
    return (uint32_t)len;
}

static struct value *new_value(struct arena *a, enum value_type type, size_t len) {
    struct value *v = arena_alloc(a, sizeof *v);
    *v = (struct value){.type = (uint8_t)type, .len = value_checked_len(len)};
    return v;
}

const struct value *value_bool(bool b) {
    return b ? &value_true : &value_false;
}

const struct value *value_string_keep(struct arena *a, const char *text, size_t len) {
    struct value *v = new_value(a, VALUE_STRING, len);
    v->as.text = text;
    return v;
}

const struct value *value_string(struct arena *a, const char *text, size_t len) {
    return len == 0 ? &value_empty_string : value_string_keep(a, arena_strndup(a, text, len), len);
}

const struct value *value_cstring(struct arena *a, const char *text) {
    return value_string(a, text, strlen(text));
}

const struct value *value_lossy_string(struct arena *a, const char *text, size_t len) {
    struct value *v = new_value(a, VALUE_STRING, len);
    v->flags = VALUE_LOSSY;
    v->as.text = arena_strndup(a, text, len);
    return v;
}

static const struct value *new_number(struct arena *a, double number, const char *text,
                                      size_t len) {
    struct value *v = new_value(a, VALUE_NUMBER, len);
    v->as.text = arena_strndup(a, text, len);
    v->aux.number = number;
    return v;
}

const struct value *value_int(struct arena *a, int64_t n) {
    char digits[24];
    char *end = digits + sizeof digits;
    char *at = end;
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (n < 0) {
        *--at = '-';
    }
    return new_number(a, (double)n, at, (size_t)(end - at));
}

const struct value *value_double(struct arena *a, double number) {
    assert(isfinite(number));
    AUTO(str) struct str text = STR_INIT(0);
    num_format(number, &text);
    return new_number(a, number, str_text(&text), text.len);
}

const struct value *value_number_text(struct arena *a, const char *text, size_t len) {
    double number = 0;
    bool is_number = num_parse_double(text, len, &number);
    if (!is_number) {
        bug("value_number_text: '%.*s' is not a number", (int)(len > 100 ? 100 : len), text);
    }
    return new_number(a, number, text, len);
}

bool value_truth(const struct value *v) {
    switch ((enum value_type)v->type) {
    case VALUE_NULL:
        return false;
    case VALUE_BOOL:
        return v->as.boolean;
    case VALUE_NUMBER:
        return true;
    case VALUE_STRING:
    case VALUE_LIST:
    case VALUE_OBJECT:
        return v->len > 0;
    case VALUE_TYPE_COUNT:
        break;
    }
    bug("value of type %d", v->type);
}

static bool key_is(const struct value_member *m, const char *key, size_t key_len) {
    return m->key_len == key_len && memcmp(m->key, key, key_len) == 0;
}

size_t value_index_size(size_t n_members) {
    size_t size = (size_t)4 * VALUE_INDEX_FROM;
    while (size < 2 * n_members) {
        size *= 2;
    }
    return size;
}

uint32_t value_key_hash(const char *key, size_t key_len) {
    return (uint32_t)map_hash(key, key_len) | 1; /* 0 is kept for "not computed" */
}

size_t value_index_slot(const struct value_member *members, const uint32_t *index,
                        size_t index_size, const char *key, size_t key_len, uint32_t hash) {
    size_t at = (hash >> 1) & (index_size - 1);
    while (index[at] != 0) {
        const struct value_member *m = &members[index[at] - 1];
        if (m->hash == hash && key_is(m, key, key_len)) {
            break;
        }
        at = (at + 1) & (index_size - 1);
    }
    return at;
}

/* `hash` 0: not computed yet, which small objects never need. */
static const struct value *find(const struct value *v, const char *key, size_t key_len,
                                uint32_t hash) {
    if (v == NULL || v->type != VALUE_OBJECT) {
        return NULL;
    }
    const struct value_member *members = v->as.members;
    if (v->len > 0 && v->aux.index != NULL) {
        const uint32_t *index = v->aux.index;
        size_t slot = value_index_slot(members, index, value_index_size(v->len), key, key_len,
                                       hash != 0 ? hash : value_key_hash(key, key_len));
        return index[slot] == 0 ? NULL : members[index[slot] - 1].value;
    }
    for (uint32_t i = 0; i < v->len; i++) {
        if (key_is(&members[i], key, key_len)) {
            return members[i].value;
        }
    }
    return NULL;
}

const struct value *value_get_len(const struct value *v, const char *key, size_t key_len) {
    return find(v, key, key_len, 0);
}

const struct value *value_get_hashed(const struct value *v, const char *key, size_t key_len,
                                     uint32_t hash) {
    return find(v, key, key_len, hash);
}

const struct value *value_get(const struct value *v, const char *key) {
    return value_get_len(v, key, strlen(key));
}

const struct value *value_path(const struct value *v, const char *path) {
    for (const char *key = path; v != NULL;) {
        size_t key_len = strcspn(key, ".");
        v = value_get_len(v, key, key_len);
        if (key[key_len] == '\0') {
            break;
        }
        key += key_len + 1;
    }
    return v;
}

const char *value_text(const struct value *v) {
    return v != NULL && v->type == VALUE_STRING ? v->as.text : NULL;
}

const struct value *value_unknown(struct arena *a, const char *until) {
    struct value *v = new_value(a, VALUE_NULL, 0);
    v->flags = VALUE_UNKNOWN;
    v->as.text = arena_strdup(a, until);
    return v;
}

const char *value_unknown_until(const struct value *v) {
    uint32_t i = 0;
    while (v->type == VALUE_LIST || v->type == VALUE_OBJECT) {
        const struct value *child = v->type == VALUE_LIST ? v->as.items[i] : v->as.members[i].value;
        bool is_it = (child->flags & VALUE_UNKNOWN) != 0;
        v = is_it ? child : v;
        i = is_it ? 0 : i + 1;
        if (!is_it && i == v->len) {
            return ""; /* the unknown was replaced while the object was built */
        }
    }
    return v->as.text;
}

static const struct value *copy_string(struct arena *a, const struct value *v) {
    struct value *copy = new_value(a, VALUE_STRING, v->len);
    copy->flags = v->flags;
    copy->as.text = arena_strndup(a, v->as.text, v->len);
    return copy;
}

static const struct value *copy_list(struct arena *a, const struct value *v) {
    const struct value **items = arena_alloc(a, v->len * sizeof *items);
    for (uint32_t i = 0; i < v->len; i++) {
        items[i] = value_copy(a, v->as.items[i]);
    }
    struct value *copy = new_value(a, VALUE_LIST, v->len);
    copy->flags = v->flags;
    copy->as.items = items;
    return copy;
}

static const struct value *copy_object(struct arena *a, const struct value *v) {
    struct value_member *members = arena_alloc(a, v->len * sizeof *members);
    for (uint32_t i = 0; i < v->len; i++) {
        members[i] = v->as.members[i];
        members[i].key = arena_strndup(a, members[i].key, members[i].key_len);
        members[i].value = value_copy(a, members[i].value);
    }
    struct value *copy = new_value(a, VALUE_OBJECT, v->len);
    copy->flags = v->flags;
    copy->as.members = members;
    if (v->aux.index != NULL) {
        size_t index_bytes = value_index_size(v->len) * sizeof(uint32_t);
        copy->aux.index = memcpy(arena_alloc(a, index_bytes), v->aux.index, index_bytes);
    }
    return copy;
}

const struct value *value_copy(struct arena *a, const struct value *v) {
    switch ((enum value_type)v->type) {
    case VALUE_NULL:
        return (v->flags & VALUE_UNKNOWN) != 0 ? value_unknown(a, v->as.text) : &value_null;
    case VALUE_BOOL:
        return value_bool(v->as.boolean);
    case VALUE_NUMBER:
        return new_number(a, v->aux.number, v->as.text, v->len);
    case VALUE_STRING:
        return v->len == 0 && v->flags == 0 ? &value_empty_string : copy_string(a, v);
    case VALUE_LIST:
        return v->len == 0 ? &value_empty_list : copy_list(a, v);
    case VALUE_OBJECT:
        return v->len == 0 ? &value_empty_object : copy_object(a, v);
    case VALUE_TYPE_COUNT:
        break;
    }
    bug("value of type %d", v->type);
}

static bool lists_equal(const struct value *a, const struct value *b) {
    for (uint32_t i = 0; i < a->len; i++) {
        if (!value_equal(a->as.items[i], b->as.items[i])) {
            return false;
        }
    }
    return true;
}

/* Same number of members and unique keys: one direction is enough. */
static bool objects_equal(const struct value *a, const struct value *b) {
    for (uint32_t i = 0; i < a->len; i++) {
        const struct value_member *m = &a->as.members[i];
        /* Documents of one service have their keys in one order: look there first. */
        const struct value_member *same = &b->as.members[i];
        const struct value *other =
            key_is(same, m->key, m->key_len) ? same->value : value_get_len(b, m->key, m->key_len);
        if (other == NULL || !value_equal(m->value, other)) {
            return false;
        }
    }
    return true;
}

bool value_equal(const struct value *a, const struct value *b) {
    if (a == b) {
        return true;
    }
    if (a->type != b->type) {
        return false;
    }
    switch ((enum value_type)a->type) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->as.boolean == b->as.boolean;
    case VALUE_NUMBER:
        return value_compare(a, b) == 0;
    case VALUE_STRING:
        return a->len == b->len && memcmp(a->as.text, b->as.text, a->len) == 0;
    case VALUE_LIST:
        return a->len == b->len && lists_equal(a, b);
    case VALUE_OBJECT:
        return a->len == b->len && objects_equal(a, b);
    case VALUE_TYPE_COUNT:
        break;
    }
    bug("value of type %d", a->type);
}
