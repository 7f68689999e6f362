/*
 * Forces a journal to the disk from a thread of its own. All functions are for the thread that writes.
 */
#ifndef EVENT_JOURNAL_SYNC_PRIV_H
#define EVENT_JOURNAL_SYNC_PRIV_H

#include <stdbool.h>

struct sync_fault {
    int errnum;   /* of a failed fsync; 0: none */
    bool is_gone; /* the path names another file, or none */
};

struct journal_sync;
/* Borrows both. NULL when the system gives no thread. */
struct journal_sync *journal_sync_new(int fd, const char *path);
/* Ends the thread; what it has not forced yet is left to the caller. NULL is fine. */
void journal_sync_free(struct journal_sync *s);
/* A record was written: it is forced within about 100 ms. */
void journal_sync_note(struct journal_sync *s);
/* Returns when all that was written is on the disk, or can no longer come there. */
void journal_sync_wait(struct journal_sync *s);
struct sync_fault journal_sync_fault(struct journal_sync *s);

/* Whether the path still names the open file. */
bool journal_is_in_place(int fd, const char *path);

#endif
