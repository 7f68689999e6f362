/*
 * The directory of one run: STATE/runs/ID with journal, report, logs and a private tmp that vanishes with the run.
 *
 *   journal.ndjson   what happened (event/journal.h); whoever writes it holds its lock: the run is alive
 *   report.json      the report, at the end; report/ those that were asked for without a path
 *   lease            empty; locked by the run and by every process it started, so a survivor of a crash is found
 *   steps/ values/   logs of calls; results that are too large for a record
 *   tmp/             private files of single calls
 * Whatever else stands there was put there by a recipe (`run.dir`).
 *
 * Looking at runs from outside, as `runs` and `report` do:
 *
 *   struct run_dir dir;
 *   if (!run_dir_find(state_dir, "last", &dir, &err)) return cli_fail(&err, CLI_USAGE);
 *   struct run_seen seen;
 *   if (!run_dir_see(&dir, &seen, &err)) …            // reads the journal, changes nothing, works while the run goes on
 *   … seen.report …
 *   run_seen_release(&seen);
 *   run_dir_release(&dir);
 */
#ifndef CLI_RUN_DIR_H
#define CLI_RUN_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct run_report;

struct run_dir {
    char *id;      /* "20260131-090500-7f3a": sorts by time, unique in its state directory */
    char *path;    /* absolute */
    char *tmp;     /* path + "/tmp" */
    char *journal; /* path + "/journal.ndjson" */
};

/*
 * Creates it, mode 0700. `state_dir` NULL: ".cpdflow". `name` ends the id in place of random digits, so that the run can be
 * found by what its user calls it; NULL: none. Errors: usage (such a name cannot be), run-exists, those of file_make_dirs().
 */
bool run_dir_create(const char *state_dir, const char *name, struct run_dir *ret_dir,
                    struct err *err);
/* What follows the time in an id; NULL when it is none of ours. */
const char *run_dir_name(const char *id);
/* Removes tmp with all it holds; the rest stays. */
bool run_dir_clean(const struct run_dir *dir, struct err *err);
void run_dir_release(struct run_dir *dir);

/*
 * The run that people mean by `name`: its id, its name, the beginning of its id when no other begins so, `last` for the newest, or
 * a path to its directory. Kinds: unknown-run (the hint names the nearest, or the newest runs), ambiguous-run, file-read.
 */
bool run_dir_find(const char *state_dir, const char *name, struct run_dir *ret_dir,
                  struct err *err);

/* All runs of a state directory, newest first; none at all when the directory does not exist. Kind file-read. */
struct run_dirs {
    struct run_dir *items;
    size_t n;
};
bool run_dirs_list(const char *state_dir, struct run_dirs *ret_dirs, struct err *err);
void run_dirs_release(struct run_dirs *dirs);

/* A run as its journal tells it. */
struct run_seen {
    struct run_report *report;
    bool is_alive;       /* a process is writing it now */
    uint64_t torn_bytes; /* at the journal's end, from a crash: not read */
};
/* Errors: those of journal_read(). */
bool run_dir_see(const struct run_dir *dir, struct run_seen *ret_seen, struct err *err);
/* "success", "failed", … of a run that ended; "running" or "interrupted" of one that did not. */
const char *run_seen_verdict(const struct run_seen *seen);
void run_seen_release(struct run_seen *seen);

#endif
