/*
 * Puts instances into the state in which an earlier part of the run left them. What is restored is told to nobody: the journal has it.
 *
 * Masked text cannot be restored: a step whose values hold the mark is run again where that is safe, else its values are missing.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/mask.h"
#include "base/str.h"
#include "event/journal.h"
#include "resume_priv.h"

static bool has_mark(const char *text, size_t len) {
    return len >= strlen(MASK_TEXT) && memmem(text, len, MASK_TEXT, strlen(MASK_TEXT)) != NULL;
}

static bool is_masked(const struct value *v) {
    if (v == NULL) {
        return false;
    }
    if (v->type == VALUE_STRING) {
        return has_mark(v->as.text, v->len);
    }
    bool found = false;
    for (uint32_t i = 0; v->type == VALUE_LIST && i < v->len && !found; i++) {
        found = is_masked(v->as.items[i]);
    }
    for (uint32_t i = 0; v->type == VALUE_OBJECT && i < v->len && !found; i++) {
        const struct value_member *m = &v->as.members[i];
        found = has_mark(m->key, m->key_len) || is_masked(m->value);
    }
    return found;
}

/* ---- the run ---- */

static bool is_main_done(const struct engine *e) {
    const struct recipe *recipe = e->options.recipe;
    for (size_t i = 0; i < recipe->n_steps; i++) {
        struct event_step who = {.id = recipe->steps[i].id, .parent = -1, .phase = PHASE_MAIN};
        const struct past_step *p = resume_find(e->options.resume, &who);
        if (p == NULL || !past_is_done(p)) {
            return false;
        }
    }
    return true;
}

static bool is_bad_end(const struct past_step *p) {
    return p->is_finished && (p->end.status == STEP_FAILED || p->end.status == STEP_CANCELLED);
}

void restore_run(struct engine *e) {
    const struct resume *r = e->options.resume;
    if (r == NULL) {
        return;
    }
    e->n_indexes = r->n_steps;
    e->n_ends = r->n_ends;
    e->has_work = !is_main_done(e);
    for (uint32_t i = 0; i < r->n_steps; i++) {
        const struct past_step *p = r->steps[i];
        bool is_main = p->who.phase == PHASE_MAIN;
        e->has_work = e->has_work || (is_main && p->decision != PAST_UNDECIDED);
        e->had_failed = e->had_failed || (is_main && is_bad_end(p));
    }
    /* For people only, so the wall clock will do; it may have been set back. */
    e->base_ms = timers_wall_ms(e->options.timers) - r->run.started_wall_ms;
    e->base_ms = e->base_ms < r->run.last_ms ? r->run.last_ms : e->base_ms;
}

const struct value *restore_vars(const struct engine *e, const struct frame *frame) {
    if (frame->owner == NULL) {
        return e->options.resume == NULL ? NULL : e->options.resume->vars;
    }
    const struct past_step *p = frame->owner->past;
    return p == NULL || frame->owner->is_redone ? NULL : p->vars;
}

const struct value *restore_var(const struct engine *e, const struct frame *frame,
                                const char *name) {
    const struct value *vars = restore_vars(e, frame);
    const struct value *v = vars == NULL ? NULL : value_get(vars, name);
    return is_masked(v) ? NULL : v;
}

/* ---- instances ---- */

static bool is_container(const struct inst *in) {
    return (in->step->foreach != NULL && !in->is_item) || in->step->action == ACTION_GROUP ||
           in->step->action == ACTION_USE;
}

/* The steps that it stands in are done again, or it itself was undone. */
static bool is_done_again(const struct inst *in) {
    for (const struct inst *around = in; around != NULL; around = around->parent) {
        if (around->is_redone) {
            return true;
        }
    }
    return in->past->is_undone;
}

static bool may_restore(struct inst *in) {
    const struct engine *e = in->engine;
    const struct past_step *p = in->past;
    if (p->decision != PAST_UNDECIDED) {
        return false;
    }
    if (in->who.phase != PHASE_MAIN) {
        return !e->has_work && past_is_done(p);
    }
    if (in->parent != NULL && in->parent->is_restored) {
        return p->is_finished; /* as it is: what became of it was tolerated */
    }
    if (!past_is_done(p)) {
        return false;
    }
    if (e->has_work && is_done_again(in)) {
        in->is_redone = true;
        return false;
    }
    bool asks = in->step->condition != NULL && expr_uses_status(in->step->condition);
    return !(asks && e->has_work && e->had_failed);
}

static bool can_repeat(const struct inst *in) {
    return in->step->action == ACTION_ENSURE || in->step->action == ACTION_SET ||
           (in->step->action == ACTION_CALL && (in->step->reads || call_reads(in->step->call)));
}

static const struct value *part(const struct value *whole, const char *name) {
    const struct value *v = value_get(whole, name);
    return v == NULL || v->type == VALUE_NULL ? NULL : v;
}

/* Outputs and result as the journal has them, or the file beside it. False: something of them is missing. */
static bool restore_values(struct inst *in) {
    const struct event_step_finished *end = &in->past->end;
    in->outputs = end->outputs;
    in->result = end->result;
    bool is_whole = !end->is_cut && !in->step->is_secret;
    if (end->whole_file != NULL) {
        const struct value *whole = NULL;
        struct err err = ERR_INIT;
        if (journal_read_whole(in->engine->options.run_dir, end->whole_file, end->whole_digest,
                               &in->arena, &whole, &err)) {
            in->outputs = part(whole, "outputs");
            in->result = part(whole, "result");
        } else {
            run_notice(in->engine, in, err.kind, "%s", err.message);
            is_whole = false;
        }
        err_release(&err);
    }
    in->public_outputs = in->outputs;
    return is_whole && !is_masked(in->outputs) && !is_masked(in->result);
}

static void restore_end(struct inst *in) {
    const struct event_step_finished *end = &in->past->end;
    in->status = end->status;
    in->change = end->change;
    in->error_class = end->error_class;
    in->message = end->message;
    in->hint = end->hint;
    in->exit_code = end->exit_code;
    in->n_polls = end->n_polls;
    in->duration_ms = end->duration_ms;
    in->is_unstable = end->is_unstable;
    in->is_blocked = end->is_blocked;
    in->unstable_reason = end->unstable_reason;
    in->stdout_text = end->stdout_text;
    in->stdout_len = end->stdout_text == NULL ? 0 : strlen(end->stdout_text);
    in->stderr_text = end->stderr_text;
    in->stderr_len = end->stderr_text == NULL ? 0 : strlen(end->stderr_text);
    in->end_order = in->past->order;
}

/* A value without the members that hold the mark: naming one is then an error, never the mark in its place. */
static const struct value *without_masked(struct inst *in, const struct value *v) {
    if (v == NULL || v->type != VALUE_OBJECT) {
        return is_masked(v) ? NULL : v;
    }
    struct object_builder b;
    object_begin(&b, &in->arena);
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value_member *m = &v->as.members[i];
        if (!has_mark(m->key, m->key_len) && !is_masked(m->value)) {
            object_put(&b, m->key, m->key_len, m->value);
        }
    }
    return object_end(&b);
}

static void leave_out_masked(struct inst *in) {
    in->outputs = without_masked(in, in->outputs);
    in->public_outputs = in->outputs;
    in->result = without_masked(in, in->result);
    run_notice(in->engine, in, "lost-secret",
               "its secret values are not in the journal: a step that uses them fails; --redo %s "
               "makes them again",
               in->past->path);
}

bool restore_inst(struct inst *in) {
    if (in->past == NULL) {
        return false;
    }
    in->n_attempts = in->past->n_attempts;
    if (!may_restore(in)) {
        return false;
    }
    if (is_container(in)) {
        in->is_restored = true;
        in->end_order = in->past->order;
        return false;
    }
    bool is_whole = in->past->end.status == STEP_SKIPPED || restore_values(in);
    if (!is_whole && can_repeat(in)) {
        in->outputs = NULL;
        in->public_outputs = NULL;
        in->result = NULL;
        return false;
    }
    if (!is_whole) {
        leave_out_masked(in);
    }
    if (changes_is_other(in)) {
        run_notice(in->engine, in, "changed-step",
                   "was changed since it was done: what it did and gave then is kept; --redo %s "
                   "runs it as it is now",
                   in->past->path);
    }
    in->is_restored = true;
    restore_end(in);
    inst_finish_restored(in);
    return true;
}

bool restore_container(struct inst *in) {
    if (!in->is_restored || !restore_values(in)) {
        return false;
    }
    restore_end(in);
    inst_finish_restored(in);
    return true;
}

const struct value *restore_accepted(const struct inst *in) {
    return in->past != NULL && in->past->decision == PAST_ACCEPT ? in->past->accepted : NULL;
}

void restore_ensure(struct inst *in) {
    const struct past_step *p = in->past;
    if (p == NULL || in->is_redone || p->decision == PAST_REDO) {
        return;
    }
    in->act->ensure.floor = p->is_finished ? p->end.change : p->floor;
    in->act->ensure.is_updated = !p->is_finished && p->is_updated;
}
