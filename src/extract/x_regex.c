/*
 * A regular expression's matches: named groups as an object, else the matched text.
 */
#include "extract_priv.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/regex.h"
#include "base/utf8.h"
#include "value/value.h"

struct matcher {
    struct arena *arena;
    const struct regex *regex;
    const char *bytes;
    size_t len;
    struct regex_span *spans;
    size_t n_groups;
    const struct value *model; /* an object with the names of the groups; NULL: no group has one */
    const struct value **values;
};

static void find_names(struct matcher *m) {
    struct object_builder names;
    object_begin(&names, m->arena);
    for (size_t i = 1; i < m->n_groups; i++) {
        const char *name = regex_group_name(m->regex, i);
        if (name != NULL) {
            object_put_c(&names, name, &value_null);
        }
    }
    m->model = names.n > 0 ? object_end(&names) : NULL;
    m->values = arena_alloc(m->arena, (names.n + 1) * sizeof *m->values);
}

static const struct value *group_text(const struct matcher *m, size_t i) {
    struct regex_span span = m->spans[i];
    if (span.start == REGEX_UNSET) {
        return &value_null;
    }
    return extract_string(m->arena, m->bytes + span.start, span.end - span.start);
}

/* The value of the match in hand; NULL when the arena is full. */
static const struct value *match_value(struct matcher *m) {
    if (m->model == NULL) {
        return group_text(m, 0);
    }
    size_t n = 0;
    for (size_t i = 1; i < m->n_groups; i++) {
        if (regex_group_name(m->regex, i) == NULL) {
            continue;
        }
        m->values[n] = group_text(m, i);
        if (m->values[n] == NULL) {
            return NULL;
        }
        n++;
    }
    return object_like(m->arena, m->model, m->values);
}

/* Where to search next: behind the match, one character further when it was empty. */
static size_t next_start(const struct matcher *m) {
    size_t end = m->spans[0].end;
    if (end > m->spans[0].start || end >= m->len) {
        return end > m->spans[0].start ? end : m->len + 1;
    }
    unsigned cp = 0;
    return end + utf8_decode(m->bytes + end, m->len - end, &cp);
}

static bool match_all(struct matcher *m, const struct extract_spec *spec,
                      const struct value **ret_value, struct err *err) {
    struct list_builder found;
    list_begin(&found, m->arena);
    for (size_t from = 0; from <= m->len; from = next_start(m)) {
        int result = regex_match(m->regex, m->bytes, m->len, from, m->spans, m->n_groups, err);
        if (result < 0) {
            return false;
        }
        if (result == 0) {
            break;
        }
        const struct value *value = match_value(m);
        if (value == NULL) {
            return extract_fail_too_large(spec, m->len, err);
        }
        list_add(&found, value);
    }
    *ret_value = list_end(&found);
    return true;
}

static bool match_first(struct matcher *m, const struct extract_spec *spec,
                        const struct value **ret_value, struct err *err) {
    int result = regex_match(m->regex, m->bytes, m->len, 0, m->spans, m->n_groups, err);
    if (result < 0) {
        return false;
    }
    if (result == 0) {
        return err_set(err, "no-match", "%s: the pattern matches nothing in %zu bytes", spec->name,
                       m->len);
    }
    *ret_value = match_value(m);
    return *ret_value != NULL || extract_fail_too_large(spec, m->len, err);
}

bool x_regex(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
             const struct value **ret_value, struct extract_note *note, struct err *err) {
    (void)note;
    struct matcher m = {.arena = a, .regex = spec->regex, .bytes = bytes, .len = len};
    m.n_groups = regex_group_count(spec->regex);
    m.spans = arena_alloc(a, m.n_groups * sizeof *m.spans);
    find_names(&m);
    return spec->all ? match_all(&m, spec, ret_value, err) : match_first(&m, spec, ret_value, err);
}
