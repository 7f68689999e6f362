/* `use`: another recipe as one step: its inputs, outputs, names, failures and finally. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "play.h"

static char dir[] = "/tmp/test_use.XXXXXX";

static void write_recipe(const char *name, const char *body) {
    char *path = file_join(dir, name);
    AUTO(str) struct str text = STR_INIT(0);
    str_addf(&text, "cpdflow: 1\n%s", body);
    struct err err = ERR_INIT;
    assert_true(file_write_atomic(path, str_text(&text), text.len, 0600, &err));
    mem_free(path);
}

/* The folder of the recipes stands between the two parts. */
static void open_play(struct play *p, const char *before, const char *after) {
    AUTO(str) struct str body = STR_INIT(0);
    str_addf(&body, "%s%s%s", before, dir, after);
    play_init(p, str_text(&body));
}

static void test_use_gets_inputs_and_gives_outputs(void **state) {
    (void)state;
    write_recipe("inner.yaml",
                 "inputs: {name: {type: string}, n: {type: integer, default: 2}}\n"
                 "vars: {both: \"${{ inputs.name }}-${{ inputs.n }}\"}\n"
                 "env: {INNER: \"1\"}\n"
                 "steps:\n  - id: a\n    cmd: [get, \"${{ vars.both }}\"]\n    output: json\n"
                 "outputs: {id: \"${{ steps.a.result.id }}\"}\n");
    struct play p;
    open_play(&p, "steps:\n  - id: a\n    use: ",
              "/inner.yaml\n    with: {name: x}\n"
              "  - id: b\n    cmd: [show, \"${{ steps.a.outputs.id }}\"]\n");
    play_answer(&p, "get", 0, "{\"id\": \"i1\"}", "");
    play_answer(&p, "show", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "get x-2\nshow i1\n");
    assert_null(strstr(str_text(&p.environ), "INNER")); /* stays inside */
    play_release(&p);
}

static void test_use_in_a_recipe_that_is_used_keeps_names_apart(void **state) {
    (void)state;
    write_recipe("leaf.yaml", "inputs: {v: {type: string}}\n"
                              "steps:\n  - id: a\n    cmd: [leaf, \"${{ inputs.v }}\"]\n"
                              "outputs: {v: \"${{ steps.a.result }}\"}\n");
    write_recipe("mid.yaml", "inputs: {v: {type: string}}\n"
                             "steps:\n  - id: a\n    use: leaf.yaml\n"
                             "    with: {v: \"${{ inputs.v }}-mid\"}\n"
                             "outputs: {v: \"${{ steps.a.outputs.v }}\"}\n");
    struct play p;
    open_play(&p, "steps:\n  - id: a\n    foreach: [x, y]\n    max_parallel: 2\n    use: ",
              "/mid.yaml\n    with: {v: \"${{ item }}\"}\n"
              "  - id: b\n    cmd: [show, \"${{ steps.a.results[*].v }}\"]\n");
    play_answer(&p, "leaf x-mid", 0, "1", "");
    play_answer(&p, "leaf y-mid", 0, "2", "");
    play_answer(&p, "show", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "leaf x-mid\nleaf y-mid\nshow 1 2\n");
    play_release(&p);
}

static void test_use_runs_the_finally_of_the_recipe_used(void **state) {
    (void)state;
    write_recipe("inner.yaml", "inputs: {name: {type: string}}\n"
                               "steps:\n  - id: a\n    cmd: [work]\n"
                               "finally:\n  - id: f\n    cmd: [end, \"${{ inputs.name }}\"]\n");
    struct play p;
    open_play(&p, "steps:\n  - id: u\n    use: ", "/inner.yaml\n    with: {name: x}\n");
    play_answer(&p, "work", 1, "", "no\n");
    play_answer(&p, "end", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    play_expect_calls(&p, "work\nend x\n");
    play_release(&p);
}

static void test_use_within_finally_has_its_own_finally_and_cleanup(void **state) {
    (void)state;
    write_recipe("last.yaml",
                 "steps:\n  - {id: a, cmd: [last]}\nfinally:\n  - {id: b, cmd: [very last]}\n");
    write_recipe("inner.yaml",
                 "steps:\n  - id: a\n    cmd: [work]\n    cleanup:\n      - {id: c, cmd: [undo]}\n"
                 "finally:\n  - {id: b, use: last.yaml}\n");
    struct play p;
    open_play(&p,
              "steps:\n  - {id: m, cmd: [main]}\nfinally:\n  - id: u\n    use: ", "/inner.yaml\n");
    play_answer(&p, "main", 0, "", "");
    play_answer(&p, "work", 0, "", "");
    play_answer(&p, "undo", 0, "", "");
    play_answer(&p, "last", 0, "", "");
    play_answer(&p, "very last", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "main\nwork\nundo\nlast\nvery last\n");
    play_release(&p);
}

static void test_use_refuses_an_input_like_a_call(void **state) {
    (void)state;
    write_recipe("inner.yaml", "inputs: {n: {type: integer}}\n"
                               "steps:\n  - id: a\n    cmd: [never, \"${{ inputs.n }}\"]\n");
    struct play p;
    open_play(&p,
              "steps:\n  - id: u\n    use: ", "/inner.yaml\n    with: {n: \"${{ run.id }}\"}\n");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    assert_int_equal(play_step(&p, "u")->error_class, CLASS_USAGE);
    play_expect_calls(&p, "");
    play_release(&p);
}

static struct str
    seen; /* a line a call: its first word and what it has beside PATH, HOME and the trace */

static void note_env(struct play *p, const struct run_request *request) {
    (void)p;
    str_addf(&seen, "%s:", request->argv[0]);
    for (size_t i = 0; request->env[i] != NULL; i++) {
        const char *e = request->env[i];
        bool is_always = strncmp(e, "PATH=", 5) == 0 || strncmp(e, "HOME=", 5) == 0 ||
                         strncmp(e, "TRACEPARENT=", 12) == 0;
        str_addf(&seen, "%s%s", is_always ? "" : " ", is_always ? "" : e);
    }
    str_add_char(&seen, '\n');
}

static void play_for_env(struct play *p, const char *lines) {
    seen = (struct str)STR_INIT(0);
    p->look = note_env;
    play_run(p);
    assert_int_equal(p->exit_code, 0);
    assert_string_equal(str_text(&seen), lines);
    str_release(&seen);
    play_release(p);
}

static void test_use_hands_down_what_is_set_around_it(void **state) {
    (void)state;
    write_recipe("inner.yaml", "steps:\n  - id: a\n    cmd: [work]\n");
    struct play p;
    open_play(&p,
              "vars: {v: x1}\n"
              "env: {RECIPE: r}\ndefaults: {env: {DEFAULTS: d}}\n"
              "steps:\n  - id: g\n    env: {GROUP: g}\n    steps:\n"
              "      - id: u\n        env: {STEP: \"${{ vars.v }}\"}\n        use: ",
              "/inner.yaml\n");
    play_answer(&p, "work", 0, "", "");
    play_for_env(&p, "work: RECIPE=r DEFAULTS=d GROUP=g STEP=x1\n");
}

static void test_use_hands_down_env_so_that_the_inner_wins(void **state) {
    (void)state;
    write_recipe("inner.yaml", "env: {B: recipe, C: recipe}\n"
                               "steps:\n  - id: a\n    cmd: [work]\n    env: {C: step, D: step}\n");
    struct play p;
    open_play(&p, "steps:\n  - id: u\n    env: {A: outer, B: outer, C: outer, D: outer}\n    use: ",
              "/inner.yaml\n");
    play_answer(&p, "work", 0, "", "");
    play_for_env(&p, "work: A=outer B=recipe C=step D=step\n");
}

static void test_use_hands_down_env_through_a_recipe_that_is_used(void **state) {
    (void)state;
    write_recipe("leaf.yaml", "steps:\n  - id: a\n    cmd: [leaf, \"${{ run.id }}\"]\n"
                              "finally:\n  - id: f\n    cmd: [end]\n");
    write_recipe("mid.yaml", "env: {MID: m}\nsteps:\n  - id: a\n    use: leaf.yaml\n"
                             "    env: {FROM: \"${{ inputs.v }}\"}\n"
                             "inputs: {v: {type: string}}\n");
    struct play p;
    open_play(&p,
              "steps:\n  - id: u\n    foreach: [x, y]\n    env: {ITEM: \"${{ item }}\"}\n    use: ",
              "/mid.yaml\n    with: {v: \"v-${{ item }}\"}\n  - id: last\n    cmd: [last]\n");
    play_answer(&p, "leaf", 0, "", "");
    play_answer(&p, "end", 0, "", "");
    play_answer(&p, "last", 0, "", "");
    play_for_env(&p, "leaf: ITEM=x MID=m FROM=v-x\n"
                     "leaf: ITEM=y MID=m FROM=v-y\n"
                     "last:\n"
                     "end: ITEM=y MID=m FROM=v-y\n"
                     "end: ITEM=x MID=m FROM=v-x\n");
}

static void test_use_lets_pass_what_the_recipe_around_it_lets_pass(void **state) {
    (void)state;
    write_recipe("inner.yaml", "steps:\n  - id: a\n    cmd: [work]\n");
    write_recipe("own.yaml", "pass_env: [TERM_X]\nsteps:\n  - id: a\n    use: inner.yaml\n");
    static const char *const own[] = {"PATH=/bin", "JOB_NAME=j", "TERM_X=t", "OTHER=o", NULL};
    struct play p;
    open_play(&p, "pass_env: ['JOB_*']\nsteps:\n  - id: u\n    use: ",
              "/own.yaml\n  - id: b\n    cmd: [show]\n");
    play_answer(&p, "work", 0, "", "");
    play_answer(&p, "show", 0, "", "");
    p.own_environ = own;
    play_for_env(&p, "work: JOB_NAME=j TERM_X=t\nshow: JOB_NAME=j\n");
}

static void test_use_plans_with_env_that_is_not_known_yet(void **state) {
    (void)state;
    write_recipe("inner.yaml", "steps:\n  - id: a\n    cmd: [work]\n    reads: true\n"
                               "  - id: b\n    cmd: [change]\n"
                               "  - id: s\n    set: {x: \"'1'\"}\n");
    struct play p;
    open_play(&p,
              "steps:\n  - id: c\n    cmd: [create]\n    outputs: {id: id}\n"
              "  - id: u\n    env: {ID: \"${{ steps.c.outputs.id }}\"}\n    use: ",
              "/inner.yaml\n");
    p.is_plan = true;
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "");
    assert_string_equal(str_text(&p.planned),
                        "c: run | create | {\"id\":null}\n"
                        "a: read | work | unknown until step 'c' has run\n"
                        "b: run | change | with values unknown until step 'c' has run\n"
                        "s: nothing | {\"x\":\"1\"}\n"
                        "u: changes\n");
    play_release(&p);
}

static int make_dir(void **state) {
    (void)state;
    return mkdtemp(dir) == NULL ? -1 : 0;
}

static int remove_dir(void **state) {
    (void)state;
    struct err err = ERR_INIT;
    return file_remove_tree(dir, &err) ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_use_gets_inputs_and_gives_outputs),
        cmocka_unit_test(test_use_in_a_recipe_that_is_used_keeps_names_apart),
        cmocka_unit_test(test_use_runs_the_finally_of_the_recipe_used),
        cmocka_unit_test(test_use_within_finally_has_its_own_finally_and_cleanup),
        cmocka_unit_test(test_use_refuses_an_input_like_a_call),
        cmocka_unit_test(test_use_hands_down_what_is_set_around_it),
        cmocka_unit_test(test_use_hands_down_env_so_that_the_inner_wins),
        cmocka_unit_test(test_use_hands_down_env_through_a_recipe_that_is_used),
        cmocka_unit_test(test_use_lets_pass_what_the_recipe_around_it_lets_pass),
        cmocka_unit_test(test_use_plans_with_env_that_is_not_known_yet),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
