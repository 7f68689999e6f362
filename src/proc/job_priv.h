/*
 * One request from its start to its answer; the queue of requests is proc.c.
 */
#ifndef PROC_JOB_PRIV_H
#define PROC_JOB_PRIV_H

#include "kept_priv.h"
#include "launch_priv.h"
#include "pipe_priv.h"
#include "proc/runner.h"
#include "proc/timers.h"
#include "spawn_priv.h"

#include <stdbool.h>
#include <stdint.h>

struct proc_runner;

enum job_state {
    JOB_QUEUED,   /* not started: no slot, or the system refused for the moment */
    JOB_SPAWNED,  /* runs */
    JOB_STOPPING, /* TERM was sent, the grace period runs */
    JOB_KILLING,  /* KILL was sent: 2 s until we stop waiting */
    JOB_SWEEPING, /* the outcome is settled, descendants are hunted */
    JOB_CLOSING,  /* handles close, the answer is due */
};

struct run_job {
    struct proc_runner *runner;
    struct run_job *prev; /* in the runner's queue or list of live jobs */
    struct run_job *next;
    enum job_state state;

    struct kept_request kept;
    unsigned n_busy; /* starts that found the program busy */
    int64_t first_refusal_ms;

    struct child child;
    struct stream streams[2]; /* stdout, stderr */
    struct stream_owner stream_owner;
    struct feed feed;
    unsigned n_handles;     /* open or closing */
    bool has_exit_seen;     /* child.has_exited was acted upon */
    uint64_t started_ticks; /* sweep_clock() */
    int64_t last_output_ms;

    timer_id wall_timer;
    timer_id idle_timer;
    timer_id stop_timer;  /* grace, then the end of our patience */
    timer_id drain_timer; /* after the exit, while somebody holds a pipe */
    timer_id sweep_timer;
    int64_t sweep_deadline_ms;
    int64_t sweep_pause_ms;

    char *message; /* heap */
    struct run_result result;
};

/* Starts the child. Unless it is LAUNCH_DONE the job is as before and *ret_fault says why. */
enum launch_verdict job_start(struct run_job *job, struct command_fault *ret_fault);
/* Settles a job that never ran: takes the fault (NULL: it was stopped before); job_answer() is due on a later turn. */
void job_settle_unstarted(struct run_job *job, struct command_fault *fault);
/* Ends a job that runs; no matter in which state. */
void job_stop(struct run_job *job, enum stop_reason reason);
/* For a child without a handle: looks whether it has exited. */
void job_check(struct run_job *job);
/* The child may still run, and may still have descendants. */
bool job_is_running(const struct run_job *job);
/* Calls on_done and frees the job. */
void job_answer(struct run_job *job);

/* ---- what the runner gives its jobs (proc.c) */

struct job_ground {
    struct launch_ground launch;
    struct scratch *scratch;
    const char *spill_dir;
    int64_t drain_ms;
};
const struct job_ground *runner_ground(const struct proc_runner *p);
/* One round of the sweep for a job that ends; returns how many victims still lived. */
unsigned runner_sweep(struct proc_runner *p, const struct run_job *job, unsigned *n_found);
/* A child without a handle was started. */
void runner_watch_signal(struct proc_runner *p);
/* All is closed: gives the slot back and answers. */
void runner_job_over(struct proc_runner *p, struct run_job *job);

#endif
