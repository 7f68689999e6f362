/*
 * One child process below the level of requests: its pipes, its start, the news of its end. Two backends: spawn_linux.c
 * (vfork, execve, pidfd) and spawn_portable.c (uv_spawn).
 *
 *   child_start(&child, loop, &plan, on_exit, ctx, &fault);
 *   … on_exit(ctx) from the loop: child.exit tells how …
 *   child_reap(&child);          // only now may the system use its pid again
 *   child_close(&child, on_closed);         // when child.has_handle
 */
#ifndef PROC_SPAWN_PRIV_H
#define PROC_SPAWN_PRIV_H

#include "proc/runner.h"

#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

struct loop;

/* What the child starts with. All is borrowed for the call. */
struct spawn_plan {
    const char *path; /* absolute, or relative to our own working directory when cwd is NULL */
    const char *const *argv;
    const char *const *env;
    const char *cwd;       /* NULL: ours */
    int fds[3];            /* its 0, 1, 2; ours to close; all above 2 */
    int lease_fd;          /* kept open under its own number; -1: none */
    const bool *has_limit; /* as in struct run_request */
    const uint64_t *limits;
};

enum spawn_stage { SPAWN_AT_FORK, SPAWN_AT_SETUP, SPAWN_AT_LIMITS, SPAWN_AT_CWD, SPAWN_AT_EXEC };

struct spawn_fault {
    enum spawn_stage stage;
    int errnum;
};

struct child_exit {
    int code;     /* -1 unless it exited by itself */
    int signal;   /* 0 unless it died of one */
    bool is_lost; /* somebody else collected it: nothing is known */
};

typedef void (*child_exit_fn)(void *ctx);

struct child {
    pid_t pid; /* also its session and its group; pinned until child_reap() on Linux */
    struct child_exit exit;
    bool has_exited;
    bool is_reaped;
    bool has_handle; /* one libuv handle to close */
    int pidfd;       /* -1: none */
    union {
        uv_poll_t poll;
        uv_process_t *process; /* heap */
    } handle;
    uv_close_cb on_closed;
    child_exit_fn on_exit;
    void *ctx;
};

/*
 * Starts it. False and *ret_fault when it never ran; then nothing is left to close. `on_exit` never runs from inside. A child without
 * a handle afterwards must be asked with child_check() soon and on every SIGCHLD.
 */
bool child_start(struct child *c, struct loop *l, const struct spawn_plan *plan,
                 child_exit_fn on_exit, void *ctx, struct spawn_fault *ret_fault);
/* Looks whether it has ended, without waiting; true once it has. Does not call on_exit. */
bool child_check(struct child *c);
void child_reap(struct child *c);
/* Closes its handle if it has one: on_closed then runs once, with `ctx` as handle->data. Again is harmless. */
void child_close(struct child *c, uv_close_cb on_closed);

/* A close-on-exec pipe, both ends above 2: [0] reads. False with errno. */
bool pipe_make(int ret_fds[2]);
/* Asks for a bigger buffer; a refusal changes nothing but speed. */
void pipe_grow(int fd, int size_bytes);

#endif
