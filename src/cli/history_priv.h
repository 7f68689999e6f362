/*
 * What earlier runs of the same recipe measured, from the reports that stand beside this run's directory.
 */
#ifndef CLI_HISTORY_PRIV_H
#define CLI_HISTORY_PRIV_H

#include <stddef.h>

#include "base/arena.h"

struct report_earlier;
struct run_report;

struct history {
    struct arena arena;
    struct report_earlier *items; /* oldest first */
    size_t n;
};

/* Never fails: a run whose report is missing or unreadable is left out. Nothing is read when this run has no metrics. */
void history_read(struct history *h, const struct run_report *run, const char *run_dir);
void history_release(struct history *h);

#endif
