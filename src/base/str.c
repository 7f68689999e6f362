/*
 * The only place that grows text. What does not fit under the maximum is dropped and marked, never
 * an overrun.
 */
#include "base/str.h"

#include "base/mem.h"
#include "maxima.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { CAP_MIN = 32 };

static size_t max_len(const struct str *s) {
    return s->max == 0 ? LIMIT_STR_DEFAULT : s->max;
}

size_t str_room(const struct str *s) {
    return max_len(s) - s->len;
}

void str_release(struct str *s) {
    if (s != NULL) {
        mem_free(s->data);
        *s = (struct str)STR_INIT(s->max);
    }
}

void str_reset(struct str *s) {
    s->len = 0;
    s->is_over = false;
    if (s->data != NULL) {
        s->data[0] = '\0';
    }
}

/* Makes room for `needed` bytes and the NUL; `needed` is within the maximum. */
static void grow(struct str *s, size_t needed) {
    if (needed < s->cap) {
        return;
    }
    size_t cap = s->cap < CAP_MIN ? CAP_MIN : s->cap;
    while (cap <= needed) {
        cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
    }
    size_t most = max_len(s) + 1;
    cap = cap > most ? most : cap;
    s->data = mem_realloc(s->data, cap, 1);
    s->cap = cap;
    s->data[s->len] = '\0';
}

bool str_reserve(struct str *s, size_t extra) {
    if (extra > str_room(s)) {
        return false;
    }
    grow(s, s->len + extra);
    return true;
}

/* How many of `len` more bytes fit; marks the buffer when not all do. */
static size_t make_room(struct str *s, size_t len) {
    size_t left = str_room(s);
    if (len > left) {
        s->is_over = true;
        len = left;
    }
    grow(s, s->len + len);
    return len;
}

void str_add_bytes(struct str *s, const void *bytes, size_t len) {
    size_t n = make_room(s, len);
    if (n > 0) {
        memcpy(s->data + s->len, bytes, n);
    }
    s->len += n;
    s->data[s->len] = '\0';
}

void str_add(struct str *s, const char *text) {
    str_add_bytes(s, text, strlen(text));
}

void str_add_char(struct str *s, char c) {
    str_add_bytes(s, &c, 1);
}

void str_add_repeat(struct str *s, char c, size_t n) {
    n = make_room(s, n);
    memset(s->data + s->len, c, n);
    s->len += n;
    s->data[s->len] = '\0';
}

void str_vaddf(struct str *s, const char *fmt, va_list ap) {
    char small[256];
    va_list again;
    va_copy(again, ap);
    int len = vsnprintf(small, sizeof small, fmt, ap);
    if (len < 0) {
        bug("format '%s' cannot be printed", fmt);
    }
    if ((size_t)len < sizeof small) {
        str_add_bytes(s, small, (size_t)len);
    } else {
        char *text = mem_alloc((size_t)len + 1);
        (void)vsnprintf(text, (size_t)len + 1, fmt, again); /* the length is known to fit */
        str_add_bytes(s, text, (size_t)len);
        mem_free(text);
    }
    va_end(again);
}

void str_addf(struct str *s, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(s, fmt, ap);
    va_end(ap);
}

void str_add_utf8(struct str *s, unsigned cp) {
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
        cp = 0xFFFD;
    }
    unsigned char b[4];
    size_t n = 0;
    if (cp < 0x80) {
        b[n++] = (unsigned char)cp;
    } else if (cp < 0x800) {
        b[n++] = (unsigned char)(0xC0 | (cp >> 6));
    } else if (cp < 0x10000) {
        b[n++] = (unsigned char)(0xE0 | (cp >> 12));
        b[n++] = (unsigned char)(0x80 | ((cp >> 6) & 0x3F));
    } else {
        b[n++] = (unsigned char)(0xF0 | (cp >> 18));
        b[n++] = (unsigned char)(0x80 | ((cp >> 12) & 0x3F));
        b[n++] = (unsigned char)(0x80 | ((cp >> 6) & 0x3F));
    }
    if (cp >= 0x80) {
        b[n++] = (unsigned char)(0x80 | (cp & 0x3F));
    }
    if (n > str_room(s)) {
        s->is_over = true; /* half a character would make the text invalid */
        return;
    }
    str_add_bytes(s, b, n);
}

const char *str_text(const struct str *s) {
    return s->data == NULL ? "" : s->data;
}

char *str_take(struct str *s) {
    char *text = s->data == NULL ? mem_strdup("") : s->data;
    *s = (struct str)STR_INIT(s->max);
    return text;
}

void str_cut(struct str *s, size_t len) {
    if (len < s->len) {
        s->len = len;
        s->data[len] = '\0';
    }
}

const char *str_find_last(const char *text, size_t len, char c) {
    while (len > 0) {
        len--;
        if (text[len] == c) {
            return text + len;
        }
    }
    return NULL;
}

bool str_starts(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *text, const char *suffix) {
    size_t text_len = strlen(text);
    size_t suffix_len = strlen(suffix);
    return suffix_len <= text_len && memcmp(text + text_len - suffix_len, suffix, suffix_len) == 0;
}
