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

void proc_prepare_process(void) {
    open_standard_fds();
    close_on_exec();
    set_action(SIGPIPE, SIG_IGN);
    set_action(SIGXFSZ, SIG_IGN);
    set_action(SIGCHLD, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    sweep_adopt_orphans();
}
