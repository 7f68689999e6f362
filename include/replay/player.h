/*
 * A runner that answers from a tape and never starts a process. Answers come after the recorded duration on the timers it
 * is given; with virtual timers (proc/fake.h) that costs no time.
 *
 * Calls are matched by argv and stdin, in the order recorded per key, so that polling replays. A call that was never
 * recorded, or more often than recorded, is answered as a failed spawn whose message names the nearest recorded call and
 * what differs.
 */
#ifndef REPLAY_PLAYER_H
#define REPLAY_PLAYER_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct player;
struct runner;
struct str;
struct tape_names;
struct timers;

/* Keeps `timers` and `names`. NULL: the tape could not be read. */
struct player *player_new(const char *dir, const struct timers *timers,
                          const struct tape_names *names, struct err *err);
void player_runner(struct player *p, struct runner *ret_runner);
/* Recorded calls that nobody made, one a line into `out`; returns their number. */
size_t player_unused(const struct player *p, struct str *out);
void player_free(struct player *p);

#endif
