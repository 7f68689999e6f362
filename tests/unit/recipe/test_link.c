/*
 * recipe/link: which step waits for which, by order, by `needs` and by the names that its
 * expressions use.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "fixture.h"

#define HEAD "cpdflow: 1\n"

/* `expected`: the ids in any order, separated by one blank. */
static void assert_needs(const struct recipe *r, const char *id, const char *expected) {
    const struct step *step = find_step(r, id);
    AUTO(str) struct str all = STR_INIT(0);
    str_addf(&all, " %s ", expected);
    size_t n_expected = 0;
    for (const char *c = expected; *c != '\0'; c++) {
        n_expected += c == expected || c[-1] == ' ' ? 1 : 0;
    }
    for (size_t i = 0; i < step->n_needs; i++) {
        AUTO(str) struct str word = STR_INIT(0);
        str_addf(&word, " %s ", step->needs[i]->id);
        if (strstr(str_text(&all), str_text(&word)) == NULL) {
            fail_msg("step '%s' needs '%s'", id, step->needs[i]->id);
        }
    }
    if (step->n_needs != n_expected) {
        fail_msg("step '%s' has %zu needs, expected '%s'", id, step->n_needs, expected);
    }
}

static void test_link_a_step_needs_the_one_before(void **state) {
    (void)state;
    struct recipe *r =
        load_ok(HEAD "steps: [{id: a, cmd: [x]}, {id: b, cmd: [x]}, {id: c, cmd: [x]}]\n");
    assert_needs(r, "a", "");
    assert_needs(r, "b", "a");
    assert_needs(r, "c", "b");
    recipe_free(r);
}

static void test_link_needs_replace_the_order(void **state) {
    (void)state;
    struct recipe *r = load_ok(HEAD "steps:\n"
                                    "  - {id: a, cmd: [x]}\n"
                                    "  - {id: b, cmd: [x]}\n"
                                    "  - {id: free, needs: [], cmd: [x]}\n"
                                    "  - {id: one, needs: a, cmd: [x]}\n"
                                    "  - {id: two, needs: [a, b, a], cmd: [x]}\n"
                                    "  - {id: later, needs: [last], cmd: [x]}\n"
                                    "  - {id: last, needs: [a], cmd: [x]}\n");
    assert_needs(r, "free", "");
    assert_needs(r, "one", "a");
    assert_needs(r, "two", "a b");
    assert_needs(r, "later", "last");
    assert_needs(r, "last", "a");
    recipe_free(r);
}

/* Each place that may name a step, in a step that would wait for nothing. */
static void test_link_every_expression_counts(void **state) {
    (void)state;
    static const char *const places[] = {
        "cmd: [x, \"${{ steps.a.result }}\"]",
        "cmd: x ${{ steps.a.result }}",
        "cmd: [{json: {k: [\"${{ steps.a.result }}\"]}}]",
        "{cmd: [x], if: steps.a.result}",
        "{cmd: [x], foreach: \"${{ steps.a.result }}\"}",
        "{cmd: [x], env: {A: \"${{ steps.a.result }}\"}}",
        "{cmd: [x], flags: {a: \"${{ steps.a.result }}\"}}",
        "{cmd: [x], cwd: \"${{ steps.a.result }}\"}",
        "{cmd: [x], stdin: \"${{ steps.a.result }}\"}",
        "{cmd: [x], lock: \"${{ steps.a.result }}\"}",
        "{cmd: [x], timeout: \"${{ steps.a.result }}\"}",
        "{cmd: [x], outputs: {o: \"$steps.a.result\"}}",
        "{cmd: [x], outputs: {o: \"list[?id == $steps.a.result]\"}}",
        "{cmd: [x], outputs: {o: \"let $s = $steps.a.result in $s\"}}",
        "{cmd: [x], expect: {that: \"$steps.a.result == `1`\"}}",
        "{cmd: [x], expect: {that: x, message: \"${{ steps.a.result }}\"}}",
        "{cmd: [x], metrics: {m: {value: x, lower_limit: \"${{ steps.a.result }}\"}}}",
        "{cmd: [x], retry: {attempts: \"${{ steps.a.result }}\"}}",
        "{cmd: [x], wait: {until: x, every: \"${{ steps.a.result }}\"}}",
        "{http: {url: \"${{ steps.a.result }}\"}}",
        "{read: {file: \"${{ steps.a.result }}\", as: json}}",
        "{write: {file: f, json: {a: \"${{ steps.a.result }}\"}}}",
        "{pause: \"${{ steps.a.result }}\"}",
        "{set: {v: steps.a.result}}",
        "{ensure: {find: {cmd: [x], select: \"[?id == $steps.a.result]\"}}}",
        "{ensure: {find: {cmd: [x]}, update: {cmd: [x, \"${{ steps.a.result }}\"]}}}",
        "{steps: [{cmd: [x, \"${{ steps.a.result }}\"]}]}",
        "{steps: [{cmd: [x, \"${{ steps.deep.result }}\"]}]}",
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        AUTO(str) struct str text = STR_INIT(0);
        const char *fields = places[i];
        bool is_flow = fields[0] == '{';
        str_addf(&text,
                 HEAD "steps:\n  - {id: other, cmd: [x]}\n"
                      "  - {id: a, needs: [], steps: [{id: deep, cmd: [x]}]}\n"
                      "  - %s%s%s\n",
                 is_flow ? "{id: b, needs: [], " : "id: b\n    needs: []\n    ",
                 is_flow ? fields + 1 : fields, "");
        struct recipe *r = load_ok(str_text(&text));
        assert_needs(r, "b", "a");
        recipe_free(r);
    }
}

static void test_link_a_need_across_groups_is_one_of_the_groups(void **state) {
    (void)state;
    struct recipe *r = load_ok(HEAD "steps:\n"
                                    "  - {id: a, cmd: [x]}\n"
                                    "  - id: g\n"
                                    "    needs: []\n"
                                    "    steps:\n"
                                    "      - {id: g1, cmd: [x]}\n"
                                    "      - id: g2\n"
                                    "        steps: [{id: inner, needs: [a, g1], cmd: [x]}]\n"
                                    "  - id: h\n"
                                    "    needs: []\n"
                                    "    steps:\n"
                                    "      - {id: h1, cmd: [x, \"${{ steps.inner.result }}\"]}\n"
                                    "      - {id: h2, cmd: [x]}\n");
    assert_needs(r, "g", "a");
    assert_needs(r, "g2", "g1");
    assert_needs(r, "inner", "");
    assert_needs(r, "h", "g");
    assert_needs(r, "h1", "");
    assert_needs(r, "h2", "h1");
    recipe_free(r);
}

static void test_link_steps_of_a_parallel_group_do_not_wait_for_each_other(void **state) {
    (void)state;
    struct recipe *r = load_ok(
        HEAD "steps:\n"
             "  - id: g\n"
             "    parallel: true\n"
             "    steps:\n"
             "      - {id: p1, cmd: [x]}\n"
             "      - {id: p2, cmd: [x], cleanup: [{id: u1, cmd: [x]}, {id: u2, cmd: [x]}]}\n"
             "      - {id: p3, cmd: [x, \"${{ steps.p1.result }}\"]}\n");
    assert_needs(r, "p1", "");
    assert_needs(r, "p2", "");
    assert_needs(r, "p3", "p1");
    assert_needs(r, "u2", "u1");
    recipe_free(r);
}

static void test_link_what_runs_at_the_end_sees_all_and_waits_for_nothing(void **state) {
    (void)state;
    struct recipe *r = load_ok(HEAD "steps:\n"
                                    "  - {id: a, cmd: [x], cleanup: [{id: undo, needs: [a], cmd: "
                                    "[x, \"${{ steps.a.result }} ${{ steps.b.result }}\"]}]}\n"
                                    "  - {id: b, cmd: [x]}\n"
                                    "finally:\n"
                                    "  - {id: f1, cmd: [x, \"${{ steps.b.status }}\"]}\n"
                                    "  - {id: f2, cmd: [x, \"${{ steps.f1.status }}\"]}\n");
    assert_needs(r, "undo", "");
    assert_needs(r, "f1", "");
    assert_needs(r, "f2", "f1");
    recipe_free(r);
}

static void test_link_a_group_judges_by_its_own_steps(void **state) {
    (void)state;
    struct recipe *r = load_ok(HEAD "steps:\n"
                                    "  - id: g\n"
                                    "    steps: [{id: in, cmd: [x]}]\n"
                                    "    outputs: {o: $steps.in.result}\n"
                                    "  - id: each\n"
                                    "    foreach: [1]\n"
                                    "    steps: [{id: in_each, cmd: [x]}]\n"
                                    "    outputs: {o: $steps.in_each.result}\n");
    assert_needs(r, "g", "");
    recipe_free(r);
}

static void test_link_two_cycles_are_two_errors(void **state) {
    (void)state;
    const char *text = HEAD "steps:\n"
                            "  - {id: a, needs: [b], cmd: [x]}\n"
                            "  - {id: b, needs: [a], cmd: [x]}\n"
                            "  - {id: c, needs: [d], cmd: [x]}\n"
                            "  - {id: d, needs: [c], cmd: [x]}\n";
    struct diagnostics d = DIAGNOSTICS_INIT;
    assert_null(recipe_load_text(text, strlen(text), "x", ".", &d));
    assert_int_equal(d.n_errors, 2);
    assert_string_equal(d.items[0].err.message, "steps wait for each other: a -> b -> a");
    assert_string_equal(d.items[1].err.message, "steps wait for each other: c -> d -> c");
    diagnostics_release(&d);
}

/* A depth-first search that recursed would not survive this. */
static void test_link_a_cycle_of_20000_steps(void **state) {
    (void)state;
    const int n = 20000;
    AUTO(str) struct str text = STR_INIT(0);
    str_add(&text, HEAD "steps:\n");
    for (int i = 0; i < n; i++) {
        str_addf(&text, "  - {id: s%d, needs: [s%d], cmd: [x]}\n", i, (i + 1) % n);
    }
    struct diagnostics d = DIAGNOSTICS_INIT;
    assert_null(recipe_load_text(str_text(&text), text.len, "x", ".", &d));
    assert_int_equal(d.n_errors, 1);
    assert_string_equal(
        d.items[0].err.message,
        "steps wait for each other: s0 -> s1 -> s2 -> s3 -> s4 -> s5 -> s6 -> s7 -> "
        "s8 -> s9 -> s10 -> s11 -> … -> s0");
    diagnostics_release(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link_a_step_needs_the_one_before),
        cmocka_unit_test(test_link_needs_replace_the_order),
        cmocka_unit_test(test_link_every_expression_counts),
        cmocka_unit_test(test_link_a_need_across_groups_is_one_of_the_groups),
        cmocka_unit_test(test_link_steps_of_a_parallel_group_do_not_wait_for_each_other),
        cmocka_unit_test(test_link_what_runs_at_the_end_sees_all_and_waits_for_nothing),
        cmocka_unit_test(test_link_a_group_judges_by_its_own_steps),
        cmocka_unit_test(test_link_two_cycles_are_two_errors),
        cmocka_unit_test(test_link_a_cycle_of_20000_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
