/* Functions on lists, and those that take lists and strings alike. */
#include "functions_priv.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "eval_priv.h"
#include "text_priv.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

#include <string.h>

static bool list_room(struct call *c, size_t n) {
    return eval_charge(c->ev, c->node, n) && eval_room(c->ev, c->node, n * 2 * sizeof(void *));
}

const struct value *fn_length(struct call *c) {
    const struct value *v = c->args[0].value;
    size_t n = v->type == VALUE_STRING ? utf8_count(v->as.text, v->len) : v->len;
    return value_int(c->ev->arena, (int64_t)n);
}

static const struct value *list_contains(struct call *c, const struct value *list,
                                         const struct value *x) {
    for (uint32_t i = 0; i < list->len; i++) {
        const struct value *element = list->as.items[i];
        if (element->type != x->type) {
            continue;
        }
        if (element->type >= VALUE_STRING && !eval_charge_value(c->ev, c->node, element)) {
            return NULL;
        }
        if (value_equal(element, x)) {
            return &value_true;
        }
    }
    return &value_false;
}

const struct value *fn_contains(struct call *c) {
    const struct value *in = c->args[0].value;
    const struct value *x = c->args[1].value;
    if (in->type == VALUE_LIST) {
        return list_contains(c, in, x);
    }
    if (x->type != VALUE_STRING) {
        return &value_false;
    }
    return value_bool(text_find(in->as.text, in->len, x->as.text, x->len) != TEXT_NOT_FOUND);
}

const struct value *fn_map(struct call *c) {
    const struct value *list = c->args[1].value;
    if (!list_room(c, list->len)) {
        return NULL;
    }
    struct list_builder out;
    list_begin(&out, c->ev->arena);
    for (uint32_t i = 0; i < list->len; i++) {
        const struct value *v = eval_node(c->ev, c->args[0].expref, list->as.items[i]);
        if (!v) {
            return NULL;
        }
        list_add(&out, v == &value_missing ? &value_null : v);
    }
    return list_end(&out);
}

/* Which ones they are: ids and names of objects, scalars as they are. */
static void add_elements(struct str *out, const struct value *list) {
    enum { SHOWN = 10 };
    for (uint32_t i = 0; i < list->len && i < SHOWN; i++) {
        const struct value *v = list->as.items[i];
        const char *id = value_text(value_path(v, "metadata.id"));
        const char *name = value_text(value_path(v, "entity.name"));
        id = id ? id : value_text(value_get(v, "id"));
        name = name ? name : value_text(value_get(v, "name"));
        str_add(out, i == 0 ? ": " : ", ");
        if (id || name) {
            str_addf(out, "%s%s%s%s", id ? id : "", name ? " '" : "", name ? name : "",
                     name ? "'" : "");
        } else {
            AUTO(str) struct str text = STR_INIT(64);
            json_print(&text, v, JSON_COMPACT);
            str_addf(out, "%s%s", str_text(&text), text.is_over ? "…" : "");
        }
    }
    if (list->len > SHOWN) {
        str_addf(out, " and %u more", list->len - SHOWN);
    }
}

const struct value *fn_one(struct call *c) {
    const struct value *list = c->args[0].value;
    if (list->len == 1) {
        return list->as.items[0];
    }
    AUTO(str) struct str found = STR_INIT(LIMIT_MESSAGE / 2);
    add_elements(&found, list);
    call_fail(c, 0, "invalid-value", "expected exactly one element, found %u%s", list->len,
              str_text(&found));
    if (list->len > 1) {
        err_hint(c->ev->err,
                 "names are not always unique: filter further, or take one on purpose with [0]");
    }
    return NULL;
}

static const struct value *reverse_list(struct call *c, const struct value *list) {
    if (!list_room(c, list->len)) {
        return NULL;
    }
    struct list_builder out;
    list_begin(&out, c->ev->arena);
    for (uint32_t i = list->len; i > 0; i--) {
        list_add(&out, list->as.items[i - 1]);
    }
    return list_end(&out);
}

static const struct value *reverse_text(struct call *c, const struct value *s) {
    if (!eval_charge(c->ev, c->node, s->len) || !eval_room(c->ev, c->node, s->len)) {
        return NULL;
    }
    char *out = arena_alloc(c->ev->arena, (size_t)s->len + 1);
    size_t end = s->len;
    for (size_t pos = 0; pos < s->len;) {
        unsigned cp = 0;
        size_t n = utf8_decode(s->as.text + pos, s->len - pos, &cp);
        end -= n;
        memcpy(out + end, s->as.text + pos, n);
        pos += n;
    }
    out[s->len] = '\0';
    return value_string_keep(c->ev->arena, out, s->len);
}

const struct value *fn_reverse(struct call *c) {
    const struct value *v = c->args[0].value;
    return v->type == VALUE_LIST ? reverse_list(c, v) : reverse_text(c, v);
}

const struct value *fn_to_array(struct call *c) {
    const struct value *v = c->args[0].value;
    if (v->type == VALUE_LIST) {
        return v;
    }
    struct list_builder out;
    list_begin(&out, c->ev->arena);
    list_add(&out, v == &value_missing ? &value_null : v);
    return list_end(&out);
}

const struct value *fn_zip(struct call *c) {
    uint32_t shortest = c->args[0].value->len;
    for (size_t i = 1; i < c->n_args; i++) {
        uint32_t len = c->args[i].value->len;
        shortest = len < shortest ? len : shortest;
    }
    if (!list_room(c, (size_t)shortest * (c->n_args + 4))) {
        return NULL;
    }
    struct list_builder out;
    list_begin(&out, c->ev->arena);
    for (uint32_t row = 0; row < shortest; row++) {
        struct list_builder tuple;
        list_begin(&tuple, c->ev->arena);
        for (size_t i = 0; i < c->n_args; i++) {
            list_add(&tuple, c->args[i].value->as.items[row]);
        }
        list_add(&out, list_end(&tuple));
    }
    return list_end(&out);
}

const struct value *fn_join(struct call *c) {
    const struct value *glue = c->args[0].value;
    const struct value *parts = c->args[1].value;
    if (parts->len == 0) {
        return &value_empty_string;
    }
    size_t total = (size_t)glue->len * (parts->len - 1);
    for (uint32_t i = 0; i < parts->len; i++) {
        total += parts->as.items[i]->len;
    }
    if (!eval_room(c->ev, c->node, total)) {
        return NULL;
    }
    char *out = arena_alloc(c->ev->arena, total + 1);
    size_t len = 0;
    for (uint32_t i = 0; i < parts->len; i++) {
        if (i > 0) {
            memcpy(out + len, glue->as.text, glue->len);
            len += glue->len;
        }
        const struct value *part = parts->as.items[i];
        memcpy(out + len, part->as.text, part->len);
        len += part->len;
    }
    out[len] = '\0';
    return value_string_keep(c->ev->arena, out, len);
}
