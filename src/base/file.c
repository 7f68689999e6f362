/*
 * Files: nothing here follows a link by accident, blocks on a fifo, or leaves half a file behind.
 */
#include "base/file.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024 };

static ssize_t read_retrying(int fd, void *buffer, size_t size_bytes) {
    for (;;) {
        ssize_t n = read(fd, buffer, size_bytes);
        if (n >= 0 || errno != EINTR) {
            return n;
        }
    }
}

bool file_read_fd(int fd, const char *name, size_t max_bytes, struct str *out, struct err *err) {
    size_t left = max_bytes < str_room(out) ? max_bytes : str_room(out);
    for (;;) {
        char one_more = 0; /* when all is used up, this byte tells "the end" from "too large" */
        /* Memory that is there is used first: a file of known size is read without growing. */
        size_t spare = out->cap > out->len + 1 ? out->cap - out->len - 1 : READ_BYTES;
        size_t wanted = left < spare ? left : spare;
        (void)str_reserve(out, wanted); /* fits: `left` is within the maximum */
        ssize_t n = wanted > 0 ? read_retrying(fd, out->data + out->len, wanted)
                               : read_retrying(fd, &one_more, 1);
        if (n < 0) {
            return err_errno(err, "file-read", errno, "cannot read '%s'", name);
        }
        if (n == 0) {
            return true;
        }
        if (wanted == 0) {
            return err_set(err, "file-too-large", "'%s' is larger than %zu bytes", name, max_bytes);
        }
        left -= (size_t)n;
        out->len += (size_t)n;
        out->data[out->len] = '\0';
    }
}

static const char *type_name(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "a directory";
    case S_IFIFO:
        return "a fifo";
    case S_IFCHR:
    case S_IFBLK:
        return "a device";
    default:
        return "not a regular file";
    }
}

bool file_read_regular(int fd, const char *path, size_t max_bytes, struct str *out,
                       struct err *err) {
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return err_errno(err, "file-read", errno, "cannot read '%s'", path);
    }
    if (!S_ISREG(st.st_mode)) {
        return err_set(err, "file-type", "'%s' is %s: expected a file", path,
                       type_name(st.st_mode));
    }
    if ((uintmax_t)st.st_size > max_bytes) {
        return err_set(err, "file-too-large", "'%s' has %jd bytes: at most %zu are read", path,
                       (intmax_t)st.st_size, max_bytes);
    }
    /* One allocation of the right size; the file may still grow or shrink under us. */
    (void)str_reserve(out, (size_t)st.st_size + 1);
    return file_read_fd(fd, path, max_bytes, out, err);
}

bool file_read(const char *path, size_t max_bytes, struct str *out, struct err *err) {
    /* O_NONBLOCK: opening a fifo without a writer would hang before its type is known. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        const char *kind = errno == ENOENT || errno == ENOTDIR ? "file-not-found" : "file-read";
        return err_errno(err, kind, errno, "cannot open '%s'", path);
    }
    bool is_read = file_read_regular(fd, path, max_bytes, out, err);
    (void)close(fd); /* nothing was written */
    return is_read;
}

bool file_write_all(int fd, const void *data, size_t len) {
    const char *at = data;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

char *file_dirname(const char *path) {
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    return len == 0 ? mem_strdup(".") : mem_strndup(path, len);
}

char *file_join(const char *dir, const char *name) {
    if (name[0] == '/' || dir[0] == '\0') {
        return mem_strdup(name);
    }
    struct str path = STR_INIT(0);
    str_add(&path, dir);
    if (!str_ends(dir, "/")) {
        str_add_char(&path, '/');
    }
    str_add(&path, name);
    return str_take(&path);
}

/* DIR/PREFIXXXXXXX, as mkostemp() and mkdtemp() want it. */
static char *temp_pattern(const char *dir, const char *prefix) {
    AUTO(str) struct str name = STR_INIT(0);
    str_addf(&name, "%sXXXXXX", prefix);
    return file_join(dir, str_text(&name));
}

int file_make_temp(const char *dir, const char *prefix, char **ret_path, struct err *err) {
    char *path = temp_pattern(dir, prefix);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0) {
        err_errno(err, "file-write", errno, "cannot create a file in '%s'", dir);
        mem_free(path);
        return -1;
    }
    *ret_path = path;
    return fd;
}

const char *file_temp_root(void) {
    const char *wanted = getenv("TMPDIR");
    return wanted != NULL && wanted[0] == '/' ? wanted : "/tmp";
}

char *file_make_temp_dir(const char *prefix, struct err *err) {
    const char *dir = file_temp_root();
    char *path = temp_pattern(dir, prefix);
    if (mkdtemp(path) == NULL) {
        (void)err_errno(err, "file-write", errno, "cannot create a directory in '%s'", dir);
        mem_free(path);
        return NULL;
    }
    return path;
}

int file_sync_dir(const char *dir) {
    int fd = open(dir, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0) {
        return errno;
    }
    /* Some file systems cannot sync a directory and say EINVAL; nothing better can be done. */
    int errnum = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
    (void)close(fd); /* nothing was written through it */
    return errnum;
}

static bool sync_names(const char *dir, struct err *err) {
    int errnum = file_sync_dir(dir);
    return errnum == 0 || err_errno(err, "file-write", errnum, "cannot sync '%s'", dir);
}

/* Fills and closes the temporary file. */
static bool write_and_close(int fd, const char *path, const void *data, size_t len, mode_t mode,
                            struct err *err) {
    bool is_written = file_write_all(fd, data, len) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    int errnum = errno;
    if (close(fd) != 0 && is_written) {
        is_written = false;
        errnum = errno;
    }
    return is_written || err_errno(err, "file-write", errnum, "cannot write '%s'", path);
}

bool file_write_atomic(const char *path, const void *data, size_t len, mode_t mode,
                       struct err *err) {
    char *dir = file_dirname(path);
    char *temp = NULL;
    bool is_done = false;
    int fd = file_make_temp(dir, FILE_TEMP_PREFIX, &temp, err);
    if (fd < 0) {
        goto out;
    }
    if (!write_and_close(fd, path, data, len, mode, err)) {
        (void)unlink(temp); /* the first error is the one to tell */
        goto out;
    }
    if (rename(temp, path) != 0) {
        err_errno(err, "file-write", errno, "cannot replace '%s'", path);
        (void)unlink(temp); /* as above */
        goto out;
    }
    is_done = sync_names(dir, err);
out:
    mem_free(temp);
    mem_free(dir);
    return is_done;
}

static bool make_dir(const char *path, mode_t mode, struct err *err) {
    if (mkdir(path, mode) == 0) {
        return true;
    }
    int errnum = errno;
    struct stat st;
    if (errnum == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        return true;
    }
    return err_errno(err, "file-write", errnum, "cannot make the directory '%s'", path);
}

bool file_make_dirs(const char *path, mode_t mode, struct err *err) {
    char *partial = mem_strdup(path);
    bool is_made = true;
    for (char *at = partial; is_made && *at != '\0'; at++) {
        if (*at == '/' && at != partial) {
            *at = '\0';
            is_made = make_dir(partial, mode, err);
            *at = '/';
        }
    }
    is_made = is_made && make_dir(partial, mode, err);
    mem_free(partial);
    return is_made;
}

static bool remove_entry(int parent_fd, const char *name, const char *shown, struct err *err);

/* Empties the directory behind `fd`, which this function closes. */
static bool remove_children(int fd, const char *shown, struct err *err) {
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        int errnum = errno;
        (void)close(fd); /* the error is already there */
        return err_errno(err, "file-write", errnum, "cannot read '%s'", shown);
    }
    bool is_removed = true;
    while (is_removed) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            is_removed =
                errno == 0 || err_errno(err, "file-write", errno, "cannot read '%s'", shown);
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            is_removed = remove_entry(dirfd(dir), entry->d_name, shown, err);
        }
    }
    (void)closedir(dir); /* was only read */
    return is_removed;
}

static bool remove_entry(int parent_fd, const char *name, const char *shown, struct err *err) {
    if (unlinkat(parent_fd, name, 0) == 0 || errno == ENOENT) {
        return true;
    }
    /* EISDIR on Linux, EPERM by POSIX; anything else is final. */
    if (errno != EISDIR && errno != EPERM) {
        return err_errno(err, "file-write", errno, "cannot remove '%s' in '%s'", name, shown);
    }
    int fd = openat(parent_fd, name, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
    if (fd < 0) {
        return err_errno(err, "file-write", errno, "cannot remove '%s' in '%s'", name, shown);
    }
    if (!remove_children(fd, shown, err)) {
        return false;
    }
    if (unlinkat(parent_fd, name, AT_REMOVEDIR) != 0 && errno != ENOENT) {
        return err_errno(err, "file-write", errno, "cannot remove '%s' in '%s'", name, shown);
    }
    return true;
}

bool file_remove_tree(const char *path, struct err *err) {
    return remove_entry(AT_FDCWD, path, path, err);
}
