/* The names that expressions see: of a run, a step, a loop, an answer; and fields that are templates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "play.h"
#include "value/json.h"
#include "value/value.h"

/* Plays the recipe; the outputs of step `id` are this JSON. */
static void expect_outputs(struct play *p, const char *id, const char *json) {
    play_run(p);
    const struct report_step *s = play_step(p, id);
    if (s->status != STEP_SUCCEEDED) {
        fail_msg("step '%s': %s", id, s->message == NULL ? "did not succeed" : s->message);
    }
    AUTO(str) struct str text = STR_INIT(0);
    json_print(&text, s->outputs, JSON_COMPACT);
    assert_string_equal(str_text(&text), json);
    play_release(p);
}

/* Plays the recipe; step `id` fails with this message. */
static void expect_failure(const char *body, const char *id, const char *message) {
    struct play p;
    play_init(&p, body);
    play_run(&p);
    play_expect(&p, id, STEP_FAILED, message);
    play_release(&p);
}

static void test_scope_gives_every_root(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "name: play\nvars: {v: 7}\nsteps:\n  - id: s\n    set:\n      v: vars.v\n"
                  "      id: run.id\n      name: run.name\n      home: env.HOME\n"
                  "      all: keys(env)\n      inputs: inputs\n");
    expect_outputs(&p, "s",
                   "{\"v\":7,\"id\":\"play\",\"name\":\"play\",\"home\":\"/home/x\","
                   "\"all\":[\"PATH\",\"HOME\"],\"inputs\":{}}");
}

static void test_scope_gives_what_an_attempt_answered(void **state) {
    (void)state;
    struct play p;
    play_init(&p,
              "steps:\n  - id: s\n    cmd: [work]\n    retry: {attempts: 2, on: [{exit: [3]}]}\n"
              "    expect: [{exit: [5]}]\n    outputs:\n      code: $exit_code\n"
              "      out: $stdout\n      err: $stderr\n      attempt: $attempt\n");
    play_answer(&p, "work", 3, "", "");
    play_answer(&p, "work", 5, "text\n", "noise\n");
    expect_outputs(&p, "s", "{\"code\":5,\"out\":\"text\\n\",\"err\":\"noise\\n\",\"attempt\":2}");
}

static void test_scope_gives_a_finished_step_with_all_its_parts(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: a\n    cmd: [work]\n    continue_on_error: true\n"
                  "  - id: s\n    set:\n      status: steps.a.status\n      class: steps.a.class\n"
                  "      message: steps.a.message\n      code: steps.a.exit_code\n"
                  "      err: steps.a.stderr\n      ms: steps.a.duration\n"
                  "      attempts: steps.a.attempts\n      change: steps.a.change\n"
                  "      names: keys(steps)\n");
    play_answer(&p, "work", 4, "", "Error: not found\n");
    play_takes(&p, 30);
    expect_outputs(
        &p, "s",
        "{\"status\":\"tolerated\",\"class\":\"not_found\",\"message\":\"Error: not found\","
        "\"code\":4,\"err\":\"Error: not found\\n\",\"ms\":30,\"attempts\":1,"
        "\"change\":\"none\",\"names\":[\"a\"]}");
}

static void test_scope_of_an_item_hides_those_of_other_items_and_sees_around(void **state) {
    (void)state;
    struct play p;
    play_init(
        &p, "steps:\n  - {id: before, set: {x: \"`1`\"}}\n  - id: each\n    foreach: [a, b]\n"
            "    as: outer\n    max_parallel: 2\n    steps:\n"
            "      - {id: own, set: {v: outer}}\n      - id: in\n        foreach: [c]\n"
            "        cmd: [say, \"${{ outer }}\", \"${{ item }}\", \"${{ steps.own.outputs.v }}\", "
            "\"${{ steps.before.outputs.x }}\"]\n");
    play_answer(&p, "say", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "say a c a 1\nsay b c b 1\n");
    play_release(&p);
}

static void test_scope_of_cleanup_is_that_of_the_step_it_undoes(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: each\n    foreach: [a, b]\n    as: name\n    cmd: [make, \"${{ "
                  "name }}\"]\n"
                  "    cleanup:\n      - {id: undo, cmd: [drop, \"${{ name }}\"]}\n");
    play_answer(&p, "make", 0, "", "");
    play_answer(&p, "drop", 0, "", "");
    play_run(&p);
    play_expect_calls(&p, "make a\nmake b\ndrop b\ndrop a\n");
    play_release(&p);
}

static void test_scope_fields_that_are_templates_take_their_types(void **state) {
    (void)state;
    struct play p;
    play_init(&p,
              "vars: {n: 2, d: 40ms, f: 1.5}\nsteps:\n  - id: s\n    cmd: [work]\n    reads: true\n"
              "    retry: {attempts: \"${{ vars.n }}\", delay: \"${{ vars.d }}\", "
              "backoff: \"${{ vars.f }}\", jitter: false, on: [unknown]}\n");
    play_answer(&p, "work", 1, "", "");
    play_run(&p);
    const struct report_step *s = play_step(&p, "s");
    assert_int_equal(s->status, STEP_FAILED);
    assert_int_equal(s->n_attempts, 2);
    assert_int_equal(s->duration_ms, 42); /* two attempts of 1 ms and the pause */
    play_release(&p);
}

static void test_scope_fields_of_a_wrong_type_say_where(void **state) {
    (void)state;
    expect_failure(
        "vars: {d: soon}\nsteps:\n  - {id: s, pause: \"${{ vars.d }}\"}\n", "s",
        "play.yaml:4:20: 'soon' is not a duration: expected a number with a unit (ms, s, m, h, d)");
    expect_failure(
        "vars: {n: x}\nsteps:\n  - id: s\n    foreach: [1]\n    max_parallel: ${{ vars.n }}\n"
        "    cmd: [never]\n",
        "s", "play.yaml:6:19: expected a number, found string");
    expect_failure(
        "vars: {n: -1}\nsteps:\n  - id: s\n    foreach: [1]\n    max_parallel: ${{ vars.n }}\n"
        "    cmd: [never]\n",
        "s", "play.yaml:6:19: expected a whole number of 0 or more, found -1");
}

static void test_scope_names_that_are_not_there_are_told(void **state) {
    (void)state;
    expect_failure("steps:\n  - {id: a, cmd: [\"true\"], if: \"`false`\", outputs: {x: y}}\n"
                   "  - {id: s, set: {x: steps.a.outputs.x}}\n",
                   "s",
                   "play.yaml:4:38: set 'x': path 'steps.a.outputs.x' does not exist: "
                   "'steps.a.outputs' is empty");
    expect_failure("steps:\n  - {id: s, set: {x: env.NOPE}}\n", "s",
                   "play.yaml:3:26: set 'x': path 'env.NOPE' does not exist: 'env' has 'PATH', "
                   "'HOME'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scope_gives_every_root),
        cmocka_unit_test(test_scope_gives_what_an_attempt_answered),
        cmocka_unit_test(test_scope_gives_a_finished_step_with_all_its_parts),
        cmocka_unit_test(test_scope_of_an_item_hides_those_of_other_items_and_sees_around),
        cmocka_unit_test(test_scope_of_cleanup_is_that_of_the_step_it_undoes),
        cmocka_unit_test(test_scope_fields_that_are_templates_take_their_types),
        cmocka_unit_test(test_scope_fields_of_a_wrong_type_say_where),
        cmocka_unit_test(test_scope_names_that_are_not_there_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
