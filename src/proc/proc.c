/*
 * The runner of real children: slots, the queue of requests that wait for one, and the retry of starts that the system refused.
 *
 * A request starts at once when a slot is free and nobody waits. It waits when all slots are taken, when this turn has
 * started enough children (each start stands still for the time of an exec), or when the system was short of
 * descriptors, processes or memory: then until a child of ours ends or the back-off is over. Waiting costs no attempt.
 */
#include "proc/proc.h"

#include "command_priv.h"
#include "job_priv.h"
#include "loop_priv.h"
#include "sweep_priv.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "maxima.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    SPAWNS_PER_TURN = 8,
    SCRATCH_BYTES = 256 * 1024,
    BUSY_RETRIES = 3,
    FIRST_RETRY_MS = 20,
    LONGEST_RETRY_MS = 1000,
    DEFAULT_GRACE_MS = 5000,
    DEFAULT_DRAIN_MS = 2000,
    DEFAULT_CHILDREN = 256,
    DEFAULT_PATIENCE_MS = 10000,
};

struct job_list {
    struct run_job *first;
    struct run_job *last;
};

struct proc_runner {
    struct job_ground ground;
    struct scratch scratch;
    unsigned max_children;
    int64_t patience_ms;
    struct sweep *sweep;
    struct job_list live; /* started, not yet answered */
    unsigned n_live;
    struct job_list queue;
    timer_id queue_timer; /* next look at the queue: the next turn, or the end of a back-off */
    int64_t retry_ms;     /* 0: the last start was not refused */
    uint64_t spawn_turn;  /* the turn that n_spawned counts */
    unsigned n_spawned;
};

/* ---- lists */

static void list_append(struct job_list *list, struct run_job *job) {
    job->prev = list->last;
    job->next = NULL;
    if (list->last != NULL) {
        list->last->next = job;
    } else {
        list->first = job;
    }
    list->last = job;
}

static void list_prepend(struct job_list *list, struct run_job *job) {
    job->prev = NULL;
    job->next = list->first;
    if (list->first != NULL) {
        list->first->prev = job;
    } else {
        list->last = job;
    }
    list->first = job;
}

static void list_remove(struct job_list *list, struct run_job *job) {
    if (job->prev != NULL) {
        job->prev->next = job->next;
    } else {
        list->first = job->next;
    }
    if (job->next != NULL) {
        job->next->prev = job->prev;
    } else {
        list->last = job->prev;
    }
    job->prev = job->next = NULL;
}

/* ---- starting */

static bool has_free_slot(const struct proc_runner *p) {
    return p->n_live < p->max_children;
}

static bool takes_spawn(struct proc_runner *p) {
    uint64_t turn = loop_turn(p->ground.launch.loop);
    if (p->spawn_turn != turn) {
        p->spawn_turn = turn;
        p->n_spawned = 0;
    }
    return p->n_spawned < SPAWNS_PER_TURN;
}

static void answer_unstarted(void *arg) {
    struct run_job *job = arg;
    struct loop *l = job->runner->ground.launch.loop;
    job_answer(job);
    loop_unhold(l);
}

static void settle_unstarted(struct proc_runner *p, struct run_job *job,
                             struct command_fault *fault) {
    job_settle_unstarted(job, fault);
    loop_after(p->ground.launch.loop, 0, answer_unstarted, job);
}

static bool is_patience_over(struct proc_runner *p, struct run_job *job) {
    int64_t now_ms = clock_monotonic_ms();
    if (job->first_refusal_ms == 0) {
        job->first_refusal_ms = now_ms;
    }
    return p->n_live == 0 && now_ms - job->first_refusal_ms >= p->patience_ms;
}

static void back_off(struct proc_runner *p) {
    p->retry_ms = p->retry_ms == 0 ? FIRST_RETRY_MS : p->retry_ms * 2;
    p->retry_ms = p->retry_ms < LONGEST_RETRY_MS ? p->retry_ms : LONGEST_RETRY_MS;
}

/* Somebody has just written the program and will close it, or the system lacks something that others give back. */
static bool may_try_again(struct proc_runner *p, struct run_job *job, enum launch_verdict verdict) {
    return (verdict == LAUNCH_BUSY && job->n_busy++ < BUSY_RETRIES) ||
           (verdict == LAUNCH_REFUSED && !is_patience_over(p, job));
}

/* True when the job has left the queue's hands: it runs, or never will. */
static bool try_start(struct proc_runner *p, struct run_job *job) {
    struct command_fault fault = {SPAWN_OK, NULL};
    p->n_spawned++;
    enum launch_verdict verdict = job_start(job, &fault);
    if (verdict == LAUNCH_DONE) {
        list_append(&p->live, job);
        p->n_live++;
        p->retry_ms = 0;
        return true;
    }
    if (may_try_again(p, job, verdict)) {
        command_fault_release(&fault);
        back_off(p);
        return false;
    }
    settle_unstarted(p, job, &fault);
    return true;
}

static void on_queue_timer(void *arg);

/* With nothing to wait for but a slot, the end of a child looks at the queue. */
static void set_queue_timer(struct proc_runner *p) {
    loop_cancel(p->ground.launch.loop, &p->queue_timer);
    if (p->queue.first != NULL && has_free_slot(p)) {
        p->queue_timer = loop_after(p->ground.launch.loop, p->retry_ms, on_queue_timer, p);
    }
}

static void serve_queue(struct proc_runner *p) {
    while (p->queue.first != NULL && has_free_slot(p) && takes_spawn(p)) {
        struct run_job *job = p->queue.first;
        list_remove(&p->queue, job);
        if (!try_start(p, job)) {
            list_prepend(&p->queue, job);
            break;
        }
    }
    set_queue_timer(p);
}

static void on_queue_timer(void *arg) {
    struct proc_runner *p = arg;
    p->queue_timer = 0;
    serve_queue(p);
}

static struct run_job *job_new(struct proc_runner *p, const struct run_request *request) {
    struct run_job *job = mem_zalloc(1, sizeof *job);
    job->runner = p;
    job->state = JOB_QUEUED;
    kept_init(&job->kept, request);
    if (request->grace_ms <= 0) {
        job->kept.request.grace_ms = DEFAULT_GRACE_MS;
    }
    job->feed.fd = -1;
    for (int i = 0; i < 2; i++) {
        job->streams[i].fd = -1;
        job->streams[i].log.fd = -1;
        capture_init(&job->streams[i].capture, p->ground.spill_dir, 0);
    }
    job->result.exit_code = -1;
    return job;
}

static struct run_job *runner_face_start(void *ctx, const struct run_request *request) {
    struct proc_runner *p = ctx;
    struct run_job *job = job_new(p, request);
    loop_hold(p->ground.launch.loop);
    bool is_next = p->queue.first == NULL && has_free_slot(p) && takes_spawn(p);
    if (!is_next || !try_start(p, job)) {
        kept_copy(&job->kept);
        list_append(&p->queue, job);
        if (p->queue_timer == 0) {
            set_queue_timer(p);
        }
    }
    return job;
}

static void runner_face_stop(void *ctx, struct run_job *job, enum stop_reason reason) {
    struct proc_runner *p = ctx;
    if (job->state != JOB_QUEUED) {
        job_stop(job, reason);
        return;
    }
    list_remove(&p->queue, job);
    settle_unstarted(p, job, NULL);
}

/* ---- what jobs need */

const struct job_ground *runner_ground(const struct proc_runner *p) {
    return &p->ground;
}

struct sweep_context {
    const struct proc_runner *runner;
    const struct run_job *job; /* NULL: the end of all */
    const struct run_job
        *next; /* the job that the list most likely names next: both are in order of start */
};

static bool is_own(pid_t pid, void *ctx) {
    struct sweep_context *c = ctx;
    const struct run_job *job = c->next;
    if (job == NULL || job->child.pid != pid || job->child.is_reaped) {
        job = c->runner->live.first;
        while (job != NULL && (job->child.pid != pid || job->child.is_reaped)) {
            job = job->next;
        }
    }
    if (job == NULL) {
        return false;
    }
    c->next = job->next;
    return true;
}

static bool is_victim(const struct sweep_process *process, void *ctx) {
    const struct sweep_context *c = ctx;
    if (c->job == NULL || process->session == c->job->child.pid) {
        return true;
    }
    for (const struct run_job *job = c->runner->live.first; job != NULL; job = job->next) {
        bool is_candidate =
            job != c->job && job_is_running(job) &&
            (process->session == job->child.pid || process->started >= job->started_ticks);
        if (is_candidate) {
            return false;
        }
    }
    return process->started >= c->job->started_ticks;
}

static bool is_nobody(const struct sweep_process *process, void *ctx) {
    (void)process;
    (void)ctx;
    return false;
}

/* Looks at children without a handle, and collects adopted ones that have ended. */
static void check_children(void *ctx) {
    struct proc_runner *p = ctx;
    for (struct run_job *job = p->live.first; job != NULL; job = job->next) {
        job_check(job);
    }
    struct sweep_context context = {p, NULL, p->live.first};
    struct sweep_judge judge = {is_own, is_nobody, &context};
    unsigned n_found = 0;
    (void)sweep_round(p->sweep, &judge, &n_found);
}

void runner_watch_signal(struct proc_runner *p) {
    loop_on_child_signal(p->ground.launch.loop, check_children, p);
    loop_after(p->ground.launch.loop, 0, check_children,
               p); /* it may have ended before the signal was watched */
}

unsigned runner_sweep(struct proc_runner *p, const struct run_job *job, unsigned *n_found) {
    struct sweep_context context = {p, job, p->live.first};
    struct sweep_judge judge = {is_own, is_victim, &context};
    return sweep_round(p->sweep, &judge, n_found);
}

void runner_job_over(struct proc_runner *p, struct run_job *job) {
    list_remove(&p->live, job);
    p->n_live--;
    job_answer(job);
    p->retry_ms = 0; /* its descriptors and its process are free now */
    if (p->queue.first != NULL) {
        serve_queue(p);
    }
    loop_unhold(p->ground.launch.loop);
}

/* ---- life */

struct proc_runner *proc_runner_new(struct loop *l, const struct proc_options *options,
                                    struct err *err) {
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd < 0) {
        (void)err_errno(err, "system", errno, "/dev/null");
        return NULL;
    }
    struct proc_runner *p = mem_zalloc(1, sizeof *p);
    unsigned max = options->max_children > 0 ? options->max_children : DEFAULT_CHILDREN;
    p->ground = (struct job_ground){
        .launch = {.loop = l, .null_fd = null_fd, .lease_fd = options->lease_fd},
        .scratch = &p->scratch,
        .spill_dir = options->spill_dir != NULL ? options->spill_dir : "/tmp",
        .drain_ms = options->drain_ms > 0 ? options->drain_ms : DEFAULT_DRAIN_MS,
    };
    p->scratch = (struct scratch){.bytes = mem_alloc(SCRATCH_BYTES), .size_bytes = SCRATCH_BYTES};
    p->max_children = max < LIMIT_CHILDREN ? max : LIMIT_CHILDREN;
    p->patience_ms =
        options->spawn_patience_ms > 0 ? options->spawn_patience_ms : DEFAULT_PATIENCE_MS;
    p->sweep = sweep_new();
    p->spawn_turn = UINT64_MAX;
    if (getpid() == 1) { /* nobody else collects the orphans of the whole container */
        loop_on_child_signal(l, check_children, p);
    }
    return p;
}

void proc_runner_free(struct proc_runner *p) {
    if (p == NULL) {
        return;
    }
    assert(p->live.first == NULL && p->queue.first == NULL);
    loop_cancel(p->ground.launch.loop, &p->queue_timer);
    struct sweep_context context = {p, NULL, NULL};
    struct sweep_judge judge = {is_own, is_victim, &context};
    sweep_finish(p->sweep, &judge);
    sweep_free(p->sweep);
    close(p->ground.launch.null_fd);
    mem_free(p->scratch.bytes);
    mem_free(p);
}

void proc_runner_get(struct proc_runner *p, struct runner *ret_runner) {
    *ret_runner = (struct runner){runner_face_start, runner_face_stop, p};
}
