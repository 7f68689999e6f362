/*
 * Names of a run, its steps and attempts in distributed traces (W3C Trace Context).
 *
 * They are computed from what the journal holds anyway, so a trace that is rendered later has the ids that the children got
 * in their TRACEPARENT. A run that was given a TRACEPARENT belongs to that trace, else it begins one of its own.
 */
#ifndef EVENT_TRACE_H
#define EVENT_TRACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TRACE_ID_SIZE = 33,     /* 32 hexadecimal digits and a NUL */
    TRACE_SPAN_SIZE = 17,   /* 16 */
    TRACE_PARENT_SIZE = 56, /* "00-<trace>-<span>-01" */
    TRACE_RUN = -1,         /* in place of a step: the run itself */
};

/* `parent`: what TRACEPARENT held, NULL: nothing. One that is not well-formed counts as none. */
bool trace_parent_is_valid(const char *parent);
void trace_id(const char *parent, const char *run_id, char ret_id[TRACE_ID_SIZE]);
/* "" when there is none. */
void trace_parent_span(const char *parent, char ret_span[TRACE_SPAN_SIZE]);
/* `attempt` 0: the step, or the run. */
void trace_span(const char *run_id, int64_t step, unsigned attempt, char ret_span[TRACE_SPAN_SIZE]);
/* TRACEPARENT for the child of an attempt. */
void trace_child(const char *parent, const char *run_id, int64_t step, unsigned attempt,
                 char ret_parent[TRACE_PARENT_SIZE]);

#endif
