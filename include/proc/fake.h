/*
 * Virtual time: a struct timers whose clock stands still while callbacks run and jumps to the next due timer between
 * them. Replay and tests run hours of waiting in no time, always in the same order: by due time, then by order of arrival.
 *
 *   struct fake_timers *f = fake_timers_new(wall_start_ms);
 *   fake_timers_get(f, &timers);            // hand to the engine, the player, …
 *   fake_timers_run_until_idle(f);          // until no timer is left
 *   fake_timers_free(f);
 *
 * The monotonic clock starts at 0; the wall clock is wall_start_ms plus what has passed on it. The caller owns f; timers that
 * are left when it is freed never fire.
 */
#ifndef PROC_FAKE_H
#define PROC_FAKE_H

#include "proc/timers.h"

#include <stdbool.h>
#include <stddef.h>

struct fake_timers;

struct fake_timers *fake_timers_new(int64_t wall_start_ms);
void fake_timers_free(struct fake_timers *f);
/* Valid while f lives. */
void fake_timers_get(struct fake_timers *f, struct timers *ret_timers);
/* Fires timers until none is left or fake_timers_stop() was called. Returns how many fired. */
size_t fake_timers_run_until_idle(struct fake_timers *f);
/* From a callback: ends fake_timers_run_until_idle() after it. */
void fake_timers_stop(struct fake_timers *f);

#endif
