/*
 * Starting a child: check the command, make the pipes, fill its stdin, spawn.
 */
#include "launch_priv.h"

#include "base/mem.h"

#include <errno.h>
#include <unistd.h>

/* The pipes of a child, stdin first. */
struct pipes {
    int child[3]; /* its ends */
    int ours[3];  /* -1: none, or given away */
};

static void pipes_release(struct pipes *p, int null_fd) {
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

/* False with errno. */
static bool pipes_make(struct pipes *p, int null_fd, bool has_stdin) {
    *p = (struct pipes){{-1, -1, -1}, {-1, -1, -1}};
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

/* An empty pipe takes 64 KiB at once: most children find their stdin complete and closed. */
static void begin_feed(struct feed *feed, struct pipes *pipes, const struct run_request *r) {
    *feed = (struct feed){.fd = -1};
    if (r->stdin_data != NULL) {
        feed_begin(feed, pipes->ours[0], r->stdin_data, r->stdin_len);
        pipes->ours[0] = -1;
    }
}

static enum launch_verdict verdict_of(int errnum) {
    switch (errnum) {
    case ETXTBSY:
        return LAUNCH_BUSY;
    case EAGAIN:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return LAUNCH_REFUSED;
    default:
        return LAUNCH_IMPOSSIBLE;
    }
}

static bool start(const struct launch_ground *ground, const struct run_request *r, const char *path,
                  struct child *child, child_exit_fn on_exit, void *ctx, struct pipes *pipes,
                  struct spawn_fault *ret_fault) {
    struct spawn_plan plan = {.path = path,
                              .argv = r->argv,
                              .env = r->env,
                              .cwd = r->cwd,
                              .fds = {pipes->child[0], pipes->child[1], pipes->child[2]},
                              .lease_fd = ground->lease_fd,
                              .has_limit = r->has_limit,
                              .limits = r->limits};
    return child_start(child, ground->loop, &plan, on_exit, ctx, ret_fault);
}

enum launch_verdict launch(const struct launch_ground *ground, const struct run_request *request,
                           struct child *child, child_exit_fn on_exit, void *ctx, struct feed *feed,
                           int ret_fds[2], struct command_fault *ret_fault) {
    struct pipes pipes;
    struct spawn_fault fault = {SPAWN_AT_FORK, 0};
    enum launch_verdict verdict = LAUNCH_DONE;
    char *path = NULL;
    if (!command_prepare(request, &path, ret_fault)) {
        return LAUNCH_IMPOSSIBLE;
    }
    if (!pipes_make(&pipes, ground->null_fd, request->stdin_data != NULL)) {
        fault.errnum = errno;
    } else {
        begin_feed(feed, &pipes, request);
        if (start(ground, request, path, child, on_exit, ctx, &pipes, &fault)) {
            ret_fds[0] = pipes.ours[1];
            ret_fds[1] = pipes.ours[2];
            pipes.ours[1] = pipes.ours[2] = -1;
        } else {
            feed_close(feed);
        }
        pipes_release(&pipes, ground->null_fd);
    }
    if (fault.errnum != 0) {
        command_explain(request, path, &fault, ret_fault);
        bool is_own_limit = fault.errnum == ENOMEM && request->has_limit[RUN_LIMIT_MEMORY];
        verdict = is_own_limit ? LAUNCH_IMPOSSIBLE : verdict_of(fault.errnum);
    }
    mem_free(path);
    return verdict;
}
