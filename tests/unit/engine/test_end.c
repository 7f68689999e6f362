/* The end of a run: cleanup and finally after failures, signals and deadlines. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "play.h"

static void test_end_signal_during_finally_hurries_but_does_not_cut_it(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [work]\nfinally:\n  - id: f\n    cmd: [end]\n");
    play_answer(&p, "work", 0, "", "");
    play_answer(&p, "end", 0, "", "");
    play_takes(&p, 5000);
    p.cancel_at_ms = 500;
    p.cancel_signal = SIGTERM;
    play_run(&p);
    assert_int_equal(p.exit_code, 143);
    play_expect(&p, "f", STEP_SUCCEEDED, NULL);
    play_release(&p);
}

static void test_end_finally_after_a_signal_has_ten_seconds(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [work]\nfinally:\n  - id: f\n    cmd: [end]\n");
    play_answer(&p, "work", 0, "", "");
    play_answer(&p, "end", 0, "", "");
    play_hangs(&p);
    p.cancel_at_ms = 500;
    p.cancel_signal = SIGINT;
    play_run(&p);
    assert_int_equal(p.exit_code, 130);
    play_expect(&p, "f", STEP_CANCELLED, NULL);
    assert_in_range(p.report->duration_ms, 10500, 10600);
    play_release(&p);
}

static void test_end_cancelled_run_did_not_succeed(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "timeout: 1s\nsteps:\n  - id: a\n    pause: 1h\nfinally:\n"
                  "  - id: yes\n    if: succeeded()\n    cmd: [never]\n"
                  "  - id: no\n    if: failed()\n    cmd: [tell]\n");
    play_answer(&p, "tell", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 5);
    play_expect_calls(&p, "tell\n");
    play_release(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_end_signal_during_finally_hurries_but_does_not_cut_it),
        cmocka_unit_test(test_end_finally_after_a_signal_has_ten_seconds),
        cmocka_unit_test(test_end_cancelled_run_did_not_succeed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
