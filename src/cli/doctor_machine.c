/*
 * What a run needs of any machine: places to write, descriptors, a locale.
 */
#include "doctor_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

enum { FILES_WANTED = 1024, SPACE_LOW_MIB = 256, SPACE_NEEDED_MIB = 16 };

/* The directory itself, or the nearest above it that exists: that is where it would be made. */
static const char *existing_dir(struct doctor *d, const char *path) {
    char *at = mem_strdup(path);
    while (access(at, F_OK) != 0 && errno == ENOENT && strcmp(at, ".") != 0 &&
           strcmp(at, "/") != 0) {
        char *above = file_dirname(at);
        mem_free(at);
        at = above;
    }
    const char *found = arena_strdup(&d->arena, at);
    mem_free(at);
    return found;
}

static void look_at_dir(struct doctor *d, const char *name, const char *path, const char *help) {
    const char *dir = existing_dir(d, path);
    struct stat info;
    struct statvfs space;
    if (stat(dir, &info) != 0 || !S_ISDIR(info.st_mode)) {
        doctor_say(d, name, DOCTOR_FAIL, help, "%s is no directory", dir);
    } else if (access(dir, W_OK | X_OK) != 0) {
        doctor_say(d, name, DOCTOR_FAIL, help, "%s cannot be written", dir);
    } else if (statvfs(dir, &space) != 0) {
        doctor_say(d, name, DOCTOR_WARN, help, "%s does not say how much room it has", dir);
    } else {
        unsigned long long mib =
            (unsigned long long)space.f_bavail * space.f_frsize / (1024ULL * 1024ULL);
        enum doctor_status status = mib < SPACE_NEEDED_MIB ? DOCTOR_FAIL
                                    : mib < SPACE_LOW_MIB  ? DOCTOR_WARN
                                                           : DOCTOR_OK;
        doctor_say(d, name, status, status == DOCTOR_OK ? NULL : "make room there",
                   "%s, %llu MiB free", path, mib);
    }
}

static void look_at_files(struct doctor *d) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    bool is_enough = limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= FILES_WANTED;
    if (limit.rlim_cur == RLIM_INFINITY) {
        doctor_say(d, "open files", DOCTOR_OK, NULL, "no limit");
        return;
    }
    doctor_say(d, "open files", is_enough ? DOCTOR_OK : DOCTOR_WARN,
               is_enough ? NULL : "ulimit -n 1024: each running call needs four",
               "at most %llu at once", (unsigned long long)limit.rlim_cur);
}

static void look_at_locale(struct doctor *d) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value == NULL || value[0] == '\0') {
            continue;
        }
        bool is_utf8 = strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
        doctor_say(d, "locale", is_utf8 ? DOCTOR_OK : DOCTOR_WARN,
                   is_utf8 ? NULL : "set LC_ALL=C.UTF-8: names of things may hold any letter",
                   "%s=%s", names[i], value);
        return;
    }
    doctor_say(d, "locale", DOCTOR_WARN, "set LC_ALL=C.UTF-8: names of things may hold any letter",
               "none of LC_ALL, LC_CTYPE and LANG is set");
}

static void look_at_jenkins(struct doctor *d) {
    if (getenv("JENKINS_URL") == NULL && getenv("BUILD_TAG") == NULL) {
        return;
    }
    const char *cookie = getenv("JENKINS_NODE_COOKIE");
    bool is_left_alone = cookie != NULL && strcmp(cookie, "dontKillMe") == 0;
    doctor_say(d, "jenkins", is_left_alone ? DOCTOR_WARN : DOCTOR_OK,
               is_left_alone
                   ? "do not set JENKINS_NODE_COOKIE=dontKillMe: an aborted build would go on"
                   : NULL,
               "a build of Jenkins; start cpdflow by sh 'exec cpdflow run …', so that an abort "
               "reaches it");
}

void doctor_look_at_machine(struct doctor *d) {
    look_at_dir(d, "state directory", d->state_dir != NULL ? d->state_dir : ".cpdflow",
                "choose another with --state-dir");
    look_at_dir(d, "temporary files", file_temp_root(),
                "set TMPDIR to a directory that can be written");
    look_at_files(d);
    look_at_locale(d);
    look_at_jenkins(d);
}
