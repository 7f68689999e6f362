/*
 * JUnit XML: well-formed whatever a run says, valid in both dialects, no case without a name of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "event/run_report.h"
#include "report/report.h"
#include "report/xml.h"
#include "unit/event/scripted.h"
#include "unit/report/golden.h"

typedef void (*story_fn)(struct script *s);

static void render_as(story_fn story, void (*as)(const struct run_report *r, struct str *out),
                      struct str *out) {
    struct script s;
    struct run_report *r = run_report_new();
    script_init(&s);
    event_bus_add(&s.bus, run_report_sink(r));
    story(&s);
    as(r, out);
    run_report_free(r);
    script_release(&s);
}

static void render(story_fn story, struct str *out) {
    render_as(story, report_junit_render, out);
}

/* ---- stories ---- */

static void tell_nothing(struct script *s) {
    (void)s;
}

static void tell_crash(struct script *s) {
    script_run_started(s, NULL);
    unsigned step = script_declare(s, "space", "ensure");
    script_declare(s, "later", "cmd");
    script_start(s, step);
    script_attempt(s, step, "find", "cpdctl spaces list");
}

static void tell_all_skipped(struct script *s) {
    script_run_started(s, NULL);
    script_skip(s, script_declare(s, "a", "cmd"), "if was false");
    script_run_finished(s, VERDICT_SUCCESS, 0, NULL);
}

static void tell_cancel(struct script *s) {
    tell_crash(s);
    script_fail(s, 0, STEP_CANCELLED, CLASS_CANCELLED, "cancelled by SIGTERM", NULL);
    script_run_finished(s, VERDICT_CANCELLED, 143, "SIGTERM");
}

static void tell_phases_and_equal_ids(struct script *s) {
    script_run_started(s, NULL);
    unsigned outer = script_declare(s, "setup", "use");
    unsigned inner = script_declare_in(s, (int)outer, "space", "cmd");
    unsigned space = script_declare(s, "space", "cmd");
    unsigned again = script_declare(s, "space", "cmd");
    script_start(s, outer);
    for (unsigned i = inner; i <= again; i++) {
        script_start(s, i);
        script_succeed(s, i, CHANGE_NONE, NULL);
    }
    (void)space;
    script_succeed(s, outer, CHANGE_NONE, NULL);
    s->steps[s->n_steps].phase = PHASE_CLEANUP;
    unsigned undo = s->n_steps++;
    s->steps[undo] = (struct event_step){
        .index = undo, .parent = -1, .id = "undo", .action = "cmd", .phase = PHASE_CLEANUP};
    script_emit(s, (int)undo, (struct event){.kind = EVENT_STEP_DECLARED});
    script_start(s, undo);
    script_succeed(s, undo, CHANGE_DELETED, NULL);
    script_run_finished(s, VERDICT_SUCCESS, 0, NULL);
}

static void tell_rerun(struct script *s) {
    script_run_started(s, NULL);
    unsigned step = script_declare(s, "stubborn", "cmd");
    script_start(s, step);
    for (unsigned i = 0; i < 3; i++) {
        script_attempt(s, step, "run", "cpdctl x");
        script_attempt_failed(s, step, CLASS_TRANSIENT, 1, "503\n");
        if (i < 2) {
            script_retry(s, step, 3, 100);
        }
    }
    script_fail(s, step, STEP_FAILED, CLASS_TRANSIENT, "exit status 1", NULL);
    script_run_finished(s, VERDICT_FAILED, 1, "step 'stubborn' failed");
}

/* P1, P2, P3 */
static const char evil[] = "]]> </testcase> <!DOCTYPE x> &x; \" ' \x1b[31m \x08 \x01 \xef\xbf\xbe "
                           "\xef\xbf\xbf \xed\xa0\x80 \xff \r\n\t \xe2\x80\xae <script>";

static void tell_evil(struct script *s) {
    static char huge[200 * 1024];
    memset(huge, '<', sizeof huge - 1);
    script_run_started(s, script_object(s, "a=]]>"));
    unsigned step = script_declare(s, "evil", "cmd");
    s->steps[step].name = evil;
    s->steps[step].file = evil;
    script_start(s, step);
    script_attempt(s, step, "run", evil);
    script_attempt_failed(s, step, CLASS_UNKNOWN, 1, evil);
    script_retry(s, step, 2, 1);
    script_attempt(s, step, "run", huge);
    script_attempt_failed(s, step, CLASS_UNKNOWN, 1, huge);
    script_metric(s, step, evil, "1", "2", METRIC_BELOW);
    script_fail(s, step, STEP_FAILED, CLASS_UNKNOWN, evil, evil);
    script_skip(s, script_declare(s, "skip", "cmd"), evil);
    script_run_finished(s, VERDICT_FAILED, 1, evil);
}

/* ---- xmllint ---- */

/* Exit status of `xmllint --noout [--schema XSD] -` fed with the text. */
static int xmllint(const struct str *text, const char *schema) {
    char path[] = "/tmp/test-junit-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && file_write_all(fd, text->data, text->len));
    assert_int_equal(close(fd), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (schema == NULL) {
            execlp("xmllint", "xmllint", "--noout", "--nonet", path, (char *)NULL);
        } else {
            execlp("xmllint", "xmllint", "--noout", "--nonet", "--schema", schema, path,
                   (char *)NULL);
        }
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(unlink(path), 0);
    return WEXITSTATUS(status);
}

/* Path of a schema, or the test is skipped. */
static void schema_path(const char *name, char *ret_path, size_t size) {
    const char *suites = getenv("CPDFLOW_SUITES");
    if (suites == NULL) {
        (void)snprintf(ret_path, size, "%s/../shared/suites/junit-xsd/%s", TEST_TOP, name);
    } else {
        (void)snprintf(ret_path, size, "%s/junit-xsd/%s", suites, name);
    }
    if (access(ret_path, R_OK) != 0) {
        print_message("%s is not there\n", ret_path);
        skip();
    }
}

/* ---- tests ---- */

static void test_junit_of_the_sample_is_as_before(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    render(script_sample, &text);
    golden_check("junit.xml", str_text(&text), text.len);
}

static const story_fn stories[] = {script_sample, script_sample_success,     tell_nothing,
                                   tell_crash,    tell_all_skipped,          tell_cancel,
                                   tell_rerun,    tell_phases_and_equal_ids, tell_evil};

static void test_junit_fits_the_schema_of_jenkins(void **state) {
    (void)state;
    char schema[512];
    schema_path("jenkins-junit-10.xsd", schema, sizeof schema);
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        AUTO(str) struct str text = STR_INIT(0);
        render(stories[i], &text);
        if (xmllint(&text, schema) != 0) {
            fail_msg("story %zu:\n%s", i, text.data);
        }
    }
}

static void test_junit_fits_the_schema_of_ant(void **state) {
    (void)state;
    char schema[512];
    schema_path("windyroad-JUnit.xsd", schema, sizeof schema);
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        AUTO(str) struct str text = STR_INIT(0);
        render_as(stories[i], report_junit_ant_render, &text);
        if (xmllint(&text, schema) != 0) {
            fail_msg("story %zu:\n%s", i, text.data);
        }
    }
}

static void test_junit_is_well_formed_whatever_a_child_says(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    render(tell_evil, &text);
    assert_int_equal(xmllint(&text, NULL), 0);
    assert_true(utf8_is_valid(text.data, text.len));
    assert_non_null(strstr(text.data, "]]&gt; &lt;/testcase&gt; &lt;!DOCTYPE x&gt; &amp;x;"));
    assert_true(text.len < 200 * 1024);
}

static void test_junit_has_a_case_for_a_run_without_steps(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    render(tell_nothing, &text);
    assert_non_null(strstr(text.data, "<testcase name=\"run\""));
    assert_non_null(strstr(text.data, "tests=\"1\" failures=\"0\" errors=\"1\""));
}

static void test_junit_says_what_was_under_way_when_a_run_broke_off(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    render(tell_crash, &text);
    assert_non_null(strstr(text.data, "tests=\"3\" failures=\"0\" errors=\"2\" skipped=\"1\""));
    assert_non_null(strstr(text.data, "under way when the run ended"));
    assert_non_null(strstr(text.data, "<skipped message=\"not reached\"/>"));
}

static void test_junit_names_are_unique_and_phases_are_suites(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    render(tell_phases_and_equal_ids, &text);
    assert_non_null(strstr(text.data, "name=\"setup/space\" classname=\"publish-model.main\""));
    assert_non_null(strstr(text.data, "name=\"space\" classname"));
    assert_non_null(strstr(text.data, "name=\"space #2\" classname"));
    assert_non_null(strstr(text.data, "<testsuite name=\"cleanup\" package=\"publish-model\" "
                                      "id=\"1\""));
    assert_non_null(strstr(text.data, "name=\"undo\" classname=\"publish-model.cleanup\""));
}

static void test_junit_lists_earlier_attempts_of_a_failure(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    render(tell_rerun, &text);
    unsigned n = 0;
    for (const char *at = text.data; (at = strstr(at, "<rerunFailure ")) != NULL; at++) {
        n++;
    }
    assert_int_equal(n, 2);
    assert_null(strstr(text.data, "flakyFailure"));
}

static void test_junit_ant_tells_earlier_attempts_in_words(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    render_as(tell_rerun, report_junit_ant_render, &text);
    assert_null(strstr(text.data, "rerunFailure"));
    assert_non_null(strstr(text.data, "stubborn: attempt 2: transient: "));
}

static void test_junit_shows_no_secret(void **state) {
    (void)state;
    static const char secret[] = "p&<\"w0rd";
    assert_true(mask_register(secret, strlen(secret)));
    AUTO(str) struct str text = STR_INIT(0);
    struct script s;
    struct run_report *r = run_report_new();
    script_init(&s);
    event_bus_add(&s.bus, run_report_sink(r));
    script_run_started(&s, NULL);
    unsigned step = script_declare(&s, "login", "cmd");
    script_start(&s, step);
    script_attempt(&s, step, "run", "login p&<\"w0rd");
    script_attempt_failed(&s, step, CLASS_AUTH, 1, "wrong: p&<\"w0rd");
    script_fail(&s, step, STEP_FAILED, CLASS_AUTH, secret, secret);
    report_junit_render(r, &text);
    assert_non_null(strstr(text.data, MASK_TEXT));
    assert_false(mask_finds(text.data, text.len));
    assert_null(strstr(text.data, "w0rd"));
    run_report_free(r);
    script_release(&s);
    mask_clear();
}

static void test_xml_writes_only_characters_of_xml(void **state) {
    (void)state;
    AUTO(str) struct str out = STR_INIT(0);
    xml_add(&out, "a\0b\x7f\xef\xbf\xbe\xed\xa0\x80\xf0\x9f\x98\x80", 14);
    assert_string_equal(str_text(&out), "a\xef\xbf\xbd"
                                        "b\x7f\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                                        "\xf0\x9f\x98\x80");
    str_reset(&out);
    xml_add_attribute(&out, "a", "1\n2\t\"<&>");
    assert_string_equal(str_text(&out), " a=\"1&#10;2&#9;&quot;&lt;&amp;&gt;\"");
    str_reset(&out);
    xml_add_attribute(&out, "a", NULL);
    assert_int_equal(out.len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_junit_of_the_sample_is_as_before),
        cmocka_unit_test(test_junit_fits_the_schema_of_jenkins),
        cmocka_unit_test(test_junit_fits_the_schema_of_ant),
        cmocka_unit_test(test_junit_is_well_formed_whatever_a_child_says),
        cmocka_unit_test(test_junit_has_a_case_for_a_run_without_steps),
        cmocka_unit_test(test_junit_says_what_was_under_way_when_a_run_broke_off),
        cmocka_unit_test(test_junit_names_are_unique_and_phases_are_suites),
        cmocka_unit_test(test_junit_lists_earlier_attempts_of_a_failure),
        cmocka_unit_test(test_junit_ant_tells_earlier_attempts_in_words),
        cmocka_unit_test(test_junit_shows_no_secret),
        cmocka_unit_test(test_xml_writes_only_characters_of_xml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
