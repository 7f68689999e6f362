/*
 * Exports and imports of assets. The archive is no ZIP, only begins like one: what is in it is made
 * by the export and read by the import, and nobody looks between.
 */
#include <stdlib.h>
#include <string.h>

#include "lifecycle.h"
#include "ml.h"
#include "projects.h"
#include "resource.h"

static const char magic[] = "PK\003\004 stand-in\n";

static struct object *transfer_new(struct world *world, enum kind kind,
                                   const struct request *request) {
    struct object *transfer = object_new(world, kind, NULL);
    resource_put_container(transfer, request->query);
    json_put_text(transfer->body, "entity.format", "json");
    char *url = text_format("/v2/%s/%s", kind_infos[kind].collection, transfer->id);
    json_put_text(transfer->body, "metadata.url", url);
    free(url);
    return transfer;
}

/* ---- export ---- */

static bool is_wanted(const struct object *object, const cJSON *assets) {
    if (json_bool_or(assets, "all_assets", false)) {
        return true;
    }
    const char *type =
        object->kind == KIND_MODEL ? "wml_model" : json_text(object->body, "metadata.asset_type");
    const cJSON *wanted = NULL;
    cJSON_ArrayForEach(wanted, json_at(assets, "asset_ids")) {
        if (strcmp(cJSON_GetStringValue(wanted), object->id) == 0) {
            return true;
        }
    }
    cJSON_ArrayForEach(wanted, json_at(assets, "asset_types")) {
        if (type != NULL && strcmp(cJSON_GetStringValue(wanted), type) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_in(const struct object *object, const char *container) {
    const char *space = json_text_or(object->body, "metadata.space_id", "");
    return object->kind == KIND_MODEL
               ? strcmp(space, container) == 0
               : object->kind == KIND_ASSET &&
                     strcmp(json_text_or(object->inside, "container", ""), container) == 0;
}

static cJSON *pack(const struct world *world, const char *container, const cJSON *assets) {
    cJSON *archive = json_array();
    for (size_t i = 0; i < world->n_objects; i++) {
        const struct object *object = world->objects[i];
        if (!is_in(object, container) || !is_wanted(object, assets)) {
            continue;
        }
        cJSON *item = json_object();
        json_put_text(item, "kind", kind_infos[object->kind].name);
        json_put(item, "body", json_copy(object->body));
        json_put(item, "inside", json_copy(object->inside));
        json_push(archive, item);
    }
    return archive;
}

void exports_start(struct world *world, const struct request *request, struct answer *answer) {
    const char *container = resource_container(request, answer);
    if (container == NULL) {
        return;
    }
    cJSON *archive = pack(world, container, json_at(request->json, "assets"));
    if (archive->child == NULL) {
        /* Code and wording are recorded. */
        answer_error(answer, 400, "SPACES0046E", "No assets found for export");
        cJSON_Delete(archive);
        return;
    }
    struct object *export = transfer_new(world, KIND_EXPORT, request);
    json_put_copy(export->body, "entity.assets", request->json, "assets");
    json_put_copy(export->body, "metadata.name", request->json, "name");
    json_put_copy(export->body, "metadata.description", request->json, "description");
    json_put(export->inside, "archive", archive);
    lifecycle_begin(world, export);
    resource_show(export, 202, answer);
}

static void list_transfers(struct world *world, enum kind kind, const struct request *request,
                           struct answer *answer) {
    const char *container = resource_container(request, answer);
    if (container != NULL) {
        const struct filter filters[] = {{"@container", container}, {NULL, NULL}};
        resource_list(world, kind, request, filters, answer);
    }
}

void exports_list(struct world *world, const struct request *request, struct answer *answer) {
    list_transfers(world, KIND_EXPORT, request, answer);
}

void exports_get(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *export =
        resource_need_in(world, KIND_EXPORT, request->params[0], request, answer);
    if (export != NULL) {
        resource_show(export, 200, answer);
    }
}

void exports_download(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *export =
        resource_need_in(world, KIND_EXPORT, request->params[0], request, answer);
    if (export == NULL) {
        return;
    }
    if (strcmp(object_state(export), "completed") != 0) {
        answer_error(answer, 400, "export_not_completed", "The export '%s' is in state '%s'",
                     export->id, object_state(export));
        return;
    }
    answer_json(answer, 200, NULL);
    text_puts(&answer->raw, magic);
    json_print(&answer->raw, json_at(export->inside, "archive"), JSON_COMPACT);
    answer->content_type = "application/zip";
}

/* ---- import ---- */

void imports_start(struct world *world, const struct request *request, struct answer *answer) {
    const size_t magic_len = sizeof magic - 1;
    if (resource_container(request, answer) == NULL) {
        return;
    }
    bool is_archive = request->body_len > magic_len && memcmp(request->body, magic, magic_len) == 0;
    cJSON *archive =
        is_archive ? cJSON_ParseWithLength(request->body + magic_len, request->body_len - magic_len)
                   : NULL;
    struct object *import = transfer_new(world, KIND_IMPORT, request);
    if (archive == NULL) {
        json_put(import->inside, "failure",
                 json_literal("{\"errors\":[{\"code\":\"invalid_archive\",\"message\":"
                              "\"The import file is not an archive of assets\"}]}"));
    } else {
        json_put(import->inside, "archive", archive);
    }
    lifecycle_begin(world, import);
    resource_show(import, 202, answer);
}

static void unpack_model(struct world *world, const cJSON *item, const char *space_id) {
    cJSON *wanted = json_copy(json_at(item, "body.entity"));
    json_put_copy(wanted, "name", item, "body.metadata.name");
    json_put_copy(wanted, "tags", item, "body.metadata.tags");
    json_put_text(wanted, "space_id", space_id);
    struct object *model = model_new(world, wanted, NULL);
    json_put_number(model->inside, "uploads",
                    json_number_or(item, "inside.uploads", 0) > 0 ? 1 : 0);
    json_put_copy(model->inside, "content_digest", item, "inside.content_digest");
    cJSON_Delete(wanted);
}

static void unpack_asset(struct world *world, const cJSON *item, const struct object *import) {
    bool is_project = json_text(import->body, "metadata.project_id") != NULL;
    cJSON *wanted = json_object();
    json_put_copy(wanted, "name", item, "body.metadata.name");
    json_put_copy(wanted, "asset_type", item, "body.metadata.asset_type");
    json_put_copy(wanted, "tags", item, "body.metadata.tags");
    json_put_copy(wanted, "size", item, "body.metadata.size");
    json_put_copy(wanted, "content", item, "inside.content");
    json_put_copy(wanted, is_project ? "project_id" : "space_id", import->inside, "container");
    (void)asset_new(world, wanted, NULL);
    cJSON_Delete(wanted);
}

void import_completed(struct world *world, struct object *import) {
    cJSON *archive = json_copy(json_at(import->inside, "archive"));
    char *container = text_dup(json_text_or(import->inside, "container", ""));
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, archive) {
        if (strcmp(json_text_or(item, "kind", ""), "model") == 0) {
            unpack_model(world, item, container);
        } else {
            unpack_asset(world, item, import);
        }
    }
    free(container);
    cJSON_Delete(archive);
}

void imports_list(struct world *world, const struct request *request, struct answer *answer) {
    list_transfers(world, KIND_IMPORT, request, answer);
}

void imports_get(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *import =
        resource_need_in(world, KIND_IMPORT, request->params[0], request, answer);
    if (import != NULL) {
        resource_show(import, 200, answer);
    }
}
