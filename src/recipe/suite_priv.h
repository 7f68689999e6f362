/*
 * What the files of the test files' loader share, and their tables for the schema and the test of their reference.
 *
 *   load_suite.c    the file, cases, rows
 *   suite_fake.c    answers and faults
 *   suite_expect.c  expectations
 *   suite_field.c   fields of several of them
 */
#ifndef RECIPE_SUITE_PRIV_H
#define RECIPE_SUITE_PRIV_H

#include <stdint.h>

struct field;
struct field_type;
struct loader;
struct object;
struct yaml_node;

/* Every object of a test file, the file itself first; ends with NULL. */
extern const struct object *const suite_objects[];

extern const struct object object_fake;
extern const struct object object_http_answer;
extern const struct object object_expectation;
extern const struct object object_step_result;

extern const struct field_type type_fakes;     /* struct suite_fake * and count */
extern const struct field_type type_value;     /* const struct value *; so are the next two */
extern const struct field_type type_value_map; /* a mapping */
extern const struct field_type type_texts;     /* a list of scalars */
extern const struct field_type type_any_text;  /* as type_text, where `${{` is an ordinary text */
extern const struct field_type type_span;      /* struct field_duration, may be 0 */
extern const struct field_type type_tally;     /* struct field_count, may be 0 */
extern const struct field_type type_exit;      /* int */

void suite_decode_exit(struct loader *l, const struct field *f, const struct yaml_node *node,
                       void *target);
/* A whole number into an int; what is none is reported. */
void suite_load_small(struct loader *l, const struct yaml_node *node, int64_t min, int64_t max,
                      int *target);

#endif
