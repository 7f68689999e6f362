/* Signals: what they leave time for, and what no longer starts. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "play.h"

#define WORK_AND_FINALLY                                                                           \
    "steps:\n  - id: a\n    cmd: [work]\n    cleanup: [{id: u, cmd: [undo]}]\n"                    \
    "  - id: b\n    cmd: [more]\n"                                                                 \
    "finally:\n  - id: f\n    cmd: [end]\n"

static void cancel_at(struct play *p, int64_t ms, int signal) {
    p->cancel_at_ms = ms;
    p->cancel_signal = signal;
}

static void test_G1_signal_during_finally_hurries_but_does_not_cut_it(void **state) {
    (void)state;
    struct play p;
    play_init(&p, WORK_AND_FINALLY);
    play_answer(&p, "", 0, "", "");
    play_answer(&p, "end", 0, "", "");
    play_takes(&p, 5000);
    cancel_at(&p, 500, SIGTERM);
    play_run(&p);
    assert_int_equal(p.exit_code, 143);
    play_expect(&p, "f", STEP_SUCCEEDED, NULL);
    play_release(&p);
}

static void test_G1_finally_that_hangs_ends_within_the_budget(void **state) {
    (void)state;
    struct play p;
    play_init(&p, WORK_AND_FINALLY);
    play_answer(&p, "work", 0, "", "");
    play_answer(&p, "undo", 0, "", "");
    play_answer(&p, "more", 0, "", "");
    play_answer(&p, "end", 0, "", "");
    play_is_stubborn(&p);
    cancel_at(&p, 500, SIGINT);
    play_run(&p);
    assert_int_equal(p.exit_code, 130);
    play_expect(&p, "f", STEP_CANCELLED, NULL);
    assert_in_range(p.report->duration_ms, 8500, 8600);
    play_release(&p);
}

/* Each has its share: the child of the main phase half of it, cleanup six tenths of the rest, finally what is left. */
static void test_G1_everything_that_hangs_ends_within_the_budget(void **state) {
    (void)state;
    struct play p;
    play_init(&p, WORK_AND_FINALLY);
    play_answer(&p, "work", 0, "", "");
    play_answer(&p, "undo", 0, "", "");
    play_is_stubborn(&p);
    play_answer(&p, "more", 0, "", "");
    play_is_stubborn(&p);
    play_answer(&p, "end", 0, "", "");
    play_is_stubborn(&p);
    cancel_at(&p, 500, SIGTERM);
    play_run(&p);
    assert_int_equal(p.exit_code, 143);
    play_expect_calls(&p, "work\nmore\nundo\nend\n");
    assert_in_range(play_step(&p, "b")->duration_ms, 5400, 5600);
    assert_in_range(play_step(&p, "u")->duration_ms, 1700, 1900);
    assert_in_range(play_step(&p, "f")->duration_ms, 1000, 1300);
    assert_in_range(p.report->duration_ms, 8500, 8600);
    play_release(&p);
}

static void test_G2_second_signal_starts_nothing_more(void **state) {
    (void)state;
    struct play p;
    play_init(&p, WORK_AND_FINALLY);
    play_answer(&p, "work", 0, "", "");
    play_answer(&p, "more", 0, "", "");
    play_is_stubborn(&p);
    cancel_at(&p, 500, SIGINT);
    p.cancel_again_at_ms = 700;
    play_run(&p);
    assert_int_equal(p.exit_code, 130);
    play_expect(&p, "b", STEP_CANCELLED, NULL);
    play_expect_calls(&p, "work\nmore\n");
    assert_in_range(p.report->duration_ms, 700, 800);
    /* What it kept from beginning is told all the same, in its phase. */
    play_expect(&p, "u", STEP_CANCELLED, "never began: cancelled by SIGINT");
    play_expect(&p, "f", STEP_CANCELLED, "never began: cancelled by SIGINT");
    assert_int_equal(play_step(&p, "u")->phase, PHASE_CLEANUP);
    assert_int_equal(play_step(&p, "f")->phase, PHASE_FINALLY);
    assert_true(play_step(&p, "f")->started_ms < 0);
    play_release(&p);
}

static void test_G2_second_signal_during_cleanup_tells_of_all_that_is_left(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - {id: a, cmd: [work], cleanup: [{id: ua, cmd: [undo]}]}\n"
                  "  - {id: b, cmd: [work], cleanup: [{id: ub, cmd: [undo]}]}\n"
                  "finally: [{id: f, steps: [{id: g, cmd: [end]}]}, {id: h, cmd: [end]}]\n");
    play_answer(&p, "work", 0, "", "");
    play_answer(&p, "undo", 0, "", "");
    play_is_stubborn(&p);
    cancel_at(&p, 500, SIGTERM);
    p.cancel_again_at_ms = 600;
    play_run(&p);
    play_expect_calls(&p, "work\nwork\nundo\n");
    play_expect(&p, "ub", STEP_CANCELLED, "cancelled");
    static const char *const ids[] = {"ua", "f", "h"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        play_expect(&p, ids[i], STEP_CANCELLED, "never began: cancelled by SIGTERM");
    }
    assert_int_equal(p.exit_code, 143);
    play_release(&p);
}

/* Jenkins ends the children first: what would follow is not in its list of processes, and nobody would end it. */
static void test_G5_nothing_starts_between_a_killed_child_and_our_own_signal(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "max_parallel: 1\nsteps:\n  - {id: a, cmd: [work], continue_on_error: true}\n"
                  "  - {id: b, cmd: [more]}\n");
    play_answer(&p, "work", -SIGTERM, "", "");
    cancel_at(&p, 300, SIGTERM);
    play_run(&p);
    assert_int_equal(p.exit_code, 143);
    play_expect_calls(&p, "work\n");
    play_expect(&p, "b", STEP_CANCELLED, NULL);
    assert_in_range(p.report->duration_ms, 300, 400);
    play_release(&p);
}

static void test_G7_run_goes_on_when_the_signal_was_for_the_child_alone(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - {id: a, cmd: [work], continue_on_error: true}\n"
                  "  - {id: b, cmd: [more]}\n");
    play_answer(&p, "work", -SIGTERM, "", "");
    play_answer(&p, "more", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 3);
    play_expect_calls(&p, "work\nmore\n");
    assert_in_range(p.report->duration_ms, 2000, 2100);
    play_release(&p);
}

static void test_G7_killed_create_is_not_looked_for_at_once(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: s\n    retry: {attempts: 2, on: [killed]}\n    ensure:\n"
                  "      find: {cmd: [list], output: json, select: \"@\"}\n"
                  "      create: {cmd: [make], output: json}\n"
                  "      ready: {until: \"metadata.id == '1'\", every: 5ms}\n");
    play_answer(&p, "list", 0, "[]", "");
    play_answer(&p, "list", 0, "[{\"metadata\": {\"id\": \"1\"}}]", "");
    play_answer(&p, "make", -SIGKILL, "", "");
    play_run(&p);
    play_expect(&p, "s", STEP_SUCCEEDED, NULL);
    play_expect_calls(&p, "list\nmake\nlist\n");
    assert_in_range(p.report->duration_ms, 6000, 6100);
    play_release(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_G1_signal_during_finally_hurries_but_does_not_cut_it),
        cmocka_unit_test(test_G1_finally_that_hangs_ends_within_the_budget),
        cmocka_unit_test(test_G1_everything_that_hangs_ends_within_the_budget),
        cmocka_unit_test(test_G2_second_signal_starts_nothing_more),
        cmocka_unit_test(test_G2_second_signal_during_cleanup_tells_of_all_that_is_left),
        cmocka_unit_test(test_G5_nothing_starts_between_a_killed_child_and_our_own_signal),
        cmocka_unit_test(test_G7_run_goes_on_when_the_signal_was_for_the_child_alone),
        cmocka_unit_test(test_G7_killed_create_is_not_looked_for_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
