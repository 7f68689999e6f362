/*
 * Output on its way into events: lines come whole, no part of a secret passes at any cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mask.h"
#include "base/mem.h"
#include "event/output.h"
#include "maxima.h"

static void collect(const char *line, void *ctx) {
    str_add(ctx, line);
    str_add(ctx, "\n");
}

/* Lines made of `text` when it arrives in pieces of this size. */
static void lines_of(const char *text, size_t len, size_t piece, struct str *out) {
    struct output_lines lines = OUTPUT_LINES_INIT;
    for (size_t at = 0; at < len; at += piece) {
        output_lines_feed(&lines, text + at, len - at < piece ? len - at : piece, collect, out);
    }
    output_lines_end(&lines, collect, out);
    output_lines_release(&lines);
}

static void check_lines(const char *text, const char *expected) {
    for (size_t piece = 1; piece <= strlen(text) + 1; piece++) {
        AUTO(str) struct str out = STR_INIT(0);
        lines_of(text, strlen(text), piece, &out);
        assert_string_equal(str_text(&out), expected);
    }
}

static void test_output_lines_are_whole_however_they_arrive(void **state) {
    (void)state;
    check_lines("", "");
    check_lines("one\ntwo\n", "one\ntwo\n");
    check_lines("one\r\n\nlast", "one\n\nlast\n");
    check_lines("caf\xc3\xa9 \x1b[31mred\x1b[0m\n", "caf\xc3\xa9 red\n");
}

static void test_output_lines_of_a_progress_bar_show_its_last_state(void **state) {
    (void)state;
    check_lines("10 %\r20 %\r100 %\ndone\n", "100 %\ndone\n");
    check_lines("10 %\r20 %\r", "20 %\n");
}

static void test_output_lines_show_the_start_of_one_that_is_too_long(void **state) {
    (void)state;
    static char text[3 * LIMIT_LIVE_LINE];
    memset(text, 'x', sizeof text);
    memcpy(text + sizeof text - 5, "\nend\n", 5);
    AUTO(str) struct str out = STR_INIT(0);
    lines_of(text, sizeof text, 1000, &out);
    assert_int_equal(out.len, 4096 + 3 + 1 + 4);
    assert_string_equal(out.data + 4096, "…\nend\n");
}

static void test_output_lines_mask_a_secret_that_arrives_in_pieces(void **state) {
    (void)state;
    mask_clear();
    assert_true(mask_register("tRustNo1", 8));
    check_lines("a tRustNo1 b\n", "a *** b\n");
    check_lines("a tRust\x1b[1mNo1 b\ntRustNo1", "a tRustNo1 b\n***\n"); /* the door's part */
    mask_clear();
}

/* Wherever the secret stands around the cut, nothing of it is shown but whole masks. */
static void test_output_lines_show_no_part_of_a_secret_at_the_cut(void **state) {
    (void)state;
    static char text[LIMIT_LIVE_LINE + 64];
    static const char secret[] = "tRustNo1";
    mask_clear();
    assert_true(mask_register(secret, 8));
    for (size_t at = LIMIT_LIVE_LINE - 12; at < LIMIT_LIVE_LINE + 4; at++) {
        AUTO(str) struct str out = STR_INIT(0);
        memset(text, ' ', sizeof text);
        memcpy(text + at, secret, 8);
        lines_of(text, sizeof text, sizeof text, &out);
        assert_null(strchr(out.data, 't'));
    }
    mask_clear();
}

static void test_output_excerpt_shows_no_part_of_a_secret_at_its_cuts(void **state) {
    (void)state;
    static const char text[] = "aaaa tRustNo1 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    mask_clear();
    assert_true(mask_register("tRustNo1", 8));
    size_t margin = mask_margin();
    assert_true(margin >= 7);
    for (size_t cut = 1; cut < 20; cut++) {
        AUTO(str) struct str out = STR_INIT(0);
        output_excerpt(&out, text, cut, text + cut, strlen(text) - cut);
        assert_null(strchr(str_text(&out), 'R'));
        assert_null(strchr(str_text(&out), 'N'));
        assert_non_null(strstr(str_text(&out), "\n… (cut) …\n"));
    }
    AUTO(str) struct str whole = STR_INIT(0);
    output_excerpt(&whole, text, 18, NULL, 0);
    assert_string_equal(str_text(&whole), "aaaa *** bbbb");
    mask_clear();
}

static void test_output_excerpt_keeps_every_byte_without_secrets(void **state) {
    (void)state;
    mask_clear();
    AUTO(str) struct str out = STR_INIT(0);
    output_excerpt(&out, "head", 4, "tail", 4);
    assert_string_equal(str_text(&out), "head\n… (cut) …\ntail");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_lines_are_whole_however_they_arrive),
        cmocka_unit_test(test_output_lines_of_a_progress_bar_show_its_last_state),
        cmocka_unit_test(test_output_lines_show_the_start_of_one_that_is_too_long),
        cmocka_unit_test(test_output_lines_mask_a_secret_that_arrives_in_pieces),
        cmocka_unit_test(test_output_lines_show_no_part_of_a_secret_at_the_cut),
        cmocka_unit_test(test_output_excerpt_shows_no_part_of_a_secret_at_its_cuts),
        cmocka_unit_test(test_output_excerpt_keeps_every_byte_without_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
