/* base/regex: groups, options, and that every search ends soon with an answer or an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/regex.h"
#include "base/str.h"
#include "maxima.h"

#include <string.h>
#include <time.h>

static struct regex *must_compile(const char *pattern) {
    AUTO(err) struct err err = ERR_INIT;
    struct regex *re = regex_compile(pattern, strlen(pattern), NULL, &err);
    if (re == NULL) {
        fail_msg("%s: %s", pattern, err.message);
    }
    return re;
}

/* "start-end" of the match, "none", or the kind of the error. */
static void check_match(const char *pattern, const char *text, size_t len, const char *expected) {
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str found = STR_INIT(0);
    struct regex_span span;
    struct regex *re = must_compile(pattern);
    int rc = regex_match(re, text, len, 0, &span, 1, &err);
    if (rc == 1) {
        str_addf(&found, "%zu-%zu", span.start, span.end);
    } else {
        str_add(&found, rc == 0 ? "none" : err.kind);
    }
    regex_free(re);
    assert_string_equal(str_text(&found), expected);
}

static void check(const char *pattern, const char *text, const char *expected) {
    check_match(pattern, text, strlen(text), expected);
}

static void test_regex_finds_the_first_match(void **state) {
    (void)state;
    check("b+", "aabbb", "2-5");
    check("x", "aabbb", "none");
    check("^a", "aabbb", "0-1");
    check("^b", "aabbb", "none");
    check("b$", "aabbb\n", "4-5");
    check("", "abc", "0-0");
    check("$", "", "0-0");
    check("(?m)^c", "a\nb\nc", "4-5");
}

static void test_regex_counts_characters_and_uses_ascii_classes(void **state) {
    (void)state;
    check("^.$", "é", "0-2");
    check("^..$", "é", "none");
    check("\\d", "٣3", "2-3");
    check("\\w", "é_", "2-3");
    check("(?i)É", "é", "0-2");
    check("\\p{L}", "1é", "1-3");
}

static void test_regex_searches_around_invalid_utf8(void **state) {
    (void)state;
    check("b",
          "a\xFF"
          "b",
          "2-3");
    check("a.b",
          "a\xFF"
          "b",
          "none");
}

static void test_regex_gives_groups_and_their_names(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    struct regex *re = must_compile("(?<year>\\d+)-(x)?(?<day>\\d+)");
    assert_int_equal(regex_group_count(re), 4);
    assert_null(regex_group_name(re, 0));
    assert_string_equal(regex_group_name(re, 1), "year");
    assert_null(regex_group_name(re, 2));
    assert_string_equal(regex_group_name(re, 3), "day");
    assert_null(regex_group_name(re, 4));
    struct regex_span spans[6];
    assert_int_equal(regex_match(re, "on 2026-31", 10, 0, spans, 6, &err), 1);
    assert_int_equal(spans[0].start, 3);
    assert_int_equal(spans[1].end, 7);
    assert_true(spans[2].start == REGEX_UNSET && spans[2].end == REGEX_UNSET);
    assert_int_equal(spans[3].start, 8);
    assert_true(spans[4].start == REGEX_UNSET);
    regex_free(re);
    regex_free(NULL);
}

static void test_regex_searches_from_an_offset_with_the_text_before_it_in_sight(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    struct regex_span span;
    struct regex *re = must_compile("(?<=a)b");
    assert_int_equal(regex_match(re, "abxb", 4, 1, &span, 1, &err), 1);
    assert_int_equal(span.start, 1);
    assert_int_equal(regex_match(re, "abxb", 4, 2, &span, 1, &err), 0);
    assert_int_equal(regex_match(re, "abxb", 4, 4, &span, 1, &err), 0);
    assert_int_equal(regex_match(re, "abxb", 4, 5, &span, 1, &err), 0);
    assert_int_equal(regex_match(re, "abxb", 4, 0, NULL, 0, &err), 1);
    regex_free(re);
}

static void test_regex_finds_matches_at_every_offset_of_a_long_text(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct regex *re = must_compile("(?<!y)X|维$");
    str_add_repeat(&text, 'a', 5000);
    for (size_t i = 0; i < 5000;
         i += 7) { /* windows of start offsets have their borders anywhere */
        struct regex_span span;
        text.data[i] = 'X';
        assert_int_equal(regex_match(re, text.data, text.len, 0, &span, 1, &err), 1);
        assert_int_equal(span.start, i);
        text.data[i] = 'a';
    }
    str_reset(&text);
    for (int i = 0; i < 2000; i++) {
        str_add(&text, "维");
    }
    struct regex_span span;
    assert_int_equal(regex_match(re, text.data, text.len, 0, &span, 1, &err), 1);
    assert_int_equal(span.start, 5997);
    regex_free(re);
}

static void check_bad(const char *pattern, size_t offset, const char *message) {
    AUTO(err) struct err err = ERR_INIT;
    size_t ret_offset = 999;
    assert_null(regex_compile(pattern, strlen(pattern), &ret_offset, &err));
    assert_string_equal(err.kind, "invalid-regex");
    assert_string_equal(err.message, message);
    assert_int_equal(ret_offset, offset);
}

static void test_regex_bad_patterns_name_the_offset(void **state) {
    (void)state;
    check_bad("a(b", 3, "invalid regular expression: missing closing parenthesis (at offset 3)");
    check_bad("a\\Cb", 3,
              "invalid regular expression: using \\C is disabled by the application (at offset 3)");
    check_bad("é[z-a]", 5, /* offsets are bytes: the caller turns them into columns */
              "invalid regular expression: range out of order in character class (at offset 5)");
    check_bad("a\\Gb", 1, "invalid regular expression: \\G is not supported (at offset 1)");
}

static void test_regex_pattern_length_is_limited(void **state) {
    (void)state;
    AUTO(str) struct str pattern = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    str_add_repeat(&pattern, 'a', LIMIT_REGEX_PATTERN);
    struct regex *re = regex_compile(pattern.data, pattern.len, NULL, &err);
    assert_non_null(re);
    regex_free(re);
    str_add_char(&pattern, 'a');
    assert_null(regex_compile(pattern.data, pattern.len, NULL, &err));
    assert_string_equal(
        err.message, "invalid regular expression: it is longer than 10000 bytes (at offset 10000)");
}

/* Processor time of this thread in milliseconds. */
static double spent_ms(void) {
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* cannot fail for this clock */
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1000000;
}

/* Patterns that take for ever on long texts without limits; PCRE2 itself would answer after
 * minutes. */
static void test_regex_always_ends_soon(void **state) {
    (void)state;
    static const struct {
        const char *pattern;
        const char *unit; /* repeated until the length, then "!" */
        size_t len;
    } cases[] = {
        {"\\s+$", " ", 40000},          {"\\s+$", " ", 1000000},  {"(a+)+$", "a", 40},
        {"(a+)+$", "a", 40000},         {"^(a+)+$", "a", 5000},   {"(a|a)*$", "a", 5000},
        {"(a|aa)+$", "a", 5000},        {"(.*)*$", "ab", 20000},  {"(.*?,){11}P", "1,", 5000},
        {"a*a*a*a*a*b", "a", 10000},    {"(x+x+)+y", "x", 20000}, {"(?:(?:a?)*)*b", "a", 5000},
        {"(?=(a+))a*b\\1", "a", 20000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO(str) struct str text = STR_INIT(0);
        AUTO(err) struct err err = ERR_INIT;
        while (text.len < cases[i].len) {
            str_add(&text, cases[i].unit);
        }
        str_add_char(&text, '!');
        struct regex *re = must_compile(cases[i].pattern);
        struct regex_span span;
        double before_ms = spent_ms();
        int rc = regex_match(re, text.data, text.len, 0, &span, 1, &err);
        double took_ms = spent_ms() - before_ms;
        if (rc == -1) {
            assert_string_equal(err.kind, "regex-limit");
        }
        if (took_ms > 500) { /* 1 ms as shipped; the sanitizers and valgrind are slow */
            fail_msg("%s on %zu bytes took %.0f ms", cases[i].pattern, text.len, took_ms);
        }
        regex_free(re);
    }
}

static void test_regex_limit_is_an_error_and_never_no_match(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct regex_span span;
    str_add_repeat(&text, 'a', 2000);
    str_add_char(&text, '!');
    struct regex *re = must_compile("^(a+)+$");
    assert_int_equal(regex_match(re, text.data, text.len, 0, &span, 1, &err), -1);
    assert_string_equal(err.kind, "regex-limit");
    assert_string_equal(err.message, "the regular expression takes too long on this text");
    regex_free(re);
}

static void test_regex_deep_recursion_is_answered_or_an_error(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct regex_span span;
    str_add_repeat(&text, '(', 100000); /* past the JIT stack */
    str_add_repeat(&text, ')', 100000);
    struct regex *re = must_compile("^(\\((?1)*\\))$");
    int rc = regex_match(re, text.data, text.len, 0, &span, 1, &err);
    assert_true(rc == 1 || rc == -1);
    if (rc == -1) {
        assert_string_equal(err.kind, "regex-limit");
    }
    regex_free(re);
}

static void test_regex_quick_patterns_may_take_a_long_text(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    str_add_repeat(&text, 'a', 8000000);
    check_match("[b-z]+", text.data, text.len, "none");
    str_add_char(&text, 'z');
    check_match("[b-z]+", text.data, text.len, "8000000-8000001");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regex_finds_the_first_match),
        cmocka_unit_test(test_regex_counts_characters_and_uses_ascii_classes),
        cmocka_unit_test(test_regex_searches_around_invalid_utf8),
        cmocka_unit_test(test_regex_gives_groups_and_their_names),
        cmocka_unit_test(test_regex_searches_from_an_offset_with_the_text_before_it_in_sight),
        cmocka_unit_test(test_regex_finds_matches_at_every_offset_of_a_long_text),
        cmocka_unit_test(test_regex_bad_patterns_name_the_offset),
        cmocka_unit_test(test_regex_pattern_length_is_limited),
        cmocka_unit_test(test_regex_always_ends_soon),
        cmocka_unit_test(test_regex_limit_is_an_error_and_never_no_match),
        cmocka_unit_test(test_regex_deep_recursion_is_answered_or_an_error),
        cmocka_unit_test(test_regex_quick_patterns_may_take_a_long_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
