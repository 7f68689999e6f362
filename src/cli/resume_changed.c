/*
 * A recipe that was changed since the run began: what of it, in words.
 */
#include "resume_priv.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/resume.h"
#include "maxima.h"
#include "recipe/model.h"

enum { NAMED = 12 };

/* A step that is gone is told to be done only where that leaves something behind. */
static bool is_kept(const struct resume_change *c) {
    return c->kind == RESUME_CHANGED && c->is_done;
}

static bool is_left_behind(const struct resume_change *c) {
    return c->kind == RESUME_REMOVED && c->is_done && !c->reads;
}

static bool is_changed(const struct resume_change *c) {
    return c->kind == RESUME_CHANGED;
}

static bool is_added(const struct resume_change *c) {
    return c->kind == RESUME_ADDED;
}

static bool is_removed(const struct resume_change *c) {
    return c->kind == RESUME_REMOVED;
}

static const struct list {
    const char *says;
    bool (*has)(const struct resume_change *c);
} lists[] = {
    {"changed", is_changed},
    {"new", is_added},
    {"gone", is_removed},
    {"done already, and kept as it was", is_kept},
    {"done, and now nothing undoes it", is_left_behind},
};

static void add_list(struct str *out, const struct list *list,
                     const struct resume_changes *changes) {
    size_t n = 0;
    for (size_t i = 0; i < changes->n; i++) {
        const struct resume_change *c = &changes->items[i];
        if (!list->has(c)) {
            continue;
        }
        n++;
        if (n == 1) {
            str_addf(out, "%s%s: ", out->len > 0 ? "; " : "", list->says);
        }
        if (n <= NAMED) {
            str_addf(out, c->is_step ? "%sstep '%s'" : "%s%s", n > 1 ? ", " : "", c->name);
        }
    }
    if (n > NAMED) {
        str_addf(out, " and %zu more", n - NAMED);
    }
}

/* "changed: step 'b', vars.x; new: step 'c'" */
static void describe(struct session *s, struct str *out) {
    struct resume_changes changes;
    resume_compare(s->resume, s->recipe, &changes);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        add_list(out, &lists[i], &changes);
    }
    if (changes.is_known && changes.n == 0) {
        str_add(out, "in comments, layout or the order of steps only");
    } else if (!changes.is_known) {
        str_add(out, "in what is not known: the journal is of an older cpdflow");
    }
    resume_changes_release(&changes);
}

bool changed_check(struct session *s, bool is_meant, struct err *err) {
    const struct resume_run *run = resume_run(s->resume);
    if (run->recipe_digest != NULL && strcmp(run->recipe_digest, s->recipe->digest) == 0) {
        return true;
    }
    AUTO(str) struct str what = STR_INIT(LIMIT_MESSAGE);
    describe(s, &what);
    if (is_meant) {
        session_note(s, "changed-recipe", "goes on although the recipe was changed: %s",
                     str_text(&what));
        return true;
    }
    err_set(err, "changed-recipe",
            "%s, or a recipe that it uses, was changed since the run began: %s", run->recipe_file,
            str_text(&what));
    err_hint(err, "restore it, or --changed-recipe: finished steps and `vars` keep what they gave; "
                  "--redo STEP runs one as it is now");
    return false;
}
