/*
 * Files of the client, see config_file.h.
 */
#include "config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_read(const char *path, struct text *ret_content) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    char part[65536];
    ssize_t n = 0;
    for (;;) {
        n = read(fd, part, sizeof part);
        if (n <= 0) {
            break;
        }
        text_add(ret_content, part, (size_t)n);
    }
    int problem = errno;
    (void)close(fd); /* only read from */
    errno = problem;
    return n == 0;
}

static bool write_all(int fd, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0) {
            return false;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static void make_folder_of(const char *path) {
    char *copy = text_dup(path);
    (void)mkdir(dirname(copy), 0700); /* the open that follows tells whether it is there */
    free(copy);
}

bool file_write_private(const char *path, const struct text *content) {
    char *draft = text_format("%s.%ld", path, (long)getpid());
    make_folder_of(path);
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_written = fd >= 0 && write_all(fd, text_get(content), content->len);
    is_written = fd >= 0 && close(fd) == 0 && is_written;
    is_written = is_written && rename(draft, path) == 0;
    free(draft);
    return is_written;
}
