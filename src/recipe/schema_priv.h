/*
 * Field tables: what a map of a recipe may hold. One table per kind of map ("object") feeds the
 * loader, the "unknown key, did you mean" hints, the JSON Schema and the test of the language
 * reference.
 */
#ifndef RECIPE_SCHEMA_PRIV_H
#define RECIPE_SCHEMA_PRIV_H

#include <stdbool.h>
#include <stddef.h>

struct field;
struct loader;
struct object;
struct yaml_node;

/*
 * Stores the node at `target` (the field's place in its object) or reports an error through the
 * loader.
 */
typedef void (*field_decode_fn)(struct loader *l, const struct field *f,
                                const struct yaml_node *node, void *target);

struct field_type {
    const char *expects; /* "a duration such as 30s or 5m": for messages and the reference */
    field_decode_fn decode;
    const char *schema;  /* draft-07 text; NULL: made from the field's `object` or `names` */
    const char *example; /* what to write when it is missing; NULL: nothing that fits all */
    bool is_list;        /* a list of `object` (schema NULL) */
    bool is_map;         /* free keys, each an `object` (schema NULL) */
};

enum field_flag {
    FIELD_REQUIRED = 1,
    FIELD_ACTION = 2, /* an object has exactly one of these */
    FIELD_CALL = 4,   /* belongs to struct call, which stands beside the object */
};

/* Bits of the actions that a step's field fits. */
enum action_bit {
    FITS_CPDCTL = 1,
    FITS_CMD = 2,
    FITS_RUN = 4,
    FITS_HTTP = 8,
    FITS_READ = 16,
    FITS_WRITE = 32,
    FITS_ENSURE = 64,
    FITS_STEPS = 128,
    FITS_USE = 256,
    FITS_PAUSE = 512,
    FITS_SET = 1024,
};
#define FITS_CHILD (FITS_CPDCTL | FITS_CMD | FITS_RUN)
#define FITS_CALL  (FITS_CHILD | FITS_HTTP | FITS_READ | FITS_WRITE)

struct field {
    const char *key;
    const struct field_type *type;
    size_t offset;       /* of the value in its struct */
    size_t count_offset; /* of the count beside it, for types that store several */
    size_t part;       /* with part_bytes: offset of a pointer to the part that the value is in, */
    size_t part_bytes; /* made at its first field; 0: the value is in the struct itself */
    unsigned flags;
    unsigned fits;               /* action bits; 0: every action */
    const struct object *object; /* what a nested map holds */
    const char *const *names;    /* allowed words, NULL-terminated */
    const char *doc;             /* one sentence, for the reference and editors */
};

/* A word from another tool and what it is called here. */
struct foreign_word {
    const char *word;
    const char *hint;
    /* Makes the exact text for the value that was written, or returns false. */
    bool (*explain)(struct loader *l, const struct yaml_node *value);
};

struct object {
    const char *name; /* "step": also the name of its JSON Schema definition */
    const char *says; /* "a step": for messages */
    const struct field *fields;
    size_t n_fields;
    const struct object *also;          /* more fields of the same map */
    const struct foreign_word *foreign; /* ends with a NULL word; NULL: none */
};

#define SCHEMA_MAX_FIELDS 64

/* Every object, in the order of the reference; ends with NULL. */
extern const struct object *const schema_objects[];

/*
 * Decodes the pairs of a map by the object's tables, in table order, into `target` (and
 * `also_target` for the fields of `also`). Reports unknown keys, missing required ones and several
 * or no actions. Returns false when `node` is no map. *ret_seen (may be NULL) gets the action bits
 * or, for objects without actions, 0.
 */
bool schema_decode(struct loader *l, const struct object *o, const struct yaml_node *node,
                   void *target, void *also_target, unsigned *ret_actions);

#endif
