/*
 * States and what comes with them. The durations are in world.c; the outcomes come from the
 * scenario:
 *
 *     "outcomes": {"run": {"state": "error", "code": "AIQFM6003", "message": "…"},
 *                  "deployment": [{"state": "failed", "message": "…"}, {}],
 *                  "metrics": {"accuracy": 0.42}}
 *
 * An array gives the first object of the kind its first entry, the second its second; the last
 * entry serves all that follow.
 */
#include "lifecycle.h"

#include <string.h>

#include "jobs.h"
#include "openscale.h"
#include "projects.h"

static const cJSON *outcome_of(struct world *world, enum kind kind) {
    static const char *const names[KIND_COUNT] = {
        [KIND_SPACE] = "outcomes.space",
        [KIND_DEPLOYMENT] = "outcomes.deployment",
        [KIND_SERVICE_PROVIDER] = "outcomes.service_provider",
        [KIND_SUBSCRIPTION] = "outcomes.subscription",
        [KIND_REQUEST] = "outcomes.records",
        [KIND_MONITOR] = "outcomes.monitor",
        [KIND_RUN] = "outcomes.run",
        [KIND_JOB_RUN] = "outcomes.job_run",
        [KIND_BATCH_JOB] = "outcomes.deployment_job",
        [KIND_EXPORT] = "outcomes.asset_export",
        [KIND_IMPORT] = "outcomes.asset_import",
    };
    const cJSON *outcome = names[kind] != NULL ? json_at(world->scenario, names[kind]) : NULL;
    if (!cJSON_IsArray(outcome)) {
        return outcome;
    }
    int n_before = -1; /* the object itself is on the list already */
    for (size_t i = 0; i < world->n_objects; i++) {
        const struct object *other = world->objects[i];
        bool is_mine = other->kind == kind;
        n_before += is_mine && strcmp(json_text_or(other->inside, "origin", ""), "created") == 0;
    }
    int last = cJSON_GetArraySize(outcome) - 1;
    return cJSON_GetArrayItem(outcome, n_before < last ? n_before : last);
}

static void remember(struct object *object, const char *key, const char *code,
                     const char *message) {
    cJSON *failure = json_literal("{\"trace\":\"NO_TRACE_AVAILABLE\",\"errors\":[{}]}");
    cJSON *error = json_at(failure, "errors")->child;
    json_put_text(error, "code", code);
    json_put_text(error, "message", message);
    json_put(object->inside, key, failure);
}

/* The static text for the state that the scenario names; the usual one without. */
static const char *failed_state(enum kind kind, const cJSON *outcome) {
    const char *state = json_text(outcome, "state");
    if (state == NULL) {
        return NULL;
    }
    bool is_failure = strcmp(state, "failed") == 0 || strcmp(state, "error") == 0;
    if (!is_failure) {
        return NULL;
    }
    return kind == KIND_DEPLOYMENT ? "failed" : "error";
}

/* Jobs and transfers: a queue, the work, and the end that the scenario names. */
static void begin_work(struct world *world, struct object *object, const cJSON *outcome) {
    static const struct {
        enum kind kind;
        const char *working;
        const char *queue;
        const char *work;
    } works[] = {
        {KIND_JOB_RUN, "Running", "job_start", "job_run"},
        {KIND_BATCH_JOB, "running", "batch_queue", "batch_job"},
        {KIND_EXPORT, NULL, NULL, "export"},
        {KIND_IMPORT, NULL, NULL, "import"},
    };
    const char *wanted = json_text(outcome, "state");
    const char *end = wanted != NULL ? state_named(wanted) : NULL;
    if (json_at(object->inside, "failure") != NULL) {
        end = "failed";
    }
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        if (works[i].kind != object->kind) {
            continue;
        }
        if (works[i].working != NULL) {
            object_later(world, object, works[i].working, duration_of(world, works[i].queue));
        }
        object_later(world, object, end != NULL ? end : kind_infos[object->kind].ready_state,
                     (works[i].queue != NULL ? duration_of(world, works[i].queue) : 0) +
                         duration_of(world, works[i].work));
    }
    if (json_text(outcome, "message") != NULL && json_at(object->inside, "failure") == NULL) {
        remember(object, "failure", json_text_or(outcome, "code", "scenario_failure"),
                 json_text(outcome, "message"));
    }
}

static bool is_work(enum kind kind) {
    return kind == KIND_JOB_RUN || kind == KIND_BATCH_JOB || kind == KIND_EXPORT ||
           kind == KIND_IMPORT;
}

static void begin_run(struct world *world, struct object *run, const cJSON *outcome) {
    if (failed_state(KIND_RUN, outcome) != NULL || json_at(run->inside, "failure") != NULL) {
        object_later(world, run, "error", duration_of(world, "run_error"));
        return;
    }
    if (json_text(outcome, "code") != NULL) {
        remember(run, "remark", json_text(outcome, "code"), json_text_or(outcome, "message", ""));
    }
    object_later(world, run, "running", duration_of(world, "run_queue"));
    object_later(world, run, "finished", duration_of(world, "run"));
}

static void begin_deployment(struct world *world, struct object *deployment,
                             const char *bad_state) {
    const char *state = bad_state != NULL ? bad_state : "ready";
    bool is_new = strcmp(object_state(deployment), "initializing") == 0;
    double after_s = duration_of(world, is_new ? "deployment" : "deployment_update");
    object_later(world, deployment, state, after_s);
}

void lifecycle_begin(struct world *world, struct object *object) {
    static const char *const names[KIND_COUNT] = {
        [KIND_SPACE] = "space",
        [KIND_DATA_MART] = "data_mart",
        [KIND_SERVICE_PROVIDER] = "service_provider",
        [KIND_SUBSCRIPTION] = "subscription",
        [KIND_DATA_SET] = "data_set",
        [KIND_REQUEST] = "records",
        [KIND_MONITOR] = "monitor",
    };
    const cJSON *outcome = outcome_of(world, object->kind);
    if (is_work(object->kind)) {
        begin_work(world, object, outcome);
        return;
    }
    const char *bad_state = failed_state(object->kind, outcome);
    if (bad_state != NULL) {
        remember(object, "failure", json_text_or(outcome, "code", "scenario_failure"),
                 json_text_or(outcome, "message", "it failed because the scenario says so"));
    } else if (json_at(object->inside, "failure") != NULL) {
        bad_state = object->kind == KIND_DEPLOYMENT ? "failed" : "error";
    }
    if (object->kind == KIND_RUN) {
        begin_run(world, object, outcome);
    } else if (object->kind == KIND_DEPLOYMENT) {
        begin_deployment(world, object, bad_state);
    } else if (names[object->kind] != NULL) {
        const char *state = bad_state != NULL ? bad_state : kind_infos[object->kind].ready_state;
        object_later(world, object, state, duration_of(world, names[object->kind]));
    }
}

static void enter_deployment(struct object *deployment, const char *state) {
    if (strcmp(state, "ready") == 0) {
        /* From now on it serves what the model held when the deployment was made or patched. */
        json_put_copy(deployment->inside, "serving", deployment->inside, "next");
    }
}

static void enter_run(struct world *world, struct object *run, const char *state,
                      const char *time) {
    if (strcmp(state, "running") == 0) {
        json_put_text(run->body, "entity.status.started_at", time);
    }
    if (strcmp(state, "finished") == 0 || strcmp(state, "error") == 0) {
        json_put_text(run->body, "entity.status.completed_at", time);
    }
    if (strcmp(state, "finished") == 0) {
        openscale_finish_run(world, run, time);
    }
}

static void enter_work(struct world *world, struct object *object, const char *state) {
    if (object->kind == KIND_JOB_RUN) {
        job_run_entered(world, object, state);
    } else if (object->kind == KIND_BATCH_JOB) {
        batch_job_entered(world, object, state);
    } else if (object->kind == KIND_IMPORT && strcmp(state, "completed") == 0) {
        import_completed(world, object);
    }
}

void lifecycle_enter(struct world *world, struct object *object, const char *state, int64_t at_ms) {
    char time[32];
    world_time(world, at_ms, time);
    object_put_state(object, state);
    if (!world->is_starting) {
        json_put_text(object->body, "metadata.modified_at", time);
    }
    const char *failure =
        object->kind == KIND_BATCH_JOB ? "entity.scoring.status.failure" : "entity.status.failure";
    json_drop(object->body, failure);
    if (strcmp(state, "failed") == 0 || strcmp(state, "error") == 0) {
        json_put_copy(object->body, failure, object->inside, "failure");
    }
    enter_work(world, object, state);
    bool is_ready = strcmp(state, "active") == 0;
    if (object->kind == KIND_DEPLOYMENT) {
        enter_deployment(object, state);
    } else if (object->kind == KIND_RUN) {
        enter_run(world, object, state, time);
    } else if (object->kind == KIND_SUBSCRIPTION && is_ready) {
        openscale_subscription_ready(world, object);
    } else if (object->kind == KIND_MONITOR && is_ready) {
        openscale_monitor_ready(world, object);
    } else if (object->kind == KIND_REQUEST && is_ready) {
        openscale_records_ready(world, object);
    }
}
