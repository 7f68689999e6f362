/*
 * Programs that are asked about themselves: supervised as in a run, so that one which hangs is ended.
 */
#include "program_priv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "expr/template.h"
#include "maxima.h"
#include "proc/loop.h"
#include "proc/proc.h"
#include "proc/runner.h"
#include "recipe/model.h"

enum { CALL_TIMEOUT_MS = 10000 };

struct asked {
    struct arena *arena;
    struct loop *loop;
    const char *text; /* NULL: it did not end well */
    const char *why;
};

static const char *why_not(struct arena *a, const struct run_result *result) {
    switch (result->outcome) {
    case RUN_EXITED:
        return arena_printf(a, "it ended with exit code %d", result->exit_code);
    case RUN_SIGNALED:
        return arena_printf(a, "it died of signal %d", result->signal);
    case RUN_TIMED_OUT:
        return "it did not answer within 10 s";
    case RUN_SPAWN_FAILED:
    case RUN_LOST:
        return result->message != NULL ? arena_strdup(a, result->message)
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
        asked->why = why_not(asked->arena, result);
    } else if (!runner_output_read(&result->out, LIMIT_MESSAGE, &text, &err)) {
        asked->why = "it wrote too much";
        err_release(&err);
    } else {
        asked->text = arena_strdup(asked->arena, str_text(&text));
    }
    loop_stop(asked->loop);
}

const char *program_ask(struct arena *a, const char *const *argv, const char **ret_why) {
    struct err err = ERR_INIT;
    struct asked asked = {.arena = a, .loop = loop_new(&err), .why = "it could not be started"};
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

const char *program_find(struct arena *a, const char *name) {
    if (strchr(name, '/') != NULL) {
        return access(name, X_OK) == 0 ? name : NULL;
    }
    const char *path = getenv("PATH");
    for (const char *at = path != NULL ? path : ""; *at != '\0';) {
        size_t len = strcspn(at, ":");
        const char *found = arena_printf(a, "%.*s/%s", (int)len, at, name);
        if (len > 0 && access(found, X_OK) == 0) {
            return found;
        }
        at += len + (at[len] == ':' ? 1 : 0);
    }
    return NULL;
}

/* ---- of a recipe ---- */

static void collect_call(const struct call *call, struct map *programs) {
    static char mark;
    const char *program = NULL;
    if (call == NULL) {
        return;
    }
    switch (call->kind) {
    case CALL_CPDCTL:
        program = "cpdctl";
        break;
    case CALL_CMD:
        program = call->n_args > 0 && call->args[0].kind == ARG_TEMPLATE &&
                          template_is_literal(call->args[0].template)
                      ? template_text(call->args[0].template)
                      : NULL;
        break;
    case CALL_SHELL:
        program = call->shell;
        break;
    case CALL_HTTP:
        program = "curl";
        break;
    case CALL_READ:
    case CALL_WRITE:
    case CALL_KIND_COUNT:
        break;
    }
    if (program != NULL) {
        map_put(programs, program, &mark);
    }
}

static void collect_steps(const struct step *steps, size_t n, struct map *programs) {
    for (size_t i = 0; i < n; i++) {
        const struct step *s = &steps[i];
        collect_call(s->call, programs);
        if (s->ensure != NULL) {
            collect_call(s->ensure->find, programs);
            collect_call(s->ensure->create, programs);
            collect_call(s->ensure->update, programs);
            collect_call(s->ensure->remove, programs);
            collect_call(s->ensure->get, programs);
        }
        collect_steps(s->steps, s->n_steps, programs);
        collect_steps(s->cleanup, s->n_cleanup, programs);
    }
}

void program_collect(const struct recipe *r, struct map *programs) {
    collect_steps(r->steps, r->n_steps, programs);
    collect_steps(r->finally, r->n_finally, programs);
    for (size_t i = 0; i < r->n_used; i++) {
        collect_steps(r->used[i]->steps, r->used[i]->n_steps, programs);
        collect_steps(r->used[i]->finally, r->used[i]->n_finally, programs);
    }
}
