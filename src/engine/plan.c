/*
 * A plan is a run that keeps its hands to itself: the same machine, in which a call that does not only read is withheld and its step concludes
 * with what it would do.
 *
 * What such a step would give is VALUE_UNKNOWN. An expression that needs it fails with kind unknown-value, and the step that asked concludes as not
 * to be told before the other has run. Everything else about a plan follows from the rules of a run.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/mask.h"
#include "base/str.h"
#include "expr/template.h"
#include "maxima.h"

void plan_init(struct inst *in, enum step_phase phase) {
    if (in->engine->options.is_plan) {
        in->plan = arena_zalloc(&in->engine->arena, sizeof *in->plan);
        /* What stands at the end comes after everything. */
        in->plan->after = in->parent != NULL    ? in->parent->plan->after
                          : phase == PHASE_MAIN ? NULL
                                                : in->engine->first_pending;
    }
}

static bool is_pending(const struct inst *in) {
    enum step_plan p = in->plan->plan;
    return p != PLAN_NOTHING && p != PLAN_READ && p != PLAN_SKIP;
}

void plan_note_need(struct inst *in, const struct inst *need) {
    if (in->plan != NULL && in->plan->after == NULL) {
        in->plan->after = is_pending(need) ? need : need->plan->after;
    }
}

/* Why nobody knows whether the instance runs at all; NULL: it does. */
static const char *unsure(const struct inst *in) {
    while (in != NULL && in->plan->unsure == NULL) {
        in = scope_outer(in);
    }
    return in == NULL ? NULL : in->plan->unsure;
}

bool plan_keeps_condition_open(struct inst *in, const struct expr *condition,
                               const struct err *err) {
    if (in->plan == NULL || !plan_is_unknown(err)) {
        return false;
    }
    in->plan->unsure = arena_printf(&in->arena, "only if %s, which is unknown until %s",
                                    expr_text(condition), err->hint);
    return true;
}

bool plan_withholds(const struct inst *in) {
    return in->plan != NULL && (unsure(in) != NULL || !op_reads(in, in->act->call, in->act->role));
}

bool plan_is_unknown(const struct err *err) {
    return err->kind != NULL && strcmp(err->kind, "unknown-value") == 0;
}

bool plan_take_unknown(struct arena *a, struct err *err, const struct value **ret_value) {
    if (!plan_is_unknown(err)) {
        return false;
    }
    *ret_value = value_unknown(a, err->hint);
    err_release(err);
    return true;
}

static const struct value *unknown_of(struct inst *in) {
    return value_unknown(&in->arena, arena_printf(&in->arena, "step '%s' has run", in->who.id));
}

/* An output of a step that did not do its work. The id of an object that is there stays what it is. */
static const struct value *output_of(struct inst *in, const struct named_expr *o) {
    bool has_item = in->step->action == ACTION_ENSURE && in->act != NULL &&
                    in->act->ensure.item != NULL && unsure(in) == NULL;
    if (!has_item || in->act->ensure.item_id == NULL) {
        return unknown_of(in);
    }
    struct eval ev;
    scope_eval_init(&ev, in, in->act->ensure.item);
    struct err err = ERR_INIT;
    const struct value *v = NULL;
    bool is_id = expr_eval(o->expr, &ev.run, &in->arena, &v, &err) && v->type == VALUE_STRING &&
                 strcmp(v->as.text, in->act->ensure.item_id) == 0;
    err_release(&err);
    return is_id ? value_copy(&in->arena, v) : unknown_of(in);
}

static void set_unknown_outputs(struct inst *in) {
    struct object_builder all;
    struct object_builder open;
    object_begin(&all, &in->arena);
    object_begin(&open, &in->arena);
    for (size_t i = 0; i < in->step->n_outputs; i++) {
        const struct named_expr *o = &in->step->outputs[i];
        const struct value *v = output_of(in, o);
        bool is_hidden = v->type != VALUE_NULL && (o->is_secret || in->step->is_secret);
        object_put_c(&all, o->name, v);
        object_put_c(&open, o->name, is_hidden ? value_cstring(&in->arena, MASK_TEXT) : v);
    }
    const struct recipe *used = in->step->use;
    for (size_t i = 0; used != NULL && i < used->n_outputs; i++) {
        object_put_c(&all, used->outputs[i].name, unknown_of(in));
        object_put_c(&open, used->outputs[i].name, unknown_of(in));
    }
    for (size_t i = 0; i < in->step->n_set; i++) {
        object_put_c(&all, in->step->set[i].name, unknown_of(in));
        object_put_c(&open, in->step->set[i].name, unknown_of(in));
    }
    in->outputs = object_end(&all);
    in->public_outputs = object_end(&open);
    in->result = unknown_of(in);
}

static bool is_foreach(const struct inst *in) {
    return in->step->foreach != NULL && !in->is_item;
}

static enum step_plan plan_of_change(enum step_change change) {
    static const enum step_plan plans[CHANGE_COUNT] = {
        [CHANGE_NONE] = PLAN_NOTHING,   [CHANGE_CREATED] = PLAN_CREATE,
        [CHANGE_UPDATED] = PLAN_UPDATE, [CHANGE_DEDUPLICATED] = PLAN_DELETE,
        [CHANGE_DELETED] = PLAN_DELETE, [CHANGE_UNKNOWN] = PLAN_RUN,
    };
    return plans[change];
}

/* What the step as written does, whatever its values are. */
static enum step_plan plan_of_step(const struct inst *in) {
    const struct step *step = in->step;
    switch (step->action) {
    case ACTION_CALL:
        return op_reads(in, step->call, ROLE_RUN) ? PLAN_READ
                                                  : plan_of_change(call_change(step->call));
    case ACTION_SET:
    case ACTION_PAUSE:
        return PLAN_NOTHING;
    case ACTION_ENSURE:
    case ACTION_GROUP:
    case ACTION_USE:
    case ACTION_KIND_COUNT:
        break;
    }
    return PLAN_UNKNOWN;
}

static void conclude(struct inst *in, enum step_plan plan, enum step_change change) {
    in->plan->plan = plan;
    in->plan->is_decided = true;
    in->plan->is_withheld = true;
    set_unknown_outputs(in);
    inst_succeed(in, change);
}

void plan_conclude(struct inst *in, enum step_change change) {
    bool is_told = in->step->action != ACTION_CALL && change != CHANGE_UNKNOWN;
    conclude(in, is_told ? plan_of_change(change) : plan_of_step(in), change);
}

bool plan_takes_unknown(struct inst *in, const struct err *err) {
    if (in->plan == NULL || !plan_is_unknown(err)) {
        return false;
    }
    in->plan->reason = arena_printf(&in->arena, "unknown until %s", err->hint);
    bool is_item_known = in->step->action == ACTION_CALL && !is_foreach(in);
    if (is_item_known && in->plan->command == NULL) {
        plan_tell_call(in, in->step->call);
    }
    enum step_plan plan = plan_of_step(in);
    conclude(in, plan, plan == PLAN_READ || plan == PLAN_NOTHING ? CHANGE_NONE : CHANGE_UNKNOWN);
    return true;
}

/* Failures that something before the step, not done yet, may be the cause of. */
static bool may_pass(enum error_class c) {
    return c == CLASS_NOT_FOUND || c == CLASS_OUTPUT || c == CLASS_EXPECT || c == CLASS_AUTH ||
           c == CLASS_CONFLICT || c == CLASS_UNKNOWN;
}

bool plan_takes_failure(struct inst *in, enum error_class c, const char *message) {
    if (in->plan == NULL || in->plan->after == NULL || !may_pass(c)) {
        return false;
    }
    in->plan->reason =
        arena_printf(&in->arena, "unknown until step '%s' has run; now: %s",
                     in->plan->after->who.id, message == NULL ? "it fails" : message);
    conclude(in, plan_of_step(in), CHANGE_NONE);
    return true;
}

void plan_conclude_waiting(struct inst *in, const struct wait_spec *spec, enum step_change change) {
    in->plan->reason =
        arena_printf(&in->arena, "waits until %s, which does not hold now", expr_text(spec->until));
    plan_conclude(in, change);
}

/* Whether the call could be made as it stands; what it lacks and may have then is no mistake. *ret_until stays when all is known. */
static bool could_be_called(struct inst *in, const char **ret_until) {
    const struct call *call = in->act->call;
    in->act->prepared = NULL;
    if (call->kind == CALL_READ || call->kind == CALL_WRITE) {
        return true;
    }
    struct prepared *p = arena_zalloc(&in->act->scratch, sizeof *p);
    in->act->prepared = p;
    struct err err = ERR_INIT;
    bool is_fine = call->kind == CALL_HTTP ? http_prepare(in, call, p, &err)
                                           : cmdline_prepare(in, call, p, &err);
    /* A file that a step before would write is not there yet. */
    bool is_open = plan_is_unknown(&err) || in->plan->after != NULL || unsure(in) != NULL;
    if (!is_fine && !is_open) {
        cmdline_remove_temp_files(in);
        inst_fail_err(in, CLASS_USAGE, &err);
    }
    if (plan_is_unknown(&err)) {
        *ret_until = arena_strdup(&in->arena, err.hint);
    }
    err_release(&err);
    return is_fine || is_open;
}

static void note_deletion(struct inst *in) {
    const struct value *id = value_path(in->act->item, "metadata.id");
    id = id != NULL ? id : value_path(in->act->item, "id");
    struct list_builder b;
    list_begin(&b, &in->arena);
    for (uint32_t i = 0; in->plan->deletes != NULL && i < in->plan->deletes->len; i++) {
        list_add(&b, in->plan->deletes->as.items[i]);
    }
    list_add(&b, id == NULL ? in->act->item : value_copy(&in->arena, id));
    in->plan->deletes = list_end(&b);
}

/* The command itself says what is not known. */
static bool has_pieces(const struct value *words) {
    for (uint32_t i = 0; words != NULL && i < words->len; i++) {
        if (words->as.items[i]->type == VALUE_LIST) {
            return true;
        }
    }
    return false;
}

void plan_withhold(struct inst *in) {
    inst_enter(in, INST_JUDGING);
    const char *until = NULL;
    if (!could_be_called(in, &until)) {
        return; /* it failed and is done */
    }
    if (in->act->role == ROLE_DELETE) {
        note_deletion(in);
    } else if (in->act->role != ROLE_FIND) { /* what follows from find would be worth telling */
        plan_tell_call(in, in->act->call);
    }
    if (until != NULL && in->plan->reason == NULL && !has_pieces(in->plan->words)) {
        in->plan->reason = arena_printf(&in->arena, "with values unknown until %s", until);
    }
    cmdline_remove_temp_files(in);
    if (in->act->role == ROLE_UPDATE && in->act->call->condition != NULL) {
        in->plan->drift = expr_text(in->act->call->condition);
    }
    in->act->answer = (struct answer){.result = &value_null,
                                      .exit_code = -1,
                                      .stdout_text = "",
                                      .stderr_text = "",
                                      .is_withheld = true};
    op_on_answer(in);
}

/* What becomes of a container is what becomes of the steps in it. */
static enum step_plan plan_of_children(const struct inst *in) {
    enum step_plan plan = PLAN_NOTHING;
    for (uint32_t i = 0; i < in->n_children; i++) {
        enum step_plan child = in->children[i]->plan->plan;
        if (child == PLAN_UNKNOWN && plan == PLAN_NOTHING) {
            plan = PLAN_UNKNOWN;
        } else if (is_pending(in->children[i]) && child != PLAN_UNKNOWN) {
            plan = PLAN_CHANGES;
        }
    }
    return plan;
}

static void decide(struct inst *in, const char *skip_reason) {
    struct planned *p = in->plan;
    switch (in->status) {
    case STEP_SKIPPED:
        p->plan = PLAN_SKIP;
        p->reason = skip_reason;
        return;
    case STEP_TOLERATED:
        p->plan = p->is_decided ? p->plan : PLAN_READ;
        p->reason = arena_printf(&in->arena, "fails, which is tolerated: %s", in->message);
        return;
    case STEP_SUCCEEDED:
        break;
    case STEP_FAILED:
    case STEP_CANCELLED:
    case STEP_PENDING:
    case STEP_RUNNING:
    case STEP_STATUS_COUNT:
        p->plan = PLAN_FAIL;
        p->reason = in->message;
        return;
    }
    if (p->is_decided) {
        return;
    }
    bool is_container =
        is_foreach(in) || in->step->action == ACTION_GROUP || in->step->action == ACTION_USE;
    if (is_container) {
        p->plan = plan_of_children(in);
    } else if (in->step->action == ACTION_ENSURE) {
        p->plan = plan_of_change(in->change);
    } else {
        p->plan = plan_of_step(in);
        bool tells = in->step->n_outputs + in->step->n_expect + in->step->n_metrics > 0;
        if (p->plan == PLAN_READ && p->after != NULL && tells) {
            p->reason = arena_printf(&in->arena, "as of now, before step '%s'", p->after->who.id);
        }
    }
}

void plan_finish(struct inst *in, const char *skip_reason) {
    if (in->plan == NULL) {
        return;
    }
    decide(in, skip_reason);
    struct engine *e = in->engine;
    e->first_pending = e->first_pending == NULL && is_pending(in) ? in : e->first_pending;
    const char *doubt = in->status == STEP_SKIPPED ? NULL : unsure(in);
    struct event ev = {.kind = EVENT_STEP_PLANNED, .step = &in->who};
    ev.as.planned = (struct event_planned){
        .plan = in->plan->plan,
        .is_uncertain = doubt != NULL,
        .reason = doubt != NULL ? doubt : in->plan->reason,
        .command = in->plan->command,
        .words = in->plan->words,
        .drift = in->plan->drift,
        .deletes = in->plan->deletes,
        .outputs = in->public_outputs,
    };
    run_emit(e, &ev);
}

const struct value *plan_step_value(struct inst *in) {
    const struct value *unknown = unknown_of(in);
    bool is_sure = unsure(in) == NULL;
    struct arena *a = &in->arena;
    struct object_builder b;
    object_begin(&b, a);
    object_put_c(&b, "status", is_sure ? value_cstring(a, step_status_names[in->status]) : unknown);
    object_put_c(&b, "outputs", in->outputs == NULL ? &value_empty_object : in->outputs);
    bool is_change_known = is_sure && in->plan->plan != PLAN_UNKNOWN;
    object_put_c(&b, "change",
                 is_change_known ? value_cstring(a, step_change_names[in->change]) : unknown);
    static const char *const rest[] = {"result", "results",  "exit_code", "stdout",
                                       "stderr", "duration", "attempts",  "message"};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        object_put_c(&b, rest[i], unknown);
    }
    return object_end(&b);
}
