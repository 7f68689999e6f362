/*
 * An expression, a NUL, a JSON document: a value or an error, never a hang; the same answer when asked again, and a
 * result that JSON can write.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "expr/expr.h"
#include "value/json.h"
#include "value/value.h"

static void evaluate(const struct expr *e, const struct value *current, struct arena *a) {
    AUTO(err) struct err err = ERR_INIT;
    AUTO(err) struct err err_again = ERR_INIT;
    struct expr_run run = {.current = current, .now_ms = 1700000000000};
    const struct value *v = NULL;
    const struct value *again = NULL;
    bool is_ok = expr_eval(e, &run, a, &v, &err);
    MUST_HOLD(is_ok ? v != NULL : err.kind != NULL);
    MUST_HOLD(expr_eval(e, &run, a, &again, &err_again) == is_ok);
    if (is_ok) {
        AUTO(str) struct str text = STR_INIT(0);
        MUST_HOLD(value_equal(v, again));
        json_print(&text, v, JSON_COMPACT);
        MUST_HOLD(text.len > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
    size_t len = end != NULL ? (size_t)(end - data) : size;
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct expr *e = NULL;
    if (!expr_compile(&a, (const char *)data, len, &(struct expr_options){.allow_status = true}, &e,
                      &err)) {
        MUST_HOLD(err.kind != NULL);
        return 0;
    }
    const struct value *current = &value_null;
    if (end != NULL) {
        AUTO(err) struct err json_err = ERR_INIT;
        (void)json_parse(&a, (const char *)end + 1, size - len - 1,
                         &(struct json_options){.name = NULL}, &current, NULL,
                         &json_err); /* null stands in for what is no JSON */
    }
    evaluate(e, current, &a);
    return 0;
}
