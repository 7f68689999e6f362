/*
 * cJSON trees to values.
 *
 * cJSON sees a document in batches of some kilobytes, each wrapped into its own list or object, on
 * memory that is reused; its tree never exists as a whole. Its numbers are good for their doubles
 * only: the text comes from the tokens that the scan recorded, in the same order in which this walk
 * meets the number nodes.
 */
#include "json_priv.h"

#include "base/mem.h"
#include "base/num.h"
#include "value/value.h"
#include "value_priv.h"
#include "value/json.h"

#include <cJSON.h>
#include <string.h>

enum { CACHED_LEN = 32 }; /* longer texts repeat too rarely */

/* cJSON's hooks have no context; set once, and valid only inside parse_with_cjson(). */
static struct {
    struct arena *arena;
    bool is_hooked;
} cjson_memory;

static void *allocate_for_cjson(size_t size_bytes) {
    return cjson_memory.arena == NULL ? NULL : arena_try(cjson_memory.arena, size_bytes);
}

static void free_for_cjson(void *p) {
    (void)p; /* the arena is reset as a whole */
}

static cJSON *parse_with_cjson(struct arena *scratch, const char *text, size_t len) {
    if (!cjson_memory.is_hooked) {
        cJSON_Hooks hooks = {.malloc_fn = allocate_for_cjson, .free_fn = free_for_cjson};
        cJSON_InitHooks(&hooks);
        cjson_memory.is_hooked = true;
    }
    cjson_memory.arena = scratch;
    cJSON *tree = cJSON_ParseWithLengthOpts(text, len + 1, NULL, 1);
    cjson_memory.arena = NULL;
    return tree;
}

static size_t cache_slot(const char *text, size_t len) {
    uint64_t head = 0;
    uint64_t tail = 0;
    if (len >= sizeof head) {
        memcpy(&head, text, sizeof head);
        memcpy(&tail, text + len - sizeof tail, sizeof tail);
    } else {
        memcpy(&head, text, len);
    }
    /* Collisions only cost a second copy, so a cheap mix will do. */
    uint64_t hash = (head ^ (tail << 7 | tail >> 57) ^ len) * 0x9E3779B97F4A7C15;
    return hash >> 32 & (JSON_CACHE_SLOTS - 1);
}

/* A string or number with its text right behind it. */
static struct value *new_text_value(struct json_converter *c, enum value_type type,
                                    const char *text, size_t len) {
    struct value *v = arena_try(c->arena, sizeof *v + len + 1);
    if (v == NULL) {
        return NULL;
    }
    char *copy = (char *)(v + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    *v = (struct value){.type = (uint8_t)type, .len = value_checked_len(len), .as.text = copy};
    return v;
}

static const struct value *text_value(struct json_converter *c, enum value_type type,
                                      const char *text, size_t len, double number) {
    const struct value **slot = NULL;
    if (len <= CACHED_LEN) {
        slot = &c->values[cache_slot(text, len)];
        const struct value *cached = *slot;
        if (cached != NULL && cached->type == type && cached->len == len &&
            memcmp(cached->as.text, text, len) == 0) {
            return cached;
        }
    }
    struct value *v = new_text_value(c, type, text, len);
    if (v != NULL && type == VALUE_NUMBER) {
        v->aux.number = number;
    }
    if (v != NULL && slot != NULL) {
        *slot = v;
    }
    return v;
}

static const struct value *convert_number(struct json_converter *c, const cJSON *node) {
    const struct json_token *token = c->numbers++;
    const char *text = c->text + token->start;
    double number = node->valuedouble;
    if (token->len > JSON_LONG_NUMBER) {
        (void)num_parse_double(text, token->len, &number); /* the scan saw that it is a number */
    }
    return text_value(c, VALUE_NUMBER, text, token->len, number);
}

/* The token that stands for the string now met, or NULL when cJSON's text is right. Counts the
 * string. */
static const struct json_token *special_string(struct json_converter *c) {
    size_t number = c->string_number++;
    bool is_special = c->strings < c->strings_end && c->strings->number == number;
    return is_special ? c->strings++ : NULL;
}

static const struct value *convert_string(struct json_converter *c, const cJSON *node) {
    const struct json_token *token = special_string(c);
    if (token == NULL) {
        const char *text = node->valuestring;
        size_t len = strlen(text);
        return len == 0 ? &value_empty_string : text_value(c, VALUE_STRING, text, len, 0);
    }
    struct str text = STR_INIT(token->len);
    json_decode_string(&text, c->text + token->start, token->len);
    const struct value *v = new_text_value(c, VALUE_STRING, str_text(&text), text.len);
    str_release(&text);
    return v;
}

static bool keep_key(struct json_converter *c, const char *text, size_t len,
                     struct value_member *ret_member) {
    size_t slot = cache_slot(text, len);
    bool is_cached = c->keys[slot].text != NULL && c->keys[slot].len == len &&
                     memcmp(c->keys[slot].text, text, len) == 0;
    if (!is_cached) {
        const char *copy = arena_try_text(c->arena, text, len);
        if (copy == NULL) {
            return false;
        }
        c->keys[slot].text = copy;
        c->keys[slot].len = value_checked_len(len);
    }
    ret_member->key = c->keys[slot].text;
    ret_member->key_len = c->keys[slot].len;
    ret_member->hash = 0;
    return true;
}

static bool convert_key(struct json_converter *c, const cJSON *node,
                        struct value_member *ret_member) {
    const struct json_token *token = special_string(c);
    if (token == NULL) {
        return keep_key(c, node->string, strlen(node->string), ret_member);
    }
    struct str text = STR_INIT(token->len);
    json_decode_string(&text, c->text + token->start, token->len);
    bool is_kept = keep_key(c, str_text(&text), text.len, ret_member);
    str_release(&text);
    return is_kept;
}

static bool is_same_key(const struct value_member *a, const struct value_member *b) {
    return a->key_len == b->key_len &&
           (a->key == b->key || memcmp(a->key, b->key, a->key_len) == 0);
}

/* Drops members whose key stood before; the earlier one gets the later value. Returns how many
 * stay. */
static size_t merge_few(struct json_converter *c, struct value_member *members, size_t n) {
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++) {
        size_t same = 0;
        while (same < n_kept && !is_same_key(&members[same], &members[i])) {
            same++;
        }
        if (same < n_kept) {
            members[same].value = members[i].value;
            c->has_duplicates = true;
        } else {
            members[n_kept++] = members[i];
        }
    }
    return n_kept;
}

/* The same for many members, filling a hash index. */
static size_t merge_many(struct json_converter *c, struct value_member *members, size_t n,
                         uint32_t *index, size_t index_size) {
    size_t n_kept = 0;
    memset(index, 0, index_size * sizeof *index);
    for (size_t i = 0; i < n; i++) {
        struct value_member *m = &members[i];
        m->hash = value_key_hash(m->key, m->key_len);
        size_t slot = value_index_slot(members, index, index_size, m->key, m->key_len, m->hash);
        if (index[slot] != 0) {
            members[index[slot] - 1].value = m->value;
            c->has_duplicates = true;
        } else {
            members[n_kept++] = *m;
            index[slot] = (uint32_t)n_kept;
        }
    }
    return n_kept;
}

/* `members` live in the arena; keys may repeat. */
static const struct value *make_object(struct json_converter *c, struct value_member *members,
                                       size_t n) {
    struct value *v = arena_try(c->arena, sizeof *v);
    if (v == NULL) {
        return NULL;
    }
    uint32_t *index = NULL;
    size_t n_kept = 0;
    if (n <= VALUE_INDEX_FROM) {
        n_kept = merge_few(c, members, n);
    } else {
        size_t index_size = value_index_size(n);
        index = arena_try(c->arena, index_size * sizeof *index);
        if (index == NULL) {
            return NULL;
        }
        n_kept = merge_many(c, members, n, index, index_size);
        if (n_kept < n) { /* the size of the index must follow from the number of members */
            (void)merge_many(c, members, n_kept, index, value_index_size(n_kept));
        }
    }
    *v = (struct value){.type = VALUE_OBJECT,
                        .len = value_checked_len(n_kept),
                        .as.members = members,
                        .aux.index = index};
    return v;
}

static const struct value *make_list(struct json_converter *c, const struct value **items,
                                     size_t n) {
    struct value *v = arena_try(c->arena, sizeof *v);
    if (v != NULL) {
        *v = (struct value){.type = VALUE_LIST, .len = value_checked_len(n), .as.items = items};
    }
    return v;
}

static size_t count_children(const cJSON *node) {
    size_t n = 0;
    for (const cJSON *child = node->child; child != NULL; child = child->next) {
        n++;
    }
    return n;
}

static const struct value *convert(struct json_converter *c, const cJSON *node);

static bool convert_member(struct json_converter *c, const cJSON *node,
                           struct value_member *ret_member) {
    if (!convert_key(c, node, ret_member)) {
        return false;
    }
    ret_member->value = convert(c, node);
    return ret_member->value != NULL;
}

static const struct value *convert_object(struct json_converter *c, const cJSON *node) {
    size_t n = count_children(node);
    if (n == 0) {
        return &value_empty_object;
    }
    struct value_member *members = arena_try(c->arena, n * sizeof *members);
    if (members == NULL) {
        return NULL;
    }
    size_t i = 0;
    for (const cJSON *child = node->child; child != NULL; child = child->next, i++) {
        if (!convert_member(c, child, &members[i])) {
            return NULL;
        }
    }
    return make_object(c, members, n);
}

static const struct value *convert_list(struct json_converter *c, const cJSON *node) {
    size_t n = count_children(node);
    if (n == 0) {
        return &value_empty_list;
    }
    const struct value **items = arena_try(c->arena, n * sizeof *items);
    if (items == NULL) {
        return NULL;
    }
    size_t i = 0;
    for (const cJSON *child = node->child; child != NULL; child = child->next, i++) {
        items[i] = convert(c, child);
        if (items[i] == NULL) {
            return NULL;
        }
    }
    return make_list(c, items, n);
}

/* NULL past the arena's maximum. Recursion is bounded by LIMIT_JSON_DEPTH. */
static const struct value *convert(struct json_converter *c, const cJSON *node) {
    switch (node->type & 0xFF) {
    case cJSON_NULL:
        return &value_null;
    case cJSON_False:
        return &value_false;
    case cJSON_True:
        return &value_true;
    case cJSON_Number:
        return convert_number(c, node);
    case cJSON_String:
        return convert_string(c, node);
    case cJSON_Array:
        return convert_list(c, node);
    case cJSON_Object:
        return convert_object(c, node);
    default:
        bug("cJSON node of type %d", node->type);
    }
}

static void reserve_element(struct json_elements *e, bool is_object) {
    if (e->n < e->cap) {
        return;
    }
    e->cap = e->cap == 0 ? 64 : e->cap * 2;
    if (is_object) {
        e->members = mem_realloc(e->members, e->cap, sizeof *e->members);
    } else {
        e->items = mem_realloc(e->items, e->cap, sizeof *e->items);
    }
}

bool json_convert_batch(struct json_converter *c, struct arena *scratch, const char *text,
                        size_t len, struct json_elements *elements) {
    const cJSON *tree = parse_with_cjson(scratch, text, len);
    if (tree == NULL) {
        return false;
    }
    bool is_object = cJSON_IsObject(tree);
    bool is_converted = true;
    const cJSON *child = tree->child;
    for (; is_converted && child != NULL; child = child->next) {
        reserve_element(elements, is_object);
        if (is_object) {
            is_converted = convert_member(c, child, &elements->members[elements->n]);
        } else {
            elements->items[elements->n] = convert(c, child);
            is_converted = elements->items[elements->n] != NULL;
        }
        elements->n++;
    }
    return is_converted;
}

const struct value *json_convert_elements(struct json_converter *c, const struct json_elements *e,
                                          bool is_object) {
    size_t size_bytes = e->n * (is_object ? sizeof *e->members : sizeof *e->items);
    void *copy = arena_try(c->arena, size_bytes);
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, is_object ? (const void *)e->members : (const void *)e->items, size_bytes);
    return is_object ? make_object(c, copy, e->n) : make_list(c, copy, e->n);
}

const char *json_library_version(void) {
    return cJSON_Version();
}
