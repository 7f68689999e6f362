/*
 * Templates: text with ${{ expression }} in it, and whole trees of YAML with templates in their
 * scalars.
 *
 * Rules: the end of an expression is found by lexing it; a scalar
 * that is one expression keeps its type; in mixed text strings go in as they are, numbers by their
 * text, booleans as true/false, objects and lists as compact JSON, null is an error (kind
 * null-in-text); `$${{` is a literal `${{`; results are never scanned again.
 */
#ifndef EXPR_TEMPLATE_H
#define EXPR_TEMPLATE_H

#include "base/str.h"
#include "expr/expr.h"
#include "value/value.h"

struct template;
struct template_tree;
struct yaml_node;

/* Compiles into the arena. Errors of the expressions inside have their own columns; kind
 * unclosed-template when no }} ends it. */
bool template_compile(struct arena *a, const char *text, size_t len,
                      const struct expr_options *options, struct template **ret_template,
                      struct err *err);
/* No expression inside: template_eval() gives the same string always. */
bool template_is_literal(const struct template *t);
/* The whole text is one expression: its result keeps its type. */
bool template_is_single(const struct template *t);
const char *template_text(const struct template *t);
/* Typed result: a string unless template_is_single(). A missing path is an error
 * (run->is_missing_error is implied). */
bool template_eval(const struct template *t, const struct expr_run *run, struct arena *a,
                   const struct value **ret_value, struct err *err);
/* The result as text by the rules of mixed text; a null result is an error. Appends to `out`; past
 * out->max is an error. */
bool template_eval_text(const struct template *t, const struct expr_run *run, struct arena *a,
                        struct str *out, struct err *err);
/*
 * What a template gives as far as it is known: a text with unknown places. Where an expression fails as unknown-value stands
 * an object {expression, until}, what lies between two of these is one string. Any other failure is one here too.
 */
struct template_pieces {
    struct list_builder list;
    struct str text; /* known, behind the last object */
};
void template_pieces_begin(struct template_pieces *p, struct arena *a);
/* An object of another list. */
void template_pieces_add(struct template_pieces *p, const struct value *unknown);
/* The list; releases the rest. */
const struct value *template_pieces_end(struct template_pieces *p);
bool template_add_pieces(const struct template *t, const struct expr_run *run, struct arena *a,
                         struct template_pieces *p, struct err *err);
void template_visit_exprs(const struct template *t, void (*fn)(const struct expr *e, void *ctx),
                          void *ctx);

/* How errors find the source line of a node: line is one-based; NULL when unknown. */
struct template_source {
    const char *file;
    const char *(*line_text)(unsigned line, void *ctx); /* may be NULL */
    void *ctx;
};

/*
 * A YAML tree whose scalars may be templates (bodies, `with`, `json:` arguments, default values).
 * Keys are not templated. Plain scalars without a template keep their core-schema type.
 */
bool template_tree_compile(struct arena *a, const struct yaml_node *node,
                           const struct template_source *source, const struct expr_options *options,
                           struct template_tree **ret_tree, struct err *err);
bool template_tree_eval(const struct template_tree *t, const struct expr_run *run, struct arena *a,
                        const struct value **ret_value, struct err *err);
/* A scalar that stands alone as text, all else as compact JSON. */
bool template_tree_add_pieces(const struct template_tree *t, const struct expr_run *run,
                              struct arena *a, struct template_pieces *p, struct err *err);
/* Item `i` of a list that holds scalars alone; NULL: past its end, or it is no such list. */
const struct template_tree *template_tree_scalar(const struct template_tree *t, size_t i);
void template_tree_visit_exprs(const struct template_tree *t,
                               void (*fn)(const struct expr *e, void *ctx), void *ctx);
/* True when no scalar of the tree holds an expression. */
bool template_tree_is_literal(const struct template_tree *t);

/* Fills origin for the text of a scalar node: exact for single-line plain and quoted scalars
 * without escapes. */
struct expr_origin template_origin(const struct yaml_node *scalar,
                                   const struct template_source *source);

#endif
