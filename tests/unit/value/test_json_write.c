/*
 * The writer of JSON pieces: commas, line ends and escapes are where json_print() has them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "value/json.h"
#include "value/json_write.h"

static void write_sample(struct str *out, enum json_style style) {
    struct json_writer w = json_writer(out, style);
    json_begin_object(&w);
    json_put_text(&w, "text", "a \"b\"\n");
    json_put_text(&w, "none", NULL);
    json_put_int(&w, "int", INT64_MIN);
    json_put_uint(&w, "uint", UINT64_MAX);
    json_put_bool(&w, "yes", true);
    json_key(&w, "empty");
    json_begin_list(&w);
    json_end_list(&w);
    json_key(&w, "list");
    json_begin_list(&w);
    json_write_uint(&w, 1);
    json_begin_object(&w);
    json_end_object(&w);
    json_write_text(&w, "x");
    json_end_list(&w);
    json_end_object(&w);
}

static void test_json_write_compact_has_no_blanks(void **state) {
    (void)state;
    AUTO(str) struct str out = STR_INIT(0);
    write_sample(&out, JSON_COMPACT);
    assert_string_equal(str_text(&out),
                        "{\"text\":\"a \\\"b\\\"\\n\",\"none\":null,\"int\":-9223372036854775808,"
                        "\"uint\":18446744073709551615,\"yes\":true,\"empty\":[],"
                        "\"list\":[1,{},\"x\"]}");
}

static void test_json_write_pretty_equals_the_printer(void **state) {
    (void)state;
    AUTO(str) struct str written = STR_INIT(0);
    AUTO(str) struct str printed = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(arena) struct arena a = ARENA_INIT(0);
    const struct value *v = NULL;
    struct json_options options = {0};
    write_sample(&written, JSON_PRETTY);
    assert_true(json_parse(&a, written.data, written.len, &options, &v, NULL, &err));
    json_print(&printed, v, JSON_PRETTY);
    assert_string_equal(str_text(&written), str_text(&printed));
}

static void test_json_write_value_goes_on_at_its_depth(void **state) {
    (void)state;
    static const char text[] =
        "{\n  \"outer\": {\n    \"a\": [\n      1,\n      {\n        \"b\": null\n"
        "      }\n    ],\n    \"c\": {}\n  },\n  \"after\": false\n}";
    AUTO(str) struct str out = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(arena) struct arena a = ARENA_INIT(0);
    const struct value *v = NULL;
    struct json_options options = {0};
    static const char inner[] = "{\"a\":[1,{\"b\":null}],\"c\":{}}";
    assert_true(json_parse(&a, inner, sizeof inner - 1, &options, &v, NULL, &err));
    struct json_writer w = json_writer(&out, JSON_PRETTY);
    json_begin_object(&w);
    json_put_value(&w, "outer", v);
    json_put_bool(&w, "after", false);
    json_end_object(&w);
    assert_string_equal(str_text(&out), text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_write_compact_has_no_blanks),
        cmocka_unit_test(test_json_write_pretty_equals_the_printer),
        cmocka_unit_test(test_json_write_value_goes_on_at_its_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
