/*
 * Fingerprints of what a recipe says, part by part: a resumed run tells by them which steps, inputs and vars are others than when it
 * began. Comments, layout, the order of keys and a step's `name` do not count; 64 bits, for accidents and not against malice.
 */
#include "load_priv.h"

#include <string.h>

static uint64_t mix(uint64_t a, uint64_t b) {
    uint64_t x = a ^ (b + 0x9e3779b97f4a7c15 + (a << 6) + (a >> 2));
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

/* FNV-1a */
static uint64_t of_text(const char *text, size_t len) {
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < len; i++) {
        h = (h ^ (unsigned char)text[i]) * 0x100000001b3;
    }
    return mix(h, len);
}

/* `5` and `"5"` are not the same; `abc` and `"abc"` are. */
static uint64_t of_scalar(struct arena *scratch, const struct yaml_node *node) {
    enum value_type type = node->is_plain ? yaml_to_value(scratch, node)->type : VALUE_STRING;
    return mix((uint64_t)type, of_text(node->text, node->text_len));
}

static uint64_t of_node(struct arena *scratch, const struct yaml_node *node,
                        const char *const *without);

/* The order of keys says nothing, so their sum does. */
static uint64_t of_map(struct arena *scratch, const struct yaml_node *node,
                       const char *const *without) {
    uint64_t sum = YAML_MAP;
    for (size_t i = 0; i < node->n; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        bool counts = true;
        for (size_t k = 0; without[k] != NULL && counts; k++) {
            counts = strcmp(without[k], pair->key->text) != 0;
        }
        if (counts) {
            uint64_t key = of_text(pair->key->text, pair->key->text_len);
            sum += mix(key, of_node(scratch, pair->value, (const char *const[]){NULL}));
        }
    }
    return mix(sum, YAML_MAP);
}

/* `without`: keys of the map itself that do not count. Depth is bounded by that of the YAML. */
static uint64_t of_node(struct arena *scratch, const struct yaml_node *node,
                        const char *const *without) {
    if (node->kind == YAML_SCALAR) {
        return of_scalar(scratch, node);
    }
    if (node->kind == YAML_MAP) {
        return of_map(scratch, node, without);
    }
    uint64_t h = YAML_LIST;
    for (size_t i = 0; i < node->n; i++) {
        h = mix(h, of_node(scratch, node->items[i], without));
    }
    return h;
}

/* ---- steps ---- */

/* A list of steps whose fingerprints stand already. */
static uint64_t of_steps(const struct step *steps, size_t n) {
    uint64_t h = n;
    for (size_t i = 0; i < n; i++) {
        h = mix(h, of_text(steps[i].id, strlen(steps[i].id)));
        h = mix(mix(h, steps[i].fingerprint), steps[i].inner_fingerprint);
    }
    return h;
}

/* What is around the steps of a used recipe. */
static uint64_t of_parts(const struct recipe *r) {
    uint64_t sum = 0;
    for (size_t i = 0; i < r->n_parts; i++) {
        sum += mix(of_text(r->parts[i].name, strlen(r->parts[i].name)), r->parts[i].fingerprint);
    }
    return sum;
}

static void note_step(struct loader *l, const struct step_info *info) {
    struct step *step = info->step;
    step->fingerprint =
        of_node(&l->scratch, info->node, (const char *const[]){"name", "steps", NULL});
    if (step->use != NULL) {
        step->fingerprint = mix(step->fingerprint, of_parts(step->use));
        step->inner_fingerprint = of_steps(step->use->steps, step->use->n_steps);
    } else if (step->action == ACTION_GROUP) {
        step->inner_fingerprint = of_steps(step->steps, step->n_steps);
    }
    if (step->foreach != NULL) { /* nobody asks which step within its items it is */
        step->fingerprint = mix(step->fingerprint, step->inner_fingerprint);
        step->inner_fingerprint = 0;
    }
}

/* ---- the rest of the recipe ---- */

static void add_part(struct recipe *r, const char *key, const char *member, uint64_t fingerprint) {
    const char *name = member == NULL ? arena_strdup(&r->arena, key)
                                      : arena_printf(&r->arena, "%s.%s", key, member);
    r->parts[r->n_parts++] = (struct recipe_part){name, fingerprint};
}

/* "vars.stamp", "timeout": each member of a map is a part of its own. */
static void add_parts(struct loader *l, const char *key, const struct yaml_node *node) {
    static const char *const without[] = {"description", NULL};
    if (node->kind != YAML_MAP) {
        add_part(l->recipe, key, NULL, of_node(&l->scratch, node, without));
        return;
    }
    for (size_t i = 0; i < node->n; i++) {
        add_part(l->recipe, key, node->pairs[i].key->text,
                 of_node(&l->scratch, node->pairs[i].value, without));
    }
}

static bool is_part(const char *key) {
    static const char *const others[] = {"cpdflow", "name", "description", "steps", "finally"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(others[i], key) == 0) {
            return false;
        }
    }
    return true;
}

static size_t count_parts(const struct yaml_node *root) {
    size_t n = 0;
    for (size_t i = 0; i < root->n; i++) {
        n += root->pairs[i].value->kind == YAML_MAP ? root->pairs[i].value->n : 1;
    }
    return n;
}

static void note_parts(struct loader *l, const struct yaml_node *root) {
    struct recipe *r = l->recipe;
    r->parts = arena_alloc(&r->arena, (count_parts(root) + r->n_finally + 1) * sizeof *r->parts);
    for (size_t i = 0; i < root->n; i++) {
        if (is_part(root->pairs[i].key->text)) {
            add_parts(l, root->pairs[i].key->text, root->pairs[i].value);
        }
    }
    for (size_t i = 0; i < r->n_finally; i++) {
        add_part(r, "finally", r->finally[i].id, of_steps(&r->finally[i], 1));
    }
}

void note_fingerprints(struct loader *l, const struct yaml_node *root) {
    for (uint32_t i = l->recipe->n_all_steps; i > 0; i--) { /* what stands in a step comes first */
        note_step(l, &l->infos[i - 1]);
    }
    note_parts(l, root);
}
