/*
 * Which step waits for which. Needs come from `needs`, from every name `steps.X` in an expression,
 * and from the order of a list; all are brought down to steps of one list, so that the engine
 * orders siblings and nothing else.
 */
#include "link_priv.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

/* Enough to find a misspelt id; the distance to each costs time. */
#define MAX_NAMES ((size_t)2000)

static const struct step_info *info_of(const struct loader *l, const struct step *step) {
    return &l->infos[step->number];
}

/* ---- where steps stand to each other --------------------------------------------------------- */

/* One of the two steps, climbing through the groups around it. */
struct climber {
    const struct step *step;
    bool left_cleanup; /* it climbed out of a cleanup list */
    bool is_repeated;  /* it climbed out of a group with foreach, other than `inside` */
    const struct step *inside;
};

static bool is_in_cleanup_list(const struct loader *l, const struct step *step) {
    return step->parent != NULL && step->parent->cleanup != NULL &&
           info_of(l, step)->list == step->parent->cleanup;
}

static void climb(const struct loader *l, struct climber *c) {
    c->left_cleanup = c->left_cleanup || is_in_cleanup_list(l, c->step);
    c->step = c->step->parent;
    c->is_repeated = c->is_repeated || (c->step->foreach != NULL && c->step != c->inside);
}

static uint32_t depth_of(const struct loader *l, const struct climber *c) {
    return info_of(l, c->step)->depth;
}

/* Climbs until both stand in one list, or in two lists of the top. */
static void climb_to_one_list(const struct loader *l, struct climber *a, struct climber *b) {
    while (depth_of(l, a) > depth_of(l, b)) {
        climb(l, a);
    }
    while (depth_of(l, b) > depth_of(l, a)) {
        climb(l, b);
    }
    while (info_of(l, a->step)->list != info_of(l, b->step)->list && a->step->parent != NULL) {
        climb(l, a);
        climb(l, b);
    }
}

static enum reach reach_in_list(const struct step *from, const struct step *to,
                                const struct climber *a, const struct climber *b) {
    if (a->step == b->step) {
        if (from == to) {
            return REACH_SELF;
        }
        return a->step == to ? REACH_AROUND : REACH_WITHIN;
    }
    return REACH_EDGE;
}

enum reach link_reach(const struct loader *l, const struct step *from, const struct step *to,
                      const struct step **ret_from, const struct step **ret_to) {
    struct climber a = {from, false, false, to};
    struct climber b = {to, false, false, from};
    climb_to_one_list(l, &a, &b);
    *ret_from = a.step;
    *ret_to = b.step;
    bool is_one_list = info_of(l, a.step)->list == info_of(l, b.step)->list;
    bool is_later = info_of(l, to)->kind != LIST_MAIN && !is_one_list;
    if (b.left_cleanup || is_later) {
        return REACH_OUTSIDE;
    }
    if (b.is_repeated) {
        return REACH_REPEATED;
    }
    if (a.left_cleanup || !is_one_list) {
        return REACH_DONE;
    }
    return reach_in_list(from, to, &a, &b);
}

/* ---- edges ----------------------------------------------------------------------------------- */

void link_add_edge(struct linker *k, const struct step *from, const struct step *to, uint32_t ref,
                   const struct yaml_node *need) {
    if (k->n_edges == k->edges_cap) {
        k->edges_cap = k->edges_cap == 0 ? 64 : k->edges_cap * 2;
        k->edges = mem_realloc(k->edges, k->edges_cap, sizeof *k->edges);
    }
    k->edges[k->n_edges++] = (struct edge){from->number, to->number, ref, need};
}

bool link_nearest_step(struct linker *k, const char *word) {
    size_t n = k->ids.n_entries < MAX_NAMES ? k->ids.n_entries : MAX_NAMES;
    const char **names = arena_alloc(&k->l->scratch, (n + 1) * sizeof *names);
    for (size_t i = 0; i < n; i++) {
        names[i] = k->ids.entries[i].key;
    }
    return diag_nearest(k->l, word, names, n);
}

static void add_need(struct linker *k, const struct step *step, const struct yaml_node *need) {
    const struct step *target = map_get(&k->ids, need->text);
    if (target == NULL) {
        diag_error(k->l, need, "undefined-step", "there is no step '%s'", need->text);
        link_nearest_step(k, need->text);
        return;
    }
    const struct step *from = NULL;
    const struct step *to = NULL;
    switch (link_reach(k->l, step, target, &from, &to)) {
    case REACH_EDGE:
        link_add_edge(k, from, to, NO_REF, need);
        return;
    case REACH_DONE:
        return;
    case REACH_SELF:
        diag_error(k->l, need, "cycle", "step '%s' needs itself", need->text);
        return;
    case REACH_AROUND:
        diag_error(k->l, need, "cycle", "step '%s' is within '%s' and cannot wait for it", step->id,
                   need->text);
        return;
    case REACH_WITHIN:
        diag_error(k->l, need, "cycle", "step '%s' is within '%s' and starts after it", need->text,
                   step->id);
        return;
    case REACH_REPEATED:
        diag_error(k->l, need, "out-of-scope", "step '%s' runs once for each item of '%s'",
                   need->text, to->id);
        diag_hint(k->l, "write '%s'", to->id);
        return;
    case REACH_OUTSIDE:
        diag_error(k->l, need, "out-of-scope", "step '%s' runs at the end, after this one",
                   need->text);
        return;
    }
}

static void add_order_edges(struct linker *k, const struct step_info *info) {
    if (info->needs != NULL) {
        bool is_list = info->needs->kind == YAML_LIST;
        for (size_t i = 0; i < (is_list ? info->needs->n : 1); i++) {
            add_need(k, info->step, is_list ? info->needs->items[i] : info->needs);
        }
        return;
    }
    const struct step *parent = info->step->parent;
    bool is_free = parent != NULL && parent->is_parallel && info->list == parent->steps;
    if (info->position > 0 && !is_free) {
        link_add_edge(k, info->step, &info->list[info->position - 1], NO_REF, NULL);
    }
}

/* Edges by `from`: counting sort, so that 100,000 steps stay linear. */
static struct edge *sort_edges(const struct linker *k, uint32_t **ret_start) {
    size_t n = k->l->recipe->n_all_steps;
    uint32_t *start = mem_zalloc(n + 2, sizeof *start);
    for (size_t i = 0; i < k->n_edges; i++) {
        start[k->edges[i].from + 2]++;
    }
    for (size_t i = 2; i < n + 2; i++) {
        start[i] += start[i - 1];
    }
    struct edge *sorted = mem_zalloc(k->n_edges + 1, sizeof *sorted);
    for (size_t i = 0; i < k->n_edges; i++) {
        sorted[start[k->edges[i].from + 1]++] = k->edges[i];
    }
    *ret_start = start;
    return sorted;
}

static void store_needs(struct linker *k, const struct edge *edges, const uint32_t *start) {
    size_t n = k->l->recipe->n_all_steps;
    uint32_t *seen_by = mem_zalloc(n + 1, sizeof *seen_by); /* number + 1 of the last step */
    for (uint32_t i = 0; i < n; i++) {
        struct step *step = k->l->infos[i].step;
        uint32_t n_edges = start[i + 1] - start[i];
        if (n_edges == 0) {
            continue;
        }
        step->needs = arena_alloc(&k->l->recipe->arena, n_edges * sizeof(struct step *));
        for (uint32_t e = start[i]; e < start[i + 1]; e++) {
            if (seen_by[edges[e].to] != i + 1) {
                seen_by[edges[e].to] = i + 1;
                step->needs[step->n_needs++] = k->l->infos[edges[e].to].step;
            }
        }
    }
    mem_free(seen_by);
}

/* ---- ids ------------------------------------------------------------------------------------- */

static void add_id(struct linker *k, const struct step_info *info) {
    struct step *step = info->step;
    if (!step->has_own_id) {
        return;
    }
    const struct step *other = map_get(&k->ids, step->id);
    if (other == NULL) {
        map_put(&k->ids, step->id, step);
        return;
    }
    diag_error(k->l, yaml_get(info->node, "id"), "duplicate-id",
               "the id '%s' is taken by the step in line %u", step->id, other->place.line);
}

/* A made-up id must not meet one of the recipe's. */
static void keep_apart(struct linker *k, struct step *step) {
    while (!step->has_own_id && map_get(&k->ids, step->id) != NULL) {
        step->id = arena_printf(&k->l->recipe->arena, "%s_", step->id);
    }
}

static void add_names(struct linker *k) {
    struct recipe *r = k->l->recipe;
    for (uint32_t i = 0; i < r->n_all_steps; i++) {
        add_id(k, &k->l->infos[i]);
    }
    for (uint32_t i = 0; i < r->n_all_steps; i++) {
        keep_apart(k, k->l->infos[i].step);
    }
    for (size_t i = 0; i < r->n_inputs; i++) {
        map_put(&k->inputs, r->inputs[i].name, &r->inputs[i]);
    }
    for (size_t i = 0; i < r->n_vars; i++) {
        map_put(&k->vars, r->vars[i].name, &r->vars[i]);
    }
}

void link_steps(struct loader *l) {
    struct linker k = {.l = l, .ids = MAP_INIT, .inputs = MAP_INIT, .vars = MAP_INIT};
    l->is_input_used = arena_zalloc(&l->scratch, l->recipe->n_inputs + 1);
    l->is_var_used = arena_zalloc(&l->scratch, l->recipe->n_vars + 1);
    add_names(&k);
    for (uint32_t i = 0; i < l->recipe->n_all_steps; i++) {
        add_order_edges(&k, &l->infos[i]);
    }
    link_names(&k);
    uint32_t *start = NULL;
    struct edge *edges = sort_edges(&k, &start);
    store_needs(&k, edges, start);
    link_cycles(&k, edges, start);
    mem_free(edges);
    mem_free(start);
    mem_free(k.edges);
    map_release(&k.ids);
    map_release(&k.inputs);
    map_release(&k.vars);
}
