/*
 * Where JSON documents end in text that arrives in pieces. Looks at strings and brackets only:
 * whether what stands between is JSON is json_parse()'s question.
 */
#include "value/json.h"

#include <string.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Moves behind the string that the splitter is in; false when its end is not there yet. */
static bool skip_string(struct json_splitter *s, const char *text, size_t len, size_t *at) {
    while (*at < len) {
        char c = text[(*at)++];
        if (s->is_escaped) {
            s->is_escaped = false;
        } else if (c == '\\') {
            s->is_escaped = true;
        } else if (c == '"') {
            s->is_string = false;
            return true;
        }
    }
    return false;
}

/* Takes one character outside strings; true when the document ends with it. */
static bool take(struct json_splitter *s, char c) {
    if (c == '"') {
        s->is_string = true;
    } else if (c == '{' || c == '[') {
        s->depth++;
    } else if (c == '}' || c == ']') {
        s->depth -= s->depth > 0;
        return s->depth == 0;
    } else {
        s->is_bare = s->depth == 0;
    }
    return false;
}

static bool end_document(struct json_splitter *s) {
    *s = (struct json_splitter){0};
    return true;
}

bool json_split(struct json_splitter *s, const char *text, size_t len, size_t *at) {
    while (*at < len) {
        if (s->is_string) {
            if (skip_string(s, text, len, at) && s->depth == 0) {
                return end_document(s);
            }
            continue;
        }
        char c = text[*at];
        bool ends_bare = s->is_bare && (is_blank(c) || strchr("{[\"", c) != NULL);
        if (ends_bare) {
            return end_document(s); /* a number or a word ends before this character */
        }
        (*at)++;
        if (!is_blank(c) && take(s, c)) {
            return end_document(s);
        }
    }
    return false;
}
