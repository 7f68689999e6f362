/*
 * What can be known of a command before it is started: which file it is, and that the system will take its arguments,
 * environment and working directory. Says in words what a bare ENOENT cannot.
 */
#ifndef PROC_COMMAND_PRIV_H
#define PROC_COMMAND_PRIV_H

#include "proc/runner.h"
#include "spawn_priv.h"

#include <stdbool.h>

struct command_fault {
    enum spawn_error kind;
    char *message; /* heap */
};

void command_fault_release(struct command_fault *f);
/*
 * Checks the request and finds its program. *ret_path is heap text for spawn_plan.path. On failure only *ret_fault is
 * written.
 */
bool command_prepare(const struct run_request *request, char **ret_path,
                     struct command_fault *ret_fault);
/* Puts a failed start of `path` into words. */
void command_explain(const struct run_request *request, const char *path,
                     const struct spawn_fault *spawn, struct command_fault *ret_fault);

#endif
