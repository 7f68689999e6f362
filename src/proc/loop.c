/*
 * The loop: libuv with our own timers and signals on top.
 *
 * Timers live in a heap (timerq) over one uv_timer_t. Two habits of libuv shape this file. It measures a delay from the time it
 * cached at the start of the turn, so that time is refreshed before arming. And a timer of 0 ms that arms itself again starves all
 * I/O; what is due at once therefore runs from an idle handle, once per turn, and never in the turn phase that armed it.
 */
#include "loop_priv.h"
#include "timerq_priv.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <assert.h>
#include <signal.h>
#include <unistd.h>

enum { N_END_SIGNALS = 4 };
static const int end_signals[N_END_SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

struct loop {
    uv_loop_t uv;
    struct timerq timers;
    uv_timer_t alarm;     /* the first timer that is not due yet */
    int64_t alarm_due_ms; /* when the alarm is active: what it waits for */
    uv_idle_t soon;       /* active while something is due */
    uv_prepare_t turn;
    uint64_t n_turns;
    unsigned n_held;
    bool is_stopping;

    uv_signal_t signals[N_END_SIGNALS];
    unsigned n_signals; /* delivered so far */
    void (*on_signal)(int signal, unsigned count, void *ctx);
    void *on_signal_ctx;

    uv_signal_t child_signal;
    void (*on_child)(void *ctx);
    void *on_child_ctx;
};

static void must(int uv_status) {
    if (uv_status != 0) {
        bug("libuv: %s", uv_strerror(uv_status));
    }
}

/* ---- timers */

static void run_due(struct loop *l);

static void on_alarm(uv_timer_t *alarm) {
    run_due(alarm->data);
}

static void on_soon(uv_idle_t *soon) {
    run_due(soon->data);
}

/* Makes the handles fit the heap: nothing active when it is empty, so that the loop can end. */
static void arm(struct loop *l) {
    int64_t due_ms = 0;
    if (!timerq_next_due(&l->timers, &due_ms)) {
        must(uv_timer_stop(&l->alarm));
        must(uv_idle_stop(&l->soon));
        return;
    }
    int64_t now_ms = clock_monotonic_ms();
    if (due_ms <= now_ms) {
        must(uv_idle_start(&l->soon, on_soon));
        return;
    }
    must(uv_idle_stop(&l->soon));
    bool is_armed = uv_is_active((const uv_handle_t *)&l->alarm) && l->alarm_due_ms == due_ms;
    if (!is_armed) {
        uv_update_time(&l->uv);
        must(uv_timer_start(&l->alarm, on_alarm, (uint64_t)(due_ms - now_ms), 0));
        l->alarm_due_ms = due_ms;
    }
}

static void run_due(struct loop *l) {
    int64_t now_ms = clock_monotonic_ms();
    uint64_t mark = timerq_mark(&l->timers);
    timer_fn fn = NULL;
    void *arg = NULL;
    while (timerq_take(&l->timers, now_ms, mark, &fn, &arg)) {
        fn(arg);
    }
    arm(l);
}

timer_id loop_after(struct loop *l, int64_t delay_ms, timer_fn fn, void *arg) {
    int64_t due_ms = clock_monotonic_ms() + (delay_ms > 0 ? delay_ms : 0);
    int64_t first_ms = 0;
    bool is_first = !timerq_next_due(&l->timers, &first_ms) || due_ms < first_ms;
    timer_id id = timerq_add(&l->timers, due_ms, fn, arg);
    if (is_first) {
        arm(l);
    }
    return id;
}

void loop_cancel(struct loop *l, timer_id *id) {
    timerq_cancel(&l->timers, *id);
    *id = 0;
    /* An alarm for a cancelled timer fires for nothing, once; only an empty heap must let go of the loop. */
    int64_t due_ms = 0;
    if (!timerq_next_due(&l->timers, &due_ms)) {
        arm(l);
    }
}

static int64_t face_now_ms(void *ctx) {
    (void)ctx;
    return clock_monotonic_ms();
}

static int64_t face_wall_ms(void *ctx) {
    (void)ctx;
    return clock_wall_ms();
}

static timer_id face_after(void *ctx, int64_t delay_ms, timer_fn fn, void *arg) {
    return loop_after(ctx, delay_ms, fn, arg);
}

static void face_cancel(void *ctx, timer_id id) {
    loop_cancel(ctx, &id);
}

void loop_timers(struct loop *l, struct timers *ret_timers) {
    *ret_timers = (struct timers){.now_ms = face_now_ms,
                                  .wall_ms = face_wall_ms,
                                  .after = face_after,
                                  .cancel = face_cancel,
                                  .ctx = l};
}

/* ---- signals */

static void on_end_signal(uv_signal_t *handle, int signal) {
    struct loop *l = handle->data;
    l->n_signals++;
    l->on_signal(signal, l->n_signals, l->on_signal_ctx);
}

static bool is_ignored(int signal) {
    struct sigaction now;
    return sigaction(signal, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void mask_end_signals(int how) {
    sigset_t set;
    (void)sigemptyset(&set); /* none of them fails for signals that exist */
    for (size_t i = 0; i < N_END_SIGNALS; i++) {
        (void)sigaddset(&set, end_signals[i]);
    }
    (void)sigprocmask(how, &set, NULL);
}

void proc_hold_signals(void) {
    mask_end_signals(SIG_BLOCK);
}

void proc_pass_signals(void) {
    mask_end_signals(SIG_UNBLOCK);
}

void loop_on_signal(struct loop *l, void (*fn)(int signal, unsigned count, void *ctx), void *ctx) {
    l->on_signal = fn;
    l->on_signal_ctx = ctx;
    for (size_t i = 0; i < N_END_SIGNALS; i++) {
        if (!is_ignored(end_signals[i])) {
            must(uv_signal_start(&l->signals[i], on_end_signal, end_signals[i]));
        }
    }
    proc_pass_signals();
}

static void on_child_signal(uv_signal_t *handle, int signal) {
    (void)signal;
    struct loop *l = handle->data;
    l->on_child(l->on_child_ctx);
}

void loop_on_child_signal(struct loop *l, void (*fn)(void *ctx), void *ctx) {
    l->on_child = fn;
    l->on_child_ctx = ctx;
    if (!uv_is_active((const uv_handle_t *)&l->child_signal)) {
        must(uv_signal_start(&l->child_signal, on_child_signal, SIGCHLD));
    }
}

/* ---- life */

static void on_turn(uv_prepare_t *turn) {
    struct loop *l = turn->data;
    l->n_turns++;
}

uint64_t loop_turn(const struct loop *l) {
    return l->n_turns;
}

uv_loop_t *loop_uv(struct loop *l) {
    return &l->uv;
}

/* Signals and the turn counter alone do not keep the loop running. */
static void init_background(struct loop *l) {
    must(uv_prepare_init(&l->uv, &l->turn));
    l->turn.data = l;
    must(uv_prepare_start(&l->turn, on_turn));
    uv_unref((uv_handle_t *)&l->turn);
    for (size_t i = 0; i < N_END_SIGNALS; i++) {
        must(uv_signal_init(&l->uv, &l->signals[i]));
        l->signals[i].data = l;
        uv_unref((uv_handle_t *)&l->signals[i]);
    }
    must(uv_signal_init(&l->uv, &l->child_signal));
    l->child_signal.data = l;
    uv_unref((uv_handle_t *)&l->child_signal);
}

/* libuv aborts the process when its first pipe, that of the signals, cannot be made. */
static bool can_make_pipe(struct err *err) {
    uv_file ends[2];
    int status = uv_pipe(ends, 0, 0);
    if (status != 0) {
        return err_set(err, "system", "cannot make an event loop: %s", uv_strerror(status));
    }
    (void)close(ends[0]); /* nothing was written */
    (void)close(ends[1]);
    return true;
}

struct loop *loop_new(struct err *err) {
    if (!can_make_pipe(err)) {
        return NULL;
    }
    struct loop *l = mem_zalloc(1, sizeof *l);
    int status = uv_loop_init(&l->uv);
    if (status != 0) {
        (void)err_set(err, "system", "cannot make an event loop: %s", uv_strerror(status));
        mem_free(l);
        return NULL;
    }
    timerq_init(&l->timers);
    must(uv_timer_init(&l->uv, &l->alarm));
    l->alarm.data = l;
    must(uv_idle_init(&l->uv, &l->soon));
    l->soon.data = l;
    init_background(l);
    return l;
}

static void end_when_free(struct loop *l) {
    if (l->is_stopping && l->n_held == 0) {
        uv_stop(&l->uv);
    }
}

/* A child without a pidfd has no handle of its own that would keep the loop running. */
void loop_hold(struct loop *l) {
    l->n_held++;
    uv_ref((uv_handle_t *)&l->turn);
}

void loop_unhold(struct loop *l) {
    assert(l->n_held > 0);
    l->n_held--;
    if (l->n_held == 0) {
        uv_unref((uv_handle_t *)&l->turn);
    }
    end_when_free(l);
}

void loop_run(struct loop *l) {
    (void)uv_run(&l->uv, UV_RUN_DEFAULT); /* whether handles are left: loop_free() sees to them */
    l->is_stopping = false;
}

void loop_stop(struct loop *l) {
    l->is_stopping = true;
    end_when_free(l);
}

void loop_free(struct loop *l) {
    if (l == NULL) {
        return;
    }
    assert(l->n_held == 0);
    uv_close((uv_handle_t *)&l->alarm, NULL);
    uv_close((uv_handle_t *)&l->soon, NULL);
    uv_close((uv_handle_t *)&l->turn, NULL);
    uv_close((uv_handle_t *)&l->child_signal, NULL);
    for (size_t i = 0; i < N_END_SIGNALS; i++) {
        uv_close((uv_handle_t *)&l->signals[i], NULL);
    }
    (void)uv_run(&l->uv, UV_RUN_NOWAIT); /* eats a loop_stop() that no loop_run() has seen */
    (void)uv_run(&l->uv, UV_RUN_DEFAULT);
    must(uv_loop_close(&l->uv)); /* UV_EBUSY: somebody's handle is still open */
    timerq_release(&l->timers);
    mem_free(l);
}

const char *loop_library_version(void) {
    return uv_version_string();
}
