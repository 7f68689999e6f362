/*
 * Text as it is: one string, or one string a line.
 */
#include "extract_priv.h"

#include <string.h>

#include "value/value.h"

/* Length without one line end. */
static size_t chomp(const char *bytes, size_t len) {
    if (len > 0 && bytes[len - 1] == '\n') {
        len--;
        if (len > 0 && bytes[len - 1] == '\r') {
            len--;
        }
    }
    return len;
}

bool x_text(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
            const struct value **ret_value, struct extract_note *note, struct err *err) {
    (void)note;
    const struct value *text = extract_string(a, bytes, chomp(bytes, len));
    if (text == NULL) {
        return extract_fail_too_large(spec, len, err);
    }
    *ret_value = text;
    return true;
}

bool x_lines(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
             const struct value **ret_value, struct extract_note *note, struct err *err) {
    (void)note;
    struct list_builder lines;
    list_begin(&lines, a);
    for (size_t at = 0; at < len;) {
        const char *newline = memchr(bytes + at, '\n', len - at);
        size_t line_len = newline != NULL ? (size_t)(newline - (bytes + at)) + 1 : len - at;
        const struct value *line = extract_string(a, bytes + at, chomp(bytes + at, line_len));
        if (line == NULL) {
            return extract_fail_too_large(spec, len, err);
        }
        list_add(&lines, line);
        at += line_len;
    }
    *ret_value = list_end(&lines);
    return true;
}
