/*
 * Records what a runner answers.
 */
#include "replay/recorder.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "proc/runner.h"
#include "replay/tape.h"
#include "settle_priv.h"

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

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *const *record_env(struct recorder *r, const struct tape_names *names,
                                     const char *const *set_env) {
    const char *const *env = tape_normalize_list(&r->arena, names, set_env);
    size_t n = 0;
    while (env != NULL && env[n] != NULL) {
        n++;
    }
    const char **sorted = arena_zalloc(&r->arena, (n + 1) * sizeof *sorted);
    if (n > 0) {
        memcpy(sorted, env, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, by_text);
    }
    return sorted;
}

static void record_request(struct recorder *r, const struct run_request *request,
                           struct tape_call *call) {
    struct tape_names names = tape_names_with(&r->arena, r->names, request->volatile_values);
    call->step = arena_strdup(&r->arena, request->step == NULL ? "" : request->step);
    call->role = arena_strdup(&r->arena, request->role == NULL ? "" : request->role);
    call->place = arena_strdup(&r->arena, request->place == NULL ? "" : request->place);
    call->attempt = request->attempt;
    call->argv = tape_normalize_list(&r->arena, &names, request->argv);
    call->env = record_env(r, &names, request->set_env);
    if (request->stdin_data != NULL) {
        call->stdin_text =
            tape_normalize_copy(&r->arena, &names, request->stdin_data, request->stdin_len);
    }
}

/* ---- what comes back ---- */

/* Headers of an HTTP answer that say when and to whom it was given, or how long the body was before names were put in. */
static bool is_passing_header(const char *line, size_t len) {
    static const char *const names[] = {"date",
                                        "age",
                                        "expires",
                                        "content-length",
                                        "set-cookie",
                                        "server-timing",
                                        "x-request-id",
                                        "x-correlation-id",
                                        "x-global-transaction-id",
                                        NULL};
    for (size_t i = 0; names[i] != NULL; i++) {
        size_t n = strlen(names[i]);
        if (len > n && line[n] == ':' && strncasecmp(line, names[i], n) == 0) {
            return true;
        }
    }
    return false;
}

/* Copies without the passing headers of the blocks that stand before an HTTP body. */
static void add_lasting(struct str *out, const char *text, size_t len) {
    size_t at = 0;
    while (len - at >= 5 && memcmp(text + at, "HTTP/", 5) == 0) {
        bool is_blank = false;
        while (at < len && !is_blank) {
            const char *end = memchr(text + at, '\n', len - at);
            size_t n = end == NULL ? len - at : (size_t)(end - (text + at)) + 1;
            is_blank = text[at] == '\n' || (text[at] == '\r' && n == 2);
            if (!is_passing_header(text + at, n)) {
                str_add_bytes(out, text + at, n);
            }
            at += n;
        }
    }
    str_add_bytes(out, text + at, len - at);
}

static const char *record_output(struct recorder *r, const struct run_output *o, size_t *ret_len) {
    AUTO(str) struct str raw = STR_INIT(LIMIT_RESULT_BYTES);
    AUTO(err) struct err err = ERR_INIT;
    r->is_short = !runner_output_read(o, LIMIT_RESULT_BYTES, &raw, &err) || r->is_short;
    AUTO(str) struct str lasting = STR_INIT(LIMIT_RESULT_BYTES);
    add_lasting(&lasting, str_text(&raw), raw.len);
    AUTO(str) struct str out = STR_INIT(2 * LIMIT_RESULT_BYTES);
    tape_normalize(r->names, str_text(&lasting), lasting.len, &out);
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
    c->duration_ms = tape_round_duration(result->ended_ms - result->started_ms);
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

void recorder_keep(struct recorder *r, const struct tape_call *call) {
    keep(r, call);
}

/* ---- the end ---- */

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

static const char *const *mask_late_list(struct recorder *r, const char *const *list) {
    size_t n = 0;
    while (list != NULL && list[n] != NULL) {
        n++;
    }
    const char **out = arena_zalloc(&r->arena, (n + 1) * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        out[i] = mask_late_text(r, list[i]);
    }
    return out;
}

/* A step's secret output is known as one only after its answer was recorded: what stands on the tape by then is masked again. */
static void mask_call(struct recorder *r, struct tape_call *c) {
    c->argv = mask_late_list(r, c->argv);
    c->env = mask_late_list(r, c->env);
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
    tape_sort(&r->tape);
    struct tape old;
    struct err unread = ERR_INIT;
    if (tape_load(&r->arena, dir, &old, &unread)) {
        settle(&r->tape, &old);
    }
    err_release(&unread); /* there was none, or one that is of no use */
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
