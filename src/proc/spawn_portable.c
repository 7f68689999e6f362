/*
 * Children through uv_spawn, for systems without vfork's safety or pidfds.
 *
 * Weaker than the Linux backend in five places: there is no moment to set limits for the child alone, so one with limits is
 * not started; libuv reaps the child before it tells us, so the pid is not pinned
 * afterwards; nothing kills the child when we are killed; a child that is given up stays a zombie when it dies later; and
 * execvp hands what is no program to /bin/sh, which is why command.c inspects the file first.
 */
#include "loop_priv.h"
#include "spawn_priv.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The handle lives on the heap: after a failed start it must outlast the struct child around it. */
static void on_process_closed(uv_handle_t *handle) {
    struct child *c = handle->data;
    if (c != NULL) {
        uv_close_cb on_closed = c->on_closed;
        handle->data = c->ctx;
        on_closed(handle);
    }
    mem_free(handle);
}

static void on_process_exit(uv_process_t *process, int64_t status, int signal) {
    struct child *c = process->data;
    c->has_exited = true;
    c->is_reaped = true;
    c->exit = (struct child_exit){signal != 0 ? -1 : (int)status, signal, false};
    c->on_exit(c->ctx);
}

static void set_cloexec(int fd, bool is_on) {
    if (fd >= 0) {
        (void)fcntl(fd, F_SETFD, is_on ? FD_CLOEXEC : 0);
    }
}

bool child_start(struct child *c, struct loop *l, const struct spawn_plan *plan,
                 child_exit_fn on_exit, void *ctx, struct spawn_fault *ret_fault) {
    assert(plan->fds[0] > 2 && plan->fds[1] > 2 && plan->fds[2] > 2);
    *c = (struct child){.pidfd = -1, .on_exit = on_exit, .ctx = ctx};
    for (size_t i = 0; i < RUN_LIMIT_COUNT; i++) {
        if (plan->has_limit[i]) {
            *ret_fault = (struct spawn_fault){SPAWN_AT_LIMITS, ENOTSUP};
            return false;
        }
    }
    uv_stdio_container_t stdio[3];
    for (int fd = 0; fd < 3; fd++) {
        stdio[fd].flags = UV_INHERIT_FD;
        stdio[fd].data.fd = plan->fds[fd];
    }
    /* uv_process_options_t takes its texts without const and changes none of them. */
    union {
        const char *const *in;
        char **out;
    } argv = {plan->argv}, env = {plan->env};
    uv_process_options_t options = {
        .exit_cb = on_process_exit,
        .file = plan->path,
        .args = argv.out,
        .env = env.out,
        .cwd = plan->cwd,
        .flags = UV_PROCESS_DETACHED,
        .stdio_count = 3,
        .stdio = stdio,
    };
    set_cloexec(plan->lease_fd, false);
    uv_process_t *process = mem_zalloc(1, sizeof *process);
    int status = uv_spawn(loop_uv(l), process, &options);
    set_cloexec(plan->lease_fd, true);
    if (status != 0) {
        uv_close((uv_handle_t *)process, on_process_closed);
        *ret_fault = (struct spawn_fault){SPAWN_AT_EXEC, -status};
        return false;
    }
    process->data = c;
    c->handle.process = process;
    c->has_handle = true;
    c->pid = process->pid;
    return true;
}

bool child_check(struct child *c) {
    return c->has_exited;
}

void child_reap(struct child *c) {
    assert(c->is_reaped || !c->has_exited);
}

void child_close(struct child *c, uv_close_cb on_closed) {
    if (!c->has_handle) {
        return;
    }
    c->has_handle = false;
    c->on_closed = on_closed;
    uv_close((uv_handle_t *)c->handle.process, on_process_closed);
}

bool pipe_make(int ret_fds[2]) {
    int fds[2];
    if (pipe(fds) != 0) {
        return false;
    }
    set_cloexec(fds[0], true);
    set_cloexec(fds[1], true);
    ret_fds[0] = fds[0];
    ret_fds[1] = fds[1];
    return true;
}

void pipe_grow(int fd, int size_bytes) {
    (void)fd;
    (void)size_bytes;
}
