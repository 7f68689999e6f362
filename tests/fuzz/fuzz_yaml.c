/* Any bytes as YAML: what is accepted prints as YAML that reads back as the same value. */
#include "fuzz/fuzz.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "value/value.h"
#include "value/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct yaml_options options = {.name = "input",
                                   .allow_merge = (data[0] & 1) != 0,
                                   .explain_templates = (data[0] & 2) != 0};
    const struct value *v = NULL;
    if (!yaml_parse(&a, (const char *)data + 1, size - 1, &options, &v, &err)) {
        MUST_HOLD(err.kind != NULL && v == NULL);
        return 0;
    }
    AUTO(str) struct str text = STR_INIT(0);
    const struct value *again = NULL;
    yaml_print(&text, v);
    MUST_HOLD(yaml_parse(&a, str_text(&text), text.len, &(struct yaml_options){.name = "printed"},
                         &again, &err));
    MUST_HOLD(value_equal(v, again));
    return 0;
}
