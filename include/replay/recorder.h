/*
 * A runner that passes every call on to another one and keeps what it answered.
 *
 *   struct recorder *r = recorder_new(&real, &names, "mlops");
 *   recorder_runner(r, &runner);            // give this one to the engine
 *   … run …
 *   recorder_save(r, "fixtures/mlops", &err);
 *   recorder_free(r);
 */
#ifndef REPLAY_RECORDER_H
#define REPLAY_RECORDER_H

#include <stdbool.h>

struct err;
struct recorder;
struct runner;
struct tape_call;
struct tape_names;

/* Keeps `names`. */
struct recorder *recorder_new(const struct runner *inner, const struct tape_names *names,
                              const char *recipe);
void recorder_runner(struct recorder *r, struct runner *ret_runner);
/* Puts a call of an earlier tape, which must live until recorder_save(), on the new one. */
void recorder_keep(struct recorder *r, const struct tape_call *call);
/* Kinds: output-too-large, not-a-tape and those of file_write_atomic(). */
bool recorder_save(struct recorder *r, const char *dir, struct err *err);
void recorder_free(struct recorder *r);

#endif
