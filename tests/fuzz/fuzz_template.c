/* Any text as a template: literal ones give themselves back, the others a value or an error. */
#include "fuzz/fuzz.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "expr/template.h"
#include "value/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct template *t = NULL;
    if (!template_compile(&a, (const char *)data, size,
                          &(struct expr_options){.current_is_scope = true}, &t, &err)) {
        MUST_HOLD(err.kind != NULL);
        return 0;
    }
    struct expr_run run = {.current = &value_empty_object};
    AUTO(str) struct str text = STR_INIT(0);
    bool is_ok = template_eval_text(t, &run, &a, &text, &err);
    MUST_HOLD(is_ok || err.kind != NULL);
    MUST_HOLD(is_ok || !template_is_literal(t));
    return 0;
}
