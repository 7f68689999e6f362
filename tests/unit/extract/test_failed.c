/*
 * The decisive lines of what failed commands print.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "extract/failed.h"
#include "maxima.h"

static void assert_message(const char *text, const char *expected) {
    AUTO(str) struct str out = STR_INIT(0);
    bool is_found = extract_failure_message(text, strlen(text), &out);
    assert_string_equal(str_text(&out), expected != NULL ? expected : "");
    assert_int_equal(is_found, expected != NULL);
}

static void test_failed_text_below_failed_is_the_message(void **state) {
    (void)state;
    assert_message("...\nFAILED\nThe space was not found.\n\n", "The space was not found.");
    assert_message("\x1b[31;1mFAILED\x1b[0m\r\nAn error occurred while performing the "
                   "'authenticate' step: Unauthorized\r\n",
                   "An error occurred while performing the 'authenticate' step: Unauthorized");
}

static void test_failed_table_of_errors_gives_code_and_message(void **state) {
    (void)state;
    assert_message("FAILED\n"
                   "code        message                   trace\n"
                   "not_found   The space was not found   4f2b\n",
                   "not_found: The space was not found");
    assert_message("FAILED\n            \ncode      401\nmessage   Token expired\n",
                   "401: Token expired");
}

static void test_failed_json_bodies_give_code_and_message(void **state) {
    (void)state;
    assert_message("{\"trace\":\"4f2b\",\"errors\":[{\"code\":\"SPACES0046E\",\"message\":\"No "
                   "assets found for export\"},{\"code\":\"x\",\"message\":\"y\"}]}",
                   "SPACES0046E: No assets found for export\nx: y");
    assert_message("HTTP 404\n{\"error\":{\"code\":\"404\",\"message\":\"gone\"}}\n", "404: gone");
    assert_message("{\"message\":\"Bad request\"}", "Bad request");
    assert_message("{\"resources\":[]}", NULL);
}

static void test_failed_html_page_gives_its_title(void **state) {
    (void)state;
    assert_message("FAILED\n<html>\r\n<head><title>502 Bad\n Gateway</title></head>\r\n</html>",
                   "502 Bad Gateway");
}

static void test_failed_error_line_is_found_among_others(void **state) {
    (void)state;
    assert_message("warning: old profile\nError: unknown flag: --nmae\nUsage:\n  cpdctl x\n",
                   "Error: unknown flag: --nmae");
}

static void test_failed_nothing_decisive_is_false(void **state) {
    (void)state;
    assert_message("", NULL);
    assert_message("all is well\n", NULL);
}

static void test_failed_end_of_long_output_is_looked_at(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    str_add_repeat(&text, 'x', 300 * KIB);
    str_add(&text, "\nError: at the end\n");
    AUTO(str) struct str out = STR_INIT(0);
    assert_true(extract_failure_message(text.data, text.len, &out));
    assert_string_equal(str_text(&out), "Error: at the end");
}

static void test_failed_message_is_bounded_and_safe(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    str_add(&text, "Error: \x01");
    str_add_repeat(&text, 'y', 50 * KIB);
    AUTO(str) struct str out = STR_INIT(0);
    assert_true(extract_failure_message(text.data, text.len, &out));
    assert_true(out.len <= LIMIT_MESSAGE + 2);
    assert_null(strchr(out.data, '\x01'));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failed_text_below_failed_is_the_message),
        cmocka_unit_test(test_failed_table_of_errors_gives_code_and_message),
        cmocka_unit_test(test_failed_json_bodies_give_code_and_message),
        cmocka_unit_test(test_failed_html_page_gives_its_title),
        cmocka_unit_test(test_failed_error_line_is_found_among_others),
        cmocka_unit_test(test_failed_nothing_decisive_is_false),
        cmocka_unit_test(test_failed_end_of_long_output_is_looked_at),
        cmocka_unit_test(test_failed_message_is_bounded_and_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
