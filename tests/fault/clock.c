/*
 * LD_PRELOAD: clocks that jump. Linux and glibc only.
 *
 *   CLOCK_FILE=FILE   holds "WALL MONOTONIC", seconds that are added to the two clocks; read whenever a clock is, so writing
 *                     to it is the jump. Missing or empty: the true time.
 *
 * libuv and our own code both ask clock_gettime() through the dynamic linker. Boot time moves with monotonic time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void read_offsets(long long *wall_s, long long *monotonic_s) {
    const char *path = getenv("CLOCK_FILE");
    char text[100];
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    char *end = text;
    *wall_s = strtoll(text, &end, 10);
    *monotonic_s = strtoll(end, NULL, 10);
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *t) {
    long long wall_s = 0;
    long long monotonic_s = 0;
    int rc = (int)syscall(SYS_clock_gettime, clock, t);
    if (rc != 0) {
        return rc;
    }
    read_offsets(&wall_s, &monotonic_s);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
        t->tv_sec += (time_t)wall_s;
    } else if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE ||
               clock == CLOCK_BOOTTIME) {
        t->tv_sec += (time_t)monotonic_s;
    }
    return 0;
}
