/*
 * The engine: carries a recipe out. It owns no descriptor and no libuv handle; it sees time, commands and listeners only through the
 * interfaces handed to it, so a live run, a replay with a virtual clock and a test are the same code.
 *
 *   struct engine *e = engine_new(&options);
 *   engine_start(e);                 // returns at once; the loop behind `timers` and `runner` drives everything
 *   … loop …                         // options.on_finished(ctx) is called once, from the loop
 *   int code = engine_exit_code(e);
 *   engine_free(e);
 *
 * Everything in the options is borrowed and must live until engine_free().
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/runner.h"
#include "proc/timers.h"

struct engine;
struct event_bus;
struct event_notice;
struct recipe;
struct resume;
struct value;

struct engine_options {
    const struct recipe *recipe;
    const struct value *inputs;        /* of params_resolve() */
    const struct value *public_inputs; /* the same with secrets masked */
    const struct runner *runner;
    const struct timers *timers;
    struct event_bus *bus;
    const char *const *environ;       /* NULL-terminated NAME=value: `env` of expressions */
    const char *const *child_environ; /* what of it every child inherits; `pass_env` adds to it */
    const char *run_id;
    const char *run_dir; /* exists, 0700; logs go to RUN_DIR/steps */
    const char *
        tmp_dir; /* exists, 0700, removed by the caller after the run: `run.tmp`, and private files of single calls */
    const char *mode; /* "run", "replay", "record", "plan" */
    bool is_plan;     /* only calls that read are made, the others are told: EVENT_STEP_PLANNED */
    const char *host;
    const char *
        traceparent; /* W3C trace context the run is given, NULL: none; each child gets its own below it */
    int64_t pid;
    const struct event_notice *notices; /* n_notices, told at the start */
    size_t n_notices;
    const struct resume *resume; /* what earlier parts of this run did; NULL: this is its start */
    const char *boot;            /* of the machine, NULL: not known */
    const char *cwd;
    const char *cpdctl; /* which file that is, in words; NULL: not known, or not needed */
    int64_t user;
    uint64_t seed;            /* of jitter; told in the report */
    unsigned max_parallel;    /* 0: as the recipe says */
    int64_t cancel_budget_ms; /* from the first signal to the end; 0: 10,000 */
    void (*on_finished)(void *ctx);
    void *ctx;
};

struct engine *engine_new(const struct engine_options *options);
void engine_start(struct engine *e);
/*
 * Ends the run: the first call stops children gracefully and still runs cleanup and finally, all within cancel_budget_ms; the
 * second one kills at once and runs nothing more. `signal` 0 means a deadline: children are stopped gracefully, cleanup and
 * finally have the time that the recipe gives them.
 */
void engine_cancel(struct engine *e, int signal);
/* Looks whether a listener has failed since its last event, and ends the run then. For listeners that find out late. */
void engine_check(struct engine *e);
bool engine_is_finished(const struct engine *e);
/* recipe-language.md section 7; valid once finished. */
int engine_exit_code(const struct engine *e);
void engine_free(struct engine *e);

#endif
