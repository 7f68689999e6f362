/* base/utf8: validity as RFC 3629 has it, counting, display width, safe text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

#include <string.h>

static void test_utf8_valid_prefix_ends_at_the_first_bad_byte(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t valid;
    } cases[] = {
        {"", 0},
        {"abc", 3},
        {"żółć 维修 😀", 20},
        {"ab\xFF", 2},
        {"\x80", 0},
        {"\xC0\xAF", 0}, /* overlong */
        {"\xC1\xBF", 0},
        {"\xE0\x9F\xBF", 0},
        {"\xE0\xA0\x80", 3},
        {"\xED\x9F\xBF", 3},
        {"\xED\xA0\x80", 0}, /* surrogate */
        {"\xF0\x8F\xBF\xBF", 0},
        {"\xF0\x90\x80\x80", 4},
        {"\xF4\x8F\xBF\xBF", 4},
        {"\xF4\x90\x80\x80", 0}, /* past U+10FFFF */
        {"\xF5\x80\x80\x80", 0},
        {"é\xE2\x82", 2}, /* cut character */
        {"eight by\xC3(", 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len = strlen(cases[i].text);
        assert_int_equal(utf8_valid_prefix(cases[i].text, len), cases[i].valid);
        assert_int_equal(utf8_is_valid(cases[i].text, len), cases[i].valid == len);
    }
}

static void test_utf8_decode_gives_the_character_or_one_bad_byte(void **state) {
    (void)state;
    unsigned cp = 0;
    assert_int_equal(utf8_decode("a", 1, &cp), 1);
    assert_int_equal(cp, 'a');
    assert_int_equal(utf8_decode("é", 2, &cp), 2);
    assert_int_equal(cp, 0xE9);
    assert_int_equal(utf8_decode("€x", 4, &cp), 3);
    assert_int_equal(cp, 0x20AC);
    assert_int_equal(utf8_decode("😀", 4, &cp), 4);
    assert_int_equal(cp, 0x1F600);
    assert_int_equal(utf8_decode("😀", 3, &cp), 1);
    assert_int_equal(cp, 0xFFFD);
    assert_int_equal(utf8_decode("\xFF", 1, &cp), 1);
    assert_int_equal(cp, 0xFFFD);
}

static void test_utf8_counts_and_finds_characters(void **state) {
    (void)state;
    const char *text = "aé维😀z";
    size_t len = strlen(text);
    assert_int_equal(utf8_count(text, len), 5);
    static const size_t offsets[] = {0, 1, 3, 6, 10, 11, 11};
    for (size_t n = 0; n < sizeof offsets / sizeof offsets[0]; n++) {
        assert_int_equal(utf8_offset(text, len, n), offsets[n]);
    }
}

static void test_utf8_width_of_what_tables_hold(void **state) {
    (void)state;
    assert_int_equal(utf8_width('a'), 1);
    assert_int_equal(utf8_width(0x2026), 1); /* ellipsis: ambiguous */
    assert_int_equal(utf8_width(0xE9), 1);
    assert_int_equal(utf8_width(0xAD), 1);   /* soft hyphen */
    assert_int_equal(utf8_width(0x301), 0);  /* combining acute */
    assert_int_equal(utf8_width(0x200D), 0); /* zero width joiner */
    assert_int_equal(utf8_width(0xFE0F), 0); /* variation selector 16 */
    assert_int_equal(utf8_width(0x7EF4), 2);
    assert_int_equal(utf8_width(0xAC00), 2);
    assert_int_equal(utf8_width(0x1100), 2);
    assert_int_equal(utf8_width(0x1160), 0); /* Hangul medial */
    assert_int_equal(utf8_width(0xFF21), 2);
    assert_int_equal(utf8_width(0x1F600), 2);
    assert_int_equal(utf8_width(0x20000), 2);
    assert_int_equal(utf8_width(0x10FFFF), 1);
    assert_int_equal(utf8_text_width("维修e\xCC\x81!", 10), 6);
    assert_int_equal(utf8_text_width("", 0), 0);
}

static void check_safe(const char *text, size_t len, const char *expected) {
    AUTO(str) struct str out = STR_INIT(0);
    utf8_add_safe(&out, text, len);
    assert_string_equal(str_text(&out), expected);
    assert_true(utf8_is_valid(str_text(&out), out.len));
}

static void test_utf8_safe_text_has_no_controls_and_no_escape_sequences(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *safe;
    } cases[] = {
        {"plain żółć 😀\n\ttext", "plain żółć 😀\n\ttext"},
        {"a\x1B[31mred\x1B[0mb", "aredb"},
        {"a\x1B[38;5;200;1;4mb", "ab"},
        {"a\x1B]0;title\x07"
         "b",
         "ab"},
        {"a\x1B]8;;http://x\x1B\\link\x1B]8;;\x1B\\b", "alinkb"},
        {"a\x1BP1;2|data\x1B\\b", "ab"},
        {"a\x1B(Bb", "ab"},
        {"a\x1B"
         "7b",
         "ab"},
        {"a\x1B", "a"},
        {"a\x1B[", "a"},
        {"a\x1B[12", "a"},
        {"a\x1B]no end\nnext line", "a\nnext line"},
        {"a\x1B\nb", "a\nb"},
        {"a\xC2\x9B"
         "31mb",
         "ab"},
        {"bell\x07 del\x7F nel\xC2\x85", "bell\xEF\xBF\xBD del\xEF\xBF\xBD nel\xEF\xBF\xBD"},
        {"crlf\r\nback\rspace", "crlf\nback\xEF\xBF\xBDspace"},
        {"bidi\xE2\x80\xAE override\xE2\x81\xA6", "bidi\xEF\xBF\xBD override\xEF\xBF\xBD"},
        {"bad\xFF\xC3(", "bad\xEF\xBF\xBD\xEF\xBF\xBD("},
        {"\xEF\xBF\xBF", "\xEF\xBF\xBD"},
        {"\xEF\xBF\xBD stays", "\xEF\xBF\xBD stays"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check_safe(cases[i].text, strlen(cases[i].text), cases[i].safe);
    }
    check_safe("a\0b", 3,
               "a\xEF\xBF\xBD"
               "b");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_valid_prefix_ends_at_the_first_bad_byte),
        cmocka_unit_test(test_utf8_decode_gives_the_character_or_one_bad_byte),
        cmocka_unit_test(test_utf8_counts_and_finds_characters),
        cmocka_unit_test(test_utf8_width_of_what_tables_hold),
        cmocka_unit_test(test_utf8_safe_text_has_no_controls_and_no_escape_sequences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
