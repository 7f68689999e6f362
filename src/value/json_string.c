/*
 * JSON strings: what a token stands for, and the token for a text.
 */
#include "json_priv.h"

#include "value/json.h"

#include <string.h>

static unsigned read_hex4(const char *digits) {
    unsigned value = 0;
    for (size_t i = 0; i < 4; i++) {
        unsigned c = (unsigned char)digits[i];
        value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

/* Appends the meaning of the escape at `at` and returns its length. */
static size_t decode_escape(struct str *out, const char *at) {
    if (at[1] != 'u') {
        static const char named[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
        const char *name = named;
        while (name[0] != at[1]) {
            name += 2; /* the scan saw that it is one of them */
        }
        str_add_char(out, name[1]);
        return 2;
    }
    unsigned unit = read_hex4(at + 2);
    if (unit < 0xD800 || unit > 0xDBFF) {
        str_add_utf8(out, unit);
        return 6;
    }
    unsigned low = read_hex4(at + 8);
    str_add_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
    return 12;
}

void json_decode_string(struct str *out, const char *token, size_t len) {
    const char *at = token + 1;
    const char *end = token + len - 1;
    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        const char *plain_end = backslash == NULL ? end : backslash;
        str_add_bytes(out, at, (size_t)(plain_end - at));
        at = plain_end;
        if (backslash != NULL) {
            at += decode_escape(out, at);
        }
    }
}

static void add_escape(struct str *out, unsigned char c) {
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *name = named; *name != '\0'; name += 2) {
        if ((unsigned char)name[0] == c) {
            str_add_char(out, '\\');
            str_add_char(out, name[1]);
            return;
        }
    }
    str_addf(out, "\\u%04x", c);
}

void json_print_string(struct str *out, const char *text, size_t len) {
    str_add_char(out, '"');
    size_t plain_start = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == '"' || c == '\\') {
            str_add_bytes(out, text + plain_start, i - plain_start);
            add_escape(out, c);
            plain_start = i + 1;
        }
    }
    str_add_bytes(out, text + plain_start, len - plain_start);
    str_add_char(out, '"');
}
