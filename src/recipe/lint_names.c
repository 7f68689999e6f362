/*
 * Rules about the use of values: outputs that nobody uses, secrets in arguments.
 */
#include "lint_priv.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

/* ---- outputs --------------------------------------------------------------------------------- */

/* "step output" for each output that is used, "step" where the step is used as a whole. */
static void note_use(struct map *uses, const struct ref *ref) {
    static char mark;
    bool is_of_step = ref->n_parts >= 2 && strcmp(ref->parts[0], "steps") == 0 && !ref->is_bare;
    bool is_of_member = is_of_step && ref->n_parts >= 3;
    if (!is_of_step || (is_of_member && strcmp(ref->parts[2], "outputs") != 0)) {
        return;
    }
    AUTO(str) struct str key = STR_INIT(LIMIT_MESSAGE);
    str_add(&key, ref->parts[1]);
    if (ref->n_parts >= 4) {
        str_addf(&key, " %s", ref->parts[3]);
    }
    map_put(uses, str_text(&key), &mark);
}

static bool are_all_used(const struct loader *l) {
    for (size_t i = 0; i < l->n_refs; i++) {
        if (l->refs[i].n_parts == 1 && strcmp(l->refs[i].parts[0], "steps") == 0) {
            return true;
        }
    }
    return false;
}

static void check_step_outputs(struct loader *l, const struct lint_rule *rule,
                               const struct map *uses, const struct step *step) {
    /* The outputs of instances are seen through `results`, those of a step without id in reports. */
    if (step->foreach != NULL || !step->has_own_id || map_get(uses, step->id) != NULL) {
        return;
    }
    const struct named_expr *const lists[] = {step->outputs, step->set};
    /* A `set` that exists for its metrics or expectations has to set something. */
    bool is_judged = step->n_metrics > 0 || step->n_expect > 0;
    const size_t counts[] = {step->n_outputs, is_judged ? 0 : step->n_set};
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < counts[k]; i++) {
            AUTO(str) struct str key = STR_INIT(LIMIT_MESSAGE);
            str_addf(&key, "%s %s", step->id, lists[k][i].name);
            if (map_get(uses, str_text(&key)) == NULL) {
                lint_say(l, rule, lists[k][i].place, "the output '%s' of step '%s' is used nowhere",
                         lists[k][i].name, step->id);
            }
        }
    }
}

void lint_outputs(struct loader *l, const struct lint_rule *rule) {
    if (are_all_used(l)) {
        return;
    }
    struct map uses = MAP_INIT;
    for (size_t i = 0; i < l->n_refs; i++) {
        note_use(&uses, &l->refs[i]);
    }
    for (uint32_t i = 0; i < l->recipe->n_all_steps; i++) {
        check_step_outputs(l, rule, &uses, l->infos[i].step);
    }
    map_release(&uses);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static bool is_secret_input(const struct loader *l, const struct ref *ref) {
    for (size_t i = 0; strcmp(ref->parts[0], "inputs") == 0 && i < l->recipe->n_inputs; i++) {
        const struct input *in = &l->recipe->inputs[i];
        if (in->is_secret && strcmp(in->name, ref->parts[1]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_secret_output(const struct loader *l, const struct ref *ref) {
    if (ref->n_parts < 4 || strcmp(ref->parts[0], "steps") != 0) {
        return false;
    }
    for (uint32_t i = 0; i < l->recipe->n_all_steps; i++) {
        const struct step *step = l->infos[i].step;
        if (!step->has_own_id || strcmp(step->id, ref->parts[1]) != 0) {
            continue;
        }
        for (size_t k = 0; k < step->n_outputs; k++) {
            if (strcmp(step->outputs[k].name, ref->parts[3]) == 0) {
                return step->outputs[k].is_secret || step->is_secret;
            }
        }
    }
    return false;
}

/* Most recipes have none, and then no step is searched for each argument. */
static bool has_secret_outputs(const struct loader *l) {
    for (uint32_t i = 0; i < l->recipe->n_all_steps; i++) {
        const struct step *step = l->infos[i].step;
        for (size_t k = 0; k < step->n_outputs; k++) {
            if (step->outputs[k].is_secret || step->is_secret) {
                return true;
            }
        }
    }
    return false;
}

void lint_secrets(struct loader *l, const struct lint_rule *rule) {
    bool are_outputs_secret = has_secret_outputs(l);
    for (size_t i = 0; i < l->n_refs; i++) {
        const struct ref *ref = &l->refs[i];
        if (!ref->is_argument || ref->is_bare || ref->n_parts < 2 ||
            !(is_secret_input(l, ref) || (are_outputs_secret && is_secret_output(l, ref)))) {
            continue;
        }
        struct err err = ERR_INIT;
        err_set(&err, rule->kind, "a secret in an argument: everyone on this machine can read it");
        (void)expr_err_at(ref->expr, ref->col, &err);
        diagnostics_add(l->d, true, &err);
        diag_hint(l,
                  "pass it by {secret_file: …}, `stdin` or `env`, if the program takes it there");
    }
}
