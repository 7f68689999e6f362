/*
 * Calls seen through a catalogue: which command is meant, what stands in its argument list.
 */
#ifndef RECIPE_CONTRACT_PRIV_H
#define RECIPE_CONTRACT_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "load_priv.h"
#include "recipe/catalogue.h"

/* A flag as it was given. */
struct given {
    const char *name; /* long name; NULL: only its letter is known */
    char letter;      /* written as -x */
    struct place place;
    const char *text; /* its value when that is a constant text; NULL: not known, or bare */
    bool is_bare;     /* without a value */
    const struct value *value; /* of the flag form, when constant */
    const struct arg *typed;   /* {json: …} and its kin */
    struct flag *flag;         /* of the flag form, NULL: of the argument list */
};

/* One call of a program that has a catalogue. */
struct contract {
    const struct catalogue *catalogue;
    const char *own_program;  /* of `catalogues`; NULL: cpdctl */
    const char *said_version; /* by the recipe; NULL: not said */
    size_t version;
    bool is_exact; /* the recipe names the version and the catalogue knows all of it */
    const struct step *step;
    struct call *call;
    const char *const *words; /* constant words in front: the command and perhaps names */
    size_t n_words;
    const struct place *word_places;
    size_t first_rest;                       /* argument behind the words */
    const struct catalogue_command *command; /* NULL: not known */
    size_t n_command_words;
    struct given *given;
    size_t n_given;
    bool is_dynamic;    /* a template may give more flags */
    struct place extra; /* first argument that has no place; line 0: none */
    const char *extra_text;
    size_t n_names; /* arguments that are no flags, behind the command */
};

/* Fills everything behind `call`. Returns false when no catalogue speaks of the program. */
bool contract_read(struct loader *l, const struct step *step, struct call *call,
                   struct contract *ret_contract);
/* All findings about one call. */
void contract_check(struct loader *l, const struct contract *c);

#endif
