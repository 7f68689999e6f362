/* The steps of a plan as a tree: collected by plan.c, shown by plan_text.c and plan_json.c. */
#ifndef REPORT_PLAN_PRIV_H
#define REPORT_PLAN_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "report/plan.h"

struct plan_step {
    struct event_step who;        /* texts in the arena */
    struct event_planned planned; /* of a step that was never told: PLAN_UNKNOWN */
    struct plan_step *first;      /* the steps in it, in order */
    struct plan_step *last;
    struct plan_step *next;
    unsigned n_children;
};

struct plan_counts {
    unsigned certain[PLAN_COUNT]; /* of steps that hold no others */
    unsigned uncertain[PLAN_COUNT];
};

struct plan_report {
    struct arena arena;
    const char *recipe;
    const char *file;
    const char *digest;
    const char *version;
    const char *reason; /* why it is not whole, NULL: it is */
    const struct value *outputs;
    struct plan_step **steps; /* heap, by index */
    size_t n_steps;
    size_t cap_steps;
    struct plan_step top; /* its children are the steps of the recipe */
};

struct plan_counts plan_count(const struct plan_report *r);

#endif
