/*
 * struct timerq: timers in a binary heap ordered by (due time, order of arrival). Pure: the loop and the virtual clock both
 * stand on it and bring their own idea of time. 44 bytes a timer; add, cancel and take are O(log n).
 */
#ifndef PROC_TIMERQ_PRIV_H
#define PROC_TIMERQ_PRIV_H

#include "proc/timers.h"

#include <stdbool.h>
#include <stdint.h>

struct timer_slot;
struct timerq {
    struct timer_slot *slots;
    uint32_t *heap; /* slot numbers */
    uint32_t n_heap;
    uint32_t n_slots; /* ever used */
    uint32_t cap;
    uint32_t first_free; /* list through the free slots, TIMERQ_NONE at its end */
    uint64_t next_seq;
};
#define TIMERQ_NONE UINT32_MAX

void timerq_init(struct timerq *q);
void timerq_release(struct timerq *q);
timer_id timerq_add(struct timerq *q, int64_t due_ms, timer_fn fn, void *arg);
/* A dead id and 0 are harmless. */
void timerq_cancel(struct timerq *q, timer_id id);
/* When the first timer is due; false when there is none. */
bool timerq_next_due(const struct timerq *q, int64_t *ret_due_ms);
/* What timerq_take() needs so that timers added from now on are left alone: the sequence number they would start at. */
uint64_t timerq_mark(const struct timerq *q);
/* Takes out the first timer that is due at now_ms and was added before `mark`. */
bool timerq_take(struct timerq *q, int64_t now_ms, uint64_t mark, timer_fn *ret_fn, void **ret_arg);

#endif
