/*
 * Our own environment, as expressions and as children see it.
 *
 * The variables that feed secret inputs are in neither: CPD_PASSWORD is read by cpdflow and handed on only where the recipe
 * says so; CPDFLOW_RUN_INPUT and its like may hold secrets too. Of the rest a child inherits the short list of recipe/child_env.h and what --pass-env names.
 */
#ifndef CLI_RUN_ENV_H
#define CLI_RUN_ENV_H

struct opt_list;
struct recipe;

/* Both: NULL-terminated NAME=value texts borrowed from environ; the list is freed with mem_free. */
const char **run_env_make(const struct recipe *r);
const char **run_env_child(const char *const *env, const struct opt_list *passed);
/* Value of a variable of our own environment, for params_resolve(). */
const char *run_env_get(const char *name, void *ctx);

#endif
