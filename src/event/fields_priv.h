/*
 * The fields of every kind of event as tables: masking, writing and reading are each one loop over them.
 */
#ifndef EVENT_FIELDS_PRIV_H
#define EVENT_FIELDS_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

enum field_type {
    FIELD_WORD,  /* const char *: an identifier or a word of ours, never masked */
    FIELD_TEXT,  /* const char *: masked */
    FIELD_VALUE, /* const struct value *: masked */
    FIELD_WORDS, /* const struct value *: identifiers and words of ours in a list or map, never masked */
    FIELD_HIDDEN, /* const struct value *: masked, and no part of the line */
    FIELD_BOOL,
    FIELD_INT, /* int and int32_t */
    FIELD_UNSIGNED,
    FIELD_I64,
    FIELD_U64,
    FIELD_ENUM
};

struct event_field {
    const char *name;
    size_t offset; /* from the start of struct event, or of struct event_step */
    enum field_type type;
    int none;                 /* FIELD_INT, FIELD_UNSIGNED, FIELD_I64: this value means absent */
    const char *const *names; /* FIELD_ENUM */
    int n_names;
};

/* No number of an event has this value, so a field with it as `none` is always written. */
#define FIELD_ALWAYS INT32_MIN

struct event_fields {
    const struct event_field *fields;
    size_t n;
};
extern const struct event_fields event_kind_fields[EVENT_KIND_COUNT];
extern const struct event_fields event_step_fields;

#endif
