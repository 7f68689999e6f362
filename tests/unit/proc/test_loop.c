/*
 * The loop in real time: timers that are neither early nor starving (L19, L20), signals that respect what was ignored on
 * entry (rows G).
 */
#include "stage.h"

#include "base/clock.h"
#include "base/err.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct clocked {
    struct stage *stage;
    int64_t armed_ms;
    int64_t fired_ms;
    int64_t delay_ms;
    unsigned n_fired;
    bool is_inside;
};

static void end_run(void *arg) {
    struct clocked *c = arg;
    c->fired_ms = clock_monotonic_ms();
    c->n_fired++;
    assert_false(c->is_inside);
    loop_stop(c->stage->loop);
}

static void busy_ms(int64_t ms) {
    int64_t end_ms = clock_monotonic_ms() + ms;
    while (clock_monotonic_ms() < end_ms) {
    }
}

static void work_then_arm(void *arg) {
    struct clocked *c = arg;
    busy_ms(100);
    c->armed_ms = clock_monotonic_ms();
    stage_after(c->stage, 50, end_run, c);
}

static void test_T4_timer_armed_after_long_work_is_not_early(void **state) {
    struct clocked c = {.stage = *state};
    stage_after(c.stage, 1, work_then_arm, &c);
    loop_run(c.stage->loop);
    assert_in_range_ms(c.fired_ms - c.armed_ms, 50, 150);
}

static void arm_at_once(void *arg) {
    struct clocked *c = arg;
    c->n_fired++;
    stage_after(c->stage, 0, arm_at_once, c);
}

static void test_L20_timer_of_0_ms_does_not_starve_others(void **state) {
    struct stage *p = *state;
    struct clocked forever = {.stage = p};
    struct clocked end = {.stage = p, .armed_ms = clock_monotonic_ms()};
    stage_after(p, 0, arm_at_once, &forever);
    stage_after(p, 100, end_run, &end);
    p->n_waiting++; /* the answer is not the end of this run */
    struct take *t = stage_fake(p, "exit=3", NULL);
    loop_run(p->loop);
    assert_exited(t, 3); /* I/O got its turns as well */
    assert_in_range_ms(end.fired_ms - end.armed_ms, 100, 250);
    assert_true(forever.n_fired > 10);
}

static void test_timer_never_fires_from_inside_after(void **state) {
    struct clocked c = {.stage = *state, .is_inside = true};
    stage_after(c.stage, 0, end_run, &c);
    stage_after(c.stage, -100, end_run, &c);
    c.is_inside = false;
    loop_run(c.stage->loop);
    assert_true(c.n_fired >= 1);
}

static void test_loop_run_returns_when_nothing_can_happen(void **state) {
    struct stage *p = *state;
    struct clocked c = {.stage = p};
    timer_id id = timers_after(&p->timers, 3600000, end_run, &c);
    timers_cancel(&p->timers, &id);
    assert_int_equal(0, id);
    loop_run(p->loop);
    assert_int_equal(0, c.n_fired);
}

enum { MANY = 10000 };
struct crowd {
    unsigned n_fired;
    struct clocked *all;
};

static void note_and_end_with_the_last(void *arg) {
    struct clocked *c = arg;
    struct stage *p = c->stage;
    struct crowd *crowd = p->extra;
    c->fired_ms = clock_monotonic_ms();
    if (++crowd->n_fired == MANY) {
        loop_stop(p->loop);
    }
}

static void test_10000_timers_fire_in_time(void **state) {
    struct stage *p = *state;
    static struct clocked all[MANY];
    struct crowd crowd = {0, all};
    p->extra = &crowd;
    int64_t begin_ms = clock_monotonic_ms();
    for (size_t i = 0; i < MANY; i++) {
        int64_t delay_ms = (int64_t)(i * 7919 % 200);
        all[i] =
            (struct clocked){.stage = p, .armed_ms = clock_monotonic_ms(), .delay_ms = delay_ms};
        stage_after(p, delay_ms, note_and_end_with_the_last, &all[i]);
    }
    loop_run(p->loop);
    assert_in_range_ms(clock_monotonic_ms() - begin_ms, 199, 600);
    for (size_t i = 0; i < MANY; i++) {
        assert_true(all[i].fired_ms - all[i].armed_ms >= all[i].delay_ms);
    }
}

/* ---- signals */

struct heard {
    struct loop *loop;
    int last;
    unsigned n;
    unsigned stop_after;
};

static void hear(int signal, unsigned count, void *ctx) {
    struct heard *h = ctx;
    h->last = signal;
    h->n = count;
    if (count >= h->stop_after) {
        loop_stop(h->loop);
    }
}

static void raise_signal(void *arg) {
    const int *number = arg;
    (void)raise(*number);
}

static void keep_waiting(void *arg) {
    (void)arg;
}

static void test_G1_each_end_signal_is_heard_and_counted(void **state) {
    struct stage *p = *state;
    struct heard h = {.loop = p->loop, .stop_after = 4};
    static int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    loop_on_signal(p->loop, hear, &h);
    for (size_t i = 0; i < 4; i++) {
        stage_after(p, 10 * (int64_t)(i + 1), raise_signal, &numbers[i]);
    }
    stage_after(p, 3000, keep_waiting, NULL);
    loop_run(p->loop);
    assert_int_equal(4, h.n);
    assert_int_equal(SIGQUIT, h.last);
}

static void test_G4_signal_ignored_on_entry_stays_ignored(void **state) {
    struct stage *p = *state;
    struct heard h = {.loop = p->loop, .stop_after = 1};
    static int hup = SIGHUP;
    static int term = SIGTERM;
    (void)signal(SIGHUP, SIG_IGN);
    loop_on_signal(p->loop, hear, &h);
    stage_after(p, 10, raise_signal, &hup);
    stage_after(p, 60, raise_signal, &term);
    stage_after(p, 3000, keep_waiting, NULL);
    loop_run(p->loop);
    struct sigaction now;
    (void)sigaction(SIGHUP, NULL, &now);
    assert_true(now.sa_handler == SIG_IGN);
    (void)signal(SIGHUP, SIG_DFL);
    assert_int_equal(1, h.n);
    assert_int_equal(SIGTERM, h.last);
}

static void flood_with_signals(void *arg) {
    (void)arg;
    for (int i = 0; i < 10000; i++) {
        (void)raise(SIGCHLD);
    }
    (void)raise(SIGTERM);
}

static void test_G9_term_is_heard_after_10000_other_signals(void **state) {
    struct stage *p = *state;
    struct heard h = {.loop = p->loop, .stop_after = 1};
    loop_on_signal(p->loop, hear, &h);
    stage_after(p, 10, flood_with_signals, NULL);
    stage_after(p, 3000, keep_waiting, NULL);
    loop_run(p->loop);
    assert_int_equal(SIGTERM, h.last);
}

static void cancel_on_signal(int signal, unsigned count, void *ctx) {
    (void)signal;
    struct take *t = ctx;
    runner_stop(&t->stage->runner, t->job, count == 1 ? STOP_CANCEL : STOP_NOW);
}

static void test_G2_second_signal_kills_at_once(void **state) {
    struct stage *p = *state;
    static int interrupt = SIGINT;
    struct take *t = stage_prepare_fake(p, "ignore=15", "sleep=30000", NULL);
    t->request.grace_ms = 20000;
    stage_start(t);
    loop_on_signal(p->loop, cancel_on_signal, t);
    stage_after(p, 100, raise_signal, &interrupt);
    stage_after(p, 250, raise_signal, &interrupt);
    stage_run(p);
    assert_int_equal(RUN_STOPPED, t->result.outcome);
    assert_int_equal(SIGKILL, t->result.signal);
    assert_in_range_ms(stage_duration_ms(t), 240, 700);
}

static volatile sig_atomic_t remembered_signal;

static void remember_signal(int signal) {
    remembered_signal = signal;
}

static void press_control_c_later(int master) {
    if (fork() == 0) {
        (void)poll(NULL, 0, 150);
        _exit(write(master, "\003", 1) == 1 ? 0 : 1);
    }
}

/* A terminal of our own, Ctrl-C pressed: the child neither hears it nor can open the terminal. */
static int run_on_a_terminal(void) {
    static const char *const child[] = {
        "/bin/sh", "-c", "if (: < /dev/tty) 2>/dev/null; then exit 1; fi; sleep 0.4", NULL};
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[64];
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 ||
        ptsname_r(master, name, sizeof name) != 0 || setsid() == -1) {
        return STAGE_SKIP;
    }
    int slave = open(name, O_RDWR | O_CLOEXEC);
    if (slave < 0 || open("/dev/tty", O_RDWR | O_CLOEXEC) < 0) {
        return 2;
    }
    struct sigaction remember = {.sa_handler = remember_signal};
    (void)sigaction(SIGINT, &remember, NULL);
    press_control_c_later(master);
    int verdict = stage_one(child);
    (void)wait(NULL);
    if (remembered_signal != SIGINT) {
        return 3; /* the key was never pressed */
    }
    return verdict == 0 ? 0 : 1;
}

static void test_G3_terminal_does_not_reach_children(void **state) {
    (void)state;
    stage_in_subprocess(run_on_a_terminal);
}

static void test_G7_foreign_term_is_the_childs_own_death(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "kill=15", NULL);
    stage_run(p);
    assert_int_equal(RUN_SIGNALED, t->result.outcome);
    assert_int_equal(SIGTERM, t->result.signal);
}

static void test_G12_sigpipe_and_sigxfsz_do_not_end_us(void **state) {
    (void)state;
    (void)raise(SIGPIPE);
    (void)raise(SIGXFSZ);
}

static void test_loop_stop_waits_for_children(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "sleep=100", "exit=9", NULL);
    loop_stop(p->loop);
    loop_run(p->loop);
    assert_exited(t, 9);
}

int main(void) {
    proc_prepare_process();
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_T4_timer_armed_after_long_work_is_not_early),
        STAGE_TEST(test_L20_timer_of_0_ms_does_not_starve_others),
        STAGE_TEST(test_timer_never_fires_from_inside_after),
        STAGE_TEST(test_loop_run_returns_when_nothing_can_happen),
        STAGE_TEST(test_10000_timers_fire_in_time),
        STAGE_TEST(test_G1_each_end_signal_is_heard_and_counted),
        STAGE_TEST(test_G2_second_signal_kills_at_once),
        STAGE_TEST(test_G3_terminal_does_not_reach_children),
        STAGE_TEST(test_G4_signal_ignored_on_entry_stays_ignored),
        STAGE_TEST(test_G7_foreign_term_is_the_childs_own_death),
        STAGE_TEST(test_G9_term_is_heard_after_10000_other_signals),
        STAGE_TEST(test_G12_sigpipe_and_sigxfsz_do_not_end_us),
        STAGE_TEST(test_loop_stop_waits_for_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
