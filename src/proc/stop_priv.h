/*
 * Signals to groups of children, and the list of live groups that an emergency needs.
 */
#ifndef PROC_STOP_PRIV_H
#define PROC_STOP_PRIV_H

#include <stdbool.h>
#include <sys/types.h>

/* Remembers a group for proc_kill_all(); there is room for LIMIT_CHILDREN. */
void stop_register(pid_t group);
/* Before its leader is reaped: afterwards the number may belong to somebody else. */
void stop_unregister(pid_t group);
/* TERM, then CONT so that a stopped child with a handler gets to run it. */
void stop_ask(pid_t group);
void stop_kill(pid_t group);

#endif
