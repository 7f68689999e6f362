/*
 * After the work: named outputs, expectations, metrics against their limits.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/mask.h"
#include "base/str.h"
#include "expr/template.h"
#include "maxima.h"
#include "value/json.h"

/* Shorter texts in the result of a secret step are words like "active", not secrets: an output says so when one is. */
enum { SECRET_RESULT_MIN = 8 };

static void register_secrets(struct inst *in, const struct value *v, const char *name) {
    bool is_text = (v->type == VALUE_STRING || v->type == VALUE_NUMBER) && v->len > 0;
    if (is_text && !mask_register(v->as.text, v->len)) {
        run_notice(in->engine, in, "short-secret",
                   "secret output '%s' is too short to be masked in text", name);
    }
    for (uint32_t i = 0; v->type == VALUE_LIST && i < v->len; i++) {
        register_secrets(in, v->as.items[i], name);
    }
    for (uint32_t i = 0; v->type == VALUE_OBJECT && i < v->len; i++) {
        register_secrets(in, v->as.members[i].value, name);
    }
}

static void register_long_texts(const struct value *v) {
    if (v->type == VALUE_STRING && v->len >= SECRET_RESULT_MIN) {
        (void)mask_register(v->as.text, v->len); /* long enough */
    }
    for (uint32_t i = 0; v->type == VALUE_LIST && i < v->len; i++) {
        register_long_texts(v->as.items[i]);
    }
    for (uint32_t i = 0; v->type == VALUE_OBJECT && i < v->len; i++) {
        register_long_texts(v->as.members[i].value);
    }
}

/*
 * What the step was asked to keep secret, and not what came with it: the headers of an answer ("application/json") and the path of
 * a written file are ordinary words that other steps use.
 */
void judge_hide_result(struct inst *in, const struct value *result) {
    const struct call *call = in->act == NULL ? NULL : in->act->call;
    if (!in->step->is_secret || (call != NULL && call->kind == CALL_WRITE)) {
        return;
    }
    bool is_http = call != NULL && call->kind == CALL_HTTP;
    const struct value *secret = is_http ? value_get(result, "body") : result;
    if (secret != NULL) {
        register_long_texts(secret);
    }
}

bool judge_prints_secrets(const struct step *step) {
    bool is_secret = step->is_secret;
    for (size_t i = 0; i < step->n_outputs; i++) {
        is_secret = is_secret || step->outputs[i].is_secret;
    }
    return is_secret;
}

static bool is_lossy(const struct value *v) {
    return v->type == VALUE_STRING && (v->flags & VALUE_LOSSY) != 0;
}

static bool add_output(struct inst *in, const struct named_expr *o, const struct value *result,
                       struct object_builder *all, struct object_builder *open, struct err *err) {
    struct eval ev;
    scope_eval_init(&ev, in, result);
    ev.run.is_missing_error = true;
    const struct value *v = NULL;
    if (!expr_eval(o->expr, &ev.run, &in->arena, &v, err) &&
        !plan_take_unknown(&in->arena, err, &v)) {
        return err_wrap(err, "output '%s'", o->name);
    }
    if (is_lossy(v)) {
        err_set(err, "lossy-cell", "output '%s' is the cut table cell '%s'", o->name, v->as.text);
        err_hint(err, "table output is cut; use output: json");
        return err_at(err, o->place, NULL);
    }
    bool is_secret = in->step->is_secret || o->is_secret;
    if (is_secret) {
        register_secrets(in, v, o->name);
    }
    object_put_c(all, o->name, v);
    object_put_c(open, o->name, is_secret ? value_cstring(&in->arena, MASK_TEXT) : v);
    return true;
}

bool judge_outputs(struct inst *in, const struct value *result, struct err *err) {
    const struct step *step = in->step;
    if (step->n_outputs == 0) {
        return true;
    }
    struct object_builder all;
    struct object_builder open;
    object_begin(&all, &in->arena);
    object_begin(&open, &in->arena);
    for (size_t i = 0; i < step->n_outputs; i++) {
        if (!add_output(in, &step->outputs[i], result, &all, &open, err)) {
            return false;
        }
    }
    in->outputs = object_end(&all);
    in->public_outputs = object_end(&open);
    return true;
}

void judge_known_outputs(struct inst *in, const struct value *result) {
    struct object_builder all;
    struct object_builder open;
    object_begin(&all, &in->arena);
    object_begin(&open, &in->arena);
    for (size_t i = 0; i < in->step->n_outputs; i++) {
        struct err err = ERR_INIT;
        (void)add_output(in, &in->step->outputs[i], result, &all, &open,
                         &err); /* else without it */
        err_release(&err);
    }
    in->outputs = object_end(&all);
    in->public_outputs = object_end(&open);
}

/* The first reason is the one that the run gives. */
static void note_unstable(struct inst *in, const char *reason) {
    in->is_unstable = true;
    if (in->unstable_reason == NULL) {
        in->unstable_reason = arena_strdup(&in->arena, reason);
    }
}

static const char *expectation_text(struct inst *in, const struct expectation *x,
                                    const struct value *result) {
    if (x->message == NULL) {
        return arena_printf(&in->arena, "expected %s", expr_text(x->that));
    }
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    ev.ctx.result = result;
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    struct err err = ERR_INIT;
    if (!template_eval_text(x->message, &ev.run, &in->arena, &text, &err)) {
        str_addf(&text, "expected %s (its message could not be made: %s)", expr_text(x->that),
                 err.message);
    }
    err_release(&err);
    return arena_strdup(&in->arena, str_text(&text));
}

enum error_class judge_expectations(struct inst *in, const struct value *result,
                                    const char **ret_message) {
    for (size_t i = 0; i < in->step->n_expect; i++) {
        const struct expectation *x = &in->step->expect[i];
        struct eval ev;
        scope_eval_init(&ev, in, result);
        struct err err = ERR_INIT;
        bool holds = false;
        bool is_fine = expr_eval_condition(x->that, &ev.run, &in->arena, &holds, &err);
        bool is_open = plan_is_unknown(&err);
        const char *broken = is_fine ? NULL : arena_printf(&in->arena, "expect: %s", err.message);
        err_release(&err);
        if (is_open) {
            continue;
        }
        if (!is_fine) {
            *ret_message = broken;
            return CLASS_EXPECT;
        }
        if (holds) {
            continue;
        }
        const char *message = expectation_text(in, x, result);
        if (x->severity == SEVERITY_UNSTABLE) {
            note_unstable(in, message);
            run_notice(in->engine, in, "expectation", "%s", message);
            continue;
        }
        *ret_message = message;
        return x->error_class < 0 ? CLASS_EXPECT : (enum error_class)x->error_class;
    }
    return CLASS_NONE;
}

static const struct value *limit_value(struct inst *in, struct template_tree *tree,
                                       const char *name, struct err *err) {
    if (tree == NULL) {
        return NULL;
    }
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    const struct value *v = NULL;
    if (!template_tree_eval(tree, &ev.run, &in->arena, &v, err)) {
        return NULL;
    }
    if (v->type == VALUE_NULL) {
        return NULL;
    }
    if (v->type != VALUE_NUMBER) {
        err_set(err, "invalid-type", "the limit of metric '%s' is %s, not a number", name,
                value_type_name(v));
        return NULL;
    }
    return v;
}

static enum metric_verdict compare(const struct value *v, const struct value *low,
                                   const struct value *high) {
    if (v == NULL || v->type != VALUE_NUMBER) {
        return METRIC_MISSING;
    }
    if (low != NULL && value_compare(v, low) < 0) {
        return METRIC_BELOW;
    }
    return high != NULL && value_compare(v, high) > 0 ? METRIC_ABOVE : METRIC_OK;
}

static const char *metric_text(struct inst *in, const struct metric_spec *m, const struct value *v,
                               const struct value *low, const struct value *high,
                               enum metric_verdict verdict) {
    switch (verdict) {
    case METRIC_OK:
        return NULL;
    case METRIC_BELOW:
        return arena_printf(&in->arena, "%s %s is below its lower limit %s", m->name, v->as.text,
                            low->as.text);
    case METRIC_ABOVE:
        return arena_printf(&in->arena, "%s %s is above its upper limit %s", m->name, v->as.text,
                            high->as.text);
    case METRIC_VERDICT_COUNT:
        break;
    case METRIC_MISSING:
        return arena_printf(&in->arena, "%s has no value: a number was expected", m->name);
    }
    return NULL;
}

/* CLASS_NONE, or the class with which this metric fails the step. */
static enum error_class judge_metric(struct inst *in, const struct metric_spec *m,
                                     const struct value *result, const char **ret_message) {
    struct eval ev;
    scope_eval_init(&ev, in, result);
    struct err err = ERR_INIT;
    const struct value *v = NULL;
    ev.run.is_missing_error = true;
    const struct value *low = NULL;
    const struct value *high = NULL;
    if (expr_eval(m->value, &ev.run, &in->arena, &v, &err)) {
        low = limit_value(in, m->lower_limit, m->name, &err);
        high = err.kind == NULL ? limit_value(in, m->upper_limit, m->name, &err) : NULL;
    }
    if (err.kind != NULL) {
        bool is_open = plan_is_unknown(&err);
        *ret_message = arena_printf(&in->arena, "metric '%s': %s", m->name, err.message);
        err_release(&err);
        return is_open ? CLASS_NONE : CLASS_OUTPUT;
    }
    enum metric_verdict verdict = compare(v, low, high);
    struct event e = {.kind = EVENT_METRIC, .step = &in->who};
    e.as.metric = (struct event_metric){
        .name = m->name,
        .value = v,
        .lower_limit = low,
        .upper_limit = high,
        .unit = m->unit,
        .verdict = verdict,
        .is_error = m->severity == SEVERITY_ERROR,
    };
    run_emit(in->engine, &e);
    const char *text = metric_text(in, m, v, low, high, verdict);
    if (text != NULL && (m->severity == SEVERITY_ERROR || verdict == METRIC_MISSING)) {
        *ret_message = text;
        return CLASS_EXPECT;
    }
    if (text != NULL) {
        note_unstable(in, text);
    }
    return CLASS_NONE;
}

enum error_class judge_metrics(struct inst *in, const struct value *result,
                               const char **ret_message) {
    enum error_class worst = CLASS_NONE;
    for (size_t i = 0; i < in->step->n_metrics; i++) {
        const char *message = NULL;
        enum error_class c = judge_metric(in, &in->step->metrics[i], result, &message);
        if (c != CLASS_NONE && worst == CLASS_NONE) {
            worst = c;
            *ret_message = message;
        }
    }
    return worst;
}
