/* Functions that search, split and compare strings. Positions count code points. */
#include "functions_priv.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "eval_priv.h"
#include "text_priv.h"
#include "maxima.h"
#include "value/value.h"

#include <string.h>

size_t text_find(const char *text, size_t len, const char *part, size_t part_len) {
    if (part_len == 0) {
        return 0;
    }
    const char *found = memmem(text, len, part, part_len);
    return found ? (size_t)(found - text) : TEXT_NOT_FOUND;
}

const struct value *fn_starts_with(struct call *c) {
    const struct value *text = c->args[0].value;
    const struct value *prefix = c->args[1].value;
    return value_bool(prefix->len <= text->len &&
                      memcmp(text->as.text, prefix->as.text, prefix->len) == 0);
}

const struct value *fn_ends_with(struct call *c) {
    const struct value *text = c->args[0].value;
    const struct value *suffix = c->args[1].value;
    return value_bool(suffix->len <= text->len && memcmp(text->as.text + text->len - suffix->len,
                                                         suffix->as.text, suffix->len) == 0);
}

/* An optional argument that must be an integer; numbers past 64 bits are clamped. */
static bool integer_arg(struct call *c, size_t arg, int64_t otherwise, int64_t *ret_n) {
    *ret_n = otherwise;
    if (arg >= c->n_args) {
        return true;
    }
    const struct value *v = c->args[arg].value;
    if (value_as_i64(v, ret_n)) {
        return true;
    }
    if (v->aux.number >= 9223372036854775808.0 || v->aux.number <= -9223372036854775808.0) {
        *ret_n = v->aux.number > 0 ? INT64_MAX : INT64_MIN;
        return true;
    }
    call_fail(c, arg, "invalid-value", "argument %zu must be an integer, found %s", arg + 1,
              v->as.text);
    return false;
}

/* The same for counts and widths. */
static bool count_arg(struct call *c, size_t arg, int64_t otherwise, int64_t *ret_n) {
    if (!integer_arg(c, arg, otherwise, ret_n)) {
        return false;
    }
    if (*ret_n < 0) {
        call_fail(c, arg, "invalid-value", "argument %zu must not be negative, found %s", arg + 1,
                  c->args[arg].value->as.text);
        return false;
    }
    return true;
}

/* From the end backwards; false past the limit of steps, for many near matches cost a comparison
 * each. */
static bool find_last(struct call *c, const char *text, size_t len, const struct value *part,
                      size_t *ret_at) {
    *ret_at = TEXT_NOT_FOUND;
    size_t cost = 0;
    for (size_t at = len >= part->len ? len - part->len + 1 : 0; at > 0; at--) {
        const char *begin = text + at - 1;
        if (begin[0] != part->as.text[0]) {
            continue;
        }
        if (memcmp(begin, part->as.text, part->len) == 0) {
            *ret_at = at - 1;
            break;
        }
        cost += 1 + part->len / 64;
        if (cost > LIMIT_EXPR_STEPS) {
            break;
        }
    }
    return eval_charge(c->ev, c->node, cost);
}

/* Both functions search the characters from start to before end. */
static const struct value *find(struct call *c, bool is_last) {
    const struct value *text = c->args[0].value;
    const struct value *part = c->args[1].value;
    int64_t start = 0;
    int64_t end = 0;
    if (!integer_arg(c, 2, 0, &start) || !integer_arg(c, 3, INT64_MAX, &end)) {
        return NULL;
    }
    if (!eval_charge(c->ev, c->node, text->len / 16 + 1)) {
        return NULL;
    }
    size_t from = start <= 0 ? 0 : utf8_offset(text->as.text, text->len, (size_t)start);
    size_t to = end < 0 ? 0 : utf8_offset(text->as.text, text->len, (size_t)end);
    if (part->len == 0 || to <= from) {
        return &value_null;
    }
    const char *begin = text->as.text + from;
    size_t found = 0;
    if (!is_last) {
        found = text_find(begin, to - from, part->as.text, part->len);
    } else if (!find_last(c, begin, to - from, part, &found)) {
        return NULL;
    }
    if (found == TEXT_NOT_FOUND) {
        return &value_null;
    }
    return value_int(c->ev->arena, (int64_t)utf8_count(text->as.text, from + found));
}

const struct value *fn_find_first(struct call *c) {
    return find(c, false);
}

const struct value *fn_find_last(struct call *c) {
    return find(c, true);
}

/* ---- split and replace ----------------------------------------------------------------------- */

/* Length of the piece up to the next separator; the characters themselves when it is empty. */
static size_t next_piece(const char *text, size_t len, const struct value *separator) {
    if (separator->len == 0) {
        unsigned cp = 0;
        return utf8_decode(text, len, &cp);
    }
    size_t found = text_find(text, len, separator->as.text, separator->len);
    return found == TEXT_NOT_FOUND ? len : found;
}

const struct value *fn_split(struct call *c) {
    const struct value *text = c->args[0].value;
    const struct value *separator = c->args[1].value;
    int64_t count = 0;
    if (!count_arg(c, 2, INT64_MAX, &count) || !eval_charge(c->ev, c->node, text->len)) {
        return NULL;
    }
    struct list_builder out;
    list_begin(&out, c->ev->arena);
    const char *rest = text->as.text;
    size_t left = text->len;
    for (int64_t i = 0; i < count && left > 0; i++) {
        size_t piece = next_piece(rest, left, separator);
        if (piece == left) {
            break;
        }
        if (!eval_room(c->ev, c->node, piece + 128)) {
            return NULL;
        }
        list_add(&out, value_string(c->ev->arena, rest, piece));
        rest += piece + separator->len;
        left -= piece + separator->len;
    }
    if (left > 0 || separator->len > 0) {
        list_add(&out, value_string(c->ev->arena, rest, left));
    }
    return list_end(&out);
}

static size_t count_parts(const struct value *text, const struct value *part, size_t most) {
    size_t n = 0;
    for (size_t at = 0; n < most; n++) {
        size_t found = text_find(text->as.text + at, text->len - at, part->as.text, part->len);
        if (found == TEXT_NOT_FOUND) {
            break;
        }
        at += found + part->len;
    }
    return n;
}

const struct value *fn_replace(struct call *c) {
    const struct value *text = c->args[0].value;
    const struct value *old = c->args[1].value;
    const struct value *new = c->args[2].value;
    int64_t count = 0;
    if (!count_arg(c, 3, INT64_MAX, &count) || !eval_charge(c->ev, c->node, text->len)) {
        return NULL;
    }
    size_t n = old->len == 0 ? 0 : count_parts(text, old, (size_t)count);
    if (n == 0) {
        return text;
    }
    /* Both factors have 32 bits: no overflow. */
    size_t len = text->len - n * old->len + n * new->len;
    if (!eval_room(c->ev, c->node, len)) {
        return NULL;
    }
    char *out = arena_alloc(c->ev->arena, len + 1);
    char *to = out;
    const char *from = text->as.text;
    size_t left = text->len;
    for (size_t i = 0; i < n; i++) {
        size_t piece = text_find(from, left, old->as.text, old->len);
        memcpy(to, from, piece);
        memcpy(to + piece, new->as.text, new->len);
        to += piece + new->len;
        from += piece + old->len;
        left -= piece + old->len;
    }
    memcpy(to, from, left);
    out[len] = '\0';
    return value_string_keep(c->ev->arena, out, len);
}

/* ---- padding --------------------------------------------------------------------------------- */

static const struct value *pad(struct call *c, bool is_left) {
    const struct value *text = c->args[0].value;
    int64_t width = 0;
    if (!count_arg(c, 1, 0, &width)) {
        return NULL;
    }
    const struct value *fill = c->n_args > 2 ? c->args[2].value : NULL;
    if (fill && utf8_count(fill->as.text, fill->len) != 1) {
        return call_fail(c, 2, "invalid-value", "argument 3 must be a single character, found '%s'",
                         fill->as.text);
    }
    size_t fill_len = fill ? fill->len : 1;
    int64_t n_chars = (int64_t)utf8_count(text->as.text, text->len);
    if (width <= n_chars) {
        return text;
    }
    size_t n = (size_t)(width - n_chars);
    if (!eval_room(c->ev, c->node, n > LIMIT_EXPR_RESULT ? n : text->len + n * fill_len)) {
        return NULL;
    }
    size_t len = text->len + n * fill_len;
    char *out = arena_alloc(c->ev->arena, len + 1);
    char *padding = is_left ? out : out + text->len;
    memcpy(is_left ? out + n * fill_len : out, text->as.text, text->len);
    for (size_t i = 0; i < n; i++) {
        memcpy(padding + i * fill_len, fill ? fill->as.text : " ", fill_len);
    }
    out[len] = '\0';
    return value_string_keep(c->ev->arena, out, len);
}

const struct value *fn_pad_left(struct call *c) {
    return pad(c, true);
}

const struct value *fn_pad_right(struct call *c) {
    return pad(c, false);
}

/* ---- trimming -------------------------------------------------------------------------------- */

/* Unicode's White_Space. */
static bool is_white(unsigned cp) {
    return (cp >= 0x09 && cp <= 0x0D) || cp == 0x20 || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F ||
           cp == 0x205F || cp == 0x3000;
}

/* Whether the character of `n` bytes at `at` is to be trimmed. */
static bool is_trimmed(const char *at, size_t n, unsigned cp, const struct value *characters) {
    if (!characters || characters->len == 0) {
        return is_white(cp);
    }
    for (size_t i = 0; i < characters->len;) {
        unsigned other = 0;
        size_t len = utf8_decode(characters->as.text + i, characters->len - i, &other);
        if (len == n && memcmp(at, characters->as.text + i, n) == 0) {
            return true;
        }
        i += len;
    }
    return false;
}

static const struct value *trim(struct call *c, bool at_start, bool at_end) {
    const struct value *text = c->args[0].value;
    const struct value *characters = c->n_args > 1 ? c->args[1].value : NULL;
    size_t cost = text->len * (size_t)(1 + (characters ? characters->len / 8 : 0));
    if (!eval_charge(c->ev, c->node, cost) || !eval_room(c->ev, c->node, text->len)) {
        return NULL;
    }
    size_t start = 0;
    size_t end = text->len;
    while (at_start && start < end) {
        unsigned cp = 0;
        size_t n = utf8_decode(text->as.text + start, end - start, &cp);
        if (!is_trimmed(text->as.text + start, n, cp, characters)) {
            break;
        }
        start += n;
    }
    while (at_end && end > start) {
        size_t last = end - 1;
        while (last > start && ((unsigned char)text->as.text[last] & 0xC0) == 0x80) {
            last--;
        }
        unsigned cp = 0;
        size_t n = utf8_decode(text->as.text + last, end - last, &cp);
        if (!is_trimmed(text->as.text + last, n, cp, characters)) {
            break;
        }
        end = last;
    }
    bool is_whole = start == 0 && end == text->len;
    return is_whole ? text : value_string(c->ev->arena, text->as.text + start, end - start);
}

const struct value *fn_trim(struct call *c) {
    return trim(c, true, true);
}

const struct value *fn_trim_left(struct call *c) {
    return trim(c, true, false);
}

const struct value *fn_trim_right(struct call *c) {
    return trim(c, false, true);
}
