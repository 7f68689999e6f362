/*
 * The doors through which every expression and template of a recipe is compiled. Each notes the
 * names that it uses, so that link.c can judge them when all steps, inputs and vars are known.
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
    *ref = (struct ref){.step = l->step,
                        .var = l->var,
                        .roots = l->roots,
                        .is_of_foreach = l->is_of_foreach,
                        .is_argument = l->is_argument};
    return ref;
}

struct note {
    struct loader *l;
    const struct expr *expr;
};

static void note_ref(const struct expr_ref *found, void *ctx) {
    const struct note *note = ctx;
    struct ref *ref = new_ref(note->l);
    ref->expr = note->expr;
    ref->col = found->col;
    ref->n_parts = (unsigned)found->n_parts;
    ref->is_variable = found->is_variable;
    for (size_t i = 0; i < found->n_parts && i < REF_PARTS; i++) {
        ref->parts[i] = arena_strdup(&note->l->scratch, found->parts[i]);
    }
}

/* ---- names of the scope where they are keys of data ------------------------------------------ */

static bool is_word_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Behind a quoted text that begins at `at`. */
static size_t skip_quoted(const char *text, size_t at) {
    char quote = text[at++];
    while (text[at] != '\0' && text[at] != quote) {
        at += text[at] == '\\' && text[at + 1] != '\0' ? 2 : 1;
    }
    return text[at] == '\0' ? at : at + 1;
}

static bool is_noted(const struct loader *l, size_t first_ref, unsigned col) {
    for (size_t i = first_ref; i < l->n_refs; i++) {
        if (l->refs[i].col == col) {
            return true;
        }
    }
    return false;
}

/*
 * `inputs.space` at byte `at`, when it is no use of the scope: link.c says so if the recipe has
 * such an input.
 */
static void note_bare(struct loader *l, const struct expr *e, size_t at, size_t root_len,
                      size_t first_ref) {
    const char *text = expr_text(e);
    unsigned col = (unsigned)utf8_count(text, at) + 1;
    size_t name = at + root_len + 1;
    size_t end = name;
    while (is_word_char(text[end])) {
        end++;
    }
    if (is_noted(l, first_ref, col)) {
        return;
    }
    struct ref *ref = new_ref(l);
    ref->expr = e;
    ref->col = col;
    ref->n_parts = 2;
    ref->is_bare = true;
    ref->parts[0] = arena_strndup(&l->scratch, text + at, root_len);
    ref->parts[1] = arena_strndup(&l->scratch, text + name, end - name);
}

/*
 * `resources[?name == inputs.name]` looks for a key `inputs` in each resource; `$inputs.name` is
 * meant. The same where the current node is the result.
 */
static void note_bare_names(struct loader *l, const struct expr *e, size_t first_ref) {
    static const char *const roots[] = {"inputs", "vars", "steps"};
    const char *text = expr_text(e);
    for (size_t at = 0; text[at] != '\0';) {
        if (strchr("'\"`", text[at]) != NULL) {
            at = skip_quoted(text, at);
            continue;
        }
        size_t len = 0;
        while (is_word_char(text[at + len])) {
            len++;
        }
        bool is_free = at == 0 || strchr("$.@", text[at - 1]) == NULL;
        for (size_t i = 0; is_free && text[at + len] == '.' && i < 3; i++) {
            if (strlen(roots[i]) == len && memcmp(roots[i], text + at, len) == 0) {
                note_bare(l, e, at, len, first_ref);
            }
        }
        at += len > 0 ? len : 1;
    }
}

static void note_expr(const struct expr *e, void *ctx) {
    struct loader *l = ctx;
    struct note note = {l, e};
    size_t first_ref = l->n_refs;
    expr_visit_refs(e, note_ref, &note);
    note_bare_names(l, e, first_ref);
}

/* ---- templates ------------------------------------------------------------------------------- */

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

/*
 * The origin of the part of a scalar that begins at byte `offset`; SIZE_MAX: its place is not
 * exact.
 */
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

/*
 * Takes the brackets off `${{ … }}`; text beside them is an error, because it would make a text
 * of the condition.
 */
static bool unwrap(struct loader *l, const struct yaml_node *node, enum expr_kind kind,
                   struct expr_source *s) {
    struct expr_options options = {.origin = part_origin(l, node, s->offset),
                                   .allow_status = kind == EXPR_SCOPE_TRUTH};
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

/* 'text', `5` and 5 as conditions: true in JMESPath, and nobody means that. */
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
    diag_error(l, node, "invalid-condition",
               "%.*s is no condition: a text and a number are neither true nor false", (int)s->len,
               s->text);
    diag_hint(l, "compare it with ==, or write true or false without quotes");
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
    if (memmem(s.text, s.len, "${{", 3) != NULL && !unwrap(l, node, kind, &s)) {
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
    l->roots = before;
    return e;
}
