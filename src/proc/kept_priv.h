/*
 * struct kept_request: a request and, once it must outlive start(), copies of all it points to.
 */
#ifndef PROC_KEPT_PRIV_H
#define PROC_KEPT_PRIV_H

#include "base/arena.h"
#include "proc/runner.h"

#include <stdbool.h>

struct kept_request {
    struct run_request request;
    struct arena memory;
    char *stdin_copy; /* heap of its own, to be wiped */
    bool is_copied;
};

/* Borrows what `request` points to, until kept_copy() or kept_release(). */
void kept_init(struct kept_request *k, const struct run_request *request);
/* Again is harmless. */
void kept_copy(struct kept_request *k);
/* Forgets all texts; numbers and callbacks stay. Again is harmless. */
void kept_release(struct kept_request *k);

#endif
