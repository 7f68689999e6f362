/*
 * The names an expression may see: inputs, vars, steps, item, run, env, and what this attempt gave.
 *
 * `steps.ID` is looked up one by one (scope_member), so a run of 100,000 steps never builds an object of them unless a recipe asks for all.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "expr/template.h"
#include "extract/extract.h"

static const char *const root_names[] = {
    "inputs",    "vars",   "steps",  "item",    "run",    "env",
    "exit_code", "stdout", "stderr", "attempt", "result",
};

static bool is_name(const char *name, size_t len, const char *wanted) {
    return strlen(wanted) == len && memcmp(name, wanted, len) == 0;
}

static const struct value *step_value(struct inst *in) {
    if (in->as_value != NULL && in->state == INST_DONE) {
        return in->as_value;
    }
    if (in->plan != NULL && in->plan->is_withheld) {
        return plan_step_value(in);
    }
    struct arena *a = &in->arena;
    struct object_builder b;
    object_begin(&b, a);
    object_put_c(&b, "status", value_cstring(a, step_status_names[in->status]));
    object_put_c(&b, "outputs", in->outputs == NULL ? &value_empty_object : in->outputs);
    object_put_c(&b, "result", in->result == NULL ? &value_null : in->result);
    object_put_c(&b, "exit_code", in->exit_code < 0 ? &value_null : value_int(a, in->exit_code));
    object_put_c(&b, "stdout",
                 in->stdout_text == NULL ? &value_empty_string
                                         : extract_string(a, in->stdout_text, in->stdout_len));
    object_put_c(&b, "stderr",
                 in->stderr_text == NULL ? &value_empty_string
                                         : extract_string(a, in->stderr_text, in->stderr_len));
    object_put_c(&b, "duration", value_int(a, in->duration_ms));
    object_put_c(&b, "attempts", value_int(a, in->n_attempts));
    object_put_c(&b, "change", value_cstring(a, step_change_names[in->change]));
    if (in->step->foreach != NULL && !in->is_item) {
        struct list_builder list;
        list_begin(&list, a);
        for (uint32_t i = 0; i < in->n_children; i++) {
            list_add(&list,
                     in->children[i]->result == NULL ? &value_null : in->children[i]->result);
        }
        object_put_c(&b, "results", list_end(&list));
    }
    if (in->message != NULL) {
        object_put_c(&b, "message", value_cstring(a, in->message));
        object_put_c(&b, "class", value_cstring(a, error_class_names[in->error_class]));
    }
    const struct value *v = object_end(&b);
    if (in->state == INST_DONE) {
        in->as_value = v;
    }
    return v;
}

static struct inst *find_inst(const struct space *space, const char *key, size_t len) {
    for (const struct space *s = space; s != NULL; s = s->outer) {
        struct inst *in = map_get_len(&s->by_id, key, len);
        if (in != NULL) {
            return in;
        }
    }
    return NULL;
}

static const struct value *all_steps(const struct space *space, struct arena *a) {
    struct object_builder b;
    object_begin(&b, a);
    for (const struct space *s = space; s != NULL; s = s->outer) {
        for (size_t i = 0; i < s->by_id.n_entries; i++) {
            struct inst *in = s->by_id.entries[i].value;
            if (in->state == INST_DONE && find_inst(space, in->who.id, strlen(in->who.id)) == in) {
                object_put_c(&b, in->step->id, step_value(in));
            }
        }
    }
    return object_end(&b);
}

static const char *env_text(const struct engine *e, const char *key, size_t len) {
    const char *const *env = e->options.environ;
    for (size_t i = 0; env != NULL && env[i] != NULL; i++) {
        if (strncmp(env[i], key, len) == 0 && env[i][len] == '=') {
            return env[i] + len + 1;
        }
    }
    return NULL;
}

static const struct value *whole_env(const struct engine *e, struct arena *a) {
    struct object_builder b;
    object_begin(&b, a);
    for (size_t i = 0; e->options.environ != NULL && e->options.environ[i] != NULL; i++) {
        const char *eq = strchr(e->options.environ[i], '=');
        if (eq != NULL) {
            object_put(&b, e->options.environ[i], (size_t)(eq - e->options.environ[i]),
                       value_cstring(a, eq + 1));
        }
    }
    return object_end(&b);
}

static const struct value *scope_member(void *ctx, const char *name, size_t name_len,
                                        const char *key, size_t key_len, struct arena *a) {
    const struct scope_ctx *c = ctx;
    if (is_name(name, name_len, "steps")) {
        struct inst *in = find_inst(c->space, key, key_len);
        return in == NULL ? NULL : step_value(in);
    }
    if (is_name(name, name_len, "env")) {
        const char *text = env_text(c->inst->engine, key, key_len);
        return text == NULL ? NULL : value_cstring(a, text);
    }
    return NULL;
}

static const struct value *answer_name(const struct scope_ctx *c, const char *name, size_t len,
                                       struct arena *a) {
    const struct inst *in = c->inst;
    if (in->act == NULL || in->act->call == NULL) {
        return NULL;
    }
    const struct answer *answer = &in->act->answer;
    if (is_name(name, len, "exit_code")) {
        return answer->exit_code < 0 ? &value_null : value_int(a, answer->exit_code);
    }
    if (is_name(name, len, "stdout")) {
        return extract_string(a, answer->stdout_text, answer->stdout_len);
    }
    if (is_name(name, len, "stderr")) {
        return extract_string(a, answer->stderr_text, answer->stderr_len);
    }
    if (is_name(name, len, "attempt")) {
        return value_int(a, in->act->op_tries);
    }
    return NULL;
}

const struct inst *scope_outer(const struct inst *in) {
    return in->undoes != NULL ? in->undoes : in->parent;
}

static const struct value *item_of(const struct scope_ctx *c) {
    if (c->item != NULL) {
        return c->item;
    }
    for (const struct inst *in = c->inst; in != NULL; in = scope_outer(in)) {
        if (in->item != NULL) {
            return in->item;
        }
    }
    return NULL;
}

/* `as: model` gives the item of its foreach a name of its own. */
static const struct value *named_item(const struct scope_ctx *c, const char *name, size_t len) {
    for (const struct inst *in = c->inst; in != NULL; in = scope_outer(in)) {
        if (in->item != NULL && in->step->as != NULL && is_name(name, len, in->step->as)) {
            return in->item;
        }
    }
    return NULL;
}

static const struct value *scope_root(void *ctx, const char *name, size_t name_len,
                                      struct arena *a) {
    const struct scope_ctx *c = ctx;
    if (is_name(name, name_len, "inputs")) {
        return c->frame->inputs;
    }
    if (is_name(name, name_len, "vars")) {
        return c->frame->vars;
    }
    if (is_name(name, name_len, "steps")) {
        return all_steps(c->space, a);
    }
    if (is_name(name, name_len, "item")) {
        return item_of(c);
    }
    if (is_name(name, name_len, "run")) {
        return c->inst->engine->run_object;
    }
    if (is_name(name, name_len, "env")) {
        return whole_env(c->inst->engine, a);
    }
    if (is_name(name, name_len, "result")) {
        return c->result;
    }
    const struct value *v = answer_name(c, name, name_len, a);
    return v != NULL ? v : named_item(c, name, name_len);
}

/* A run that was cancelled or ran out of time did not succeed either. */
static bool has_failed(const struct inst *in) {
    const struct engine *e = in->engine;
    return in->is_blocked || e->has_failed || e->cancel_reason != NULL;
}

void scope_eval_init(struct eval *ev, struct inst *in, const struct value *current) {
    memset(ev, 0, sizeof *ev);
    ev->ctx =
        (struct scope_ctx){.inst = in, .frame = in->frame, .space = in->space, .result = current};
    if (in->act != NULL) {
        ev->ctx.item = in->act->item;
    }
    ev->scope = (struct expr_scope){
        .root = scope_root,
        .member = scope_member,
        .roots = root_names,
        .n_roots = sizeof root_names / sizeof *root_names,
        .ctx = &ev->ctx,
    };
    ev->run = (struct expr_run){
        .current = current,
        .scope = &ev->scope,
        .status = has_failed(in) ? EXPR_STATUS_FAILED : EXPR_STATUS_SUCCEEDED,
        .now_ms = timers_wall_ms(in->engine->options.timers),
    };
}

bool scope_duration(struct inst *in, const struct field_duration *f, int64_t fallback_ms,
                    int64_t *ret_ms, struct err *err) {
    if (!f->is_set || f->template == NULL) {
        *ret_ms = f->is_set ? f->ms : fallback_ms;
        return true;
    }
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    AUTO(str) struct str text = STR_INIT(256);
    if (!template_eval_text(f->template, &ev.run, &in->arena, &text, err) ||
        !num_parse_duration_ms(str_text(&text), text.len, ret_ms, err)) {
        return err_at(err, f->place, NULL);
    }
    return true;
}

static bool eval_number(struct inst *in, struct template *t, struct place place,
                        const struct value **ret_v, struct err *err) {
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    if (!template_eval(t, &ev.run, &in->arena, ret_v, err)) {
        return err_at(err, place, NULL);
    }
    if ((*ret_v)->type != VALUE_NUMBER) {
        err_set(err, "invalid-type", "expected a number, found %s", value_type_name(*ret_v));
        return err_at(err, place, NULL);
    }
    return true;
}

bool scope_count(struct inst *in, const struct field_count *f, int64_t fallback, int64_t *ret_n,
                 struct err *err) {
    if (!f->is_set || f->template == NULL) {
        *ret_n = f->is_set ? f->n : fallback;
        return true;
    }
    const struct value *v = NULL;
    if (!eval_number(in, f->template, f->place, &v, err)) {
        return false;
    }
    if (!value_as_i64(v, ret_n) || *ret_n < 0) {
        err_set(err, "invalid-type", "expected a whole number of 0 or more, found %s", v->as.text);
        return err_at(err, f->place, NULL);
    }
    return true;
}

bool scope_number(struct inst *in, const struct field_number *f, double fallback,
                  double *ret_number, struct err *err) {
    if (!f->is_set || f->template == NULL) {
        *ret_number = f->is_set ? f->number : fallback;
        return true;
    }
    const struct value *v = NULL;
    if (!eval_number(in, f->template, f->place, &v, err)) {
        return false;
    }
    *ret_number = v->aux.number;
    return true;
}

/* Names of a whole recipe: vars and outputs, which no step owns. */
void scope_frame_eval_init(struct eval *ev, struct engine *e, struct frame *frame) {
    if (frame->self == NULL) {
        frame->self = arena_zalloc(&e->arena, sizeof *frame->self);
        frame->self->engine = e;
        frame->self->frame = frame;
        frame->self->space = &frame->space;
    }
    scope_eval_init(ev, frame->self, NULL);
}
