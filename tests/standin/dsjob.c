/*
 * The dsjob plugin of cpdctl: jobs by name of project and job, text for people, a trailer
 * "Status code =  N", and the status code as exit code (0 ok, 1 warnings, 3 errors, 4 failed,
 * 5 canceled), as its manual has it. A wait that ended before the run gives -1, which a shell sees
 * as 255.
 */
#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "resource.h"

int dsjob_code(const char *state) {
    static const struct {
        const char *state;
        int code;
    } codes[] = {{"Completed", 0},
                 {"CompletedWithWarnings", 1},
                 {"CompletedWithErrors", 3},
                 {"Failed", 4},
                 {"Canceled", 5}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(codes[i].state, state) == 0) {
            return codes[i].code;
        }
    }
    return 255;
}

void dsjob_print(const struct object *run, struct text *out) {
    text_printf(out, "...\nJob Run ID: %s\n", run->id);
    job_run_log(run, out);
    text_printf(out, "Job run status: %s\n\nStatus code =  %d\n", object_state(run),
                dsjob_code(object_state(run)) == 255 ? -1 : dsjob_code(object_state(run)));
}

static const struct object *need_project(struct world *world, const struct request *request,
                                         struct answer *answer) {
    const char *name = request_query(request, "project");
    const struct object *project = object_find_by(world, KIND_PROJECT, "entity.name", name, NULL);
    if (project == NULL) {
        answer_error(answer, 404, "project_not_found", "Project with name '%s' was not found",
                     name != NULL ? name : "");
    }
    return project;
}

static struct object *need_job(struct world *world, const struct request *request,
                               struct answer *answer) {
    const struct object *project = need_project(world, request, answer);
    struct object *job = NULL;
    if (project == NULL) {
        return NULL;
    }
    do {
        job = object_find_by(world, KIND_JOB, "metadata.name", request_query(request, "job"), job);
    } while (job != NULL && strcmp(json_text_or(job->inside, "container", ""), project->id) != 0);
    if (job == NULL) {
        answer_error(answer, 404, "job_not_found", "Job with name '%s' was not found",
                     request_query(request, "job") != NULL ? request_query(request, "job") : "");
    }
    return job;
}

void dsjob_run(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *job = need_job(world, request, answer);
    if (job == NULL) {
        return;
    }
    cJSON *wanted = json_object();
    json_put_text(wanted, "job_id", job->id);
    json_put_copy(wanted, "job_run.name", request->query, "run_name");
    json_put_copy(wanted, "job_run.job_parameters", request->query, "param");
    resource_show(job_run_new(world, wanted, NULL), 201, answer);
    cJSON_Delete(wanted);
}

void dsjob_list_jobs(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *project = need_project(world, request, answer);
    if (project == NULL) {
        return;
    }
    answer_json(answer, 200, NULL);
    text_puts(&answer->raw, "...\n");
    int n = 0;
    for (size_t i = 0; i < world->n_objects; i++) {
        const struct object *job = world->objects[i];
        if (job->kind == KIND_JOB &&
            strcmp(json_text_or(job->inside, "container", ""), project->id) == 0) {
            text_printf(&answer->raw, "%s\n", json_text_or(job->body, "metadata.name", ""));
            n++;
        }
    }
    text_printf(&answer->raw, "\nTotal: %d Jobs\n\nStatus code = 0\n", n);
    answer->content_type = "text/plain";
}

/* The newest run of the job, or the one that is named by its id. */
static const struct object *find_run(const struct world *world, const struct object *job,
                                     const char *run_id) {
    for (size_t i = world->n_objects; i-- > 0;) {
        const struct object *run = world->objects[i];
        if (run->kind == KIND_JOB_RUN &&
            strcmp(json_text_or(run->inside, "job_id", ""), job->id) == 0 &&
            (run_id == NULL || strcmp(run->id, run_id) == 0)) {
            return run;
        }
    }
    return NULL;
}

void dsjob_jobrunstat(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *job = need_job(world, request, answer);
    if (job == NULL) {
        return;
    }
    const struct object *run = find_run(world, job, request_query(request, "run_id"));
    if (run == NULL) {
        answer_error(answer, 404, "job_run_not_found", "The job has no such run");
        return;
    }
    answer_json(answer, 200, NULL);
    text_printf(&answer->raw, "...\nJob Run ID: %s\nJob run status: %s\n\nStatus code =  0\n",
                run->id, object_state(run));
    answer->content_type = "text/plain";
}
