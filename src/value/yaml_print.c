/*
 * Values as YAML in block style. A string is left without quotes only when every core-schema
 * reader, and readers of YAML 1.1 such as Go's and Python's, take it for the same string.
 */
#include "yaml_priv.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "value/json.h"
#include "value/value.h"

#include <string.h>

/* Words that YAML 1.1 reads as booleans, nulls or floats, and the merge key. */
static const char *const misread_words[] = {
    "y",    "n", "yes",  "no",    "on",    "off",  "true", "false",
    "null", "~", ".inf", "-.inf", "+.inf", ".nan", "<<",   "=",
};

static bool equals_ignoring_case(const char *text, size_t len, const char *word) {
    if (strlen(word) != len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
        if (c != word[i]) {
            return false;
        }
    }
    return true;
}

static bool is_misread_word(const char *text, size_t len) {
    for (size_t i = 0; i < sizeof misread_words / sizeof misread_words[0]; i++) {
        if (equals_ignoring_case(text, len, misread_words[i])) {
            return true;
        }
    }
    return false;
}

/* The start of a number, date, time or sexagesimal. */
static bool looks_numeric(const char *text, size_t len) {
    size_t at = text[0] == '-' || text[0] == '+' ? 1 : 0;
    return at < len && ((text[at] >= '0' && text[at] <= '9') || text[at] == '.');
}

static bool is_safe_char(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
           strchr("_-./+@%^()=,;$<>~", c) != NULL;
}

static bool can_be_plain(const char *text, size_t len) {
    if (len == 0 || is_misread_word(text, len) || looks_numeric(text, len)) {
        return false;
    }
    bool starts_plainly = (text[0] >= 'a' && text[0] <= 'z') ||
                          (text[0] >= 'A' && text[0] <= 'Z') || text[0] == '_' || text[0] == '/';
    if (!starts_plainly || text[len - 1] == ' ') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_colon_inside = c == ':' && i + 1 < len && text[i + 1] != ' ';
        if (c == '\0' || (!is_safe_char(c) && !is_colon_inside)) {
            return false;
        }
    }
    return true;
}

/* Characters that YAML does not allow to stand for themselves. */
static bool must_escape(unsigned cp) {
    return (cp >= 0x7F && cp <= 0x9F) || cp == 0x2028 || cp == 0x2029 || cp == 0xFEFF ||
           cp == 0xFFFE || cp == 0xFFFF;
}

/* A double-quoted scalar: JSON's escapes are YAML's too, and a few characters more need one. */
static void print_quoted(struct str *out, const char *text, size_t len) {
    AUTO(str) struct str json = STR_INIT(0);
    json_print_string(&json, text, len);
    size_t plain_start = 0;
    for (size_t at = 0; at < json.len;) {
        unsigned cp = 0;
        size_t n = utf8_decode(json.data + at, json.len - at, &cp);
        if (must_escape(cp)) {
            str_add_bytes(out, json.data + plain_start, at - plain_start);
            str_addf(out, "\\u%04X", cp);
            plain_start = at + n;
        }
        at += n;
    }
    str_add_bytes(out, json.data + plain_start, json.len - plain_start);
}

static void print_string(struct str *out, const char *text, size_t len) {
    if (can_be_plain(text, len)) {
        str_add_bytes(out, text, len);
    } else {
        print_quoted(out, text, len);
    }
}

/* A text of several lines that a literal block holds as it is: nothing to escape, indentation that readers can detect. */
static bool can_be_literal(const char *text, size_t len) {
    const char *first_end = memchr(text, '\n', len);
    if (first_end == NULL || text[0] == ' ' || text[0] == '\n' ||
        (len > 1 && memcmp(text + len - 2, "\n\n", 2) == 0)) {
        return false;
    }
    for (size_t at = 0; at < len;) {
        unsigned cp = 0;
        size_t n = utf8_decode(text + at, len - at, &cp);
        bool is_invalid = cp == 0xFFFD && n == 1;
        if (is_invalid || (cp < ' ' && cp != '\n') || must_escape(cp)) {
            return false;
        }
        at += n;
    }
    return true;
}

static void print_literal(struct str *out, const char *text, size_t len, size_t depth) {
    str_add(out, text[len - 1] == '\n' ? "|" : "|-");
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end == NULL ? len - at : (size_t)(end - text) - at;
        str_add_char(out, '\n');
        if (n > 0) {
            str_add_repeat(out, ' ', 2 * depth);
            str_add_bytes(out, text + at, n);
        }
        at += n + 1;
    }
}

static void print_list(struct str *out, const struct value *v, size_t depth);
static void print_object(struct str *out, const struct value *v, size_t depth);

static bool is_block(const struct value *v) {
    return (v->type == VALUE_LIST || v->type == VALUE_OBJECT) && v->len > 0;
}

/* What begins on the line of its key or dash; `depth` is that of further lines. */
static void print_inline(struct str *out, const struct value *v, size_t depth) {
    if (v->type == VALUE_STRING && can_be_literal(v->as.text, v->len)) {
        print_literal(out, v->as.text, v->len, depth);
    } else if (v->type == VALUE_STRING) {
        print_string(out, v->as.text, v->len);
    } else {
        json_print(out, v, JSON_COMPACT); /* null, booleans, numbers, [] and {} are the same */
    }
}

static void print_block(struct str *out, const struct value *v, size_t depth) {
    if (v->type == VALUE_LIST) {
        print_list(out, v, depth);
    } else {
        print_object(out, v, depth);
    }
}

/* The first line continues the current one (behind "- "), the others are indented. */
static void print_list(struct str *out, const struct value *v, size_t depth) {
    for (uint32_t i = 0; i < v->len; i++) {
        if (i > 0) {
            str_add_repeat(out, ' ', 2 * depth);
        }
        str_add(out, "- ");
        if (is_block(v->as.items[i])) {
            print_block(out, v->as.items[i], depth + 1);
        } else {
            print_inline(out, v->as.items[i], depth + 1);
            str_add_char(out, '\n');
        }
    }
}

/* "key:", or "? key" and ":" on the next line when readers would not look so far ahead. */
static void print_key(struct str *out, const struct value_member *m, size_t depth) {
    enum { MAX_SIMPLE_KEY = 1000 }; /* YAML says 1024 characters */
    AUTO(str) struct str key = STR_INIT(0);
    print_string(&key, m->key, m->key_len);
    bool is_long = key.len > MAX_SIMPLE_KEY;
    str_add(out, is_long ? "? " : "");
    str_add_bytes(out, str_text(&key), key.len);
    if (is_long) {
        str_add_char(out, '\n');
        str_add_repeat(out, ' ', 2 * depth);
    }
    str_add_char(out, ':');
}

static void print_object(struct str *out, const struct value *v, size_t depth) {
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value_member *m = &v->as.members[i];
        if (i > 0) {
            str_add_repeat(out, ' ', 2 * depth);
        }
        print_key(out, m, depth);
        if (is_block(m->value)) {
            str_add_char(out, '\n');
            str_add_repeat(out, ' ', 2 * (depth + 1));
            print_block(out, m->value, depth + 1);
        } else {
            str_add_char(out, ' ');
            print_inline(out, m->value, depth + 1);
            str_add_char(out, '\n');
        }
    }
}

void yaml_print(struct str *out, const struct value *v) {
    if (is_block(v)) {
        print_block(out, v, 0);
    } else {
        print_inline(out, v, 1);
        str_add_char(out, '\n');
    }
}
