/*
 * Jobs and their runs. States are capitalised, as recorded. A run of a job whose configuration has
 * env_variables MODEL_NAME=… and SPACE_ID=… trains: when it completes, that model of that space has
 * new content.
 */
#include "jobs.h"

#include <stdlib.h>
#include <string.h>

#include "lifecycle.h"
#include "ml.h"
#include "resource.h"

struct object *job_new(struct world *world, const cJSON *wanted, const char *id) {
    struct object *job = object_new(world, KIND_JOB, id);
    json_drop(job->body, "metadata.id");
    json_put_text(job->body, "metadata.asset_type", "job");
    json_put_copy(job->body, "metadata.name", wanted, "name");
    json_put_copy(job->body, "metadata.description", wanted, "description");
    json_put_copy(job->body, "entity.job.asset_ref", wanted, "asset_ref");
    json_put_text(job->body, "entity.job.asset_ref_type",
                  json_text_or(wanted, "asset_ref_type", "notebook"));
    json_put(job->body, "entity.job.configuration", json_object());
    json_put_copy(job->body, "entity.job.configuration", wanted, "configuration");
    resource_put_container(job, wanted);
    return job;
}

struct object *job_run_new(struct world *world, const cJSON *wanted, const char *id) {
    const struct object *job = object_find(world, KIND_JOB, json_text(wanted, "job_id"));
    struct object *run = object_new(world, KIND_JOB_RUN, id);
    cJSON *body = run->body;
    json_drop(body, "metadata.id");
    json_put_text(body, "metadata.asset_type", "job_run");
    json_put_text(body, "metadata.name", "job run");
    json_put_copy(body, "metadata.name", wanted, "job_run.name");
    json_put_copy(body, "entity.job_run.name", body, "metadata.name");
    json_put_copy(body, "entity.job_run.job_ref", wanted, "job_id");
    json_put_copy(body, "entity.job_run.job_parameters", wanted, "job_run.job_parameters");
    json_put(body, "entity.job_run.configuration", json_object());
    if (job != NULL) {
        json_put_copy(body, "entity.job_run.job_name", job->body, "metadata.name");
        json_put_copy(body, "entity.job_run.configuration", job->body, "entity.job.configuration");
        json_put_copy(body, "metadata.project_id", job->body, "metadata.project_id");
        json_put_copy(body, "metadata.space_id", job->body, "metadata.space_id");
        json_put_copy(run->inside, "container", job->inside, "container");
    }
    if (json_at(wanted, "job_run.configuration") != NULL) {
        json_merge(json_at(body, "entity.job_run.configuration"),
                   json_at(wanted, "job_run.configuration"));
    }
    json_put_copy(run->inside, "job_id", wanted, "job_id");
    lifecycle_begin(world, run);
    return run;
}

/* The value of "NAME=value" among the environment variables of the run; NULL without. */
static const char *variable_of(const struct object *run, const char *name) {
    size_t len = strlen(name);
    const cJSON *variable = NULL;
    cJSON_ArrayForEach(variable, json_at(run->body, "entity.job_run.configuration.env_variables")) {
        const char *text = cJSON_GetStringValue(variable);
        if (text != NULL && strncmp(text, name, len) == 0 && text[len] == '=') {
            return text + len + 1;
        }
    }
    return NULL;
}

static void train(struct world *world, const struct object *run) {
    const char *name = variable_of(run, "MODEL_NAME");
    const char *space_id = variable_of(run, "SPACE_ID");
    struct object *model = NULL;
    if (name == NULL || space_id == NULL) {
        return;
    }
    do {
        model = object_find_by(world, KIND_MODEL, "metadata.name", name, model);
    } while (model != NULL &&
             strcmp(json_text_or(model->body, "metadata.space_id", ""), space_id) != 0);
    if (model != NULL) {
        json_put_number(model->inside, "uploads", json_number_or(model->inside, "uploads", 0) + 1);
        json_put_text(model->inside, "content_digest", run->id);
    }
}

void job_run_entered(struct world *world, struct object *run, const char *state) {
    char time[32];
    world_time(world, world->now_ms, time);
    json_put_text(run->body, "entity.job_run.last_state_change_timestamp", time);
    if (strcmp(state, "Completed") == 0) {
        train(world, run);
    }
}

void job_run_log(const struct object *run, struct text *out) {
    const char *state = object_state(run);
    text_puts(out, "\nCell 1:\n\033[K     |################| 30 kB 2.0 MB/s\r\n");
    if (strcmp(state, "Starting") != 0) {
        text_puts(out, "reading training data\nepoch 1 of 1\n");
    }
    const cJSON *errors = json_at(run->inside, "failure.errors");
    if (strcmp(state, "Failed") == 0) {
        text_printf(out, "Traceback (most recent call last):\n  %s\n",
                    json_text_or(errors != NULL ? errors->child : NULL, "message",
                                 "RuntimeError: the job failed"));
    } else if (strcmp(state, "Completed") == 0) {
        text_puts(out, "done\n");
    }
}

/* ---- requests ---- */

void jobs_list(struct world *world, const struct request *request, struct answer *answer) {
    const char *container = resource_container(request, answer);
    if (container != NULL) {
        const struct filter filters[] = {
            {"@container", container},
            {"entity.job.asset_ref", request_query(request, "asset_ref")},
            {NULL, NULL}};
        resource_list(world, KIND_JOB, request, filters, answer);
    }
}

void jobs_create(struct world *world, const struct request *request, struct answer *answer) {
    const char *container = resource_container(request, answer);
    if (container == NULL || !resource_has_object(request, answer)) {
        return;
    }
    cJSON *wanted = json_copy(json_at(request->json, "job"));
    if (*json_text_or(wanted, "name", "") == '\0' ||
        *json_text_or(wanted, "asset_ref", "") == '\0') {
        answer_error(answer, 400, "invalid_request_entity",
                     "The job needs a name and an asset_ref");
    } else {
        json_put_copy(wanted, "project_id", request->query, "project_id");
        json_put_copy(wanted, "space_id", request->query, "space_id");
        resource_show(job_new(world, wanted, NULL), 201, answer);
    }
    cJSON_Delete(wanted);
}

static struct object *need_job(struct world *world, const struct request *request,
                               struct answer *answer) {
    return resource_need_in(world, KIND_JOB, request->params[0], request, answer);
}

void jobs_get(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *job = need_job(world, request, answer);
    if (job != NULL) {
        resource_show(job, 200, answer);
    }
}

void jobs_delete(struct world *world, const struct request *request, struct answer *answer) {
    struct object *job = need_job(world, request, answer);
    if (job != NULL) {
        object_delete(world, job);
        answer_json(answer, 204, NULL);
    }
}

void job_runs_list(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *job = need_job(world, request, answer);
    if (job != NULL) {
        const struct filter filters[] = {{"@job_id", job->id}, {NULL, NULL}};
        resource_list(world, KIND_JOB_RUN, request, filters, answer);
    }
}

void job_runs_create(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *job = need_job(world, request, answer);
    if (job == NULL) {
        return;
    }
    cJSON *wanted = request->json != NULL ? json_copy(request->json) : json_object();
    json_put_text(wanted, "job_id", job->id);
    resource_show(job_run_new(world, wanted, NULL), 201, answer);
    cJSON_Delete(wanted);
}

static struct object *need_run(struct world *world, const struct request *request,
                               struct answer *answer) {
    const struct object *job = need_job(world, request, answer);
    if (job == NULL) {
        return NULL;
    }
    struct object *run = resource_need(world, KIND_JOB_RUN, request->params[1], answer);
    if (run != NULL && strcmp(json_text_or(run->inside, "job_id", ""), job->id) != 0) {
        answer_error(answer, 404, "resource_not_found", "The run '%s' is none of this job",
                     run->id);
        return NULL;
    }
    return run;
}

void job_runs_get(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *run = need_run(world, request, answer);
    if (run != NULL) {
        resource_show(run, 200, answer);
    }
}

void job_runs_logs(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *run = need_run(world, request, answer);
    if (run != NULL) {
        answer_json(answer, 200, NULL);
        job_run_log(run, &answer->raw);
        answer->content_type = "text/plain";
    }
}

void job_runs_cancel(struct world *world, const struct request *request, struct answer *answer) {
    struct object *run = need_run(world, request, answer);
    if (run == NULL) {
        return;
    }
    if (run->n_steps == 0) {
        answer_error(answer, 409, "job_run_not_running", "The run '%s' is in state '%s'", run->id,
                     object_state(run));
        return;
    }
    object_settle(world, run, "Canceled");
    answer_json(answer, 204, NULL);
}
