/*
 * Rules about whole recipes: what lint.c and its parts share.
 */
#ifndef RECIPE_LINT_PRIV_H
#define RECIPE_LINT_PRIV_H

#include "load_priv.h"

enum lint_severity { LINT_WARNING, LINT_ERROR };

struct lint_rule {
    const char *kind;
    enum lint_severity severity;
    void (*check_step)(struct loader *l, const struct lint_rule *rule, const struct step *step);
    void (*check_recipe)(struct loader *l, const struct lint_rule *rule);
};

void lint_say(struct loader *l, const struct lint_rule *rule, struct place place, const char *fmt,
              ...) __attribute__((format(printf, 4, 5)));

/* Values that nobody uses, secrets where they are seen (lint_names.c). */
void lint_outputs(struct loader *l, const struct lint_rule *rule);
void lint_secrets(struct loader *l, const struct lint_rule *rule);
/* What is created, and how it ends (lint_created.c). */
void lint_timeouts(struct loader *l, const struct lint_rule *rule);
void lint_cleanups(struct loader *l, const struct lint_rule *rule);
void lint_async(struct loader *l, const struct lint_rule *rule);

#endif
