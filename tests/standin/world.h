#ifndef STANDIN_WORLD_H
#define STANDIN_WORLD_H
/*
 * The state of the stand-in cluster: every object that a client can see, what will happen to it
 * and when, and the settings of the scenario. One world, one thread.
 *
 * Time: `now_ms` is monotonic and moves only in world_advance(), which the server calls before
 * each request; all that fell due since then happens there, in the order of its due times. So two
 * clients that ask one after the other see one history, whatever the load of the machine.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "json.h"

enum kind {
    KIND_SPACE,
    KIND_MODEL,
    KIND_REVISION,
    KIND_DEPLOYMENT,
    KIND_SOFTWARE_SPEC,
    KIND_DATA_MART,
    KIND_SERVICE_PROVIDER,
    KIND_SUBSCRIPTION,
    KIND_DATA_SET,
    KIND_REQUEST,
    KIND_MONITOR,
    KIND_RUN,
    KIND_MEASUREMENT,
    KIND_PROJECT,
    KIND_ASSET,
    KIND_JOB,
    KIND_JOB_RUN,
    KIND_BATCH_JOB,
    KIND_EXPORT,
    KIND_IMPORT,
    KIND_OPENSHIFT,
    KIND_COUNT
};

enum { ID_SIZE = 64, STEPS_MAX = 4 };

/* A state that an object will enter. */
struct step {
    int64_t due_ms;
    const char *state; /* static text */
};

struct object {
    enum kind kind;
    char id[ID_SIZE];
    cJSON *body;   /* what clients see: metadata, entity, system */
    cJSON *inside; /* what only the stand-in knows: uploads, records, origin */
    int64_t listed_at_ms;
    int n_lists_hidden; /* how many more lists will not show it */
    struct step steps[STEPS_MAX];
    int n_steps;
};

struct kind_info {
    const char *name;        /* "subscription": in messages */
    const char *collection;  /* "subscriptions": in the state and in scenarios */
    const char *list_key;    /* key of the array in list answers */
    const char *first_state; /* NULL: has no state */
    const char *ready_state;
    const char *state_path; /* NULL: "entity.status.state" */
    const char *id_key;     /* the id is there too: "asset_id"; NULL: only in metadata.id */
    const char *total_key;  /* number of all rows in list answers; NULL: none */
    bool is_paged;
    bool is_sorted_by_id; /* else in order of creation; newest first with is_newest_first */
    bool is_newest_first;
};

extern const struct kind_info kind_infos[KIND_COUNT];

struct fault {
    const cJSON *spec; /* in the scenario */
    int n_seen;        /* calls that matched so far */
};

enum { FAULTS_MAX = 64 };

struct token {
    char text[ID_SIZE];
    int64_t expires_ms;
};

enum { TOKENS_MAX = 256 };

struct world {
    struct object **objects; /* in order of creation */
    size_t n_objects;
    size_t cap_objects;
    cJSON *deleted; /* array: what was deleted, with its kind, name and origin */

    cJSON *scenario; /* as it was given; options are read from it when they are needed */
    struct fault faults[FAULTS_MAX];
    int n_faults;
    struct token tokens[TOKENS_MAX]; /* a ring */
    unsigned n_tokens;

    cJSON *log;     /* array of calls, see log.c */
    FILE *log_file; /* NULL: none */

    char *url; /* of this server, "http://127.0.0.1:12345" */
    double scale;
    bool has_own_scale; /* given on the command line: the scenario does not change it */
    bool is_starting;   /* the start state of the scenario is being built */
    bool is_quitting;
    uint64_t random;
    int64_t now_ms;
    int64_t zero_ms;      /* monotonic time when the world began */
    int64_t zero_wall_ms; /* wall clock at the same moment */
};

/* `url` is kept as a copy. Loads the empty scenario; scenario_load() in scenario.h another. */
void world_init(struct world *world, const char *url, double scale);
void world_release(struct world *world);

/* Forgets all objects, calls, tokens and faults. */
void world_clear(struct world *world);

/* Moves the clock to the present and lets happen what fell due. */
void world_advance(struct world *world);

/* Options of the scenario, by path: "options.generation", "durations.space". */
const char *world_option(const struct world *world, const char *path, const char *fallback);
double world_number(const struct world *world, const char *path, double fallback);
bool world_flag(const struct world *world, const char *path, bool fallback);

/* Writes the wall clock at monotonic `at_ms` as "2024-04-26T12:45:34.067Z". */
void world_time(const struct world *world, int64_t at_ms, char ret_text[32]);

/* A random UUID, from the seed of the scenario. */
void world_uuid(struct world *world, char ret_id[ID_SIZE]);

/*
 * A new object with metadata.id, metadata.created_at and the first state of its kind. `id` NULL:
 * one is made. The world owns it; valid until deleted.
 */
struct object *object_new(struct world *world, enum kind kind, const char *id);

/* The object, NULL when there is none. `id` may be NULL. */
struct object *object_find(const struct world *world, enum kind kind, const char *id);

/* The object whose string at `path` is `value`, after `previous` (NULL: the first). */
struct object *object_find_by(const struct world *world, enum kind kind, const char *path,
                              const char *value, const struct object *previous);

/* Removes the object and remembers that in `deleted`. */
void object_delete(struct world *world, struct object *object);

const char *object_state(const struct object *object);
void object_put_state(struct object *object, const char *state);

/* The static text for a state that a scenario names; NULL for an unknown one. */
const char *state_named(const char *state);

/* Schedules a state; `after_s` is in recorded seconds and scaled here. */
void object_later(struct world *world, struct object *object, const char *state, double after_s);

/* Cancels what was scheduled and enters `state` now. */
void object_settle(struct world *world, struct object *object, const char *state);

/* When the object will have entered the last scheduled state; 0 when nothing is scheduled. */
int64_t object_settled_at(const struct object *object);

/* Duration of the scenario or as recorded, in seconds before scaling. */
double duration_of(const struct world *world, const char *name);

#endif
