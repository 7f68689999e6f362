/*
 * What waits for what: the steps of the recipe itself (not those inside of others) in layers from top to bottom.
 *
 * The usual four moves of layered drawing: a needs that others imply is dropped; a step stands one layer below the lowest
 * that it needs; edges over several layers pass through a point in each; points of a layer are sorted by where their
 * neighbours stand, a few times down and up.
 */
#include "svg_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "line_priv.h"
#include "value/value.h"

enum { NODES_MAX = 150, POINTS_MAX = 4000, SWEEPS = 6 };
static const double node_width = 172;
static const double node_height = 34;
static const double column_gap = 20;
static const double layer_gap = 26;
static const double bend_width = 14;
static const double border = 6;

/* A node, or a bend of an edge that passes a layer (step NULL). */
struct point {
    const struct report_step *step;
    unsigned layer;
    double order; /* for sorting */
    double x;     /* of its middle */
};

struct link {
    size_t from; /* points of neighbouring layers */
    size_t to;
};

struct graph {
    size_t n_nodes;
    size_t n_edges;
    bool *needs;          /* n_nodes x n_nodes: [to * n + from] */
    struct point *points; /* nodes first */
    size_t n_points;
    struct link *links;
    size_t n_links;
    unsigned n_layers;
    double width;
};

/* ---- nodes and edges ---- */

static bool *edge(const struct graph *g, size_t to, size_t from) {
    return &g->needs[to * g->n_nodes + from];
}

static size_t count_nodes(const struct run_report *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->n_steps; i++) {
        n += r->steps[i]->parent < 0 && r->steps[i]->phase == PHASE_MAIN;
    }
    return n;
}

static void add_needs(struct graph *g, const struct map *by_id, size_t to) {
    const struct value *needs = g->points[to].step->needs;
    for (uint32_t i = 0; needs != NULL && needs->type == VALUE_LIST && i < needs->len; i++) {
        const char *id = value_text(needs->as.items[i]);
        const struct point *from = id == NULL ? NULL : map_get(by_id, id);
        if (from != NULL && from != &g->points[to]) {
            *edge(g, to, (size_t)(from - g->points)) = true;
        }
    }
}

static void read_steps(struct graph *g, const struct run_report *r) {
    struct map by_id = MAP_INIT;
    for (size_t i = 0; i < r->n_steps; i++) {
        if (r->steps[i]->parent < 0 && r->steps[i]->phase == PHASE_MAIN) {
            struct point *p = &g->points[g->n_points++];
            *p = (struct point){.step = r->steps[i]};
            map_put(&by_id, r->steps[i]->id, p);
        }
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        add_needs(g, &by_id, i);
    }
    map_release(&by_id);
}

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

/* A journal may hold a circle: as many rounds as nodes, no more. */
static void set_layers(struct graph *g) {
    bool has_moved = true;
    for (size_t round = 0; has_moved && round < g->n_nodes; round++) {
        has_moved = false;
        for (size_t node = 0; node < g->n_nodes; node++) {
            has_moved = lower(g, node) || has_moved;
        }
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        unsigned n = g->points[i].layer + 1;
        g->n_layers = n > g->n_layers ? n : g->n_layers;
    }
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

/* ---- bends and order ---- */

static void add_link(struct graph *g, size_t from, size_t to) {
    g->links[g->n_links++] = (struct link){from, to};
}

static void add_edge(struct graph *g, size_t from, size_t to) {
    size_t at = from;
    for (unsigned layer = g->points[from].layer + 1;
         layer < g->points[to].layer && g->n_points < POINTS_MAX; layer++) {
        g->points[g->n_points] = (struct point){.layer = layer};
        add_link(g, at, g->n_points);
        at = g->n_points++;
    }
    add_link(g, at, to);
}

static void add_bends(struct graph *g) {
    for (size_t to = 0; to < g->n_nodes; to++) {
        for (size_t from = 0; from < g->n_nodes; from++) {
            if (*edge(g, to, from)) {
                add_edge(g, from, to);
            }
        }
    }
}

static double width_of(const struct point *p) {
    return p->step != NULL ? node_width : bend_width;
}

static int by_order(const void *a, const void *b) {
    const struct point *x = *(const struct point *const *)a;
    const struct point *y = *(const struct point *const *)b;
    if (x->order < y->order || x->order > y->order) {
        return x->order < y->order ? -1 : 1;
    }
    return x < y ? -1 : x > y;
}

/* Sorts a layer and sets it side by side around 0. */
static void set_side_by_side(struct graph *g, unsigned layer, struct point **room) {
    size_t n = 0;
    double width = -column_gap;
    for (size_t i = 0; i < g->n_points; i++) {
        if (g->points[i].layer == layer) {
            room[n++] = &g->points[i];
            width += width_of(&g->points[i]) + column_gap;
        }
    }
    qsort(room, n, sizeof *room, by_order);
    double x = -width / 2;
    for (size_t i = 0; i < n; i++) {
        room[i]->x = x + width_of(room[i]) / 2;
        x += width_of(room[i]) + column_gap;
    }
    g->width = width > g->width ? width : g->width;
}

/* The order of a point: the mean place of its neighbours in the layer above, or below. */
static void take_means(struct graph *g, unsigned layer, bool from_above) {
    for (size_t i = 0; i < g->n_points; i++) {
        double sum = 0;
        unsigned n = 0;
        for (size_t k = 0; g->points[i].layer == layer && k < g->n_links; k++) {
            const struct link *l = &g->links[k];
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
    struct point **room = mem_zalloc(g->n_points + 1, sizeof *room);
    for (unsigned layer = 0; layer < g->n_layers; layer++) {
        take_means(g, layer, true);
        set_side_by_side(g, layer, room);
    }
    for (unsigned sweep = 0; sweep < SWEEPS; sweep++) {
        bool is_down = sweep % 2 == 1;
        for (unsigned i = 0; i < g->n_layers; i++) {
            unsigned layer = is_down ? i : g->n_layers - 1 - i;
            take_means(g, layer, is_down);
            set_side_by_side(g, layer, room);
        }
    }
    mem_free((void *)room);
}

/* ---- drawing ---- */

static double top_of(unsigned layer) {
    return border + (double)layer * (node_height + layer_gap);
}

static double x_of(const struct graph *g, const struct point *p) {
    return border + g->width / 2 + p->x;
}

static void draw_links(struct svg *s, const struct graph *g) {
    for (size_t i = 0; i < g->n_links; i++) {
        const struct point *from = &g->points[g->links[i].from];
        const struct point *to = &g->points[g->links[i].to];
        double y1 = top_of(from->layer) + (from->step != NULL ? node_height : node_height / 2);
        double y2 = top_of(to->layer) + (to->step != NULL ? 0 : node_height / 2);
        double middle = (y1 + y2) / 2;
        str_addf(s->out,
                 "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" "
                 "d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\"/>\n",
                 svg_color(s, SVG_SKIP), x_of(g, from), y1, x_of(g, from), middle, x_of(g, to),
                 middle, x_of(g, to), y2);
    }
}

static void draw_node(struct svg *s, const struct graph *g, const struct point *p) {
    const struct report_step *step = p->step;
    enum svg_color color = svg_step_color(step);
    double x = x_of(g, p) - node_width / 2;
    double y = top_of(p->layer);
    struct svg_box box = {.x = x,
                          .y = y,
                          .width = node_width,
                          .height = node_height,
                          .radius = 7,
                          .fill = SVG_CARD,
                          .stroke = color,
                          .has_stroke = true};
    svg_add_box(s, &box);
    svg_add_box(s, &(struct svg_box){.x = x + 8,
                                     .y = y + node_height / 2 - 4,
                                     .width = 8,
                                     .height = 8,
                                     .radius = 4,
                                     .fill = color});
    AUTO(str) struct str took = STR_INIT(0);
    if (step->ended_ms >= 0 && step->started_ms >= 0) {
        text_duration(&took, step->duration_ms);
    } else {
        str_add(&took, step->status == STEP_SKIPPED ? "skipped" : "");
    }
    double taken = svg_text_width(took.len, 10);
    struct svg_text label = {.x = x + 23,
                             .y = y + node_height / 2 + 4,
                             .size = 12,
                             .color = SVG_INK,
                             .columns =
                                 (unsigned)((node_width - 38 - taken) / svg_text_width(1, 12))};
    svg_add_text(s, &label, step->id);
    struct svg_text time = {.x = x + node_width - 9,
                            .y = y + node_height / 2 + 4,
                            .size = 10,
                            .color = SVG_DIM,
                            .anchor = SVG_END};
    svg_add_text(s, &time, str_text(&took));
}

static void draw(struct svg *s, const struct graph *g) {
    svg_begin(s, g->width + 2 * border, top_of(g->n_layers) - layer_gap + border,
              "Order of the steps");
    draw_links(s, g);
    for (size_t i = 0; i < g->n_nodes; i++) {
        draw_node(s, g, &g->points[i]);
    }
    svg_end(s);
}

bool svg_graph(struct svg *s, const struct run_report *r) {
    struct graph g = {.n_nodes = count_nodes(r)};
    if (g.n_nodes < 2 || g.n_nodes > NODES_MAX) {
        return false;
    }
    g.needs = mem_zalloc(g.n_nodes * g.n_nodes, sizeof *g.needs);
    g.points = mem_zalloc(POINTS_MAX, sizeof *g.points);
    read_steps(&g, r);
    set_layers(&g);
    drop_implied(&g);
    g.links = mem_zalloc(g.n_edges + POINTS_MAX, sizeof *g.links);
    add_bends(&g);
    set_places(&g);
    if (g.n_edges > 0) {
        draw(s, &g);
    }
    mem_free(g.links);
    mem_free(g.points);
    mem_free(g.needs);
    return g.n_edges > 0;
}
