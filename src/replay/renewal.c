/*
 * Old answers where there are any, new ones where not.
 */
#include "replay/renewal.h"

#include <string.h>

#include "base/mem.h"
#include "proc/runner.h"
#include "replay/player.h"
#include "replay/recorder.h"
#include "replay/tape.h"

struct renewal {
    struct player *player;
    struct recorder *recorder;
    struct runner old;
    struct runner fresh;
    bool renews_failed;
};

/* Remembers who carries a call out, for stop(). */
struct run_job {
    const struct runner *runner;
    struct run_job *inner;
    run_done_fn on_done;
    run_output_fn on_output;
    void *ctx;
};

static bool has_failed(const struct tape_call *c) {
    return strcmp(c->outcome, run_outcome_names[RUN_EXITED]) != 0 || c->exit_code != 0;
}

static void on_done(const struct run_result *result, void *ctx) {
    struct run_job *job = ctx;
    job->on_done(result, job->ctx);
    mem_free(job);
}

static void on_output(int stream, const char *bytes, size_t len, void *ctx) {
    const struct run_job *job = ctx;
    job->on_output(stream, bytes, len, job->ctx);
}

static const struct runner *choose(struct renewal *r, const struct run_request *request) {
    struct tape_call *known = player_find(r->player, request);
    if (known != NULL && r->renews_failed && has_failed(known)) {
        known->is_used = true;
        known->is_stale = true;
        return &r->fresh;
    }
    return known == NULL ? &r->fresh : &r->old;
}

static struct run_job *start(void *ctx, const struct run_request *request) {
    struct renewal *r = ctx;
    struct run_job *job = mem_zalloc(1, sizeof *job);
    *job = (struct run_job){.runner = choose(r, request),
                            .on_done = request->on_done,
                            .on_output = request->on_output,
                            .ctx = request->ctx};
    struct run_request passed = *request;
    passed.on_done = on_done;
    passed.on_output = request->on_output == NULL ? NULL : on_output;
    passed.ctx = job;
    job->inner = runner_start(job->runner, &passed);
    return job;
}

static void stop(void *ctx, struct run_job *job, enum stop_reason reason) {
    (void)ctx;
    runner_stop(job->runner, job->inner, reason);
}

struct renewal *renewal_new(struct player *player, struct recorder *recorder, bool renews_failed) {
    struct renewal *r = mem_zalloc(1, sizeof *r);
    r->player = player;
    r->recorder = recorder;
    r->renews_failed = renews_failed;
    player_answer_at_once(player);
    player_runner(player, &r->old);
    recorder_runner(recorder, &r->fresh);
    return r;
}

void renewal_runner(struct renewal *r, struct runner *ret_runner) {
    *ret_runner = (struct runner){start, stop, r};
}

bool renewal_save(struct renewal *r, const char *dir, struct err *err) {
    struct tape *old = player_tape(r->player);
    for (size_t i = 0; i < old->n_calls; i++) {
        struct tape_call *c = &old->calls[i];
        if (!c->is_used && i > 0) { /* stays behind the call that it stood behind */
            c->place = old->calls[i - 1].place;
            c->attempt = old->calls[i - 1].attempt;
        }
        if (!c->is_stale) {
            recorder_keep(r->recorder, c);
        }
    }
    return recorder_save(r->recorder, dir, err);
}

void renewal_free(struct renewal *r) {
    mem_free(r);
}
