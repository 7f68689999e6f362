/* Functions on objects. */
#include "functions_priv.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "eval_priv.h"
#include "maxima.h"
#include "value/value.h"

#include <string.h>

/* Members are copied with their keys, so the room is theirs too. */
static bool object_room(struct call *c, const struct value *object) {
    size_t bytes = (size_t)object->len * 4 * sizeof(struct value_member);
    for (uint32_t i = 0; i < object->len; i++) {
        bytes += object->as.members[i].key_len + sizeof(struct value);
    }
    return eval_charge(c->ev, c->node, object->len) && eval_room(c->ev, c->node, bytes);
}

static const struct value *key_value(struct call *c, const struct value_member *m) {
    return value_string_keep(c->ev->arena, m->key, m->key_len);
}

const struct value *fn_keys(struct call *c) {
    const struct value *object = c->args[0].value;
    if (!object_room(c, object)) {
        return NULL;
    }
    struct list_builder out;
    list_begin(&out, c->ev->arena);
    for (uint32_t i = 0; i < object->len; i++) {
        list_add(&out, key_value(c, &object->as.members[i]));
    }
    return list_end(&out);
}

const struct value *fn_values(struct call *c) {
    const struct value *object = c->args[0].value;
    if (!object_room(c, object)) {
        return NULL;
    }
    struct list_builder out;
    list_begin(&out, c->ev->arena);
    for (uint32_t i = 0; i < object->len; i++) {
        list_add(&out, object->as.members[i].value);
    }
    return list_end(&out);
}

const struct value *fn_items(struct call *c) {
    const struct value *object = c->args[0].value;
    if (!object_room(c, object)) {
        return NULL;
    }
    struct list_builder out;
    list_begin(&out, c->ev->arena);
    for (uint32_t i = 0; i < object->len; i++) {
        struct list_builder pair;
        list_begin(&pair, c->ev->arena);
        list_add(&pair, key_value(c, &object->as.members[i]));
        list_add(&pair, object->as.members[i].value);
        list_add(&out, list_end(&pair));
    }
    return list_end(&out);
}

const struct value *fn_from_items(struct call *c) {
    const struct value *pairs = c->args[0].value;
    struct object_builder out;
    object_begin(&out, c->ev->arena);
    for (uint32_t i = 0; i < pairs->len; i++) {
        const struct value *pair = pairs->as.items[i];
        if (pair->len != 2 || pair->as.items[0]->type != VALUE_STRING) {
            return call_fail(c, 0, "invalid-value",
                             "element %u is not a pair of a string and a value", i);
        }
        const struct value *key = pair->as.items[0];
        if (!eval_charge(c->ev, c->node, 1) || !eval_room(c->ev, c->node, key->len)) {
            return NULL;
        }
        object_put(&out, key->as.text, key->len, pair->as.items[1]);
    }
    return object_end(&out);
}

const struct value *fn_merge(struct call *c) {
    if (c->n_args == 1) {
        return c->args[0].value;
    }
    struct object_builder out;
    object_begin(&out, c->ev->arena);
    for (size_t i = 0; i < c->n_args; i++) {
        const struct value *object = c->args[i].value;
        if (!object_room(c, object)) {
            return NULL;
        }
        for (uint32_t j = 0; j < object->len; j++) {
            const struct value_member *m = &object->as.members[j];
            object_put(&out, m->key, m->key_len, m->value);
        }
    }
    return object_end(&out);
}

/* ---- group_by -------------------------------------------------------------------------------- */

/* The text that groups element i; value_null leaves it out. */
static const struct value *group_key(struct call *c, uint32_t i) {
    const struct value *key = eval_node(c->ev, c->args[1].expref, c->args[0].value->as.items[i]);
    if (!key || key->type == VALUE_STRING || key->type == VALUE_NULL) {
        return key;
    }
    call_fail(c, 1, "invalid-type", "the key of element %u is %s %s: keys are strings", i,
              key->type == VALUE_LIST || key->type == VALUE_OBJECT ? "an" : "a",
              value_type_name(key));
    err_hint(c->ev->err, "to_string(x) makes a string of anything");
    return NULL;
}

/* Groups stand in the order of their first element. */
const struct value *fn_group_by(struct call *c) {
    const struct value *list = c->args[0].value;
    struct arena *arena = c->ev->arena;
    if (!eval_charge(c->ev, c->node, list->len) ||
        !eval_room(c->ev, c->node, (size_t)list->len * 4 * sizeof(void *))) {
        return NULL;
    }
    AUTO(map) struct map groups = MAP_INIT; /* text to struct list_builder */
    for (uint32_t i = 0; i < list->len; i++) {
        const struct value *key = group_key(c, i);
        if (!key) {
            return NULL;
        }
        if (key->type == VALUE_NULL) {
            continue;
        }
        struct list_builder *group = map_get_len(&groups, key->as.text, key->len);
        if (!group) {
            group = arena_alloc(arena, sizeof *group);
            list_begin(group, arena);
            map_put_len(&groups, key->as.text, key->len, group);
        }
        list_add(group, list->as.items[i]);
    }
    struct object_builder out;
    object_begin(&out, arena);
    for (size_t i = 0; i < groups.n_entries; i++) {
        const struct map_entry *entry = &groups.entries[i];
        object_put(&out, entry->key, entry->key_len, list_end(entry->value));
    }
    return object_end(&out);
}
