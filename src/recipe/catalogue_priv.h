/*
 * The inside of a catalogue, and the text of the one that comes with cpdflow.
 */
#ifndef RECIPE_CATALOGUE_PRIV_H
#define RECIPE_CATALOGUE_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/map.h"
#include "recipe/catalogue.h"

/* src/recipe/cpdctl.catalogue, made part of the program by the Makefile. */
extern const unsigned char catalogue_cpdctl_text[];
extern const size_t catalogue_cpdctl_len;

struct catalogue_entry {
    struct catalogue_command command;
    const char *flags_text; /* lines of flags, NULL once they are read */
    unsigned line;
};

struct catalogue_rename {
    const char *from; /* "wml models" */
    const char *to;   /* "ml model"; "": no successor */
};

struct catalogue_index {
    struct catalogue top; /* what the others see */
    struct arena arena;
    const char *name;
    struct map by_path; /* path -> struct catalogue_entry */
    struct catalogue_rename *renames;
    size_t n_renames;
    const char *const *plugins;
    size_t n_plugins;
};

/* Reads the flags of a command unless that was done. */
bool catalogue_read_flags(struct catalogue_index *index, struct catalogue_entry *entry,
                          struct err *err);

#endif
