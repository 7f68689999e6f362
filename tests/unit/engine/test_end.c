/* The end of a run: cleanup and finally after failures, signals and deadlines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "play.h"

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
        cmocka_unit_test(test_end_cancelled_run_did_not_succeed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
