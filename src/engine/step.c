/*
 * One step instance: its states, how it begins and how it ends.
 *
 * inst_enter() is the only writer of `state`; it checks the table of allowed transitions and cancels the timer that the new state does not own.
 */
#include "engine_priv.h"

#include <assert.h>
#include <string.h>

#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/template.h"
#include "maxima.h"

static const char *const state_names[INST_STATE_COUNT] = {
    [INST_WAITING] = "waiting",   [INST_READY] = "ready",     [INST_RUNNING] = "running",
    [INST_STOPPING] = "stopping", [INST_JUDGING] = "judging", [INST_BACKOFF] = "backoff",
    [INST_POLLING] = "polling",   [INST_OPEN] = "open",       [INST_DONE] = "done",
};

#define TO(state) (1U << (state))
static const unsigned allowed[INST_STATE_COUNT] = {
    [INST_WAITING] = TO(INST_READY) | TO(INST_DONE),
    [INST_READY] = TO(INST_RUNNING) | TO(INST_JUDGING) | TO(INST_OPEN) | TO(INST_DONE),
    [INST_RUNNING] = TO(INST_JUDGING) | TO(INST_STOPPING),
    [INST_STOPPING] = TO(INST_DONE),
    [INST_JUDGING] = TO(INST_READY) | TO(INST_BACKOFF) | TO(INST_POLLING) | TO(INST_DONE),
    [INST_BACKOFF] = TO(INST_READY) | TO(INST_DONE),
    [INST_POLLING] = TO(INST_JUDGING) | TO(INST_DONE),
    [INST_OPEN] = TO(INST_JUDGING) | TO(INST_DONE),
    [INST_DONE] = 0,
};
#undef TO

bool inst_may_enter(enum inst_state from, enum inst_state to) {
    return from < INST_STATE_COUNT && (allowed[from] & (1U << to)) != 0;
}

void inst_enter(struct inst *in, enum inst_state state) {
    if (!inst_may_enter(in->state, state)) {
        bug("step '%s': %s to %s", in->who.id, state_names[in->state], state_names[state]);
    }
    if (in->act != NULL && in->act->timer != 0) {
        timers_cancel(in->engine->options.timers, &in->act->timer);
    }
    in->state = state;
}

void inst_set_timer(struct inst *in, enum inst_state state, int64_t delay_ms, timer_fn fn) {
    inst_enter(in, state);
    in->act->timer = timers_after(in->engine->options.timers, delay_ms, fn, in);
}

void activity_free(struct activity *act) {
    if (act == NULL) {
        return;
    }
    ensure_release(&act->ensure);
    arena_release(&act->scratch);
    map_release(&act->temp_files);
    output_lines_release(&act->stdout_lines);
    output_lines_release(&act->stderr_lines);
    mem_free(act);
}

static void activity_end(struct inst *in) {
    if (in->act != NULL) {
        cmdline_remove_temp_files(in);
    }
    activity_free(in->act);
    in->act = NULL;
}

/* Counts values, at most one more than the limit. */
static size_t count_values(const struct value *v, size_t n) {
    n++;
    for (uint32_t i = 0; v->type == VALUE_LIST && i < v->len && n <= LIMIT_EVENT_VALUES; i++) {
        n = count_values(v->as.items[i], n);
    }
    for (uint32_t i = 0; v->type == VALUE_OBJECT && i < v->len && n <= LIMIT_EVENT_VALUES; i++) {
        n = count_values(v->as.members[i].value, n);
    }
    return n;
}

/* Tables of rows stay out of events: what was read can be read again, and every listener would copy them. */
static const struct value *event_value(struct inst *in, const struct value *v) {
    if (v == NULL || count_values(v, 0) <= LIMIT_EVENT_VALUES) {
        return v;
    }
    if (v->type != VALUE_OBJECT) {
        return value_cstring(&in->arena, arena_printf(&in->arena, "(%s of %u, left out)",
                                                      value_type_name(v), v->len));
    }
    struct object_builder b;
    object_begin(&b, &in->arena);
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value_member *m = &v->as.members[i];
        object_put(&b, m->key, m->key_len, event_value(in, m->value));
    }
    return object_end(&b);
}

/* What was cut at the limit (stdout its end, stderr its beginning) may be cut within a secret, which the door of events would not know. */
static const char *event_text(struct inst *in, const char *text, size_t len, bool is_end) {
    if (text == NULL || len < LIMIT_STEP_TEXT) {
        return text;
    }
    AUTO(str) struct str excerpt = STR_INIT(0);
    output_excerpt(&excerpt, is_end ? "" : text, is_end ? 0 : len, is_end ? text : "",
                   is_end ? len : 0);
    return arena_strndup(&in->arena, str_text(&excerpt), excerpt.len);
}

/*
 * What the journal needs to restore values that were left out: `open_result` is the result as far as it may be told, NULL: not at all.
 * A local file is read again instead.
 */
static const struct value *whole_value(struct inst *in, bool is_cut,
                                       const struct value *open_result) {
    bool is_read = in->step->action == ACTION_CALL && in->step->call->kind == CALL_READ;
    if (!is_cut || is_read) {
        return NULL;
    }
    struct object_builder b;
    object_begin(&b, &in->arena);
    object_put_c(&b, "outputs", in->public_outputs == NULL ? &value_null : in->public_outputs);
    object_put_c(&b, "result", open_result == NULL ? &value_null : open_result);
    return object_end(&b);
}

static void emit_finished(struct inst *in, const char *skip_reason) {
    bool prints_secrets = judge_prints_secrets(in->step);
    /* Without success an output that is secret may not be known to the mask. */
    bool has_open_result =
        !prints_secrets || (!in->step->is_secret && in->status == STEP_SUCCEEDED);
    const struct value *outputs = event_value(in, in->public_outputs);
    const struct value *open_result = has_open_result ? in->result : NULL;
    const struct value *result = event_value(in, open_result);
    bool is_cut = outputs != in->public_outputs || result != open_result;
    const struct value *whole = whole_value(in, is_cut, open_result);
    struct event ev = {.kind = EVENT_STEP_FINISHED, .step = &in->who};
    ev.as.step_finished = (struct event_step_finished){
        .status = in->status,
        .change = in->change,
        .error_class = in->error_class,
        .message = in->message,
        .hint = in->hint,
        .skip_reason = skip_reason,
        .outputs = outputs,
        .result = result,
        .whole = whole,
        .is_cut = whole == NULL && is_cut,
        .is_blocked = in->is_blocked,
        .unstable_reason = in->unstable_reason,
        .exit_code = in->exit_code,
        .n_attempts = in->n_attempts,
        .n_polls = in->n_polls,
        .duration_ms = in->duration_ms,
        .is_unstable = in->is_unstable,
        .stdout_text =
            prints_secrets ? NULL : event_text(in, in->stdout_text, in->stdout_len, false),
        .stderr_text =
            prints_secrets ? NULL : event_text(in, in->stderr_text, in->stderr_len, true),
    };
    run_emit(in->engine, &ev);
}

/* What the last attempt printed outlives it, for steps.ID.stdout and stderr. */
static void keep_texts(struct inst *in) {
    const struct answer *a = in->act == NULL ? NULL : &in->act->answer;
    if (a == NULL || a->stdout_text == NULL) {
        return;
    }
    in->stdout_text = arena_strndup(&in->arena, a->stdout_text, a->stdout_len);
    in->stdout_len = a->stdout_len;
    in->stderr_text = arena_strndup(&in->arena, a->stderr_text, a->stderr_len);
    in->stderr_len = a->stderr_len;
}

static void inst_finish(struct inst *in, enum step_status status, const char *skip_reason) {
    if (in->status == STEP_RUNNING) { /* and not by started_ms: a virtual clock begins at 0 */
        in->duration_ms = run_now_ms(in->engine) - in->started_ms;
    }
    if (in->step->action == ACTION_ENSURE && in->act != NULL && status != STEP_SUCCEEDED) {
        ensure_leave_trace(in);
    }
    in->status = status;
    inst_enter(in, INST_DONE);
    sched_give_slot(in);
    keep_texts(in);
    activity_end(in);
    plan_finish(in, skip_reason);
    emit_finished(in, skip_reason);
    sched_give_lock(in);
    run_on_inst_done(in);
}

void inst_finish_restored(struct inst *in) {
    inst_enter(in, INST_DONE);
    sched_give_lock(in);
    run_on_inst_done(in);
}

void inst_succeed(struct inst *in, enum step_change change) {
    in->change = change;
    inst_finish(in, STEP_SUCCEEDED, NULL);
}

static bool is_tolerated(const struct inst *in, enum error_class c) {
    const struct tolerance *t = &in->step->tolerate;
    return c != CLASS_CANCELLED && (t->all || (t->classes & (1U << c)) != 0);
}

void inst_fail(struct inst *in, enum error_class error_class, const char *message,
               const char *hint) {
    if (plan_takes_failure(in, error_class, message)) {
        return;
    }
    in->error_class = error_class;
    in->message = message == NULL ? NULL : arena_strdup(&in->arena, message);
    in->hint = hint == NULL ? NULL : arena_strdup(&in->arena, hint);
    if (in->state == INST_READY || in->state == INST_OPEN || in->state == INST_POLLING) {
        /* Failing before or between attempts: nothing outside is pending, so DONE is allowed from here. */
        assert(in->act == NULL || in->act->job == NULL);
    }
    enum step_status status = is_tolerated(in, error_class) ? STEP_TOLERATED : STEP_FAILED;
    inst_finish(in, error_class == CLASS_CANCELLED ? STEP_CANCELLED : status, NULL);
}

void inst_fail_err(struct inst *in, enum error_class error_class, const struct err *err) {
    if (plan_takes_unknown(in, err)) {
        return;
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    if (err->place.line != 0) {
        str_addf(&text, "%s:%u:%u: ", err->place.file == NULL ? "" : err->place.file,
                 err->place.line, err->place.col);
    }
    str_add(&text, err->message == NULL ? "unknown error" : err->message);
    inst_fail(in, error_class, str_text(&text), err->hint);
}

static void skip(struct inst *in, const char *reason) {
    inst_finish(in, STEP_SKIPPED, reason);
}

/* NULL of one that did begin, and is only ready for its next attempt. */
static const char *why_never_begun(struct inst *in) {
    const char *reason = in->engine->cancel_reason;
    return in->status == STEP_RUNNING || reason == NULL
               ? NULL
               : arena_printf(&in->arena, "never began: %s", reason);
}

void inst_cancel(struct inst *in) {
    struct engine *e = in->engine;
    switch (in->state) {
    case INST_RUNNING:
        runner_stop(e->options.runner, in->act->job,
                    e->stops_at_once || e->is_killed ? STOP_NOW : STOP_CANCEL);
        inst_enter(in, INST_STOPPING);
        return;
    case INST_STOPPING:
        if (e->stops_at_once || e->is_killed) {
            runner_stop(e->options.runner, in->act->job, STOP_NOW);
        }
        return;
    case INST_OPEN: /* ends when its children have ended */
    case INST_DONE:
        return;
    case INST_WAITING:
    case INST_READY:
        in->message = why_never_begun(in);
        in->error_class = CLASS_CANCELLED;
        inst_finish(in, STEP_CANCELLED, NULL);
        return;
    case INST_JUDGING:
    case INST_BACKOFF:
    case INST_POLLING:
        in->error_class = CLASS_CANCELLED;
        inst_finish(in, STEP_CANCELLED, NULL);
        return;
    case INST_STATE_COUNT:
        break;
    }
    bug("step '%s' has no state", in->who.id);
}

struct item_search {
    const char *as;
    bool is_found;
};

/* Inside a container that runs because something failed (`if: failed()`), that failure stops nothing. */
static bool is_for_failures(const struct inst *in) {
    while (in != NULL && (in->step->condition == NULL || !expr_uses_status(in->step->condition))) {
        in = in->parent;
    }
    return in != NULL;
}

/* Why the instance does not start unless its condition asks for failures: NULL, nothing is in the way. */
static const char *obstacle(const struct inst *in) {
    /* Of cleanup and finally each step has its turn whatever became of the one before. */
    bool is_at_end = in->who.phase != PHASE_MAIN && in->parent == NULL;
    if (in->is_blocked && !is_at_end) {
        return "a step that it needs did not succeed";
    }
    if (in->engine->has_failed && in->who.phase == PHASE_MAIN && !is_for_failures(in)) {
        return "a step failed before it could start";
    }
    return NULL;
}

static void note_item(const struct expr_ref *ref, void *ctx) {
    struct item_search *s = ctx;
    s->is_found = s->is_found || strcmp(ref->parts[0], "item") == 0 ||
                  (s->as != NULL && strcmp(ref->parts[0], s->as) == 0);
}

/* The condition as far as this instance decides it. One that names the item is asked for each item, any other once before there are items. */
static const struct expr *own_condition(const struct inst *in) {
    const struct expr *condition = in->step->condition;
    if (condition == NULL || in->step->foreach == NULL) {
        return condition;
    }
    struct item_search search = {.as = in->step->as};
    expr_visit_refs(condition, note_item, &search);
    return search.is_found == in->is_item ? condition : NULL;
}

/* False: the instance was skipped or failed and is done. */
static bool decide_condition(struct inst *in) {
    const struct expr *condition = own_condition(in);
    const char *reason = condition != NULL && expr_uses_status(condition) ? NULL : obstacle(in);
    if (reason != NULL) {
        in->is_blocked = true;
        skip(in, reason);
        return false;
    }
    if (condition == NULL) {
        return true;
    }
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    struct err err = ERR_INIT;
    bool is_true = false;
    bool is_fine = expr_eval_condition(condition, &ev.run, &in->arena, &is_true, &err);
    in->is_blocked = false;
    if (!is_fine && plan_keeps_condition_open(in, condition, &err)) {
        is_fine = true;
        is_true = true;
    } else if (!is_fine) {
        inst_fail_err(in, CLASS_EXPECT, &err);
    } else if (!is_true) {
        skip(in, arena_printf(&in->arena, "if: %s", expr_text(condition)));
    }
    err_release(&err);
    return is_fine && is_true;
}

/* Of a foreach the items take the lock, one by one: their container would keep it from them. */
static bool acquire_lock(struct inst *in) {
    bool is_for_items = in->step->foreach != NULL && !in->is_item;
    if (in->step->lock == NULL || in->lock_name != NULL || is_for_items || in->plan != NULL) {
        return true;
    }
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    AUTO(str) struct str name = STR_INIT(LIMIT_MESSAGE);
    struct err err = ERR_INIT;
    if (!template_eval_text(in->step->lock, &ev.run, &in->arena, &name, &err)) {
        inst_fail_err(in, CLASS_USAGE, &err);
        err_release(&err);
        return false;
    }
    const struct inst *holder = sched_lock_holder_around(in, str_text(&name));
    if (holder != NULL) {
        inst_fail(in, CLASS_USAGE,
                  arena_printf(&in->arena, "lock '%s' is held by step '%s', which this step is in",
                               str_text(&name), holder->who.id),
                  "leave the lock to the outer step");
        return false;
    }
    const struct inst *other = sched_lock_circle(in, str_text(&name));
    if (other != NULL) {
        inst_fail(in, CLASS_USAGE,
                  arena_printf(&in->arena,
                               "lock '%s' would never come: its holder waits, in step '%s', for a "
                               "lock that is held around this step",
                               str_text(&name), other->who.id),
                  "take the locks in one order everywhere");
        return false;
    }
    return sched_take_lock(in, arena_strdup(&in->arena, str_text(&name)));
}

static void on_pause_over(void *arg) {
    struct inst *in = arg;
    in->act->timer = 0;
    inst_enter(in, INST_JUDGING);
    inst_conclude(in, &value_null, CHANGE_NONE);
    run_pump(in->engine);
}

static void begin_pause(struct inst *in) {
    struct err err = ERR_INIT;
    int64_t ms = 0;
    if (!scope_duration(in, &in->step->pause, 0, &ms, &err)) {
        inst_fail_err(in, CLASS_USAGE, &err);
        err_release(&err);
        return;
    }
    inst_set_timer(in, INST_POLLING, in->plan != NULL ? 0 : ms, on_pause_over);
}

static void begin_set(struct inst *in) {
    struct object_builder b;
    object_begin(&b, &in->arena);
    for (size_t i = 0; i < in->step->n_set; i++) {
        const struct named_expr *ne = &in->step->set[i];
        struct eval ev;
        scope_eval_init(&ev, in, NULL);
        ev.run.is_missing_error = true;
        const struct value *v = NULL;
        struct err err = ERR_INIT;
        if (!expr_eval(ne->expr, &ev.run, &in->arena, &v, &err) &&
            !plan_take_unknown(&in->arena, &err, &v)) {
            err_wrap(&err, "set '%s'", ne->name);
            inst_fail_err(in, CLASS_OUTPUT, &err);
            err_release(&err);
            return;
        }
        object_put_c(&b, ne->name, v);
    }
    in->outputs = object_end(&b);
    in->public_outputs = in->outputs;
    inst_conclude(in, in->outputs, CHANGE_NONE);
}

static void on_call_done(struct inst *in, const struct answer *answer);

static void on_wait_poll(void *arg) {
    struct inst *in = arg;
    in->act->timer = 0;
    inst_enter(in, INST_JUDGING);
    op_start(in, in->step->call, ROLE_RUN, NULL, on_call_done);
    run_pump(in->engine);
}

static enum step_change change_of_call(const struct inst *in) {
    return in->step->reads || call_reads(in->step->call) ? CHANGE_NONE
                                                         : call_change(in->step->call);
}

static void on_call_done(struct inst *in, const struct answer *answer) {
    if (answer->error_class != CLASS_NONE) {
        inst_fail(in, answer->error_class, answer->message, answer->hint);
        return;
    }
    if (answer->is_withheld) {
        plan_conclude(in, change_of_call(in));
        return;
    }
    if (in->step->wait == NULL) {
        inst_conclude(in, answer->result, change_of_call(in));
        return;
    }
    const struct wait_spec *spec = in->step->wait;
    if (!wait_concludes(in, spec, &in->act->wait, answer->result, change_of_call(in))) {
        inst_set_timer(in, INST_POLLING, wait_next_delay_ms(&in->act->wait, run_now_ms(in->engine)),
                       on_wait_poll);
    }
}

static void begin_call(struct inst *in) {
    struct err err = ERR_INIT;
    if (in->step->wait != NULL && !wait_init(in, in->step->wait, &in->act->wait, &err)) {
        inst_fail_err(in, CLASS_USAGE, &err);
        err_release(&err);
        return;
    }
    op_start(in, in->step->call, ROLE_RUN, NULL, on_call_done);
}

static void begin_action(struct inst *in) {
    const struct value *accepted = restore_accepted(in);
    if (accepted != NULL) {
        inst_conclude(in, accepted, CHANGE_UNKNOWN);
        return;
    }
    switch (in->step->action) {
    case ACTION_CALL:
        begin_call(in);
        return;
    case ACTION_ENSURE:
        ensure_begin(in);
        return;
    case ACTION_PAUSE:
        begin_pause(in);
        return;
    case ACTION_SET:
        begin_set(in);
        return;
    case ACTION_GROUP:
        container_begin_group(in);
        return;
    case ACTION_USE:
        container_begin_use(in);
        return;
    case ACTION_KIND_COUNT:
        break;
    }
    bug("step '%s': unknown action", in->who.id);
}

/* The journal knows its definition from its declaration, unless it was changed between two parts of the run. */
static void emit_started(struct inst *in) {
    char digest[CHANGES_DIGEST_SIZE];
    struct event ev = {.kind = EVENT_STEP_STARTED, .step = &in->who};
    if (changes_is_other(in)) {
        changes_digest(in->step, digest);
        ev.as.step_started.digest = digest;
    }
    run_emit(in->engine, &ev);
}

void inst_begin(struct inst *in) {
    bool is_fresh = in->status == STEP_PENDING;
    if (is_fresh && (restore_inst(in) || (!in->is_restored && !decide_condition(in)))) {
        return;
    }
    if (!acquire_lock(in)) {
        return; /* failed, or queued at the lock */
    }
    in->status = STEP_RUNNING;
    in->started_ms = run_now_ms(in->engine);
    if (!in->is_restored) {
        emit_started(in);
    }
    if (in->step->foreach != NULL && !in->is_item) {
        container_begin_foreach(in);
        return;
    }
    if (in->step->action == ACTION_GROUP || in->step->action == ACTION_USE) {
        begin_action(in);
        return;
    }
    in->act = mem_zalloc(1, sizeof *in->act);
    arena_init(&in->act->scratch, 0);
    inst_enter(in, INST_JUDGING);
    begin_action(in);
}

void inst_on_child_done(struct inst *in, struct inst *child) {
    in->is_redone = in->is_redone || child->is_redone;
    in->is_restored = in->is_restored && child->is_restored;
    in->n_children_open--;
    if (in->n_children_open == 0) {
        container_finish(in);
    } else if (in->step->foreach != NULL && !in->is_item) {
        container_start_next(in);
    }
}

void inst_conclude(struct inst *in, const struct value *result, enum step_change change) {
    struct err err = ERR_INIT;
    in->result = value_copy(&in->arena, result);
    judge_hide_result(in, in->result);
    if (!judge_outputs(in, in->result, &err)) {
        in->change = change;
        inst_fail_err(in, CLASS_OUTPUT, &err);
        err_release(&err);
        return;
    }
    if (in->step->action == ACTION_GROUP && in->outputs != NULL) {
        in->result = in->outputs; /* what a foreach of groups lists */
    }
    const char *message = NULL;
    enum error_class c = judge_expectations(in, in->result, &message);
    const char *metric_message = NULL;
    enum error_class m = judge_metrics(in, in->result, &metric_message);
    if (c == CLASS_NONE && m != CLASS_NONE) {
        c = m;
        message = metric_message;
    }
    if (c != CLASS_NONE) {
        in->change = change;
        inst_fail(in, c, message, NULL);
        return;
    }
    inst_succeed(in, change);
}
