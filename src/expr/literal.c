/* Decodes quoted names, raw strings and JSON literals. */
#include "literal_priv.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "value/json.h"
#include "value/value.h"

#include <string.h>

static const struct value *parse_json(struct arena *a, const char *text, size_t len) {
    const struct value *v = NULL;
    AUTO(err)
    struct err ignored = ERR_INIT; /* its columns count from the literal, not from the expression */
    struct json_options options = {.duplicates = JSON_DUP_LAST};
    return json_parse(a, text, len, &options, &v, NULL, &ignored) ? v : NULL;
}

static bool has_control_character(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20) {
            return true;
        }
    }
    return false;
}

bool literal_quoted(struct arena *a, const char *text, size_t len, bool has_escape,
                    const char **ret_name, size_t *ret_len) {
    if (!has_escape) {
        if (has_control_character(text, len)) {
            return false;
        }
        *ret_name = arena_strndup(a, text + 1, len - 2);
        *ret_len = len - 2;
        return true;
    }
    const struct value *v = parse_json(a, text, len);
    if (!v) {
        return false;
    }
    *ret_name = v->as.text;
    *ret_len = v->len;
    return true;
}

/* Copies without the delimiters; a backslash before a byte of `escapable` is dropped. One pass from
 * left to right. */
static char *unescape(struct arena *a, const char *text, size_t len, const char *escapable,
                      size_t *ret_len) {
    char *out = arena_alloc(a, len);
    size_t n = 0;
    for (size_t i = 1; i + 1 < len; i++) {
        if (text[i] == '\\' && i + 2 < len) {
            if (strchr(escapable, text[i + 1]) == NULL || text[i + 1] == '\0') {
                out[n++] = text[i];
            }
            i++;
        }
        out[n++] = text[i];
    }
    out[n] = '\0';
    *ret_len = n;
    return out;
}

const struct value *literal_raw(struct arena *a, const char *text, size_t len, bool has_escape) {
    if (!has_escape) {
        return value_string(a, text + 1, len - 2);
    }
    size_t n = 0;
    char *raw = unescape(a, text, len, "'\\", &n);
    return value_string_keep(a, raw, n);
}

const struct value *literal_json(struct arena *a, const char *text, size_t len, bool has_escape) {
    size_t n = len - 2;
    const char *json = text + 1;
    if (has_escape) {
        json = unescape(a, text, len, "`", &n);
    }
    if (num_is_json(json, n)) {
        return value_number_text(a, json, n);
    }
    return parse_json(a, json, n);
}

const struct value *literal_number(struct arena *a, const char *text, size_t len) {
    return value_number_text(a, text, len);
}
