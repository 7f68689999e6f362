/*
 * What the loader shares with the binding of inputs: one judgement of a value by its declaration.
 */
#ifndef RECIPE_PARAMS_PRIV_H
#define RECIPE_PARAMS_PRIV_H

#include <stdbool.h>

struct err;
struct input;
struct value;

/* Kind invalid-input: type, enum, limits, pattern, durations. Does not look for files. */
bool params_accept(const struct input *in, const struct value *v, struct err *err);

#endif
