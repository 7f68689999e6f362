/*
 * Coverage of a recipe.
 *
 * The items of a step stand together in the list; `firsts` tells where they begin, by the step's number in its file. Events
 * name a step by file, line and id, which together are unique in a file.
 */
#include "testing/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "recipe/model.h"

enum what {
    WHAT_RUN,
    WHAT_IF_TRUE,
    WHAT_IF_FALSE,
    WHAT_RETRIED,
    WHAT_GAVE_UP,
    WHAT_UNTIL,
    WHAT_FAIL_IF,
    WHAT_TIMED_OUT,
    WHAT_FOUND,
    WHAT_CREATED,
    WHAT_UPDATED,
    WHAT_DUPLICATES,
    WHAT_EXPECT_FAILED,
    WHAT_TOLERATED,
    WHAT_COUNT
};

static const char *const what_names[WHAT_COUNT] = {
    [WHAT_RUN] = "runs",
    [WHAT_IF_TRUE] = "if: true",
    [WHAT_IF_FALSE] = "if: false",
    [WHAT_RETRIED] = "retry: tried again",
    [WHAT_GAVE_UP] = "retry: given up",
    [WHAT_UNTIL] = "wait: until holds",
    [WHAT_FAIL_IF] = "wait: fail_if holds",
    [WHAT_TIMED_OUT] = "wait: timed out",
    [WHAT_FOUND] = "ensure: found",
    [WHAT_CREATED] = "ensure: created",
    [WHAT_UPDATED] = "ensure: updated",
    [WHAT_DUPLICATES] = "ensure: several found",
    [WHAT_EXPECT_FAILED] = "expect: does not hold",
    [WHAT_TOLERATED] = "continue_on_error: failed",
};

/* What is known of one step of a run. */
struct seen {
    bool was_retried;
    bool has_created;
    bool has_waited;
};

struct coverage_state {
    const struct step **steps; /* of the recipe, in order of their numbers */
    size_t n_steps;
    size_t *first;  /* first item of the step with this place in `steps` */
    size_t *number; /* of items */
    struct seen *seen;
    size_t n_seen;
    enum what *whats; /* of each item */
    size_t cap;
};

/* ---- the list ---- */

static void add(struct coverage *c, const struct step *s, enum what what, unsigned line) {
    struct coverage_state *st = c->state;
    if (c->n_items == st->cap) {
        st->cap = st->cap == 0 ? 64 : 2 * st->cap;
        c->items = mem_realloc(c->items, st->cap, sizeof *c->items);
        st->whats = mem_realloc(st->whats, st->cap, sizeof *st->whats);
    }
    st->whats[c->n_items] = what;
    c->items[c->n_items++] = (struct coverage_item){
        .step = s == NULL ? NULL : s->id, .what = what_names[what], .line = line};
}

static void add_if(struct coverage *c, const struct step *s, bool applies, enum what what,
                   const struct place *place) {
    if (applies) {
        bool is_own = place != NULL && place->line >= s->place.line;
        add(c, s, what, is_own ? place->line : s->place.line);
    }
}

static void add_wait(struct coverage *c, const struct step *s, const struct wait_spec *w) {
    if (w != NULL) {
        add_if(c, s, w->until != NULL, WHAT_UNTIL, &w->place);
        add_if(c, s, w->fail_if != NULL, WHAT_FAIL_IF, &w->place);
        add_if(c, s, w->until != NULL, WHAT_TIMED_OUT, &w->place);
    }
}

static void add_ensure(struct coverage *c, const struct step *s) {
    const struct ensure_action *e = s->ensure;
    bool can_vary = e->duplicates != DUPLICATES_ERROR || e->duplicates_template != NULL;
    add_if(c, s, true, WHAT_FOUND, e->find == NULL ? NULL : &e->find->place);
    add_if(c, s, e->create != NULL, WHAT_CREATED, e->create == NULL ? NULL : &e->create->place);
    add_if(c, s, e->update != NULL, WHAT_UPDATED, e->update == NULL ? NULL : &e->update->place);
    add_if(c, s, can_vary, WHAT_DUPLICATES, NULL);
    add_wait(c, s, e->ready);
}

/* A retry that `defaults` gives to every step is not one of each; a single attempt is none. */
static bool has_own_retry(const struct step *s) {
    const struct retry_spec *r = &s->rules->retry;
    bool is_single = r->attempts.template == NULL && r->attempts.n == 1;
    return r->is_set && r->place.line >= s->place.line && !is_single;
}

static void add_step(struct coverage *c, const struct step *s) {
    add(c, s, WHAT_RUN, s->place.line);
    add_if(c, s, s->condition != NULL, WHAT_IF_TRUE, NULL);
    add_if(c, s, s->condition != NULL, WHAT_IF_FALSE, NULL);
    add_if(c, s, has_own_retry(s), WHAT_RETRIED, &s->rules->retry.place);
    add_if(c, s, has_own_retry(s), WHAT_GAVE_UP, &s->rules->retry.place);
    add_wait(c, s, s->wait);
    if (s->ensure != NULL) {
        add_ensure(c, s);
    }
    add_if(c, s, s->n_expect > 0, WHAT_EXPECT_FAILED, s->n_expect > 0 ? &s->expect[0].place : NULL);
    add_if(c, s, s->tolerate.all || s->tolerate.classes != 0, WHAT_TOLERATED, NULL);
}

static void add_steps(struct coverage *c, const struct step *steps, size_t n) {
    struct coverage_state *st = c->state;
    for (size_t i = 0; i < n; i++) {
        st->steps[st->n_steps] = &steps[i];
        st->first[st->n_steps] = c->n_items;
        add_step(c, &steps[i]);
        st->number[st->n_steps] = c->n_items - st->first[st->n_steps];
        st->n_steps++;
        add_steps(c, steps[i].steps, steps[i].n_steps);
        add_steps(c, steps[i].cleanup, steps[i].n_cleanup);
    }
}

struct coverage *coverage_new(const struct recipe *r) {
    struct coverage *c = mem_zalloc(1, sizeof *c);
    c->recipe = r;
    c->state = mem_zalloc(1, sizeof *c->state);
    c->state->steps = mem_zalloc(r->n_all_steps + 1, sizeof *c->state->steps);
    c->state->first = mem_zalloc(r->n_all_steps + 1, sizeof *c->state->first);
    c->state->number = mem_zalloc(r->n_all_steps + 1, sizeof *c->state->number);
    add_steps(c, r->steps, r->n_steps);
    add_steps(c, r->finally, r->n_finally);
    return c;
}

/* ---- events ---- */

void coverage_mark(struct coverage *c, size_t i) {
    c->n_covered += c->items[i].is_covered ? 0 : 1;
    c->items[i].is_covered = true;
}

static void mark(struct coverage *c, size_t step, enum what what) {
    size_t first = c->state->first[step];
    for (size_t i = first; i < first + c->state->number[step]; i++) {
        if (c->state->whats[i] == what) {
            coverage_mark(c, i);
        }
    }
}

/* "upload[3]" is an instance of upload. */
static bool is_instance_of(const char *id, const char *of) {
    size_t n = strlen(of);
    return strncmp(id, of, n) == 0 && (id[n] == '\0' || id[n] == '[');
}

static bool find_step(const struct coverage *c, const struct event_step *who, size_t *ret_step) {
    if (who == NULL || who->file == NULL || strcmp(who->file, c->recipe->file) != 0) {
        return false;
    }
    for (size_t i = 0; i < c->state->n_steps; i++) {
        const struct step *s = c->state->steps[i];
        if (s->place.line == who->line && is_instance_of(who->id, s->id)) {
            *ret_step = i;
            return true;
        }
    }
    return false;
}

static struct seen *seen_of(struct coverage_state *st, uint32_t index) {
    if (index >= st->n_seen) {
        size_t n = 2 * ((size_t)index + 16);
        st->seen = mem_realloc(st->seen, n, sizeof *st->seen);
        memset(st->seen + st->n_seen, 0, (n - st->n_seen) * sizeof *st->seen);
        st->n_seen = n;
    }
    return &st->seen[index];
}

/* An expectation may give its failure another class than `expect`. */
static bool may_be_expected(const struct step *s, enum error_class class) {
    for (size_t i = 0; i < s->n_expect; i++) {
        if (s->expect[i].error_class == (int)class) {
            return true;
        }
    }
    return class == CLASS_EXPECT;
}

static void on_failed(struct coverage *c, size_t step, const struct seen *seen,
                      const struct event_step_finished *f) {
    if (f->status == STEP_TOLERATED) {
        mark(c, step, WHAT_TOLERATED);
    }
    if (seen->was_retried) {
        mark(c, step, WHAT_GAVE_UP);
    }
    if (seen->has_waited && f->error_class == CLASS_TIMEOUT) {
        mark(c, step, WHAT_TIMED_OUT);
    } else if (seen->has_waited && f->error_class == CLASS_EXPECT) {
        mark(c, step, WHAT_FAIL_IF);
    }
    if (may_be_expected(c->state->steps[step], f->error_class)) {
        mark(c, step, WHAT_EXPECT_FAILED);
    }
    if (f->error_class == CLASS_CONFLICT) { /* `duplicates: error` says so */
        mark(c, step, WHAT_DUPLICATES);
    }
}

static void on_finished(struct coverage *c, size_t step, const struct seen *seen,
                        const struct event_step_finished *f) {
    if (f->status == STEP_SKIPPED && f->skip_reason != NULL && str_starts(f->skip_reason, "if:")) {
        mark(c, step, WHAT_IF_FALSE);
    }
    if (f->status == STEP_FAILED || f->status == STEP_TOLERATED) {
        on_failed(c, step, seen, f);
    }
    if (f->is_unstable) {
        mark(c, step, WHAT_EXPECT_FAILED);
    }
    if (f->status == STEP_SUCCEEDED && !seen->has_created) {
        mark(c, step, WHAT_FOUND);
    }
    if (f->change == CHANGE_UPDATED) {
        mark(c, step, WHAT_UPDATED);
    } else if (f->change == CHANGE_DEDUPLICATED) {
        mark(c, step, WHAT_DUPLICATES);
    }
}

static void on_step_event(struct coverage *c, size_t step, const struct event *ev) {
    struct seen *seen = seen_of(c->state, ev->step->index);
    if (ev->kind == EVENT_STEP_STARTED) {
        *seen = (struct seen){0};
        mark(c, step, WHAT_RUN);
        mark(c, step, WHAT_IF_TRUE);
    } else if (ev->kind == EVENT_RETRY_SCHEDULED) {
        seen->was_retried = true;
        mark(c, step, WHAT_RETRIED);
    } else if (ev->kind == EVENT_WAIT_OBSERVED) {
        seen->has_waited = true;
        mark(c, step, ev->as.wait.is_done ? WHAT_UNTIL : WHAT_RUN);
    } else if (ev->kind == EVENT_ATTEMPT_STARTED &&
               strcmp(ev->as.attempt_started.role, "create") == 0) {
        seen->has_created = true;
        mark(c, step, WHAT_CREATED);
    } else if (ev->kind == EVENT_NOTICE && strcmp(ev->as.notice.kind, "duplicates") == 0) {
        mark(c, step, WHAT_DUPLICATES);
    } else if (ev->kind == EVENT_STEP_FINISHED) {
        on_finished(c, step, seen, &ev->as.step_finished);
    }
}

static bool on_event(void *ctx, const struct event *ev) {
    struct coverage *c = ctx;
    size_t step = 0;
    if (find_step(c, ev->step, &step)) {
        on_step_event(c, step, ev);
    }
    return true;
}

struct sink coverage_sink(struct coverage *c) {
    if (c->state->n_seen > 0) {
        memset(c->state->seen, 0, c->state->n_seen * sizeof *c->state->seen);
    }
    return (struct sink){on_event, c};
}

void coverage_free(struct coverage *c) {
    if (c == NULL) {
        return;
    }
    mem_free(c->state->steps);
    mem_free(c->state->first);
    mem_free(c->state->number);
    mem_free(c->state->seen);
    mem_free(c->state->whats);
    mem_free(c->state);
    mem_free(c->items);
    mem_free(c);
}
