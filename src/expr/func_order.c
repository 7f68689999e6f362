/*
 * Functions that need an order or equality of elements: sort, min and max with their _by forms, and
 * unique.
 *
 * Keys are computed once per element. Sorting is a merge sort, because equal elements must keep
 * their order and no input may make it slow.
 */
#include "functions_priv.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "eval_priv.h"
#include "func_priv.h"
#include "maxima.h"
#include "value/value.h"

#include <math.h>
#include <string.h>

struct keyed {
    const struct value *key;
    const struct value *element;
};

/* One bit for each halving of the list: what a comparison sort costs. */
static size_t sort_cost(size_t n) {
    size_t cost = n;
    for (size_t half = n; half > 1; half /= 2) {
        cost += n;
    }
    return cost;
}

static void merge_runs(struct keyed *from, struct keyed *to, size_t start, size_t middle,
                       size_t end) {
    size_t left = start;
    size_t right = middle;
    for (size_t i = start; i < end; i++) {
        bool takes_left =
            left < middle && (right >= end || value_compare(from[left].key, from[right].key) <= 0);
        to[i] = takes_left ? from[left++] : from[right++];
    }
}

/* Sorts in runs of doubling width; the result stands in the array that is returned. */
static struct keyed *merge_sort(struct keyed *a, struct keyed *spare, size_t n) {
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t start = 0; start < n; start += 2 * width) {
            size_t middle = start + width < n ? start + width : n;
            size_t end = start + 2 * width < n ? start + 2 * width : n;
            merge_runs(a, spare, start, middle, end);
        }
        struct keyed *sorted = spare;
        spare = a;
        a = sorted;
    }
    return a;
}

static const struct value *sort_keyed(struct call *c, struct keyed *pairs, size_t n) {
    struct keyed *spare = arena_alloc(c->ev->arena, (n + 1) * sizeof *spare);
    struct keyed *sorted = merge_sort(pairs, spare, n);
    struct list_builder out;
    list_begin(&out, c->ev->arena);
    for (size_t i = 0; i < n; i++) {
        list_add(&out, sorted[i].element);
    }
    return list_end(&out);
}

static struct keyed *new_keyed(struct call *c, size_t n) {
    bool fits = eval_charge(c->ev, c->node, sort_cost(n)) &&
                eval_room(c->ev, c->node, n * 4 * sizeof(struct keyed));
    return fits ? arena_alloc(c->ev->arena, (n + 1) * sizeof(struct keyed)) : NULL;
}

const struct value *fn_sort(struct call *c) {
    const struct value *list = c->args[0].value;
    struct keyed *pairs = new_keyed(c, list->len);
    if (!pairs) {
        return NULL;
    }
    for (uint32_t i = 0; i < list->len; i++) {
        pairs[i] = (struct keyed){list->as.items[i], list->as.items[i]};
    }
    return sort_keyed(c, pairs, list->len);
}

/* `wanted` < 0 looks for the smallest, > 0 for the largest. The first of equal elements wins. */
static const struct value *extreme(struct call *c, int wanted) {
    const struct value *list = c->args[0].value;
    const struct value *best = &value_null;
    for (uint32_t i = 0; i < list->len; i++) {
        const struct value *v = list->as.items[i];
        if (i == 0 || value_compare(v, best) == wanted) {
            best = v;
        }
    }
    return best;
}

const struct value *fn_max(struct call *c) {
    return extreme(c, 1);
}

const struct value *fn_min(struct call *c) {
    return extreme(c, -1);
}

/* The key of one element; all keys are numbers or all are strings. */
static const struct value *eval_key(struct call *c, uint32_t i, const struct value *first) {
    const struct value *v = eval_node(c->ev, c->args[1].expref, c->args[0].value->as.items[i]);
    if (!v) {
        return NULL;
    }
    bool is_key = v->type == VALUE_NUMBER || v->type == VALUE_STRING;
    if (is_key && (!first || first->type == v->type)) {
        return v;
    }
    if (is_key) {
        return call_fail(c, 1, "invalid-type",
                         "the key of element %u is a %s, that of the first one a %s", i,
                         value_type_name(v), value_type_name(first));
    }
    call_fail(c, 1, "invalid-type", "the key of element %u is %s: keys are numbers or strings", i,
              value_type_name(v));
    if (v->type == VALUE_NULL) {
        const struct node *body = c->args[1].expref;
        const char *text = c->ev->expr->text + body->start;
        int len = (int)(body->end - body->start);
        err_hint(c->ev->err, "leave such elements out first: %s(list[?%.*s], &%.*s)",
                 c->function->doc.name, len, text, len, text);
    }
    return NULL;
}

const struct value *fn_sort_by(struct call *c) {
    const struct value *list = c->args[0].value;
    struct keyed *pairs = new_keyed(c, list->len);
    if (!pairs) {
        return NULL;
    }
    const struct value *first = NULL;
    for (uint32_t i = 0; i < list->len; i++) {
        const struct value *key = eval_key(c, i, first);
        if (!key) {
            return NULL;
        }
        first = first ? first : key;
        pairs[i] = (struct keyed){key, list->as.items[i]};
    }
    return sort_keyed(c, pairs, list->len);
}

static const struct value *extreme_by(struct call *c, int wanted) {
    const struct value *list = c->args[0].value;
    const struct value *best_key = NULL;
    const struct value *best = &value_null;
    for (uint32_t i = 0; i < list->len; i++) {
        const struct value *key = eval_key(c, i, best_key);
        if (!key) {
            return NULL;
        }
        if (!best_key || value_compare(key, best_key) == wanted) {
            best_key = key;
            best = list->as.items[i];
        }
    }
    return best;
}

const struct value *fn_max_by(struct call *c) {
    return extreme_by(c, 1);
}

const struct value *fn_min_by(struct call *c) {
    return extreme_by(c, -1);
}
