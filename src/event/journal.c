/*
 * Writing a journal: create, append, sync, close. Reading stands in journal_read.c.
 */
#include "event/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/event_json.h"
#include "journal_priv.h"
#include "journal_sync_priv.h"
#include "maxima.h"
#include "value/json_write.h"

enum { LOOKS_PATIENCE = 500, LOOK_MS = 2 };

struct journal {
    int fd;
    char *path;
    uint32_t crc;
    uint64_t n;                /* records written */
    off_t good_bytes;          /* end of the last whole record */
    struct str line;           /* the record being written */
    struct journal_sync *sync; /* NULL: journal_start_sync() was not called */
    bool is_durable;
    bool has_failed;
    struct err failure;
};

static bool fail(struct journal *j, const char *kind, int errnum, const char *what) {
    j->has_failed = true;
    return err_errno(&j->failure, kind, errnum, "%s: %s", j->path, what);
}

/* Copies the failure for the caller; it stays readable through journal_failure(). */
static bool report_failure(const struct journal *j, struct err *err) {
    return err_set(err, j->failure.kind, "%s", j->failure.message);
}

static bool seal(struct str *line, uint32_t before, uint32_t *ret_crc) {
    str_add_char(line, '\n');
    if (line->is_over) {
        return false;
    }
    char digits[JOURNAL_CRC_DIGITS + 1];
    *ret_crc = crc32c(before, line->data + JOURNAL_BODY, line->len - JOURNAL_BODY);
    (void)snprintf(digits, sizeof digits, "%08x", *ret_crc);
    memcpy(line->data + JOURNAL_PREFIX_LEN, digits, JOURNAL_CRC_DIGITS);
    return true;
}

static struct json_writer begin_line(struct journal *j) {
    str_reset(&j->line);
    j->line.is_over = false;
    struct json_writer w = json_writer(&j->line, JSON_COMPACT);
    json_begin_object(&w);
    json_put_text(&w, "crc", "00000000");
    json_put_uint(&w, "n", j->n);
    return w;
}

/* Writes the sealed line with one write(2); a part of it never stays. */
static bool append_line(struct journal *j, uint32_t crc) {
    if (!file_write_all(j->fd, j->line.data, j->line.len)) {
        int errnum = errno;
        /* What stays when even this fails has no newline: the reader takes it for a torn tail. */
        bool is_cut = ftruncate(j->fd, j->good_bytes) == 0;
        return fail(j, "journal-write", errnum,
                    is_cut ? "a record could not be written"
                           : "a record could not be written, a part of it was");
    }
    j->good_bytes += (off_t)j->line.len;
    j->crc = crc;
    j->n++;
    if (j->sync != NULL) {
        journal_sync_note(j->sync);
    }
    return true;
}

static void fail_gone(struct journal *j) {
    j->has_failed = true;
    err_set(&j->failure, "journal-gone", "%s: the journal was removed or replaced", j->path);
}

/* Takes over what the other thread found. */
static void look_at_sync(struct journal *j) {
    struct sync_fault fault = {0, false};
    if (j->sync != NULL && !j->has_failed) {
        fault = journal_sync_fault(j->sync);
    }
    if (fault.errnum != 0) {
        fail(j, "journal-write", fault.errnum, "could not be forced to the disk");
    } else if (fault.is_gone) {
        fail_gone(j);
    }
}

/* The intent of an effect, and the last word. */
static bool must_be_on_disk(const struct event *ev) {
    return (ev->kind == EVENT_ATTEMPT_STARTED && !ev->as.attempt_started.reads) ||
           ev->kind == EVENT_RUN_FINISHED;
}

static bool make_event_line(struct journal *j, const struct event *ev, uint32_t *ret_crc) {
    struct json_writer w = begin_line(j);
    event_json_members(&w, ev);
    json_end_object(&w);
    return seal(&j->line, j->crc, ret_crc);
}

/* A result that is too large for one record is left out; resume then knows that it is missing. */
static bool make_cut_line(struct journal *j, const struct event *ev, uint32_t *ret_crc) {
    if (ev->kind != EVENT_STEP_FINISHED) {
        return false;
    }
    struct event cut = *ev;
    cut.as.step_finished.result = NULL;
    cut.as.step_finished.outputs = NULL;
    cut.as.step_finished.stdout_text = NULL;
    cut.as.step_finished.stderr_text = NULL;
    cut.as.step_finished.is_cut = true;
    return make_event_line(j, &cut, ret_crc);
}

/* What is too large for listeners gets a file of its own, which stands before the record that names it. */
static bool put_beside(struct journal *j, struct event *ev, struct beside *beside) {
    if (ev->kind != EVENT_STEP_FINISHED || ev->as.step_finished.whole == NULL) {
        return true;
    }
    struct event_step_finished *f = &ev->as.step_finished;
    (void)snprintf(beside->name, sizeof beside->name, JOURNAL_VALUES "/%u-%llu.json",
                   ev->step->index, (unsigned long long)ev->seq);
    if (!beside_write(j->path, f->whole, j->is_durable, beside)) {
        return false;
    }
    f->is_cut = beside->is_too_large;
    f->whole_file = beside->is_written ? beside->name : NULL;
    f->whole_digest = beside->is_written ? beside->digest : NULL;
    return true;
}

static bool on_event(void *ctx, const struct event *ev) {
    struct journal *j = ctx;
    uint32_t crc = 0;
    look_at_sync(j);
    if (j->has_failed) {
        return false;
    }
    if (ev->kind == EVENT_OUTPUT) {
        return true;
    }
    struct event copy = *ev;
    struct beside beside = {.is_written = false};
    if (!put_beside(j, &copy, &beside)) {
        return fail(j, "journal-write", errno, "a result could not be written beside it");
    }
    if (!make_event_line(j, &copy, &crc) && !make_cut_line(j, &copy, &crc)) {
        return fail(j, "journal-write", EFBIG, "a record is too large");
    }
    if (!append_line(j, crc)) {
        return false;
    }
    if (j->is_durable && must_be_on_disk(ev)) {
        journal_sync_wait(j->sync);
        look_at_sync(j);
    }
    return !j->has_failed;
}

struct sink journal_sink(struct journal *j) {
    return (struct sink){on_event, j};
}

bool journal_start_sync(struct journal *j, bool is_durable, struct err *err) {
    j->sync = journal_sync_new(j->fd, j->path);
    if (j->sync == NULL) {
        return err_set(err, "journal-write", "%s: no thread to force it to the disk", j->path);
    }
    j->is_durable = is_durable;
    journal_sync_note(j->sync); /* the header stands already */
    return true;
}

const struct err *journal_failure(struct journal *j) {
    look_at_sync(j);
    return j->has_failed ? &j->failure : NULL;
}

/* ---- open and close ---- */

static struct journal *journal_new(int fd, const char *path) {
    struct journal *j = mem_zalloc(1, sizeof *j);
    j->fd = fd;
    j->path = mem_strdup(path);
    j->line = (struct str)STR_INIT(LIMIT_JOURNAL_RECORD);
    return j;
}

static void journal_free(struct journal *j) {
    journal_sync_free(j->sync);
    (void)close(j->fd); /* what matters was synced and checked before */
    str_release(&j->line);
    err_release(&j->failure);
    mem_free(j->path);
    mem_free(j);
}

/*
 * A look from outside (journal_is_locked) shares the lock for a moment. Who shares it too knows that no run has it: then only such
 * looks are in the way, and they are about to end.
 */
static bool lock_alone(int fd) {
    for (int i = 0; i < LOOKS_PATIENCE; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            return true;
        }
        if (errno != EWOULDBLOCK || flock(fd, LOCK_SH | LOCK_NB) != 0) {
            return false;
        }
        (void)flock(fd, LOCK_UN); /* else two that wait would wait for each other */
        (void)poll(NULL, 0, LOOK_MS);
    }
    errno = EWOULDBLOCK;
    return false;
}

static bool lock(int fd, const char *path, struct err *err) {
    if (lock_alone(fd)) {
        return true;
    }
    if (errno == EWOULDBLOCK) {
        err_set(err, "run-locked", "%s: another cpdflow is running this", path);
        err_hint(err, "wait until it has ended, or cancel it");
        return false;
    }
    return err_errno(err, "journal-open", errno, "%s: cannot be locked", path);
}

int journal_hold(const char *path, struct err *err) {
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        err_errno(err, "journal-open", errno, "%s: cannot be opened", path);
        return -1;
    }
    if (!lock(fd, path, err)) {
        (void)close(fd); /* nothing was written */
        return -1;
    }
    return fd;
}

bool journal_is_locked(const char *path) {
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return false;
    }
    bool is_locked = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    (void)close(fd); /* nothing was written; gives the lock back */
    return is_locked;
}

static bool write_header(struct journal *j, const char *run_id) {
    uint32_t crc = 0;
    struct json_writer w = begin_line(j);
    json_put_int(&w, "journal", JOURNAL_VERSION);
    json_put_text(&w, "run", run_id);
    json_end_object(&w);
    bool is_sealed = seal(&j->line, 0, &crc);
    assert(is_sealed);
    (void)is_sealed;
    return append_line(j, crc);
}

struct journal *journal_create(const char *path, const char *run_id, struct err *err) {
    assert(strlen(run_id) < sizeof((struct journal_info *)NULL)->run_id);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        err_errno(err, errno == EEXIST ? "journal-exists" : "journal-open", errno,
                  "%s: cannot be created", path);
        return NULL;
    }
    struct journal *j = journal_new(fd, path);
    if (!lock(fd, path, err)) {
        journal_free(j);
        return NULL;
    }
    if (!write_header(j, run_id)) {
        report_failure(j, err);
        journal_free(j);
        return NULL;
    }
    return j;
}

static bool cut_tail(int fd, const char *path, const struct journal_info *info, struct err *err) {
    if (info->torn_bytes == 0) {
        return true;
    }
    if (ftruncate(fd, (off_t)info->good_bytes) != 0 || fsync(fd) != 0) {
        return err_errno(err, "journal-write", errno, "%s: the torn tail could not be cut off",
                         path);
    }
    return true;
}

struct journal *journal_resume(const char *path, journal_event_fn on_event_read, void *ctx,
                               struct journal_info *ret_info, struct err *err) {
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_APPEND | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        err_errno(err, "journal-open", errno, "%s: cannot be opened", path);
        return NULL;
    }
    struct journal *j = journal_new(fd, path);
    struct journal_info info;
    if (!lock(fd, path, err) || !journal_read_fd(fd, path, on_event_read, ctx, &info, err) ||
        !cut_tail(fd, path, &info, err)) {
        journal_free(j);
        return NULL;
    }
    j->crc = info.crc;
    j->n = info.n_records;
    j->good_bytes = (off_t)info.good_bytes;
    *ret_info = info;
    return j;
}

static bool force(struct journal *j, struct err *err) {
    look_at_sync(j);
    if (!j->has_failed && fsync(j->fd) != 0) {
        fail(j, "journal-write", errno, "could not be forced to the disk");
    } else if (!j->has_failed && !journal_is_in_place(j->fd, j->path)) {
        fail_gone(j);
    }
    return j->has_failed ? report_failure(j, err) : true;
}

bool journal_close(struct journal *j, struct err *err) {
    if (j == NULL) {
        return true;
    }
    look_at_sync(j);
    journal_sync_free(j->sync);
    j->sync = NULL;
    bool is_good = force(j, err);
    journal_free(j);
    return is_good;
}
