/* Matching of requests against a tape; used by player.c. */
#ifndef REPLAY_MATCH_PRIV_H
#define REPLAY_MATCH_PRIV_H

#include <stdbool.h>

#include "replay/tape.h"

/* Both sides normalized. */
bool match_is_same(const struct tape_call *call, const char *const *argv, const char *stdin_text);
/* The recorded call that has most in common, NULL when nothing has. */
const struct tape_call *match_nearest(const struct tape *tape, const char *const *argv,
                                      const char *stdin_text);
/* Why there is no answer: never recorded (with the nearest), or more often than recorded. */
void match_explain(const struct tape *tape, const char *const *argv, const char *stdin_text,
                   struct str *out);

#endif
