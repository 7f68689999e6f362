/*
 * The console away from a terminal: the text of a run, quiet and verbose; JSON lines; readers that are slow, gone or full.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "maxima.h"
#include "unit/report/golden.h"
#include "unit/report/stage.h"
#include "value/json.h"
#include "value/value.h"

static const struct console_file files[] = {{"report", "run/report.json"}, {"logs", "run/logs"}};

static void play(struct console_options options, void (*story)(struct script *), struct str *out) {
    struct stage s;
    stage_open(&s, options);
    story(&s.script);
    console_summary(s.console, files, 2);
    assert_true(stage_close(&s, out));
}

static void test_console_plain_tells_a_run_line_by_line(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    play((struct console_options){.has_unicode = true}, script_sample, &text);
    golden_check("console.txt", str_text(&text), text.len);
}

static void test_console_plain_verbose_shows_attempts_and_output(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    play((struct console_options){.verbosity = CONSOLE_VERBOSE}, script_sample_success, &text);
    golden_check("console-verbose-ascii.txt", str_text(&text), text.len);
}

static void test_console_plain_quiet_says_only_what_failed(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    play((struct console_options){.verbosity = CONSOLE_QUIET}, script_sample, &text);
    golden_check("console-quiet.txt", str_text(&text), text.len);
}

static void test_console_plain_quiet_is_one_line_when_all_is_well(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    play((struct console_options){.verbosity = CONSOLE_QUIET}, script_sample_success, &text);
    assert_string_equal(str_text(&text), "SUCCESS  publish-model in 25 s\n");
}

static void test_console_plain_writes_each_fact_at_once(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    stage_open(&s, (struct console_options){.has_unicode = true});
    unsigned step = script_declare(&s.script, "one", "cmd");
    script_start(&s.script, step);
    stage_written(&s, &text);
    assert_string_equal(str_text(&text), "2026-01-31T09:05:00Z one: started\n");
    stage_close(&s, &text);
}

static void test_console_plain_debug_shows_command_lines_that_can_be_pasted(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    stage_open(&s, (struct console_options){.verbosity = CONSOLE_DEBUG});
    unsigned step = script_declare(&s.script, "one", "cmd");
    script_start(&s.script, step);
    script_attempt(&s.script, step, "run", "cpdctl --name=a|b it's {\"a\":1}");
    stage_close(&s, &text);
    assert_non_null(strstr(text.data, ": cpdctl '--name=a|b' 'it'\\''s' '{\"a\":1}'\n"));
}

/* P4, P6: whatever a child or a recipe says, a line begins with our time and holds no control character. */
static void test_console_plain_lets_no_control_character_pass(void **state) {
    (void)state;
    static const char evil[] = "\x1b]0;title\a\x1b[2J\x1b]52;c;aGk=\a::set-output name=a::b\r\n"
                               "##[error]no \x08\x7f\xc2\x9b[31m \xe2\x80\xaexyz\xff";
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    stage_open(&s, (struct console_options){.verbosity = CONSOLE_DEBUG});
    unsigned step = script_declare(&s.script, "evil", "cmd");
    s.script.steps[step].name = evil;
    script_start(&s.script, step);
    script_attempt(&s.script, step, "run", evil);
    script_output(&s.script, step, 1, evil);
    script_output(&s.script, step, 2, evil);
    script_poll(&s.script, step, evil, true, false);
    script_notice(&s.script, (int)step, "kind", evil);
    script_attempt_failed(&s.script, step, CLASS_UNKNOWN, 1, evil);
    script_fail(&s.script, step, STEP_FAILED, CLASS_UNKNOWN, evil, evil);
    script_run_finished(&s.script, VERDICT_FAILED, 1, evil);
    console_summary(s.console, NULL, 0);
    stage_close(&s, &text);
    assert_true(utf8_is_valid(text.data, text.len));
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if ((c < 0x20 && c != '\n') || c == 0x7f) {
            fail_msg("control character %02x at %zu of: %s", c, i, text.data);
        }
    }
    assert_null(strstr(text.data, "\xc2\x9b"));
    assert_null(strstr(text.data, "\xe2\x80\xae"));
    assert_null(strstr(text.data, "\n::"));
    assert_null(strstr(text.data, "\n##["));
}

static void test_console_json_is_events_and_nothing_else(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct json_options options = {.duplicates = JSON_DUP_ERROR};
    unsigned n = 0;
    play((struct console_options){.format = CONSOLE_JSON, .is_terminal = true, .has_color = true},
         script_sample, &text);
    for (const char *at = text.data; *at != '\0'; at = strchr(at, '\n') + 1) {
        const struct value *v = NULL;
        assert_true(json_parse(&a, at, strcspn(at, "\n"), &options, &v, NULL, &err));
        int64_t seq = -1;
        assert_true(value_as_i64(value_get(v, "seq"), &seq));
        assert_int_equal(seq, n);
        assert_non_null(value_text(value_get(v, "event")));
        n++;
    }
    assert_int_equal(n, 80);
}

/* O10 */
static void test_console_stops_writing_when_the_reader_is_gone(void **state) {
    (void)state;
    int ends[2];
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    assert_int_equal(pipe(ends), 0);
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    stage_open(&s, (struct console_options){.fd = ends[1]});
    script_run_started(&s.script, NULL);
    assert_int_equal(close(ends[0]), 0);
    script_sample(&s.script);
    console_summary(s.console, NULL, 0);
    assert_false(s.script.bus.has_failed);
    assert_true(stage_close(&s, &text)); /* a reader that went away is not a failure */
    assert_int_equal(close(ends[1]), 0);
    (void)signal(SIGPIPE, before);
}

/* O11 */
static void test_console_reports_a_full_disk_and_goes_on(void **state) {
    (void)state;
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    int fd = open("/dev/full", O_WRONLY);
    if (fd < 0) {
        skip();
    }
    stage_open(&s, (struct console_options){.fd = fd});
    script_sample(&s.script);
    assert_true(s.report->is_finished);
    assert_false(s.script.bus.has_failed);
    assert_false(stage_close(&s, &text));
    assert_int_equal(close(fd), 0);
}

/* O12: a pipe that nobody reads blocks nothing; what it missed comes when it is read again. */
static void test_console_does_not_block_on_a_full_pipe(void **state) {
    (void)state;
    int ends[2];
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    assert_int_equal(pipe(ends), 0);
    stage_open(&s, (struct console_options){.fd = ends[1], .verbosity = CONSOLE_VERBOSE});
    unsigned step = script_declare(&s.script, "chatty", "cmd");
    script_start(&s.script, step);
    for (unsigned i = 0; i < 5000; i++) {
        script_output(&s.script, step, 1, "a line of output that fills the pipe in no time");
    }
    script_notice(&s.script, (int)step, "last", "the last line");
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    for (unsigned i = 0; i < 1000; i++) {
        char buffer[8192];
        ssize_t n = read(ends[0], buffer, sizeof buffer);
        if (n <= 0) {
            break;
        }
        str_add_bytes(&text, buffer, (size_t)n);
        console_tick(s.console, 0);
    }
    assert_true(stage_close(&s, &text));
    assert_non_null(strstr(str_text(&text), "the last line"));
    unsigned n_lines = 0;
    for (const char *at = text.data; *at != '\0'; at++) {
        n_lines += *at == '\n';
    }
    assert_int_equal(n_lines, 5002);
    assert_int_equal(close(ends[0]) + close(ends[1]), 0);
}

static void test_console_drops_lines_when_nobody_ever_reads(void **state) {
    (void)state;
    static char line[64 * 1024];
    int ends[2];
    struct stage s;
    AUTO(str) struct str text = STR_INIT(0);
    memset(line, 'x', sizeof line - 1);
    assert_int_equal(pipe(ends), 0);
    stage_open(&s, (struct console_options){.fd = ends[1], .verbosity = CONSOLE_VERBOSE});
    unsigned step = script_declare(&s.script, "flood", "cmd");
    script_start(&s.script, step);
    for (size_t total = 0; total < 2 * LIMIT_CONSOLE_QUEUE; total += sizeof line) {
        script_output(&s.script, step, 1, line);
    }
    assert_int_equal(close(ends[0]), 0);
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    assert_false(stage_close(&s, &text));
    (void)signal(SIGPIPE, before);
    assert_int_equal(close(ends[1]), 0);
}

static void test_console_color_follows_flag_then_environment(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *value;
        bool on_terminal;
        bool elsewhere;
    } cases[] = {
        {"TERM", "xterm", true, false},       {"NO_COLOR", "1", false, false},
        {"NO_COLOR", "", true, false},        {"CLICOLOR", "0", false, false},
        {"CLICOLOR", "1", true, false},       {"CLICOLOR_FORCE", "1", true, true},
        {"CLICOLOR_FORCE", "0", true, false}, {"TERM", "dumb", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsetenv("NO_COLOR");
        unsetenv("CLICOLOR");
        unsetenv("CLICOLOR_FORCE");
        setenv("TERM", "xterm", 1);
        setenv(cases[i].name, cases[i].value, 1);
        assert_int_equal(console_wants_color(CONSOLE_COLOR_AUTO, true), cases[i].on_terminal);
        assert_int_equal(console_wants_color(CONSOLE_COLOR_AUTO, false), cases[i].elsewhere);
        assert_true(console_wants_color(CONSOLE_COLOR_ALWAYS, false));
        assert_false(console_wants_color(CONSOLE_COLOR_NEVER, true));
    }
}

static void test_console_unicode_follows_the_locale(void **state) {
    (void)state;
    unsetenv("LC_CTYPE");
    unsetenv("LANG");
    setenv("LC_ALL", "C", 1);
    assert_false(console_wants_unicode());
    setenv("LC_ALL", "C.UTF-8", 1);
    assert_true(console_wants_unicode());
    setenv("LC_ALL", "", 1);
    assert_false(console_wants_unicode());
    setenv("LANG", "de_DE.utf8", 1);
    assert_true(console_wants_unicode());
}

/* X8: whatever holds a secret, no form of it comes out. */
static void test_console_shows_no_secret(void **state) {
    (void)state;
    static const char secret[] = "tRustNo1-9f&<";
    static const enum console_format formats[] = {CONSOLE_TEXT, CONSOLE_JSON};
    assert_true(mask_register(secret, strlen(secret)));
    for (size_t i = 0; i < 2; i++) {
        struct stage s;
        AUTO(str) struct str text = STR_INIT(0);
        stage_open(&s, (struct console_options){.format = formats[i], .verbosity = CONSOLE_DEBUG});
        script_run_started(&s.script, script_object(&s.script, "password=tRustNo1-9f&<"));
        unsigned step = script_declare(&s.script, "login", "cmd");
        s.script.steps[step].name = secret;
        script_start(&s.script, step);
        script_attempt(&s.script, step, "run", "login --password=tRustNo1-9f&<");
        script_output(&s.script, step, 1, "dFJ1c3RObzEtOWYmPA=="); /* base64 of it */
        script_poll(&s.script, step, secret, true, false);
        script_attempt_failed(&s.script, step, CLASS_AUTH, 1, "tRustNo1-9f%26%3C is wrong");
        script_notice(&s.script, (int)step, "kind", secret);
        script_fail(&s.script, step, STEP_FAILED, CLASS_AUTH, secret, secret);
        script_run_finished(&s.script, VERDICT_FAILED, 1, secret);
        console_summary(s.console, NULL, 0);
        assert_true(stage_close(&s, &text));
        assert_non_null(strstr(text.data, MASK_TEXT));
        assert_false(mask_finds(text.data, text.len));
    }
    mask_clear();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_console_plain_tells_a_run_line_by_line),
        cmocka_unit_test(test_console_plain_verbose_shows_attempts_and_output),
        cmocka_unit_test(test_console_plain_quiet_says_only_what_failed),
        cmocka_unit_test(test_console_plain_quiet_is_one_line_when_all_is_well),
        cmocka_unit_test(test_console_plain_writes_each_fact_at_once),
        cmocka_unit_test(test_console_plain_debug_shows_command_lines_that_can_be_pasted),
        cmocka_unit_test(test_console_plain_lets_no_control_character_pass),
        cmocka_unit_test(test_console_json_is_events_and_nothing_else),
        cmocka_unit_test(test_console_stops_writing_when_the_reader_is_gone),
        cmocka_unit_test(test_console_reports_a_full_disk_and_goes_on),
        cmocka_unit_test(test_console_does_not_block_on_a_full_pipe),
        cmocka_unit_test(test_console_drops_lines_when_nobody_ever_reads),
        cmocka_unit_test(test_console_color_follows_flag_then_environment),
        cmocka_unit_test(test_console_unicode_follows_the_locale),
        cmocka_unit_test(test_console_shows_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
