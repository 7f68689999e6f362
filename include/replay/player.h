/*
 * A runner that answers from a cassette and never starts a process. Answers come after the recorded duration on the timers it
 * is given, or end at the call's deadline when that is earlier; with virtual timers (proc/fake.h) that costs no time.
 *
 * Calls are matched by argv, stdin and the variables that the recipe sets (replay/tape.h), in the order recorded per key, so that
 * polling replays. A call that was never recorded, or more often than recorded, is answered as a failed spawn whose message
 * names the nearest recorded call and what differs; player_missing() counts them, because a recipe may tolerate that failure and
 * nobody should take its success for one.
 */
#ifndef REPLAY_PLAYER_H
#define REPLAY_PLAYER_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct player;
struct run_request;
struct runner;
struct str;
struct tape;
struct tape_call;
struct tape_names;
struct timers;

enum player_mode {
    PLAYER_NORMAL,
    PLAYER_STRICT, /* arguments as they were written: same order, same form, same step */
    PLAYER_LOOSE, /* stdin and variables may differ, and the last answer of a key goes on for ever */
};

/* Keeps `timers` and `names`; the tape, and the file name in an error, live in `a`. NULL: the tape could not be read. */
struct player *player_new(struct arena *a, const char *dir, const struct timers *timers,
                          const struct tape_names *names, enum player_mode mode, struct err *err);
void player_runner(struct player *p, struct runner *ret_runner);
/* The recording that would answer this call, NULL: none is left. */
struct tape_call *player_find(const struct player *p, const struct run_request *request);
/* Some recording of this command line, used or not, has standard input. */
bool player_takes_stdin(const struct player *p, const char *const *argv);
/* Recorded calls that nobody made, one a line into `out`; returns their number. */
size_t player_unused(const struct player *p, struct str *out);
/* Calls without an answer, a paragraph each with the nearest recorded one into `out`; returns their number. */
size_t player_missing(const struct player *p, struct str *out);
/* For player_missing(): differences in colour. */
void player_use_color(struct player *p);
/* Beside live calls, where time is real: recorded durations are not waited for. */
void player_answer_at_once(struct player *p);
/* The tape, its calls marked as used; valid while p lives. */
struct tape *player_tape(struct player *p);
void player_free(struct player *p);

#endif
