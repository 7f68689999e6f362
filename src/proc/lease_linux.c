/*
 * Who has a file open, by /proc/PID/fd. Processes of other users show nothing there and are not found.
 */
#include "lease_priv.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"

static bool has_open(int proc_fd, pid_t pid, const struct stat *wanted) {
    char path[64];
    (void)snprintf(path, sizeof path, "%d/fd", (int)pid);
    int fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (d == NULL) {
        if (fd >= 0) {
            (void)close(fd); /* was only opened */
        }
        return false;
    }
    bool is_found = false;
    const struct dirent *entry = readdir(d);
    while (entry != NULL && !is_found) {
        struct stat st;
        is_found = fstatat(dirfd(d), entry->d_name, &st, 0) == 0 && st.st_dev == wanted->st_dev &&
                   st.st_ino == wanted->st_ino;
        entry = readdir(d);
    }
    (void)closedir(d); /* was only read */
    return is_found;
}

static void read_name(int proc_fd, pid_t pid, char *ret_name, size_t size_bytes) {
    char path[64];
    (void)snprintf(path, sizeof path, "%d/comm", (int)pid);
    int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, ret_name, size_bytes - 1);
    if (fd >= 0) {
        (void)close(fd); /* was only read */
    }
    ret_name[n > 0 ? n : 0] = '\0';
    ret_name[strcspn(ret_name, "\n")] = '\0';
}

size_t lease_holders(int fd, struct lease_holder *ret_holders, size_t max) {
    struct stat wanted;
    DIR *d = opendir("/proc");
    size_t n = 0;
    if (d == NULL || fstat(fd, &wanted) != 0) {
        max = 0;
    }
    while (n < max) {
        const struct dirent *entry = readdir(d);
        int64_t pid = 0;
        if (entry == NULL) {
            break;
        }
        bool is_process = num_parse_i64(entry->d_name, strlen(entry->d_name), &pid);
        if (is_process && pid != getpid() && has_open(dirfd(d), (pid_t)pid, &wanted)) {
            ret_holders[n].pid = (pid_t)pid;
            read_name(dirfd(d), (pid_t)pid, ret_holders[n].name, sizeof ret_holders[n].name);
            n++;
        }
    }
    if (d != NULL) {
        (void)closedir(d); /* was only read */
    }
    return n;
}
