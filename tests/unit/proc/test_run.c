/*
 * Rows R of the fault catalogue: how children end, and what they leave behind.
 */
#include "oracle.h"
#include "play.h"

#include <signal.h>
#include <string.h>

static void test_R1_exit_codes_are_reported_exactly(void **state) {
    struct play *p = *state;
    const char *const orders[] = {"exit=0",   "exit=1",   "exit=2",  "exit=126",
                                  "exit=127", "exit=128", "exit=255"};
    static const int codes[] = {0, 1, 2, 126, 127, 128, 255};
    enum { N = sizeof codes / sizeof *codes };
    struct take *takes[N];
    for (size_t i = 0; i < N; i++) {
        takes[i] = play_fake(p, orders[i], NULL);
    }
    play_run(p);
    for (size_t i = 0; i < N; i++) {
        assert_exited(takes[i], codes[i]);
    }
}

static void test_R2_death_by_signal_has_no_exit_code(void **state) {
    struct play *p = *state;
    const char *const orders[] = {"kill=11", "kill=9", "kill=13", "kill=15"};
    static const int signals[] = {SIGSEGV, SIGKILL, SIGPIPE, SIGTERM};
    for (size_t i = 0; i < 4; i++) {
        struct take *t = play_fake(p, orders[i], NULL);
        play_run(p);
        assert_int_equal(RUN_SIGNALED, t->result.outcome);
        assert_int_equal(signals[i], t->result.signal);
        assert_int_equal(-1, t->result.exit_code);
    }
}

static void test_R3_stopped_child_is_ended_at_its_deadline(void **state) {
    struct play *p = *state;
    struct take *t = play_prepare_fake(p, "kill=19", NULL);
    t->request.timeout_ms = 100;
    play_start(t);
    play_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome);
    assert_int_equal(SIGTERM, t->result.signal);
}

static void test_R3_stopped_child_runs_its_handler_after_cont(void **state) {
    struct play *p = *state;
    struct take *t = play_prepare_fake(p, "term-exits", "kill=19", NULL);
    t->request.timeout_ms = 100;
    play_start(t);
    play_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome);
    assert_int_equal(42, t->result.exit_code);
    assert_false(t->result.was_escalated);
}

static void test_R7_child_that_ignores_term_is_killed_after_grace(void **state) {
    struct play *p = *state;
    struct take *t = play_prepare_fake(p, "ignore=15", "out=ready", "sleep=30000", NULL);
    t->request.timeout_ms = 100;
    play_start(t);
    play_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome);
    assert_int_equal(SIGKILL, t->result.signal);
    assert_true(t->result.was_escalated);
    assert_in_range_ms(play_duration_ms(t), 190, 600);
    assert_string_equal("ready\n", t->out);
}

static void test_cancel_is_term_and_keeps_the_output(void **state) {
    struct play *p = *state;
    struct take *t = play_fake(p, "out=before", "sleep=30000", NULL);
    play_after(p, 100, play_cancel, t);
    play_run(p);
    assert_int_equal(RUN_STOPPED, t->result.outcome);
    assert_int_equal(SIGTERM, t->result.signal);
    assert_false(t->result.was_escalated);
    assert_string_equal("before\n", t->out);
}

int main(void) {
    proc_prepare_process();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_R1_exit_codes_are_reported_exactly, play_setup,
                                        play_teardown),
        cmocka_unit_test_setup_teardown(test_R2_death_by_signal_has_no_exit_code, play_setup,
                                        play_teardown),
        cmocka_unit_test_setup_teardown(test_R3_stopped_child_is_ended_at_its_deadline, play_setup,
                                        play_teardown),
        cmocka_unit_test_setup_teardown(test_R3_stopped_child_runs_its_handler_after_cont,
                                        play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(test_R7_child_that_ignores_term_is_killed_after_grace,
                                        play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(test_cancel_is_term_and_keeps_the_output, play_setup,
                                        play_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
