/*
 * What waits for what, laid out: the steps of a list in layers from top to bottom, those of a group or a `use` in a graph of their
 * own inside of its node.
 *
 *   struct graph_tree tree;
 *   graph_lay_out(&tree, report);
 *   … tree.top, its points and links, and so on inside …
 *   graph_release(&tree);
 *
 * Drawn are the steps of the main part, GRAPH_NODES_MAX at most: outer ones before inner ones, and groups that did not succeed before
 * those that did. Items of a foreach, which wait for nobody, stand in its node as a number.
 */
#ifndef REPORT_GRAPH_PRIV_H
#define REPORT_GRAPH_PRIV_H

#include <stddef.h>

#include "svg_priv.h"

enum {
    GRAPH_NODES_MAX = 150,
    GRAPH_NODE_WIDTH = 172,
    GRAPH_NODE_HEIGHT = 32,
    GRAPH_FOLDED_HEIGHT = 46, /* of a node that says how many steps stand in it */
    GRAPH_HEADER = 30,        /* above what stands in a node */
    GRAPH_PADDING = 12,       /* around it */
};

/* A node, or a bend of a link that passes a layer (step NULL). */
struct graph_point {
    const struct report_step *step;
    struct graph *inside; /* NULL: nothing is drawn in it */
    size_t n_inside;      /* steps in it */
    bool has_items;       /* it is a foreach */
    unsigned layer;
    double order; /* for sorting */
    double x;     /* of its middle, from the middle of the graph */
    double width;
    double height; /* of a bend: all of its layer */
};

/* Points of neighbouring layers. */
struct graph_link {
    size_t from;
    size_t to;
};

struct graph {
    size_t n_nodes;
    size_t n_edges;
    bool *needs;                /* n_nodes x n_nodes: [to * n + from] */
    struct graph_point *points; /* nodes first */
    size_t n_points;
    struct graph_link *links;
    size_t n_links;
    unsigned n_layers;
    double *tops; /* of the layers, and one more: the end of the last */
    double width;
};

struct graph_tree {
    struct graph *top;     /* NULL: fewer than two steps, or none needs another */
    struct graph **graphs; /* all of them, outer ones first */
    size_t n_graphs;
    struct svg_left_out left_out;
};

void graph_lay_out(struct graph_tree *tree, const struct run_report *r);
void graph_release(struct graph_tree *tree);
/* From the top of the graph. */
double graph_layer_top(const struct graph *g, unsigned layer);
double graph_layer_bottom(const struct graph *g, unsigned layer);
double graph_height(const struct graph *g);

#endif
