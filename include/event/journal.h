/*
 * The journal: an append-only file of events from which a report can be made again and a run resumed.
 *
 *   struct journal *j = journal_create("run/journal.ndjson", run_id, &err);
 *   event_bus_add(&bus, journal_sink(j));          // first of all sinks: before anybody acts on an event it is written
 *   if (!journal_start_sync(j, is_durable, &err)) …
 *   if (!journal_close(j, &err)) …
 *
 * Format, one record a line, readable with jq:
 *   {"crc":"a1b2c3d4","n":0,"journal":1,"run":"20260131-090500-7f3a"}
 *   {"crc":"…","n":1,"seq":0,"time":…,"event":"run_started",…}              as event_json.h
 * `crc` is the CRC-32C of what follows it in the line, newline included, started from the crc of the record before: a record
 * that was changed, moved, doubled or comes from another run does not fit. Live output (EVENT_OUTPUT) is not recorded. Values in step_finished
 * (outputs, result) are whole; what is too large for listeners is in values/INDEX-SEQ.json beside the journal, named with its SHA-256 in
 * `whole_file` and `whole_digest`; secret ones are their mark or missing (event.h).
 *
 * Each record is one write(2): what was written survives the death of the process at once, and a crash of the machine once it was forced
 * to the disk (journal_start_sync). A write that fails (disk full) cuts the file back to the last whole record, and from then on
 * the sink returns false: nothing is written after a gap.
 *
 * Reading: a torn tail - a last line without newline, or one with NUL bytes after which no record follows - is what a crash leaves;
 * it is dropped and counted. Anything else that does not fit is corruption: refused with its record and byte.
 */
#ifndef EVENT_JOURNAL_H
#define EVENT_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"

struct arena;
struct err;
struct journal;
struct value;

struct journal_info {
    char run_id[64];
    uint64_t n_records; /* whole ones, with the header */
    uint64_t n_unknown; /* of these, events of a kind that this version does not know: skipped */
    uint64_t n_events;  /* given to the callback */
    uint64_t next_seq;  /* for event_bus.next_seq when a run goes on */
    uint64_t good_bytes;
    uint64_t torn_bytes; /* after them: dropped */
    uint32_t crc;        /* of the last record */
};

/* The event is borrowed for the call. False (with err set) ends the reading with that error. */
typedef bool (*journal_event_fn)(const struct event *ev, void *ctx, struct err *err);

/*
 * Creates the file (0600, must not exist; kind journal-exists) and locks it. run_id: at most 63 bytes. Other kinds: journal-open,
 * journal-write.
 */
struct journal *journal_create(const char *path, const char *run_id, struct err *err);
/*
 * Reads without lock or change, also while a run writes. Kinds: journal-open (also for what is not a regular
 * file), journal-empty (the run had not begun), journal-corrupt, journal-version, invalid-event. Events were given out up to
 * the place of an error: the caller throws away what it made of them.
 */
bool journal_read(const char *path, journal_event_fn on_event, void *ctx,
                  struct journal_info *ret_info, struct err *err);
/* Whether a process has it open for writing now. False also for what cannot be opened. */
bool journal_is_locked(const char *path);
/*
 * Keeps every run from it until the descriptor that this returns is closed; -1: kinds run-locked (a run has it), journal-open.
 */
int journal_hold(const char *path, struct err *err);
/* Locks (kind run-locked: another process has it), reads, cuts a torn tail off and is ready to append. */
struct journal *journal_resume(const char *path, journal_event_fn on_event, void *ctx,
                               struct journal_info *ret_info, struct err *err);

/*
 * Reads what stands beside the journal of `run_dir` (event_step_finished.whole_file) into the arena. Kind journal-value when it is not what its
 * record says, or those of file_read().
 */
bool journal_read_whole(const char *run_dir, const char *file, const char *digest, struct arena *a,
                        const struct value **ret_whole, struct err *err);

struct sink journal_sink(struct journal *j);
/*
 * From now on a thread of the journal's forces what is written to the disk, within about 100 ms; what goes wrong there, also a journal that
 * was removed or replaced, makes the sink return false from the next event on. `is_durable`: the start of every changing attempt, and the end of
 * the run, wait until they are on the disk. Kind journal-write when the system gives no thread.
 */
bool journal_start_sync(struct journal *j, bool is_durable, struct err *err);
/* Why the sink returned false, or will; NULL while all is well. Valid until close. */
const struct err *journal_failure(struct journal *j);
/*
 * Forces all to the disk, closes and frees; reports an earlier failure too. A failed fsync is final (the kernel may have dropped the
 * pages). Kinds: journal-write, and journal-gone when the file was removed or replaced behind our back. NULL is fine.
 */
bool journal_close(struct journal *j, struct err *err);

#endif
