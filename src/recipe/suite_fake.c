/*
 * Answers and faults of a test file.
 */
#include "suite_priv.h"

#include "load_priv.h"
#include "recipe/suite.h"

static void decode_status(struct loader *l, const struct field *f, const struct yaml_node *node,
                          void *target) {
    (void)f;
    suite_load_small(l, node, 100, 599, target);
}
static const struct field_type type_http_status = {
    .expects = "an HTTP status",
    .decode = decode_status,
    .schema = "{\"type\": \"integer\", \"minimum\": 100, \"maximum\": 599}"};

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
const struct object object_http_answer = {.name = "http_answer",
                                          .says = "an HTTP answer",
                                          .fields = http_fields,
                                          .n_fields = sizeof http_fields / sizeof http_fields[0]};

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
    suite_decode_exit(l, f, node, target);
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
     .type = &type_tally,
     .offset = FAKE(truncate),
     .doc = "After how many bytes the output is cut off"},
};
const struct object object_fake = {.name = "answer",
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
    *load_count(f, target) = node->n;
}
const struct field_type type_fakes = {.expects = "a list", .decode = decode_fakes, .is_list = true};
