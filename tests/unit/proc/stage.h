/*
 * A loop with a runner for tests, and children whose results outlive their callback.
 *
 *   static void test_…(void **state) {
 *       struct stage *p = *state;                        // stage_setup, stage_teardown (checks the oracle)
 *       struct take *t = stage_fake(p, "out=hello", "exit=3", NULL);
 *       stage_run(p);                                    // until every take has its answer
 *       assert_int_equal(3, t->result.exit_code);
 */
#ifndef TESTS_PROC_STAGE_H
#define TESTS_PROC_STAGE_H

#include "proc/loop.h"
#include "proc/proc.h"
#include "proc/runner.h"
#include "proc/timers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define FAKECTL TEST_HELPER_DIR "/fakectl"

struct stage;

/* One child and its answer. Owned by the stage. */
struct take {
    struct stage *stage;
    struct take *next;
    struct run_request request; /* may be changed between stage_prepare() and stage_start() */
    const char *argv[32];
    const char *env[8];
    struct run_job *job; /* NULL once answered */
    unsigned n_answers;
    unsigned order;           /* of the answer among all of the stage, from 1 */
    struct run_result result; /* its texts point to the copies below */
    char *message;
    char *out;
    size_t out_len;
    char *err;
    size_t err_len;
    size_t live_bytes; /* seen by on_output */
    void (*on_answer)(struct take *t);
    void (*on_bytes)(struct take *t, int stream, const char *bytes, size_t len);
};

struct stage {
    struct loop *loop;
    struct proc_runner *procs;
    struct runner runner;
    struct timers timers;
    struct take *takes;
    unsigned n_waiting;
    unsigned n_answered;
    void *extra; /* the test's own */
};

#define STAGE_TEST(fn) cmocka_unit_test_setup_teardown(fn, stage_setup, stage_teardown)
int stage_setup(void **state);
int stage_teardown(void **state);
/* Another runner for this test: before the first take. */
void stage_use(struct stage *p, const struct proc_options *options);
struct proc_options stage_options(void);

/* A take of argv[0] …, NULL-terminated, not started yet. */
struct take *stage_prepare(struct stage *p, const char *program, ...) __attribute__((sentinel));
void stage_start(struct take *t);
/* Prepared and started. */
struct take *stage_fake(struct stage *p, const char *order, ...) __attribute__((sentinel));
/* fakectl with these orders, not started yet. */
struct take *stage_prepare_fake(struct stage *p, const char *order, ...) __attribute__((sentinel));
/* Runs the loop until all takes have their answer. */
void stage_run(struct stage *p);
/* Calls fn(arg) in so many milliseconds. */
void stage_after(struct stage *p, int64_t delay_ms, timer_fn fn, void *arg);
/* For stage_after(): stops the take. */
void stage_cancel(void *take);
void stage_stop_now(void *take);

int64_t stage_duration_ms(const struct take *t);
void assert_exited(const struct take *t, int exit_code);
void assert_in_range_ms(int64_t actual_ms, int64_t from_ms, int64_t to_ms);
/* A file in the oracle's folder with this text and mode; path is valid until the next call. */
const char *stage_file(const char *name, const void *bytes, size_t len, unsigned mode);
void stage_remove(const char *path);

/*
 * Runs fn() in a forked process, for tests that change what a process cannot change back. fn returns 0 when all is well,
 * STAGE_SKIP when the system does not let it try, else a number that the failure shows.
 */
enum { STAGE_SKIP = 77 };
void stage_in_subprocess(int (*fn)(void));
/* Makes a system call fail with errnum from now on, for this process and its children. False: the kernel refuses filters. */
bool stage_forbid_call(long number, int errnum);
/* One child of a fresh loop and runner: its exit code, or -1 - outcome. For subprocesses. */
int stage_one(const char *const *argv);

#endif
