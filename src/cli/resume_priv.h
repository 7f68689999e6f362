/*
 * The parts of `cpdflow resume`: what must be as it was when the run began, and what is told where it is not.
 */
#ifndef CLI_RESUME_PRIV_H
#define CLI_RESUME_PRIV_H

#include <stdbool.h>

#include "session_priv.h"

struct err;

/* The machine was started since the run went on last: no process of it can be left. */
bool place_is_new_boot(const struct session *s);
/* Kinds: run-not-begun, run-not-live, other-host, other-directory; the last two not when `takes_other`. */
bool place_check(const struct session *s, bool takes_other, struct err *err);
/* Notices of what is otherwise; the recipe is loaded. */
void place_tell(struct session *s);

/* Kind changed-recipe: names what was changed. With `is_meant` that is a notice of the run instead. */
bool changed_check(struct session *s, bool is_meant, struct err *err);

#endif
