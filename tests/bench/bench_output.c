/*
 * What a flood of output costs: a child writes to a pipe, we keep its head and tail and drop or spill the rest.
 *
 *   dropped   1 GiB    beside `child | cat > /dev/null`
 *   spilled   256 MiB  beside `child | cat > FILE`
 *
 * Both sides take turns; printed are the medians.
 */
#include "proc/loop.h"
#include "proc/proc.h"
#include "proc/runner.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROUNDS = 5 };

struct ground {
    struct loop *loop;
    struct proc_runner *procs;
    struct runner runner;
    uint64_t expected_bytes;
};

static void on_done(const struct run_result *result, void *ctx) {
    const struct ground *g = ctx;
    if (result->outcome != RUN_EXITED || result->out.total_bytes != g->expected_bytes) {
        bug("%s after %" PRIu64 " bytes", run_outcome_names[result->outcome],
            result->out.total_bytes);
    }
    loop_stop(g->loop);
}

static double run_once(struct ground *g, const char *const *argv, uint64_t expected_bytes) {
    static const char *const env[] = {"PATH=/bin:/usr/bin", NULL};
    struct run_request request = {.argv = argv, .env = env, .on_done = on_done, .ctx = g};
    g->expected_bytes = expected_bytes;
    int64_t begin_ns = clock_monotonic_ns();
    (void)runner_start(&g->runner, &request);
    loop_run(g->loop);
    return (double)(clock_monotonic_ns() - begin_ns) / 1e6;
}

static int compare(const void *a, const void *b) {
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(double *ms) {
    qsort(ms, ROUNDS, sizeof *ms, compare);
    return ms[ROUNDS / 2];
}

static struct proc_runner *make_runner(struct loop *loop, const char *spill_dir) {
    struct err err = ERR_INIT;
    struct proc_options options = {.spill_dir = spill_dir, .lease_fd = -1};
    return proc_runner_new(loop, &options, &err);
}

static void compare_with_shell(struct loop *loop, const char *name, const char *spill_dir,
                               uint64_t size_bytes, const char *target) {
    char order[64];
    char script[512];
    const char *fakectl = getenv("FAKECTL");
    (void)snprintf(order, sizeof order, "flood=%" PRIu64, size_bytes);
    (void)snprintf(script, sizeof script, "%s %s | cat > %s", fakectl, order, target);
    const char *const child[] = {fakectl, order, NULL};
    const char *const shell[] = {"/bin/sh", "-c", script, NULL};
    struct ground g = {.loop = loop, .procs = make_runner(loop, spill_dir)};
    double ours_ms[ROUNDS];
    double theirs_ms[ROUNDS];
    proc_runner_get(g.procs, &g.runner);
    for (int i = 0; i < ROUNDS; i++) {
        ours_ms[i] = run_once(&g, child, size_bytes);
        theirs_ms[i] = run_once(&g, shell, 0);
    }
    double a = median(ours_ms);
    double b = median(theirs_ms);
    (void)printf("output: %" PRIu64
                 " MiB %s\n  ours %9.1f ms\n  cat  %9.1f ms   ours is %.2f of it\n",
                 size_bytes >> 20, name, a, b, a / b);
    proc_runner_free(g.procs);
}

int main(void) {
    struct err err = ERR_INIT;
    char file[] = "/tmp/bench-output-XXXXXX";
    if (getenv("FAKECTL") == NULL) {
        (void)fprintf(stderr, "bench_output: FAKECTL names the child that floods\n");
        return 2;
    }
    proc_prepare_process();
    struct loop *loop = loop_new(&err);
    int fd = mkstemp(file);
    compare_with_shell(loop, "dropped", "/no/such/folder", UINT64_C(1) << 30, "/dev/null");
    compare_with_shell(loop, "spilled", "/tmp", UINT64_C(256) << 20, file);
    close(fd);
    (void)unlink(file);
    loop_free(loop);
    return 0;
}
