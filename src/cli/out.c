/*
 * Buffered standard output whose every write is checked.
 */
#include "cli/out.h"

#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "maxima.h"

#define WRITE_AT (64 * KIB)

void out_init(struct out *out, int fd) {
    *out = (struct out){.text = STR_INIT(0), .fd = fd};
}

bool out_flush(struct out *out) {
    if (!out->is_closed && out->text.len > 0 &&
        !file_write_all(out->fd, out->text.data, out->text.len)) {
        out->errnum = errno;
        out->is_closed = true;
    }
    str_reset(&out->text);
    return !out->is_closed;
}

bool out_check(struct out *out) {
    return out->text.len < WRITE_AT ? !out->is_closed : out_flush(out);
}

bool out_end(struct out *out, struct err *err) {
    bool was_cut = out->text.is_over;
    out_flush(out);
    str_release(&out->text);
    if (was_cut) {
        return err_set(err, "write-failed", "the output is longer than %zu bytes",
                       LIMIT_STR_DEFAULT);
    }
    if (out->errnum != 0 && out->errnum != EPIPE) {
        return err_errno(err, "write-failed", out->errnum, "cannot write to standard output");
    }
    return true;
}
