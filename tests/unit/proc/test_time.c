/*
 * Rows T of the fault catalogue: deadlines of children.
 */
#include "stage.h"

#include <signal.h>
#include <string.h>

static void test_T1_wall_deadline_is_kept_to_100_ms(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "sleep=30000", NULL);
    t->request.timeout_ms = 1000;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome);
    assert_int_equal(SIGTERM, t->result.signal);
    assert_in_range_ms(stage_duration_ms(t), 1000, 1100);
}

static void test_T2_output_keeps_the_idle_deadline_away(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "ticks=12,50", "exit=2", NULL);
    t->request.idle_timeout_ms = 300;
    stage_start(t);
    stage_run(p);
    assert_exited(t, 2);
}

static void test_T2_silence_is_ended_at_the_idle_deadline(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "ticks=3,50", "sleep=30000", NULL);
    t->request.idle_timeout_ms = 300;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_IDLE, t->result.outcome);
    /* Two pauses of 50 ms and 300 ms of silence, each in whole milliseconds. */
    assert_in_range_ms(stage_duration_ms(t), 390, 1000);
    assert_string_equal("tick\ntick\ntick\n", t->out);
}

static void test_T2_stderr_counts_as_output(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "sleep=200", "err=x", "sleep=200", NULL);
    t->request.idle_timeout_ms = 300;
    stage_start(t);
    stage_run(p);
    assert_exited(t, 0);
}

/* Exits and deadlines within the same millisecond: exactly one outcome each, which the teardown counts. */
static void test_T3_exit_at_the_deadline_has_one_outcome(void **state) {
    struct stage *p = *state;
    unsigned n_exited = 0;
    unsigned n_timed_out = 0;
    for (int round = 0; round < 60; round++) {
        struct take *t = stage_prepare_fake(p, "sleep=10", "exit=1", NULL);
        t->request.timeout_ms = 9 + round % 5;
        stage_start(t);
        stage_run(p);
        n_exited += t->result.outcome == RUN_EXITED && t->result.exit_code == 1 ? 1 : 0;
        n_timed_out += t->result.outcome == RUN_TIMED_OUT ? 1 : 0;
    }
    assert_int_equal(60, n_exited + n_timed_out);
}

static void test_T5_deadline_during_the_drain_changes_nothing(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "grandchild=t", "exit=3", NULL);
    t->request.timeout_ms = 100;
    t->request.idle_timeout_ms = 100;
    stage_start(t);
    stage_run(p);
    assert_exited(t, 3);
    assert_true(t->result.had_pipe_holder);
    assert_in_range_ms(stage_duration_ms(t), 200, 500);
}

static void test_T5_cancel_during_the_drain_ends_it_at_once(void **state) {
    struct stage *p = *state;
    struct proc_options options = stage_options();
    options.drain_ms = 20000;
    stage_use(p, &options);
    struct take *t = stage_fake(p, "grandchild=t", "exit=3", NULL);
    stage_after(p, 300, stage_cancel, t);
    stage_run(p);
    assert_exited(t, 3);
    assert_true(t->result.had_pipe_holder);
    assert_in_range_ms(stage_duration_ms(t), 290, 800);
}

/* The child goes at TERM, its holder ignores it: grace, not the longer drain, decides. */
static void test_T5_holder_cannot_stretch_the_grace(void **state) {
    struct stage *p = *state;
    struct proc_options options = stage_options();
    options.drain_ms = 20000;
    stage_use(p, &options);
    struct take *t = stage_prepare_fake(p, "grandchild=t", "sleep=30000", NULL);
    t->request.timeout_ms = 100;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome);
    assert_int_equal(SIGTERM, t->result.signal);
    assert_false(t->result.was_escalated);
    assert_in_range_ms(stage_duration_ms(t), 190, 700);
}

static void test_cancel_twice_and_after_the_deadline_is_harmless(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "ignore=15", "sleep=30000", NULL);
    t->request.timeout_ms = 50;
    stage_start(t);
    stage_after(p, 80, stage_cancel, t);
    stage_after(p, 90, stage_cancel, t);
    stage_after(p, 160, stage_stop_now, t);
    stage_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome); /* what came first names it */
}

int main(void) {
    proc_prepare_process();
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_T1_wall_deadline_is_kept_to_100_ms),
        STAGE_TEST(test_T2_output_keeps_the_idle_deadline_away),
        STAGE_TEST(test_T2_silence_is_ended_at_the_idle_deadline),
        STAGE_TEST(test_T2_stderr_counts_as_output),
        STAGE_TEST(test_T3_exit_at_the_deadline_has_one_outcome),
        STAGE_TEST(test_T5_deadline_during_the_drain_changes_nothing),
        STAGE_TEST(test_T5_cancel_during_the_drain_ends_it_at_once),
        STAGE_TEST(test_T5_holder_cannot_stretch_the_grace),
        STAGE_TEST(test_cancel_twice_and_after_the_deadline_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
