/*
 * report.json: fits its schema for every kind of run, says what the run_report says, and holds no secret.
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

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "report/report.h"
#include "unit/event/scripted.h"
#include "value/json.h"
#include "value/value.h"

static bool write_json(const struct run_report *r, const char *path, struct err *err) {
    struct report_source source = {.run = r};
    return report_write(report_format_find("json"), &source, path, err);
}

typedef void (*story_fn)(struct script *s);

static struct run_report *told(story_fn story) {
    struct script s;
    struct run_report *r = run_report_new();
    script_init(&s);
    event_bus_add(&s.bus, run_report_sink(r));
    story(&s);
    script_release(&s);
    return r;
}

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

static void tell_cancel(struct script *s) {
    tell_crash(s);
    script_emit(s, -1, (struct event){.kind = EVENT_CANCEL, .as.cancel = {15, "SIGTERM"}});
    script_emit(s, 0,
                (struct event){.kind = EVENT_ATTEMPT_FINISHED,
                               .as.attempt_finished = {.number = 1,
                                                       .outcome = "stopped",
                                                       .exit_code = -1,
                                                       .signal = 9,
                                                       .was_escalated = true,
                                                       .error_class = CLASS_CANCELLED}});
    script_fail(s, 0, STEP_CANCELLED, CLASS_CANCELLED, "cancelled", NULL);
    script_run_finished(s, VERDICT_CANCELLED, 143, "SIGTERM");
}

static const struct value *parsed(struct arena *a, const struct str *text) {
    AUTO(err) struct err err = ERR_INIT;
    struct json_options options = {.duplicates = JSON_DUP_ERROR};
    const struct value *v = NULL;
    if (!json_parse(a, text->data, text->len, &options, &v, NULL, &err)) {
        fail_msg("report.json is not JSON: %s", err.message);
    }
    return v;
}

static void test_json_says_what_the_report_holds(void **state) {
    (void)state;
    struct run_report *r = told(script_sample);
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(arena) struct arena a = ARENA_INIT(0);
    report_json_render(r, &text);
    const struct value *v = parsed(&a, &text);
    assert_string_equal(value_text(value_get(v, "verdict")), "failed");
    assert_string_equal(value_text(value_path(v, "run.started")), "2026-01-31T09:05:00.000Z");
    assert_string_equal(value_path(v, "run.seed")->as.text, "18446744073709551615");
    assert_string_equal(value_text(value_path(v, "inputs.password")), "***");
    const struct value *steps = value_get(v, "steps");
    assert_int_equal(steps->len, 11);
    const struct value *space = steps->as.items[1];
    assert_string_equal(value_text(value_get(space, "change")), "created");
    assert_int_equal(value_get(space, "waits")->len, 2);
    const struct value *wait = value_get(space, "waits")->as.items[0];
    assert_string_equal(value_text(value_get(wait, "state")), "preparing");
    assert_string_equal(value_get(wait, "for_ms")->as.text, "8000");
    const struct value *model = steps->as.items[6];
    const struct value *attempt = value_get(model, "attempts")->as.items[0];
    assert_string_equal(value_text(value_get(attempt, "class")), "transient");
    assert_string_equal(value_path(attempt, "retry.delay_ms")->as.text, "2000");
    assert_string_equal(value_get(attempt, "argv")->as.items[3]->as.text, "store");
    const struct value *recall = value_get(v, "metrics")->as.items[1];
    assert_string_equal(value_text(value_get(recall, "verdict")), "below");
    assert_string_equal(value_get(recall, "lower_limit")->as.text, "0.75");
    run_report_free(r);
}

static void test_json_of_a_crashed_run_has_no_verdict(void **state) {
    (void)state;
    struct run_report *r = told(tell_crash);
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(arena) struct arena a = ARENA_INIT(0);
    report_json_render(r, &text);
    const struct value *v = parsed(&a, &text);
    assert_int_equal(value_get(v, "verdict")->type, VALUE_NULL);
    assert_false(value_path(v, "run.finished")->as.boolean);
    const struct value *step = value_get(v, "steps")->as.items[0];
    assert_string_equal(value_text(value_get(step, "status")), "running");
    assert_int_equal(value_get(step, "duration_ms")->type, VALUE_NULL);
    run_report_free(r);
}

/* ajv judges, when npm has installed it. */
static void test_json_fits_its_schema(void **state) {
    (void)state;
    static const story_fn stories[] = {script_sample, script_sample_success, tell_nothing,
                                       tell_crash, tell_cancel};
    static const char tool[] = TEST_TOP "/tests/tools/validate.mjs";
    static const char schema[] = TEST_TOP "/src/report/report.schema.json";
    if (access(TEST_TOP "/tests/tools/node_modules/ajv", F_OK) != 0) {
        print_message("ajv is not installed: npm ci in tests/tools\n");
        skip();
    }
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        AUTO(err) struct err err = ERR_INIT;
        struct run_report *r = told(stories[i]);
        char path[] = "/tmp/test-report-XXXXXX";
        int fd = mkstemp(path);
        assert_true(fd >= 0 && close(fd) == 0);
        assert_true(write_json(r, path, &err));
        run_report_free(r);
        pid_t pid = fork();
        if (pid == 0) {
            execlp("node", "node", tool, schema, path, (char *)NULL);
            _exit(127);
        }
        int status = 0;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (status != 0) {
            fail_msg("story %zu does not fit the schema", i);
        }
        assert_int_equal(unlink(path), 0);
    }
}

static void test_report_write_replaces_a_link_and_leaves_its_target(void **state) {
    (void)state;
    char dir[] = "/tmp/test-report-XXXXXX";
    char link[64];
    char victim[64];
    assert_non_null(mkdtemp(dir));
    (void)snprintf(link, sizeof link, "%s/report.json", dir);
    (void)snprintf(victim, sizeof victim, "%s/victim", dir);
    FILE *f = fopen(victim, "w");
    assert_true(f != NULL && fputs("keep", f) >= 0 && fclose(f) == 0);
    assert_int_equal(symlink(victim, link), 0);
    AUTO(err) struct err err = ERR_INIT;
    struct run_report *r = told(script_sample_success);
    assert_true(write_json(r, link, &err));
    run_report_free(r);
    f = fopen(victim, "r");
    char text[8] = "";
    assert_true(f != NULL && fread(text, 1, sizeof text, f) == 4 && fclose(f) == 0);
    assert_memory_equal(text, "keep", 4);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(unlink(victim), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void test_report_write_says_which_report_could_not_be_written(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    struct run_report *r = told(script_sample_success);
    assert_false(write_json(r, "/nowhere/report.json", &err));
    assert_memory_equal(err.message, "json report: ", 13);
    run_report_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_says_what_the_report_holds),
        cmocka_unit_test(test_json_of_a_crashed_run_has_no_verdict),
        cmocka_unit_test(test_json_fits_its_schema),
        cmocka_unit_test(test_report_write_replaces_a_link_and_leaves_its_target),
        cmocka_unit_test(test_report_write_says_which_report_could_not_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
