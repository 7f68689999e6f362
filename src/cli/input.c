/*
 * Reading files and pipes for eval and extract.
 */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/out.h"
#include "maxima.h"

#define READ_MIN (64 * KIB)
#define READ_MAX (4 * MIB)
/* Larger files are read piece by piece, as pipes are: most of them hold many small documents. */
#define WHOLE_MAX (256 * MIB)

bool input_open(struct input *in, const char *path, struct err *err) {
    bool is_stdin = path == NULL || strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat status = {0};
    if (fd < 0 || fstat(fd, &status) != 0) {
        int errnum = errno;
        const char *kind = errnum == ENOENT ? "file-not-found" : "file-read";
        return err_errno(err, kind, errnum, "cannot read '%s'", is_stdin ? "stdin" : path);
    }
    bool is_file = S_ISREG(status.st_mode);
    size_t size = is_file ? (size_t)status.st_size : 0; /* files of /proc say 0 */
    *in = (struct input){.name = is_stdin ? "stdin" : path,
                         .text = STR_INIT(LIMIT_JSON_BYTES + 1),
                         .fd = fd,
                         .wanted = READ_MIN,
                         .is_sized = size > 0,
                         .is_whole = is_file && size <= WHOLE_MAX};
    if (in->is_sized && in->is_whole) {
        in->wanted =
            size + 1; /* one byte more, so that the read that takes all also sees the end */
    }
    return true;
}

/* One read(), which also tells the end. */
static bool read_some(struct input *in, struct err *err) {
    if (in->text.len >= LIMIT_JSON_BYTES) {
        return err_set(err, "file-too-large", "'%s' needs more than %zu MiB in memory at once",
                       in->name, LIMIT_JSON_BYTES / MIB);
    }
    size_t room = LIMIT_JSON_BYTES + 1 - in->text.len;
    size_t wanted = in->wanted < room ? in->wanted : room;
    if (!str_reserve(&in->text, wanted)) {
        return err_set(err, "file-too-large", "'%s' is too large", in->name);
    }
    if (!in->is_whole && in->tied != NULL) {
        (void)out_flush(in->tied); /* whoever fills it looks at the result */
    }
    ssize_t n = 0;
    do {
        n = read(in->fd, in->text.data + in->text.len, wanted);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return err_errno(err, errno == EISDIR ? "file-type" : "file-read", errno,
                         "cannot read '%s'", in->name);
    }
    in->text.len += (size_t)n;
    in->text.data[in->text.len] = '\0';
    /* A file whose size is known gives less than asked for only at its end. */
    in->is_end = n == 0 || (in->is_sized && (size_t)n < wanted);
    in->wanted = (size_t)n == wanted && in->wanted < READ_MAX ? 2 * in->wanted : READ_MIN;
    return true;
}

bool input_more(struct input *in, struct err *err) {
    do {
        if (!read_some(in, err)) {
            return false;
        }
    } while (in->is_whole && !in->is_end);
    return true;
}

bool input_all(struct input *in, struct err *err) {
    while (!in->is_end) {
        if (!input_more(in, err)) {
            return false;
        }
    }
    return true;
}

static unsigned count_newlines(const char *text, size_t len) {
    unsigned n = 0;
    for (const char *end = text + len; text < end; n++) {
        text = memchr(text, '\n', (size_t)(end - text));
        if (text == NULL) {
            break;
        }
        text++;
    }
    return n;
}

void input_consume(struct input *in, size_t n) {
    if (n == 0) {
        return;
    }
    in->n_lines_before += count_newlines(in->text.data, n);
    memmove(in->text.data, in->text.data + n, in->text.len - n);
    str_cut(&in->text, in->text.len - n);
}

void input_close(struct input *in) {
    if (in == NULL) {
        return;
    }
    str_release(&in->text);
    if (in->fd > STDIN_FILENO) {
        (void)close(in->fd); /* only read from */
    }
    in->fd = -1;
}
