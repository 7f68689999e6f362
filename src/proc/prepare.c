/*
 * The inherited state of the process, made safe before libuv sees it: libuv aborts when fds 0-2 are closed, waits for ever when
 * SIGCHLD is blocked or ignored, and dies of SIGPIPE when a child closes its stdin.
 */
#include "proc/loop.h"

#include "sweep_priv.h"

#include "base/num.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void open_standard_fds(void) {
    int fd = 0;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= 2);
    if (fd > 2) {
        close(fd);
    }
}

static void close_on_exec(void) {
    DIR *dir = opendir("/dev/fd");
    if (dir == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        int64_t fd = 0;
        if (num_parse_i64(entry->d_name, strlen(entry->d_name), &fd) && fd > 2) {
            (void)fcntl((int)fd, F_SETFD, FD_CLOEXEC); /* it is open: the directory says so */
        }
    }
    closedir(dir);
}

static void set_action(int signal, void (*action)(int)) {
    struct sigaction plain = {.sa_handler = action};
    (void)sigaction(signal, &plain, NULL); /* fails only for numbers that are no signal */
}

/*
 * Secrets are in our memory, and in that of children: nothing of it goes to a core file. The soft limit, which `limits` of a
 * step may raise. PR_SET_DUMPABLE would also forbid it, and with it hide /proc/PID/environ from Jenkins, which finds by it
 * what it must end.
 */
static void forbid_core_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0;
        (void)setrlimit(RLIMIT_CORE, &limit); /* lowering is always allowed */
    }
}

void proc_prepare_process(void) {
    open_standard_fds();
    close_on_exec();
    forbid_core_files();
    set_action(SIGPIPE, SIG_IGN);
    set_action(SIGXFSZ, SIG_IGN);
    set_action(SIGCHLD, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    sweep_adopt_orphans();
}
