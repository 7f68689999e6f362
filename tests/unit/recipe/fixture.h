/* Recipes from text for the tests of this layer. */
#ifndef RECIPE_FIXTURE_H
#define RECIPE_FIXTURE_H

#include "base/str.h"
#include "recipe/load.h"
#include "recipe/model.h"

/* All diagnostics as they are printed. */
void render_diagnostics(const struct diagnostics *d, struct str *out);
/* Loads "recipe.yaml"; fails the test, and shows why, when it has errors. */
struct recipe *load_ok(const char *text);
/* By id, anywhere in the recipe; fails the test when absent. */
const struct step *find_step(const struct recipe *r, const char *id);

#endif
