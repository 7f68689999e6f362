/*
 * Tables of the event fields. The order is the order in which a JSON line shows them.
 */
#include "fields_priv.h"

#include <assert.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static_assert(sizeof(enum step_status) == sizeof(int), "enums are read as int");
static_assert(sizeof(unsigned) == sizeof(uint32_t) && sizeof(int) == sizeof(int32_t), "32 bits");

#define WORD(at, key)                                                                              \
    { #key, offsetof(struct event, as.at.key), FIELD_WORD, 0, NULL, 0 }
#define TEXT(at, key)                                                                              \
    { #key, offsetof(struct event, as.at.key), FIELD_TEXT, 0, NULL, 0 }
#define VALUE(at, key)                                                                             \
    { #key, offsetof(struct event, as.at.key), FIELD_VALUE, 0, NULL, 0 }
#define IDENTIFIERS(at, key)                                                                       \
    { #key, offsetof(struct event, as.at.key), FIELD_WORDS, 0, NULL, 0 }
#define FLAG(at, key)                                                                              \
    { #key, offsetof(struct event, as.at.key), FIELD_BOOL, 0, NULL, 0 }
#define INT(at, key, no)                                                                           \
    { #key, offsetof(struct event, as.at.key), FIELD_INT, no, NULL, 0 }
#define UINT(at, key, no)                                                                          \
    { #key, offsetof(struct event, as.at.key), FIELD_UNSIGNED, no, NULL, 0 }
#define I64(at, key, no)                                                                           \
    { #key, offsetof(struct event, as.at.key), FIELD_I64, no, NULL, 0 }
#define U64(at, key)                                                                               \
    { #key, offsetof(struct event, as.at.key), FIELD_U64, 0, NULL, 0 }
#define ENUM(at, key, table, count)                                                                \
    { #key, offsetof(struct event, as.at.key), FIELD_ENUM, 0, table, count }
#define CLASS(at) ENUM(at, error_class, error_class_names, CLASS_COUNT)

static const struct event_field run_started[] = {
    WORD(run_started, run_id),      TEXT(run_started, recipe_file),
    TEXT(run_started, recipe_name), WORD(run_started, recipe_digest),
    WORD(run_started, version),     TEXT(run_started, run_dir),
    WORD(run_started, mode),        U64(run_started, seed),
    VALUE(run_started, inputs),     IDENTIFIERS(run_started, parts),
    I64(run_started, pid, 0),       TEXT(run_started, host),
    WORD(run_started, boot),        I64(run_started, user, 0),
    TEXT(run_started, cwd),         TEXT(run_started, cpdctl),
    WORD(run_started, traceparent),
};

static const struct event_field vars[] = {
    VALUE(vars, values),
};

static const struct event_field step_started[] = {
    WORD(step_started, digest),
};

static const struct event_field attempt_started[] = {
    UINT(attempt_started, number, FIELD_ALWAYS),
    WORD(attempt_started, role),
    VALUE(attempt_started, argv),
    TEXT(attempt_started, summary),
    I64(attempt_started, pid, 0),
    FLAG(attempt_started, reads),
};

static const struct event_field output[] = {
    INT(output, stream, FIELD_ALWAYS),
    TEXT(output, text),
    FLAG(output, is_secret),
};

static const struct event_field attempt_finished[] = {
    UINT(attempt_finished, number, FIELD_ALWAYS),
    WORD(attempt_finished, role),
    WORD(attempt_finished, outcome),
    INT(attempt_finished, exit_code, -1),
    INT(attempt_finished, signal, 0),
    FLAG(attempt_finished, was_escalated),
    INT(attempt_finished, http_status, 0),
    CLASS(attempt_finished),
    FLAG(attempt_finished, nothing_happened),
    TEXT(attempt_finished, message),
    TEXT(attempt_finished, stdout_text),
    TEXT(attempt_finished, stderr_text),
    TEXT(attempt_finished, stdout_log),
    TEXT(attempt_finished, stderr_log),
    U64(attempt_finished, stdout_bytes),
    U64(attempt_finished, stderr_bytes),
    I64(attempt_finished, duration_ms, FIELD_ALWAYS),
};

static const struct event_field retry[] = {
    UINT(retry, next_attempt, FIELD_ALWAYS),
    UINT(retry, max_attempts, 0),
    I64(retry, delay_ms, FIELD_ALWAYS),
    CLASS(retry),
    TEXT(retry, reason),
};

static const struct event_field wait[] = {
    TEXT(wait, state),
    TEXT(wait, reason),
    UINT(wait, poll, FIELD_ALWAYS),
    I64(wait, elapsed_ms, FIELD_ALWAYS),
    I64(wait, timeout_ms, 0),
    FLAG(wait, is_done),
};

static const struct event_field metric[] = {
    TEXT(metric, name),         VALUE(metric, value),
    VALUE(metric, lower_limit), VALUE(metric, upper_limit),
    TEXT(metric, unit),         ENUM(metric, verdict, metric_verdict_names, METRIC_VERDICT_COUNT),
    FLAG(metric, is_error),
};

static const struct event_field planned[] = {
    ENUM(planned, plan, step_plan_names, PLAN_COUNT),
    FLAG(planned, is_uncertain),
    TEXT(planned, reason),
    TEXT(planned, command),
    VALUE(planned, words),
    TEXT(planned, drift),
    VALUE(planned, deletes),
    VALUE(planned, outputs),
};

static const struct event_field step_finished[] = {
    ENUM(step_finished, status, step_status_names, STEP_STATUS_COUNT),
    ENUM(step_finished, change, step_change_names, CHANGE_COUNT),
    CLASS(step_finished),
    TEXT(step_finished, message),
    TEXT(step_finished, hint),
    TEXT(step_finished, skip_reason),
    VALUE(step_finished, outputs),
    VALUE(step_finished, result),
    INT(step_finished, exit_code, -1),
    UINT(step_finished, n_attempts, FIELD_ALWAYS),
    UINT(step_finished, n_polls, 0),
    I64(step_finished, duration_ms, FIELD_ALWAYS),
    FLAG(step_finished, is_unstable),
    FLAG(step_finished, is_cut),
    FLAG(step_finished, is_blocked),
    TEXT(step_finished, unstable_reason),
    TEXT(step_finished, stdout_text),
    TEXT(step_finished, stderr_text),
    {"whole", offsetof(struct event, as.step_finished.whole), FIELD_HIDDEN, 0, NULL, 0},
    WORD(step_finished, whole_file),
    WORD(step_finished, whole_digest),
};

static const struct event_field notice[] = {
    WORD(notice, kind),
    TEXT(notice, text),
};

static const struct event_field cancel[] = {
    INT(cancel, signal, 0),
    TEXT(cancel, reason),
};

static const struct event_field run_finished[] = {
    ENUM(run_finished, verdict, run_verdict_names, VERDICT_COUNT),
    INT(run_finished, exit_code, FIELD_ALWAYS),
    TEXT(run_finished, reason),
    VALUE(run_finished, outputs),
    I64(run_finished, duration_ms, FIELD_ALWAYS),
};

const struct event_fields event_kind_fields[] = {
    [EVENT_RUN_STARTED] = {run_started, COUNT(run_started)},
    [EVENT_VARS] = {vars, COUNT(vars)},
    [EVENT_STEP_DECLARED] = {NULL, 0},
    [EVENT_STEP_STARTED] = {step_started, COUNT(step_started)},
    [EVENT_ATTEMPT_STARTED] = {attempt_started, COUNT(attempt_started)},
    [EVENT_OUTPUT] = {output, COUNT(output)},
    [EVENT_ATTEMPT_FINISHED] = {attempt_finished, COUNT(attempt_finished)},
    [EVENT_RETRY_SCHEDULED] = {retry, COUNT(retry)},
    [EVENT_WAIT_OBSERVED] = {wait, COUNT(wait)},
    [EVENT_METRIC] = {metric, COUNT(metric)},
    [EVENT_STEP_PLANNED] = {planned, COUNT(planned)},
    [EVENT_STEP_FINISHED] = {step_finished, COUNT(step_finished)},
    [EVENT_NOTICE] = {notice, COUNT(notice)},
    [EVENT_CANCEL] = {cancel, COUNT(cancel)},
    [EVENT_RUN_FINISHED] = {run_finished, COUNT(run_finished)},
};
static_assert(COUNT(event_kind_fields) == EVENT_KIND_COUNT, "every kind has its fields");

static const struct event_field step_fields[] = {
    {"index", offsetof(struct event_step, index), FIELD_UNSIGNED, FIELD_ALWAYS, NULL, 0},
    {"id", offsetof(struct event_step, id), FIELD_WORD, 0, NULL, 0},
    {"parent", offsetof(struct event_step, parent), FIELD_INT, -1, NULL, 0},
    {"name", offsetof(struct event_step, name), FIELD_TEXT, 0, NULL, 0},
    {"action", offsetof(struct event_step, action), FIELD_WORD, 0, NULL, 0},
    {"phase", offsetof(struct event_step, phase), FIELD_ENUM, 0, step_phase_names, PHASE_COUNT},
    {"file", offsetof(struct event_step, file), FIELD_TEXT, 0, NULL, 0},
    {"line", offsetof(struct event_step, line), FIELD_UNSIGNED, 0, NULL, 0},
    {"needs", offsetof(struct event_step, needs), FIELD_WORDS, 0, NULL, 0},
    {"digest", offsetof(struct event_step, digest), FIELD_WORD, 0, NULL, 0},
    {"owner", offsetof(struct event_step, owner), FIELD_UNSIGNED, 0, NULL, 0},
};
const struct event_fields event_step_fields = {step_fields, COUNT(step_fields)};
