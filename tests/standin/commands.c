/*
 * The table of commands, see commands.h.
 */
#include "commands_priv.h"

#include <string.h>

/* ---- 0.4 ---- */

static const struct flag spaces_list[] = {PAGES, END};
static const struct flag spaces_create[] = {{"name", FLAG_TEXT, "name", true},
                                            {"description", FLAG_TEXT, "description", false},
                                            {"compute", FLAG_JSON, "compute", false},
                                            {"tags", FLAG_LIST, "tags", false},
                                            END};
static const struct flag spaces_one[] = {{"space-id", FLAG_PATH, NULL, true}, END};

static const struct flag wml_list[] = {{"space-id", FLAG_QUERY, "space_id", true}, PAGES, END};
static const struct flag wml_models_create[] = {{"name", FLAG_TEXT, "name", true},
                                                {"space-id", FLAG_TEXT, "space_id", true},
                                                {"type", FLAG_TEXT, "type", true},
                                                {"software-spec", FLAG_JSON, "software_spec", true},
                                                {"description", FLAG_TEXT, "description", false},
                                                {"label-column", FLAG_TEXT, "label_column", false},
                                                {"schemas", FLAG_JSON, "schemas", false},
                                                {"tags", FLAG_LIST, "tags", false},
                                                END};
static const struct flag wml_model_one[] = {
    {"model-id", FLAG_PATH, NULL, true}, {"space-id", FLAG_QUERY, "space_id", true}, END};
static const struct flag wml_models_upload[] = {
    {"model-id", FLAG_PATH, NULL, true},
    {"space-id", FLAG_QUERY, "space_id", true},
    {"content-format", FLAG_QUERY, "content_format", true},
    {"body", FLAG_FILE, NULL, true},
    END};
static const struct flag wml_deployments_create[] = {
    {"name", FLAG_TEXT, "name", false},     {"space-id", FLAG_TEXT, "space_id", true},
    {"asset", FLAG_JSON, "asset", true},    {"online", FLAG_JSON, "online", false},
    {"batch", FLAG_JSON, "batch", false},   {"hardware-spec", FLAG_JSON, "hardware_spec", false},
    {"custom", FLAG_JSON, "custom", false}, {"description", FLAG_TEXT, "description", false},
    {"tags", FLAG_LIST, "tags", false},     END};
static const struct flag wml_deployment_one[] = {
    {"deployment-id", FLAG_PATH, NULL, true}, {"space-id", FLAG_QUERY, "space_id", true}, END};
static const struct flag wml_deployments_update[] = {
    {"deployment-id", FLAG_PATH, NULL, true},
    {"space-id", FLAG_QUERY, "space_id", true},
    {"json-patch", FLAG_WHOLE, NULL, false},
    {"asset", FLAG_PATCH_JSON, "asset", false},
    {"name", FLAG_PATCH_TEXT, "name", false},
    {"description", FLAG_PATCH_TEXT, "description", false},
    END};

static const struct flag no_flags[] = {END};
static const struct flag mart_one[] = {{"data-mart-id", FLAG_PATH, NULL, true}, END};
static const struct flag provider_one[] = {{"service-provider-id", FLAG_PATH, NULL, true}, END};
static const struct flag subscription_one[] = {{"subscription-id", FLAG_PATH, NULL, true}, END};
static const struct flag subscriptions_add[] = {
    {"data-mart-id", FLAG_TEXT, "data_mart_id", true},
    {"service-provider-id", FLAG_TEXT, "service_provider_id", true},
    {"asset", FLAG_JSON, "asset", true},
    {"deployment", FLAG_JSON, "deployment", false},
    {"asset-properties", FLAG_JSON, "asset_properties", false},
    END};
static const struct flag subscriptions_update[] = {
    {"subscription-id", FLAG_PATH, NULL, true}, {"patch-document", FLAG_WHOLE, NULL, true}, END};
static const struct flag monitor_one[] = {{"monitor-instance-id", FLAG_PATH, NULL, true}, END};
static const struct flag monitors_add[] = {
    {"data-mart-id", FLAG_TEXT, "data_mart_id", true},
    {"monitor-definition-id", FLAG_TEXT, "monitor_definition_id", true},
    {"target", FLAG_JSON, "target", true},
    {"parameters", FLAG_JSON, "parameters", false},
    {"thresholds", FLAG_JSON, "thresholds", false},
    END};
static const struct flag run_one[] = {{"monitoring-run-id", FLAG_PATH, NULL, true},
                                      {"monitor-instance-id", FLAG_PATH, NULL, true},
                                      END};
static const struct flag runs_add[] = {{"monitor-instance-id", FLAG_PATH, NULL, true},
                                       {"triggered-by", FLAG_TEXT, "triggered_by", false},
                                       END};

/* ---- 1.x ---- */

static const struct flag space_list[] = {PAGES,
                                         ALL_PAGES,
                                         {"total-count", FLAG_QUERY, "total_count", false},
                                         {"id", FLAG_QUERY, "id", false},
                                         {"tags", FLAG_QUERY, "tags", false},
                                         {"include", FLAG_QUERY, "include", false},
                                         {"member", FLAG_QUERY, "member", false},
                                         {"roles", FLAG_QUERY, "roles", false},
                                         {"bss-account-id", FLAG_QUERY, "bss_account_id", false},
                                         {"sub-name", FLAG_QUERY, "sub_name", false},
                                         {"compute-crn", FLAG_QUERY, "compute.crn", false},
                                         {"type", FLAG_QUERY, "type", false},
                                         END};
static const struct flag space_create[] = {
    ASYNC,
    {"name", FLAG_TEXT, "name", true},
    {"description", FLAG_TEXT, "description", false},
    {"compute", FLAG_JSON, "compute", false},
    {"generator", FLAG_TEXT, "generator", false},
    {"settings", FLAG_JSON, "settings", false},
    {"settings-access-restrictions", FLAG_JSON, "settings.access_restrictions", false},
    {"settings-folders", FLAG_JSON, "settings.folders", false},
    {"stage", FLAG_JSON, "stage", false},
    {"stage-name", FLAG_TEXT, "stage.name", false},
    {"stage-production", FLAG_BOOL, "stage.production", false},
    {"storage", FLAG_JSON, "storage", false},
    {"storage-delegated", FLAG_BOOL, "storage.delegated", false},
    {"storage-plan-id", FLAG_TEXT, "storage.plan_id", false},
    {"storage-properties", FLAG_JSON, "storage.properties", false},
    {"storage-resource-crn", FLAG_TEXT, "storage.resource_crn", false},
    {"tags", FLAG_LIST, "tags", false},
    {"type", FLAG_TEXT, "type", false},
    END};
static const struct flag space_one[] = {SPACE_PATH, {"include", FLAG_QUERY, "include", false}, END};
static const struct flag space_delete[] = {SPACE_PATH, ASYNC, END};
static const struct flag space_update[] = {SPACE_PATH,
                                           {"json-patch", FLAG_WHOLE, NULL, false},
                                           {"name", FLAG_PATCH_TEXT, "name", false},
                                           {"description", FLAG_PATCH_TEXT, "description", false},
                                           {"compute", FLAG_PATCH_JSON, "compute", false},
                                           {"stage-name", FLAG_PATCH_TEXT, "stage/name", false},
                                           END};

static const struct flag ml_model_list[] = {SPACE_QUERY,
                                            PAGES,
                                            ALL_PAGES,
                                            {"project-id", FLAG_QUERY, "project_id", false},
                                            {"tag-value", FLAG_QUERY, "tag.value", false},
                                            {"search", FLAG_QUERY, "search", false},
                                            END};
static const struct flag ml_model_create[] = {
    SPACE_BODY,
    ASYNC,
    {"name", FLAG_TEXT, "name", true},
    {"type", FLAG_TEXT, "type", true},
    {"description", FLAG_TEXT, "description", false},
    {"software-spec", FLAG_JSON, "software_spec", false},
    {"software-spec-id", FLAG_TEXT, "software_spec.id", false},
    {"software-spec-name", FLAG_TEXT, "software_spec.name", false},
    {"software-spec-rev", FLAG_TEXT, "software_spec.rev", false},
    {"label-column", FLAG_TEXT, "label_column", false},
    {"transformed-label-column", FLAG_TEXT, "transformed_label_column", false},
    {"schemas", FLAG_JSON, "schemas", false},
    {"schemas-input", FLAG_JSON, "schemas.input", false},
    {"schemas-output", FLAG_JSON, "schemas.output", false},
    {"training-data-references", FLAG_JSON, "training_data_references", false},
    {"test-data-references", FLAG_JSON, "test_data_references", false},
    {"hyper-parameters", FLAG_JSON, "hyper_parameters", false},
    {"metrics", FLAG_JSON, "metrics", false},
    {"domain", FLAG_TEXT, "domain", false},
    {"custom", FLAG_JSON, "custom", false},
    {"tags", FLAG_LIST, "tags", false},
    {"model-version", FLAG_JSON, "model_version", false},
    {"model-version-number", FLAG_TEXT, "model_version.number", false},
    {"model-version-description", FLAG_TEXT, "model_version.description", false},
    {"training-id", FLAG_TEXT, "training_id", false},
    {"project-id", FLAG_TEXT, "project_id", false},
    END};
static const struct flag ml_model_one[] = {{"model-id", FLAG_PATH, NULL, true},
                                           SPACE_QUERY,
                                           {"project-id", FLAG_QUERY, "project_id", false},
                                           {"rev", FLAG_QUERY, "rev", false},
                                           END};
static const struct flag ml_model_update[] = {
    {"model-id", FLAG_PATH, NULL, true},
    SPACE_QUERY,
    {"json-patch", FLAG_WHOLE, NULL, false},
    {"name", FLAG_PATCH_TEXT, "name", false},
    {"description", FLAG_PATCH_TEXT, "description", false},
    {"custom", FLAG_PATCH_JSON, "custom", false},
    END};
static const struct flag ml_model_upload[] = {
    {"model-id", FLAG_PATH, NULL, true},
    SPACE_QUERY,
    {"content-format", FLAG_QUERY, "content_format", true},
    {"body", FLAG_FILE, NULL, false},
    {"content-type", FLAG_QUERY, "content_type", false},
    {"name", FLAG_QUERY, "name", false},
    {"project-id", FLAG_QUERY, "project_id", false},
    {"pipeline-node-id", FLAG_QUERY, "pipeline_node_id", false},
    {"deployment-id", FLAG_QUERY, "deployment_id", false},
    END};
static const struct flag ml_model_revise[] = {
    {"model-id", FLAG_PATH, NULL, true},
    SPACE_BODY,
    {"commit-message", FLAG_TEXT, "commit_message", false},
    {"project-id", FLAG_TEXT, "project_id", false},
    END};
static const struct flag ml_model_revisions[] = {
    {"model-id", FLAG_PATH, NULL, true}, SPACE_QUERY, PAGES, ALL_PAGES, END};
static const struct flag ml_deployment_list[] = {
    SPACE_QUERY,
    {"serving-name", FLAG_QUERY, "serving_name", false},
    {"tag-value", FLAG_QUERY, "tag.value", false},
    {"asset-id", FLAG_QUERY, "asset_id", false},
    {"name", FLAG_QUERY, "name", false},
    {"type", FLAG_QUERY, "type", false},
    {"state", FLAG_QUERY, "state", false},
    {"stats", FLAG_QUERY, "stats", false},
    {"conflict", FLAG_QUERY, "conflict", false},
    END};
static const struct flag ml_deployment_create[] = {
    SPACE_BODY,
    ASYNC,
    {"name", FLAG_TEXT, "name", false},
    {"asset", FLAG_JSON, "asset", false},
    {"asset-id", FLAG_TEXT, "asset.id", false},
    {"asset-rev", FLAG_TEXT, "asset.rev", false},
    {"online", FLAG_JSON, "online", false},
    {"online-parameters", FLAG_JSON, "online.parameters", false},
    {"batch", FLAG_JSON, "batch", false},
    {"batch-parameters", FLAG_JSON, "batch.parameters", false},
    {"custom", FLAG_JSON, "custom", false},
    {"description", FLAG_TEXT, "description", false},
    {"hardware-spec", FLAG_JSON, "hardware_spec", false},
    {"hardware-spec-id", FLAG_TEXT, "hardware_spec.id", false},
    {"hardware-spec-name", FLAG_TEXT, "hardware_spec.name", false},
    {"hardware-spec-num-nodes", FLAG_NUMBER, "hardware_spec.num_nodes", false},
    {"hardware-spec-rev", FLAG_TEXT, "hardware_spec.rev", false},
    {"r-shiny", FLAG_JSON, "r_shiny", false},
    {"tags", FLAG_LIST, "tags", false},
    END};
static const struct flag ml_deployment_one[] = {
    {"deployment-id", FLAG_PATH, NULL, true}, SPACE_QUERY, END};
static const struct flag ml_deployment_update[] = {
    {"deployment-id", FLAG_PATH, NULL, true},
    SPACE_QUERY,
    {"json-patch", FLAG_WHOLE, NULL, false},
    {"asset", FLAG_PATCH_JSON, "asset", false},
    {"name", FLAG_PATCH_TEXT, "name", false},
    {"description", FLAG_PATCH_TEXT, "description", false},
    {"custom", FLAG_PATCH_JSON, "custom", false},
    {"hardware-spec", FLAG_PATCH_JSON, "hardware_spec", false},
    END};
static const struct flag ml_deployment_predict[] = {
    {"deployment-id", FLAG_PATH, NULL, true}, {"input-data", FLAG_JSON, "input_data", true}, END};

/* ---- columns ---- */

static const struct column space_columns_04[] = {
    ID, {"Name", "entity.name", false}, CREATED, {"Tags", "entity.tags", false}, LAST};
static const struct column space_columns_1x[] = {
    ID,    {"Name", "entity.name", false}, CREATED, {"Description", "entity.description", true},
    STATE, {"Tags", "entity.tags", false}, LAST};
static const struct column model_columns[] = {ID,   NAME, CREATED, {"Type", "entity.type", false},
                                              TAGS, LAST};
static const struct column deployment_columns_04[] = {
    ID, NAME, CREATED, {"Description", "metadata.description", false}, STATE, TAGS, LAST};
static const struct column deployment_columns_1x[] = {
    ID, NAME, CREATED, {"Description", "metadata.description", true}, STATE, TAGS, LAST};
static const struct column wos_columns[] = {ID, CREATED, STATE, LAST};

#define MODELS      "/ml/v4/models"
#define MODEL       MODELS "/{model-id}"
#define DEPLOYMENTS "/ml/v4/deployments"
#define DEPLOYMENT  DEPLOYMENTS "/{deployment-id}"
#define WOS         "/openscale/00000000-0000-0000-0000-000000000000/v2"
#define MONITOR     WOS "/monitor_instances/{monitor-instance-id}"

static const struct command first_commands[] = {
    {"spaces list", DIALECT_04, "GET", "/v2/spaces", spaces_list, space_columns_04, KIND_SPACE,
     false},
    {"spaces create", DIALECT_04, "POST", "/v2/spaces", spaces_create, space_columns_1x, KIND_SPACE,
     false},
    {"spaces get", DIALECT_04, "GET", "/v2/spaces/{space-id}", spaces_one, space_columns_1x,
     KIND_SPACE, false},
    {"spaces delete", DIALECT_04, "DELETE", "/v2/spaces/{space-id}", spaces_one, NULL, KIND_SPACE,
     false},
    {"wml models list", DIALECT_04, "GET", MODELS, wml_list, model_columns, KIND_MODEL, false},
    {"wml models create", DIALECT_04, "POST", MODELS, wml_models_create, model_columns, KIND_MODEL,
     false},
    {"wml models get", DIALECT_04, "GET", MODEL, wml_model_one, model_columns, KIND_MODEL, false},
    {"wml models upload-content", DIALECT_04, "PUT", MODEL "/content", wml_models_upload, NULL,
     KIND_MODEL, false},
    {"wml models delete", DIALECT_04, "DELETE", MODEL, wml_model_one, NULL, KIND_MODEL, false},
    {"wml deployments list", DIALECT_04, "GET", DEPLOYMENTS, wml_list, deployment_columns_04,
     KIND_DEPLOYMENT, false},
    {"wml deployments create", DIALECT_04, "POST", DEPLOYMENTS, wml_deployments_create,
     deployment_columns_1x, KIND_DEPLOYMENT, false},
    {"wml deployments get", DIALECT_04, "GET", DEPLOYMENT, wml_deployment_one,
     deployment_columns_1x, KIND_DEPLOYMENT, false},
    {"wml deployments update", DIALECT_04, "PATCH", DEPLOYMENT, wml_deployments_update,
     deployment_columns_1x, KIND_DEPLOYMENT, false},
    {"wml deployments delete", DIALECT_04, "DELETE", DEPLOYMENT, wml_deployment_one, NULL,
     KIND_DEPLOYMENT, false},
    {"wos data-marts list", DIALECT_04, "GET", WOS "/data_marts", no_flags, wos_columns,
     KIND_DATA_MART, false},
    {"wos data-marts get", DIALECT_04, "GET", WOS "/data_marts/{data-mart-id}", mart_one,
     wos_columns, KIND_DATA_MART, false},
    {"wos service-providers list", DIALECT_04, "GET", WOS "/service_providers", no_flags,
     wos_columns, KIND_SERVICE_PROVIDER, false},
    {"wos service-providers get", DIALECT_04, "GET", WOS "/service_providers/{service-provider-id}",
     provider_one, wos_columns, KIND_SERVICE_PROVIDER, false},
    {"wos subscriptions list", DIALECT_04, "GET", WOS "/subscriptions", no_flags, wos_columns,
     KIND_SUBSCRIPTION, false},
    {"wos subscriptions get", DIALECT_04, "GET", WOS "/subscriptions/{subscription-id}",
     subscription_one, wos_columns, KIND_SUBSCRIPTION, false},
    {"wos subscriptions add", DIALECT_04, "POST", WOS "/subscriptions", subscriptions_add,
     wos_columns, KIND_SUBSCRIPTION, false},
    {"wos subscriptions update", DIALECT_04, "PATCH", WOS "/subscriptions/{subscription-id}",
     subscriptions_update, wos_columns, KIND_SUBSCRIPTION, false},
    {"wos subscriptions delete", DIALECT_04, "DELETE", WOS "/subscriptions/{subscription-id}",
     subscription_one, NULL, KIND_SUBSCRIPTION, false},
    {"wos data-sets list", DIALECT_04, "GET", WOS "/data_sets", no_flags, wos_columns,
     KIND_DATA_SET, false},
    {"wos monitors instances list", DIALECT_04, "GET", WOS "/monitor_instances", no_flags,
     wos_columns, KIND_MONITOR, false},
    {"wos monitors instances get", DIALECT_04, "GET", MONITOR, monitor_one, wos_columns,
     KIND_MONITOR, false},
    {"wos monitors instances add", DIALECT_04, "POST", WOS "/monitor_instances", monitors_add,
     wos_columns, KIND_MONITOR, false},
    {"wos monitors instances delete", DIALECT_04, "DELETE", MONITOR, monitor_one, NULL,
     KIND_MONITOR, false},
    {"wos monitors runs list", DIALECT_04, "GET", MONITOR "/runs", monitor_one, wos_columns,
     KIND_RUN, false},
    {"wos monitors runs add", DIALECT_04, "POST", MONITOR "/runs", runs_add, wos_columns, KIND_RUN,
     false},
    {"wos monitors runs get", DIALECT_04, "GET", MONITOR "/runs/{monitoring-run-id}", run_one,
     wos_columns, KIND_RUN, false},

    {"space list", DIALECT_1X, "GET", "/v2/spaces", space_list, space_columns_1x, KIND_SPACE,
     false},
    {"space create", DIALECT_1X, "POST", "/v2/spaces", space_create, space_columns_1x, KIND_SPACE,
     true},
    {"space get", DIALECT_1X, "GET", "/v2/spaces/{space-id}", space_one, space_columns_1x,
     KIND_SPACE, false},
    {"space wait", DIALECT_1X, "GET", "/v2/spaces/{space-id}", space_one, space_columns_1x,
     KIND_SPACE, true},
    {"space update", DIALECT_1X, "PATCH", "/v2/spaces/{space-id}", space_update, space_columns_1x,
     KIND_SPACE, false},
    {"space delete", DIALECT_1X, "DELETE", "/v2/spaces/{space-id}", space_delete, NULL, KIND_SPACE,
     false},
    {"ml model list", DIALECT_1X, "GET", MODELS, ml_model_list, model_columns, KIND_MODEL, false},
    {"ml model create", DIALECT_1X, "POST", MODELS, ml_model_create, model_columns, KIND_MODEL,
     true},
    {"ml model get", DIALECT_1X, "GET", MODEL, ml_model_one, model_columns, KIND_MODEL, false},
    {"ml model wait", DIALECT_1X, "GET", MODEL, ml_model_one, model_columns, KIND_MODEL, true},
    {"ml model update", DIALECT_1X, "PATCH", MODEL, ml_model_update, model_columns, KIND_MODEL,
     false},
    {"ml model upload-content", DIALECT_1X, "PUT", MODEL "/content", ml_model_upload, NULL,
     KIND_MODEL, false},
    {"ml model create-revision", DIALECT_1X, "POST", MODEL "/revisions", ml_model_revise,
     model_columns, KIND_REVISION, false},
    {"ml model list-revisions", DIALECT_1X, "GET", MODEL "/revisions", ml_model_revisions,
     model_columns, KIND_REVISION, false},
    {"ml model delete", DIALECT_1X, "DELETE", MODEL, ml_model_one, NULL, KIND_MODEL, false},
    {"ml deployment list", DIALECT_1X, "GET", DEPLOYMENTS, ml_deployment_list,
     deployment_columns_1x, KIND_DEPLOYMENT, false},
    {"ml deployment create", DIALECT_1X, "POST", DEPLOYMENTS, ml_deployment_create,
     deployment_columns_1x, KIND_DEPLOYMENT, true},
    {"ml deployment get", DIALECT_1X, "GET", DEPLOYMENT, ml_deployment_one, deployment_columns_1x,
     KIND_DEPLOYMENT, false},
    {"ml deployment wait", DIALECT_1X, "GET", DEPLOYMENT, ml_deployment_one, deployment_columns_1x,
     KIND_DEPLOYMENT, true},
    {"ml deployment update", DIALECT_1X, "PATCH", DEPLOYMENT, ml_deployment_update,
     deployment_columns_1x, KIND_DEPLOYMENT, false},
    {"ml deployment delete", DIALECT_1X, "DELETE", DEPLOYMENT, ml_deployment_one, NULL,
     KIND_DEPLOYMENT, false},
    {"ml deployment compute-predictions", DIALECT_1X, "POST", DEPLOYMENT "/predictions",
     ml_deployment_predict, NULL, KIND_DEPLOYMENT, false},
    {NULL, DIALECT_04, NULL, NULL, NULL, NULL, KIND_SPACE, false},
};

const struct command *const command_tables[] = {first_commands, asset_commands, NULL};

const struct command *command_find(const char *words) {
    for (size_t i = 0; words != NULL && command_tables[i] != NULL; i++) {
        for (const struct command *command = command_tables[i]; command->words != NULL; command++) {
            if (strcmp(command->words, words) == 0) {
                return command;
            }
        }
    }
    return NULL;
}

const struct flag *command_flag(const struct command *command, const char *name) {
    for (const struct flag *flag = command->flags; flag->name != NULL; flag++) {
        if (strcmp(flag->name, name) == 0) {
            return flag;
        }
    }
    return NULL;
}

bool flag_takes_json(const struct flag *flag) {
    return flag->use == FLAG_JSON || flag->use == FLAG_WHOLE || flag->use == FLAG_PATCH_JSON;
}
