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

static bool make_unique(const char *runs, struct run_dir *dir, struct err *err) {
    for (int i = 0; i < ID_TRIES; i++) {
        dir->id = make_id();
        dir->path = file_join(runs, dir->id);
        if (mkdir(dir->path, 0700) == 0) {
            return true;
        }
        if (errno != EEXIST) {
            return err_errno(err, "file-write", errno, "cannot create %s", dir->path);
        }
        mem_free(dir->id);
        mem_free(dir->path);
        dir->id = NULL;
        dir->path = NULL;
    }
    return err_set(err, "file-write", "cannot find a free name under %s", runs);
}

bool run_dir_create(const char *state_dir, struct run_dir *ret_dir, struct err *err) {
    struct run_dir dir = {NULL, NULL, NULL};
    char *runs = file_join(state_dir == NULL ? ".cpdflow" : state_dir, "runs");
    bool is_fine = file_make_dirs(runs, 0700, err) && make_unique(runs, &dir, err);
    mem_free(runs);
    if (!is_fine) {
        return false;
    }
    char *absolute = realpath(dir.path, NULL);
    if (absolute == NULL) {
        (void)err_errno(err, "file-write", errno, "cannot resolve %s", dir.path);
        run_dir_release(&dir);
        return false;
    }
    mem_free(dir.path);
    dir.path = mem_strdup(absolute);
    free(absolute); /* realpath's own */
    dir.tmp = file_join(dir.path, "tmp");
    char *steps = file_join(dir.path, "steps");
    is_fine = file_make_dirs(dir.tmp, 0700, err) && file_make_dirs(steps, 0700, err);
    mem_free(steps);
    if (!is_fine) {
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
    *dir = (struct run_dir){NULL, NULL, NULL};
}
