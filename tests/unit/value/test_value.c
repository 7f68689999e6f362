/* value/value: building, looking up, exact numbers, equality, copies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"
#include "value/json.h"
#include "value/value.h"

#include <math.h>
#include <string.h>

static int make_arena(void **state) {
    struct arena *a = mem_alloc(sizeof *a);
    arena_init(a, 0);
    *state = a;
    return 0;
}

static int free_arena(void **state) {
    arena_release(*state);
    mem_free(*state);
    return 0;
}

static void check_json(const struct value *v, const char *expected) {
    AUTO(str) struct str text = STR_INIT(0);
    json_print(&text, v, JSON_COMPACT);
    assert_string_equal(str_text(&text), expected);
}

static const struct value *number(struct arena *a, const char *text) {
    return value_number_text(a, text, strlen(text));
}

static void test_value_type_names_are_those_of_jmespath(void **state) {
    struct arena *a = *state;
    assert_string_equal(value_type_name(&value_null), "null");
    assert_string_equal(value_type_name(&value_true), "boolean");
    assert_string_equal(value_type_name(value_int(a, 1)), "number");
    assert_string_equal(value_type_name(&value_empty_string), "string");
    assert_string_equal(value_type_name(&value_empty_list), "array");
    assert_string_equal(value_type_name(&value_empty_object), "object");
}

static void test_value_strings_have_a_length_and_a_nul(void **state) {
    struct arena *a = *state;
    const struct value *v = value_string(a, "a\0b", 3);
    assert_int_equal(v->len, 3);
    assert_memory_equal(v->as.text, "a\0b", 4);
    assert_ptr_equal(value_string(a, "", 0), &value_empty_string);
    assert_string_equal(value_text(value_cstring(a, "abc")), "abc");
    assert_null(value_text(value_int(a, 1)));
    assert_null(value_text(NULL));
    static const char kept[] = "kept";
    assert_ptr_equal(value_string_keep(a, kept, 4)->as.text, kept);
    const struct value *lossy = value_lossy_string(a, "", 0);
    assert_int_equal(lossy->flags, VALUE_LOSSY);
    assert_int_equal(value_copy(a, lossy)->flags, VALUE_LOSSY);
}

static void test_value_numbers_print_as_they_came(void **state) {
    struct arena *a = *state;
    static const char *const texts[] = {"9223372036854775808",
                                        "0.1000000000000000055511151231257827",
                                        "1e400",
                                        "1.0",
                                        "-0",
                                        "1E+2"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        check_json(number(a, texts[i]), texts[i]);
        check_json(value_copy(a, number(a, texts[i])), texts[i]);
    }
    assert_true(isinf(number(a, "1e400")->aux.number));
    check_json(value_int(a, INT64_MIN), "-9223372036854775808");
    check_json(value_double(a, 0.1), "0.1");
    check_json(value_double(a, 3), "3");
}

static void test_value_as_i64_takes_integers_however_they_are_written(void **state) {
    struct arena *a = *state;
    static const struct {
        const char *text;
        int64_t n;
    } good[] = {
        {"7", 7},
        {"1.0", 1},
        {"1e3", 1000},
        {"1.5e1", 15},
        {"-1200e-2", -12},
        {"-0.0", 0},
        {"0e999999999999999999999", 0},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"9223372036854775807.000", INT64_MAX},
        {"922337203685477580.7e1", INT64_MAX},
        {"1.701802812862e+12", 1701802812862},
        {"0.00001e5", 1},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t n = -99;
        if (!value_as_i64(number(a, good[i].text), &n)) {
            fail_msg("%s", good[i].text);
        }
        assert_int_equal(n, good[i].n);
    }
    static const char *const bad[] = {
        "1.5", "9223372036854775808",    "-9223372036854775809", "1e19", "1e400", "1e-1",
        "0.1", "1e999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t n = -99;
        assert_false(value_as_i64(number(a, bad[i]), &n));
        assert_int_equal(n, -99);
    }
    int64_t n = 0;
    assert_false(value_as_i64(value_cstring(a, "7"), &n));
    assert_false(value_as_i64(NULL, &n));
}

/* Ascending; those in one row are equal. */
static const char *const ordered[][4] = {
    {"-1e400", "-10e399"},
    {"-9223372036854775809"},
    {"-9223372036854775808", "-9.223372036854775808e18"},
    {"-1.5", "-15e-1"},
    {"-1", "-1.0", "-10e-1"},
    {"-1e-400"},
    {"0", "-0", "0.0", "-0e5"},
    {"1e-400", "0.1e-399"},
    {"0.1", "1e-1", "0.10"},
    {"0.1000000000000000000000000000000001"},
    {"1", "1.0", "1e0", "0.001e3"},
    {"1.0000000000000000000000000000001"},
    {"9007199254740992", "9007199254740992.0"},
    {"9007199254740993"},
    {"9223372036854775807"},
    {"9223372036854775808"},
    {"100000000000000000000000000000000000001"},
    {"100000000000000000000000000000000000002"},
    {"1e400", "10e399", "0.1e401"},
    {"1.0000001e400"},
    {"1e401"},
    {"1e999999999999999999"},
};

static void test_value_compare_is_exact_for_numbers_of_any_length(void **state) {
    struct arena *a = *state;
    size_t n_rows = sizeof ordered / sizeof ordered[0];
    for (size_t i = 0; i < n_rows * 4; i++) {
        for (size_t k = 0; k < n_rows * 4; k++) {
            const char *x = ordered[i / 4][i % 4];
            const char *y = ordered[k / 4][k % 4];
            if (x == NULL || y == NULL) {
                continue;
            }
            int expected = (i / 4 > k / 4) - (i / 4 < k / 4);
            if (value_compare(number(a, x), number(a, y)) != expected) {
                fail_msg("%s and %s", x, y);
            }
            assert_int_equal(value_equal(number(a, x), number(a, y)), expected == 0);
        }
    }
}

static void test_value_compare_orders_strings_by_code_point(void **state) {
    struct arena *a = *state;
    static const char *const texts[] = {"", "A", "a", "aa", "b", "é", "～", "😀"};
    size_t n = sizeof texts / sizeof texts[0];
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            int order = value_compare(value_cstring(a, texts[i]), value_cstring(a, texts[k]));
            assert_int_equal(order, (i > k) - (i < k));
        }
    }
}

static void test_value_truth_is_that_of_jmespath(void **state) {
    struct arena *a = *state;
    struct list_builder list;
    list_begin(&list, a);
    list_add(&list, &value_null);
    const struct value *list_of_null = list_end(&list);
    assert_false(value_truth(&value_null));
    assert_false(value_truth(&value_false));
    assert_false(value_truth(&value_empty_string));
    assert_false(value_truth(&value_empty_list));
    assert_false(value_truth(&value_empty_object));
    assert_true(value_truth(&value_true));
    assert_true(value_truth(value_int(a, 0)));
    assert_true(value_truth(value_cstring(a, "false")));
    assert_true(value_truth(list_of_null));
    assert_ptr_equal(value_bool(true), &value_true);
    assert_ptr_equal(value_bool(false), &value_false);
}

static const struct value *object_of(struct arena *a, int n_members) {
    struct object_builder object;
    AUTO(str) struct str key = STR_INIT(0);
    object_begin(&object, a);
    for (int i = 0; i < n_members; i++) {
        str_reset(&key);
        str_addf(&key, "key%d", i);
        assert_false(object_put(&object, key.data, key.len, value_int(a, i)));
    }
    return object_end(&object);
}

static void check_members(const struct value *v, int n_members) {
    AUTO(str) struct str key = STR_INIT(0);
    assert_int_equal(v->len, n_members);
    for (int i = 0; i < n_members; i++) {
        int64_t n = -1;
        str_reset(&key);
        str_addf(&key, "key%d", i);
        assert_string_equal(v->as.members[i].key, str_text(&key));
        assert_true(value_as_i64(value_get(v, str_text(&key)), &n));
        assert_int_equal(n, i);
    }
    assert_null(value_get(v, "key"));
    assert_null(value_get(v, "Key0"));
    assert_int_equal(value_get_len(v, "key0x", 4) != NULL, n_members > 0);
}

static void test_value_objects_of_every_size_find_their_members(void **state) {
    struct arena *a = *state;
    static const int sizes[] = {0, 1, 7, 8, 9, 15, 16, 17, 33, 100, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const struct value *v = object_of(a, sizes[i]);
        struct arena other = ARENA_INIT(0);
        check_members(v, sizes[i]);
        const struct value *copy = value_copy(&other, v);
        check_members(copy, sizes[i]);
        assert_true(value_equal(v, copy));
        arena_release(&other);
    }
}

static void test_value_object_put_replaces_in_place(void **state) {
    struct arena *a = *state;
    for (int n = 3; n < 30; n++) { /* without and with an index */
        struct object_builder object;
        object_begin(&object, a);
        for (int i = 0; i < n; i++) {
            char key[2] = {(char)('A' + i), '\0'};
            assert_false(object_put_c(&object, key, value_int(a, i)));
        }
        assert_true(object_put_c(&object, "B", &value_true));
        const struct value *v = object_end(&object);
        assert_int_equal(v->len, n);
        assert_string_equal(v->as.members[1].key, "B");
        assert_ptr_equal(value_get(v, "B"), &value_true);
    }
}

static void test_value_objects_like_a_model_share_its_keys(void **state) {
    struct arena *a = *state;
    static const int sizes[] = {0, 3, 20};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const struct value *model = object_of(a, sizes[i]);
        const struct value *values[20];
        for (int k = 0; k < sizes[i]; k++) {
            values[k] = model->as.members[sizes[i] - 1 - k].value;
        }
        const struct value *v = object_like(a, model, values);
        assert_int_equal(v->len, sizes[i]);
        for (int k = 0; k < sizes[i]; k++) {
            assert_ptr_equal(v->as.members[k].key, model->as.members[k].key);
            assert_ptr_equal(value_get(v, model->as.members[k].key), values[k]);
        }
        check_members(model, sizes[i]);
    }
}

static void test_value_keys_may_hold_nul(void **state) {
    struct arena *a = *state;
    struct object_builder object;
    object_begin(&object, a);
    assert_false(object_put(&object, "a\0b", 3, &value_true));
    assert_false(object_put(&object, "a", 1, &value_false));
    const struct value *v = object_end(&object);
    assert_ptr_equal(value_get_len(v, "a\0b", 3), &value_true);
    assert_ptr_equal(value_get(v, "a"), &value_false);
}

static void test_value_path_walks_keys(void **state) {
    struct arena *a = *state;
    struct object_builder inner;
    struct object_builder outer;
    object_begin(&inner, a);
    (void)object_put_c(&inner, "state", value_cstring(a, "active")); /* new: nothing is replaced */
    object_begin(&outer, a);
    (void)object_put_c(&outer, "status", object_end(&inner)); /* as above */
    const struct value *v = object_end(&outer);
    assert_string_equal(value_text(value_path(v, "status.state")), "active");
    assert_int_equal(value_path(v, "status")->type, VALUE_OBJECT);
    assert_null(value_path(v, "status.other"));
    assert_null(value_path(v, "status.state.deeper"));
    assert_null(value_path(v, ""));
    assert_null(value_path(NULL, "x"));
    assert_null(value_get(value_int(a, 1), "x"));
}

static void test_value_equal_ignores_member_order_and_spelling_of_numbers(void **state) {
    struct arena *a = *state;
    struct object_builder x;
    struct object_builder y;
    object_begin(&x, a);
    object_begin(&y, a);
    (void)object_put_c(&x, "p", number(a, "1")); /* these are all new */
    (void)object_put_c(&x, "q", &value_null);
    (void)object_put_c(&y, "q", &value_null);
    (void)object_put_c(&y, "p", number(a, "1.0"));
    const struct value *vx = object_end(&x);
    const struct value *vy = object_end(&y);
    assert_true(value_equal(vx, vy));
    object_begin(&y, a);
    (void)object_put_c(&y, "q", &value_null);
    (void)object_put_c(&y, "r", number(a, "1.0"));
    assert_false(value_equal(vx, object_end(&y)));
    assert_false(value_equal(vx, &value_empty_object));
    assert_false(value_equal(&value_empty_object, &value_empty_list));
    assert_false(value_equal(value_cstring(a, "1"), value_int(a, 1)));
    assert_false(value_equal(&value_true, &value_false));
}

static void test_value_lists_grow_and_keep_order(void **state) {
    struct arena *a = *state;
    struct list_builder list;
    list_begin(&list, a);
    for (int i = 0; i < 1000; i++) {
        list_add(&list, value_int(a, i));
    }
    const struct value *v = list_end(&list);
    assert_int_equal(v->len, 1000);
    for (int i = 0; i < 1000; i++) {
        int64_t n = -1;
        assert_true(value_as_i64(v->as.items[i], &n));
        assert_int_equal(n, i);
    }
    list_begin(&list, a);
    assert_ptr_equal(list_end(&list), &value_empty_list);
}

static void test_value_copy_needs_its_own_arena_only(void **state) {
    struct arena *a = *state;
    struct arena source = ARENA_INIT(0);
    struct list_builder list;
    list_begin(&list, &source);
    list_add(&list, value_cstring(&source, "text"));
    list_add(&list, number(&source, "1.50"));
    list_add(&list, &value_true);
    list_add(&list, &value_null);
    list_add(&list, object_of(&source, 3));
    const struct value *copy = value_copy(a, list_end(&list));
    arena_release(&source); /* the sanitizer sees it when the copy still points there */
    check_json(copy, "[\"text\",1.50,true,null,{\"key0\":0,\"key1\":1,\"key2\":2}]");
}

static void test_value_unknown_is_carried_by_what_holds_it(void **state) {
    struct arena *a = *state;
    const struct value *unknown = value_unknown(a, "step 'a' has run");
    struct list_builder list;
    list_begin(&list, a);
    list_add(&list, &value_true);
    list_add(&list, unknown);
    struct object_builder object;
    object_begin(&object, a);
    object_put_c(&object, "known", &value_true);
    object_put_c(&object, "list", list_end(&list));
    const struct value *whole = object_end(&object);
    assert_true((whole->flags & VALUE_UNKNOWN) != 0);
    assert_string_equal(value_unknown_until(whole), "step 'a' has run");
    assert_int_equal(value_get(whole, "known")->flags, 0);
    check_json(whole, "{\"known\":true,\"list\":[true,null]}");
    struct arena other = ARENA_INIT(0);
    const struct value *copy = value_copy(&other, whole);
    assert_true((copy->flags & VALUE_UNKNOWN) != 0);
    assert_string_equal(value_unknown_until(copy), "step 'a' has run");
    arena_release(&other);
}

#define IN_ARENA(test) cmocka_unit_test_setup_teardown(test, make_arena, free_arena)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_ARENA(test_value_type_names_are_those_of_jmespath),
        IN_ARENA(test_value_strings_have_a_length_and_a_nul),
        IN_ARENA(test_value_numbers_print_as_they_came),
        IN_ARENA(test_value_as_i64_takes_integers_however_they_are_written),
        IN_ARENA(test_value_compare_is_exact_for_numbers_of_any_length),
        IN_ARENA(test_value_compare_orders_strings_by_code_point),
        IN_ARENA(test_value_truth_is_that_of_jmespath),
        IN_ARENA(test_value_objects_of_every_size_find_their_members),
        IN_ARENA(test_value_object_put_replaces_in_place),
        IN_ARENA(test_value_objects_like_a_model_share_its_keys),
        IN_ARENA(test_value_keys_may_hold_nul),
        IN_ARENA(test_value_path_walks_keys),
        IN_ARENA(test_value_equal_ignores_member_order_and_spelling_of_numbers),
        IN_ARENA(test_value_lists_grow_and_keep_order),
        IN_ARENA(test_value_copy_needs_its_own_arena_only),
        IN_ARENA(test_value_unknown_is_carried_by_what_holds_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
