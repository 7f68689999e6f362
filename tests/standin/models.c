/*
 * Models, their content and revisions.
 *
 * inside.uploads counts the uploads of content. A revision remembers which upload it holds, and so
 * does a deployment: the model may go on while the deployment still serves what it was made with.
 */
#include "ml.h"

#include <stdlib.h>
#include <string.h>

#include "resource.h"

static const char *const usual_specs[] = {"scikit-learn_0.22-py3.6", "default_py3.7",
                                          "runtime-22.2-py3.10",     "runtime-23.1-py3.10",
                                          "runtime-24.1-py3.11",     "runtime-25.1-py3.12"};

static void add_spec(struct world *world, const char *name) {
    struct object *spec = object_new(world, KIND_SOFTWARE_SPEC, NULL);
    json_put_text(spec->body, "metadata.name", name);
    json_put_text(spec->body, "metadata.asset_id", spec->id);
    json_put_text(spec->body, "entity.software_specification.type", "base");
}

void ml_add_software_specs(struct world *world) {
    const cJSON *names = json_at(world->scenario, "options.software_specs");
    const cJSON *name = NULL;
    cJSON_ArrayForEach(name, names) {
        add_spec(world, cJSON_IsString(name) ? name->valuestring : "");
    }
    for (size_t i = 0; names == NULL && i < sizeof usual_specs / sizeof *usual_specs; i++) {
        add_spec(world, usual_specs[i]);
    }
}

void software_specs_list(struct world *world, const struct request *request,
                         struct answer *answer) {
    const struct filter filters[] = {{"metadata.name", request_query(request, "name")},
                                     {NULL, NULL}};
    resource_list(world, KIND_SOFTWARE_SPEC, request, filters, answer);
}

struct object *model_new(struct world *world, const cJSON *wanted, const char *id) {
    struct object *model = object_new(world, KIND_MODEL, id);
    cJSON *body = model->body;
    json_put_copy(body, "metadata.name", wanted, "name");
    json_put_copy(body, "metadata.space_id", wanted, "space_id");
    json_put_copy(body, "metadata.modified_at", body, "metadata.created_at");
    json_put_text(body, "metadata.owner", "1000330999");
    json_put_copy(body, "metadata.description", wanted, "description");
    json_put_copy(body, "metadata.tags", wanted, "tags");
    json_put_copy(body, "entity.type", wanted, "type");
    json_put_copy(body, "entity.software_spec", wanted, "software_spec");
    json_put_copy(body, "entity.label_column", wanted, "label_column");
    json_put_copy(body, "entity.schemas", wanted, "schemas");
    json_put_copy(body, "entity.custom", wanted, "custom");
    json_put_copy(body, "entity.model_version", wanted, "model_version");
    json_put(body, "system.warnings", json_array());
    if (strcmp(world_option(world, "options.generation", "4.8"), "3.0") == 0) {
        json_put_copy(body, "entity.name", wanted, "name");
    }
    /* A model of the start state has content unless the scenario says otherwise. */
    json_put_number(model->inside, "uploads",
                    world->is_starting ? json_number_or(wanted, "uploads", 1) : 0);
    /* "revisions": 3 of a start state: three uploads, each kept as a revision. */
    int n_revisions = world->is_starting ? (int)json_number_or(wanted, "revisions", 0) : 0;
    for (int i = 1; i <= n_revisions; i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "revisions.%d", i);
        json_put_number(model->inside, path, i);
        json_put_number(model->inside, "uploads", i);
    }
    return model;
}

bool ml_is_in_space(const struct object *object, const struct request *request,
                    struct answer *answer) {
    const char *space_id = request_query(request, "space_id");
    if (space_id == NULL) {
        answer_error(answer, 400, "missing_parameter", "Missing query parameter: space_id");
        return false;
    }
    if (strcmp(json_text_or(object->body, "metadata.space_id", ""), space_id) != 0) {
        answer_error(answer, 404, "resource_not_found",
                     "Resource of `%s` with given id `%s` could not be found",
                     kind_infos[object->kind].name, object->id);
        return false;
    }
    return true;
}

/* The model of the path, in the space of the query; NULL with the answer made. */
static struct object *need_model(struct world *world, const struct request *request,
                                 struct answer *answer) {
    struct object *model = resource_need(world, KIND_MODEL, request->params[0], answer);
    return model != NULL && ml_is_in_space(model, request, answer) ? model : NULL;
}

void models_list(struct world *world, const struct request *request, struct answer *answer) {
    const struct filter filters[] = {
        {"metadata.space_id", request_query(request, "space_id")},
        {NULL, NULL},
    };
    if (filters[0].value == NULL) {
        answer_error(answer, 400, "missing_parameter", "Missing query parameter: space_id");
        return;
    }
    resource_list(world, KIND_MODEL, request, filters, answer);
}

/* The software specification by id or name; the reference is completed with both. */
static bool resolve_spec(struct world *world, cJSON *wanted, struct answer *answer) {
    const char *id = json_text(wanted, "software_spec.id");
    const char *name = json_text(wanted, "software_spec.name");
    const struct object *spec =
        id != NULL ? object_find(world, KIND_SOFTWARE_SPEC, id)
                   : object_find_by(world, KIND_SOFTWARE_SPEC, "metadata.name", name, NULL);
    if (spec == NULL) {
        answer_error(answer, 400, "invalid_request_entity",
                     "Invalid request entity: Unsupported software specification '%s'.",
                     name != NULL ? name
                     : id != NULL ? id
                                  : "");
        return false;
    }
    json_put_text(wanted, "software_spec.id", spec->id);
    json_put_copy(wanted, "software_spec.name", spec->body, "metadata.name");
    return true;
}

static bool is_space_ready(struct world *world, const char *space_id, struct answer *answer) {
    if (space_id == NULL || *space_id == '\0') {
        answer_error(answer, 400, "missing_parameter", "Missing parameter: space_id");
        return false;
    }
    const struct object *space = resource_need(world, KIND_SPACE, space_id, answer);
    if (space == NULL) {
        return false;
    }
    if (strcmp(object_state(space), "active") != 0) {
        /* That a space in preparation refuses is inferred; so are code and wording. */
        answer_error(answer, 400, "space_not_active", "The space '%s' is in state '%s'", space_id,
                     object_state(space));
        return false;
    }
    return true;
}

void models_create(struct world *world, const struct request *request, struct answer *answer) {
    if (!resource_has_object(request, answer)) {
        return;
    }
    cJSON *wanted = request->json;
    if (!is_space_ready(world, json_text(wanted, "space_id"), answer) ||
        !resolve_spec(world, wanted, answer)) {
        return;
    }
    if (*json_text_or(wanted, "name", "") == '\0' || *json_text_or(wanted, "type", "") == '\0') {
        answer_error(answer, 400, "invalid_request_entity",
                     "Invalid request entity: name and type are required.");
        return;
    }
    resource_show(model_new(world, wanted, NULL), 201, answer);
}

void models_get(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *model = need_model(world, request, answer);
    if (model == NULL) {
        return;
    }
    const char *rev = request_query(request, "rev");
    resource_show(model, 200, answer);
    if (rev == NULL) {
        return;
    }
    char path[ID_SIZE];
    (void)snprintf(path, sizeof path, "revisions.%.40s", rev);
    if (json_at(model->inside, path) == NULL) {
        answer_error(answer, 404, "resource_not_found", "The model has no revision '%s'", rev);
        return;
    }
    json_put_text(answer->json, "metadata.rev", rev);
}

void models_patch(struct world *world, const struct request *request, struct answer *answer) {
    struct object *model = need_model(world, request, answer);
    if (model != NULL && resource_patch(model, request, answer)) {
        json_put_copy(model->body, "metadata.name", model->body, "entity.name");
        resource_show(model, 200, answer);
    }
}

void models_delete(struct world *world, const struct request *request, struct answer *answer) {
    struct object *model = need_model(world, request, answer);
    if (model == NULL) {
        return;
    }
    if (object_find_by(world, KIND_DEPLOYMENT, "entity.asset.id", model->id, NULL) != NULL) {
        answer_error(answer, 409, "model_has_deployments",
                     "The model '%s' has deployments and cannot be deleted", model->id);
        return;
    }
    object_delete(world, model);
    answer_json(answer, 204, NULL);
}

/* FNV-1a: enough to tell two uploads apart. */
static uint64_t digest_of(const char *bytes, size_t len) {
    uint64_t digest = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++) {
        digest = (digest ^ (unsigned char)bytes[i]) * 0x100000001b3u;
    }
    return digest;
}

void models_upload(struct world *world, const struct request *request, struct answer *answer) {
    struct object *model = need_model(world, request, answer);
    if (model == NULL) {
        return;
    }
    const char *format = request_query(request, "content_format");
    if (format == NULL || request->body_len == 0) {
        answer_error(answer, 400, "invalid_request_entity", "The content or its format is missing");
        return;
    }
    cJSON *inside = model->inside;
    json_put_number(inside, "uploads", json_number_or(inside, "uploads", 0) + 1);
    json_put_number(inside, "content_bytes", (double)request->body_len);
    char digest[32];
    (void)snprintf(digest, sizeof digest, "%016llx",
                   (unsigned long long)digest_of(request->body, request->body_len));
    json_put_text(inside, "content_digest", digest);
    char time[32];
    world_time(world, world->now_ms, time);
    json_put_text(model->body, "metadata.modified_at", time);
    cJSON *reply = json_object();
    char attachment[ID_SIZE];
    world_uuid(world, attachment);
    json_put_text(reply, "attachment_id", attachment);
    json_put_text(reply, "content_format", format);
    json_put(reply, "persisted", cJSON_CreateBool(true));
    answer_json(answer, 201, reply);
}

void models_revise(struct world *world, const struct request *request, struct answer *answer) {
    struct object *model = resource_need(world, KIND_MODEL, request->params[0], answer);
    if (model == NULL) {
        return;
    }
    char rev[16];
    char path[32];
    (void)snprintf(rev, sizeof rev, "%d",
                   cJSON_GetArraySize(json_at(model->inside, "revisions")) + 1);
    (void)snprintf(path, sizeof path, "revisions.%s", rev);
    json_put_copy(model->inside, path, model->inside, "uploads");
    cJSON *body = json_copy(model->body);
    json_put_text(body, "metadata.rev", rev);
    json_put_copy(body, "metadata.commit_info.commit_message", request->json, "commit_message");
    (void)snprintf(path, sizeof path, "messages.%s", rev);
    json_put_copy(model->inside, path, request->json, "commit_message");
    answer_json(answer, 201, body);
}

void models_revisions(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *model = need_model(world, request, answer);
    if (model == NULL) {
        return;
    }
    cJSON *list = json_literal("{\"limit\":100,\"resources\":[]}");
    const cJSON *rev = NULL;
    cJSON_ArrayForEach(rev, json_at(model->inside, "revisions")) {
        cJSON *body = json_copy(model->body);
        char path[32];
        (void)snprintf(path, sizeof path, "messages.%s", rev->string);
        json_put_text(body, "metadata.rev", rev->string);
        json_put_copy(body, "metadata.commit_info.commit_message", model->inside, path);
        json_push(json_at(list, "resources"), body);
    }
    answer_json(answer, 200, list);
}
