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

#include "loop_priv.h"
#include "stop_priv.h"
#include "sweep_priv.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

#include <assert.h>

enum {
    PATIENCE_MS = 2000, /* after KILL: what is not gone by then hangs in the kernel */
    SWEEP_FIRST_PAUSE_MS = 1,
    SWEEP_LONGEST_PAUSE_MS = 20,
};

/* ---- the end: settle, sweep, close, answer */

static struct loop *loop_of(const struct run_job *job) {
    return runner_ground(job->runner)->launch.loop;
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
    job->kept.request.on_done(r, job->kept.request.ctx);
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
    job->stop_timer = loop_after(l, job->kept.request.grace_ms, on_grace_over, job);
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
    int64_t left_ms =
        job->last_output_ms + job->kept.request.idle_timeout_ms - clock_monotonic_ms();
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
    if (job->kept.request.on_output != NULL) {
        job->kept.request.on_output(s->number, bytes, len, job->kept.request.ctx);
    }
}

static void on_stream_end(struct stream *s, void *ctx) {
    (void)s;
    settle_when_complete(ctx);
}

/* ---- the start */

static void init_stream(struct run_job *job, int number, const char *name) {
    struct stream *s = &job->streams[number - 1];
    const struct job_ground *ground = runner_ground(job->runner);
    s->number = number;
    s->scratch = ground->scratch;
    s->owner = &job->stream_owner;
    outlog_init(&s->log, job->kept.request.is_secret ? NULL : job->kept.request.log_base, name);
}

static bool open_streams(struct run_job *job, const int fds[2]) {
    bool is_all_open = true;
    job->stream_owner = (struct stream_owner){on_stream_bytes, on_stream_end, job};
    init_stream(job, 1, "stdout");
    init_stream(job, 2, "stderr");
    for (int i = 0; i < 2; i++) {
        bool is_open = stream_open(&job->streams[i], loop_uv(loop_of(job)), fds[i]);
        job->streams[i].has_ended = !is_open;
        job->n_handles += is_open ? 1 : 0;
        is_all_open = is_all_open && is_open;
    }
    return is_all_open;
}

/* The child runs: from here on it is watched, whatever happens. */
static void begin_watching(struct run_job *job, const int fds[2]) {
    struct loop *l = loop_of(job);
    const struct run_request *r = &job->kept.request;
    bool has_streams = open_streams(job, fds);
    job->n_handles += feed_open(&job->feed, loop_uv(l), on_handle_closed, job) ? 1 : 0;
    if (job->child.has_handle) {
        job->n_handles++;
    } else {
        runner_watch_signal(job->runner);
    }
    if (!has_streams) {
        job->message = mem_strdup("the system refused to watch the output of the process");
        job->result.outcome = RUN_LOST;
        begin_kill(job);
        return;
    }
    if (r->timeout_ms > 0) {
        job->wall_timer = loop_after(l, r->timeout_ms, on_wall_deadline, job);
    }
    if (r->idle_timeout_ms > 0) {
        job->idle_timer = loop_after(l, r->idle_timeout_ms, on_idle_deadline, job);
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

enum launch_verdict job_start(struct run_job *job, struct command_fault *ret_fault) {
    int fds[2];
    job->started_ticks = sweep_clock();
    enum launch_verdict verdict =
        launch(&runner_ground(job->runner)->launch, &job->kept.request, &job->child, on_child_exit,
               job, &job->feed, fds, ret_fault);
    if (verdict == LAUNCH_DONE) {
        note_start(job);
        begin_watching(job, fds);
        kept_release(&job->kept);
    }
    return verdict;
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
    kept_release(&job->kept);
}
