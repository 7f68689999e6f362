/*
 * The heap of timers. A timer's id is its slot number and the slot's generation, so that the id of a timer that has fired
 * never names a later one in the same slot.
 */
#include "timerq_priv.h"

#include "base/mem.h"

#include <assert.h>

struct timer_slot {
    int64_t due_ms;
    uint64_t seq;
    timer_fn fn;
    void *arg;
    uint32_t heap_pos; /* next free slot while the slot is free */
    uint32_t generation;
};

void timerq_init(struct timerq *q) {
    *q = (struct timerq){.first_free = TIMERQ_NONE};
}

void timerq_release(struct timerq *q) {
    mem_free(q->slots);
    mem_free(q->heap);
    timerq_init(q);
}

static bool is_before(const struct timerq *q, uint32_t a, uint32_t b) {
    const struct timer_slot *x = &q->slots[a];
    const struct timer_slot *y = &q->slots[b];
    return x->due_ms < y->due_ms || (x->due_ms == y->due_ms && x->seq < y->seq);
}

static void place(struct timerq *q, uint32_t pos, uint32_t slot) {
    q->heap[pos] = slot;
    q->slots[slot].heap_pos = pos;
}

static void sift_up(struct timerq *q, uint32_t pos) {
    uint32_t slot = q->heap[pos];
    while (pos > 0) {
        uint32_t parent = (pos - 1) / 2;
        if (!is_before(q, slot, q->heap[parent])) {
            break;
        }
        place(q, pos, q->heap[parent]);
        pos = parent;
    }
    place(q, pos, slot);
}

static void sift_down(struct timerq *q, uint32_t pos) {
    uint32_t slot = q->heap[pos];
    for (;;) {
        uint32_t child = 2 * pos + 1;
        if (child >= q->n_heap) {
            break;
        }
        if (child + 1 < q->n_heap && is_before(q, q->heap[child + 1], q->heap[child])) {
            child++;
        }
        if (!is_before(q, q->heap[child], slot)) {
            break;
        }
        place(q, pos, q->heap[child]);
        pos = child;
    }
    place(q, pos, slot);
}

static uint32_t take_free_slot(struct timerq *q) {
    if (q->first_free != TIMERQ_NONE) {
        uint32_t slot = q->first_free;
        q->first_free = q->slots[slot].heap_pos;
        return slot;
    }
    if (q->n_slots == q->cap) {
        q->cap = q->cap == 0 ? 16 : q->cap * 2;
        q->slots = mem_realloc(q->slots, q->cap, sizeof *q->slots);
        q->heap = mem_realloc(q->heap, q->cap, sizeof *q->heap);
    }
    q->slots[q->n_slots].generation = 0;
    return q->n_slots++;
}

static void remove_at(struct timerq *q, uint32_t pos) {
    uint32_t slot = q->heap[pos];
    uint32_t last = q->heap[--q->n_heap];
    if (last != slot) {
        place(q, pos, last);
        sift_up(q, pos);
        sift_down(q, q->slots[last].heap_pos);
    }
    q->slots[slot].generation++;
    q->slots[slot].heap_pos = q->first_free;
    q->first_free = slot;
}

timer_id timerq_add(struct timerq *q, int64_t due_ms, timer_fn fn, void *arg) {
    uint32_t slot = take_free_slot(q);
    struct timer_slot *t = &q->slots[slot];
    t->due_ms = due_ms;
    t->seq = q->next_seq++;
    t->fn = fn;
    t->arg = arg;
    q->heap[q->n_heap] = slot;
    sift_up(q, q->n_heap++);
    return (timer_id)t->generation << 32 | (timer_id)(slot + 1);
}

void timerq_cancel(struct timerq *q, timer_id id) {
    uint32_t number = (uint32_t)id;
    if (number == 0 || number > q->n_slots) {
        return;
    }
    const struct timer_slot *t = &q->slots[number - 1];
    bool is_live = t->generation == (uint32_t)(id >> 32) && t->heap_pos < q->n_heap &&
                   q->heap[t->heap_pos] == number - 1;
    if (is_live) {
        remove_at(q, t->heap_pos);
    }
}

bool timerq_next_due(const struct timerq *q, int64_t *ret_due_ms) {
    if (q->n_heap == 0) {
        return false;
    }
    *ret_due_ms = q->slots[q->heap[0]].due_ms;
    return true;
}

uint64_t timerq_mark(const struct timerq *q) {
    return q->next_seq;
}

bool timerq_take(struct timerq *q, int64_t now_ms, uint64_t mark, timer_fn *ret_fn,
                 void **ret_arg) {
    if (q->n_heap == 0) {
        return false;
    }
    const struct timer_slot *t = &q->slots[q->heap[0]];
    if (t->due_ms > now_ms || t->seq >= mark) {
        return false;
    }
    *ret_fn = t->fn;
    *ret_arg = t->arg;
    remove_at(q, 0);
    return true;
}
