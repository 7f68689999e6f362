/* What a journal says of a run, and how another engine goes on with it: the run is cut off behind each of its events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "engine/resume.h"
#include "play.h"
#include "value/value.h"

/* Folds the first `limit` events: all that a crash behind them leaves. */
struct crash {
    struct resume *resume;
    size_t limit;
    size_t n_seen;
    bool has_begun_make; /* the intent of the changing call is among them */
};

static bool fold(void *ctx, const struct event *ev) {
    struct crash *c = ctx;
    struct err err = ERR_INIT;
    if (c->n_seen++ >= c->limit) {
        return true;
    }
    bool is_make = ev->step != NULL && strcmp(ev->step->id, "make") == 0;
    c->has_begun_make = c->has_begun_make || (is_make && ev->kind == EVENT_ATTEMPT_STARTED);
    return resume_apply(ev, c->resume, &err);
}

static void answer(struct play *p) {
    play_answer(p, "look", 0, "[1, 2]", "");
    play_answer(p, "make", 0, "{\"id\": 5}", "");
    play_answer(p, "use", 0, "", "");
    play_answer(p, "undo", 0, "", "");
}

/* Plays the recipe and keeps what its first `limit` events say. Returns how many there are. */
static size_t play_until(struct crash *c, const char *recipe, size_t limit) {
    struct play p;
    *c = (struct crash){.resume = resume_new(), .limit = limit};
    play_init(&p, recipe);
    answer(&p);
    event_bus_add(&p.bus, (struct sink){fold, c});
    play_run(&p);
    play_release(&p);
    return c->n_seen;
}

static const char chain[] =
    "vars: {at: now()}\n"
    "steps:\n"
    "  - {id: look, cmd: [look], reads: true, output: json}\n"
    "  - {id: make, cmd: [make], output: json, outputs: {id: id}}\n"
    "  - id: each\n    reads: true\n    foreach: [a, b]\n"
    "    cmd: [use, \"${{ item }}\", \"${{ steps.make.outputs.id }}\"]\n"
    "  - {id: sum, set: {n: length($steps.look.result)}}\n"
    "outputs: {id: \"${{ steps.make.outputs.id }}\", n: \"${{ steps.sum.outputs.n }}\"}\n";

static size_t count(const char *text, const char *word) {
    size_t n = 0;
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word)) {
        n++;
    }
    return n;
}

static void go_on(struct crash *c, struct play *p) {
    struct arena arena = ARENA_INIT(0);
    struct err err = ERR_INIT;
    if (!resume_check(c->resume, &err)) {
        assert_string_equal(err.kind, "unknown-outcome");
        err_release(&err);
        struct object_builder b;
        object_begin(&b, &arena);
        object_put_c(&b, "id", value_int(&arena, 5));
        assert_true(resume_decide(c->resume, "make", RESUME_ACCEPT, object_end(&b), &err));
    }
    play_init(p, chain);
    answer(p);
    p->resume = c->resume;
    play_run(p);
    arena_release(&arena);
}

static void test_resume_behind_any_event_makes_nothing_twice(void **state) {
    (void)state;
    struct crash c;
    size_t n_events = play_until(&c, chain, SIZE_MAX);
    resume_free(c.resume);
    assert_true(n_events > 20);
    for (size_t n = 1; n < n_events; n++) {
        struct play p;
        (void)play_until(&c, chain, n);
        go_on(&c, &p);
        assert_int_equal(p.exit_code, 0);
        assert_int_equal(count(str_text(&p.calls), "make"), c.has_begun_make ? 0 : 1);
        const struct value *outputs = p.report->outputs;
        assert_string_equal(value_get(outputs, "id")->as.text, "5");
        assert_string_equal(value_get(outputs, "n")->as.text, "2");
        play_release(&p);
        resume_free(c.resume);
    }
}

static void test_resume_names_the_changing_step_that_was_interrupted(void **state) {
    (void)state;
    struct crash c;
    struct err err = ERR_INIT;
    size_t n = 1;
    (void)play_until(&c, chain, n);
    while (!c.has_begun_make) {
        resume_free(c.resume);
        (void)play_until(&c, chain, ++n);
    }
    assert_false(resume_check(c.resume, &err));
    assert_string_equal(err.message,
                        "it is not known whether this changing step did its work: 'make'");
    err_release(&err);
    assert_false(resume_decide(c.resume, "mike", RESUME_REDO, NULL, &err));
    assert_string_equal(err.kind, "unknown-step");
    assert_string_equal(err.hint, "did you mean 'make'?");
    err_release(&err);
    assert_true(resume_decide(c.resume, "make", RESUME_REDO, NULL, &err));
    assert_true(resume_check(c.resume, &err));
    resume_free(c.resume);
}

/* Whether a run that ended with this failure of its changing call can go on without a decision. */
static bool goes_on_after(const char *words) {
    struct crash c = {.resume = resume_new(), .limit = SIZE_MAX};
    struct play p;
    struct err err = ERR_INIT;
    play_init(&p, "steps: [{id: make, cmd: [make]}]\n");
    play_answer(&p, "make", 1, "", words);
    event_bus_add(&p.bus, (struct sink){fold, &c});
    play_run(&p);
    play_release(&p);
    bool goes_on = resume_check(c.resume, &err);
    err_release(&err);
    resume_free(c.resume);
    return goes_on;
}

static void test_resume_asks_when_a_failure_leaves_open_what_was_done(void **state) {
    (void)state;
    assert_false(goes_on_after("504 Gateway Timeout"));
    assert_false(goes_on_after("read: connection reset by peer"));
    assert_true(goes_on_after("429 Too Many Requests"));
    assert_true(goes_on_after("connect: connection refused"));
    assert_true(goes_on_after("bad request"));
}

static void test_resume_of_a_whole_run_has_nothing_to_do(void **state) {
    (void)state;
    struct crash c;
    struct play p;
    (void)play_until(&c, chain, SIZE_MAX);
    assert_true(resume_run(c.resume)->is_finished);
    assert_true(resume_run(c.resume)->was_success);
    go_on(&c, &p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "");
    play_release(&p);
    resume_free(c.resume);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resume_behind_any_event_makes_nothing_twice),
        cmocka_unit_test(test_resume_names_the_changing_step_that_was_interrupted),
        cmocka_unit_test(test_resume_asks_when_a_failure_leaves_open_what_was_done),
        cmocka_unit_test(test_resume_of_a_whole_run_has_nothing_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
