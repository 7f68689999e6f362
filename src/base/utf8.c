/*
 * UTF-8 by the table of RFC 3629: the second byte's range depends on the first, all others
 * are 80..BF.
 */
#include "base/utf8.h"

#include "base/str.h"

#include <stdint.h>
#include <string.h>

enum { REPLACEMENT = 0xFFFD, ESC = 0x1B, BEL = 0x07, CSI_C1 = 0x9B };

/* Length of the valid character at p (1..4), or 0. */
static size_t char_len(const unsigned char *p, size_t len) {
    unsigned char b = p[0];
    if (b < 0x80) {
        return 1;
    }
    size_t n = b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
    if (b < 0xC2 || b > 0xF4 || n > len) {
        return 0;
    }
    unsigned char low = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
    unsigned char high = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return n;
}

/* Skips ASCII eight bytes at a time. */
static size_t ascii_prefix(const char *text, size_t len) {
    size_t at = 0;
    while (len - at >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text + at, sizeof word);
        if ((word & 0x8080808080808080) != 0) {
            break;
        }
        at += sizeof word;
    }
    return at;
}

size_t utf8_valid_prefix(const char *text, size_t len) {
    size_t at = 0;
    while (at < len) {
        at += ascii_prefix(text + at, len - at);
        if (at == len) {
            break;
        }
        size_t n = char_len((const unsigned char *)text + at, len - at);
        if (n == 0) {
            break;
        }
        at += n;
    }
    return at;
}

bool utf8_is_valid(const char *text, size_t len) {
    return utf8_valid_prefix(text, len) == len;
}

size_t utf8_decode(const char *text, size_t len, unsigned *ret_cp) {
    const unsigned char *p = (const unsigned char *)text;
    size_t n = char_len(p, len);
    switch (n) {
    case 0:
        *ret_cp = REPLACEMENT;
        return 1;
    case 1:
        *ret_cp = p[0];
        return 1;
    case 2:
        *ret_cp = (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
        return 2;
    case 3:
        *ret_cp = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
        return 3;
    default:
        *ret_cp =
            (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
        return 4;
    }
}

static bool is_continuation(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

size_t utf8_count(const char *text, size_t len) {
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        n += is_continuation(text[i]) ? 0 : 1;
    }
    return n;
}

size_t utf8_offset(const char *text, size_t len, size_t n) {
    size_t at = 0;
    for (; n > 0 && at < len; n--) {
        at++;
        while (at < len && is_continuation(text[at])) {
            at++;
        }
    }
    return at;
}

/* "ESC [ parameters intermediates final" from behind the introducer; stops before a byte that
 * cannot belong to it. */
static size_t control_sequence_end(const char *text, size_t len, size_t at) {
    while (at < len && text[at] >= 0x20 && text[at] <= 0x3F) {
        at++;
    }
    return at < len && text[at] >= 0x40 && text[at] <= 0x7E ? at + 1 : at;
}

/* OSC, DCS, APC, PM, SOS: to BEL or ESC \; one that never ends takes the line, not the rest of the
 * text. */
static size_t control_string_end(const char *text, size_t len, size_t at) {
    while (at < len && text[at] != '\n') {
        if (text[at] == BEL) {
            return at + 1;
        }
        if (text[at] == ESC) {
            return at + 1 < len && text[at + 1] == '\\' ? at + 2 : at;
        }
        at++;
    }
    return at;
}

/* End of the escape sequence whose ESC is at `at`. */
static size_t escape_end(const char *text, size_t len, size_t at) {
    at++;
    if (at == len) {
        return at;
    }
    if (text[at] == '[') {
        return control_sequence_end(text, len, at + 1);
    }
    if (strchr("]PX^_", text[at]) != NULL && text[at] != '\0') {
        return control_string_end(text, len, at + 1);
    }
    while (at < len && text[at] >= 0x20 && text[at] <= 0x2F) {
        at++; /* intermediates of short sequences such as ESC ( B */
    }
    return at < len && text[at] >= 0x30 && text[at] <= 0x7E ? at + 1 : at;
}

static bool is_harmful(unsigned cp) {
    bool is_c0 = cp < 0x20 && cp != '\n' && cp != '\t';
    bool is_c1 = cp >= 0x7F && cp <= 0x9F;
    bool is_bidi = (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069);
    return is_c0 || is_c1 || is_bidi || cp == 0xFFFE || cp == 0xFFFF; /* the last two: not XML */
}

void utf8_add_safe(struct str *out, const char *text, size_t len) {
    size_t run_start = 0;
    for (size_t at = 0; at < len;) {
        unsigned cp = 0;
        size_t n = utf8_decode(text + at, len - at, &cp);
        bool is_invalid = cp == REPLACEMENT && n == 1;
        if (!is_invalid && !is_harmful(cp)) {
            at += n;
            continue;
        }
        str_add_bytes(out, text + run_start, at - run_start);
        if (cp == ESC) {
            at = escape_end(text, len, at);
        } else if (cp == '\r' && at + 1 < len && text[at + 1] == '\n') {
            at++;
        } else if (cp == CSI_C1) {
            at = control_sequence_end(text, len, at + n);
        } else {
            str_add_utf8(out, REPLACEMENT);
            at += n;
        }
        run_start = at;
    }
    str_add_bytes(out, text + run_start, len - run_start);
}
