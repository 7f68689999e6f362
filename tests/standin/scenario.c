/*
 * Scenarios, see scenario.h.
 */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "lifecycle.h"
#include "ml.h"
#include "openscale.h"
#include "projects.h"
#include "spaces.h"

typedef struct object *(*new_fn)(struct world *world, const cJSON *wanted, const char *id);

/* In the order in which they may refer to each other. */
static const struct {
    enum kind kind;
    new_fn make;
    const char *usual; /* what is there when the scenario does not say */
} starters[] = {
    {KIND_SPACE, space_new, "[]"},
    {KIND_MODEL, model_new, "[]"},
    {KIND_DEPLOYMENT, deployment_new, "[]"},
    {KIND_DATA_MART, data_mart_new, "[{\"id\":\"00000000-0000-0000-0000-000000000000\"}]"},
    {KIND_SERVICE_PROVIDER, provider_new,
     "[{\"id\":\"fedb2dcd-1771-4705-88a1-b791a0bf5833\",\"name\":\"WML production\","
     "\"service_type\":\"watson_machine_learning\",\"operational_space_id\":\"production\"}]"},
    {KIND_SUBSCRIPTION, subscription_new, "[]"},
    {KIND_DATA_SET, data_set_new, "[]"},
    {KIND_MONITOR, monitor_new, "[]"},
    {KIND_RUN, run_new, "[]"},
    {KIND_PROJECT, project_new, "[]"},
    {KIND_ASSET, asset_new, "[]"},
    {KIND_JOB, job_new, "[]"},
    {KIND_JOB_RUN, job_run_new, "[]"},
};

static char *start_object(struct world *world, enum kind kind, new_fn make, const cJSON *wanted) {
    const struct kind_info *info = &kind_infos[kind];
    struct object *object = make(world, wanted, json_text(wanted, "id"));
    json_put_copy(object->inside, "owner", wanted, "owner");
    if (json_bool_or(wanted, "without_default_monitors", false)) {
        json_put(object->inside, "has_default_monitors", cJSON_CreateBool(true));
    }
    const char *state = json_text(wanted, "state");
    if (info->ready_state != NULL) {
        const char *entered = state != NULL ? state_named(state) : info->ready_state;
        if (entered == NULL) {
            return text_format("start.%s: unknown state '%s'", info->collection, state);
        }
        json_put_copy(object->inside, "failure", wanted, "failure");
        object_settle(world, object, entered);
    }
    json_put_copy(object->body, "metadata.created_at", wanted, "created_at");
    if (json_at(wanted, "body") != NULL) {
        json_merge(object->body, json_at(wanted, "body"));
    }
    return NULL;
}

static char *start_all(struct world *world) {
    ml_add_software_specs(world);
    for (size_t i = 0; i < sizeof starters / sizeof *starters; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "start.%s", kind_infos[starters[i].kind].collection);
        const cJSON *given = json_at(world->scenario, path);
        cJSON *usual = json_literal(starters[i].usual);
        const cJSON *wanted = NULL;
        char *problem = NULL;
        const cJSON *list = given != NULL ? given : usual;
        cJSON_ArrayForEach(wanted, list) {
            problem = start_object(world, starters[i].kind, starters[i].make, wanted);
            if (problem != NULL) {
                break;
            }
        }
        cJSON_Delete(usual);
        if (problem != NULL) {
            return problem;
        }
    }
    return NULL;
}

static char *take_faults(struct world *world) {
    const cJSON *fault = NULL;
    cJSON_ArrayForEach(fault, json_at(world->scenario, "faults")) {
        if (world->n_faults == FAULTS_MAX) {
            return text_format("more than %d faults", FAULTS_MAX);
        }
        if (json_at(fault, "match") == NULL) {
            return text_dup("faults: one has no 'match'");
        }
        world->faults[world->n_faults++] = (struct fault){.spec = fault};
    }
    return NULL;
}

static char *unknown_key(const cJSON *scenario) {
    static const char *const keys[] = {"comment",   "seed",     "correct", "verdict", "options",
                                       "durations", "outcomes", "faults",  "start"};
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, scenario) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            is_known = is_known || strcmp(keys[i], member->string) == 0;
        }
        if (!is_known) {
            return text_format("unknown key '%s'", member->string);
        }
    }
    return NULL;
}

char *scenario_load(struct world *world, const cJSON *scenario) {
    char *problem = unknown_key(scenario);
    if (problem != NULL) {
        return problem;
    }
    cJSON *copy = scenario != NULL ? json_copy(scenario) : json_object();
    world_clear(world);
    cJSON_Delete(world->scenario);
    world->scenario = copy;
    if (!world->has_own_scale) {
        world->scale = world_number(world, "options.scale", 1);
    }
    world->random = (uint64_t)world_number(world, "options.seed", 1);
    problem = take_faults(world);
    if (problem != NULL) {
        return problem;
    }
    world->is_starting = true;
    problem = start_all(world);
    world->is_starting = false;
    return problem;
}

static char *read_file(const char *path, char **ret_text) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return text_format("%s: cannot be opened", path);
    }
    struct text content = {0};
    char part[8192];
    for (;;) {
        size_t n = fread(part, 1, sizeof part, file);
        if (n == 0) {
            break;
        }
        text_add(&content, part, n);
    }
    (void)fclose(file); /* only read from */
    *ret_text = text_take(&content);
    return NULL;
}

char *scenario_load_file(struct world *world, const char *path) {
    char *content = NULL;
    char *problem = read_file(path, &content);
    if (problem != NULL) {
        return problem;
    }
    cJSON *scenario = cJSON_Parse(content);
    free(content);
    if (scenario == NULL) {
        return text_format("%s: is no JSON", path);
    }
    problem = scenario_load(world, scenario);
    cJSON_Delete(scenario);
    if (problem != NULL) {
        char *placed = text_format("%s: %s", path, problem);
        free(problem);
        return placed;
    }
    return NULL;
}
