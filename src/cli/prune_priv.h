/*
 * Removes one run for `cpdflow runs --prune`.
 */
#ifndef CLI_PRUNE_PRIV_H
#define CLI_PRUNE_PRIV_H

#include <stdbool.h>

#include "cli/run_dir.h"

enum prune_result {
    PRUNE_REMOVED,
    PRUNE_ALIVE, /* a process is writing it */
    PRUNE_FOREIGN, /* holds a file that is not cpdflow's: untouched; *ret_foreign is its name (heap) */
    PRUNE_FAILED, /* err is set */
};
/* Holds the run's lock meanwhile, so nobody resumes it. `with_files`: whatever recipes put into the directory goes too. */
enum prune_result prune_run(const struct run_dir *dir, bool with_files, char **ret_foreign,
                            struct err *err);

#endif
