/*
 * From a request to a running child with its pipes.
 */
#ifndef PROC_LAUNCH_PRIV_H
#define PROC_LAUNCH_PRIV_H

#include "command_priv.h"
#include "pipe_priv.h"
#include "spawn_priv.h"

struct loop;
struct run_request;

/* Where a child comes to life: the runner's, for all of its children. */
struct launch_ground {
    struct loop *loop;
    int null_fd;  /* stdin of children that are not fed */
    int lease_fd; /* -1: none */
};

enum launch_verdict {
    LAUNCH_DONE,
    LAUNCH_IMPOSSIBLE,
    LAUNCH_BUSY,    /* the program is being written: may be free in a moment */
    LAUNCH_REFUSED, /* the system is short of processes, memory or descriptors: may try again */
};

/*
 * On LAUNCH_DONE `child` runs, ret_fds are the read ends of its stdout and stderr (the caller's) and `feed` has begun: feed_open()
 * is due. Otherwise nothing is left to release but *ret_fault, which says why.
 */
enum launch_verdict launch(const struct launch_ground *ground, const struct run_request *request,
                           struct child *child, child_exit_fn on_exit, void *ctx, struct feed *feed,
                           int ret_fds[2], struct command_fault *ret_fault);

#endif
