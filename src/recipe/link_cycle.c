/*
 * Steps that wait for each other. Depth-first over the needs, with a stack of its own: a chain of
 * 100,000 steps is normal.
 */
#include "link_priv.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

#define MAX_SHOWN ((size_t)12)

enum mark { MARK_NEW, MARK_OPEN, MARK_DONE };

struct visit {
    uint32_t step;
    uint32_t next; /* edge to follow next */
};

struct search {
    struct linker *k;
    const struct edge *edges;
    const uint32_t *start;
    unsigned char *marks;
    struct visit *stack;
    size_t n_stack;
};

static const struct step_info *info_at(const struct search *s, uint32_t number) {
    return &s->k->l->infos[number];
}

static bool is_forward(const struct search *s, const struct edge *e) {
    return info_at(s, e->to)->position > info_at(s, e->from)->position;
}

static bool is_order(const struct edge *e) {
    return e->ref == NO_REF && e->need == NULL;
}

/* Edge i of the cycle that begins at stack position `first`: the last edge closes it. */
static const struct edge *cycle_edge(const struct search *s, size_t i) {
    return &s->edges[s->stack[i].next - 1];
}

static void say_path(const struct search *s, size_t first, struct str *out) {
    for (size_t i = first; i < s->n_stack && i - first < MAX_SHOWN; i++) {
        str_addf(out, "%s -> ", info_at(s, s->stack[i].step)->step->id);
    }
    if (s->n_stack - first > MAX_SHOWN) {
        str_add(out, "… -> ");
    }
    str_add(out, info_at(s, s->stack[first].step)->step->id);
}

/* Without an edge made by the order of the list nothing can be moved: the steps need each other. */
static void report_needs(const struct search *s, size_t first, const struct edge *blamed) {
    struct loader *l = s->k->l;
    AUTO(str) struct str path = STR_INIT(LIMIT_MESSAGE);
    say_path(s, first, &path);
    if (blamed->ref != NO_REF) {
        link_ref_error(l, &l->refs[blamed->ref], 1, "cycle", "steps wait for each other: %s",
                       str_text(&path));
    } else {
        diag_error(l, blamed->need, "cycle", "steps wait for each other: %s", str_text(&path));
    }
}

static void report_later(const struct search *s, const struct edge *blamed) {
    struct loader *l = s->k->l;
    const char *from = info_at(s, blamed->from)->step->id;
    const char *to = info_at(s, blamed->to)->step->id;
    if (blamed->ref != NO_REF) {
        const struct ref *ref = &l->refs[blamed->ref];
        link_ref_error(l, ref, 1, "later-step", "step '%s' runs after step '%s'", ref->parts[1],
                       ref->step->id);
    } else {
        diag_error(l, blamed->need, "later-step", "step '%s' runs after step '%s'", to, from);
    }
    diag_hint(l, "move '%s' before '%s', or say with `needs` what '%s' really waits for", to, from,
              to);
}

static void report(const struct search *s, size_t first) {
    const struct edge *blamed = NULL;
    bool has_order = false;
    for (size_t i = first; i < s->n_stack; i++) {
        const struct edge *e = cycle_edge(s, i);
        has_order = has_order || is_order(e);
        if (blamed == NULL && is_forward(s, e)) {
            blamed = e;
        }
    }
    if (blamed == NULL) {
        bug("a cycle whose edges all go back");
    }
    if (has_order) {
        report_later(s, blamed);
    } else {
        report_needs(s, first, blamed);
    }
}

static size_t stack_position(const struct search *s, uint32_t step) {
    size_t i = s->n_stack - 1;
    while (s->stack[i].step != step) {
        i--;
    }
    return i;
}

static void push(struct search *s, uint32_t step) {
    s->marks[step] = MARK_OPEN;
    s->stack[s->n_stack++] = (struct visit){step, s->start[step]};
}

static void search_from(struct search *s, uint32_t first) {
    push(s, first);
    while (s->n_stack > 0) {
        struct visit *top = &s->stack[s->n_stack - 1];
        if (top->next == s->start[top->step + 1]) {
            s->marks[top->step] = MARK_DONE;
            s->n_stack--;
            continue;
        }
        uint32_t to = s->edges[top->next++].to;
        if (s->marks[to] == MARK_NEW) {
            push(s, to);
        } else if (s->marks[to] == MARK_OPEN) {
            report(s, stack_position(s, to));
        }
    }
}

void link_cycles(struct linker *k, const struct edge *edges, const uint32_t *start) {
    size_t n = k->l->recipe->n_all_steps;
    struct search s = {.k = k, .edges = edges, .start = start};
    bool has_forward = false;
    for (uint32_t i = 0; i < start[n] && !has_forward; i++) {
        has_forward = is_forward(&s, &edges[i]);
    }
    if (!has_forward) {
        return;
    }
    s.marks = mem_zalloc(n + 1, 1);
    s.stack = mem_zalloc(n + 1, sizeof *s.stack);
    for (uint32_t i = 0; i < n; i++) {
        if (s.marks[i] == MARK_NEW) {
            search_from(&s, i);
        }
    }
    mem_free(s.marks);
    mem_free(s.stack);
}
