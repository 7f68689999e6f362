/*
 * What children inherit: our own environment without the variables that feed secret inputs.
 *
 * CPD_PASSWORD is read by cpdflow and handed on only where the recipe says so; a child that prints its environment does not
 * print it. Everything else passes (PATH, proxies, CA files, Jenkins' cookies by which its killer finds children).
 */
#ifndef CLI_RUN_ENV_H
#define CLI_RUN_ENV_H

struct recipe;

/* NULL-terminated NAME=value texts borrowed from environ; the list is freed with mem_free. */
const char **run_env_make(const struct recipe *r);
/* Value of a variable of our own environment, for params_resolve(). */
const char *run_env_get(const char *name, void *ctx);

#endif
