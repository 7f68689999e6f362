/*
 * `ensure`: find, create, ready, update, duplicates, delete. Each part is a call of its own.
 */
#include "load_priv.h"

#include <stddef.h>
#include <string.h>

#define CALL(member) offsetof(struct call, member)

/* `if` of `update` sees the object that was found, unlike the `if` of a step. */
static const struct field part_fields[] = {
    {.key = "select",
     .type = &type_own,
     .offset = CALL(select),
     .doc = "In find and get: the objects that are meant, out of the result"},
    {.key = "if",
     .type = &type_own_truth,
     .offset = CALL(condition),
     .doc = "In update: only when this holds for the object found"},
    {.key = "timeout",
     .type = &type_deadline,
     .offset = CALL(timeout),
     .doc = "The longest time of one call; that of the step unless given"},
    {.key = "reads",
     .type = &type_boolean,
     .offset = CALL(reads),
     .doc = "Changes nothing; find and get always do so"},
};
static const struct foreign_word part_words[] = {
    {"when", "write `if`", NULL},
    {"where", "write `select`", NULL},
    {"filter", "write `select`", NULL},
    {NULL, NULL, NULL},
};
const struct object object_part = {.name = "part",
                                   .says = "a part of ensure",
                                   .fields = part_fields,
                                   .n_fields = sizeof part_fields / sizeof part_fields[0],
                                   .also = &object_call,
                                   .foreign = part_words};

static bool part_takes(const char *part, const char *key) {
    if (strcmp(key, "select") == 0) {
        return strcmp(part, "find") == 0 || strcmp(part, "get") == 0;
    }
    return strcmp(part, "update") == 0;
}

static void check_part_fields(struct loader *l, const struct yaml_node *node, const char *part) {
    static const char *const keys[] = {"select", "if"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (yaml_get(node, keys[i]) != NULL && !part_takes(part, keys[i])) {
            diag_error(l, load_key(node, keys[i]), "misplaced-key", "'%s' has no meaning in '%s'",
                       keys[i], part);
        }
    }
}

static bool sees_item(const char *part) {
    return strcmp(part, "find") != 0 && strcmp(part, "create") != 0;
}

static void decode_part(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    struct call *call = arena_zalloc(&l->recipe->arena, sizeof *call);
    *(struct call **)target = call;
    call->place = diag_place(l, node);
    unsigned before = l->roots;
    l->roots |= sees_item(f->key) ? ROOT_ITEM : 0;
    if (schema_decode(l, &object_part, node, call, call, NULL)) {
        check_part_fields(l, node, f->key);
    }
    l->roots = before;
    if (strcmp(f->key, "find") == 0 || strcmp(f->key, "get") == 0) {
        call->reads = true;
    }
}
static const struct field_type type_part = {.expects = "a call", .decode = decode_part};

static void decode_duplicates(struct loader *l, const struct field *f, const struct yaml_node *node,
                              void *target) {
    struct ensure_action *ensure = (void *)((char *)target - f->offset);
    if (load_has_template(node)) {
        ensure->duplicates_template = load_template(l, node);
        return;
    }
    int chosen = DUPLICATES_ERROR;
    type_choice.decode(l, f, node, &chosen);
    ensure->duplicates = (enum duplicates_rule)chosen;
}
static const struct field_type type_duplicates = {
    .expects = "error, keep_oldest, keep_newest or first", .decode = decode_duplicates};

static const char *const duplicates_names[] = {
    [DUPLICATES_ERROR] = "error",
    [DUPLICATES_KEEP_OLDEST] = "keep_oldest",
    [DUPLICATES_KEEP_NEWEST] = "keep_newest",
    [DUPLICATES_FIRST] = "first",
    NULL,
};

#define ENSURE(member) offsetof(struct ensure_action, member)
static const struct field ensure_fields[] = {
    {.key = "find",
     .type = &type_part,
     .offset = ENSURE(find),
     .flags = FIELD_REQUIRED,
     .object = &object_part,
     .doc = "Looks for the object; `select` picks it out of the result"},
    {.key = "create",
     .type = &type_part,
     .offset = ENSURE(create),
     .object = &object_part,
     .doc = "Makes the object when find found none; without it the object must exist"},
    {.key = "get",
     .type = &type_part,
     .offset = ENSURE(get),
     .object = &object_part,
     .doc = "Looks at the one object while `ready` waits; `item` is the object found, and find is "
            "used without it"},
    {.key = "ready",
     .type = &type_wait,
     .offset = ENSURE(ready),
     .object = &object_wait,
     .doc = "What must hold for the object before the step is done"},
    {.key = "update",
     .type = &type_part,
     .offset = ENSURE(update),
     .object = &object_part,
     .doc = "Brings an object that was found up to date; `item` is that object"},
    {.key = "duplicates",
     .type = &type_duplicates,
     .offset = ENSURE(duplicates),
     .names = duplicates_names,
     .doc = "What to do when several were found; error unless given"},
    {.key = "delete",
     .type = &type_part,
     .offset = ENSURE(remove),
     .object = &object_part,
     .doc = "Removes one duplicate; `item` is that object"},
};
const struct object object_ensure = {.name = "ensure",
                                     .says = "ensure",
                                     .fields = ensure_fields,
                                     .n_fields = sizeof ensure_fields / sizeof ensure_fields[0]};

/* keep_oldest without `delete` is sound: the oldest is used and nothing is removed. */
static void check_delete(struct loader *l, const struct yaml_node *node,
                         const struct ensure_action *ensure) {
    bool is_removing = ensure->duplicates == DUPLICATES_KEEP_OLDEST ||
                       ensure->duplicates == DUPLICATES_KEEP_NEWEST ||
                       ensure->duplicates_template != NULL;
    if (ensure->remove != NULL && !is_removing) {
        diag_warning(l, load_key(node, "delete"), "unused-delete",
                     "'delete' is for duplicates: it is never used");
        diag_hint(l, "write `duplicates: keep_oldest` or `keep_newest`; to undo a step use "
                     "`cleanup`");
    }
}

static void decode_ensure(struct loader *l, const struct field *f, const struct yaml_node *node,
                          void *target) {
    (void)f;
    struct ensure_action *ensure = arena_zalloc(&l->recipe->arena, sizeof *ensure);
    *(struct ensure_action **)target = ensure;
    if (schema_decode(l, &object_ensure, node, ensure, NULL, NULL)) {
        check_delete(l, node, ensure);
    }
}
const struct field_type type_ensure = {.expects = "get or create", .decode = decode_ensure};
