/*
 * How much of a recipe its tests carry out: a list of things that can happen, each with its line, ticked off by the events of
 * runs.
 *
 *   struct coverage *c = coverage_new(recipe);
 *   event_bus_add(&bus, coverage_sink(c));    // of one run after the other
 *   … c->items[i].is_covered …
 *   coverage_free(c);
 *
 * A step can run. An `if` can hold or not. A `retry` can happen and can be given up. A wait can be met, fail or time out.
 * An `ensure` can find, create, update and remove duplicates. An `expect` can fail, and a failure be tolerated. Steps of recipes
 * that are used belong to their own tests.
 */
#ifndef TESTING_COVERAGE_H
#define TESTING_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"

struct recipe;

struct coverage_item {
    const char *step; /* id, NULL: of the whole recipe */
    const char *what; /* "if false" */
    unsigned line;
    bool is_covered;
};

struct coverage {
    const struct recipe *recipe;
    struct coverage_item *items; /* in order of lines */
    size_t n_items;
    size_t n_covered;
    struct coverage_state *state;
};

/* Keeps the recipe. */
struct coverage *coverage_new(const struct recipe *r);
/* Of the next run: what is known of the steps of the last one is forgotten. */
struct sink coverage_sink(struct coverage *c);
/* Ticks item i off. */
void coverage_mark(struct coverage *c, size_t i);
void coverage_free(struct coverage *c);

#endif
