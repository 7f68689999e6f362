/*
 * Whole outputs beside the page. What is published is the directory of the report alone, so links lead to copies.
 */
#include "html_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"

static const char prefix[] = "steps/";

/* "steps/NAME" with a plain NAME: a journal from elsewhere must not make us publish another file. */
static const char *plain_name(const char *log) {
    if (log == NULL || !str_starts(log, prefix)) {
        return NULL;
    }
    const char *name = log + sizeof prefix - 1;
    return name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL ? NULL : name;
}

static char *copy_path(const struct html *h, const char *name) {
    AUTO(str) struct str path = STR_INIT(0);
    str_addf(&path, "%s/logs/%s.txt", h->dir, name);
    return str_take(&path);
}

/* Not forced to the disk one by one: there may be thousands, and a report can be made again. */
static bool write_copy(const char *path, const struct str *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    bool is_written = file_write_all(fd, str_text(text), text->len);
    return close(fd) == 0 && is_written;
}

static bool copy(struct html *h, int fd, size_t size, const char *name) {
    AUTO(str) struct str text = STR_INIT(size + 1);
    AUTO(err) struct err err = ERR_INIT;
    char *path = copy_path(h, name);
    bool is_copied = file_read_fd(fd, name, size, &text, &err) && write_copy(path, &text);
    mem_free(path);
    h->logs_room -= is_copied ? size : 0;
    return is_copied;
}

/* NNNN-STEP.N.stdout.txt or .stderr.txt, as copies are named. */
static bool is_copy(const char *name) {
    size_t n_digits = strspn(name, "0123456789");
    return n_digits >= 4 && name[n_digits] == '-' &&
           (str_ends(name, ".stdout.txt") || str_ends(name, ".stderr.txt"));
}

bool html_clear_logs(const struct html *h, const char *logs, struct err *err) {
    if (!file_make_dirs(h->dir, 0700, err) || !file_make_dirs(logs, 0700, err)) {
        return false;
    }
    int fd = open(logs, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (d == NULL) {
        return err_errno(err, "file-write", errno, "cannot read %s", logs);
    }
    bool is_fine = true;
    for (const struct dirent *e = readdir(d); e != NULL && is_fine; e = readdir(d)) {
        if (is_copy(e->d_name) && unlinkat(fd, e->d_name, 0) != 0) {
            is_fine = err_errno(err, "file-write", errno, "cannot remove %s/%s", logs, e->d_name);
        }
    }
    (void)closedir(d); /* it was only read */
    return is_fine;
}

bool html_copy_log(struct html *h, const char *log) {
    const char *name = plain_name(log);
    if (name == NULL || h->run->run_dir == NULL) {
        return false;
    }
    char *path = file_join(h->run->run_dir, log);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    mem_free(path);
    struct stat st;
    bool is_there = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    bool is_copied =
        is_there && (uint64_t)st.st_size <= h->logs_room && copy(h, fd, (size_t)st.st_size, name);
    if (fd >= 0) {
        (void)close(fd); /* only read from */
    }
    return is_copied;
}

void html_add_log_href(struct str *out, const char *log) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    str_add(out, "logs/");
    for (const char *c = log + sizeof prefix - 1; *c != '\0'; c++) {
        if (strchr(plain, *c) != NULL) {
            str_add_char(out, *c);
        } else {
            str_addf(out, "%%%02X", (unsigned)(unsigned char)*c);
        }
    }
    str_add(out, ".txt");
}
