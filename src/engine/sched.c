/*
 * Instances of steps, what they wait for, and who may run now. Pure bookkeeping: nothing here starts anything.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/mem.h"
#include "resume_priv.h"

static void *grow(void *items, uint32_t n, uint32_t *cap, size_t size_bytes) {
    if (n < *cap) {
        return items;
    }
    *cap = *cap == 0 ? 8 : *cap * 2;
    return mem_realloc(items, *cap, size_bytes);
}

/* Items of a foreach wait for nothing by themselves: the container has waited. */
static const struct value *ids_of_needs(struct engine *e, const struct step *step, const char *id) {
    if (step->n_needs == 0 || id != step->id) {
        return NULL;
    }
    struct list_builder b;
    list_begin(&b, &e->arena);
    list_reserve(&b, step->n_needs);
    for (size_t i = 0; i < step->n_needs; i++) {
        list_add(&b, value_string_keep(&e->arena, step->needs[i]->id, strlen(step->needs[i]->id)));
    }
    return list_end(&b);
}

static void declare(struct inst *in) {
    char digest[CHANGES_DIGEST_SIZE];
    struct event_step who = in->who;
    if (changes_has_digest(in)) {
        changes_digest(in->step, digest);
        who.digest = digest;
    }
    struct event ev = {.kind = EVENT_STEP_DECLARED, .step = &who};
    run_emit(in->engine, &ev);
}

struct inst *sched_add(struct engine *e, const struct step *step, const char *id,
                       struct frame *frame, struct space *space, struct inst *parent,
                       enum step_phase phase, struct inst *owner) {
    struct inst *in = arena_zalloc(&e->arena, sizeof *in);
    arena_init(&in->arena, 0);
    in->step = step;
    in->engine = e;
    in->frame = frame;
    in->space = space;
    in->parent = parent;
    in->state = INST_WAITING;
    in->status = STEP_PENDING;
    in->exit_code = -1;
    in->who = (struct event_step){
        .parent = parent == NULL ? -1 : (int32_t)parent->who.index,
        .id = id,
        .name = step->name,
        .action = step->action_name,
        .phase = phase,
        .file = step->place.file,
        .line = step->place.line,
        .needs = phase == PHASE_MAIN ? ids_of_needs(e, step, id) : NULL,
        .owner = owner == NULL ? 0 : owner->who.index + 1,
    };
    plan_init(in, phase);
    e->insts = grow(e->insts, e->n_insts, &e->cap_insts, sizeof(struct inst *));
    e->insts[e->n_insts++] = in;
    in->past = e->options.resume == NULL ? NULL : resume_find(e->options.resume, &in->who);
    if (in->past != NULL) {
        in->who.index = in->past->who.index;
        return in; /* it was declared then */
    }
    in->who.index = e->n_indexes++;
    declare(in);
    return in;
}

static void add_dependent(struct inst *need, struct inst *in) {
    need->dependents =
        grow(need->dependents, need->n_dependents, &need->cap_dependents, sizeof(struct inst *));
    need->dependents[need->n_dependents++] = in;
    in->n_needs_open++;
}

static struct inst *find_by_step(struct space *space, const struct step *step) {
    for (struct space *s = space; s != NULL; s = s->outer) {
        struct inst *found = map_get(&s->by_id, step->id);
        if (found != NULL && found->step == step) {
            return found;
        }
    }
    return NULL;
}

/* A need that is already done (a container's child naming a step before the container) blocks nobody. */
static void link_need(struct inst *in, const struct step *need) {
    struct inst *other = find_by_step(in->space, need);
    if (other == NULL || other == in) {
        return;
    }
    in->is_redone = in->is_redone || other->is_redone;
    if (other->state != INST_DONE) {
        add_dependent(other, in);
        return;
    }
    plan_note_need(in, other);
    if (other->is_blocked || other->status == STEP_FAILED || other->status == STEP_CANCELLED) {
        in->is_blocked = true;
    }
}

uint32_t sched_add_steps(struct engine *e, const struct step *steps, size_t n, struct frame *frame,
                         struct space *space, struct inst *parent, enum step_phase phase,
                         struct inst ***ret_insts) {
    struct inst **insts = arena_zalloc(&e->arena, (n + 1) * sizeof(struct inst *));
    for (size_t i = 0; i < n; i++) {
        struct inst *owner = parent == NULL ? frame->owner : NULL;
        insts[i] = sched_add(e, &steps[i], steps[i].id, frame, space, parent, phase, owner);
        map_put(&space->by_id, steps[i].id, insts[i]);
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < steps[i].n_needs; k++) {
            link_need(insts[i], steps[i].needs[k]);
        }
        if (insts[i]->n_needs_open == 0) {
            sched_push_ready(insts[i]);
        }
    }
    *ret_insts = insts;
    return (uint32_t)n;
}

void sched_push_ready(struct inst *in) {
    struct engine *e = in->engine;
    if (in->state == INST_WAITING) {
        inst_enter(in, INST_READY);
    }
    in->next = NULL;
    if (e->ready_tail == NULL) {
        e->ready_head = in;
    } else {
        e->ready_tail->next = in;
    }
    e->ready_tail = in;
}

struct inst *sched_pop_ready(struct engine *e) {
    struct inst *in = e->ready_head;
    if (in == NULL) {
        return NULL;
    }
    e->ready_head = in->next;
    if (e->ready_head == NULL) {
        e->ready_tail = NULL;
    }
    in->next = NULL;
    return in;
}

bool sched_take_slot(struct inst *in) {
    struct engine *e = in->engine;
    if (in->holds_slot) {
        return true;
    }
    if (e->n_slots_used >= e->n_slots) {
        return false;
    }
    e->n_slots_used++;
    in->holds_slot = true;
    return true;
}

void sched_give_slot(struct inst *in) {
    if (in->holds_slot) {
        in->holds_slot = false;
        in->engine->n_slots_used--;
    }
}

bool sched_take_lock(struct inst *in, const char *name) {
    struct engine *e = in->engine;
    struct lock *lock = map_get(&e->locks, name);
    if (lock == NULL) {
        lock = arena_zalloc(&e->arena, sizeof *lock);
        map_put(&e->locks, name, lock);
    }
    in->lock_name = name;
    if (lock->holder == NULL) {
        lock->holder = in;
    }
    if (lock->holder == in) {
        return true;
    }
    in->next = NULL;
    if (lock->tail == NULL) {
        lock->head = in;
    } else {
        lock->tail->next = in;
    }
    lock->tail = in;
    return false;
}

const struct inst *sched_lock_holder_around(const struct inst *in, const char *name) {
    const struct lock *lock = map_get(&in->engine->locks, name);
    const struct inst *around = in->parent;
    while (around != NULL && (lock == NULL || lock->holder != around)) {
        around = around->parent;
    }
    return around;
}

static bool is_within(const struct inst *in, const struct inst *container) {
    while (in != NULL && in != container) {
        in = in->parent;
    }
    return in != NULL;
}

/* A container gives its lock when all in it is done: whoever waits in it keeps the lock from everybody else. */
static const struct inst *waiter_towards(const struct inst *in, struct lock *lock) {
    struct engine *e = in->engine;
    lock->mark = e->n_lock_searches;
    bool is_container = lock->holder != NULL && lock->holder->n_children > 0;
    for (size_t i = 0; is_container && i < e->locks.n_entries; i++) {
        struct lock *other = e->locks.entries[i].value;
        const struct inst *w = other->head;
        while (w != NULL && (w->state == INST_DONE || !is_within(w, lock->holder))) {
            w = w->next;
        }
        if (w == NULL || other->mark == e->n_lock_searches) {
            continue;
        }
        if (is_within(in, other->holder)) {
            return w;
        }
        const struct inst *further = waiter_towards(in, other);
        if (further != NULL) {
            return further;
        }
    }
    return NULL;
}

const struct inst *sched_lock_circle(const struct inst *in, const char *name) {
    struct lock *lock = map_get(&in->engine->locks, name);
    const struct inst *around = in->parent;
    while (around != NULL && around->lock_name == NULL) {
        around = around->parent;
    }
    if (lock == NULL || around == NULL) {
        return NULL; /* nobody waits for what is not held around here */
    }
    in->engine->n_lock_searches++;
    return waiter_towards(in, lock);
}

void sched_give_lock(struct inst *in) {
    if (in->lock_name == NULL) {
        return;
    }
    struct lock *lock = map_get(&in->engine->locks, in->lock_name);
    in->lock_name = NULL;
    if (lock == NULL || lock->holder != in) {
        return;
    }
    do { /* whoever was cancelled while it waited is passed over */
        lock->holder = lock->head;
        lock->head = lock->holder == NULL ? NULL : lock->holder->next;
    } while (lock->holder != NULL && lock->holder->state == INST_DONE);
    if (lock->head == NULL) {
        lock->tail = NULL;
    }
    if (lock->holder != NULL) {
        sched_push_ready(lock->holder);
    }
}

void sched_release_dependents(struct inst *in) {
    bool blocks = in->is_blocked || in->status == STEP_FAILED || in->status == STEP_CANCELLED;
    for (uint32_t i = 0; i < in->n_dependents; i++) {
        struct inst *d = in->dependents[i];
        d->is_blocked = d->is_blocked || blocks;
        d->is_redone = d->is_redone || in->is_redone;
        plan_note_need(d, in);
        if (--d->n_needs_open == 0 && d->state == INST_WAITING) {
            sched_push_ready(d);
        }
    }
    mem_free(in->dependents);
    in->dependents = NULL;
    in->n_dependents = 0;
    in->cap_dependents = 0;
}
