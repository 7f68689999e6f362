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
#include "replay/settle_priv.h"
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
    {.step = "a",
     .argv = (const char *const[]){"cpdctl", "space", "get", "--id=1", "--output", "json", NULL}},
    {.step = "b", .argv = (const char *const[]){"curl", "-q", NULL}, .stdin_text = "url = x\nline"},
    {.step = "d",
     .argv = (const char *const[]){"curl", "-q", "--config", "-", NULL},
     .stdin_text = "request = \"POST\"\nurl = \"https://x/a?b=1&c=2\"\ndata-raw = \"{{any}}\"\n"},
    {.step = "c",
     .argv = (const char *const[]){"work", NULL},
     .env = (const char *const[]){"WHO=ann", NULL}},
};
static struct tape tape = {.calls = calls, .n_calls = 4};

/* argv as one text, its words apart by blanks. */
static const char *const *split(struct arena *a, const char *text) {
    char *copy = arena_strdup(a, text);
    const char **argv = arena_zalloc(a, (strlen(text) + 2) * sizeof *argv);
    size_t n = 0;
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " ")) {
        argv[n++] = word;
    }
    return argv;
}

static struct match_request request_of(struct arena *a, const char *argv, const char *stdin_text) {
    for (size_t i = 0; i < tape.n_calls; i++) {
        calls[i].words = match_words(a, calls[i].argv, calls[i].stdin_text, &calls[i].is_http);
    }
    struct match_request r = {.argv = split(a, argv), .stdin_text = stdin_text};
    r.words = match_words(a, r.argv, stdin_text, &r.is_http);
    return r;
}

static unsigned grade(size_t call, const char *argv, const char *stdin_text,
                      enum player_mode mode) {
    struct arena a = ARENA_INIT(0);
    struct match_request r = request_of(&a, argv, stdin_text);
    unsigned n = match_grade(&calls[call], &r, mode);
    arena_release(&a);
    return n;
}

static void test_match_takes_flags_in_any_order_and_form(void **state) {
    (void)state;
    const char *as_written = "cpdctl space get --id=1 --output json";
    const char *const same[] = {"cpdctl space get --output json --id 1",
                                "/opt/cpdctl --output=json space --id 1 get", NULL};
    const char *const other[] = {
        "cpdctl space get --id=2 --output json",    "cpdctl space get --id=1",
        "cpdctl get space --id=1 --output json",    "cpdctl space get --id=1 --output json -q",
        "cpdctl space get --id=1 -- --output json", NULL};
    unsigned best = grade(0, as_written, NULL, PLAYER_NORMAL);
    for (size_t i = 0; same[i] != NULL; i++) {
        unsigned g = grade(0, same[i], NULL, PLAYER_NORMAL);
        assert_true(g > 0 && g < best);
        assert_int_equal(grade(0, same[i], NULL, PLAYER_STRICT), 0);
    }
    for (size_t i = 0; other[i] != NULL; i++) {
        assert_int_equal(grade(0, other[i], NULL, PLAYER_NORMAL), 0);
    }
}

static void test_match_compares_stdin_and_variables_unless_loose(void **state) {
    (void)state;
    assert_int_not_equal(grade(1, "curl -q", "url = x\nline", PLAYER_NORMAL), 0);
    assert_int_equal(grade(1, "curl -q", "url = y\nline", PLAYER_NORMAL), 0);
    assert_int_equal(grade(1, "curl -q", NULL, PLAYER_NORMAL), 0);
    assert_int_not_equal(grade(1, "curl -q", "url = y\nline", PLAYER_LOOSE), 0);
    assert_int_equal(grade(3, "work", NULL, PLAYER_NORMAL), 0);
    assert_int_not_equal(grade(3, "work", NULL, PLAYER_LOOSE), 0);
    struct arena a = ARENA_INIT(0);
    struct match_request r = request_of(&a, "work", NULL);
    r.env = (const char *const[]){"A=b", "WHO=ann", NULL};
    assert_int_not_equal(match_grade(&calls[3], &r, PLAYER_NORMAL), 0);
    arena_release(&a);
}

static void test_match_takes_curl_by_its_request(void **state) {
    (void)state;
    const char *const config = calls[2].stdin_text;
    unsigned best = grade(2, "curl -q --config -", config, PLAYER_NORMAL);
    unsigned same =
        grade(2, "/usr/bin/curl -sk https://X:443/a?c=2&b=1 -d text", NULL, PLAYER_NORMAL);
    assert_true(same > 0 && same < best);
    assert_int_equal(grade(2, "curl https://x/a?c=2&b=1 -d text", NULL, PLAYER_STRICT), 0);
    assert_int_not_equal(grade(2, "curl -q --config -", config, PLAYER_STRICT), 0);
    const char *const other[] = {"curl https://x/a?c=2&b=1", "curl https://x/a?c=2&b=2 -d text",
                                 "curl https://x/a?c=2&b=1 -X PUT -d text", NULL};
    for (size_t i = 0; other[i] != NULL; i++) {
        assert_int_equal(grade(2, other[i], NULL, PLAYER_NORMAL), 0);
    }
    assert_int_not_equal(grade(2, "curl https://x/a?c=2&b=1 -X POST", NULL, PLAYER_LOOSE), 0);
    assert_int_equal(grade(2, "curl https://x/b -X POST", NULL, PLAYER_LOOSE), 0);
}

static void test_match_any_stands_for_any_text(void **state) {
    (void)state;
    assert_true(match_text("a{{any}}c", "abc"));
    assert_true(match_text("{{any}}", ""));
    assert_true(match_text("{{any}}b{{any}}d", "abcbcd"));
    assert_false(match_text("{{any}}b{{any}}d", "acd"));
    assert_false(match_text("a{{any}}a", "a"));
    assert_true(match_text(NULL, NULL));
    assert_false(match_text("{{any}}", NULL));
}

static void expect_explanation(const char *argv, const char *stdin_text, const char *wanted) {
    struct arena a = ARENA_INIT(0);
    struct match_request r = request_of(&a, argv, stdin_text);
    AUTO(str) struct str out = STR_INIT(0);
    match_explain(&tape, &r, &out);
    assert_string_equal(str_text(&out), wanted);
    arena_release(&a);
}

static void test_tape_unknown_call_is_explained_with_the_nearest(void **state) {
    (void)state;
    expect_explanation("cpdctl space get --output json --id=12", NULL,
                       "this call was never recorded: cpdctl space get --output json --id=12; the "
                       "nearest recorded one (step 'a') differs: cpdctl space get --id [-1-]{+12+} "
                       "--output json");
    expect_explanation("curl -q", "url = x\nother",
                       "this call was never recorded: curl -q; the nearest recorded one (step 'b') "
                       "differs: curl -q; stdin: url = x\\n[-line-]{+other+}");
    expect_explanation("oc", NULL, "this call was never recorded: oc");
    expect_explanation("cpdctl space get --id 1 --output json", NULL,
                       "this call was recorded 1 time and is made once more: cpdctl space get --id "
                       "1 --output json");
}

static void expect_diff(const char *was, const char *is, const char *wanted) {
    AUTO(str) struct str out = STR_INIT(0);
    word_diff(was, is, false, &out);
    assert_string_equal(str_text(&out), wanted);
}

static void test_word_diff_marks_words_and_leaves_long_stretches_out(void **state) {
    (void)state;
    expect_diff("a b c", "a x c", "a [-b-]{+x+} c");
    expect_diff("a c", "a b c", "a {+b +}c");
    expect_diff("a b c", "a c", "a [-b -]c");
    expect_diff("", "new", "{+new+}");
    expect_diff("id-12", "id-13", "[-id-12-]{+id-13+}");
    expect_diff("1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 x",
                "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 y",
                "…1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 [-x-]{+y+}");
    AUTO(str) struct str out = STR_INIT(0);
    word_diff("a", "b", true, &out);
    assert_string_equal(str_text(&out), "\033[31ma\033[0m\033[32mb\033[0m");
}

static void test_tape_durations_lose_the_noise_of_the_machine(void **state) {
    (void)state;
    static const int64_t pairs[][2] = {
        {0, 0},       {99, 0},       {100, 100},     {149, 100},     {151, 200},        {960, 1000},
        {1040, 1000}, {9960, 10000}, {10400, 10000}, {61200, 61000}, {3600000, 3600000}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_int_equal(tape_round_duration(pairs[i][0]), pairs[i][1]);
    }
}

static bool same(const char *a, const char *b) {
    return settle_is_same(a, strlen(a), b, strlen(b));
}

static void test_settle_takes_points_in_time_for_the_same(void **state) {
    (void)state;
    assert_true(same("at 2026-01-31T09:05:00.123Z, x", "at 2027-12-01T00:00:00Z, x"));
    assert_true(same("", ""));
    assert_false(same("at 2026-01-31T09:05:00Z", "at 2026-01-31"));
    assert_false(same("2026-01-31T09:05:00Z a", "2026-01-31T09:05:00Z b"));
    assert_false(same("2026-01-31T09:05:00Z", "2026-01-31T09:05:00Zz"));
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
    char *path = file_join(dir, "a-1.stdout");
    AUTO(str) struct str text = STR_INIT(0);
    struct err err = ERR_INIT;
    assert_true(file_read(path, 1000, &text, &err));
    assert_string_equal(str_text(&text), "{\"token\": \"***\"}");
    mem_free(path);

    struct fake_timers *clock = fake_timers_new(0);
    struct timers timers;
    fake_timers_get(clock, &timers);
    struct arena arena = ARENA_INIT(0);
    struct player *player = player_new(&arena, dir, &timers, &names, PLAYER_NORMAL, &err);
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
    arena_release(&arena);
    fake_timers_free(clock);
    mask_clear();
    assert_true(file_remove_tree(dir, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tape_names_replace_the_longest_value_and_only_whole_words),
        cmocka_unit_test(test_match_takes_flags_in_any_order_and_form),
        cmocka_unit_test(test_match_compares_stdin_and_variables_unless_loose),
        cmocka_unit_test(test_match_takes_curl_by_its_request),
        cmocka_unit_test(test_match_any_stands_for_any_text),
        cmocka_unit_test(test_settle_takes_points_in_time_for_the_same),
        cmocka_unit_test(test_word_diff_marks_words_and_leaves_long_stretches_out),
        cmocka_unit_test(test_tape_durations_lose_the_noise_of_the_machine),
        cmocka_unit_test(test_tape_unknown_call_is_explained_with_the_nearest),
        cmocka_unit_test(test_tape_secret_known_after_its_answer_is_not_on_the_tape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
