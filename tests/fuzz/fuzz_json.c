/*
 * Any bytes as JSON: what is accepted prints and reads back as the same value, in both forms; cutting it into documents and
 * looking for it between lines of noise never accepts what the strict reader refuses elsewhere.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "value/json.h"
#include "value/value.h"

static void check_round_trip(const struct value *v, enum json_style style) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(str) struct str printed = STR_INIT(0);
    AUTO(str) struct str again = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct json_options options = {.duplicates = JSON_DUP_ERROR};
    const struct value *copy = NULL;
    json_print(&printed, v, style);
    MUST_HOLD(utf8_is_valid(str_text(&printed), printed.len));
    MUST_HOLD(json_parse(&a, str_text(&printed), printed.len, &options, &copy, NULL, &err));
    MUST_HOLD(value_equal(v, copy));
    json_print(&again, copy, style);
    MUST_HOLD(printed.len == again.len && memcmp(printed.data, again.data, again.len) == 0);
}

static bool is_whole_document(const char *text, size_t len) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct json_options options = {.name = NULL};
    const struct value *v = NULL;
    if (!json_parse(&a, text, len, &options, &v, NULL, &err)) {
        MUST_HOLD(err.kind != NULL && err.place.line > 0 && err.place.col > 0);
        return false;
    }
    check_round_trip(v, JSON_COMPACT);
    check_round_trip(v, JSON_PRETTY);
    return true;
}

static void check_noise(const char *text, size_t len, bool is_whole) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct json_options options = {.allow_noise = true, .duplicates = JSON_DUP_ERROR};
    const struct value *v = NULL;
    struct json_noise noise = {0, 0, 0};
    if (json_parse(&a, text, len, &options, &v, &noise, &err)) {
        MUST_HOLD(noise.after_start + noise.after_len == len);
        MUST_HOLD(noise.before_len <= noise.after_start);
        MUST_HOLD(is_whole_document(text + noise.before_len, noise.after_start - noise.before_len));
    } else {
        MUST_HOLD(!is_whole || strcmp(err.kind, "duplicate-key") == 0);
    }
}

static void check_stream(const char *text, size_t len, bool is_whole) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct json_options options = {.name = NULL};
    const struct value *v = &value_null;
    size_t n_documents = 0;
    size_t pos = 0;
    while (v != NULL) {
        size_t before = pos;
        if (!json_parse_next(&a, text, len, &pos, &options, &v, &err)) {
            MUST_HOLD(!is_whole && pos == before);
            return;
        }
        MUST_HOLD(v == NULL || pos > before);
        n_documents += v == NULL ? 0 : 1;
    }
    MUST_HOLD(!is_whole || n_documents == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    bool is_whole = is_whole_document(text, size);
    check_noise(text, size, is_whole);
    check_stream(text, size, is_whole);
    return 0;
}
