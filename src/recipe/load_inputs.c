/*
 * `inputs` and `vars`.
 */
#include "load_priv.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "params_priv.h"
#include "value/value.h"

const char *const input_type_names[INPUT_TYPE_COUNT] = {
    [INPUT_STRING] = "string",   [INPUT_NUMBER] = "number",     [INPUT_INTEGER] = "integer",
    [INPUT_BOOLEAN] = "boolean", [INPUT_LIST] = "list",         [INPUT_OBJECT] = "object",
    [INPUT_FILE] = "file",       [INPUT_DURATION] = "duration",
};
static_assert(sizeof(enum input_type) == sizeof(int), "choices are stored as int");

static const char *const input_type_choices[] = {"string", "number", "integer",  "boolean", "list",
                                                 "object", "file",   "duration", NULL};

static bool holds_template(const struct yaml_node *node) {
    if (node->kind == YAML_SCALAR) {
        return load_has_template(node);
    }
    bool found = false;
    for (size_t i = 0; i < node->n && !found; i++) {
        found = holds_template(node->kind == YAML_LIST ? node->items[i] : node->pairs[i].value);
    }
    return found;
}

static void decode_constant(struct loader *l, const struct field *f, const struct yaml_node *node,
                            void *target) {
    if (holds_template(node)) {
        diag_error(l, node, "template-not-allowed", "'%s' of an input cannot hold a template",
                   f->key);
        diag_hint(l, "compute it in `vars`: ${{ default(inputs.name, …) }}");
        return;
    }
    *(const struct value **)target = yaml_to_value(&l->recipe->arena, node);
}
static const struct field_type type_constant = {
    .expects = "data without templates", .decode = decode_constant, .schema = "true"};

static void decode_enum(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    if (node->kind != YAML_LIST || node->n == 0) {
        diag_type(l, node, "a list of the allowed values");
        return;
    }
    decode_constant(l, f, node, target);
}
static const struct field_type type_enum = {.expects = "a list of values",
                                            .decode = decode_enum,
                                            .schema = "{\"type\": \"array\", \"minItems\": 1}"};

static void decode_limit(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    const struct value *v = NULL;
    decode_constant(l, f, node, &v);
    if (v != NULL && v->type != VALUE_NUMBER) {
        diag_type(l, node, "a number");
        return;
    }
    *(const struct value **)target = v;
}
static const struct field_type type_limit = {
    .expects = "a number", .decode = decode_limit, .schema = "{\"type\": \"number\"}"};

static void decode_required(struct loader *l, const struct field *f, const struct yaml_node *node,
                            void *target) {
    (void)f;
    bool is_required = true;
    (void)load_boolean(l, node, &is_required); /* reported */
    *(bool *)target = !is_required;
}
static const struct field_type type_required = {
    .expects = "true or false", .decode = decode_required, .schema = "{\"type\": \"boolean\"}"};

static void decode_pattern(struct loader *l, const struct field *f, const struct yaml_node *node,
                           void *target) {
    struct input *in = (void *)((char *)target - f->offset);
    in->pattern = load_regex(l, node);
    if (in->pattern != NULL) {
        in->pattern_text = arena_strdup(&l->recipe->arena, node->text);
    }
}
static const struct field_type type_pattern = {
    .expects = "a regular expression (PCRE2)", .decode = decode_pattern, .schema = "@pattern"};

#define INPUT(member) offsetof(struct input, member)
static const struct field input_fields[] = {
    {.key = "type",
     .type = &type_choice,
     .offset = INPUT(type),
     .names = input_type_choices,
     .doc = "What kind of value it is; string unless given"},
    {.key = "description",
     .type = &type_text,
     .offset = INPUT(description),
     .doc = "What it is for; shown when it is missing"},
    {.key = "default",
     .type = &type_constant,
     .offset = INPUT(default_value),
     .doc = "Used when nothing else gives a value"},
    {.key = "required",
     .type = &type_required,
     .offset = INPUT(is_optional),
     .doc = "Whether a value is needed; the input is null without one when false"},
    {.key = "secret",
     .type = &type_boolean,
     .offset = INPUT(is_secret),
     .doc = "The value shows nowhere: in no log, report, journal or fixture"},
    {.key = "env",
     .type = &type_text,
     .offset = INPUT(env),
     .doc = "The environment variable that may give the value"},
    {.key = "enum", .type = &type_enum, .offset = INPUT(allowed), .doc = "The values allowed"},
    {.key = "minimum",
     .type = &type_limit,
     .offset = INPUT(minimum),
     .doc = "The least number allowed"},
    {.key = "maximum",
     .type = &type_limit,
     .offset = INPUT(maximum),
     .doc = "The greatest number allowed"},
    {.key = "pattern",
     .type = &type_pattern,
     .offset = INPUT(pattern),
     .doc = "A pattern that must be found in the text; ^ and $ make it the whole"},
};
static const struct foreign_word input_words[] = {
    {"choices", "write `enum`", NULL},
    {"options", "write `enum`", NULL},
    {"value", "write `default`", NULL},
    {"optional", "write `required: false`", NULL},
    {"min", "write `minimum`", NULL},
    {"max", "write `maximum`", NULL},
    {"sensitive", "write `secret`", NULL},
    {"regex", "write `pattern`", NULL},
    {NULL, NULL, NULL},
};
const struct object object_input = {.name = "input",
                                    .says = "an input",
                                    .fields = input_fields,
                                    .n_fields = sizeof input_fields / sizeof input_fields[0],
                                    .foreign = input_words};

static void check_limits(struct loader *l, const struct yaml_node *node, const struct input *in) {
    bool is_number = in->type == INPUT_NUMBER || in->type == INPUT_INTEGER;
    if (!is_number && (in->minimum != NULL || in->maximum != NULL)) {
        const char *key = in->minimum != NULL ? "minimum" : "maximum";
        diag_error(l, load_key(node, key), "misplaced-key", "'%s' has no meaning for a %s", key,
                   input_type_names[in->type]);
    } else if (in->minimum != NULL && in->maximum != NULL &&
               value_compare(in->minimum, in->maximum) > 0) {
        diag_error(l, yaml_get(node, "minimum"), "invalid-value",
                   "the minimum %s is above the maximum %s", in->minimum->as.text,
                   in->maximum->as.text);
    }
    bool is_text = in->type == INPUT_STRING || in->type == INPUT_FILE;
    if (!is_text && in->pattern != NULL) {
        diag_error(l, load_key(node, "pattern"), "misplaced-key",
                   "'pattern' has no meaning for a %s", input_type_names[in->type]);
    }
}

static void check_default(struct loader *l, const struct yaml_node *node, struct input *in) {
    const struct yaml_node *given = yaml_get(node, "default");
    if (given == NULL || in->default_value == NULL) {
        return;
    }
    if (in->default_value->type == VALUE_NULL) {
        in->default_value = NULL;
        in->is_optional = true;
        return;
    }
    struct err err = ERR_INIT;
    if (!params_accept(in, in->default_value, &err)) {
        err.kind = "invalid-default";
        diag_take(l, given, &err);
    }
}

static void load_input(struct loader *l, const struct yaml_pair *pair, struct input *in) {
    in->place = diag_place(l, pair->key);
    in->name = arena_strdup(&l->recipe->arena, pair->key->text);
    (void)load_id(l, pair->key, "the name of an input"); /* reported */
    size_t errors_before = l->d->n_errors;
    if (schema_decode(l, &object_input, pair->value, in, NULL, NULL)) {
        check_limits(l, pair->value, in);
        if (l->d->n_errors == errors_before) {
            check_default(l, pair->value, in);
        }
    } else if (pair->value->kind == YAML_SCALAR) {
        diag_hint(l, "write `%s: {type: string, default: …}`", in->name);
    }
}

static void decode_inputs(struct loader *l, const struct field *f, const struct yaml_node *node,
                          void *target) {
    (void)f;
    (void)target;
    if (!load_is_map(l, node, "inputs")) {
        return;
    }
    struct recipe *r = l->recipe;
    r->inputs = arena_zalloc(&r->arena, (node->n > 0 ? node->n : 1) * sizeof *r->inputs);
    r->n_inputs = node->n;
    for (size_t i = 0; i < node->n; i++) {
        load_input(l, &node->pairs[i], &r->inputs[i]);
    }
}
const struct field_type type_inputs = {
    .expects = "inputs by name", .decode = decode_inputs, .is_map = true};

/* Computed in order: each sees those before it. */
static void decode_vars(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    (void)f;
    (void)target;
    if (!load_is_map(l, node, "vars")) {
        return;
    }
    struct recipe *r = l->recipe;
    r->vars = arena_zalloc(&r->arena, (node->n > 0 ? node->n : 1) * sizeof *r->vars);
    r->n_vars = node->n;
    for (size_t i = 0; i < node->n; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        (void)load_id(l, pair->key, "the name of a var"); /* reported */
        l->var = i;
        r->vars[i] = (struct named_tree){arena_strdup(&r->arena, pair->key->text),
                                         load_tree(l, pair->value), diag_place(l, pair->key)};
    }
    l->var = SIZE_MAX;
}
const struct field_type type_vars = {.expects = "names, each with data or templates",
                                     .decode = decode_vars,
                                     .schema = "{\"type\": \"object\"}"};
