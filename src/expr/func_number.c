/* Functions on numbers. */
#include "functions_priv.h"

#include "base/num.h"
#include "eval_priv.h"
#include "lex_priv.h"
#include "number_priv.h"
#include "value/value.h"

#include <math.h>

static const struct value *overflow(struct call *c) {
    return call_fail(c, 0, "not-a-number", "the result is too large for a number");
}

const struct value *fn_abs(struct call *c) {
    return number_absolute(c->ev->arena, c->args[0].value);
}

const struct value *fn_ceil(struct call *c) {
    const struct value *v = number_round(c->ev->arena, c->args[0].value, ceil);
    return v ? v : overflow(c);
}

const struct value *fn_floor(struct call *c) {
    const struct value *v = number_round(c->ev->arena, c->args[0].value, floor);
    return v ? v : overflow(c);
}

const struct value *fn_sum(struct call *c) {
    const struct value *list = c->args[0].value;
    struct total total;
    total_begin(&total);
    for (uint32_t i = 0; i < list->len; i++) {
        total_add(&total, list->as.items[i]);
    }
    const struct value *v = total_end(&total, c->ev->arena);
    return v ? v : overflow(c);
}

const struct value *fn_avg(struct call *c) {
    const struct value *list = c->args[0].value;
    if (list->len == 0) {
        return &value_null;
    }
    const struct value *sum = fn_sum(c);
    if (!sum) {
        return NULL;
    }
    const char *why = NULL;
    const struct value *n = value_int(c->ev->arena, list->len);
    const struct value *v = number_binary(c->ev->arena, TOK_DIVIDE, sum, n, &why);
    return v ? v : overflow(c);
}

const struct value *fn_to_number(struct call *c) {
    const struct value *v = c->args[0].value;
    if (v->type == VALUE_NUMBER) {
        return v;
    }
    if (v->type == VALUE_STRING && num_is_json(v->as.text, v->len)) {
        return value_number_text(c->ev->arena, v->as.text, v->len);
    }
    return &value_null;
}
