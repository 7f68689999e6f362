/*
 * Bounded capture of a stream. No libuv and no decoding here: bytes in, the same bytes out.
 *
 * A full disk, a refused file or the cap end the spill for good; capture goes on in memory and the gap is counted, so that
 * output can never fail a child.
 */
#include "capture_priv.h"

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "maxima.h"
#include "proc/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void capture_init(struct capture *c, const char *spill_dir, uint64_t spill_cap) {
    *c = (struct capture){.spill_dir = spill_dir,
                          .spill_cap = spill_cap > 0 ? spill_cap : LIMIT_CAPTURE_SPILL,
                          .spill_fd = -1};
}

void capture_release(struct capture *c) {
    mem_free(c->head);
    mem_free(c->ring);
    if (c->spill_fd >= 0) {
        close(c->spill_fd);
    }
    *c = (struct capture){.spill_fd = -1};
}

static int open_anonymous(const char *dir) {
#ifdef O_TMPFILE
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (fd >= 0) {
        return fd;
    }
#endif
    char *path = NULL;
    struct err err = ERR_INIT;
    int temp = file_make_temp(dir, "cpdflow-spill-", &path, &err);
    if (temp >= 0) {
        (void)unlink(path); /* a name that stays is all that could go wrong */
        mem_free(path);
    }
    err_release(&err);
    return temp;
}

static void add_head(struct capture *c, const char *bytes, size_t len) {
    if (c->head_len + len > c->head_cap) {
        size_t cap = c->head_cap == 0 ? 512 : c->head_cap;
        while (cap < c->head_len + len) {
            cap *= 2;
        }
        c->head = mem_realloc(c->head, cap, 1);
        c->head_cap = cap;
    }
    memcpy(c->head + c->head_len, bytes, len);
    c->head_len += len;
}

static void add_ring(struct capture *c, const char *bytes, size_t len) {
    if (c->ring == NULL) {
        c->ring = mem_alloc(LIMIT_CAPTURE_MEMORY);
    }
    if (len >= LIMIT_CAPTURE_MEMORY) {
        memcpy(c->ring, bytes + (len - LIMIT_CAPTURE_MEMORY), LIMIT_CAPTURE_MEMORY);
        c->ring_next = 0;
        return;
    }
    size_t until_end = LIMIT_CAPTURE_MEMORY - c->ring_next;
    size_t first = len < until_end ? len : until_end;
    memcpy(c->ring + c->ring_next, bytes, first);
    memcpy(c->ring, bytes + first, len - first);
    c->ring_next = (c->ring_next + len) % LIMIT_CAPTURE_MEMORY;
}

static void spill(struct capture *c, const char *bytes, size_t len) {
    while (len > 0 && !c->is_spill_over) {
        uint64_t room = c->spill_cap - c->spilled_bytes;
        size_t n = len < room ? len : (size_t)room;
        ssize_t written = n > 0 ? write(c->spill_fd, bytes, n) : 0;
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            c->is_spill_over = true;
            break;
        }
        bytes += written;
        len -= (size_t)written;
        c->spilled_bytes += (uint64_t)written;
    }
}

static void begin_spill(struct capture *c) {
    if (c->spill_fd >= 0 || c->is_spill_over) {
        return;
    }
    c->spill_fd = open_anonymous(c->spill_dir);
    if (c->spill_fd < 0) {
        c->is_spill_over = true;
        return;
    }
    spill(c, c->head, c->head_len);
}

void capture_add(struct capture *c, const char *bytes, size_t len) {
    c->total_bytes += len;
    size_t room = LIMIT_CAPTURE_MEMORY - c->head_len;
    size_t n_head = len < room ? len : room;
    if (n_head > 0) {
        add_head(c, bytes, n_head);
    }
    if (n_head == len) {
        return;
    }
    begin_spill(c);
    spill(c, bytes + n_head, len - n_head);
    add_ring(c, bytes + n_head, len - n_head);
}

/* Puts the ring's bytes in order and returns where they start. */
static const char *straighten(struct capture *c, size_t tail_len) {
    if (tail_len < LIMIT_CAPTURE_MEMORY || c->ring_next == 0) {
        return c->ring;
    }
    char *straight = mem_alloc(LIMIT_CAPTURE_MEMORY);
    size_t first = LIMIT_CAPTURE_MEMORY - c->ring_next;
    memcpy(straight, c->ring + c->ring_next, first);
    memcpy(straight + first, c->ring, c->ring_next);
    mem_free(c->ring);
    c->ring = straight;
    c->ring_next = 0;
    return c->ring;
}

void capture_view(struct capture *c, struct run_output *ret_output) {
    struct run_output o = {.head = c->head != NULL ? c->head : "",
                           .head_len = c->head_len,
                           .total_bytes = c->total_bytes,
                           .spill_fd = -1};
    uint64_t rest = c->total_bytes - c->head_len;
    if (rest > 0) {
        o.tail_len = rest < LIMIT_CAPTURE_MEMORY ? (size_t)rest : LIMIT_CAPTURE_MEMORY;
        o.tail = straighten(c, o.tail_len);
        uint64_t in_memory = o.head_len + o.tail_len;
        bool is_file_better = c->spill_fd >= 0 && c->spilled_bytes >= in_memory;
        o.spill_fd = is_file_better ? c->spill_fd : -1;
        o.dropped_bytes = c->total_bytes - (is_file_better ? c->spilled_bytes : in_memory);
    }
    *ret_output = o;
}
