/*
 * Virtual time over struct timerq. No libuv here: what stands on this runs anywhere and always alike.
 */
#include "proc/fake.h"

#include "timerq_priv.h"

#include "base/mem.h"

struct fake_timers {
    struct timerq queue;
    int64_t now_ms;
    int64_t wall_start_ms;
    bool is_stopped;
};

struct fake_timers *fake_timers_new(int64_t wall_start_ms) {
    struct fake_timers *f = mem_zalloc(1, sizeof *f);
    timerq_init(&f->queue);
    f->wall_start_ms = wall_start_ms;
    return f;
}

void fake_timers_free(struct fake_timers *f) {
    if (f == NULL) {
        return;
    }
    timerq_release(&f->queue);
    mem_free(f);
}

static int64_t fake_now_ms(void *ctx) {
    const struct fake_timers *f = ctx;
    return f->now_ms;
}

static int64_t fake_wall_ms(void *ctx) {
    const struct fake_timers *f = ctx;
    return f->wall_start_ms + f->now_ms;
}

static timer_id fake_after(void *ctx, int64_t delay_ms, timer_fn fn, void *arg) {
    struct fake_timers *f = ctx;
    return timerq_add(&f->queue, f->now_ms + (delay_ms > 0 ? delay_ms : 0), fn, arg);
}

static void fake_cancel(void *ctx, timer_id id) {
    struct fake_timers *f = ctx;
    timerq_cancel(&f->queue, id);
}

void fake_timers_get(struct fake_timers *f, struct timers *ret_timers) {
    *ret_timers = (struct timers){.now_ms = fake_now_ms,
                                  .wall_ms = fake_wall_ms,
                                  .after = fake_after,
                                  .cancel = fake_cancel,
                                  .ctx = f};
}

/* Jumps to the next due timer and fires that one; false when there is none. */
static bool step(struct fake_timers *f) {
    int64_t due_ms = 0;
    if (!timerq_next_due(&f->queue, &due_ms)) {
        return false;
    }
    if (due_ms > f->now_ms) {
        f->now_ms = due_ms;
    }
    timer_fn fn = NULL;
    void *arg = NULL;
    if (timerq_take(&f->queue, f->now_ms, UINT64_MAX, &fn, &arg)) {
        fn(arg);
    }
    return true;
}

size_t fake_timers_run_until_idle(struct fake_timers *f) {
    size_t n_fired = 0;
    f->is_stopped = false;
    while (!f->is_stopped && step(f)) {
        n_fired++;
    }
    return n_fired;
}

void fake_timers_stop(struct fake_timers *f) {
    f->is_stopped = true;
}
