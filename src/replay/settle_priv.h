/*
 * Recording again into the same directory: what differs only by the moment stays as it was, so that a difference in the
 * files is one in what the programs say.
 */
#ifndef REPLAY_SETTLE_PRIV_H
#define REPLAY_SETTLE_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "replay/tape.h"

/*
 * Takes from `old` the texts of calls that are the same but for points in time (RFC 3339), and durations that are near. The
 * n-th call of a step and command line compares with the n-th one of before. `tape` borrows from `old`.
 */
void settle(struct tape *tape, const struct tape *old);
/* Equal where points in time may differ. */
bool settle_is_same(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
