/*
 * struct run_report: the fold of a run's events into what reports read. Live from the bus, or later from a journal.
 *
 *   struct run_report *r = run_report_new();
 *   event_bus_add(&bus, run_report_sink(r));     // before sinks that look into it (the console)
 *   …                                            // or: run_report_apply(r, &ev) for each event of a journal
 *   report_write(…, r, …);
 *   run_report_free(r);
 *
 * Everything in it is owned by it, masked already (event.h), valid UTF-8, and changes only in run_report_apply(). It is a
 * plain structure to read; nobody else writes it. Times named `…_ms` count from the start of the run unless they say wall.
 *
 * Memory is bounded: of a step's attempts, wait states and notices the first and the last are kept and the rest is
 * counted; polls that bring nothing new fold into one entry; texts keep head and tail; steps that succeed after the first ten thousand
 * keep their totals and metrics, but neither attempts nor outputs. See maxima.h, LIMIT_REPORT_….
 *
 * A run of which no RUN_FINISHED was seen (a crash) has is_finished false; its steps stand at what was last known.
 */
#ifndef EVENT_RUN_REPORT_H
#define EVENT_RUN_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

struct report_attempt {
    unsigned number;     /* one-based over the whole step */
    unsigned n_left_out; /* attempts between the entry before and this one that were not kept */
    const char *role;    /* "run", "find", "create", … */
    char **argv;         /* n_argv texts */
    size_t n_argv;
    char *summary; /* one line; may be NULL */
    int64_t pid;   /* 0: not known */
    bool reads;
    int64_t started_ms;
    int64_t started_wall_ms;

    bool is_finished; /* what follows holds; else it was under way when the events ended */
    const char *outcome;
    int exit_code;   /* -1: none */
    int signal;      /* 0: none */
    int http_status; /* 0: none */
    bool was_escalated;
    enum error_class error_class;
    char *message;
    char *stdout_text; /* NULL: nothing, secret, or dropped for want of room (is_cut) */
    char *stderr_text;
    bool is_cut;      /* a text is shorter than the event's */
    char *stdout_log; /* relative to the run directory */
    char *stderr_log;
    uint64_t stdout_bytes;
    uint64_t stderr_bytes;
    int64_t duration_ms;

    bool is_retried; /* another attempt was scheduled after it */
    int64_t retry_delay_ms;
    unsigned max_attempts; /* 0: not limited */
    char *retry_reason;
};

/* A span in which a wait saw the same state. */
struct report_wait {
    char *state;  /* NULL: nothing to show */
    char *reason; /* last one given, or NULL */
    int64_t since_ms;
    int64_t until_ms;   /* the first poll that saw something else, or the last poll */
    int64_t timeout_ms; /* of the wait, 0: none */
    unsigned n_polls;
    unsigned n_left_out; /* spans between the one before and this one that were not kept */
    bool is_done;        /* the wait ended here because its condition held */
};

struct report_metric {
    const char *name;
    const struct value *value;       /* number; null when missing */
    const struct value *lower_limit; /* NULL: none */
    const struct value *upper_limit;
    const char *unit; /* NULL: none */
    enum metric_verdict verdict;
    bool is_error;
};

struct report_notice {
    const char *kind;
    char *text;
    int64_t at_ms;
};

struct report_step {
    uint32_t index;            /* its place in run_report.steps */
    int32_t parent;            /* -1: top level; of cleanup and finally: where their owner stands */
    uint32_t n_children;       /* steps that stand in it; 0: it does something itself */
    uint32_t n_children_ended; /* of these, finished in any way */
    const char *id;
    const char *name;   /* NULL: none */
    const char *action; /* NULL: not known */
    enum step_phase phase;
    const char *file; /* NULL: not known */
    unsigned line;
    const struct value *needs; /* list of ids of steps with the same parent; NULL: none */

    enum step_status status;
    int64_t started_ms; /* -1: never started */
    int64_t started_wall_ms;
    int64_t ended_ms;    /* -1: not finished */
    int64_t duration_ms; /* of a finished step */
    enum step_change change;
    enum error_class error_class;
    const char *message; /* NULL: none; so are hint and skip_reason */
    const char *hint;
    const char *skip_reason;
    const struct value *outputs; /* NULL: none; a text in place of what is too large */
    int exit_code;               /* -1: none */
    unsigned n_attempts;
    unsigned n_polls;
    bool is_unstable;

    struct report_attempt **attempts;
    size_t n_attempts_kept;
    struct report_wait **waits;
    size_t n_waits;
    struct report_metric *metrics; /* by name, the last value wins */
    size_t n_metrics;
    struct report_notice **notices;
    size_t n_notices;
    unsigned n_notices_left_out;
};

/* Steps that do something themselves: groups and other parents are not counted. */
struct report_counts {
    size_t n_steps;
    size_t by_status[STEP_STATUS_COUNT];
    size_t by_change[CHANGE_COUNT]; /* of finished steps */
    size_t n_metrics;
    size_t n_metrics_crossed; /* not METRIC_OK */
};

struct run_report {
    const char *run_id; /* NULL until RUN_STARTED, like all that follow */
    const char *recipe_file;
    const char *recipe_name;
    const char *recipe_digest;
    const char *version;
    const char *run_dir;
    const char *mode;
    const char *host;
    const char *traceparent;
    uint64_t seed;
    int64_t pid;
    const struct value *inputs;
    int64_t started_wall_ms;
    unsigned n_starts; /* 1, and one more for each resume */
    int64_t last_ms;   /* of the newest event */
    int64_t last_wall_ms;

    bool is_cancelled;
    int cancel_signal; /* 0: a deadline */
    const char *cancel_reason;
    int64_t cancelled_ms;

    bool is_finished;
    enum run_verdict verdict; /* holds when is_finished, as do the next four */
    int exit_code;
    const char *reason; /* NULL: none */
    const struct value *outputs;
    int64_t duration_ms; /* up to last_ms when not finished */

    struct report_step **steps; /* in order of declaration */
    size_t n_steps;
    struct report_notice **notices; /* run-wide ones */
    size_t n_notices;
    unsigned n_notices_left_out;

    struct run_report_store *store; /* memory behind all this */
};

struct run_report *run_report_new(void);
void run_report_free(struct run_report *r);
/* Never fails: an event that does not fit (a step out of order) is ignored. */
void run_report_apply(struct run_report *r, const struct event *ev);
/* Never returns false. */
struct sink run_report_sink(struct run_report *r);

struct report_counts run_report_counts(const struct run_report *r);
/* The attempt that decided the step: the last finished one with an error class when the step did not succeed, else the last; NULL: none. */
const struct report_attempt *report_step_decisive(const struct report_step *step);
/* It speaks for itself: a parent speaks through its children, unless it failed while none of them did. */
bool report_step_is_case(const struct run_report *r, const struct report_step *step);
/*
 * Steps as people read them: what stands in a step comes right behind it, though it was declared later. r->n_steps pointers, freed
 * with mem_free.
 */
const struct report_step **run_report_order(const struct run_report *r);

#endif
