/*
 * What many children at once do to us: 256 that write without end for some seconds, and 2,000 that are started and end at once.
 *
 * Printed: bytes read, peak resident memory (goal: under 64 MiB), and how late a timer of 1 ms fires, which is how long the
 * loop stood still (goal: 99 of 100 under 20 ms). The baseline of lateness is the same timer without children.
 * usage: bench_load FAKECTL
 */
#include "proc/loop.h"
#include "proc/proc.h"
#include "proc/runner.h"
#include "proc/timers.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { N_WRITERS = 256, WRITE_MS = 3000, N_SHORT = 2000, MAX_LATES = 100000, QUIET_MS = 1000 };

struct load {
    struct loop *loop;
    struct proc_runner *procs;
    struct runner runner;
    struct timers timers;
    unsigned n_waiting;
    uint64_t bytes;
    int64_t due_ns;
    int64_t cpu_ns; /* at the pulse before */
    double *late_ms;
    double *
        busy_ms; /* our own computing between two pulses: what of the lateness is ours and not the machine's */
    size_t n_lates;
    bool is_over;
};

/* ---- the pulse */

static int64_t own_cpu_ns(void) {
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void on_pulse(void *arg) {
    struct load *l = arg;
    int64_t now_ns = clock_monotonic_ns();
    if (l->n_lates < MAX_LATES) {
        int64_t cpu_ns = own_cpu_ns();
        l->busy_ms[l->n_lates] = (double)(cpu_ns - l->cpu_ns) / 1e6;
        l->late_ms[l->n_lates++] = (double)(now_ns - l->due_ns) / 1e6;
        l->cpu_ns = cpu_ns;
    }
    if (!l->is_over) {
        l->due_ns = now_ns + 1000000;
        (void)timers_after(&l->timers, 1, on_pulse, l);
    }
}

static void start_pulse(struct load *l) {
    l->n_lates = 0;
    l->is_over = false;
    l->cpu_ns = own_cpu_ns();
    l->due_ns = clock_monotonic_ns() + 1000000;
    (void)timers_after(&l->timers, 1, on_pulse, l);
}

static int compare(const void *a, const void *b) {
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static void print_lateness(struct load *l, const char *what) {
    qsort(l->late_ms, l->n_lates, sizeof *l->late_ms, compare);
    (void)printf("  %-24s timer late: p50 %.2f  p99 %.2f  longest %.2f ms\n", what,
                 l->late_ms[l->n_lates / 2], l->late_ms[l->n_lates * 99 / 100],
                 l->late_ms[l->n_lates - 1]);
    qsort(l->busy_ms, l->n_lates, sizeof *l->busy_ms, compare);
    (void)printf("  %-24s of that ours: p50 %.2f  p99 %.2f  longest %.2f ms\n", "",
                 l->busy_ms[l->n_lates / 2], l->busy_ms[l->n_lates * 99 / 100],
                 l->busy_ms[l->n_lates - 1]);
}

/* ---- children */

static void on_done(const struct run_result *result, void *ctx) {
    struct load *l = ctx;
    if (result->outcome == RUN_SPAWN_FAILED) {
        bug("%s", result->message);
    }
    l->bytes += result->out.total_bytes;
    if (--l->n_waiting == 0) {
        l->is_over = true;
        loop_stop(l->loop);
    }
}

static void start_many(struct load *l, unsigned n, const char *const *argv, int64_t timeout_ms) {
    static const char *const env[] = {"PATH=/bin:/usr/bin", NULL};
    for (unsigned i = 0; i < n; i++) {
        struct run_request request = {.argv = argv,
                                      .env = env,
                                      .timeout_ms = timeout_ms,
                                      .grace_ms = 100,
                                      .on_done = on_done,
                                      .ctx = l};
        l->n_waiting++;
        (void)runner_start(&l->runner, &request);
    }
}

static void on_quiet_over(void *arg) {
    struct load *l = arg;
    l->is_over = true;
    loop_stop(l->loop);
}

/* ---- memory */

/* "VmHWM:     5432 kB" */
static int64_t peak_kib(void) {
    AUTO(str) struct str text = STR_INIT(65536);
    AUTO(err) struct err err = ERR_INIT;
    int64_t kib = 0;
    if (!file_read("/proc/self/status", text.max, &text, &err)) {
        return 0;
    }
    const char *at = strstr(str_text(&text), "VmHWM:");
    at = at != NULL ? at + strcspn(at, "0123456789") : "";
    return num_parse_i64(at, strcspn(at, " "), &kib) ? kib : 0;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        (void)fputs("usage: bench_load FAKECTL\n", stderr);
        return 2;
    }
    struct load l = {.late_ms = mem_alloc(MAX_LATES * sizeof(double)),
                     .busy_ms = mem_alloc(MAX_LATES * sizeof(double))};
    struct err err = ERR_INIT;
    struct proc_options options = {.lease_fd = -1, .max_children = N_WRITERS};
    proc_prepare_process();
    l.loop = loop_new(&err);
    loop_timers(l.loop, &l.timers);
    l.procs = proc_runner_new(l.loop, &options, &err);
    proc_runner_get(l.procs, &l.runner);
    (void)printf("load:\n");

    start_pulse(&l);
    (void)timers_after(&l.timers, QUIET_MS, on_quiet_over, &l);
    loop_run(l.loop);
    print_lateness(&l, "no children (baseline)");

    const char *quick[] = {"/bin/true", NULL};
    start_pulse(&l);
    start_many(&l, N_SHORT, quick, 60000);
    loop_run(l.loop);
    print_lateness(&l, "2000 short ones");

    const char *writer[] = {argv[1], "flood=100000000000", NULL};
    l.bytes = 0;
    start_pulse(&l);
    start_many(&l, N_WRITERS, writer, WRITE_MS);
    loop_run(l.loop);
    print_lateness(&l, "256 that write");
    (void)printf("  %-24s %.1f MiB at its peak, %.1f GB read\n", "resident",
                 (double)peak_kib() / 1024, (double)l.bytes / 1e9);
    proc_runner_free(l.procs);
    loop_free(l.loop);
    mem_free(l.late_ms);
    mem_free(l.busy_ms);
    return 0;
}
