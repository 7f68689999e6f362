/*
 * Our own environment, filtered.
 */
#include "cli/run_env.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/opt.h"
#include "recipe/child_env.h"
#include "recipe/model.h"

static bool feeds_secret_of(const struct recipe *r, const char *text) {
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct input *in = &r->inputs[i];
        size_t len = in->env == NULL ? 0 : strlen(in->env);
        if (in->is_secret && len > 0 && strncmp(text, in->env, len) == 0 && text[len] == '=') {
            return true;
        }
    }
    return false;
}

static bool feeds_secret(const struct recipe *r, const char *text) {
    bool is_fed = feeds_secret_of(r, text);
    for (size_t i = 0; i < r->n_used && !is_fed; i++) {
        is_fed = feeds_secret_of(r->used[i], text);
    }
    return is_fed;
}

/* CPDFLOW_RUN_INPUT and its like hold our inputs, secret ones among them, and no child's. */
static bool gives_inputs(const char *text) {
    static const char prefix[] = "CPDFLOW_";
    static const char suffix[] = "_INPUT";
    size_t len = strcspn(text, "=");
    return len >= sizeof prefix + sizeof suffix - 2 &&
           strncmp(text, prefix, sizeof prefix - 1) == 0 &&
           strncmp(text + len - (sizeof suffix - 1), suffix, sizeof suffix - 1) == 0;
}

const char **run_env_make(const struct recipe *r) {
    size_t n = 0;
    while (environ != NULL && environ[n] != NULL) {
        n++;
    }
    const char **env = mem_zalloc(n + 1, sizeof *env);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (!feeds_secret(r, environ[i]) && !gives_inputs(environ[i])) {
            env[kept++] = environ[i];
        }
    }
    return env;
}

static bool is_passed(const char *text, const struct opt_list *passed) {
    size_t len = strcspn(text, "=");
    for (size_t i = 0; i < passed->n; i++) {
        if (child_env_matches(passed->items[i], text, len)) {
            return true;
        }
    }
    return child_env_passes(text, len);
}

const char **run_env_child(const char *const *env, const struct opt_list *passed) {
    size_t n = 0;
    while (env[n] != NULL) {
        n++;
    }
    const char **child = mem_zalloc(n + 1, sizeof *child);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_passed(env[i], passed)) {
            child[kept++] = env[i];
        }
    }
    return child;
}

const char *run_env_get(const char *name, void *ctx) {
    (void)ctx;
    return getenv(name);
}
