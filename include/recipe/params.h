/*
 * Inputs of a run: --input k=v, --inputs file, environment, default: in that order, typed and
 * checked.
 *
 * Secret inputs are registered with the mask here, before anything can print them.
 */
#ifndef RECIPE_PARAMS_H
#define RECIPE_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "recipe/load.h"

struct arena;
struct value;

struct param_text {
    const char *name; /* `k` of --input k=v */
    const char *text; /* v: text for string, file and duration inputs, JSON for the others */
};

struct params_source {
    const struct param_text *texts;
    size_t n_texts;
    const struct value *const *files; /* objects of --inputs files, the last wins */
    size_t n_files;
    const char *(*env)(const char *name, void *ctx); /* NULL: no environment */
    void *env_ctx;
};

/*
 * All inputs of the recipe as one object (durations as their text, files as paths checked to be
 * readable regular files). Errors, all at once: unknown-input (with the nearest), missing-input
 * (says how to give it), invalid-input. *ret_public is the same with MASK_TEXT for secrets. Returns
 * false when `d` got an error.
 */
bool params_resolve(const struct recipe *r, const struct params_source *source, struct arena *a,
                    const struct value **ret_inputs, const struct value **ret_public,
                    struct diagnostics *d);
/* Checks an already typed object (the `with` of a `use` step) the same way, fills defaults. */
bool params_check(const struct recipe *r, const struct value *given, struct arena *a,
                  const struct value **ret_inputs, struct err *err);

#endif
