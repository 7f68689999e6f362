/*
 * The common ground of tests with real children. See stage.h.
 */
#include "stage.h"

#include "oracle.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct proc_options stage_options(void) {
    return (struct proc_options){.spill_dir = oracle_folder(), .drain_ms = 200, .lease_fd = -1};
}

void stage_use(struct stage *p, const struct proc_options *options) {
    struct err err = ERR_INIT;
    proc_runner_free(p->procs);
    p->procs = proc_runner_new(p->loop, options, &err);
    assert_non_null(p->procs);
    proc_runner_get(p->procs, &p->runner);
}

int stage_setup(void **state) {
    struct err err = ERR_INIT;
    struct proc_options options = stage_options();
    loop_free(loop_new(&err)); /* libuv keeps a pipe of its own from the first loop on */
    oracle_begin();
    struct stage *p = mem_zalloc(1, sizeof *p);
    p->loop = loop_new(&err);
    assert_non_null(p->loop);
    loop_timers(p->loop, &p->timers);
    stage_use(p, &options);
    *state = p;
    return 0;
}

int stage_teardown(void **state) {
    struct stage *p = *state;
    while (p->takes != NULL) {
        struct take *t = p->takes;
        p->takes = t->next;
        assert_int_equal(1, t->n_answers);
        mem_free(t->message);
        mem_free(t->out);
        mem_free(t->err);
        mem_free(t);
    }
    proc_runner_free(p->procs);
    loop_free(p->loop);
    mem_free(p);
    oracle_check();
    return 0;
}

static char *read_all(const struct run_output *o, size_t *ret_len) {
    struct err err = ERR_INIT;
    struct str text = STR_INIT(LIMIT_JSON_BYTES);
    if (!runner_output_read(o, LIMIT_JSON_BYTES, &text, &err)) {
        str_reset(&text);
        err_release(&err);
    }
    *ret_len = text.len;
    return str_take(&text);
}

static void on_done(const struct run_result *result, void *ctx) {
    struct take *t = ctx;
    t->n_answers++;
    t->job = NULL;
    t->result = *result;
    t->message = result->message != NULL ? mem_strdup(result->message) : NULL;
    t->result.message = t->message;
    t->out = read_all(&result->out, &t->out_len);
    t->err = read_all(&result->err, &t->err_len);
    t->order = ++t->stage->n_answered;
    if (t->on_answer != NULL) {
        t->on_answer(t);
    }
    if (--t->stage->n_waiting == 0) {
        loop_stop(t->stage->loop);
    }
}

static void on_output(int stream, const char *bytes, size_t len, void *ctx) {
    struct take *t = ctx;
    t->live_bytes += len;
    if (t->on_bytes != NULL) {
        t->on_bytes(t, stream, bytes, len);
    }
}

static struct take *new_take(struct stage *p) {
    struct take *t = mem_zalloc(1, sizeof *t);
    t->stage = p;
    t->next = p->takes;
    p->takes = t;
    t->env[0] = oracle_cookie();
    t->env[1] = "PATH=/bin:/usr/bin";
    t->request = (struct run_request){.argv = t->argv,
                                      .env = t->env,
                                      .grace_ms = 100,
                                      .on_output = on_output,
                                      .on_done = on_done,
                                      .ctx = t};
    return t;
}

static void add_arguments(struct take *t, size_t at, const char *first, va_list rest) {
    for (const char *text = first; text != NULL; text = va_arg(rest, const char *)) {
        assert_true(at + 1 < sizeof t->argv / sizeof *t->argv);
        t->argv[at++] = text;
    }
}

struct take *stage_prepare(struct stage *p, const char *program, ...) {
    struct take *t = new_take(p);
    va_list rest;
    va_start(rest, program);
    add_arguments(t, 0, program, rest);
    va_end(rest);
    return t;
}

struct take *stage_prepare_fake(struct stage *p, const char *order, ...) {
    struct take *t = new_take(p);
    va_list rest;
    t->argv[0] = FAKECTL;
    va_start(rest, order);
    add_arguments(t, 1, order, rest);
    va_end(rest);
    return t;
}

struct take *stage_fake(struct stage *p, const char *order, ...) {
    struct take *t = new_take(p);
    va_list rest;
    t->argv[0] = FAKECTL;
    va_start(rest, order);
    add_arguments(t, 1, order, rest);
    va_end(rest);
    stage_start(t);
    return t;
}

void stage_start(struct take *t) {
    t->stage->n_waiting++;
    t->job = runner_start(&t->stage->runner, &t->request);
    assert_int_equal(0, t->n_answers); /* never from inside start() */
}

void stage_run(struct stage *p) {
    assert_true(p->n_waiting > 0);
    loop_run(p->loop);
    assert_int_equal(0, p->n_waiting);
}

void stage_after(struct stage *p, int64_t delay_ms, timer_fn fn, void *arg) {
    (void)timers_after(&p->timers, delay_ms, fn, arg);
}

void stage_cancel(void *take) {
    struct take *t = take;
    if (t->job != NULL) {
        runner_stop(&t->stage->runner, t->job, STOP_CANCEL);
    }
}

void stage_stop_now(void *take) {
    struct take *t = take;
    if (t->job != NULL) {
        runner_stop(&t->stage->runner, t->job, STOP_NOW);
    }
}

int64_t stage_duration_ms(const struct take *t) {
    return t->result.ended_ms - t->result.started_ms;
}

void assert_exited(const struct take *t, int exit_code) {
    if (t->result.outcome != RUN_EXITED) {
        fail_msg("%s: %s", run_outcome_names[t->result.outcome],
                 t->message != NULL ? t->message : "no message");
    }
    assert_int_equal(exit_code, t->result.exit_code);
    assert_int_equal(0, t->result.signal);
}

void assert_in_range_ms(int64_t actual_ms, int64_t from_ms, int64_t to_ms) {
    if (actual_ms < from_ms || actual_ms > to_ms) {
        fail_msg("%lld ms: expected %lld to %lld", (long long)actual_ms, (long long)from_ms,
                 (long long)to_ms);
    }
}

const char *stage_file(const char *name, const void *bytes, size_t len, unsigned mode) {
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", oracle_folder(), name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal((ssize_t)len, write(fd, bytes, len));
    assert_int_equal(0, fchmod(fd, (mode_t)mode));
    close(fd);
    return path;
}

void stage_remove(const char *path) {
    assert_int_equal(0, unlink(path));
}

void stage_in_subprocess(int (*fn)(void)) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(fn());
    }
    int status = 0;
    while (waitpid(pid, &status, 0) == -1 && errno == EINTR) {
    }
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == STAGE_SKIP) {
        skip();
    }
    assert_int_equal(0, WEXITSTATUS(status));
}

bool stage_forbid_call(long number, int errnum) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)errnum),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

struct one {
    struct loop *loop;
    int verdict;
};

static void on_one_done(const struct run_result *result, void *ctx) {
    struct one *one = ctx;
    one->verdict = result->outcome == RUN_EXITED ? result->exit_code : -1 - (int)result->outcome;
    loop_stop(one->loop);
}

int stage_one(const char *const *argv) {
    struct err err = ERR_INIT;
    struct proc_options options = {.lease_fd = -1, .spawn_patience_ms = 100};
    struct one one = {loop_new(&err), -100};
    struct proc_runner *procs = proc_runner_new(one.loop, &options, &err);
    struct runner runner;
    proc_runner_get(procs, &runner);
    const char *env[] = {oracle_cookie(), "PATH=/bin:/usr/bin", NULL};
    struct run_request request = {.argv = argv, .env = env, .on_done = on_one_done, .ctx = &one};
    (void)runner_start(&runner, &request);
    loop_run(one.loop);
    proc_runner_free(procs);
    loop_free(one.loop);
    return one.verdict;
}
