/*
 * NAME.test.yaml -> struct suite: the field tables, and cases and rows made complete.
 */
#include "recipe/suite.h"

#include <assert.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "load_priv.h"
#include "maxima.h"
#include "suite_priv.h"

/* The words of event/event.h, which this layer does not see; testing/ asserts that they are the same. */
const char *const suite_status_names[] = {"pending",   "running", "succeeded", "failed",
                                          "tolerated", "skipped", "cancelled", NULL};
const char *const suite_change_names[] = {"none",    "created", "updated", "deduplicated",
                                          "deleted", "unknown", NULL};
const char *const suite_verdict_names[] = {"success", "failed",    "unstable", "environment",
                                           "timeout", "cancelled", NULL};

static size_t *count_of(const struct field *f, void *target) {
    return (void *)((char *)target - f->offset + f->count_offset);
}

/* ---- types ----------------------------------------------------------------------------------- */

static void decode_value(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    (void)f;
    *(const struct value **)target = yaml_to_value(&l->recipe->arena, node);
}
static const struct field_type type_value = {
    .expects = "any value", .decode = decode_value, .schema = "true"};

static void decode_map(struct loader *l, const struct field *f, const struct yaml_node *node,
                       void *target) {
    if (load_is_map(l, node, f->key)) {
        decode_value(l, f, node, target);
    }
}
static const struct field_type type_value_map = {
    .expects = "a mapping", .decode = decode_map, .schema = "{\"type\": \"object\"}"};

static void decode_texts(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    bool is_fine = node->kind == YAML_LIST;
    for (size_t i = 0; is_fine && i < node->n; i++) {
        is_fine = node->items[i]->kind == YAML_SCALAR;
    }
    if (!is_fine) {
        diag_type(l, node, "a list of texts");
        return;
    }
    decode_value(l, f, node, target);
}
static const struct field_type type_texts = {
    .expects = "a list of texts",
    .decode = decode_texts,
    .schema = "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}"};

static void decode_any_text(struct loader *l, const struct field *f, const struct yaml_node *node,
                            void *target) {
    (void)f;
    if (node->kind != YAML_SCALAR) {
        diag_type(l, node, "a text");
        return;
    }
    *(const char **)target = arena_strndup(&l->recipe->arena, node->text, node->text_len);
}
/* As type_text, where `${{` is an ordinary text. */
static const struct field_type type_any_text = {
    .expects = "a text", .decode = decode_any_text, .schema = "@scalar"};

/* A duration that may be 0. */
static void decode_span(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    (void)f;
    struct field_duration *d = target;
    *d = (struct field_duration){.is_set = true, .place = diag_place(l, node)};
    struct err err = ERR_INIT;
    if (node->kind != YAML_SCALAR) {
        diag_type(l, node, "a duration such as 30s or 1h30m");
    } else if (!num_parse_duration_ms(node->text, node->text_len, &d->ms, &err)) {
        diag_take(l, node, &err);
    }
}
static const struct field_type type_span = {
    .expects = "a duration such as 30s or 1h30m", .decode = decode_span, .schema = "@duration"};

static void load_small(struct loader *l, const struct yaml_node *node, int64_t min, int64_t max,
                       int *target) {
    int64_t n = 0;
    if (load_integer(l, node, min, max, &n)) {
        *target = (int)n;
    }
}
static void decode_exit(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    (void)f;
    load_small(l, node, 0, 255, target);
}
static const struct field_type type_exit = {
    .expects = "an exit code",
    .decode = decode_exit,
    .schema = "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 255}"};

static void decode_status(struct loader *l, const struct field *f, const struct yaml_node *node,
                          void *target) {
    (void)f;
    load_small(l, node, 100, 599, target);
}
static const struct field_type type_http_status = {
    .expects = "an HTTP status",
    .decode = decode_status,
    .schema = "{\"type\": \"integer\", \"minimum\": 100, \"maximum\": 599}"};

/* ---- answers and faults ---------------------------------------------------------------------- */

#define HTTP(member) offsetof(struct suite_http, member)
static const struct field http_fields[] = {
    {.key = "status",
     .type = &type_http_status,
     .offset = HTTP(status),
     .doc = "The status; 200 unless given"},
    {.key = "headers",
     .type = &type_value_map,
     .offset = HTTP(headers),
     .doc = "Headers besides Content-Type"},
    {.key = "json", .type = &type_value, .offset = HTTP(json), .doc = "The body as JSON"},
    {.key = "text", .type = &type_any_text, .offset = HTTP(text), .doc = "The body as it is"},
};
static const struct object object_http_answer = {.name = "http_answer",
                                                 .says = "an HTTP answer",
                                                 .fields = http_fields,
                                                 .n_fields =
                                                     sizeof http_fields / sizeof http_fields[0]};

static void decode_http(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    struct suite_http *http = arena_zalloc(&l->recipe->arena, sizeof *http);
    (void)schema_decode(l, f->object, node, http, NULL, NULL); /* reported */
    *(const struct suite_http **)target = http;
}
static const struct field_type type_http_answer = {.expects = "a mapping", .decode = decode_http};

#define FAKE(member) offsetof(struct suite_fake, member)
static void decode_fake_exit(struct loader *l, const struct field *f, const struct yaml_node *node,
                             void *target) {
    decode_exit(l, f, node, target);
    struct suite_fake *fake = (void *)((char *)target - f->offset);
    fake->has_exit = true;
}
static const struct field_type type_fake_exit = {
    .expects = "an exit code",
    .decode = decode_fake_exit,
    .schema = "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 255}"};

static const struct field fake_fields[] = {
    {.key = "call",
     .type = &type_any_text,
     .offset = FAKE(call),
     .doc = "How the command line begins, `*` for any text: `cpdctl space list`, `POST *"
            "/v2/spaces`"},
    {.key = "step", .type = &type_text, .offset = FAKE(step), .doc = "The step that calls"},
    {.key = "role",
     .type = &type_text,
     .offset = FAKE(role),
     .doc = "The part of the step that calls: run, find, create, update, delete or get"},
    {.key = "attempt",
     .type = &type_count,
     .offset = FAKE(attempt),
     .doc = "Which call of the step, counted from 1"},
    {.key = "times",
     .type = &type_count,
     .offset = FAKE(times),
     .doc = "For how many calls it holds"},
    {.key = "stdout",
     .type = &type_any_text,
     .offset = FAKE(out),
     .doc = "What the command prints"},
    {.key = "json",
     .type = &type_value,
     .offset = FAKE(json),
     .doc = "What the command prints, as JSON"},
    {.key = "http",
     .type = &type_http_answer,
     .offset = FAKE(http),
     .object = &object_http_answer,
     .doc = "What a server answers to an `http` call"},
    {.key = "stderr",
     .type = &type_any_text,
     .offset = FAKE(err),
     .doc = "What the command prints to standard error"},
    {.key = "exit",
     .type = &type_fake_exit,
     .offset = FAKE(exit_code),
     .doc = "Its exit code; 0 unless given"},
    {.key = "signal",
     .type = &type_exit,
     .offset = FAKE(signal),
     .doc = "The number of the signal that it dies of"},
    {.key = "no_answer",
     .type = &type_boolean,
     .offset = FAKE(is_silent),
     .doc = "It never ends by itself"},
    {.key = "no_program",
     .type = &type_boolean,
     .offset = FAKE(is_missing),
     .doc = "There is no such program"},
    {.key = "delay",
     .type = &type_span,
     .offset = FAKE(delay),
     .doc = "How much longer the answer takes"},
    {.key = "truncate",
     .type = &type_count,
     .offset = FAKE(truncate),
     .doc = "After how many bytes the output is cut off"},
};
static const struct object object_fake = {.name = "answer",
                                          .says = "an answer",
                                          .fields = fake_fields,
                                          .n_fields = sizeof fake_fields / sizeof fake_fields[0]};

static void decode_fakes(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    if (node->kind != YAML_LIST) {
        diag_type(l, node, "a list");
        return;
    }
    struct suite_fake *fakes = arena_zalloc(&l->recipe->arena, (node->n + 1) * sizeof *fakes);
    for (size_t i = 0; i < node->n; i++) {
        fakes[i].place = diag_place(l, node->items[i]);
        (void)schema_decode(l, f->object, node->items[i], &fakes[i], NULL, NULL); /* reported */
    }
    *(struct suite_fake **)target = fakes;
    *count_of(f, target) = node->n;
}
static const struct field_type type_fakes = {
    .expects = "a list", .decode = decode_fakes, .is_list = true};

/* ---- expectations ---------------------------------------------------------------------------- */

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
    *count_of(f, target) = n;
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
     .type = &type_count,
     .offset = STEP(attempts),
     .doc = "How many calls it made"},
    {.key = "polls",
     .type = &type_count,
     .offset = STEP(polls),
     .doc = "How often it looked while it waited"},
    {.key = "outputs",
     .type = &type_value_map,
     .offset = STEP(outputs),
     .doc = "Outputs, these among others"},
};
static const struct object object_step_result = {.name = "step_result",
                                                 .says = "a step's result",
                                                 .fields = step_fields,
                                                 .n_fields =
                                                     sizeof step_fields / sizeof step_fields[0]};

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
    *count_of(f, target) = node->n;
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
     .type = &type_count,
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
static const struct object object_expectation = {.name = "expectation",
                                                 .says = "an expectation",
                                                 .fields = expect_fields,
                                                 .n_fields = sizeof expect_fields /
                                                             sizeof expect_fields[0]};

/* ---- cases ----------------------------------------------------------------------------------- */

static const struct field_type type_cases;

#define CASE(member) offsetof(struct suite_case, member)
#define SHARED_FIELDS                                                                                \
    {.key = "inputs",                                                                                \
     .type = &type_value_map,                                                                        \
     .offset = CASE(inputs),                                                                         \
     .doc = "Inputs of the recipe; those of a row, a case and the file are joined"},                 \
        {.key = "files",                                                                             \
         .type = &type_value_map,                                                                    \
         .offset = CASE(files),                                                                      \
         .doc = "Files in the directory where the run takes place, by name: a text, `{json: …}`, " \
                "or `{from: PATH}` for a copy"},                                                     \
        {.key = "cassette",                                                                          \
         .type = &type_text,                                                                         \
         .offset = CASE(cassette),                                                                   \
         .doc = "The recording that answers, a path from this file"},                                \
        {.key = "answers",                                                                           \
         .type = &type_fakes,                                                                        \
         .offset = CASE(answers),                                                                    \
         .count_offset = CASE(n_answers),                                                            \
         .object = &object_fake,                                                                     \
         .doc = "Answers given before the cassette is asked: those for one call in order, the "      \
                "last one goes on"},                                                                 \
        {.key = "faults",                                                                            \
         .type = &type_fakes,                                                                        \
         .offset = CASE(faults),                                                                     \
         .count_offset = CASE(n_faults),                                                             \
         .object = &object_fake,                                                                     \
         .doc = "What goes wrong, before anything else answers"},                                    \
    {                                                                                                \
        .key = "allow_unused", .type = &type_boolean, .offset = CASE(allows_unused),                 \
        .doc = "A recording may hold more than the run asks for"                                     \
    }

static const struct field case_fields[] = {
    {.key = "name", .type = &type_text, .offset = CASE(name), .doc = "What the case shows"},
    SHARED_FIELDS,
    {.key = "expect",
     .type = &type_object,
     .offset = CASE(expect),
     .object = &object_expectation,
     .doc = "What must hold"},
    {.key = "table",
     .type = &type_cases,
     .offset = CASE(table),
     .count_offset = CASE(n_table),
     .doc = "Rows: a case each, which says what differs"},
};
static const struct object object_case = {.name = "case",
                                          .says = "a case",
                                          .fields = case_fields,
                                          .n_fields = sizeof case_fields / sizeof case_fields[0]};

static void decode_case(struct loader *l, const struct yaml_node *node, struct suite_case *c) {
    c->place = diag_place(l, node);
    c->expect =
        (struct suite_expect){.place = c->place, .status = -1, .exit_code = -1, .error_class = -1};
    (void)schema_decode(l, &object_case, node, c, NULL, NULL); /* reported */
    if (c->name == NULL) {
        c->name = arena_printf(&l->recipe->arena, "line %u", node->line);
    }
}

static void decode_cases(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    if (node->kind != YAML_LIST || node->n == 0) {
        diag_type(l, node, "a list of cases");
        return;
    }
    if (l->depth > 0 && strcmp(f->key, "table") == 0 && l->depth > 1) {
        diag_error(l, node, "misplaced-key", "'table' in a row: rows have no rows of their own");
        return;
    }
    l->depth++;
    struct suite_case *cases = arena_zalloc(&l->recipe->arena, (node->n + 1) * sizeof *cases);
    for (size_t i = 0; i < node->n; i++) {
        decode_case(l, node->items[i], &cases[i]);
    }
    l->depth--;
    *(struct suite_case **)target = cases;
    *count_of(f, target) = node->n;
}
static const struct field_type type_cases = {
    .expects = "a list of cases",
    .decode = decode_cases,
    .schema = "{\"type\": \"array\", \"minItems\": 1, \"items\": {\"$ref\": "
              "\"#/definitions/case\"}}"};

static void decode_version(struct loader *l, const struct field *f, const struct yaml_node *node,
                           void *target) {
    (void)f;
    (void)target;
    if (node->kind != YAML_SCALAR || strcmp(node->text, "1") != 0) {
        diag_error(l, node, "unsupported-version", "expected version 1, found %s",
                   diag_describe(l, node));
    }
}
static const struct field_type type_suite_version = {.expects = "1",
                                                     .decode = decode_version,
                                                     .schema = "{\"const\": 1}",
                                                     .example = "cpdflow_test: 1"};

/* The shared fields stand in `common`, the first member that has them. */
#define SUITE(member) offsetof(struct suite, member)
static const struct field suite_fields[] = {
    {.key = "cpdflow_test",
     .type = &type_suite_version,
     .flags = FIELD_REQUIRED,
     .doc = "The version of the format: 1"},
    {.key = "recipe",
     .type = &type_text,
     .offset = SUITE(recipe),
     .doc = "The recipe, a path from this file; NAME.yaml for NAME.test.yaml unless given"},
    {.key = "cases",
     .type = &type_cases,
     .offset = SUITE(cases),
     .count_offset = SUITE(n_cases),
     .flags = FIELD_REQUIRED,
     .doc = "What is tried"},
};
static const struct field common_fields[] = {SHARED_FIELDS};
static const struct object object_common = {.name = "common",
                                            .says = "a test file",
                                            .fields = common_fields,
                                            .n_fields =
                                                sizeof common_fields / sizeof common_fields[0]};
static const struct object object_suite = {.name = "suite",
                                           .says = "a test file",
                                           .fields = suite_fields,
                                           .n_fields = sizeof suite_fields / sizeof suite_fields[0],
                                           .also = &object_common};

const struct object *const suite_objects[] = {
    &object_suite,       &object_common,      &object_case,        &object_fake,
    &object_http_answer, &object_expectation, &object_step_result, NULL};

/* ---- complete cases -------------------------------------------------------------------------- */

static const struct value *join_maps(struct arena *a, const struct value *outer,
                                     const struct value *inner) {
    if (outer == NULL || inner == NULL) {
        return inner == NULL ? outer : inner;
    }
    struct object_builder b;
    object_begin(&b, a);
    for (uint32_t i = 0; i < outer->len; i++) {
        object_put(&b, outer->as.members[i].key, outer->as.members[i].key_len,
                   outer->as.members[i].value);
    }
    for (uint32_t i = 0; i < inner->len; i++) {
        object_put(&b, inner->as.members[i].key, inner->as.members[i].key_len,
                   inner->as.members[i].value);
    }
    return object_end(&b);
}

/* The inner ones are asked first. */
static void join_fakes(struct arena *a, const struct suite_fake *outer, size_t n_outer,
                       struct suite_fake **inner, size_t *n_inner) {
    if (n_outer == 0) {
        return;
    }
    struct suite_fake *all = arena_zalloc(a, (n_outer + *n_inner) * sizeof *all);
    if (*n_inner > 0) {
        memcpy(all, *inner, *n_inner * sizeof *all);
    }
    memcpy(all + *n_inner, outer, n_outer * sizeof *all);
    for (size_t i = *n_inner; i < *n_inner + n_outer; i++) {
        all[i].level++;
    }
    *inner = all;
    *n_inner += n_outer;
}

static void join_expect(struct arena *a, const struct suite_expect *outer,
                        struct suite_expect *inner) {
    inner->status = inner->status < 0 ? outer->status : inner->status;
    inner->exit_code = inner->exit_code < 0 ? outer->exit_code : inner->exit_code;
    inner->error_class = inner->error_class < 0 ? outer->error_class : inner->error_class;
    inner->outputs = join_maps(a, outer->outputs, inner->outputs);
    inner->metrics = join_maps(a, outer->metrics, inner->metrics);
    inner->count = join_maps(a, outer->count, inner->count);
    inner->changes = inner->changes == NULL ? outer->changes : inner->changes;
    inner->calls = inner->calls == NULL ? outer->calls : inner->calls;
    inner->n_calls = inner->n_calls.is_set ? inner->n_calls : outer->n_calls;
    inner->duration = inner->duration.is_set ? inner->duration : outer->duration;
    if (inner->n_steps == 0) {
        inner->steps = outer->steps;
        inner->n_steps = outer->n_steps;
    }
    if (inner->n_messages == 0) {
        inner->messages = outer->messages;
        inner->n_messages = outer->n_messages;
    }
}

static struct suite_case join(struct arena *a, const struct suite_case *outer,
                              const struct suite_case *inner) {
    struct suite_case c = *inner;
    c.inputs = join_maps(a, outer->inputs, inner->inputs);
    c.files = join_maps(a, outer->files, inner->files);
    c.cassette = inner->cassette == NULL ? outer->cassette : inner->cassette;
    c.allows_unused = inner->allows_unused || outer->allows_unused;
    join_fakes(a, outer->answers, outer->n_answers, &c.answers, &c.n_answers);
    join_fakes(a, outer->faults, outer->n_faults, &c.faults, &c.n_faults);
    join_expect(a, &outer->expect, &c.expect);
    return c;
}

static void make_runs(struct suite *s) {
    struct arena *a = &s->file->arena;
    for (size_t i = 0; i < s->n_cases; i++) {
        s->n_runs += s->cases[i].n_table == 0 ? 1 : s->cases[i].n_table;
    }
    s->runs = arena_zalloc(a, (s->n_runs + 1) * sizeof *s->runs);
    size_t n = 0;
    for (size_t i = 0; i < s->n_cases; i++) {
        struct suite_case whole = join(a, &s->common, &s->cases[i]);
        if (whole.n_table == 0) {
            s->runs[n++] = whole;
        }
        for (size_t k = 0; k < whole.n_table; k++) {
            s->runs[n] = join(a, &whole, &whole.table[k]);
            s->runs[n++].name = arena_printf(a, "%s / %s", whole.name, whole.table[k].name);
        }
    }
}

/* ---- one file -------------------------------------------------------------------------------- */

static const char *line_text(unsigned line, void *ctx) {
    return diag_line(ctx, line);
}

/* NAME.test.yaml -> NAME.yaml */
static const char *default_recipe(struct arena *a, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *suffix = strstr(name, ".test.");
    return suffix == NULL ? name : arena_printf(a, "%.*s.yaml", (int)(suffix - name), name);
}

bool suite_is_file(const char *path) {
    return str_ends(path, ".test.yaml") || str_ends(path, ".test.yml");
}

struct suite *suite_load(const char *path, struct diagnostics *d) {
    AUTO(str) struct str text = STR_INIT(LIMIT_RECIPE_BYTES);
    struct err err = ERR_INIT;
    if (!file_read(path, LIMIT_RECIPE_BYTES, &text, &err)) {
        diagnostics_add(d, false, &err);
        return NULL;
    }
    size_t errors_before = d->n_errors;
    (void)diagnostics_file(d, path);
    char *dir = file_dirname(path);
    struct loader l = {.d = d, .var = SIZE_MAX};
    l.recipe = load_new_file(str_text(&text), text.len, path, dir);
    mem_free(dir);
    l.source = (struct template_source){l.recipe->file, line_text, l.recipe};
    arena_init(&l.scratch, 0);
    struct suite *s = arena_zalloc(&l.recipe->arena, sizeof *s);
    s->file = l.recipe;
    s->common.expect = (struct suite_expect){.status = -1, .exit_code = -1, .error_class = -1};
    struct yaml_node *root = NULL;
    if (load_read_nodes(&l, &root) && schema_decode(&l, &object_suite, root, s, &s->common, NULL)) {
        s->recipe = s->recipe == NULL ? default_recipe(&s->file->arena, path) : s->recipe;
        make_runs(s);
    }
    arena_release(&l.scratch);
    mem_free(l.refs);
    mem_free(l.infos);
    diagnostics_sort(d);
    if (d->n_errors > errors_before) {
        suite_free(s);
        return NULL;
    }
    return s;
}

void suite_free(struct suite *s) {
    if (s != NULL) {
        recipe_free(s->file);
    }
}
