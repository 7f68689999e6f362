/*
 * Waits: look, judge, look again. A "not yet" is not a failure; `fail_if` ends at once; the deadline is an outcome of its own.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "maxima.h"
#include "value/json.h"

enum wait_verdict {
    WAIT_AGAIN,
    WAIT_DONE,
    WAIT_FAILED,
    WAIT_EXPIRED,
    WAIT_BROKEN,
    WAIT_UNKNOWN /* of a plan: the condition needs what is not known yet */
};

enum { DEFAULT_EVERY_MS = 2000, DEFAULT_TIMEOUT_MS = 10 * 60 * 1000, DEFAULT_MAX_EVERY_MS = 30000 };

bool wait_init(struct inst *in, const struct wait_spec *spec, struct wait_state *ret_wait,
               struct err *err) {
    struct wait_state w = {
        .is_active = true, .stable_since_ms = -1, .started_ms = run_now_ms(in->engine)};
    w.every_ms = DEFAULT_EVERY_MS;
    w.timeout_ms = DEFAULT_TIMEOUT_MS;
    w.backoff = 1.0;
    w.max_every_ms = DEFAULT_MAX_EVERY_MS;
    if (spec != NULL &&
        (!scope_duration(in, &spec->every, DEFAULT_EVERY_MS, &w.every_ms, err) ||
         !scope_duration(in, &spec->timeout, DEFAULT_TIMEOUT_MS, &w.timeout_ms, err) ||
         !scope_duration(in, &spec->max_every, DEFAULT_MAX_EVERY_MS, &w.max_every_ms, err) ||
         !scope_duration(in, &spec->stable_for, 0, &w.stable_ms, err) ||
         !scope_number(in, &spec->backoff, 1.0, &w.backoff, err))) {
        return err_wrap(err, "wait");
    }
    if (w.every_ms < LIMIT_POLL_SPACING_MS) {
        w.every_ms = LIMIT_POLL_SPACING_MS;
    }
    *ret_wait = w;
    return true;
}

/* The value that `until` looks at. Long ones are left out whole: of a part of a secret nobody would know that it is one. */
static const char *subject_text(struct inst *in, const struct wait_spec *spec,
                                const struct value *current) {
    enum { SUBJECT_MAX = 60 };
    struct arena *a = &in->act->scratch;
    const char *name = NULL;
    const struct expr *subject = expr_subject(spec->until, a, &name);
    const struct value *v = &value_null;
    struct eval ev;
    AUTO(err) struct err err = ERR_INIT;
    scope_eval_init(&ev, in, current);
    if (subject == NULL || !expr_eval(subject, &ev.run, a, &v, &err)) {
        return NULL;
    }
    if (v->type == VALUE_STRING) {
        bool is_word =
            v->len > 0 && v->len <= SUBJECT_MAX && memchr(v->as.text, '\n', v->len) == NULL;
        return is_word ? v->as.text : NULL;
    }
    if (v->type == VALUE_LIST || v->type == VALUE_OBJECT || strlen(name) > SUBJECT_MAX) {
        return NULL;
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    json_print(&text, v, JSON_COMPACT);
    return arena_printf(a, "%s is %s", name, str_text(&text));
}

/* What a look saw, in a word or two; NULL: there is no word for it. */
static const char *state_text(struct inst *in, const struct wait_spec *spec,
                              const struct value *current) {
    struct arena *a = &in->act->scratch;
    static const char *const paths[] = {
        "entity.status.state",
        "body.entity.status.state",
        "entity.job_run.state",
        "status.state",
        "body.status.state",
        "body.state",
        "state",
        "status",
    };
    for (size_t i = 0; !in->step->is_secret && i < sizeof paths / sizeof *paths; i++) {
        const char *text = value_text(value_path(current, paths[i]));
        if (text != NULL) {
            return arena_strdup(a, text);
        }
    }
    return in->step->is_secret ? NULL : subject_text(in, spec, current);
}

/* The service's own words for why: the recipe's `reason`, else the usual places. */
static const char *reason_text(struct inst *in, const struct wait_spec *spec,
                               const struct value *current) {
    struct arena *a = &in->act->scratch;
    const struct value *v = NULL;
    if (in->step->is_secret) {
        return NULL;
    }
    if (spec->reason != NULL) {
        struct eval ev;
        scope_eval_init(&ev, in, current);
        struct err err = ERR_INIT;
        (void)expr_eval(spec->reason, &ev.run, a, &v, &err);
        err_release(&err);
    }
    static const char *const paths[] = {
        "entity.status.failure",
        "body.entity.status.failure",
        "entity.status.message",
        "body.failure",
        "failure",
        "errors",
        "message",
    };
    for (size_t i = 0; (v == NULL || v->type == VALUE_NULL) && i < sizeof paths / sizeof *paths;
         i++) {
        v = value_path(current, paths[i]);
    }
    if (v == NULL || v->type == VALUE_NULL) {
        return NULL;
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    const struct value *errors = v->type == VALUE_OBJECT ? value_get(v, "errors") : NULL;
    errors = errors == NULL && v->type == VALUE_LIST ? v : errors;
    for (uint32_t i = 0; errors != NULL && errors->type == VALUE_LIST && i < errors->len; i++) {
        const char *code = value_text(value_get(errors->as.items[i], "code"));
        const char *message = value_text(value_get(errors->as.items[i], "message"));
        if (message != NULL) {
            str_addf(&text, "%s%s%s%s", text.len == 0 ? "" : "; ", code == NULL ? "" : code,
                     code == NULL ? "" : ": ", message);
        }
    }
    if (text.len == 0 && v->type == VALUE_STRING) {
        str_add_bytes(&text, v->as.text, v->len);
    } else if (text.len == 0) {
        json_print(&text, v, JSON_COMPACT);
    }
    return arena_strdup(a, str_text(&text));
}

static void emit_look(struct inst *in, const struct wait_state *wait, const char *state,
                      const char *reason, bool is_done) {
    struct event ev = {.kind = EVENT_WAIT_OBSERVED, .step = &in->who};
    ev.as.wait = (struct event_wait){
        .state = state,
        .reason = reason,
        .poll = wait->n_polls,
        .elapsed_ms = run_now_ms(in->engine) - wait->started_ms,
        .timeout_ms = wait->timeout_ms,
        .is_done = is_done,
    };
    run_emit(in->engine, &ev);
}

static bool condition(struct inst *in, const struct expr *e, const struct value *current,
                      bool *ret_truth, enum wait_verdict *ret_verdict, const char **ret_message) {
    struct eval ev;
    scope_eval_init(&ev, in, current);
    struct err err = ERR_INIT;
    bool is_fine = expr_eval_condition(e, &ev.run, &in->act->scratch, ret_truth, &err);
    if (!is_fine) {
        *ret_verdict = plan_is_unknown(&err) ? WAIT_UNKNOWN : WAIT_BROKEN;
        *ret_message = arena_strdup(&in->act->scratch, err.message);
    }
    err_release(&err);
    return is_fine;
}

const struct wait_state *wait_of_call(const struct inst *in) {
    const struct activity *act = in->act;
    if (in->step->action == ACTION_ENSURE) {
        bool is_look = act->role == ROLE_FIND || act->role == ROLE_GET;
        return is_look && act->ensure.wait.is_active ? &act->ensure.wait : NULL;
    }
    return act->wait.is_active ? &act->wait : NULL;
}

const char *wait_bound_look(const struct inst *in, int64_t *timeout_ms) {
    enum { LAST_LOOK_MS = 1000 }; /* the look at the deadline itself has this long */
    const struct wait_state *wait = wait_of_call(in);
    if (wait == NULL || wait->timeout_ms <= 0) {
        return NULL;
    }
    int64_t left_ms = wait->started_ms + wait->timeout_ms - run_now_ms(in->engine);
    left_ms = left_ms > LAST_LOOK_MS ? left_ms : LAST_LOOK_MS;
    if (*timeout_ms > 0 && *timeout_ms <= left_ms) {
        return NULL;
    }
    *timeout_ms = left_ms;
    AUTO(str) struct str took = STR_INIT(64);
    num_format_duration_ms(wait->timeout_ms, &took);
    return arena_printf(&in->act->scratch, "not ready within %s: the last look gave no answer",
                        str_text(&took));
}

static bool is_expired(const struct inst *in, const struct wait_state *wait) {
    return wait->timeout_ms > 0 && run_now_ms(in->engine) - wait->started_ms >= wait->timeout_ms;
}

static enum wait_verdict expired(struct inst *in, const struct wait_state *wait, const char *state,
                                 const char *reason, const char *wanted, const char **ret_message) {
    AUTO(str) struct str took = STR_INIT(64);
    num_format_duration_ms(wait->timeout_ms, &took);
    *ret_message = arena_printf(&in->act->scratch, "not ready within %s: %s%s%s%s (waited for: %s)",
                                str_text(&took), state == NULL ? "" : "last state ",
                                state == NULL ? "condition not met" : state,
                                reason == NULL ? "" : ": ", reason == NULL ? "" : reason, wanted);
    return WAIT_EXPIRED;
}

/* `until` holds now: it must go on holding for `stable_for`. */
static bool is_stable(struct wait_state *wait, bool holds, int64_t now_ms) {
    if (!holds) {
        wait->stable_since_ms = -1;
        return false;
    }
    if (wait->stable_since_ms < 0) {
        wait->stable_since_ms = now_ms;
    }
    return now_ms - wait->stable_since_ms >= wait->stable_ms;
}

/* One look: emits what was seen; *ret_message explains FAILED, EXPIRED and BROKEN. */
static enum wait_verdict look(struct inst *in, const struct wait_spec *spec,
                              struct wait_state *wait, const struct value *current,
                              const char **ret_message) {
    struct arena *a = &in->act->scratch;
    wait->n_polls++;
    in->n_polls++;
    const char *state = state_text(in, spec, current);
    bool has_failed = false;
    enum wait_verdict broken = WAIT_BROKEN;
    if (spec->fail_if != NULL &&
        !condition(in, spec->fail_if, current, &has_failed, &broken, ret_message)) {
        return broken;
    }
    if (has_failed) {
        const char *reason = reason_text(in, spec, current);
        emit_look(in, wait, state, reason, false);
        *ret_message = arena_printf(
            a, "%s%s%s", state == NULL ? "the condition for failure holds" : "state ",
            state == NULL ? "" : state, reason == NULL ? "" : arena_printf(a, ": %s", reason));
        return WAIT_FAILED;
    }
    bool holds = false;
    if (!condition(in, spec->until, current, &holds, &broken, ret_message)) {
        return broken;
    }
    bool is_done = is_stable(wait, holds, run_now_ms(in->engine));
    const char *reason = is_done ? NULL : reason_text(in, spec, current);
    emit_look(in, wait, state, reason, is_done);
    if (is_done) {
        return WAIT_DONE;
    }
    return is_expired(in, wait)
               ? expired(in, wait, state, reason, expr_text(spec->until), ret_message)
               : WAIT_AGAIN;
}

bool wait_concludes(struct inst *in, const struct wait_spec *spec, struct wait_state *wait,
                    const struct value *current, enum step_change change) {
    const char *message = NULL;
    switch (look(in, spec, wait, current, &message)) {
    case WAIT_DONE:
        inst_conclude(in, current, change);
        return true;
    case WAIT_AGAIN:
        if (in->plan == NULL) {
            return false;
        }
        plan_conclude_waiting(in, spec, change);
        return true;
    case WAIT_FAILED:
        inst_fail(in, CLASS_EXPECT, message, NULL);
        return true;
    case WAIT_EXPIRED:
        inst_fail(in, CLASS_TIMEOUT, message, NULL);
        return true;
    case WAIT_BROKEN:
        inst_fail(in, CLASS_OUTPUT, message, NULL);
        return true;
    case WAIT_UNKNOWN:
        plan_conclude_waiting(in, spec, change);
        return true;
    }
    bug("step '%s': unknown verdict of a wait", in->who.id);
}

int64_t wait_next_delay_ms(const struct wait_state *wait, int64_t now_ms) {
    double delay = (double)wait->every_ms;
    for (unsigned i = 1;
         i < wait->n_polls && wait->backoff > 1.0 && delay < (double)wait->max_every_ms; i++) {
        delay *= wait->backoff;
    }
    if (wait->backoff > 1.0 && delay > (double)wait->max_every_ms) {
        delay = (double)wait->max_every_ms;
    }
    int64_t ms = (int64_t)delay;
    int64_t left = wait->started_ms + wait->timeout_ms - now_ms;
    if (wait->timeout_ms > 0 && left < ms) {
        ms = left; /* one last look at the deadline */
    }
    return ms < LIMIT_POLL_SPACING_MS ? LIMIT_POLL_SPACING_MS : ms;
}

bool wait_miss(struct inst *in, struct wait_state *wait, const char *what) {
    wait->n_polls++;
    in->n_polls++;
    emit_look(in, wait, what, NULL, false);
    return !is_expired(in, wait);
}
