/*
 * The script's verbs, and the two runs that are told with them.
 */
#include "unit/event/scripted.h"

#include <string.h>

#include "value/value.h"

void script_init(struct script *s) {
    *s = (struct script){.arena = ARENA_INIT(0)};
}

void script_release(struct script *s) {
    arena_release(&s->arena);
}

void script_emit(struct script *s, int step, struct event ev) {
    ev.elapsed_ms = s->now_ms;
    ev.wall_ms = SCRIPT_WALL_MS + s->now_ms;
    ev.step = step < 0 ? NULL : &s->steps[step];
    event_emit(&s->bus, &ev);
}

const struct value *script_object(struct script *s, const char *pairs) {
    struct object_builder b;
    object_begin(&b, &s->arena);
    for (const char *at = pairs; *at != '\0';) {
        size_t key_len = strcspn(at, "=");
        const char *text = at + key_len + 1;
        size_t text_len = strcspn(text, " ");
        object_put(&b, at, key_len, value_string(&s->arena, text, text_len));
        at = text + text_len + strspn(text + text_len, " ");
    }
    return object_end(&b);
}

const struct value *script_number(struct script *s, const char *text) {
    return text == NULL ? NULL : value_number_text(&s->arena, text, strlen(text));
}

static const struct value *words(struct script *s, const char *command) {
    struct list_builder b;
    list_begin(&b, &s->arena);
    for (const char *at = command; *at != '\0';) {
        size_t len = strcspn(at, " ");
        list_add(&b, value_string(&s->arena, at, len));
        at += len + strspn(at + len, " ");
    }
    return list_end(&b);
}

void script_run_started(struct script *s, const struct value *inputs) {
    script_emit(
        s, -1,
        (struct event){.kind = EVENT_RUN_STARTED,
                       .as.run_started = {.run_id = "20260131-090500-7f3a",
                                          .recipe_file = "recipes/mlops/publish-model.yaml",
                                          .recipe_name = "publish-model",
                                          .recipe_digest = "5feceb66ffc86f38d952786c6d696c79"
                                                           "c2dbc239dd4e91b46729d73a27fb57e9",
                                          .version = "1.0.0",
                                          .run_dir = ".cpdflow/runs/20260131-090500-7f3a",
                                          .mode = "run",
                                          .seed = UINT64_C(18446744073709551615),
                                          .inputs = inputs,
                                          .pid = 4711,
                                          .host = "build-7"}});
}

void script_run_finished(struct script *s, enum run_verdict verdict, int exit_code,
                         const char *reason) {
    script_emit(s, -1,
                (struct event){.kind = EVENT_RUN_FINISHED,
                               .as.run_finished = {.verdict = verdict,
                                                   .exit_code = exit_code,
                                                   .reason = reason,
                                                   .duration_ms = s->now_ms}});
}

unsigned script_declare_in(struct script *s, int parent, const char *id, const char *action) {
    unsigned index = s->n_steps++;
    s->steps[index] = (struct event_step){.index = index,
                                          .parent = parent,
                                          .id = id,
                                          .action = action,
                                          .phase = PHASE_MAIN,
                                          .file = "recipes/mlops/publish-model.yaml",
                                          .line = 10 + 4 * index};
    script_emit(s, (int)index, (struct event){.kind = EVENT_STEP_DECLARED});
    return index;
}

unsigned script_declare(struct script *s, const char *id, const char *action) {
    return script_declare_in(s, -1, id, action);
}

void script_start(struct script *s, unsigned step) {
    s->started_ms[step] = s->now_ms;
    script_emit(s, (int)step, (struct event){.kind = EVENT_STEP_STARTED});
}

void script_attempt(struct script *s, unsigned step, const char *role, const char *command) {
    s->role[step] = role;
    s->attempt_ms[step] = s->now_ms;
    script_emit(s, (int)step,
                (struct event){.kind = EVENT_ATTEMPT_STARTED,
                               .as.attempt_started = {.number = ++s->n_attempts[step],
                                                      .role = role,
                                                      .argv = words(s, command),
                                                      .summary = command,
                                                      .pid = 5000 + s->n_attempts[step],
                                                      .reads = strcmp(role, "find") == 0 ||
                                                               strcmp(role, "ready") == 0}});
}

static struct event attempt_finished(const struct script *s, unsigned step) {
    return (struct event){.kind = EVENT_ATTEMPT_FINISHED,
                          .as.attempt_finished = {.number = s->n_attempts[step],
                                                  .role = s->role[step],
                                                  .outcome = "exited",
                                                  .duration_ms = s->now_ms - s->attempt_ms[step]}};
}

void script_attempt_ok(struct script *s, unsigned step, const char *stdout_text) {
    struct event ev = attempt_finished(s, step);
    ev.as.attempt_finished.stdout_text = stdout_text;
    ev.as.attempt_finished.stdout_bytes = stdout_text == NULL ? 0 : strlen(stdout_text);
    ev.as.attempt_finished.stdout_log = "logs/out.stdout";
    script_emit(s, (int)step, ev);
}

void script_attempt_failed(struct script *s, unsigned step, enum error_class class, int exit_code,
                           const char *stderr_text) {
    struct event ev = attempt_finished(s, step);
    ev.as.attempt_finished.exit_code = exit_code;
    ev.as.attempt_finished.error_class = class;
    ev.as.attempt_finished.message = "exit status 1";
    ev.as.attempt_finished.stderr_text = stderr_text;
    ev.as.attempt_finished.stderr_bytes = strlen(stderr_text);
    ev.as.attempt_finished.stderr_log = "logs/out.stderr";
    script_emit(s, (int)step, ev);
}

void script_retry(struct script *s, unsigned step, unsigned max_attempts, int64_t delay_ms) {
    script_emit(s, (int)step,
                (struct event){.kind = EVENT_RETRY_SCHEDULED,
                               .as.retry = {.next_attempt = s->n_attempts[step] + 1,
                                            .max_attempts = max_attempts,
                                            .delay_ms = delay_ms,
                                            .error_class = CLASS_TRANSIENT,
                                            .reason = "the service is not available"}});
}

void script_poll(struct script *s, unsigned step, const char *state, bool is_first, bool is_done) {
    s->n_polls[step] = is_first ? 1 : s->n_polls[step] + 1;
    script_emit(s, (int)step,
                (struct event){.kind = EVENT_WAIT_OBSERVED,
                               .as.wait = {.state = state,
                                           .poll = s->n_polls[step],
                                           .elapsed_ms = (s->n_polls[step] - 1) * INT64_C(2000),
                                           .timeout_ms = 180000,
                                           .is_done = is_done}});
}

void script_output(struct script *s, unsigned step, int stream, const char *line) {
    script_emit(s, (int)step,
                (struct event){.kind = EVENT_OUTPUT, .as.output = {stream, line, false}});
}

void script_metric(struct script *s, unsigned step, const char *name, const char *value,
                   const char *lower_limit, enum metric_verdict verdict) {
    const struct value *number = value == NULL ? &value_null : script_number(s, value);
    script_emit(s, (int)step,
                (struct event){.kind = EVENT_METRIC,
                               .as.metric = {.name = name,
                                             .value = number,
                                             .lower_limit = script_number(s, lower_limit),
                                             .verdict = verdict}});
}

void script_notice(struct script *s, int step, const char *kind, const char *text) {
    script_emit(s, step, (struct event){.kind = EVENT_NOTICE, .as.notice = {kind, text}});
}

static void finish(struct script *s, unsigned step, struct event_step_finished f) {
    f.n_attempts = s->n_attempts[step];
    f.n_polls = s->n_polls[step];
    f.duration_ms = s->now_ms - s->started_ms[step];
    script_emit(s, (int)step, (struct event){.kind = EVENT_STEP_FINISHED, .as.step_finished = f});
}

void script_succeed(struct script *s, unsigned step, enum step_change change,
                    const struct value *outputs) {
    finish(s, step,
           (struct event_step_finished){
               .status = STEP_SUCCEEDED, .change = change, .outputs = outputs, .result = outputs});
}

void script_fail(struct script *s, unsigned step, enum step_status status, enum error_class class,
                 const char *message, const char *hint) {
    finish(s, step,
           (struct event_step_finished){.status = status,
                                        .error_class = class,
                                        .message = message,
                                        .hint = hint,
                                        .exit_code = 1});
}

void script_skip(struct script *s, unsigned step, const char *reason) {
    s->started_ms[step] = s->now_ms;
    finish(s, step,
           (struct event_step_finished){
               .status = STEP_SKIPPED, .skip_reason = reason, .exit_code = -1});
}

/* ---- the sample runs ---- */

static void tell_space(struct script *s, unsigned space) {
    script_start(s, space);
    script_attempt(s, space, "find", "cpdctl spaces list --output json");
    s->now_ms += 640;
    script_attempt_ok(s, space, "{\"resources\": []}");
    script_attempt(s, space, "create", "cpdctl spaces create --name=p-test-space --output json");
    s->now_ms += 1200;
    script_attempt_ok(s, space, "{\"metadata\": {\"id\": \"8f1c\"}}");
    for (unsigned poll = 0; poll < 5; poll++) {
        script_attempt(s, space, "ready", "cpdctl spaces get --space-id=8f1c --output json");
        s->now_ms += 400;
        script_attempt_ok(s, space, "{\"entity\": {\"status\": {\"state\": \"preparing\"}}}");
        script_poll(s, space, poll < 4 ? "preparing" : "active", poll == 0, poll == 4);
        s->now_ms += poll < 4 ? 1600 : 0;
    }
    script_succeed(s, space, CHANGE_CREATED, script_object(s, "id=8f1c"));
}

static void tell_uploads(struct script *s, unsigned each, unsigned first) {
    script_start(s, each);
    for (unsigned i = 0; i < 3; i++) {
        script_start(s, first + i);
        script_attempt(s, first + i, "run", "cpdctl assets upload --file=part.csv");
        s->now_ms += 900;
        script_output(s, first + i, 1, "uploading part.csv 100 %");
        script_attempt_ok(s, first + i, "uploading part.csv 100 %\n");
        script_succeed(s, first + i, CHANGE_CREATED, NULL);
    }
    script_succeed(s, each, CHANGE_NONE, NULL);
}

static void tell_model(struct script *s, unsigned model) {
    script_start(s, model);
    script_attempt(s, model, "run", "cpdctl ml models store --file=model.tar.gz");
    s->now_ms += 3100;
    script_attempt_failed(s, model, CLASS_TRANSIENT, 1,
                          "Error: 503 Service Unavailable\nupstream connect error\n");
    script_retry(s, model, 3, 2000);
    s->now_ms += 2000;
    script_attempt(s, model, "run", "cpdctl ml models store --file=model.tar.gz");
    s->now_ms += 4400;
    script_attempt_ok(s, model, "{\"metadata\": {\"id\": \"m-17\"}}");
    script_succeed(s, model, CHANGE_UPDATED, script_object(s, "id=m-17 revision=4"));
}

static void tell_start(struct script *s) {
    script_run_started(s, script_object(s, "space_name=p-test-space stage=qa password=***"));
    static const char *const plan[][2] = {
        {"provider", "cpdctl"}, {"space", "ensure"}, {"upload", "foreach"}, {"model", "cpdctl"},
        {"quality", "http"},    {"notify", "run"},   {"deploy", "ensure"},  {"evaluate", "ensure"},
    };
    for (unsigned i = 0; i < sizeof plan / sizeof plan[0]; i++) {
        unsigned step = script_declare(s, plan[i][0], plan[i][1]);
        if (strcmp(plan[i][0], "upload") == 0) {
            script_declare_in(s, (int)step, "upload[0]", "cpdctl");
            script_declare_in(s, (int)step, "upload[1]", "cpdctl");
            script_declare_in(s, (int)step, "upload[2]", "cpdctl");
        }
    }
    script_start(s, 0);
    script_attempt(s, 0, "run", "cpdctl wos service-providers list --output json");
    s->now_ms += 820;
    script_attempt_ok(s, 0, "{\"service_providers\": [{\"metadata\": {\"id\": \"p-1\"}}]}");
    script_notice(s, 0, "noise-before-json", "2 lines before the JSON document were skipped");
    script_succeed(s, 0, CHANGE_NONE, script_object(s, "id=p-1"));
    tell_space(s, 1);
    tell_uploads(s, 2, 3);
    tell_model(s, 6);
}

static void tell_quality(struct script *s, const char *recall, enum metric_verdict verdict) {
    script_start(s, 7);
    script_attempt(s, 7, "http", "GET https://cpd.example/openscale/v2/measurements");
    s->now_ms += 310;
    script_attempt_ok(s, 7, "{\"accuracy\": 0.8349}");
    script_metric(s, 7, "accuracy", "0.8349", "0.8", METRIC_OK);
    script_metric(s, 7, "recall", recall, "0.75", verdict);
    script_succeed(s, 7, CHANGE_NONE, NULL);
}

void script_sample(struct script *s) {
    tell_start(s);
    tell_quality(s, "0.7012", METRIC_BELOW);
    script_start(s, 8);
    script_attempt(s, 8, "run", "sh -eu script");
    s->now_ms += 50;
    script_attempt_failed(s, 8, CLASS_UNKNOWN, 7, "mail: cannot connect\n");
    script_fail(s, 8, STEP_TOLERATED, CLASS_UNKNOWN, "exit status 7", NULL);
    script_start(s, 9);
    script_attempt(s, 9, "find", "cpdctl ml deployments list --output json");
    s->now_ms += 700;
    script_attempt_ok(s, 9, "{\"resources\": []}");
    script_attempt(s, 9, "create", "cpdctl ml deployments create --asset=m-17");
    s->now_ms += 1500;
    script_attempt_failed(s, 9, CLASS_QUOTA, 1,
                          "FAILED\nError: the plan allows 5 deployments ]]> </testcase> & \x1b[31m"
                          "red\x1b[0m \xff end\nStatus code: 403\n");
    script_fail(s, 9, STEP_FAILED, CLASS_QUOTA, "exit status 1: the plan allows 5 deployments",
                "delete a deployment that is not needed, or choose another plan");
    script_skip(s, 10, "needs 'deploy', which failed");
    s->now_ms += 20;
    script_run_finished(s, VERDICT_FAILED, 1, "step 'deploy' failed: quota");
}

void script_sample_success(struct script *s) {
    tell_start(s);
    tell_quality(s, "0.81", METRIC_OK);
    for (unsigned step = 8; step <= 10; step++) {
        script_start(s, step);
        script_attempt(s, step, "run", "cpdctl ml deployments get");
        s->now_ms += 500;
        script_attempt_ok(s, step, "{}");
        script_succeed(s, step, step == 9 ? CHANGE_CREATED : CHANGE_NONE, NULL);
    }
    script_run_finished(s, VERDICT_SUCCESS, 0, NULL);
}
