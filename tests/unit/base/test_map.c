/* base/map: insertion order, replacing, growth, keys with any bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"

static void test_map_finds_nothing_when_empty(void **state) {
    (void)state;
    AUTO(map) struct map m = MAP_INIT;
    assert_null(map_get(&m, "a"));
    assert_null(map_get_len(&m, "", 0));
    map_release(NULL);
}

static void test_map_put_returns_what_it_replaces_and_keeps_the_place(void **state) {
    (void)state;
    AUTO(map) struct map m = MAP_INIT;
    int one = 1;
    int two = 2;
    int three = 3;
    assert_null(map_put(&m, "a", &one));
    assert_null(map_put(&m, "b", &two));
    assert_ptr_equal(map_put(&m, "a", &three), &one);
    assert_int_equal(m.n_entries, 2);
    assert_string_equal(m.entries[0].key, "a");
    assert_ptr_equal(m.entries[0].value, &three);
    assert_string_equal(m.entries[1].key, "b");
}

static void test_map_tells_keys_apart_by_every_byte(void **state) {
    (void)state;
    AUTO(map) struct map m = MAP_INIT;
    int values[4];
    assert_null(map_put_len(&m, "", 0, &values[0]));
    assert_null(map_put_len(&m, "a\0b", 3, &values[1]));
    assert_null(map_put_len(&m, "a", 1, &values[2]));
    assert_null(map_put_len(&m, "A", 1, &values[3]));
    assert_ptr_equal(map_get(&m, ""), &values[0]);
    assert_ptr_equal(map_get_len(&m, "a\0b", 3), &values[1]);
    assert_ptr_equal(map_get(&m, "a"), &values[2]);
    assert_ptr_equal(map_get(&m, "A"), &values[3]);
    assert_null(map_get_len(&m, "a\0c", 3));
}

static void test_map_finds_all_of_many_in_insertion_order(void **state) {
    (void)state;
    enum { N = 20000 };
    AUTO(map) struct map m = MAP_INIT;
    AUTO(str) struct str key = STR_INIT(0);
    int *values = mem_zalloc(N, sizeof *values);
    for (int i = 0; i < N; i++) {
        str_reset(&key);
        str_addf(&key, "key-%d", i);
        assert_null(map_put_len(&m, key.data, key.len, &values[i]));
    }
    for (int i = 0; i < N; i++) {
        str_reset(&key);
        str_addf(&key, "key-%d", i);
        assert_ptr_equal(map_get(&m, str_text(&key)), &values[i]);
        assert_string_equal(m.entries[i].key, str_text(&key));
    }
    assert_null(map_get(&m, "key-20000"));
    mem_free(values);
}

static void test_map_hash_depends_on_every_byte_and_the_length(void **state) {
    (void)state;
    char text[40] = {0};
    uint64_t zero_hash = map_hash(text, sizeof text);
    assert_true(map_hash(text, sizeof text) == zero_hash);
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = 1;
        assert_true(map_hash(text, sizeof text) != zero_hash);
        text[i] = 0;
        assert_true(map_hash(text, i) != zero_hash);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_finds_nothing_when_empty),
        cmocka_unit_test(test_map_put_returns_what_it_replaces_and_keeps_the_place),
        cmocka_unit_test(test_map_tells_keys_apart_by_every_byte),
        cmocka_unit_test(test_map_finds_all_of_many_in_insertion_order),
        cmocka_unit_test(test_map_hash_depends_on_every_byte_and_the_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
