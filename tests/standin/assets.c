/*
 * Assets of projects and spaces, and their attachments.
 *
 * A search finds more than was asked for: the query `asset.name:report` matches every name that
 * holds the word, as the index behind the real service does (it splits names into words; that it
 * is a part of the name here is simpler and as misleading). The index lags behind: see
 * options.list_lag_calls.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "projects.h"
#include "resource.h"

struct object *asset_new(struct world *world, const cJSON *wanted, const char *id) {
    static const char *const keys[][2] = {{"metadata.name", "name"},
                                          {"metadata.description", "description"},
                                          {"metadata.tags", "tags"},
                                          {"metadata.size", "size"}};
    struct object *asset = object_new(world, KIND_ASSET, id);
    const char *type = json_text_or(wanted, "asset_type", "data_asset");
    json_drop(asset->body, "metadata.id");
    json_put(asset->body, "metadata.tags", json_array());
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_put_copy(asset->body, keys[i][0], wanted, keys[i][1]);
    }
    json_put_text(asset->body, "metadata.asset_type", type);
    json_put_text(asset->body, "metadata.asset_state", "available");
    resource_put_container(asset, wanted);
    char path[64];
    (void)snprintf(path, sizeof path, "entity.%.40s", type);
    json_put(asset->body, path, json_object());
    if (json_text(wanted, "content") != NULL) {
        cJSON *attachments = json_literal("[{}]");
        char attachment[ID_SIZE];
        world_uuid(world, attachment);
        json_put_text(attachments->child, "id", attachment);
        json_put_copy(attachments->child, "name", wanted, "name");
        json_put_text(attachments->child, "asset_type", type);
        json_put_text(attachments->child, "mime", json_text_or(wanted, "mime", "text/csv"));
        json_put(asset->body, "attachments", attachments);
        json_put_copy(asset->inside, "content", wanted, "content");
    }
    return asset;
}

struct object *asset_add_data(struct world *world, const char *container_key, const char *container,
                              const char *name, const char *content) {
    cJSON *wanted = json_object();
    json_put_text(wanted, container_key, container);
    json_put_text(wanted, "name", name);
    json_put_text(wanted, "content", content);
    json_put_number(wanted, "size", (double)strlen(content));
    struct object *asset = asset_new(world, wanted, NULL);
    cJSON_Delete(wanted);
    return asset;
}

/* The word of `asset.name:word` or `asset.name:"word"`; "" for everything. The caller frees it. */
static char *word_of(const char *query) {
    static const char prefix[] = "asset.name:";
    if (query == NULL || strncmp(query, prefix, sizeof prefix - 1) != 0) {
        return text_dup("");
    }
    struct text word = {0};
    for (const char *p = query + sizeof prefix - 1; *p != '\0'; p++) {
        p += *p == '\\' && p[1] != '\0' ? 1 : 0;
        if (*p != '"' && *p != '*') {
            text_putc(&word, *p);
        }
    }
    return text_take(&word);
}

void assets_search(struct world *world, const struct request *request, struct answer *answer) {
    const char *container = resource_container(request, answer);
    if (container == NULL) {
        return;
    }
    const char *type = request->params[0];
    const struct filter filters[] = {
        {"@container", container},
        {"metadata.asset_type", strcmp(type, "asset") == 0 ? NULL : type},
        {NULL, NULL},
    };
    resource_list(world, KIND_ASSET, request, filters, answer);
    char *word = word_of(json_text(request->json, "query"));
    cJSON *rows = json_at(answer->json, "results");
    for (int i = cJSON_GetArraySize(rows) - 1; i >= 0; i--) {
        const cJSON *row = cJSON_GetArrayItem(rows, i);
        if (strcasestr(json_text_or(row, "metadata.name", ""), word) == NULL) {
            cJSON_DeleteItemFromArray(rows, i);
        }
    }
    json_put_number(answer->json, "total_rows", cJSON_GetArraySize(rows));
    free(word);
}

void assets_get(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *asset =
        resource_need_in(world, KIND_ASSET, request->params[0], request, answer);
    if (asset != NULL) {
        resource_show(asset, 200, answer);
    }
}

void assets_delete(struct world *world, const struct request *request, struct answer *answer) {
    struct object *asset = resource_need_in(world, KIND_ASSET, request->params[0], request, answer);
    if (asset != NULL) {
        object_delete(world, asset);
        answer_json(answer, 204, NULL);
    }
}

void assets_upload(struct world *world, const struct request *request, struct answer *answer) {
    const char *container = resource_container(request, answer);
    const char *name = request_query(request, "name");
    if (container == NULL) {
        return;
    }
    if (name == NULL || request->body_len == 0) {
        answer_error(answer, 400, "invalid_request_entity", "The name or the content is missing");
        return;
    }
    bool is_project = request_query(request, "project_id") != NULL;
    char *content = text_format("%.*s", (int)request->body_len, request->body);
    struct object *asset =
        asset_add_data(world, is_project ? "project_id" : "space_id", container, name, content);
    free(content);
    json_put_number(asset->body, "metadata.size", (double)request->body_len);
    json_put_text(asset->body, "entity.data_asset.mime_type",
                  request_query(request, "mime") != NULL ? request_query(request, "mime") : "");
    if (request_query(request, "tag") != NULL) {
        json_push(json_at(asset->body, "metadata.tags"),
                  cJSON_CreateString(request_query(request, "tag")));
    }
    resource_show(asset, 201, answer);
}

/* A copy in the space; the one in the project stays. */
void assets_promote(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *asset =
        resource_need_in(world, KIND_ASSET, request->params[0], request, answer);
    const char *space_id = json_text_or(request->json, "space_id", "");
    if (asset == NULL || resource_need(world, KIND_SPACE, space_id, answer) == NULL) {
        return;
    }
    cJSON *wanted = json_object();
    json_put_copy(wanted, "name", asset->body, "metadata.name");
    json_put_copy(wanted, "asset_type", asset->body, "metadata.asset_type");
    json_put_copy(wanted, "tags", asset->body, "metadata.tags");
    json_put_copy(wanted, "size", asset->body, "metadata.size");
    json_put_copy(wanted, "content", asset->inside, "content");
    json_put_text(wanted, "space_id", space_id);
    resource_show(asset_new(world, wanted, NULL), 201, answer);
    cJSON_Delete(wanted);
}

void attachments_download(struct world *world, const struct request *request,
                          struct answer *answer) {
    const struct object *asset =
        resource_need_in(world, KIND_ASSET, request->params[0], request, answer);
    if (asset == NULL) {
        return;
    }
    const cJSON *attachments = json_at(asset->body, "attachments");
    const cJSON *first = attachments != NULL ? attachments->child : NULL;
    if (strcmp(json_text_or(first, "id", ""), request->params[1]) != 0) {
        answer_error(answer, 404, "resource_not_found", "The asset has no attachment '%s'",
                     request->params[1]);
        return;
    }
    answer_json(answer, 200, NULL);
    text_puts(&answer->raw, json_text_or(asset->inside, "content", ""));
    answer->content_type = "text/csv";
}
