/* Expectations: each one holds on what happened, and says both sides when it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "event/event.h"
#include "recipe/suite.h"
#include "stage.h"

static const char recipe[] =
    "cpdflow: 1\n"
    "steps:\n"
    "  - id: space\n"
    "    timeout: 5m\n"
    "    ensure:\n"
    "      find: {cpdctl: [space, list], select: \"resources[?name == 'qa']\"}\n"
    "      create: {cpdctl: [space, create, --name=qa]}\n"
    "      ready: {until: \"`true`\", timeout: 1m}\n"
    "    outputs: {id: id, name: name}\n"
    "  - id: page\n"
    "    timeout: 1m\n"
    "    http: {url: https://example.com/page}\n"
    "    retry: {attempts: 3, delay: 10s, jitter: false, on: transient}\n"
    "    metrics: {score: {value: body.score}}\n"
    "    continue_on_error: true\n"
    "  - {id: never, if: \"`false`\", cmd: [never]}\n"
    "outputs: {id: \"${{ steps.space.outputs.id }}\", n: \"${{ `2` }}\"}\n";

/* The space is made, the page answers at the third try. */
static const char made[] =
    "cpdflow_test: 1\n"
    "answers:\n"
    "  - {call: cpdctl space list, json: {resources: []}}\n"
    "  - {call: cpdctl space list, json: {resources: [{name: qa, id: s1}]}}\n"
    "  - {call: cpdctl space create, json: {id: s1, name: qa}, delay: 5s}\n"
    "  - {call: \"GET https://example.com/page\", http: {status: 503}, times: 2}\n"
    "  - {call: \"GET https://example.com/page\", http: {json: {score: 0.5}}}\n";

/* `failure` NULL: it holds; "" is no failure text. */
struct expected {
    const char *expect;
    const char *failure;
};

static void play_all(const char *answers, const struct expected *all, size_t n) {
    AUTO(str) struct str text = STR_INIT(0);
    str_addf(&text, "%scases:\n", answers);
    for (size_t i = 0; i < n; i++) {
        str_addf(&text, "  - expect: {%s}\n", all[i].expect);
    }
    struct stage s;
    stage_open(&s, recipe, str_text(&text));
    stage_play(&s);
    assert_int_equal(s.n, n);
    for (size_t i = 0; i < n; i++) {
        const char *failures = stage_failures(&s, i);
        bool is_as_told = all[i].failure == NULL ? failures[0] == '\0'
                                                 : strstr(failures, all[i].failure) != NULL &&
                                                       s.results[i].n_failures == 1;
        if (!is_as_told) {
            fail_msg("%s\nexpected: %s\nfound: %s", all[i].expect,
                     all[i].failure == NULL ? "nothing" : all[i].failure, failures);
        }
    }
    stage_close(&s);
}
#define PLAY_ALL(answers, all) play_all(answers, all, sizeof(all) / sizeof(all)[0])

static void test_judge_names_of_test_files_are_those_of_events(void **state) {
    (void)state;
    for (int i = 0; i < STEP_STATUS_COUNT; i++) {
        assert_string_equal(suite_status_names[i], step_status_names[i]);
    }
    assert_null(suite_status_names[STEP_STATUS_COUNT]);
    for (int i = 0; i < CHANGE_COUNT; i++) {
        assert_string_equal(suite_change_names[i], step_change_names[i]);
    }
    assert_null(suite_change_names[CHANGE_COUNT]);
    for (int i = 0; i < VERDICT_COUNT; i++) {
        assert_string_equal(suite_verdict_names[i], run_verdict_names[i]);
    }
    assert_null(suite_verdict_names[VERDICT_COUNT]);
}

static void test_judge_of_the_run_holds_or_tells_both_sides(void **state) {
    (void)state;
    static const struct expected all[] = {
        {"status: success, exit: 0, duration: 35s, n_calls: 6", NULL},
        {"status: failed", "flow.test.yaml:10: status: expected failed, found success"},
        {"exit: 1", "exit: expected 1, found 0"},
        {"duration: 24s", "duration: expected 24s, found 35s"},
        {"n_calls: 4", "n_calls: expected 4, found 6"},
        {"outputs: {n: 2}", NULL}, /* some of them */
        {"outputs: {id: s2}", "outputs.id:\n    expected  \"s2\"\n    found     \"s1\""},
        {"outputs: {other: 1}", "outputs.other:\n    expected  1\n    found     nothing"},
        {"outputs: {other: null}", NULL},
        {"metrics: {score: 0.5}", NULL},
        {"metrics: {score: 0.50}", NULL},
        {"metrics: {score: 1}", "metrics.score:\n    expected  1\n    found     0.5"},
        {"metrics: {loss: 1}", "metrics.loss:\n    expected  1\n    found     nothing"},
        {"class: transient", "class: expected transient, found no failure"},
    };
    PLAY_ALL(made, all);
}

static void test_judge_of_steps_holds_or_tells_both_sides(void **state) {
    (void)state;
    static const struct expected all[] = {
        {"steps: {space: succeeded, page: succeeded, never: skipped}", NULL},
        {"steps: {page: failed}", "step 'page': expected failed, found succeeded"},
        {"steps: {never: succeeded}",
         "step 'never': expected succeeded, found skipped (if: `false`"},
        {"steps: {lost: succeeded}", "the run had no step 'lost'"},
        {"steps: {page: {attempts: 3, polls: 0}}", NULL},
        {"steps: {page: {attempts: 2}}", "step 'page', attempts: expected 2, found 3"},
        {"steps: {page: {polls: 2}}", "step 'page', polls: expected 2, found 0"},
        {"steps: {space: {change: created, outputs: {name: qa}}}", NULL},
        {"steps: {space: {change: none}}", "step 'space', change: expected none, found created"},
        {"steps: {space: {class: auth}}", "step 'space', class: expected auth, found none"},
        {"steps: {space: {outputs: {name: b}}}",
         "steps.space.outputs.name:\n    expected  \"b\"\n    found     \"qa\""},
        {"steps: {never: {message: 'if:'}}", NULL},
        {"steps: {never: {message: [{match: '^if'}, 'why']}}",
         "step 'never', message:\n    expected  why\n    found     if"},
    };
    PLAY_ALL(made, all);
}

static void test_judge_of_calls_and_changes_holds_or_shows_what_was_made(void **state) {
    (void)state;
    static const struct expected all[] = {
        {"calls: [cpdctl space list, cpdctl space create, GET *page, \"GET\"]", NULL},
        {"calls: [GET, cpdctl space list]",
         "calls: 'cpdctl space list' was not made behind the one before it; what was made from "
         "there on:\n    page           GET https://example.com/page"},
        {"calls: [cpdctl space delete]",
         "calls: 'cpdctl space delete' was not made; what was made:\n    space          cpdctl"},
        {"count: {cpdctl space: 3, cpdctl space list: 2, GET: 3, cpdctl space lis: 0}", NULL},
        {"count: {GET: 1}", "count, 'GET': expected 1, found 3"},
        {"changes: {space: created}", NULL},
        {"changes: {}", "changes: step 'space' created, which is not expected"},
        {"changes: {space: created, page: updated}",
         "changes, step 'page': expected updated, found "},
        {"changes: {space: created, lost: updated}",
         "changes, step 'lost': expected updated, found no such step"},
    };
    PLAY_ALL(made, all);
}

static void test_judge_of_failures_finds_class_and_message(void **state) {
    (void)state;
    static const char refused[] =
        "cpdflow_test: 1\n"
        "answers: [{step: page, http: {json: {score: 1}}}]\n"
        "faults: [{role: find, exit: 1, stderr: 'FAILED: no such profile'}]\n";
    static const struct expected all[] = {
        {"status: failed, class: not_found, messages: [no such profile, {match: 'such  ?pro'}]",
         NULL},
        {"class: auth", "class: expected auth, found not_found of step 'space'"},
        {"messages: [all is well]",
         "messages: nobody says 'all is well'; what is said:\n    space"},
        {"messages: [{match: '^all'}]", "messages: nobody says '^all'"},
        {"status: success", "status: expected success, found failed ("},
        {"steps: {space: {class: not_found, message: profile}}", NULL},
    };
    PLAY_ALL(refused, all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge_names_of_test_files_are_those_of_events),
        cmocka_unit_test(test_judge_of_the_run_holds_or_tells_both_sides),
        cmocka_unit_test(test_judge_of_steps_holds_or_tells_both_sides),
        cmocka_unit_test(test_judge_of_calls_and_changes_holds_or_shows_what_was_made),
        cmocka_unit_test(test_judge_of_failures_finds_class_and_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
