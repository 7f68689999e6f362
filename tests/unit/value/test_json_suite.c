/*
 * value/json against JSONTestSuite: y_ accepted, n_ rejected with a place, i_ by the rules of
 * json.h; what is accepted prints and reads back as the same value.
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
#include "unit/base/outside.h"
#include "value/json.h"
#include "value/value.h"

#include <stdio.h>
#include <string.h>

/* i_ files that are rejected; all others (numbers beyond doubles, 500 levels, a byte order mark)
 * are accepted. */
static const char *const rejected_i[] = {
    "i_object_key_lone_2nd_surrogate.json",
    "i_string_1st_surrogate_but_2nd_missing.json",
    "i_string_1st_valid_surrogate_2nd_invalid.json",
    "i_string_UTF-16LE_with_BOM.json",
    "i_string_UTF-8_invalid_sequence.json",
    "i_string_UTF8_surrogate_U+D800.json",
    "i_string_incomplete_surrogate_and_escape_valid.json",
    "i_string_incomplete_surrogate_pair.json",
    "i_string_incomplete_surrogates_escape_valid.json",
    "i_string_invalid_lonely_surrogate.json",
    "i_string_invalid_surrogate.json",
    "i_string_invalid_utf-8.json",
    "i_string_inverted_surrogates_U+1D11E.json",
    "i_string_iso_latin_1.json",
    "i_string_lone_second_surrogate.json",
    "i_string_lone_utf8_continuation_byte.json",
    "i_string_not_in_unicode_range.json",
    "i_string_overlong_sequence_2_bytes.json",
    "i_string_overlong_sequence_6_bytes.json",
    "i_string_overlong_sequence_6_bytes_null.json",
    "i_string_truncated-utf-8.json",
    "i_string_utf16BE_no_BOM.json",
    "i_string_utf16LE_no_BOM.json",
};

static bool is_expected(const char *name) {
    if (name[0] == 'i') {
        for (size_t i = 0; i < sizeof rejected_i / sizeof rejected_i[0]; i++) {
            if (strcmp(name, rejected_i[i]) == 0) {
                return false;
            }
        }
    }
    return name[0] != 'n';
}

static void check_round_trip(const struct value *v) {
    struct arena a = ARENA_INIT(0);
    AUTO(str) struct str printed = STR_INIT(0);
    AUTO(str) struct str again = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct json_options options = {.name = NULL};
    const struct value *copy = NULL;
    json_print(&printed, v, JSON_PRETTY);
    assert_true(json_parse(&a, str_text(&printed), printed.len, &options, &copy, NULL, &err));
    assert_true(value_equal(v, copy));
    json_print(&again, copy, JSON_PRETTY);
    assert_string_equal(str_text(&printed), str_text(&again));
    arena_release(&a);
}

static void check_file(const char *name, const struct str *text) {
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct json_options options = {.name = name};
    const struct value *v = NULL;
    bool is_read = json_parse(&a, str_text(text), text->len, &options, &v, NULL, &err);
    if (is_read != is_expected(name)) {
        fail_msg("%s: %s", name, is_read ? "accepted" : err.message);
    }
    if (is_read) {
        check_round_trip(v);
    } else if (err.place.line == 0 || err.place.col == 0) {
        fail_msg("%s: '%s' has no place", name, err.message);
    }
    arena_release(&a);
}

static void test_json_suite_parsing(void **state) {
    (void)state;
    AUTO(str) struct str folder = STR_INIT(0);
    if (!outside_path("suites/JSONTestSuite/test_parsing", &folder)) {
        skip();
    }
    size_t n_names = 0;
    char **names = outside_names(str_text(&folder), &n_names);
    AUTO(str) struct str text = STR_INIT(0);
    for (size_t i = 0; i < n_names; i++) {
        assert_true(outside_read(str_text(&folder), names[i], &text));
        check_file(names[i], &text);
    }
    assert_true(n_names > 300);
    outside_free_names(names, n_names);
}

/* Inputs where readers differ in what they make of them; ours by the rules of json.h. NULL:
 * rejected. */
static const struct {
    const char *name;
    const char *printed;
} transforms[] = {
    {"number_-9223372036854775808.json", "[-9223372036854775808]"},
    {"number_-9223372036854775809.json", "[-9223372036854775809]"},
    {"number_1.0.json", "[1.0]"},
    {"number_1.000000000000000005.json", "[1.000000000000000005]"},
    {"number_1000000000000000.json", "[1000000000000000]"},
    {"number_10000000000000000999.json", "[10000000000000000999]"},
    {"number_1e-999.json", "[1E-999]"},
    {"number_1e6.json", "[1E6]"},
    {"number_9223372036854775807.json", "[9223372036854775807]"},
    {"number_9223372036854775808.json", "[9223372036854775808]"},
    {"object_key_nfc_nfd.json", "{\"é\":\"NFC\",\"e\xCC\x81\":\"NFD\"}"},
    {"object_key_nfd_nfc.json", "{\"e\xCC\x81\":\"NFD\",\"é\":\"NFC\"}"},
    {"object_same_key_different_values.json", "{\"a\":2}"},
    {"object_same_key_same_value.json", "{\"a\":1}"},
    {"object_same_key_unclear_values.json", "{\"a\":-0}"},
    {"string_1_escaped_invalid_codepoint.json", NULL},
    {"string_1_invalid_codepoint.json", NULL},
    {"string_2_escaped_invalid_codepoints.json", NULL},
    {"string_2_invalid_codepoints.json", NULL},
    {"string_3_escaped_invalid_codepoints.json", NULL},
    {"string_3_invalid_codepoints.json", NULL},
    {"string_with_escaped_NULL.json", "[\"A\\u0000B\"]"},
};

static void test_json_suite_transform(void **state) {
    (void)state;
    AUTO(str) struct str folder = STR_INIT(0);
    if (!outside_path("suites/JSONTestSuite/test_transform", &folder)) {
        skip();
    }
    AUTO(str) struct str text = STR_INIT(0);
    for (size_t i = 0; i < sizeof transforms / sizeof transforms[0]; i++) {
        struct arena a = ARENA_INIT(0);
        AUTO(err) struct err err = ERR_INIT;
        AUTO(str) struct str printed = STR_INIT(0);
        const struct json_options options = {.name = transforms[i].name};
        const struct value *v = NULL;
        if (!outside_read(str_text(&folder), transforms[i].name, &text)) {
            fail_msg("%s is missing", transforms[i].name);
        }
        if (json_parse(&a, str_text(&text), text.len, &options, &v, NULL, &err)) {
            assert_non_null(transforms[i].printed);
            json_print(&printed, v, JSON_COMPACT);
            assert_string_equal(str_text(&printed), transforms[i].printed);
        } else if (transforms[i].printed != NULL) {
            fail_msg("%s: %s", transforms[i].name, err.message);
        }
        arena_release(&a);
    }
    size_t n_names = 0;
    char **names = outside_names(str_text(&folder), &n_names);
    assert_int_equal(n_names, sizeof transforms / sizeof transforms[0]);
    outside_free_names(names, n_names);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_suite_parsing),
        cmocka_unit_test(test_json_suite_transform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
