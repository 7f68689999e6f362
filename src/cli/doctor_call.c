/*
 * Programs that `cpdflow doctor` asks: supervised as in a run, so that one which hangs is ended.
 */
#include "doctor_priv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "proc/loop.h"
#include "proc/proc.h"
#include "proc/runner.h"

enum { CALL_TIMEOUT_MS = 10000 };

struct asked {
    struct doctor *doctor;
    struct loop *loop;
    const char *text; /* NULL: it did not end well */
    const char *why;
};

static const char *why_not(struct doctor *d, const struct run_result *result) {
    switch (result->outcome) {
    case RUN_EXITED:
        return arena_printf(&d->arena, "it ended with exit code %d", result->exit_code);
    case RUN_SIGNALED:
        return arena_printf(&d->arena, "it died of signal %d", result->signal);
    case RUN_TIMED_OUT:
        return "it did not answer within 10 s";
    case RUN_SPAWN_FAILED:
    case RUN_LOST:
        return result->message != NULL ? arena_strdup(&d->arena, result->message)
                                       : "it could not be started";
    case RUN_IDLE:
    case RUN_STOPPED:
    case RUN_OUTCOME_COUNT:
        break;
    }
    return "it was ended";
}

static void on_done(const struct run_result *result, void *ctx) {
    struct asked *asked = ctx;
    struct err err = ERR_INIT;
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    if (result->outcome != RUN_EXITED || result->exit_code != 0) {
        asked->why = why_not(asked->doctor, result);
    } else if (!runner_output_read(&result->out, LIMIT_MESSAGE, &text, &err)) {
        asked->why = "it wrote too much";
        err_release(&err);
    } else {
        asked->text = arena_strdup(&asked->doctor->arena, str_text(&text));
    }
    loop_stop(asked->loop);
}

const char *doctor_call(struct doctor *d, const char *const *argv, const char **ret_why) {
    struct err err = ERR_INIT;
    struct asked asked = {.doctor = d, .loop = loop_new(&err), .why = "it could not be started"};
    struct proc_options options = {.lease_fd = -1};
    struct proc_runner *procs =
        asked.loop != NULL ? proc_runner_new(asked.loop, &options, &err) : NULL;
    if (procs != NULL) {
        struct runner runner;
        proc_runner_get(procs, &runner);
        struct run_request request = {.argv = argv,
                                      .env = (const char *const *)environ,
                                      .timeout_ms = CALL_TIMEOUT_MS,
                                      .on_done = on_done,
                                      .ctx = &asked};
        (void)runner_start(&runner, &request); /* the answer comes to on_done() */
        loop_run(asked.loop);
        proc_runner_free(procs);
    }
    if (asked.loop != NULL) {
        loop_free(asked.loop);
    }
    err_release(&err);
    *ret_why = asked.why;
    return asked.text;
}

const char *doctor_find_program(struct doctor *d, const char *name) {
    if (strchr(name, '/') != NULL) {
        return access(name, X_OK) == 0 ? name : NULL;
    }
    const char *path = getenv("PATH");
    for (const char *at = path != NULL ? path : ""; *at != '\0';) {
        size_t len = strcspn(at, ":");
        const char *found = arena_printf(&d->arena, "%.*s/%s", (int)len, at, name);
        if (len > 0 && access(found, X_OK) == 0) {
            return found;
        }
        at += len + (at[len] == ':' ? 1 : 0);
    }
    return NULL;
}
