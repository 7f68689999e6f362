/* Tapes: names that stand for values, matching, explaining, recording and playing back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "proc/fake.h"
#include "proc/runner.h"
#include "replay/match_priv.h"
#include "replay/player.h"
#include "replay/recorder.h"
#include "replay/tape.h"

#define SECRET "pass-1234567890"

static struct tape_name name_items[] = {
    {"inputs.url", "https://cpd.example.com"},
    {"run.dir", "/var/runs/7"},
    {"inputs.host", "cpd.example.com"},
};

static struct tape_names common_names(void) {
    struct tape_names names = {.items = name_items, .n = sizeof name_items / sizeof *name_items};
    tape_names_sort(&names);
    return names;
}

static void expect_normal(const char *text, const char *wanted) {
    struct tape_names names = common_names();
    AUTO(str) struct str out = STR_INIT(0);
    tape_normalize(&names, text, strlen(text), &out);
    assert_string_equal(str_text(&out), wanted);
    AUTO(str) struct str back = STR_INIT(0);
    tape_fill(&names, str_text(&out), out.len, &back);
    assert_string_equal(str_text(&back), text);
}

static void test_tape_names_replace_the_longest_value_and_only_whole_words(void **state) {
    (void)state;
    expect_normal("GET https://cpd.example.com/v4", "GET {{inputs.url}}/v4");
    expect_normal("host=cpd.example.com", "host={{inputs.host}}");
    expect_normal("mycpd.example.com", "mycpd.example.com");
    expect_normal("cpd.example.community", "cpd.example.community");
    expect_normal("/var/runs/7/x /var/runs/77", "{{run.dir}}/x /var/runs/77");
    expect_normal("{{unknown}} {{", "{{unknown}} {{");
}

static struct tape_call calls[] = {
    {.step = "a", .argv = (const char *const[]){"cpdctl", "space", "list", NULL}},
    {.step = "b", .argv = (const char *const[]){"curl", "-q", NULL}, .stdin_text = "url = x\nline"},
};
static const struct tape tape = {.calls = calls, .n_calls = 2};

static void test_tape_call_is_the_same_by_all_arguments_and_stdin(void **state) {
    (void)state;
    assert_true(match_is_same(&calls[0], (const char *[]){"cpdctl", "space", "list", NULL}, NULL));
    assert_false(match_is_same(&calls[0], (const char *[]){"cpdctl", "space", NULL}, NULL));
    assert_false(
        match_is_same(&calls[0], (const char *[]){"cpdctl", "space", "list", "-q", NULL}, NULL));
    assert_false(match_is_same(&calls[0], (const char *[]){"cpdctl", "space", "list", NULL}, ""));
    assert_true(match_is_same(&calls[1], (const char *[]){"curl", "-q", NULL}, "url = x\nline"));
    assert_false(match_is_same(&calls[1], (const char *[]){"curl", "-q", NULL}, "url = y\nline"));
}

static void expect_explanation(const char *const *argv, const char *stdin_text,
                               const char *wanted) {
    AUTO(str) struct str out = STR_INIT(0);
    match_explain(&tape, argv, stdin_text, &out);
    assert_string_equal(str_text(&out), wanted);
}

static void test_tape_unknown_call_is_explained_with_the_nearest(void **state) {
    (void)state;
    expect_explanation((const char *[]){"cpdctl", "space", "get", NULL}, NULL,
                       "this call was never recorded: cpdctl space get; the nearest recorded one "
                       "(step 'a') is: cpdctl space list");
    expect_explanation((const char *[]){"curl", "-q", NULL}, "url = x\nother",
                       "this call was never recorded: curl -q; the nearest recorded one (step 'b') "
                       "is: curl -q; recorded stdin has 'line' where this call has 'other'");
    expect_explanation((const char *[]){"oc", NULL}, NULL, "this call was never recorded: oc");
    expect_explanation((const char *[]){"cpdctl", "space", "list", NULL}, NULL,
                       "this call was recorded 1 times and is made once more: cpdctl space list");
}

/* ---- record and play ---- */

static void ignore(const struct run_result *result, void *ctx) {
    (void)result;
    (void)ctx;
}

/* Answers at once with its own words; registers the secret after that, as the engine does. */
static struct run_job *answer(void *ctx, const struct run_request *request) {
    const char *out = ctx;
    struct run_result result = {.outcome = RUN_EXITED};
    result.out = (struct run_output){
        .head = out, .head_len = strlen(out), .total_bytes = strlen(out), .spill_fd = -1};
    result.err.spill_fd = -1;
    request->on_done(&result, request->ctx);
    return NULL;
}

static void record(const char *dir, const struct tape_names *names) {
    char out[] = "{\"token\": \"" SECRET "\"}";
    struct runner inner = {answer, NULL, out};
    struct recorder *r = recorder_new(&inner, names, "test");
    struct runner runner;
    recorder_runner(r, &runner);
    struct run_request request = {.argv = (const char *const[]){"login", NULL},
                                  .step = "a",
                                  .role = "run",
                                  .on_done = ignore};
    (void)runner_start(&runner, &request);
    assert_true(mask_register(SECRET, strlen(SECRET)));
    request.argv = (const char *const[]){"use", SECRET, NULL};
    (void)runner_start(&runner, &request);
    struct err err = ERR_INIT;
    assert_true(recorder_save(r, dir, &err));
    recorder_free(r);
}

struct played {
    unsigned n;
    enum run_outcome outcome;
    struct str out;
};

static void on_played(const struct run_result *result, void *ctx) {
    struct played *p = ctx;
    p->n++;
    p->outcome = result->outcome;
    str_reset(&p->out);
    str_add_bytes(&p->out, result->out.head, result->out.head_len);
}

static void play_call(struct runner *runner, struct fake_timers *clock, const char *const *argv,
                      struct played *played) {
    struct run_request request = {.argv = argv, .on_done = on_played, .ctx = played};
    (void)runner_start(runner, &request);
    (void)fake_timers_run_until_idle(clock);
}

static void test_tape_secret_known_after_its_answer_is_not_on_the_tape(void **state) {
    (void)state;
    char dir[] = "/tmp/test_tape.XXXXXX";
    assert_non_null(mkdtemp(dir));
    struct tape_names names = common_names();
    record(dir, &names);
    char *path = file_join(dir, "0001-a.stdout");
    AUTO(str) struct str text = STR_INIT(0);
    struct err err = ERR_INIT;
    assert_true(file_read(path, 1000, &text, &err));
    assert_string_equal(str_text(&text), "{\"token\": \"***\"}");
    mem_free(path);

    struct fake_timers *clock = fake_timers_new(0);
    struct timers timers;
    fake_timers_get(clock, &timers);
    struct player *player = player_new(dir, &timers, &names, &err);
    assert_non_null(player);
    struct runner runner;
    player_runner(player, &runner);
    struct played played = {.out = STR_INIT(0)};
    play_call(&runner, clock, (const char *const[]){"login", NULL}, &played);
    assert_int_equal(played.outcome, RUN_EXITED);
    assert_string_equal(str_text(&played.out), "{\"token\": \"***\"}");
    AUTO(str) struct str unused = STR_INIT(0);
    assert_int_equal(player_unused(player, &unused), 1);
    play_call(&runner, clock, (const char *const[]){"use", "***", NULL}, &played);
    assert_int_equal(played.outcome, RUN_EXITED);
    play_call(&runner, clock, (const char *const[]){"use", "***", NULL}, &played);
    assert_int_equal(played.outcome, RUN_SPAWN_FAILED);
    assert_int_equal(played.n, 3);
    str_release(&played.out);
    player_free(player);
    fake_timers_free(clock);
    mask_clear();
    assert_true(file_remove_tree(dir, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tape_names_replace_the_longest_value_and_only_whole_words),
        cmocka_unit_test(test_tape_call_is_the_same_by_all_arguments_and_stdin),
        cmocka_unit_test(test_tape_unknown_call_is_explained_with_the_nearest),
        cmocka_unit_test(test_tape_secret_known_after_its_answer_is_not_on_the_tape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
