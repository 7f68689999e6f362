/*
 * The lease of a run: a file that the run locks and whose descriptor every process inherits that it starts
 * (proc_options.lease_fd). The lock ends with the last of them, so one that outlived a crash of the run is found.
 */
#ifndef PROC_LEASE_H
#define PROC_LEASE_H

#include <stdbool.h>

struct err;

/*
 * Creates and locks it: a close-on-exec descriptor, or -1. `can_wait`: up to a second for holders that are about to end. Kinds: run-survivors (names them where the system tells), file-write.
 */
int lease_take(const char *path, bool can_wait, struct err *err);
/* Gives it back and closes. What is no lease (-1, 0) is fine. */
void lease_give(int fd);

#endif
