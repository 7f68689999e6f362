/*
 * Children on Linux: vfork and execve with the child's set-up between them, and a pidfd watched by the loop.
 *
 * Between vfork() and execve() the child runs in our memory while we stand still. So: all signals are blocked before (a handler
 * of libuv's must not run in there), the child only makes system calls, and it tells of a failure by writing into `struct
 * birth`. An exec that fails is therefore known when vfork() returns; no error pipe is needed.
 *
 * The end is read with WNOWAIT: the dead child keeps its pid, and with it its group's number, until
 * child_reap(). Signals to the group cannot hit a stranger in between.
 *
 * Where pidfd_open is missing (before 5.3) or refused, pidfd stays -1 and the owner asks on SIGCHLD.
 */
#include "loop_priv.h"
#include "spawn_priv.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdnoreturn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* Shared with the child between vfork and execve. */
struct birth {
    const struct spawn_plan *plan;
    pid_t parent;
    volatile int errnum; /* 0: execve succeeded */
    volatile enum spawn_stage stage;
};

noreturn static void give_up(struct birth *b, enum spawn_stage stage) {
    b->errnum = errno;
    b->stage = stage;
    _exit(127);
}

/* exec keeps ignored signals ignored: SIGPIPE is by us, SIGHUP by nohup. The child gets none of it. */
static void reset_signal_actions(void) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int signal = 1; signal < NSIG; signal++) {
        (void)sigaction(signal, &action, NULL); /* SIGKILL, SIGSTOP and libc's own refuse */
    }
}

static const int resources[RUN_LIMIT_COUNT] = {
    [RUN_LIMIT_CPU] = RLIMIT_CPU,           [RUN_LIMIT_MEMORY] = RLIMIT_AS,
    [RUN_LIMIT_FILE_SIZE] = RLIMIT_FSIZE,   [RUN_LIMIT_CORE] = RLIMIT_CORE,
    [RUN_LIMIT_OPEN_FILES] = RLIMIT_NOFILE,
};

static rlim_t smaller(rlim_t a, rlim_t b) {
    return a < b ? a : b;
}

/* The hard limit of computing time is a second above the soft one: SIGXCPU says what happened, SIGKILL would not. */
static bool set_limits(const struct spawn_plan *plan) {
    for (size_t i = 0; i < RUN_LIMIT_COUNT; i++) {
        struct rlimit limit;
        if (!plan->has_limit[i]) {
            continue;
        }
        if (getrlimit((__rlimit_resource_t)resources[i], &limit) != 0) {
            return false;
        }
        rlim_t most = (rlim_t)plan->limits[i];
        limit.rlim_max = smaller(limit.rlim_max, i == RUN_LIMIT_CPU ? most + 1 : most);
        limit.rlim_cur = smaller(limit.rlim_max, most);
        if (setrlimit((__rlimit_resource_t)resources[i], &limit) != 0) {
            return false;
        }
    }
    return true;
}

noreturn static void become_child(struct birth *b) {
    const struct spawn_plan *plan = b->plan;
    reset_signal_actions();
    /* A session of its own: no terminal reaches it, and its number marks all who do not leave it on purpose. */
    if (setsid() == -1 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        give_up(b, SPAWN_AT_SETUP);
    }
    if (getppid() != b->parent) {
        _exit(127); /* we died before prctl: nobody is left to tell */
    }
    for (int fd = 0; fd < 3; fd++) {
        if (dup2(plan->fds[fd], fd) == -1) {
            give_up(b, SPAWN_AT_SETUP);
        }
    }
    if (plan->lease_fd >= 0 && fcntl(plan->lease_fd, F_SETFD, 0) == -1) {
        give_up(b, SPAWN_AT_SETUP);
    }
    if (plan->cwd != NULL && chdir(plan->cwd) != 0) {
        give_up(b, SPAWN_AT_CWD);
    }
    if (!set_limits(plan)) {
        give_up(b, SPAWN_AT_LIMITS);
    }
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL); /* cannot fail with valid arguments */
    /* execve() takes both without const for reasons of age; it changes neither. */
    union {
        const char *const *in;
        char *const *out;
    } argv = {plan->argv}, env = {plan->env};
    (void)execve(plan->path, argv.out, env.out);
    give_up(b, SPAWN_AT_EXEC);
}

static pid_t bear(struct birth *b) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    /* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork): see the head of this file */
    pid_t pid = vfork();
    if (pid == 0) {
        become_child(b); /* NOLINT(clang-analyzer-unix.Vfork): makes system calls, never returns */
    }
    int errnum = errno;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    errno = errnum;
    return pid;
}

static void on_pidfd(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    struct child *c = poll->data;
    if (child_check(c)) {
        (void)uv_poll_stop(poll);
        c->on_exit(c->ctx);
    }
}

static void watch(struct child *c, struct loop *l) {
    c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
    if (c->pidfd < 0) {
        return;
    }
    if (uv_poll_init(loop_uv(l), &c->handle.poll, c->pidfd) != 0) {
        close(c->pidfd);
        c->pidfd = -1;
        return;
    }
    c->handle.poll.data = c;
    c->has_handle = true;
    (void)uv_poll_start(&c->handle.poll, UV_READABLE, on_pidfd);
}

bool child_start(struct child *c, struct loop *l, const struct spawn_plan *plan,
                 child_exit_fn on_exit, void *ctx, struct spawn_fault *ret_fault) {
    assert(plan->fds[0] > 2 && plan->fds[1] > 2 && plan->fds[2] > 2);
    *c = (struct child){.pidfd = -1, .on_exit = on_exit, .ctx = ctx};
    struct birth b = {.plan = plan, .parent = getpid()};
    pid_t pid = bear(&b);
    if (pid == -1) {
        *ret_fault = (struct spawn_fault){SPAWN_AT_FORK, errno};
        return false;
    }
    if (b.errnum != 0) {
        while (waitpid(pid, NULL, 0) == -1 && errno == EINTR) {
        }
        *ret_fault = (struct spawn_fault){b.stage, b.errnum};
        return false;
    }
    c->pid = pid;
    watch(c, l);
    return true;
}

bool child_check(struct child *c) {
    if (c->has_exited) {
        return true;
    }
    siginfo_t info = {.si_pid = 0};
    int rc = 0;
    do {
        rc = waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    } while (rc == -1 && errno == EINTR);
    if (rc == 0 && info.si_pid == 0) {
        return false;
    }
    c->has_exited = true;
    if (rc == -1) {
        c->exit = (struct child_exit){-1, 0, true};
        c->is_reaped = true;
    } else if (info.si_code == CLD_EXITED) {
        c->exit = (struct child_exit){info.si_status, 0, false};
    } else {
        c->exit = (struct child_exit){-1, info.si_status, false};
    }
    return true;
}

void child_reap(struct child *c) {
    if (c->is_reaped || !c->has_exited) {
        return;
    }
    while (waitpid(c->pid, NULL, WNOHANG) == -1 && errno == EINTR) {
    }
    c->is_reaped = true;
}

void child_close(struct child *c, uv_close_cb on_closed) {
    if (!c->has_handle) {
        return;
    }
    c->has_handle = false;
    c->handle.poll.data = c->ctx;
    uv_close((uv_handle_t *)&c->handle.poll, on_closed);
    close(c->pidfd);
    c->pidfd = -1;
}

bool pipe_make(int ret_fds[2]) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) {
        return false;
    }
    ret_fds[0] = fds[0];
    ret_fds[1] = fds[1];
    return true;
}

void pipe_grow(int fd, int size_bytes) {
    (void)fcntl(fd, F_SETPIPE_SZ, size_bytes);
}
