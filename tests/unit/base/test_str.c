/* base/str: growth, the maximum, what is kept when it is reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

#include <string.h>

static void test_str_is_empty_text_before_anything_was_added(void **state) {
    (void)state;
    AUTO(str) struct str s = STR_INIT(0);
    assert_string_equal(str_text(&s), "");
    assert_int_equal(s.len, 0);
    str_release(&s);
    str_release(NULL);
}

static void test_str_keeps_bytes_with_nul_and_terminates_them(void **state) {
    (void)state;
    AUTO(str) struct str s = STR_INIT(0);
    str_add(&s, "ab");
    str_add_bytes(&s, "c\0d", 3);
    str_add_char(&s, 'e');
    str_add_repeat(&s, '-', 3);
    str_addf(&s, "%d%s", 42, "!");
    assert_int_equal(s.len, 12);
    assert_memory_equal(s.data, "abc\0de---42!", 13);
}

static void test_str_formats_texts_of_any_length(void **state) {
    (void)state;
    char word[1001];
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    for (size_t len = 250; len <= 260; len++) { /* around the internal small buffer */
        AUTO(str) struct str s = STR_INIT(0);
        str_addf(&s, "%.*s", (int)len, word);
        assert_int_equal(s.len, len);
        assert_int_equal(strlen(s.data), len);
    }
    AUTO(str) struct str s = STR_INIT(0);
    str_addf(&s, "%s|", word);
    assert_int_equal(s.len, 1001);
    assert_int_equal(s.data[1000], '|');
}

static void test_str_takes_all_at_its_maximum_and_cuts_one_past_it(void **state) {
    (void)state;
    AUTO(str) struct str s = STR_INIT(5);
    str_add(&s, "abc");
    str_add(&s, "de");
    assert_false(s.is_over);
    assert_string_equal(str_text(&s), "abcde");
    str_add_char(&s, 'f');
    assert_true(s.is_over);
    assert_string_equal(str_text(&s), "abcde");

    AUTO(str) struct str t = STR_INIT(5);
    str_addf(&t, "%s", "abcdefgh");
    assert_true(t.is_over);
    assert_string_equal(str_text(&t), "abcde");
    str_reset(&t);
    assert_false(t.is_over);
    str_add_repeat(&t, 'z', 6);
    assert_true(t.is_over);
    assert_string_equal(str_text(&t), "zzzzz");
}

static void test_str_maximum_is_the_default_when_none_is_given(void **state) {
    (void)state;
    AUTO(str) struct str s = STR_INIT(0);
    assert_true(str_reserve(&s, LIMIT_STR_DEFAULT));
    assert_false(str_reserve(&s, LIMIT_STR_DEFAULT + 1));
    assert_false(str_reserve(&s, SIZE_MAX));
    assert_string_equal(str_text(&s), "");
}

static void test_str_never_cuts_a_character_that_it_encodes(void **state) {
    (void)state;
    AUTO(str) struct str s = STR_INIT(3);
    str_add_utf8(&s, 0xE9);
    str_add_utf8(&s, 0x20AC);
    assert_true(s.is_over);
    assert_string_equal(str_text(&s), "é");
}

static void test_str_encodes_code_points_at_every_border(void **state) {
    (void)state;
    static const struct {
        unsigned cp;
        const char *text;
    } cases[] = {
        {0x7F, "\x7F"},
        {0x80, "\xC2\x80"},
        {0x7FF, "\xDF\xBF"},
        {0x800, "\xE0\xA0\x80"},
        {0xD7FF, "\xED\x9F\xBF"},
        {0xD800, "\xEF\xBF\xBD"},
        {0xDFFF, "\xEF\xBF\xBD"},
        {0xE000, "\xEE\x80\x80"},
        {0xFFFF, "\xEF\xBF\xBF"},
        {0x10000, "\xF0\x90\x80\x80"},
        {0x10FFFF, "\xF4\x8F\xBF\xBF"},
        {0x110000, "\xEF\xBF\xBD"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO(str) struct str s = STR_INIT(0);
        str_add_utf8(&s, cases[i].cp);
        assert_string_equal(str_text(&s), cases[i].text);
    }
    AUTO(str) struct str nul = STR_INIT(0);
    str_add_utf8(&nul, 0);
    assert_int_equal(nul.len, 1);
}

static void test_str_take_moves_the_text_out(void **state) {
    (void)state;
    AUTO(str) struct str s = STR_INIT(10);
    char *empty = str_take(&s);
    assert_string_equal(empty, "");
    mem_free(empty);
    str_add(&s, "text");
    char *text = str_take(&s);
    assert_string_equal(text, "text");
    mem_free(text);
    assert_string_equal(str_text(&s), "");
    assert_int_equal(s.max, 10);
}

static void test_str_cut_shortens_and_never_lengthens(void **state) {
    (void)state;
    AUTO(str) struct str s = STR_INIT(0);
    str_add(&s, "abcdef");
    str_cut(&s, 10);
    assert_string_equal(str_text(&s), "abcdef");
    str_cut(&s, 2);
    assert_string_equal(str_text(&s), "ab");
    str_cut(&s, 0);
    assert_string_equal(str_text(&s), "");
}

static void test_str_starts_and_ends(void **state) {
    (void)state;
    assert_true(str_starts("abc", ""));
    assert_true(str_starts("abc", "abc"));
    assert_false(str_starts("ab", "abc"));
    assert_true(str_ends("abc", "bc"));
    assert_true(str_ends("abc", ""));
    assert_false(str_ends("bc", "abc"));
    assert_false(str_ends("abd", "bc"));
}

static void test_str_find_last_finds_the_last_or_nothing(void **state) {
    (void)state;
    static const char text[] = "a\nb\nc";
    assert_ptr_equal(str_find_last(text, 5, '\n'), text + 3);
    assert_ptr_equal(str_find_last(text, 3, '\n'), text + 1);
    assert_null(str_find_last(text, 1, '\n'));
    assert_null(str_find_last(text, 0, 'a'));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_str_find_last_finds_the_last_or_nothing),
        cmocka_unit_test(test_str_is_empty_text_before_anything_was_added),
        cmocka_unit_test(test_str_keeps_bytes_with_nul_and_terminates_them),
        cmocka_unit_test(test_str_formats_texts_of_any_length),
        cmocka_unit_test(test_str_takes_all_at_its_maximum_and_cuts_one_past_it),
        cmocka_unit_test(test_str_maximum_is_the_default_when_none_is_given),
        cmocka_unit_test(test_str_never_cuts_a_character_that_it_encodes),
        cmocka_unit_test(test_str_encodes_code_points_at_every_border),
        cmocka_unit_test(test_str_take_moves_the_text_out),
        cmocka_unit_test(test_str_cut_shortens_and_never_lengthens),
        cmocka_unit_test(test_str_starts_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
