/* base/mask: every encoding of a secret vanishes, in whole texts and in streams cut anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"

#include <string.h>

static int forget(void **state) {
    (void)state;
    mask_clear();
    return 0;
}

static void add(const char *secret) {
    assert_true(mask_register(secret, strlen(secret)));
}

static void check(const char *text, const char *expected) {
    AUTO(str) struct str out = STR_INIT(0);
    mask_add(&out, text, strlen(text));
    assert_string_equal(str_text(&out), expected);
    assert_int_equal(mask_finds(text, strlen(text)), strcmp(text, expected) != 0);
}

static void test_mask_leaves_text_alone_without_secrets(void **state) {
    (void)state;
    assert_false(mask_is_active());
    check("any text", "any text");
    check("", "");
}

static void test_mask_replaces_every_occurrence(void **state) {
    (void)state;
    add("s3cr3t");
    assert_true(mask_is_active());
    check("s3cr3t", "***");
    check("a s3cr3t and s3cr3ts3cr3t.", "a *** and ******.");
    check("s3cr3", "s3cr3");
    check("S3CR3T", "S3CR3T");
}

static void test_mask_X4_refuses_values_shorter_than_four_characters(void **state) {
    (void)state;
    assert_false(mask_register("", 0));
    assert_false(mask_register("abc", 3));
    assert_false(mask_register("żół", 6)); /* six bytes, three characters */
    assert_false(mask_is_active());
    assert_true(mask_register("abcd", 4));
    check("abcde", "***e");
}

static void test_mask_prefers_the_longest_and_covers_overlaps(void **state) {
    (void)state;
    add("password");
    add("password-long");
    add("longer");
    check("password-longer!", "***!");
    check("password-lon", "***-lon");
    check("longerpassword", "******");
}

static void test_mask_covers_a_secret_that_overlaps_itself(void **state) {
    (void)state;
    add("aaaa");
    check("aaaaaaab", "***b");
    check("baaab", "baaab");
}

static void test_mask_X1_finds_base64_in_all_alignments(void **state) {
    (void)state;
    add("hunter22!");
    /* "hunter22!", "xhunter22!", "user:hunter22!", "xxhunter22!yy" */
    check("aHVudGVyMjIh", "***");
    check("eGh1bnRlcjIyIQ==", "eG***Q==");
    check("dXNlcjpodW50ZXIyMiE=", "dXNlcjp***E=");
    check("eHhodW50ZXIyMiF5eQ==", "eHh***F5eQ==");
}

static void test_mask_X1_finds_the_url_safe_alphabet(void **state) {
    (void)state;
    assert_true(mask_register("\xFB\xFF\xFE\xFB\xFF\xFE", 6));
    check("-__--__-", "***");
    check("+//++//+", "***");
}

static void test_mask_X1_finds_url_escapes_in_both_cases(void **state) {
    (void)state;
    add("p@ss/w:rd z");
    check("p%40ss%2Fw%3Ard%20z", "***");
    check("p%40ss%2fw%3ard%20z", "***");
    check("p%40ss%2Fw%3Ard+z", "***");
    check("p%40ss/w%3Ard%20z", "***");
    check("p@ss/w:rd%20z", "***");
}

static void test_mask_X1_finds_json_escapes(void **state) {
    (void)state;
    add("a\"b\\c<d>é\t/");
    check("\"a\\\"b\\\\c<d>é\\t/\"", "\"***\"");
    check("\"a\\\"b\\\\c\\u003cd\\u003eé\\t/\"", "\"***\"");
    check("\"a\\\"b\\\\c<d>\\u00e9\\t/\"", "\"***\"");
    check("\"a\\\"b\\\\c<d>é\\t\\/\"", "\"***\"");
    check("\"a\\\"b\\\\c\\u003cd\\u003e\\u00e9\\t\\/\"", "\"***\"");
    check("{\"text\": \"{\\\"a\\\": \\\"a\\\\\\\"b\\\\\\\\c<d>é\\\\t/\\\"}\"}",
          "{\"text\": \"{\\\"a\\\": \\\"***\\\"}\"}");
    add("emoji 😀!");
    check("emoji \\ud83d\\ude00!", "***");
}

static void test_mask_X1_finds_xml_and_html_escapes(void **state) {
    (void)state;
    add("a&b<c>d\"e'f");
    check("a&amp;b&lt;c&gt;d\"e'f", "***");
    check("a&amp;b&lt;c&gt;d&quot;e'f", "***");
    check("a&amp;b&lt;c&gt;d&quot;e&apos;f", "***");
    check("a&amp;b&lt;c&gt;d&quot;e&#39;f", "***");
    check("a&amp;b&lt;c&gt;d&#34;e&#39;f", "***");
}

static void test_mask_X1_finds_shell_quoting(void **state) {
    (void)state;
    add("it's $HOME `x` \"y\"");
    check("'it'\\''s $HOME `x` \"y\"'", "'***'");
    check("'it'\"'\"'s $HOME `x` \"y\"'", "'***'");
    check("\"it's \\$HOME \\`x\\` \\\"y\\\"\"", "\"***\"");
    check("it\\'s\\ \\$HOME\\ \\`x\\`\\ \\\"y\\\"", "***");
}

static void test_X3_mask_finds_long_lines_of_a_multi_line_secret(void **state) {
    (void)state;
    add("-----BEGIN KEY-----\r\nMIIEvQIBADAN\r\nshort\nqhkiG9w0\n");
    check("> MIIEvQIBADAN <", "> *** <");
    check("> qhkiG9w0 <", "> *** <");
    check("> short <", "> short <");
    check("-----BEGIN KEY-----", "***");
    check("\"-----BEGIN KEY-----\\r\\nMIIEvQIBADAN\\r\\nshort\\nqhkiG9w0\\n\"", "\"***\"");
    check("TUlJRXZRSUJBREFO", "***"); /* one line in base64 */
}

static void test_mask_X1_finds_hexadecimal_yaml_and_other_escapes(void **state) {
    (void)state;
    add("k=y'1\x1b\xc3\xa9");
    check("6b3d7927311bc3a9", "***");
    check("6B3D7927311BC3A9", "***");
    check("$'k=y\\'1\\E\xc3\xa9'", "$'***'");
    check("$'k=y\\'1\\E\\303\\251'", "$'***'");
    check("'k=y''1\x1b\xc3\xa9'", "'***'");
    check("k=y&#x27;1\x1b\xc3\xa9", "***");
    check("k\\u003dy\\u00271\\u001b\xc3\xa9", "***");
}

static void test_mask_X1_finds_base64_that_is_broken_into_lines(void **state) {
    (void)state;
    AUTO(str) struct str secret = STR_INIT(0);
    AUTO(str) struct str base64 = STR_INIT(0);
    str_add_repeat(&secret, 'a', 90);
    for (int i = 0; i < 30; i++) {
        str_add(&base64, "YWFh");
    }
    assert_true(mask_register(secret.data, secret.len));
    AUTO(str) struct str text = STR_INIT(0);
    str_add_bytes(&text, base64.data, 76);
    str_add_char(&text, '\n');
    str_add(&text, base64.data + 76);
    check(str_text(&text), "***\n***");
}

static void test_mask_X2_finds_other_ends_of_lines(void **state) {
    (void)state;
    add("first\nand\nlast");
    check("first\r\nand\r\nlast", "***");
    add("begin\r\nthen");
    check("begin\nthen", "***");
}

static void test_mask_finds_the_value_of_a_file_without_its_newline(void **state) {
    (void)state;
    add("pass1\n");
    check("<pass1>", "<***>");
}

static void test_mask_finds_secrets_with_nul_bytes(void **state) {
    (void)state;
    assert_true(mask_register("ab\0cd", 5));
    AUTO(str) struct str out = STR_INIT(0);
    mask_add(&out, "x\0ab\0cdy", 8);
    assert_int_equal(out.len, 6);
    assert_memory_equal(out.data, "x\0***y", 6);
}

/* Feeds text in pieces of n bytes. */
static void check_stream(const char *text, size_t n, const char *expected) {
    AUTO(str) struct str out = STR_INIT(0);
    struct mask_stream *m = mask_stream_new();
    size_t len = strlen(text);
    for (size_t at = 0; at < len; at += n) {
        mask_stream_feed(m, text + at, len - at < n ? len - at : n, &out);
    }
    mask_stream_end(m, &out);
    mask_stream_free(m);
    assert_string_equal(str_text(&out), expected);
}

static void test_mask_X2_stream_is_the_same_as_the_whole_text_however_it_is_cut(void **state) {
    (void)state;
    add("s3cr3t");
    add("s3cr3t-and-longer");
    add("longer-still");
    static const char text[] =
        "a s3cr3t b s3cr3t-and-longer-still c s3cr3t-and-lon s3cr3 aHVudGVy s3cr3t";
    AUTO(str) struct str whole = STR_INIT(0);
    mask_add(&whole, text, sizeof text - 1);
    assert_string_equal(str_text(&whole), "a *** b *** c ***-and-lon s3cr3 aHVudGVy ***");
    for (size_t n = 1; n < sizeof text; n++) {
        check_stream(text, n, str_text(&whole));
    }
}

static void test_mask_stream_holds_back_only_what_could_become_a_secret(void **state) {
    (void)state;
    struct mask_stream *m = mask_stream_new();
    AUTO(str) struct str out = STR_INIT(0);
    mask_stream_feed(m, "all", 3, &out);
    assert_string_equal(str_text(&out), "all");
    mask_stream_free(m);
    mask_stream_free(NULL);

    add("sécr€t!!");
    m = mask_stream_new();
    str_reset(&out);
    AUTO(str) struct str text = STR_INIT(0);
    str_add_repeat(&text, 'x', 300000);
    mask_stream_feed(m, text.data, text.len, &out);
    assert_true(out.len < text.len);
    assert_true(out.len > text.len - 100);
    mask_stream_end(m, &out);
    assert_int_equal(out.len, text.len);
    mask_stream_end(m, &out);
    assert_int_equal(out.len, text.len);
    mask_stream_free(m);
}

static void test_mask_stream_does_not_grow_on_an_endless_overlap(void **state) {
    (void)state;
    add("aaaa");
    struct mask_stream *m = mask_stream_new();
    AUTO(str) struct str out = STR_INIT(0);
    for (int i = 0; i < 100; i++) {
        mask_stream_feed(m, "aaaaaaaaaaaaaaaaaaaaaaaaa", 25, &out);
    }
    mask_stream_feed(m, "b", 1, &out);
    mask_stream_end(m, &out);
    assert_string_equal(str_text(&out), "***b");
    mask_stream_free(m);
}

static void test_mask_stream_learns_secrets_while_it_runs(void **state) {
    (void)state;
    struct mask_stream *m = mask_stream_new();
    AUTO(str) struct str out = STR_INIT(0);
    mask_stream_feed(m, "tokenA tokenB ", 14, &out);
    add("tokenB");
    mask_stream_feed(m, "tokenA tok", 10, &out);
    mask_stream_feed(m, "enB", 3, &out);
    mask_stream_end(m, &out);
    assert_string_equal(str_text(&out), "tokenA tokenB tokenA ***");
    mask_stream_free(m);
}

static void test_mask_clear_forgets(void **state) {
    (void)state;
    add("s3cr3t");
    mask_clear();
    assert_false(mask_is_active());
    check("s3cr3t", "s3cr3t");
    mask_clear();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_mask_leaves_text_alone_without_secrets, forget),
        cmocka_unit_test_teardown(test_mask_replaces_every_occurrence, forget),
        cmocka_unit_test_teardown(test_mask_X4_refuses_values_shorter_than_four_characters, forget),
        cmocka_unit_test_teardown(test_mask_prefers_the_longest_and_covers_overlaps, forget),
        cmocka_unit_test_teardown(test_mask_covers_a_secret_that_overlaps_itself, forget),
        cmocka_unit_test_teardown(test_mask_X1_finds_base64_in_all_alignments, forget),
        cmocka_unit_test_teardown(test_mask_X1_finds_the_url_safe_alphabet, forget),
        cmocka_unit_test_teardown(test_mask_X1_finds_url_escapes_in_both_cases, forget),
        cmocka_unit_test_teardown(test_mask_X1_finds_json_escapes, forget),
        cmocka_unit_test_teardown(test_mask_X1_finds_xml_and_html_escapes, forget),
        cmocka_unit_test_teardown(test_mask_X1_finds_shell_quoting, forget),
        cmocka_unit_test_teardown(test_X3_mask_finds_long_lines_of_a_multi_line_secret, forget),
        cmocka_unit_test_teardown(test_mask_X1_finds_hexadecimal_yaml_and_other_escapes, forget),
        cmocka_unit_test_teardown(test_mask_X1_finds_base64_that_is_broken_into_lines, forget),
        cmocka_unit_test_teardown(test_mask_X2_finds_other_ends_of_lines, forget),
        cmocka_unit_test_teardown(test_mask_finds_the_value_of_a_file_without_its_newline, forget),
        cmocka_unit_test_teardown(test_mask_finds_secrets_with_nul_bytes, forget),
        cmocka_unit_test_teardown(
            test_mask_X2_stream_is_the_same_as_the_whole_text_however_it_is_cut, forget),
        cmocka_unit_test_teardown(test_mask_stream_holds_back_only_what_could_become_a_secret,
                                  forget),
        cmocka_unit_test_teardown(test_mask_stream_does_not_grow_on_an_endless_overlap, forget),
        cmocka_unit_test_teardown(test_mask_stream_learns_secrets_while_it_runs, forget),
        cmocka_unit_test_teardown(test_mask_clear_forgets, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
