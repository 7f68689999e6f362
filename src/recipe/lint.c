/*
 * Rules about the whole recipe: what is legal piece by piece and yet not what anybody wants. A rule
 * sees the linked model; step rules are called once per step.
 */
#include "lint_priv.h"

#include <string.h>

#include "base/formats.h"
#include "expr/template.h"
#include "value/value.h"

void lint_say(struct loader *l, const struct lint_rule *rule, struct place place, const char *fmt,
              ...) {
    struct err err = ERR_INIT;
    va_list ap;
    va_start(ap, fmt);
    err_vset(&err, rule->kind, fmt, ap);
    va_end(ap);
    err_at(&err, place, diag_line(l->recipe, place.line));
    diagnostics_add(l->d, rule->severity == LINT_WARNING, &err);
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* Created is not usable: a space, a deployment and a monitor need their time. */
static void check_ready(struct loader *l, const struct lint_rule *rule, const struct step *step) {
    if (step->ensure != NULL && step->ensure->create != NULL && step->ensure->ready == NULL) {
        lint_say(l, rule, step->place,
                 "'ensure' creates and does not wait until the object is ready");
        diag_hint(l, "say when it is with `ready: {until: …}`; `until: true` if it always is");
    }
}

static bool are_constant(const struct field_duration *a, const struct field_duration *b) {
    return a->is_set && b->is_set && a->template == NULL && b->template == NULL;
}

static const struct wait_spec *wait_of(const struct step *step) {
    return step->ensure != NULL ? step->ensure->ready : step->wait;
}

static void check_pauses(struct loader *l, const struct lint_rule *rule, const struct step *step) {
    const struct wait_spec *wait = wait_of(step);
    if (wait != NULL && are_constant(&wait->every, &wait->timeout) &&
        wait->every.ms >= wait->timeout.ms && wait->timeout.ms > 0) {
        lint_say(l, rule, wait->every.place,
                 "the pause between two looks is as long as the whole wait: it looks only once");
    }
    if (wait != NULL && are_constant(&wait->stable_for, &wait->timeout) &&
        wait->stable_for.ms >= wait->timeout.ms && wait->timeout.ms > 0) {
        lint_say(l, rule, wait->stable_for.place, "'stable_for' is as long as the whole wait");
    }
}

static void check_item(struct loader *l, const struct lint_rule *rule, const struct step *step) {
    if (step->foreach == NULL) {
        return;
    }
    for (const struct step *s = step->parent; s != NULL; s = s->parent) {
        if (s->foreach != NULL && strcmp(s->as, step->as) == 0) {
            lint_say(l, rule, step->place,
                     "the item '%s' of step '%s' is hidden by the one of this step", s->as, s->id);
            diag_hint(l, "give it a name of its own with `as`");
            return;
        }
    }
}

/* The name of its lock where that is no template; NULL: none. */
static const char *constant_lock(const struct step *step) {
    bool is_constant = step->lock != NULL && template_is_literal(step->lock);
    return is_constant ? template_text(step->lock) : NULL;
}

static bool is_within_lock(const struct step *step, const char *name) {
    for (const struct step *s = step->parent; s != NULL; s = s->parent) {
        const char *lock = constant_lock(s);
        if (lock != NULL && strcmp(lock, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Two groups that take two locks in opposite order may wait for each other for ever. */
static void check_lock_order(struct loader *l, const struct lint_rule *rule,
                             const struct step *step) {
    const char *inner = constant_lock(step);
    for (const struct step *s = step->parent; inner != NULL && s != NULL; s = s->parent) {
        const char *outer = constant_lock(s);
        for (uint32_t i = 0; outer != NULL && i < step->number; i++) {
            const struct step *other = l->infos[i].step;
            const char *lock = constant_lock(other);
            if (lock != NULL && strcmp(lock, outer) == 0 && is_within_lock(other, inner)) {
                lint_say(
                    l, rule, step->place,
                    "lock '%s' is taken within lock '%s' here, and the other way round by step "
                    "'%s'",
                    inner, outer, other->id);
                diag_hint(l, "take the locks in one order everywhere");
                return;
            }
        }
    }
}

static void check_unused_result(struct loader *l, const struct lint_rule *rule,
                                const struct step *step) {
    bool is_dropped = step->call != NULL && step->call->output.kind == OUTPUT_FORMAT &&
                      step->call->output.format == EXTRACT_NONE;
    if (is_dropped && (step->n_outputs > 0 || step->n_metrics > 0 || step->wait != NULL)) {
        lint_say(l, rule, step->call->output.place,
                 "'output: none' drops the result that this step looks at");
    }
}

/* NULL unless the tree is a constant number. */
static const struct value *constant_number(struct loader *l, const struct template_tree *tree) {
    if (tree == NULL || !template_tree_is_literal(tree)) {
        return NULL;
    }
    const struct value *v = NULL;
    const struct expr_run run = {.current = &value_null};
    struct err err = ERR_INIT;
    bool is_ok = template_tree_eval(tree, &run, &l->scratch, &v, &err);
    err_release(&err);
    return is_ok && v->type == VALUE_NUMBER ? v : NULL;
}

static void check_limits(struct loader *l, const struct lint_rule *rule, const struct step *step) {
    for (size_t i = 0; i < step->n_metrics; i++) {
        const struct metric_spec *m = &step->metrics[i];
        const struct value *lower = constant_number(l, m->lower_limit);
        const struct value *upper = constant_number(l, m->upper_limit);
        if (lower != NULL && upper != NULL && value_compare(lower, upper) > 0) {
            lint_say(l, rule, m->place, "no value of '%s' is above %s and below %s", m->name,
                     lower->as.text, upper->as.text);
        }
    }
}

/* `if: false` switches a step off for ever, `if: "!true"` is for readers to find out. */
static void check_reachable(struct loader *l, const struct lint_rule *rule,
                            const struct step *step) {
    if (step->condition == NULL) {
        return;
    }
    static const char *const nevers[] = {"false", "`false`", "null", "`null`", "!true", "!`true`"};
    for (size_t i = 0; i < sizeof nevers / sizeof nevers[0]; i++) {
        if (strcmp(expr_text(step->condition), nevers[i]) == 0) {
            lint_say(l, rule, step->place, "step '%s' never runs: its condition is always false",
                     step->id);
            return;
        }
    }
}

/* ---- the recipe ------------------------------------------------------------------------------ */

static void check_inputs(struct loader *l, const struct lint_rule *rule) {
    for (size_t i = 0; i < l->recipe->n_inputs; i++) {
        if (!l->is_input_used[i]) {
            lint_say(l, rule, l->recipe->inputs[i].place, "the input '%s' is used nowhere",
                     l->recipe->inputs[i].name);
        }
    }
}

static void check_vars(struct loader *l, const struct lint_rule *rule) {
    for (size_t i = 0; i < l->recipe->n_vars; i++) {
        if (!l->is_var_used[i]) {
            lint_say(l, rule, l->recipe->vars[i].place, "the var '%s' is used nowhere",
                     l->recipe->vars[i].name);
        }
    }
}

static const struct lint_rule rules[] = {
    {"ensure-not-ready", LINT_WARNING, check_ready, NULL},
    {"pointless-wait", LINT_WARNING, check_pauses, NULL},
    {"hidden-item", LINT_WARNING, check_item, NULL},
    {"lock-order", LINT_WARNING, check_lock_order, NULL},
    {"dropped-result", LINT_WARNING, check_unused_result, NULL},
    {"impossible-limits", LINT_ERROR, check_limits, NULL},
    {"unreachable-step", LINT_WARNING, check_reachable, NULL},
    {"unused-input", LINT_WARNING, NULL, check_inputs},
    {"unused-var", LINT_WARNING, NULL, check_vars},
    {"unused-output", LINT_WARNING, NULL, lint_outputs},
    {"secret-argument", LINT_WARNING, NULL, lint_secrets},
    {"missing-timeout", LINT_WARNING, NULL, lint_timeouts},
    {"missing-cleanup", LINT_WARNING, NULL, lint_cleanups},
    {"async-not-awaited", LINT_WARNING, NULL, lint_async},
};

void lint_recipe(struct loader *l) {
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        /* An expression with an error of its own is not known to use anything. */
        if (rules[i].check_recipe != NULL && l->d->n_errors == 0) {
            rules[i].check_recipe(l, &rules[i]);
        }
        for (uint32_t s = 0; rules[i].check_step != NULL && s < l->recipe->n_all_steps; s++) {
            rules[i].check_step(l, &rules[i], l->infos[s].step);
        }
    }
}
