/*
 * Records what a runner answers.
 */
#include "replay/recorder.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "proc/runner.h"
#include "replay/tape.h"

struct recorder {
    struct runner inner;
    const struct tape_names *names;
    struct arena arena;
    struct tape tape;
    size_t cap;
    bool is_short; /* an output was too large to be kept whole */
};

/* One call under way: stands between the engine and the inner runner. */
struct recording {
    struct recorder *recorder;
    struct tape_call call; /* what was asked, normalized */
    run_done_fn on_done;
    run_output_fn on_output;
    void *ctx;
};

static void record_request(struct recorder *r, const struct run_request *request,
                           struct tape_call *call) {
    struct tape_names names = tape_names_with(&r->arena, r->names, request->volatile_values);
    call->step = arena_strdup(&r->arena, request->step == NULL ? "" : request->step);
    call->role = arena_strdup(&r->arena, request->role == NULL ? "" : request->role);
    call->argv = tape_normalize_argv(&r->arena, &names, request->argv);
    if (request->stdin_data != NULL) {
        call->stdin_text =
            tape_normalize_copy(&r->arena, &names, request->stdin_data, request->stdin_len);
    }
}

static const char *record_output(struct recorder *r, const struct run_output *o, size_t *ret_len) {
    AUTO(str) struct str raw = STR_INIT(LIMIT_RESULT_BYTES);
    AUTO(err) struct err err = ERR_INIT;
    r->is_short = !runner_output_read(o, LIMIT_RESULT_BYTES, &raw, &err) || r->is_short;
    AUTO(str) struct str out = STR_INIT(2 * LIMIT_RESULT_BYTES);
    tape_normalize(r->names, str_text(&raw), raw.len, &out);
    *ret_len = out.len;
    return arena_strndup(&r->arena, str_text(&out), out.len);
}

static void keep(struct recorder *r, const struct tape_call *call) {
    if (r->tape.n_calls == r->cap) {
        r->cap = r->cap == 0 ? 64 : r->cap * 2;
        r->tape.calls = mem_realloc(r->tape.calls, r->cap, sizeof *r->tape.calls);
    }
    r->tape.calls[r->tape.n_calls++] = *call;
}

static void on_done(const struct run_result *result, void *ctx) {
    struct recording *rec = ctx;
    struct recorder *r = rec->recorder;
    struct tape_call *c = &rec->call;
    c->outcome = run_outcome_names[result->outcome];
    c->exit_code = result->exit_code;
    c->signal = result->signal;
    c->duration_ms = result->ended_ms - result->started_ms;
    c->message = result->message == NULL ? NULL
                                         : tape_normalize_copy(&r->arena, r->names, result->message,
                                                               strlen(result->message));
    c->out = record_output(r, &result->out, &c->out_len);
    c->err = record_output(r, &result->err, &c->err_len);
    keep(r, c);
    rec->on_done(result, rec->ctx);
}

static void on_output(int stream, const char *bytes, size_t len, void *ctx) {
    struct recording *rec = ctx;
    if (rec->on_output != NULL) {
        rec->on_output(stream, bytes, len, rec->ctx);
    }
}

static struct run_job *start(void *ctx, const struct run_request *request) {
    struct recorder *r = ctx;
    struct recording *rec = arena_zalloc(&r->arena, sizeof *rec);
    *rec = (struct recording){.recorder = r,
                              .on_done = request->on_done,
                              .on_output = request->on_output,
                              .ctx = request->ctx};
    record_request(r, request, &rec->call);
    struct run_request passed = *request;
    passed.on_done = on_done;
    passed.on_output = request->on_output == NULL ? NULL : on_output;
    passed.ctx = rec;
    return runner_start(&r->inner, &passed);
}

static void stop(void *ctx, struct run_job *job, enum stop_reason reason) {
    struct recorder *r = ctx;
    runner_stop(&r->inner, job, reason);
}

struct recorder *recorder_new(const struct runner *inner, const struct tape_names *names,
                              const char *recipe) {
    struct recorder *r = mem_zalloc(1, sizeof *r);
    r->inner = *inner;
    r->names = names;
    arena_init(&r->arena, 0);
    r->tape.recipe = arena_strdup(&r->arena, recipe);
    return r;
}

void recorder_runner(struct recorder *r, struct runner *ret_runner) {
    *ret_runner = (struct runner){start, stop, r};
}

static const char *mask_late(struct recorder *r, const char *text, size_t len, size_t *ret_len) {
    AUTO(str) struct str out = STR_INIT(2 * LIMIT_RESULT_BYTES);
    mask_add(&out, text, len);
    *ret_len = out.len;
    return arena_strndup(&r->arena, str_text(&out), out.len);
}

static const char *mask_late_text(struct recorder *r, const char *text) {
    size_t ignored = 0;
    return text == NULL ? NULL : mask_late(r, text, strlen(text), &ignored);
}

/* A step's secret output is known as one only after its answer was recorded: what stands on the tape by then is masked again. */
static void mask_call(struct recorder *r, struct tape_call *c) {
    size_t n = 0;
    while (c->argv[n] != NULL) {
        n++;
    }
    const char **argv = arena_zalloc(&r->arena, (n + 1) * sizeof *argv);
    for (size_t i = 0; i < n; i++) {
        argv[i] = mask_late_text(r, c->argv[i]);
    }
    c->argv = argv;
    c->stdin_text = mask_late_text(r, c->stdin_text);
    c->message = mask_late_text(r, c->message);
    c->out = mask_late(r, c->out, c->out_len, &c->out_len);
    c->err = mask_late(r, c->err, c->err_len, &c->err_len);
}

bool recorder_save(struct recorder *r, const char *dir, struct err *err) {
    for (size_t i = 0; i < r->tape.n_calls; i++) {
        mask_call(r, &r->tape.calls[i]);
    }
    if (r->is_short) {
        return err_set(err, "output-too-large", "an output was too large to be recorded");
    }
    return tape_save(&r->tape, dir, err);
}

void recorder_free(struct recorder *r) {
    if (r == NULL) {
        return;
    }
    mem_free(r->tape.calls);
    arena_release(&r->arena);
    mem_free(r);
}
