/*
 * Projects. Their id is metadata.guid, and creating one answers with its location only, both as
 * recorded.
 */
#include "projects.h"

#include <stdlib.h>
#include <string.h>

#include "resource.h"

struct object *project_new(struct world *world, const cJSON *wanted, const char *id) {
    struct object *project = object_new(world, KIND_PROJECT, id);
    json_drop(project->body, "metadata.id");
    json_put_copy(project->body, "entity.name", wanted, "name");
    json_put_copy(project->body, "entity.description", wanted, "description");
    json_put_copy(project->body, "entity.type", wanted, "type");
    json_put_copy(project->body, "entity.storage", wanted, "storage");
    json_put_text(project->body, "entity.creator", "admin");
    json_put(project->body, "entity.public", cJSON_CreateBool(false));
    return project;
}

void projects_list(struct world *world, const struct request *request, struct answer *answer) {
    const struct filter filters[] = {{"entity.name", request_query(request, "name")}, {NULL, NULL}};
    resource_list(world, KIND_PROJECT, request, filters, answer);
}

void projects_create(struct world *world, const struct request *request, struct answer *answer) {
    if (!resource_has_object(request, answer)) {
        return;
    }
    if (*json_text_or(request->json, "name", "") == '\0') {
        answer_error(answer, 400, "invalid_request_entity", "The name of the project is missing");
        return;
    }
    const struct object *project = project_new(world, request->json, NULL);
    cJSON *body = json_object();
    char *location = text_format("/v2/projects/%s", project->id);
    json_put_text(body, "location", location);
    free(location);
    answer_json(answer, 201, body);
}

void projects_get(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *project = resource_need(world, KIND_PROJECT, request->params[0], answer);
    if (project != NULL) {
        resource_show(project, 200, answer);
    }
}

void projects_delete(struct world *world, const struct request *request, struct answer *answer) {
    struct object *project = resource_need(world, KIND_PROJECT, request->params[0], answer);
    if (project != NULL) {
        object_delete(world, project);
        answer_json(answer, 204, NULL);
    }
}
