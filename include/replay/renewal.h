/*
 * A runner that answers from a cassette what it holds and makes the other calls, which it records: --record=missing, and
 * --record=failed, which also makes those again whose recorded answer is a failure.
 */
#ifndef REPLAY_RENEWAL_H
#define REPLAY_RENEWAL_H

#include <stdbool.h>

struct err;
struct player;
struct recorder;
struct renewal;
struct runner;

/* Keeps both; the player answers at once from now on. */
struct renewal *renewal_new(struct player *player, struct recorder *recorder, bool renews_failed);
void renewal_runner(struct renewal *r, struct runner *ret_runner);
/* The calls that were there before, used or not, and the new ones. Kinds as for recorder_save(). */
bool renewal_save(struct renewal *r, const char *dir, struct err *err);
void renewal_free(struct renewal *r);

#endif
