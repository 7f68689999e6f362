/*
 * Finds the program of a request and says what is wrong with it.
 *
 * The search follows execvp's rules with the child's PATH and the child's working directory. Sizes are checked here because
 * E2BIG does not say which argument. Some faults only execve can know for sure (an emulator may be registered for a
 * foreign program); these are left to it on Linux and put into words afterwards.
 */
#include "command_priv.h"
#include "program_priv.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What glibc searches when the environment has no PATH. */
#define DEFAULT_PATH "/bin:/usr/bin"

#if defined(__linux__) && !defined(CPDFLOW_PORTABLE)
static const bool has_plain_execve = true;
#else
static const bool has_plain_execve = false; /* execvp would give the file to /bin/sh */
#endif

void command_fault_release(struct command_fault *f) {
    mem_free(f->message);
    f->message = NULL;
}

__attribute__((format(printf, 3, 4))) static bool
fail(struct command_fault *f, enum spawn_error kind, const char *fmt, ...) {
    struct str text = STR_INIT(LIMIT_MESSAGE);
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(&text, fmt, ap);
    va_end(ap);
    f->kind = kind;
    f->message = str_take(&text);
    return false;
}

/* "argument 3", "argument 3 (--asset)", "environment variable 'DATA'": never a value, which may be a secret. */
static void name_text(struct str *out, const char *text, size_t number, bool is_env) {
    int name_len = (int)strcspn(text, "=");
    if (is_env) {
        str_addf(out, "environment variable '%.*s'", name_len, text);
    } else if (strncmp(text, "--", 2) == 0 && text[name_len] == '=') {
        str_addf(out, "argument %zu (%.*s)", number, name_len, text);
    } else {
        str_addf(out, "argument %zu", number);
    }
}

struct sizes {
    size_t total;
    size_t largest;
    struct str largest_name;
};

static bool add_sizes(const char *const *texts, bool is_env, struct sizes *s,
                      struct command_fault *f) {
    for (size_t i = 0; texts[i] != NULL; i++) {
        size_t len = strlen(texts[i]);
        s->total += len + 1 + sizeof(char *);
        if (len > s->largest) {
            s->largest = len;
            str_reset(&s->largest_name);
            name_text(&s->largest_name, texts[i], i, is_env);
        }
        if (len > LIMIT_ARG_BYTES) {
            return fail(f, SPAWN_TOO_LARGE, "%s is %zu bytes long: the system takes %zu",
                        str_text(&s->largest_name), len, LIMIT_ARG_BYTES);
        }
    }
    return true;
}

static bool check_sizes(const struct run_request *r, struct command_fault *f) {
    struct sizes s = {.largest_name = STR_INIT(LIMIT_MESSAGE)};
    bool is_fine = add_sizes(r->argv, false, &s, f) && add_sizes(r->env, true, &s, f);
    if (is_fine && s.total > LIMIT_ARGV_BYTES) {
        is_fine = fail(f, SPAWN_TOO_LARGE,
                       "arguments and environment take %zu bytes together: at most %zu; the "
                       "largest is %s with %zu bytes",
                       s.total, LIMIT_ARGV_BYTES, str_text(&s.largest_name), s.largest);
    }
    str_release(&s.largest_name);
    return is_fine;
}

static bool check_cwd(const char *cwd, struct command_fault *f) {
    struct stat status;
    if (cwd == NULL) {
        return true;
    }
    if (stat(cwd, &status) != 0) {
        return fail(f, SPAWN_BAD_CWD, "working directory '%s': %s", cwd, strerror(errno));
    }
    if (!S_ISDIR(status.st_mode)) {
        return fail(f, SPAWN_BAD_CWD, "working directory '%s' is not a directory", cwd);
    }
    if (faccessat(AT_FDCWD, cwd, X_OK, AT_EACCESS) != 0) {
        return fail(f, SPAWN_BAD_CWD, "working directory '%s' may not be entered: %s", cwd,
                    strerror(errno));
    }
    return true;
}

/* True when `path` may be executed; else why not. */
static bool check_file(const char *path, struct command_fault *f) {
    struct stat status;
    if (stat(path, &status) != 0) {
        enum spawn_error kind = errno == EACCES ? SPAWN_NOT_ALLOWED : SPAWN_NOT_FOUND;
        return fail(f, kind, "command '%s': %s", path, strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        return fail(f, SPAWN_NOT_ALLOWED, "command '%s' is a directory", path);
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(f, SPAWN_NOT_ALLOWED, "command '%s' is not a regular file", path);
    }
    if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0) {
        return fail(f, SPAWN_NOT_ALLOWED, "command '%s' is not executable (mode %04o)", path,
                    (unsigned)status.st_mode & 07777U);
    }
    return true;
}

static const char *path_of(const char *const *env) {
    for (size_t i = 0; env[i] != NULL; i++) {
        if (strncmp(env[i], "PATH=", 5) == 0) {
            return env[i] + 5;
        }
    }
    return DEFAULT_PATH;
}

/*
 * `name` as seen from the child's working directory, absolute when there is one: the child has changed to it by the time of
 * execve. Heap text.
 */
static char *from_cwd(const char *cwd, const char *name) {
    if (cwd == NULL) {
        return mem_strdup(name);
    }
    char here[PATH_MAX];
    if (cwd[0] == '/' || getcwd(here, sizeof here) == NULL) {
        return file_join(cwd, name);
    }
    char *dir = file_join(here, cwd);
    char *path = file_join(dir, name);
    mem_free(dir);
    return path;
}

/* One directory of PATH; an empty one means the working directory. */
static char *candidate(const char *cwd, const char *dir, size_t dir_len, const char *name) {
    struct str path = STR_INIT(0);
    str_add_bytes(&path, dir_len > 0 ? dir : ".", dir_len > 0 ? dir_len : 1);
    str_add_char(&path, '/');
    str_add(&path, name);
    char *found = from_cwd(cwd, str_text(&path));
    str_release(&path);
    return found;
}

static bool search(const struct run_request *r, char **ret_path, struct command_fault *f) {
    const char *name = r->argv[0];
    const char *path = path_of(r->env);
    bool has_fault = false; /* f tells of a file that is there but cannot be executed */
    for (const char *dir = path;; dir++) {
        size_t dir_len = strcspn(dir, ":");
        char *file = candidate(r->cwd, dir, dir_len, name);
        struct command_fault here = {SPAWN_OK, NULL};
        if (check_file(file, &here)) {
            if (has_fault) {
                command_fault_release(f);
            }
            *ret_path = file;
            return true;
        }
        mem_free(file);
        if (here.kind != SPAWN_NOT_FOUND && !has_fault) {
            *f = here;
            has_fault = true;
        } else {
            command_fault_release(&here);
        }
        dir += dir_len;
        if (*dir == '\0') {
            break;
        }
    }
    return has_fault ? false
                     : fail(f, SPAWN_NOT_FOUND, "command '%s' not found: PATH is '%s'", name, path);
}

static bool locate(const struct run_request *r, char **ret_path, struct command_fault *f) {
    const char *name = r->argv[0];
    if (name == NULL || name[0] == '\0') {
        return fail(f, SPAWN_NOT_FOUND, "the command is empty");
    }
    if (strchr(name, '/') == NULL) {
        return search(r, ret_path, f);
    }
    char *path = from_cwd(r->cwd, name);
    if (!check_file(path, f)) {
        mem_free(path);
        return false;
    }
    *ret_path = path;
    return true;
}

static enum spawn_error error_of_kind(enum program_kind kind) {
    return kind == PROGRAM_NO_LOADER ? SPAWN_INTERPRETER : SPAWN_NOT_A_PROGRAM;
}

static bool check_program(const char *path, struct command_fault *f) {
    struct str why = STR_INIT(LIMIT_MESSAGE);
    enum program_kind kind = program_inspect(path, &why);
    bool is_for_kernel = has_plain_execve && (kind == PROGRAM_FOREIGN || kind == PROGRAM_UNKNOWN);
    bool is_fine = kind == PROGRAM_FINE || kind == PROGRAM_UNREADABLE || is_for_kernel;
    if (!is_fine) {
        (void)fail(f, error_of_kind(kind), "command '%s' %s", path, str_text(&why));
    }
    str_release(&why);
    return is_fine;
}

bool command_prepare(const struct run_request *request, char **ret_path,
                     struct command_fault *ret_fault) {
    char *path = NULL;
    if (!check_sizes(request, ret_fault) || !check_cwd(request->cwd, ret_fault) ||
        !locate(request, &path, ret_fault)) {
        return false;
    }
    if (!check_program(path, ret_fault)) {
        mem_free(path);
        return false;
    }
    *ret_path = path;
    return true;
}

static void explain_exec(const char *path, int errnum, struct command_fault *f) {
    struct str why = STR_INIT(LIMIT_MESSAGE);
    enum program_kind kind = program_inspect(path, &why);
    if (why.len > 0) {
        (void)fail(f, error_of_kind(kind), "command '%s' %s", path, str_text(&why));
    } else if (errnum == ENOEXEC) {
        (void)fail(f, SPAWN_NOT_A_PROGRAM, "command '%s' is no program for this machine", path);
    } else if (errnum == EACCES || errnum == EPERM) {
        (void)fail(f, SPAWN_NOT_ALLOWED, "command '%s': %s (a file system mounted noexec?)", path,
                   strerror(errnum));
    } else if (errnum == ENOENT) {
        (void)fail(f, SPAWN_NOT_FOUND, "command '%s': %s", path, strerror(errnum));
    } else {
        (void)fail(f, SPAWN_OTHER, "command '%s': %s", path, strerror(errnum));
    }
    str_release(&why);
}

static bool is_want_of_resources(int errnum) {
    return errnum == EAGAIN || errnum == ENOMEM || errnum == EMFILE || errnum == ENFILE;
}

void command_explain(const struct run_request *request, const char *path,
                     const struct spawn_fault *spawn, struct command_fault *ret_fault) {
    if (spawn->stage == SPAWN_AT_LIMITS) {
        (void)fail(ret_fault, SPAWN_OTHER, "the limits of '%s' could not be set: %s",
                   request->argv[0], strerror(spawn->errnum));
    } else if (spawn->errnum == ENOMEM && request->has_limit[RUN_LIMIT_MEMORY]) {
        (void)fail(ret_fault, SPAWN_RESOURCES, "command '%s' does not fit into its limit of memory",
                   request->argv[0]);
    } else if (is_want_of_resources(spawn->errnum)) {
        (void)fail(ret_fault, SPAWN_RESOURCES, "command '%s' could not be started: %s",
                   request->argv[0], strerror(spawn->errnum));
    } else if (spawn->errnum == E2BIG) {
        (void)fail(ret_fault, SPAWN_TOO_LARGE,
                   "arguments and environment of '%s' are too long together: %s", request->argv[0],
                   strerror(spawn->errnum));
    } else if (spawn->errnum == ETXTBSY) {
        (void)fail(ret_fault, SPAWN_OTHER, "command '%s' is being written by somebody: %s", path,
                   strerror(spawn->errnum));
    } else if (spawn->stage == SPAWN_AT_CWD) {
        (void)fail(ret_fault, SPAWN_BAD_CWD, "working directory '%s': %s", request->cwd,
                   strerror(spawn->errnum));
    } else if (spawn->stage == SPAWN_AT_EXEC) {
        explain_exec(path, spawn->errnum, ret_fault);
    } else {
        (void)fail(ret_fault, SPAWN_OTHER, "command '%s' could not be started: %s",
                   request->argv[0], strerror(spawn->errnum));
    }
}
