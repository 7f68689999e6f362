/*
 * What happened, in words all may use. The engine emits events; sinks (journal, console, fold) receive each in order.
 *
 * Text and values inside an event are borrowed: valid during event_emit(). Secrets are masked at this door, once: sinks get masked copies
 * (event_emit() masks strings and the strings of values when mask_is_active()). Identifiers and stable words of ours (run id,
 * digest, step id, action, role, outcome …) are not: they stand in the recipe or in the program, and a short secret that
 * looks like a part of one must not break them. A sink never calls back into the engine.
 */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/classes.h"

struct value;

enum event_kind {
    EVENT_RUN_STARTED,   /* once more when the run is resumed */
    EVENT_VARS,          /* the `vars` of the recipe, or of the one that a `use` step runs */
    EVENT_STEP_DECLARED, /* once per step instance, before it starts: reports know what never ran */
    EVENT_STEP_STARTED,
    EVENT_ATTEMPT_STARTED, /* before the child exists: "intent" for the journal */
    EVENT_OUTPUT,          /* live output, whole lines where possible */
    EVENT_ATTEMPT_FINISHED,
    EVENT_RETRY_SCHEDULED,
    EVENT_WAIT_OBSERVED, /* one poll of a wait: what it saw */
    EVENT_METRIC,
    EVENT_STEP_PLANNED, /* mode "plan" only: what the step would do; step_finished follows */
    EVENT_STEP_FINISHED,
    EVENT_NOTICE, /* a warning for people: tolerated oddities, noise before JSON, survivors killed */
    EVENT_CANCEL, /* a signal or a deadline ends the run */
    EVENT_RUN_FINISHED,
    EVENT_KIND_COUNT
};
extern const char *const event_kind_names[EVENT_KIND_COUNT];

enum step_status {
    STEP_PENDING,
    STEP_RUNNING,
    STEP_SUCCEEDED,
    STEP_FAILED,
    STEP_TOLERATED, /* failed, and continue_on_error covers its class */
    STEP_SKIPPED,   /* `if` was false, or a needed step did not succeed */
    STEP_CANCELLED,
    STEP_STATUS_COUNT
};
extern const char *const step_status_names[STEP_STATUS_COUNT];

enum step_change {
    CHANGE_NONE,
    CHANGE_CREATED,
    CHANGE_UPDATED,
    CHANGE_DEDUPLICATED,
    CHANGE_DELETED,
    CHANGE_UNKNOWN,
    CHANGE_COUNT
};
extern const char *const step_change_names[CHANGE_COUNT];

/* What a step would do in a run, as far as reading alone can tell. */
enum step_plan {
    PLAN_NOTHING, /* all is as it should be, or the step only computes or waits */
    PLAN_READ,    /* it only reads, and was read */
    PLAN_CREATE,
    PLAN_UPDATE,
    PLAN_DELETE,
    PLAN_RUN,     /* a command whose effect is not known */
    PLAN_CHANGES, /* a container with some of these in it */
    PLAN_UNKNOWN, /* not to be told before something else has run */
    PLAN_SKIP,
    PLAN_FAIL,
    PLAN_COUNT
};
extern const char *const step_plan_names[PLAN_COUNT];

enum run_verdict {
    VERDICT_SUCCESS,
    VERDICT_FAILED,
    VERDICT_UNSTABLE,
    VERDICT_ENVIRONMENT,
    VERDICT_TIMEOUT,
    VERDICT_CANCELLED,
    VERDICT_COUNT
};
extern const char *const run_verdict_names[VERDICT_COUNT];

enum step_phase { PHASE_MAIN, PHASE_CLEANUP, PHASE_FINALLY, PHASE_COUNT };
extern const char *const step_phase_names[PHASE_COUNT];

/* Which step an event speaks of. Indexes are unique in a run and dense from 0 in order of declaration. */
struct event_step {
    uint32_t index;
    int32_t parent;     /* index of the group, foreach or use step it stands in; -1: top level */
    const char *id;     /* "space", or "upload[3]" for a foreach instance */
    const char *name;   /* free text, NULL: none */
    const char *action; /* "cpdctl", "ensure", … */
    enum step_phase phase;
    const char *file; /* recipe file and line */
    unsigned line;
    const struct value
        *needs; /* list: ids of the steps of the same list it waits for; NULL: none */
    const char *
        digest; /* of its definition, and of those of the steps in it; only when it is declared, NULL: not told */
    uint32_t
        owner; /* of cleanup and finally: 1 + the index of the step that they belong to; 0: the run */
};

struct event_run_started {
    const char *run_id;
    const char *recipe_file;
    const char *recipe_name;
    const char *recipe_digest; /* sha256 hex of the files loaded */
    const char *version;       /* of cpdflow */
    const char *run_dir;       /* NULL in replay without a directory */
    const char *mode;          /* "run", "replay", "record", "plan" */
    uint64_t seed;
    const struct value *inputs; /* object; secrets are MASK_TEXT */
    const struct value
        *parts; /* object: digests of what the recipe says beside its steps; NULL: not told */
    int64_t pid;
    const char *host;
    const char *boot;        /* changes when the machine starts anew; NULL: not known */
    int64_t user;            /* numeric id */
    const char *cwd;         /* what relative paths begin at */
    const char *cpdctl;      /* the file that is called so, its size and age; NULL: none needed */
    const char *traceparent; /* the trace that the run belongs to, NULL: none */
};

struct event_vars {
    const struct value *values; /* object */
};

struct event_step_started {
    const char
        *digest; /* of its definition, where that is another than when it was declared; else NULL */
};

struct event_attempt_started {
    unsigned number;          /* one-based, counts over the whole step */
    const char *role;         /* "run" "find" "create" "update" "ready" "delete" "http" … */
    const struct value *argv; /* list of strings; temporary paths as they are */
    const char *summary;      /* one line for people: "cpdctl spaces list", "GET https://…" */
    int64_t pid;              /* 0: not known yet */
    bool reads;               /* changes nothing */
};

struct event_attempt_finished {
    unsigned number;
    const char *role;
    const char *outcome; /* run_outcome_names, or "ok" for actions without a child */
    int exit_code;       /* -1: none */
    int signal;          /* 0: none */
    bool was_escalated;
    int http_status;              /* 0: none */
    enum error_class error_class; /* CLASS_NONE: this attempt did its work */
    bool nothing_happened;        /* it failed before it could change anything */
    const char *message;          /* decisive text of a failure */
    const char *stdout_text;      /* head and tail, UTF-8 made safe; NULL when secret */
    const char *stderr_text;
    const char *stdout_log; /* file with the whole, relative to the run directory, NULL: none */
    const char *stderr_log;
    uint64_t stdout_bytes;
    uint64_t stderr_bytes;
    int64_t duration_ms;
};

struct event_output {
    int stream;       /* 1 or 2 */
    const char *text; /* one line without its end, made safe */
    bool is_secret;
};

struct event_retry {
    unsigned next_attempt;
    unsigned max_attempts; /* 0: without limit of number */
    int64_t delay_ms;
    enum error_class error_class;
    const char *reason;
};

struct event_wait {
    const char *
        state; /* what the wait saw, short: the state or the condition's operands; NULL: nothing to show */
    const char *reason; /* why, NULL */
    unsigned poll;      /* one-based */
    int64_t elapsed_ms; /* since the wait began */
    int64_t timeout_ms; /* 0: none */
    bool is_done;       /* until held */
};

enum metric_verdict { METRIC_OK, METRIC_BELOW, METRIC_ABOVE, METRIC_MISSING, METRIC_VERDICT_COUNT };
extern const char *const metric_verdict_names[METRIC_VERDICT_COUNT];
struct event_metric {
    const char *name;
    const struct value *value;       /* number, or null when it was missing */
    const struct value *lower_limit; /* NULL: none */
    const struct value *upper_limit;
    const char *unit;
    enum metric_verdict verdict;
    bool is_error; /* severity: error (a crossed limit fails the step), else unstable */
};

struct event_planned {
    enum step_plan plan;
    bool
        is_uncertain; /* it may be skipped: `reason` says what decides and until when that is unknown */
    const char *reason;  /* why it is so, NULL: nothing to add */
    const char *command; /* what would be called, NULL: nothing */
    const struct value *
        words; /* of the command: strings, lists of pieces (expr/template.h) where a part is unknown; NULL: none */
    const char *drift;           /* the condition of an update that holds, NULL */
    const struct value *deletes; /* ids that would be deleted, NULL: none */
    const struct value
        *outputs; /* as far as known, VALUE_UNKNOWN elsewhere; MASK_TEXT for secrets; NULL: none */
};

struct event_step_finished {
    enum step_status status;
    enum step_change change;
    enum error_class error_class;
    const char *message;
    const char *hint;
    const char *skip_reason;     /* STEP_SKIPPED */
    const struct value *outputs; /* object, MASK_TEXT for secrets; NULL: none */
    const struct value
        *result; /* what `steps.ID.result` is, for resume; NULL when secret or none */
    int exit_code;
    unsigned n_attempts;
    unsigned n_polls;
    int64_t duration_ms;
    bool is_unstable; /* a limit was crossed or an expectation of severity unstable failed */
    bool
        is_cut; /* read from a journal: values and texts were too large for a record and are missing */
    bool is_blocked; /* skipped or ended because of another step: it had no turn of its own */
    const char *unstable_reason;
    const char *stdout_text; /* last attempt, for steps.ID.stdout on resume; NULL when secret */
    const char *stderr_text;
    /* When outputs or result are too large for listeners: {outputs, result} as they are. Never part of a line of JSON; the journal puts it
     * into a file of its own beside it, named by the next two. */
    const struct value *whole;
    const char *whole_file; /* relative to the run directory */
    const char *whole_digest;
};

struct event_notice {
    const char *kind; /* stable word */
    const char *text;
};

struct event_cancel {
    int signal;         /* 0: a deadline */
    const char *reason; /* "SIGTERM", "run timeout of 1h" */
};

struct event_run_finished {
    enum run_verdict verdict;
    int exit_code;
    const char *reason;          /* one line: why it is not a success; NULL */
    const struct value *outputs; /* recipe outputs, secrets masked */
    int64_t duration_ms;
};

struct event {
    enum event_kind kind;
    uint64_t seq;                  /* filled by event_emit */
    int64_t wall_ms;               /* filled by the emitter's clock */
    int64_t elapsed_ms;            /* since the run began, monotonic */
    const struct event_step *step; /* NULL for run-wide events */
    union {
        struct event_run_started run_started;
        struct event_vars vars;
        struct event_step_started step_started;
        struct event_attempt_started attempt_started;
        struct event_output output;
        struct event_attempt_finished attempt_finished;
        struct event_retry retry;
        struct event_wait wait;
        struct event_metric metric;
        struct event_planned planned;
        struct event_step_finished step_finished;
        struct event_notice notice;
        struct event_cancel cancel;
        struct event_run_finished run_finished;
    } as;
};

/* A listener. Returns false when it can no longer do its work (disk full): the emitter tells the engine. */
struct sink {
    bool (*on_event)(void *ctx, const struct event *ev);
    void *ctx;
};

#define EVENT_SINKS_MAX 16
struct event_bus {
    struct sink sinks[EVENT_SINKS_MAX];
    size_t n_sinks;
    uint64_t next_seq;
    bool has_failed; /* a sink returned false */
};

void event_bus_add(struct event_bus *bus, struct sink sink);
/* Masks, numbers and hands the event to every sink in the order they were added. */
void event_emit(struct event_bus *bus, struct event *ev);

#endif
