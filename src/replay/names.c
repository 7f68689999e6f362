/*
 * Run-independent texts: values out, names in, and back.
 */
#include "replay/tape.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mask.h"
#include "base/str.h"
#include "maxima.h"
#include "value/value.h"

enum { MIN_NAME_LEN = 8 };

static int by_length(const void *a, const void *b) {
    const struct tape_name *x = a;
    const struct tape_name *y = b;
    size_t nx = strlen(x->value);
    size_t ny = strlen(y->value);
    return nx == ny ? strcmp(x->name, y->name) : (nx < ny ? 1 : -1);
}

void tape_names_sort(struct tape_names *names) {
    if (names->n > 1) {
        qsort(names->items, names->n, sizeof *names->items, by_length);
    }
}

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* The name whose value stands at `at` as a whole word, NULL: none. */
static const struct tape_name *name_at(const struct tape_names *names, const char *text, size_t len,
                                       size_t at) {
    if (at > 0 && is_word(text[at - 1]) && is_word(text[at])) {
        return NULL;
    }
    for (size_t i = 0; i < names->n; i++) {
        size_t n = strlen(names->items[i].value);
        bool fits = n > 0 && n <= len - at && memcmp(text + at, names->items[i].value, n) == 0;
        if (fits && (at + n == len || !is_word(text[at + n]) || !is_word(text[at + n - 1]))) {
            return &names->items[i];
        }
    }
    return NULL;
}

void tape_normalize(const struct tape_names *names, const char *text, size_t len, struct str *out) {
    AUTO(str) struct str masked = STR_INIT(LIMIT_RESULT_BYTES);
    mask_add(&masked, text, len);
    const char *m = str_text(&masked);
    for (size_t i = 0; i < masked.len;) {
        const struct tape_name *name = name_at(names, m, masked.len, i);
        if (name == NULL) {
            str_add_char(out, m[i++]);
        } else {
            str_addf(out, "{{%s}}", name->name);
            i += strlen(name->value);
        }
    }
}

void tape_fill(const struct tape_names *names, const char *text, size_t len, struct str *out) {
    for (size_t i = 0; i < len;) {
        const struct tape_name *found = NULL;
        for (size_t k = 0; k < names->n && text[i] == '{' && found == NULL; k++) {
            size_t n = strlen(names->items[k].name);
            bool fits = len - i >= n + 4 && memcmp(text + i, "{{", 2) == 0 &&
                        memcmp(text + i + 2, names->items[k].name, n) == 0 &&
                        memcmp(text + i + 2 + n, "}}", 2) == 0;
            found = fits ? &names->items[k] : NULL;
        }
        if (found == NULL) {
            str_add_char(out, text[i++]);
        } else {
            str_add(out, found->value);
            i += strlen(found->name) + 4;
        }
    }
}

struct tape_names tape_names_of_run(struct arena *a, const struct value *public_inputs,
                                    const char *run_dir, const char *run_id) {
    struct tape_names names = {.n = 0};
    names.items = arena_zalloc(a, (public_inputs->len + 2) * sizeof *names.items);
    for (uint32_t i = 0; i < public_inputs->len; i++) {
        const struct value_member *m = &public_inputs->as.members[i];
        if (m->value->type == VALUE_STRING && m->value->len >= MIN_NAME_LEN) {
            names.items[names.n++] =
                (struct tape_name){arena_printf(a, "inputs.%s", m->key), m->value->as.text};
        }
    }
    names.items[names.n++] = (struct tape_name){"run.dir", run_dir};
    names.items[names.n++] = (struct tape_name){"run.id", run_id};
    tape_names_sort(&names);
    return names;
}

struct tape_names tape_names_with(struct arena *a, const struct tape_names *common,
                                  const char *const *volatile_values) {
    size_t n = 0;
    while (volatile_values != NULL && volatile_values[n] != NULL) {
        n++;
    }
    struct tape_names names = {.n = common->n + n / 2};
    names.items = arena_zalloc(a, (names.n + 1) * sizeof *names.items);
    if (common->n > 0) {
        memcpy(names.items, common->items, common->n * sizeof *names.items);
    }
    for (size_t i = 0; i + 1 < n; i += 2) {
        names.items[common->n + i / 2] =
            (struct tape_name){volatile_values[i], volatile_values[i + 1]};
    }
    tape_names_sort(&names);
    return names;
}

const char *tape_normalize_copy(struct arena *a, const struct tape_names *names, const char *text,
                                size_t len) {
    AUTO(str) struct str out = STR_INIT(2 * LIMIT_RESULT_BYTES);
    tape_normalize(names, text, len, &out);
    return arena_strndup(a, str_text(&out), out.len);
}

const char *const *tape_normalize_list(struct arena *a, const struct tape_names *names,
                                       const char *const *list) {
    if (list == NULL) {
        return NULL;
    }
    size_t n = 0;
    while (list[n] != NULL) {
        n++;
    }
    const char **out = arena_zalloc(a, (n + 1) * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        out[i] = tape_normalize_copy(a, names, list[i], strlen(list[i]));
    }
    return out;
}
