/*
 * Group commit: a thread of its own forces what was written to the disk, so nothing waits for the disk unless it asks to.
 *
 * The thread only knows how many bytes there are and touches the file in two ways: fdatasync, and a look whether the file is still the one that
 * its path names. What it finds wrong it keeps for the writer and then ends: a failed fsync is never tried again, because the kernel may have
 * dropped the very pages it could not write.
 */
#include "journal_sync_priv.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

enum { SYNC_EVERY_MS = 100, DIRS_AROUND = 4 };

struct journal_sync {
    int fd;
    char *path;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t work; /* for the thread: there is something to do */
    pthread_cond_t done; /* for who waits */
    uint64_t n_written;
    uint64_t n_synced;
    bool is_urgent;
    bool is_ending;
    struct sync_fault fault;
};

bool journal_is_in_place(int fd, const char *path) {
    struct stat ours;
    struct stat there;
    return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

/* The run's directory, `runs`, the state directory and the one around it: any of them may hold a name that is new. */
static int sync_directories(const char *path) {
    char *at = mem_strdup(path);
    int errnum = 0;
    for (int i = 0; i < DIRS_AROUND && errnum == 0; i++) {
        char *dir = file_dirname(at);
        mem_free(at);
        at = dir;
        errnum = file_sync_dir(dir);
        /* Those further out may be somebody else's, not to be read by us: then they are not new either. */
        errnum = i > 0 && errnum == EACCES ? 0 : errnum;
    }
    mem_free(at);
    return errnum;
}

static struct sync_fault sync_once(const struct journal_sync *s, bool is_first) {
    struct sync_fault fault = {0, false};
    if (fdatasync(s->fd) != 0) {
        fault.errnum = errno;
    } else if (!journal_is_in_place(s->fd, s->path)) {
        fault.is_gone = true;
    } else if (is_first) {
        fault.errnum = sync_directories(s->path);
    }
    return fault;
}

static bool has_fault(const struct journal_sync *s) {
    return s->fault.errnum != 0 || s->fault.is_gone;
}

/*
 * Lets more records gather, unless somebody waits. The wait is told in wall time, the only kind that every system takes; each record wakes it
 * and then the monotonic clock decides, so a clock that is set back cannot stretch it for long.
 */
static void gather(struct journal_sync *s) {
    int64_t end_ms = clock_monotonic_ms() + SYNC_EVERY_MS;
    int64_t until_ms = clock_wall_ms() + SYNC_EVERY_MS;
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000) * 1000000L};
    while (!s->is_urgent && !s->is_ending && clock_monotonic_ms() < end_ms &&
           pthread_cond_timedwait(&s->work, &s->mutex, &until) != ETIMEDOUT) {
    }
}

static void *sync_thread(void *arg) {
    struct journal_sync *s = arg;
    (void)pthread_mutex_lock(&s->mutex);
    while (!s->is_ending && !has_fault(s)) {
        if (s->n_synced == s->n_written) {
            (void)pthread_cond_wait(&s->work, &s->mutex);
            continue;
        }
        gather(s);
        if (s->is_ending) {
            break; /* the writer forces the rest itself */
        }
        uint64_t n = s->n_written;
        bool is_first = s->n_synced == 0;
        s->is_urgent = false;
        (void)pthread_mutex_unlock(&s->mutex);
        struct sync_fault fault = sync_once(s, is_first);
        (void)pthread_mutex_lock(&s->mutex);
        s->fault = fault;
        s->n_synced = n;
        (void)pthread_cond_broadcast(&s->done);
    }
    (void)pthread_mutex_unlock(&s->mutex);
    return NULL;
}

static bool start_thread(struct journal_sync *s) {
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all); /* signals are the main thread's */
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int errnum = pthread_create(&s->thread, NULL, sync_thread, s);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return errnum == 0;
}

struct journal_sync *journal_sync_new(int fd, const char *path) {
    struct journal_sync *s = mem_zalloc(1, sizeof *s);
    s->fd = fd;
    s->path = mem_strdup(path);
    (void)pthread_mutex_init(&s->mutex, NULL);
    (void)pthread_cond_init(&s->work, NULL);
    (void)pthread_cond_init(&s->done, NULL);
    if (!start_thread(s)) {
        s->is_ending = true; /* nothing to join */
        journal_sync_free(s);
        return NULL;
    }
    return s;
}

void journal_sync_note(struct journal_sync *s) {
    (void)pthread_mutex_lock(&s->mutex);
    s->n_written++;
    (void)pthread_cond_signal(&s->work);
    (void)pthread_mutex_unlock(&s->mutex);
}

void journal_sync_wait(struct journal_sync *s) {
    (void)pthread_mutex_lock(&s->mutex);
    uint64_t n = s->n_written;
    while (s->n_synced < n && !has_fault(s)) {
        s->is_urgent = true;
        (void)pthread_cond_signal(&s->work);
        (void)pthread_cond_wait(&s->done, &s->mutex);
    }
    (void)pthread_mutex_unlock(&s->mutex);
}

struct sync_fault journal_sync_fault(struct journal_sync *s) {
    (void)pthread_mutex_lock(&s->mutex);
    struct sync_fault fault = s->fault;
    (void)pthread_mutex_unlock(&s->mutex);
    return fault;
}

void journal_sync_free(struct journal_sync *s) {
    if (s == NULL) {
        return;
    }
    if (!s->is_ending) {
        (void)pthread_mutex_lock(&s->mutex);
        s->is_ending = true;
        (void)pthread_cond_signal(&s->work);
        (void)pthread_mutex_unlock(&s->mutex);
        (void)pthread_join(s->thread, NULL);
    }
    (void)pthread_cond_destroy(&s->work);
    (void)pthread_cond_destroy(&s->done);
    (void)pthread_mutex_destroy(&s->mutex);
    mem_free(s->path);
    mem_free(s);
}
