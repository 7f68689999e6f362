/* Functions that compare whole values: covers, difference, json_pointer, pick, unique; and what
 * `one` says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "evaluate.h"

static void test_covers_looks_at_wanted_members_only(void **state) {
    (void)state;
    check_result("covers(@, {a: {b: `1`}})", "{\"a\":{\"b\":1.0,\"c\":2},\"d\":3}", "true");
    check_result("covers(@, {a: {b: `2`}})", "{\"a\":{\"b\":1}}", "false");
    check_result("covers(@, {x: `null`})", "{\"a\":1}", "false");
    check_result("covers(l, [`1`])", "{\"l\":[1,2]}", "false");
}

static void test_difference_keeps_order_and_compares_deeply(void **state) {
    (void)state;
    check_result("difference(a, b)", "{\"a\":[{\"x\":1},2,{\"x\":2},2],\"b\":[{\"x\":1.0}]}",
                 "[2,{\"x\":2},2]");
    check_result("difference(a, a)", "{\"a\":[1,\"1\",null]}", "[]");
    check_result("unique(@)", "[1,1.0,{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]",
                 "[1,{\"a\":1,\"b\":2}]");
}

static void test_json_pointer_walks_lists_and_escapes(void **state) {
    (void)state;
    check_result("json_pointer(@, '/a/1/b~1c')", "{\"a\":[0,{\"b/c\":7}]}", "7");
    check_result("json_pointer(@, '')", "{\"a\":1}", "{\"a\":1}");
    check_result("json_pointer(@, '/a/9')", "{\"a\":[0]}", "null");
    check_result("json_pointer(@, '/~01')", "{\"~1\":5}", "5");
}

static void test_pick_takes_names_in_their_order(void **state) {
    (void)state;
    check_result("pick(@, ['b', 'x', 'a'])", "{\"a\":1,\"b\":2,\"c\":3}", "{\"b\":2,\"a\":1}");
}

static void test_one_names_what_it_found(void **state) {
    (void)state;
    check_error(
        "one(p)",
        "{\"p\":[{\"metadata\":{\"id\":\"i1\"},\"entity\":{\"name\":\"n1\"}},{\"id\":\"i2\"},7]}",
        "line 1:5: error[invalid-value]: one(): expected exactly one element, found 3: i1 'n1', "
        "i2, 7\n"
        "  one(p)\n"
        "      ^\n"
        "hint: names are not always unique: filter further, or take one on purpose with [0]\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_covers_looks_at_wanted_members_only),
        cmocka_unit_test(test_difference_keeps_order_and_compares_deeply),
        cmocka_unit_test(test_json_pointer_walks_lists_and_escapes),
        cmocka_unit_test(test_pick_takes_names_in_their_order),
        cmocka_unit_test(test_one_names_what_it_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
