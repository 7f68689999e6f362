/* base/err: building, wrapping, the rendered form with place, source line, caret and hint; near
 * names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

#include <errno.h>
#include <string.h>

static void check_render(const struct err *err, const char *expected) {
    AUTO(str) struct str out = STR_INIT(0);
    err_render(err, "error", &out);
    assert_string_equal(str_text(&out), expected);
}

static void test_err_set_replaces_and_may_use_the_old_message(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    assert_false(err_set(&err, "first", "one %d", 1));
    err_hint(&err, "a hint");
    assert_false(err_set(&err, "second", "two after %s", err.message));
    assert_string_equal(err.kind, "second");
    assert_string_equal(err.message, "two after one 1");
    assert_null(err.hint);
}

static void test_err_wrap_puts_context_in_front(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    err_set(&err, "parse", "no digits");
    assert_false(err_wrap(&err, "field '%s'", "port"));
    assert_false(err_wrap(&err, "step '%s'", "a"));
    assert_string_equal(err.message, "step 'a': field 'port': no digits");
    assert_string_equal(err.kind, "parse");
}

static void test_err_errno_adds_the_words_of_the_system(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    assert_false(err_errno(&err, "file-read", ENOENT, "cannot open '%s'", "x"));
    assert_string_equal(err.message, "cannot open 'x': No such file or directory");
}

static void test_err_at_keeps_the_first_place(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    err_set(&err, "k", "m");
    assert_false(err_at(&err, (struct place){"a.yaml", 3, 2}, "x: y"));
    assert_false(err_at(&err, (struct place){"b.yaml", 9, 9}, "z"));
    assert_string_equal(err.place.file, "a.yaml");
    assert_int_equal(err.place.line, 3);
    assert_string_equal(err.source_line, "x: y");
}

static void test_err_renders_with_and_without_place(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    err_set(&err, "unknown-step", "no step is called '%s'", "creat");
    check_render(&err, "error[unknown-step]: no step is called 'creat'\n");
    err_hint(&err, "did you mean '%s'?", "create");
    err_at(&err, (struct place){"r.yaml", 12, 7}, "needs: creat\r\n");
    check_render(&err, "r.yaml:12:7: error[unknown-step]: no step is called 'creat'\n"
                       "  needs: creat\n"
                       "        ^\n"
                       "hint: did you mean 'create'?\n");
    AUTO(err) struct err file_only = ERR_INIT;
    err_set(&file_only, "k", "m");
    file_only.place.file = "r.yaml";
    check_render(&file_only, "r.yaml: error[k]: m\n");
    AUTO(err) struct err no_file = ERR_INIT;
    err_set(&no_file, "k", "m");
    err_at(&no_file, (struct place){NULL, 2, 1}, NULL);
    check_render(&no_file, "line 2:1: error[k]: m\n");
}

static void test_err_caret_stands_under_the_column(void **state) {
    (void)state;
    static const struct {
        const char *line;
        unsigned col;
        const char *shown;
    } cases[] = {
        {"abc", 1, "  abc\n  ^\n"},
        {"abc", 4, "  abc\n     ^\n"},
        {"维修 x", 4, "  维修 x\n       ^\n"},
        {"e\xCC\x81x", 3, "  e\xCC\x81x\n   ^\n"},
        {"\tx: y", 5, "  \tx: y\n  \t   ^\n"},
        {"abc", 99, "  abc\n     ^\n"},
        {"", 1, "  \n  ^\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO(err) struct err err = ERR_INIT;
        AUTO(str) struct str expected = STR_INIT(0);
        err_set(&err, "k", "m");
        err_at(&err, (struct place){"f", 1, cases[i].col}, cases[i].line);
        str_addf(&expected, "f:1:%u: error[k]: m\n%s", cases[i].col, cases[i].shown);
        check_render(&err, str_text(&expected));
    }
}

static void test_err_shows_a_window_of_a_long_line(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str line = STR_INIT(0);
    AUTO(str) struct str out = STR_INIT(0);
    AUTO(str) struct str caret = STR_INIT(0);
    str_add_repeat(&line, 'a', 1000);
    str_add(&line, "HERE");
    str_add_repeat(&line, 'b', 1000);
    err_set(&err, "k", "m");
    err_at(&err, (struct place){"f", 1, 1001}, str_text(&line));
    err_render(&err, "warning", &out);
    assert_true(out.len < 400);
    str_add_char(&caret, '\n');
    str_add_repeat(&caret, ' ', 82);
    str_add(&caret, "^\n");
    assert_non_null(strstr(out.data, str_text(&caret)));
    assert_non_null(strstr(out.data, "aaaaHEREbbbb"));
    assert_true(str_starts(out.data, "f:1:1001: warning[k]: m\n"));
}

static void test_err_message_is_cut_with_a_mark_one_past_the_limit(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str text = STR_INIT(0);
    str_add_repeat(&text, 'x', LIMIT_MESSAGE);
    err_set(&err, "k", "%s", str_text(&text));
    assert_string_equal(err.message, str_text(&text));
    str_add_char(&text, 'x');
    err_set(&err, "k", "%s", str_text(&text));
    assert_int_equal(strlen(err.message), LIMIT_MESSAGE);
    assert_true(str_ends(err.message, "x…"));
}

static void test_err_cut_does_not_leave_half_a_secret(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str text = STR_INIT(0);
    assert_true(mask_register("SECRET-PASSWORD", 15));
    str_add_repeat(&text, 'x', LIMIT_MESSAGE - 10);
    str_add(&text, "SECRET-PASSWORD");
    err_set(&err, "k", "%s", str_text(&text));
    assert_null(strstr(err.message, "SECRET"));
    mask_clear();
}

static void test_err_render_masks_and_disarms(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    assert_true(mask_register("hunter22", 8));
    err_set(&err, "k", "wrong password hunter22\x1B[31m");
    err_hint(&err, "not hunter22");
    err_at(&err, (struct place){"f", 1, 11}, "password: hunter22");
    check_render(&err, "f:1:11: error[k]: wrong password ***\n"
                       "  password: ***\n"
                       "            ^\n"
                       "hint: not ***\n");
    mask_clear();
}

static void test_err_move_releases_the_target(void **state) {
    (void)state;
    AUTO(err) struct err from = ERR_INIT;
    AUTO(err) struct err to = ERR_INIT;
    err_set(&to, "old", "old");
    err_set(&from, "new", "new");
    err_move(&to, &from);
    assert_string_equal(to.message, "new");
    assert_null(from.kind);
    err_move(&to, &to);
    assert_string_equal(to.message, "new");
    err_release(NULL);
}

static void test_err_nearest_finds_slips_and_nothing_far(void **state) {
    (void)state;
    static const char *const names[] = {"timeout", "retry", "when", "foreach", "id", "outputs"};
    static const struct {
        const char *word;
        const char *nearest;
    } cases[] = {
        {"timeuot", "timeout"},
        {"timout", "timeout"},
        {"retyr", "retry"},
        {"wen", "when"},
        {"for_each", "foreach"},
        {"di", "id"},
        {"output", "outputs"},
        {"xyz", NULL},
        {"a", NULL},
        {"", NULL},
        {"needs", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *found = err_nearest(cases[i].word, names, sizeof names / sizeof names[0]);
        if (cases[i].nearest == NULL) {
            assert_null(found);
        } else {
            assert_non_null(found);
            assert_string_equal(found, cases[i].nearest);
        }
    }
    char long_word[200];
    memset(long_word, 'a', sizeof long_word - 1);
    long_word[sizeof long_word - 1] = '\0';
    const char *const same[] = {long_word};
    assert_null(err_nearest(long_word, same, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err_set_replaces_and_may_use_the_old_message),
        cmocka_unit_test(test_err_wrap_puts_context_in_front),
        cmocka_unit_test(test_err_errno_adds_the_words_of_the_system),
        cmocka_unit_test(test_err_at_keeps_the_first_place),
        cmocka_unit_test(test_err_renders_with_and_without_place),
        cmocka_unit_test(test_err_caret_stands_under_the_column),
        cmocka_unit_test(test_err_shows_a_window_of_a_long_line),
        cmocka_unit_test(test_err_message_is_cut_with_a_mark_one_past_the_limit),
        cmocka_unit_test(test_err_cut_does_not_leave_half_a_secret),
        cmocka_unit_test(test_err_render_masks_and_disarms),
        cmocka_unit_test(test_err_move_releases_the_target),
        cmocka_unit_test(test_err_nearest_finds_slips_and_nothing_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
