/*
 * The kinds of errors and warnings, for `cpdflow explain`.
 */
#ifndef CLI_KINDS_PRIV_H
#define CLI_KINDS_PRIV_H

#include <stddef.h>

#include "base/classes.h"

struct kind_text {
    const char *kind; /* as in error[KIND] and warning[KIND] */
    const char *what; /* what is wrong */
    const char *help; /* what to do */
};
extern const struct kind_text kind_texts[]; /* by name */
extern const size_t n_kind_texts;
/* NULL: there is no such kind. */
const struct kind_text *kind_text(const char *kind);

extern const char *const class_texts[CLASS_COUNT];

#endif
