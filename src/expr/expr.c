/* A compiled expression: compiling, its text, places of its errors, the names it uses. */
#include "expr/expr.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ast_priv.h"
#include "maxima.h"

#include <string.h>

bool expr_compile(struct arena *a, const char *text, size_t len, const struct expr_options *options,
                  struct expr **ret_expr, struct err *err) {
    static const struct expr_options none;
    const struct expr_options *o = options ? options : &none;
    if (len > LIMIT_EXPR_BYTES) {
        err_set(err, "expr-limit", "the expression is longer than %d bytes", LIMIT_EXPR_BYTES);
        return err_at(err, o->origin.place, o->origin.source_line);
    }
    struct expr *e = arena_zalloc(a, sizeof *e);
    e->text = arena_strndup(a, text, len);
    e->len = len;
    e->origin = o->origin;
    e->current_is_scope = o->current_is_scope;
    if (!utf8_is_valid(text, len)) {
        err_set(err, "syntax", "the expression is not UTF-8");
        return expr_err_at_byte(e, utf8_valid_prefix(text, len), err);
    }
    if (!expr_parse(a, e, o->allow_status, err)) {
        return false;
    }
    *ret_expr = e;
    return true;
}

bool expr_uses_status(const struct expr *e) {
    return e->uses_status;
}

const char *expr_text(const struct expr *e) {
    return e->text;
}

bool expr_err_at_byte(const struct expr *e, size_t offset, struct err *err) {
    return expr_err_at(e, (unsigned)utf8_count(e->text, utf8_valid_prefix(e->text, offset)) + 1,
                       err);
}

bool expr_err_at(const struct expr *e, unsigned col, struct err *err) {
    const struct expr_origin *origin = &e->origin;
    struct place place = origin->place;
    if (origin->is_exact) {
        place.col += col - 1;
        return err_at(err, place, origin->source_line);
    }
    /* Alone, or in a scalar whose text differs from the file's: the caret stands under the
     * expression's own line. */
    size_t offset = utf8_offset(e->text, e->len, col - 1);
    size_t line_start = offset;
    while (line_start > 0 && e->text[line_start - 1] != '\n') {
        line_start--;
    }
    size_t line_len = strcspn(e->text + line_start, "\r\n");
    AUTO(str) struct str line = STR_INIT(LIMIT_EXPR_BYTES);
    str_add_bytes(&line, e->text + line_start, line_len);
    place.col = (unsigned)utf8_count(e->text + line_start, offset - line_start) + 1;
    if (place.line == 0) {
        place.line = 1;
        for (size_t i = 0; i < line_start; i++) {
            place.line += e->text[i] == '\n';
        }
    }
    return err_at(err, place, str_text(&line));
}

/* ---- names used ------------------------------------------------------------------------------ */

enum { MAX_REF_PARTS = 32 };

/* Names bound by the `let`s around a node. */
struct bound {
    const struct node *let;
    const struct bound *outer;
};

struct visit {
    const struct expr *expr;
    expr_ref_fn fn;
    void *ctx;
};

static void visit_node(const struct visit *v, const struct node *n, bool is_scope,
                       const struct bound *bound);

static bool is_bound(const struct node *variable, const struct bound *bound) {
    for (; bound; bound = bound->outer) {
        for (const struct node *pair = bound->let->first; pair; pair = pair->next) {
            if (pair->name_len == variable->name_len &&
                memcmp(pair->name, variable->name, pair->name_len) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Reports `n` and the plain fields that follow it in its path. */
static void report(const struct visit *v, const struct node *n, const struct node *rest) {
    const char *parts[MAX_REF_PARTS];
    struct expr_ref ref = {parts, 1, 0, n->kind == NODE_VARIABLE};
    parts[0] = n->name;
    for (; rest && rest->kind == NODE_FIELD && ref.n_parts < MAX_REF_PARTS; rest = rest->next) {
        parts[ref.n_parts++] = rest->name;
    }
    ref.col = (unsigned)utf8_count(v->expr->text, n->start) + 1;
    v->fn(&ref, v->ctx);
}

/* The first node of a path decides what the path is about. */
static void visit_chain(const struct visit *v, const struct node *chain, bool is_scope,
                        const struct bound *bound) {
    const struct node *head = chain->first;
    bool names_scope = v->expr->current_is_scope;
    bool is_whole =
        (head->kind == NODE_CURRENT && is_scope) || (head->kind == NODE_ROOT && names_scope);
    if (is_whole && head->next && head->next->kind == NODE_FIELD) {
        head = head->next;
        report(v, head, head->next);
    } else if (head->kind == NODE_FIELD && is_scope) {
        report(v, head, head->next);
    } else if (head->kind == NODE_VARIABLE && !is_bound(head, bound)) {
        report(v, head, head->next);
    } else {
        visit_node(v, head, is_scope, bound);
    }
    for (const struct node *step = head->next; step; step = step->next) {
        visit_node(v, step, false, bound);
    }
}

static void visit_children(const struct visit *v, const struct node *n, bool is_scope,
                           const struct bound *bound) {
    for (const struct node *child = n->first; child; child = child->next) {
        visit_node(v, child, is_scope, bound);
    }
}

static void visit_let(const struct visit *v, const struct node *n, bool is_scope,
                      const struct bound *bound) {
    visit_children(v, n, is_scope, bound);
    struct bound inner = {n, bound};
    visit_node(v, n->other, is_scope, &inner);
}

static void visit_node(const struct visit *v, const struct node *n, bool is_scope,
                       const struct bound *bound) {
    if (!n) {
        return;
    }
    switch ((enum node_kind)n->kind) {
    case NODE_FIELD:
        if (is_scope) {
            report(v, n, NULL);
        }
        break;
    case NODE_VARIABLE:
        if (!is_bound(n, bound)) {
            report(v, n, NULL);
        }
        break;
    case NODE_CHAIN:
        visit_chain(v, n, is_scope, bound);
        break;
    case NODE_LIST:
    case NODE_HASH:
    case NODE_OR:
    case NODE_AND:
    case NODE_CALL:
        visit_children(v, n, is_scope, bound);
        break;
    case NODE_LET:
        visit_let(v, n, is_scope, bound);
        break;
    case NODE_PAIR:
    case NODE_NOT:
    case NODE_SIGN:
    case NODE_FLATTEN:
        visit_node(v, n->left, is_scope, bound);
        break;
    case NODE_COMPARE:
    case NODE_ARITHMETIC:
        visit_node(v, n->left, is_scope, bound);
        visit_node(v, n->right, is_scope, bound);
        break;
    case NODE_TERNARY:
        visit_node(v, n->left, is_scope, bound);
        visit_node(v, n->right, is_scope, bound);
        visit_node(v, n->other, is_scope, bound);
        break;
    case NODE_EXPREF:
        visit_node(v, n->left, false, bound);
        break;
    case NODE_PROJECT:
    case NODE_PROJECT_VALUES:
    case NODE_FILTER:
        visit_node(v, n->left, is_scope, bound);
        visit_node(v, n->right, false, bound);
        visit_node(v, n->other, false, bound);
        break;
    case NODE_LITERAL:
    case NODE_CURRENT:
    case NODE_ROOT:
    case NODE_INDEX:
    case NODE_SLICE:
        break;
    case NODE_KIND_COUNT:
        bug("node of no kind");
    }
}

void expr_visit_refs(const struct expr *e, expr_ref_fn fn, void *ctx) {
    struct visit v = {e, fn, ctx};
    visit_node(&v, e->root, e->current_is_scope, NULL);
}
