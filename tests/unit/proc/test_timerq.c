/*
 * The heap of timers against a plain list, and the virtual clock on top of it.
 */
#include "proc/timerq_priv.h"

#include "proc/fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"

#include <malloc.h>

enum { MANY = 10000 };

static unsigned next_random(unsigned *seed) {
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void do_nothing(void *arg) {
    (void)arg;
}

static void test_timerq_takes_in_order_of_due_time_then_arrival(void **state) {
    (void)state;
    struct timerq q;
    static int64_t due[MANY];
    static timer_id ids[MANY];
    unsigned seed = 7;
    timerq_init(&q);
    for (size_t i = 0; i < MANY; i++) {
        due[i] = next_random(&seed) % 500;
        ids[i] = timerq_add(&q, due[i], do_nothing, &due[i]);
    }
    size_t n_left = MANY;
    for (size_t i = 0; i < MANY; i += 3) {
        timerq_cancel(&q, ids[i]);
        timerq_cancel(&q, ids[i]); /* dead by now: harmless */
        n_left--;
    }
    const int64_t *last = NULL;
    timer_fn fn = NULL;
    void *arg = NULL;
    while (timerq_take(&q, 1000, timerq_mark(&q), &fn, &arg)) {
        const int64_t *taken = arg;
        assert_true(last == NULL || *last < *taken || (*last == *taken && last < taken));
        assert_int_not_equal(0, (taken - due) % 3);
        last = taken;
        n_left--;
    }
    assert_int_equal(0, n_left);
    timerq_release(&q);
}

static void test_timerq_id_of_a_fired_timer_never_names_a_later_one(void **state) {
    (void)state;
    struct timerq q;
    timer_fn fn = NULL;
    void *arg = NULL;
    timerq_init(&q);
    timer_id first = timerq_add(&q, 0, do_nothing, NULL);
    assert_true(timerq_take(&q, 0, UINT64_MAX, &fn, &arg));
    timer_id second = timerq_add(&q, 0, do_nothing, NULL);
    assert_true(first != second);
    timerq_cancel(&q, first);
    timerq_cancel(&q, 0);
    timerq_cancel(&q, (timer_id)99);
    int64_t due_ms = -1;
    assert_true(timerq_next_due(&q, &due_ms));
    timerq_cancel(&q, second);
    assert_false(timerq_next_due(&q, &due_ms));
    timerq_release(&q);
}

static void test_timerq_take_leaves_what_came_after_the_mark(void **state) {
    (void)state;
    struct timerq q;
    timer_fn fn = NULL;
    void *arg = NULL;
    timerq_init(&q);
    (void)timerq_add(&q, 5, do_nothing, NULL);
    uint64_t mark = timerq_mark(&q);
    (void)timerq_add(&q, 5, do_nothing, NULL);
    assert_false(timerq_take(&q, 4, mark, &fn, &arg));
    assert_true(timerq_take(&q, 5, mark, &fn, &arg));
    assert_false(timerq_take(&q, 5, mark, &fn, &arg));
    timerq_release(&q);
}

static void test_timerq_stays_below_200_bytes_a_timer(void **state) {
    (void)state;
    struct timerq q;
    timerq_init(&q);
    for (size_t i = 0; i < MANY; i++) {
        (void)timerq_add(&q, (int64_t)i, do_nothing, NULL);
    }
    assert_true((malloc_usable_size(q.slots) + malloc_usable_size(q.heap)) / MANY <= 200);
    timerq_release(&q);
}

/* ---- virtual time */

struct note {
    struct timers *timers;
    int64_t fired_ms;
    unsigned n_fired;
    timer_id other;
};

static void note_time(void *arg) {
    struct note *n = arg;
    n->fired_ms = timers_now_ms(n->timers);
    n->n_fired++;
}

static void note_and_arm_again(void *arg) {
    struct note *n = arg;
    note_time(arg);
    if (n->n_fired < 5) {
        (void)timers_after(n->timers, 1000, note_and_arm_again, arg);
    }
}

static void note_and_cancel_other(void *arg) {
    struct note *n = arg;
    note_time(arg);
    timers_cancel(n->timers, &n->other);
}

static void test_fake_jumps_to_each_due_time(void **state) {
    (void)state;
    struct fake_timers *f = fake_timers_new(1700000000000);
    struct timers timers;
    fake_timers_get(f, &timers);
    struct note hour = {.timers = &timers};
    struct note again = {.timers = &timers};
    (void)timers_after(&timers, 3600000, note_time, &hour);
    (void)timers_after(&timers, 0, note_and_arm_again, &again);
    assert_int_equal(0, again.n_fired); /* never from inside after() */
    assert_int_equal(6, fake_timers_run_until_idle(f));
    assert_int_equal(5, again.n_fired);
    assert_int_equal(4000, again.fired_ms);
    assert_int_equal(3600000, hour.fired_ms);
    assert_int_equal(1700003600000, timers_wall_ms(&timers));
    fake_timers_free(f);
}

static void test_fake_cancel_from_a_callback_at_the_same_time(void **state) {
    (void)state;
    struct fake_timers *f = fake_timers_new(0);
    struct timers timers;
    fake_timers_get(f, &timers);
    struct note first = {.timers = &timers};
    struct note second = {.timers = &timers};
    (void)timers_after(&timers, 10, note_and_cancel_other, &first);
    first.other = timers_after(&timers, 10, note_time, &second);
    (void)fake_timers_run_until_idle(f);
    assert_int_equal(1, first.n_fired);
    assert_int_equal(0, second.n_fired);
    assert_int_equal(0, first.other);
    fake_timers_free(f);
}

static void stop_fake(void *arg) {
    fake_timers_stop(arg);
}

static void test_fake_stop_leaves_the_rest(void **state) {
    (void)state;
    struct fake_timers *f = fake_timers_new(0);
    struct timers timers;
    fake_timers_get(f, &timers);
    (void)timers_after(&timers, 1, stop_fake, f);
    (void)timers_after(&timers, 2, do_nothing, NULL);
    assert_int_equal(1, fake_timers_run_until_idle(f));
    assert_int_equal(1, fake_timers_run_until_idle(f));
    fake_timers_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timerq_takes_in_order_of_due_time_then_arrival),
        cmocka_unit_test(test_timerq_id_of_a_fired_timer_never_names_a_later_one),
        cmocka_unit_test(test_timerq_take_leaves_what_came_after_the_mark),
        cmocka_unit_test(test_timerq_stays_below_200_bytes_a_timer),
        cmocka_unit_test(test_fake_jumps_to_each_due_time),
        cmocka_unit_test(test_fake_cancel_from_a_callback_at_the_same_time),
        cmocka_unit_test(test_fake_stop_leaves_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
