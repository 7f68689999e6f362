/*
 * How a run is ended before its time: by its deadline, by a signal, by a second one.
 *
 * From the first signal on everything has to be over within one budget, because whoever sent it stops waiting sooner or later:
 *
 *   signal ── children end, at the latest killed ── 5/10 ── cleanup, finally ── 8/10 ── KILL works, reports are written ── 10/10
 *
 * A second signal kills and starts nothing more. A deadline of the run ends the children with their own grace, and cleanup and
 * finally then have the time that the recipe gives them.
 *
 * A child that dies of a signal which is not ours may be the first of our whole tree to be ended: Jenkins ends the children
 * before it tells their parent. So for a moment nothing new starts that nobody would know of.
 */
#include "engine_priv.h"

#include <signal.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"

enum { DEFAULT_BUDGET_MS = 10000, HOLD_MS = 2000 };

static int64_t budget_ms(const struct engine *e) {
    return e->options.cancel_budget_ms > 0 ? e->options.cancel_budget_ms : DEFAULT_BUDGET_MS;
}

/* What is left until so many tenths of the budget are used up; at least a moment. */
static int64_t left_ms(const struct engine *e, int tenths) {
    int64_t left = e->cancelled_ms + budget_ms(e) * tenths / 10 - run_now_ms(e);
    return left > 0 ? left : 1;
}

int64_t cancel_phase_ms(const struct engine *e, enum step_phase phase) {
    int64_t left = left_ms(e, 8);
    bool leaves_some = phase == PHASE_CLEANUP && e->options.recipe->n_finally > 0;
    return leaves_some ? left * 6 / 10 + 1 : left;
}

void cancel_all(struct engine *e) {
    /* By index and not by queue: finishing one instance queues others, which are then cancelled in turn. */
    for (uint32_t i = 0; i < e->n_insts; i++) {
        struct inst *in = e->insts[i];
        if (in->state != INST_DONE && in->who.phase == e->phase) {
            inst_cancel(in);
        }
    }
}

static void on_children_share_over(void *arg) {
    struct engine *e = arg;
    e->children_timer = 0;
    if (e->phase == PHASE_MAIN) {
        e->stops_at_once = true;
        cancel_all(e);
        e->stops_at_once = false;
    }
}

static void on_budget_over(void *arg) {
    struct engine *e = arg;
    e->budget_timer = 0;
    AUTO(str) struct str took = STR_INIT(64);
    num_format_duration_ms(budget_ms(e), &took);
    run_notice(e, NULL, "cancel-budget",
               "not all could be tidied up within the %s that a signal leaves", str_text(&took));
    e->is_killed = true;
    e->is_cancelling = true;
    cancel_all(e);
    run_pump(e);
}

static void start_budget(struct engine *e) {
    const struct timers *t = e->options.timers;
    e->cancelled_ms = run_now_ms(e);
    e->children_timer = timers_after(t, left_ms(e, 5), on_children_share_over, e);
    e->budget_timer = timers_after(t, left_ms(e, 8), on_budget_over, e);
}

void cancel_release(struct engine *e) {
    timers_cancel(e->options.timers, &e->children_timer);
    timers_cancel(e->options.timers, &e->budget_timer);
    timers_cancel(e->options.timers, &e->hold_timer);
}

static void on_hold_over(void *arg) {
    struct engine *e = arg;
    e->hold_timer = 0;
    run_pump(e);
}

void cancel_on_foreign_signal(struct engine *e, int signal) {
    bool is_for_the_tree = signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
    if (is_for_the_tree && e->cancel_signal == 0) {
        timers_cancel(e->options.timers, &e->hold_timer);
        e->hold_timer = timers_after(e->options.timers, HOLD_MS, on_hold_over, e);
    }
}

static const char *cancel_text(struct engine *e, int signal) {
    if (signal == 0) {
        if (e->reason != NULL) {
            return e->reason;
        }
        return e->phase == PHASE_MAIN ? "the time limit of the run has passed"
                                      : "the time limit of cleanup and finally has passed";
    }
    const char *name = sigabbrev_np(signal);
    return arena_printf(&e->arena, "cancelled by SIG%s", name == NULL ? "?" : name);
}

static void tell(struct engine *e, int signal, bool is_second) {
    const char *text = cancel_text(e, signal);
    if (e->cancel_reason == NULL || (signal != 0 && !is_second)) {
        e->cancel_reason = text;
    }
    struct event ev = {.kind = EVENT_CANCEL};
    ev.as.cancel = (struct event_cancel){.signal = signal, .reason = text};
    run_emit(e, &ev);
}

void engine_cancel(struct engine *e, int signal) {
    if (e->is_finished || !e->is_started) {
        return;
    }
    bool is_first = signal != 0 && e->cancel_signal == 0;
    bool is_second = signal != 0 && !is_first;
    e->is_killed = e->is_killed || is_second;
    timers_cancel(e->options.timers, &e->hold_timer);
    tell(e, signal, is_second);
    if (is_first) {
        e->cancel_signal = signal;
        start_budget(e);
    }
    if (is_first && e->phase != PHASE_MAIN) {
        run_arm_deadline(
            e, cancel_phase_ms(e, e->phase)); /* what is being tidied up already is only hurried */
        run_pump(e);
        return;
    }
    /* In cleanup and finally there is no time left for a grace of their own. */
    e->stops_at_once = e->is_killed || (e->cancel_signal != 0 && e->phase != PHASE_MAIN);
    e->is_cancelling = true;
    cancel_all(e);
    e->stops_at_once = false;
    run_pump(e);
}
