/*
 * The directory of one run: STATE/runs/ID with journal, report, logs and a private tmp that vanishes with the run.
 */
#ifndef CLI_RUN_DIR_H
#define CLI_RUN_DIR_H

#include <stdbool.h>

struct err;

struct run_dir {
    char *id;   /* "20260131-090500-7f3a": sorts by time, unique in its state directory */
    char *path; /* absolute */
    char *tmp;  /* path + "/tmp" */
};

/* Creates it, mode 0700. `state_dir` NULL: ".cpdflow". Errors: those of file_make_dirs(). */
bool run_dir_create(const char *state_dir, struct run_dir *ret_dir, struct err *err);
/* Removes tmp with all it holds; the rest stays. */
bool run_dir_clean(const struct run_dir *dir, struct err *err);
void run_dir_release(struct run_dir *dir);

#endif
