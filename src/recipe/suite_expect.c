/*
 * Expectations of a test file.
 */
#include "suite_priv.h"

#include "load_priv.h"
#include "recipe/suite.h"

/* The words of event/event.h, which this layer does not see; unit/testing/test_judge.c compares them. */
const char *const suite_status_names[] = {"pending",   "running", "succeeded", "failed",
                                          "tolerated", "skipped", "cancelled", NULL};
const char *const suite_change_names[] = {"none",    "created", "updated", "deduplicated",
                                          "deleted", "unknown", NULL};
const char *const suite_verdict_names[] = {"success", "failed",    "unstable", "environment",
                                           "timeout", "cancelled", NULL};

static void load_one_text(struct loader *l, const struct yaml_node *node, struct suite_text *text) {
    const struct yaml_node *pattern = node->kind == YAML_MAP ? yaml_get(node, "match") : NULL;
    if (node->kind == YAML_SCALAR) {
        text->text = arena_strndup(&l->recipe->arena, node->text, node->text_len);
    } else if (pattern != NULL && node->n == 1) {
        text->text =
            arena_strdup(&l->recipe->arena, pattern->kind == YAML_SCALAR ? pattern->text : "");
        text->pattern = load_regex(l, pattern);
    } else {
        diag_type(l, node, "a text or {match: '…'}");
    }
}

static void decode_messages(struct loader *l, const struct field *f, const struct yaml_node *node,
                            void *target) {
    size_t n = node->kind == YAML_LIST ? node->n : 1;
    struct suite_text *texts = arena_zalloc(&l->recipe->arena, (n + 1) * sizeof *texts);
    for (size_t i = 0; i < n; i++) {
        load_one_text(l, node->kind == YAML_LIST ? node->items[i] : node, &texts[i]);
    }
    *(struct suite_text **)target = texts;
    *load_count(f, target) = n;
}
static const struct field_type type_messages = {.expects =
                                                    "a text, {match: '…'}, or a list of them",
                                                .decode = decode_messages,
                                                .schema = "@messages"};

#define STEP(member) offsetof(struct suite_step, member)
static const struct field step_fields[] = {
    {.key = "status",
     .type = &type_choice,
     .offset = STEP(status),
     .names = suite_status_names,
     .doc = "How it ended"},
    {.key = "change",
     .type = &type_choice,
     .offset = STEP(change),
     .names = suite_change_names,
     .doc = "What it changed"},
    {.key = "class",
     .type = &type_class,
     .offset = STEP(error_class),
     .doc = "The class of its failure"},
    {.key = "message",
     .type = &type_messages,
     .offset = STEP(messages),
     .count_offset = STEP(n_messages),
     .doc = "Part of its message, its hint or the reason why it was skipped"},
    {.key = "attempts",
     .type = &type_tally,
     .offset = STEP(attempts),
     .doc = "How many calls it made"},
    {.key = "polls",
     .type = &type_tally,
     .offset = STEP(polls),
     .doc = "How often it looked while it waited"},
    {.key = "outputs",
     .type = &type_value_map,
     .offset = STEP(outputs),
     .doc = "Outputs, these among others"},
};
const struct object object_step_result = {.name = "step_result",
                                          .says = "a step's result",
                                          .fields = step_fields,
                                          .n_fields = sizeof step_fields / sizeof step_fields[0]};

/* `store: skipped` is short for `store: {status: skipped}`. */
static void decode_steps(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    if (!load_is_map(l, node, "the steps")) {
        return;
    }
    struct suite_step *steps = arena_zalloc(&l->recipe->arena, (node->n + 1) * sizeof *steps);
    for (size_t i = 0; i < node->n; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        steps[i] = (struct suite_step){.id = arena_strdup(&l->recipe->arena, pair->key->text),
                                       .place = diag_place(l, pair->key),
                                       .status = -1,
                                       .change = -1,
                                       .error_class = -1};
        if (pair->value->kind == YAML_SCALAR) {
            type_choice.decode(l, &step_fields[0], pair->value, &steps[i].status);
        } else {
            (void)schema_decode(l, f->object, pair->value, &steps[i], NULL, NULL); /* reported */
        }
    }
    *(struct suite_step **)target = steps;
    *load_count(f, target) = node->n;
}
static const struct field_type type_step_results = {
    .expects = "steps by id, each with its status or a mapping",
    .decode = decode_steps,
    .schema = "{\"type\": \"object\", \"additionalProperties\": {\"anyOf\": [{\"type\": "
              "\"string\"}, {\"$ref\": \"#/definitions/step_result\"}]}}"};

#define EXPECT(member) offsetof(struct suite_expect, member)
static const struct field expect_fields[] = {
    {.key = "status",
     .type = &type_choice,
     .offset = EXPECT(status),
     .names = suite_verdict_names,
     .doc = "The verdict of the run"},
    {.key = "exit",
     .type = &type_exit,
     .offset = EXPECT(exit_code),
     .doc = "The exit code of `cpdflow run`"},
    {.key = "class",
     .type = &type_class,
     .offset = EXPECT(error_class),
     .doc = "The class of some step's failure"},
    {.key = "steps",
     .type = &type_step_results,
     .offset = EXPECT(steps),
     .count_offset = EXPECT(n_steps),
     .object = &object_step_result,
     .doc = "What became of single steps"},
    {.key = "outputs",
     .type = &type_value_map,
     .offset = EXPECT(outputs),
     .doc = "Outputs of the recipe, these among others"},
    {.key = "metrics",
     .type = &type_value_map,
     .offset = EXPECT(metrics),
     .doc = "Values of metrics, null for one that is missing"},
    {.key = "changes",
     .type = &type_value_map,
     .offset = EXPECT(changes),
     .doc = "What was changed, by step: all that is known to have been changed"},
    {.key = "calls",
     .type = &type_texts,
     .offset = EXPECT(calls),
     .doc = "Calls in the order in which they are made, others may stand between them; written as "
            "`call` of an answer"},
    {.key = "count",
     .type = &type_value_map,
     .offset = EXPECT(count),
     .doc = "How often calls are made: `cpdctl space create: 1`"},
    {.key = "n_calls",
     .type = &type_tally,
     .offset = EXPECT(n_calls),
     .doc = "How many calls are made in all"},
    {.key = "messages",
     .type = &type_messages,
     .offset = EXPECT(messages),
     .count_offset = EXPECT(n_messages),
     .doc = "Parts of messages, of any step or of the run"},
    {.key = "duration",
     .type = &type_span,
     .offset = EXPECT(duration),
     .doc = "How long the run takes by the clock of the test"},
};
const struct object object_expectation = {.name = "expectation",
                                          .says = "an expectation",
                                          .fields = expect_fields,
                                          .n_fields =
                                              sizeof expect_fields / sizeof expect_fields[0]};
