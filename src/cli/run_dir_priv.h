/*
 * Names in a run's directory, for the files of cli that make, find and remove one.
 */
#ifndef CLI_RUN_DIR_PRIV_H
#define CLI_RUN_DIR_PRIV_H

#include "cli/run_dir.h"

#define RUN_STATE_DIR ".cpdflow"
#define RUN_JOURNAL   "journal.ndjson"

/* STATE/runs; heap. NULL: of the default state directory. */
char *run_dir_parent(const char *state_dir);
/* Copies both texts and makes the paths out of them. */
void run_dir_init(struct run_dir *dir, const char *id, const char *path);

#endif
