/*
 * LD_PRELOAD: makes a chosen call of a program fail, or its process die there. Linux and glibc only.
 *
 *   FAULT=CALLS@WHEN=ACTION
 *     CALLS   names of the table below with commas between, or `io` (all but malloc), or `all`
 *     WHEN    N       only the Nth such call (transient)
 *             N+      the Nth and all later ones (persistent)
 *             bB      once B bytes are written: the write that crosses this point is cut there
 *     ACTION  an errno name of the table below; `short:K` (a write takes K bytes); `kill` (SIGKILL)
 *   FAULT_PATH=TEXT   only descriptors and paths that contain TEXT (calls that have neither always count)
 *   FAULT_LOG=FILE    gets `fired N CALL PATH` when the fault happens and `end CALLS BYTES` when the program ends
 *   FAULT_TRACE=1     the log names every call that counts
 *
 * Writes count on files and on descriptors 1 and 2; the pipes by which libraries wake their loops never fail (libuv aborts).
 * Without FAULT's WHEN and ACTION (`FAULT=write`) nothing fails: it counts. Children never see any of these variables.
 * The hooks make the system call themselves, so that nothing here allocates or comes back into a hook.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define N_OF(table) (sizeof(table) / sizeof(table)[0])

enum call {
    CALL_WRITE,
    CALL_PWRITE,
    CALL_FSYNC,
    CALL_RENAME,
    CALL_OPEN,
    CALL_MKDIR,
    CALL_UNLINK,
    CALL_TRUNCATE,
    CALL_PIPE,
    CALL_FORK,
    CALL_MALLOC,
    N_CALLS,
};
static const char *const call_names[N_CALLS] = {
    "write",  "pwrite",   "fsync", "rename", "open",   "mkdir",
    "unlink", "truncate", "pipe",  "fork",   "malloc",
};

static const struct {
    const char *name;
    int number;
} errors[] = {
    {"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EDQUOT", EDQUOT}, {"EROFS", EROFS},
    {"EACCES", EACCES}, {"EINTR", EINTR},   {"EAGAIN", EAGAIN}, {"ENOMEM", ENOMEM},
    {"EMFILE", EMFILE}, {"ENFILE", ENFILE}, {"EPERM", EPERM},   {"ENOENT", ENOENT},
    {"EEXIST", EEXIST}, {"EPIPE", EPIPE},   {"EFBIG", EFBIG},
};

enum action { ACTION_NONE, ACTION_ERRNO, ACTION_SHORT, ACTION_KILL };

static struct {
    bool is_ready;
    unsigned calls; /* bit per enum call */
    long first;     /* call number, 0: none */
    bool is_persistent;
    long at_byte; /* -1: by call number */
    enum action action;
    int errnum;
    size_t short_bytes;
    char path[256];
    int log_fd;
    bool is_traced;
    long pid; /* what runs between vfork() and exec in our memory is not us */
} fault = {.at_byte = -1, .log_fd = -1};

static atomic_long n_calls;
static atomic_long n_bytes;

static pid_t (*real_vfork)(void);
static pid_t (*real_fork)(void);
static int (*real_mkostemp)(char *, int);

/* ---- the order ---- */

static void refuse(const char *text) {
    static const char start[] = "fault.so: not understood: ";
    (void)syscall(SYS_write, 2, start, sizeof start - 1);
    (void)syscall(SYS_write, 2, text, strlen(text));
    (void)syscall(SYS_write, 2, "\n", 1);
    _exit(97);
}

static unsigned parse_calls(const char *text, size_t len) {
    unsigned calls = 0;
    for (const char *at = text, *end = text + len; at < end;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        size_t n = (size_t)((comma == NULL ? end : comma) - at);
        unsigned before = calls;
        if ((n == 2 && memcmp(at, "io", n) == 0) || (n == 3 && memcmp(at, "all", n) == 0)) {
            calls |= (1u << (n == 2 ? CALL_MALLOC : N_CALLS)) - 1;
        }
        for (unsigned i = 0; i < N_CALLS; i++) {
            if (strlen(call_names[i]) == n && memcmp(at, call_names[i], n) == 0) {
                calls |= 1u << i;
            }
        }
        if (calls == before) {
            refuse(text);
        }
        at += n + 1;
    }
    return calls;
}

static void parse_action(const char *text) {
    if (strcmp(text, "kill") == 0) {
        fault.action = ACTION_KILL;
        return;
    }
    if (strncmp(text, "short:", 6) == 0) {
        fault.action = ACTION_SHORT;
        fault.short_bytes = (size_t)strtoul(text + 6, NULL, 10);
        return;
    }
    for (size_t i = 0; i < N_OF(errors); i++) {
        if (strcmp(text, errors[i].name) == 0) {
            fault.action = ACTION_ERRNO;
            fault.errnum = errors[i].number;
            return;
        }
    }
    refuse(text);
}

static void parse_fault(const char *text) {
    size_t n_names = strcspn(text, "@");
    fault.calls = parse_calls(text, n_names);
    if (text[n_names] == '\0') {
        return;
    }
    const char *when = text + n_names + 1;
    char *end = NULL;
    bool is_byte = *when == 'b';
    long number = strtol(is_byte ? when + 1 : when, &end, 10);
    fault.is_persistent = !is_byte && *end == '+';
    end += fault.is_persistent ? 1 : 0;
    if (*end != '=' || number < (is_byte ? 0 : 1)) {
        refuse(text);
    }
    fault.at_byte = is_byte ? number : -1;
    fault.first = is_byte ? 0 : number;
    parse_action(end + 1);
}

static void take_variable(const char *name, char *out, size_t size) {
    const char *text = getenv(name);
    out[0] = '\0';
    if (text != NULL && strlen(text) < size) {
        memcpy(out, text, strlen(text) + 1);
    }
    (void)unsetenv(name);
}

/* Allocations come before any constructor: the first point that is reached reads the order. */
static void prepare(void) {
    if (fault.is_ready) {
        return;
    }
    fault.is_ready = true;
    fault.pid = syscall(SYS_getpid);
    const char *log = getenv("FAULT_LOG");
    const char *text = getenv("FAULT");
    if (log != NULL) {
        fault.log_fd = (int)syscall(SYS_openat, AT_FDCWD, log,
                                    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        int high = (int)syscall(SYS_fcntl, fault.log_fd, F_DUPFD_CLOEXEC,
                                900); /* out of the way of numbers that count */
        if (high >= 0) {
            (void)syscall(SYS_close, fault.log_fd);
            fault.log_fd = high;
        }
    }
    if (text != NULL) {
        parse_fault(text);
    }
}

__attribute__((constructor)) static void start(void) {
    prepare();
    char unused[256];
    take_variable("FAULT_TRACE", unused, sizeof unused);
    fault.is_traced = unused[0] != '\0';
    take_variable("FAULT_PATH", fault.path, sizeof fault.path);
    (void)unsetenv("FAULT");
    (void)unsetenv("FAULT_LOG");
    (void)unsetenv("LD_PRELOAD");
    /* dlsym gives objects; functions have the same form wherever this runs. */
    *(void **)&real_vfork = dlsym(RTLD_NEXT, "vfork");
    *(void **)&real_fork = dlsym(RTLD_NEXT, "fork");
    *(void **)&real_mkostemp = dlsym(RTLD_NEXT, "mkostemp");
}

static void note(const char *what, long n, const char *call, const char *path) {
    char line[512];
    int len = snprintf(line, sizeof line, "%s %ld %s %s\n", what, n, call, path);
    if (fault.log_fd >= 0 && len > 0) {
        (void)syscall(SYS_write, fault.log_fd, line,
                      (size_t)len < sizeof line ? (size_t)len : sizeof line - 1);
    }
}

__attribute__((destructor)) static void finish(void) {
    char bytes[32];
    (void)snprintf(bytes, sizeof bytes, "%ld", atomic_load(&n_bytes));
    note("end", atomic_load(&n_calls), bytes, "");
    fault.calls = 0;
}

/* ---- does it happen here? ---- */

static void die_here(void) {
    (void)syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
}

static const char *path_of(int fd, const char *path, char *buffer, size_t size) {
    if (path != NULL || fd < 0) {
        return path == NULL ? "-" : path;
    }
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long n = syscall(SYS_readlinkat, AT_FDCWD, link, buffer, size - 1);
    buffer[n < 0 ? 0 : n] = '\0';
    return buffer;
}

static bool can_fail(enum call call, int fd) {
    struct stat st;
    return (call != CALL_WRITE && call != CALL_PWRITE) || fd <= 2 || fstat(fd, &st) != 0 ||
           S_ISREG(st.st_mode);
}

/* True when this call counts and its number is one that fails; errno is set. Kills the process when that is the order. */
static bool strikes(enum call call, int fd, const char *path) {
    prepare();
    if ((fault.calls >> call & 1u) == 0 || syscall(SYS_getpid) != fault.pid ||
        !can_fail(call, fd)) {
        return false;
    }
    char buffer[256];
    bool has_path = fault.path[0] != '\0' || fault.is_traced;
    const char *name =
        call == CALL_MALLOC || !has_path ? "-" : path_of(fd, path, buffer, sizeof buffer);
    bool has_name = path != NULL || fd >= 0;
    if (fault.path[0] != '\0' && has_name && strstr(name, fault.path) == NULL) {
        return false;
    }
    long n = atomic_fetch_add(&n_calls, 1) + 1;
    if (fault.is_traced) {
        note("call", n, call_names[call], name);
    }
    bool is_hit = fault.first > 0 && (fault.is_persistent ? n >= fault.first : n == fault.first);
    if (!is_hit || fault.action == ACTION_NONE) {
        return false;
    }
    if (!fault.is_persistent || n == fault.first) {
        note("fired", n, call_names[call], name);
    }
    if (fault.action == ACTION_KILL) {
        die_here();
    }
    errno = fault.errnum;
    return true;
}

/* How many of `len` bytes may still be written before the byte at which it happens; counts them. */
static size_t room(int fd, size_t len) {
    char buffer[256];
    if (fault.at_byte < 0 && fault.action != ACTION_NONE) {
        return len;
    }
    if (fault.path[0] != '\0' &&
        strstr(path_of(fd, NULL, buffer, sizeof buffer), fault.path) == NULL) {
        return len;
    }
    long before = atomic_fetch_add(&n_bytes, (long)len);
    if (fault.at_byte < 0 || before + (long)len <= fault.at_byte) {
        return len;
    }
    return before >= fault.at_byte ? 0 : (size_t)(fault.at_byte - before);
}

/* ---- hooks ---- */

static ssize_t write_some(enum call call, int fd, const void *data, size_t len, off_t at) {
    bool is_struck = strikes(call, fd, NULL);
    if (is_struck && fault.action == ACTION_ERRNO) {
        return -1;
    }
    size_t n = is_struck && fault.short_bytes < len ? fault.short_bytes : len;
    bool counts = (fault.calls >> call & 1u) != 0 && can_fail(call, fd);
    size_t fits = counts ? room(fd, n) : n;
    ssize_t done = 0;
    if (fits > 0 || n == 0) {
        done = call == CALL_WRITE ? syscall(SYS_write, fd, data, fits)
                                  : syscall(SYS_pwrite64, fd, data, fits, at);
    }
    if (fits < n) {
        note("fired", atomic_load(&n_calls), call_names[call], "-");
        if (fault.action == ACTION_KILL) {
            die_here();
        }
        errno = fault.errnum;
        return done > 0 ? done : -1;
    }
    return done;
}

ssize_t write(int fd, const void *data, size_t len) {
    return write_some(CALL_WRITE, fd, data, len, 0);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at) {
    return write_some(CALL_PWRITE, fd, data, len, at);
}

/* All in one piece, or piece by piece: the caller sees a short write either way. */
ssize_t writev(int fd, const struct iovec *parts, int n_parts) {
    ssize_t total = 0;
    for (int i = 0; i < n_parts; i++) {
        ssize_t n = write_some(CALL_WRITE, fd, parts[i].iov_base, parts[i].iov_len, 0);
        if (n < 0) {
            return total > 0 ? total : -1;
        }
        total += n;
        if ((size_t)n < parts[i].iov_len) {
            break;
        }
    }
    return total;
}

int fsync(int fd) {
    return strikes(CALL_FSYNC, fd, NULL) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
    return strikes(CALL_FSYNC, fd, NULL) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int rename(const char *from, const char *to) {
    return strikes(CALL_RENAME, -1, to)
               ? -1
               : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to) {
    return strikes(CALL_RENAME, -1, to) ? -1
                                        : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
}

static int open_any(int at, const char *path, int flags, va_list rest) {
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    return strikes(CALL_OPEN, -1, path) ? -1 : (int)syscall(SYS_openat, at, path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int fd = open_any(AT_FDCWD, path, flags, rest);
    va_end(rest);
    return fd;
}

int openat(int at, const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int fd = open_any(at, path, flags, rest);
    va_end(rest);
    return fd;
}

int mkostemp(char *pattern, int flags) {
    return strikes(CALL_OPEN, -1, pattern) ? -1 : real_mkostemp(pattern, flags);
}

int mkdir(const char *path, mode_t mode) {
    return strikes(CALL_MKDIR, -1, path) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int mkdirat(int at, const char *path, mode_t mode) {
    return strikes(CALL_MKDIR, -1, path) ? -1 : (int)syscall(SYS_mkdirat, at, path, mode);
}

int unlink(const char *path) {
    return strikes(CALL_UNLINK, -1, path) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int unlinkat(int at, const char *path, int flags) {
    return strikes(CALL_UNLINK, -1, path) ? -1 : (int)syscall(SYS_unlinkat, at, path, flags);
}

int ftruncate(int fd, off_t len) {
    return strikes(CALL_TRUNCATE, fd, NULL) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int pipe2(int fds[2], int flags) {
    return strikes(CALL_PIPE, -1, NULL) ? -1 : (int)syscall(SYS_pipe2, fds, flags);
}

pid_t fork(void) {
    return strikes(CALL_FORK, -1, NULL) ? -1 : real_fork();
}

/* The child returns from vfork() first, through the frame of whoever called it: ours must be gone, so it is a jump (-O2). */
pid_t vfork(void) {
    if (strikes(CALL_FORK, -1, NULL)) {
        return -1;
    }
    return real_vfork();
}

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);

void *malloc(size_t size) {
    return strikes(CALL_MALLOC, -1, NULL) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size) {
    return strikes(CALL_MALLOC, -1, NULL) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size) {
    return strikes(CALL_MALLOC, -1, NULL) ? NULL : __libc_realloc(p, size);
}
