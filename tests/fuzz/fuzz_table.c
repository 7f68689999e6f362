/*
 * Any bytes as a table, and as what a failed command printed. Of a table of printable ASCII no text may be
 * invented or change its order: what the cells show is a subsequence of what the input shows.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "extract/extract.h"
#include "extract/failed.h"
#include "maxima.h"
#include "value/value.h"

static bool is_plain(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (data[i] != '\n' && (data[i] < 0x20 || data[i] >= 0x7f)) {
            return false;
        }
    }
    return true;
}

static void check_strings(const struct value *v, struct str *visible) {
    if (v->type == VALUE_STRING) {
        MUST_HOLD(v->as.text[v->len] == '\0');
        MUST_HOLD(utf8_is_valid(v->as.text, v->len));
        for (uint32_t i = 0; i < v->len; i++) {
            if (v->as.text[i] != ' ' && v->as.text[i] != '\n') {
                str_add_char(visible, v->as.text[i]);
            }
        }
        return;
    }
    for (uint32_t i = 0; i < v->len && v->type != VALUE_NULL; i++) {
        check_strings(v->type == VALUE_LIST ? v->as.items[i] : v->as.members[i].value, visible);
    }
}

/* Rows have the keys of the first one. */
static void check_rows(const struct value *list) {
    for (uint32_t i = 0; i < list->len; i++) {
        const struct value *row = list->as.items[i];
        MUST_HOLD(row->type == VALUE_OBJECT && row->len == list->as.items[0]->len);
    }
}

static void check_subsequence(const char *shown, const uint8_t *data, size_t size) {
    size_t at = 0;
    for (const char *c = shown; *c != '\0'; c++, at++) {
        while (at < size && data[at] != (uint8_t)*c) {
            at++;
        }
        MUST_HOLD(at < size);
    }
}

/* Cells that go on in further lines are joined, which changes the order between columns. */
static bool has_continuation(const struct value *v) {
    if (v->type == VALUE_STRING) {
        return memchr(v->as.text, '\n', v->len) != NULL;
    }
    for (uint32_t i = 0; i < v->len && v->type != VALUE_NULL; i++) {
        if (has_continuation(v->type == VALUE_LIST ? v->as.items[i] : v->as.members[i].value)) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(str) struct str message = STR_INIT(0);
    bool has_message = extract_failure_message((const char *)data, size, &message);
    MUST_HOLD(has_message == (message.len > 0));
    MUST_HOLD(utf8_is_valid(str_text(&message), message.len));

    AUTO(arena) struct arena a = ARENA_INIT(64 * MIB);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str visible = STR_INIT(0);
    struct extract_spec spec = {.format = EXTRACT_TABLE};
    const struct value *v = NULL;
    if (!extract_value(&a, (const char *)data, size, &spec, &v, NULL, &err)) {
        MUST_HOLD(err.kind != NULL);
        return 0;
    }
    check_strings(v, &visible);
    if (v->type == VALUE_LIST) {
        check_rows(v);
    }
    if (is_plain(data, size) && !has_continuation(v)) {
        check_subsequence(str_text(&visible), data, size);
    }
    return 0;
}
