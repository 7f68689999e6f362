/*
 * Masked log files. See outlog_priv.h.
 */
#include "outlog_priv.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mask.h"
#include "base/mem.h"
#include "maxima.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void outlog_init(struct outlog *o, const char *base, const char *stream_name) {
    *o = (struct outlog){.fd = -1};
    if (base != NULL) {
        struct str path = STR_INIT(0);
        str_addf(&path, "%s.%s", base, stream_name);
        o->path = str_take(&path);
    }
}

static void give_up(struct outlog *o) {
    log_warn("log file '%s': %s", o->path, strerror(errno));
    o->is_over = true;
}

static bool open_file(struct outlog *o) {
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    o->fd = open(o->path, flags, 0600);
    if (o->fd < 0 && errno == EEXIST && unlink(o->path) == 0) {
        o->fd = open(o->path, flags, 0600);
    }
    return o->fd >= 0;
}

static void put(struct outlog *o, const char *text, size_t len) {
    if (len == 0 || o->is_over) {
        return;
    }
    if (o->fd < 0 && !open_file(o)) {
        give_up(o);
        return;
    }
    uint64_t room = LIMIT_CAPTURE_SPILL - o->written_bytes;
    size_t n = len < room ? len : (size_t)room;
    static const char note[] = "\n[cpdflow: the log ends here, it has reached its limit]\n";
    bool is_full = n < len;
    if (!file_write_all(o->fd, text, n) ||
        (is_full && !file_write_all(o->fd, note, sizeof note - 1))) {
        give_up(o);
        return;
    }
    o->written_bytes += n;
    o->is_over = is_full;
}

static void flush(struct outlog *o) {
    put(o, str_text(&o->text), o->text.len);
    str_reset(&o->text);
}

void outlog_add(struct outlog *o, const char *bytes, size_t len) {
    if (o->path == NULL || o->is_over) {
        return;
    }
    if (o->mask == NULL && !mask_is_active()) {
        put(o, bytes, len);
        return;
    }
    if (o->mask == NULL) {
        o->mask = mask_stream_new();
    }
    mask_stream_feed(o->mask, bytes, len, &o->text);
    flush(o);
}

void outlog_end(struct outlog *o) {
    if (o->mask != NULL) {
        mask_stream_end(o->mask, &o->text);
        flush(o);
        mask_stream_free(o->mask);
    }
    if (o->fd >= 0 && close(o->fd) != 0 && !o->is_over) {
        give_up(o);
    }
    str_release(&o->text);
    mem_free(o->path);
    *o = (struct outlog){.fd = -1};
}
