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
    struct arena *arena;
    struct tape tape;
    size_t first_unused; /* no call before it is unused */
    const struct timers *timers;
    const struct tape_names *names;
    enum player_mode mode;
    struct str missing; /* paragraphs */
    size_t n_missing;
    bool has_color;
    bool is_hasty; /* answers without their duration */
};

struct run_job {
    struct player *player;
    const struct tape_call *call; /* NULL: not on the tape */
    char *message;
    enum run_outcome cut; /* RUN_EXITED: the answer comes whole; else what ended it before */
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
    if (job->cut != RUN_EXITED) {
        result.outcome = job->cut;
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

/* ---- finding ---- */

static struct match_request request_of(const struct player *p, const struct run_request *request,
                                       struct arena *scratch) {
    struct tape_names names = tape_names_with(scratch, p->names, request->volatile_values);
    struct match_request r = {
        .step = request->step,
        .argv = tape_normalize_list(scratch, &names, request->argv),
        .env = tape_normalize_list(scratch, &names, request->set_env),
    };
    if (request->stdin_data != NULL) {
        r.stdin_text =
            tape_normalize_copy(scratch, &names, request->stdin_data, request->stdin_len);
    }
    r.words = match_words(scratch, r.argv, r.stdin_text, &r.is_http);
    return r;
}

/* The best call that is left; of equally good ones the first. */
static struct tape_call *find(const struct player *p, const struct match_request *request) {
    struct tape_call *best = NULL;
    unsigned best_grade = 0;
    for (size_t i = p->first_unused; i < p->tape.n_calls; i++) {
        struct tape_call *c = &p->tape.calls[i];
        unsigned grade = c->is_used ? 0 : match_grade(c, request, p->mode);
        if (grade > best_grade) {
            best_grade = grade;
            best = c;
        }
    }
    return best;
}

/* Loose: what was answered last goes on. */
static const struct tape_call *find_last(const struct player *p,
                                         const struct match_request *request) {
    for (size_t i = p->tape.n_calls; i-- > 0;) {
        if (match_grade(&p->tape.calls[i], request, p->mode) > 0) {
            return &p->tape.calls[i];
        }
    }
    return NULL;
}

static const struct tape_call *take(struct player *p, const struct match_request *request,
                                    const struct run_request *from) {
    struct tape_call *c = find(p, request);
    if (c == NULL) {
        return p->mode == PLAYER_LOOSE ? find_last(p, request) : NULL;
    }
    c->is_used = true;
    c->place = from->place == NULL ? "" : arena_strdup(p->arena, from->place);
    c->attempt = from->attempt;
    while (p->first_unused < p->tape.n_calls && p->tape.calls[p->first_unused].is_used) {
        p->first_unused++;
    }
    return c;
}

static char *explain(struct player *p, const struct match_request *request) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    match_explain(&p->tape, request, &text);
    match_explain_long(&p->tape, request, p->has_color, &p->missing);
    p->n_missing++;
    return str_take(&text);
}

struct tape_call *player_find(const struct player *p, const struct run_request *request) {
    struct arena scratch = ARENA_INIT(0);
    struct match_request r = request_of(p, request, &scratch);
    struct tape_call *found = find(p, &r);
    arena_release(&scratch);
    return found;
}

/* ---- the runner ---- */

/* The deadline of the call ends what was recorded to take longer. */
static int64_t set_end(struct run_job *job, const struct run_request *request) {
    int64_t due_ms = job->call == NULL || job->player->is_hasty ? 0 : job->call->duration_ms;
    bool is_silent = job->call != NULL && job->call->out_len + job->call->err_len == 0;
    if (request->timeout_ms > 0 && due_ms > request->timeout_ms) {
        due_ms = request->timeout_ms;
        job->cut = RUN_TIMED_OUT;
    }
    if (request->idle_timeout_ms > 0 && due_ms > request->idle_timeout_ms && is_silent) {
        due_ms = request->idle_timeout_ms;
        job->cut = RUN_IDLE;
    }
    return due_ms;
}

static struct run_job *start(void *ctx, const struct run_request *request) {
    struct player *p = ctx;
    struct arena scratch = ARENA_INIT(0);
    struct match_request r = request_of(p, request, &scratch);
    struct run_job *job = mem_zalloc(1, sizeof *job);
    *job = (struct run_job){
        .player = p,
        .call = take(p, &r, request),
        .cut = RUN_EXITED,
        .started_ms = timers_now_ms(p->timers),
        .started_wall_ms = timers_wall_ms(p->timers),
        .on_done = request->on_done,
        .ctx = request->ctx,
    };
    if (job->call == NULL) {
        job->message = explain(p, &r);
    }
    job->timer = timers_after(p->timers, set_end(job, request), on_due, job);
    arena_release(&scratch);
    return job;
}

static void stop(void *ctx, struct run_job *job, enum stop_reason reason) {
    (void)reason;
    struct player *p = ctx;
    job->cut = RUN_STOPPED;
    timers_cancel(p->timers, &job->timer);
    job->timer = timers_after(p->timers, 0, on_due, job);
}

struct player *player_new(struct arena *a, const char *dir, const struct timers *timers,
                          const struct tape_names *names, enum player_mode mode, struct err *err) {
    struct player *p = mem_zalloc(1, sizeof *p);
    p->arena = a;
    p->timers = timers;
    p->names = names;
    p->mode = mode;
    if (!tape_load(a, dir, &p->tape, err)) {
        player_free(p);
        return NULL;
    }
    return p;
}

void player_runner(struct player *p, struct runner *ret_runner) {
    *ret_runner = (struct runner){start, stop, p};
}

/* ---- what is left ---- */

bool player_takes_stdin(const struct player *p, const char *const *argv) {
    struct arena scratch = ARENA_INIT(0);
    struct run_request request = {.argv = argv};
    struct match_request r = request_of(p, &request, &scratch);
    bool takes = false;
    for (size_t i = 0; i < p->tape.n_calls && !takes; i++) {
        takes = p->tape.calls[i].stdin_text != NULL &&
                match_grade(&p->tape.calls[i], &r, PLAYER_LOOSE) > 0;
    }
    arena_release(&scratch);
    return takes;
}

size_t player_unused(const struct player *p, struct str *out) {
    size_t n = 0;
    for (size_t i = 0; i < p->tape.n_calls; i++) {
        const struct tape_call *c = &p->tape.calls[i];
        if (c->is_used) {
            continue;
        }
        n++;
        str_add(out, "  ");
        if (c->step[0] != '\0') {
            str_addf(out, "%s (%s), ", c->step, c->role);
        }
        str_addf(out, "tape.yaml:%u: ", c->line);
        match_add_argv(out, c->argv);
        str_add_char(out, '\n');
    }
    return n;
}

size_t player_missing(const struct player *p, struct str *out) {
    str_add(out, str_text(&p->missing));
    return p->n_missing;
}

void player_use_color(struct player *p) {
    p->has_color = true;
}

void player_answer_at_once(struct player *p) {
    p->is_hasty = true;
}

struct tape *player_tape(struct player *p) {
    return &p->tape;
}

void player_free(struct player *p) {
    if (p == NULL) {
        return;
    }
    str_release(&p->missing);
    mem_free(p);
}
