/*
 * The endpoints for tests, see control.h.
 */
#include "control.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "openscale.h"
#include "openshift.h"
#include "scenario.h"

/* Records are many, so the state shows how many, which columns, and the first and last. */
static void describe_records(cJSON *inside) {
    cJSON *records = cJSON_DetachItemFromObjectCaseSensitive(inside, "records");
    int n = cJSON_GetArraySize(records);
    json_put_number(inside, "n_records", n);
    if (n > 0) {
        cJSON *columns = json_array();
        const cJSON *cell = NULL;
        cJSON_ArrayForEach(cell, records->child) {
            json_push(columns, cJSON_CreateString(cell->string));
        }
        json_put(inside, "columns", columns);
        json_put(inside, "first", json_copy(records->child));
        json_put(inside, "last", json_copy(cJSON_GetArrayItem(records, n - 1)));
    }
    cJSON_Delete(records);
}

static cJSON *state_of(const struct world *world) {
    cJSON *state = json_object();
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        json_put(state, kind_infos[kind].collection, json_array());
    }
    for (size_t i = 0; i < world->n_objects; i++) {
        const struct object *object = world->objects[i];
        cJSON *body = json_copy(object->body);
        cJSON *inside = json_copy(object->inside);
        json_drop(inside, "rows");
        json_drop(inside, "archive");
        if (object->kind == KIND_DATA_SET) {
            describe_records(inside);
        }
        json_put(body, "standin", inside);
        json_push(json_at(state, kind_infos[object->kind].collection), body);
    }
    json_put(state, "deleted", json_copy(world->deleted));
    cJSON *tokens = json_array();
    for (unsigned i = 0; i < world->n_tokens && i < TOKENS_MAX; i++) {
        json_push(tokens, cJSON_CreateString(world->tokens[i].text));
    }
    json_put(state, "tokens", tokens);
    return state;
}

static void start_scenario(struct world *world, const struct request *request,
                           struct answer *answer) {
    char *problem = scenario_load(world, request->json);
    if (problem != NULL) {
        answer_error(answer, 400, "bad_scenario", "%s", problem);
        free(problem);
        return;
    }
    answer_json(answer, 200, json_literal("{\"message\":\"started\"}"));
}

static void show_state(struct world *world, const struct request *request, struct answer *answer) {
    (void)request;
    answer_json(answer, 200, state_of(world));
}

/* What may go on a cassette: no tokens, and nothing that is in every cluster. */
static void show_objects(struct world *world, const struct request *request,
                         struct answer *answer) {
    (void)request;
    cJSON *state = state_of(world);
    json_drop(state, "tokens");
    json_drop(state, "software_specifications");
    answer_json(answer, 200, state);
}

static void show_log(struct world *world, const struct request *request, struct answer *answer) {
    (void)request;
    answer_json(answer, 200, json_copy(world->log));
}

static void quit(struct world *world, const struct request *request, struct answer *answer) {
    (void)request;
    world->is_quitting = true;
    answer_json(answer, 200, json_literal("{\"message\":\"bye\"}"));
}

void control_answer(struct world *world, const struct request *request, struct answer *answer) {
    static const struct {
        const char *method;
        const char *path;
        void (*answer)(struct world *world, const struct request *request, struct answer *answer);
    } endpoints[] = {
        {"GET", "/standin/state", show_state},     {"GET", "/standin/log", show_log},
        {"GET", "/standin/objects", show_objects}, {"POST", "/standin/scenario", start_scenario},
        {"POST", "/standin/cpdctl", cli_answer},   {"POST", "/standin/oc", openshift_answer},
        {"POST", "/standin/quit", quit},
    };
    for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++) {
        if (strcmp(endpoints[i].method, request->method) == 0 &&
            strcmp(endpoints[i].path, request->path) == 0) {
            endpoints[i].answer(world, request, answer);
            return;
        }
    }
    answer_error(answer, 404, "not_found", "There is no %s %s", request->method, request->path);
}
