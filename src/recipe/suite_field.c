/*
 * Fields of test files that recipes do not have.
 */
#include "suite_priv.h"

#include "base/num.h"
#include "load_priv.h"
#include "recipe/suite.h"

static void decode_value(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    (void)f;
    *(const struct value **)target = yaml_to_value(&l->recipe->arena, node);
}
const struct field_type type_value = {
    .expects = "any value", .decode = decode_value, .schema = "true"};

static void decode_map(struct loader *l, const struct field *f, const struct yaml_node *node,
                       void *target) {
    if (load_is_map(l, node, f->key)) {
        decode_value(l, f, node, target);
    }
}
const struct field_type type_value_map = {
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
const struct field_type type_texts = {
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
const struct field_type type_any_text = {
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
const struct field_type type_span = {
    .expects = "a duration such as 30s or 1h30m", .decode = decode_span, .schema = "@duration"};

static void decode_tally(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    (void)f;
    struct field_count *count = target;
    *count = (struct field_count){.is_set = true, .place = diag_place(l, node)};
    (void)load_integer(l, node, 0, 1000000, &count->n); /* reported */
}
const struct field_type type_tally = {.expects = "a whole number",
                                      .decode = decode_tally,
                                      .schema = "{\"type\": \"integer\", \"minimum\": 0}"};

void suite_load_small(struct loader *l, const struct yaml_node *node, int64_t min, int64_t max,
                      int *target) {
    int64_t n = 0;
    if (load_integer(l, node, min, max, &n)) {
        *target = (int)n;
    }
}
void suite_decode_exit(struct loader *l, const struct field *f, const struct yaml_node *node,
                       void *target) {
    (void)f;
    suite_load_small(l, node, 0, 255, target);
}
const struct field_type type_exit = {
    .expects = "an exit code",
    .decode = suite_decode_exit,
    .schema = "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 255}"};
