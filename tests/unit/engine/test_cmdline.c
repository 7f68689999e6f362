/* Command lines: typed arguments, private files, environment, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/str.h"
#include "maxima.h"
#include "play.h"

static char seen_path[256];
static char seen_text[256];
static unsigned seen_mode;

/* The second argument is a path, perhaps after an @. */
static void look_at_file(struct play *p, const struct run_request *request) {
    (void)p;
    const char *path = request->argv[1] + (request->argv[1][0] == '@' ? 1 : 0);
    struct stat st;
    AUTO(str) struct str text = STR_INIT(sizeof seen_text - 1);
    struct err err = ERR_INIT;
    assert_int_equal(stat(path, &st), 0);
    assert_true(file_read(path, text.max, &text, &err));
    seen_mode = st.st_mode & 0777U;
    memcpy(seen_text, str_text(&text), text.len + 1);
    memcpy(seen_path, path, strlen(path) + 1);
}

static void test_cmdline_private_files_are_private_and_gone_afterwards(void **state) {
    (void)state;
    static const struct {
        const char *arg;
        const char *text;
        int exit_code;
        bool is_cancelled;
    } rows[] = {
        {"{file_json: {a: [1, null]}}", "{\"a\":[1,null]}", 0, false},
        {"{secret_file: 'key\n'}", "key ", 0, false},
        {"{file_json: x}", "\"x\"", 1, false},
        {"{file_json: x}", "\"x\"", 0, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        AUTO(str) struct str body = STR_INIT(0);
        str_addf(&body, "steps:\n  - id: a\n    cmd: [use, %s]\n", rows[i].arg);
        struct play p;
        play_init(&p, str_text(&body));
        play_answer(&p, "use", rows[i].exit_code, "", "");
        play_takes(&p, 1000);
        p.look = look_at_file;
        p.cancel_at_ms = rows[i].is_cancelled ? 500 : 0;
        p.cancel_signal = 15;
        play_run(&p);
        assert_int_equal(seen_mode, 0600);
        assert_string_equal(seen_text, rows[i].text);
        assert_int_not_equal(access(seen_path, F_OK), 0);
        play_release(&p);
    }
}

static void test_cmdline_private_file_is_gone_when_a_later_argument_fails(void **state) {
    (void)state;
    struct play p;
    play_init(&p,
              "steps:\n  - id: a\n    cmd: [use, {file_json: x}, \"${{ parse_json('{') }}\"]\n");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    play_expect_calls(&p, "");
    play_release(&p);
}

static void test_cmdline_typed_arguments_are_one_argument_each(void **state) {
    (void)state;
    struct play p;
    play_init(&p,
              "vars: {list: [a b, 2, true]}\nsteps:\n  - id: a\n"
              "    cmd: [use, {json: {k: [1]}}, \"${{ vars.list }}\", \"x${{ vars.list }}\"]\n");
    play_answer(&p, "use", 0, "", "");
    play_run(&p);
    play_expect_calls(&p, "use {\"k\":[1]} a b 2 true x[\"a b\",2,true]\n");
    play_release(&p);
}

static void test_cmdline_flag_of_a_list_stands_once_per_element(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "vars: {none: [], two: [a, b]}\nsteps:\n  - id: a\n    cmd: [use]\n"
                  "    flags: {n: \"${{ vars.none }}\", t: \"${{ vars.two }}\", deep: [[]]}\n");
    play_answer(&p, "use", 0, "", "");
    play_run(&p);
    play_expect_calls(&p, "use --t=a --t=b --deep=[[]]\n");
    play_release(&p);
}

static void expect_refused(const char *fields, const char *message) {
    AUTO(str) struct str body = STR_INIT(0);
    str_addf(&body, "steps:\n  - id: a\n    %s\n", fields);
    struct play p;
    play_init(&p, str_text(&body));
    play_run(&p);
    play_expect_calls(&p, "");
    play_expect(&p, "a", STEP_FAILED, NULL);
    assert_int_equal(play_step(&p, "a")->error_class, CLASS_USAGE);
    if (strstr(play_step(&p, "a")->message, message) == NULL) {
        fail_msg("'%s' is not in '%s'", message, play_step(&p, "a")->message);
    }
    play_release(&p);
}

static void test_cmdline_refuses_what_execve_would_cut(void **state) {
    (void)state;
    expect_refused("cmd:\n      - use\n      - ${{ parse_json('\"a\\u0000b\"') }}",
                   "argument 2 holds a NUL character");
    expect_refused("cmd: [use]\n    env:\n      X: ${{ parse_json('\"a\\u0000b\"') }}",
                   "env 'X' holds a NUL character");
}

static void test_cmdline_null_is_no_argument(void **state) {
    (void)state;
    expect_refused("cmd: [use, \"${{ `null` }}\"]", "argument 2 is null");
}

static void test_cmdline_size_of_one_argument_has_its_limit(void **state) {
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        AUTO(str) struct str body = STR_INIT(0);
        str_add(&body, "steps:\n  - id: a\n    cmd: [use, '");
        str_add_repeat(&body, 'x', LIMIT_ARG_BYTES + (size_t)extra);
        str_add(&body, "']\n");
        struct play p;
        play_init(&p, str_text(&body));
        play_answer(&p, "use", 0, "", "");
        play_run(&p);
        assert_int_equal(p.exit_code, extra);
        if (extra == 1) {
            assert_non_null(strstr(play_step(&p, "a")->message,
                                   "argument 2 has 131072 bytes: one argument may have 131071"));
        }
        play_release(&p);
    }
}

static void test_cmdline_environment_is_inherited_replaced_and_left_out(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "env: {HOME: /elsewhere, A: 1}\nsteps:\n  - id: a\n    cmd: [use]\n"
                  "    env: {A: [1, 2], B: true, C: null}\n");
    play_answer(&p, "use", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_string_equal(str_text(&p.environ),
                        "PATH=/bin\nHOME=/elsewhere\n"
                        /* made from the run's id, the step and the attempt */
                        "TRACEPARENT=00-619e4ac502bc682d03114a9421649e50-1b5facda43821cfa-01\n"
                        "A=[1,2]\nB=true\n");
    play_release(&p);
}

static void test_cmdline_stdin_is_text_or_json(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [use]\n    stdin: {json: {a: [1]}}\n");
    play_answer(&p, "use", 0, "", "");
    play_run(&p);
    assert_string_equal(str_text(&p.stdin_text), "{\"a\":[1]}");
    play_release(&p);
    play_init(&p, "steps:\n  - id: a\n    cmd: [use]\n    stdin: \"n=${{ 1 }}\"\n");
    play_answer(&p, "use", 0, "", "");
    play_run(&p);
    assert_string_equal(str_text(&p.stdin_text), "n=1");
    play_release(&p);
}

static void test_cmdline_cpdctl_asks_for_json_once(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cpdctl: [space, list]\n"
                  "  - id: b\n    cpdctl: [space, list, --output=json]\n"
                  "  - id: c\n    cpdctl: [config, user, set, x]\n"
                  "  - id: d\n    cpdctl: [version]\n");
    play_answer(&p, "cpdctl", 0, "{}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "cpdctl space list --output json\ncpdctl space list --output=json\n"
                          "cpdctl config user set x\ncpdctl version\n");
    play_release(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cmdline_private_files_are_private_and_gone_afterwards),
        cmocka_unit_test(test_cmdline_private_file_is_gone_when_a_later_argument_fails),
        cmocka_unit_test(test_cmdline_typed_arguments_are_one_argument_each),
        cmocka_unit_test(test_cmdline_flag_of_a_list_stands_once_per_element),
        cmocka_unit_test(test_cmdline_refuses_what_execve_would_cut),
        cmocka_unit_test(test_cmdline_null_is_no_argument),
        cmocka_unit_test(test_cmdline_size_of_one_argument_has_its_limit),
        cmocka_unit_test(test_cmdline_environment_is_inherited_replaced_and_left_out),
        cmocka_unit_test(test_cmdline_stdin_is_text_or_json),
        cmocka_unit_test(test_cmdline_cpdctl_asks_for_json_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
