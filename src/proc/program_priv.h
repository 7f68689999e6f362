/*
 * Looks into a file that is about to be executed.
 */
#ifndef PROC_PROGRAM_PRIV_H
#define PROC_PROGRAM_PRIV_H

#include "proc/runner.h"

#include <stdbool.h>

struct str;

enum program_kind {
    PROGRAM_FINE,
    PROGRAM_UNREADABLE, /* only executable: nothing can be said */
    PROGRAM_TRUNCATED,  /* an ELF file that ends before its segments do */
    PROGRAM_NO_LOADER,  /* the #! interpreter or the ELF loader does not exist */
    PROGRAM_FOREIGN,    /* for another machine */
    PROGRAM_UNKNOWN,    /* neither ELF (or what this system has) nor #! */
};

/* `why` gets "is …" or "needs …" for all but the first two kinds: text to stand after the file's name. */
enum program_kind program_inspect(const char *path, struct str *why);

#endif
