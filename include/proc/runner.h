/*
 * struct runner: runs one command and answers once. Real children, replayed recordings and the recorder all look like this.
 *
 *   job = runner_start(&runner, &request);      // never fails here: a failed spawn is an answer like any other
 *   … request.on_done(&result, ctx) on a later turn of the loop, exactly once …
 *   runner_stop(&runner, job, STOP_CANCEL);    // optional, before the answer: TERM+CONT, grace, KILL; the answer still comes
 *
 * Ownership: everything in the request is copied or used before start() returns, except `env`, `argv` and `stdin_data`, which the
 * runner copies too. The result and all it points to are borrowed: valid only during on_done; take what must last.
 */
#ifndef PROC_RUNNER_H
#define PROC_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct str;

enum run_outcome {
    RUN_EXITED,       /* exit_code holds */
    RUN_SIGNALED,     /* signal holds; not ours */
    RUN_TIMED_OUT,    /* the wall deadline: we ended it */
    RUN_IDLE,         /* no output for idle_timeout_ms: we ended it */
    RUN_STOPPED,      /* runner_stop() ended it */
    RUN_SPAWN_FAILED, /* never ran: spawn_error and message hold */
    RUN_LOST, /* not to be killed (D state) or reaped by somebody else: we stopped waiting */
    RUN_OUTCOME_COUNT
};
extern const char *const run_outcome_names[RUN_OUTCOME_COUNT];

enum spawn_error {
    SPAWN_OK,
    SPAWN_NOT_FOUND,     /* command not on PATH, or no such file */
    SPAWN_NOT_ALLOWED,   /* no execute permission, a directory */
    SPAWN_BAD_CWD,       /* working directory */
    SPAWN_INTERPRETER,   /* the file's #! interpreter is missing */
    SPAWN_NOT_A_PROGRAM, /* wrong architecture, truncated, no #! line */
    SPAWN_TOO_LARGE,     /* one argument or all of them: message names which */
    SPAWN_RESOURCES,     /* EAGAIN, ENOMEM, EMFILE, after retries */
    SPAWN_OTHER,
    SPAWN_ERROR_COUNT
};

/* What the system holds the child, and each process that it starts, to. */
enum run_limit {
    RUN_LIMIT_CPU,        /* seconds of computing: SIGXCPU, a second later SIGKILL */
    RUN_LIMIT_MEMORY,     /* bytes of address space: its allocations fail */
    RUN_LIMIT_FILE_SIZE,  /* bytes of one file: SIGXFSZ */
    RUN_LIMIT_CORE,       /* bytes of a core dump: it is cut */
    RUN_LIMIT_OPEN_FILES, /* descriptors: opening one more fails */
    RUN_LIMIT_COUNT
};

enum stop_reason { STOP_CANCEL, STOP_NOW };

/* One captured stream. The whole of it is read with runner_output_read(). */
struct run_output {
    const char *head; /* first bytes, not NUL-terminated */
    size_t head_len;
    const char *tail; /* last bytes when the middle is not in memory, else NULL */
    size_t tail_len;
    uint64_t total_bytes;
    uint64_t dropped_bytes; /* past the spill cap: gone */
    int spill_fd; /* anonymous file with everything up to the cap, -1 when head holds all */
};

struct run_result {
    enum run_outcome outcome;
    int exit_code; /* -1 unless RUN_EXITED (or a child that exited by itself while being ended) */
    int signal;    /* 0 unless it died of one */
    bool was_escalated;   /* KILL was needed */
    bool had_pipe_holder; /* output stayed open after the exit: cut at the drain deadline */
    unsigned n_survivors; /* descendants that were found and killed after the exit */
    enum spawn_error spawn_error;
    const char *message; /* spawn failure or loss, for people; NULL otherwise */
    int64_t pid;
    int64_t started_ms; /* monotonic */
    int64_t ended_ms;
    int64_t started_wall_ms;
    struct run_output out;
    struct run_output err;
};

typedef void (*run_done_fn)(const struct run_result *result, void *ctx);
/* Live output, in the order it came; bytes are raw (not masked, any encoding). `stream` is 1 or 2. */
typedef void (*run_output_fn)(int stream, const char *bytes, size_t len, void *ctx);

struct run_request {
    const char *const *
        argv; /* NULL-terminated; argv[0] with a slash is a path, else looked up on the PATH of `env` */
    const char *const *env; /* NULL-terminated NAME=value: all the child sees */
    const char *cwd;        /* NULL: ours */
    const char *stdin_data; /* NULL: /dev/null */
    size_t stdin_len;
    int64_t timeout_ms;      /* 0: none */
    int64_t idle_timeout_ms; /* 0: none */
    int64_t grace_ms;        /* between TERM and KILL; 0: the default of 5 s */
    /* Where has_limit says so, at most limits[…], and never more than we may ourselves. The portable backend starts no
     * child with a limit. */
    bool has_limit[RUN_LIMIT_COUNT];
    uint64_t limits[RUN_LIMIT_COUNT];
    /* Masked copies of the output go to LOG_BASE.stdout and LOG_BASE.stderr, private, replacing what is there; a silent stream
     * leaves no file. NULL: none. */
    const char *log_base;
    bool is_secret; /* output is secret: no log whatever log_base says */
    /* For recordings and messages; the real runner ignores them. */
    const char *step;    /* step id or path */
    const char *role;    /* "run", "find", "create", … */
    unsigned attempt;    /* one-based */
    const char *summary; /* one line: "cpdctl space list", "GET https://…"; may be NULL */
    const char *
        place; /* of the step in the recipe: texts in this order stand in that order; may be NULL */
    const char *const
        *set_env; /* NULL-terminated: the part of `env` that the recipe sets; may be NULL */
    const char *const *
        volatile_values; /* NULL-terminated: texts in argv that differ from run to run (temporary paths, run id),
                                           as pairs: placeholder name, value */
    run_output_fn on_output; /* may be NULL */
    run_done_fn on_done;
    void *ctx;
};

struct run_job;
struct runner {
    struct run_job *(*start)(void *ctx, const struct run_request *request);
    void (*stop)(void *ctx, struct run_job *job, enum stop_reason reason);
    void *ctx;
};

static inline struct run_job *runner_start(const struct runner *r,
                                           const struct run_request *request) {
    return r->start(r->ctx, request);
}

static inline void runner_stop(const struct runner *r, struct run_job *job,
                               enum stop_reason reason) {
    r->stop(r->ctx, job, reason);
}

/* Appends the whole captured stream (from memory or the spill file) to `out`; more than max_bytes or dropped bytes is an error
 * (kind output-too-large). */
bool runner_output_read(const struct run_output *o, size_t max_bytes, struct str *out,
                        struct err *err);

#endif
