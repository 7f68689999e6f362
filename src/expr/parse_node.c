/* The tools of the parser: errors at a token, the window of two tokens, building nodes. */
#include "parse_priv.h"

#include "base/arena.h"
#include "maxima.h"

#include <string.h>

/* ---- errors ---------------------------------------------------------------------------------- */

struct node *parse_fail(struct parser *p, size_t offset, const char *message) {
    err_set(p->err, "syntax", "%s", message);
    expr_err_at_byte(p->expr, offset, p->err);
    return NULL;
}

struct node *parse_fail_hint(struct parser *p, size_t offset, const char *message,
                             const char *hint) {
    parse_fail(p, offset, message);
    err_hint(p->err, "%s", hint);
    return NULL;
}

bool parse_token_is(const struct parser *p, const struct token *t, const char *word) {
    size_t len = strlen(word);
    return t->end - t->start == len && memcmp(p->expr->text + t->start, word, len) == 0;
}

/* What somebody who comes from another language meant by a token where the expression should have
 * ended. */
static void hint_unexpected(struct parser *p) {
    static const struct {
        const char *word;
        const char *hint;
    } words[] = {
        {"and", "write '&&'"},
        {"or", "write '||'"},
        {"is", "write '=='"},
        {"in", "write contains(list, x)"},
        {"if", "write condition ? a : b"},
        {"=", "'==' compares"},
        {"&", "'&&' is the logical and"},
        {"(", "only a function's name is followed by '('"},
        {"{", "a selection from an object is written x.{name: expression}"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (parse_token_is(p, &p->token, words[i].word)) {
            err_hint(p->err, "%s", words[i].hint);
            return;
        }
    }
    if (p->last_end >= 3 && memcmp(p->expr->text + p->last_end - 3, "not", 3) == 0) {
        err_hint(p->err, "write '!'");
    }
}

struct node *parse_fail_unexpected(struct parser *p, const char *expected) {
    const struct token *t = &p->token;
    const char *separator = expected ? ": expected " : "";
    if (t->kind == TOK_END) {
        err_set(p->err, "syntax", "the expression ends too early%s%s", separator,
                expected ? expected : "");
    } else {
        err_set(p->err, "syntax", "unexpected '%.*s'%s%s", (int)(t->end - t->start),
                p->expr->text + t->start, separator, expected ? expected : "");
    }
    if (t->kind == TOK_EXPREF && expected) {
        err_hint(p->err, "'&expression' stands as an argument of a function only");
    } else if (!expected || t->kind == TOK_ASSIGN) {
        hint_unexpected(p);
    }
    expr_err_at_byte(p->expr, t->start, p->err);
    return NULL;
}

struct node *parse_fail_depth(struct parser *p, size_t offset) {
    err_set(p->err, "expr-limit", "the expression nests deeper than %d levels", LIMIT_EXPR_DEPTH);
    expr_err_at_byte(p->expr, offset, p->err);
    return NULL;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

bool parse_advance(struct parser *p) {
    p->last_end = p->token.end;
    p->token = p->after;
    if (!lex_next(&p->lexer, &p->after)) {
        parse_fail(p, p->lexer.fault_pos, p->lexer.fault);
        if (p->lexer.fault_hint) {
            err_hint(p->err, "%s", p->lexer.fault_hint);
        }
        return false;
    }
    return true;
}

bool parse_expect(struct parser *p, enum token_kind kind, const char *what) {
    if (p->token.kind != kind) {
        parse_fail_unexpected(p, what);
        return false;
    }
    return parse_advance(p);
}

bool parse_at(const struct parser *p, enum token_kind kind) {
    return p->token.kind == kind;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

struct node *parse_new(struct parser *p, enum node_kind kind, size_t start) {
    struct node *n = arena_zalloc(p->arena, sizeof *n);
    n->kind = (uint8_t)kind;
    n->depth = 1;
    n->start = (uint32_t)start;
    n->end = (uint32_t)p->last_end;
    return n;
}

bool parse_grow_depth(struct parser *p, struct node *n, const struct node *child) {
    if (child && child->depth >= n->depth) {
        n->depth = (uint16_t)(child->depth + 1);
    }
    if (n->depth > LIMIT_EXPR_DEPTH) {
        parse_fail_depth(p, n->start);
        return false;
    }
    return true;
}

/* A node over up to two others, which may be NULL. */
struct node *parse_over(struct parser *p, enum node_kind kind, size_t start, struct node *left,
                        struct node *right) {
    struct node *n = parse_new(p, kind, start);
    n->left = left;
    n->right = right;
    return parse_grow_depth(p, n, left) && parse_grow_depth(p, n, right) ? n : NULL;
}

bool parse_add_child(struct parser *p, struct node *parent, struct node *child) {
    if (parent->last) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
    parent->n++;
    parent->end = (uint32_t)p->last_end;
    return parse_grow_depth(p, parent, child);
}

/* Makes `left` the first child of a flat node of `kind`, unless it is one already. */
struct node *parse_flat_over(struct parser *p, enum node_kind kind, struct node *left) {
    if (left->kind == kind) {
        return left;
    }
    struct node *n = parse_new(p, kind, left->start);
    return parse_add_child(p, n, left) ? n : NULL;
}

/* Appends a step to a path; the steps of a path are taken one by one. */
struct node *parse_chain(struct parser *p, struct node *left, struct node *step) {
    if (!left || !step) {
        return NULL;
    }
    struct node *chain = parse_flat_over(p, NODE_CHAIN, left);
    if (!chain) {
        return NULL;
    }
    if (step->kind != NODE_CHAIN) {
        return parse_add_child(p, chain, step) ? chain : NULL;
    }
    if (step->flags & NODE_IS_PIPED) {
        step->first->flags |= NODE_IS_PIPED;
    }
    for (struct node *child = step->first; child;) {
        struct node *next = child->next;
        child->next = NULL;
        if (!parse_add_child(p, chain, child)) {
            return NULL;
        }
        child = next;
    }
    return chain;
}
