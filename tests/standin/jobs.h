#ifndef STANDIN_JOBS_H
#define STANDIN_JOBS_H
/*
 * Jobs of projects and spaces and their runs (jobs.c), the jobs of batch deployments
 * (batch_jobs.c), and what the dsjob plugin of cpdctl says about jobs (dsjob.c).
 */
#include "answer.h"

struct object *job_new(struct world *world, const cJSON *wanted, const char *id);

/* `wanted` has job_id beside the body of the POST. */
struct object *job_run_new(struct world *world, const cJSON *wanted, const char *id);

/* What happens when a run enters a state; called by lifecycle.c. */
void job_run_entered(struct world *world, struct object *run, const char *state);
void batch_job_entered(struct world *world, struct object *job, const char *state);

void jobs_list(struct world *world, const struct request *request, struct answer *answer);
void jobs_create(struct world *world, const struct request *request, struct answer *answer);
void jobs_get(struct world *world, const struct request *request, struct answer *answer);
void jobs_delete(struct world *world, const struct request *request, struct answer *answer);
void job_runs_list(struct world *world, const struct request *request, struct answer *answer);
void job_runs_create(struct world *world, const struct request *request, struct answer *answer);
void job_runs_get(struct world *world, const struct request *request, struct answer *answer);
void job_runs_logs(struct world *world, const struct request *request, struct answer *answer);
void job_runs_cancel(struct world *world, const struct request *request, struct answer *answer);

void batch_jobs_list(struct world *world, const struct request *request, struct answer *answer);
void batch_jobs_create(struct world *world, const struct request *request, struct answer *answer);
void batch_jobs_get(struct world *world, const struct request *request, struct answer *answer);
void batch_jobs_delete(struct world *world, const struct request *request, struct answer *answer);

/* The log of a run, as far as it has come. */
void job_run_log(const struct object *run, struct text *out);

/* The project and job by name, then as job_runs_create(). */
void dsjob_run(struct world *world, const struct request *request, struct answer *answer);
void dsjob_list_jobs(struct world *world, const struct request *request, struct answer *answer);
void dsjob_jobrunstat(struct world *world, const struct request *request, struct answer *answer);

/* dsjob's exit code for the state of a run, which is its status code too. */
int dsjob_code(const char *state);

/* What `dsjob run --wait` prints when the run has ended or was waited for long enough. */
void dsjob_print(const struct object *run, struct text *out);

#endif
