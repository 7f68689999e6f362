/*
 * The table of routes. A pattern is matched segment by segment, {} takes any one segment.
 */
#include "route.h"

#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "control.h"
#include "faults.h"
#include "jobs.h"
#include "log.h"
#include "ml.h"
#include "openscale.h"
#include "projects.h"
#include "resource.h"
#include "spaces.h"

typedef void (*route_fn)(struct world *world, const struct request *request, struct answer *answer);

struct route {
    const char *method;
    const char *pattern;
    route_fn answer; /* NULL: GET of one object of `kind` by the last {} */
    enum kind kind;
};

#define OPENSCALE "/openscale/{}/v2"

static const struct route routes[] = {
    {"GET", "/v2/spaces", spaces_list, KIND_SPACE},
    {"POST", "/v2/spaces", spaces_create, KIND_SPACE},
    {"GET", "/v2/spaces/{}", spaces_get, KIND_SPACE},
    {"PATCH", "/v2/spaces/{}", spaces_patch, KIND_SPACE},
    {"DELETE", "/v2/spaces/{}", spaces_delete, KIND_SPACE},
    {"GET", "/v2/software_specifications", software_specs_list, KIND_SOFTWARE_SPEC},
    {"GET", "/ml/v4/models", models_list, KIND_MODEL},
    {"POST", "/ml/v4/models", models_create, KIND_MODEL},
    {"GET", "/ml/v4/models/{}", models_get, KIND_MODEL},
    {"PATCH", "/ml/v4/models/{}", models_patch, KIND_MODEL},
    {"DELETE", "/ml/v4/models/{}", models_delete, KIND_MODEL},
    {"PUT", "/ml/v4/models/{}/content", models_upload, KIND_MODEL},
    {"GET", "/ml/v4/models/{}/revisions", models_revisions, KIND_MODEL},
    {"POST", "/ml/v4/models/{}/revisions", models_revise, KIND_MODEL},
    {"GET", "/ml/v4/deployments", deployments_list, KIND_DEPLOYMENT},
    {"POST", "/ml/v4/deployments", deployments_create, KIND_DEPLOYMENT},
    {"GET", "/ml/v4/deployments/{}", deployments_get, KIND_DEPLOYMENT},
    {"PATCH", "/ml/v4/deployments/{}", deployments_patch, KIND_DEPLOYMENT},
    {"DELETE", "/ml/v4/deployments/{}", deployments_delete, KIND_DEPLOYMENT},
    {"POST", "/ml/v4/deployments/{}/predictions", deployments_predict, KIND_DEPLOYMENT},
    {"GET", "/ml/v4/deployment_jobs", batch_jobs_list, KIND_BATCH_JOB},
    {"POST", "/ml/v4/deployment_jobs", batch_jobs_create, KIND_BATCH_JOB},
    {"GET", "/ml/v4/deployment_jobs/{}", batch_jobs_get, KIND_BATCH_JOB},
    {"DELETE", "/ml/v4/deployment_jobs/{}", batch_jobs_delete, KIND_BATCH_JOB},
    {"GET", "/v2/projects", projects_list, KIND_PROJECT},
    {"POST", "/v2/projects", projects_create, KIND_PROJECT},
    {"GET", "/v2/projects/{}", projects_get, KIND_PROJECT},
    {"DELETE", "/v2/projects/{}", projects_delete, KIND_PROJECT},
    {"POST", "/v2/asset_types/{}/search", assets_search, KIND_ASSET},
    {"POST", "/v2/data_assets", assets_upload, KIND_ASSET},
    {"GET", "/v2/assets/{}", assets_get, KIND_ASSET},
    {"DELETE", "/v2/assets/{}", assets_delete, KIND_ASSET},
    {"POST", "/v2/assets/{}/promote", assets_promote, KIND_ASSET},
    {"GET", "/v2/assets/{}/attachments/{}/content", attachments_download, KIND_ASSET},
    {"GET", "/v2/asset_exports", exports_list, KIND_EXPORT},
    {"POST", "/v2/asset_exports", exports_start, KIND_EXPORT},
    {"GET", "/v2/asset_exports/{}", exports_get, KIND_EXPORT},
    {"GET", "/v2/asset_exports/{}/content", exports_download, KIND_EXPORT},
    {"GET", "/v2/asset_imports", imports_list, KIND_IMPORT},
    {"POST", "/v2/asset_imports", imports_start, KIND_IMPORT},
    {"GET", "/v2/asset_imports/{}", imports_get, KIND_IMPORT},
    {"GET", "/v2/jobs", jobs_list, KIND_JOB},
    {"POST", "/v2/jobs", jobs_create, KIND_JOB},
    {"GET", "/v2/jobs/{}", jobs_get, KIND_JOB},
    {"DELETE", "/v2/jobs/{}", jobs_delete, KIND_JOB},
    {"GET", "/v2/jobs/{}/runs", job_runs_list, KIND_JOB_RUN},
    {"POST", "/v2/jobs/{}/runs", job_runs_create, KIND_JOB_RUN},
    {"GET", "/v2/jobs/{}/runs/{}", job_runs_get, KIND_JOB_RUN},
    {"GET", "/v2/jobs/{}/runs/{}/logs", job_runs_logs, KIND_JOB_RUN},
    {"POST", "/v2/jobs/{}/runs/{}/cancel", job_runs_cancel, KIND_JOB_RUN},
    {"POST", "/dsjob/run", dsjob_run, KIND_JOB_RUN},
    {"GET", "/dsjob/jobs", dsjob_list_jobs, KIND_JOB},
    {"GET", "/dsjob/jobrunstat", dsjob_jobrunstat, KIND_JOB_RUN},
    {"GET", OPENSCALE "/data_marts", data_marts_list, KIND_DATA_MART},
    {"POST", OPENSCALE "/data_marts", data_marts_create, KIND_DATA_MART},
    {"GET", OPENSCALE "/data_marts/{}", NULL, KIND_DATA_MART},
    {"GET", OPENSCALE "/service_providers", providers_list, KIND_SERVICE_PROVIDER},
    {"POST", OPENSCALE "/service_providers", providers_create, KIND_SERVICE_PROVIDER},
    {"GET", OPENSCALE "/service_providers/{}", NULL, KIND_SERVICE_PROVIDER},
    {"GET", OPENSCALE "/subscriptions", subscriptions_list, KIND_SUBSCRIPTION},
    {"POST", OPENSCALE "/subscriptions", subscriptions_create, KIND_SUBSCRIPTION},
    {"GET", OPENSCALE "/subscriptions/{}", NULL, KIND_SUBSCRIPTION},
    {"PATCH", OPENSCALE "/subscriptions/{}", subscriptions_patch, KIND_SUBSCRIPTION},
    {"DELETE", OPENSCALE "/subscriptions/{}", subscriptions_delete, KIND_SUBSCRIPTION},
    {"GET", OPENSCALE "/data_sets", data_sets_list, KIND_DATA_SET},
    {"POST", OPENSCALE "/data_sets", data_sets_create, KIND_DATA_SET},
    {"GET", OPENSCALE "/data_sets/{}", NULL, KIND_DATA_SET},
    {"PATCH", OPENSCALE "/data_sets/{}", data_sets_patch, KIND_DATA_SET},
    {"GET", OPENSCALE "/data_sets/{}/records", records_list, KIND_DATA_SET},
    {"POST", OPENSCALE "/data_sets/{}/records", records_add, KIND_DATA_SET},
    {"GET", OPENSCALE "/data_sets/{}/requests/{}", records_request, KIND_REQUEST},
    {"GET", OPENSCALE "/monitor_instances", monitors_list, KIND_MONITOR},
    {"POST", OPENSCALE "/monitor_instances", monitors_create, KIND_MONITOR},
    {"GET", OPENSCALE "/monitor_instances/{}", NULL, KIND_MONITOR},
    {"PATCH", OPENSCALE "/monitor_instances/{}", monitors_patch, KIND_MONITOR},
    {"DELETE", OPENSCALE "/monitor_instances/{}", monitors_delete, KIND_MONITOR},
    {"GET", OPENSCALE "/monitor_instances/{}/runs", runs_list, KIND_RUN},
    {"POST", OPENSCALE "/monitor_instances/{}/runs", runs_create, KIND_RUN},
    {"GET", OPENSCALE "/monitor_instances/{}/runs/{}", runs_get, KIND_RUN},
    {"GET", OPENSCALE "/monitor_instances/{}/measurements", measurements_list, KIND_MEASUREMENT},
};

/* Matches one segment at a time; the {} are copied to `params`. */
static bool match_path(const char *pattern, const char *path, char params[PARAMS_MAX][ID_SIZE],
                       int *ret_n) {
    int n = 0;
    while (*pattern == '/' && *path == '/') {
        size_t want = strcspn(++pattern, "/");
        size_t have = strcspn(++path, "/");
        bool is_hole = want == 2 && pattern[0] == '{';
        if (is_hole && (have == 0 || have >= ID_SIZE || n == PARAMS_MAX)) {
            return false;
        }
        if (is_hole) {
            memcpy(params[n], path, have);
            params[n++][have] = '\0';
        } else if (want != have || memcmp(pattern, path, want) != 0) {
            return false;
        }
        pattern += want;
        path += have;
    }
    *ret_n = n;
    return *pattern == '\0' && *path == '\0';
}

static void show_one(struct world *world, enum kind kind, const char *id, struct answer *answer) {
    const struct object *object = resource_need(world, kind, id, answer);
    if (object != NULL) {
        resource_show(object, 200, answer);
    }
}

/* OpenScale's paths begin with the id of the data mart, which is all zeros on a cluster. */
static bool is_mart_known(const struct world *world, const struct route *route,
                          const struct request *request) {
    bool has_mart = strncmp(route->pattern, OPENSCALE, sizeof OPENSCALE - 1) == 0;
    const char *id = request->params[0];
    /* Known before there is one: data marts are listed and made there. */
    bool is_zero = strcmp(id, "00000000-0000-0000-0000-000000000000") == 0;
    return !has_mart || is_zero || object_find(world, KIND_DATA_MART, id) != NULL;
}

void route_call(struct world *world, struct request *request, struct answer *answer) {
    bool is_wrong_method = false;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        const struct route *route = &routes[i];
        int n_params = 0;
        if (!match_path(route->pattern, request->path, request->params, &n_params)) {
            continue;
        }
        if (strcmp(route->method, request->method) != 0) {
            is_wrong_method = true;
            continue;
        }
        if (!is_mart_known(world, route, request)) {
            answer_error(answer, 404, "not_found", "There is no data mart '%s'",
                         request->params[0]);
            return;
        }
        if (route->answer != NULL) {
            route->answer(world, request, answer);
        } else {
            show_one(world, route->kind, request->params[n_params - 1], answer);
        }
        return;
    }
    answer_error(answer, is_wrong_method ? 405 : 404,
                 is_wrong_method ? "method_not_allowed" : "not_found", "There is no %s %s",
                 request->method, request->path);
}

/* The first generation has its ML services under /v4. */
static void modernise_path(struct request *request) {
    if (strncmp(request->path, "/v4/", 4) == 0) {
        char *modern = text_format("/ml%s", request->path);
        free(request->path);
        request->path = modern;
    }
}

static bool is_write(const struct request *request) {
    bool is_search = strncmp(request->path, "/v2/asset_types/", 16) == 0;
    return strcmp(request->method, "GET") != 0 && !is_search &&
           strcmp(request->path, AUTHORIZE_PATH) != 0;
}

void route_rest(struct world *world, struct request *request, struct answer *answer) {
    if (strncmp(request->path, "/standin/", 9) == 0) {
        control_answer(world, request, answer);
        return;
    }
    modernise_path(request);
    char *name = text_format("%s %s", request->method, request->path);
    const cJSON *fault = fault_take(world, name);
    if (fault == NULL || fault_carries_out(fault)) {
        if (strcmp(request->path, AUTHORIZE_PATH) == 0) {
            auth_authorize(world, request, answer);
        } else if (auth_check_bearer(world, request, answer)) {
            route_call(world, request, answer);
        }
    }
    if (fault != NULL && fault_replaces_answer(fault)) {
        fault_answer(world, fault, answer);
    } else if (fault != NULL) {
        fault_delay(world, fault, answer);
    }
    const struct call call = {"rest",         name,         request->query, is_write(request),
                              answer->status, fault != NULL};
    log_call(world, &call);
    free(name);
}
