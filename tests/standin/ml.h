#ifndef STANDIN_ML_H
#define STANDIN_ML_H
/*
 * Watson Machine Learning: models with their content and revisions, deployments, predictions.
 */
#include "answer.h"

struct object *model_new(struct world *world, const cJSON *wanted, const char *id);
struct object *deployment_new(struct world *world, const cJSON *wanted, const char *id);

/* Makes the software specifications that the scenario lists, or the usual ones. */
void ml_add_software_specs(struct world *world);

void software_specs_list(struct world *world, const struct request *request, struct answer *answer);

void models_list(struct world *world, const struct request *request, struct answer *answer);
void models_create(struct world *world, const struct request *request, struct answer *answer);
void models_get(struct world *world, const struct request *request, struct answer *answer);
void models_patch(struct world *world, const struct request *request, struct answer *answer);
void models_delete(struct world *world, const struct request *request, struct answer *answer);
void models_upload(struct world *world, const struct request *request, struct answer *answer);
void models_revise(struct world *world, const struct request *request, struct answer *answer);
void models_revisions(struct world *world, const struct request *request, struct answer *answer);

void deployments_list(struct world *world, const struct request *request, struct answer *answer);
void deployments_create(struct world *world, const struct request *request, struct answer *answer);
void deployments_get(struct world *world, const struct request *request, struct answer *answer);
void deployments_patch(struct world *world, const struct request *request, struct answer *answer);
void deployments_delete(struct world *world, const struct request *request, struct answer *answer);
void deployments_predict(struct world *world, const struct request *request, struct answer *answer);

/* True when the object is in the space that the request names; a 404 in `answer` if not. */
bool ml_is_in_space(const struct object *object, const struct request *request,
                    struct answer *answer);

#endif
