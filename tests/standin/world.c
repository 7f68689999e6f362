/*
 * Objects, time and settings of the stand-in, see world.h. What happens when an object enters a
 * state is in lifecycle.c.
 */
#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lifecycle.h"

const struct kind_info kind_infos[KIND_COUNT] = {
    [KIND_SPACE] = {.name = "space",
                    .collection = "spaces",
                    .list_key = "resources",
                    .first_state = "preparing",
                    .ready_state = "active",
                    .is_paged = true,
                    .is_sorted_by_id = true},
    [KIND_MODEL] = {.name = "model",
                    .collection = "models",
                    .list_key = "resources",
                    .is_paged = true},
    [KIND_REVISION] = {.name = "revision",
                       .collection = "revisions",
                       .list_key = "resources",
                       .is_paged = true},
    [KIND_DEPLOYMENT] = {.name = "deployment",
                         .collection = "deployments",
                         .list_key = "resources",
                         .first_state = "initializing",
                         .ready_state = "ready",
                         .is_paged = true},
    [KIND_SOFTWARE_SPEC] = {.name = "software specification",
                            .collection = "software_specifications",
                            .list_key = "resources",
                            .is_paged = true},
    [KIND_DATA_MART] = {.name = "data_mart",
                        .collection = "data_marts",
                        .list_key = "data_marts",
                        .first_state = "preparing",
                        .ready_state = "active"},
    [KIND_SERVICE_PROVIDER] = {.name = "service_provider",
                               .collection = "service_providers",
                               .list_key = "service_providers",
                               .first_state = "preparing",
                               .ready_state = "active"},
    [KIND_SUBSCRIPTION] = {.name = "subscription",
                           .collection = "subscriptions",
                           .list_key = "subscriptions",
                           .first_state = "preparing",
                           .ready_state = "active",
                           .is_newest_first = true},
    [KIND_DATA_SET] = {.name = "data_set",
                       .collection = "data_sets",
                       .list_key = "data_sets",
                       .first_state = "preparing",
                       .ready_state = "active"},
    [KIND_REQUEST] = {.name = "request",
                      .collection = "requests",
                      .list_key = "requests",
                      .first_state = "preparing",
                      .ready_state = "active"},
    [KIND_MONITOR] = {.name = "monitor_instance",
                      .collection = "monitor_instances",
                      .list_key = "monitor_instances",
                      .first_state = "preparing",
                      .ready_state = "active",
                      .is_newest_first = true},
    [KIND_RUN] = {.name = "run",
                  .collection = "runs",
                  .list_key = "runs",
                  .first_state = "queued",
                  .ready_state = "finished",
                  .is_newest_first = true},
    [KIND_MEASUREMENT] = {.name = "measurement",
                          .collection = "measurements",
                          .list_key = "measurements",
                          .is_newest_first = true},
    [KIND_PROJECT] = {.name = "project",
                      .collection = "projects",
                      .list_key = "resources",
                      .id_key = "guid",
                      .total_key = "total_results"},
    [KIND_ASSET] = {.name = "asset",
                    .collection = "assets",
                    .list_key = "results",
                    .id_key = "asset_id",
                    .total_key = "total_rows"},
    [KIND_JOB] = {.name = "job",
                  .collection = "jobs",
                  .list_key = "results",
                  .id_key = "asset_id",
                  .total_key = "total_rows"},
    [KIND_JOB_RUN] = {.name = "job_run",
                      .collection = "job_runs",
                      .list_key = "results",
                      .first_state = "Starting",
                      .ready_state = "Completed",
                      .state_path = "entity.job_run.state",
                      .id_key = "asset_id",
                      .total_key = "total_rows",
                      .is_newest_first = true},
    [KIND_BATCH_JOB] = {.name = "deployment_job",
                        .collection = "deployment_jobs",
                        .list_key = "resources",
                        .first_state = "queued",
                        .ready_state = "completed",
                        .state_path = "entity.scoring.status.state"},
    [KIND_EXPORT] = {.name = "asset_export",
                     .collection = "asset_exports",
                     .list_key = "resources",
                     .first_state = "pending",
                     .ready_state = "completed",
                     .is_paged = true},
    [KIND_IMPORT] = {.name = "asset_import",
                     .collection = "asset_imports",
                     .list_key = "resources",
                     .first_state = "pending",
                     .ready_state = "completed",
                     .is_paged = true},
    [KIND_OPENSHIFT] = {.name = "openshift", .collection = "openshift", .list_key = "items"},
};

static const char *state_path_of(enum kind kind) {
    const char *path = kind_infos[kind].state_path;
    return path != NULL ? path : "entity.status.state";
}

static int64_t clock_ms(clockid_t clock) {
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void world_init(struct world *world, const char *url, double scale) {
    *world = (struct world){.url = text_dup(url), .scale = scale};
    world->zero_ms = clock_ms(CLOCK_MONOTONIC);
    world->zero_wall_ms = clock_ms(CLOCK_REALTIME);
    world->now_ms = world->zero_ms;
    world->scenario = json_object();
    world->deleted = json_array();
    world->log = json_array();
}

static void object_free(struct object *object) {
    cJSON_Delete(object->body);
    cJSON_Delete(object->inside);
    free(object);
}

void world_clear(struct world *world) {
    for (size_t i = 0; i < world->n_objects; i++) {
        object_free(world->objects[i]);
    }
    world->n_objects = 0;
    world->n_faults = 0;
    world->n_tokens = 0;
    cJSON_Delete(world->deleted);
    cJSON_Delete(world->log);
    world->deleted = json_array();
    world->log = json_array();
}

void world_release(struct world *world) {
    world_clear(world);
    cJSON_Delete(world->deleted);
    cJSON_Delete(world->log);
    cJSON_Delete(world->scenario);
    free(world->objects);
    free(world->url);
    *world = (struct world){0};
}

const char *world_option(const struct world *world, const char *path, const char *fallback) {
    return json_text_or(world->scenario, path, fallback);
}

double world_number(const struct world *world, const char *path, double fallback) {
    return json_number_or(world->scenario, path, fallback);
}

bool world_flag(const struct world *world, const char *path, bool fallback) {
    return json_bool_or(world->scenario, path, fallback);
}

void world_time(const struct world *world, int64_t at_ms, char ret_text[32]) {
    int64_t wall_ms = world->zero_wall_ms + (at_ms - world->zero_ms);
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    (void)gmtime_r(&seconds, &utc);
    char date[24];
    (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(ret_text, 32, "%s.%03dZ", date, (int)(wall_ms % 1000));
}

/* splitmix64 */
static uint64_t next_random(struct world *world) {
    world->random += 0x9e3779b97f4a7c15u;
    uint64_t mixed = world->random;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

void world_uuid(struct world *world, char ret_id[ID_SIZE]) {
    uint64_t high = next_random(world);
    uint64_t low = next_random(world);
    (void)snprintf(ret_id, ID_SIZE, "%08x-%04x-4%03x-%04x-%04x%08x", (unsigned)(high >> 32),
                   (unsigned)(high >> 16 & 0xffff), (unsigned)(high & 0xfff),
                   (unsigned)(0x8000 | (low >> 48 & 0x3fff)), (unsigned)(low >> 32 & 0xffff),
                   (unsigned)(low & 0xffffffff));
}

/* The step that is due first among all objects, NULL when none is due at `now_ms`. */
static struct object *next_due(const struct world *world) {
    struct object *first = NULL;
    for (size_t i = 0; i < world->n_objects; i++) {
        struct object *object = world->objects[i];
        if (object->n_steps == 0 || object->steps[0].due_ms > world->now_ms) {
            continue;
        }
        if (first == NULL || object->steps[0].due_ms < first->steps[0].due_ms) {
            first = object;
        }
    }
    return first;
}

void world_advance(struct world *world) {
    world->now_ms = clock_ms(CLOCK_MONOTONIC);
    for (;;) {
        struct object *object = next_due(world);
        if (object == NULL) {
            return;
        }
        struct step step = object->steps[0];
        object->n_steps--;
        memmove(object->steps, object->steps + 1, (size_t)object->n_steps * sizeof step);
        lifecycle_enter(world, object, step.state, step.due_ms);
    }
}

/* Objects of the start state are a month old, a minute apart, so that "oldest" means something. */
static int64_t birth_ms(const struct world *world) {
    const int64_t month_ms = 30LL * 24 * 3600 * 1000;
    return world->is_starting ? world->zero_ms - month_ms + (int64_t)world->n_objects * 60000
                              : world->now_ms;
}

struct object *object_new(struct world *world, enum kind kind, const char *id) {
    struct object *object = must_alloc(sizeof *object);
    object->kind = kind;
    if (id != NULL) {
        (void)snprintf(object->id, sizeof object->id, "%s", id);
    } else {
        world_uuid(world, object->id);
    }
    object->body = json_object();
    object->inside = json_object();
    char created[32];
    world_time(world, birth_ms(world), created);
    json_put_text(object->body, "metadata.id", object->id);
    if (kind_infos[kind].id_key != NULL) {
        char path[64];
        (void)snprintf(path, sizeof path, "metadata.%s", kind_infos[kind].id_key);
        json_put_text(object->body, path, object->id);
    }
    json_put_text(object->body, "metadata.created_at", created);
    if (kind_infos[kind].first_state != NULL) {
        object_put_state(object, kind_infos[kind].first_state);
    }
    json_put_text(object->inside, "origin", world->is_starting ? "start" : "created");
    if (!world->is_starting) {
        object->listed_at_ms =
            world->now_ms +
            (int64_t)(world_number(world, "options.list_lag_s", 0) * 1000 * world->scale);
        object->n_lists_hidden = (int)world_number(world, "options.list_lag_calls", 0);
    }
    if (world->n_objects == world->cap_objects) {
        world->cap_objects = world->cap_objects ? world->cap_objects * 2 : 64;
        world->objects = must_realloc(world->objects, world->cap_objects * sizeof(struct object *));
    }
    world->objects[world->n_objects++] = object;
    return object;
}

struct object *object_find(const struct world *world, enum kind kind, const char *id) {
    for (size_t i = 0; id != NULL && i < world->n_objects; i++) {
        struct object *object = world->objects[i];
        if (object->kind == kind && strcmp(object->id, id) == 0) {
            return object;
        }
    }
    return NULL;
}

struct object *object_find_by(const struct world *world, enum kind kind, const char *path,
                              const char *value, const struct object *previous) {
    bool is_after = previous == NULL;
    for (size_t i = 0; value != NULL && i < world->n_objects; i++) {
        struct object *object = world->objects[i];
        if (is_after && object->kind == kind &&
            strcmp(json_text_or(object->body, path, ""), value) == 0) {
            return object;
        }
        is_after = is_after || object == previous;
    }
    return NULL;
}

/* The name of the object wherever its kind keeps it, "" without. */
static const char *object_name(const struct object *object) {
    static const char *const paths[] = {"metadata.name", "entity.name", "entity.deployment.name",
                                        "entity.monitor_definition_id"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *name = json_text(object->body, paths[i]);
        if (name != NULL) {
            return name;
        }
    }
    return "";
}

void object_delete(struct world *world, struct object *object) {
    cJSON *stone = json_object();
    json_put_text(stone, "kind", kind_infos[object->kind].name);
    json_put_text(stone, "id", object->id);
    json_put_text(stone, "name", object_name(object));
    json_put_copy(stone, "origin", object->inside, "origin");
    json_put_copy(stone, "owner", object->inside, "owner");
    json_push(world->deleted, stone);
    for (size_t i = 0; i < world->n_objects; i++) {
        if (world->objects[i] == object) {
            world->n_objects--;
            memmove(world->objects + i, world->objects + i + 1,
                    (world->n_objects - i) * sizeof(struct object *));
            break;
        }
    }
    object_free(object);
}

const char *object_state(const struct object *object) {
    return json_text_or(object->body, state_path_of(object->kind), "");
}

void object_put_state(struct object *object, const char *state) {
    json_put_text(object->body, state_path_of(object->kind), state);
}

const char *state_named(const char *state) {
    static const char *const states[] = {"active",
                                         "preparing",
                                         "error",
                                         "ready",
                                         "failed",
                                         "running",
                                         "finished",
                                         "queued",
                                         "completed",
                                         "Failed",
                                         "Canceled",
                                         "Completed",
                                         "initializing",
                                         "Running",
                                         "CompletedWithWarnings",
                                         "CompletedWithErrors"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strcmp(states[i], state) == 0) {
            return states[i];
        }
    }
    return NULL;
}

void object_later(struct world *world, struct object *object, const char *state, double after_s) {
    if (object->n_steps == STEPS_MAX) {
        return;
    }
    struct step *step = &object->steps[object->n_steps++];
    step->state = state;
    step->due_ms = world->now_ms + (int64_t)(after_s * world->scale * 1000);
}

void object_settle(struct world *world, struct object *object, const char *state) {
    object->n_steps = 0;
    lifecycle_enter(world, object, state, world->now_ms);
}

int64_t object_settled_at(const struct object *object) {
    return object->n_steps > 0 ? object->steps[object->n_steps - 1].due_ms : 0;
}

/* As recorded from real clusters, in seconds. */
static const struct {
    const char *name;
    double seconds;
} durations[] = {
    {"space", 7},
    {"deployment", 28},
    {"deployment_update", 28},
    {"data_mart", 5},
    {"service_provider", 5},
    {"subscription", 5},
    {"data_set", 1},
    {"subscription_update", 5},
    {"monitor", 15},
    {"records", 5},
    {"run_queue", 8.8},
    {"run", 87},
    {"run_error", 0.5},
    {"job_start", 8},
    {"job_run", 60},
    {"batch_queue", 5},
    {"batch_job", 30},
    {"export", 3},
    {"import", 15},
    {"pod", 40},
    {"route", 3},
};

double duration_of(const struct world *world, const char *name) {
    char path[64];
    (void)snprintf(path, sizeof path, "durations.%s", name);
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
        if (strcmp(durations[i].name, name) == 0) {
            return world_number(world, path, durations[i].seconds);
        }
    }
    return world_number(world, path, 0);
}
