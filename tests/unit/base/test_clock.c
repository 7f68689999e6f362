/* base/clock: wall time as text and back, over all days of 400 years. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

#include <string.h>

static void check_format(int64_t wall_ms, const char *expected) {
    AUTO(str) struct str text = STR_INIT(0);
    clock_format_utc(wall_ms, &text);
    assert_string_equal(str_text(&text), expected);
}

static void test_clock_formats_utc_at_its_borders(void **state) {
    (void)state;
    check_format(0, "1970-01-01T00:00:00.000Z");
    check_format(-1, "1969-12-31T23:59:59.999Z");
    check_format(951782400000, "2000-02-29T00:00:00.000Z");
    check_format(1701802812862, "2023-12-05T19:00:12.862Z");
    check_format(4107542400000, "2100-03-01T00:00:00.000Z");
    check_format(253402300799999, "9999-12-31T23:59:59.999Z");
    check_format(253402300800000, "9999-12-31T23:59:59.999Z");
    check_format(INT64_MAX, "9999-12-31T23:59:59.999Z");
    check_format(-62167219200000, "0000-01-01T00:00:00.000Z");
    check_format(INT64_MIN, "0000-01-01T00:00:00.000Z");
}

static void test_clock_parses_what_it_formats_on_every_day(void **state) {
    (void)state;
    const int64_t day_ms = 86400000;
    for (int64_t day = -800000; day < 2932000; day += 13) { /* years -221 (clamped) to 9997 */
        AUTO(str) struct str text = STR_INIT(0);
        int64_t ms = day * day_ms + 12345678;
        if (ms < -62167219200000) {
            continue;
        }
        int64_t again = 0;
        clock_format_utc(ms, &text);
        assert_true(clock_parse_utc(str_text(&text), text.len, &again));
        assert_int_equal(again, ms);
    }
}

static void test_clock_parses_offsets_and_fractions(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01 00:00:00z", 0},
        {"1970-01-01t01:00:00+01:00", 0},
        {"1969-12-31T19:00:00-0500", 0},
        {"1970-01-01T02:00:00+02", 0},
        {"2021-01-29T08:56:07.389Z", 1611910567389},
        {"2021-01-29T08:56:07.3Z", 1611910567300},
        {"2021-01-29T08:56:07.389999999Z", 1611910567389},
        {"2016-12-31T23:59:60Z", 1483228800000},
        {"2000-02-29T00:00:00Z", 951782400000},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t ms = -1;
        if (!clock_parse_utc(good[i].text, strlen(good[i].text), &ms)) {
            fail_msg("%s", good[i].text);
        }
        assert_int_equal(ms, good[i].ms);
    }
}

static void test_clock_rejects_what_is_no_instant(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "2021-01-29",
        "2021-01-29T08:56:07",
        "2021-01-29T08:56Z",
        "2021-13-01T00:00:00Z",
        "2021-00-01T00:00:00Z",
        "2021-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2021-04-31T00:00:00Z",
        "2021-01-00T00:00:00Z",
        "2021-01-01T24:00:00Z",
        "2021-01-01T00:60:00Z",
        "2021-01-01T00:00:61Z",
        "2021-01-01T00:00:00.Z",
        "2021-01-01T00:00:00.1234567890Z",
        "2021-01-01T00:00:00+1",
        "2021-01-01T00:00:00+01:",
        "2021-01-01T00:00:00+24:00",
        "2021-01-01T00:00:00+01:60",
        "2021-01-01T00:00:00Zx",
        " 2021-01-01T00:00:00Z",
        "21-01-01T00:00:00Z",
        "2021/01/01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t ms = -1;
        if (clock_parse_utc(bad[i], strlen(bad[i]), &ms)) {
            fail_msg("%s is %lld", bad[i], (long long)ms);
        }
        assert_int_equal(ms, -1);
    }
}

static void test_clock_goes_forward(void **state) {
    (void)state;
    int64_t before_ns = clock_monotonic_ns();
    int64_t before_ms = clock_monotonic_ms();
    assert_true(clock_monotonic_ns() >= before_ns);
    assert_true(before_ms >= before_ns / 1000000);
    assert_true(clock_wall_ms() > 1700000000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_formats_utc_at_its_borders),
        cmocka_unit_test(test_clock_parses_what_it_formats_on_every_day),
        cmocka_unit_test(test_clock_parses_offsets_and_fractions),
        cmocka_unit_test(test_clock_rejects_what_is_no_instant),
        cmocka_unit_test(test_clock_goes_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
