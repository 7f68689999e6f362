#ifndef STANDIN_SCENARIO_H
#define STANDIN_SCENARIO_H
/*
 * A scenario: what is there at the start, what goes wrong, how long things take.
 *
 *     {"comment": "…", "correct": "what a correct tool does",
 *      "options": {"generation": "3.0|4.8|inference", "password": "…", "scale": 0.01, …},
 *      "durations": {"space": 7}, "outcomes": {…}, "faults": […],
 *      "start": {"spaces": [{"id": "…", "name": "…", "owner": "other-team"}], …}}
 *
 * tests/standin/README.md lists every key. An object of the start state is written as the body of
 * the POST that would have made it, with `id`, `state`, `created_at`, `owner` and, for what cannot
 * be said so, `body` (laid over the finished object) as extras.
 */
#include "world.h"

/*
 * Clears the world and starts `scenario` (copied; NULL or {}: a cluster with a data mart and a
 * service provider and nothing else). Returns what is wrong with it (heap), NULL when all is well.
 */
char *scenario_load(struct world *world, const cJSON *scenario);

/* The same from a file. */
char *scenario_load_file(struct world *world, const char *path);

#endif
