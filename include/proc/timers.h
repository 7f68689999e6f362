/*
 * struct timers: the engine's only source of time. One implementation is the libuv loop, one is virtual (replay, tests).
 *
 * Callbacks run from the loop, never from inside after() or cancel(). A delay of 0 fires on a later turn. A timer fires at
 * most once; its id is dead afterwards and cancel() of a dead id or of 0 is harmless.
 */
#ifndef PROC_TIMERS_H
#define PROC_TIMERS_H

#include <stdint.h>

typedef void (*timer_fn)(void *arg);
typedef uint64_t timer_id; /* 0: none */

struct timers {
    int64_t (*now_ms)(void *ctx);  /* monotonic */
    int64_t (*wall_ms)(void *ctx); /* since 1970, display only */
    timer_id (*after)(void *ctx, int64_t delay_ms, timer_fn fn, void *arg);
    void (*cancel)(void *ctx, timer_id id);
    void *ctx;
};

static inline int64_t timers_now_ms(const struct timers *t) {
    return t->now_ms(t->ctx);
}

static inline int64_t timers_wall_ms(const struct timers *t) {
    return t->wall_ms(t->ctx);
}

static inline timer_id timers_after(const struct timers *t, int64_t delay_ms, timer_fn fn,
                                    void *arg) {
    return t->after(t->ctx, delay_ms, fn, arg);
}

static inline void timers_cancel(const struct timers *t, timer_id *id) {
    t->cancel(t->ctx, *id);
    *id = 0;
}

#endif
