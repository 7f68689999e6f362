/*
 * A descriptor written to without ever blocking the loop.
 */
#ifndef REPORT_OUTLET_PRIV_H
#define REPORT_OUTLET_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct outlet {
    int fd;
    struct str waiting; /* from `start` on: not written yet */
    size_t start;
    size_t chunk;     /* most that one write takes without blocking */
    size_t n_dropped; /* texts for which there was no room */
    int errnum;       /* of the write that failed, 0: none */
    bool is_closed;   /* the reader went away, or writing failed: nothing more is written */
};

void outlet_init(struct outlet *o, int fd);
void outlet_release(struct outlet *o);
/* Queues the text whole or drops it whole, and writes what can be written now. */
void outlet_add(struct outlet *o, const char *text, size_t len);
/* Writes what is waiting, for as long as the reader takes it within wait_ms. */
void outlet_flush(struct outlet *o, int wait_ms);

#endif
