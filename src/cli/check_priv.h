/*
 * Between `cpdflow check` and its formats.
 */
#ifndef CLI_CHECK_PRIV_H
#define CLI_CHECK_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "recipe/load.h"

struct str;

struct checked_recipe {
    const char *file; /* as given */
    bool is_ok;
    char *name;      /* heap; NULL unless is_ok */
    char digest[65]; /* of a recipe that is ok */
    size_t n_steps;  /* or cases */
    bool is_suite;   /* a test file */
};

struct check_result {
    struct diagnostics diagnostics; /* of all recipes, each file's in order of place */
    size_t n_warnings;
    struct checked_recipe *recipes;
    size_t n_recipes;
};

/* NULL-terminated, in the order of the numbers of check_format(). */
extern const char *const check_format_names[];
void check_format(const struct check_result *r, int format, struct str *out);

#endif
