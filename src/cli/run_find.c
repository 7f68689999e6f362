/*
 * Runs seen from outside: listed, found by what people call them, read.
 */
#include "cli/run_dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/journal.h"
#include "event/run_report.h"
#include "run_dir_priv.h"

enum { HINTED_RUNS = 5 };

static bool has_journal(const char *dir) {
    struct stat st;
    char *journal = file_join(dir, RUN_JOURNAL);
    bool is_there = lstat(journal, &st) == 0;
    mem_free(journal);
    return is_there;
}

/* ---- all of them ---- */

static void add_run(struct run_dirs *dirs, const char *runs, const char *id) {
    char *path = file_join(runs, id);
    if (has_journal(path)) {
        dirs->items = mem_realloc(dirs->items, dirs->n + 1, sizeof *dirs->items);
        run_dir_init(&dirs->items[dirs->n++], id, path);
    }
    mem_free(path);
}

static int newest_first(const void *a, const void *b) {
    const struct run_dir *left = a;
    const struct run_dir *right = b;
    return strcmp(right->id, left->id);
}

static bool read_runs(DIR *d, const char *runs, struct run_dirs *dirs, struct err *err) {
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(d);
        if (entry == NULL) {
            return errno == 0 || err_errno(err, "file-read", errno, "cannot read '%s'", runs);
        }
        if (entry->d_name[0] != '.') {
            add_run(dirs, runs, entry->d_name);
        }
    }
}

bool run_dirs_list(const char *state_dir, struct run_dirs *ret_dirs, struct err *err) {
    struct run_dirs dirs = {NULL, 0};
    char *runs = run_dir_parent(state_dir);
    char *absolute = realpath(runs, NULL);
    DIR *d = absolute == NULL ? NULL : opendir(absolute);
    bool is_read = true;
    if (d != NULL) {
        is_read = read_runs(d, absolute, &dirs, err);
        (void)closedir(d); /* was only read */
    } else if (errno != ENOENT) {
        is_read = err_errno(err, "file-read", errno, "cannot read '%s'", runs);
    }
    free(absolute); /* realpath's own */
    mem_free(runs);
    if (!is_read) {
        run_dirs_release(&dirs);
        return false;
    }
    if (dirs.n > 0) {
        qsort(dirs.items, dirs.n, sizeof *dirs.items, newest_first);
    }
    *ret_dirs = dirs;
    return true;
}

void run_dirs_release(struct run_dirs *dirs) {
    for (size_t i = 0; i < dirs->n; i++) {
        run_dir_release(&dirs->items[i]);
    }
    mem_free(dirs->items);
    *dirs = (struct run_dirs){NULL, 0};
}

/* ---- one of them ---- */

static void add_ids(struct str *text, const struct run_dirs *dirs, const char *prefix) {
    size_t n = 0;
    for (size_t i = 0; i < dirs->n; i++) {
        if (!str_starts(dirs->items[i].id, prefix)) {
            continue;
        }
        if (n == HINTED_RUNS) {
            str_add(text, ", …");
            return;
        }
        str_addf(text, "%s%s", n > 0 ? ", " : "", dirs->items[i].id);
        n++;
    }
}

static bool unknown_run(const struct run_dirs *dirs, const char *state_dir, const char *name,
                        struct err *err) {
    err_set(err, "unknown-run", "there is no run '%s' in %s", name,
            state_dir == NULL ? RUN_STATE_DIR : state_dir);
    if (dirs->n == 0) {
        err_hint(err, "no runs are kept there: another --state-dir?");
        return false;
    }
    const char **ids = mem_zalloc(dirs->n, sizeof *ids);
    for (size_t i = 0; i < dirs->n; i++) {
        ids[i] = dirs->items[i].id;
    }
    const char *nearest = err_nearest(name, ids, dirs->n);
    mem_free(ids);
    if (nearest != NULL) {
        err_hint(err, "did you mean '%s'?", nearest);
        return false;
    }
    AUTO(str) struct str text = STR_INIT(0);
    add_ids(&text, dirs, "");
    err_hint(err, "the newest are %s", str_text(&text));
    return false;
}

static bool choose(const struct run_dirs *dirs, const char *state_dir, const char *name,
                   const struct run_dir **ret_dir, struct err *err) {
    const struct run_dir *found = NULL;
    size_t n_found = 0;
    for (size_t i = 0; i < dirs->n; i++) {
        const struct run_dir *dir = &dirs->items[i];
        const char *own = run_dir_name(dir->id);
        bool is_newest = i == 0 && strcmp(name, "last") == 0;
        if (is_newest || strcmp(dir->id, name) == 0 || (own != NULL && strcmp(own, name) == 0)) {
            *ret_dir = dir;
            return true;
        }
        if (str_starts(dir->id, name) && name[0] != '\0') {
            found = dir;
            n_found++;
        }
    }
    if (n_found > 1) {
        AUTO(str) struct str text = STR_INIT(0);
        add_ids(&text, dirs, name);
        err_set(err, "ambiguous-run", "%zu runs begin with '%s'", n_found, name);
        err_hint(err, "%s", str_text(&text));
        return false;
    }
    *ret_dir = found;
    return found != NULL || unknown_run(dirs, state_dir, name, err);
}

/* The name of a directory is the id of its run, also when it was copied elsewhere. */
static bool find_by_path(const char *path, struct run_dir *ret_dir) {
    char *absolute = has_journal(path) ? realpath(path, NULL) : NULL;
    if (absolute == NULL) {
        return false;
    }
    const char *slash = strrchr(absolute, '/');
    run_dir_init(ret_dir, slash == NULL ? absolute : slash + 1, absolute);
    free(absolute); /* realpath's own */
    return true;
}

bool run_dir_find(const char *state_dir, const char *name, struct run_dir *ret_dir,
                  struct err *err) {
    if (strchr(name, '/') != NULL && find_by_path(name, ret_dir)) {
        return true;
    }
    struct run_dirs dirs = {NULL, 0};
    const struct run_dir *found = NULL;
    if (!run_dirs_list(state_dir, &dirs, err)) {
        return false;
    }
    bool is_found = choose(&dirs, state_dir, name, &found, err);
    if (is_found) {
        run_dir_init(ret_dir, found->id, found->path);
    }
    run_dirs_release(&dirs);
    return is_found;
}

/* ---- what it did ---- */

static bool fold(const struct event *ev, void *ctx, struct err *err) {
    (void)err;
    run_report_apply(ctx, ev);
    return true;
}

bool run_dir_see(const struct run_dir *dir, struct run_seen *ret_seen, struct err *err) {
    struct journal_info info;
    struct run_seen seen = {.report = run_report_new()};
    /* Before the reading: a run that ends meanwhile is then seen as one that ended. */
    seen.is_alive = journal_is_locked(dir->journal);
    if (!journal_read(dir->journal, fold, seen.report, &info, err)) {
        run_seen_release(&seen);
        return false;
    }
    seen.torn_bytes = info.torn_bytes;
    *ret_seen = seen;
    return true;
}

const char *run_seen_verdict(const struct run_seen *seen) {
    if (seen->report->is_finished) {
        return run_verdict_names[seen->report->verdict];
    }
    return seen->is_alive ? "running" : "interrupted";
}

void run_seen_release(struct run_seen *seen) {
    run_report_free(seen->report);
    *seen = (struct run_seen){.report = NULL};
}
