/*
 * Standard output, buffered by us so that every failed write is seen.
 *
 *   struct out out;
 *   out_init(&out, STDOUT_FILENO);
 *   str_addf(&out.text, …);  then out_check(&out) now and then: it writes once the buffer is big enough
 *   if (!out_end(&out, &err)) return cli_fail(&err, CLI_ENVIRONMENT);
 *
 * A reader that went away (EPIPE, `cpdflow … | head -1`) is not an error: `is_closed` tells the caller to
 * stop early, and out_end() succeeds. A full disk is an error.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>

#include "base/str.h"

struct err;

struct out {
    struct str text; /* not written yet */
    int fd;
    int errnum;     /* of the first write that failed, else 0 */
    bool is_closed; /* nobody reads any more, or writing failed: stop producing */
};

void out_init(struct out *out, int fd);
/* Writes what is pending once it is worth a system call. Returns false when the caller may stop. */
bool out_check(struct out *out);
/* Writes everything that is pending. Returns false when the caller may stop. */
bool out_flush(struct out *out);
/* Flushes and releases. Kind write-failed when something could not be written. */
bool out_end(struct out *out, struct err *err);

#endif
