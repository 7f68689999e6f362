/*
 * Files: bounded reads, atomic writes, private modes.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;
struct str;

/*
 * Reads a whole regular file of at most max_bytes into `out` (appended). A directory, a device, a
 * fifo and a larger file are errors (kinds file-not-found, file-type, file-too-large, file-read).
 * "-" is not special.
 */
bool file_read(const char *path, size_t max_bytes, struct str *out, struct err *err);
/* Reads a descriptor (a pipe, a file) to its end; past max_bytes is an error. */
bool file_read_fd(int fd, const char *name, size_t max_bytes, struct str *out, struct err *err);
/* As file_read() from a descriptor; `path` is for messages. */
bool file_read_regular(int fd, const char *path, size_t max_bytes, struct str *out,
                       struct err *err);
/*
 * Writes atomically: temporary file in the same directory, fsync, rename, fsync of the directory. A
 * symbolic link at `path` is replaced, its target stays untouched. `mode` as for open, umask not
 * applied.
 */
#define FILE_TEMP_PREFIX ".cpdflow-" /* how the names of its temporary files begin */
bool file_write_atomic(const char *path, const void *data, size_t len, mode_t mode,
                       struct err *err);
/*
 * Forces the names in a directory to the disk: a new file is there after a crash of the machine only when this was done. File
 * systems that cannot are fine. 0, or what went wrong as in errno.
 */
int file_sync_dir(const char *dir);
/* mkdir -p with `mode` for what is created; existing directories are fine. */
bool file_make_dirs(const char *path, mode_t mode, struct err *err);
/* Creates DIR/PREFIXxxxxxx exclusively (0600) and returns an O_CLOEXEC descriptor; *ret_path is
 * heap. */
int file_make_temp(const char *dir, const char *prefix, char **ret_path, struct err *err);
/* Where temporary files go: $TMPDIR, or /tmp when that is not an absolute path. Borrows from the environment. */
const char *file_temp_root(void) __attribute__((returns_nonnull));
/*
 * Makes a new directory PREFIXxxxxxx (0700) there and returns its path, heap text; NULL: kind file-write. Whoever must not leave
 * it behind holds signals back while it is there (proc/loop.h).
 */
char *file_make_temp_dir(const char *prefix, struct err *err);
/* Writes all bytes to a descriptor, retrying short writes and EINTR. */
bool file_write_all(int fd, const void *data, size_t len);
/* "dir/name" with one slash between; an absolute `name` stays as it is. Heap text. */
char *file_join(const char *dir, const char *name) __attribute__((returns_nonnull));
/* Directory part of a path ("." when there is none). Heap text. */
char *file_dirname(const char *path) __attribute__((returns_nonnull));
/* Removes a directory tree without following links; absent is fine. */
bool file_remove_tree(const char *path, struct err *err);

#endif
