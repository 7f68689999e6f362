/*
 * Rules about calls that create or start something, as far as the catalogues know them: a limit of time,
 * a way to get rid of it, and somebody who waits for it.
 */
#include "lint_priv.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static const char *last_word(const char *path) {
    const char *blank = strrchr(path, ' ');
    return blank != NULL ? blank + 1 : path;
}

static bool creates(const struct known_call *k) {
    return strcmp(last_word(k->command->path), "create") == 0;
}

/* "space create" and "space delete" have the group "space ". */
static bool is_of_group(const char *path, const char *other) {
    size_t n = (size_t)(last_word(other) - other);
    return strncmp(path, other, n) == 0;
}

/* ---- time ------------------------------------------------------------------------------------ */

static bool has_timeout(const struct loader *l, const struct known_call *k) {
    return l->recipe->timeout.is_set || k->step->rules->timeout.is_set || k->call->timeout.is_set;
}

/* Once is enough: the remedy is one line for all of them. */
void lint_timeouts(struct loader *l, const struct lint_rule *rule) {
    for (size_t i = 0; i < l->n_known_calls; i++) {
        const struct known_call *k = &l->known_calls[i];
        bool waits = strcmp(last_word(k->command->path), "wait") == 0;
        if ((creates(k) || waits) && !has_timeout(l, k)) {
            lint_say(l, rule, k->call->place, "'%s' has no limit of time: it may hang for ever",
                     k->command->path);
            diag_hint(l, "say `timeout: 10m` for the step, or `defaults: {timeout: 10m}` for all");
            return;
        }
    }
}

/* ---- getting rid of it ------------------------------------------------------------------------ */

static bool is_deleted(const struct loader *l, const struct known_call *made) {
    for (size_t i = 0; i < l->n_known_calls; i++) {
        const char *path = l->known_calls[i].command->path;
        if (strcmp(last_word(path), "delete") == 0 && is_of_group(path, made->command->path)) {
            return true;
        }
    }
    return false;
}

/* What runs again makes the thing again, under the same name. */
void lint_cleanups(struct loader *l, const struct lint_rule *rule) {
    for (size_t i = 0; i < l->n_known_calls; i++) {
        const struct known_call *k = &l->known_calls[i];
        bool is_plain = k->call == k->step->call && k->has_name && creates(k);
        if (is_plain && k->step->n_cleanup == 0 && !is_deleted(l, k)) {
            lint_say(l, rule, k->call->place, "'%s' makes another one with every run",
                     k->command->path);
            diag_hint(l, "use `ensure` to take the one that is there, or undo it in `cleanup`");
        }
    }
}

/* ---- waiting for it -------------------------------------------------------------------------- */

static bool polls(const struct known_call *k) {
    return k->step->wait != NULL || (k->step->ensure != NULL && k->step->ensure->ready != NULL);
}

static bool is_awaited(const struct loader *l, const struct known_call *started) {
    if (polls(started)) {
        return true;
    }
    for (size_t i = 0; i < l->n_known_calls; i++) {
        const struct known_call *k = &l->known_calls[i];
        if (strcmp(k->command->path, started->command->wait) == 0 ||
            (polls(k) && is_of_group(k->command->path, started->command->path))) {
            return true;
        }
    }
    return false;
}

/* Another recipe may wait: one that this one uses, or one that takes its outputs. */
static bool may_be_awaited_elsewhere(const struct loader *l) {
    if (l->recipe->n_outputs > 0) {
        return true;
    }
    for (uint32_t i = 0; i < l->recipe->n_all_steps; i++) {
        if (l->infos[i].step->action == ACTION_USE) {
            return true;
        }
    }
    return false;
}

void lint_async(struct loader *l, const struct lint_rule *rule) {
    if (may_be_awaited_elsewhere(l)) {
        return;
    }
    for (size_t i = 0; i < l->n_known_calls; i++) {
        const struct known_call *k = &l->known_calls[i];
        if (k->async.line > 0 && k->command->wait != NULL && !is_awaited(l, k)) {
            lint_say(l, rule, k->async, "nothing waits for what '%s --async' starts",
                     k->command->path);
            diag_hint(l, "add a step with `cpdctl: %s`", k->command->wait);
        }
    }
}
