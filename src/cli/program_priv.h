/*
 * Programs of this machine: where they stand, and what they say of themselves.
 */
#ifndef CLI_PROGRAM_PRIV_H
#define CLI_PROGRAM_PRIV_H

#include <stddef.h>

struct arena;
struct map;
struct recipe;

/* Where the program stands on our PATH (in the arena); NULL: nowhere. */
const char *program_find(struct arena *a, const char *name);
/* Standard output of a program that ends well within ten seconds (in the arena); NULL and a message for people otherwise. */
const char *program_ask(struct arena *a, const char *const *argv, const char **ret_why);
/* The programs that a recipe and those it uses call by name, as keys of a map. */
void program_collect(const struct recipe *r, struct map *programs);

#endif
