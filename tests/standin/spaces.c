/*
 * Deployment spaces. Names need not be unique, as in the real service.
 */
#include "spaces.h"

#include <stdlib.h>

#include "lifecycle.h"
#include "resource.h"

struct object *space_new(struct world *world, const cJSON *wanted, const char *id) {
    struct object *space = object_new(world, KIND_SPACE, id);
    json_put_copy(space->body, "entity.name", wanted, "name");
    json_put_copy(space->body, "entity.description", wanted, "description");
    json_put_copy(space->body, "entity.tags", wanted, "tags");
    json_put_copy(space->body, "entity.compute", wanted, "compute");
    json_put_text(space->body, "entity.scope.bss_account_id", "999");
    json_put(space->body, "entity.stage.production", cJSON_CreateBool(false));
    json_put_text(space->body, "entity.type", "cpd");
    json_put_text(space->body, "metadata.creator_id", "1000330999");
    char *url = text_format("/v2/spaces/%s", space->id);
    json_put_text(space->body, "metadata.url", url);
    free(url);
    lifecycle_begin(world, space);
    return space;
}

void spaces_list(struct world *world, const struct request *request, struct answer *answer) {
    const struct filter filters[] = {
        {"entity.name", request_query(request, "name")},
        {"metadata.id", request_query(request, "id")},
        {NULL, NULL},
    };
    resource_list(world, KIND_SPACE, request, filters, answer);
}

void spaces_create(struct world *world, const struct request *request, struct answer *answer) {
    if (!resource_has_object(request, answer)) {
        return;
    }
    const char *name = json_text_or(request->json, "name", "");
    if (*name == '\0') {
        answer_error(answer, 400, "invalid_request_entity", "The name of the space is missing");
        return;
    }
    resource_show(space_new(world, request->json, NULL), 202, answer);
}

void spaces_get(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *space = resource_need(world, KIND_SPACE, request->params[0], answer);
    if (space != NULL) {
        resource_show(space, 200, answer);
    }
}

void spaces_patch(struct world *world, const struct request *request, struct answer *answer) {
    struct object *space = resource_need(world, KIND_SPACE, request->params[0], answer);
    if (space != NULL && resource_patch(space, request, answer)) {
        resource_show(space, 200, answer);
    }
}

static void delete_models_of(struct world *world, const char *space_id) {
    for (;;) {
        struct object *model =
            object_find_by(world, KIND_MODEL, "metadata.space_id", space_id, NULL);
        if (model == NULL) {
            return;
        }
        object_delete(world, model);
    }
}

void spaces_delete(struct world *world, const struct request *request, struct answer *answer) {
    struct object *space = resource_need(world, KIND_SPACE, request->params[0], answer);
    if (space == NULL) {
        return;
    }
    if (object_find_by(world, KIND_DEPLOYMENT, "metadata.space_id", space->id, NULL) != NULL) {
        /* Code and wording are not recorded; that it is refused is. */
        answer_error(answer, 409, "space_has_deployments",
                     "The space '%s' has deployments and cannot be deleted", space->id);
        return;
    }
    delete_models_of(world, space->id);
    object_delete(world, space);
    answer_json(answer, 202, NULL);
}
