/*
 * Words of a command that only a shell would understand.
 */
#ifndef RECIPE_SHELL_HABITS_PRIV_H
#define RECIPE_SHELL_HABITS_PRIV_H

#include "load_priv.h"

struct shell_word {
    const char *text; /* as the recipe has it, templates and all; NULL: no text */
    struct place place;
    bool is_quoted; /* within quotes of a command in one text: meant as it is */
};

/* Warns of them. `words` are changed. is_list: each stands by itself, else all were one text. has_program: the first is the
 * program, else all are arguments of cpdctl. */
void shell_habits_check(struct loader *l, struct shell_word *words, size_t n, bool is_list,
                        bool has_program);

#endif
