/*
 * Deployments and predictions.
 *
 * inside.next is what the deployment will serve when it becomes ready, inside.serving what it
 * serves: {"model_id", "upload", "rev"}. Replacing the asset of a deployment is answered with the
 * old state, as recorded; "updating" is seen only by the next call.
 */
#include <stdlib.h>
#include <string.h>

#include "lifecycle.h"
#include "ml.h"
#include "openscale.h"
#include "resource.h"

/* The three forms in which generations of the product tell where a deployment answers. */
static void put_urls(const struct world *world, struct object *deployment) {
    const char *generation = world_option(world, "options.generation", "4.8");
    bool is_first = strcmp(generation, "3.0") == 0;
    bool is_newest = strcmp(generation, "inference") == 0;
    char *url = text_format("%s%s/deployments/%s/predictions",
                            world_option(world, "options.public_url", world->url),
                            is_first ? "/v4" : "/ml/v4", deployment->id);
    cJSON *body = deployment->body;
    if (!is_newest) {
        json_put_text(body, "entity.status.online_url.url", url);
    }
    if (!is_first) {
        cJSON *inference = json_literal("[{}]");
        json_put_text(inference->child, "url", url);
        json_put(body, "entity.status.inference", inference);
    }
    if (!is_first && !is_newest) {
        json_put(body, "entity.status.serving_urls", json_array());
        json_push(json_at(body, "entity.status.serving_urls"), cJSON_CreateString(url));
        json_put(body, "system",
                 json_literal("{\"warnings\":[{\"id\":\"Deprecated\",\"message\":\"online_url and "
                              "serving_urls are deprecated and will be removed in a future "
                              "release. Use inference instead.\"}]}"));
    }
    free(url);
}

/* Notes what `asset` stands for at this moment; a model without content cannot be deployed. */
static void plan_serving(const struct world *world, struct object *deployment, const cJSON *asset) {
    const struct object *model = object_find(world, KIND_MODEL, json_text(asset, "id"));
    if (model == NULL) {
        return;
    }
    const char *rev = json_text(asset, "rev");
    double upload = json_number_or(model->inside, "uploads", 0);
    json_drop(deployment->inside, "next");
    json_drop(deployment->inside, "failure");
    if (rev != NULL) {
        char path[ID_SIZE];
        (void)snprintf(path, sizeof path, "revisions.%.40s", rev);
        upload = json_number_or(model->inside, path, 0);
        json_put_text(deployment->inside, "next.rev", rev);
    }
    json_put_text(deployment->inside, "next.model_id", model->id);
    json_put_number(deployment->inside, "next.upload", upload);
    if (upload < 1) {
        json_put(deployment->inside, "failure",
                 json_literal("{\"trace\":\"NO_TRACE_AVAILABLE\",\"errors\":[{\"code\":"
                              "\"model_content_missing\",\"message\":\"The model has no "
                              "content to deploy\"}]}"));
    }
}

struct object *deployment_new(struct world *world, const cJSON *wanted, const char *id) {
    static const char *const copied[] = {"asset", "name",     "description",   "online",
                                         "batch", "space_id", "hardware_spec", "custom"};
    struct object *deployment = object_new(world, KIND_DEPLOYMENT, id);
    cJSON *body = deployment->body;
    json_put(body, "entity.custom", json_object());
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "entity.%s", copied[i]);
        json_put_copy(body, path, wanted, copied[i]);
    }
    json_put_text(body, "entity.deployed_asset_type", "model");
    json_put_copy(body, "metadata.name", wanted, "name");
    json_put_copy(body, "metadata.description", wanted, "description");
    json_put_copy(body, "metadata.space_id", wanted, "space_id");
    json_put_copy(body, "metadata.tags", wanted, "tags");
    json_put_copy(body, "metadata.modified_at", body, "metadata.created_at");
    json_put_text(body, "metadata.owner", "1000330999");
    if (json_at(wanted, "online") != NULL) {
        put_urls(world, deployment);
    }
    plan_serving(world, deployment, json_at(wanted, "asset"));
    lifecycle_begin(world, deployment);
    return deployment;
}

void deployments_list(struct world *world, const struct request *request, struct answer *answer) {
    const struct filter filters[] = {
        {"metadata.space_id", request_query(request, "space_id")},
        {"entity.asset.id", request_query(request, "asset_id")},
        {"metadata.name", request_query(request, "name")},
        {"entity.status.state", request_query(request, "state")},
        {NULL, NULL},
    };
    if (filters[0].value == NULL) {
        answer_error(answer, 400, "missing_parameter", "Missing query parameter: space_id");
        return;
    }
    resource_list(world, KIND_DEPLOYMENT, request, filters, answer);
}

/* Is there such an asset, and such a revision of it, in the space? */
static bool is_asset_there(struct world *world, const cJSON *asset, const char *space_id,
                           struct answer *answer) {
    const struct object *model =
        resource_need(world, KIND_MODEL, json_text_or(asset, "id", ""), answer);
    if (model == NULL) {
        return false;
    }
    if (space_id == NULL ||
        strcmp(json_text_or(model->body, "metadata.space_id", ""), space_id) != 0) {
        answer_error(answer, 404, "resource_not_found",
                     "Resource of `model` with given id `%s` could not be found in the space",
                     model->id);
        return false;
    }
    const char *rev = json_text(asset, "rev");
    char path[ID_SIZE];
    (void)snprintf(path, sizeof path, "revisions.%.40s", rev != NULL ? rev : "");
    if (rev != NULL && json_at(model->inside, path) == NULL) {
        answer_error(answer, 404, "resource_not_found", "The model has no revision '%s'", rev);
        return false;
    }
    return true;
}

void deployments_create(struct world *world, const struct request *request, struct answer *answer) {
    if (!resource_has_object(request, answer)) {
        return;
    }
    const cJSON *wanted = request->json;
    const char *space_id = json_text_or(wanted, "space_id", "");
    if (resource_need(world, KIND_SPACE, space_id, answer) == NULL ||
        !is_asset_there(world, json_at(wanted, "asset"), space_id, answer)) {
        return;
    }
    if (json_at(wanted, "online") == NULL && json_at(wanted, "batch") == NULL) {
        answer_error(answer, 400, "invalid_request_entity",
                     "Invalid request entity: one of online, batch is required.");
        return;
    }
    resource_show(deployment_new(world, wanted, NULL), 202, answer);
}

static struct object *need_deployment(struct world *world, const struct request *request,
                                      struct answer *answer) {
    struct object *deployment = resource_need(world, KIND_DEPLOYMENT, request->params[0], answer);
    return deployment != NULL && ml_is_in_space(deployment, request, answer) ? deployment : NULL;
}

void deployments_get(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *deployment = need_deployment(world, request, answer);
    if (deployment != NULL) {
        resource_show(deployment, 200, answer);
    }
}

static bool patches_asset(const cJSON *patch) {
    const cJSON *operation = NULL;
    cJSON_ArrayForEach(operation, patch) {
        if (strncmp(json_text_or(operation, "path", ""), "/asset", 6) == 0) {
            return true;
        }
    }
    return false;
}

void deployments_patch(struct world *world, const struct request *request, struct answer *answer) {
    struct object *deployment = need_deployment(world, request, answer);
    if (deployment == NULL) {
        return;
    }
    cJSON *before = json_copy(deployment->body);
    if (!resource_patch(deployment, request, answer)) {
        cJSON_Delete(before);
        return;
    }
    const cJSON *asset = json_at(deployment->body, "entity.asset");
    const char *space_id = json_text(deployment->body, "metadata.space_id");
    if (!is_asset_there(world, asset, space_id, answer)) {
        cJSON_Delete(deployment->body);
        deployment->body = before;
        return;
    }
    cJSON_Delete(before);
    json_put_copy(deployment->body, "metadata.name", deployment->body, "entity.name");
    resource_show(deployment, 202, answer);
    if (!patches_asset(request->json)) {
        return;
    }
    plan_serving(world, deployment, asset);
    deployment->n_steps = 0;
    lifecycle_enter(world, deployment, "updating", world->now_ms);
    json_put(deployment->body, "entity.status.message",
             json_literal("{\"level\":\"info\",\"text\":\"Successfully patched the asset.\"}"));
    lifecycle_begin(world, deployment);
}

void deployments_delete(struct world *world, const struct request *request, struct answer *answer) {
    struct object *deployment = need_deployment(world, request, answer);
    if (deployment != NULL) {
        object_delete(world, deployment);
        answer_json(answer, 204, NULL);
    }
}

/* What the served model answers to every row: outcomes.predictions by name of model, usually 0. */
static double answer_of(const struct world *world, const struct object *deployment) {
    const struct object *model =
        object_find(world, KIND_MODEL, json_text(deployment->inside, "serving.model_id"));
    const cJSON *answers = json_at(world->scenario, "outcomes.predictions");
    const char *name = model != NULL ? json_text_or(model->body, "metadata.name", "") : "";
    const cJSON *answer = cJSON_GetObjectItemCaseSensitive(answers, name);
    return cJSON_IsNumber(answer) ? answer->valuedouble : 0;
}

void deployments_predict(struct world *world, const struct request *request,
                         struct answer *answer) {
    struct object *deployment = resource_need(world, KIND_DEPLOYMENT, request->params[0], answer);
    if (deployment == NULL) {
        return;
    }
    if (json_at(deployment->inside, "serving") == NULL) {
        answer_error(answer, 400, "deployment_not_ready", "The deployment '%s' is in state '%s'",
                     deployment->id, object_state(deployment));
        return;
    }
    const cJSON *input = json_at(request->json, "input_data");
    if (!cJSON_IsArray(input) || input->child == NULL) {
        answer_error(answer, 400, "invalid_input_data", "input_data must be a list of tables");
        return;
    }
    cJSON *reply = json_literal(
        "{\"predictions\":[{\"fields\":[\"prediction\",\"probability\"],\"values\":[]}]}");
    cJSON *rows = json_at(json_at(reply, "predictions")->child, "values");
    const cJSON *row = NULL;
    cJSON_ArrayForEach(row, json_at(input->child, "values")) {
        cJSON *values = json_array();
        json_push(values, cJSON_CreateNumber(answer_of(world, deployment)));
        json_push(values, json_literal("[0.9,0.1]"));
        json_push(rows, values);
    }
    openscale_log_payload(world, deployment->id, input);
    answer_json(answer, 200, reply);
}
