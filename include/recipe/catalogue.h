/*
 * Catalogues: which commands a program has, their flags, and since when. Facts only; the text format
 * is described in recipes/README.md.
 *
 *   struct catalogue *c = catalogue_cpdctl();
 *   size_t version = catalogue_version(c, "1.4", &is_exact);
 *   const struct catalogue_command *found = catalogue_find(c, words, n, &n_used);
 *   … found->reads, catalogue_flag(c, found, "space-id") …
 *   catalogue_free(c);
 *
 * Commands are indexed when a catalogue is made, flags when their command is first found.
 */
#ifndef RECIPE_CATALOGUE_H
#define RECIPE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum catalogue_type {
    CATALOGUE_TEXT,
    CATALOGUE_BOOL, /* --x, --x=true, --x=false */
    CATALOGUE_INT,
    CATALOGUE_NUM,
    CATALOGUE_LIST, /* may be repeated */
    CATALOGUE_FILE, /* the path of a file */
    CATALOGUE_JSON, /* JSON, or @path of a file with it */
    CATALOGUE_TYPE_COUNT
};
extern const char *const catalogue_type_names[CATALOGUE_TYPE_COUNT];

/* First and last version that has it, as indexes in `versions`. */
struct catalogue_span {
    size_t since;
    size_t until; /* SIZE_MAX: still there */
};

struct catalogue_flag {
    const char *name; /* without dashes */
    char short_name;  /* 0: none */
    enum catalogue_type type;
    bool is_required;
    const char *instead; /* the flag that may stand in the place of a required one; NULL: none */
    struct catalogue_span span;
};

struct catalogue_command {
    const char *path; /* "space create" */
    struct catalogue_span span;
    bool reads;       /* changes nothing */
    bool has_output;  /* takes the flags of `output`, so it can answer in JSON */
    bool prints;      /* answers with text */
    bool is_open;     /* its flags and arguments are not known */
    const char *wait; /* the command that waits for what --async started; NULL: none */
    size_t n_names;   /* arguments that are no flags; SIZE_MAX: any number */
    const struct catalogue_flag *flags;
    size_t n_flags;
};

struct catalogue {
    const char *program;
    const char *const *versions; /* oldest first; at least one */
    const bool *is_partial;      /* beside each: some of its commands are not known */
    size_t n_versions;
    const char *const *asks; /* arguments with which the program tells its version */
    size_t n_asks;
    const struct catalogue_flag *flags; /* of the program: before and after every command */
    size_t n_flags;
    const struct catalogue_flag *output; /* of commands that have_output */
    size_t n_output;
    struct catalogue_index *index; /* of catalogue_read.c */
};

/* The one that comes with cpdflow. */
struct catalogue *catalogue_cpdctl(void);
/* `name` stands for the file in errors, kind invalid-catalogue. Keeps nothing of `text`. */
struct catalogue *catalogue_new(const char *text, size_t len, const char *name, struct err *err);
void catalogue_free(struct catalogue *c);

/*
 * The index of a version: of the newest that is not newer than `text` ("1.4", "v1.4.68"). NULL: the
 * newest of all. *ret_is_exact is false when the version lies outside of what the catalogue covers.
 */
size_t catalogue_version(const struct catalogue *c, const char *text, bool *ret_is_exact);
bool catalogue_has(const struct catalogue_span *span, size_t version);
/* -1, 0, 1: "1.8.9" is before "1.8.10", "1.4" and "1.4.0" are the same. */
int catalogue_compare_versions(const char *a, const char *b);
/* The first word of `text` that looks like 1.2 or 1.2.3, *ret_len bytes; NULL: none. */
const char *catalogue_find_version(const char *text, size_t *ret_len);

/*
 * The command whose path is the longest beginning of `words`, of whatever version. NULL: none.
 */
const struct catalogue_command *catalogue_find(const struct catalogue *c, const char *const *words,
                                               size_t n_words, size_t *ret_n_used);
/* The flag by its long name, also of the program and of `output`; NULL: the command has no such. */
const struct catalogue_flag *catalogue_flag(const struct catalogue *c,
                                            const struct catalogue_command *command,
                                            const char *name);
const struct catalogue_flag *catalogue_short_flag(const struct catalogue *c,
                                                  const struct catalogue_command *command,
                                                  char short_name);
/* What `words` begin with is called otherwise in newer versions; "" : it has no successor. NULL: no
 * such. *ret_n_used words are replaced. */
const char *catalogue_renamed(const struct catalogue *c, const char *const *words, size_t n_words,
                              size_t *ret_n_used);
/* Plugins of the program, about whose commands nothing is known. */
bool catalogue_is_plugin(const struct catalogue *c, const char *word);
/* The i-th command, in the order of their paths; NULL past the last. */
const struct catalogue_command *catalogue_at(const struct catalogue *c, size_t i);

/*
 * Does the call change nothing? What the catalogue says; by its last word (get, list, search, wait)
 * when it does not know the command.
 */
bool catalogue_reads(const struct catalogue *c, const char *const *words, size_t n_words);

#endif
