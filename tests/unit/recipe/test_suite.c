/* Test files: what is wrong in them, how rows are completed, and that their reference knows every key. */
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
#include "recipe/load.h"
#include "recipe/schema_priv.h"
#include "recipe/suite.h"
#include "recipe/suite_priv.h"
#include "value/value.h"

static struct suite *load(const char *text, struct diagnostics *d) {
    char path[] = "/tmp/test_suite.XXXXXX";
    assert_non_null(mkdtemp(path));
    char *file = file_join(path, "flow.test.yaml");
    struct err err = ERR_INIT;
    assert_true(file_write_atomic(file, text, strlen(text), 0600, &err));
    struct suite *s = suite_load(file, d);
    assert_true(file_remove_tree(path, &err));
    mem_free(file);
    return s;
}

static void expect_error(const char *text, const char *kind, unsigned line, const char *message) {
    struct diagnostics d = DIAGNOSTICS_INIT;
    assert_null(load(text, &d));
    assert_true(d.n_errors > 0);
    assert_string_equal(d.items[0].err.kind, kind);
    assert_int_equal(d.items[0].err.place.line, line);
    assert_non_null(strstr(d.items[0].err.message, message));
    assert_non_null(d.items[0].err.source_line);
    diagnostics_release(&d);
}

static void test_suite_errors_have_place_and_kind(void **state) {
    (void)state;
    expect_error("cases: [{name: a}]\n", "missing-key", 1, "needs 'cpdflow_test'");
    expect_error("cpdflow_test: 2\ncases: [{name: a}]\n", "unsupported-version", 1, "version 1");
    expect_error("cpdflow_test: 1\ncases: []\n", "invalid-type", 2, "a list of cases");
    expect_error("cpdflow_test: 1\ncases:\n  - nam: a\n", "unknown-key", 3, "'nam'");
    expect_error("cpdflow_test: 1\ncases:\n  - expect: {status: sucess}\n", "invalid-value", 3,
                 "sucess");
    expect_error("cpdflow_test: 1\ncases:\n  - faults: [{exit: 300}]\n", "invalid-value", 3, "255");
    expect_error("cpdflow_test: 1\ncases:\n  - expect: {messages: [{match: '('}]}\n",
                 "invalid-regex", 3, "");
    expect_error("cpdflow_test: 1\ncases:\n  - expect: {steps: {a: {class: lost}}}\n",
                 "invalid-class", 3, "lost");
    expect_error("cpdflow_test: 1\ncases:\n  - table:\n    - table: [{name: x}]\n", "misplaced-key",
                 4, "rows have no rows");
}

static void test_suite_rows_say_only_what_differs(void **state) {
    (void)state;
    struct diagnostics d = DIAGNOSTICS_INIT;
    struct suite *s = load("cpdflow_test: 1\n"
                           "cassette: tape\n"
                           "inputs: {a: 1, b: 1, c: 1}\n"
                           "faults: [{step: outer}]\n"
                           "cases:\n"
                           "  - name: plain\n"
                           "  - name: many\n"
                           "    inputs: {b: 2, c: 2}\n"
                           "    expect: {status: failed, exit: 1}\n"
                           "    table:\n"
                           "      - {name: one, inputs: {c: 3}, faults: [{step: inner}]}\n"
                           "      - {expect: {exit: 2}, cassette: other}\n",
                           &d);
    assert_non_null(s);
    assert_string_equal(s->recipe, "flow.yaml");
    assert_int_equal(s->n_runs, 3);
    assert_string_equal(s->runs[0].name, "plain");
    assert_int_equal(s->runs[0].expect.status, -1);
    const struct suite_case *one = &s->runs[1];
    assert_string_equal(one->name, "many / one");
    assert_string_equal(one->cassette, "tape");
    int64_t n = 0;
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        assert_true(value_as_i64(value_get(one->inputs, names[i]), &n));
        assert_int_equal(n, i + 1);
    }
    assert_int_equal(one->n_faults, 2);
    assert_string_equal(one->faults[0].step, "inner");
    assert_string_equal(one->faults[1].step, "outer");
    const struct suite_case *two = &s->runs[2];
    assert_string_equal(two->name, "many / line 12");
    assert_string_equal(two->cassette, "other");
    assert_int_equal(two->expect.exit_code, 2);
    assert_string_equal(suite_verdict_names[two->expect.status], "failed");
    suite_free(s);
    diagnostics_release(&d);
}

static void test_suite_reference_has_every_key(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    struct err err = ERR_INIT;
    assert_true(file_read(TEST_TOP "/recipes/TESTS.md", 1000000, &text, &err));
    for (size_t i = 0; suite_objects[i] != NULL; i++) {
        const struct object *o = suite_objects[i];
        for (size_t k = 0; k < o->n_fields; k++) {
            AUTO(str) struct str row = STR_INIT(0);
            str_addf(&row, "| `%s` | %s |", o->fields[k].key, o->fields[k].doc);
            if (strstr(str_text(&text), str_text(&row)) == NULL) {
                fail_msg("recipes/TESTS.md has no row %s", str_text(&row));
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suite_errors_have_place_and_kind),
        cmocka_unit_test(test_suite_rows_say_only_what_differs),
        cmocka_unit_test(test_suite_reference_has_every_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
