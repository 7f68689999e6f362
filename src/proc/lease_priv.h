/*
 * Who holds a lease, where the system tells.
 */
#ifndef PROC_LEASE_PRIV_H
#define PROC_LEASE_PRIV_H

#include <stddef.h>
#include <sys/types.h>

struct lease_holder {
    pid_t pid;
    char name[32]; /* of its program, "" when not known */
};

/* Finds up to `max` other processes that have the file behind `fd` open; returns how many it found, 0 where nobody knows. */
size_t lease_holders(int fd, struct lease_holder *ret_holders, size_t max);

#endif
