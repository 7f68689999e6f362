/*
 * Strict tokens of RFC 8259. Everything cJSON would let pass (leading zeros, control characters,
 * invalid UTF-8, NUL, words glued together) ends here, with the offset where it stands.
 */
#include "json_priv.h"

#include "base/utf8.h"

#include <string.h>

bool json_fail(struct json_scan *s, const char *kind, size_t offset, const char *what) {
    s->fault = (struct json_fault){kind, what, offset};
    return false;
}

static bool invalid(struct json_scan *s, size_t offset, const char *what) {
    return json_fail(s, "invalid-json", offset, what);
}

int json_next(struct json_scan *s) {
    const char *text = s->text;
    size_t at = s->at;
    while (at < s->len &&
           (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r')) {
        at++;
    }
    s->at = at;
    return at < s->len ? (unsigned char)text[at] : -1;
}

/* Length of the run of characters that mean themselves: printable ASCII but '"' and '\'. */
static size_t plain_run(const char *text, size_t len) {
    const uint64_t ones = 0x0101010101010101;
    const uint64_t highs = 0x8080808080808080;
    size_t at = 0;
    while (len - at >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text + at, sizeof word);
        uint64_t quote = word ^ (ones * '"');
        uint64_t backslash = word ^ (ones * '\\');
        uint64_t is_special = (word - ones * 0x20) | (quote - ones) | (backslash - ones) | word;
        if ((is_special & highs) != 0) {
            break; /* one of these eight; a rare false alarm only costs the loop below */
        }
        at += sizeof word;
    }
    while (at < len) {
        unsigned char c = (unsigned char)text[at];
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') {
            break;
        }
        at++;
    }
    return at;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits of "\uXXXX" whose backslash is at `at`, or -1. */
static int read_unit(const struct json_scan *s, size_t at) {
    if (s->len - at < 6 || s->text[at] != '\\' || s->text[at + 1] != 'u') {
        return -1;
    }
    int unit = 0;
    for (size_t i = at + 2; i < at + 6; i++) {
        int digit = hex_value(s->text[i]);
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool scan_unicode_escape(struct json_scan *s, bool *has_nul) {
    int unit = read_unit(s, s->at);
    if (unit < 0) {
        return invalid(s, s->at, "\\u needs four hexadecimal digits");
    }
    if (unit >= 0xDC00 && unit <= 0xDFFF) {
        return invalid(s, s->at, "a low surrogate without a high one before it");
    }
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        int low = read_unit(s, s->at + 6);
        if (low < 0xDC00 || low > 0xDFFF) {
            return invalid(s, s->at, "a high surrogate without a low one after it");
        }
        s->at += 6;
    }
    *has_nul = *has_nul || unit == 0;
    s->at += 6;
    return true;
}

static bool scan_escape(struct json_scan *s, bool *has_nul) {
    char c = s->at + 1 < s->len ? s->text[s->at + 1] : '\0';
    if (c == 'u') {
        return scan_unicode_escape(s, has_nul);
    }
    if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL) {
        return invalid(s, s->at,
                       "unknown escape: expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
    }
    s->at += 2;
    return true;
}

/* One character outside ASCII, or a fault for everything that may not stand in a string. */
static bool scan_special(struct json_scan *s) {
    unsigned char c = (unsigned char)s->text[s->at];
    if (c == '\n') {
        return invalid(s, s->at, "a string must end on its line: expected '\"'");
    }
    if (c < 0x20) {
        return invalid(s, s->at, "a control character must be written as \\u00XX in a string");
    }
    unsigned cp = 0;
    size_t n = utf8_decode(s->text + s->at, s->len - s->at, &cp);
    if (n == 1) {
        return invalid(s, s->at, "invalid UTF-8");
    }
    s->at += n;
    return true;
}

bool json_scan_string(struct json_scan *s, bool *ret_has_nul) {
    size_t start = s->at;
    bool has_nul = false;
    s->at++;
    for (;;) {
        s->at += plain_run(s->text + s->at, s->len - s->at);
        if (s->at == s->len) {
            return invalid(s, start, "the string has no end: expected '\"'");
        }
        char c = s->text[s->at];
        if (c == '"') {
            s->at++;
            *ret_has_nul = has_nul;
            return true;
        }
        if (c == '\\' ? !scan_escape(s, &has_nul) : !scan_special(s)) {
            return false;
        }
    }
}

static bool is_digit_at(const struct json_scan *s, size_t at) {
    return at < s->len && s->text[at] >= '0' && s->text[at] <= '9';
}

static bool skip_digits(struct json_scan *s) {
    size_t start = s->at;
    while (is_digit_at(s, s->at)) {
        s->at++;
    }
    return s->at > start;
}

/* What may follow a number or a word. */
static bool is_delimiter_at(const struct json_scan *s, size_t at) {
    static const bool delimiters[256] = {
        [' '] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true, [','] = true, [':'] = true,
        [']'] = true, ['}'] = true,  ['['] = true,  ['{'] = true,  ['"'] = true,
    };
    return at == s->len || delimiters[(unsigned char)s->text[at]];
}

bool json_scan_number(struct json_scan *s) {
    if (s->text[s->at] == '-') {
        s->at++;
    }
    if (s->at < s->len && s->text[s->at] == '0' && is_digit_at(s, s->at + 1)) {
        return invalid(s, s->at, "a number must not start with 0");
    }
    if (!skip_digits(s)) {
        return invalid(s, s->at, "expected a digit");
    }
    if (s->at < s->len && s->text[s->at] == '.') {
        s->at++;
        if (!skip_digits(s)) {
            return invalid(s, s->at, "expected a digit after the decimal point");
        }
    }
    if (s->at < s->len && (s->text[s->at] == 'e' || s->text[s->at] == 'E')) {
        s->at++;
        if (s->at < s->len && (s->text[s->at] == '+' || s->text[s->at] == '-')) {
            s->at++;
        }
        if (!skip_digits(s)) {
            return invalid(s, s->at, "expected a digit in the exponent");
        }
    }
    return is_delimiter_at(s, s->at) || invalid(s, s->at, "a number must end here");
}

bool json_scan_word(struct json_scan *s) {
    static const struct {
        const char *text;
        size_t len;
    } words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (s->len - s->at >= words[i].len &&
            memcmp(s->text + s->at, words[i].text, words[i].len) == 0 &&
            is_delimiter_at(s, s->at + words[i].len)) {
            s->at += words[i].len;
            return true;
        }
    }
    return invalid(s, s->at, "expected a value");
}
