/*
 * Decoding of a map by its field tables, and the help for words that are not in them. Read
 * schema_decode() first.
 */
#include "schema_priv.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "load_priv.h"
#include "maxima.h"

const struct object *const schema_objects[] = {
    &object_recipe,
    &object_cpdctl,
    &object_catalogue,
    &object_input,
    &object_defaults,
    &object_step,
    &object_call,
    &object_part,
    &object_http,
    &object_auth,
    &object_basic,
    &object_read,
    &object_write,
    &object_ensure,
    &object_limits,
    &object_retry,
    &object_wait,
    &object_expect,
    &object_metric,
    &object_output,
    &object_stdin,
    &object_classify,
    NULL,
};

/* The pairs of one map, sorted to their fields. */
struct slots {
    const struct yaml_pair *own[SCHEMA_MAX_FIELDS];
    const struct yaml_pair *also[SCHEMA_MAX_FIELDS];
};

static const struct field *find_field(const struct object *o, const char *key) {
    for (size_t i = 0; i < o->n_fields; i++) {
        const char *name = o->fields[i].key;
        if (name[0] == key[0] && strcmp(name, key) == 0) {
            return &o->fields[i];
        }
    }
    return NULL;
}

static bool explain_foreign(struct loader *l, const struct object *o,
                            const struct yaml_pair *pair) {
    if (o->foreign == NULL) {
        return false;
    }
    for (const struct foreign_word *w = o->foreign; w->word != NULL; w++) {
        if (strcmp(w->word, pair->key->text) == 0) {
            if (w->explain == NULL || !w->explain(l, pair->value)) {
                diag_hint(l, "%s", w->hint);
            }
            return true;
        }
    }
    return false;
}

static size_t add_names(const struct object *o, const char **names) {
    for (size_t i = 0; i < o->n_fields; i++) {
        names[i] = o->fields[i].key;
    }
    return o->n_fields;
}

/* The keys of a small object are its best explanation. */
static void list_keys(struct loader *l, const char *const *names, size_t n) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; i < n; i++) {
        str_addf(&text, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    diag_hint(l, "known keys: %s", str_text(&text));
}

static void unknown_key(struct loader *l, const struct object *o, const struct yaml_pair *pair) {
    diag_error(l, pair->key, "unknown-key", "unknown key '%s' in %s", pair->key->text, o->says);
    if (explain_foreign(l, o, pair)) {
        return;
    }
    const char *names[2 * SCHEMA_MAX_FIELDS];
    size_t n = add_names(o, names);
    n += o->also != NULL ? add_names(o->also, names + n) : 0;
    if (!diag_nearest(l, pair->key->text, names, n)) {
        list_keys(l, names, n);
    }
}

static void sort_pairs(struct loader *l, const struct object *o, const struct yaml_node *node,
                       struct slots *slots) {
    for (size_t i = 0; i < node->n; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        const struct field *f = find_field(o, pair->key->text);
        if (f != NULL) {
            slots->own[f - o->fields] = pair;
            continue;
        }
        f = o->also != NULL ? find_field(o->also, pair->key->text) : NULL;
        if (f != NULL) {
            slots->also[f - o->also->fields] = pair;
        } else {
            unknown_key(l, o, pair);
        }
    }
}

static unsigned actions_of(const struct object *o, const struct yaml_pair *const *slots,
                           const struct yaml_pair **first, struct loader *l) {
    unsigned actions = 0;
    for (size_t i = 0; i < o->n_fields; i++) {
        const struct field *f = &o->fields[i];
        if ((f->flags & FIELD_ACTION) == 0 || slots[i] == NULL) {
            continue;
        }
        actions |= f->fits;
        if (*first == NULL) {
            *first = slots[i];
            continue;
        }
        const struct yaml_pair *later = slots[i]->key->line > (*first)->key->line ||
                                                (slots[i]->key->line == (*first)->key->line &&
                                                 slots[i]->key->col > (*first)->key->col)
                                            ? slots[i]
                                            : *first;
        const struct yaml_pair *other = later == slots[i] ? *first : slots[i];
        diag_error(l, later->key, "several-actions", "'%s' beside '%s': one action only",
                   later->key->text, other->key->text);
        diag_hint(l, "make two steps of them");
    }
    return actions;
}

static bool has_actions(const struct object *o) {
    for (size_t i = 0; i < o->n_fields; i++) {
        if ((o->fields[i].flags & FIELD_ACTION) != 0) {
            return true;
        }
    }
    return o->also != NULL && has_actions(o->also);
}

static void list_actions(const struct object *o, struct str *out) {
    for (size_t i = 0; i < o->n_fields; i++) {
        if ((o->fields[i].flags & FIELD_ACTION) != 0) {
            str_addf(out, "%s%s", out->len > 0 ? ", " : "", o->fields[i].key);
        }
    }
}

static unsigned check_actions(struct loader *l, const struct object *o,
                              const struct yaml_node *node, const struct slots *slots) {
    if (!has_actions(o)) {
        return 0;
    }
    const struct yaml_pair *first = NULL;
    unsigned actions = o->also != NULL ? actions_of(o->also, slots->also, &first, l) : 0;
    actions |= actions_of(o, slots->own, &first, l);
    if (actions == 0) {
        AUTO(str) struct str names = STR_INIT(LIMIT_MESSAGE);
        if (o->also != NULL) {
            list_actions(o->also, &names);
        }
        list_actions(o, &names);
        diag_error(l, node, "missing-action", "%s without an action", o->says);
        diag_hint(l, "actions: %s", str_text(&names));
    }
    return actions;
}

static void missing_field(struct loader *l, const struct object *o, const struct field *f,
                          const struct yaml_node *node) {
    if ((f->flags & FIELD_REQUIRED) == 0) {
        return;
    }
    diag_error(l, node, "missing-key", "%s needs '%s'", o->says, f->key);
    if (f->type->example != NULL) {
        diag_hint(l, "write `%s`", f->type->example);
    }
}

static void decode_field(struct loader *l, const struct field *f, const struct yaml_pair *pair,
                         unsigned actions, void *target) {
    if (f->fits != 0 && actions != 0 && (f->fits & actions) == 0) {
        diag_error(l, pair->key, "misplaced-key", "'%s' has no meaning beside '%s'", f->key,
                   load_action_name(actions));
        return;
    }
    if (f->part_bytes > 0) {
        void **part = load_at(target, f->part);
        *part = *part != NULL ? *part : arena_zalloc(&l->recipe->arena, f->part_bytes);
        target = *part;
    }
    f->type->decode(l, f, pair->value, load_at(target, f->offset));
}

static void decode_fields(struct loader *l, const struct object *o, const struct yaml_node *node,
                          const struct yaml_pair *const *slots, unsigned actions, void *target) {
    for (size_t i = 0; i < o->n_fields; i++) {
        if (slots[i] == NULL) {
            missing_field(l, o, &o->fields[i], node);
        } else {
            decode_field(l, &o->fields[i], slots[i], actions, target);
        }
    }
}

bool schema_decode(struct loader *l, const struct object *o, const struct yaml_node *node,
                   void *target, void *also_target, unsigned *ret_actions) {
    assert(o->n_fields <= SCHEMA_MAX_FIELDS);
    if (!load_is_map(l, node, o->says)) {
        return false;
    }
    struct slots slots = {{NULL}, {NULL}};
    sort_pairs(l, o, node, &slots);
    unsigned actions = check_actions(l, o, node, &slots);
    if (ret_actions != NULL) {
        *ret_actions = actions;
    }
    decode_fields(l, o, node, slots.own, actions, target);
    if (o->also != NULL) {
        decode_fields(l, o->also, node, slots.also, actions, also_target);
    }
    return true;
}
