/* Steps: order, conditions, failures, tolerance, cleanup, finally, cancellation, deadlines. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine_priv.h"
#include "play.h"

/* The table of transitions, pair by pair: what is not written here is refused. */
static void test_step_transitions_are_exactly_these(void **state) {
    (void)state;
    static const char *const rows[INST_STATE_COUNT] = {
        [INST_WAITING] = ".X......X",  [INST_READY] = "..X.X..XX",   [INST_RUNNING] = "...XX....",
        [INST_STOPPING] = "........X", [INST_JUDGING] = ".X...XX.X", [INST_BACKOFF] = ".X......X",
        [INST_POLLING] = "....X...X",  [INST_OPEN] = "....X...X",    [INST_DONE] = ".........",
    };
    for (int from = 0; from < INST_STATE_COUNT; from++) {
        for (int to = 0; to < INST_STATE_COUNT; to++) {
            assert_int_equal(inst_may_enter((enum inst_state)from, (enum inst_state)to),
                             rows[from][to] == 'X');
        }
    }
}

static void test_step_runs_after_the_one_before_and_sees_its_outputs(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n"
                  "  - id: a\n    cmd: [first]\n    output: json\n    outputs: {x: id}\n"
                  "  - id: b\n    cmd: [second, \"${{ steps.a.outputs.x }}\", \"n=${{ "
                  "steps.a.outputs.x }}\"]\n");
    play_answer(&p, "first", 0, "{\"id\": 9007199254740993}", "");
    play_answer(&p, "second", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "first\nsecond 9007199254740993 n=9007199254740993\n");
    play_release(&p);
}

static void test_step_needs_none_runs_side_by_side(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n"
                  "  - id: a\n    cmd: [slow]\n"
                  "  - id: b\n    needs: []\n    cmd: [quick]\n"
                  "  - id: c\n    needs: [a, b]\n    cmd: [last]\n");
    play_answer(&p, "slow", 0, "", "");
    play_takes(&p, 5000);
    play_answer(&p, "quick", 0, "", "");
    play_takes(&p, 4000);
    play_answer(&p, "last", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_true(p.report->duration_ms < 6000);
    play_expect_calls(&p, "slow\nquick\nlast\n");
    play_release(&p);
}

static void test_step_failure_skips_the_rest_but_not_finally(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n"
                  "  - id: a\n    cmd: [bad]\n"
                  "  - id: b\n    cmd: [never]\n"
                  "  - id: c\n    if: failed()\n    cmd: [rescue]\n"
                  "  - id: d\n    if: succeeded()\n    cmd: [never]\n"
                  "finally:\n"
                  "  - id: f\n    cmd: [always]\n");
    play_answer(&p, "bad", 3, "", "Error: it broke\n");
    play_answer(&p, "rescue", 0, "", "");
    play_answer(&p, "always", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    play_expect(&p, "a", STEP_FAILED, NULL);
    play_expect(&p, "b", STEP_SKIPPED, NULL);
    play_expect(&p, "c", STEP_SUCCEEDED, NULL);
    play_expect(&p, "d", STEP_SKIPPED, NULL);
    play_expect(&p, "f", STEP_SUCCEEDED, NULL);
    play_expect_calls(&p, "bad\nrescue\nalways\n");
    play_release(&p);
}

static void test_step_skipped_by_its_condition_blocks_nobody(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n"
                  "  - id: a\n    if: \"`false`\"\n    cmd: [never]\n"
                  "  - id: b\n    cmd: [work]\n");
    play_answer(&p, "work", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect(&p, "a", STEP_SKIPPED, NULL);
    play_expect_calls(&p, "work\n");
    play_release(&p);
}

static void test_step_tolerated_failure_makes_the_run_unstable(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n"
                  "  - id: a\n    continue_on_error: true\n    cmd: [bad]\n"
                  "  - id: b\n    cmd: [work]\n");
    play_answer(&p, "bad", 1, "", "no\n");
    play_answer(&p, "work", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 3);
    play_expect(&p, "a", STEP_TOLERATED, NULL);
    play_expect(&p, "b", STEP_SUCCEEDED, NULL);
    play_release(&p);
}

static void test_step_missing_output_is_a_failure_that_names_the_path(void **state) {
    (void)state;
    struct play p;
    play_init(
        &p,
        "steps:\n  - id: a\n    cmd: [get]\n    output: json\n    outputs: {id: metadata.idd}\n");
    play_answer(&p, "get", 0, "{\"metadata\": {\"id\": 1}}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    assert_non_null(strstr(play_step(&p, "a")->message, "'metadata' has 'id'"));
    play_release(&p);
}

static void test_step_cleanup_runs_last_in_first_out_for_what_was_done(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n"
                  "  - id: a\n    cmd: [make, a]\n    cleanup: [{id: ua, cmd: [undo, a]}]\n"
                  "  - id: b\n    cmd: [make, b]\n    cleanup: [{id: ub, cmd: [undo, b]}]\n"
                  "  - id: c\n    cmd: [make, c]\n    cleanup: [{id: uc, cmd: [undo, c]}]\n"
                  "finally:\n  - id: f\n    cmd: [end]\n");
    play_answer(&p, "make a", 0, "", "");
    play_answer(&p, "make b", 0, "", "");
    play_answer(&p, "make c", 1, "", "");
    play_answer(&p, "undo", 0, "", "");
    play_answer(&p, "end", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    play_expect_calls(&p, "make a\nmake b\nmake c\nundo b\nundo a\nend\n");
    play_release(&p);
}

static void test_step_cancel_stops_children_and_still_runs_finally(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n"
                  "  - id: a\n    cmd: [hang]\n"
                  "  - id: b\n    cmd: [never]\n"
                  "finally:\n  - id: f\n    cmd: [end]\n");
    play_answer(&p, "hang", 0, "", "");
    play_hangs(&p);
    play_answer(&p, "end", 0, "", "");
    p.cancel_at_ms = 500;
    p.cancel_signal = SIGTERM;
    play_run(&p);
    assert_int_equal(p.exit_code, 143);
    play_expect(&p, "a", STEP_CANCELLED, NULL);
    play_expect(&p, "b", STEP_CANCELLED, NULL);
    play_expect(&p, "f", STEP_SUCCEEDED, NULL);
    play_release(&p);
}

static void test_step_run_deadline_ends_the_run_with_its_own_code(void **state) {
    (void)state;
    struct play p;
    play_init(
        &p, "timeout: 2s\nsteps:\n  - id: a\n    pause: 1h\nfinally:\n  - id: f\n    cmd: [end]\n");
    play_answer(&p, "end", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 5);
    assert_int_equal(p.report->duration_ms, 2001);
    play_expect(&p, "f", STEP_SUCCEEDED, NULL);
    play_release(&p);
}

static void test_step_command_not_found_is_an_environment_failure(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [nowhere]\n");
    play_run(&p);
    assert_int_equal(p.exit_code, 4);
    play_expect(&p, "a", STEP_FAILED, "no such command in this play");
    play_release(&p);
}

static void test_step_foreach_keeps_results_in_item_order(void **state) {
    (void)state;
    struct play p;
    play_init(
        &p,
        "max_parallel: 8\nsteps:\n"
        "  - id: a\n    foreach: [x, y, z]\n    max_parallel: 3\n    cmd: [say, \"${{ item }}\"]\n"
        "  - id: b\n    cmd: [all, \"${{ to_json(steps.a.results) }}\"]\n");
    play_answer(&p, "say x", 0, "1", "");
    play_takes(&p, 300);
    play_answer(&p, "say y", 0, "2", "");
    play_takes(&p, 100);
    play_answer(&p, "say z", 0, "3", "");
    play_takes(&p, 200);
    play_answer(&p, "all", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "say x\nsay y\nsay z\nall [\"1\",\"2\",\"3\"]\n");
    play_expect(&p, "a[0]", STEP_SUCCEEDED, NULL); /* declared under its own name */
    assert_int_equal(play_step(&p, "a[2]")->parent, play_step(&p, "a")->index);
    play_release(&p);
}

static void test_step_lock_keeps_steps_apart(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n"
                  "  - id: a\n    lock: one\n    cmd: [a]\n"
                  "  - id: b\n    needs: []\n    lock: one\n    cmd: [b]\n");
    play_answer(&p, "a", 0, "", "");
    play_takes(&p, 1000);
    play_answer(&p, "b", 0, "", "");
    play_takes(&p, 1000);
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_true(p.report->duration_ms >= 2000);
    play_release(&p);
}

static void test_step_flags_are_one_argument_each_and_typed(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cpdctl: [wos, subscriptions, add]\n"
                  "    flags:\n      name: -h\n      asset: {id: \"a \\\"b\\\" $HOME\", n: 1}\n    "
                  "  tags: [x, y]\n"
                  "      async: true\n      off: false\n      none: null\n");
    play_answer(&p, "cpdctl", 0, "{}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(
        &p, "cpdctl wos subscriptions add --name=-h --asset={\"id\":\"a \\\"b\\\" $HOME\",\"n\":1} "
            "--tags=x --tags=y --async --output json\n");
    play_release(&p);
}

static void test_step_that_starts_with_the_clock_has_its_duration(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [work]\n");
    play_answer(&p, "work", 0, "", "");
    play_takes(&p, 700);
    play_run(&p);
    assert_int_equal(play_step(&p, "a")->duration_ms, 700);
    play_release(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_step_transitions_are_exactly_these),
        cmocka_unit_test(test_step_runs_after_the_one_before_and_sees_its_outputs),
        cmocka_unit_test(test_step_needs_none_runs_side_by_side),
        cmocka_unit_test(test_step_failure_skips_the_rest_but_not_finally),
        cmocka_unit_test(test_step_skipped_by_its_condition_blocks_nobody),
        cmocka_unit_test(test_step_tolerated_failure_makes_the_run_unstable),
        cmocka_unit_test(test_step_missing_output_is_a_failure_that_names_the_path),
        cmocka_unit_test(test_step_cleanup_runs_last_in_first_out_for_what_was_done),
        cmocka_unit_test(test_step_cancel_stops_children_and_still_runs_finally),
        cmocka_unit_test(test_step_run_deadline_ends_the_run_with_its_own_code),
        cmocka_unit_test(test_step_command_not_found_is_an_environment_failure),
        cmocka_unit_test(test_step_foreach_keeps_results_in_item_order),
        cmocka_unit_test(test_step_lock_keeps_steps_apart),
        cmocka_unit_test(test_step_flags_are_one_argument_each_and_typed),
        cmocka_unit_test(test_step_that_starts_with_the_clock_has_its_duration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
