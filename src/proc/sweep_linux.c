/*
 * The sweep on Linux: PR_SET_CHILD_SUBREAPER and /proc/self/task/TID/children. Children belong to the thread that made or
 * adopted them, which is always the main thread here. A kernel without the children file (CONFIG_PROC_CHILDREN) sweeps nothing.
 */
#include "sweep_priv.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct pid_set {
    pid_t *pids;
    size_t n;
    size_t cap;
};

struct sweep {
    int children_fd;        /* -1: the kernel has no such file */
    struct str list;        /* its text, kept for the memory */
    struct pid_set foreign; /* ours before we began */
    struct pid_set victims; /* killed, not yet reaped */
};

static bool set_has(const struct pid_set *set, pid_t pid) {
    for (size_t i = 0; i < set->n; i++) {
        if (set->pids[i] == pid) {
            return true;
        }
    }
    return false;
}

static void set_add(struct pid_set *set, pid_t pid) {
    if (set->n == set->cap) {
        set->cap = set->cap == 0 ? 8 : set->cap * 2;
        set->pids = mem_realloc(set->pids, set->cap, sizeof *set->pids);
    }
    set->pids[set->n++] = pid;
}

static void set_remove(struct pid_set *set, pid_t pid) {
    for (size_t i = 0; i < set->n; i++) {
        if (set->pids[i] == pid) {
            set->pids[i] = set->pids[--set->n];
            return;
        }
    }
}

void sweep_adopt_orphans(void) {
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0,
                0); /* before Linux 3.4: orphans go to init, as everywhere */
}

uint64_t sweep_clock(void) {
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    uint64_t ticks_per_s = (uint64_t)sysconf(_SC_CLK_TCK);
    return (uint64_t)now.tv_sec * ticks_per_s +
           (uint64_t)now.tv_nsec * ticks_per_s / UINT64_C(1000000000);
}

static bool read_list(struct sweep *s) {
    str_reset(&s->list);
    if (s->children_fd < 0 || lseek(s->children_fd, 0, SEEK_SET) != 0) {
        return false;
    }
    for (;;) {
        char chunk[4096];
        ssize_t n = read(s->children_fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n == 0;
        }
        str_add_bytes(&s->list, chunk, (size_t)n);
    }
}

/* Takes the next number off "12 345 6 ". */
static bool next_pid(const char **at, pid_t *ret_pid) {
    size_t len = strcspn(*at, " ");
    int64_t pid = 0;
    if (!num_parse_i64(*at, len, &pid)) {
        return false;
    }
    *at += len + ((*at)[len] == ' ' ? 1 : 0);
    *ret_pid = (pid_t)pid;
    return true;
}

struct sweep *sweep_new(void) {
    struct sweep *s = mem_zalloc(1, sizeof *s);
    struct str path = STR_INIT(0);
    str_addf(&path, "/proc/self/task/%d/children", (int)getpid());
    s->children_fd = open(str_text(&path), O_RDONLY | O_CLOEXEC);
    str_release(&path);
    if (read_list(s)) {
        const char *at = str_text(&s->list);
        pid_t pid = 0;
        while (next_pid(&at, &pid)) {
            set_add(&s->foreign, pid);
        }
    }
    return s;
}

void sweep_free(struct sweep *s) {
    if (s == NULL) {
        return;
    }
    if (s->children_fd >= 0) {
        close(s->children_fd);
    }
    str_release(&s->list);
    mem_free(s->foreign.pids);
    mem_free(s->victims.pids);
    mem_free(s);
}

/* Skips to the n-th next blank-separated field. */
static const char *skip_fields(const char *at, unsigned n) {
    for (; n > 0 && at != NULL; n--) {
        at = strchr(at, ' ');
        at = at != NULL ? at + 1 : NULL;
    }
    return at;
}

static bool field_number(const char *at, int64_t *ret_number) {
    return at != NULL && num_parse_i64(at, strcspn(at, " "), ret_number);
}

enum { FLAG_EXITING = 4 }; /* the kernel's PF_EXITING */

/* /proc/PID/stat: "pid (name) state ppid pgrp session … starttime"; the name may hold blanks and parentheses. */
static bool read_process(pid_t pid, struct sweep_process *ret_process) {
    struct str path = STR_INIT(0);
    str_addf(&path, "/proc/%d/stat", (int)pid);
    int fd = open(str_text(&path), O_RDONLY | O_CLOEXEC);
    str_release(&path);
    char text[1024];
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    if (n <= 0) {
        return false;
    }
    text[n] = '\0';
    const char *after_name = strrchr(text, ')');
    int64_t group = 0;
    int64_t session = 0;
    int64_t flags = 0;
    int64_t started = 0;
    if (after_name == NULL || !field_number(skip_fields(after_name, 3), &group) ||
        !field_number(skip_fields(after_name, 4), &session) ||
        !field_number(skip_fields(after_name, 7), &flags) ||
        !field_number(skip_fields(after_name, 20), &started)) {
        return false;
    }
    *ret_process = (struct sweep_process){.pid = pid,
                                          .group = (pid_t)group,
                                          .session = (pid_t)session,
                                          .started = (uint64_t)started,
                                          .is_exiting = (flags & FLAG_EXITING) != 0};
    return true;
}

/* True when it was dead already. */
static bool reap(struct sweep *s, pid_t pid) {
    if (waitpid(pid, NULL, WNOHANG) != pid) {
        return false;
    }
    set_remove(&s->victims, pid);
    set_remove(&s->foreign, pid);
    return true;
}

/* A process that is exiting has closed its pipes but is not a zombie yet: no survivor, only to be waited for. */
static void end(struct sweep *s, const struct sweep_process *victim, unsigned *n_found) {
    if (victim->is_exiting) {
        return;
    }
    (void)kill(victim->pid, SIGKILL);
    if (victim->group == victim->pid) {
        (void)kill(-victim->pid, SIGKILL);
    }
    if (!set_has(&s->victims, victim->pid)) {
        set_add(&s->victims, victim->pid);
        *n_found += 1;
    }
}

unsigned sweep_round(struct sweep *s, const struct sweep_judge *judge, unsigned *n_found) {
    unsigned n_alive = 0;
    if (!read_list(s)) {
        return 0;
    }
    const char *at = str_text(&s->list);
    pid_t pid = 0;
    while (next_pid(&at, &pid)) {
        struct sweep_process process;
        if (judge->is_own(pid, judge->ctx) || reap(s, pid) || set_has(&s->foreign, pid)) {
            continue;
        }
        if (read_process(pid, &process) && judge->is_victim(&process, judge->ctx)) {
            end(s, &process, n_found);
            n_alive++;
        }
    }
    return n_alive;
}

void sweep_finish(struct sweep *s, const struct sweep_judge *judge) {
    enum { PATIENCE_MS = 2000 };
    static const struct timespec pause = {0,
                                          10000000}; /* a death may have come between two looks */
    sigset_t child;
    sigset_t before;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, &before);
    int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    unsigned n_found = 0;
    while (sweep_round(s, judge, &n_found) > 0 && clock_monotonic_ms() < deadline_ms) {
        (void)sigtimedwait(&child, NULL, &pause);
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
}
