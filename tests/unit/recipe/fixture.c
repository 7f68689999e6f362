#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

void render_diagnostics(const struct diagnostics *d, struct str *out) {
    for (size_t i = 0; i < d->n; i++) {
        err_render(&d->items[i].err, d->items[i].is_warning ? "warning" : "error", out);
    }
}

struct recipe *load_ok(const char *text) {
    struct diagnostics d = DIAGNOSTICS_INIT;
    struct recipe *r = recipe_load_text(text, strlen(text), "recipe.yaml", ".", &d);
    AUTO(str) struct str shown = STR_INIT(0);
    render_diagnostics(&d, &shown);
    if (r == NULL) {
        fail_msg("%s", str_text(&shown));
    }
    diagnostics_release(&d);
    return r;
}

static const struct step *find_in(const struct step *steps, size_t n, const char *id) {
    const struct step *found = NULL;
    for (size_t i = 0; i < n && found == NULL; i++) {
        found = strcmp(steps[i].id, id) == 0 ? &steps[i] : NULL;
        found = found != NULL ? found : find_in(steps[i].steps, steps[i].n_steps, id);
        found = found != NULL ? found : find_in(steps[i].cleanup, steps[i].n_cleanup, id);
    }
    return found;
}

const struct step *find_step(const struct recipe *r, const char *id) {
    const struct step *found = find_in(r->steps, r->n_steps, id);
    found = found != NULL ? found : find_in(r->finally, r->n_finally, id);
    if (found == NULL) {
        fail_msg("no step '%s'", id);
    }
    return found;
}
