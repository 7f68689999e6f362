/*
 * What a log gets beside its facts: sections for GitHub and GitLab, a sign of life.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/report/stage.h"

#define T "2026-01-31T09:05:00Z "

static struct console_options for_ci(enum console_ci ci) {
    return (struct console_options){.ci = ci, .verbosity = CONSOLE_VERBOSE, .has_unicode = true};
}

static void test_console_log_folds_the_lines_of_one_step(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    stage_open(&s, for_ci(CONSOLE_CI_GITHUB));
    unsigned step = script_declare(&s.script, "space", "ensure");
    script_start(&s.script, step);
    script_attempt(&s.script, step, "find", "cpdctl space list");
    script_output(&s.script, step, 2, "::error::not a command");
    script_attempt_ok(&s.script, step, "{}");
    script_succeed(&s.script, step, CHANGE_NONE, NULL);
    stage_close(&s, &text);
    assert_string_equal(str_text(&text),
                        T "space: started\n"
                          "::group::space\n" T "space: attempt 1, find: cpdctl space list\n" T
                          "space! ::error::not a command\n"
                          "::endgroup::\n" T "space: succeeded (0 ms)\n");
}

static void test_console_log_of_gitlab_has_sections_with_times(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    stage_open(&s, for_ci(CONSOLE_CI_GITLAB));
    unsigned step = script_declare(&s.script, "space", "cmd");
    script_start(&s.script, step);
    script_output(&s.script, step, 1, "told before its attempt");
    script_attempt(&s.script, step, "run", "true");
    script_succeed(&s.script, step, CHANGE_UNKNOWN, NULL);
    stage_close(&s, &text);
    assert_non_null(
        strstr(str_text(&text),
               "\x1b[0Ksection_start:1769850300:cpdflow_1[collapsed=true]\r\x1b[0Kspace\n"));
    assert_non_null(strstr(str_text(&text), "\x1b[0Ksection_end:1769850300:cpdflow_1\r\x1b[0K\n"));
}

/* Sections do not nest: lines of two steps that alternate are left as they come, each with its step's name. */
static void test_console_log_does_not_fold_what_runs_side_by_side(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    stage_open(&s, for_ci(CONSOLE_CI_GITHUB));
    unsigned a = script_declare(&s.script, "a", "cmd");
    unsigned b = script_declare(&s.script, "b", "cmd");
    script_start(&s.script, a);
    script_start(&s.script, b);
    script_attempt(&s.script, a, "run", "true");
    script_attempt(&s.script, b, "run", "true");
    for (unsigned i = 0; i < 3; i++) {
        script_output(&s.script, a, 1, "x");
        script_output(&s.script, b, 1, "y");
    }
    stage_close(&s, &text);
    const char *end = strstr(str_text(&text), "::endgroup::");
    assert_non_null(end);
    assert_null(strstr(end, "::group::"));
}

static void test_console_log_closes_the_last_section(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    stage_open(&s, for_ci(CONSOLE_CI_GITHUB));
    unsigned step = script_declare(&s.script, "cut", "cmd");
    script_start(&s.script, step);
    script_attempt(&s.script, step, "run", "sleep 9");
    console_summary(s.console, NULL, 0);
    stage_close(&s, &text);
    const char *end = strstr(str_text(&text), "::endgroup::\n");
    assert_non_null(end);
    assert_non_null(strstr(end, "steps")); /* the summary stands outside */
}

static void test_console_log_heartbeat_tells_what_runs(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    stage_open(&s, (struct console_options){.heartbeat_ms = 60000});
    unsigned step = script_declare(&s.script, "deployment", "ensure");
    script_start(&s.script, step);
    script_attempt(&s.script, step, "ready", "cpdctl ml deployment get");
    script_poll(&s.script, step, "initializing", true, false);
    str_cut(&text, 0);
    stage_written(&s, &text);
    str_cut(&text, 0);
    console_tick(s.console, 59999);
    stage_written(&s, &text);
    assert_string_equal(str_text(&text), "");
    console_tick(s.console, 60000);
    console_tick(s.console, 100000);
    stage_written(&s, &text);
    const char *line = strstr(str_text(&text), "Z run: ");
    assert_string_equal(
        line, "Z run: still running after 1m 00s: deployment for 1m 00s (initializing)\n");
    str_cut(&text, 0);
    console_tick(s.console, 120000);
    stage_written(&s, &text);
    assert_non_null(strstr(str_text(&text), "after 2m 00s"));
    stage_close(&s, &text);
}

static void test_console_log_heartbeat_names_a_few_of_many(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    stage_open(&s, (struct console_options){.heartbeat_ms = 1000});
    for (unsigned i = 0; i < 6; i++) {
        static const char *const ids[] = {"a", "b", "c", "d", "e", "f"};
        unsigned step = script_declare(&s.script, ids[i], "cmd");
        script_start(&s.script, step);
        script_attempt(&s.script, step, "run", "true");
    }
    console_tick(s.console, 5000);
    stage_close(&s, &text);
    assert_non_null(strstr(str_text(&text), "d for 5 s and 2 more\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_console_log_folds_the_lines_of_one_step),
        cmocka_unit_test(test_console_log_of_gitlab_has_sections_with_times),
        cmocka_unit_test(test_console_log_does_not_fold_what_runs_side_by_side),
        cmocka_unit_test(test_console_log_closes_the_last_section),
        cmocka_unit_test(test_console_log_heartbeat_tells_what_runs),
        cmocka_unit_test(test_console_log_heartbeat_names_a_few_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
