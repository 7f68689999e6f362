/*
 * JSON, with the lines that cpdctl and its plugins may print around it.
 */
#include "extract_priv.h"

#include <string.h>

#include "base/err.h"
#include "value/json.h"

/* `FAILED`, or `...` and a header: the command did not answer in JSON at all. */
static bool looks_like_table(const char *bytes, size_t len) {
    const char *line = bytes;
    if (len >= 4 && memcmp(line, "...", 3) == 0) {
        const char *newline = memchr(line, '\n', len);
        line = newline != NULL ? newline + 1 : bytes + len;
    }
    size_t left = (size_t)(bytes + len - line);
    const char *newline = memchr(line, '\n', left);
    return memmem(line, newline != NULL ? (size_t)(newline - line) : left, "   ", 3) != NULL;
}

static bool looks_like_page(const char *bytes, size_t len) {
    while (len > 0 && strchr(" \t\r\n", bytes[0]) != NULL && bytes[0] != '\0') {
        bytes++;
        len--;
    }
    return (len >= 5 && strncasecmp(bytes, "<html", 5) == 0) ||
           (len >= 9 && strncasecmp(bytes, "<!doctype", 9) == 0);
}

bool x_json(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
            const struct value **ret_value, struct extract_note *note, struct err *err) {
    if (extract_is_blank(bytes, len)) {
        return err_set(err, "empty-output", "%s is empty: expected JSON", spec->name);
    }
    struct json_options options = {
        .name = spec->name, .duplicates = JSON_DUP_ERROR, .allow_noise = true};
    struct json_noise noise = {0};
    if (!json_parse(a, bytes, len, &options, ret_value, &noise, err)) {
        if (err->hint == NULL && looks_like_table(bytes, len)) {
            err_hint(err, "this looks like a table: use output: table, or call the command with "
                          "--output json");
        } else if (err->hint == NULL && looks_like_page(bytes, len)) {
            err_hint(err, "this is a web page, such as a sign-in or the error of a proxy: is the "
                          "address right?");
        }
        return false;
    }
    note->noise_before = noise.before_len;
    note->noise_after = noise.after_len;
    return true;
}
