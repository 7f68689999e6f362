/*
 * One attempt: make the command, tell the listeners what is about to happen, start it, turn the answer into a value or a failure.
 *
 * The event "attempt started" goes out before the child exists: a journal that survives us knows what may have been done.
 */
#include "engine_priv.h"

#include <signal.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/template.h"
#include "extract/extract.h"
#include "maxima.h"

static void reset_scratch(struct activity *act) {
    arena_reset(&act->scratch);
    act->answer = (struct answer){
        .result = &value_null, .exit_code = -1, .stdout_text = "", .stderr_text = ""};
}

static const char *role_for_people(const struct inst *in) {
    return in->act->call->kind == CALL_HTTP && in->act->role == ROLE_RUN
               ? "http"
               : op_role_names[in->act->role];
}

static void emit_started(struct inst *in, const struct prepared *p) {
    struct list_builder argv;
    list_begin(&argv, &in->act->scratch);
    for (size_t i = 0; p->argv != NULL && p->argv[i] != NULL; i++) {
        list_add(&argv, value_cstring(&in->act->scratch, p->argv[i]));
    }
    struct event ev = {.kind = EVENT_ATTEMPT_STARTED, .step = &in->who};
    ev.as.attempt_started = (struct event_attempt_started){
        .number = in->n_attempts,
        .role = role_for_people(in),
        .argv = list_end(&argv),
        .summary = p->summary,
        .reads = p->reads,
    };
    run_emit(in->engine, &ev);
}

static const char *safe_text(struct inst *in, const struct run_output *o) {
    AUTO(str) struct str text = STR_INIT(4 * LIMIT_CAPTURE_MEMORY);
    output_excerpt(&text, o->head, o->head_len, o->tail, o->tail_len);
    return arena_strndup(&in->act->scratch, str_text(&text), text.len);
}

static const char *log_name(struct inst *in, const char *stream) {
    return arena_printf(&in->act->scratch, "steps/%04u-%s.%u.%s", in->who.index, in->who.id,
                        in->n_attempts, stream);
}

static void emit_finished(struct inst *in, const struct run_result *r) {
    const struct answer *a = &in->act->answer;
    bool is_secret = judge_prints_secrets(in->step);
    struct event ev = {.kind = EVENT_ATTEMPT_FINISHED, .step = &in->who};
    struct event_attempt_finished *f = &ev.as.attempt_finished;
    *f = (struct event_attempt_finished){
        .number = in->n_attempts,
        .role = role_for_people(in),
        .outcome = r == NULL ? "ok" : run_outcome_names[r->outcome],
        .exit_code = a->exit_code,
        .http_status = a->http_status,
        .error_class = a->error_class,
        .nothing_happened = a->error_class != CLASS_NONE && a->nothing_happened,
        .message = a->message,
        .duration_ms = run_now_ms(in->engine) - in->act->attempt_started_ms,
    };
    if (r != NULL) {
        f->signal = r->signal;
        f->was_escalated = r->was_escalated;
        f->stdout_bytes = r->out.total_bytes;
        f->stderr_bytes = r->err.total_bytes;
        f->duration_ms = r->ended_ms - r->started_ms;
    }
    if (r != NULL && !is_secret) {
        f->stdout_text = safe_text(in, &r->out);
        f->stderr_text = safe_text(in, &r->err);
        f->stdout_log = r->out.total_bytes > 0 ? log_name(in, "stdout") : NULL;
        f->stderr_log = r->err.total_bytes > 0 ? log_name(in, "stderr") : NULL;
    }
    run_emit(in->engine, &ev);
}

/* The attempt ended without a child: a value or an error is known at once. */
static void answer_without_child(struct inst *in, enum error_class error_class, struct err *err) {
    struct answer *a = &in->act->answer;
    if (plan_is_unknown(err)) {
        inst_fail_err(in, error_class, err);
        return;
    }
    a->error_class = error_class;
    a->nothing_happened = true;
    if (error_class != CLASS_NONE) {
        AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
        if (err->place.line != 0 && err->place.file != NULL) {
            str_addf(&text, "%s:%u:%u: ", err->place.file, err->place.line, err->place.col);
        }
        str_add(&text, err->message == NULL ? "unknown error" : err->message);
        a->message = arena_strdup(&in->act->scratch, str_text(&text));
        a->hint = err->hint == NULL ? NULL : arena_strdup(&in->act->scratch, err->hint);
    }
    emit_finished(in, NULL);
    inst_enter(in, INST_JUDGING);
    op_on_answer(in);
}

/* Nothing is changed of which the journal does not know; what cleanup and finally tidy up is tidied up all the same. */
static bool may_change(const struct inst *in, struct err *err) {
    return !in->engine->options.bus->has_failed || in->who.phase != PHASE_MAIN ||
           err_set(err, "journal-write", "not started: the journal could not be written");
}

static void run_local(struct inst *in) {
    struct prepared p = {.summary = in->act->call->kind == CALL_READ ? "read" : "write",
                         .reads = in->act->call->kind == CALL_READ};
    emit_started(in, &p);
    struct err err = ERR_INIT;
    const struct value *result = &value_null;
    if (!p.reads && !may_change(in, &err)) {
        answer_without_child(in, CLASS_CANCELLED, &err);
        err_release(&err);
        return;
    }
    bool is_fine = file_call_run(in, in->act->call, &result, &err);
    in->act->answer.result = result;
    answer_without_child(in, is_fine ? CLASS_NONE : CLASS_OUTPUT, &err);
    err_release(&err);
}

static void emit_line(struct inst *in, int stream, const char *line) {
    struct event ev = {.kind = EVENT_OUTPUT, .step = &in->who};
    ev.as.output = (struct event_output){.stream = stream, .text = line};
    run_emit(in->engine, &ev);
}

static void on_stdout_line(const char *line, void *ctx) {
    emit_line(ctx, 1, line);
}

static void on_stderr_line(const char *line, void *ctx) {
    emit_line(ctx, 2, line);
}

static void on_output(int stream, const char *bytes, size_t len, void *ctx) {
    struct inst *in = ctx;
    if (judge_prints_secrets(in->step)) {
        return;
    }
    if (stream == 2) {
        output_lines_feed(&in->act->stderr_lines, bytes, len, on_stderr_line, in);
    } else {
        output_lines_feed(&in->act->stdout_lines, bytes, len, on_stdout_line, in);
    }
}

static void end_live_output(struct inst *in) {
    output_lines_end(&in->act->stdout_lines, on_stdout_line, in);
    output_lines_end(&in->act->stderr_lines, on_stderr_line, in);
}

/* "000003.000017": the indexes of what it stands in and its own. */
static const char *place_of(const struct inst *in) {
    const char *place = "";
    for (const struct inst *i = in; i != NULL; i = i->parent) {
        place = arena_printf(&in->act->scratch, "%06u%s%s", i->who.index,
                             place[0] == '\0' ? "" : ".", place);
    }
    return place;
}

static void on_done(const struct run_result *r, void *ctx);

static void start_child(struct inst *in, const struct prepared *p) {
    const char *base = NULL;
    bool is_secret = judge_prints_secrets(in->step);
    if (!is_secret && in->engine->options.run_dir != NULL) {
        base = arena_printf(&in->act->scratch, "%s/steps/%04u-%s.%u", in->engine->options.run_dir,
                            in->who.index, in->who.id, in->n_attempts);
    }
    struct run_request request = {
        .argv = (const char *const *)p->argv,
        .env = (const char *const *)p->env,
        .cwd = p->cwd,
        .stdin_data = p->stdin_data,
        .stdin_len = p->stdin_len,
        .timeout_ms = p->timeout_ms,
        .idle_timeout_ms = p->idle_timeout_ms,
        .grace_ms = p->grace_ms,
        .log_base = base,
        .is_secret = is_secret,
        .step = in->who.id,
        .role = op_role_names[in->act->role],
        .attempt = in->n_attempts,
        .summary = p->summary,
        .place = place_of(in),
        .set_env = (const char *const *)p->set_env,
        .volatile_values = (const char *const *)p->volatile_values,
        .on_output = on_output,
        .on_done = on_done,
        .ctx = in,
    };
    memcpy(request.has_limit, p->has_limit, sizeof request.has_limit);
    memcpy(request.limits, p->limits, sizeof request.limits);
    inst_enter(in, INST_RUNNING);
    in->act->job = runner_start(in->engine->options.runner, &request);
}

void attempt_begin(struct inst *in) {
    struct activity *act = in->act;
    reset_scratch(act);
    if (plan_withholds(in)) {
        plan_withhold(in);
        return;
    }
    in->n_attempts++;
    act->op_tries++;
    act->attempt_started_ms = run_now_ms(in->engine);
    if (act->call->kind == CALL_READ || act->call->kind == CALL_WRITE) {
        run_local(in);
        return;
    }
    struct prepared *p = arena_zalloc(&act->scratch, sizeof *p);
    act->prepared = p;
    struct err err = ERR_INIT;
    bool is_fine = act->call->kind == CALL_HTTP ? http_prepare(in, act->call, p, &err)
                                                : cmdline_prepare(in, act->call, p, &err);
    p->reads = op_reads(in, act->call, act->role);
    p->cut_by_wait = wait_bound_look(in, &p->timeout_ms);
    emit_started(in, p);
    if (is_fine && !p->reads && !may_change(in, &err)) {
        cmdline_remove_temp_files(in);
        answer_without_child(in, CLASS_CANCELLED, &err);
    } else if (is_fine) {
        start_child(in, p);
    } else {
        cmdline_remove_temp_files(in);
        answer_without_child(in, CLASS_USAGE, &err);
    }
    err_release(&err);
}

static bool accepts_exit(const struct inst *in, int exit_code) {
    const struct step *s = in->step;
    bool is_main = in->act->role == ROLE_RUN;
    for (size_t i = 0; is_main && i < s->n_expect_exit; i++) {
        if (s->expect_exit[i] == exit_code) {
            return true;
        }
    }
    return exit_code == 0 && (!is_main || s->n_expect_exit == 0);
}

static void fail(struct inst *in, enum error_class c, const char *message) {
    in->act->answer.error_class = c;
    in->act->answer.message = message;
}

static void fail_signaled(struct inst *in, int signal) {
    static const struct {
        int signal;
        const char *what;
    } limits[] = {{SIGXCPU, "computing time"}, {SIGXFSZ, "the size of files"}};
    struct arena *a = &in->act->scratch;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (limits[i].signal == signal) {
            fail(in, CLASS_RESOURCE_LIMIT,
                 arena_printf(a, "its limit of %s is reached", limits[i].what));
            return;
        }
    }
    fail(in, CLASS_KILLED, arena_printf(a, "killed by signal %d (%s)", signal, strsignal(signal)));
    if (signal == SIGKILL) {
        in->act->answer.hint =
            "cpdflow did not send it: the kernel does when memory runs out, for the machine or for "
            "the container";
    }
}

/* What ended the child when it was not its own exit. False: it exited by itself. */
static bool judge_outcome(struct inst *in, const struct run_result *r) {
    struct arena *a = &in->act->scratch;
    switch (r->outcome) {
    case RUN_EXITED:
        return false;
    case RUN_SIGNALED:
        fail_signaled(in, r->signal);
        cancel_on_foreign_signal(in->engine, r->signal);
        return true;
    case RUN_TIMED_OUT:
        fail(in, CLASS_TIMEOUT,
             in->act->prepared->cut_by_wait != NULL
                 ? in->act->prepared->cut_by_wait
                 : arena_printf(a, "no answer within its timeout of %lld ms",
                                (long long)in->act->prepared->timeout_ms));
        return true;
    case RUN_IDLE:
        fail(in, CLASS_IDLE_TIMEOUT,
             arena_printf(a, "no output for %lld ms",
                          (long long)in->act->prepared->idle_timeout_ms));
        return true;
    case RUN_STOPPED:
        fail(in, CLASS_CANCELLED, "cancelled");
        return true;
    case RUN_SPAWN_FAILED:
        fail(in, r->spawn_error == SPAWN_TOO_LARGE ? CLASS_USAGE : CLASS_SPAWN,
             arena_strdup(a, r->message == NULL ? "could not be started" : r->message));
        in->act->answer.nothing_happened = true;
        return true;
    case RUN_LOST:
        fail(in, CLASS_INTERNAL, arena_strdup(a, r->message == NULL ? "lost" : r->message));
        return true;
    case RUN_OUTCOME_COUNT:
        break;
    }
    bug("unknown outcome %d", (int)r->outcome);
}

static void judge_exit(struct inst *in, const struct run_result *r, const struct str *out) {
    struct answer *a = &in->act->answer;
    const struct call *call = in->act->call;
    struct err err = ERR_INIT;
    if (!accepts_exit(in, r->exit_code)) {
        struct classified c =
            classify_text(in->frame->recipe, r->exit_code, 0, in->act->prepared->is_http,
                          a->stdout_text, a->stdout_len, a->stderr_text, a->stderr_len);
        a->nothing_happened = c.nothing_happened;
        fail(in, c.error_class,
             classify_message(&in->act->scratch, a->stdout_text, a->stdout_len, a->stderr_text,
                              a->stderr_len));
        if (a->message == NULL || in->step->is_secret) { /* its own words are secret too */
            a->message = arena_printf(&in->act->scratch, "exit code %d", r->exit_code);
        }
        a->hint = classify_hint(c.error_class, a);
        return;
    }
    if (call->kind == CALL_HTTP) {
        http_read_answer(in, call, str_text(out), out->len, a);
        return;
    }
    if (!cmdline_read_output(in, call, str_text(out), out->len, &a->result, &err)) {
        fail(in, CLASS_OUTPUT,
             in->step->is_secret ? "the output is not of the expected form"
                                 : arena_strdup(&in->act->scratch, err.message));
        a->hint = err.hint == NULL ? NULL : arena_strdup(&in->act->scratch, err.hint);
    }
    err_release(&err);
}

static void keep_texts(struct inst *in, const struct run_result *r, const struct str *out) {
    struct answer *a = &in->act->answer;
    struct arena *scratch = &in->act->scratch;
    bool is_http = in->act->call->kind == CALL_HTTP;
    a->stdout_len = is_http ? 0 : (out->len > LIMIT_STEP_TEXT ? LIMIT_STEP_TEXT : out->len);
    a->stdout_text = arena_strndup(scratch, str_text(out), a->stdout_len);
    AUTO(str) struct str errors = STR_INIT(2 * LIMIT_CAPTURE_MEMORY);
    str_add_bytes(&errors, r->err.head, r->err.head_len);
    str_add_bytes(&errors, r->err.tail, r->err.tail_len);
    a->stderr_len = errors.len > LIMIT_STEP_TEXT ? LIMIT_STEP_TEXT : errors.len;
    /* Of a long stderr the end is kept: it says why the command failed. */
    a->stderr_text =
        arena_strndup(scratch, str_text(&errors) + errors.len - a->stderr_len, a->stderr_len);
}

static void on_done(const struct run_result *r, void *ctx) {
    struct inst *in = ctx;
    struct engine *e = in->engine;
    struct answer *a = &in->act->answer;
    in->act->job = NULL;
    end_live_output(in);
    AUTO(str) struct str out = STR_INIT(LIMIT_RESULT_BYTES);
    struct err err = ERR_INIT;
    bool is_readable = runner_output_read(&r->out, LIMIT_RESULT_BYTES, &out, &err);
    a->exit_code = r->exit_code;
    keep_texts(in, r, &out);
    bool was_stopping = in->state == INST_STOPPING;
    if (!judge_outcome(in, r)) {
        if (is_readable || in->act->call->output.format == EXTRACT_NONE) {
            judge_exit(in, r, &out);
        } else {
            fail(in, CLASS_OUTPUT, arena_strdup(&in->act->scratch, err.message));
        }
    }
    err_release(&err);
    if (r->n_survivors > 0 || r->had_pipe_holder) {
        run_notice(e, in, "survivors", "the command left %u processes behind, now ended%s",
                   r->n_survivors, r->had_pipe_holder ? "; one of them held its output open" : "");
    }
    emit_finished(in, r);
    cmdline_remove_temp_files(in);
    if (was_stopping) {
        in->error_class = CLASS_CANCELLED;
        inst_fail(in, CLASS_CANCELLED, a->message, NULL);
    } else {
        inst_enter(in, INST_JUDGING);
        op_on_answer(in);
    }
    run_pump(e);
}
