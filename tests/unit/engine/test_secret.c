/* Secrets: what listeners get to see of steps and outputs that are secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mask.h"
#include "event/event_json.h"
#include "play.h"

#define TOKEN "tok-1234567890"

struct listener {
    struct str text;
};

static bool listen(void *ctx, const struct event *ev) {
    struct listener *l = ctx;
    event_json_print(&l->text, ev);
    str_add_char(&l->text, '\n');
    return true;
}

/* Runs the recipe and fails when any event shows the token. */
static void expect_hidden(struct play *p) {
    struct listener l = {.text = STR_INIT(0)};
    event_bus_add(&p->bus, (struct sink){listen, &l});
    play_run(p);
    if (strstr(str_text(&l.text), TOKEN) != NULL) {
        fail_msg("the secret is in the events:\n%s", str_text(&l.text));
    }
    str_release(&l.text);
}

static int forget(void **state) {
    (void)state;
    mask_clear();
    return 0;
}

static void test_secret_output_hides_what_the_call_printed(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [login]\n    output: json\n"
                  "    outputs: {token: {value: token, secret: true}}\n"
                  "  - id: b\n    cmd: [use, \"${{ steps.a.outputs.token }}\"]\n");
    play_answer(&p, "login", 0, "{\"token\": \"" TOKEN "\"}", "");
    play_answer(&p, "use " TOKEN, 0, "", "");
    expect_hidden(&p);
    assert_int_equal(p.exit_code, 0);
    play_release(&p);
}

static void test_secret_step_hides_its_result_wherever_it_is_used(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    secret: true\n    cmd: [login]\n    output: json\n"
                  "  - id: b\n    cmd: [use, \"${{ steps.a.result.token }}\"]\n");
    play_answer(&p, "login", 0, "{\"token\": \"" TOKEN "\", \"state\": \"active\"}", "");
    play_answer(&p, "use " TOKEN, 0, "active", "");
    expect_hidden(&p);
    assert_int_equal(p.exit_code, 0);
    assert_false(mask_finds("active", 6)); /* ordinary words stay readable */
    play_release(&p);
}

static void test_secret_step_that_fails_does_not_quote_its_output(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    secret: true\n    cmd: [login]\n");
    play_answer(&p, "login", 1, "", "FAILED\nbad token " TOKEN "\n");
    expect_hidden(&p);
    play_expect(&p, "a", STEP_FAILED, "exit code 1");
    play_release(&p);
}

static void test_secret_step_whose_output_is_no_json_does_not_quote_it(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    secret: true\n    cmd: [login]\n    output: json\n");
    play_answer(&p, "login", 0, TOKEN, "");
    expect_hidden(&p);
    play_expect(&p, "a", STEP_FAILED, "the output is not of the expected form");
    play_release(&p);
}

static void test_secret_write_does_not_hide_the_name_of_its_file(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    secret: true\n"
                  "    write: {file: /tmp/test_secret.token, text: " TOKEN "}\n"
                  "  - id: b\n    cmd: [use, \"${{ steps.a.result.file }}\"]\n");
    play_answer(&p, "use", 0, "", "");
    expect_hidden(&p);
    assert_int_equal(p.exit_code, 0);
    assert_false(mask_finds("/tmp/test_secret.token", 22));
    assert_int_equal(unlink("/tmp/test_secret.token"), 0);
    play_release(&p);
}

static void test_secret_wait_does_not_tell_what_it_sees(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    secret: true\n    cmd: [look]\n    output: json\n"
                  "    wait: {until: \"state == 'up'\", every: 1s, timeout: 2s}\n");
    play_answer(&p, "look", 0, "{\"state\": \"" TOKEN "\", \"message\": \"" TOKEN "\"}", "");
    expect_hidden(&p);
    assert_int_equal(p.exit_code, 5);
    play_release(&p);
}

static void test_secret_step_does_not_hide_the_headers_that_came_with_it(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    http: {url: 'http://x/'}\n    secret: true\n"
                  "    outputs: {token: body.token}\n");
    play_answer(&p, "curl", 0,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
                "{\"token\": \"" TOKEN "\"}",
                "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_true(mask_finds(TOKEN, strlen(TOKEN)));
    assert_false(mask_finds("application/json", strlen("application/json")));
    play_release(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_secret_output_hides_what_the_call_printed, forget),
        cmocka_unit_test_teardown(test_secret_step_hides_its_result_wherever_it_is_used, forget),
        cmocka_unit_test_teardown(test_secret_step_that_fails_does_not_quote_its_output, forget),
        cmocka_unit_test_teardown(test_secret_step_whose_output_is_no_json_does_not_quote_it,
                                  forget),
        cmocka_unit_test_teardown(test_secret_write_does_not_hide_the_name_of_its_file, forget),
        cmocka_unit_test_teardown(test_secret_wait_does_not_tell_what_it_sees, forget),
        cmocka_unit_test_teardown(test_secret_step_does_not_hide_the_headers_that_came_with_it,
                                  forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
