/*
 * Our parent as /proc shows it. Where there is no /proc nothing is known and nothing is said.
 */
#include "cli/jenkins.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/cli.h"

#define COOKIE "JENKINS_SERVER_COOKIE"

static bool read_of(pid_t pid, const char *name, struct str *out) {
    AUTO(str) struct str path = STR_INIT(64);
    AUTO(err) struct err err = ERR_INIT;
    str_addf(&path, "/proc/%d/%s", (int)pid, name);
    return file_read(str_text(&path), out->max, out, &err);
}

static bool is_shell(pid_t pid) {
    static const char *const shells[] = {"sh\n", "bash\n", "dash\n", "ash\n", "ksh\n", "zsh\n"};
    AUTO(str) struct str name = STR_INIT(64);
    bool is_known = false;
    for (size_t i = 0; read_of(pid, "comm", &name) && i < sizeof shells / sizeof *shells; i++) {
        is_known = is_known || strcmp(str_text(&name), shells[i]) == 0;
        str_reset(&name);
    }
    return is_known;
}

/* The wrapper around the whole step has no cookie: only what belongs to the step itself. */
static bool has_our_cookie(pid_t pid, const char *cookie) {
    AUTO(str) struct str environment = STR_INIT(1 << 20);
    AUTO(str) struct str entry = STR_INIT(0);
    str_addf(&entry, COOKIE "=%s", cookie);
    return read_of(pid, "environ", &environment) &&
           memmem(str_text(&environment), environment.len, str_text(&entry), entry.len + 1) != NULL;
}

/* "SigCgt:\t0000000000014002": sixteen hexadecimal digits, signal 1 is the lowest bit. */
static bool has_signal(const char *status, const char *set, unsigned signal) {
    static const char digits[] = "0123456789abcdef";
    const char *at = strstr(status, set);
    if (at == NULL || strlen(at) < strlen(set) + 16) {
        return false;
    }
    const char *digit = strchr(digits, at[strlen(set) + 15 - (signal - 1) / 4]);
    return digit != NULL && ((unsigned)(digit - digits) >> (signal - 1) % 4 & 1U) != 0;
}

static bool dies_of_term(pid_t pid) {
    AUTO(str) struct str status = STR_INIT(16384);
    return read_of(pid, "status", &status) &&
           !has_signal(str_text(&status), "SigIgn:\t", SIGTERM) &&
           !has_signal(str_text(&status), "SigCgt:\t", SIGTERM);
}

void jenkins_warn_of_shell(void) {
    const char *cookie = getenv(COOKIE);
    pid_t parent = getppid();
    if (cookie == NULL || !is_shell(parent) || !has_our_cookie(parent, cookie) ||
        !dies_of_term(parent)) {
        return;
    }
    struct err err = ERR_INIT;
    (void)err_set(&err, "not-exec",
                  "a shell waits for cpdflow: when Jenkins aborts the build, the step ends before "
                  "cleanup does");
    err_hint(&err, "sh 'exec cpdflow run …'");
    cli_warn(&err);
}
