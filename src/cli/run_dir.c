/*
 * Where a run leaves what it leaves.
 */
#include "cli/run_dir.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "run_dir_priv.h"

enum { ID_TRIES = 100, NAME_MAX_LEN = 100 };

/* 2026-01-31T09:05:00.123Z -> 20260131-090500-NAME, or four random digits for a name. */
static char *make_id(const char *name) {
    AUTO(str) struct str utc = STR_INIT(64);
    clock_format_utc(clock_wall_ms(), &utc);
    AUTO(str) struct str id = STR_INIT(0);
    for (const char *c = str_text(&utc); *c != '\0' && *c != '.'; c++) {
        if (*c == 'T') {
            str_add_char(&id, '-');
        } else if (*c != '-' && *c != ':') {
            str_add_char(&id, *c);
        }
    }
    if (name != NULL) {
        str_addf(&id, "-%s", name);
        return str_take(&id);
    }
    uint16_t random = 0;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
        random = (uint16_t)clock_monotonic_ns();
    }
    str_addf(&id, "-%04x", (unsigned)random);
    return str_take(&id);
}

char *run_dir_parent(const char *state_dir) {
    return file_join(state_dir == NULL ? RUN_STATE_DIR : state_dir, "runs");
}

void run_dir_init(struct run_dir *dir, const char *id, const char *path) {
    *dir = (struct run_dir){
        .id = mem_strdup(id),
        .path = mem_strdup(path),
        .tmp = file_join(path, "tmp"),
        .journal = file_join(path, RUN_JOURNAL),
    };
}

static bool make_unique(const char *runs, const char *name, struct run_dir *ret_dir,
                        struct err *err) {
    for (int i = 0; i < ID_TRIES; i++) {
        char *id = make_id(name);
        char *path = file_join(runs, id);
        bool is_made = mkdir(path, 0700) == 0;
        int errnum = errno;
        if (is_made) {
            run_dir_init(ret_dir, id, path);
        }
        mem_free(id);
        mem_free(path);
        if (is_made) {
            return true;
        }
        if (errnum != EEXIST || name != NULL) {
            return err_errno(err, "file-write", errnum, "cannot create a directory in %s", runs);
        }
    }
    return err_set(err, "file-write", "cannot find a free name under %s", runs);
}

static bool make_inside(const struct run_dir *dir, struct err *err) {
    char *steps = file_join(dir->path, "steps");
    bool is_made = file_make_dirs(dir->tmp, 0700, err) && file_make_dirs(steps, 0700, err);
    mem_free(steps);
    return is_made;
}

/* It becomes part of a path, and must not be taken for an id, a path or a word with a meaning. */
static bool check_name(const char *name, struct err *err) {
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t len = strlen(name);
    bool is_fine = len > 0 && len <= NAME_MAX_LEN && name[strspn(name, allowed)] == '\0' &&
                   name[0] != '.' && name[0] != '-' && strcmp(name, "last") != 0;
    return is_fine || err_set(err, "usage",
                              "a run cannot be named '%s': up to %d letters, digits, '.', '_' and "
                              "'-', not 'last'",
                              name, NAME_MAX_LEN);
}

static bool is_free(const char *state_dir, const char *name, struct err *err) {
    struct run_dirs dirs = {NULL, 0};
    if (!run_dirs_list(state_dir, &dirs, err)) {
        return false;
    }
    for (size_t i = 0; i < dirs.n && err->kind == NULL; i++) {
        const char *other = run_dir_name(dirs.items[i].id);
        if (other != NULL && strcmp(other, name) == 0) {
            (void)err_set(err, "run-exists", "there is a run '%s' already: %s", name,
                          dirs.items[i].id);
            err_hint(err, "`cpdflow resume %s` goes on with it", name);
        }
    }
    run_dirs_release(&dirs);
    return err->kind == NULL;
}

const char *run_dir_name(const char *id) {
    static const char shape[] = "dddddddd-dddddd-";
    for (size_t i = 0; shape[i] != '\0'; i++) {
        bool fits = shape[i] == 'd' ? id[i] >= '0' && id[i] <= '9' : id[i] == shape[i];
        if (!fits) {
            return NULL;
        }
    }
    return id + sizeof shape - 1;
}

bool run_dir_create(const char *state_dir, const char *name, struct run_dir *ret_dir,
                    struct err *err) {
    if (name != NULL && (!check_name(name, err) || !is_free(state_dir, name, err))) {
        return false;
    }
    struct run_dir dir = {.id = NULL};
    char *runs = run_dir_parent(state_dir);
    char *absolute = file_make_dirs(runs, 0700, err) ? realpath(runs, NULL) : NULL;
    if (absolute == NULL && err->kind == NULL) {
        (void)err_errno(err, "file-write", errno, "cannot resolve %s", runs);
    }
    mem_free(runs);
    bool is_made = absolute != NULL && make_unique(absolute, name, &dir, err);
    free(absolute); /* realpath's own */
    if (!is_made) {
        return false;
    }
    if (!make_inside(&dir, err)) {
        struct err second = ERR_INIT; /* the first one is told */
        (void)file_remove_tree(dir.path, &second);
        err_release(&second);
        run_dir_release(&dir);
        return false;
    }
    *ret_dir = dir;
    return true;
}

bool run_dir_clean(const struct run_dir *dir, struct err *err) {
    return file_remove_tree(dir->tmp, err);
}

void run_dir_release(struct run_dir *dir) {
    mem_free(dir->id);
    mem_free(dir->path);
    mem_free(dir->tmp);
    mem_free(dir->journal);
    *dir = (struct run_dir){NULL, NULL, NULL, NULL};
}
