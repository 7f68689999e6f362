/*
 * What a step has from others: `defaults`, and `env` and `cwd` of the groups around it. A field of
 * the step wins. A recipe that is used has of these only the `env`: its times and attempts are its own.
 *
 * Environments are joined with the outermost first, so that the later and nearer value wins.
 */
#include "load_priv.h"

#include <string.h>

/* What comes from outside. */
struct heritage {
    struct step_rules *rules; /* of `defaults`; steps without their own share them */
    struct step_rules *no_rules;
    const struct named_tree *env;
    size_t n_env;
    struct template *cwd;
};

static void join_env(struct loader *l, const struct heritage *from, struct named_tree **env,
                     size_t *n_env) {
    if (from->n_env == 0) {
        return;
    }
    struct named_tree *all = arena_alloc(&l->recipe->arena, (from->n_env + *n_env) * sizeof *all);
    memcpy(all, from->env, from->n_env * sizeof *all);
    if (*n_env > 0) {
        memcpy(all + from->n_env, *env, *n_env * sizeof *all);
    }
    *env = all;
    *n_env += from->n_env;
}

static void inherit_duration(const struct field_duration *from, struct field_duration *to) {
    if (!to->is_set) {
        *to = *from;
    }
}

static void inherit_number(const struct field_number *from, struct field_number *to) {
    if (!to->is_set) {
        *to = *from;
    }
}

static void inherit_size(const struct field_size *from, struct field_size *to) {
    if (!to->is_set) {
        *to = *from;
    }
}

static void inherit_limits(const struct limits_spec *from, struct limits_spec *to) {
    inherit_duration(&from->cpu, &to->cpu);
    inherit_size(&from->file_size, &to->file_size);
    inherit_size(&from->memory, &to->memory);
    inherit_size(&from->core, &to->core);
    if (!to->open_files.is_set) {
        to->open_files = from->open_files;
    }
}

static bool has_reasons(const struct retry_on *on) {
    return on->classes != 0 || on->n_exits > 0 || on->n_matches > 0;
}

static void inherit_retry(const struct retry_spec *from, struct retry_spec *to) {
    if (!from->is_set || !to->is_set) {
        *to = from->is_set ? *from : *to;
        return;
    }
    if (!to->attempts.is_set) {
        to->attempts = from->attempts;
    }
    inherit_duration(&from->delay, &to->delay);
    inherit_duration(&from->max_delay, &to->max_delay);
    inherit_duration(&from->within, &to->within);
    inherit_number(&from->backoff, &to->backoff);
    to->has_jitter = to->has_jitter && from->has_jitter;
    if (!has_reasons(&to->on)) {
        to->on = from->on;
    }
}

static void inherit_rules(struct step_rules *from, struct step *step) {
    struct step_rules *to = step->rules;
    if (to == NULL) {
        step->rules = from;
        return;
    }
    inherit_duration(&from->timeout, &to->timeout);
    inherit_duration(&from->idle_timeout, &to->idle_timeout);
    inherit_duration(&from->kill_grace, &to->kill_grace);
    inherit_limits(&from->limits, &to->limits);
    inherit_retry(&from->retry, &to->retry);
}

static void inherit_wait(const struct wait_spec *from, struct wait_spec *to) {
    inherit_duration(&from->every, &to->every);
    inherit_duration(&from->max_every, &to->max_every);
    inherit_duration(&from->timeout, &to->timeout);
    inherit_duration(&from->stable_for, &to->stable_for);
    inherit_number(&from->backoff, &to->backoff);
}

static void inherit_call(struct loader *l, const struct heritage *from, const struct step *step,
                         struct call *call) {
    join_env(l, from, &call->env, &call->n_env);
    if (call->cwd == NULL) {
        call->cwd = from->cwd;
    }
    inherit_duration(&step->rules->timeout, &call->timeout);
}

static void inherit_output(const struct output_spec *from, struct output_spec *to) {
    if (to->kind == OUTPUT_DEFAULT) {
        *to = *from;
    }
}

static void inherit_parts(struct loader *l, const struct heritage *from, const struct step *step,
                          const struct call *draft) {
    const struct ensure_action *ensure = step->ensure;
    struct call *const parts[] = {ensure->find, ensure->create, ensure->get, ensure->update,
                                  ensure->remove};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i] == NULL) {
            continue;
        }
        if (draft != NULL) {
            inherit_output(&draft->output, &parts[i]->output);
        }
        inherit_call(l, from, step, parts[i]);
    }
    if (ensure->ready != NULL) {
        inherit_wait(&l->defaults.wait, ensure->ready);
    }
}

static void inherit_work(struct loader *l, const struct heritage *from, struct step *step,
                         const struct call *draft) {
    inherit_rules(from->rules, step);
    if (step->wait != NULL) {
        inherit_wait(&l->defaults.wait, step->wait);
    }
    if (step->action == ACTION_CALL) {
        inherit_call(l, from, step, step->call);
    } else if (step->ensure != NULL) {
        inherit_parts(l, from, step, draft);
    }
}

static void inherit_list(struct loader *l, struct step *steps, size_t n,
                         const struct heritage *from);

static void inherit_step(struct loader *l, struct step *step, const struct heritage *from) {
    const struct call *draft = l->infos[step->number].draft;
    struct heritage own = *from;
    if (draft != NULL) {
        struct named_tree *env = draft->env;
        own.n_env = draft->n_env;
        join_env(l, from, &env, &own.n_env);
        own.env = env;
        own.cwd = draft->cwd != NULL ? draft->cwd : from->cwd;
    }
    if (step->action == ACTION_USE) {
        join_env(l, &own, &step->env, &step->n_env);
    }
    if (step->action == ACTION_CALL || step->action == ACTION_ENSURE) {
        inherit_work(l, &own, step, draft);
    } else if (step->rules == NULL) {
        step->rules = from->no_rules; /* it calls nothing that they would be for */
    }
    inherit_list(l, step->steps, step->n_steps, &own);
    inherit_list(l, step->cleanup, step->n_cleanup, &own);
}

/* Depth is bounded by that of the YAML. */
static void inherit_list(struct loader *l, struct step *steps, size_t n,
                         const struct heritage *from) {
    for (size_t i = 0; i < n; i++) {
        inherit_step(l, &steps[i], from);
    }
}

void inherit_defaults(struct loader *l) {
    struct step_rules *rules = arena_alloc(&l->recipe->arena, sizeof *rules);
    *rules = l->defaults.rules;
    struct step_rules *no_rules = arena_zalloc(&l->recipe->arena, sizeof *no_rules);
    const struct heritage from = {rules, no_rules, l->defaults.env, l->defaults.n_env,
                                  l->defaults.cwd};
    inherit_list(l, l->recipe->steps, l->recipe->n_steps, &from);
    inherit_list(l, l->recipe->finally, l->recipe->n_finally, &from);
}
