/*
 * What the files of the engine share: the run, its step instances, and who calls whom.
 *
 *   run.c       start, phases (main, cleanup, finally), deadline, verdict
 *   cancel.c    the end before its time: signals, the budget that they leave
 *   sched.c     instances, needs, ready queue, slots, locks
 *   step.c      one instance: enter(), transition table, begin, finish
 *   op.c        one call with its retries: attempt after attempt until it worked or is given up
 *   attempt.c   one attempt: prepare, start, answer -> value or failure
 *   restore.c   what earlier parts of a resumed run did; their fold is resume.c
 *   restore.c   what earlier parts of a resumed run did; their fold is resume.c
 *   cmdline.c http.c file_call.c credentials.c     what the kinds of call are made of
 *   ensure.c wait.c retry.c classify.c judge.c scope.c     the rules
 *   plan.c plan_call.c     what is different in a plan
 *
 * Callbacks of runner and timers enter at op.c and step.c only and end in run_pump().
 */
#ifndef ENGINE_PRIV_H
#define ENGINE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "engine/engine.h"
#include "event/event.h"
#include "event/output.h"
#include "expr/expr.h"
#include "proc/runner.h"
#include "recipe/model.h"
#include "value/value.h"

struct inst;

enum inst_state {
    INST_WAITING,  /* for its needs */
    INST_READY,    /* queued: for a slot, a lock */
    INST_RUNNING,  /* an attempt is under way */
    INST_STOPPING, /* its child is being ended because the run is */
    INST_JUDGING,  /* between attempts: rules decide, nothing outside is pending */
    INST_BACKOFF,  /* timer: next try of the same call */
    INST_POLLING,  /* timer: next look of a wait, or a pause */
    INST_OPEN,     /* a container whose children are not all done */
    INST_DONE,
    INST_STATE_COUNT
};

/* Names that steps are found by: one for a recipe's run, one more for each foreach item. */
struct space {
    struct space *outer;
    struct map by_id; /* id -> struct inst * */
};

/* One execution of one recipe: the run itself, or a `use` step. */
struct frame {
    const struct recipe *recipe;
    const struct value *inputs;
    const struct value *vars; /* object, grows while vars are computed */
    struct space space;
    struct inst *self; /* stands for the recipe itself where an instance is asked for; never runs */
    struct inst *owner; /* the `use` instance; NULL: the run */
    const char *
        *env; /* use: NAME=value that all children have from outside; lives as long as `inputs` */
    size_t n_env;
    const char *env_unknown_until; /* of a plan: one of them is not known before; else NULL */
    bool has_finally_started;
    struct frame *next; /* all frames, for release */
};

/* What an attempt gave. Strings and values live in the activity's scratch arena. */
struct answer {
    enum error_class error_class; /* CLASS_NONE: it worked */
    bool nothing_happened;        /* the failure says that nothing was changed: safe to try again */
    const char *message;
    const char *hint;
    const struct value
        *result; /* what came out, also after a failure when there was something; never NULL */
    bool has_next_page; /* a list that is not all there is */
    bool is_withheld;   /* of a plan: nothing was called */
    int exit_code;
    int http_status;
    const char *stdout_text; /* raw, bounded */
    size_t stdout_len;
    const char *stderr_text;
    size_t stderr_len;
};

enum op_role { ROLE_RUN, ROLE_FIND, ROLE_CREATE, ROLE_UPDATE, ROLE_DELETE, ROLE_GET, ROLE_COUNT };
extern const char *const op_role_names[ROLE_COUNT];

/* Pure clockwork of a wait: when to look again, when to give up. */
struct wait_state {
    bool is_active;
    unsigned n_polls;
    int64_t started_ms;
    int64_t every_ms;
    double backoff;
    int64_t max_every_ms;
    int64_t timeout_ms;
    int64_t stable_ms;
    int64_t stable_since_ms; /* -1: the condition does not hold now */
};

enum ensure_stage {
    ENSURE_FIRST_FIND,
    ENSURE_CREATE,
    ENSURE_APPEAR,     /* created: find until it is there */
    ENSURE_LOOK_AGAIN, /* create failed or is unclear: is it there after all? */
    ENSURE_DELETE,
    ENSURE_UPDATE,
    ENSURE_READY,
};

struct ensure_state {
    enum ensure_stage stage;
    struct arena item_arena;     /* of item alone: every look replaces it */
    const struct value *item;    /* the object found, NULL: none yet */
    const char *item_id;         /* its metadata.id, NULL: none */
    const struct value *created; /* what create answered, NULL: nothing was created here */
    const char *created_id;      /* from create's result */
    struct wait_state wait;      /* of APPEAR, LOOK_AGAIN and READY */
    unsigned n_creates;
    unsigned n_missing;          /* finds in a row that did not see an item that was there */
    struct answer create_answer; /* the failed create; texts in the instance's arena */
    const struct value *extra;   /* list of duplicates still to delete */
    size_t n_deleted;
    bool is_updated;
    enum step_change floor; /* what an earlier part of the run had begun */
};

typedef void (*op_done_fn)(struct inst *in, const struct answer *answer);

/* Everything an instance needs only while it is active. */
struct activity {
    struct arena scratch; /* reset at each attempt */
    const struct call *call;
    enum op_role role;
    const struct value *item; /* what `item` means to the call; NULL: the instance's own */
    op_done_fn on_op_done;
    struct run_job *job;
    timer_id timer;
    unsigned op_tries; /* attempts of the call under way */
    int64_t op_started_ms;
    int64_t attempt_started_ms;
    struct answer answer; /* of the last attempt */
    struct wait_state wait;
    struct ensure_state ensure;
    struct map temp_files; /* paths to remove after the attempt */
    struct prepared *prepared;
    struct output_lines stdout_lines; /* of the child that runs */
    struct output_lines stderr_lines;
};

/* What a plan says of an instance. */
struct planned {
    const struct inst
        *after;         /* the first of those before it that would change something; NULL: none */
    const char *unsure; /* its own `if` is not known; NULL: it is */
    enum step_plan plan;
    bool is_decided;
    bool is_withheld; /* its work was not done */
    const char *reason;
    const char *command;
    const struct value *words; /* of the command */
    const char *drift;
    const struct value *deletes;
};

struct inst {
    const struct step *step;
    struct engine *engine;
    struct frame *frame;
    struct space *space;
    struct inst *parent;   /* container */
    struct inst *undoes;   /* a cleanup step: the instance whose names it sees */
    struct event_step who; /* how events name it */
    enum inst_state state;
    enum step_status status;
    enum step_change change;
    enum error_class error_class;
    bool is_blocked; /* a need failed, or was itself skipped for that */
    bool is_unstable;
    const char *unstable_reason;
    bool is_item; /* one instance of a foreach */
    bool holds_slot;
    uint32_t n_needs_open;
    struct inst **dependents;
    uint32_t n_dependents;
    uint32_t cap_dependents;
    struct inst *next; /* ready queue or a lock's queue */
    const char *lock_name;
    const struct value *item;
    size_t item_index;
    struct inst **children;
    uint32_t n_children;
    uint32_t n_children_open;
    uint32_t n_children_next; /* foreach: the next to start */
    struct frame *inner;      /* use */
    struct past_step *past;   /* what an earlier part of the run knows of it; NULL: nothing */
    bool is_restored;         /* done in an earlier part: nothing is told of it again */
    bool is_redone;           /* was done and undone, or needs what was: done again */
    uint32_t end_order;       /* among all that ended */
    struct activity *act;     /* NULL unless active */
    struct planned *plan;     /* NULL unless the run is a plan */
    struct arena arena;       /* result, outputs, texts */
    const struct value *result;
    const struct value *outputs;
    const struct value *public_outputs;
    const struct value *as_value; /* steps.ID once done, made when asked for */
    const char *message;
    const char *hint;
    const char *stdout_text;
    size_t stdout_len;
    const char *stderr_text;
    size_t stderr_len;
    int exit_code;
    unsigned n_attempts;
    unsigned n_polls;
    int64_t started_ms;
    int64_t duration_ms;
};

struct lock {
    unsigned mark; /* the last search for a circle that came by */
    struct inst *holder;
    struct inst *head; /* waiting, in order */
    struct inst *tail;
};

struct engine {
    struct engine_options options;
    struct arena arena; /* instances, frames: the whole run */
    struct frame frame; /* of the recipe itself */
    struct frame *frames;
    struct inst **insts; /* all, by who.index */
    uint32_t n_insts;
    uint32_t cap_insts;
    struct inst *ready_head;
    struct inst *ready_tail;
    unsigned n_slots;
    unsigned n_slots_used;
    struct map locks;
    unsigned n_lock_searches;
    struct inst **cleanups; /* instances whose cleanup must run, in order of completion */
    uint32_t n_cleanups;
    uint32_t n_cleanups_started;
    uint32_t cap_cleanups;
    enum step_phase phase;
    uint32_t n_open; /* top-level instances of this phase that are not done */
    bool is_pumping;
    bool is_started;
    bool is_finished;
    bool is_cancelling; /* this phase is being ended */
    bool is_killed; /* second signal, or the first one's budget is used up: nothing more starts */
    bool stops_at_once; /* while cancel.c cancels: children are killed */
    int cancel_signal;
    int64_t cancelled_ms;    /* when cancel_signal came */
    timer_id children_timer; /* then children of the main phase are killed */
    timer_id budget_timer;   /* then everything is */
    timer_id hold_timer;     /* until then nothing starts: our tree may be being ended */
    const char *cancel_reason;
    timer_id deadline;
    struct err fatal; /* vars, outputs: what no step owns */
    const struct value *run_object;
    const struct value *outputs;
    enum run_verdict verdict;
    int exit_code;
    const char *reason;
    uint64_t random;
    int64_t started_ms;
    bool has_failed;
    bool has_work;   /* resumed: the main part is not all done yet */
    bool had_failed; /* resumed: the main part had failed */
    int64_t base_ms; /* resumed: how long ago the run began when this part did */
    uint32_t n_indexes;
    uint32_t n_ends;
    bool has_unstable;
    const char *unstable_reason;
    enum error_class first_class;
    const struct inst *first_failed;
    const struct inst *first_pending; /* of a plan: the first step that would change something */
};

/* run.c */
/* Starts what can start until nothing is left to do now; every entry from outside ends here. */
void run_pump(struct engine *e);
int64_t run_now_ms(const struct engine *e);
void run_emit(struct engine *e, struct event *ev);
void run_notice(struct engine *e, const struct inst *in, const char *kind, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Computes `vars` of a frame, in order. */
bool run_compute_vars(struct engine *e, struct frame *frame, struct err *err);
/* A top-level instance or a container's child reached DONE. */
void run_on_inst_done(struct inst *in);

/* The time until the phase under way is cancelled; 0: none. */
void run_arm_deadline(struct engine *e, int64_t ms);

/* cancel.c */
/* Ends every instance of this phase that is not done. */
void cancel_all(struct engine *e);
/* What this phase, cleanup or finally, may still take after a signal. */
int64_t cancel_phase_ms(const struct engine *e, enum step_phase phase);
/* A child died of a signal that we did not send. */
void cancel_on_foreign_signal(struct engine *e, int signal);
void cancel_release(struct engine *e);

/* changes.c */
enum { CHANGES_DIGEST_SIZE = 33 };
/* Of the step's definition, and of those in it. */
void changes_digest(const struct step *step, char ret_digest[CHANGES_DIGEST_SIZE]);
/* It stands in the recipe as it is, and is no copy of a step for an item of a foreach. */
bool changes_has_digest(const struct inst *in);
/* Its definition is another than that which an earlier part of the run knew. */
bool changes_is_other(const struct inst *in);
const struct value *changes_parts(struct arena *a, const struct recipe *recipe);

/* sched.c */
/* Declares an instance under `id` (kept): the step's, or "upload[3]" for an item of a foreach. */
struct inst *sched_add(struct engine *e, const struct step *step, const char *id,
                       struct frame *frame, struct space *space, struct inst *parent,
                       enum step_phase phase, struct inst *owner);
/* Creates the instances of a list of steps and the edges between them; returns how many there are. */
uint32_t sched_add_steps(struct engine *e, const struct step *steps, size_t n, struct frame *frame,
                         struct space *space, struct inst *parent, enum step_phase phase,
                         struct inst ***ret_insts);
void sched_push_ready(struct inst *in);
struct inst *sched_pop_ready(struct engine *e);
bool sched_take_slot(struct inst *in);
void sched_give_slot(struct inst *in);
/* True when the lock is held now; otherwise the instance is queued and comes back through the ready queue. */
bool sched_take_lock(struct inst *in, const char *name);
/* The container around the instance that holds the lock and would wait for it for ever; NULL: none. */
const struct inst *sched_lock_holder_around(const struct inst *in, const char *name);
/* Who waits, in a circle, for a lock held around `in` if `in` began to wait for the lock `name`; NULL: nobody. */
const struct inst *sched_lock_circle(const struct inst *in, const char *name);
void sched_give_lock(struct inst *in);
/* Tells the dependents of a finished instance. */
void sched_release_dependents(struct inst *in);

/* step.c */
void activity_free(struct activity *act);
bool inst_may_enter(enum inst_state from, enum inst_state to);
void inst_enter(struct inst *in, enum inst_state state);
/* From READY: decides about `if`, then begins the action. */
void inst_begin(struct inst *in);
void inst_succeed(struct inst *in, enum step_change change);
/* Fails with a class and a message; continue_on_error is looked at here. */
void inst_fail(struct inst *in, enum error_class error_class, const char *message,
               const char *hint);
void inst_fail_err(struct inst *in, enum error_class error_class, const struct err *err);
void inst_cancel(struct inst *in);
/* The last answer becomes the step's result: outputs, expect and metrics are judged, then it succeeds or fails. */
void inst_conclude(struct inst *in, const struct value *result, enum step_change change);
/* A child of this container reached DONE. */
void inst_on_child_done(struct inst *in, struct inst *child);
void inst_set_timer(struct inst *in, enum inst_state state, int64_t delay_ms, timer_fn fn);

/* Ends an instance of which an earlier part of the run has told everything. */
void inst_finish_restored(struct inst *in);

/* restore.c: what earlier parts of the run did */
void restore_run(struct engine *e);
/* True when the instance is done with that. */
bool restore_inst(struct inst *in);
/* Of a container that was done, once its children are restored. False: it is to be judged again. */
bool restore_container(struct inst *in);
/* What an `ensure` that is run again had begun. */
void restore_ensure(struct inst *in);
/* The vars of a frame as they were computed first; NULL: never. */
const struct value *restore_vars(const struct engine *e, const struct frame *frame);
/* One of them; NULL: compute it. */
const struct value *restore_var(const struct engine *e, const struct frame *frame,
                                const char *name);
/* What somebody says the step gave; NULL: nobody does. */
const struct value *restore_accepted(const struct inst *in);

/* container.c */
void container_begin_group(struct inst *in);
void container_begin_foreach(struct inst *in);
void container_begin_use(struct inst *in);
void container_finish(struct inst *in);
void container_start_next(struct inst *in);

/* op.c */
/* Runs `call` with the step's retry rule; on_done gets the last answer. The instance must be JUDGING. */
void op_start(struct inst *in, const struct call *call, enum op_role role, const struct value *item,
              op_done_fn on_done);
/* A slot is free: the queued attempt goes on. */
void op_resume(struct inst *in);
bool call_reads(const struct call *call);
/* What a call that does not only read has done when it worked. */
enum step_change call_change(const struct call *call);
/* Whether the call may be repeated freely in this role of this step. */
bool op_reads(const struct inst *in, const struct call *call, enum op_role role);

/* The pause before something is called again after such a failure: longer when the child was killed. */
int64_t op_held_off_ms(enum error_class error_class, int64_t delay_ms);

/* attempt.c */
void attempt_begin(struct inst *in);
/* Called by attempt.c when the answer is complete. */
void op_on_answer(struct inst *in);

/* What a call needs to run as a child; lives in the scratch arena. */
struct prepared {
    const char **argv;
    const char **env;
    const char **set_env; /* the part of env that the recipe sets */
    const char *cwd;
    const char *stdin_data;
    size_t stdin_len;
    const char *summary;
    const char **volatile_values;
    bool is_http;
    bool reads;
    int64_t timeout_ms;
    int64_t idle_timeout_ms;
    int64_t grace_ms;
    const char *cut_by_wait; /* what to say when timeout_ms is over; NULL: it is the step's own */
    bool has_limit[RUN_LIMIT_COUNT];
    uint64_t limits[RUN_LIMIT_COUNT];
    struct plan_words *words; /* of a plan, else NULL */
};

/* cmdline.c */
/* Appends the text that a value is in an argument, a variable, a header: null is an error, a list or object is JSON. */
bool cmdline_add_value(const struct value *v, struct str *out, const char *what, struct err *err);
/* Fails when a part of `text` is missing because it did not fit. */
bool cmdline_check_whole(const struct str *text, const char *what, struct err *err);
bool cmdline_prepare(struct inst *in, const struct call *call, struct prepared *ret_prepared,
                     struct err *err);
/* Environment, directory, deadlines: the same for all kinds. */
bool cmdline_prepare_common(struct inst *in, const struct call *call, struct prepared *ret_prepared,
                            struct err *err);
/* What the children of the recipe that `in` uses have of the environment here: into `inner`. */
bool cmdline_hand_down_env(struct inst *in, struct frame *inner, struct err *err);
/* The answer's result out of what the child printed. False: the text does not have the promised form. */
bool cmdline_read_output(struct inst *in, const struct call *call, const char *bytes, size_t len,
                         const struct value **ret_value, struct err *err);
/* Creates a private file that is removed after the attempt; the path lives in scratch. */
bool cmdline_temp_file(struct inst *in, const char *name, const void *data, size_t len,
                       const char **ret_path, struct err *err);
void cmdline_remove_temp_files(struct inst *in);

/* http.c */
bool http_prepare(struct inst *in, const struct call *call, struct prepared *ret_prepared,
                  struct err *err);
/* Fills result, http_status, class and message of the answer from curl's output. */
void http_read_answer(struct inst *in, const struct call *call, const char *bytes, size_t len,
                      struct answer *answer);

/* file_call.c: `read` and `write`, done at once */
bool file_call_run(struct inst *in, const struct call *call, const struct value **ret_result,
                   struct err *err);

/* credentials.c: texts under names such as `password` or `api_key`, however deep, are masked from now on */
void credentials_register(struct inst *in, const struct value *v);

/* classify.c */
struct classified {
    enum error_class error_class;
    bool nothing_happened;
};
struct classified classify_text(const struct recipe *r, int exit_code, int http_status,
                                bool is_curl, const char *out, size_t out_len, const char *err_text,
                                size_t err_len);
/* One line that says what went wrong: the decisive part of stderr, or of stdout. */
const char *classify_message(struct arena *a, const char *out, size_t out_len, const char *err_text,
                             size_t err_len);
const char *classify_hint(enum error_class c, const struct answer *answer);

/* retry.c: pure */
struct retry_rule {
    int64_t attempts;
    int64_t delay_ms;
    double backoff;
    int64_t max_delay_ms;
    int64_t within_ms; /* 0: no limit */
    bool has_jitter;
};
/* Delay before try number `next_try` (2 for the first retry); `random` in [0, 1). */
int64_t retry_delay_ms(const struct retry_rule *rule, unsigned next_try, double random);
bool retry_is_allowed(const struct retry_rule *rule, unsigned tries_done, int64_t elapsed_ms,
                      int64_t delay_ms);
bool retry_matches(const struct retry_on *on, const struct answer *answer, bool reads);

/* wait.c */
bool wait_init(struct inst *in, const struct wait_spec *spec, struct wait_state *ret_wait,
               struct err *err);
/* One look, and what follows from it: the step succeeds or fails. False: it is to look again. */
bool wait_concludes(struct inst *in, const struct wait_spec *spec, struct wait_state *wait,
                    const struct value *current, enum step_change change);
int64_t wait_next_delay_ms(const struct wait_state *wait, int64_t now_ms);
/* The wait that the call under way is a look of; NULL: it is none. */
const struct wait_state *wait_of_call(const struct inst *in);
/* Cuts the timeout of a look that starts now to what its wait leaves, so that one that hangs cannot stretch the deadline.
 * Returns what to say when it hangs; NULL: the timeout is as before. */
const char *wait_bound_look(const struct inst *in, int64_t *timeout_ms);
/* A look that saw nothing (not found yet): counts and says so. False: the deadline has passed. */
bool wait_miss(struct inst *in, struct wait_state *wait, const char *what);

/* plan.c: all of these do nothing, and answer false, in a run */
void plan_init(struct inst *in, enum step_phase phase);
/* `need` is done and `in` comes after it. */
void plan_note_need(struct inst *in, const struct inst *need);
/* The `if` cannot be decided yet: the instance goes on, and nothing of it is called. */
bool plan_keeps_condition_open(struct inst *in, const struct expr *condition,
                               const struct err *err);
/* The attempt that is about to begin is not made: plan_withhold() instead. */
bool plan_withholds(const struct inst *in);
/* Answers the operation with an answer that is withheld. */
void plan_withhold(struct inst *in);
/* Concludes the step with what it would do. */
void plan_conclude(struct inst *in, enum step_change change);
void plan_conclude_waiting(struct inst *in, const struct wait_spec *spec, enum step_change change);
bool plan_is_unknown(const struct err *err);
/* The error says that the value is not known yet: takes it for such a value and releases it. */
bool plan_take_unknown(struct arena *a, struct err *err, const struct value **ret_value);
/* True: the step is concluded, as one whose outcome is not known yet. */
bool plan_takes_unknown(struct inst *in, const struct err *err);
bool plan_takes_failure(struct inst *in, enum error_class c, const char *message);
/* Tells what was decided; right before the instance's step_finished. */
void plan_finish(struct inst *in, const char *skip_reason);
/* steps.ID of a step whose work was withheld. */
const struct value *plan_step_value(struct inst *in);
/* plan_call.c: all of these do nothing, and answer false, in a run */
/* The words of a call are about to be made. */
void plan_begin_words(struct inst *in, struct prepared *p);
/* `err` is why an argument, or a flag, cannot be made of those behind argv[n]: True: it is not known yet, which is noted, and the
 * others may be made all the same. */
bool plan_keeps_arg(struct inst *in, struct prepared *p, const char **argv, size_t n,
                    const struct arg *arg, struct err *err);
bool plan_keeps_flag(struct inst *in, struct prepared *p, const char **argv, size_t n,
                     const struct flag *flag, struct err *err);
/* All are made. False: not all are known. */
bool plan_end_words(struct prepared *p, const char **argv, size_t n, struct err *err);
/* Tells the command of a call that is withheld: what is known as it would be passed. */
void plan_tell_call(struct inst *in, const struct call *call);

/* ensure.c */
void ensure_begin(struct inst *in);
/* Of an instance that failed or was cancelled: change, result and outputs tell what it did until then, so that
 * reports are right and `cleanup` can undo it. */
void ensure_leave_trace(struct inst *in);
void ensure_release(struct ensure_state *s);

/* judge.c */
/* A secret step's result is known to the mask from here on. */
void judge_hide_result(struct inst *in, const struct value *result);
/* True when what the step's calls print may hold a secret: the whole is, or one of its outputs. */
bool judge_prints_secrets(const struct step *step);
bool judge_outputs(struct inst *in, const struct value *result, struct err *err);
/* The same for a step that did not succeed: outputs that the result does not give are left out. */
void judge_known_outputs(struct inst *in, const struct value *result);
/* 0 fine, else the class of the failure; *ret_message says which expectation. */
enum error_class judge_expectations(struct inst *in, const struct value *result,
                                    const char **ret_message);
enum error_class judge_metrics(struct inst *in, const struct value *result,
                               const char **ret_message);

/* scope.c */
/* An evaluation context for the instance's expressions; `current` NULL for templates. */
struct scope_ctx {
    struct inst *inst;
    struct frame *frame;
    struct space *space;
    const struct value *item;
    const struct value *result;
};
struct eval {
    struct scope_ctx ctx;
    struct expr_scope scope;
    struct expr_run run;
};
void scope_eval_init(struct eval *ev, struct inst *in, const struct value *current);
void scope_frame_eval_init(struct eval *ev, struct engine *e, struct frame *frame);
/* The instance whose names come next when those of `in` do not have one: its container, or what it undoes. */
const struct inst *scope_outer(const struct inst *in);
bool scope_duration(struct inst *in, const struct field_duration *f, int64_t fallback_ms,
                    int64_t *ret_ms, struct err *err);
bool scope_count(struct inst *in, const struct field_count *f, int64_t fallback, int64_t *ret_n,
                 struct err *err);
bool scope_number(struct inst *in, const struct field_number *f, double fallback,
                  double *ret_number, struct err *err);

#endif
