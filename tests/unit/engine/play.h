/*
 * Plays a recipe against scripted answers on a virtual clock: no process, no time, no file.
 *
 *   struct play p;
 *   play_init(&p, "steps:\n  - id: a\n    cmd: [work]\n");
 *   play_answer(&p, "work", 0, "out", "");          // each call of `work` takes the next answer; the last one stays
 *   play_run(&p);
 *   assert_int_equal(p.exit_code, 0);
 *   play_release(&p);
 */
#ifndef TESTS_UNIT_ENGINE_PLAY_H
#define TESTS_UNIT_ENGINE_PLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "engine/engine.h"
#include "event/event.h"
#include "event/run_report.h"
#include "proc/fake.h"
#include "recipe/load.h"

enum { PLAY_ANSWERS = 200, PLAY_JOBS = 64 };

struct play_answer {
    const char *call; /* first words of the command line */
    int exit_code;    /* below 0: dies of that signal */
    const char *out;
    const char *err;
    int64_t takes_ms;
    bool hangs;       /* until it is stopped or times out */
    bool is_stubborn; /* only killed, never asked */
    bool is_used;
};

struct play {
    struct recipe *recipe;
    struct fake_timers *clock;
    struct timers timers;
    struct runner runner;
    struct event_bus bus;
    struct run_report *report;
    struct engine *engine;
    struct arena arena;
    struct play_answer answers[PLAY_ANSWERS];
    size_t n_answers;
    struct str calls;   /* command lines in order, one a line */
    struct str environ; /* what the last call saw */
    struct str stdin_text;
    /* Looks at each request while it is made; may be NULL. */
    void (*look)(struct play *p, const struct run_request *request);
    const char *const
        *own_environ; /* of cpdflow, that pass_env chooses from; NULL: as the children's */
    const struct resume *resume; /* goes on with another play; NULL: a run of its own */
    int64_t cancel_at_ms;        /* 0: never */
    int cancel_signal;
    int64_t cancel_again_at_ms; /* the same signal; 0: never */
    bool is_plan;               /* set before play_run() */
    struct str planned;         /* a line a step of a plan: "id: plan[?][ | command][ | reason]" */
    int exit_code;
    bool is_finished;
};

/* `body` follows "cpdflow: 1\n"; load errors fail the test with their text. */
void play_init(struct play *p, const char *body);
void play_answer(struct play *p, const char *call, int exit_code, const char *out, const char *err);
/* The answer added last takes this long. */
void play_takes(struct play *p, int64_t ms);
/* The answer added last never comes by itself. */
void play_hangs(struct play *p);
/* The answer added last hangs, and asking does not end it. */
void play_is_stubborn(struct play *p);
void play_run(struct play *p);
const struct report_step *play_step(const struct play *p, const char *id);
/* Asserts status and, unless NULL, the message of a step. */
void play_expect(const struct play *p, const char *id, enum step_status status,
                 const char *message);
void play_expect_calls(const struct play *p, const char *lines);
void play_release(struct play *p);

#endif
