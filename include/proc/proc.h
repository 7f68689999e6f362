/*
 * Real children behind struct runner (proc/runner.h).
 *
 * Each child leads a session of its own without a terminal; it has real pipes, fds 0-2 only, default signal actions, PDEATHSIG, and is ended by TERM+CONT to its group,
 * grace, KILL. The answer comes when the child has exited, both streams have ended (or the drain deadline after the exit passed) and all
 * handles are closed; then descendants that left the group are swept. Nothing a child does can stretch a deadline beyond
 * grace + 2 s.
 */
#ifndef PROC_PROC_H
#define PROC_PROC_H

#include <stdint.h>

struct loop;
struct runner;
struct err;

struct proc_options {
    const char *spill_dir; /* where anonymous spill files are made; NULL: /tmp */
    unsigned max_children; /* more wait in order; 0: 256; at most LIMIT_CHILDREN */
    int64_t drain_ms;      /* after the exit, for pipe holders; 0: 2,000 */
    int lease_fd; /* inherited by every child so that a survivor of our death is seen; -1: none */
    /* How long a start that the system refuses (memory, processes, descriptors) is retried when no child of ours is
     * left to wait for; 0: 10,000. */
    int64_t spawn_patience_ms;
};

struct proc_runner;
/*
 * NULL and err when the system refuses. One at a time per process: every child that it has not started, and that was not there before
 * it, is an orphan to it. Free after loop_run() has returned.
 */
struct proc_runner *proc_runner_new(struct loop *l, const struct proc_options *options,
                                    struct err *err);
void proc_runner_free(struct proc_runner *p);
/* The runner's face; valid while p lives. */
void proc_runner_get(struct proc_runner *p, struct runner *ret_runner);
/* Kills the groups of all live children at once, from anywhere (out of memory, a failed assertion). Async-signal-safe. */
void proc_kill_all(void);

#endif
