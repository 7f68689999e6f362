/*
 * Row R12 of the fault catalogue: limits that the system holds a child to.
 */
#include "stage.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static void needs_linux(void) {
#ifdef CPDFLOW_PORTABLE
    skip();
#endif
}

static void limit(struct take *t, enum run_limit which, uint64_t most) {
    t->request.has_limit[which] = true;
    t->request.limits[which] = most;
}

static void test_R12_each_limit_is_the_childs_alone(void **state) {
    needs_linux();
    struct stage *p = *state;
    struct rlimit before;
    struct rlimit after;
    assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &before));
    struct take *t = stage_prepare_fake(p, "limits", NULL);
    limit(t, RUN_LIMIT_CPU, 7);
    limit(t, RUN_LIMIT_MEMORY, UINT64_C(1) << 30);
    limit(t, RUN_LIMIT_FILE_SIZE, 123456);
    limit(t, RUN_LIMIT_CORE, 0);
    limit(t, RUN_LIMIT_OPEN_FILES, 33);
    stage_start(t);
    stage_run(p);
    assert_exited(t, 0);
    assert_string_equal("7:8 1073741824:1073741824 123456:123456 0:0 33:33 ", t->out);
    assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &after));
    assert_int_equal(before.rlim_cur, after.rlim_cur);
}

static void test_R12_limit_above_ours_is_ours(void **state) {
    needs_linux();
    struct stage *p = *state;
    struct rlimit ours;
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &ours));
    struct take *t = stage_prepare_fake(p, "limits", NULL);
    limit(t, RUN_LIMIT_OPEN_FILES, (uint64_t)ours.rlim_max + 1);
    stage_start(t);
    stage_run(p);
    assert_exited(t, 0);
    char expected[64];
    (void)snprintf(expected, sizeof expected, " %llu:%llu ", (unsigned long long)ours.rlim_max,
                   (unsigned long long)ours.rlim_max);
    assert_non_null(strstr(t->out, expected));
}

static void test_R12_computing_past_its_limit_is_a_signal_of_its_own(void **state) {
    needs_linux();
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "burn", NULL);
    limit(t, RUN_LIMIT_CPU, 1);
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_SIGNALED, t->result.outcome);
    assert_int_equal(SIGXCPU, t->result.signal);
}

static void test_R12_file_past_its_limit_is_a_signal_of_its_own(void **state) {
    needs_linux();
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "write-file=100000", NULL);
    limit(t, RUN_LIMIT_FILE_SIZE, 4096);
    limit(t, RUN_LIMIT_CORE, 0);
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_SIGNALED, t->result.outcome);
    assert_int_equal(SIGXFSZ, t->result.signal);
}

static void test_R12_memory_past_its_limit_is_refused(void **state) {
    needs_linux();
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "allocate=200000000", NULL);
    limit(t, RUN_LIMIT_MEMORY, 100000000);
    stage_start(t);
    stage_run(p);
    assert_exited(t, 0);
    assert_string_equal("no memory\n", t->out);
}

static void test_R12_limits_are_refused_where_they_cannot_be_set(void **state) {
#ifndef CPDFLOW_PORTABLE
    skip();
#endif
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "out=x", NULL);
    limit(t, RUN_LIMIT_CORE, 0);
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_SPAWN_FAILED, t->result.outcome);
    assert_non_null(strstr(t->message, "the limits of "));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_R12_each_limit_is_the_childs_alone),
        STAGE_TEST(test_R12_limit_above_ours_is_ours),
        STAGE_TEST(test_R12_computing_past_its_limit_is_a_signal_of_its_own),
        STAGE_TEST(test_R12_file_past_its_limit_is_a_signal_of_its_own),
        STAGE_TEST(test_R12_memory_past_its_limit_is_refused),
        STAGE_TEST(test_R12_limits_are_refused_where_they_cannot_be_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
