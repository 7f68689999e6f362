/* The part of a condition that a wait shows while it does not hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "expr/expr.h"
#include "value/value.h"

static void check_subject(const char *condition, const char *expected) {
    struct arena a;
    AUTO(err) struct err err = ERR_INIT;
    struct expr *e = NULL;
    const char *text = NULL;
    arena_init(&a, 0);
    assert_true(expr_compile(&a, condition, strlen(condition), NULL, &e, &err));
    const struct expr *subject = expr_subject(e, &a, &text);
    if (expected == NULL) {
        assert_null(subject);
    } else {
        assert_non_null(subject);
        assert_string_equal(text, expected);
    }
    arena_release(&a);
}

static void test_subject_of_a_comparison_is_the_side_that_changes(void **state) {
    (void)state;
    check_subject("entity.status.state == 'running'", "entity.status.state");
    check_subject("'done' == s", "s");
    check_subject("length(items) >= `3`", "length(items)");
    check_subject("$result.code < -1", "$result.code");
    check_subject("`1` == `2`", NULL);
}

static void test_subject_of_a_test_is_what_is_tested(void **state) {
    (void)state;
    check_subject("ready", "ready");
    check_subject("!busy", "busy");
    check_subject("contains(`[\"ok\", \"done\"]`, phase)", "phase");
    check_subject("starts_with(phase, 'run')", "phase");
    check_subject("all[0].ready", "all[0].ready");
}

static void test_subject_of_several_conditions_is_the_firsts(void **state) {
    (void)state;
    check_subject("s == 'done' || s == 'ended'", "s");
    check_subject("`true` && n > 2 && m > 3", "n");
}

static void test_subject_is_none_where_nothing_can_be_named(void **state) {
    (void)state;
    check_subject("@", NULL);
    check_subject("`true`", NULL);
    check_subject("entity | state == 'x'", NULL);
    check_subject("items[?state != 'ok']", NULL);
}

static void test_subject_evaluates_to_its_value_and_no_more(void **state) {
    (void)state;
    struct arena a;
    AUTO(err) struct err err = ERR_INIT;
    struct expr *e = NULL;
    const char *text = NULL;
    const struct value *v = NULL;
    arena_init(&a, 0);
    struct list_builder b;
    list_begin(&b, &a);
    list_add(&b, &value_null);
    const char *condition = "length(@) > 2";
    assert_true(expr_compile(&a, condition, strlen(condition), NULL, &e, &err));
    const struct expr *subject = expr_subject(e, &a, &text);
    struct expr_run run = {.current = list_end(&b)};
    assert_true(expr_eval(subject, &run, &a, &v, &err));
    assert_string_equal(v->as.text, "1");
    assert_string_equal(expr_text(subject), condition);
    arena_release(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subject_of_a_comparison_is_the_side_that_changes),
        cmocka_unit_test(test_subject_of_a_test_is_what_is_tested),
        cmocka_unit_test(test_subject_of_several_conditions_is_the_firsts),
        cmocka_unit_test(test_subject_is_none_where_nothing_can_be_named),
        cmocka_unit_test(test_subject_evaluates_to_its_value_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
