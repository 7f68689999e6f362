/* Test files rewritten to what came out: before, after, and that the new one passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "stage.h"
#include "testing/update.h"

static const char recipe[] = "cpdflow: 1\n"
                             "inputs: {fails: {type: boolean, default: false}}\n"
                             "steps:\n"
                             "  - id: look\n"
                             "    timeout: 1m\n"
                             "    cpdctl: [space, list]\n"
                             "    outputs: {n: n}\n"
                             "  - {id: make, timeout: 5m, cmd: [cpdctl, space, create, --name=x]}\n"
                             "  - {id: page, http: {url: https://example.com/page}, timeout: 1m}\n"
                             "  - {id: last, if: inputs.fails, timeout: 1m, cmd: [cpdctl, last]}\n"
                             "outputs: {n: \"${{ steps.look.outputs.n }}\", two: \"${{ `2` }}\"}\n";

#define ANSWERS                                                                                    \
    "cpdflow_test: 1\n"                                                                            \
    "answers:\n"                                                                                   \
    "  - {call: cpdctl space list, json: {n: 1}}\n"                                                \
    "  - {call: cpdctl space create, json: {}, delay: 65s}\n"                                      \
    "  - {call: GET, http: {text: fine}}\n"                                                        \
    "  - {call: cpdctl last, exit: 1, stderr: 'FAILED: 401 the token has expired'}\n"              \
    "cases:\n"

/* Without the directory of the test. */
static void add_notes(struct str *out, const char *notes, const char *dir) {
    for (const char *at = strstr(notes, dir); at != NULL; at = strstr(notes, dir)) {
        str_add_bytes(out, notes, (size_t)(at - notes));
        notes = at + strlen(dir) + 1;
    }
    str_add(out, notes);
}

/* Plays, rewrites, compares; then the new file has to leave `n_failures`. */
static void check(const char *before, const char *after, const char *notes, size_t n_failures) {
    AUTO(str) struct str text = STR_INIT(0);
    struct stage s;
    stage_open(&s, recipe, before);
    s.wants_actual = true;
    stage_play(&s);
    struct update *u = update_new(s.suite);
    for (size_t i = 0; i < s.n; i++) {
        if (s.results[i].n_failures > 0) {
            update_case(u, i, s.results[i].actual);
        }
    }
    update_text(u, &text);
    assert_string_equal(str_text(&text), after);
    assert_int_equal(update_n_changed(u) > 0, strcmp(before, after) != 0);
    AUTO(str) struct str told = STR_INIT(0);
    add_notes(&told, update_notes(u), s.dir);
    assert_string_equal(str_text(&told), notes);
    update_free(u);
    stage_close(&s);

    stage_open(&s, recipe, str_text(&text));
    stage_play(&s);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n += s.results[i].n_failures;
    }
    if (n != n_failures) {
        fail_msg("%s", stage_failures(&s, 0));
    }
    stage_close(&s);
}

static void test_update_of_every_expectation_of_a_run(void **state) {
    (void)state;
    check(ANSWERS "  - inputs: {fails: true}\n"
                  "    expect:\n"
                  "      status: success # verdict\n"
                  "      exit: 7\n"
                  "      class: quota # class\n"
                  "      duration: 9s\n"
                  "      outputs: {n: 2, two: 2}\n"
                  "      calls:\n"
                  "        - cpdctl last # third\n"
                  "        - cpdctl space list # first\n"
                  "      count: {cpdctl space: 1, GET: 2}\n"
                  "      n_calls: 3\n"
                  "      messages: [never said, {match: '40[0-9]'}]\n"
                  "      steps:\n"
                  "        look: failed\n"
                  "        last: {class: quota, attempts: 3, message: nothing of it} # step\n",
          ANSWERS "  - inputs: {fails: true}\n"
                  "    expect:\n"
                  "      status: failed # verdict\n"
                  "      exit: 1\n"
                  "      class: auth # class\n"
                  "      duration: 1m5s\n"
                  "      outputs: {n: null, two: null}\n"
                  "      calls:\n"
                  "        - cpdctl space list # first\n"
                  "        - cpdctl last # third\n"
                  "      count: {cpdctl space: 2, GET: 1}\n"
                  "      n_calls: 4\n"
                  "      messages: [\"FAILED: 401 the token has expired\", "
                  "{match: '40[0-9]'}]\n"
                  "      steps:\n"
                  "        look: succeeded\n"
                  "        last: {class: auth, attempts: 1, message: \"FAILED: 401 the token has "
                  "expired\"} # step\n",
          "", 0);
}

static void test_update_of_calls_that_were_not_made_writes_all_that_were(void **state) {
    (void)state;
    check(ANSWERS "  - expect: {calls: [cpdctl space, cpdctl space delete]} # a\n",
          ANSWERS "  - expect: {calls: [cpdctl space, \"GET https://example.com/page\"]} # a\n", "",
          0);
}

static void test_update_notes_what_no_value_can_say(void **state) {
    (void)state;
    static const char text[] =
        ANSWERS "  - expect:\n"
                "      class: auth\n"
                "      messages: [no such text]\n"
                "      steps: {lost: failed, look: {class: auth, message: nothing}}\n";
    check(text, text,
          "flow.test.yaml:8: class: no step failed\n"
          "flow.test.yaml:8: messages: nobody says anything that could stand here\n"
          "flow.test.yaml:11: step 'lost': the run had no such step\n"
          "flow.test.yaml:11: step 'look', class: the step did not fail\n"
          "flow.test.yaml:11: step 'look', message: the step says nothing that could stand here\n",
          5);
}

static void test_update_of_a_row_leaves_its_case_and_other_rows_alone(void **state) {
    (void)state;
    check(ANSWERS "  - name: many\n"
                  "    expect: {status: success, outputs: {n: 1, two: 2}, steps: {last: skipped}}\n"
                  "    table:\n"
                  "      - {name: as the case says}\n"
                  "      - {name: other, inputs: {fails: true}} # bare\n"
                  "      - name: block\n"
                  "        inputs: {fails: true}\n"
                  "        expect:\n"
                  "          exit: 0 # exit\n"
                  "      - {name: own, expect: {outputs: {n: 3}}}\n",
          ANSWERS
          "  - name: many\n"
          "    expect: {status: success, outputs: {n: 1, two: 2}, steps: {last: skipped}}\n"
          "    table:\n"
          "      - {name: as the case says}\n"
          "      - {name: other, inputs: {fails: true}, expect: {status: failed, outputs: {n: "
          "null, two: null}, steps: {last: failed}}} # bare\n"
          "      - name: block\n"
          "        inputs: {fails: true}\n"
          "        expect:\n"
          "          exit: 1 # exit\n"
          "          status: failed\n"
          "          outputs: {n: null, two: null}\n"
          "          steps: {last: failed}\n"
          "      - {name: own, expect: {outputs: {n: 1}}}\n",
          "", 0);
}

static void test_update_of_a_shared_expectation_changes_the_case_that_fails(void **state) {
    (void)state;
    check(ANSWERS "  - name: first\n"
                  "    expect: &fine {status: success, exit: 0}\n"
                  "  - name: second\n"
                  "    inputs: {fails: true}\n"
                  "    expect: *fine # as before\n",
          ANSWERS "  - name: first\n"
                  "    expect: &fine {status: success, exit: 0}\n"
                  "  - name: second\n"
                  "    inputs: {fails: true}\n"
                  "    expect: {status: failed, exit: 1} # as before\n",
          "", 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_update_of_every_expectation_of_a_run),
        cmocka_unit_test(test_update_of_calls_that_were_not_made_writes_all_that_were),
        cmocka_unit_test(test_update_notes_what_no_value_can_say),
        cmocka_unit_test(test_update_of_a_row_leaves_its_case_and_other_rows_alone),
        cmocka_unit_test(test_update_of_a_shared_expectation_changes_the_case_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
