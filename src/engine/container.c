/*
 * Steps that hold steps: groups, foreach, `use`.
 *
 * A container is OPEN while its children run; when the last is done it is judged like any step. foreach starts its items as far as its max_parallel
 * allows; each item has a space of names of its own, so two items never see each other's steps.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "expr/template.h"
#include "maxima.h"
#include "recipe/params.h"

static void open_with(struct inst *in, struct inst **children, uint32_t n) {
    in->children = children;
    in->n_children = n;
    in->n_children_open = n;
    inst_enter(in, INST_OPEN);
    if (n == 0) {
        container_finish(in);
    }
}

void container_begin_group(struct inst *in) {
    struct inst **children = NULL;
    uint32_t n = sched_add_steps(in->engine, in->step->steps, in->step->n_steps, in->frame,
                                 in->space, in, in->who.phase, &children);
    open_with(in, children, n);
}

static struct space *new_space(struct inst *in) {
    struct engine *e = in->engine;
    struct frame *holder = arena_zalloc(&e->arena, sizeof *holder); /* released with the frames */
    *holder = (struct frame){
        .recipe = in->frame->recipe, .inputs = in->frame->inputs, .vars = in->frame->vars};
    holder->space.outer = in->space;
    holder->next = e->frames->next;
    e->frames->next = holder;
    return &holder->space;
}

static void fail_setup(struct inst *in, struct err *err) {
    inst_fail_err(in, CLASS_USAGE, err);
    err_release(err);
}

void container_begin_foreach(struct inst *in) {
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    struct err err = ERR_INIT;
    const struct value *items = NULL;
    if (!template_tree_eval(in->step->foreach, &ev.run, &in->arena, &items, &err)) {
        err_wrap(&err, "foreach");
        fail_setup(in, &err);
        return;
    }
    if (items->type != VALUE_LIST) {
        err_set(&err, "invalid-type", "foreach: expected a list, found %s", value_type_name(items));
        fail_setup(in, &err);
        return;
    }
    if (items->len > LIMIT_ITEMS) {
        err_set(&err, "too-many-items", "foreach: %u items, at most %d are possible", items->len,
                LIMIT_ITEMS);
        fail_setup(in, &err);
        return;
    }
    int64_t parallel = 0;
    if (!scope_count(in, &in->step->foreach_parallel, 1, &parallel, &err)) {
        fail_setup(in, &err);
        return;
    }
    struct inst **children =
        arena_zalloc(&in->engine->arena, (items->len + 1) * sizeof(struct inst *));
    for (uint32_t i = 0; i < items->len; i++) {
        const char *id = arena_printf(&in->engine->arena, "%s[%u]", in->step->id, i);
        struct inst *child =
            sched_add(in->engine, in->step, id, in->frame, new_space(in), in, in->who.phase, NULL);
        child->is_item = true;
        child->item = items->as.items[i];
        child->item_index = i;
        children[i] = child;
    }
    in->children = children;
    in->n_children = items->len;
    in->n_children_open = items->len;
    inst_enter(in, INST_OPEN);
    if (items->len == 0) {
        container_finish(in);
        return;
    }
    for (int64_t i = 0; i < (parallel < 1 ? 1 : parallel) && i < items->len; i++) {
        container_start_next(in);
    }
}

void container_start_next(struct inst *in) {
    while (in->n_children_next < in->n_children) {
        struct inst *child = in->children[in->n_children_next++];
        if (child->state == INST_WAITING) {
            sched_push_ready(child);
            return;
        }
    }
}

static const struct value *with_value(struct inst *in, struct err *err) {
    struct object_builder b;
    object_begin(&b, &in->arena);
    for (size_t i = 0; i < in->step->n_with; i++) {
        struct eval ev;
        scope_eval_init(&ev, in, NULL);
        const struct value *v = NULL;
        if (!template_tree_eval(in->step->with[i].tree, &ev.run, &in->arena, &v, err) &&
            !plan_take_unknown(&in->arena, err, &v)) {
            err_wrap(err, "with '%s'", in->step->with[i].name);
            return NULL;
        }
        object_put_c(&b, in->step->with[i].name, v);
    }
    return object_end(&b);
}

void container_begin_use(struct inst *in) {
    struct engine *e = in->engine;
    struct err err = ERR_INIT;
    const struct value *given = with_value(in, &err);
    struct frame *f = arena_zalloc(&e->arena, sizeof *f);
    f->recipe = in->step->use;
    f->vars = &value_empty_object;
    f->owner = in;
    if (given == NULL || !params_check(f->recipe, given, &in->arena, &f->inputs, &err) ||
        !cmdline_hand_down_env(in, f, &err)) {
        fail_setup(in, &err);
        return;
    }
    f->next = e->frames->next;
    e->frames->next = f;
    in->inner = f;
    if (!run_compute_vars(e, f, &err)) {
        fail_setup(in, &err);
        return;
    }
    struct inst **children = NULL;
    uint32_t n = sched_add_steps(e, f->recipe->steps, f->recipe->n_steps, f, &f->space, in,
                                 in->who.phase, &children);
    open_with(in, children, n);
}

/* The outputs of a used recipe are the outputs of the step. */
static const struct value *use_outputs(struct inst *in, struct err *err) {
    const struct recipe *r = in->inner->recipe;
    struct object_builder b;
    object_begin(&b, &in->arena);
    for (size_t i = 0; i < r->n_outputs; i++) {
        struct eval ev;
        scope_frame_eval_init(&ev, in->engine, in->inner);
        const struct value *v = NULL;
        if (!template_tree_eval(r->outputs[i].tree, &ev.run, &in->arena, &v, err) &&
            !plan_take_unknown(&in->arena, err, &v)) {
            err_wrap(err, "output '%s'", r->outputs[i].name);
            return NULL;
        }
        object_put_c(&b, r->outputs[i].name, v);
    }
    return object_end(&b);
}

static const struct inst *first_failed(const struct inst *in, bool *ret_cancelled) {
    const struct inst *failed = NULL;
    for (uint32_t i = 0; i < in->n_children; i++) {
        *ret_cancelled = *ret_cancelled || in->children[i]->status == STEP_CANCELLED;
        if (failed == NULL && in->children[i]->status == STEP_FAILED) {
            failed = in->children[i];
        }
    }
    return failed;
}

static enum step_change worst_change(const struct inst *in) {
    for (uint32_t i = 0; i < in->n_children; i++) {
        if (in->children[i]->change != CHANGE_NONE) {
            return in->children[i]->change;
        }
    }
    return CHANGE_NONE;
}

static const struct value *children_results(struct inst *in) {
    struct list_builder list;
    list_begin(&list, &in->arena);
    for (uint32_t i = 0; i < in->n_children; i++) {
        list_add(&list, in->children[i]->result == NULL ? &value_null : in->children[i]->result);
    }
    return list_end(&list);
}

void container_finish(struct inst *in) {
    if (restore_container(in)) {
        return;
    }
    bool is_cancelled = false;
    const struct inst *failed = first_failed(in, &is_cancelled);
    if (failed != NULL) {
        inst_fail(in, failed->error_class,
                  arena_printf(&in->arena, "step '%s': %s", failed->who.id, failed->message),
                  failed->hint);
        return;
    }
    if (is_cancelled) {
        inst_fail(in, CLASS_CANCELLED, "cancelled", NULL);
        return;
    }
    if (in->step->foreach != NULL && !in->is_item) {
        in->result = children_results(in);
        inst_succeed(in, worst_change(in));
        return;
    }
    struct err err = ERR_INIT;
    if (in->inner != NULL) {
        const struct value *outputs = use_outputs(in, &err);
        if (outputs == NULL) {
            inst_fail_err(in, CLASS_OUTPUT, &err);
            err_release(&err);
            return;
        }
        in->outputs = outputs;
        in->public_outputs = outputs;
    }
    inst_conclude(in, in->outputs == NULL ? &value_null : in->outputs, worst_change(in));
}
