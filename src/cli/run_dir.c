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

enum { ID_TRIES = 100 };

/* 2026-01-31T09:05:00.123Z -> 20260131-090500, and four random digits. */
static char *make_id(void) {
    AUTO(str) struct str utc = STR_INIT(64);
    clock_format_utc(clock_wall_ms(), &utc);
    AUTO(str) struct str id = STR_INIT(64);
    for (const char *c = str_text(&utc); *c != '\0' && *c != '.'; c++) {
        if (*c == 'T') {
            str_add_char(&id, '-');
        } else if (*c != '-' && *c != ':') {
            str_add_char(&id, *c);
        }
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

static bool make_unique(const char *runs, struct run_dir *ret_dir, struct err *err) {
    for (int i = 0; i < ID_TRIES; i++) {
        char *id = make_id();
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
        if (errnum != EEXIST) {
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

bool run_dir_create(const char *state_dir, struct run_dir *ret_dir, struct err *err) {
    struct run_dir dir;
    char *runs = run_dir_parent(state_dir);
    char *absolute = file_make_dirs(runs, 0700, err) ? realpath(runs, NULL) : NULL;
    if (absolute == NULL && err->kind == NULL) {
        (void)err_errno(err, "file-write", errno, "cannot resolve %s", runs);
    }
    mem_free(runs);
    bool is_made = absolute != NULL && make_unique(absolute, &dir, err);
    free(absolute); /* realpath's own */
    if (!is_made) {
        return false;
    }
    if (!make_inside(&dir, err)) {
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
