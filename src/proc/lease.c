/*
 * Takes the lease of a run, or says who has it.
 */
#include "proc/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "lease_priv.h"

enum { NAMED_HOLDERS = 8, PATIENCE_STEPS = 50, PATIENCE_STEP_MS = 20 };

static void complain(int fd, const char *path, struct err *err) {
    struct lease_holder holders[NAMED_HOLDERS];
    size_t n = lease_holders(fd, holders, NAMED_HOLDERS);
    AUTO(str) struct str names = STR_INIT(0);
    AUTO(str) struct str pids = STR_INIT(0);
    for (size_t i = 0; i < n; i++) {
        str_addf(&names, "%s%d (%s)", i == 0 ? "" : ", ", (int)holders[i].pid, holders[i].name);
        str_addf(&pids, " %d", (int)holders[i].pid);
    }
    err_set(err, "run-survivors", "%s: processes that this run started are still there%s%s", path,
            n == 0 ? "" : ": ", str_text(&names));
    if (n > 0) {
        err_hint(err, "wait until they have ended, or end them: kill%s", str_text(&pids));
    } else {
        err_hint(err, "wait until they have ended");
    }
}

/* Children of a run that was killed die with it (PDEATHSIG), which takes a moment. Nothing else is waiting for us yet. */
static bool lock_soon(int fd, bool can_wait) {
    for (int i = 0; i < (can_wait ? PATIENCE_STEPS : 1); i++) {
        if (i > 0) {
            (void)poll(NULL, 0, PATIENCE_STEP_MS);
        }
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            return true;
        }
        if (errno != EWOULDBLOCK) {
            return false;
        }
    }
    errno = EWOULDBLOCK;
    return false;
}

int lease_take(const char *path, bool can_wait, struct err *err) {
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
    if (fd < 0) {
        err_errno(err, "file-write", errno, "cannot create '%s'", path);
        return -1;
    }
    if (lock_soon(fd, can_wait)) {
        return fd;
    }
    if (errno == EWOULDBLOCK) {
        complain(fd, path, err);
    } else {
        err_errno(err, "file-write", errno, "'%s' cannot be locked", path);
    }
    (void)close(fd); /* nothing was written */
    return -1;
}

void lease_give(int fd) {
    if (fd > STDERR_FILENO) {
        (void)close(fd); /* nothing was written */
    }
}
