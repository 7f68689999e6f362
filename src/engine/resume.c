/*
 * Folds a journal into what its steps had come to. Pure: reads events, decides nothing about the recipe, which it does not know.
 *
 * Steps are found again by their place - phase, parent, owner, id - because indexes follow the order in which they were declared.
 */
#include "engine/resume.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "recipe/catalogue.h"
#include "resume_priv.h"
#include "value/value.h"

struct resume *resume_new(void) {
    struct resume *r = mem_zalloc(1, sizeof *r);
    arena_init(&r->arena, 0);
    return r;
}

void resume_free(struct resume *r) {
    if (r == NULL) {
        return;
    }
    mem_free(r->steps);
    map_release(&r->by_place);
    arena_release(&r->arena);
    mem_free(r);
}

const struct resume_run *resume_run(const struct resume *r) {
    return &r->run;
}

static const char *keep(struct resume *r, const char *text) {
    return text == NULL ? NULL : arena_strdup(&r->arena, text);
}

static const struct value *keep_value(struct resume *r, const struct value *v) {
    return v == NULL ? NULL : value_copy(&r->arena, v);
}

static void add_key(const struct event_step *who, struct str *out) {
    str_addf(out, "%d/%d/%u/%s", (int)who->phase, (int)who->parent, who->owner, who->id);
}

struct past_step *resume_find(const struct resume *r, const struct event_step *who) {
    AUTO(str) struct str key = STR_INIT(0);
    add_key(who, &key);
    return map_get(&r->by_place, str_text(&key));
}

/* ---- steps ---- */

static struct past_step *declare(struct resume *r, const struct event_step *who) {
    struct past_step *p = arena_zalloc(&r->arena, sizeof *p);
    struct past_step *parent =
        who->parent >= 0 && (uint32_t)who->parent < r->n_steps ? r->steps[who->parent] : NULL;
    p->who = *who;
    p->who.id = keep(r, who->id);
    p->who.name = NULL;
    p->who.file = NULL;
    p->who.needs = NULL;
    p->who.digest = keep(r, who->digest);
    p->who.action = keep(r, who->action);
    p->path = parent == NULL ? arena_strdup(&r->arena, who->id)
                             : arena_printf(&r->arena, "%s/%s", parent->path, who->id);
    if (parent != NULL) {
        parent->n_children++;
    }
    if (r->n_steps == 0 || (r->n_steps & (r->n_steps - 1)) == 0) {
        r->steps = mem_realloc(r->steps, r->n_steps == 0 ? 1 : 2 * (size_t)r->n_steps,
                               sizeof(struct past_step *));
    }
    r->steps[r->n_steps++] = p;
    AUTO(str) struct str key = STR_INIT(0);
    add_key(who, &key);
    map_put(&r->by_place, str_text(&key), p);
    return p;
}

static struct past_step *step_of(struct resume *r, const struct event *ev) {
    if (ev->step == NULL || ev->step->index > r->n_steps) {
        return NULL;
    }
    return ev->step->index == r->n_steps ? declare(r, ev->step) : r->steps[ev->step->index];
}

static void apply_started(struct resume *r, struct past_step *p,
                          const struct event_step_started *s) {
    p->who.digest = s->digest == NULL ? p->who.digest : keep(r, s->digest);
    p->is_started = true;
    p->is_finished = false;
    p->has_attempt = false;
    p->is_attempt_open = false;
    p->is_done_unseen = false;
    p->is_clear_failure = false;
    p->is_undone = false; /* done again */
    p->decision = PAST_UNDECIDED;
    if (p->who.phase == PHASE_CLEANUP && p->who.owner > 0 && p->who.owner <= r->n_steps) {
        r->steps[p->who.owner - 1]->is_undone = true;
    }
}

static enum step_change change_of_role(const char *role) {
    static const struct {
        const char *role;
        enum step_change change;
    } roles[] = {
        {"create", CHANGE_CREATED}, {"update", CHANGE_UPDATED}, {"delete", CHANGE_DEDUPLICATED}};
    for (size_t i = 0; role != NULL && i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(roles[i].role, role) == 0) {
            return roles[i].change;
        }
    }
    return CHANGE_NONE;
}

/* Is it `cpdctl version`? */
static bool asks_version(const struct value *argv) {
    if (argv == NULL || argv->type != VALUE_LIST || argv->len < 2) {
        return false;
    }
    const char *program = value_text(argv->as.items[0]);
    const char *word = value_text(argv->as.items[1]);
    bool is_cpdctl =
        program != NULL && (strcmp(program, "cpdctl") == 0 || str_ends(program, "/cpdctl"));
    return is_cpdctl && word != NULL &&
           (strcmp(word, "version") == 0 || strcmp(word, "--version") == 0);
}

static void apply_attempt_started(struct past_step *p, const struct event_attempt_started *a) {
    p->asks_version = asks_version(a->argv);
    p->n_attempts = a->number;
    p->has_attempt = true;
    p->is_attempt_open = true;
    p->is_done_unseen = false;
    p->is_clear_failure = false;
    p->attempt_reads = a->reads;
    enum step_change change = change_of_role(a->role);
    /* A create counts for more than what follows it: the object is ours. */
    if (change != CHANGE_NONE && p->floor != CHANGE_CREATED) {
        p->floor = change;
    }
}

/* Of these nobody can say what the command had done when it ended: an answer 504 tells of the gateway, not of the server behind it. */
static bool is_clear(const struct event_attempt_finished *a) {
    static const uint32_t unclear = 1U << CLASS_NONE | 1U << CLASS_TRANSIENT | 1U << CLASS_TIMEOUT |
                                    1U << CLASS_IDLE_TIMEOUT | 1U << CLASS_KILLED |
                                    1U << CLASS_CANCELLED | 1U << CLASS_OUTPUT |
                                    1U << CLASS_INTERNAL | 1U << CLASS_RESOURCE_LIMIT;
    return a->nothing_happened || (unclear & 1U << a->error_class) == 0;
}

static void apply_attempt_finished(struct resume *r, struct past_step *p,
                                   const struct event_attempt_finished *a) {
    size_t len = 0;
    const char *version = p->asks_version && a->stdout_text != NULL
                              ? catalogue_find_version(a->stdout_text, &len)
                              : NULL;
    if (version != NULL) {
        r->run.cpdctl_version = arena_strndup(&r->arena, version, len);
    }
    p->is_attempt_open = false;
    p->is_done_unseen = a->error_class == CLASS_NONE;
    p->is_clear_failure = is_clear(a);
    p->is_updated =
        p->is_updated || (p->is_done_unseen && change_of_role(a->role) == CHANGE_UPDATED);
}

static void apply_finished(struct resume *r, struct past_step *p,
                           const struct event_step_finished *f) {
    p->is_finished = true;
    p->order = ++r->n_ends;
    p->n_attempts = f->n_attempts;
    p->is_attempt_open = false;
    p->end = *f;
    p->end.message = keep(r, f->message);
    p->end.hint = keep(r, f->hint);
    p->end.skip_reason = keep(r, f->skip_reason);
    p->end.unstable_reason = keep(r, f->unstable_reason);
    p->end.stdout_text = keep(r, f->stdout_text);
    p->end.stderr_text = keep(r, f->stderr_text);
    p->end.whole_file = keep(r, f->whole_file);
    p->end.whole_digest = keep(r, f->whole_digest);
    p->end.whole = NULL;
    p->end.outputs = keep_value(r, f->outputs);
    p->end.result = keep_value(r, f->result);
}

static void apply_to_step(struct resume *r, struct past_step *p, const struct event *ev) {
    switch (ev->kind) {
    case EVENT_STEP_STARTED:
        apply_started(r, p, &ev->as.step_started);
        break;
    case EVENT_ATTEMPT_STARTED:
        apply_attempt_started(p, &ev->as.attempt_started);
        break;
    case EVENT_ATTEMPT_FINISHED:
        apply_attempt_finished(r, p, &ev->as.attempt_finished);
        break;
    case EVENT_STEP_FINISHED:
        apply_finished(r, p, &ev->as.step_finished);
        break;
    case EVENT_VARS:
        p->vars = keep_value(r, ev->as.vars.values);
        break;
    case EVENT_STEP_DECLARED: /* step_of() did it */
    case EVENT_STEP_PLANNED:
    case EVENT_RETRY_SCHEDULED:
    case EVENT_WAIT_OBSERVED:
    case EVENT_METRIC:
    case EVENT_OUTPUT:
    case EVENT_RUN_STARTED:
    case EVENT_NOTICE:
    case EVENT_CANCEL:
    case EVENT_RUN_FINISHED:
    case EVENT_KIND_COUNT:
        break;
    }
}

/* ---- the run ---- */

static void apply_run_started(struct resume *r, const struct event *ev) {
    const struct event_run_started *s = &ev->as.run_started;
    struct resume_run *run = &r->run;
    if (run->n_starts == 0) {
        *run = (struct resume_run){
            .run_id = keep(r, s->run_id),
            .recipe_file = keep(r, s->recipe_file),
            .mode = keep(r, s->mode),
            .seed = s->seed,
            .inputs = keep_value(r, s->inputs),
            .started_wall_ms = ev->wall_ms,
        };
    }
    run->n_starts++;
    run->recipe_digest = keep(r, s->recipe_digest);
    run->parts = keep_value(r, s->parts);
    run->version = keep(r, s->version);
    run->host = keep(r, s->host);
    run->boot = keep(r, s->boot);
    run->cwd = keep(r, s->cwd);
    run->cpdctl = keep(r, s->cpdctl);
    run->user = s->user;
    run->pid = s->pid;
    run->is_finished = false;
    run->was_success = false;
}

bool resume_apply(const struct event *ev, void *resume, struct err *err) {
    struct resume *r = resume;
    (void)err;
    r->run.last_ms = ev->elapsed_ms;
    r->run.last_wall_ms = ev->wall_ms;
    if (ev->kind == EVENT_RUN_STARTED) {
        apply_run_started(r, ev);
    } else if (ev->kind == EVENT_RUN_FINISHED) {
        const struct event_run_finished *f = &ev->as.run_finished;
        r->run.is_finished = true;
        r->run.was_success = f->verdict == VERDICT_SUCCESS || f->verdict == VERDICT_UNSTABLE;
        r->run.exit_code = f->exit_code;
    } else if (ev->kind == EVENT_VARS && ev->step == NULL) {
        r->vars = keep_value(r, ev->as.vars.values);
    } else {
        struct past_step *p = step_of(r, ev);
        if (p != NULL) {
            apply_to_step(r, p, ev);
        }
    }
    return true;
}

/* ---- questions ---- */

bool past_is_done(const struct past_step *p) {
    bool is_good = p->end.status == STEP_SUCCEEDED || p->end.status == STEP_TOLERATED ||
                   (p->end.status == STEP_SKIPPED && !p->end.is_blocked);
    return p->is_finished && is_good && p->decision != PAST_REDO;
}

static bool is_action(const struct past_step *p, const char *action) {
    return p->who.action != NULL && strcmp(p->who.action, action) == 0;
}

/* The step changes something and may have done its work, or a part of it. */
static bool is_unknown(const struct past_step *p) {
    bool can_repeat = p->attempt_reads || is_action(p, "ensure") || is_action(p, "write") ||
                      p->who.phase != PHASE_MAIN;
    bool may_have_worked = p->is_attempt_open || p->is_done_unseen || !p->is_clear_failure;
    return p->is_started && p->has_attempt && p->n_children == 0 && !can_repeat &&
           !past_is_done(p) && may_have_worked && p->decision == PAST_UNDECIDED;
}

bool resume_check(const struct resume *r, struct err *err) {
    AUTO(str) struct str names = STR_INIT(LIMIT_MESSAGE);
    const char *first = NULL;
    for (uint32_t i = 0; i < r->n_steps; i++) {
        const struct past_step *p = r->steps[i];
        if (is_unknown(p)) {
            str_addf(&names, "%s'%s'%s", first == NULL ? "" : ", ", p->path,
                     p->is_done_unseen ? " (its command worked; what it gave was lost)" : "");
            first = first == NULL ? p->path : first;
        }
    }
    if (first == NULL) {
        return true;
    }
    err_set(err, "unknown-outcome", "it is not known whether this changing step did its work: %s",
            str_text(&names));
    err_hint(err,
             "look at the cluster, then say --accept %s (it did; --accept '%s={…}' with its result "
             "if later steps use it) or --redo %s (run it again)",
             first, first, first);
    return false;
}

/* ---- decisions ---- */

static bool find_named(const struct resume *r, const char *name, struct past_step **ret_step,
                       struct err *err) {
    struct past_step *found = NULL;
    const char **paths = mem_zalloc((size_t)r->n_steps + 1, sizeof *paths);
    unsigned n_found = 0;
    for (uint32_t i = 0; i < r->n_steps; i++) {
        struct past_step *p = r->steps[i];
        paths[i] = p->path;
        if (strcmp(p->path, name) == 0) {
            found = p;
            n_found = 1;
            break;
        }
        if (strcmp(p->who.id, name) == 0) {
            found = p;
            n_found++;
        }
    }
    const char *nearest = n_found > 0 ? NULL : err_nearest(name, paths, r->n_steps);
    if (n_found == 0) {
        err_set(err, "unknown-step", "the run has no step '%s'", name);
    } else if (n_found > 1) {
        err_set(err, "ambiguous-step", "%u steps of the run are called '%s'", n_found, name);
        err_hint(err, "name the steps around it too: %s", found->path);
    }
    if (nearest != NULL) {
        err_hint(err, "did you mean '%s'?", nearest);
    }
    mem_free(paths);
    *ret_step = found;
    return n_found == 1;
}

bool resume_decide(struct resume *r, const char *name, enum resume_choice choice,
                   const struct value *result, struct err *err) {
    struct past_step *p = NULL;
    if (!find_named(r, name, &p, err)) {
        return false;
    }
    p->decision = choice == RESUME_REDO ? PAST_REDO : PAST_ACCEPT;
    p->accepted = result == NULL ? &value_null : keep_value(r, result);
    return true;
}
