/*
 * Answers and faults of a test case.
 *
 * Read start() first. A fake that says what comes out answers alone; one that only delays or truncates changes the answer of
 * the cassette. Deadlines of the call hold for both.
 */
#include "fakes_priv.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"
#include "calls_priv.h"
#include "maxima.h"
#include "proc/runner.h"
#include "proc/timers.h"
#include "recipe/suite.h"
#include "value/json.h"
#include "value/value.h"

struct fakes {
    const struct suite_case *plan;
    const struct runner *inner;
    const struct timers *timers;
    size_t *n_used_faults; /* by place in the plan */
    size_t *n_used_answers;
    struct str missing;
    size_t n_missing;
};

/* A call under way. */
struct run_job {
    struct fakes *fakes;
    const struct suite_fake *fault;  /* NULL: none; so is answer */
    const struct suite_fake *answer; /* what comes out, fault or answer */
    struct run_job *inner;           /* carried out by the cassette, until it answered */
    struct run_result result;
    struct str out;
    struct str err;
    char *message;
    timer_id timer;
    int64_t timeout_ms;
    int64_t idle_timeout_ms;
    run_done_fn on_done;
    void *ctx;
};

/* ---- what answers ---- */

static bool fits(const struct suite_fake *fake, const struct run_request *request,
                 const char *line) {
    return (fake->step == NULL ||
            (request->step != NULL && strcmp(fake->step, request->step) == 0)) &&
           (fake->role == NULL ||
            (request->role != NULL && strcmp(fake->role, request->role) == 0)) &&
           (!fake->attempt.is_set || fake->attempt.n == (int64_t)request->attempt) &&
           (fake->call == NULL || call_fits(fake->call, line, request->summary));
}

static bool is_spent(const struct suite_fake *fake, size_t n_used) {
    return fake->times.is_set && (int64_t)n_used >= fake->times.n;
}

static const struct suite_fake *find_fault(struct fakes *f, const struct run_request *request,
                                           const char *line) {
    for (size_t i = 0; i < f->plan->n_faults; i++) {
        const struct suite_fake *fake = &f->plan->faults[i];
        if (!is_spent(fake, f->n_used_faults[i]) && fits(fake, request, line)) {
            f->n_used_faults[i]++;
            return fake;
        }
    }
    return NULL;
}

/* The next one in order; of those that may go on the last does. Inner ones hide outer ones. */
static const struct suite_fake *find_answer(struct fakes *f, const struct run_request *request,
                                            const char *line) {
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < f->plan->n_answers; i++) {
        const struct suite_fake *fake = &f->plan->answers[i];
        if (is_spent(fake, f->n_used_answers[i]) || !fits(fake, request, line)) {
            continue;
        }
        if (last != SIZE_MAX && f->plan->answers[last].level != fake->level) {
            break; /* an inner one goes on */
        }
        last = i;
        if (fake->times.is_set || f->n_used_answers[i] == 0) {
            break;
        }
    }
    if (last == SIZE_MAX) {
        return NULL;
    }
    f->n_used_answers[last]++;
    return &f->plan->answers[last];
}

/* It says what comes out, so nobody else is asked. */
static bool answers_alone(const struct suite_fake *fake) {
    return fake->out != NULL || fake->json != NULL || fake->http != NULL || fake->err != NULL ||
           fake->has_exit || fake->signal != 0 || fake->is_silent || fake->is_missing;
}

/* ---- answering ---- */

static struct run_output output_of(const struct str *text) {
    return (struct run_output){
        .head = str_text(text), .head_len = text->len, .total_bytes = text->len, .spill_fd = -1};
}

static void finish(void *arg) {
    struct run_job *job = arg;
    job->result.ended_ms = timers_now_ms(job->fakes->timers);
    job->result.out = output_of(&job->out);
    job->result.err = output_of(&job->err);
    job->on_done(&job->result, job->ctx);
    str_release(&job->out);
    str_release(&job->err);
    mem_free(job->message);
    mem_free(job);
}

static void cut_output(struct run_job *job, const struct suite_fake *fake) {
    if (fake != NULL && fake->truncate.is_set && job->out.len > (size_t)fake->truncate.n) {
        str_cut(&job->out, (size_t)fake->truncate.n);
    }
}

static int64_t delay_of(const struct run_job *job) {
    int64_t ms = job->fault == NULL ? 0 : job->fault->delay.ms;
    return ms + (job->answer == NULL || job->answer == job->fault ? 0 : job->answer->delay.ms);
}

static void end_early(struct run_job *job, enum run_outcome outcome) {
    job->result.outcome = outcome;
    job->result.exit_code = -1;
    job->result.signal = 0;
    str_reset(&job->out);
    str_reset(&job->err);
}

/* Sets the timer of the answer, or of the deadline that comes first. A call that never answers and has none waits for stop(). */
static void deliver(struct run_job *job) {
    const struct timers *t = job->fakes->timers;
    int64_t elapsed_ms = timers_now_ms(t) - job->result.started_ms;
    int64_t total_ms = elapsed_ms + delay_of(job);
    bool is_silent = job->answer != NULL && job->answer->is_silent;
    cut_output(job, job->answer);
    cut_output(job, job->fault);
    int64_t idle_ms = job->idle_timeout_ms;
    if (idle_ms > 0 && (is_silent || total_ms > idle_ms) &&
        (job->timeout_ms == 0 || idle_ms < job->timeout_ms)) {
        end_early(job, RUN_IDLE);
        total_ms = idle_ms;
    } else if (job->timeout_ms > 0 && (is_silent || total_ms > job->timeout_ms)) {
        end_early(job, RUN_TIMED_OUT);
        total_ms = job->timeout_ms;
    } else if (is_silent) {
        return;
    }
    job->timer = timers_after(t, total_ms - elapsed_ms, finish, job);
}

static void add_http(struct str *out, const struct suite_http *http) {
    str_addf(out, "HTTP/1.1 %d \r\n", http->status == 0 ? 200 : http->status);
    bool has_type = false;
    for (uint32_t i = 0; http->headers != NULL && i < http->headers->len; i++) {
        const struct value_member *m = &http->headers->as.members[i];
        const char *text = value_text(m->value);
        has_type = has_type || strcmp(m->key, "Content-Type") == 0;
        str_addf(out, "%s: %s\r\n", m->key, text == NULL ? "" : text);
    }
    if (!has_type) {
        str_addf(out, "Content-Type: %s\r\n",
                 http->text == NULL ? "application/json" : "text/plain");
    }
    str_add(out, "\r\n");
    if (http->json != NULL) {
        json_print(out, http->json, JSON_COMPACT);
    } else {
        str_add(out, http->text == NULL ? "" : http->text);
    }
}

static void make_answer(struct run_job *job) {
    const struct suite_fake *a = job->answer;
    struct run_result *r = &job->result;
    if (a->http != NULL) {
        add_http(&job->out, a->http);
    } else if (a->json != NULL) {
        json_print(&job->out, a->json, JSON_COMPACT);
    } else {
        str_add(&job->out, a->out == NULL ? "" : a->out);
    }
    str_add(&job->err, a->err == NULL ? "" : a->err);
    if (a->is_missing) {
        r->outcome = RUN_SPAWN_FAILED;
        r->spawn_error = SPAWN_NOT_FOUND;
        r->message = "no such program (a fault of the test)";
    } else if (a->signal != 0) {
        r->outcome = RUN_SIGNALED;
        r->signal = a->signal;
    } else {
        r->outcome = RUN_EXITED;
        r->exit_code = a->exit_code;
    }
}

/* The cassette answered: its words are copied, because they are only lent. */
static void on_inner_done(const struct run_result *result, void *ctx) {
    struct run_job *job = ctx;
    int64_t started_ms = job->result.started_ms;
    job->inner = NULL;
    str_add_bytes(&job->out, result->out.head, result->out.head_len);
    str_add_bytes(&job->err, result->err.head, result->err.head_len);
    job->result = *result;
    job->result.started_ms = started_ms;
    if (result->message != NULL) {
        job->message = mem_strdup(result->message);
        job->result.message = job->message;
    }
    if (delay_of(job) == 0 && job->fault == NULL && job->answer == NULL) {
        finish(job);
    } else {
        deliver(job);
    }
}

static void answer_nothing(struct run_job *job, const struct run_request *request,
                           const char *line) {
    struct fakes *f = job->fakes;
    bool is_http = request->summary != NULL && str_starts(line, "curl ");
    const char *text = is_http ? request->summary : line;
    AUTO(str) struct str message = STR_INIT(LIMIT_MESSAGE);
    str_addf(&message, "the test has no answer to this call: %s", text);
    str_addf(&f->missing, "  step '%s' (%s): %s\n", request->step, request->role, text);
    f->n_missing++;
    job->message = str_take(&message);
    job->result.outcome = RUN_SPAWN_FAILED;
    job->result.spawn_error = SPAWN_OTHER;
    job->result.message = job->message;
    deliver(job);
}

static struct run_job *start(void *ctx, const struct run_request *request) {
    struct fakes *f = ctx;
    struct arena scratch = ARENA_INIT(0);
    const char *line = call_line(&scratch, request->argv);
    struct run_job *job = mem_zalloc(1, sizeof *job);
    *job = (struct run_job){.fakes = f,
                            .fault = find_fault(f, request, line),
                            .out = STR_INIT(2 * LIMIT_RESULT_BYTES),
                            .err = STR_INIT(2 * LIMIT_RESULT_BYTES),
                            .timeout_ms = request->timeout_ms,
                            .idle_timeout_ms = request->idle_timeout_ms,
                            .on_done = request->on_done,
                            .ctx = request->ctx};
    job->result = (struct run_result){.exit_code = -1,
                                      .started_ms = timers_now_ms(f->timers),
                                      .started_wall_ms = timers_wall_ms(f->timers)};
    bool is_alone = job->fault != NULL && answers_alone(job->fault);
    job->answer = is_alone ? job->fault : find_answer(f, request, line);
    if (job->answer != NULL) {
        make_answer(job);
        deliver(job);
    } else if (f->inner != NULL) {
        struct run_request passed = *request;
        passed.on_done = on_inner_done;
        passed.on_output = NULL;
        passed.ctx = job;
        job->inner = runner_start(f->inner, &passed);
    } else {
        answer_nothing(job, request, line);
    }
    arena_release(&scratch);
    return job;
}

static void stop(void *ctx, struct run_job *job, enum stop_reason reason) {
    struct fakes *f = ctx;
    if (job->inner != NULL) {
        runner_stop(f->inner, job->inner, reason);
        return;
    }
    timers_cancel(f->timers, &job->timer);
    end_early(job, RUN_STOPPED);
    job->timer = timers_after(f->timers, 0, finish, job);
}

/* ---- the whole ---- */

struct fakes *fakes_new(const struct suite_case *c, const struct runner *inner,
                        const struct timers *timers) {
    struct fakes *f = mem_zalloc(1, sizeof *f);
    f->plan = c;
    f->inner = inner;
    f->timers = timers;
    f->n_used_faults = mem_zalloc(c->n_faults + 1, sizeof *f->n_used_faults);
    f->n_used_answers = mem_zalloc(c->n_answers + 1, sizeof *f->n_used_answers);
    return f;
}

void fakes_runner(struct fakes *f, struct runner *ret_runner) {
    *ret_runner = (struct runner){start, stop, f};
}

size_t fakes_missing(const struct fakes *f, struct str *out) {
    str_add(out, str_text(&f->missing));
    return f->n_missing;
}

size_t fakes_unused(const struct fakes *f, struct str *out) {
    size_t n = 0;
    for (size_t i = 0; i < f->plan->n_faults; i++) {
        const struct suite_fake *fault = &f->plan->faults[i];
        if (f->n_used_faults[i] == 0) {
            str_addf(out, "  line %u%s%s%s%s\n", fault->place.line,
                     fault->step == NULL ? "" : ", step ", fault->step == NULL ? "" : fault->step,
                     fault->call == NULL ? "" : ": ", fault->call == NULL ? "" : fault->call);
            n++;
        }
    }
    return n;
}

void fakes_free(struct fakes *f) {
    if (f == NULL) {
        return;
    }
    mem_free(f->n_used_faults);
    mem_free(f->n_used_answers);
    str_release(&f->missing);
    mem_free(f);
}
