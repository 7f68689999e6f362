/*
 * A loop with a runner for tests, and children whose results outlive their callback.
 *
 *   static void test_…(void **state) {
 *       struct play *p = *state;                        // play_setup, play_teardown (checks the oracle)
 *       struct take *t = play_fake(p, "out=hello", "exit=3", NULL);
 *       play_run(p);                                    // until every take has its answer
 *       assert_int_equal(3, t->result.exit_code);
 */
#ifndef TESTS_PROC_PLAY_H
#define TESTS_PROC_PLAY_H

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

struct play;

/* One child and its answer. Owned by the play. */
struct take {
    struct play *play;
    struct take *next;
    struct run_request request; /* may be changed between play_prepare() and play_start() */
    const char *argv[32];
    const char *env[8];
    struct run_job *job; /* NULL once answered */
    unsigned n_answers;
    unsigned order;           /* of the answer among all of the play, from 1 */
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

struct play {
    struct loop *loop;
    struct proc_runner *procs;
    struct runner runner;
    struct timers timers;
    struct take *takes;
    unsigned n_waiting;
    unsigned n_answered;
    void *extra; /* the test's own */
};

#define PLAY_TEST(fn) cmocka_unit_test_setup_teardown(fn, play_setup, play_teardown)
int play_setup(void **state);
int play_teardown(void **state);
/* Another runner for this test: before the first take. */
void play_use(struct play *p, const struct proc_options *options);
struct proc_options play_options(void);

/* A take of argv[0] …, NULL-terminated, not started yet. */
struct take *play_prepare(struct play *p, const char *program, ...) __attribute__((sentinel));
void play_start(struct take *t);
/* Prepared and started. */
struct take *play_fake(struct play *p, const char *order, ...) __attribute__((sentinel));
/* fakectl with these orders, not started yet. */
struct take *play_prepare_fake(struct play *p, const char *order, ...) __attribute__((sentinel));
/* Runs the loop until all takes have their answer. */
void play_run(struct play *p);
/* Calls fn(arg) in so many milliseconds. */
void play_after(struct play *p, int64_t delay_ms, timer_fn fn, void *arg);
/* For play_after(): stops the take. */
void play_cancel(void *take);
void play_stop_now(void *take);

int64_t play_duration_ms(const struct take *t);
void assert_exited(const struct take *t, int exit_code);
void assert_in_range_ms(int64_t actual_ms, int64_t from_ms, int64_t to_ms);
/* A file in the oracle's folder with this text and mode; path is valid until the next call. */
const char *play_file(const char *name, const void *bytes, size_t len, unsigned mode);
void play_remove(const char *path);

/*
 * Runs fn() in a forked process, for tests that change what a process cannot change back. fn returns 0 when all is well,
 * PLAY_SKIP when the system does not let it try, else a number that the failure shows.
 */
enum { PLAY_SKIP = 77 };
void play_in_subprocess(int (*fn)(void));
/* Makes a system call fail with errnum from now on, for this process and its children. False: the kernel refuses filters. */
bool play_forbid_call(long number, int errnum);
/* One child of a fresh loop and runner: its exit code, or -1 - outcome. For subprocesses. */
int play_one(const char *const *argv);

#endif
