/*
 * Data marts, service providers, subscriptions, monitor instances.
 *
 * Rules of the service that the pipelines meet: a subscription takes a while to become active, and
 * again after each PATCH (whose answer still shows the old state, as recorded); it gets default
 * monitors and a payload data set; a feedback data set appears only with a quality monitor. That a
 * monitor is refused while its subscription is in preparation is inferred.
 */
#include "openscale.h"

#include <stdlib.h>
#include <string.h>

#include "lifecycle.h"
#include "resource.h"

static void put_copies(struct object *object, const cJSON *wanted, const char *const *keys,
                       size_t n) {
    for (size_t i = 0; i < n; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "entity.%s", keys[i]);
        json_put_copy(object->body, path, wanted, keys[i]);
    }
}

void openscale_put_metadata(struct object *object, const char *parent_path) {
    const struct kind_info *info = &kind_infos[object->kind];
    char *crn = text_format("crn:v1:bluemix:public:aiopenscale:us-south:a/na:"
                            "00000000-0000-0000-0000-000000000000:%s:%s",
                            info->name, object->id);
    char *url = text_format("/v2%s/%s/%s", parent_path, info->collection, object->id);
    json_put_text(object->body, "metadata.crn", crn);
    json_put_text(object->body, "metadata.url", url);
    json_put_text(object->body, "metadata.created_by", "admin");
    free(crn);
    free(url);
}

struct object *data_mart_new(struct world *world, const cJSON *wanted, const char *id) {
    struct object *mart = object_new(world, KIND_DATA_MART, id);
    openscale_put_metadata(mart, "");
    json_put(mart->body, "entity.internal_database",
             cJSON_CreateBool(json_bool_or(wanted, "internal_database", true)));
    json_put_text(mart->body, "entity.database_configuration.database_type", "postgresql");
    lifecycle_begin(world, mart);
    return mart;
}

struct object *provider_new(struct world *world, const cJSON *wanted, const char *id) {
    static const char *const keys[] = {
        "name",        "description",          "service_type",
        "instance_id", "operational_space_id", "deployment_space_id"};
    struct object *provider = object_new(world, KIND_SERVICE_PROVIDER, id);
    openscale_put_metadata(provider, "");
    json_put_text(provider->body, "entity.service_type", "watson_machine_learning");
    json_put_text(provider->body, "entity.instance_id", "00000000-0000-0000-0000-000000000000");
    json_put_text(provider->body, "entity.credentials.secret_id", "REDACTED");
    put_copies(provider, wanted, keys, sizeof keys / sizeof *keys);
    lifecycle_begin(world, provider);
    return provider;
}

struct object *subscription_new(struct world *world, const cJSON *wanted, const char *id) {
    static const char *const keys[] = {
        "data_mart_id",     "service_provider_id",   "asset", "asset_properties", "deployment",
        "analytics_engine", "risk_evaluation_status"};
    struct object *subscription = object_new(world, KIND_SUBSCRIPTION, id);
    openscale_put_metadata(subscription, "");
    put_copies(subscription, wanted, keys, sizeof keys / sizeof *keys);
    lifecycle_begin(world, subscription);
    return subscription;
}

struct object *monitor_new(struct world *world, const cJSON *wanted, const char *id) {
    static const char *const keys[] = {
        "data_mart_id", "monitor_definition_id", "target", "parameters", "thresholds", "schedule",
        "managed_by"};
    struct object *monitor = object_new(world, KIND_MONITOR, id);
    openscale_put_metadata(monitor, "");
    json_put(monitor->body, "entity.parameters", json_object());
    put_copies(monitor, wanted, keys, sizeof keys / sizeof *keys);
    lifecycle_begin(world, monitor);
    return monitor;
}

static void add_default_monitor(struct world *world, const struct object *subscription,
                                const char *definition) {
    cJSON *wanted = json_literal("{\"target\":{\"target_type\":\"subscription\"}}");
    json_put_copy(wanted, "data_mart_id", subscription->body, "entity.data_mart_id");
    json_put_text(wanted, "monitor_definition_id", definition);
    json_put_text(wanted, "target.target_id", subscription->id);
    json_put_text(wanted, "managed_by", "system");
    struct object *monitor = monitor_new(world, wanted, NULL);
    json_put_text(monitor->body, "metadata.created_by", "internal-service");
    object_settle(world, monitor, "active");
    cJSON_Delete(wanted);
}

static void add_data_set(struct world *world, const char *mart_id, const char *subscription_id,
                         const char *type) {
    if (data_set_of(world, subscription_id, type) != NULL) {
        return;
    }
    cJSON *wanted = json_literal("{\"target\":{\"target_type\":\"subscription\"}}");
    json_put_text(wanted, "data_mart_id", mart_id);
    json_put_text(wanted, "target.target_id", subscription_id);
    json_put_text(wanted, "type", type);
    struct object *data_set = data_set_new(world, wanted, NULL);
    json_put_text(data_set->body, "metadata.modified_by", "internal-service");
    object_settle(world, data_set, "active");
    cJSON_Delete(wanted);
}

void openscale_subscription_ready(struct world *world, struct object *subscription) {
    static const char *const definitions[] = {"model_health", "performance", "mrm"};
    const char *mart_id = json_text_or(subscription->body, "entity.data_mart_id", "");
    add_data_set(world, mart_id, subscription->id, "payload_logging");
    if (json_bool_or(subscription->inside, "has_default_monitors", false) ||
        !world_flag(world, "options.default_monitors", true)) {
        return;
    }
    json_put(subscription->inside, "has_default_monitors", cJSON_CreateBool(true));
    for (size_t i = 0; i < sizeof definitions / sizeof *definitions; i++) {
        add_default_monitor(world, subscription, definitions[i]);
    }
}

void openscale_monitor_ready(struct world *world, struct object *monitor) {
    const char *definition = json_text_or(monitor->body, "entity.monitor_definition_id", "");
    if (strcmp(definition, "quality") == 0) {
        add_data_set(world, json_text_or(monitor->body, "entity.data_mart_id", ""),
                     json_text_or(monitor->body, "entity.target.target_id", ""), "feedback");
    }
}

void data_marts_list(struct world *world, const struct request *request, struct answer *answer) {
    resource_list(world, KIND_DATA_MART, request, NULL, answer);
}

void data_marts_create(struct world *world, const struct request *request, struct answer *answer) {
    if (!resource_has_object(request, answer)) {
        return;
    }
    if (object_find(world, KIND_DATA_MART, "00000000-0000-0000-0000-000000000000") != NULL) {
        answer_error(answer, 409, "AISCS0004W", "Data Mart with this id is already defined");
        return;
    }
    const char *id = "00000000-0000-0000-0000-000000000000";
    resource_show(data_mart_new(world, request->json, id), 202, answer);
}

void providers_list(struct world *world, const struct request *request, struct answer *answer) {
    const struct filter filters[] = {
        {"entity.service_type", request_query(request, "service_type")},
        {"entity.operational_space_id", request_query(request, "operational_space_id")},
        {"entity.deployment_space_id", request_query(request, "deployment_space_id")},
        {NULL, NULL},
    };
    resource_list(world, KIND_SERVICE_PROVIDER, request, filters, answer);
}

void providers_create(struct world *world, const struct request *request, struct answer *answer) {
    if (!resource_has_object(request, answer)) {
        return;
    }
    if (*json_text_or(request->json, "name", "") == '\0') {
        answer_error(answer, 400, "invalid_request_entity", "name is required");
        return;
    }
    resource_show(provider_new(world, request->json, NULL), 202, answer);
}

void subscriptions_list(struct world *world, const struct request *request, struct answer *answer) {
    const struct filter filters[] = {
        {"entity.data_mart_id", request_query(request, "data_mart_id")},
        {"entity.service_provider_id", request_query(request, "service_provider_id")},
        {"entity.asset.asset_id", request_query(request, "asset.asset_id")},
        {"entity.deployment.deployment_id", request_query(request, "deployment.deployment_id")},
        {"entity.deployment.deployment_type", request_query(request, "deployment.deployment_type")},
        {NULL, NULL},
    };
    resource_list(world, KIND_SUBSCRIPTION, request, filters, answer);
}

void subscriptions_create(struct world *world, const struct request *request,
                          struct answer *answer) {
    if (!resource_has_object(request, answer)) {
        return;
    }
    const cJSON *wanted = request->json;
    const char *mart_id = json_text_or(wanted, "data_mart_id", "");
    const char *provider_id = json_text_or(wanted, "service_provider_id", "");
    if (resource_need(world, KIND_DATA_MART, mart_id, answer) == NULL ||
        resource_need(world, KIND_SERVICE_PROVIDER, provider_id, answer) == NULL) {
        return;
    }
    const cJSON *properties = json_at(wanted, "asset_properties");
    if (*json_text_or(wanted, "asset.asset_id", "") == '\0' ||
        (properties != NULL && !cJSON_IsObject(properties))) {
        answer_error(answer, 400, "invalid_request_entity",
                     "asset.asset_id is required and asset_properties must be an object");
        return;
    }
    resource_show(subscription_new(world, wanted, NULL), 202, answer);
}

void subscriptions_patch(struct world *world, const struct request *request,
                         struct answer *answer) {
    struct object *subscription =
        resource_need(world, KIND_SUBSCRIPTION, request->params[1], answer);
    if (subscription == NULL || !resource_patch(subscription, request, answer)) {
        return;
    }
    resource_show(subscription, 200, answer);
    lifecycle_enter(world, subscription, "preparing", world->now_ms);
    subscription->n_steps = 0;
    object_later(world, subscription, "active", duration_of(world, "subscription_update"));
}

/* Everything of `kind` whose `path` is `value` goes with its owner. */
static void delete_all(struct world *world, enum kind kind, const char *path, const char *value) {
    for (;;) {
        struct object *object = object_find_by(world, kind, path, value, NULL);
        if (object == NULL) {
            return;
        }
        object_delete(world, object);
    }
}

void subscriptions_delete(struct world *world, const struct request *request,
                          struct answer *answer) {
    struct object *subscription =
        resource_need(world, KIND_SUBSCRIPTION, request->params[1], answer);
    if (subscription == NULL) {
        return;
    }
    delete_all(world, KIND_MONITOR, "entity.target.target_id", subscription->id);
    delete_all(world, KIND_DATA_SET, "entity.target.target_id", subscription->id);
    object_delete(world, subscription);
    answer_json(answer, 202, NULL);
}

void monitors_list(struct world *world, const struct request *request, struct answer *answer) {
    const struct filter filters[] = {
        {"entity.data_mart_id", request_query(request, "data_mart_id")},
        {"entity.monitor_definition_id", request_query(request, "monitor_definition_id")},
        {"entity.target.target_id", request_query(request, "target.target_id")},
        {"entity.target.target_type", request_query(request, "target.target_type")},
        {NULL, NULL},
    };
    resource_list(world, KIND_MONITOR, request, filters, answer);
}

void monitors_create(struct world *world, const struct request *request, struct answer *answer) {
    if (!resource_has_object(request, answer)) {
        return;
    }
    const cJSON *wanted = request->json;
    const char *mart_id = json_text_or(wanted, "data_mart_id", "");
    const char *target_id = json_text_or(wanted, "target.target_id", "");
    if (resource_need(world, KIND_DATA_MART, mart_id, answer) == NULL) {
        return;
    }
    const struct object *subscription = resource_need(world, KIND_SUBSCRIPTION, target_id, answer);
    if (subscription == NULL) {
        return;
    }
    if (*json_text_or(wanted, "monitor_definition_id", "") == '\0') {
        answer_error(answer, 400, "invalid_request_entity", "monitor_definition_id is required");
        return;
    }
    if (strcmp(object_state(subscription), "active") != 0) {
        answer_error(answer, 400, "subscription_not_active",
                     "The subscription '%s' is in state '%s'", subscription->id,
                     object_state(subscription));
        return;
    }
    resource_show(monitor_new(world, wanted, NULL), 202, answer);
}

void monitors_patch(struct world *world, const struct request *request, struct answer *answer) {
    struct object *monitor = resource_need(world, KIND_MONITOR, request->params[1], answer);
    if (monitor != NULL && resource_patch(monitor, request, answer)) {
        resource_show(monitor, 200, answer);
    }
}

void monitors_delete(struct world *world, const struct request *request, struct answer *answer) {
    struct object *monitor = resource_need(world, KIND_MONITOR, request->params[1], answer);
    if (monitor != NULL) {
        object_delete(world, monitor);
        answer_json(answer, 202, NULL);
    }
}
