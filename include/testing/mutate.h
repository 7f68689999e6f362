/*
 * Mutants of a recipe: the recipe with one field broken. A mutant that all tests pass shows what no test looks at.
 *
 *   struct mutants *m = mutants_new(recipe);
 *   for (size_t i = 0; i < m->n; i++) {
 *       struct recipe *broken = mutant_load(m, i);   // NULL: it is no recipe any more, `check` finds that
 *       … run the tests on it …
 *       recipe_free(broken);
 *   }
 *   mutants_free(m);
 *
 * Fields that only people read (name, description), inputs and what a recipe says of itself are left alone. Values are changed in
 * kind: a condition is negated, a number counted up, a text gets a letter more, a boolean turned over; fields of a step or of its
 * parts are taken away where the recipe still loads.
 */
#ifndef TESTING_MUTATE_H
#define TESTING_MUTATE_H

#include <stddef.h>

struct recipe;
struct value;

struct mutant {
    unsigned line;            /* of the field in the recipe */
    const char *path;         /* "steps[2].retry.attempts" */
    const char *what;         /* "3 becomes 4", "is taken away" */
    const struct value *root; /* the whole recipe as a value */
};

struct mutants {
    struct mutant *items;
    size_t n;
    struct mutants_state *state;
};

/* NULL when the recipe's text cannot be read again. Keeps the recipe. */
struct mutants *mutants_new(const struct recipe *r);
struct recipe *mutant_load(const struct mutants *m, size_t i);
void mutants_free(struct mutants *m);

#endif
