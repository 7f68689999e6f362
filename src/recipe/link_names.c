/*
 * Every name that an expression uses: is it known, and known there? Read judge() first.
 */
#include "link_priv.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "maxima.h"

static const struct {
    const char *name;
    unsigned bit;
    const char *why_not; /* here */
} roots[] = {
    {"inputs", ROOT_INPUTS, "inputs are known everywhere"},
    {"vars", ROOT_VARS, "vars are not computed yet"},
    {"steps", ROOT_STEPS, "no step has run yet when this is computed"},
    {"run", ROOT_RUN, "the run has not begun"},
    {"env", ROOT_ENV, "there is no environment yet"},
    {"result", ROOT_RESULT,
     "in `outputs`, `expect` and `until` the result is the current node: write its keys"},
    {"exit_code", ROOT_ATTEMPT,
     "only what judges an attempt knows it; elsewhere write steps.ID.exit_code"},
    {"stdout", ROOT_ATTEMPT,
     "only what judges an attempt knows it; elsewhere write steps.ID.stdout"},
    {"stderr", ROOT_ATTEMPT,
     "only what judges an attempt knows it; elsewhere write steps.ID.stderr"},
    {"attempt", ROOT_ATTEMPT,
     "only what judges an attempt knows it; elsewhere write steps.ID.attempts"},
    {"item", ROOT_ITEM, "the step has no `foreach`"},
};
#define N_ROOTS (sizeof roots / sizeof roots[0])

/* What the engine's scope gives. */
static const char *const step_members[] = {"status",  "result", "results",  "outputs",  "exit_code",
                                           "stdout",  "stderr", "duration", "attempts", "change",
                                           "message", "class",  NULL};
static const char *const run_members[] = {"id", "dir", "tmp", "name", "started_at", NULL};

/* ---- places ---------------------------------------------------------------------------------- */

/* Column of a part of `a.b.c`; that of the first when the text between is not as plain as that. */
static unsigned part_col(const struct ref *ref, unsigned part) {
    const char *text = expr_text(ref->expr);
    size_t len = strlen(text);
    size_t at = utf8_offset(text, len, ref->col - 1);
    at += ref->is_variable && text[at] == '$' ? 1 : 0;
    for (unsigned i = 0; i < part && i < REF_PARTS; i++) {
        size_t n = strlen(ref->parts[i]);
        if (strncmp(text + at, ref->parts[i], n) != 0 || text[at + n] != '.') {
            return ref->col;
        }
        at += n + 1;
    }
    return (unsigned)utf8_count(text, at) + 1;
}

bool link_ref_error(struct loader *l, const struct ref *ref, unsigned part, const char *kind,
                    const char *fmt, ...) {
    struct err err = ERR_INIT;
    va_list ap;
    va_start(ap, fmt);
    err_vset(&err, kind, fmt, ap);
    va_end(ap);
    (void)expr_err_at(ref->expr, part == 0 ? ref->col : part_col(ref, part), &err);
    diagnostics_add(l->d, false, &err);
    return false;
}

/* ---- roots ----------------------------------------------------------------------------------- */

static bool is_item_name(const struct ref *ref, const char *name) {
    const struct step *step = ref->step;
    if (step != NULL && ref->is_of_foreach) {
        step = step->parent;
    }
    while (step != NULL && (step->foreach == NULL || strcmp(step->as, name) != 0)) {
        step = step->parent;
    }
    return step != NULL;
}

static size_t find_root(const char *name) {
    size_t i = 0;
    while (i < N_ROOTS && strcmp(roots[i].name, name) != 0) {
        i++;
    }
    return i;
}

static void nearest_root(struct loader *l, const struct ref *ref, const char *name) {
    const char *names[N_ROOTS + LIMIT_YAML_DEPTH];
    size_t n = 0;
    for (size_t i = 0; i < N_ROOTS; i++) {
        if ((roots[i].bit & ref->roots) != 0) {
            names[n++] = roots[i].name;
        }
    }
    for (const struct step *s = ref->step; s != NULL; s = s->parent) {
        if (s->foreach != NULL && n < N_ROOTS + LIMIT_YAML_DEPTH) {
            names[n++] = s->as;
        }
    }
    const char *sign = ref->is_variable ? "$" : "";
    const char *nearest = err_nearest(name, names, n);
    if (nearest != NULL) {
        diag_hint(l, "did you mean '%s%s'?", sign, nearest);
        return;
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; i < n; i++) {
        str_addf(&text, "%s%s%s", i > 0 ? ", " : "", sign, names[i]);
    }
    diag_hint(l, "names known here: %s", str_text(&text));
}

/* `let $a = x, $b = $a`: bound, but for what stands behind `in` only. */
static bool is_bound_beside(const struct ref *ref, const char *name) {
    AUTO(str) struct str binding = STR_INIT(LIMIT_MESSAGE);
    str_addf(&binding, "$%s =", name);
    const char *found = strstr(expr_text(ref->expr), str_text(&binding));
    return ref->is_variable && found != NULL && found[binding.len] != '=';
}

static void undefined_root(struct linker *k, const struct ref *ref) {
    const char *name = ref->parts[0];
    const char *sign = ref->is_variable ? "$" : "";
    const char *kind = ref->is_variable ? "undefined-variable" : "undefined-name";
    size_t root = find_root(name);
    link_ref_error(k->l, ref, 0, kind, "'%s%s' is not known here", sign, name);
    if (root < N_ROOTS) {
        diag_hint(k->l, "%s", roots[root].why_not);
    } else if (is_bound_beside(ref, name)) {
        diag_hint(k->l, "the bindings of one `let` do not see each other: write let … in let … in");
    } else if (map_get(&k->ids, name) != NULL) {
        diag_hint(k->l, "did you mean '%ssteps.%s'?", sign, name);
    } else if (map_get(&k->inputs, name) != NULL) {
        diag_hint(k->l, "did you mean '%sinputs.%s'?", sign, name);
    } else if (map_get(&k->vars, name) != NULL) {
        diag_hint(k->l, "did you mean '%svars.%s'?", sign, name);
    } else {
        nearest_root(k->l, ref, name);
    }
}

/* ---- inputs and vars ------------------------------------------------------------------------- */

static void mark_used(bool *used, size_t n, size_t i) {
    if (i < n) {
        used[i] = true;
        return;
    }
    for (size_t j = 0; j < n; j++) {
        used[j] = true;
    }
}

static void nearest_name(struct loader *l, const struct map *names, const char *word,
                         const char *what) {
    const char **keys = arena_alloc(&l->scratch, (names->n_entries + 1) * sizeof *keys);
    for (size_t i = 0; i < names->n_entries; i++) {
        keys[i] = names->entries[i].key;
    }
    if (!diag_nearest(l, word, keys, names->n_entries) && names->n_entries == 0) {
        diag_hint(l, "the recipe declares no %s", what);
    }
}

static void judge_input(struct linker *k, const struct ref *ref) {
    struct recipe *r = k->l->recipe;
    if (ref->n_parts == 1) {
        mark_used(k->l->is_input_used, r->n_inputs, SIZE_MAX);
        return;
    }
    const struct input *in = map_get(&k->inputs, ref->parts[1]);
    if (in != NULL) {
        mark_used(k->l->is_input_used, r->n_inputs, (size_t)(in - r->inputs));
        return;
    }
    link_ref_error(k->l, ref, 1, "undefined-input", "there is no input '%s'", ref->parts[1]);
    nearest_name(k->l, &k->inputs, ref->parts[1], "inputs");
}

static void judge_var(struct linker *k, const struct ref *ref) {
    struct recipe *r = k->l->recipe;
    if (ref->n_parts == 1) {
        mark_used(k->l->is_var_used, r->n_vars, SIZE_MAX);
        return;
    }
    const struct named_tree *var = map_get(&k->vars, ref->parts[1]);
    if (var == NULL) {
        link_ref_error(k->l, ref, 1, "undefined-var", "there is no var '%s'", ref->parts[1]);
        nearest_name(k->l, &k->vars, ref->parts[1], "vars");
        return;
    }
    size_t i = (size_t)(var - r->vars);
    mark_used(k->l->is_var_used, r->n_vars, i);
    if (i >= ref->var && ref->var != SIZE_MAX) {
        link_ref_error(k->l, ref, 1, "undefined-var", "the var '%s' is not computed yet",
                       ref->parts[1]);
        diag_hint(k->l, "vars are computed in order: move '%s' up", ref->parts[1]);
    }
}

/* ---- steps ----------------------------------------------------------------------------------- */

struct output_names {
    const char **names;
    size_t n;
};

static struct output_names outputs_of(struct loader *l, const struct step *step) {
    /* `outputs` beside `use` are in the place of those of the recipe used. */
    size_t n_used = step->use != NULL && step->n_outputs == 0 ? step->use->n_outputs : 0;
    struct output_names o = {
        arena_alloc(&l->scratch, (step->n_outputs + step->n_set + n_used + 1) * sizeof(char *)), 0};
    for (size_t i = 0; i < step->n_outputs; i++) {
        o.names[o.n++] = step->outputs[i].name;
    }
    for (size_t i = 0; i < step->n_set; i++) {
        o.names[o.n++] = step->set[i].name;
    }
    for (size_t i = 0; i < n_used; i++) {
        o.names[o.n++] = step->use->outputs[i].name;
    }
    return o;
}

static bool is_among(const char *word, const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static void judge_output(struct linker *k, const struct ref *ref, const struct step *target) {
    if (target->foreach != NULL || (target->action == ACTION_USE && target->use == NULL)) {
        return;
    }
    struct output_names o = outputs_of(k->l, target);
    if (is_among(ref->parts[3], o.names, o.n)) {
        return;
    }
    link_ref_error(k->l, ref, 3, "undefined-output", "step '%s' has no output '%s'", target->id,
                   ref->parts[3]);
    if (!diag_nearest(k->l, ref->parts[3], o.names, o.n) && o.n == 0) {
        diag_hint(k->l, "declare it: `outputs: {%s: …}` in line %u", ref->parts[3],
                  target->place.line);
    }
}

static size_t count_names(const char *const *names) {
    size_t n = 0;
    while (names[n] != NULL) {
        n++;
    }
    return n;
}

static void list_names(struct loader *l, const char *what, const char *const *names) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; names[i] != NULL; i++) {
        str_addf(&text, "%s %s", i > 0 ? "," : "", names[i]);
    }
    diag_hint(l, "%s%s", what, str_text(&text));
}

static void judge_run(struct linker *k, const struct ref *ref) {
    size_t n = count_names(run_members);
    if (ref->n_parts == 1 || is_among(ref->parts[1], run_members, n)) {
        return;
    }
    link_ref_error(k->l, ref, 1, "undefined-field", "the run has no '%s'", ref->parts[1]);
    if (!diag_nearest(k->l, ref->parts[1], run_members, n)) {
        list_names(k->l, "a run has", run_members);
    }
}

static void judge_member(struct linker *k, const struct ref *ref, const struct step *target) {
    if (ref->n_parts < 3) {
        return;
    }
    size_t n_members = count_names(step_members);
    if (!is_among(ref->parts[2], step_members, n_members)) {
        link_ref_error(k->l, ref, 2, "undefined-field", "a step has no '%s'", ref->parts[2]);
        struct output_names o = outputs_of(k->l, target);
        if (is_among(ref->parts[2], o.names, o.n)) {
            diag_hint(k->l, "did you mean 'steps.%s.outputs.%s'?", target->id, ref->parts[2]);
        } else if (!diag_nearest(k->l, ref->parts[2], step_members, n_members)) {
            list_names(k->l, "a step has", step_members);
        }
        return;
    }
    if (ref->n_parts > 3 && strcmp(ref->parts[2], "outputs") == 0) {
        judge_output(k, ref, target);
    }
}

static void out_of_reach(struct linker *k, const struct ref *ref, enum reach reach,
                         const struct step *around) {
    const char *id = ref->parts[1];
    if (reach == REACH_REPEATED) {
        link_ref_error(k->l, ref, 1, "out-of-scope", "step '%s' runs once for each item of '%s'",
                       id, around->id);
        diag_hint(k->l, "write steps.%s.results, the list over all items", around->id);
    } else if (reach == REACH_OUTSIDE) {
        link_ref_error(k->l, ref, 1, "out-of-scope", "step '%s' runs at the end, after this", id);
    } else if (reach == REACH_SELF) {
        link_ref_error(k->l, ref, 1, "cycle", "step '%s' uses itself", id);
        diag_hint(k->l, "in `outputs`, `expect` and `until` the current node is its result");
    } else if (reach == REACH_AROUND) {
        link_ref_error(k->l, ref, 1, "cycle",
                       "step '%s' is within '%s', which is not done before it", ref->step->id, id);
    } else {
        link_ref_error(k->l, ref, 1, "cycle", "step '%s' is within '%s' and runs after this", id,
                       ref->step->id);
    }
}

static bool is_judged_after(const struct ref *ref) {
    return (ref->roots & ROOT_ATTEMPT) != 0;
}

/*
 * `ref` is number `i` of the loader's; expressions outside of steps (recipe outputs) are
 * computed when all is done.
 */
static void judge_step(struct linker *k, const struct ref *ref, uint32_t i) {
    if (ref->n_parts == 1) {
        return;
    }
    const struct step *target = map_get(&k->ids, ref->parts[1]);
    if (target == NULL) {
        link_ref_error(k->l, ref, 1, "undefined-step", "there is no step '%s'", ref->parts[1]);
        link_nearest_step(k, ref->parts[1]);
        return;
    }
    judge_member(k, ref, target);
    if (ref->step == NULL) {
        return;
    }
    const struct step *from = NULL;
    const struct step *to = NULL;
    enum reach reach = link_reach(k->l, ref->step, target, &from, &to);
    if (reach == REACH_EDGE) {
        link_add_edge(k, from, to, i, NULL);
    } else if (reach != REACH_DONE && !(reach == REACH_WITHIN && is_judged_after(ref))) {
        out_of_reach(k, ref, reach, to);
    }
}

/* Only suspicious when the recipe has such a name; `@.inputs.x` says that the data is meant. */
static void judge_bare(struct linker *k, const struct ref *ref) {
    static const char *const names[] = {"inputs", "vars", "steps"};
    const struct map *const known[] = {&k->inputs, &k->vars, &k->ids};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(ref->parts[0], names[i]) == 0 && map_get(known[i], ref->parts[1]) != NULL) {
            link_ref_error(k->l, ref, 0, "scope-name",
                           "'%s.%s' is looked up in the data here, not in the recipe",
                           ref->parts[0], ref->parts[1]);
            diag_hint(k->l, "write $%s.%s", ref->parts[0], ref->parts[1]);
        }
    }
}

static void judge(struct linker *k, const struct ref *ref, uint32_t i) {
    if (ref->is_bare) {
        judge_bare(k, ref);
        return;
    }
    size_t root = find_root(ref->parts[0]);
    bool is_known = root < N_ROOTS && (roots[root].bit & ref->roots) != 0;
    if (!is_known) {
        if (!is_item_name(ref, ref->parts[0])) {
            undefined_root(k, ref);
        }
        return;
    }
    if (roots[root].bit == ROOT_INPUTS) {
        judge_input(k, ref);
    } else if (roots[root].bit == ROOT_VARS) {
        judge_var(k, ref);
    } else if (roots[root].bit == ROOT_STEPS) {
        judge_step(k, ref, i);
    } else if (roots[root].bit == ROOT_RUN) {
        judge_run(k, ref);
    }
}

void link_names(struct linker *k) {
    for (size_t i = 0; i < k->l->n_refs; i++) {
        judge(k, &k->l->refs[i], (uint32_t)i);
    }
}
