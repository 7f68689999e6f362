/*
 * One child from start to answer.
 *
 * Three things must be over before a job can be settled: the child has exited, stdout has ended, stderr has ended. They
 * come in any order. A descendant can hold a pipe open for ever, so after the exit a drain deadline stands for the ends
 * that are missing. Then the group is killed, the child reaped, adopted descendants are swept, all handles closed, and only
 * the last close callback answers.
 *
 *   SPAWNED ──stop, deadline──► STOPPING ──grace over──► KILLING ──2 s──► lost
 *      └───────────────────────────┴── exit and ends ──────┴──► SWEEPING ──► CLOSING ──► on_done
 */
#include "job_priv.h"

#include "command_priv.h"
#include "loop_priv.h"
#include "stop_priv.h"
#include "sweep_priv.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum {
    DEFAULT_GRACE_MS = 5000,
    PATIENCE_MS = 2000, /* after KILL: what is not gone by then hangs in the kernel */
    SWEEP_FIRST_PAUSE_MS = 1,
    SWEEP_LONGEST_PAUSE_MS = 20,
};

/* ---- copies for a job that waits */

static const char *const *copy_texts(struct arena *a, const char *const *texts) {
    size_t n = 0;
    while (texts[n] != NULL) {
        n++;
    }
    const char **copy = arena_alloc(a, (n + 1) * sizeof *copy);
    for (size_t i = 0; i < n; i++) {
        copy[i] = arena_strdup(a, texts[i]);
    }
    copy[n] = NULL;
    return copy;
}

static const char *copy_text(struct arena *a, const char *text) {
    return text != NULL ? arena_strdup(a, text) : NULL;
}

void job_keep_request(struct run_job *job) {
    if (job->is_copied) {
        return;
    }
    struct arena *a = &job->memory;
    struct run_request *r = &job->request;
    r->argv = copy_texts(a, r->argv);
    r->env = copy_texts(a, r->env);
    r->cwd = copy_text(a, r->cwd);
    r->log_base = copy_text(a, r->log_base);
    if (r->stdin_data != NULL) {
        job->stdin_copy = mem_alloc(r->stdin_len + 1);
        memcpy(job->stdin_copy, r->stdin_data, r->stdin_len);
        r->stdin_data = job->stdin_copy;
    }
    job->is_copied = true;
}

/* After the start, or without one, nothing of the request's texts is needed. */
static void drop_request(struct run_job *job) {
    if (job->stdin_copy != NULL) {
        explicit_bzero(job->stdin_copy,
                       job->request.stdin_len); /* configuration on stdin is where secrets travel */
        mem_free(job->stdin_copy);
        job->stdin_copy = NULL;
    }
    struct run_request *r = &job->request;
    r->argv = NULL;
    r->env = NULL;
    r->cwd = NULL;
    r->log_base = NULL;
    r->stdin_data = NULL;
    arena_release(&job->memory);
}

/* ---- the end: settle, sweep, close, answer */

static struct loop *loop_of(const struct run_job *job) {
    return runner_ground(job->runner)->loop;
}

static void cancel_timers(struct run_job *job) {
    struct loop *l = loop_of(job);
    timer_id *const timers[] = {&job->wall_timer, &job->idle_timer, &job->stop_timer,
                                &job->drain_timer, &job->sweep_timer};
    for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
        if (*timers[i] != 0) {
            loop_cancel(l, timers[i]);
        }
    }
}

void job_answer(struct run_job *job) {
    struct run_result *r = &job->result;
    capture_view(&job->streams[0].capture, &r->out);
    capture_view(&job->streams[1].capture, &r->err);
    r->message = job->message;
    job->request.on_done(r, job->request.ctx);
    capture_release(&job->streams[0].capture);
    capture_release(&job->streams[1].capture);
    mem_free(job->message);
    mem_free(job);
}

static void end_when_closed(struct run_job *job) {
    if (job->state == JOB_CLOSING && job->n_handles == 0) {
        runner_job_over(job->runner, job);
    }
}

static void on_handle_closed(uv_handle_t *handle) {
    struct run_job *job = handle->data;
    assert(job->n_handles > 0);
    job->n_handles--;
    end_when_closed(job);
}

static void close_handles(struct run_job *job) {
    job->state = JOB_CLOSING;
    job->result.ended_ms = clock_monotonic_ms();
    assert(job->streams[0].has_handle || job->streams[1].has_handle || job->n_handles > 0);
    stream_close(&job->streams[0], on_handle_closed);
    stream_close(&job->streams[1], on_handle_closed);
    child_close(&job->child, on_handle_closed);
}

static void on_sweep_again(void *arg);

static void sweep(struct run_job *job) {
    unsigned n_alive = runner_sweep(job->runner, job, &job->result.n_survivors);
    if (n_alive == 0 || clock_monotonic_ms() >= job->sweep_deadline_ms) {
        close_handles(job);
        return;
    }
    job->sweep_timer = loop_after(loop_of(job), job->sweep_pause_ms, on_sweep_again, job);
    if (job->sweep_pause_ms < SWEEP_LONGEST_PAUSE_MS) {
        job->sweep_pause_ms *= 2;
    }
}

static void on_sweep_again(void *arg) {
    struct run_job *job = arg;
    job->sweep_timer = 0;
    sweep(job);
}

/* `n_alive`: as the round before has found. */
static void begin_sweep(struct run_job *job, unsigned n_alive) {
    cancel_timers(job);
    feed_close(&job->feed);
    job->state = JOB_SWEEPING;
    if (n_alive == 0) { /* the usual end */
        close_handles(job);
        return;
    }
    job->sweep_deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    job->sweep_pause_ms = SWEEP_FIRST_PAUSE_MS;
    sweep(job);
}

/* The child is gone, its output is complete or cut: what is left of its group and of its escaped descendants goes too. */
static void settle(struct run_job *job) {
    const struct child_exit *exit = &job->child.exit;
    struct run_result *r = &job->result;
    r->exit_code = exit->code;
    r->signal = exit->signal;
    if (exit->is_lost) {
        r->outcome = RUN_LOST;
        job->message = mem_strdup("somebody else collected the exit status of the process");
    } else if (job->state == JOB_SPAWNED) {
        r->outcome = exit->signal != 0 ? RUN_SIGNALED : RUN_EXITED;
    }
    /* While the child is not reaped the group's number is its own; members are counted before they are killed. */
    unsigned n_alive = runner_sweep(job->runner, job, &r->n_survivors);
    if (!job->child.is_reaped || (r->had_pipe_holder && !exit->is_lost)) {
        stop_kill(job->child.pid);
    }
    stop_unregister(job->child.pid);
    child_reap(&job->child);
    begin_sweep(job, n_alive);
}

/* KILL did not end it: it hangs in the kernel. Its number stays ours; a later sweep reaps it if it ever dies. */
static void give_up(struct run_job *job) {
    struct str text = STR_INIT(LIMIT_MESSAGE);
    str_addf(&text, "process %d did not end within %d s after SIGKILL: it hangs in the kernel",
             (int)job->child.pid, PATIENCE_MS / 1000);
    mem_free(job->message);
    job->message = str_take(&text);
    job->result.outcome = RUN_LOST;
    stop_unregister(job->child.pid);
    begin_sweep(job, runner_sweep(job->runner, job, &job->result.n_survivors));
}

bool job_is_running(const struct run_job *job) {
    return job->state == JOB_SPAWNED || job->state == JOB_STOPPING || job->state == JOB_KILLING;
}

static bool has_output_ended(const struct run_job *job) {
    return job->streams[0].has_ended && job->streams[1].has_ended;
}

static void settle_when_complete(struct run_job *job) {
    if (job_is_running(job) && job->has_exit_seen && has_output_ended(job)) {
        settle(job);
    }
}

/* The child has exited: takes what is in the pipes, and settles unless somebody still holds one. */
static void see_exit(struct run_job *job) {
    if (job->has_exit_seen) {
        return;
    }
    job->has_exit_seen = true;
    stream_read_rest(&job->streams[0]);
    stream_read_rest(&job->streams[1]);
    settle_when_complete(job);
}

/* ---- stopping */

static void on_patience_over(void *arg) {
    struct run_job *job = arg;
    job->stop_timer = 0;
    if (child_check(&job->child)) {
        see_exit(job);
    }
    if (!job_is_running(job)) {
        return;
    }
    if (job->has_exit_seen) {
        job->result.had_pipe_holder = true;
        settle(job);
    } else {
        give_up(job);
    }
}

static void begin_kill(struct run_job *job) {
    struct loop *l = loop_of(job);
    loop_cancel(l, &job->wall_timer);
    loop_cancel(l, &job->idle_timer);
    loop_cancel(l, &job->stop_timer);
    job->state = JOB_KILLING;
    job->result.was_escalated = job->result.was_escalated || !job->has_exit_seen;
    stop_kill(job->child.pid);
    job->stop_timer = loop_after(l, PATIENCE_MS, on_patience_over, job);
}

static void on_grace_over(void *arg) {
    struct run_job *job = arg;
    job->stop_timer = 0;
    begin_kill(job);
}

static void begin_stop(struct run_job *job, enum run_outcome outcome) {
    struct loop *l = loop_of(job);
    loop_cancel(l, &job->wall_timer);
    loop_cancel(l, &job->idle_timer);
    job->state = JOB_STOPPING;
    job->result.outcome = outcome;
    stop_ask(job->child.pid);
    job->stop_timer = loop_after(l, job->request.grace_ms, on_grace_over, job);
}

/* After the exit: the time for whoever still holds a pipe is over. */
static void on_drain_over(void *arg) {
    struct run_job *job = arg;
    job->drain_timer = 0;
    see_exit(job);
    if (!job_is_running(job)) {
        return;
    }
    stream_read_rest(&job->streams[0]);
    stream_read_rest(&job->streams[1]);
    if (job_is_running(job)) {
        job->result.had_pipe_holder = true;
        settle(job);
    }
}

static void set_drain(struct run_job *job, int64_t drain_ms) {
    struct loop *l = loop_of(job);
    loop_cancel(l, &job->drain_timer);
    job->drain_timer = loop_after(l, drain_ms, on_drain_over, job);
}

void job_stop(struct run_job *job, enum stop_reason reason) {
    if (!job_is_running(job)) {
        return;
    }
    if (child_check(&job->child)) {
        set_drain(job,
                  0); /* it ended by itself: that stands, but nobody waits for pipe holders now */
        return;
    }
    if (reason == STOP_CANCEL && job->state == JOB_SPAWNED) {
        begin_stop(job, RUN_STOPPED);
    } else if (reason == STOP_NOW && job->state != JOB_KILLING) {
        job->result.outcome = job->state == JOB_SPAWNED ? RUN_STOPPED : job->result.outcome;
        begin_kill(job);
    }
}

/* ---- events */

static void on_child_exit(void *ctx) {
    struct run_job *job = ctx;
    see_exit(job);
    if (job_is_running(job) && job->drain_timer == 0) {
        loop_cancel(loop_of(job), &job->wall_timer);
        loop_cancel(loop_of(job), &job->idle_timer);
        set_drain(job, runner_ground(job->runner)->drain_ms);
    }
}

void job_check(struct run_job *job) {
    if (job_is_running(job) && !job->has_exit_seen && child_check(&job->child)) {
        on_child_exit(job);
    }
}

/* A deadline has passed. A child that was quicker has simply exited. */
static void on_deadline(struct run_job *job, enum run_outcome outcome) {
    if (child_check(&job->child)) {
        on_child_exit(job);
    } else {
        begin_stop(job, outcome);
    }
}

static void on_wall_deadline(void *arg) {
    struct run_job *job = arg;
    job->wall_timer = 0;
    on_deadline(job, RUN_TIMED_OUT);
}

/* Output does not move the timer, it only leaves its time: one look per idle period instead of one timer per read. */
static void on_idle_deadline(void *arg) {
    struct run_job *job = arg;
    int64_t left_ms = job->last_output_ms + job->request.idle_timeout_ms - clock_monotonic_ms();
    job->idle_timer = 0;
    if (left_ms > 0) {
        job->idle_timer = loop_after(loop_of(job), left_ms, on_idle_deadline, job);
        return;
    }
    on_deadline(job, RUN_IDLE);
}

static void on_stream_bytes(struct stream *s, const char *bytes, size_t len, void *ctx) {
    struct run_job *job = ctx;
    job->last_output_ms = clock_monotonic_ms();
    if (job->request.on_output != NULL) {
        job->request.on_output(s->number, bytes, len, job->request.ctx);
    }
}

static void on_stream_end(struct stream *s, void *ctx) {
    (void)s;
    settle_when_complete(ctx);
}

/* ---- the start */

/* The ends of the pipes before the child has its own. */
struct job_pipes {
    int child[3]; /* its 0, 1, 2 */
    int ours[3];  /* -1: none, or taken by its reader or writer */
};

static void pipes_release(struct job_pipes *p, int null_fd) {
    for (int i = 0; i < 3; i++) {
        if (p->child[i] >= 0 && p->child[i] != null_fd) {
            close(p->child[i]);
        }
        if (p->ours[i] >= 0) {
            close(p->ours[i]);
        }
        p->child[i] = p->ours[i] = -1;
    }
}

static bool pipes_make(struct job_pipes *p, int null_fd, bool has_stdin) {
    *p = (struct job_pipes){{-1, -1, -1}, {-1, -1, -1}};
    for (int i = 0; i < 3; i++) {
        int fds[2];
        if (i == 0 && !has_stdin) {
            p->child[0] = null_fd;
            continue;
        }
        if (!pipe_make(fds)) {
            int errnum = errno;
            pipes_release(p, null_fd);
            errno = errnum;
            return false;
        }
        p->child[i] = i == 0 ? fds[0] : fds[1];
        p->ours[i] = i == 0 ? fds[1] : fds[0];
    }
    return true;
}

static bool may_try_again(struct run_job *job, int errnum) {
    enum { BUSY_RETRIES = 3 };
    if (errnum == ETXTBSY) { /* somebody has just written the program and will close it */
        return job->n_busy++ < BUSY_RETRIES;
    }
    return errnum == EAGAIN || errnum == ENOMEM || errnum == EMFILE || errnum == ENFILE;
}

static void init_stream(struct run_job *job, int number, const char *name) {
    struct stream *s = &job->streams[number - 1];
    const struct job_ground *ground = runner_ground(job->runner);
    s->number = number;
    s->scratch = &ground->scratch;
    s->owner = &job->stream_owner;
    outlog_init(&s->log, job->request.is_secret ? NULL : job->request.log_base, name);
}

/* The child runs: from here on it is watched, whatever happens. */
static void begin_watching(struct run_job *job, struct job_pipes *pipes) {
    const struct job_ground *ground = runner_ground(job->runner);
    const struct run_request *r = &job->request;
    bool is_watched = true;
    job->stream_owner = (struct stream_owner){on_stream_bytes, on_stream_end, job};
    init_stream(job, 1, "stdout");
    init_stream(job, 2, "stderr");
    for (int i = 0; i < 2; i++) {
        bool is_open = stream_open(&job->streams[i], loop_uv(ground->loop), pipes->ours[i + 1]);
        pipes->ours[i + 1] = -1;
        job->streams[i].has_ended = !is_open;
        job->n_handles += is_open ? 1 : 0;
        is_watched = is_watched && is_open;
    }
    job->n_handles += feed_open(&job->feed, loop_uv(ground->loop), on_handle_closed, job) ? 1 : 0;
    if (job->child.has_handle) {
        job->n_handles++;
    } else {
        runner_watch_signal(job->runner);
    }
    if (!is_watched) {
        job->message = mem_strdup("the system refused to watch the output of the process");
        job->result.outcome = RUN_LOST;
        begin_kill(job);
        return;
    }
    if (r->timeout_ms > 0) {
        job->wall_timer = loop_after(ground->loop, r->timeout_ms, on_wall_deadline, job);
    }
    if (r->idle_timeout_ms > 0) {
        job->idle_timer = loop_after(ground->loop, r->idle_timeout_ms, on_idle_deadline, job);
    }
}

static void note_start(struct run_job *job) {
    job->state = JOB_SPAWNED;
    job->result.pid = job->child.pid;
    job->result.started_ms = clock_monotonic_ms();
    job->result.started_wall_ms = clock_wall_ms();
    job->last_output_ms = job->result.started_ms;
    stop_register(job->child.pid);
}

static enum job_start start_at(struct run_job *job, const char *path,
                               struct command_fault *ret_fault) {
    const struct job_ground *ground = runner_ground(job->runner);
    const struct run_request *r = &job->request;
    struct job_pipes pipes;
    struct spawn_fault fault = {SPAWN_AT_FORK, 0};
    bool has_started = false;
    if (!pipes_make(&pipes, ground->null_fd, r->stdin_data != NULL)) {
        fault.errnum = errno;
    } else {
        job->feed = (struct feed){.fd = -1};
        if (r->stdin_data != NULL) {
            feed_begin(&job->feed, pipes.ours[0], r->stdin_data, r->stdin_len);
            pipes.ours[0] = -1;
        }
        struct spawn_plan plan = {.path = path,
                                  .argv = r->argv,
                                  .env = r->env,
                                  .cwd = r->cwd,
                                  .fds = {pipes.child[0], pipes.child[1], pipes.child[2]},
                                  .lease_fd = ground->lease_fd};
        job->started_ticks = sweep_clock();
        has_started = child_start(&job->child, ground->loop, &plan, on_child_exit, job, &fault);
    }
    if (!has_started) {
        feed_close(&job->feed);
        pipes_release(&pipes, ground->null_fd);
        command_explain(r, path, &fault, ret_fault);
        return may_try_again(job, fault.errnum) ? JOB_REFUSED : JOB_IMPOSSIBLE;
    }
    note_start(job);
    begin_watching(job, &pipes);
    pipes_release(&pipes, ground->null_fd);
    drop_request(job);
    return JOB_STARTED;
}

enum job_start job_start(struct run_job *job, struct command_fault *ret_fault) {
    char *path = NULL;
    if (!command_prepare(&job->request, &path, ret_fault)) {
        return JOB_IMPOSSIBLE;
    }
    enum job_start started = start_at(job, path, ret_fault);
    mem_free(path);
    return started;
}

void job_settle_unstarted(struct run_job *job, struct command_fault *fault) {
    struct run_result *r = &job->result;
    r->started_ms = r->ended_ms = clock_monotonic_ms();
    r->started_wall_ms = clock_wall_ms();
    job->state = JOB_CLOSING;
    if (fault == NULL) {
        r->outcome = RUN_STOPPED;
    } else {
        r->outcome = RUN_SPAWN_FAILED;
        r->spawn_error = fault->kind;
        job->message = fault->message;
        fault->message = NULL;
    }
    drop_request(job);
}
