/*
 * What the parts of `cpdflow doctor` share: a list of findings, and calls of programs.
 */
#ifndef CLI_DOCTOR_PRIV_H
#define CLI_DOCTOR_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct recipe;

enum doctor_status { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL, DOCTOR_STATUS_COUNT };

struct doctor_finding {
    const char *name; /* "cpdctl": what was looked at */
    enum doctor_status status;
    const char *text;
    const char *help; /* what to do; NULL when all is well */
};

struct doctor {
    struct arena arena;
    struct doctor_finding *items;
    size_t n;
    size_t n_by_status[DOCTOR_STATUS_COUNT];
    const char *state_dir;      /* NULL: the default */
    const char *cpdctl_version; /* of this machine; NULL: not known */
    bool is_broken_recipe;
};

/* Adds a finding; `help` may be NULL. Texts are copied. */
void doctor_say(struct doctor *d, const char *name, enum doctor_status status, const char *help,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* doctor_machine.c: what a run needs of any machine. */
void doctor_look_at_machine(struct doctor *d);
/* doctor_cpdctl.c: cpdctl, its configuration, curl. */
void doctor_look_at_programs(struct doctor *d, bool needs_cpdctl, bool needs_curl);
/* doctor_recipe.c: what this recipe needs: programs, inputs, a cpdctl that knows its calls. */
void doctor_look_at_recipe(struct doctor *d, const char *file);

#endif
