#include "play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

struct run_job {
    struct play *play;
    const struct play_answer *answer;
    int64_t started_ms;
    int64_t timeout_ms;
    bool is_stopped;
    bool is_timed_out;
    timer_id timer;
    run_done_fn on_done;
    void *ctx;
};

/* Head, and tail when it is long, as the real runner keeps them. */
static struct run_output output_of(const char *text) {
    size_t len = strlen(text);
    struct run_output o = {.head = text, .head_len = len, .total_bytes = len, .spill_fd = -1};
    if (len > LIMIT_CAPTURE_MEMORY) {
        size_t rest = len - LIMIT_CAPTURE_MEMORY;
        o.head_len = LIMIT_CAPTURE_MEMORY;
        o.tail_len = rest < LIMIT_CAPTURE_MEMORY ? rest : LIMIT_CAPTURE_MEMORY;
        o.tail = text + len - o.tail_len;
        o.dropped_bytes = rest - o.tail_len;
    }
    return o;
}

static void on_due(void *arg) {
    struct run_job *job = arg;
    const struct play_answer *a = job->answer;
    struct run_result result = {.exit_code = -1, .started_ms = job->started_ms};
    result.ended_ms = timers_now_ms(&job->play->timers);
    if (job->is_stopped) {
        result.outcome = RUN_STOPPED;
    } else if (job->is_timed_out) {
        result.outcome = RUN_TIMED_OUT;
    } else if (a == NULL) {
        result.outcome = RUN_SPAWN_FAILED;
        result.spawn_error = SPAWN_NOT_FOUND;
        result.message = "no such command in this play";
    } else if (a->exit_code < 0) {
        result.outcome = RUN_SIGNALED;
        result.signal = -a->exit_code;
    } else {
        result.outcome = RUN_EXITED;
        result.exit_code = a->exit_code;
    }
    result.out = output_of(a == NULL ? "" : a->out);
    result.err = output_of(a == NULL ? "" : a->err);
    job->on_done(&result, job->ctx);
    mem_free(job);
}

/* The first answer for this call that was not given yet; the last one is given for ever. */
static const struct play_answer *find_answer(struct play *p, const char *line) {
    struct play_answer *found = NULL;
    for (size_t i = 0; i < p->n_answers; i++) {
        struct play_answer *a = &p->answers[i];
        if (!str_starts(line, a->call)) {
            continue;
        }
        found = a;
        if (!a->is_used) {
            break;
        }
    }
    if (found != NULL) {
        found->is_used = true;
    }
    return found;
}

static struct run_job *start(void *ctx, const struct run_request *request) {
    struct play *p = ctx;
    AUTO(str) struct str line = STR_INIT(0);
    for (size_t i = 0; request->argv[i] != NULL; i++) {
        str_addf(&line, "%s%s", i == 0 ? "" : " ", request->argv[i]);
    }
    str_addf(&p->calls, "%s\n", str_text(&line));
    str_reset(&p->environ);
    for (size_t i = 0; request->env[i] != NULL; i++) {
        str_addf(&p->environ, "%s\n", request->env[i]);
    }
    str_reset(&p->stdin_text);
    if (request->stdin_data != NULL) {
        str_add_bytes(&p->stdin_text, request->stdin_data, request->stdin_len);
    }
    if (p->look != NULL) {
        p->look(p, request);
    }
    struct run_job *job = mem_zalloc(1, sizeof *job);
    *job = (struct run_job){.play = p,
                            .answer = find_answer(p, str_text(&line)),
                            .started_ms = timers_now_ms(&p->timers),
                            .on_done = request->on_done,
                            .ctx = request->ctx};
    int64_t due_ms = job->answer == NULL ? 0 : job->answer->takes_ms;
    bool hangs = job->answer != NULL && job->answer->hangs;
    if (request->timeout_ms > 0 && (hangs || due_ms > request->timeout_ms)) {
        job->is_timed_out = true;
        due_ms = request->timeout_ms;
        hangs = false;
    }
    if (!hangs) {
        job->timer = timers_after(&p->timers, due_ms, on_due, job);
    }
    return job;
}

static void stop(void *ctx, struct run_job *job, enum stop_reason reason) {
    struct play *p = ctx;
    if (reason == STOP_CANCEL && job->answer != NULL && job->answer->is_stubborn) {
        return;
    }
    timers_cancel(&p->timers, &job->timer);
    job->is_stopped = true;
    job->timer = timers_after(&p->timers, 10, on_due, job);
}

static void add_part(struct str *out, const char *text) {
    if (text != NULL) {
        str_addf(out, " | %s", text);
    }
}

static bool on_planned(void *ctx, const struct event *ev) {
    struct play *p = ctx;
    if (ev->kind != EVENT_STEP_PLANNED) {
        return true;
    }
    const struct event_planned *x = &ev->as.planned;
    str_addf(&p->planned, "%s: %s%s", ev->step->id, step_plan_names[x->plan],
             x->is_uncertain ? "?" : "");
    add_part(&p->planned, x->command);
    add_part(&p->planned, x->drift);
    add_part(&p->planned, x->reason);
    if (x->deletes != NULL) {
        str_add(&p->planned, " | deletes ");
        json_print(&p->planned, x->deletes, JSON_COMPACT);
    }
    if (x->outputs != NULL && x->outputs->len > 0) {
        str_add(&p->planned, " | ");
        json_print(&p->planned, x->outputs, JSON_COMPACT);
    }
    str_add_char(&p->planned, '\n');
    return true;
}

void play_init(struct play *p, const char *body) {
    memset(p, 0, sizeof *p);
    p->calls.max = p->environ.max = p->stdin_text.max = 0;
    arena_init(&p->arena, 0);
    AUTO(str) struct str text = STR_INIT(0);
    str_addf(&text, "cpdflow: 1\n%s", body);
    struct diagnostics d = DIAGNOSTICS_INIT;
    p->recipe = recipe_load_text(str_text(&text), text.len, "play.yaml", ".", &d);
    if (p->recipe == NULL) {
        AUTO(str) struct str all = STR_INIT(0);
        for (size_t i = 0; i < d.n; i++) {
            err_render(&d.items[i].err, "error", &all);
        }
        fail_msg("the recipe does not load:\n%s", str_text(&all));
    }
    diagnostics_release(&d);
    p->clock = fake_timers_new(INT64_C(1700000000000));
    fake_timers_get(p->clock, &p->timers);
    p->runner = (struct runner){start, stop, p};
    p->report = run_report_new();
    event_bus_add(&p->bus, run_report_sink(p->report));
    event_bus_add(&p->bus, (struct sink){on_planned, p});
}

void play_answer(struct play *p, const char *call, int exit_code, const char *out,
                 const char *err) {
    assert_true(p->n_answers < PLAY_ANSWERS);
    p->answers[p->n_answers++] = (struct play_answer){
        .call = call, .exit_code = exit_code, .out = out, .err = err, .takes_ms = 1};
}

void play_takes(struct play *p, int64_t ms) {
    p->answers[p->n_answers - 1].takes_ms = ms;
}

void play_hangs(struct play *p) {
    p->answers[p->n_answers - 1].hangs = true;
}

void play_is_stubborn(struct play *p) {
    play_hangs(p);
    p->answers[p->n_answers - 1].is_stubborn = true;
}

static void on_finished(void *ctx) {
    struct play *p = ctx;
    p->is_finished = true;
    fake_timers_stop(p->clock);
}

static void on_cancel(void *arg) {
    struct play *p = arg;
    engine_cancel(p->engine, p->cancel_signal);
}

void play_run(struct play *p) {
    static const char *const environ_texts[] = {"PATH=/bin", "HOME=/home/x", NULL};
    struct engine_options options = {
        .recipe = p->recipe,
        .inputs = &value_empty_object,
        .public_inputs = &value_empty_object,
        .runner = &p->runner,
        .timers = &p->timers,
        .bus = &p->bus,
        .environ = p->own_environ == NULL ? environ_texts : p->own_environ,
        .child_environ = environ_texts,
        .run_id = "play",
        .resume = p->resume,
        .run_dir = "/nonexistent",
        .tmp_dir = "/tmp",
        .mode = p->is_plan ? "plan" : "run",
        .is_plan = p->is_plan,
        .host = "host",
        .seed = 1,
        .on_finished = on_finished,
        .ctx = p,
    };
    p->engine = engine_new(&options);
    engine_start(p->engine);
    if (p->cancel_at_ms > 0) {
        (void)timers_after(&p->timers, p->cancel_at_ms, on_cancel, p);
    }
    if (p->cancel_again_at_ms > 0) {
        (void)timers_after(&p->timers, p->cancel_again_at_ms, on_cancel, p);
    }
    if (!p->is_finished) {
        (void)fake_timers_run_until_idle(p->clock);
    }
    assert_true(p->is_finished);
    assert_true(engine_is_finished(p->engine));
    p->exit_code = engine_exit_code(p->engine);
}

const struct report_step *play_step(const struct play *p, const char *id) {
    for (size_t i = 0; i < p->report->n_steps; i++) {
        if (strcmp(p->report->steps[i]->id, id) == 0) {
            return p->report->steps[i];
        }
    }
    fail_msg("no step '%s' in the report", id);
    return NULL;
}

void play_expect(const struct play *p, const char *id, enum step_status status,
                 const char *message) {
    const struct report_step *s = play_step(p, id);
    if (s->status != status) {
        fail_msg("step '%s' is %s (%s), not %s", id, step_status_names[s->status],
                 s->message == NULL ? "no message" : s->message, step_status_names[status]);
    }
    if (message != NULL) {
        assert_non_null(s->message);
        assert_string_equal(s->message, message);
    }
}

void play_expect_calls(const struct play *p, const char *lines) {
    assert_string_equal(str_text(&p->calls), lines);
}

void play_release(struct play *p) {
    engine_free(p->engine);
    run_report_free(p->report);
    fake_timers_free(p->clock);
    recipe_free(p->recipe);
    arena_release(&p->arena);
    str_release(&p->planned);
    str_release(&p->calls);
    str_release(&p->environ);
    str_release(&p->stdin_text);
}
