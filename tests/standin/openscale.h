#ifndef STANDIN_OPENSCALE_H
#define STANDIN_OPENSCALE_H
/*
 * Watson OpenScale: data marts, service providers, subscriptions and monitor instances
 * (openscale.c), data sets and their records (data_sets.c), runs and measurements (runs.c).
 */
#include "answer.h"

struct object *data_mart_new(struct world *world, const cJSON *wanted, const char *id);
struct object *provider_new(struct world *world, const cJSON *wanted, const char *id);
struct object *subscription_new(struct world *world, const cJSON *wanted, const char *id);
struct object *monitor_new(struct world *world, const cJSON *wanted, const char *id);
struct object *data_set_new(struct world *world, const cJSON *wanted, const char *id);
struct object *run_new(struct world *world, const cJSON *wanted, const char *id);

/* Fills in crn, url and creator, which all objects of OpenScale have. */
void openscale_put_metadata(struct object *object, const char *parent_path);

/* What the service does by itself; called by lifecycle.c. */
void openscale_subscription_ready(struct world *world, struct object *subscription);
void openscale_monitor_ready(struct world *world, struct object *monitor);
void openscale_records_ready(struct world *world, struct object *request);
void openscale_finish_run(struct world *world, struct object *run, const char *time);

/* Scoring requests of a monitored deployment become payload records. */
void openscale_log_payload(struct world *world, const char *deployment_id, const cJSON *input);

/* The data set of a subscription by its type, NULL without. */
struct object *data_set_of(const struct world *world, const char *subscription_id,
                           const char *type);
int data_set_count(const struct object *data_set);

void data_marts_list(struct world *world, const struct request *request, struct answer *answer);
void data_marts_create(struct world *world, const struct request *request, struct answer *answer);
void providers_list(struct world *world, const struct request *request, struct answer *answer);
void providers_create(struct world *world, const struct request *request, struct answer *answer);
void subscriptions_list(struct world *world, const struct request *request, struct answer *answer);
void subscriptions_create(struct world *world, const struct request *request,
                          struct answer *answer);
void subscriptions_patch(struct world *world, const struct request *request, struct answer *answer);
void subscriptions_delete(struct world *world, const struct request *request,
                          struct answer *answer);
void monitors_list(struct world *world, const struct request *request, struct answer *answer);
void monitors_create(struct world *world, const struct request *request, struct answer *answer);
void monitors_patch(struct world *world, const struct request *request, struct answer *answer);
void monitors_delete(struct world *world, const struct request *request, struct answer *answer);

void data_sets_list(struct world *world, const struct request *request, struct answer *answer);
void data_sets_create(struct world *world, const struct request *request, struct answer *answer);
void data_sets_patch(struct world *world, const struct request *request, struct answer *answer);
void records_list(struct world *world, const struct request *request, struct answer *answer);
void records_add(struct world *world, const struct request *request, struct answer *answer);
void records_request(struct world *world, const struct request *request, struct answer *answer);

void runs_list(struct world *world, const struct request *request, struct answer *answer);
void runs_create(struct world *world, const struct request *request, struct answer *answer);
void runs_get(struct world *world, const struct request *request, struct answer *answer);
void measurements_list(struct world *world, const struct request *request, struct answer *answer);

#endif
