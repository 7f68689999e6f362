/*
 * A run told by a script: tests of folds, journals and reports feed their sinks with it.
 *
 *   struct script s;
 *   script_init(&s);
 *   event_bus_add(&s.bus, …);
 *   unsigned step = script_declare(&s, "space", "ensure");
 *   script_start(&s, step);
 *   script_attempt(&s, step, "find", "cpdctl spaces list");
 *   s.now_ms += 800;
 *   script_attempt_ok(&s, step, "{}");
 *   …
 *   script_release(&s);
 *
 * The clock stands still unless the test moves now_ms. Time zero is 2026-01-31T09:05:00Z.
 */
#ifndef TESTS_UNIT_EVENT_SCRIPTED_H
#define TESTS_UNIT_EVENT_SCRIPTED_H

#include <stdint.h>

#include "base/arena.h"
#include "event/event.h"

#define SCRIPT_WALL_MS   INT64_C(1769850300000)
#define SCRIPT_STEPS_MAX 64

struct script {
    struct event_bus bus;
    struct arena arena;
    int64_t now_ms;
    struct event_step steps[SCRIPT_STEPS_MAX];
    unsigned n_attempts[SCRIPT_STEPS_MAX];
    unsigned n_polls[SCRIPT_STEPS_MAX];
    int64_t started_ms[SCRIPT_STEPS_MAX];
    int64_t attempt_ms[SCRIPT_STEPS_MAX];
    const char *role[SCRIPT_STEPS_MAX];
    unsigned n_steps;
};

void script_init(struct script *s);
void script_release(struct script *s);

/* An object of texts: "key=value key=value". */
const struct value *script_object(struct script *s, const char *pairs);
const struct value *script_number(struct script *s, const char *text);

/* Any event: time and step are filled in; step -1 for run-wide ones. */
void script_emit(struct script *s, int step, struct event ev);

void script_run_started(struct script *s, const struct value *inputs);
void script_run_finished(struct script *s, enum run_verdict verdict, int exit_code,
                         const char *reason);
unsigned script_declare(struct script *s, const char *id, const char *action);
unsigned script_declare_in(struct script *s, int parent, const char *id, const char *action);
void script_start(struct script *s, unsigned step);
/* `command` is split at blanks into argv and is the summary too. */
void script_attempt(struct script *s, unsigned step, const char *role, const char *command);
void script_attempt_ok(struct script *s, unsigned step, const char *stdout_text);
void script_attempt_failed(struct script *s, unsigned step, enum error_class class, int exit_code,
                           const char *stderr_text);
void script_retry(struct script *s, unsigned step, unsigned max_attempts, int64_t delay_ms);
/* One more poll of the step's wait, the first of a new wait when `is_first`. */
void script_poll(struct script *s, unsigned step, const char *state, bool is_first, bool is_done);
void script_output(struct script *s, unsigned step, int stream, const char *line);
void script_metric(struct script *s, unsigned step, const char *name, const char *value,
                   const char *lower_limit, enum metric_verdict verdict);
void script_notice(struct script *s, int step, const char *kind, const char *text);
void script_succeed(struct script *s, unsigned step, enum step_change change,
                    const struct value *outputs);
void script_fail(struct script *s, unsigned step, enum step_status status, enum error_class class,
                 const char *message, const char *hint);
void script_skip(struct script *s, unsigned step, const char *reason);

/*
 * The run that most tests look at: publishing a model, with everything in it that a report can show - adopted, created
 * and updated things, a retry, a wait with states, a foreach, metrics on both sides of their limit, a tolerated
 * failure, a skipped step, a failure with hostile output, clean-up.
 */
void script_sample(struct script *s);
/* The same flow when all is well. */
void script_sample_success(struct script *s);

#endif
