/*
 * The parent's ends of a child's pipes: struct stream reads one output, struct feed writes stdin. Both embed their libuv handle.
 * An open that returns true has made one; its `on_closed` runs once, some turns after it was closed, and the
 * owner must live until then.
 *
 * A descriptor is closed together with its handle, never before: libuv takes the number out of epoll when the handle
 * closes, and by then the number could be another pipe's.
 */
#ifndef PROC_PIPE_PRIV_H
#define PROC_PIPE_PRIV_H

#include "capture_priv.h"
#include "outlog_priv.h"

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

/* One buffer serves all streams: bytes stay in it only during a callback. They share the time of a turn of the loop too. */
struct scratch {
    char *bytes;
    size_t size_bytes;
    unsigned n_streams; /* open */
};

struct stream;
struct stream_owner {
    void (*on_bytes)(struct stream *s, const char *bytes, size_t len, void *ctx);
    void (*on_end)(struct stream *s, void *ctx);
    void *ctx;
};

struct stream {
    int number; /* 1 or 2 */
    int fd;     /* -1: not open */
    bool has_ended;
    bool has_handle;
    bool is_grown;
    struct scratch *scratch;
    const struct stream_owner *owner;
    struct capture capture;
    struct outlog log;
    uv_poll_t poll;
};

/* Takes `fd` and starts reading. False (fd closed) when the loop refuses it. */
bool stream_open(struct stream *s, uv_loop_t *uv, int fd);
/* Reads what is there now, without waiting; on_end may run from inside. */
void stream_read_rest(struct stream *s);
/* Stops reading; handle->data is the owner's ctx in on_closed. Again is harmless. */
void stream_close(struct stream *s, uv_close_cb on_closed);

struct feed {
    int fd; /* -1: done, or nothing to write */
    bool has_handle;
    char *data; /* heap: what did not fit at once */
    size_t len;
    size_t done;
    uv_close_cb on_closed;
    void *ctx;
    uv_poll_t poll;
};

/*
 * Writes what the empty pipe takes and closes it, or keeps a copy of the rest for feed_open(). Takes `fd`, which becomes non-blocking.
 * A reader that goes away is no fault of ours: the rest is dropped.
 */
void feed_begin(struct feed *f, int fd, const char *data, size_t len);
/* Goes on in the background when something is left and closes itself at the end. False: no handle. */
bool feed_open(struct feed *f, uv_loop_t *uv, uv_close_cb on_closed, void *ctx);
/* Gives up what is left. Again is harmless. */
void feed_close(struct feed *f);

#endif
