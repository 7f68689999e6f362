/*
 * Cases carried out side by side.
 *
 * Each process takes every n-th case and tells its results as JSON lines through a pipe. A case that kills its process is
 * known by its missing line, and so are those that the process had still to do.
 */
#include "test_priv.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "recipe/suite.h"
#include "testing/coverage.h"
#include "value/json.h"
#include "value/json_write.h"
#include "value/value.h"

static void carry_out(const struct test_plan *plan, struct test_case *c) {
    struct play_setup setup = {.suite = c->file->suite,
                               .run = &c->file->suite->runs[c->number],
                               .recipe = c->file->recipe,
                               .suite_dir = c->file->dir,
                               .scratch = plan->scratch,
                               .coverage = c->file->coverage,
                               .wants_actual = plan->updates};
    play_case(&setup, &c->result);
    c->is_done = true;
}

/* ---- results as text ---- */

static void write_result(const struct test_case *c, size_t number, struct str *out) {
    struct json_writer w = json_writer(out, JSON_COMPACT);
    json_begin_object(&w);
    json_put_uint(&w, "case", number);
    json_put_int(&w, "duration", c->result.duration_ms);
    json_put_int(&w, "took", c->result.took_ms);
    json_put_uint(&w, "calls", c->result.n_calls);
    json_key(&w, "failures");
    json_begin_list(&w);
    for (size_t i = 0; i < c->result.n_failures; i++) {
        json_write_text(&w, c->result.failures[i]);
    }
    json_end_list(&w);
    json_key(&w, "covered");
    json_begin_list(&w);
    for (size_t i = 0; i < c->file->coverage->n_items; i++) {
        if (c->file->coverage->items[i].is_covered) {
            json_write_uint(&w, i);
        }
    }
    json_end_list(&w);
    json_end_object(&w);
    str_add_char(out, '\n');
}

static int64_t number_of(const struct value *v, const char *key) {
    int64_t n = 0;
    const struct value *member = value_get(v, key);
    return member != NULL && value_as_i64(member, &n) ? n : 0;
}

static void read_result(struct test_plan *plan, const struct value *v) {
    size_t number = (size_t)number_of(v, "case");
    if (number >= plan->n_cases) {
        return;
    }
    struct test_case *c = &plan->cases[number];
    c->is_done = true;
    c->result.duration_ms = number_of(v, "duration");
    c->result.took_ms = number_of(v, "took");
    c->result.n_calls = (size_t)number_of(v, "calls");
    const struct value *failures = value_get(v, "failures");
    c->result.failures = mem_zalloc(failures->len + 1, sizeof *c->result.failures);
    for (uint32_t i = 0; i < failures->len; i++) {
        c->result.failures[c->result.n_failures++] = mem_strdup(failures->as.items[i]->as.text);
    }
    const struct value *covered = value_get(v, "covered");
    for (uint32_t i = 0; i < covered->len; i++) {
        int64_t item = 0;
        if (value_as_i64(covered->as.items[i], &item) &&
            (size_t)item < c->file->coverage->n_items) {
            coverage_mark(c->file->coverage, (size_t)item);
        }
    }
}

static void read_results(struct test_plan *plan, const struct str *text) {
    struct arena a = ARENA_INIT(0);
    const struct json_options options = {.name = "results"};
    size_t pos = 0;
    const struct value *v = NULL;
    struct err err = ERR_INIT;
    while (json_parse_next(&a, str_text(text), text->len, &pos, &options, &v, &err) && v != NULL) {
        read_result(plan, v);
    }
    err_release(&err); /* a torn last line: its case is told as missing */
    arena_release(&a);
}

/* ---- processes ---- */

struct worker {
    pid_t pid;
    int fd; /* its results */
};

static void work(struct test_plan *plan, size_t first, size_t step, int fd) {
    for (size_t i = first; i < plan->n_cases; i += step) {
        struct test_case *c = &plan->cases[plan->order[i]];
        carry_out(plan, c);
        AUTO(str) struct str line = STR_INIT(LIMIT_REPORT_BYTES);
        write_result(c, plan->order[i], &line);
        if (!file_write_all(fd, str_text(&line), line.len)) {
            return; /* nobody listens any more */
        }
    }
}

static bool start_worker(struct test_plan *plan, size_t first, size_t step,
                         struct worker *ret_worker) {
    int fds[2];
    if (pipe(fds) != 0) {
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(fds[0]); /* the reader's end */
        work(plan, first, step, fds[1]);
        _exit(0); /* what the parent owns is not ours to release */
    }
    (void)close(fds[1]); /* the child's end */
    if (pid < 0) {
        (void)close(fds[0]); /* nobody writes */
        return false;
    }
    *ret_worker = (struct worker){pid, fds[0]};
    return true;
}

static void end_worker(struct test_plan *plan, const struct worker *worker, size_t first,
                       size_t step) {
    AUTO(str) struct str text = STR_INIT(LIMIT_REPORT_BYTES);
    struct err err = ERR_INIT;
    (void)file_read_fd(worker->fd, "results", LIMIT_REPORT_BYTES, &text, &err);
    err_release(&err); /* what is missing is told below */
    (void)close(worker->fd);
    int status = 0;
    (void)waitpid(worker->pid, &status, 0); /* our own child: it can only have ended */
    read_results(plan, &text);
    for (size_t i = first; i < plan->n_cases; i += step) {
        struct test_case *c = &plan->cases[plan->order[i]];
        if (!c->is_done) {
            AUTO(str) struct str why = STR_INIT(LIMIT_MESSAGE);
            str_addf(&why, "%s: the process that carried this case out died (wait status %d)",
                     c->file->path, status);
            c->result.failures = mem_zalloc(1, sizeof *c->result.failures);
            c->result.failures[c->result.n_failures++] = str_take(&why);
            c->is_done = true;
        }
    }
}

static void carry_out_here(struct test_plan *plan, size_t first, size_t step) {
    for (size_t i = first; i < plan->n_cases; i += step) {
        carry_out(plan, &plan->cases[plan->order[i]]);
    }
}

void test_carry_out(struct test_plan *plan, size_t n_jobs) {
    int64_t began_ms = clock_monotonic_ms();
    n_jobs = n_jobs > plan->n_cases ? plan->n_cases : n_jobs;
    if (n_jobs <= 1) {
        carry_out_here(plan, 0, 1);
    } else {
        struct worker *workers = mem_zalloc(n_jobs, sizeof *workers);
        for (size_t i = 0; i < n_jobs; i++) {
            if (!start_worker(plan, i, n_jobs, &workers[i])) {
                carry_out_here(plan, i, n_jobs); /* no process to be had: slower, not less */
            }
        }
        for (size_t i = 0; i < n_jobs; i++) {
            if (workers[i].pid != 0) {
                end_worker(plan, &workers[i], i, n_jobs);
            }
        }
        mem_free(workers);
    }
    plan->took_ms = clock_monotonic_ms() - began_ms;
}
