/*
 * The run as a whole: start, the three phases (main, cleanup, finally), the deadline, the verdict. How it is cancelled is cancel.c.
 *
 * Every entry from outside (a child's answer, a timer, a signal) changes one instance and then calls run_pump(), which starts whatever can
 * start now. The pump never nests, so the depth of the stack does not depend on the number of steps.
 */
#include "engine_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/version.h"
#include "expr/template.h"
#include "engine/resume.h"
#include "maxima.h"

enum { DEFAULT_PARALLEL = 4, DEFAULT_FINALLY_MS = 5 * 60 * 1000 };

static const struct {
    enum run_verdict verdict;
    int exit_code;
} verdict_exits[] = {
    {VERDICT_SUCCESS, 0},     {VERDICT_FAILED, 1},  {VERDICT_UNSTABLE, 3},
    {VERDICT_ENVIRONMENT, 4}, {VERDICT_TIMEOUT, 5}, {VERDICT_CANCELLED, 130},
};

int64_t run_now_ms(const struct engine *e) {
    return timers_now_ms(e->options.timers);
}

void run_emit(struct engine *e, struct event *ev) {
    ev->wall_ms = timers_wall_ms(e->options.timers);
    ev->elapsed_ms = run_now_ms(e) - e->started_ms + e->base_ms;
    event_emit(e->options.bus, ev);
}

void run_notice(struct engine *e, const struct inst *in, const char *kind, const char *fmt, ...) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(&text, fmt, ap);
    va_end(ap);
    struct event ev = {.kind = EVENT_NOTICE, .step = in == NULL ? NULL : &in->who};
    ev.as.notice = (struct event_notice){.kind = kind, .text = str_text(&text)};
    run_emit(e, &ev);
}

struct engine *engine_new(const struct engine_options *options) {
    struct engine *e = mem_zalloc(1, sizeof *e);
    e->options = *options;
    arena_init(&e->arena, 0);
    e->frame.recipe = options->recipe;
    e->frame.inputs = options->inputs;
    e->frame.vars = &value_empty_object;
    e->frames = &e->frame;
    e->random = options->seed == 0 ? 1 : options->seed;
    e->exit_code = -1;
    return e;
}

static void inst_release(struct inst *in) {
    activity_free(in->act);
    mem_free(in->dependents);
    arena_release(&in->arena);
}

void engine_free(struct engine *e) {
    if (e == NULL) {
        return;
    }
    for (uint32_t i = 0; i < e->n_insts; i++) {
        inst_release(e->insts[i]);
    }
    mem_free(e->insts);
    mem_free(e->cleanups);
    for (struct frame *f = e->frames; f != NULL; f = f->next) {
        map_release(&f->space.by_id);
        if (f->self != NULL) {
            arena_release(&f->self->arena);
        }
    }
    map_release(&e->locks);
    err_release(&e->fatal);
    arena_release(&e->arena);
    mem_free(e);
}

static void build_run_object(struct engine *e) {
    int64_t started_ms = e->options.resume == NULL ? timers_wall_ms(e->options.timers)
                                                   : resume_run(e->options.resume)->started_wall_ms;
    struct object_builder b;
    object_begin(&b, &e->arena);
    object_put_c(&b, "id", value_cstring(&e->arena, e->options.run_id));
    object_put_c(&b, "dir", value_cstring(&e->arena, e->options.run_dir));
    object_put_c(&b, "tmp", value_cstring(&e->arena, e->options.tmp_dir));
    object_put_c(&b, "name", value_cstring(&e->arena, e->options.recipe->name));
    object_put_c(&b, "started_at", value_int(&e->arena, started_ms));
    e->run_object = object_end(&b);
}

static void emit_vars(struct engine *e, const struct frame *frame) {
    if (frame->recipe->n_vars == 0 || restore_vars(e, frame) != NULL) {
        return;
    }
    struct event ev = {.kind = EVENT_VARS};
    ev.step = frame->owner == NULL ? NULL : &frame->owner->who;
    ev.as.vars.values = frame->vars;
    run_emit(e, &ev);
}

/* `vars` are computed once, in order; each sees those before it. */
bool run_compute_vars(struct engine *e, struct frame *frame, struct err *err) {
    const struct recipe *r = frame->recipe;
    for (size_t i = 0; i < r->n_vars; i++) {
        struct eval ev;
        scope_frame_eval_init(&ev, e, frame);
        const struct value *v = restore_var(e, frame, r->vars[i].name);
        if (v == NULL && !template_tree_eval(r->vars[i].tree, &ev.run, &e->arena, &v, err) &&
            !plan_take_unknown(&e->arena, err, &v)) {
            err_at(err, r->vars[i].place, NULL);
            return err_wrap(err, "var '%s'", r->vars[i].name);
        }
        struct object_builder b;
        object_begin(&b, &e->arena);
        for (uint32_t k = 0; k < frame->vars->len; k++) {
            const struct value_member *m = &frame->vars->as.members[k];
            object_put(&b, m->key, m->key_len, m->value);
        }
        object_put_c(&b, r->vars[i].name, v);
        frame->vars = object_end(&b);
    }
    emit_vars(e, frame);
    return true;
}

static void emit_run_started(struct engine *e) {
    const struct recipe *r = e->options.recipe;
    struct event ev = {.kind = EVENT_RUN_STARTED};
    ev.as.run_started = (struct event_run_started){
        .run_id = e->options.run_id,
        .recipe_file = r->file,
        .recipe_name = r->name,
        .recipe_digest = r->digest,
        .version = CPDFLOW_VERSION,
        .run_dir = e->options.run_dir,
        .mode = e->options.mode,
        .seed = e->options.seed,
        .inputs = e->options.public_inputs,
        .parts = changes_parts(&e->arena, r),
        .pid = e->options.pid,
        .host = e->options.host,
        .boot = e->options.boot,
        .user = e->options.user,
        .cwd = e->options.cwd,
        .cpdctl = e->options.cpdctl,
        .traceparent = e->options.traceparent,
    };
    run_emit(e, &ev);
}

static void on_deadline(void *arg) {
    struct engine *e = arg;
    e->deadline = 0;
    engine_cancel(e, 0);
}

static void start_phase(struct engine *e, enum step_phase phase, const struct step *steps,
                        size_t n) {
    e->phase = phase;
    e->is_cancelling = false;
    struct inst **insts = NULL;
    e->n_open = sched_add_steps(e, steps, n, &e->frame, &e->frame.space, NULL, phase, &insts);
}

void run_arm_deadline(struct engine *e, int64_t ms) {
    timers_cancel(e->options.timers, &e->deadline);
    if (ms > 0) {
        e->deadline = timers_after(e->options.timers, ms, on_deadline, e);
    }
}

static bool prepare_frame(struct engine *e, int64_t *ret_timeout_ms) {
    const struct recipe *r = e->options.recipe;
    struct err *err = &e->fatal;
    if (!run_compute_vars(e, &e->frame, err)) {
        return false;
    }
    struct eval ev;
    scope_frame_eval_init(&ev, e, &e->frame);
    struct inst *self = e->frame.self;
    int64_t n = 0;
    bool is_fine = scope_count(self, &r->max_parallel, DEFAULT_PARALLEL, &n, err) &&
                   scope_duration(self, &r->timeout, 0, ret_timeout_ms, err);
    e->n_slots = n < 1 ? 1 : (unsigned)n;
    if (e->options.max_parallel != 0 && e->options.max_parallel < e->n_slots) {
        e->n_slots = e->options.max_parallel;
    }
    return is_fine;
}

void engine_start(struct engine *e) {
    const struct recipe *r = e->options.recipe;
    e->started_ms = run_now_ms(e);
    e->is_started = true;
    restore_run(e);
    build_run_object(e);
    emit_run_started(e);
    for (size_t i = 0; i < e->options.n_notices; i++) {
        run_notice(e, NULL, e->options.notices[i].kind, "%s", e->options.notices[i].text);
    }
    int64_t timeout_ms = 0;
    if (!prepare_frame(e, &timeout_ms)) {
        run_notice(e, NULL, e->fatal.kind, "%s", e->fatal.message);
        e->has_failed = true;
        e->reason = e->fatal.message;
        e->frame.has_finally_started = true; /* nothing was begun that it could end */
        start_phase(e, PHASE_FINALLY, NULL, 0);
    } else {
        run_arm_deadline(e, timeout_ms);
        start_phase(e, PHASE_MAIN, r->steps, r->n_steps);
    }
    run_pump(e);
}

/* Cleanup steps run one after the other, last in first out, in instances of their own. */
static void start_cleanup_phase(struct engine *e) {
    e->phase = PHASE_CLEANUP;
    e->is_cancelling = false;
    struct inst *before = NULL;
    uint32_t n_before = e->n_cleanups_started;
    e->n_cleanups_started = e->n_cleanups;
    for (uint32_t i = e->n_cleanups; i > n_before; i--) {
        struct inst *owner = e->cleanups[i - 1];
        for (size_t k = 0; k < owner->step->n_cleanup; k++) {
            const struct step *step = &owner->step->cleanup[k];
            struct inst *in = sched_add(e, step, step->id, owner->frame, owner->space, NULL,
                                        PHASE_CLEANUP, owner);
            in->undoes = owner;
            map_put(&owner->space->by_id, step->id, in);
            e->n_open++;
            if (before == NULL) {
                sched_push_ready(in);
            } else {
                before->dependents = mem_realloc(before->dependents, 1, sizeof(struct inst *));
                before->dependents[0] = in;
                before->n_dependents = 1;
                before->cap_dependents = 1;
                in->n_needs_open = 1;
            }
            before = in;
        }
    }
}

static int64_t phase_budget(const struct engine *e, enum step_phase phase) {
    const struct field_duration *f = &e->options.recipe->finally_timeout;
    int64_t own_ms = f->is_set ? f->ms : DEFAULT_FINALLY_MS;
    return e->cancel_signal != 0 ? cancel_phase_ms(e, phase) : own_ms;
}

/* `finally` of the recipe, and of every recipe that a step used: they run at the end of the whole run too. */
static void start_finally_phase(struct engine *e) {
    e->phase = PHASE_FINALLY;
    e->is_cancelling = false;
    for (struct frame *f = e->frames; f != NULL; f = f->next) {
        bool is_recipe =
            f == &e->frame || f->owner != NULL; /* others hold names of foreach items */
        if (is_recipe && !f->has_finally_started) {
            struct inst **insts = NULL;
            f->has_finally_started = true;
            e->n_open += sched_add_steps(e, f->recipe->finally, f->recipe->n_finally, f, &f->space,
                                         NULL, PHASE_FINALLY, &insts);
        }
    }
}

/* What `finally` itself brought: steps of it to undo, recipes that it used and their `finally`. */
static bool has_more_to_end(const struct engine *e) {
    bool has_more = e->n_cleanups > e->n_cleanups_started;
    for (const struct frame *f = e->frames; f != NULL; f = f->next) {
        has_more =
            has_more || (f->owner != NULL && !f->has_finally_started && f->recipe->n_finally > 0);
    }
    return has_more;
}

static enum run_verdict decide_verdict(struct engine *e) {
    if (e->cancel_signal != 0) {
        return VERDICT_CANCELLED;
    }
    if (e->options.bus->has_failed) {
        return VERDICT_ENVIRONMENT;
    }
    if (e->cancel_reason != NULL) {
        return VERDICT_TIMEOUT;
    }
    if (e->has_failed && e->first_class == CLASS_SPAWN) {
        return VERDICT_ENVIRONMENT;
    }
    if (e->has_failed &&
        (e->first_class == CLASS_TIMEOUT || e->first_class == CLASS_IDLE_TIMEOUT)) {
        return VERDICT_TIMEOUT;
    }
    if (e->has_failed) {
        return VERDICT_FAILED;
    }
    return e->has_unstable ? VERDICT_UNSTABLE : VERDICT_SUCCESS;
}

static bool compute_outputs(struct engine *e, struct err *err) {
    const struct recipe *r = e->options.recipe;
    struct object_builder b;
    object_begin(&b, &e->arena);
    for (size_t i = 0; i < r->n_outputs; i++) {
        struct eval ev;
        scope_frame_eval_init(&ev, e, &e->frame);
        const struct value *v = NULL;
        if (!template_tree_eval(r->outputs[i].tree, &ev.run, &e->arena, &v, err) &&
            !plan_take_unknown(&e->arena, err, &v)) {
            err_at(err, r->outputs[i].place, NULL);
            return err_wrap(err, "output '%s'", r->outputs[i].name);
        }
        object_put_c(&b, r->outputs[i].name, v);
    }
    e->outputs = object_end(&b);
    return true;
}

static const char *decide_reason(struct engine *e) {
    if (e->cancel_reason != NULL) {
        return e->cancel_reason;
    }
    if (e->options.bus->has_failed) {
        return "the journal or a report could not be written";
    }
    if (e->first_failed != NULL) {
        return arena_printf(&e->arena, "step '%s' failed (%s): %s", e->first_failed->who.id,
                            error_class_names[e->first_failed->error_class],
                            e->first_failed->message == NULL ? "" : e->first_failed->message);
    }
    if (e->reason != NULL || e->verdict != VERDICT_UNSTABLE) {
        return e->reason;
    }
    return e->unstable_reason != NULL ? e->unstable_reason : "a failure was tolerated";
}

static void finish_run(struct engine *e) {
    timers_cancel(e->options.timers, &e->deadline);
    cancel_release(e);
    struct err err = ERR_INIT;
    if (!e->has_failed && e->cancel_reason == NULL && !compute_outputs(e, &err)) {
        run_notice(e, NULL, err.kind, "%s", err.message);
        e->has_failed = true;
        e->reason = arena_strdup(&e->arena, err.message);
    }
    err_release(&err);
    e->verdict = decide_verdict(e);
    e->exit_code = verdict_exits[e->verdict].exit_code;
    if (e->verdict == VERDICT_CANCELLED) {
        e->exit_code = 128 + e->cancel_signal;
    }
    e->reason = decide_reason(e);
    struct event ev = {.kind = EVENT_RUN_FINISHED};
    ev.as.run_finished = (struct event_run_finished){
        .verdict = e->verdict,
        .exit_code = e->exit_code,
        .reason = e->reason,
        .outputs = e->outputs,
        .duration_ms = run_now_ms(e) - e->started_ms + e->base_ms,
    };
    run_emit(e, &ev);
    e->is_finished = true;
    e->options.on_finished(e->options.ctx);
}

/* False: there is none. */
static bool start_next_phase(struct engine *e) {
    bool is_first_cleanup = e->phase == PHASE_MAIN;
    bool is_first_finally = e->phase == PHASE_CLEANUP && !e->frame.has_finally_started;
    bool is_given_up = e->is_cancelling && !e->is_killed;
    if (!is_first_cleanup && !is_first_finally && (is_given_up || !has_more_to_end(e))) {
        return false;
    }
    enum step_phase next = e->phase == PHASE_CLEANUP ? PHASE_FINALLY : PHASE_CLEANUP;
    if ((is_first_cleanup || is_first_finally) && !e->is_killed) {
        run_arm_deadline(e, phase_budget(e, next)); /* of which later ones have what is left */
    }
    if (next == PHASE_CLEANUP) {
        start_cleanup_phase(e);
    } else {
        start_finally_phase(e);
    }
    return true;
}

/* A phase whose instances are all done gives way to the next. After a second signal nothing of it begins: it is only told. */
static void advance_phase(struct engine *e) {
    while (e->n_open == 0 && !e->is_finished) {
        if (!start_next_phase(e)) {
            finish_run(e);
        } else if (e->is_killed) {
            cancel_all(e);
        }
    }
}

/* Queued instances go first come first served; one that finds no slot waits at the head. */
static bool start_one(struct engine *e) {
    struct inst *in = e->ready_head;
    if (in == NULL) {
        return false;
    }
    bool is_attempt = in->state == INST_READY && in->act != NULL;
    if (is_attempt && !sched_take_slot(in)) {
        return false;
    }
    (void)sched_pop_ready(e);
    if (in->state == INST_DONE) {
        return true; /* cancelled while it was queued */
    }
    if (is_attempt) {
        op_resume(in);
    } else {
        inst_begin(in);
    }
    return true;
}

static bool can_start_more(const struct engine *e) {
    return e->ready_head != NULL && (e->ready_head->act == NULL || e->n_slots_used < e->n_slots);
}

/* What happens can no longer be recorded, and the main part has not been ended for that yet. */
static bool has_lost_listener(const struct engine *e) {
    return e->options.bus->has_failed && !e->is_cancelling && e->phase == PHASE_MAIN;
}

void run_pump(struct engine *e) {
    if (e->is_pumping || e->is_finished || e->hold_timer != 0) {
        return;
    }
    e->is_pumping = true;
    do {
        if (has_lost_listener(e)) {
            e->reason = "the journal or a report could not be written";
            engine_cancel(e, 0);
        }
        while (start_one(e)) {
        }
        advance_phase(e);
    } while (!e->is_finished && (can_start_more(e) || has_lost_listener(e)));
    e->is_pumping = false;
}

/* The step that failed by itself, inside whatever containers. */
static const struct inst *origin_of_failure(const struct inst *in) {
    for (uint32_t i = 0; i < in->n_children; i++) {
        if (in->children[i]->status == STEP_FAILED) {
            return origin_of_failure(in->children[i]);
        }
    }
    return in;
}

static void note_failure(struct engine *e, const struct inst *in) {
    e->has_failed = true;
    if (e->first_failed == NULL) {
        e->first_failed = origin_of_failure(in);
        e->first_class = in->error_class;
    }
}

static void register_cleanup(struct engine *e, struct inst *in) {
    bool did_work = in->status == STEP_SUCCEEDED &&
                    (in->step->action != ACTION_ENSURE || in->change == CHANGE_CREATED);
    /* A failed create may still have made the thing: ensure remembers that as its change. */
    did_work = did_work || (in->status != STEP_SUCCEEDED && in->change == CHANGE_CREATED);
    bool is_for_items = in->step->foreach != NULL && !in->is_item; /* each item has its own */
    if (in->step->n_cleanup == 0 || is_for_items || !did_work || in->who.phase == PHASE_CLEANUP) {
        return;
    }
    if (e->n_cleanups == e->cap_cleanups) {
        e->cap_cleanups = e->cap_cleanups == 0 ? 8 : e->cap_cleanups * 2;
        e->cleanups = mem_realloc(e->cleanups, e->cap_cleanups, sizeof(struct inst *));
    }
    /* In order of their ends; restored steps come in the order of the recipe. */
    uint32_t at = e->n_cleanups++;
    while (at > 0 && e->cleanups[at - 1]->end_order > in->end_order) {
        e->cleanups[at] = e->cleanups[at - 1];
        at--;
    }
    e->cleanups[at] = in;
}

void run_on_inst_done(struct inst *in) {
    struct engine *e = in->engine;
    if (in->status == STEP_FAILED && in->parent == NULL) {
        note_failure(e, in);
    }
    e->has_unstable = e->has_unstable || in->is_unstable || in->status == STEP_TOLERATED;
    if (in->unstable_reason != NULL && e->unstable_reason == NULL) {
        e->unstable_reason = in->unstable_reason;
    }
    if (!in->is_restored) {
        in->end_order = ++e->n_ends;
    }
    register_cleanup(e, in);
    sched_release_dependents(in);
    if (in->parent != NULL) {
        inst_on_child_done(in->parent, in);
    } else {
        e->n_open--;
    }
}

void engine_check(struct engine *e) {
    if (e->is_started) {
        run_pump(e);
    }
}

bool engine_is_finished(const struct engine *e) {
    return e->is_finished;
}

int engine_exit_code(const struct engine *e) {
    return e->exit_code;
}
