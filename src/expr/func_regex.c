/*
 * Functions with regular expressions. Compiled patterns are kept for one evaluation, because a
 * pattern is mostly used for each element of a list; the slot of the oldest is reused when there
 * are many.
 */
#include "functions_priv.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/regex.h"
#include "base/str.h"
#include "base/utf8.h"
#include "eval_priv.h"
#include "maxima.h"
#include "value/value.h"

#include <string.h>

enum { MAX_GROUPS = 64, CACHED_REGEXES = 8 };

struct regex_cache {
    struct {
        const struct value *pattern;
        struct regex *regex;
    } entries[CACHED_REGEXES];
    size_t n;
    size_t oldest;
};

static const struct value *fail_regex(struct call *c, size_t arg, struct err *inner) {
    call_fail(c, arg, strcmp(inner->kind, "regex-limit") == 0 ? "regex-limit" : "invalid-value",
              "%s", inner->message);
    if (inner->hint) {
        err_hint(c->ev->err, "%s", inner->hint);
    }
    return NULL;
}

static const struct regex *known_regex(const struct regex_cache *cache,
                                       const struct value *pattern) {
    for (size_t i = 0; i < cache->n; i++) {
        const struct value *known = cache->entries[i].pattern;
        if (known == pattern || (known->len == pattern->len &&
                                 memcmp(known->as.text, pattern->as.text, pattern->len) == 0)) {
            return cache->entries[i].regex;
        }
    }
    return NULL;
}

static struct regex_cache *need_cache(struct eval *ev) {
    if (!ev->regexes) {
        ev->regexes = arena_zalloc(ev->arena, sizeof *ev->regexes);
    }
    return ev->regexes;
}

static const struct regex *find_regex(struct call *c, const struct value *pattern) {
    struct regex_cache *cache = need_cache(c->ev);
    const struct regex *known = known_regex(cache, pattern);
    if (known) {
        return known;
    }
    AUTO(err) struct err inner = ERR_INIT;
    size_t offset = 0;
    struct regex *regex = regex_compile(pattern->as.text, pattern->len, &offset, &inner);
    if (!regex) {
        fail_regex(c, 1, &inner);
        return NULL;
    }
    size_t slot = cache->n;
    if (slot < CACHED_REGEXES) {
        cache->n++;
    } else {
        slot = cache->oldest;
        cache->oldest = (slot + 1) % CACHED_REGEXES;
        regex_free(cache->entries[slot].regex);
    }
    cache->entries[slot].pattern = pattern;
    cache->entries[slot].regex = regex;
    return regex;
}

void regex_cache_release(struct regex_cache *cache) {
    for (size_t i = 0; i < cache->n; i++) {
        regex_free(cache->entries[i].regex);
    }
}

/* 1 found, 0 not found, -1 error. */
static int match(struct call *c, const struct regex *regex, size_t from, struct regex_span *spans,
                 size_t n_spans) {
    const struct value *text = c->args[0].value;
    if (!eval_charge(c->ev, c->node, 8 + (text->len - from) / 16)) {
        return -1;
    }
    AUTO(err) struct err inner = ERR_INIT;
    int found = regex_match(regex, text->as.text, text->len, from, spans, n_spans, &inner);
    if (found < 0) {
        fail_regex(c, 0, &inner);
    }
    return found;
}

const struct value *fn_matches(struct call *c) {
    const struct regex *regex = find_regex(c, c->args[1].value);
    struct regex_span span;
    int found = regex ? match(c, regex, 0, &span, 1) : -1;
    return found < 0 ? NULL : value_bool(found > 0);
}

static size_t span_count(const struct regex *regex) {
    size_t n = regex_group_count(regex);
    return n < MAX_GROUPS ? n : MAX_GROUPS;
}

const struct value *fn_capture(struct call *c) {
    const struct regex *regex = find_regex(c, c->args[1].value);
    if (!regex) {
        return NULL;
    }
    bool has_names = false;
    size_t n = span_count(regex);
    for (size_t i = 1; i < n; i++) {
        has_names = has_names || regex_group_name(regex, i);
    }
    if (!has_names) {
        call_fail(c, 1, "invalid-value", "the pattern has no named group");
        err_hint(c->ev->err, "a group with a name is written (?<name>...)");
        return NULL;
    }
    struct regex_span spans[MAX_GROUPS];
    int found = match(c, regex, 0, spans, n);
    if (found <= 0) {
        return found < 0 ? NULL : &value_null;
    }
    const char *text = c->args[0].value->as.text;
    struct object_builder out;
    object_begin(&out, c->ev->arena);
    for (size_t i = 1; i < n; i++) {
        const char *name = regex_group_name(regex, i);
        if (!name) {
            continue;
        }
        bool is_set = spans[i].start != REGEX_UNSET;
        object_put_c(&out, name,
                     is_set ? value_string(c->ev->arena, text + spans[i].start,
                                           spans[i].end - spans[i].start)
                            : &value_null);
    }
    return object_end(&out);
}

/* ---- replacing ------------------------------------------------------------------------------- */

/* One match being replaced. */
struct replacement {
    struct call *call;
    const struct regex *regex;
    const struct regex_span *spans;
    size_t n_spans;
    struct str *out;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Number of a group by "12" or "name"; n_spans when there is none. */
static size_t find_group(const struct replacement *r, const char *name, size_t len) {
    size_t number = 0;
    size_t i = 0;
    while (i < len && i < 4 && is_digit(name[i])) {
        number = number * 10 + (size_t)(name[i++] - '0');
    }
    if (len > 0 && i == len) {
        return number < r->n_spans ? number : r->n_spans;
    }
    for (size_t group = 1; group < r->n_spans; group++) {
        const char *known = regex_group_name(r->regex, group);
        if (known && strlen(known) == len && memcmp(known, name, len) == 0) {
            return group;
        }
    }
    return r->n_spans;
}

static bool add_group(const struct replacement *r, const char *name, size_t len) {
    size_t group = find_group(r, name, len);
    if (group == r->n_spans) {
        call_fail(r->call, 2, "invalid-value", "the pattern has no group '%.*s'", (int)len, name);
        err_hint(r->call->ev->err, "a dollar sign is written $$");
        return false;
    }
    const struct regex_span *span = &r->spans[group];
    if (span->start != REGEX_UNSET) {
        str_add_bytes(r->out, r->call->args[0].value->as.text + span->start,
                      span->end - span->start);
    }
    return true;
}

/* $1 ${name} $$; any other dollar sign stands for itself. */
static bool add_replacement(const struct replacement *r) {
    const struct value *by = r->call->args[2].value;
    const char *text = by->as.text;
    for (size_t i = 0; i < by->len; i++) {
        if (text[i] != '$') {
            str_add_char(r->out, text[i]);
            continue;
        }
        const char *close = text[i + 1] == '{' ? memchr(text + i, '}', by->len - i) : NULL;
        if (close) {
            size_t end = (size_t)(close - text);
            if (!add_group(r, text + i + 2, end - i - 2)) {
                return false;
            }
            i = end;
        } else if (is_digit(text[i + 1])) {
            if (!add_group(r, text + i + 1, 1)) {
                return false;
            }
            i++;
        } else {
            str_add_char(r->out, '$');
            i += text[i + 1] == '$' ? 1 : 0;
        }
    }
    return true;
}

/* Where to look after an empty match: one character on, which is copied. */
static size_t step_over(const struct value *text, size_t at, struct str *out) {
    unsigned cp = 0;
    size_t n = utf8_decode(text->as.text + at, text->len - at, &cp);
    str_add_bytes(out, text->as.text + at, n);
    return at + n;
}

const struct value *fn_replace_regex(struct call *c) {
    const struct value *text = c->args[0].value;
    const struct regex *regex = find_regex(c, c->args[1].value);
    if (!regex) {
        return NULL;
    }
    AUTO(str) struct str out = STR_INIT(LIMIT_EXPR_RESULT);
    struct regex_span spans[MAX_GROUPS];
    struct replacement r = {c, regex, spans, span_count(regex), &out};
    size_t copied = 0;
    for (size_t from = 0; from <= text->len;) {
        int found = match(c, regex, from, spans, r.n_spans);
        if (found < 0) {
            return NULL;
        }
        if (found == 0) {
            break;
        }
        str_add_bytes(&out, text->as.text + copied, spans[0].start - copied);
        if (!add_replacement(&r)) {
            return NULL;
        }
        copied = from = spans[0].end;
        if (spans[0].end == spans[0].start) {
            if (from == text->len) {
                break;
            }
            copied = from = step_over(text, from, &out);
        }
    }
    str_add_bytes(&out, text->as.text + copied, text->len - copied);
    if (!eval_room(c->ev, c->node, out.is_over ? LIMIT_EXPR_RESULT + 1 : out.len)) {
        return NULL;
    }
    return value_string(c->ev->arena, str_text(&out), out.len);
}
