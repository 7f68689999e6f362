/*
 * Any bytes as a recipe: a model whose needs can be ordered, or errors that each have kind, words and place.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "recipe/load.h"
#include "recipe/model.h"

static void check_diagnostics(const struct diagnostics *d) {
    AUTO(str) struct str shown = STR_INIT(0);
    for (size_t i = 0; i < d->n; i++) {
        const struct err *err = &d->items[i].err;
        MUST_HOLD(err->kind != NULL && err->message != NULL && err->message[0] != '\0');
        MUST_HOLD(err->place.file != NULL && err->place.line > 0 && err->place.col > 0);
        err_render(err, "error", &shown);
        str_reset(&shown);
    }
}

static bool is_in(const struct step *steps, size_t n, const struct step *step) {
    return step >= steps && step < steps + n;
}

static void check_steps(const struct recipe *r, const struct step *steps, size_t n,
                        const struct step *parent) {
    for (size_t i = 0; i < n; i++) {
        const struct step *step = &steps[i];
        MUST_HOLD(step->number < r->n_all_steps && step->id != NULL && step->parent == parent);
        MUST_HOLD(step->action != ACTION_CALL || step->call != NULL);
        MUST_HOLD(step->action != ACTION_ENSURE || step->ensure->find != NULL);
        for (size_t k = 0; k < step->n_needs; k++) {
            MUST_HOLD(is_in(steps, n, step->needs[k]) && step->needs[k] != step);
        }
        check_steps(r, step->steps, step->n_steps, step);
        check_steps(r, step->cleanup, step->n_cleanup, step);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct diagnostics d = DIAGNOSTICS_INIT;
    struct recipe *r = recipe_load_text((const char *)data, size, "fuzz.yaml", "/nonexistent", &d);
    MUST_HOLD((r == NULL) == (d.n_errors > 0));
    check_diagnostics(&d);
    if (r != NULL) {
        check_steps(r, r->steps, r->n_steps, NULL);
        check_steps(r, r->finally, r->n_finally, NULL);
    }
    recipe_free(r);
    diagnostics_release(&d);
    return 0;
}
