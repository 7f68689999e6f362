/*
 * What one child costs: chains of /bin/true, each started when the one before has been answered.
 *
 *   ours          the runner: own session, pidfd, capture, sweep
 *   uv_detached   a bare libuv loop with three pipes and UV_PROCESS_DETACHED: a session per child, as ours. The baseline
 *   uv_spawn      the same without a session: nothing ends the child's own children, keys of the terminal reach it
 *   posix_spawn   two pipes, blocking reads, waitpid: no loop and no session at all
 *
 * A session costs on machines whose scheduler makes a group of each (sched_autogroup). The contestants take turns in short
 * chains, so that a busy machine disturbs all alike; printed are the medians of the chains and the ratios of ours to the
 * others. usage: bench_spawn [MIB_RESIDENT]
 */
#include "proc/loop.h"
#include "proc/proc.h"
#include "proc/runner.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

enum { ROUNDS = 100, CHAIN = 10, N_CONTESTANTS = 4 };

extern char **environ;
static char program[] = "/bin/true";
static char *const arguments[] = {program, NULL};

/* ---- ours */

struct ours {
    struct loop *loop;
    struct proc_runner *procs;
    struct runner runner;
    unsigned n_left;
};

static void start_ours(struct ours *o);

static void on_ours_done(const struct run_result *result, void *ctx) {
    struct ours *o = ctx;
    if (result->outcome != RUN_EXITED || result->exit_code != 0) {
        bug("%s: %s", run_outcome_names[result->outcome], result->message);
    }
    if (--o->n_left > 0) {
        start_ours(o);
    } else {
        loop_stop(o->loop);
    }
}

static void start_ours(struct ours *o) {
    const char *argv[] = {program, NULL};
    const char *env[] = {"PATH=/bin:/usr/bin", NULL};
    struct run_request request = {
        .argv = argv, .env = env, .timeout_ms = 60000, .on_done = on_ours_done, .ctx = o};
    (void)runner_start(&o->runner, &request);
}

static void run_ours(void *arg) {
    struct ours *o = arg;
    o->n_left = CHAIN;
    start_ours(o);
    loop_run(o->loop);
}

/* ---- a bare libuv loop */

struct bare {
    uv_loop_t loop;
    uv_process_t process;
    uv_pipe_t pipes[3];
    unsigned n_open;
    unsigned n_left;
    unsigned flags; /* of uv_process_options_t */
    char buffer[65536];
};

static void start_bare(struct bare *b);

static void on_bare_closed(uv_handle_t *handle) {
    struct bare *b = handle->data;
    if (--b->n_open == 0 && --b->n_left > 0) {
        start_bare(b);
    }
}

static void on_bare_exit(uv_process_t *process, int64_t status, int signal) {
    if (status != 0 || signal != 0) {
        bug("exit %d, signal %d", (int)status, signal);
    }
    uv_close((uv_handle_t *)process, on_bare_closed);
}

static void give_buffer(uv_handle_t *handle, size_t size, uv_buf_t *ret_buffer) {
    (void)size;
    struct bare *b = handle->data;
    *ret_buffer = uv_buf_init(b->buffer, sizeof b->buffer);
}

static void on_bare_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer) {
    (void)buffer;
    if (n < 0) {
        uv_close((uv_handle_t *)stream, on_bare_closed);
    }
}

static void start_bare(struct bare *b) {
    uv_stdio_container_t stdio[3];
    for (int i = 0; i < 3; i++) {
        (void)uv_pipe_init(&b->loop, &b->pipes[i], 0);
        b->pipes[i].data = b;
        stdio[i].flags = UV_CREATE_PIPE | (i == 0 ? UV_READABLE_PIPE : UV_WRITABLE_PIPE);
        stdio[i].data.stream = (uv_stream_t *)&b->pipes[i];
    }
    uv_process_options_t options = {.exit_cb = on_bare_exit,
                                    .file = program,
                                    .args = (char **)(uintptr_t)arguments,
                                    .flags = b->flags,
                                    .stdio_count = 3,
                                    .stdio = stdio};
    int status = uv_spawn(&b->loop, &b->process, &options);
    if (status != 0) {
        bug("uv_spawn: %s", uv_strerror(status));
    }
    b->process.data = b;
    b->n_open = 4;
    uv_close((uv_handle_t *)&b->pipes[0], on_bare_closed);
    (void)uv_read_start((uv_stream_t *)&b->pipes[1], give_buffer, on_bare_read);
    (void)uv_read_start((uv_stream_t *)&b->pipes[2], give_buffer, on_bare_read);
}

static void run_bare(void *arg) {
    struct bare *b = arg;
    b->n_left = CHAIN;
    start_bare(b);
    (void)uv_run(&b->loop, UV_RUN_DEFAULT);
}

/* ---- posix_spawn */

static void read_to_end(int fd) {
    char buffer[4096];
    while (read(fd, buffer, sizeof buffer) > 0) {
    }
    close(fd);
}

static void run_posix(void *arg) {
    (void)arg;
    for (int i = 0; i < CHAIN; i++) {
        int out[2];
        int err[2];
        posix_spawn_file_actions_t actions;
        pid_t pid = 0;
        int status = 0;
        if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) {
            bug("pipe2");
        }
        (void)posix_spawn_file_actions_init(&actions);
        (void)posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        (void)posix_spawn_file_actions_adddup2(&actions, err[1], 2);
        if (posix_spawn(&pid, program, &actions, NULL, arguments, environ) != 0) {
            bug("posix_spawn");
        }
        (void)posix_spawn_file_actions_destroy(&actions);
        close(out[1]);
        close(err[1]);
        read_to_end(out[0]);
        read_to_end(err[0]);
        (void)waitpid(pid, &status, 0);
    }
}

/* ---- measuring */

struct contestant {
    const char *name;
    void (*run)(void *arg);
    void *arg;
    double us[ROUNDS]; /* per child */
};

static int compare(const void *a, const void *b) {
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(struct contestant *c) {
    qsort(c->us, ROUNDS, sizeof *c->us, compare);
    return (c->us[ROUNDS / 2 - 1] + c->us[ROUNDS / 2]) / 2;
}

static void measure(struct contestant *c, int round) {
    int64_t begin_ns = clock_monotonic_ns();
    c->run(c->arg);
    c->us[round] = (double)(clock_monotonic_ns() - begin_ns) / 1000 / CHAIN;
}

/* Memory that is really there: every page written. */
static char *make_resident(const char *mib_text) {
    int64_t mib = 0;
    if (mib_text == NULL || !num_parse_i64(mib_text, strlen(mib_text), &mib) || mib <= 0) {
        return NULL;
    }
    size_t size_bytes = (size_t)mib << 20;
    char *memory = mem_alloc(size_bytes);
    for (size_t i = 0; i < size_bytes; i += 4096) {
        memory[i] = 1;
    }
    return memory;
}

int main(int argc, char **argv) {
    static struct bare bare;
    static struct bare detached = {.flags = UV_PROCESS_DETACHED};
    struct ours ours = {0};
    struct err err = ERR_INIT;
    struct proc_options options = {.lease_fd = -1};
    char *resident = make_resident(argc > 1 ? argv[1] : NULL);
    proc_prepare_process();
    ours.loop = loop_new(&err);
    ours.procs = proc_runner_new(ours.loop, &options, &err);
    proc_runner_get(ours.procs, &ours.runner);
    (void)uv_loop_init(&bare.loop);
    (void)uv_loop_init(&detached.loop);

    struct contestant all[N_CONTESTANTS] = {
        {"ours", run_ours, &ours, {0}},
        {"uv_detached", run_bare, &detached, {0}},
        {"uv_spawn", run_bare, &bare, {0}},
        {"posix_spawn", run_posix, NULL, {0}},
    };
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < N_CONTESTANTS; i++) {
            measure(&all[(round + i) % N_CONTESTANTS], round);
        }
    }
    double us = median(&all[0]);
    (void)printf("spawn: %d children each, %s MiB resident\n", ROUNDS * CHAIN,
                 argc > 1 ? argv[1] : "0");
    (void)printf("  %-12s %8.1f us\n", all[0].name, us);
    for (int i = 1; i < N_CONTESTANTS; i++) {
        double other = median(&all[i]);
        (void)printf("  %-12s %8.1f us   ours is %.2f of it\n", all[i].name, other, us / other);
    }
    proc_runner_free(ours.procs);
    loop_free(ours.loop);
    (void)uv_loop_close(&bare.loop);
    (void)uv_loop_close(&detached.loop);
    mem_free(resident);
    return 0;
}
