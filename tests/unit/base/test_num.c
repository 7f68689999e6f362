/* base/num: strict numbers, shortest doubles, durations, sizes; exact error texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "maxima.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void test_num_i64_accepts_exactly_what_fits(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"007", 7},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"-1", -1},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t n = 99;
        assert_true(num_parse_i64(good[i].text, strlen(good[i].text), &n));
        assert_int_equal(n, good[i].value);
    }
    static const char *const bad[] = {
        "",
        "-",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "1e3",
        "0x1",
        "--1",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999",
        "1_000",
        "１",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t n = 99;
        assert_false(num_parse_i64(bad[i], strlen(bad[i]), &n));
        assert_int_equal(n, 99);
    }
}

static void test_num_is_json_follows_the_grammar(void **state) {
    (void)state;
    static const char *const good[] = {"0",   "-0",   "10",       "1.5",   "0.0",
                                       "1e3", "1E+3", "1.25e-10", "-1.0E2"};
    static const char *const bad[] = {"",   "-",   "01",       "-01",  "1.",   ".5",
                                      "+1", "1e",  "1e+",      "1.e3", "0x10", "1 ",
                                      " 1", "NaN", "Infinity", "1,5",  "1e1.5"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(num_is_json(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(num_is_json(bad[i], strlen(bad[i])));
    }
}

static void test_num_double_reads_long_and_huge_numbers(void **state) {
    (void)state;
    double number = 0;
    assert_true(num_parse_double("1e400", 5, &number));
    assert_true(isinf(number));
    assert_true(num_parse_double("-1e400", 6, &number));
    assert_true(isinf(number) && number < 0);
    assert_true(num_parse_double("1.5xyz", 3, &number)); /* the length counts, not a NUL */
    assert_true(number == 1.5);
    assert_false(num_parse_double("1.5x", 4, &number));
    AUTO(str) struct str text = STR_INIT(0);
    str_add_repeat(&text, '1', 300);
    assert_true(num_parse_double(text.data, text.len, &number));
    assert_true(number > 1e299 && number < 2e299);
}

static void check_format(double number, const char *expected) {
    AUTO(str) struct str text = STR_INIT(0);
    num_format(number, &text);
    assert_string_equal(str_text(&text), expected);
}

static void test_num_format_is_the_shortest_that_reads_back(void **state) {
    (void)state;
    check_format(0, "0");
    check_format(-0.0, "0");
    check_format(1, "1");
    check_format(-1.5, "-1.5");
    check_format(0.1, "0.1");
    check_format(0.1 + 0.2, "0.30000000000000004");
    check_format(1.0 / 3, "0.3333333333333333");
    check_format(100, "100");
    check_format(1701802812862, "1701802812862");
    check_format(9007199254740992, "9007199254740992");
    check_format(1e20, "100000000000000000000");
    check_format(1e21, "1e+21");
    check_format(1.5e300, "1.5e+300");
    check_format(1e-7, "1e-7");
    check_format(1.5e-7, "1.5e-7");
    check_format(0.000001, "0.000001");
    check_format(123456.789, "123456.789");
    check_format(DBL_MAX, "1.7976931348623157e+308");
    check_format(-DBL_MIN, "-2.2250738585072014e-308");
    check_format(5e-324, "5e-324");
}

/* xorshift64*: the seed is in the test, so a failure can be repeated. */
static uint64_t next_random(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static void test_num_format_reads_back_for_random_doubles(void **state) {
    (void)state;
    uint64_t seed = 42;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&seed);
        double number = 0;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number)) {
            continue;
        }
        AUTO(str) struct str text = STR_INIT(0);
        num_format(number, &text);
        double again = 0;
        assert_true(num_parse_double(text.data, text.len, &again));
        assert_true(again == number);
        assert_true(text.len <= 25);
    }
}

static void test_num_duration_reads_units_in_descending_order(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"500ms", 500},
        {"10s", 10000},
        {"5m", 300000},
        {"1h30m", 5400000},
        {"1.5s", 1500},
        {"2d", 172800000},
        {"0s", 0},
        {"1d2h3m4s5ms", 93784005},
        {"0.001s", 1},
        {"0.0009s", 0},
        {"1.5h", 5400000},
        {"0.1234567d", 10666598},
        {"36500d", LIMIT_DURATION_MS},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        AUTO(err) struct err err = ERR_INIT;
        int64_t ms = -1;
        if (!num_parse_duration_ms(good[i].text, strlen(good[i].text), &ms, &err)) {
            fail_msg("%s", err.message);
        }
        assert_int_equal(ms, good[i].ms);
    }
}

static void test_num_duration_errors_say_what_to_write(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } bad[] = {
        {"", "'' is not a duration: it is empty: write for example '10s'"},
        {"10", "'10' has no unit: write '10s' for seconds"},
        {"-5s", "'-5s' is not a duration: it must not be negative"},
        {"5", "'5' has no unit: write '5s' for seconds"},
        {"5 s", "'5 s' is not a duration: units are ms, s, m, h, d"},
        {"5sec", "'5sec' is not a duration: units are ms, s, m, h, d"},
        {"5M", "'5M' is not a duration: units are ms, s, m, h, d"},
        {"s", "'s' is not a duration: expected a number with a unit (ms, s, m, h, d)"},
        {"1.s", "'1.s' is not a duration: expected a number with a unit (ms, s, m, h, d)"},
        {".5s", "'.5s' is not a duration: expected a number with a unit (ms, s, m, h, d)"},
        {"1m2h", "'1m2h' is not a duration: each unit stands once, larger units first"},
        {"1m2m", "'1m2m' is not a duration: each unit stands once, larger units first"},
        {"36500d1ms", "'36500d1ms' is not a duration: it is longer than 100 years"},
        {"99999999999999999999d",
         "'99999999999999999999d' is not a duration: it is longer than 100 years"},
        {"9223372036854775807d",
         "'9223372036854775807d' is not a duration: it is longer than 100 years"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        AUTO(err) struct err err = ERR_INIT;
        int64_t ms = -1;
        assert_false(num_parse_duration_ms(bad[i].text, strlen(bad[i].text), &ms, &err));
        assert_string_equal(err.message, bad[i].message);
        assert_string_equal(err.kind, "invalid-duration");
        assert_int_equal(ms, -1);
    }
}

static void test_num_duration_format_is_for_people(void **state) {
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "0ms"},       {20, "20ms"},     {999, "999ms"},
        {1000, "1s"},     {1500, "1.5s"},   {59999, "59.9s"},
        {60000, "1m"},    {61500, "1m 1s"}, {3723000, "1h 2m 3s"},
        {86400000, "1d"}, {-1500, "-1.5s"}, {INT64_MIN, "-106751991167d 7h 12m 55s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO(str) struct str text = STR_INIT(0);
        num_format_duration_ms(cases[i].ms, &text);
        assert_string_equal(str_text(&text), cases[i].text);
    }
}

static void test_num_size_reads_bytes_and_units(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {
        {"0", 0},
        {"123", 123},
        {"5B", 5},
        {"64KiB", 65536},
        {"1MiB", 1048576},
        {"10MB", 10000000},
        {"1kB", 1000},
        {"1KB", 1000},
        {"2GiB", UINT64_C(2147483648)},
        {"1GB", 1000000000},
        {"1TiB", UINT64_C(1099511627776)},
        {"1TB", UINT64_C(1000000000000)},
        {"18446744073709551615", UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        AUTO(err) struct err err = ERR_INIT;
        uint64_t bytes = 1;
        if (!num_parse_size(good[i].text, strlen(good[i].text), &bytes, &err)) {
            fail_msg("%s", err.message);
        }
        assert_true(bytes == good[i].bytes);
    }
}

static void test_num_size_errors(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } bad[] = {
        {"", "'' is not a size: write bytes or a number with KiB, MiB, GiB, TiB, KB, MB, GB or TB"},
        {"1K",
         "'1K' is not a size: write bytes or a number with KiB, MiB, GiB, TiB, KB, MB, GB or TB"},
        {"-1",
         "'-1' is not a size: write bytes or a number with KiB, MiB, GiB, TiB, KB, MB, GB or TB"},
        {"1.5MB", "'1.5MB' is not a size: write bytes or a number with KiB, MiB, GiB, TiB, KB, MB, "
                  "GB or TB"},
        {"18446744073709551616", "'18446744073709551616' is more than 2^64 bytes"},
        {"17000000TiB", "'17000000TiB' is more than 2^64 bytes"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        AUTO(err) struct err err = ERR_INIT;
        uint64_t bytes = 1;
        assert_false(num_parse_size(bad[i].text, strlen(bad[i].text), &bytes, &err));
        assert_string_equal(err.message, bad[i].message);
        assert_string_equal(err.kind, "invalid-size");
        assert_true(bytes == 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_num_i64_accepts_exactly_what_fits),
        cmocka_unit_test(test_num_is_json_follows_the_grammar),
        cmocka_unit_test(test_num_double_reads_long_and_huge_numbers),
        cmocka_unit_test(test_num_format_is_the_shortest_that_reads_back),
        cmocka_unit_test(test_num_format_reads_back_for_random_doubles),
        cmocka_unit_test(test_num_duration_reads_units_in_descending_order),
        cmocka_unit_test(test_num_duration_errors_say_what_to_write),
        cmocka_unit_test(test_num_duration_format_is_for_people),
        cmocka_unit_test(test_num_size_reads_bytes_and_units),
        cmocka_unit_test(test_num_size_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
