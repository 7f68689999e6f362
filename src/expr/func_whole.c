/*
 * Functions that compare whole values: sets of them, parts of them.
 */
#include "functions_priv.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/num.h"
#include "base/str.h"
#include "eval_priv.h"
#include "maxima.h"
#include "value/value.h"

#include <string.h>

/* Equal values have equal hashes: numbers by their double, objects without regard to order. */
static uint64_t hash_value(const struct value *v) {
    uint64_t hash = v->type;
    switch ((enum value_type)v->type) {
    case VALUE_NULL:
        return hash;
    case VALUE_BOOL:
        return hash * 2 + v->as.boolean;
    case VALUE_NUMBER: {
        double d = v->aux.number == 0 ? 0 : v->aux.number; /* -0 equals 0 */
        return map_hash(&d, sizeof d);
    }
    case VALUE_STRING:
        return map_hash(v->as.text, v->len);
    case VALUE_LIST:
        for (uint32_t i = 0; i < v->len; i++) {
            hash = hash * 31 + hash_value(v->as.items[i]);
        }
        return hash;
    case VALUE_OBJECT:
        for (uint32_t i = 0; i < v->len; i++) {
            const struct value_member *m = &v->as.members[i];
            hash += map_hash(m->key, m->key_len) ^ (hash_value(m->value) * 31);
        }
        return hash;
    case VALUE_TYPE_COUNT:
        break;
    }
    return hash;
}

/* Values seen so far; open addressing, at most half full. */
struct value_set {
    const struct value **slots;
    size_t n_slots;
};

static bool set_begin(struct call *c, struct value_set *set, size_t n) {
    set->n_slots = 8;
    while (set->n_slots < n * 2) {
        set->n_slots *= 2;
    }
    if (!eval_room(c->ev, c->node, (set->n_slots + 2 * n) * sizeof(void *))) {
        return false;
    }
    set->slots = arena_zalloc(c->ev->arena, set->n_slots * sizeof *set->slots);
    return true;
}

/* The slot that holds v, or the free one where it belongs; NULL: too much work. */
static const struct value **set_find(struct call *c, const struct value_set *set,
                                     const struct value *v) {
    uint64_t hash = hash_value(v);
    size_t slot = (size_t)((hash ^ (hash >> 32)) & (set->n_slots - 1));
    while (set->slots[slot] && !value_equal(set->slots[slot], v)) {
        if (!eval_charge(c->ev, c->node, 1)) {
            return NULL;
        }
        slot = (slot + 1) & (set->n_slots - 1);
    }
    return &set->slots[slot];
}

/* Elements of `list` that are not in the set; with `adds` they are put into it as they pass. */
static const struct value *set_filter(struct call *c, struct value_set *set,
                                      const struct value *list, bool adds) {
    struct list_builder out;
    list_begin(&out, c->ev->arena);
    for (uint32_t i = 0; i < list->len; i++) {
        const struct value **slot = set_find(c, set, list->as.items[i]);
        if (!slot) {
            return NULL;
        }
        if (!*slot) {
            list_add(&out, list->as.items[i]);
            *slot = adds ? list->as.items[i] : NULL;
        }
    }
    return out.n == list->len ? list : list_end(&out);
}

const struct value *fn_unique(struct call *c) {
    const struct value *list = c->args[0].value;
    struct value_set set;
    if (!eval_charge_value(c->ev, c->node, list) || !set_begin(c, &set, list->len)) {
        return NULL;
    }
    return set_filter(c, &set, list, true);
}

const struct value *fn_difference(struct call *c) {
    const struct value *list = c->args[0].value;
    const struct value *without = c->args[1].value;
    struct value_set set;
    if (!eval_charge_value(c->ev, c->node, list) || !eval_charge_value(c->ev, c->node, without) ||
        !set_begin(c, &set, without->len)) {
        return NULL;
    }
    for (uint32_t i = 0; i < without->len; i++) {
        const struct value **slot = set_find(c, &set, without->as.items[i]);
        if (!slot) {
            return NULL;
        }
        *slot = without->as.items[i];
    }
    return set_filter(c, &set, list, false);
}

/* Objects are covered when each wanted member is; anything else must be equal. */
static bool covers(const struct value *actual, const struct value *wanted) {
    if (wanted->type != VALUE_OBJECT || actual->type != VALUE_OBJECT) {
        return value_equal(actual, wanted);
    }
    for (uint32_t i = 0; i < wanted->len; i++) {
        const struct value_member *m = &wanted->as.members[i];
        const struct value *part = value_get_len(actual, m->key, m->key_len);
        if (!part || !covers(part, m->value)) {
            return false;
        }
    }
    return true;
}

const struct value *fn_covers(struct call *c) {
    if (!eval_charge_value(c->ev, c->node, c->args[0].value) ||
        !eval_charge_value(c->ev, c->node, c->args[1].value)) {
        return NULL;
    }
    return value_bool(covers(c->args[0].value, c->args[1].value));
}

const struct value *fn_pick(struct call *c) {
    const struct value *object = c->args[0].value;
    const struct value *names = c->args[1].value;
    if (!eval_charge(c->ev, c->node, names->len) ||
        !eval_room(c->ev, c->node, (size_t)names->len * 2 * sizeof(struct value_member))) {
        return NULL;
    }
    struct object_builder out;
    object_begin(&out, c->ev->arena);
    for (uint32_t i = 0; i < names->len; i++) {
        const struct value *name = names->as.items[i];
        const struct value *v = value_get_len(object, name->as.text, name->len);
        if (v) {
            object_put(&out, name->as.text, name->len, v);
        }
    }
    return object_end(&out);
}

/* One reference token of RFC 6901: ~1 is /, ~0 is ~. */
static void add_token(struct str *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '~' && i + 1 < len && (text[i + 1] == '0' || text[i + 1] == '1')) {
            str_add_char(out, text[i + 1] == '0' ? '~' : '/');
            i++;
        } else {
            str_add_char(out, text[i]);
        }
    }
}

static const struct value *pointer_step(const struct value *v, const struct str *token) {
    if (v->type == VALUE_OBJECT) {
        return value_get_len(v, str_text(token), token->len);
    }
    int64_t i = 0;
    if (v->type == VALUE_LIST && num_parse_i64(str_text(token), token->len, &i) && i >= 0 &&
        i < (int64_t)v->len) {
        return v->as.items[i];
    }
    return NULL;
}

const struct value *fn_json_pointer(struct call *c) {
    const struct value *v = c->args[0].value;
    const struct value *pointer = c->args[1].value;
    if (pointer->len > 0 && pointer->as.text[0] != '/') {
        return call_fail(c, 1, "invalid-value",
                         "a JSON pointer is empty or begins with '/' (RFC 6901)");
    }
    const char *end = pointer->as.text + pointer->len;
    for (const char *at = pointer->as.text; v && at < end;) {
        const char *next = memchr(at + 1, '/', (size_t)(end - at - 1));
        next = next ? next : end;
        AUTO(str) struct str token = STR_INIT(LIMIT_MESSAGE);
        add_token(&token, at + 1, (size_t)(next - at - 1));
        v = token.is_over ? NULL : pointer_step(v, &token);
        at = next;
    }
    return v ? v : &value_null;
}
