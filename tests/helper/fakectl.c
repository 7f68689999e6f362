/*
 * A hostile child. Its arguments are orders, carried out from left to right; then it exits with 0:
 *
 *   fakectl out=hello sleep=100 err=oops exit=3
 *
 * The table at the end lists the orders. A failed order of the test's own making exits with 99.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void need(int is_fine, const char *what) {
    if (!is_fine) {
        (void)dprintf(2, "fakectl: %s: %s\n", what, strerror(errno));
        _exit(99);
    }
}

static long number(const char *text) {
    char *end = NULL;
    long value = strtol(text, &end, 10);
    need(end != text && *end == '\0', text);
    return value;
}

static void write_all(int fd, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        need(n >= 0, "write");
        bytes += n;
        len -= (size_t)n;
    }
}

static void sleep_ms(long ms) {
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

static void do_out(const char *text) {
    write_all(1, text, strlen(text));
    write_all(1, "\n", 1);
}

static void do_out_raw(const char *text) {
    write_all(1, text, strlen(text));
}

static void do_err(const char *text) {
    write_all(2, text, strlen(text));
    write_all(2, "\n", 1);
}

static void do_sleep(const char *ms) {
    sleep_ms(number(ms));
}

static void do_exit(const char *code) {
    _exit((int)number(code));
}

static void do_kill(const char *signal_number) {
    (void)signal((int)number(signal_number), SIG_DFL);
    (void)raise((int)number(signal_number));
    sleep_ms(10000);
}

static void do_ignore(const char *signal_number) {
    (void)signal((int)number(signal_number), SIG_IGN);
}

static void on_term_exit(int signal_number) {
    (void)signal_number;
    _exit(42);
}

/* A handler: a stopped process runs it only once it is continued. */
static void do_term_exits(const char *none) {
    (void)none;
    (void)signal(SIGTERM, on_term_exit);
}

static void do_close(const char *fd) {
    close((int)number(fd));
}

/* The n-th byte of a flood is a function of n, so that any piece can be checked. */
static void flood(int fd, long n_bytes) {
    static char chunk[26 * 4096];
    for (size_t i = 0; i < sizeof chunk; i++) {
        chunk[i] = (char)('a' + i % 26);
    }
    while (n_bytes > 0) {
        size_t n = n_bytes < (long)sizeof chunk ? (size_t)n_bytes : sizeof chunk;
        write_all(fd, chunk, n);
        n_bytes -= (long)n;
    }
}

static void do_flood(const char *n_bytes) {
    flood(1, number(n_bytes));
}

static void do_flood_err(const char *n_bytes) {
    flood(2, number(n_bytes));
}

/* 4 KiB to each in turn, so that a reader of only one of them blocks us. */
static void do_flood_both(const char *n_bytes) {
    for (long left = number(n_bytes); left > 0; left -= 4096) {
        flood(1, 4096);
        flood(2, 4096);
    }
}

static void do_drip(const char *n_bytes) {
    for (long left = number(n_bytes); left > 0; left--) {
        write_all(1, "x", 1);
    }
}

/* N lines, MS between them: "ticks=5,100". */
static void do_ticks(const char *count_and_ms) {
    int n = 0;
    int ms = 0;
    need(sscanf(count_and_ms, "%d,%d", &n, &ms) == 2, count_and_ms); /* NOLINT(cert-err34-c) */
    for (int i = 0; i < n; i++) {
        do_out("tick");
        sleep_ms(ms);
    }
}

/* "ä", its two bytes in two writes, then bytes that are no UTF-8 and a NUL. */
static void do_bad_utf8(const char *none) {
    (void)none;
    write_all(1, "\xc3", 1);
    sleep_ms(20);
    write_all(1, "\xa4", 1);
    write_all(1, "\xff\xfe\0z", 4);
}

static void do_cat(const char *none) {
    (void)none;
    char chunk[65536];
    for (;;) {
        ssize_t n = read(0, chunk, sizeof chunk);
        need(n >= 0, "read");
        if (n == 0) {
            return;
        }
        write_all(1, chunk, (size_t)n);
    }
}

static void do_count_stdin(const char *none) {
    (void)none;
    char chunk[65536];
    long total = 0;
    for (ssize_t n = read(0, chunk, sizeof chunk); n > 0; n = read(0, chunk, sizeof chunk)) {
        total += n;
    }
    (void)dprintf(1, "%ld\n", total);
}

static void do_env(const char *none) {
    (void)none;
    for (char **e = environ; *e != NULL; e++) {
        do_out(*e);
    }
}

static void do_cwd(const char *none) {
    (void)none;
    char path[4096];
    need(getcwd(path, sizeof path) != NULL, "getcwd");
    do_out(path);
}

/* "0 1 2": the open descriptors but for the one that lists them. */
static void do_fds(const char *none) {
    (void)none;
    DIR *dir = opendir("/proc/self/fd");
    need(dir != NULL, "/proc/self/fd");
    for (int fd = 0; fd < 1024; fd++) {
        if (fd != dirfd(dir) && fcntl(fd, F_GETFD) != -1) {
            (void)dprintf(1, "%d ", fd);
        }
    }
    closedir(dir);
}

/* "mask ignored": both empty for a child that starts clean. */
static void do_signals(const char *none) {
    (void)none;
    sigset_t blocked;
    (void)sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int s = 1; s < 32; s++) {
        struct sigaction action;
        (void)sigaction(s, NULL, &action);
        if (sigismember(&blocked, s) == 1) {
            (void)dprintf(1, "blocked:%d ", s);
        }
        if (action.sa_handler == SIG_IGN) {
            (void)dprintf(1, "ignored:%d ", s);
        }
    }
}

static void do_dev_stdout(const char *text) {
    int fd = open("/dev/stdout", O_WRONLY);
    need(fd >= 0, "/dev/stdout");
    write_all(fd, text, strlen(text));
}

static void do_ids(const char *none) {
    (void)none;
    (void)dprintf(1, "pid=%d ppid=%d group=%d session=%d\n", (int)getpid(), (int)getppid(),
                  (int)getpgrp(), (int)getsid(0));
}

/* On in a child that has a group of its own; its parent waits for it. */
static void do_setpgid(const char *none) {
    (void)none;
    pid_t pid = fork();
    need(pid >= 0, "fork");
    if (pid > 0) {
        (void)waitpid(pid, NULL, 0);
        _exit(0);
    }
    need(setpgid(0, 0) == 0, "setpgid");
}

static void do_open_tty(const char *none) {
    (void)none;
    do_out(open("/dev/tty", O_RDWR) >= 0 ? "has a terminal" : "no terminal");
}

static void do_exec_sleep(const char *seconds) {
    (void)execl("/bin/sleep", "sleep", seconds, (char *)NULL);
    need(0, "exec");
}

/* "soft:hard" of CPU time, address space, file size, core, descriptors. */
static void do_limits(const char *none) {
    (void)none;
    static const int resources[] = {RLIMIT_CPU, RLIMIT_AS, RLIMIT_FSIZE, RLIMIT_CORE,
                                    RLIMIT_NOFILE};
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        struct rlimit limit;
        need(getrlimit((__rlimit_resource_t)resources[i], &limit) == 0, "getrlimit");
        (void)dprintf(1, "%llu:%llu ", (unsigned long long)limit.rlim_cur,
                      (unsigned long long)limit.rlim_max);
    }
}

static void do_burn(const char *none) {
    (void)none;
    for (volatile unsigned n = 0;; n++) {
    }
}

/* A file of so many bytes, under a name that is gone at once. */
static void do_write_file(const char *n_bytes) {
    char path[] = "/tmp/fakectl-XXXXXX";
    int fd = mkstemp(path);
    need(fd >= 0 && unlink(path) == 0, path);
    flood(fd, number(n_bytes));
}

/* The block is written to: clang drops a malloc whose block nobody uses, and answers for it that there was memory. */
static void do_allocate(const char *n_bytes) {
    size_t n = (size_t)number(n_bytes);
    volatile char *block = malloc(n);
    if (block != NULL) {
        block[n - 1] = 'x';
    }
    do_out(block != NULL ? "allocated" : "no memory");
}

static void live_long(void) {
    sleep_ms(30000);
    _exit(0);
}

/*
 * A grandchild that outlives us, made of letters: g in a group of its own, s in a session of its own, d by a double fork, e with an empty
 * environment, c closes its output, t ignores TERM. It says that it is ready before we go on.
 */
static void do_grandchild(const char *letters) {
    int ready[2];
    need(pipe(ready) == 0, "pipe");
    pid_t pid = fork();
    need(pid >= 0, "fork");
    if (pid > 0) {
        char byte;
        close(ready[1]);
        if (strchr(letters, 'd') != NULL) {
            (void)waitpid(pid, NULL, 0);
        }
        need(read(ready[0], &byte, 1) == 1, "grandchild");
        close(ready[0]);
        return;
    }
    if (strchr(letters, 't') != NULL) {
        (void)signal(SIGTERM, SIG_IGN);
    }
    if (strchr(letters, 'g') != NULL) {
        need(setpgid(0, 0) == 0, "setpgid");
    }
    if (strchr(letters, 's') != NULL) {
        need(setsid() != -1, "setsid");
    }
    if (strchr(letters, 'd') != NULL && fork() != 0) {
        _exit(0);
    }
    if (strchr(letters, 'c') != NULL) {
        close(1);
        close(2);
    }
    write_all(ready[1], "r", 1);
    close(ready[0]);
    close(ready[1]);
    if (strchr(letters, 'e') != NULL) {
        char *const argv[] = {(char[]){"sleep"}, (char[]){"30"}, NULL};
        char *const none[] = {NULL};
        (void)execve("/bin/sleep", argv, none);
    }
    live_long();
}

/* N processes that sleep, a tree rather than a row. */
static void do_bomb(const char *n_processes) {
    long n = number(n_processes);
    for (long i = 0; i < n; i++) {
        pid_t pid = fork();
        if (pid == 0 && i % 3 != 0) {
            live_long();
        }
        if (pid > 0 && i % 3 == 0) {
            live_long();
        }
    }
    live_long();
}

/* Waits until a file exists: tests open the gate when they are ready. */
static void do_wait_for(const char *path) {
    for (int i = 0; i < 1000 && access(path, F_OK) != 0; i++) {
        sleep_ms(10);
    }
}

/* clang-format off */
static const struct {
    const char *name;
    void (*run)(const char *value);
} orders[] = {
    {"out", do_out}, {"out-raw", do_out_raw}, {"err", do_err}, {"sleep", do_sleep}, {"exit", do_exit},
    {"kill", do_kill}, {"ignore", do_ignore}, {"term-exits", do_term_exits}, {"close", do_close},
    {"flood", do_flood}, {"flood-err", do_flood_err}, {"flood-both", do_flood_both}, {"drip", do_drip},
    {"ticks", do_ticks}, {"bad-utf8", do_bad_utf8}, {"cat", do_cat}, {"count-stdin", do_count_stdin},
    {"env", do_env}, {"cwd", do_cwd}, {"fds", do_fds}, {"signals", do_signals},
    {"dev-stdout", do_dev_stdout}, {"ids", do_ids}, {"setpgid", do_setpgid}, {"open-tty", do_open_tty}, {"exec-sleep", do_exec_sleep},
    {"grandchild", do_grandchild}, {"bomb", do_bomb}, {"wait-for", do_wait_for},
    {"limits", do_limits}, {"burn", do_burn}, {"write-file", do_write_file}, {"allocate", do_allocate},
};
/* clang-format on */

static int obey(const char *order) {
    const char *value = strchr(order, '=');
    size_t len = value != NULL ? (size_t)(value - order) : strlen(order);
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (strlen(orders[i].name) == len && strncmp(orders[i].name, order, len) == 0) {
            orders[i].run(value != NULL ? value + 1 : "");
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    (void)signal(SIGPIPE, SIG_DFL);
    for (int i = 1; i < argc; i++) {
        if (!obey(argv[i])) {
            (void)dprintf(2, "fakectl: unknown order '%s'\n", argv[i]);
            return 99;
        }
    }
    return 0;
}
