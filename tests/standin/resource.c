/*
 * Lists, single objects and patches of any collection, see resource.h.
 */
#include "resource.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 200 };

static bool passes(const struct object *object, const struct filter *filters) {
    for (; filters != NULL && filters->path != NULL; filters++) {
        bool is_inside = filters->path[0] == '@';
        const cJSON *root = is_inside ? object->inside : object->body;
        const char *actual = json_text_or(root, filters->path + (is_inside ? 1 : 0), "");
        if (filters->value != NULL && strcmp(actual, filters->value) != 0) {
            return false;
        }
    }
    return true;
}

/* New objects appear in lists late when the scenario wants that. */
static bool is_listed(const struct world *world, struct object *object) {
    if (object->n_lists_hidden > 0) {
        object->n_lists_hidden--;
        return false;
    }
    return object->listed_at_ms <= world->now_ms;
}

static int by_id(const void *left, const void *right) {
    struct object *const *a = left;
    struct object *const *b = right;
    return strcmp((*a)->id, (*b)->id);
}

static struct object **select_objects(struct world *world, enum kind kind,
                                      const struct filter *filters, size_t *ret_n) {
    struct object **found = must_alloc((world->n_objects + 1) * sizeof(struct object *));
    size_t n = 0;
    for (size_t i = 0; i < world->n_objects; i++) {
        bool is_back_to_front = kind_infos[kind].is_newest_first;
        size_t at = is_back_to_front ? world->n_objects - 1 - i : i;
        struct object *object = world->objects[at];
        if (object->kind == kind && passes(object, filters) && is_listed(world, object)) {
            found[n++] = object;
        }
    }
    if (kind_infos[kind].is_sorted_by_id) {
        qsort(found, n, sizeof(struct object *), by_id);
    }
    *ret_n = n;
    return found;
}

static size_t number_in(const struct request *request, const char *name, size_t fallback) {
    const char *text = request_query(request, name);
    return text != NULL ? (size_t)strtoul(text, NULL, 10) : fallback;
}

/* The keys of a page: where it starts, how long it may be, where the next one is. */
static void describe_page(cJSON *list, const struct request *request, size_t limit, size_t next,
                          size_t n_all) {
    char *first = text_format("%s?limit=%zu", request->path, limit);
    json_put_text(list, "first.href", first);
    json_put_number(list, "limit", (double)limit);
    free(first);
    if (next < n_all) {
        char *href = text_format("%s?limit=%zu&start=%zu", request->path, limit, next);
        json_put_text(list, "next.href", href);
        free(href);
    }
    const char *wants_total = request_query(request, "total_count");
    if (wants_total != NULL && strcmp(wants_total, "true") == 0) {
        json_put_number(list, "total_count", (double)n_all);
    }
}

void resource_list(struct world *world, enum kind kind, const struct request *request,
                   const struct filter *filters, struct answer *answer) {
    size_t n = 0;
    struct object **objects = select_objects(world, kind, filters, &n);
    bool is_paged = kind_infos[kind].is_paged;
    size_t page = (size_t)world_number(world, "options.page_limit", LIMIT_DEFAULT);
    size_t limit = number_in(request, "limit", is_paged ? page : n);
    size_t start = number_in(request, is_paged ? "start" : "offset", 0);
    if (is_paged && (limit == 0 || limit > LIMIT_MAX)) {
        limit = limit == 0 ? page : LIMIT_MAX;
    }
    cJSON *list = json_object();
    cJSON *array = json_array();
    json_put(list, kind_infos[kind].list_key, array);
    size_t i = start;
    for (; i < n && i - start < limit; i++) {
        json_push(array, json_copy(objects[i]->body));
    }
    if (is_paged) {
        describe_page(list, request, limit, i, n);
    }
    if (kind_infos[kind].total_key != NULL) {
        json_put_number(list, kind_infos[kind].total_key, (double)n);
    }
    free(objects);
    answer_json(answer, 200, list);
}

struct object *resource_need(struct world *world, enum kind kind, const char *id,
                             struct answer *answer) {
    struct object *object = object_find(world, kind, id);
    if (object == NULL) {
        /* The wording is recorded (for an integrated_system), the code is not. */
        answer_error(answer, 404, "resource_not_found",
                     "Resource of `%s` with given id `%s` could not be found",
                     kind_infos[kind].name, id != NULL ? id : "");
    }
    return object;
}

void resource_show(const struct object *object, int status, struct answer *answer) {
    answer_json(answer, status, json_copy(object->body));
}

bool resource_has_object(const struct request *request, struct answer *answer) {
    if (cJSON_IsObject(request->json)) {
        return true;
    }
    answer_error(answer, 400, "invalid_request_entity", "The request body is not a JSON object");
    return false;
}

bool resource_patch(struct object *object, const struct request *request, struct answer *answer) {
    if (request->json == NULL) {
        answer_error(answer, 400, "invalid_request_entity", "The request body is not JSON");
        return false;
    }
    cJSON *entity = json_copy(json_at(object->body, "entity"));
    char *problem = json_patch(entity, request->json);
    if (problem != NULL) {
        answer_error(answer, 400, "invalid_json_patch", "Invalid JSON Patch: %s", problem);
        free(problem);
        cJSON_Delete(entity);
        return false;
    }
    json_put(object->body, "entity", entity);
    json_put_number(object->inside, "n_updates",
                    json_number_or(object->inside, "n_updates", 0) + 1);
    return true;
}

const char *resource_container(const struct request *request, struct answer *answer) {
    const char *project = request_query(request, "project_id");
    const char *id = project != NULL ? project : request_query(request, "space_id");
    if (id == NULL) {
        answer_error(answer, 400, "missing_parameter",
                     "One of the query parameters project_id, space_id is required");
    }
    return id;
}

void resource_put_container(struct object *object, const cJSON *wanted) {
    static const char *const keys[][2] = {{"project_id", "metadata.project_id"},
                                          {"space_id", "metadata.space_id"}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (json_text(wanted, keys[i][0]) != NULL) {
            json_put_copy(object->body, keys[i][1], wanted, keys[i][0]);
            json_put_copy(object->inside, "container", wanted, keys[i][0]);
        }
    }
}

struct object *resource_need_in(struct world *world, enum kind kind, const char *id,
                                const struct request *request, struct answer *answer) {
    const char *container = resource_container(request, answer);
    if (container == NULL) {
        return NULL;
    }
    struct object *object = resource_need(world, kind, id, answer);
    if (object != NULL && strcmp(json_text_or(object->inside, "container", ""), container) != 0) {
        answer_error(answer, 404, "resource_not_found",
                     "Resource of `%s` with given id `%s` could not be found there",
                     kind_infos[kind].name, object->id);
        return NULL;
    }
    return object;
}
