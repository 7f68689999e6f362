/*
 * The table of readers, and what they share. A new format is a row here and a file x_NAME.c.
 */
#include "extract_priv.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/utf8.h"
#include "extract/failed.h"
#include "maxima.h"
#include "value/value.h"

static bool x_none(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
                   const struct value **ret_value, struct extract_note *note, struct err *err) {
    (void)a, (void)bytes, (void)len, (void)spec, (void)note, (void)err;
    *ret_value = &value_null;
    return true;
}

static const extract_reader_fn readers[] = {
    [EXTRACT_AUTO] = x_auto,   [EXTRACT_JSON] = x_json,   [EXTRACT_YAML] = x_yaml,
    [EXTRACT_TABLE] = x_table, [EXTRACT_CSV] = x_csv,     [EXTRACT_LINES] = x_lines,
    [EXTRACT_TEXT] = x_text,   [EXTRACT_REGEX] = x_regex, [EXTRACT_NONE] = x_none,
};
static_assert(sizeof readers / sizeof readers[0] == EXTRACT_FORMAT_COUNT, "one reader a format");

bool extract_value(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
                   const struct value **ret_value, struct extract_note *ret_note, struct err *err) {
    struct extract_spec named = *spec;
    if (named.name == NULL) {
        named.name = "output";
    }
    struct extract_note note = {0};
    const struct value *value = NULL;
    if (!readers[spec->format](a, len > 0 ? bytes : "", len, &named, &value, &note, err)) {
        return false;
    }
    *ret_value = value;
    if (ret_note != NULL) {
        *ret_note = note;
    }
    return true;
}

bool extract_is_blank(const char *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (strchr(" \t\r\n", bytes[i]) == NULL || bytes[i] == '\0') {
            return false;
        }
    }
    return true;
}

const struct value *extract_string(struct arena *a, const char *bytes, size_t len) {
    if (utf8_is_valid(bytes, len)) {
        const char *text = arena_try_text(a, bytes, len);
        return text != NULL ? value_string_keep(a, text, len) : NULL;
    }
    AUTO(str) struct str repaired = STR_INIT(3 * len + 1);
    for (size_t i = 0; i < len;) {
        size_t valid = utf8_valid_prefix(bytes + i, len - i);
        str_add_bytes(&repaired, bytes + i, valid);
        i += valid;
        if (i < len) {
            str_add(&repaired, "\xEF\xBF\xBD");
            i++;
        }
    }
    const char *text = arena_try_text(a, str_text(&repaired), repaired.len);
    return text != NULL ? value_string_keep(a, text, repaired.len) : NULL;
}

bool extract_fail_too_large(const struct extract_spec *spec, size_t len, struct err *err) {
    return err_set(err, "output-too-large", "%s: %zu bytes are too many to hold in memory",
                   spec->name, len);
}

bool extract_fail_failed(const char *bytes, size_t len, const char *name, struct err *err) {
    AUTO(str) struct str message = STR_INIT(LIMIT_MESSAGE);
    bool has_message = extract_failure_message(bytes, len, &message);
    return err_set(err, "unexpected-output", "%s says FAILED%s%s", name, has_message ? ": " : "",
                   str_text(&message));
}

static bool fail_rows(const char *text, struct err *err) {
    err_set(err, "invalid-rows", "'%s' is not a range of rows", text);
    err_hint(err, "write \"1500:\", \":20\" or \"1:100\": one-based, both ends inclusive");
    return false;
}

/* An empty end is 0: open. */
static bool parse_row_number(const char *text, size_t len, size_t *ret_n) {
    int64_t n = 0;
    if (len > 0 && (!num_parse_i64(text, len, &n) || n < 1)) {
        return false;
    }
    *ret_n = (size_t)n;
    return true;
}

bool extract_parse_rows(const char *text, size_t *ret_first, size_t *ret_last, struct err *err) {
    const char *colon = strchr(text, ':');
    size_t first = 0;
    size_t last = 0;
    if (colon == NULL || !parse_row_number(text, (size_t)(colon - text), &first) ||
        !parse_row_number(colon + 1, strlen(colon + 1), &last)) {
        return fail_rows(text, err);
    }
    if (last != 0 && last < first) {
        return fail_rows(text, err);
    }
    *ret_first = first;
    *ret_last = last;
    return true;
}
