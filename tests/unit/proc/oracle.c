/*
 * The leak oracle. See oracle.h.
 */
#include "oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_FD = 1024 };

static char cookie[64];
static char folder[64];
static bool was_open[MAX_FD];

const char *oracle_cookie(void) {
    if (cookie[0] == '\0') {
        (void)snprintf(cookie, sizeof cookie, "PROC_TEST_COOKIE=c%dz", (int)getpid());
    }
    return cookie;
}

const char *oracle_folder(void) {
    if (folder[0] == '\0') {
        (void)snprintf(folder, sizeof folder, "/tmp/proc-test-XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
    return folder;
}

static bool is_open(int fd) {
    return fcntl(fd, F_GETFD) != -1;
}

void oracle_begin(void) {
    for (int fd = 0; fd < MAX_FD; fd++) {
        was_open[fd] = is_open(fd);
    }
}

static bool has_cookie(const char *pid) {
    char path[300];
    static char environment[65536];
    (void)snprintf(path, sizeof path, "/proc/%s/environ", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t n = read(fd, environment, sizeof environment);
    close(fd);
    return n > 0 &&
           memmem(environment, (size_t)n, oracle_cookie(), strlen(oracle_cookie())) != NULL;
}

unsigned oracle_count_processes(void) {
    unsigned n = 0;
    char self[32];
    (void)snprintf(self, sizeof self, "%d", (int)getpid());
    DIR *proc = opendir("/proc");
    if (proc == NULL) {
        return 0;
    }
    for (const struct dirent *e = readdir(proc); e != NULL; e = readdir(proc)) {
        bool is_pid = e->d_name[0] >= '1' && e->d_name[0] <= '9';
        n += is_pid && strcmp(e->d_name, self) != 0 && has_cookie(e->d_name) ? 1 : 0;
    }
    closedir(proc);
    return n;
}

/*
 * What was killed is gone when the answer comes. Without a subreaper that holds for the child alone: init collects its
 * descendants, in its own time.
 */
static unsigned count_survivors(void) {
    unsigned n = oracle_count_processes();
#ifdef CPDFLOW_PORTABLE
    for (int i = 0; i < 200 && n > 0; i++) {
        (void)poll(NULL, 0, 10);
        n = oracle_count_processes();
    }
#endif
    return n;
}

static void check_folder(void) {
    if (folder[0] == '\0') {
        return;
    }
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            fail_msg("file '%s' was left behind", e->d_name);
        }
    }
    closedir(dir);
    assert_int_equal(0, rmdir(folder));
    folder[0] = '\0';
}

void oracle_check(void) {
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
        fail_msg("child %d was left behind", (int)info.si_pid);
    }
    assert_int_equal(0, count_survivors());
    for (int fd = 0; fd < MAX_FD; fd++) {
        if (is_open(fd) != was_open[fd]) {
            fail_msg("descriptor %d was %s", fd, was_open[fd] ? "closed" : "left open");
        }
    }
    check_folder();
}
