/*
 * The fold: what it keeps, what it leaves out, and that it stays small.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "maxima.h"
#include "unit/event/scripted.h"
#include "value/value.h"

struct fixture {
    struct script script;
    struct run_report *report;
};

static int set_up(void **state) {
    static struct fixture f;
    script_init(&f.script);
    f.report = run_report_new();
    event_bus_add(&f.script.bus, run_report_sink(f.report));
    *state = &f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    run_report_free(f->report);
    script_release(&f->script);
    return 0;
}

static const struct report_step *step_named(const struct run_report *r, const char *id) {
    for (size_t i = 0; i < r->n_steps; i++) {
        if (strcmp(r->steps[i]->id, id) == 0) {
            return r->steps[i];
        }
    }
    fail_msg("no step '%s'", id);
    return NULL;
}

static void test_run_report_tells_the_sample(void **state) {
    struct fixture *f = *state;
    script_sample(&f->script);
    const struct run_report *r = f->report;
    assert_string_equal(r->recipe_name, "publish-model");
    assert_int_equal(r->started_wall_ms, SCRIPT_WALL_MS);
    assert_true(r->is_finished);
    assert_int_equal(r->verdict, VERDICT_FAILED);
    assert_string_equal(value_text(value_get(r->inputs, "stage")), "qa");
    struct report_counts counts = run_report_counts(r);
    assert_int_equal(counts.n_steps, 10); /* the foreach itself does nothing */
    assert_int_equal(counts.by_status[STEP_SUCCEEDED], 7);
    assert_int_equal(counts.by_status[STEP_TOLERATED], 1);
    assert_int_equal(counts.by_status[STEP_FAILED], 1);
    assert_int_equal(counts.by_status[STEP_SKIPPED], 1);
    assert_int_equal(counts.by_change[CHANGE_CREATED], 4);
    assert_int_equal(counts.by_change[CHANGE_UPDATED], 1);
    assert_int_equal(counts.n_metrics, 2);
    assert_int_equal(counts.n_metrics_crossed, 1);
    assert_int_equal(step_named(r, "upload")->n_children, 3);
    assert_int_equal(step_named(r, "upload")->n_children_ended, 3);
    assert_int_equal(step_named(r, "upload[2]")->parent, step_named(r, "upload")->index);
    assert_string_equal(step_named(r, "evaluate")->skip_reason, "needs 'deploy', which failed");
    assert_int_equal(step_named(r, "provider")->n_notices, 1);
}

static void test_run_report_joins_retry_and_attempt(void **state) {
    struct fixture *f = *state;
    script_sample(&f->script);
    const struct report_step *model = step_named(f->report, "model");
    assert_int_equal(model->n_attempts_kept, 2);
    assert_true(model->attempts[0]->is_retried);
    assert_int_equal(model->attempts[0]->retry_delay_ms, 2000);
    assert_int_equal(model->attempts[0]->error_class, CLASS_TRANSIENT);
    assert_false(model->attempts[1]->is_retried);
    assert_string_equal(model->attempts[0]->argv[3], "store");
    assert_string_equal(model->attempts[0]->stderr_text,
                        "Error: 503 Service Unavailable\nupstream connect error\n");
}

static void test_run_report_folds_equal_states_of_a_wait(void **state) {
    struct fixture *f = *state;
    script_sample(&f->script);
    const struct report_step *space = step_named(f->report, "space");
    assert_int_equal(space->n_waits, 2);
    assert_string_equal(space->waits[0]->state, "preparing");
    assert_int_equal(space->waits[0]->n_polls, 4);
    assert_int_equal(space->waits[0]->until_ms - space->waits[0]->since_ms, 8000);
    assert_string_equal(space->waits[1]->state, "active");
    assert_true(space->waits[1]->is_done);
}

static void test_run_report_folds_polls_that_bring_nothing_new(void **state) {
    struct fixture *f = *state;
    script_sample(&f->script);
    const struct report_step *space = step_named(f->report, "space");
    /* find, create, first poll, last poll */
    assert_int_equal(space->n_attempts, 7);
    assert_int_equal(space->n_attempts_kept, 4);
    assert_int_equal(space->attempts[3]->n_left_out, 3);
    assert_int_equal(space->attempts[3]->number, 7);
}

static void test_run_report_makes_output_safe_to_show(void **state) {
    struct fixture *f = *state;
    script_sample(&f->script);
    const struct report_attempt *a = report_step_decisive(step_named(f->report, "deploy"));
    assert_non_null(a);
    assert_int_equal(a->error_class, CLASS_QUOTA);
    assert_null(strchr(a->stderr_text, '\x1b'));
    assert_non_null(strstr(a->stderr_text, "& red \xef\xbf\xbd end"));
}

static void test_run_report_keeps_first_and_last_attempts(void **state) {
    struct fixture *f = *state;
    unsigned step = script_declare(&f->script, "stubborn", "cmd");
    script_start(&f->script, step);
    for (unsigned i = 1; i <= 100; i++) {
        script_attempt(&f->script, step, "run", "false");
        script_attempt_failed(&f->script, step, CLASS_UNKNOWN, 1, "no\n");
    }
    const struct report_step *s = f->report->steps[step];
    assert_int_equal(s->n_attempts, 100);
    assert_int_equal(s->n_attempts_kept, LIMIT_REPORT_ATTEMPTS);
    assert_int_equal(s->attempts[7]->number, 8);
    assert_int_equal(s->attempts[8]->number, 77);
    assert_int_equal(s->attempts[8]->n_left_out, 68);
    assert_int_equal(s->attempts[31]->number, 100);
}

static void test_run_report_keeps_first_and_last_states(void **state) {
    struct fixture *f = *state;
    unsigned step = script_declare(&f->script, "restless", "cmd");
    script_start(&f->script, step);
    for (unsigned i = 0; i < 200; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "state %u", i);
        script_poll(&f->script, step, text, i == 0, false);
    }
    const struct report_step *s = f->report->steps[step];
    assert_int_equal(s->n_waits, LIMIT_REPORT_WAITS);
    assert_string_equal(s->waits[31]->state, "state 31");
    assert_string_equal(s->waits[32]->state, "state 168");
    assert_int_equal(s->waits[32]->n_left_out, 136);
    assert_int_equal(s->n_polls, 200);
}

static void test_run_report_cuts_long_texts_in_the_middle(void **state) {
    struct fixture *f = *state;
    static char text[200 * 1024];
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "begin", 5);
    memcpy(text + sizeof text - 4, "end", 3);
    unsigned step = script_declare(&f->script, "flood", "cmd");
    script_start(&f->script, step);
    script_attempt(&f->script, step, "run", "flood");
    script_attempt_failed(&f->script, step, CLASS_UNKNOWN, 1, text);
    const struct report_attempt *a = f->report->steps[step]->attempts[0];
    assert_true(a->is_cut);
    assert_true(strlen(a->stderr_text) < 33 * KIB);
    assert_memory_equal(a->stderr_text, "begin", 5);
    assert_string_equal(a->stderr_text + strlen(a->stderr_text) - 3, "end");
    assert_non_null(strstr(a->stderr_text, "… 172031 bytes left out …"));
}

static void test_run_report_bounds_all_texts_together(void **state) {
    struct fixture *f = *state;
    static char text[40 * 1024];
    memset(text, 'x', sizeof text - 1);
    size_t kept = 0;
    unsigned step = script_declare(&f->script, "flood", "cmd");
    for (unsigned i = 0; i < 40; i++) {
        struct event_step many = f->script.steps[step];
        many.index = 1 + i;
        f->script.steps[1 + i] = many;
        script_start(&f->script, 1 + i);
        for (unsigned n = 0; n < 31; n++) {
            script_attempt(&f->script, 1 + i, "run", "flood");
            script_attempt_failed(&f->script, 1 + i, CLASS_UNKNOWN, 1, text);
        }
    }
    for (size_t i = 0; i < f->report->n_steps; i++) {
        const struct report_step *s = f->report->steps[i];
        for (size_t n = 0; n < s->n_attempts_kept; n++) {
            kept += strlen(s->attempts[n]->stderr_text);
        }
    }
    assert_true(kept > LIMIT_REPORT_TEXT_TOTAL);
    assert_true(kept < LIMIT_REPORT_TEXT_TOTAL + 2 * MIB);
}

static void test_run_report_names_the_size_of_outputs_it_leaves_out(void **state) {
    struct fixture *f = *state;
    static char text[100 * 1024];
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "all=", 4);
    unsigned step = script_declare(&f->script, "large", "cmd");
    script_start(&f->script, step);
    script_succeed(&f->script, step, CHANGE_NONE, script_object(&f->script, text));
    const char *note = value_text(f->report->steps[step]->outputs);
    assert_non_null(note);
    assert_memory_equal(note, "(left out: about 102", 20);
}

static void test_run_report_keeps_totals_of_steps_past_the_first_ten_thousand(void **state) {
    struct fixture *f = *state;
    struct event_step *slot = &f->script.steps[0];
    const struct value *outputs = script_object(&f->script, "id=x");
    for (unsigned i = 0; i < LIMIT_REPORT_WHOLE_STEPS + 3; i++) {
        *slot = (struct event_step){.index = i, .parent = -1, .id = "many"};
        f->script.n_attempts[0] = 0;
        script_start(&f->script, 0);
        script_attempt(&f->script, 0, "run", "true");
        if (i == LIMIT_REPORT_WHOLE_STEPS + 1) {
            script_attempt_failed(&f->script, 0, CLASS_UNKNOWN, 1, "no");
            script_fail(&f->script, 0, STEP_FAILED, CLASS_UNKNOWN, "no", NULL);
        } else {
            script_attempt_ok(&f->script, 0, "yes");
            script_succeed(&f->script, 0, CHANGE_CREATED, outputs);
        }
    }
    const struct report_step *const *last =
        (const struct report_step *const *)&f->report->steps[LIMIT_REPORT_WHOLE_STEPS];
    assert_int_equal(last[-1]->n_attempts_kept, 1);
    assert_int_equal(last[0]->n_attempts_kept, 0);
    assert_int_equal(last[0]->n_attempts, 1);
    assert_int_equal(last[0]->change, CHANGE_CREATED);
    assert_string_equal(value_text(last[0]->outputs), "(left out)");
    assert_int_equal(last[1]->n_attempts_kept, 1); /* what failed is always whole */
    assert_int_equal(last[2]->n_attempts_kept, 0);
}

static void test_run_report_ignores_steps_out_of_order(void **state) {
    struct fixture *f = *state;
    f->script.steps[5] = (struct event_step){.index = 5, .id = "later", .parent = -1};
    script_start(&f->script, 5);
    assert_int_equal(f->report->n_steps, 0);
}

static void test_run_report_goes_on_when_a_run_is_resumed(void **state) {
    struct fixture *f = *state;
    script_sample(&f->script);
    script_run_started(&f->script, NULL);
    assert_false(f->report->is_finished);
    assert_int_equal(f->report->n_starts, 2);
    script_start(&f->script, 9);
    script_attempt(&f->script, 9, "find", "cpdctl ml deployments list --output json");
    script_attempt_ok(&f->script, 9, "{}");
    script_succeed(&f->script, 9, CHANGE_CREATED, NULL);
    const struct report_step *deploy = step_named(f->report, "deploy");
    assert_int_equal(deploy->status, STEP_SUCCEEDED);
    assert_int_equal(deploy->error_class, CLASS_NONE);
    assert_null(deploy->message);
    assert_int_equal(deploy->n_attempts_kept, 3);
}

static void test_run_report_shows_what_was_under_way_when_events_end(void **state) {
    struct fixture *f = *state;
    unsigned step = script_declare(&f->script, "cut", "cmd");
    script_start(&f->script, step);
    script_attempt(&f->script, step, "run", "sleep 100");
    assert_false(f->report->is_finished);
    assert_int_equal(f->report->steps[step]->status, STEP_RUNNING);
    assert_false(f->report->steps[step]->attempts[0]->is_finished);
}

static void test_run_report_order_puts_children_behind_their_parent(void **state) {
    (void)state;
    static const char *const expected = "a b c[0] x y c[1] d ";
    AUTO(str) struct str ids = STR_INIT(0);
    struct script s;
    struct run_report *r = run_report_new();
    script_init(&s);
    event_bus_add(&s.bus, run_report_sink(r));
    script_declare(&s, "a", "cmd");
    unsigned b = script_declare(&s, "b", "group");
    script_declare(&s, "d", "cmd");
    unsigned first = script_declare_in(&s, (int)b, "c[0]", "group");
    script_declare_in(&s, (int)b, "c[1]", "cmd");
    script_declare_in(&s, (int)first, "x", "cmd");
    script_declare_in(&s, (int)first, "y", "cmd");
    const struct report_step **order = run_report_order(r);
    for (size_t i = 0; i < r->n_steps; i++) {
        str_addf(&ids, "%s ", order[i]->id);
    }
    assert_string_equal(str_text(&ids), expected);
    mem_free((void *)order);
    run_report_free(r);
    script_release(&s);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_report_order_puts_children_behind_their_parent),
        TEST(test_run_report_tells_the_sample),
        TEST(test_run_report_joins_retry_and_attempt),
        TEST(test_run_report_folds_equal_states_of_a_wait),
        TEST(test_run_report_folds_polls_that_bring_nothing_new),
        TEST(test_run_report_makes_output_safe_to_show),
        TEST(test_run_report_keeps_first_and_last_attempts),
        TEST(test_run_report_keeps_first_and_last_states),
        TEST(test_run_report_cuts_long_texts_in_the_middle),
        TEST(test_run_report_bounds_all_texts_together),
        TEST(test_run_report_names_the_size_of_outputs_it_leaves_out),
        TEST(test_run_report_keeps_totals_of_steps_past_the_first_ten_thousand),
        TEST(test_run_report_ignores_steps_out_of_order),
        TEST(test_run_report_goes_on_when_a_run_is_resumed),
        TEST(test_run_report_shows_what_was_under_way_when_events_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
