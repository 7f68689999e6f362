/*
 * Answers calls from a tape.
 */
#include "replay/player.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "match_priv.h"
#include "maxima.h"
#include "proc/runner.h"
#include "proc/timers.h"
#include "replay/tape.h"

struct player {
    struct arena arena;
    struct tape tape;
    const struct timers *timers;
    const struct tape_names *names;
};

struct run_job {
    struct player *player;
    const struct tape_call *call; /* NULL: not on the tape */
    char *message;
    bool is_stopped;
    timer_id timer;
    int64_t started_ms;
    int64_t started_wall_ms;
    run_done_fn on_done;
    void *ctx;
};

static enum run_outcome outcome_by_name(const char *name) {
    for (int i = 0; i < RUN_OUTCOME_COUNT; i++) {
        if (strcmp(run_outcome_names[i], name) == 0) {
            return (enum run_outcome)i;
        }
    }
    return RUN_EXITED;
}

static struct run_output output_of(const struct str *text) {
    return (struct run_output){
        .head = str_text(text), .head_len = text->len, .total_bytes = text->len, .spill_fd = -1};
}

static void on_due(void *arg) {
    struct run_job *job = arg;
    const struct player *p = job->player;
    AUTO(str) struct str out = STR_INIT(2 * LIMIT_RESULT_BYTES);
    AUTO(str) struct str errors = STR_INIT(2 * LIMIT_RESULT_BYTES);
    struct run_result result = {
        .exit_code = -1, .started_ms = job->started_ms, .started_wall_ms = job->started_wall_ms};
    result.ended_ms = timers_now_ms(p->timers);
    if (job->is_stopped) {
        result.outcome = RUN_STOPPED;
    } else if (job->call == NULL) {
        result.outcome = RUN_SPAWN_FAILED;
        result.spawn_error = SPAWN_OTHER;
        result.message = job->message;
    } else {
        const struct tape_call *c = job->call;
        result.outcome = outcome_by_name(c->outcome);
        result.exit_code = c->exit_code;
        result.signal = c->signal;
        result.message = c->message;
        result.spawn_error = result.outcome == RUN_SPAWN_FAILED ? SPAWN_OTHER : SPAWN_OK;
        tape_fill(p->names, c->out, c->out_len, &out);
        tape_fill(p->names, c->err, c->err_len, &errors);
    }
    result.out = output_of(&out);
    result.err = output_of(&errors);
    run_done_fn done = job->on_done;
    void *ctx = job->ctx;
    done(&result, ctx);
    mem_free(job->message);
    mem_free(job);
}

static const struct tape_call *take(struct player *p, const char *const *argv,
                                    const char *stdin_text) {
    for (size_t i = 0; i < p->tape.n_calls; i++) {
        struct tape_call *c = &p->tape.calls[i];
        if (!c->is_used && match_is_same(c, argv, stdin_text)) {
            c->is_used = true;
            return c;
        }
    }
    return NULL;
}

static struct run_job *start(void *ctx, const struct run_request *request) {
    struct player *p = ctx;
    struct arena scratch = ARENA_INIT(0);
    struct tape_names names = tape_names_with(&scratch, p->names, request->volatile_values);
    const char *const *argv = tape_normalize_argv(&scratch, &names, request->argv);
    const char *stdin_text =
        request->stdin_data == NULL
            ? NULL
            : tape_normalize_copy(&scratch, &names, request->stdin_data, request->stdin_len);
    struct run_job *job = mem_zalloc(1, sizeof *job);
    *job = (struct run_job){
        .player = p,
        .call = take(p, argv, stdin_text),
        .started_ms = timers_now_ms(p->timers),
        .started_wall_ms = timers_wall_ms(p->timers),
        .on_done = request->on_done,
        .ctx = request->ctx,
    };
    if (job->call == NULL) {
        AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
        match_explain(&p->tape, argv, stdin_text, &text);
        job->message = str_take(&text);
    }
    job->timer =
        timers_after(p->timers, job->call == NULL ? 0 : job->call->duration_ms, on_due, job);
    arena_release(&scratch);
    return job;
}

static void stop(void *ctx, struct run_job *job, enum stop_reason reason) {
    (void)reason;
    struct player *p = ctx;
    job->is_stopped = true;
    timers_cancel(p->timers, &job->timer);
    job->timer = timers_after(p->timers, 0, on_due, job);
}

struct player *player_new(const char *dir, const struct timers *timers,
                          const struct tape_names *names, struct err *err) {
    struct player *p = mem_zalloc(1, sizeof *p);
    p->timers = timers;
    p->names = names;
    arena_init(&p->arena, 0);
    if (!tape_load(&p->arena, dir, &p->tape, err)) {
        player_free(p);
        return NULL;
    }
    return p;
}

void player_runner(struct player *p, struct runner *ret_runner) {
    *ret_runner = (struct runner){start, stop, p};
}

size_t player_unused(const struct player *p, struct str *out) {
    size_t n = 0;
    for (size_t i = 0; i < p->tape.n_calls; i++) {
        const struct tape_call *c = &p->tape.calls[i];
        if (c->is_used) {
            continue;
        }
        n++;
        str_addf(out, "%s (%s):", c->step, c->role);
        for (size_t k = 0; c->argv[k] != NULL; k++) {
            str_addf(out, " %s", c->argv[k]);
        }
        str_add_char(out, '\n');
    }
    return n;
}

void player_free(struct player *p) {
    if (p == NULL) {
        return;
    }
    arena_release(&p->arena);
    mem_free(p);
}
