/*
 * Collects what the steps of a plan would do, as a tree.
 */
#include "plan_priv.h"

#include "base/mem.h"
#include "value/value.h"

struct plan_report *plan_report_new(void) {
    struct plan_report *r = mem_zalloc(1, sizeof *r);
    arena_init(&r->arena, 0);
    return r;
}

void plan_report_free(struct plan_report *r) {
    if (r != NULL) {
        arena_release(&r->arena);
        mem_free(r->steps);
        mem_free(r);
    }
}

static const char *keep(struct plan_report *r, const char *text) {
    return text == NULL ? NULL : arena_strdup(&r->arena, text);
}

static const struct value *keep_value(struct plan_report *r, const struct value *v) {
    return v == NULL ? NULL : value_copy(&r->arena, v);
}

static void declare(struct plan_report *r, const struct event_step *who) {
    struct plan_step *s = arena_zalloc(&r->arena, sizeof *s);
    s->who = *who;
    s->who.id = keep(r, who->id);
    s->who.name = keep(r, who->name);
    s->who.action = keep(r, who->action);
    s->who.file = keep(r, who->file);
    s->planned.plan = PLAN_UNKNOWN;
    if (r->n_steps == r->cap_steps) {
        r->cap_steps = r->cap_steps == 0 ? 64 : r->cap_steps * 2;
        r->steps = mem_realloc(r->steps, r->cap_steps, sizeof *r->steps);
    }
    r->steps[r->n_steps++] = s;
    struct plan_step *parent = who->parent < 0 ? &r->top : r->steps[who->parent];
    if (parent->last == NULL) {
        parent->first = s;
    } else {
        parent->last->next = s;
    }
    parent->last = s;
    parent->n_children++;
}

static void plan_step(struct plan_report *r, const struct event *ev) {
    const struct event_planned *p = &ev->as.planned;
    struct plan_step *s = r->steps[ev->step->index];
    s->planned = *p;
    s->planned.reason = keep(r, p->reason);
    s->planned.command = keep(r, p->command);
    s->planned.words = keep_value(r, p->words);
    s->planned.drift = keep(r, p->drift);
    s->planned.deletes = keep_value(r, p->deletes);
    s->planned.outputs = keep_value(r, p->outputs);
}

static void start(struct plan_report *r, const struct event_run_started *run) {
    r->recipe = keep(r, run->recipe_name);
    r->file = keep(r, run->recipe_file);
    r->digest = keep(r, run->recipe_digest);
    r->version = keep(r, run->version);
}

static bool on_event(void *ctx, const struct event *ev) {
    struct plan_report *r = ctx;
    if (ev->kind == EVENT_RUN_STARTED) {
        start(r, &ev->as.run_started);
    } else if (ev->kind == EVENT_STEP_DECLARED) {
        declare(r, ev->step);
    } else if (ev->kind == EVENT_STEP_PLANNED) {
        plan_step(r, ev);
    } else if (ev->kind == EVENT_RUN_FINISHED) {
        const struct event_run_finished *f = &ev->as.run_finished;
        bool is_whole = f->verdict == VERDICT_SUCCESS || f->verdict == VERDICT_UNSTABLE;
        r->reason = is_whole ? NULL : keep(r, f->reason);
        r->outputs = keep_value(r, f->outputs);
    }
    return true;
}

struct sink plan_report_sink(struct plan_report *r) {
    return (struct sink){on_event, r};
}

struct plan_counts plan_count(const struct plan_report *r) {
    struct plan_counts counts = {{0}, {0}};
    for (size_t i = 0; i < r->n_steps; i++) {
        const struct event_planned *p = &r->steps[i]->planned;
        if (r->steps[i]->first == NULL) {
            unsigned *n = p->is_uncertain ? counts.uncertain : counts.certain;
            n[p->plan]++;
        }
    }
    return counts;
}

bool plan_report_has_changes(const struct plan_report *r) {
    static const enum step_plan changes[] = {PLAN_CREATE, PLAN_UPDATE,  PLAN_DELETE,
                                             PLAN_RUN,    PLAN_CHANGES, PLAN_UNKNOWN};
    struct plan_counts counts = plan_count(r);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        if (counts.certain[changes[i]] + counts.uncertain[changes[i]] > 0) {
            return true;
        }
    }
    return false;
}
