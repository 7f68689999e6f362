/*
 * How the loader says what is wrong: place, source line, kind, message, hint.
 */
#include "load_priv.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "maxima.h"

#define SHOWN_TEXT ((size_t)40)

struct place diag_place(const struct loader *l, const struct yaml_node *node) {
    return (struct place){l->recipe->file, node->line, node->col};
}

const char *diag_line(const struct recipe *r, unsigned line) {
    return line >= 1 && line <= r->n_lines ? r->lines[line - 1] : NULL;
}

static void add(struct loader *l, bool is_warning, struct place place, struct err *err) {
    err_at(err, place, diag_line(l->recipe, place.line));
    diagnostics_add(l->d, is_warning, err);
}

bool diag_error(struct loader *l, const struct yaml_node *node, const char *kind, const char *fmt,
                ...) {
    struct err err = ERR_INIT;
    va_list ap;
    va_start(ap, fmt);
    err_vset(&err, kind, fmt, ap);
    va_end(ap);
    add(l, false, diag_place(l, node), &err);
    return false;
}

bool diag_warning(struct loader *l, const struct yaml_node *node, const char *kind, const char *fmt,
                  ...) {
    struct err err = ERR_INIT;
    va_list ap;
    va_start(ap, fmt);
    err_vset(&err, kind, fmt, ap);
    va_end(ap);
    add(l, true, diag_place(l, node), &err);
    return false;
}

bool diag_error_at(struct loader *l, struct place place, const char *kind, const char *fmt, ...) {
    struct err err = ERR_INIT;
    va_list ap;
    va_start(ap, fmt);
    err_vset(&err, kind, fmt, ap);
    va_end(ap);
    add(l, false, place, &err);
    return false;
}

bool diag_warning_at(struct loader *l, struct place place, const char *kind, const char *fmt, ...) {
    struct err err = ERR_INIT;
    va_list ap;
    va_start(ap, fmt);
    err_vset(&err, kind, fmt, ap);
    va_end(ap);
    add(l, true, place, &err);
    return false;
}

void diag_hint(struct loader *l, const char *fmt, ...) {
    if (l->d->n_suppressed > 0 || l->d->n == 0) {
        return;
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(&text, fmt, ap);
    va_end(ap);
    err_hint(&l->d->items[l->d->n - 1].err, "%s", str_text(&text));
}

bool diag_nearest(struct loader *l, const char *word, const char *const *names, size_t n) {
    const char *nearest = err_nearest(word, names, n);
    if (nearest != NULL) {
        diag_hint(l, "did you mean '%s'?", nearest);
    }
    return nearest != NULL;
}

bool diag_take(struct loader *l, const struct yaml_node *node, struct err *err) {
    struct place place = err->place.line > 0 ? err->place : diag_place(l, node);
    add(l, false, place, err);
    return false;
}

struct place diag_place_inside(const struct loader *l, const struct yaml_node *scalar,
                               size_t offset) {
    struct expr_origin origin = template_origin(scalar, &l->source);
    struct place place = diag_place(l, scalar);
    if (origin.is_exact) {
        size_t len = offset < scalar->text_len ? offset : scalar->text_len;
        place = origin.place;
        place.col += (unsigned)utf8_count(scalar->text, len);
    }
    return place;
}

bool diag_take_inside(struct loader *l, const struct yaml_node *scalar, size_t offset,
                      struct err *err) {
    add(l, false, diag_place_inside(l, scalar, offset), err);
    return false;
}

const char *diag_describe(struct loader *l, const struct yaml_node *node) {
    if (node->kind == YAML_LIST) {
        return "a list";
    }
    if (node->kind == YAML_MAP) {
        return "a mapping";
    }
    if (node->is_plain && node->text_len == 0) {
        return "nothing";
    }
    const struct value *v = yaml_to_value(&l->scratch, node);
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    const char *type = value_type_name(v);
    str_addf(&text, "%s", v->type == VALUE_NULL ? "null" : "the ");
    if (v->type != VALUE_NULL) {
        size_t shown = utf8_offset(node->text, node->text_len, SHOWN_TEXT);
        const char *quote = v->type == VALUE_STRING ? "'" : "";
        str_addf(&text, "%s %s", v->type == VALUE_STRING ? "text" : type, quote);
        utf8_add_safe(&text, node->text, shown);
        str_addf(&text, "%s%s", shown < node->text_len ? "…" : "", quote);
    }
    return arena_strdup(&l->scratch, str_text(&text));
}

/* `{{ a.b }}` and `[?a]` are collections to YAML, ` #` starts a comment. */
static void hint_for_damage(struct loader *l, const struct yaml_node *node) {
    const char *line = diag_line(l->recipe, node->line);
    if (line == NULL) {
        return;
    }
    if (node->kind != YAML_SCALAR && strstr(line, "{{") != NULL) {
        diag_hint(l, "a template is written ${{ … }}, within quotes inside { } and [ ]");
    } else if (node->kind == YAML_SCALAR && node->text_len == 0 && strchr(line, '#') != NULL) {
        diag_hint(l, "YAML takes '#' as the start of a comment: quote the text");
    }
}

bool diag_type(struct loader *l, const struct yaml_node *node, const char *expected) {
    diag_error(l, node, "invalid-type", "expected %s, found %s", expected, diag_describe(l, node));
    hint_for_damage(l, node);
    return false;
}
