/*
 * recipe file -> struct recipe, with every error of the file collected.
 *
 *   struct diagnostics d = DIAGNOSTICS_INIT;
 *   struct recipe *r = recipe_load(path, &d);       // NULL when d.n_errors > 0
 *   … report d …
 *   diagnostics_release(&d);
 *   recipe_free(r);
 *
 * Loading reads files and nothing else: it needs no inputs and no environment. Warnings do not stop
 * a run.
 */
#ifndef RECIPE_LOAD_H
#define RECIPE_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "recipe/model.h"

struct diagnostic {
    bool is_warning;
    struct err err;
};

struct diagnostics {
    struct diagnostic *items; /* in order of place after diagnostics_sort() */
    size_t n;
    size_t cap;
    size_t n_errors;
    size_t n_suppressed; /* past LIMIT_DIAGNOSTICS */
    char **files;        /* the names that places point to, in order of first use */
    size_t n_files;
};

#define DIAGNOSTICS_INIT                                                                           \
    { NULL, 0, 0, 0, 0, NULL, 0 }

void diagnostics_release(struct diagnostics *d);
/*
 * Takes what is in `err`; the name of its file is copied, so diagnostics outlive the recipe they
 * speak of.
 */
void diagnostics_add(struct diagnostics *d, bool is_warning, struct err *err);
/*
 * The list's own copy of a file's name; its first call decides where the file stands in the
 * order.
 */
const char *diagnostics_file(struct diagnostics *d, const char *file);
/* By file (in order of first use), line, column; what has the same place keeps its order. */
void diagnostics_sort(struct diagnostics *d);

struct recipe *recipe_load(const char *path, struct diagnostics *d);
/* The same, with the versions of programs that recipes are checked for which name none. */
struct program_version {
    const char *program; /* "cpdctl", or one of `catalogues` */
    const char *version;
};
struct recipe *recipe_load_for(const char *path, const struct program_version *versions, size_t n,
                               struct diagnostics *d);
/* From memory, `name` stands for the file (tests, stdin). Relative `use` paths start at `dir`. */
struct recipe *recipe_load_text(const char *text, size_t len, const char *name, const char *dir,
                                struct diagnostics *d);
void recipe_free(struct recipe *r);

#endif
