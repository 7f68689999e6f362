/*
 * What makes lists out of lists: slices, projections, filters, flattening. A list that would be
 * copied unchanged is shared instead; nulls leave a projection.
 */
#include "eval_priv.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "value/value.h"

#include <string.h>

/* ---- slices ---------------------------------------------------------------------------------- */

/* Brings a bound into the list, as Python does. */
static int64_t clamp_bound(int64_t bound, int64_t len, bool is_backward) {
    if (bound < 0) {
        bound = bound < -len ? -1 : bound + len;
        return bound < 0 ? (is_backward ? -1 : 0) : bound;
    }
    int64_t last = is_backward ? len - 1 : len;
    return bound < last ? bound : last;
}

struct range {
    int64_t start;
    int64_t step;
    size_t n;
};

static struct range slice_range(const struct slice *s, int64_t len) {
    bool is_backward = s->step < 0;
    int64_t start = is_backward ? len - 1 : 0;
    int64_t stop = is_backward ? -1 : len;
    if (s->has_start) {
        start = clamp_bound(s->start, len, is_backward);
    }
    if (s->has_stop) {
        stop = clamp_bound(s->stop, len, is_backward);
    }
    int64_t distance = is_backward ? start - stop : stop - start;
    if (distance <= 0) {
        return (struct range){0, 1, 0};
    }
    uint64_t stride = is_backward ? 0 - (uint64_t)s->step : (uint64_t)s->step;
    size_t n = (size_t)(((uint64_t)distance - 1) / stride) + 1;
    /* With one element the step is not used; larger ones might overflow. */
    return (struct range){start, n > 1 ? s->step : 0, n};
}

static const struct value *slice_list(struct eval *ev, const struct value *list, struct range r) {
    if (r.n == list->len && r.step == 1) {
        return list;
    }
    struct list_builder b;
    list_begin(&b, ev->arena);
    list_reserve(&b, r.n);
    for (size_t i = 0; i < r.n; i++) {
        list_add(&b, list->as.items[r.start + (int64_t)i * r.step]);
    }
    return list_end(&b);
}

static bool is_ascii(const struct value *s) {
    for (uint32_t i = 0; i < s->len; i++) {
        if ((unsigned char)s->as.text[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* By code points: their offsets are listed unless the text is ASCII. */
static const struct value *slice_string(struct eval *ev, const struct node *n,
                                        const struct value *s) {
    bool ascii = is_ascii(s);
    size_t count = ascii ? s->len : utf8_count(s->as.text, s->len);
    struct range r = slice_range(n->slice, (int64_t)count);
    if (!eval_room(ev, n, s->len + (ascii ? 0 : (count + 1) * sizeof(uint32_t)))) {
        return NULL;
    }
    uint32_t *offsets = NULL;
    if (!ascii) {
        offsets = arena_alloc(ev->arena, (count + 1) * sizeof *offsets);
        size_t pos = 0;
        for (size_t i = 0; i < count; i++) {
            unsigned cp = 0;
            offsets[i] = (uint32_t)pos;
            pos += utf8_decode(s->as.text + pos, s->len - pos, &cp);
        }
        offsets[count] = s->len;
    }
    char *out = arena_alloc(ev->arena, s->len + 1);
    size_t len = 0;
    for (size_t i = 0; i < r.n; i++) {
        size_t at = (size_t)(r.start + (int64_t)i * r.step);
        size_t from = offsets ? offsets[at] : at;
        size_t to = offsets ? offsets[at + 1] : at + 1;
        memcpy(out + len, s->as.text + from, to - from);
        len += to - from;
    }
    out[len] = '\0';
    return value_string_keep(ev->arena, out, len);
}

const struct value *eval_slice(struct eval *ev, const struct node *n, const struct value *current) {
    if (current->type != VALUE_LIST && current->type != VALUE_STRING) {
        return current == &value_missing ? current : &value_null;
    }
    if (n->slice->step == 0) {
        return eval_fail(ev, n, "invalid-value", "the step of a slice is 0");
    }
    if (!eval_charge(ev, n, current->len)) {
        return NULL;
    }
    if (current->type == VALUE_STRING) {
        return slice_string(ev, n, current);
    }
    struct range r = slice_range(n->slice, (int64_t)current->len);
    return eval_room(ev, n, r.n * 2 * sizeof(void *)) ? slice_list(ev, current, r) : NULL;
}

/* ---- projections ----------------------------------------------------------------------------- */

static const struct value *eval_base(struct eval *ev, const struct node *left,
                                     const struct value *current) {
    if (left) {
        return eval_node(ev, left, current);
    }
    return current == &value_scope ? eval_whole_scope(ev) : current;
}

static const struct value *no_projection(const struct value *base) {
    return base == &value_missing ? base : &value_null;
}

/* Adds what the right side makes of one element, unless that is null. */
static bool project_element(struct eval *ev, const struct node *n, const struct value *element,
                            struct list_builder *out) {
    const struct value *v = n->right ? eval_node(ev, n->right, element) : element;
    if (!v) {
        return false;
    }
    if (v->type != VALUE_NULL) {
        list_add(out, v);
    }
    return true;
}

static bool has_null(const struct value *list) {
    for (uint32_t i = 0; i < list->len; i++) {
        if (list->as.items[i]->type == VALUE_NULL) {
            return true;
        }
    }
    return false;
}

const struct value *eval_project(struct eval *ev, const struct node *n,
                                 const struct value *current) {
    const struct value *base = eval_base(ev, n->left, current);
    if (!base) {
        return NULL;
    }
    if (base->type == VALUE_STRING && (n->flags & NODE_IS_SLICED)) {
        return n->right ? eval_node(ev, n->right, base) : base;
    }
    if (base->type != VALUE_LIST) {
        return no_projection(base);
    }
    if (!eval_charge(ev, n, base->len) ||
        !eval_room(ev, n, (size_t)base->len * 2 * sizeof(void *))) {
        return NULL;
    }
    if (!n->right && !has_null(base)) {
        return base;
    }
    struct list_builder out;
    list_begin(&out, ev->arena);
    for (uint32_t i = 0; i < base->len; i++) {
        if (!project_element(ev, n, base->as.items[i], &out)) {
            return NULL;
        }
    }
    return list_end(&out);
}

const struct value *eval_project_values(struct eval *ev, const struct node *n,
                                        const struct value *current) {
    const struct value *base = eval_base(ev, n->left, current);
    if (!base) {
        return NULL;
    }
    if (base->type != VALUE_OBJECT) {
        return no_projection(base);
    }
    if (!eval_charge(ev, n, base->len) ||
        !eval_room(ev, n, (size_t)base->len * 2 * sizeof(void *))) {
        return NULL;
    }
    struct list_builder out;
    list_begin(&out, ev->arena);
    for (uint32_t i = 0; i < base->len; i++) {
        if (!project_element(ev, n, base->as.members[i].value, &out)) {
            return NULL;
        }
    }
    return list_end(&out);
}

const struct value *eval_filter(struct eval *ev, const struct node *n,
                                const struct value *current) {
    const struct value *base = eval_base(ev, n->left, current);
    if (!base) {
        return NULL;
    }
    if (base->type != VALUE_LIST) {
        return no_projection(base);
    }
    if (!eval_room(ev, n, (size_t)base->len * 2 * sizeof(void *))) {
        return NULL;
    }
    struct list_builder out;
    list_begin(&out, ev->arena);
    for (uint32_t i = 0; i < base->len; i++) {
        const struct value *element = base->as.items[i];
        const struct value *is_wanted = eval_node(ev, n->other, element);
        if (!is_wanted || (value_truth(is_wanted) && !project_element(ev, n, element, &out))) {
            return NULL;
        }
    }
    return list_end(&out);
}

const struct value *eval_flatten(struct eval *ev, const struct node *n,
                                 const struct value *current) {
    const struct value *base = eval_base(ev, n->left, current);
    if (!base) {
        return NULL;
    }
    if (base->type != VALUE_LIST) {
        return no_projection(base);
    }
    size_t total = 0;
    for (uint32_t i = 0; i < base->len; i++) {
        const struct value *element = base->as.items[i];
        total += element->type == VALUE_LIST ? element->len : 1;
    }
    if (!eval_charge(ev, n, base->len + total) || !eval_room(ev, n, total * 2 * sizeof(void *))) {
        return NULL;
    }
    struct list_builder out;
    list_begin(&out, ev->arena);
    for (uint32_t i = 0; i < base->len; i++) {
        const struct value *element = base->as.items[i];
        if (element->type != VALUE_LIST) {
            list_add(&out, element);
            continue;
        }
        for (uint32_t j = 0; j < element->len; j++) {
            list_add(&out, element->as.items[j]);
        }
    }
    return list_end(&out);
}
