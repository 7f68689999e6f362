/*
 * The usual four moves of layered drawing: a need that others imply is dropped; a step stands one layer below the lowest that it
 * needs; links over several layers pass through a bend in each; points of a layer are sorted by where their neighbours stand, a few
 * times down and up. Steps that neither need nor are needed stand in rows below.
 *
 * Journals come from anywhere: needs may go in circles.
 */
#include "graph_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "event/run_report.h"
#include "line_priv.h"
#include "value/value.h"

enum { POINTS_MAX = 4000, SWEEPS = 6, ROW_MAX = 4 };
static const double column_gap = 20;
static const double layer_gap = 24;
static const double bend_width = 14;

/* ---- which steps are drawn ---- */

struct choice {
    const struct run_report *report;
    struct graph_tree *tree;
    struct graph **insides; /* by index of the container; [n_steps] is the top */
    size_t *n_inside;       /* steps of the main part that stand in it, likewise */
    unsigned *depths;
    bool *has_items; /* it is a foreach */
    bool *is_item;   /* of a foreach, or something that one does */
    bool *is_shown;  /* drawn, or an item of what is drawn: its node has their number */
    size_t n_drawn;
};

static size_t slot_of_parent(const struct choice *c, const struct report_step *step) {
    return step->parent < 0 ? c->report->n_steps : (size_t)step->parent;
}

/* Clean-up may stand in a container too, but it waits for other things. */
static bool is_main(const struct report_step *step) {
    return step->phase == PHASE_MAIN;
}

static void count_steps(struct choice *c) {
    const struct run_report *r = c->report;
    for (size_t i = 0; i < r->n_steps; i++) {
        const struct report_step *step = r->steps[i];
        size_t slot = slot_of_parent(c, step);
        c->n_inside[slot] += is_main(step);
        c->depths[i] = step->parent < 0 ? 0 : c->depths[slot] + 1;
        if (step->parent >= 0 && text_is_item_of(step, r->steps[slot])) {
            c->has_items[slot] = true;
        }
        c->is_item[i] = step->parent >= 0 && (c->has_items[slot] || c->is_item[slot]);
    }
}

static void open_graph(struct choice *c, size_t slot) {
    struct graph *g = mem_zalloc(1, sizeof *g);
    size_t room = GRAPH_NODES_MAX - c->n_drawn;
    g->n_nodes = c->n_inside[slot] < room ? c->n_inside[slot] : room;
    c->n_drawn += g->n_nodes;
    c->insides[slot] = g;
    struct graph_tree *tree = c->tree;
    tree->graphs = mem_realloc(tree->graphs, tree->n_graphs + 1, sizeof *tree->graphs);
    tree->graphs[tree->n_graphs++] = g;
}

static bool may_open(const struct choice *c, const struct report_step *step) {
    size_t n = c->n_inside[step->index];
    return is_main(step) && n > 0 && !c->has_items[step->index] &&
           c->insides[slot_of_parent(c, step)] != NULL && c->insides[step->index] == NULL &&
           c->n_drawn + n <= GRAPH_NODES_MAX;
}

/* Those of one depth; first the ones that did not succeed. */
static bool open_level(struct choice *c, unsigned depth) {
    const struct run_report *r = c->report;
    size_t n_before = c->tree->n_graphs;
    for (size_t turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < r->n_steps; i++) {
            bool is_turn = (r->steps[i]->status == STEP_SUCCEEDED) == (turn == 1);
            if (c->depths[i] == depth && is_turn && may_open(c, r->steps[i])) {
                open_graph(c, i);
            }
        }
    }
    return c->tree->n_graphs > n_before;
}

static void note_left_out(struct svg_left_out *left_out, const struct report_step *step) {
    left_out->n++;
    left_out->first = left_out->first == NULL ? step : left_out->first;
}

static void add_node(struct choice *c, const struct report_step *step) {
    size_t slot = slot_of_parent(c, step);
    struct graph *g = c->insides[slot];
    if (g != NULL && g->n_points < g->n_nodes) {
        g->points[g->n_points++] = (struct graph_point){
            .step = step,
            .inside = c->insides[step->index],
            .n_inside = c->n_inside[step->index],
            .has_items = c->has_items[step->index],
        };
        c->is_shown[step->index] = true;
    } else {
        c->is_shown[step->index] = g == NULL && c->is_shown[slot] && c->is_item[step->index];
    }
}

static void choose(struct choice *c) {
    const struct run_report *r = c->report;
    count_steps(c);
    open_graph(c, r->n_steps);
    unsigned depth = 0;
    while (open_level(c, depth)) {
        depth++;
    }
    for (size_t i = 0; i < c->tree->n_graphs; i++) {
        c->tree->graphs[i]->points =
            mem_zalloc(c->tree->graphs[i]->n_nodes + 1, sizeof(struct graph_point));
    }
    for (size_t i = 0; i < r->n_steps; i++) {
        if (is_main(r->steps[i])) {
            add_node(c, r->steps[i]);
        }
        if (is_main(r->steps[i]) && !c->is_shown[i]) {
            note_left_out(&c->tree->left_out, r->steps[i]);
        }
    }
}

/* ---- needs ---- */

static bool *edge(const struct graph *g, size_t to, size_t from) {
    return &g->needs[to * g->n_nodes + from];
}

static void add_needs(struct graph *g, const struct map *by_id, size_t to) {
    const struct value *needs = g->points[to].step->needs;
    for (uint32_t i = 0; needs != NULL && needs->type == VALUE_LIST && i < needs->len; i++) {
        const char *id = value_text(needs->as.items[i]);
        const struct graph_point *from = id == NULL ? NULL : map_get(by_id, id);
        if (from != NULL && from != &g->points[to]) {
            *edge(g, to, (size_t)(from - g->points)) = true;
        }
    }
}

static void read_needs(struct graph *g) {
    struct map by_id = MAP_INIT;
    for (size_t i = 0; i < g->n_nodes; i++) {
        map_put(&by_id, g->points[i].step->id, &g->points[i]);
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        add_needs(g, &by_id, i);
    }
    map_release(&by_id);
}

/* True when `to` needs something that needs `from`, at whatever distance. */
static bool is_implied(const struct graph *g, const bool *reach, size_t to, size_t from) {
    for (size_t via = 0; via < g->n_nodes; via++) {
        if (via != from && *edge(g, to, via) && reach[via * g->n_nodes + from]) {
            return true;
        }
    }
    return false;
}

static void drop_implied(struct graph *g) {
    size_t n = g->n_nodes;
    bool *reach = mem_zalloc(n * n, sizeof *reach);
    memcpy(reach, g->needs, n * n * sizeof *reach);
    for (size_t via = 0; via < n; via++) {
        for (size_t to = 0; to < n; to++) {
            for (size_t from = 0; reach[to * n + via] && from < n; from++) {
                reach[to * n + from] = reach[to * n + from] || reach[via * n + from];
            }
        }
    }
    for (size_t to = 0; to < n; to++) {
        for (size_t from = 0; from < n; from++) {
            if (*edge(g, to, from) && is_implied(g, reach, to, from)) {
                *edge(g, to, from) = false;
            }
            g->n_edges += *edge(g, to, from);
        }
    }
    mem_free(reach);
}

/* ---- layers ---- */

/* One below the lowest needed; true when that moved it. */
static bool lower(struct graph *g, size_t node) {
    unsigned layer = g->points[node].layer;
    for (size_t from = 0; from < g->n_nodes; from++) {
        unsigned below = g->points[from].layer + 1;
        if (*edge(g, node, from) && layer < below && below < g->n_nodes) {
            layer = below;
        }
    }
    bool has_moved = layer != g->points[node].layer;
    g->points[node].layer = layer;
    return has_moved;
}

static bool is_alone(const struct graph *g, size_t node) {
    for (size_t other = 0; other < g->n_nodes; other++) {
        if (*edge(g, node, other) || *edge(g, other, node)) {
            return false;
        }
    }
    return true;
}

/* In rows below all others. */
static void set_lonely_layers(struct graph *g) {
    unsigned n_alone = 0;
    unsigned n_layers = g->n_layers;
    for (size_t i = 0; i < g->n_nodes; i++) {
        if (is_alone(g, i)) {
            g->points[i].layer = n_layers + n_alone++ / ROW_MAX;
            g->n_layers = g->points[i].layer + 1;
        }
    }
}

/* A circle of needs ends: as many rounds as nodes, no more. */
static void set_layers(struct graph *g) {
    bool has_moved = true;
    for (size_t round = 0; has_moved && round < g->n_nodes; round++) {
        has_moved = false;
        for (size_t node = 0; node < g->n_nodes; node++) {
            has_moved = lower(g, node) || has_moved;
        }
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        unsigned n = is_alone(g, i) ? 0 : g->points[i].layer + 1;
        g->n_layers = n > g->n_layers ? n : g->n_layers;
    }
    set_lonely_layers(g);
}

/* ---- bends ---- */

static size_t count_bends(const struct graph *g) {
    size_t n = 0;
    for (size_t to = 0; to < g->n_nodes; to++) {
        for (size_t from = 0; from < g->n_nodes; from++) {
            unsigned lowest = g->points[from].layer + 1;
            bool is_long = *edge(g, to, from) && g->points[to].layer > lowest;
            n += is_long ? g->points[to].layer - lowest : 0;
        }
    }
    return n < POINTS_MAX ? n : POINTS_MAX;
}

static void add_link(struct graph *g, size_t from, size_t to) {
    g->links[g->n_links++] = (struct graph_link){from, to};
}

static void add_edge(struct graph *g, size_t from, size_t to, size_t max_points) {
    size_t at = from;
    for (unsigned layer = g->points[from].layer + 1;
         layer < g->points[to].layer && g->n_points < max_points; layer++) {
        g->points[g->n_points] = (struct graph_point){.layer = layer, .width = bend_width};
        add_link(g, at, g->n_points);
        at = g->n_points++;
    }
    add_link(g, at, to);
}

static void add_bends(struct graph *g) {
    size_t max_points = g->n_nodes + count_bends(g);
    g->points = mem_realloc(g->points, max_points, sizeof *g->points);
    g->links = mem_zalloc(g->n_edges + max_points, sizeof *g->links);
    for (size_t to = 0; to < g->n_nodes; to++) {
        for (size_t from = 0; from < g->n_nodes; from++) {
            if (*edge(g, to, from)) {
                add_edge(g, from, to, max_points);
            }
        }
    }
}

/* ---- places ---- */

static int by_order(const void *a, const void *b) {
    const struct graph_point *x = *(const struct graph_point *const *)a;
    const struct graph_point *y = *(const struct graph_point *const *)b;
    if (x->order < y->order || x->order > y->order) {
        return x->order < y->order ? -1 : 1;
    }
    return x < y ? -1 : x > y;
}

/* Sorts a layer and sets it side by side around 0. */
static void set_side_by_side(struct graph *g, unsigned layer, struct graph_point **room) {
    size_t n = 0;
    double width = -column_gap;
    for (size_t i = 0; i < g->n_points; i++) {
        if (g->points[i].layer == layer) {
            room[n++] = &g->points[i];
            width += g->points[i].width + column_gap;
        }
    }
    qsort((void *)room, n, sizeof *room, by_order);
    double x = -width / 2;
    for (size_t i = 0; i < n; i++) {
        room[i]->x = x + room[i]->width / 2;
        x += room[i]->width + column_gap;
    }
    g->width = width > g->width ? width : g->width;
}

/* The order of a point: the mean place of its neighbours in the layer above, or below. */
static void take_means(struct graph *g, unsigned layer, bool from_above) {
    for (size_t i = 0; i < g->n_points; i++) {
        double sum = 0;
        unsigned n = 0;
        for (size_t k = 0; g->points[i].layer == layer && k < g->n_links; k++) {
            const struct graph_link *l = &g->links[k];
            if ((from_above ? l->to : l->from) == i) {
                sum += g->points[from_above ? l->from : l->to].x;
                n++;
            }
        }
        if (n > 0) {
            g->points[i].order = sum / n;
        }
    }
}

static void set_places(struct graph *g) {
    struct graph_point **room = mem_zalloc(g->n_points + 1, sizeof *room);
    for (unsigned sweep = 0; sweep <= SWEEPS; sweep++) {
        bool is_down = sweep % 2 == 0;
        for (unsigned i = 0; i < g->n_layers; i++) {
            unsigned layer = is_down ? i : g->n_layers - 1 - i;
            take_means(g, layer, is_down);
            set_side_by_side(g, layer, room);
        }
    }
    mem_free((void *)room);
}

double graph_layer_top(const struct graph *g, unsigned layer) {
    return g->tops[layer];
}

double graph_layer_bottom(const struct graph *g, unsigned layer) {
    return g->tops[layer + 1] - layer_gap;
}

static void set_tops(struct graph *g) {
    g->tops = mem_zalloc(g->n_layers + 1, sizeof *g->tops);
    for (size_t i = 0; i < g->n_points; i++) {
        double *height = &g->tops[g->points[i].layer + 1];
        *height = g->points[i].height > *height ? g->points[i].height : *height;
    }
    for (unsigned layer = 0; layer < g->n_layers; layer++) {
        g->tops[layer + 1] += g->tops[layer] + layer_gap;
    }
    for (size_t i = g->n_nodes; i < g->n_points; i++) {
        unsigned layer = g->points[i].layer;
        g->points[i].height = graph_layer_bottom(g, layer) - graph_layer_top(g, layer);
    }
}

double graph_height(const struct graph *g) {
    return g->tops[g->n_layers] - layer_gap;
}

static void set_size(struct graph_point *node) {
    node->width = GRAPH_NODE_WIDTH;
    node->height = node->n_inside > 0 ? GRAPH_FOLDED_HEIGHT : GRAPH_NODE_HEIGHT;
    if (node->inside != NULL) {
        double width = node->inside->width + 2 * GRAPH_PADDING;
        node->width = width > node->width ? width : node->width;
        node->height = GRAPH_HEADER + graph_height(node->inside) + GRAPH_PADDING;
    }
}

static void lay_out(struct graph *g) {
    g->needs = mem_zalloc(g->n_nodes * g->n_nodes + 1, sizeof *g->needs);
    for (size_t i = 0; i < g->n_nodes; i++) {
        set_size(&g->points[i]);
    }
    read_needs(g);
    set_layers(g);
    drop_implied(g);
    add_bends(g);
    set_places(g);
    set_tops(g);
}

/* ---- all of them ---- */

static bool has_edges(const struct graph_tree *tree) {
    for (size_t i = 0; i < tree->n_graphs; i++) {
        if (tree->graphs[i]->n_edges > 0) {
            return true;
        }
    }
    return false;
}

void graph_lay_out(struct graph_tree *tree, const struct run_report *r) {
    size_t n = r->n_steps + 1;
    struct choice c = {.report = r, .tree = tree};
    *tree = (struct graph_tree){0};
    c.insides = mem_zalloc(n, sizeof *c.insides);
    c.n_inside = mem_zalloc(n, sizeof *c.n_inside);
    c.depths = mem_zalloc(n, sizeof *c.depths);
    c.has_items = mem_zalloc(n, sizeof *c.has_items);
    c.is_item = mem_zalloc(n, sizeof *c.is_item);
    c.is_shown = mem_zalloc(n, sizeof *c.is_shown);
    choose(&c);
    for (size_t i = tree->n_graphs; i-- > 0;) { /* inner ones have their size before outer ones */
        lay_out(tree->graphs[i]);
    }
    tree->top = has_edges(tree) ? tree->graphs[0] : NULL;
    mem_free((void *)c.insides);
    mem_free(c.n_inside);
    mem_free(c.depths);
    mem_free(c.has_items);
    mem_free(c.is_item);
    mem_free(c.is_shown);
}

void graph_release(struct graph_tree *tree) {
    for (size_t i = 0; i < tree->n_graphs; i++) {
        struct graph *g = tree->graphs[i];
        mem_free(g->needs);
        mem_free(g->points);
        mem_free(g->links);
        mem_free(g->tops);
        mem_free(g);
    }
    mem_free((void *)tree->graphs);
}
