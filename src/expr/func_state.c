/* Functions about the run, and on values of any type. */
#include "functions_priv.h"

#include "eval_priv.h"
#include "value/value.h"

const struct value *fn_always(struct call *c) {
    (void)c;
    return &value_true;
}

const struct value *fn_failed(struct call *c) {
    return value_bool(c->ev->run->status == EXPR_STATUS_FAILED);
}

const struct value *fn_succeeded(struct call *c) {
    return value_bool(c->ev->run->status == EXPR_STATUS_SUCCEEDED);
}

const struct value *fn_type(struct call *c) {
    return value_cstring(c->ev->arena, value_type_name(c->args[0].value));
}

/* Also default(): with two arguments both are the same. */
const struct value *fn_not_null(struct call *c) {
    for (size_t i = 0; i < c->n_args; i++) {
        if (c->args[i].value->type != VALUE_NULL) {
            return c->args[i].value;
        }
    }
    return &value_null;
}
