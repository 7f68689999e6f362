/*
 * The language as its field tables say it: a JSON Schema for editors, single keys for `explain`.
 */
#ifndef RECIPE_SCHEMA_H
#define RECIPE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

struct str;

/* Appends the JSON Schema (draft-07) of a recipe file, indented, with a newline at the end. */
void schema_export(struct str *out);

/* The same for a test file (recipe/suite.h). */
void schema_export_suite(struct str *out);

struct schema_key {
    const char *object; /* "retry" */
    const char *says;   /* "a retry" */
    const char *key;
    const char *takes;        /* "a duration such as 30s or 1h30m" */
    const char *doc;          /* one sentence without its full stop */
    const char *const *words; /* what it can be, NULL-terminated; NULL: not a choice */
    bool is_required;
};
/* The i-th key of all objects, in the order of the reference; false past the last. */
bool schema_key(size_t i, struct schema_key *ret_key);

#endif
