/*
 * Rows E of the fault catalogue: many children, few descriptors.
 */
#include "oracle.h"
#include "stage.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void run_with_descriptors(struct stage *p, unsigned n_more, unsigned n_children) {
    struct rlimit before;
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    int next = dup(0);
    close(next);
    struct rlimit few = {(rlim_t)next + n_more, before.rlim_max};
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &few));
    struct take *takes[64];
    for (unsigned i = 0; i < n_children; i++) {
        takes[i] = stage_fake(p, "out=x", NULL);
    }
    stage_run(p);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    for (unsigned i = 0; i < n_children; i++) {
        assert_exited(takes[i], 0);
        assert_string_equal("x\n", takes[i]->out);
    }
}

static void test_E1_fifty_children_with_few_descriptors(void **state) {
    static const unsigned rooms[] = {6, 20, 100};
    for (size_t i = 0; i < 3; i++) {
        run_with_descriptors(*state, rooms[i], 50);
    }
}

struct stalls {
    struct stage *stage;
    int64_t last_ns;
    int64_t longest_ns;
    unsigned n_long;
    unsigned n;
    timer_id timer;
};

static void measure(void *arg) {
    struct stalls *s = arg;
    int64_t now_ns = clock_monotonic_ns();
    int64_t gap_ns = now_ns - s->last_ns;
    s->last_ns = now_ns;
    s->longest_ns = gap_ns > s->longest_ns ? gap_ns : s->longest_ns;
    s->n++;
    s->n_long += gap_ns > 20 * 1000000 ? 1 : 0;
    s->timer = timers_after(&s->stage->timers, 1, measure, s);
}

static void run_many(struct stage *p, unsigned concurrency, unsigned n_children) {
    struct proc_options options = stage_options();
    options.max_children = concurrency;
    stage_use(p, &options);
    struct stalls stalls = {.stage = p, .last_ns = clock_monotonic_ns()};
    measure(&stalls);
    unsigned n_before = p->n_answered;
    for (unsigned i = 0; i < n_children; i++) {
        struct take *t = stage_prepare(p, "/bin/true", NULL);
        stage_start(t);
    }
    stage_run(p);
    timers_cancel(&p->timers, &stalls.timer);
    assert_int_equal(n_children, p->n_answered - n_before);
    for (const struct take *t = p->takes; t != NULL; t = t->next) {
        assert_exited(t, 0);
    }
}

static void test_E5_300_children_one_at_a_time(void **state) {
    run_many(*state, 1, 300);
}

static void test_E5_1000_children_8_at_a_time(void **state) {
    run_many(*state, 8, 1000);
}

static void test_E5_1000_children_256_at_a_time(void **state) {
    run_many(*state, 256, 1000);
}

static void test_E6_256_children_that_exit_in_the_same_moment(void **state) {
    struct stage *p = *state;
    char gate[256];
    char order[300];
    (void)snprintf(gate, sizeof gate, "%s/gate", oracle_folder());
    (void)snprintf(order, sizeof order, "wait-for=%s", gate);
    struct proc_options options = stage_options();
    options.max_children = 300;
    stage_use(p, &options);
    for (int i = 0; i < 256; i++) {
        (void)stage_fake(p, order, "exit=7", NULL);
    }
    struct take *opener = stage_prepare(p, "/bin/sh", "-c", "sleep 0.5; : > $0", gate, NULL);
    stage_start(opener);
    stage_run(p);
    unsigned n = 0;
    for (const struct take *t = p->takes; t != NULL; t = t->next) {
        if (t != opener) {
            assert_exited(t, 7);
            n++;
        }
    }
    assert_int_equal(256, n);
    stage_remove(gate);
}

int main(void) {
    proc_prepare_process();
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_E1_fifty_children_with_few_descriptors),
        STAGE_TEST(test_E5_300_children_one_at_a_time),
        STAGE_TEST(test_E5_1000_children_8_at_a_time),
        STAGE_TEST(test_E5_1000_children_256_at_a_time),
        STAGE_TEST(test_E6_256_children_that_exit_in_the_same_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
