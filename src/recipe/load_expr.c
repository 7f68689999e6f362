/*
 * The doors through which every expression and template of a recipe is compiled. Each notes the names that it uses, so that
 * link.c can judge them when all steps, inputs and vars are known.
 */
#include "load_priv.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "value/value.h"

static struct ref *new_ref(struct loader *l) {
    if (l->n_refs == l->refs_cap) {
        l->refs_cap = l->refs_cap == 0 ? 64 : l->refs_cap * 2;
        l->refs = mem_realloc(l->refs, l->refs_cap, sizeof *l->refs);
    }
    struct ref *ref = &l->refs[l->n_refs++];
    *ref = (struct ref){
        .step = l->step, .var = l->var, .roots = l->roots, .is_of_foreach = l->is_of_foreach};
    return ref;
}

struct note {
    struct loader *l;
    const struct expr *expr;
    bool is_own; /* bare names are keys of the result, seen as names only to warn */
};

static void note_ref(const struct expr_ref *found, void *ctx) {
    const struct note *note = ctx;
    if (note->is_own && found->is_variable) {
        return;
    }
    struct ref *ref = new_ref(note->l);
    ref->expr = note->expr;
    ref->col = found->col;
    ref->n_parts = (unsigned)found->n_parts;
    ref->is_variable = found->is_variable;
    ref->is_own = note->is_own;
    for (size_t i = 0; i < found->n_parts && i < REF_PARTS; i++) {
        ref->parts[i] = arena_strdup(&note->l->scratch, found->parts[i]);
    }
}

static void note_expr(const struct expr *e, void *ctx) {
    struct note note = {ctx, e, false};
    expr_visit_refs(e, note_ref, &note);
}

/* `inputs.x` where the current node is the result is nearly always meant as `$inputs.x`. */
static void note_own_names(struct loader *l, const char *text, size_t len,
                           const struct expr_options *options) {
    if (strstr(text, "inputs.") == NULL && strstr(text, "vars.") == NULL &&
        strstr(text, "steps.") == NULL) {
        return;
    }
    struct expr_options as_scope = *options;
    as_scope.current_is_scope = true;
    struct expr *e = NULL;
    struct err err = ERR_INIT;
    if (expr_compile(&l->scratch, text, len, &as_scope, &e, &err)) {
        struct note note = {l, e, true};
        expr_visit_refs(e, note_ref, &note);
    }
    err_release(&err);
}

bool load_has_template(const struct yaml_node *node) {
    return node->kind == YAML_SCALAR && strstr(node->text, "${{") != NULL;
}

/* `x: ${{ a #b }}`: YAML cut the text at the blank before '#'. */
static void hint_comment(struct loader *l, const struct yaml_node *node, const char *kind) {
    const char *line = diag_line(l->recipe, node->line);
    if (strcmp(kind, "unclosed-template") == 0 && node->is_plain && line != NULL &&
        strstr(line, " #") != NULL) {
        diag_hint(l, "YAML takes ' #' as the start of a comment: put the text within quotes");
    }
}

static void take_compile_error(struct loader *l, const struct yaml_node *node, struct err *err) {
    const char *kind = err->kind;
    diag_take(l, node, err);
    hint_comment(l, node, kind);
}

/* The origin of the part of a scalar that begins at byte `offset`; SIZE_MAX: its place is not exact. */
static struct expr_origin part_origin(const struct loader *l, const struct yaml_node *node,
                                      size_t offset) {
    struct expr_origin origin = template_origin(node, &l->source);
    if (offset == SIZE_MAX) {
        origin.is_exact = false;
        origin.source_line = NULL;
    } else if (origin.is_exact) {
        origin.place.col += (unsigned)utf8_count(node->text, offset);
    }
    return origin;
}

struct template *load_template_part(struct loader *l, const struct yaml_node *node,
                                    const char *text, size_t len, size_t offset) {
    struct expr_options options = {.origin = part_origin(l, node, offset),
                                   .current_is_scope = true};
    struct template *t = NULL;
    struct err err = ERR_INIT;
    if (!template_compile(&l->recipe->arena, text, len, &options, &t, &err)) {
        take_compile_error(l, node, &err);
        return NULL;
    }
    template_visit_exprs(t, note_expr, l);
    return t;
}

struct template *load_template(struct loader *l, const struct yaml_node *node) {
    if (node->kind != YAML_SCALAR || load_is_null(node)) {
        diag_type(l, node, "a text");
        return NULL;
    }
    return load_template_part(l, node, node->text, node->text_len, 0);
}

struct template_tree *load_tree(struct loader *l, const struct yaml_node *node) {
    struct expr_options options = {.current_is_scope = true};
    struct template_tree *tree = NULL;
    struct err err = ERR_INIT;
    if (!template_tree_compile(&l->recipe->arena, node, &l->source, &options, &tree, &err)) {
        take_compile_error(l, node, &err);
        return NULL;
    }
    template_tree_visit_exprs(tree, note_expr, l);
    return tree;
}

/* The text of an expression field: bare, or within exactly one ${{ }}. */
struct expr_source {
    const char *text;
    size_t len;
    size_t offset; /* in the scalar */
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void trim(struct expr_source *s) {
    while (s->len > 0 && is_blank(s->text[0])) {
        s->text++;
        s->offset++;
        s->len--;
    }
    while (s->len > 0 && is_blank(s->text[s->len - 1])) {
        s->len--;
    }
}

/* Takes the brackets off `${{ … }}`; text beside them is an error, because it would make a text of the condition. */
static bool unwrap(struct loader *l, const struct yaml_node *node, struct expr_source *s) {
    struct expr_options options = {.origin = part_origin(l, node, s->offset),
                                   .current_is_scope = true};
    struct template *t = NULL;
    struct err err = ERR_INIT;
    if (!template_compile(&l->scratch, s->text, s->len, &options, &t, &err)) {
        take_compile_error(l, node, &err);
        return false;
    }
    if (!template_is_single(t)) {
        diag_error(l, node, "template-in-expression",
                   "an expression is expected here, not text with ${{ }} in it");
        diag_hint(l, "write the whole as one expression, without ${{ }}");
        return false;
    }
    s->text += 3;
    s->offset += 3;
    s->len -= 5;
    trim(s);
    return true;
}

static bool is_truth(enum expr_kind kind) {
    return kind == EXPR_OWN_TRUTH || kind == EXPR_SCOPE_TRUTH;
}

/* 'text', "`5`" and 5 as conditions: true for ever, and nobody means that. */
static bool is_literal(const struct expr_source *s) {
    if (s->len >= 2 && (s->text[0] == '\'' || s->text[0] == '`') &&
        s->text[s->len - 1] == s->text[0] && memchr(s->text + 1, s->text[0], s->len - 2) == NULL) {
        return s->text[0] == '\'' || strspn(s->text + 1, "\"-0123456789") > 0;
    }
    return s->len > 0 && strspn(s->text, "-.0123456789") >= s->len;
}

static bool check_condition(struct loader *l, const struct yaml_node *node,
                            const struct expr_source *s) {
    if (!is_literal(s)) {
        return true;
    }
    diag_error(l, node, "invalid-condition", "the condition %.*s is the same for ever", (int)s->len,
               s->text);
    diag_hint(l, "a text or a number is never false in JMESPath: compare it with ==");
    return false;
}

/* Plain `true` and `false` are booleans in YAML but key names in JMESPath. */
static bool boolean_source(struct loader *l, const struct yaml_node *node, struct expr_source *s) {
    const struct value *v = yaml_to_value(&l->scratch, node);
    if (v->type != VALUE_BOOL) {
        return false;
    }
    *s = v->as.boolean ? (struct expr_source){"`true`", 6, SIZE_MAX}
                       : (struct expr_source){"`false`", 7, SIZE_MAX};
    return true;
}

struct expr *load_expr(struct loader *l, const struct yaml_node *node, enum expr_kind kind) {
    const char *expected = is_truth(kind) ? "a condition" : "an expression";
    if (node->kind != YAML_SCALAR || load_is_null(node)) {
        diag_type(l, node, expected);
        if (node->kind != YAML_SCALAR) {
            diag_hint(l, "put the expression within quotes: [ ] and { } are YAML's own");
        }
        return NULL;
    }
    struct expr_source s = {node->text, node->text_len, 0};
    if (!boolean_source(l, node, &s)) {
        trim(&s);
    }
    if (memmem(s.text, s.len, "${{", 3) != NULL && !unwrap(l, node, &s)) {
        return NULL;
    }
    if (is_truth(kind) && !check_condition(l, node, &s)) {
        return NULL;
    }
    struct expr_options options = {.origin = part_origin(l, node, s.offset),
                                   .current_is_scope =
                                       kind == EXPR_SCOPE || kind == EXPR_SCOPE_TRUTH,
                                   .allow_status = kind == EXPR_SCOPE_TRUTH};
    struct expr *e = NULL;
    struct err err = ERR_INIT;
    if (!expr_compile(&l->recipe->arena, s.text, s.len, &options, &e, &err)) {
        take_compile_error(l, node, &err);
        return NULL;
    }
    unsigned before = l->roots;
    l->roots |= options.current_is_scope ? 0 : ROOT_ATTEMPT;
    note_expr(e, l);
    if (!options.current_is_scope) {
        note_own_names(l, s.text, s.len, &options);
    }
    l->roots = before;
    return e;
}
