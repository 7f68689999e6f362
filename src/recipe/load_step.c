/*
 * Steps: the table of their fields, lists of them, and the actions that hold others (`steps`,
 * `use`, `pause`, `set`).
 */
#include "load_priv.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* ---- actions --------------------------------------------------------------------------------- */

static const struct {
    unsigned bit;
    const char *name;
    enum action_kind kind;
} actions[] = {
    {FITS_CPDCTL, "cpdctl", ACTION_CALL},   {FITS_CMD, "cmd", ACTION_CALL},
    {FITS_RUN, "run", ACTION_CALL},         {FITS_HTTP, "http", ACTION_CALL},
    {FITS_READ, "read", ACTION_CALL},       {FITS_WRITE, "write", ACTION_CALL},
    {FITS_ENSURE, "ensure", ACTION_ENSURE}, {FITS_STEPS, "steps", ACTION_GROUP},
    {FITS_USE, "use", ACTION_USE},          {FITS_PAUSE, "pause", ACTION_PAUSE},
    {FITS_SET, "set", ACTION_SET},
};
#define N_ACTIONS (sizeof actions / sizeof actions[0])

static size_t action_index(unsigned action) {
    for (size_t i = 0; i < N_ACTIONS; i++) {
        if ((actions[i].bit & action) != 0) {
            return i;
        }
    }
    return N_ACTIONS;
}

const char *load_action_name(unsigned action) {
    size_t i = action_index(action);
    return i < N_ACTIONS ? actions[i].name : "step";
}

static struct step *step_of(const struct field *f, void *target) {
    return (void *)((char *)target - f->offset);
}

static void decode_use(struct loader *l, const struct field *f, const struct yaml_node *node,
                       void *target) {
    (void)f;
    *(struct recipe **)target = load_use(l, node);
}
static const struct field_type type_use = {.expects = "the path of a recipe, relative to this one",
                                           .decode = decode_use,
                                           .schema = "{\"type\": \"string\"}"};

static void decode_with(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    struct step *step = step_of(f, target);
    if (load_is_map(l, node, "with")) {
        load_named_trees(l, node, false, &step->with, &step->n_with);
    }
}
static const struct field_type type_with = {.expects = "inputs of the recipe used",
                                            .decode = decode_with,
                                            .schema = "{\"type\": \"object\"}"};

/* ---- common fields --------------------------------------------------------------------------- */

static void decode_step_id(struct loader *l, const struct field *f, const struct yaml_node *node,
                           void *target) {
    struct step *step = step_of(f, target);
    if (load_id(l, node, "an id")) {
        step->id = arena_strdup(&l->recipe->arena, node->text);
        step->has_own_id = true;
    }
}
static const struct field_type type_step_id = {
    .expects = "letters, digits and _", .decode = decode_step_id, .schema = "@id"};

static void decode_needs(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    (void)f;
    (void)target;
    bool is_list = node->kind == YAML_LIST;
    if (node->kind == YAML_MAP || load_is_null(node)) {
        diag_type(l, node, "a list of step ids");
        return;
    }
    for (size_t i = 0; is_list && i < node->n; i++) {
        if (node->items[i]->kind != YAML_SCALAR) {
            diag_type(l, node->items[i], "the id of a step");
            return;
        }
    }
    l->infos[l->step->number].needs = node;
}
static const struct field_type type_needs = {
    .expects = "a list of step ids", .decode = decode_needs, .schema = "@ids"};

static void decode_if(struct loader *l, const struct field *f, const struct yaml_node *node,
                      void *target) {
    (void)f;
    *(struct expr **)target = load_expr(l, node, EXPR_SCOPE_TRUTH);
}
static const struct field_type type_if = {
    .expects = "a condition", .decode = decode_if, .schema = "@scalar"};

static void decode_foreach(struct loader *l, const struct field *f, const struct yaml_node *node,
                           void *target) {
    (void)f;
    if (node->kind == YAML_MAP || (node->kind == YAML_SCALAR && !load_has_template(node))) {
        diag_type(l, node, "a list, or ${{ an expression that gives one }}");
        return;
    }
    l->is_of_foreach = true;
    *(struct template_tree **)target = load_tree(l, node);
    l->is_of_foreach = false;
}
static const struct field_type type_foreach = {.expects = "a list, or a template that gives one",
                                               .decode = decode_foreach,
                                               .schema = "@list_or_template"};

static void decode_as(struct loader *l, const struct field *f, const struct yaml_node *node,
                      void *target) {
    (void)f;
    static const char *const taken[] = {"inputs", "vars",      "steps",  "run",    "env",
                                        "result", "exit_code", "stdout", "stderr", "attempt"};
    if (!load_id(l, node, "a name")) {
        return;
    }
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (strcmp(taken[i], node->text) == 0) {
            diag_error(l, node, "invalid-id", "'%s' has a meaning already", node->text);
            return;
        }
    }
    *(const char **)target = arena_strdup(&l->recipe->arena, node->text);
}
static const struct field_type type_as = {
    .expects = "a name", .decode = decode_as, .schema = "@id"};

static void load_list(struct loader *l, const struct yaml_node *node, struct step *parent,
                      struct step **ret_steps, size_t *ret_n);

static void decode_steps(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    size_t *count = load_count(f, target);
    enum list_kind before = l->list_kind;
    if (strcmp(f->key, "cleanup") == 0) {
        l->list_kind = LIST_CLEANUP;
    } else if (strcmp(f->key, "finally") == 0) {
        l->list_kind = LIST_FINALLY;
    }
    unsigned roots = l->roots;
    l->roots = ROOTS_STEP;
    load_list(l, node, l->step, target, count);
    l->roots = roots;
    l->list_kind = before;
    if (*count == 0 && node->kind == YAML_LIST && strcmp(f->key, "steps") == 0) {
        diag_error(l, node, "missing-value", "a list of steps without a step");
    }
}
const struct field_type type_steps = {
    .expects = "a list of steps", .decode = decode_steps, .is_list = true};

/* ---- the table ------------------------------------------------------------------------------- */

#define STEP(member) offsetof(struct step, member)
/* In the part of a step that is made when it has rules of its own. */
#define RULES(member)                                                                              \
    .part = STEP(rules), .part_bytes = sizeof(struct step_rules),                                  \
    .offset = offsetof(struct step_rules, member)
#define FITS_WORK (FITS_CALL | FITS_ENSURE)
static const struct field step_fields[] = {
    {.key = "id",
     .type = &type_step_id,
     .offset = STEP(id),
     .doc = "The step's name in expressions; made from the action and its position unless given"},
    {.key = "name", .type = &type_text, .offset = STEP(name), .doc = "Free text for people"},
    {.key = "ensure",
     .type = &type_ensure,
     .offset = STEP(ensure),
     .flags = FIELD_ACTION,
     .fits = FITS_ENSURE,
     .object = &object_ensure,
     .doc = "Gets an object or creates it, and waits until it is ready"},
    {.key = "use",
     .type = &type_use,
     .offset = STEP(use),
     .flags = FIELD_ACTION,
     .fits = FITS_USE,
     .doc = "Runs another recipe as one step"},
    {.key = "pause",
     .type = &type_duration,
     .offset = STEP(pause),
     .flags = FIELD_ACTION,
     .fits = FITS_PAUSE,
     .doc = "Waits"},
    {.key = "set",
     .type = &type_scope_map,
     .offset = STEP(set),
     .count_offset = STEP(n_set),
     .flags = FIELD_ACTION,
     .fits = FITS_SET,
     .doc = "Computes values, which become the outputs"},
    {.key = "steps",
     .type = &type_steps,
     .offset = STEP(steps),
     .count_offset = STEP(n_steps),
     .flags = FIELD_ACTION,
     .fits = FITS_STEPS,
     .object = &object_step,
     .doc = "A group of steps"},
    {.key = "parallel",
     .type = &type_boolean,
     .offset = STEP(is_parallel),
     .fits = FITS_STEPS,
     .doc = "The steps of the group do not wait for the one before them"},
    {.key = "with",
     .type = &type_with,
     .offset = STEP(with),
     .fits = FITS_USE,
     .doc = "Inputs of the recipe that is used"},
    {.key = "needs",
     .type = &type_needs,
     .doc = "Runs when these are done; [] starts at once, without it the step before is needed"},
    {.key = "if", .type = &type_if, .offset = STEP(condition), .doc = "Skipped when this is false"},
    {.key = "foreach",
     .type = &type_foreach,
     .offset = STEP(foreach),
     .doc = "One instance of the step for each item"},
    {.key = "as",
     .type = &type_as,
     .offset = STEP(as),
     .doc = "The name of the item; `item` unless given"},
    {.key = "max_parallel",
     .type = &type_count,
     .offset = STEP(foreach_parallel),
     .doc = "How many instances of a step with foreach run at once; 1 unless given"},
    {.key = "outputs",
     .type = &type_own_map,
     .offset = STEP(outputs),
     .count_offset = STEP(n_outputs),
     .fits = FITS_WORK | FITS_STEPS | FITS_USE,
     .doc = "Named values, each an expression on the result"},
    {.key = "expect",
     .type = &type_expect,
     .offset = STEP(expect),
     .object = &object_expect,
     .doc = "What must hold once the step did its work"},
    {.key = "metrics",
     .type = &type_metrics,
     .offset = STEP(metrics),
     .count_offset = STEP(n_metrics),
     .object = &object_metric,
     .doc = "Numbers for the reports, with limits"},
    {.key = "retry",
     .type = &type_retry,
     RULES(retry),
     .fits = FITS_WORK,
     .object = &object_retry,
     .doc = "Run again after a failure"},
    {.key = "wait",
     .type = &type_wait,
     .offset = STEP(wait),
     .fits = FITS_CALL,
     .object = &object_wait,
     .doc = "Run again until the result says so"},
    {.key = "timeout",
     .type = &type_deadline,
     RULES(timeout),
     .fits = FITS_CHILD | FITS_HTTP | FITS_ENSURE,
     .doc = "The longest time of one attempt"},
    {.key = "idle_timeout",
     .type = &type_deadline,
     RULES(idle_timeout),
     .fits = FITS_CHILD | FITS_HTTP | FITS_ENSURE,
     .doc = "The longest time without a byte of output"},
    {.key = "kill_grace",
     .type = &type_duration,
     RULES(kill_grace),
     .fits = FITS_CHILD | FITS_HTTP | FITS_ENSURE,
     .doc = "The time between asking a child to end and killing it"},
    {.key = "limits",
     .type = &type_object,
     RULES(limits),
     .fits = FITS_CHILD | FITS_HTTP | FITS_ENSURE,
     .object = &object_limits,
     .doc = "What the child may use"},
    {.key = "continue_on_error",
     .type = &type_tolerance,
     .offset = STEP(tolerate),
     .doc = "A failure, or one of these classes, does not stop the run"},
    {.key = "cleanup",
     .type = &type_steps,
     .offset = STEP(cleanup),
     .count_offset = STEP(n_cleanup),
     .object = &object_step,
     .doc = "Undoes the step at the end of the run, if it did its work"},
    {.key = "lock",
     .type = &type_template,
     .offset = STEP(lock),
     .doc = "Steps with the same lock never overlap"},
    {.key = "secret",
     .type = &type_boolean,
     .offset = STEP(is_secret),
     .fits = FITS_WORK,
     .doc = "All output of the step is secret"},
    {.key = "reads",
     .type = &type_boolean,
     .offset = STEP(reads),
     .fits = FITS_CALL,
     .doc = "Changes nothing: may be run by `plan` and retried always"},
};

const struct object object_step = {.name = "step",
                                   .says = "a step",
                                   .fields = step_fields,
                                   .n_fields = sizeof step_fields / sizeof step_fields[0],
                                   .also = &object_call,
                                   .foreign = foreign_step};

/* ---- lists ----------------------------------------------------------------------------------- */

static struct step_info *new_info(struct loader *l, struct step *step) {
    struct recipe *r = l->recipe;
    if (r->n_all_steps == l->infos_cap) {
        l->infos_cap = l->infos_cap == 0 ? 64 : l->infos_cap * 2;
        l->infos = mem_realloc(l->infos, l->infos_cap, sizeof *l->infos);
    }
    step->number = r->n_all_steps++;
    l->infos[step->number] = (struct step_info){.step = step};
    return &l->infos[step->number];
}

/* `env` and `cwd` beside `ensure` and `steps` are for their calls: inherit.c hands them down. */
static void keep_draft(struct loader *l, struct step *step, const struct call *draft) {
    bool is_used = draft->n_env > 0 || draft->cwd != NULL || draft->output.kind != OUTPUT_DEFAULT;
    if (is_used) {
        struct call *kept = arena_alloc(&l->scratch, sizeof *kept);
        *kept = *draft;
        l->infos[step->number].draft = kept;
    }
}

static void finish_call(struct loader *l, const struct yaml_node *node, struct step *step,
                        const struct call *draft) {
    step->call = arena_alloc(&l->recipe->arena, sizeof *step->call);
    *step->call = *draft;
    if (yaml_get(node, "reads") == NULL) {
        step->reads = draft->reads;
    }
    step->call->reads = step->reads;
}

static void check_foreach_fields(struct loader *l, const struct yaml_node *node) {
    static const char *const keys[] = {"as", "max_parallel"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && node->kind == YAML_MAP; i++) {
        if (yaml_get(node, keys[i]) != NULL && yaml_get(node, "foreach") == NULL) {
            diag_error(l, load_key(node, keys[i]), "misplaced-key",
                       "'%s' has no meaning without 'foreach'", keys[i]);
        }
    }
}

static void finish_step(struct loader *l, const struct yaml_node *node, struct step *step,
                        unsigned action, const struct call *draft) {
    size_t i = action_index(action);
    step->action_name = load_action_name(action);
    step->action = i < N_ACTIONS ? actions[i].kind : ACTION_SET;
    if (step->action == ACTION_CALL) {
        finish_call(l, node, step, draft);
    } else {
        keep_draft(l, step, draft);
    }
    check_foreach_fields(l, node);
    if (step->use != NULL) {
        load_check_with(l, node, step);
    }
    if (step->as == NULL) {
        step->as = "item";
    }
    if (!step->has_own_id) {
        step->id = arena_printf(&l->recipe->arena, "%s_%u", step->action_name, step->number + 1);
    }
}

static void load_step(struct loader *l, const struct yaml_node *node, struct step *step) {
    struct step *outer = l->step;
    struct call draft = {.kind = CALL_CPDCTL};
    unsigned action = 0;
    l->step = step;
    l->depth++;
    step->place = diag_place(l, node);
    (void)schema_decode(l, &object_step, node, step, &draft, &action); /* reported */
    finish_step(l, node, step, action, &draft);
    l->infos[step->number].action = action;
    l->depth--;
    l->step = outer;
}

static void load_list(struct loader *l, const struct yaml_node *node, struct step *parent,
                      struct step **ret_steps, size_t *ret_n) {
    if (node->kind != YAML_LIST) {
        diag_type(l, node, "a list of steps");
        return;
    }
    struct step *steps =
        arena_zalloc(&l->recipe->arena, (node->n > 0 ? node->n : 1) * sizeof *steps);
    for (size_t i = 0; i < node->n; i++) {
        struct step_info *info = new_info(l, &steps[i]);
        info->node = node->items[i];
        info->list = steps;
        info->position = (uint32_t)i;
        info->depth = l->depth;
        info->kind = l->list_kind;
        steps[i].parent = parent;
        load_step(l, node->items[i], &steps[i]);
    }
    *ret_steps = steps;
    *ret_n = node->n;
}
