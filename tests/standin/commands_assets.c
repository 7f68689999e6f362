/*
 * Commands of 1.x for projects, assets, jobs, batch deployments, and the dsjob plugin.
 */
#include "commands_priv.h"

// clang-format off
#define WHERE {"project-id", FLAG_QUERY, "project_id", false}, SPACE_QUERY
// clang-format on

static const struct flag project_list[] = {{"name", FLAG_QUERY, "name", false},
                                           {"match", FLAG_QUERY, "match", false},
                                           {"limit", FLAG_QUERY, "limit", false},
                                           {"bookmark", FLAG_QUERY, "bookmark", false},
                                           END};
static const struct flag project_create[] = {{"name", FLAG_TEXT, "name", true},
                                             {"description", FLAG_TEXT, "description", false},
                                             {"type", FLAG_TEXT, "type", false},
                                             {"storage", FLAG_JSON, "storage", false},
                                             {"storage-type", FLAG_TEXT, "storage.type", false},
                                             {"verify-unique-name", FLAG_QUERY, "verify", false},
                                             END};
static const struct flag project_one[] = {{"project-id", FLAG_PATH, NULL, true}, END};

static const struct flag asset_search[] = {WHERE,
                                           {"type-name", FLAG_PATH, NULL, true},
                                           {"query", FLAG_TEXT, "query", true},
                                           {"limit", FLAG_NUMBER, "limit", false},
                                           {"sort", FLAG_TEXT, "sort", false},
                                           END};
static const struct flag asset_one[] = {WHERE, {"asset-id", FLAG_PATH, NULL, true}, END};
static const struct flag asset_upload[] = {WHERE,
                                           {"file", FLAG_FILE, NULL, true},
                                           {"name", FLAG_QUERY, "name", true},
                                           {"mime", FLAG_QUERY, "mime", false},
                                           {"tag", FLAG_QUERY, "tag", false},
                                           {"description", FLAG_QUERY, "description", false},
                                           {"progress", FLAG_QUERY, "progress", false},
                                           END};
static const struct flag asset_promote[] = {{"project-id", FLAG_QUERY, "project_id", true},
                                            {"asset-id", FLAG_PATH, NULL, true},
                                            {"request-body", FLAG_WHOLE, NULL, true},
                                            END};
static const struct flag attachment_download[] = {WHERE,
                                                  {"asset-id", FLAG_PATH, NULL, true},
                                                  {"attachment-id", FLAG_PATH, NULL, true},
                                                  {"output-file", FLAG_OUTPUT, NULL, false},
                                                  {"progress", FLAG_QUERY, "progress", false},
                                                  END};

static const struct flag export_list[] = {WHERE, PAGES, ALL_PAGES, END};
static const struct flag export_start[] = {WHERE,
                                           ASYNC,
                                           {"assets", FLAG_JSON, "assets", true},
                                           {"name", FLAG_TEXT, "name", false},
                                           {"description", FLAG_TEXT, "description", false},
                                           END};
static const struct flag export_one[] = {WHERE, {"export-id", FLAG_PATH, NULL, true}, END};
static const struct flag export_download[] = {WHERE,
                                              {"export-id", FLAG_PATH, NULL, true},
                                              {"output-file", FLAG_OUTPUT, NULL, false},
                                              {"progress", FLAG_QUERY, "progress", false},
                                              END};
static const struct flag import_start[] = {
    WHERE, ASYNC, {"import-file", FLAG_FILE, NULL, true}, END};
static const struct flag import_one[] = {WHERE, {"import-id", FLAG_PATH, NULL, true}, END};

static const struct flag job_list[] = {WHERE,
                                       {"asset-ref", FLAG_QUERY, "asset_ref", false},
                                       {"limit", FLAG_QUERY, "limit", false},
                                       {"next", FLAG_QUERY, "next", false},
                                       END};
static const struct flag job_create[] = {
    WHERE,
    {"job", FLAG_JSON, "job", false},
    {"job-name", FLAG_TEXT, "job.name", false},
    {"job-asset-ref", FLAG_TEXT, "job.asset_ref", false},
    {"job-description", FLAG_TEXT, "job.description", false},
    {"job-configuration", FLAG_JSON, "job.configuration", false},
    END};
static const struct flag job_one[] = {WHERE, {"job-id", FLAG_PATH, NULL, true}, END};
static const struct flag run_list[] = {WHERE,
                                       {"job-id", FLAG_PATH, NULL, true},
                                       {"states", FLAG_QUERY, "states", false},
                                       {"limit", FLAG_QUERY, "limit", false},
                                       {"next", FLAG_QUERY, "next", false},
                                       END};
static const struct flag run_create[] = {
    WHERE,
    ASYNC,
    {"job-id", FLAG_PATH, NULL, true},
    {"job-run", FLAG_JSON, "job_run", false},
    {"job-run-name", FLAG_TEXT, "job_run.name", false},
    {"job-run-description", FLAG_TEXT, "job_run.description", false},
    {"job-run-configuration", FLAG_JSON, "job_run.configuration", false},
    {"job-run-job-parameters", FLAG_JSON, "job_run.job_parameters", false},
    END};
static const struct flag run_one[] = {
    WHERE, {"job-id", FLAG_PATH, NULL, true}, {"run-id", FLAG_PATH, NULL, true}, END};
static const struct flag run_logs[] = {WHERE,
                                       {"job-id", FLAG_PATH, NULL, true},
                                       {"run-id", FLAG_PATH, NULL, true},
                                       {"limit", FLAG_QUERY, "limit", false},
                                       END};
static const struct flag run_cancel[] = {WHERE,
                                         {"job-id", FLAG_PATH, NULL, true},
                                         {"run-id", FLAG_PATH, NULL, true},
                                         {"body", FLAG_WHOLE, NULL, true},
                                         END};

static const struct flag batch_list[] = {SPACE_QUERY,
                                         {"deployment-id", FLAG_QUERY, "deployment_id", false},
                                         {"state", FLAG_QUERY, "state", false},
                                         END};
static const struct flag batch_create[] = {SPACE_BODY,
                                           {"name", FLAG_TEXT, "name", false},
                                           {"deployment", FLAG_JSON, "deployment", false},
                                           {"deployment-id", FLAG_TEXT, "deployment.id", false},
                                           {"scoring", FLAG_JSON, "scoring", false},
                                           {"hardware-spec", FLAG_JSON, "hardware_spec", false},
                                           END};
static const struct flag batch_one[] = {SPACE_QUERY, {"job-id", FLAG_PATH, NULL, true}, END};
static const struct flag batch_delete[] = {SPACE_QUERY,
                                           {"job-id", FLAG_PATH, NULL, true},
                                           {"hard-delete", FLAG_QUERY, "hard_delete", false},
                                           END};

static const struct flag dsjob_run[] = {{"project", FLAG_QUERY, "project", true},
                                        {"job", FLAG_QUERY, "job", true},
                                        {"run-name", FLAG_QUERY, "run_name", false},
                                        {"param", FLAG_QUERY, "param", false},
                                        {"paramset", FLAG_QUERY, "paramset", false},
                                        {"env", FLAG_QUERY, "env", false},
                                        {"wait", FLAG_SELECTOR, NULL, false},
                                        {"no-logs", FLAG_SWITCH, NULL, false},
                                        END};
static const struct flag dsjob_list[] = {{"project", FLAG_QUERY, "project", true}, END};
static const struct flag dsjob_one[] = {{"project", FLAG_QUERY, "project", true},
                                        {"job", FLAG_QUERY, "job", true},
                                        {"run-id", FLAG_QUERY, "run_id", false},
                                        END};

static const struct column project_columns[] = {{"ID", "metadata.guid", false},
                                                {"Name", "entity.name", false},
                                                CREATED,
                                                {"Description", "entity.description", true},
                                                TAGS,
                                                LAST};
static const struct column asset_columns[] = {{"ID", "metadata.asset_id", false},
                                              NAME,
                                              CREATED,
                                              {"Description", "metadata.description", false},
                                              {"Type", "metadata.asset_type", false},
                                              {"State", "metadata.asset_state", false},
                                              TAGS,
                                              {"Size", "metadata.size", false},
                                              LAST};
static const struct column transfer_columns[] = {
    ID, {"Name", "metadata.name", true}, CREATED, STATE, LAST};
static const struct column job_columns[] = {
    {"ID", "metadata.asset_id", false}, NAME, CREATED, LAST};
static const struct column run_columns[] = {{"ID", "metadata.asset_id", false},
                                            NAME,
                                            CREATED,
                                            {"State", "entity.job_run.state", false},
                                            LAST};
static const struct column batch_columns[] = {
    ID, NAME, CREATED, {"State", "entity.scoring.status.state", false}, LAST};

#define JOB    "/v2/jobs/{job-id}"
#define RUN    JOB "/runs/{run-id}"
#define EXPORT "/v2/asset_exports/{export-id}"
#define BATCH  "/ml/v4/deployment_jobs/{job-id}"
#define ASSET  "/v2/assets/{asset-id}"

const struct command asset_commands[] = {
    {"project list", DIALECT_1X, "GET", "/v2/projects", project_list, project_columns, KIND_PROJECT,
     false},
    {"project create", DIALECT_1X, "POST", "/v2/projects", project_create, NULL, KIND_PROJECT,
     false},
    {"project get", DIALECT_1X, "GET", "/v2/projects/{project-id}", project_one, project_columns,
     KIND_PROJECT, false},
    {"project delete", DIALECT_1X, "DELETE", "/v2/projects/{project-id}", project_one, NULL,
     KIND_PROJECT, false},
    {"asset search", DIALECT_1X, "POST", "/v2/asset_types/{type-name}/search", asset_search,
     asset_columns, KIND_ASSET, false},
    {"asset get", DIALECT_1X, "GET", ASSET, asset_one, asset_columns, KIND_ASSET, false},
    {"asset delete", DIALECT_1X, "DELETE", ASSET, asset_one, NULL, KIND_ASSET, false},
    {"asset promote", DIALECT_1X, "POST", ASSET "/promote", asset_promote, asset_columns,
     KIND_ASSET, false},
    {"asset data-asset upload", DIALECT_1X, "POST", "/v2/data_assets", asset_upload, asset_columns,
     KIND_ASSET, false},
    {"asset attachment download", DIALECT_1X, "GET", ASSET "/attachments/{attachment-id}/content",
     attachment_download, NULL, KIND_ASSET, false},
    {"asset export list", DIALECT_1X, "GET", "/v2/asset_exports", export_list, transfer_columns,
     KIND_EXPORT, false},
    {"asset export start", DIALECT_1X, "POST", "/v2/asset_exports", export_start, transfer_columns,
     KIND_EXPORT, true},
    {"asset export get", DIALECT_1X, "GET", EXPORT, export_one, transfer_columns, KIND_EXPORT,
     false},
    {"asset export wait", DIALECT_1X, "GET", EXPORT, export_one, transfer_columns, KIND_EXPORT,
     true},
    {"asset export download", DIALECT_1X, "GET", EXPORT "/content", export_download, NULL,
     KIND_EXPORT, false},
    {"asset import list", DIALECT_1X, "GET", "/v2/asset_imports", export_list, transfer_columns,
     KIND_IMPORT, false},
    {"asset import start", DIALECT_1X, "POST", "/v2/asset_imports", import_start, transfer_columns,
     KIND_IMPORT, true},
    {"asset import get", DIALECT_1X, "GET", "/v2/asset_imports/{import-id}", import_one,
     transfer_columns, KIND_IMPORT, false},
    {"asset import wait", DIALECT_1X, "GET", "/v2/asset_imports/{import-id}", import_one,
     transfer_columns, KIND_IMPORT, true},
    {"job list", DIALECT_1X, "GET", "/v2/jobs", job_list, job_columns, KIND_JOB, false},
    {"job create", DIALECT_1X, "POST", "/v2/jobs", job_create, job_columns, KIND_JOB, false},
    {"job get", DIALECT_1X, "GET", JOB, job_one, job_columns, KIND_JOB, false},
    {"job delete", DIALECT_1X, "DELETE", JOB, job_one, NULL, KIND_JOB, false},
    {"job run list", DIALECT_1X, "GET", JOB "/runs", run_list, run_columns, KIND_JOB_RUN, false},
    {"job run create", DIALECT_1X, "POST", JOB "/runs", run_create, run_columns, KIND_JOB_RUN,
     true},
    {"job run get", DIALECT_1X, "GET", RUN, run_one, run_columns, KIND_JOB_RUN, false},
    {"job run wait", DIALECT_1X, "GET", RUN, run_one, run_columns, KIND_JOB_RUN, true},
    {"job run logs", DIALECT_1X, "GET", RUN "/logs", run_logs, NULL, KIND_JOB_RUN, false},
    {"job run cancel", DIALECT_1X, "POST", RUN "/cancel", run_cancel, NULL, KIND_JOB_RUN, false},
    {"ml deployment-job list", DIALECT_1X, "GET", "/ml/v4/deployment_jobs", batch_list,
     batch_columns, KIND_BATCH_JOB, false},
    {"ml deployment-job create", DIALECT_1X, "POST", "/ml/v4/deployment_jobs", batch_create,
     batch_columns, KIND_BATCH_JOB, false},
    {"ml deployment-job get", DIALECT_1X, "GET", BATCH, batch_one, batch_columns, KIND_BATCH_JOB,
     false},
    {"ml deployment-job delete", DIALECT_1X, "DELETE", BATCH, batch_delete, NULL, KIND_BATCH_JOB,
     false},
    {"dsjob run", DIALECT_1X, "POST", "/dsjob/run", dsjob_run, NULL, KIND_JOB_RUN, true},
    {"dsjob list-jobs", DIALECT_1X, "GET", "/dsjob/jobs", dsjob_list, NULL, KIND_JOB, false},
    {"dsjob jobrunstat", DIALECT_1X, "GET", "/dsjob/jobrunstat", dsjob_one, NULL, KIND_JOB_RUN,
     false},
    {NULL, DIALECT_1X, NULL, NULL, NULL, NULL, KIND_SPACE, false},
};
