/* Steps that hold steps: groups, foreach, use; their locks, conditions and cleanup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "play.h"

static void test_container_foreach_with_a_lock_runs_its_items_one_by_one(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    foreach: [x, y]\n    max_parallel: 2\n    lock: one\n"
                  "    cmd: [say, \"${{ item }}\"]\n");
    play_answer(&p, "say", 0, "", "");
    play_takes(&p, 1000);
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "say x\nsay y\n");
    assert_true(p.report->duration_ms >= 2000);
    play_release(&p);
}

static void test_container_lock_of_an_outer_step_is_refused_inside(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: g\n    lock: one\n    steps:\n"
                  "      - id: a\n        lock: one\n        cmd: [never]\n");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    play_expect(&p, "a", STEP_FAILED, "lock 'one' is held by step 'g', which this step is in");
    play_release(&p);
}

static void test_container_foreach_undoes_each_item_once_under_its_own_name(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    foreach: [x, y]\n    as: model\n"
                  "    cmd: [make, \"${{ model }}\"]\n"
                  "    cleanup: [{id: u, cmd: [undo, \"${{ model }}\"]}]\n");
    play_answer(&p, "make", 0, "", "");
    play_answer(&p, "undo", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "make x\nmake y\nundo y\nundo x\n");
    play_release(&p);
}

static void test_container_cleanup_inside_a_foreach_group_sees_the_item(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: g\n    foreach: [x, y]\n    steps:\n"
                  "      - id: a\n        cmd: [make, \"${{ item }}\"]\n"
                  "        cleanup: [{id: u, cmd: [undo, \"${{ item }}\"]}]\n");
    play_answer(&p, "make", 0, "", "");
    play_answer(&p, "undo", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "make x\nmake y\nundo y\nundo x\n");
    play_release(&p);
}

static void test_container_children_run_when_its_condition_asks_for_failures(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [bad]\n"
                  "  - id: each\n    if: failed()\n    foreach: [x, y]\n"
                  "    cmd: [tell, \"${{ item }}\"]\n"
                  "  - id: g\n    if: always()\n    steps:\n      - id: b\n        cmd: [note]\n");
    play_answer(&p, "bad", 1, "", "no\n");
    play_answer(&p, "tell", 0, "", "");
    play_answer(&p, "note", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    play_expect_calls(&p, "bad\ntell x\ntell y\nnote\n");
    play_release(&p);
}

static void test_container_condition_that_names_the_item_is_asked_for_each(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    foreach: [1, 2, 3]\n    if: item != 2\n"
                  "    cmd: [say, \"${{ item }}\"]\n"
                  "  - id: b\n    foreach: [1]\n    as: n\n    if: n == 2\n    cmd: [never]\n"
                  "  - id: c\n    cmd: [last]\n");
    play_answer(&p, "say", 0, "", "");
    play_answer(&p, "last", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "say 1\nsay 3\nlast\n");
    play_expect(&p, "a[1]", STEP_SKIPPED, NULL);
    play_release(&p);
}

static void test_container_cleanup_and_finally_go_on_after_one_that_failed(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n"
                  "  - id: a\n    cmd: [make, a]\n    cleanup: [{id: ua, cmd: [undo, a]}]\n"
                  "  - id: b\n    cmd: [make, b]\n    cleanup: [{id: ub, cmd: [undo, b]}]\n"
                  "finally:\n  - id: f\n    cmd: [end, 1]\n  - id: g\n    cmd: [end, 2]\n");
    play_answer(&p, "make", 0, "", "");
    play_answer(&p, "undo b", 1, "", "no\n");
    play_answer(&p, "undo a", 0, "", "");
    play_answer(&p, "end", 1, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    play_expect_calls(&p, "make a\nmake b\nundo b\nundo a\nend 1\nend 2\n");
    play_release(&p);
}

static void test_container_cleanup_steps_of_one_list_see_each_other(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [make]\n    cleanup:\n"
                  "      - id: look\n        cmd: [list]\n        output: json\n"
                  "      - id: rm\n        cmd: [rm, \"${{ steps.look.result.id }}\"]\n");
    play_answer(&p, "make", 0, "", "");
    play_answer(&p, "list", 0, "{\"id\": \"i1\"}", "");
    play_answer(&p, "rm", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "make\nlist\nrm i1\n");
    play_release(&p);
}

static void test_container_foreach_of_no_list_says_what_it_found(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    foreach: \"${{ run.id }}\"\n    cmd: [never]\n");
    play_run(&p);
    play_expect(&p, "a", STEP_FAILED, "foreach: expected a list, found string");
    play_release(&p);
}

static void test_container_foreach_with_a_huge_max_parallel_starts_at_once(void **state) {
    (void)state;
    struct play p;
    play_init(&p,
              "steps:\n  - id: a\n    foreach: [x]\n    max_parallel: \"${{ 4000000000000 }}\"\n"
              "    cmd: [say]\n");
    play_answer(&p, "say", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_release(&p);
}

static void test_container_locks_in_opposite_order_fail_and_do_not_hang(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "max_parallel: 4\nsteps:\n  - id: both\n    parallel: true\n    steps:\n"
                  "      - id: a\n        lock: x\n        steps:\n"
                  "          - {id: a1, cmd: [a1]}\n          - {id: a2, lock: y, cmd: [a2]}\n"
                  "      - id: b\n        lock: y\n        steps:\n"
                  "          - {id: b1, cmd: [b1]}\n          - {id: b2, lock: x, cmd: [b2]}\n");
    play_answer(&p, "a1", 0, "", "");
    play_answer(&p, "b1", 0, "", "");
    play_takes(&p, 5);
    play_answer(&p, "a2", 0, "", "");
    play_run(&p);
    play_expect(&p, "b2", STEP_FAILED,
                "lock 'x' would never come: its holder waits, in step 'a2', for a lock that is "
                "held around this step");
    play_expect(&p, "a2", STEP_SUCCEEDED, NULL);
    play_expect_calls(&p, "a1\nb1\na2\n");
    play_release(&p);
}

static void test_container_locks_in_one_order_wait_for_each_other(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "max_parallel: 4\nsteps:\n  - id: both\n    parallel: true\n    steps:\n"
                  "      - id: a\n        lock: x\n        steps:\n"
                  "          - {id: a1, cmd: [a1]}\n          - {id: a2, lock: y, cmd: [a2]}\n"
                  "      - id: b\n        lock: x\n        steps:\n"
                  "          - {id: b1, cmd: [b1]}\n          - {id: b2, lock: y, cmd: [b2]}\n"
                  "      - {id: c, lock: y, cmd: [c1]}\n");
    play_answer(&p, "a1", 0, "", "");
    play_answer(&p, "a2", 0, "", "");
    play_answer(&p, "b1", 0, "", "");
    play_answer(&p, "b2", 0, "", "");
    play_answer(&p, "c1", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_release(&p);
}

static void test_container_result_of_a_group_is_its_outputs(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: g\n    foreach: [x, y]\n    steps:\n"
                  "      - {id: a, cmd: [say, \"${{ item }}\"]}\n"
                  "    outputs: {v: $steps.a.result}\n"
                  "  - id: s\n    cmd: [tell, \"${{ steps.g.results[*].v }}\"]\n");
    play_answer(&p, "say x", 0, "1", "");
    play_answer(&p, "say y", 0, "2", "");
    play_answer(&p, "tell", 0, "", "");
    play_run(&p);
    play_expect_calls(&p, "say x\nsay y\ntell 1 2\n");
    play_release(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_container_foreach_with_a_lock_runs_its_items_one_by_one),
        cmocka_unit_test(test_container_lock_of_an_outer_step_is_refused_inside),
        cmocka_unit_test(test_container_foreach_undoes_each_item_once_under_its_own_name),
        cmocka_unit_test(test_container_cleanup_inside_a_foreach_group_sees_the_item),
        cmocka_unit_test(test_container_children_run_when_its_condition_asks_for_failures),
        cmocka_unit_test(test_container_condition_that_names_the_item_is_asked_for_each),
        cmocka_unit_test(test_container_cleanup_and_finally_go_on_after_one_that_failed),
        cmocka_unit_test(test_container_cleanup_steps_of_one_list_see_each_other),
        cmocka_unit_test(test_container_foreach_of_no_list_says_what_it_found),
        cmocka_unit_test(test_container_foreach_with_a_huge_max_parallel_starts_at_once),
        cmocka_unit_test(test_container_locks_in_opposite_order_fail_and_do_not_hang),
        cmocka_unit_test(test_container_locks_in_one_order_wait_for_each_other),
        cmocka_unit_test(test_container_result_of_a_group_is_its_outputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
