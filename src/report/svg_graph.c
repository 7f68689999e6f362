/*
 * What waits for what, drawn: nodes with their state, groups around what stands in them. graph.c says where.
 */
#include "graph_priv.h"

#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "line_priv.h"

static const double border = 6;
static const double radius = 7;

/* Where a graph stands in the picture. */
struct frame {
    struct svg *svg;
    const struct graph *graph;
    double middle; /* of its width */
    double top;
};

static double top_of(const struct frame *f, const struct graph_point *p) {
    double height = graph_layer_bottom(f->graph, p->layer) - graph_layer_top(f->graph, p->layer);
    return f->top + graph_layer_top(f->graph, p->layer) + (height - p->height) / 2;
}

/* Bent between the layers only: in a layer it would cross its neighbours. With a head where it ends at a node. */
static void draw_link(const struct frame *f, const struct graph_link *link) {
    const struct graph_point *from = &f->graph->points[link->from];
    const struct graph_point *to = &f->graph->points[link->to];
    double x1 = f->middle + from->x;
    double x2 = f->middle + to->x;
    double y1 = f->top + graph_layer_bottom(f->graph, from->layer);
    double y2 = f->top + graph_layer_top(f->graph, to->layer);
    double middle = (y1 + y2) / 2;
    double end = to->step == NULL ? y2 + to->height : top_of(f, to);
    const char *color = svg_color(f->svg, SVG_SKIP);
    str_addf(f->svg->out,
             "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" "
             "d=\"M%.1f %.1fV%.1fC%.1f %.1f %.1f %.1f %.1f %.1fV%.1f\"/>\n",
             color, x1, top_of(f, from) + from->height, y1, x1, middle, x2, middle, x2, y2, end);
    if (to->step != NULL) {
        str_addf(f->svg->out, "<path fill=\"%s\" d=\"M%.1f %.1fl-3.5 -6h7z\"/>\n", color, x2, end);
    }
}

/* Its time, or why it has none. */
static void add_time(struct str *out, const struct report_step *step) {
    if (step->ended_ms >= 0 && step->started_ms >= 0) {
        text_duration(out, step->duration_ms);
    } else if (step->status == STEP_SKIPPED) {
        str_add(out, "skipped");
    }
}

static void draw_card(const struct frame *f, const struct graph_point *p, double shift) {
    struct svg_box box = {.x = f->middle + p->x - p->width / 2 + shift,
                          .y = top_of(f, p) + shift,
                          .width = p->width,
                          .height = p->height,
                          .radius = radius,
                          .fill = p->inside != NULL ? SVG_PANEL : SVG_CARD,
                          .stroke = svg_step_color(p->step),
                          .has_stroke = true};
    svg_add_box(f->svg, &box);
}

static bool is_folded(const struct graph_point *p) {
    return p->inside == NULL && p->n_inside > 0;
}

static void draw_words(const struct frame *f, const struct graph_point *p) {
    double left = f->middle + p->x - p->width / 2;
    double baseline = top_of(f, p) + (double)GRAPH_NODE_HEIGHT / 2 + 4;
    svg_add_box(f->svg, &(struct svg_box){.x = left + 8,
                                          .y = baseline - 8,
                                          .width = 8,
                                          .height = 8,
                                          .radius = 4,
                                          .fill = svg_step_color(p->step)});
    AUTO(str) struct str took = STR_INIT(0);
    add_time(&took, p->step);
    double right = svg_add_took(f->svg, left + p->width - 9, baseline, str_text(&took));
    svg_add_id(f->svg, left + 23, right - 6, baseline, SVG_INK, p->n_inside > 0, p->step->id);
    if (is_folded(p)) {
        AUTO(str) struct str text = STR_INIT(0);
        str_addf(&text, "%zu %s%s", p->n_inside, p->has_items ? "item" : "step",
                 p->n_inside == 1 ? "" : "s");
        struct svg_text how = {
            .x = left + 23, .y = baseline + 15, .size = SVG_SMALL, .color = SVG_DIM};
        svg_add_text(f->svg, &how, str_text(&text));
    }
}

static void draw_graph(const struct frame *f);

static void draw_node(const struct frame *f, const struct graph_point *p) {
    if (is_folded(p)) {
        draw_card(f, p, 3); /* more lies below */
    }
    draw_card(f, p, 0);
    draw_words(f, p);
    if (p->inside != NULL) {
        struct frame inside = {.svg = f->svg,
                               .graph = p->inside,
                               .middle = f->middle + p->x,
                               .top = top_of(f, p) + GRAPH_HEADER};
        draw_graph(&inside);
    }
}

static void draw_graph(const struct frame *f) {
    for (size_t i = 0; i < f->graph->n_nodes; i++) {
        draw_node(f, &f->graph->points[i]);
    }
    for (size_t i = 0; i < f->graph->n_links; i++) {
        draw_link(f, &f->graph->links[i]);
    }
}

bool svg_graph(struct svg *s, const struct run_report *r, struct svg_left_out *ret_left_out) {
    struct graph_tree tree;
    graph_lay_out(&tree, r);
    bool is_there = tree.top != NULL;
    if (is_there) {
        double width = tree.top->width + 2 * border;
        struct frame f = {.svg = s, .graph = tree.top, .middle = width / 2, .top = border};
        svg_begin(s, width, graph_height(tree.top) + 2 * border, "Order of the steps");
        draw_graph(&f);
        svg_end(s);
        *ret_left_out = tree.left_out;
    }
    graph_release(&tree);
    return is_there;
}
