/*
 * Which variables of cpdflow's own environment a child inherits: the short list below, what `pass_env` and --pass-env name,
 * and what `env` sets. Everything else stays here: a child that prints its environment prints nothing that nobody gave it.
 */
#ifndef RECIPE_CHILD_ENV_H
#define RECIPE_CHILD_ENV_H

#include <stdbool.h>
#include <stddef.h>

/* Is the variable `name`, which may go on behind `len`, in the short list? */
bool child_env_passes(const char *name, size_t len);
/* NAME, or PREFIX*. */
bool child_env_matches(const char *pattern, const char *name, size_t len);
/* A name of a variable, or the beginning of one and a *. */
bool child_env_is_pattern(const char *text);

#endif
