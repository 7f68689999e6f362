/*
 * One call with its retries: attempts follow each other until one works, the class says that trying again is no use, or the rule is used up.
 *
 * A child killed by a signal that is not ours is never tried again at once: on an aborting Jenkins agent the children die first and we are told
 * seconds later.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "expr/template.h"
#include "maxima.h"

const char *const op_role_names[ROLE_COUNT] = {
    [ROLE_RUN] = "run",       [ROLE_FIND] = "find",     [ROLE_CREATE] = "create",
    [ROLE_UPDATE] = "update", [ROLE_DELETE] = "delete", [ROLE_GET] = "get",
};

/* The last plain word before the first option tells what a cpdctl command does. */
static const char *cpdctl_verb(const struct call *call) {
    const char *verb = "";
    for (size_t i = 0; i < call->n_args; i++) {
        const struct arg *arg = &call->args[i];
        if (arg->kind != ARG_TEMPLATE || !template_is_literal(arg->template) ||
            template_text(arg->template)[0] == '-') {
            break;
        }
        verb = template_text(arg->template);
    }
    return verb;
}

static bool http_reads(const struct http_call *http) {
    if (http->method == NULL) {
        return http->body_kind == BODY_NONE;
    }
    const char *method = template_text(http->method);
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

bool call_reads(const struct call *call) {
    if (call->reads) {
        return true;
    }
    switch (call->kind) {
    case CALL_HTTP:
        return http_reads(call->http);
    case CALL_READ:
        return true;
    case CALL_CPDCTL:
    case CALL_CMD:
    case CALL_SHELL:
    case CALL_WRITE:
    case CALL_KIND_COUNT:
        break;
    }
    return false;
}

/* What a changing call did, told by its verb or method. */
static const struct {
    const char *word;
    enum step_change change;
} changing_words[] = {
    {"create", CHANGE_CREATED}, {"add", CHANGE_CREATED},    {"POST", CHANGE_CREATED},
    {"delete", CHANGE_DELETED}, {"DELETE", CHANGE_DELETED}, {"update", CHANGE_UPDATED},
    {"PUT", CHANGE_UPDATED},    {"PATCH", CHANGE_UPDATED},  {"upload-content", CHANGE_UPDATED},
    {"upload", CHANGE_UPDATED},
};

enum step_change call_change(const struct call *call) {
    const char *word = "";
    if (call->kind == CALL_CPDCTL) {
        word = cpdctl_verb(call);
    } else if (call->kind == CALL_HTTP) {
        word = call->http->method == NULL ? "POST" : template_text(call->http->method);
    } else if (call->kind == CALL_WRITE) {
        return CHANGE_UPDATED;
    }
    for (size_t i = 0; i < sizeof changing_words / sizeof *changing_words; i++) {
        if (strcmp(word, changing_words[i].word) == 0) {
            return changing_words[i].change;
        }
    }
    return CHANGE_UNKNOWN;
}

bool op_reads(const struct inst *in, const struct call *call, enum op_role role) {
    return role == ROLE_FIND || role == ROLE_GET || call_reads(call) ||
           (role == ROLE_RUN && in->step->reads);
}

void op_start(struct inst *in, const struct call *call, enum op_role role, const struct value *item,
              op_done_fn on_done) {
    struct activity *act = in->act;
    act->call = call;
    act->role = role;
    act->item = item;
    act->on_op_done = on_done;
    act->op_tries = 0;
    act->op_started_ms = run_now_ms(in->engine);
    inst_enter(in, INST_READY);
    sched_push_ready(in);
}

void op_resume(struct inst *in) {
    attempt_begin(in);
}

int64_t op_held_off_ms(enum error_class error_class, int64_t delay_ms) {
    enum { KILLED_HOLD_OFF_MS = 6000 };
    return error_class == CLASS_KILLED && delay_ms < KILLED_HOLD_OFF_MS ? KILLED_HOLD_OFF_MS
                                                                        : delay_ms;
}

static bool rule_of(struct inst *in, struct retry_rule *ret_rule, struct err *err) {
    const struct retry_spec *r = &in->step->rules->retry;
    *ret_rule =
        (struct retry_rule){.attempts = 1, .delay_ms = 1000, .backoff = 2.0, .max_delay_ms = 60000};
    if (!r->is_set) {
        return true;
    }
    ret_rule->has_jitter = r->has_jitter;
    return scope_count(in, &r->attempts, 3, &ret_rule->attempts, err) &&
           scope_duration(in, &r->delay, 1000, &ret_rule->delay_ms, err) &&
           scope_number(in, &r->backoff, 2.0, &ret_rule->backoff, err) &&
           scope_duration(in, &r->max_delay, 60000, &ret_rule->max_delay_ms, err) &&
           scope_duration(in, &r->within, 0, &ret_rule->within_ms, err);
}

/* A look of a wait is not tried again past the deadline of that wait. */
static bool is_past_wait(const struct inst *in, int64_t delay_ms) {
    const struct wait_state *wait = wait_of_call(in);
    return wait != NULL && wait->timeout_ms > 0 &&
           run_now_ms(in->engine) + delay_ms > wait->started_ms + wait->timeout_ms;
}

/* xorshift64*: the seed stands in the report, so a run's delays can be repeated. */
static double next_random(struct engine *e) {
    e->random ^= e->random >> 12;
    e->random ^= e->random << 25;
    e->random ^= e->random >> 27;
    return (double)((e->random * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

static void on_backoff_over(void *arg) {
    struct inst *in = arg;
    in->act->timer = 0;
    inst_enter(in, INST_READY);
    sched_push_ready(in);
    run_pump(in->engine);
}

static void op_give_up(struct inst *in) {
    in->act->on_op_done(in, &in->act->answer);
}

static void schedule_retry(struct inst *in, const struct retry_rule *rule, int64_t delay_ms) {
    struct activity *act = in->act;
    struct event ev = {.kind = EVENT_RETRY_SCHEDULED, .step = &in->who};
    ev.as.retry = (struct event_retry){
        .next_attempt = act->op_tries + 1,
        .max_attempts = (unsigned)rule->attempts,
        .delay_ms = delay_ms,
        .error_class = act->answer.error_class,
        .reason = act->answer.message,
    };
    run_emit(in->engine, &ev);
    inst_set_timer(in, INST_BACKOFF, delay_ms, on_backoff_over);
}

void op_on_answer(struct inst *in) {
    struct activity *act = in->act;
    sched_give_slot(in);
    in->exit_code = act->answer.exit_code;
    if (act->answer.error_class == CLASS_NONE) {
        op_give_up(in);
        return;
    }
    struct retry_rule rule;
    struct err err = ERR_INIT;
    if (!rule_of(in, &rule, &err)) {
        inst_fail_err(in, CLASS_USAGE, &err);
        err_release(&err);
        return;
    }
    bool reads = op_reads(in, act->call, act->role);
    int64_t delay_ms = retry_delay_ms(&rule, act->op_tries + 1, next_random(in->engine));
    delay_ms = op_held_off_ms(act->answer.error_class, delay_ms);
    int64_t elapsed_ms = run_now_ms(in->engine) - act->op_started_ms;
    /* ensure decides itself whether a create is repeated: it looks whether the thing is there first. */
    if (act->role == ROLE_CREATE || is_past_wait(in, delay_ms) ||
        !retry_matches(&in->step->rules->retry.on, &act->answer, reads) ||
        !retry_is_allowed(&rule, act->op_tries, elapsed_ms, delay_ms)) {
        if (act->op_tries > 1 && act->answer.error_class == CLASS_TRANSIENT) {
            act->answer.hint = arena_printf(
                &act->scratch, "it was tried %u times: `retry` may allow more", act->op_tries);
        }
        op_give_up(in);
        return;
    }
    schedule_retry(in, &rule, delay_ms);
}
