/*
 * What the rest of proc needs of the loop beyond proc/loop.h.
 */
#ifndef PROC_LOOP_PRIV_H
#define PROC_LOOP_PRIV_H

#include "proc/loop.h"
#include "proc/timers.h"

#include <uv.h>

uv_loop_t *loop_uv(struct loop *l);
/* The functions behind loop_timers(). */
timer_id loop_after(struct loop *l, int64_t delay_ms, timer_fn fn, void *arg);
void loop_cancel(struct loop *l, timer_id *id);
/* Number of the current turn: tells what happened in one turn from what happened in several. */
uint64_t loop_turn(const struct loop *l);
/* loop_run() goes on while a child is held. */
void loop_hold(struct loop *l);
void loop_unhold(struct loop *l);
/* `fn(ctx)` on every SIGCHLD from now on: for children without a pidfd. Calling it again is harmless. */
void loop_on_child_signal(struct loop *l, void (*fn)(void *ctx), void *ctx);

#endif
