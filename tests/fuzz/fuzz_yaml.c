/*
 * Any bytes as YAML: read as a recipe and as data it gives nodes or an error with a place; a value prints and reads back
 * as the same value.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

static void check_failed(const struct err *err) {
    AUTO(str) struct str shown = STR_INIT(0);
    MUST_HOLD(err->kind != NULL);
    MUST_HOLD(err->place.line > 0 && err->place.col > 0);
    err_render(err, "error", &shown);
}

/* Marks lie in the text, sizes and heights fit their children. */
static void check_node(const struct yaml_node *node, size_t depth) {
    MUST_HOLD(depth <= LIMIT_YAML_DEPTH);
    MUST_HOLD(node->line > 0 && node->col > 0 && node->height > 0);
    size_t n_nodes = 1;
    for (size_t i = 0; node->kind == YAML_LIST && i < node->n; i++) {
        n_nodes += node->items[i]->n_nodes;
        MUST_HOLD(node->items[i]->height < node->height);
        check_node(node->items[i], depth + 1);
    }
    for (size_t i = 0; node->kind == YAML_MAP && i < node->n; i++) {
        MUST_HOLD(node->pairs[i].key->kind == YAML_SCALAR);
        MUST_HOLD(yaml_get(node, node->pairs[i].key->text) != NULL);
        check_node(node->pairs[i].value, depth + 1);
    }
    MUST_HOLD(node->kind == YAML_MAP || node->n_nodes == n_nodes);
}

static void read_recipe(const char *text, size_t len) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct yaml_options options = {.allow_merge = true, .explain_templates = true};
    struct yaml_node *node = NULL;
    if (yaml_read(&a, text, len, &options, &node, &err)) {
        check_node(node, 0);
    } else {
        check_failed(&err);
    }
}

static void check_round_trip(const struct value *v) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(str) struct str printed = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct yaml_options options = {.name = NULL};
    const struct value *copy = NULL;
    yaml_print(&printed, v);
    MUST_HOLD(yaml_parse(&a, str_text(&printed), printed.len, &options, &copy, &err));
    MUST_HOLD(value_equal(v, copy));
}

static void read_data(const char *text, size_t len) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct yaml_options options = {.name = NULL};
    const struct value *v = NULL;
    if (yaml_parse(&a, text, len, &options, &v, &err)) {
        check_round_trip(v);
    } else {
        check_failed(&err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    read_recipe(text, size);
    read_data(text, size);
    return 0;
}
