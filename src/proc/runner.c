/*
 * What all runners share: the names of outcomes and the reading of captured output. Pure.
 */
#include "proc/runner.h"

#include "base/err.h"
#include "base/str.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

const char *const run_outcome_names[RUN_OUTCOME_COUNT] = {
    [RUN_EXITED] = "exited", [RUN_SIGNALED] = "signaled", [RUN_TIMED_OUT] = "timed-out",
    [RUN_IDLE] = "idle",     [RUN_STOPPED] = "stopped",   [RUN_SPAWN_FAILED] = "spawn-failed",
    [RUN_LOST] = "lost",
};
static_assert(sizeof run_outcome_names / sizeof *run_outcome_names == RUN_OUTCOME_COUNT,
              "a name per outcome");

static bool read_spill(int fd, uint64_t size_bytes, struct str *out, struct err *err) {
    uint64_t done = 0;
    while (done < size_bytes) {
        char chunk[32768];
        ssize_t n = pread(fd, chunk, sizeof chunk, (off_t)done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return err_errno(err, "file-read", n == 0 ? EIO : errno,
                             "cannot read the captured output back");
        }
        uint64_t left = size_bytes - done;
        str_add_bytes(out, chunk, (uint64_t)n < left ? (size_t)n : (size_t)left);
        done += (uint64_t)n;
    }
    return true;
}

bool runner_output_read(const struct run_output *o, size_t max_bytes, struct str *out,
                        struct err *err) {
    if (o->total_bytes > max_bytes) {
        return err_set(err, "output-too-large",
                       "the output is %" PRIu64 " bytes long: at most %zu are read", o->total_bytes,
                       max_bytes);
    }
    if (o->dropped_bytes > 0) {
        return err_set(err, "output-too-large",
                       "%" PRIu64 " of %" PRIu64 " bytes of output could not be kept",
                       o->dropped_bytes, o->total_bytes);
    }
    size_t before = out->len;
    if (o->spill_fd >= 0) {
        if (!read_spill(o->spill_fd, o->total_bytes, out, err)) {
            return false;
        }
    } else {
        str_add_bytes(out, o->head, o->head_len);
        str_add_bytes(out, o->tail, o->tail_len);
    }
    if (out->len - before != o->total_bytes) {
        return err_set(err, "output-too-large", "the output is %" PRIu64 " bytes long: too many",
                       o->total_bytes);
    }
    return true;
}
