/*
 * Non-blocking writes to a descriptor that others share, so O_NONBLOCK must not be set on it: poll() first, then
 * at most PIPE_BUF bytes, which a pipe that polls writable takes at once.
 */
#include "outlet_priv.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "maxima.h"

void outlet_init(struct outlet *o, int fd) {
    struct stat st;
    bool is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    *o = (struct outlet){.fd = fd,
                         .waiting = STR_INIT(LIMIT_CONSOLE_QUEUE),
                         .chunk = is_file ? LIMIT_CONSOLE_QUEUE : PIPE_BUF};
}

void outlet_release(struct outlet *o) {
    str_release(&o->waiting);
}

static void fail(struct outlet *o, int errnum) {
    o->is_closed = true;
    o->errnum = errnum == EPIPE ? 0 : errnum;
    str_reset(&o->waiting);
    o->start = 0;
}

/* A hang-up counts as ready: the write then says what happened. */
static bool is_ready(const struct outlet *o, int wait_ms) {
    struct pollfd p = {.fd = o->fd, .events = POLLOUT};
    int n = poll(&p, 1, wait_ms);
    return n > 0 || (n < 0 && errno != EINTR);
}

static bool write_some(struct outlet *o) {
    size_t left = o->waiting.len - o->start;
    ssize_t n = write(o->fd, o->waiting.data + o->start, left < o->chunk ? left : o->chunk);
    if (n < 0) {
        if (errno != EINTR && errno != EAGAIN) {
            fail(o, errno);
        }
        return false;
    }
    o->start += (size_t)n;
    return true;
}

void outlet_flush(struct outlet *o, int wait_ms) {
    while (!o->is_closed && o->start < o->waiting.len && is_ready(o, wait_ms) && write_some(o)) {
    }
    if (o->start == o->waiting.len) {
        str_reset(&o->waiting);
        o->start = 0;
    }
}

/* Room at the end of the buffer for what was written from its start. */
static void compact(struct outlet *o) {
    size_t rest = o->waiting.len - o->start;
    memmove(o->waiting.data, o->waiting.data + o->start, rest);
    str_cut(&o->waiting, rest);
    o->start = 0;
}

void outlet_add(struct outlet *o, const char *text, size_t len) {
    if (o->is_closed || len == 0) {
        return;
    }
    if (o->start > 0 && o->waiting.len + len > LIMIT_CONSOLE_QUEUE) {
        compact(o);
    }
    if (o->waiting.len + len > LIMIT_CONSOLE_QUEUE) {
        o->n_dropped++;
    } else {
        str_add_bytes(&o->waiting, text, len);
    }
    outlet_flush(o, 0);
}
