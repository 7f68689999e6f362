/*
 * Second pass: ids, needs and names. link.c orders the steps, link_names.c judges every use of a
 * name, link_cycle.c finds steps that wait for each other.
 */
#ifndef RECIPE_LINK_PRIV_H
#define RECIPE_LINK_PRIV_H

#include <stdint.h>

#include "load_priv.h"

#define NO_REF UINT32_MAX

/* `from` runs after `to`; both stand in one list. */
struct edge {
    uint32_t from;
    uint32_t to;
    uint32_t ref;                 /* in loader.refs; NO_REF: not made by an expression */
    const struct yaml_node *need; /* the word in `needs`; both unset: the step before */
};

struct linker {
    struct loader *l;
    struct map ids;    /* own ids -> struct step * */
    struct map inputs; /* name -> struct input * */
    struct map vars;   /* name -> struct named_tree * */
    struct edge *edges;
    size_t n_edges;
    size_t edges_cap;
};

enum reach {
    REACH_EDGE,     /* must wait: *ret_from for *ret_to */
    REACH_DONE,     /* done anyway when it is looked at */
    REACH_SELF,     /* the step itself */
    REACH_AROUND,   /* a group that the step is in */
    REACH_WITHIN,   /* a step within the group itself */
    REACH_REPEATED, /* within a group that runs once per item */
    REACH_OUTSIDE,  /* in `finally` or in a cleanup, which run later */
};
/* How step `to` can be seen from step `from`. */
enum reach link_reach(const struct loader *l, const struct step *from, const struct step *to,
                      const struct step **ret_from, const struct step **ret_to);
void link_add_edge(struct linker *k, const struct step *from, const struct step *to, uint32_t ref,
                   const struct yaml_node *need);
/* "did you mean", for the diagnostic just added, among the ids of the file. */
bool link_nearest_step(struct linker *k, const char *word);
void link_names(struct linker *k);
/*
 * `start` has n_all_steps + 1 entries: the edges of step i are edges[start[i]] … edges[start[i +
 * 1] - 1].
 */
void link_cycles(struct linker *k, const struct edge *edges, const uint32_t *start);
/* Adds an error at part `part` of the name. */
bool link_ref_error(struct loader *l, const struct ref *ref, unsigned part, const char *kind,
                    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
