/*
 * Values as JSON text. Numbers are printed by the text they came with.
 */
#include "value/json.h"

#include "base/mem.h"
#include "base/str.h"
#include "value/value.h"

struct printer {
    struct str *out;
    bool is_pretty;
    size_t depth;
};

static void print_value(struct printer *p, const struct value *v);

static void start_line(struct printer *p) {
    if (p->is_pretty) {
        str_add_char(p->out, '\n');
        str_add_repeat(p->out, ' ', 2 * p->depth);
    }
}

static void print_list(struct printer *p, const struct value *v) {
    str_add_char(p->out, '[');
    p->depth++;
    for (uint32_t i = 0; i < v->len; i++) {
        if (i > 0) {
            str_add_char(p->out, ',');
        }
        start_line(p);
        print_value(p, v->as.items[i]);
    }
    p->depth--;
    start_line(p);
    str_add_char(p->out, ']');
}

static void print_object(struct printer *p, const struct value *v) {
    str_add_char(p->out, '{');
    p->depth++;
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value_member *m = &v->as.members[i];
        if (i > 0) {
            str_add_char(p->out, ',');
        }
        start_line(p);
        json_print_string(p->out, m->key, m->key_len);
        str_add(p->out, p->is_pretty ? ": " : ":");
        print_value(p, m->value);
    }
    p->depth--;
    start_line(p);
    str_add_char(p->out, '}');
}

static void print_value(struct printer *p, const struct value *v) {
    switch ((enum value_type)v->type) {
    case VALUE_NULL:
        str_add(p->out, "null");
        return;
    case VALUE_BOOL:
        str_add(p->out, v->as.boolean ? "true" : "false");
        return;
    case VALUE_NUMBER:
        str_add_bytes(p->out, v->as.text, v->len);
        return;
    case VALUE_STRING:
        json_print_string(p->out, v->as.text, v->len);
        return;
    case VALUE_LIST:
        if (v->len == 0) {
            str_add(p->out, "[]");
        } else {
            print_list(p, v);
        }
        return;
    case VALUE_OBJECT:
        if (v->len == 0) {
            str_add(p->out, "{}");
        } else {
            print_object(p, v);
        }
        return;
    case VALUE_TYPE_COUNT:
        break;
    }
    bug("value of type %d", v->type);
}

void json_print(struct str *out, const struct value *v, enum json_style style) {
    struct printer p = {.out = out, .is_pretty = style == JSON_PRETTY};
    print_value(&p, v);
}
