/*
 * Expressions that YAML took apart. JMESPath shares `:`, `#`, `!`, `&`, `*`, quotes and brackets
 * with YAML, and libyaml's words for the collision ("mapping values are not allowed in this
 * context") help nobody; the hint shows the line that would work.
 */
#include "yaml_priv.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

#include <string.h>

/* A line taken apart: "  - name: rest". */
struct line_parts {
    const char *prefix; /* indentation, dashes, key and colon, with the blank behind it */
    size_t prefix_len;
    const char *rest;
    size_t rest_len;
};

static size_t skip_blanks(const char *text, size_t len, size_t at) {
    while (at < len && text[at] == ' ') {
        at++;
    }
    return at;
}

/* End of a plain key such as "max_retries" with its colon and the blanks behind it, or `at`. */
static size_t skip_key(const char *text, size_t len, size_t at) {
    size_t end = at;
    while (end < len && (strchr("_-.", text[end]) != NULL || (text[end] | 0x20) >= 'a' ||
                         (text[end] >= '0' && text[end] <= '9'))) {
        end++;
    }
    bool is_key = end > at && end + 1 < len && text[end] == ':' && text[end + 1] == ' ';
    return is_key ? skip_blanks(text, len, end + 1) : at;
}

static bool split_line(const char *line, size_t len, struct line_parts *ret_parts) {
    while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t')) {
        len--;
    }
    size_t at = skip_blanks(line, len, 0);
    while (at + 1 < len && line[at] == '-' && line[at + 1] == ' ') {
        at = skip_blanks(line, len, at + 1);
    }
    at = skip_key(line, len, at);
    *ret_parts = (struct line_parts){line, at, line + at, len - at};
    return at > 0 && at < len;
}

static void add_quoted(struct str *out, const char *text, size_t len) {
    bool has_single = memchr(text, '\'', len) != NULL;
    bool suits_double = memchr(text, '"', len) == NULL && memchr(text, '\\', len) == NULL;
    char quote = has_single && suits_double ? '"' : '\'';
    str_add_char(out, quote);
    for (size_t i = 0; i < len; i++) {
        str_add_char(out, text[i]);
        if (text[i] == '\'' && quote == '\'') {
            str_add_char(out, '\''); /* '' stands for one ' */
        }
    }
    str_add_char(out, quote);
}

/* Offset behind the "}}" that ends the template at `at`, or len. */
static size_t template_end(const char *text, size_t len, size_t at) {
    for (; at + 1 < len; at++) {
        if (text[at] == '}' && text[at + 1] == '}') {
            return at + 2;
        }
    }
    return len;
}

static bool starts_template(const char *text, size_t len, size_t at) {
    return len - at >= 3 && memcmp(text + at, "${{", 3) == 0;
}

/* "[${{ a }}, b]" with each template in quotes. */
static void add_flow_fixed(struct str *out, const char *text, size_t len) {
    for (size_t at = 0; at < len;) {
        if (starts_template(text, len, at)) {
            size_t end = template_end(text, len, at);
            add_quoted(out, text + at, end - at);
            at = end;
        } else {
            str_add_char(out, text[at++]);
        }
    }
}

/* "{{ a.b }}" is two nested mappings; the template is spelled "${{ a.b }}". */
static bool add_jinja_fixed(struct str *out, const char *text, size_t len) {
    if (len < 4 || memcmp(text, "{{", 2) != 0 || memcmp(text + len - 2, "}}", 2) != 0) {
        return false;
    }
    str_add_char(out, '$');
    str_add_bytes(out, text, len);
    return true;
}

static bool has_template(const char *text, size_t len) {
    for (size_t at = 0; at < len; at++) {
        if (starts_template(text, len, at)) {
            return true;
        }
    }
    return false;
}

static void add_fixed_rest(struct str *out, const struct line_parts *parts) {
    bool is_flow = parts->rest[0] == '[' || parts->rest[0] == '{';
    if (add_jinja_fixed(out, parts->rest, parts->rest_len)) {
        return;
    }
    if (is_flow && has_template(parts->rest, parts->rest_len)) {
        add_flow_fixed(out, parts->rest, parts->rest_len);
    } else {
        add_quoted(out, parts->rest, parts->rest_len);
    }
}

void yaml_hint_line(struct yaml_reader *r) {
    enum { MAX_HINT_LINE = 500 };
    size_t len = 0;
    struct line_parts parts;
    if (!r->options->explain_templates || r->err->place.line == 0) {
        return;
    }
    const char *line = yaml_source_line(r, r->err->place.line, &len);
    if (line == NULL || len > MAX_HINT_LINE) {
        return;
    }
    size_t at = utf8_offset(line, len, r->err->place.col - 1);
    if (at < len && line[at] == '\t') {
        err_hint(r->err, "indent with blanks: YAML does not take tabs there");
        return;
    }
    if (!split_line(line, len, &parts)) {
        return;
    }
    AUTO(str) struct str fixed = STR_INIT(0);
    size_t indent = skip_blanks(parts.prefix, parts.prefix_len, 0);
    str_add_bytes(&fixed, parts.prefix + indent, parts.prefix_len - indent);
    add_fixed_rest(&fixed, &parts);
    err_hint(r->err, "YAML reads this line differently; for an expression write: %s",
             str_text(&fixed));
}

/* The scalar begins a template and does not end it. */
static bool is_cut_template(const char *text, size_t len) {
    size_t open = 0;
    bool is_open = false;
    for (size_t at = 0; at < len; at++) {
        if (starts_template(text, len, at)) {
            is_open = true;
            open = at;
        }
    }
    return is_open && template_end(text, len, open) == len &&
           (len < 2 || memcmp(text + len - 2, "}}", 2) != 0);
}

bool yaml_check_comment(struct yaml_reader *r, const yaml_event_t *event) {
    const char *text = (const char *)event->data.scalar.value;
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ||
        !is_cut_template(text, event->data.scalar.length)) {
        return true;
    }
    size_t len = 0;
    const char *line = yaml_source_line(r, (unsigned)event->end_mark.line + 1, &len);
    const char *comment = line == NULL ? NULL : memchr(line, '#', len);
    if (comment == NULL) {
        return true; /* some other damage: the template parser has the words for it */
    }
    yaml_fail_mark(r, event->start_mark, "invalid-yaml",
                   "YAML took ' %.*s' as a comment, so '${{' has no end",
                   (int)(line + len - comment), comment);
    yaml_hint_line(r);
    return false;
}
