#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "event/trace.h"

static const char given[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

static void test_trace_takes_only_a_well_formed_parent(void **state) {
    (void)state;
    static const char *const bad[] = {
        NULL,
        "",
        "00",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319cxb7ad6b7169203331-01",
    };
    assert_true(trace_parent_is_valid(given));
    assert_true(
        trace_parent_is_valid("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(trace_parent_is_valid(bad[i]));
    }
}

static void test_trace_of_a_child_is_the_parents_with_a_span_of_its_own(void **state) {
    (void)state;
    char child[TRACE_PARENT_SIZE];
    char span[TRACE_SPAN_SIZE];
    trace_child(given, "run-1", 3, 2, child);
    trace_span("run-1", 3, 2, span);
    assert_true(trace_parent_is_valid(child));
    assert_memory_equal(child, given, 36);
    assert_memory_equal(child + 36, span, 16);
    assert_memory_not_equal(child + 36, given + 36, 16);
}

static void test_trace_ids_differ_by_run_step_and_attempt(void **state) {
    (void)state;
    char a[TRACE_SPAN_SIZE];
    char b[TRACE_SPAN_SIZE];
    char one[TRACE_ID_SIZE];
    char two[TRACE_ID_SIZE];
    trace_span("run", 1, 23, a);
    trace_span("run", 12, 3, b);
    assert_string_not_equal(a, b);
    trace_span("run", TRACE_RUN, 0, b);
    assert_string_not_equal(a, b);
    trace_id(NULL, "run-1", one);
    trace_id("nonsense", "run-2", two);
    assert_int_equal(strlen(one), 32);
    assert_string_not_equal(one, two);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trace_takes_only_a_well_formed_parent),
        cmocka_unit_test(test_trace_of_a_child_is_the_parents_with_a_span_of_its_own),
        cmocka_unit_test(test_trace_ids_differ_by_run_step_and_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
