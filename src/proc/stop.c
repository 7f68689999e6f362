/*
 * The list of live groups is file-scope because proc_kill_all() has nothing to start from: it runs in a signal handler or
 * when memory has run out. Entries are lock-free atomics, so it may run at any instruction of ours.
 */
#include "stop_priv.h"

#include "base/mem.h"
#include "maxima.h"
#include "proc/proc.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static _Atomic pid_t live_groups[LIMIT_CHILDREN];
static_assert(ATOMIC_INT_LOCK_FREE == 2, "usable in a signal handler");
static_assert(sizeof(pid_t) == sizeof(int), "as ATOMIC_INT_LOCK_FREE says");

static bool replace(pid_t from, pid_t to) {
    for (size_t i = 0; i < LIMIT_CHILDREN; i++) {
        if (atomic_load_explicit(&live_groups[i], memory_order_relaxed) == from) {
            atomic_store(&live_groups[i], to); /* one thread writes, a signal handler only reads */
            return true;
        }
    }
    return false;
}

void stop_register(pid_t group) {
    assert(group > 1);
    if (!replace(0, group)) {
        bug("more than %d live children", LIMIT_CHILDREN);
    }
}

void stop_unregister(pid_t group) {
    (void)replace(group, 0); /* asking twice is fine */
}

void stop_ask(pid_t group) {
    assert(group > 1);
    (void)kill(-group, SIGTERM); /* ESRCH: the group is empty, as wanted */
    (void)kill(-group, SIGCONT);
}

void stop_kill(pid_t group) {
    assert(group > 1);
    (void)kill(-group, SIGKILL);
}

void proc_kill_all(void) {
    int saved_errno = errno;
    for (size_t i = 0; i < LIMIT_CHILDREN; i++) {
        pid_t group = atomic_load(&live_groups[i]);
        if (group > 1) {
            (void)kill(-group, SIGKILL);
        }
    }
    errno = saved_errno;
}
