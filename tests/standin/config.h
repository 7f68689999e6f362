#ifndef STANDIN_CONFIG_H
#define STANDIN_CONFIG_H
/*
 * The client's configuration file and the `config …` commands of both dialects.
 *
 * The file is YAML, mappings of mappings of strings:
 *
 *     contexts: / profiles: / users:      by name
 *     current-context: / current-profile:
 *
 * It is read without locking and written by way of rename, with mode 0600. Secrets stand in it in
 * clear; the real tool encrypts them.
 */
#include <stdbool.h>

#include "json.h"
#include "render.h"

/* Which file: the flag, $CPD_CONFIG, $CPDCONFIG, ~/.cpdctl/config, in that order. Heap. */
char *config_path(const char *flag);

/* The file as an object with users, profiles, contexts; without a file all are empty. */
cJSON *config_read(const char *path);

struct config_call {
    const char *path;   /* of the file */
    const char *group;  /* "users", "profiles", "contexts": 1.x's singular is made plural */
    const char *action; /* "set", "use", … */
    const char *name;   /* NULL without */
    const cJSON *flags; /* borrowed */
    enum output output;
};

/* Runs a config command and prints; returns the exit code. */
int config_run(const struct config_call *call);

/*
 * Where to go and as whom: {"url", "auth": {…}} of the profile that is chosen by the flags or
 * variables given (each may be NULL). On failure returns NULL and sets `ret_problem` (heap).
 */
cJSON *config_target(const cJSON *config, const char *profile, const char *context,
                     char **ret_problem);

#endif
