/*
 * Removing old runs. Only files that cpdflow makes under their exact names are deleted, the journal last: a removal that is
 * interrupted leaves a run that is still listed and can be removed again.
 */
#include "prune_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/journal.h"
#include "run_dir_priv.h"

/* What cpdflow makes in a run's directory. `suffixes` NULL: a plain file, or for `is_whole` a tree of ours. */
static const struct known {
    const char *name;
    bool is_dir;
    bool is_whole;
    const char *suffixes[2];
} known[] = {
    {"report.json", false, false, {NULL, NULL}},    {"lease", false, false, {NULL, NULL}},
    {"report", true, true, {NULL, NULL}},           {"tmp", true, true, {NULL, NULL}},
    {"steps", true, false, {".stdout", ".stderr"}}, {"values", true, false, {".json", NULL}},
    {RUN_JOURNAL, false, false, {NULL, NULL}},
};
enum { N_KNOWN = sizeof known / sizeof *known };

static const struct known *find_known(const char *name) {
    for (size_t i = 0; i < N_KNOWN; i++) {
        if (strcmp(known[i].name, name) == 0) {
            return &known[i];
        }
    }
    return NULL;
}

static bool has_suffix(const struct known *k, const char *name) {
    for (size_t i = 0; i < 2 && k->suffixes[i] != NULL; i++) {
        if (str_ends(name, k->suffixes[i])) {
            return true;
        }
    }
    return false;
}

/* A temporary file of ours that a crash left (file_write_atomic). */
static bool is_leftover(const char *name) {
    return str_starts(name, FILE_TEMP_PREFIX);
}

typedef bool (*entry_fn)(const char *name, bool is_dir, void *ctx, struct err *err);

/* Calls fn for every entry; its error ends the walk. An absent directory has none. */
static bool each_entry(const char *path, entry_fn fn, void *ctx, struct err *err) {
    DIR *d = opendir(path);
    if (d == NULL) {
        return errno == ENOENT || err_errno(err, "file-read", errno, "cannot read '%s'", path);
    }
    bool is_fine = true;
    while (is_fine) {
        errno = 0;
        const struct dirent *entry = readdir(d);
        struct stat st;
        if (entry == NULL) {
            is_fine = errno == 0 || err_errno(err, "file-read", errno, "cannot read '%s'", path);
            break;
        }
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
            continue;
        }
        bool is_dir = fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
        is_fine = fn(name, is_dir, ctx, err);
    }
    (void)closedir(d); /* was only read */
    return is_fine;
}

/* ---- is everything there ours? ---- */

struct look {
    const char *path;
    const struct known *inside; /* NULL: the run's directory itself */
    char **ret_foreign;         /* the first name that is not ours */
};

static bool look_at(const char *name, bool is_dir, void *ctx, struct err *err) {
    const struct look *look = ctx;
    if (*look->ret_foreign != NULL || is_leftover(name)) {
        return true;
    }
    if (look->inside != NULL) {
        if (is_dir || !has_suffix(look->inside, name)) {
            *look->ret_foreign = file_join(look->inside->name, name);
        }
        return true;
    }
    const struct known *k = find_known(name);
    if (k == NULL || k->is_dir != is_dir) {
        *look->ret_foreign = mem_strdup(name);
        return true;
    }
    if (!is_dir || k->is_whole) {
        return true;
    }
    char *path = file_join(look->path, name);
    struct look inner = {path, k, look->ret_foreign};
    bool is_fine = each_entry(path, look_at, &inner, err);
    mem_free(path);
    return is_fine;
}

/* ---- removal ---- */

static bool remove_known(const struct run_dir *dir, struct err *err) {
    for (size_t i = 0; i < N_KNOWN; i++) {
        bool is_journal = strcmp(known[i].name, RUN_JOURNAL) == 0;
        char *path = file_join(dir->path, known[i].name);
        bool is_removed = is_journal || file_remove_tree(path, err);
        mem_free(path);
        if (!is_removed) {
            return false;
        }
    }
    return true;
}

static bool remove_leftover(const char *name, bool is_dir, void *ctx, struct err *err) {
    const struct run_dir *dir = ctx;
    if (is_dir || !is_leftover(name)) {
        return true;
    }
    char *path = file_join(dir->path, name);
    bool is_removed = file_remove_tree(path, err);
    mem_free(path);
    return is_removed;
}

static bool remove_all(const struct run_dir *dir, bool with_files, struct err *err) {
    struct run_dir copy = *dir;
    bool is_fine = remove_known(dir, err) && each_entry(dir->path, remove_leftover, &copy, err);
    if (!is_fine) {
        return false;
    }
    if (with_files) {
        return file_remove_tree(dir->path, err);
    }
    if (unlink(dir->journal) != 0 || rmdir(dir->path) != 0) {
        return err_errno(err, "file-write", errno, "cannot remove '%s'", dir->path);
    }
    return true;
}

/* Nobody who was started by the run holds its lease any more (proc/lease.h). */
static bool is_lease_free(const char *dir) {
    char *path = file_join(dir, "lease");
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    mem_free(path);
    if (fd < 0) {
        return errno == ENOENT;
    }
    bool is_free = flock(fd, LOCK_EX | LOCK_NB) == 0;
    (void)close(fd); /* nothing was written */
    return is_free;
}

enum prune_result prune_run(const struct run_dir *dir, bool with_files, char **ret_foreign,
                            struct err *err) {
    int fd = journal_hold(dir->journal, err);
    if (fd < 0) {
        return strcmp(err->kind, "run-locked") == 0 ? PRUNE_ALIVE : PRUNE_FAILED;
    }
    enum prune_result result = PRUNE_FAILED;
    *ret_foreign = NULL;
    struct look look = {dir->path, NULL, ret_foreign};
    if (!is_lease_free(dir->path)) {
        result = PRUNE_ALIVE;
    } else if (!with_files && !each_entry(dir->path, look_at, &look, err)) {
        result = PRUNE_FAILED;
    } else if (*ret_foreign != NULL) {
        result = PRUNE_FOREIGN;
    } else if (remove_all(dir, with_files, err)) {
        result = PRUNE_REMOVED;
    }
    (void)close(fd); /* nothing was written */
    return result;
}
