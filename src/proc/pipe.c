/*
 * Reading a child's output and writing its stdin, never waiting for either.
 */
#include "pipe_priv.h"
#include "spawn_priv.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
    STREAM_BYTES = 2 * 1024 * 1024, /* read of a stream in one go: then the others get their turn */
    /* What all streams together read in a turn, so that timers and signals never wait long; but each gets a little. */
    TURN_BYTES = 8 * 1024 * 1024,
    LEAST_BYTES = 8 * 1024,
    GROW_AFTER_BYTES = 128 * 1024, /* a stream with this much behind it has more to say */
    GROWN_PIPE_BYTES = 1024 * 1024,
    PIPE_BYTES = 64 * 1024,
};

/* ---- output */

static void stream_end(struct stream *s) {
    s->has_ended = true;
    if (s->has_handle) {
        (void)uv_poll_stop(&s->poll);
    }
    outlog_end(&s->log);
    s->owner->on_end(s, s->owner->ctx);
}

static void take(struct stream *s, const char *bytes, size_t len) {
    capture_add(&s->capture, bytes, len);
    outlog_add(&s->log, bytes, len);
    if (!s->is_grown && s->capture.total_bytes > GROW_AFTER_BYTES) {
        s->is_grown = true;
        pipe_grow(s->fd, GROWN_PIPE_BYTES);
    }
    s->owner->on_bytes(s, bytes, len, s->owner->ctx);
}

/* A short read means that the pipe was empty, so the end, if it has come, is told by the next poll. */
static void read_some(struct stream *s, size_t left) {
    while (left > 0 && !s->has_ended && s->fd >= 0) {
        size_t wanted = left < s->scratch->size_bytes ? left : s->scratch->size_bytes;
        ssize_t n = read(s->fd, s->scratch->bytes, wanted);
        if (n > 0) {
            left -= (size_t)n;
            take(s, s->scratch->bytes, (size_t)n);
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            stream_end(s);
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

void stream_read_rest(struct stream *s) {
    read_some(s, STREAM_BYTES);
}

static size_t share_of_turn(const struct scratch *scratch) {
    size_t share = TURN_BYTES / (scratch->n_streams > 0 ? scratch->n_streams : 1);
    share = share < STREAM_BYTES ? share : STREAM_BYTES;
    return share > LEAST_BYTES ? share : LEAST_BYTES;
}

static void on_readable(uv_poll_t *poll, int status, int events) {
    (void)status; /* an error shows in the read */
    (void)events;
    struct stream *s = poll->data;
    read_some(s, share_of_turn(s->scratch));
}

bool stream_open(struct stream *s, uv_loop_t *uv, int fd) {
    if (uv_poll_init(uv, &s->poll, fd) != 0) {
        close(fd);
        return false;
    }
    s->fd = fd;
    s->has_handle = true;
    s->poll.data = s;
    s->scratch->n_streams++;
    (void)uv_poll_start(&s->poll, UV_READABLE, on_readable); /* fails only for closing handles */
    return true;
}

void stream_close(struct stream *s, uv_close_cb on_closed) {
    outlog_end(&s->log);
    if (s->has_handle) {
        s->has_handle = false;
        s->scratch->n_streams--;
        s->poll.data = s->owner->ctx;
        uv_close((uv_handle_t *)&s->poll, on_closed);
        close(s->fd);
        s->fd = -1;
    }
}

/* ---- stdin */

/* True when no more is to be written: all is, or the reader is gone. */
static bool write_some(int fd, const char *data, size_t len, size_t *done) {
    while (*done < len) {
        ssize_t n = write(fd, data + *done, len - *done);
        if (n >= 0) {
            *done += (size_t)n;
        } else if (errno == EAGAIN) {
            return false;
        } else if (errno != EINTR) {
            return true;
        }
    }
    return true;
}

void feed_close(struct feed *f) {
    if (f->has_handle) {
        f->has_handle = false;
        f->poll.data = f->ctx;
        uv_close((uv_handle_t *)&f->poll, f->on_closed);
    }
    if (f->fd >= 0) {
        close(f->fd);
        f->fd = -1;
    }
    if (f->data != NULL) {
        explicit_bzero(f->data, f->len); /* configuration on stdin is where secrets travel */
        mem_free(f->data);
        f->data = NULL;
    }
}

void feed_begin(struct feed *f, int fd, const char *data, size_t len) {
    *f = (struct feed){.fd = fd};
    (void)fcntl(fd, F_SETFL, O_NONBLOCK); /* it is our own pipe */
    if (len > PIPE_BYTES) {
        pipe_grow(fd, GROWN_PIPE_BYTES);
    }
    size_t done = 0;
    if (write_some(fd, data, len, &done)) {
        feed_close(f);
        return;
    }
    f->len = len - done;
    f->data = mem_alloc(f->len);
    memcpy(f->data, data + done, f->len);
}

static void on_writable(uv_poll_t *poll, int status, int events) {
    (void)status; /* an error shows in the write */
    (void)events;
    struct feed *f = poll->data;
    if (f->fd >= 0 && write_some(f->fd, f->data, f->len, &f->done)) {
        feed_close(f);
    }
}

bool feed_open(struct feed *f, uv_loop_t *uv, uv_close_cb on_closed, void *ctx) {
    if (f->fd < 0) {
        return false;
    }
    if (uv_poll_init(uv, &f->poll, f->fd) != 0) {
        feed_close(f);
        return false;
    }
    f->has_handle = true;
    f->on_closed = on_closed;
    f->ctx = ctx;
    f->poll.data = f;
    (void)uv_poll_start(&f->poll, UV_WRITABLE, on_writable);
    return true;
}
