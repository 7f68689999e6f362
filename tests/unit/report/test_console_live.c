/*
 * The live view on a small terminal: what stands on the screen at a moment, what is left of it, and how often it is painted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "unit/report/golden.h"
#include "unit/report/stage.h"
#include "unit/report/term.h"

static struct term term;

static struct console_options live(unsigned columns, unsigned rows) {
    return (struct console_options){
        .is_terminal = true, .columns = columns, .rows = rows, .has_unicode = true};
}

/* A tenth of a second passes for the painter, `ms` for the run; then the screen as text. */
static void look(struct stage *s, int64_t ms, struct str *ret_screen) {
    AUTO(str) struct str bytes = STR_INIT(0);
    stage_now_ms += 100;
    s->script.now_ms += ms;
    console_tick(s->console, s->script.now_ms);
    stage_written(s, &bytes);
    term_feed(&term, str_text(&bytes), bytes.len);
    str_reset(ret_screen);
    term_text(&term, ret_screen);
}

static void finish(struct stage *s, struct str *ret_screen) {
    AUTO(str) struct str bytes = STR_INIT(0);
    assert_true(stage_close(s, &bytes));
    term_feed(&term, str_text(&bytes), bytes.len);
    str_reset(ret_screen);
    term_text(&term, ret_screen);
}

static void test_live_shows_what_each_step_does_now(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str screen = STR_INIT(0);
    term_init(&term, 80, 24);
    stage_open(&s, live(80, 24));
    script_run_started(&s.script, NULL);
    unsigned space = script_declare(&s.script, "space", "ensure");
    unsigned model = script_declare(&s.script, "model_upload", "cpdctl");
    unsigned each = script_declare(&s.script, "files", "foreach");
    unsigned file = script_declare_in(&s.script, (int)each, "files[0]", "cpdctl");
    script_declare_in(&s.script, (int)each, "files[1]", "cpdctl");
    script_start(&s.script, space);
    script_attempt(&s.script, space, "find", "cpdctl spaces list");
    look(&s, 1500, &screen);
    assert_string_equal(str_text(&screen),
                        "publish-model  run 20260131-090500-7f3a, cpdflow 1.0.0\n"
                        "▸ space            1 s  cpdctl spaces list\n"
                        "  0 of 4 steps done, 1 s\n");

    script_attempt_ok(&s.script, space, "{}");
    script_poll(&s.script, space, "preparing", true, false);
    script_start(&s.script, model);
    script_attempt(&s.script, model, "run", "cpdctl ml models store");
    script_attempt_failed(&s.script, model, CLASS_TRANSIENT, 1, "503");
    script_retry(&s.script, model, 3, 5000);
    script_start(&s.script, each);
    script_start(&s.script, file);
    script_attempt(&s.script, file, "run", "cpdctl assets upload");
    script_output(&s.script, file, 1, "42 %");
    look(&s, 2000, &screen);
    assert_string_equal(
        str_text(&screen),
        "publish-model  run 20260131-090500-7f3a, cpdflow 1.0.0\n"
        "◦ space            3 s  preparing for 2 s\n"
        "↻ model_upload     2 s  attempt 2 of 3 in 3 s: transient: the service is not a…\n"
        "▸ files            2 s  0 of 2 done\n"
        "  ▸ files[0]       2 s  42 %\n"
        "  0 of 4 steps done, 3 s\n");

    script_succeed(&s.script, space, CHANGE_CREATED, NULL);
    script_attempt_ok(&s.script, file, NULL);
    script_succeed(&s.script, file, CHANGE_NONE, NULL);
    look(&s, 500, &screen);
    assert_string_equal(
        str_text(&screen),
        "publish-model  run 20260131-090500-7f3a, cpdflow 1.0.0\n"
        "✓ space          3.5 s  created\n"
        "↻ model_upload     2 s  attempt 2 of 3 in 3 s: transient: the service is not a…\n"
        "▸ files            2 s  1 of 2 done\n"
        "  2 of 4 steps done, 4 s\n");
    finish(&s, &screen);
    assert_string_equal(str_text(&screen),
                        "publish-model  run 20260131-090500-7f3a, cpdflow 1.0.0\n"
                        "✓ space          3.5 s  created\n");
}

static void test_live_leaves_one_line_for_each_step(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str screen = STR_INIT(0);
    term_init(&term, 80, 24);
    stage_open(&s, live(80, 24));
    script_sample(&s.script);
    console_summary(s.console, NULL, 0);
    finish(&s, &screen);
    golden_check("console-live.txt", str_text(&screen), screen.len);
}

/* Ten thousand events in one moment are one repaint; time alone makes no more than ten a second. */
static void test_live_repaints_at_most_ten_times_a_second(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str bytes = STR_INIT(0);
    stage_open(&s, live(80, 24));
    unsigned step = script_declare(&s.script, "busy", "cmd");
    script_start(&s.script, step);
    for (unsigned i = 0; i < 10000; i++) {
        script_output(&s.script, step, 1, "line");
    }
    for (unsigned ms = 0; ms < 1000; ms += 5) {
        stage_now_ms += 5;
        console_tick(s.console, ms);
    }
    stage_written(&s, &bytes);
    unsigned n_paints = 0;
    for (const char *at = bytes.data; (at = strstr(at, "steps done")) != NULL; at++) {
        n_paints++;
    }
    assert_in_range(n_paints, 9, 11);
    stage_close(&s, &bytes);
}

static void test_live_fits_any_width(void **state) {
    (void)state;
    static const char wide[] =
        "界面 über 日本語のとても長い説明文です e\xcc\x81\xcc\x81 and so on and on and on";
    for (unsigned columns = 20; columns <= 300; columns += 7) {
        struct stage s;
        AUTO(str) struct str screen = STR_INIT(0);
        term_init(&term, columns, 24);
        stage_open(&s, live(columns, 24));
        script_run_started(&s.script, NULL);
        unsigned step = script_declare(
            &s.script, "a_step_with_a_very_long_name_that_goes_on_and_on_and_on_forever", "cmd");
        script_start(&s.script, step);
        script_attempt(&s.script, step, "run",
                       "cpdctl and a long list of words that never ends "
                       "and is longer than any terminal one has seen");
        look(&s, 100, &screen);
        script_output(&s.script, step, 1, wide);
        look(&s, 100, &screen);
        script_poll(&s.script, step, wide, true, false);
        look(&s, 100, &screen);
        script_notice(&s.script, (int)step, "kind", wide);
        script_fail(&s.script, step, STEP_FAILED, CLASS_UNKNOWN, wide, NULL);
        look(&s, 100, &screen);
        finish(&s, &screen);
        assert_int_equal(term.n_wraps, 0);
    }
}

static void test_live_never_grows_past_the_window(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str screen = STR_INIT(0);
    term_init(&term, 80, 12);
    stage_open(&s, live(80, 12));
    for (unsigned i = 0; i < 40; i++) {
        static char ids[40][16];
        (void)snprintf(ids[i], sizeof ids[i], "step_%u", i);
        script_start(&s.script, script_declare(&s.script, ids[i], "cmd"));
    }
    look(&s, 100, &screen);
    assert_int_equal(term.n_lines, 8); /* six steps, the totals, the cursor's line */
    assert_non_null(strstr(str_text(&screen), "0 of 40 steps done, 34 more running"));
    for (unsigned i = 0; i < 40; i++) {
        script_succeed(&s.script, i, CHANGE_NONE, NULL);
        look(&s, 100, &screen);
    }
    finish(&s, &screen);
    for (unsigned i = 0; i < 40; i++) {
        AUTO(str) struct str line = STR_INIT(0);
        str_addf(&line, "✓ step_%u ", i);
        const char *found = strstr(str_text(&screen), str_text(&line));
        assert_non_null(found);
        assert_null(strstr(found + 1, str_text(&line)));
    }
}

static void test_live_shows_instances_of_a_foreach_only_when_they_fail(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str screen = STR_INIT(0);
    term_init(&term, 80, 24);
    stage_open(&s, live(80, 24));
    unsigned each = script_declare(&s.script, "files", "foreach");
    unsigned good = script_declare_in(&s.script, (int)each, "files[0]", "cpdctl");
    unsigned bad = script_declare_in(&s.script, (int)each, "files[1]", "cpdctl");
    script_start(&s.script, each);
    script_start(&s.script, good);
    script_succeed(&s.script, good, CHANGE_NONE, NULL);
    script_start(&s.script, bad);
    script_fail(&s.script, bad, STEP_FAILED, CLASS_AUTH, "no", NULL);
    script_fail(&s.script, each, STEP_FAILED, CLASS_AUTH, "1 of 2 failed", NULL);
    finish(&s, &screen);
    assert_string_equal(str_text(&screen), "  ✗ files[1]    0 ms  failed: auth: no\n"
                                           "✗ files         0 ms  failed: auth: 1 of 2 failed\n");
}

static void test_live_verbose_shows_output_above_the_view(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str screen = STR_INIT(0);
    struct console_options options = live(60, 24);
    options.verbosity = CONSOLE_VERBOSE;
    term_init(&term, 60, 24);
    stage_open(&s, options);
    unsigned step = script_declare(&s.script, "talk", "cmd");
    script_start(&s.script, step);
    script_output(&s.script, step, 1, "to stdout \x1b[31mred\x1b[0m");
    script_output(&s.script, step, 2, "to stderr");
    look(&s, 100, &screen);
    assert_string_equal(str_text(&screen), "  talk │ to stdout red\n"
                                           "  talk │ to stderr\n"
                                           "▸ talk         0 s\n"
                                           "  0 of 1 steps done, 0 s\n");
    finish(&s, &screen);
}

static void test_live_counts_rows_anew_when_the_window_gets_narrower(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str bytes = STR_INIT(0);
    stage_open(&s, live(80, 24));
    unsigned step = script_declare(&s.script, "one", "cmd");
    script_start(&s.script, step);
    script_attempt(&s.script, step, "run", "a command that takes nearly all the eighty columns");
    stage_now_ms += 100;
    console_tick(s.console, 0);
    console_resize(s.console, 40, 24);
    stage_written(&s, &bytes);
    str_reset(&bytes);
    stage_now_ms += 100;
    console_tick(s.console, 0);
    stage_written(&s, &bytes);
    /* The step's line of 70 columns takes two rows of 40 now, the totals one. */
    assert_memory_equal(bytes.data, "\x1b[3A\r\x1b[J", 8);
    stage_close(&s, &bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_shows_what_each_step_does_now),
        cmocka_unit_test(test_live_leaves_one_line_for_each_step),
        cmocka_unit_test(test_live_repaints_at_most_ten_times_a_second),
        cmocka_unit_test(test_live_fits_any_width),
        cmocka_unit_test(test_live_never_grows_past_the_window),
        cmocka_unit_test(test_live_shows_instances_of_a_foreach_only_when_they_fail),
        cmocka_unit_test(test_live_verbose_shows_output_above_the_view),
        cmocka_unit_test(test_live_counts_rows_anew_when_the_window_gets_narrower),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
