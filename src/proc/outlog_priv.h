/*
 * struct outlog: the masked copy of one output stream in a log file. The file appears with the first byte (a silent stream
 * leaves none), replaces what had its name, is private, and ends with a note when the limit is passed. A log that cannot be
 * written is given up with a warning; it never disturbs the child.
 */
#ifndef PROC_OUTLOG_PRIV_H
#define PROC_OUTLOG_PRIV_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outlog {
    char *path; /* NULL: no log */
    int fd;
    struct mask_stream *mask; /* made when the first secret is known */
    struct str text;
    uint64_t written_bytes;
    bool is_over;
};

/* `base` NULL: everything below does nothing. */
void outlog_init(struct outlog *o, const char *base, const char *stream_name);
void outlog_add(struct outlog *o, const char *bytes, size_t len);
/* Writes what the mask held back and closes. */
void outlog_end(struct outlog *o);

#endif
