/* Limits: no expression hangs or exhausts the program, each limit at its value and one past. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "evaluate.h"
#include "expr/expr.h"
#include "maxima.h"
#include "value/value.h"

#include <string.h>

/* NULL: it works; else the kind of the error. */
static const char *outcome(const char *text, size_t len, const struct value *current) {
    struct arena a = ARENA_INIT(0);
    struct err err = ERR_INIT;
    struct expr *e = NULL;
    const struct value *v = NULL;
    struct expr_run run = {.current = current};
    if (expr_compile(&a, text, len, NULL, &e, &err)) {
        expr_eval(e, &run, &a, &v, &err);
    }
    const char *kind = err.kind;
    err_release(&err);
    arena_release(&a);
    return kind;
}

static void check_limit(const char *text, const struct value *current) {
    const char *kind = outcome(text, strlen(text), current);
    assert_non_null(kind);
    assert_string_equal(kind, "expr-limit");
}

static void nest(struct str *out, const char *open, const char *middle, const char *close,
                 size_t n) {
    for (size_t i = 0; i < n; i++) {
        str_add(out, open);
    }
    str_add(out, middle);
    for (size_t i = 0; i < n; i++) {
        str_add(out, close);
    }
}

static void check_nesting(const char *open, const char *middle, const char *close) {
    static const size_t deep[] = {LIMIT_EXPR_DEPTH, 2000, 9000};
    AUTO(str) struct str text = STR_INIT(0);
    nest(&text, open, middle, close, LIMIT_EXPR_DEPTH / 2 - 2);
    assert_null(outcome(str_text(&text), text.len, &value_null));
    for (size_t i = 0; i < sizeof deep / sizeof deep[0]; i++) {
        str_reset(&text);
        nest(&text, open, middle, close, deep[i]);
        if (text.len <= LIMIT_EXPR_BYTES) {
            check_limit(str_text(&text), &value_null);
        }
    }
}

static void test_limits_depth_of_nesting(void **state) {
    (void)state;
    check_nesting("(", "a", ")");
    check_nesting("[", "a", "]");
    check_nesting("{a: ", "b", "}");
    check_nesting("!", "a", "");
    check_nesting("a[?", "b", "]");
    check_nesting("to_array(", "a", ")");
    check_nesting("a ? b : ", "c", "");
    check_nesting("let $a = b in ", "c", "");
    check_nesting("a[*].", "b", "");
}

static void test_limits_depth_at_its_value_and_one_past(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    nest(&text, "(", "a", ")", LIMIT_EXPR_DEPTH - 1);
    assert_null(outcome(str_text(&text), text.len, &value_null));
    str_reset(&text);
    nest(&text, "(", "a", ")", LIMIT_EXPR_DEPTH);
    check_limit(str_text(&text), &value_null);
}

/* What is long without being nested is not deep. */
static void test_limits_long_chains_are_flat(void **state) {
    (void)state;
    static const char *const steps[] = {" || a", " && a", " | a", ".a", "[0]"};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        AUTO(str) struct str text = STR_INIT(0);
        nest(&text, "", "a", steps[i], 3000);
        assert_null(outcome(str_text(&text), text.len, &value_null));
    }
}

static void test_limits_length_at_its_value_and_one_past(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    str_add_char(&text, 'a');
    str_add_repeat(&text, ' ', LIMIT_EXPR_BYTES - 1);
    assert_null(outcome(str_text(&text), text.len, &value_null));
    str_add_char(&text, ' ');
    check_limit(str_text(&text), &value_null);
}

static const struct value *numbers(struct arena *a, size_t n) {
    struct list_builder list;
    list_begin(&list, a);
    for (size_t i = 0; i < n; i++) {
        list_add(&list, value_int(a, (int64_t)i));
    }
    return list_end(&list);
}

static void test_limits_steps_of_one_evaluation(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    const struct value *list = numbers(&a, 3000);
    assert_null(outcome("[*].[$[*].[@]] | length(@)", 26, numbers(&a, 100)));
    check_limit("map(&map(&map(&@, $), $), @)", list);
    check_limit("[*].contains(map(&[@], $), [$])", list);
    check_limit("@ | [?$ == [$, $] || $ != $[0:3001] || contains($, `-1`)] | [0]",
                numbers(&a, 30000));
    arena_release(&a);
}

static void test_limits_memory_of_one_evaluation(void **state) {
    (void)state;
    check_limit("pad_left('x', `1e12`)", &value_null);
    check_limit("pad_right('x', `1e300`)", &value_null);
    AUTO(str) struct str text = STR_INIT(0);
    str_add(&text, "let $a = pad_left('', `100000`, 'a') in replace($a, 'a', $a)");
    check_limit(str_text(&text), &value_null);
    check_limit("let $a = pad_left('', `60000000`) in join($a, ['', '', '', '', '', '', ''])",
                &value_null);
    check_limit(
        "let $a = pad_left('', `1000000`) in map(&url_encode(pad_left(to_string(@), length($a))), "
        "split(pad_left('', `100`, 'x'), ''))[*].replace(@, '%', '%%%%%%%%')",
        &value_null);
}

static void test_limits_regular_expressions(void **state) {
    (void)state;
    static const char text[] = "matches(pad_left('b', `60`, 'a'), '^(a|aa|a?)+$')";
    const char *kind = outcome(text, strlen(text), &value_null);
    assert_non_null(kind);
    assert_string_equal(kind, "regex-limit");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_depth_of_nesting),
        cmocka_unit_test(test_limits_depth_at_its_value_and_one_past),
        cmocka_unit_test(test_limits_long_chains_are_flat),
        cmocka_unit_test(test_limits_length_at_its_value_and_one_past),
        cmocka_unit_test(test_limits_steps_of_one_evaluation),
        cmocka_unit_test(test_limits_memory_of_one_evaluation),
        cmocka_unit_test(test_limits_regular_expressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
