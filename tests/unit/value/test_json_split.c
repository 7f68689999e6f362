/* value/json_split: ends of documents, however the text is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "value/json.h"

#include <string.h>

/* Shows the text with a bar where each document ends, when it arrives in pieces of `step` bytes. */
static void split(const char *text, size_t step, struct str *out) {
    struct json_splitter splitter = {0};
    size_t len = strlen(text);
    size_t at = 0;
    size_t shown = 0;
    for (size_t end = 0; end < len;) {
        end = end + step < len ? end + step : len;
        while (json_split(&splitter, text, end, &at)) {
            str_add_bytes(out, text + shown, at - shown);
            str_add_char(out, '|');
            shown = at;
        }
        assert_int_equal(at, end);
    }
    str_add(out, text + shown);
}

static void assert_split(const char *text, const char *expected) {
    for (size_t step = 1; step <= strlen(text); step++) {
        AUTO(str) struct str out = STR_INIT(0);
        split(text, step, &out);
        assert_string_equal(str_text(&out), expected);
    }
}

static void test_json_split_containers_end_with_their_bracket(void **state) {
    (void)state;
    assert_split("{\"a\":[1,{}]}\n[2][3]", "{\"a\":[1,{}]}|\n[2]|[3]|");
}

static void test_json_split_brackets_and_quotes_in_strings_do_not_count(void **state) {
    (void)state;
    assert_split("[\"]\\\"]\\\\\"]\"x}\"", "[\"]\\\"]\\\\\"]|\"x}\"|");
}

static void test_json_split_bare_words_end_before_what_follows(void **state) {
    (void)state;
    assert_split("1 true\n-2{}3\"s\"null", "1| true|\n-2|{}|3|\"s\"|null");
}

static void test_json_split_unfinished_document_has_no_end(void **state) {
    (void)state;
    assert_split("{\"a\": [", "{\"a\": [");
    assert_split("\"abc", "\"abc");
    assert_split(" \n", " \n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_split_containers_end_with_their_bracket),
        cmocka_unit_test(test_json_split_brackets_and_quotes_in_strings_do_not_count),
        cmocka_unit_test(test_json_split_bare_words_end_before_what_follows),
        cmocka_unit_test(test_json_split_unfinished_document_has_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
