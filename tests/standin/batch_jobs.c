/*
 * Jobs of batch deployments. The job and the run on the platform that do the work are named only
 * when the work begins (recorded: a client had to ask until they were), and the output asset is
 * there when it is done.
 */
#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "lifecycle.h"
#include "ml.h"
#include "projects.h"
#include "resource.h"

static void begin_on_platform(struct world *world, struct object *batch) {
    cJSON *wanted = json_object();
    json_put_copy(wanted, "name", batch->body, "metadata.name");
    json_put_copy(wanted, "space_id", batch->body, "metadata.space_id");
    json_put_copy(wanted, "asset_ref", batch->body, "entity.deployment.id");
    json_put_text(wanted, "asset_ref_type", "wml_deployment");
    const struct object *job = job_new(world, wanted, NULL);
    json_put_text(wanted, "job_id", job->id);
    json_put_copy(wanted, "job_run.name", batch->body, "metadata.name");
    json_put_text(batch->body, "entity.platform_job.job_id", job->id);
    struct object *run = job_run_new(world, wanted, NULL);
    object_settle(world, run, "Running");
    json_put_text(batch->body, "entity.platform_job.run_id", run->id);
    cJSON_Delete(wanted);
}

static void end_on_platform(struct world *world, struct object *batch, const char *state) {
    struct object *run =
        object_find(world, KIND_JOB_RUN, json_text(batch->body, "entity.platform_job.run_id"));
    if (run != NULL) {
        json_put_copy(run->inside, "failure", batch->inside, "failure");
        object_settle(world, run, state);
    }
}

void batch_job_entered(struct world *world, struct object *batch, const char *state) {
    char time[32];
    world_time(world, world->now_ms, time);
    if (strcmp(state, "running") == 0) {
        json_put_text(batch->body, "entity.scoring.status.running_at", time);
        begin_on_platform(world, batch);
        return;
    }
    json_put_text(batch->body, "entity.scoring.status.completed_at", time);
    end_on_platform(world, batch, strcmp(state, "completed") == 0 ? "Completed" : "Failed");
    const char *output =
        json_text(batch->body, "entity.scoring.output_data_reference.location.name");
    if (strcmp(state, "completed") == 0 && output != NULL) {
        (void)asset_add_data(world, "space_id", json_text_or(batch->body, "metadata.space_id", ""),
                             output, "prediction,probability\n0,0.9\n1,0.8\n");
    }
}

static const char *need_space(const struct request *request, struct answer *answer) {
    const char *space_id = request_query(request, "space_id");
    if (space_id == NULL) {
        answer_error(answer, 400, "missing_parameter", "Missing query parameter: space_id");
    }
    return space_id;
}

void batch_jobs_list(struct world *world, const struct request *request, struct answer *answer) {
    const char *space_id = need_space(request, answer);
    if (space_id != NULL) {
        const struct filter filters[] = {
            {"metadata.space_id", space_id},
            {"entity.deployment.id", request_query(request, "deployment_id")},
            {NULL, NULL}};
        resource_list(world, KIND_BATCH_JOB, request, filters, answer);
    }
}

/* Is every asset that the job reads in its space? */
static bool are_inputs_there(struct world *world, const cJSON *scoring, struct answer *answer) {
    const cJSON *reference = NULL;
    cJSON_ArrayForEach(reference, json_at(scoring, "input_data_references")) {
        const char *href = json_text_or(reference, "location.href", "");
        const char *start = strstr(href, "/v2/assets/");
        char id[ID_SIZE] = "";
        if (start != NULL) {
            start += strlen("/v2/assets/");
            (void)snprintf(id, sizeof id, "%.*s", (int)strcspn(start, "?"), start);
        }
        if (resource_need(world, KIND_ASSET, id, answer) == NULL) {
            return false;
        }
    }
    return true;
}

void batch_jobs_create(struct world *world, const struct request *request, struct answer *answer) {
    if (!resource_has_object(request, answer)) {
        return;
    }
    const cJSON *wanted = request->json;
    const struct object *deployment =
        resource_need(world, KIND_DEPLOYMENT, json_text_or(wanted, "deployment.id", ""), answer);
    if (deployment == NULL || !are_inputs_there(world, json_at(wanted, "scoring"), answer)) {
        return;
    }
    if (json_at(deployment->body, "entity.batch") == NULL ||
        strcmp(object_state(deployment), "ready") != 0) {
        answer_error(answer, 400, "invalid_deployment",
                     "The deployment '%s' is no batch "
                     "deployment that is ready",
                     deployment->id);
        return;
    }
    struct object *batch = object_new(world, KIND_BATCH_JOB, NULL);
    json_put_copy(batch->body, "entity.scoring", wanted, "scoring");
    json_put_text(batch->body, "entity.scoring.status.state", "queued");
    json_put_copy(batch->body, "entity.deployment", wanted, "deployment");
    json_put_copy(batch->body, "metadata.name", wanted, "name");
    json_put_copy(batch->body, "metadata.space_id", wanted, "space_id");
    lifecycle_begin(world, batch);
    resource_show(batch, 202, answer);
}

static struct object *need_batch(struct world *world, const struct request *request,
                                 struct answer *answer) {
    struct object *batch = resource_need(world, KIND_BATCH_JOB, request->params[0], answer);
    return batch != NULL && ml_is_in_space(batch, request, answer) ? batch : NULL;
}

void batch_jobs_get(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *batch = need_batch(world, request, answer);
    if (batch != NULL) {
        resource_show(batch, 200, answer);
    }
}

void batch_jobs_delete(struct world *world, const struct request *request, struct answer *answer) {
    struct object *batch = need_batch(world, request, answer);
    if (batch == NULL) {
        return;
    }
    const char *hard = request_query(request, "hard_delete");
    if (hard != NULL && strcmp(hard, "true") == 0) {
        object_delete(world, batch);
    } else {
        object_settle(world, batch, "failed");
    }
    answer_json(answer, 204, NULL);
}
