/* Retries by class, waits, delays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine_priv.h"
#include "play.h"

static void test_retry_delay_grows_up_to_its_maximum(void **state) {
    (void)state;
    struct retry_rule rule = {
        .attempts = 9, .delay_ms = 1000, .backoff = 2.0, .max_delay_ms = 5000};
    assert_int_equal(retry_delay_ms(&rule, 2, 0.0), 1000);
    assert_int_equal(retry_delay_ms(&rule, 3, 0.0), 2000);
    assert_int_equal(retry_delay_ms(&rule, 4, 0.0), 4000);
    assert_int_equal(retry_delay_ms(&rule, 5, 0.0), 5000);
    assert_int_equal(retry_delay_ms(&rule, 1000000, 0.0), 5000);
    rule.has_jitter = true;
    assert_int_equal(retry_delay_ms(&rule, 2, 1.0), 750);
    assert_int_equal(retry_delay_ms(&rule, 2, 0.0), 1000);
    rule.delay_ms = 0;
    assert_true(retry_delay_ms(&rule, 2, 0.0) > 0); /* no storm */
}

static void test_retry_reading_call_is_repeated_for_its_class(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cpdctl: [space, list]\n    retry: {attempts: 3, delay: "
                  "10s, backoff: 1, jitter: false}\n");
    play_answer(&p, "cpdctl", 1, "", "FAILED\n502 Bad Gateway\n");
    play_answer(&p, "cpdctl", 1, "", "FAILED\n502 Bad Gateway\n");
    play_answer(&p, "cpdctl", 0, "{}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_int_equal(play_step(&p, "a")->n_attempts, 3);
    assert_true(p.report->duration_ms >= 20000);
    play_release(&p);
}

static void test_retry_that_is_used_up_is_not_advised_again(void **state) {
    (void)state;
    struct play p;
    play_init(
        &p, "steps:\n  - id: a\n    cpdctl: [space, list]\n    retry: {attempts: 2, delay: 1s}\n");
    play_answer(&p, "cpdctl", 1, "", "FAILED\n502 Bad Gateway\n");
    play_run(&p);
    assert_string_equal(play_step(&p, "a")->hint, "it was tried 2 times: `retry` may allow more");
    play_release(&p);
}

static void test_retry_changing_call_is_repeated_only_when_nothing_happened(void **state) {
    (void)state;
    struct play p;
    const char *recipe =
        "steps:\n  - id: a\n    cpdctl: [space, create]\n    retry: {attempts: 3, delay: 1s}\n";
    play_init(&p, recipe);
    play_answer(&p, "cpdctl", 1, "", "FAILED\n502 Bad Gateway\n");
    play_run(&p);
    assert_int_equal(play_step(&p, "a")->n_attempts, 1);
    play_release(&p);

    play_init(&p, recipe);
    play_answer(&p, "cpdctl", 1, "", "dial tcp 10.0.0.1:443: connect: connection refused\n");
    play_answer(&p, "cpdctl", 0, "{}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_int_equal(play_step(&p, "a")->n_attempts, 2);
    play_release(&p);
}

static void test_retry_auth_failure_is_final(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cpdctl: [space, list]\n    retry: {attempts: 3}\n");
    play_answer(&p, "cpdctl", 1, "...\nFAILED\nToken is expired or invalid\n", "");
    play_run(&p);
    assert_int_equal(play_step(&p, "a")->n_attempts, 1);
    assert_int_equal(play_step(&p, "a")->error_class, CLASS_AUTH);
    play_expect(&p, "a", STEP_FAILED, "Token is expired or invalid");
    play_release(&p);
}

static void test_retry_message_is_the_last_line_of_a_program_without_a_form(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [get]\n");
    play_answer(&p, "get", 7, "", "some words\nget: cannot connect\n\n");
    play_run(&p);
    play_expect(&p, "a", STEP_FAILED, "get: cannot connect");
    play_release(&p);
}

static void test_retry_exit_code_and_text_that_the_recipe_names(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [job]\n    retry: {attempts: 2, delay: 1s, on: "
                  "[{exit: [75]}]}\n"
                  "  - id: b\n    cmd: [text]\n    retry: {attempts: 2, delay: 1s, on: [{match: "
                  "'try later'}]}\n");
    play_answer(&p, "job", 75, "", "");
    play_answer(&p, "job", 0, "", "");
    play_answer(&p, "text", 1, "", "please try later\n");
    play_answer(&p, "text", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_release(&p);
}

static void test_G7_foreign_kill_waits_before_anything_starts_again(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cpdctl: [space, list]\n    retry: {attempts: 2, delay: "
                  "10ms, on: [killed]}\n");
    play_answer(&p, "cpdctl", -15, "", "");
    play_answer(&p, "cpdctl", 0, "{}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_true(p.report->duration_ms >= 6000);
    play_release(&p);
}

static void test_retry_timeout_is_a_class_of_its_own(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [hang]\n    timeout: 3s\n");
    play_answer(&p, "hang", 0, "", "");
    play_hangs(&p);
    play_run(&p);
    assert_int_equal(p.exit_code, 5);
    assert_int_equal(play_step(&p, "a")->error_class, CLASS_TIMEOUT);
    play_release(&p);
}

static void test_wait_polls_until_the_condition_has_held_long_enough(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [look]\n    output: json\n"
                  "    wait: {until: \"state == 'up'\", every: 1s, stable_for: 3s, timeout: 1m}\n");
    play_answer(&p, "look", 0, "{\"state\": \"up\"}", "");
    play_answer(&p, "look", 0, "{\"state\": \"down\"}", "");
    play_answer(&p, "look", 0, "{\"state\": \"up\"}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_int_equal(play_step(&p, "a")->n_polls, 6);
    play_release(&p);
}

/* Seven seconds of looking, then one look that hangs: the wait ends at its deadline, not at that of the call. */
static void test_T5_look_that_hangs_ends_at_the_deadline_of_the_wait(void **state) {
    (void)state;
    static const struct {
        const char *step;
        const char *message;
    } rows[] = {
        {"  - id: a\n    cmd: [look]\n    output: json\n    timeout: 1h\n"
         "    wait: {until: \"state == 'up'\", every: 7s, timeout: 10s}\n",
         "not ready within 10s: the last look gave no answer"},
        {"  - id: a\n    ensure:\n      find: {cmd: [look], output: json}\n"
         "      ready: {until: \"state == 'up'\", every: 7s, timeout: 10s}\n",
         "find: not ready within 10s: the last look gave no answer"},
        {"  - id: a\n    cmd: [look]\n    output: json\n"
         "    retry: {attempts: 100, delay: 7s, jitter: false, on: [timeout]}\n"
         "    wait: {until: \"state == 'up'\", every: 7s, timeout: 10s}\n",
         "not ready within 10s: the last look gave no answer"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play p;
        AUTO(str) struct str body = STR_INIT(0);
        str_addf(&body, "steps:\n%s", rows[i].step);
        play_init(&p, str_text(&body));
        play_answer(&p, "look", 0, "{\"state\": \"down\"}", "");
        play_answer(&p, "look", 0, "", "");
        play_hangs(&p);
        play_run(&p);
        assert_int_equal(p.exit_code, 5);
        play_expect(&p, "a", STEP_FAILED, rows[i].message);
        assert_in_range(p.report->duration_ms, 10000, 10050);
        play_release(&p);
    }
}

static void test_T5_last_look_has_a_second(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [look]\n    output: json\n"
                  "    wait: {until: \"state == 'up'\", every: 5s, timeout: 10s}\n");
    play_answer(&p, "look", 0, "{\"state\": \"down\"}", "");
    play_answer(&p, "look", 0, "{\"state\": \"down\"}", "");
    play_answer(&p, "look", 0, "{\"state\": \"up\"}", "");
    play_takes(&p, 900);
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_release(&p);
}

static void test_wait_interval_grows_and_one_look_falls_on_the_deadline(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [look]\n    output: json\n"
                  "    wait: {until: \"state == 'up'\", every: 1s, backoff: 2, max_every: 4s, "
                  "timeout: 10s}\n");
    play_answer(&p, "look", 0, "{\"state\": \"down\"}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 5);
    assert_in_range(p.report->duration_ms, 10000, 10050);
    assert_int_equal(play_step(&p, "a")->n_polls, 5);
    play_release(&p);
}

static void test_wait_condition_that_is_a_string_is_refused(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [look]\n    output: json\n    wait: {until: state, "
                  "every: 1s}\n");
    play_answer(&p, "look", 0, "{\"state\": \"false\"}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    assert_int_equal(play_step(&p, "a")->n_polls, 1);
    play_release(&p);
}

static void test_metric_below_its_limit_is_unstable_or_failed_by_severity(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [m]\n    output: json\n    metrics: {acc: {value: "
                  "v, lower_limit: 0.8}}\n");
    play_answer(&p, "m", 0, "{\"v\": 0.42}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 3);
    assert_string_equal(p.report->reason, "acc 0.42 is below its lower limit 0.8");
    play_release(&p);

    play_init(&p, "steps:\n  - id: a\n    cmd: [m]\n    output: json\n"
                  "    metrics: {acc: {value: v, upper_limit: 0.3, severity: error}}\n");
    play_answer(&p, "m", 0, "{\"v\": 0.42}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    play_expect(&p, "a", STEP_FAILED, "acc 0.42 is above its upper limit 0.3");
    play_release(&p);
}

static void expect_first_state(const char *until, const char *out, bool is_secret,
                               const char *expected) {
    struct play p;
    AUTO(str) struct str body = STR_INIT(0);
    str_addf(&body,
             "steps:\n  - id: a\n    cmd: [look]\n    output: json\n    secret: %s\n"
             "    wait: {until: \"%s\", every: 1s, timeout: 1s}\n",
             is_secret ? "true" : "false", until);
    play_init(&p, str_text(&body));
    play_answer(&p, "look", 0, out, "");
    play_run(&p);
    const struct report_step *step = play_step(&p, "a");
    assert_true(step->n_waits > 0);
    if (expected == NULL) {
        assert_null(step->waits[0]->state);
    } else {
        assert_non_null(step->waits[0]->state);
        assert_string_equal(step->waits[0]->state, expected);
    }
    play_release(&p);
}

static void test_wait_tells_what_its_condition_looks_at(void **state) {
    (void)state;
    expect_first_state("phase == 'up'", "{\"phase\": \"starting\"}", false, "starting");
    expect_first_state("length(pods) > 2", "{\"pods\": [1]}", false, "length(pods) is 1");
    expect_first_state("open", "{\"open\": false}", false, "open is false");
    expect_first_state("phase == 'up'", "{}", false, "phase is null");
    expect_first_state("phase == 'up'", "{\"state\": \"named\", \"phase\": \"x\"}", false, "named");
}

static void test_wait_tells_nothing_of_secrets_nor_of_what_is_long(void **state) {
    (void)state;
    expect_first_state("phase == 'up'", "{\"phase\": \"starting\"}", true, NULL);
    expect_first_state("phase == 'up'", "{\"phase\": \"two\\nlines\"}", false, NULL);
    expect_first_state(
        "phase == 'up'",
        "{\"phase\": \"0123456789012345678901234567890123456789012345678901234567890\"}", false,
        NULL);
    expect_first_state("pods", "{\"pods\": []}", false, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_retry_delay_grows_up_to_its_maximum),
        cmocka_unit_test(test_retry_reading_call_is_repeated_for_its_class),
        cmocka_unit_test(test_retry_that_is_used_up_is_not_advised_again),
        cmocka_unit_test(test_retry_changing_call_is_repeated_only_when_nothing_happened),
        cmocka_unit_test(test_retry_auth_failure_is_final),
        cmocka_unit_test(test_retry_message_is_the_last_line_of_a_program_without_a_form),
        cmocka_unit_test(test_retry_exit_code_and_text_that_the_recipe_names),
        cmocka_unit_test(test_G7_foreign_kill_waits_before_anything_starts_again),
        cmocka_unit_test(test_retry_timeout_is_a_class_of_its_own),
        cmocka_unit_test(test_wait_polls_until_the_condition_has_held_long_enough),
        cmocka_unit_test(test_T5_look_that_hangs_ends_at_the_deadline_of_the_wait),
        cmocka_unit_test(test_T5_last_look_has_a_second),
        cmocka_unit_test(test_wait_interval_grows_and_one_look_falls_on_the_deadline),
        cmocka_unit_test(test_wait_condition_that_is_a_string_is_refused),
        cmocka_unit_test(test_metric_below_its_limit_is_unstable_or_failed_by_severity),
        cmocka_unit_test(test_wait_tells_what_its_condition_looks_at),
        cmocka_unit_test(test_wait_tells_nothing_of_secrets_nor_of_what_is_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
