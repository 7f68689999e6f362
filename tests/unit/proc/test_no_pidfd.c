/*
 * Kernels without pidfd_open, and containers that forbid it: children are watched by SIGCHLD then. The call is taken away for
 * this whole program before the first test.
 */
#include "stage.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

static bool is_forbidden;

static void needs_filter(void) {
    if (!is_forbidden) {
        skip();
    }
    assert_int_equal(-1, syscall(SYS_pidfd_open, getpid(), 0));
}

static void test_no_pidfd_exit_code_and_output(void **state) {
    needs_filter();
    struct stage *p = *state;
    struct take *quick = stage_fake(p, "exit=3", NULL);
    struct take *slow = stage_fake(p, "out=x", "sleep=100", "exit=4", NULL);
    stage_run(p);
    assert_exited(quick, 3);
    assert_exited(slow, 4);
    assert_string_equal("x\n", slow->out);
}

static void test_no_pidfd_deadline_and_kill(void **state) {
    needs_filter();
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "ignore=15", "sleep=30000", NULL);
    t->request.timeout_ms = 100;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome);
    assert_int_equal(SIGKILL, t->result.signal);
}

static void test_no_pidfd_many_children(void **state) {
    needs_filter();
    struct stage *p = *state;
    struct take *takes[100];
    for (size_t i = 0; i < 100; i++) {
        takes[i] = stage_fake(p, i % 2 == 0 ? "sleep=30" : "exit=0", NULL);
    }
    stage_run(p);
    for (size_t i = 0; i < 100; i++) {
        assert_exited(takes[i], 0);
    }
}

int main(void) {
    proc_prepare_process();
    is_forbidden = stage_forbid_call(SYS_pidfd_open, ENOSYS);
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_no_pidfd_exit_code_and_output),
        STAGE_TEST(test_no_pidfd_deadline_and_kill),
        STAGE_TEST(test_no_pidfd_many_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
