#ifndef STANDIN_LIFECYCLE_H
#define STANDIN_LIFECYCLE_H
/*
 * What happens when an object enters a state: times are stamped, failures get their text, and
 * services make the objects that they make by themselves (data sets, default monitors,
 * measurements).
 */
#include "world.h"

/* `at_ms`: when it fell due, which may be before world->now_ms. */
void lifecycle_enter(struct world *world, struct object *object, const char *state, int64_t at_ms);

/* Schedules the first life of a new object, as its kind and the scenario's outcomes say. */
void lifecycle_begin(struct world *world, struct object *object);

#endif
