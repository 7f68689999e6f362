/*
 * The recipe at hand beside what the journal says of the one that ran: which steps are others, new, gone, and what else it says anew.
 *
 * Each step is declared with the fingerprint of its definition and, when others stand in it, with theirs; what stands in items of a
 * foreach is part of the step itself.
 */
#include "engine_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "recipe/model.h"
#include "resume_priv.h"

enum { DIGITS = 16 };

void changes_digest(const struct step *step, char ret_digest[CHANGES_DIGEST_SIZE]) {
    int n =
        snprintf(ret_digest, CHANGES_DIGEST_SIZE, "%016llx", (unsigned long long)step->fingerprint);
    if (step->inner_fingerprint != 0) {
        (void)snprintf(ret_digest + n, CHANGES_DIGEST_SIZE - (size_t)n, "%016llx",
                       (unsigned long long)step->inner_fingerprint);
    }
}

bool changes_has_digest(const struct inst *in) {
    bool is_of_recipe = in->who.phase == PHASE_MAIN && in->who.id == in->step->id;
    for (const struct inst *around = in; around != NULL && is_of_recipe; around = around->parent) {
        is_of_recipe = !around->is_item;
    }
    return is_of_recipe;
}

bool changes_is_other(const struct inst *in) {
    char digest[CHANGES_DIGEST_SIZE];
    if (in->past == NULL || in->past->who.digest == NULL) {
        return false;
    }
    changes_digest(in->step, digest);
    return strncmp(digest, in->past->who.digest, DIGITS) != 0;
}

const struct value *changes_parts(struct arena *a, const struct recipe *recipe) {
    struct object_builder b;
    object_begin(&b, a);
    for (size_t i = 0; i < recipe->n_parts; i++) {
        const char *digest =
            arena_printf(a, "%016llx", (unsigned long long)recipe->parts[i].fingerprint);
        object_put_c(&b, recipe->parts[i].name, value_cstring(a, digest));
    }
    return object_end(&b);
}

/* ---- comparing ---- */

struct comparison {
    struct resume *resume;
    struct resume_changes *out;
    bool *is_seen;        /* by index: the recipe still has it */
    bool *is_looked_into; /* and the steps that stand in it were compared */
};

static void add(struct comparison *c, enum resume_change_kind kind, const char *name,
                const struct past_step *p) {
    struct resume_changes *out = c->out;
    if (out->n == 0 || (out->n & (out->n - 1)) == 0) {
        out->items = mem_realloc(out->items, out->n == 0 ? 1 : 2 * out->n, sizeof *out->items);
    }
    out->items[out->n++] = (struct resume_change){
        .kind = kind,
        .name = arena_strdup(&c->resume->arena, name),
        .is_step = true,
        .is_done = p != NULL && past_is_done(p),
        .reads = p != NULL && p->attempt_reads,
    };
}

static void compare_list(struct comparison *c, const struct step *steps, size_t n,
                         const struct past_step *around);

/* Did what stands in the step come so far that its steps were declared? */
static void compare_inner(struct comparison *c, const struct step *step,
                          const struct past_step *p) {
    if (step->foreach != NULL || p->n_children == 0) {
        return;
    }
    c->is_looked_into[p->who.index] = true;
    if (step->use != NULL) {
        compare_list(c, step->use->steps, step->use->n_steps, p);
    } else {
        compare_list(c, step->steps, step->n_steps, p);
    }
}

static void compare_step(struct comparison *c, const struct step *step, const struct past_step *p) {
    char digest[CHANGES_DIGEST_SIZE];
    changes_digest(step, digest);
    c->is_seen[p->who.index] = true;
    if (p->who.digest == NULL) {
        return;
    }
    bool is_other = strncmp(digest, p->who.digest, DIGITS) != 0;
    bool has_other_inside = strcmp(digest, p->who.digest) != 0;
    if (is_other) {
        add(c, RESUME_CHANGED, p->path, p);
    }
    size_t n_before = c->out->n;
    compare_inner(c, step, p);
    if (!is_other && has_other_inside && c->out->n == n_before) {
        add(c, RESUME_CHANGED, p->path, p);
    }
}

static void compare_list(struct comparison *c, const struct step *steps, size_t n,
                         const struct past_step *around) {
    for (size_t i = 0; i < n; i++) {
        struct event_step who = {.id = steps[i].id,
                                 .parent = around == NULL ? -1 : (int32_t)around->who.index,
                                 .phase = PHASE_MAIN};
        const struct past_step *p = resume_find(c->resume, &who);
        if (p != NULL) {
            compare_step(c, &steps[i], p);
            continue;
        }
        AUTO(str) struct str path = STR_INIT(0);
        str_addf(&path, "%s%s%s", around == NULL ? "" : around->path, around == NULL ? "" : "/",
                 steps[i].id);
        add(c, RESUME_ADDED, str_text(&path), NULL);
    }
}

static void note_removed(struct comparison *c) {
    for (uint32_t i = 0; i < c->resume->n_steps; i++) {
        const struct past_step *p = c->resume->steps[i];
        uint32_t parent = (uint32_t)p->who.parent; /* of a top-level step: none */
        bool is_known_place =
            p->who.parent < 0 || (parent < c->resume->n_steps && c->is_looked_into[parent]);
        if (p->who.phase == PHASE_MAIN && is_known_place && !c->is_seen[i]) {
            add(c, RESUME_REMOVED, p->path, p);
        }
    }
}

static void add_part(struct comparison *c, enum resume_change_kind kind, const char *name) {
    add(c, kind, name, NULL);
    c->out->items[c->out->n - 1].is_step = false;
}

static void compare_parts(struct comparison *c, const struct recipe *recipe) {
    const struct value *then = c->resume->run.parts;
    const struct value *now = changes_parts(&c->resume->arena, recipe);
    for (uint32_t i = 0; i < now->len; i++) {
        const struct value_member *m = &now->as.members[i];
        const struct value *before = value_get_len(then, m->key, m->key_len);
        if (before == NULL) {
            add_part(c, RESUME_ADDED, m->key);
        } else if (!value_equal(before, m->value)) {
            add_part(c, RESUME_CHANGED, m->key);
        }
    }
    for (uint32_t i = 0; i < then->len; i++) {
        const struct value_member *m = &then->as.members[i];
        if (value_get_len(now, m->key, m->key_len) == NULL) {
            add_part(c, RESUME_REMOVED, m->key);
        }
    }
}

void resume_compare(struct resume *r, const struct recipe *recipe,
                    struct resume_changes *ret_changes) {
    struct resume_changes out = {.is_known = r->run.parts != NULL};
    struct comparison c = {r, &out, mem_zalloc((size_t)r->n_steps + 1, sizeof(bool)),
                           mem_zalloc((size_t)r->n_steps + 1, sizeof(bool))};
    if (out.is_known) {
        compare_list(&c, recipe->steps, recipe->n_steps, NULL);
        note_removed(&c);
        compare_parts(&c, recipe);
    }
    mem_free(c.is_seen);
    mem_free(c.is_looked_into);
    *ret_changes = out;
}

void resume_changes_release(struct resume_changes *changes) {
    mem_free(changes->items);
    *changes = (struct resume_changes){.items = NULL};
}
