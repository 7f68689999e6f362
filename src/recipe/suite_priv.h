/* The tables of test files, for the schema and the test of their reference. */
#ifndef RECIPE_SUITE_PRIV_H
#define RECIPE_SUITE_PRIV_H

struct object;

/* Every object of a test file, the file itself first; ends with NULL. */
extern const struct object *const suite_objects[];

#endif
