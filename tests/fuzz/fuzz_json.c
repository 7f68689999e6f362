/* Any bytes as JSON: what is accepted prints as JSON that reads back as the same value, in both styles. */
#include "fuzz/fuzz.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "value/json.h"
#include "value/value.h"

static void reads_back(struct arena *a, const struct value *v, enum json_style style) {
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct value *again = NULL;
    json_print(&text, v, style);
    MUST_HOLD(json_parse(a, text.data, text.len,
                         &(struct json_options){.duplicates = JSON_DUP_ERROR}, &again, NULL, &err));
    MUST_HOLD(value_equal(v, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct json_options options = {.allow_noise = (data[0] & 1) != 0};
    struct json_noise noise = {0, 0, 0};
    const struct value *v = NULL;
    size_t len = size - 1;
    if (!json_parse(&a, (const char *)data + 1, len, &options, &v, &noise, &err)) {
        MUST_HOLD(err.kind != NULL && v == NULL);
        return 0;
    }
    MUST_HOLD(noise.before_len <= len && noise.after_start + noise.after_len <= len);
    MUST_HOLD(options.allow_noise || noise.before_len + noise.after_len == 0);
    reads_back(&a, v, JSON_COMPACT);
    reads_back(&a, v, JSON_PRETTY);
    return 0;
}
