/*
 * The parser: Pratt's top-down operator precedence over a window of two tokens, building the tree
 * of ast_priv.h.
 *
 * parse_expression(limit) reads an operand (parse_operand) and then goes on as long as the next
 * operator binds tighter than `limit` (parse_operator). A projection takes everything behind it
 * that binds at least as tight as PROJECTION_STOP. Unknown functions and wrong numbers of arguments
 * are kept aside until the text is known to be well formed, because a syntax error tells more.
 */
#include "parse_priv.h"

#include "maxima.h"

/* ---- prefixes -------------------------------------------------------------------------------- */

static struct node *parse_prefix(struct parser *p, enum node_kind kind, unsigned limit) {
    struct token t = p->token;
    if (!parse_advance(p)) {
        return NULL;
    }
    struct node *operand = parse_expression(p, limit);
    struct node *n = operand ? parse_over(p, kind, t.start, operand, NULL) : NULL;
    if (n) {
        n->op = (uint8_t)t.kind;
    }
    return n;
}

static struct node *parse_not(struct parser *p) {
    return parse_prefix(p, NODE_NOT, BIND_NOT);
}

static struct node *parse_sign(struct parser *p) {
    return parse_prefix(p, NODE_SIGN, BIND_SUM);
}

static struct node *parse_parenthesis(struct parser *p) {
    size_t start = p->token.start;
    if (!parse_advance(p)) {
        return NULL;
    }
    struct node *inner = parse_expression(p, 0);
    if (!inner || !parse_expect(p, TOK_RPAREN, "')'")) {
        return NULL;
    }
    inner->start = (uint32_t)start;
    inner->end = (uint32_t)p->last_end;
    inner->flags &= (uint8_t)~NODE_IS_BARE;
    return inner;
}

static struct node *parse_simple(struct parser *p, enum node_kind kind) {
    size_t start = p->token.start;
    return parse_advance(p) ? parse_new(p, kind, start) : NULL;
}

static struct node *parse_current(struct parser *p) {
    return parse_simple(p, NODE_CURRENT);
}

static struct node *parse_root(struct parser *p) {
    return parse_simple(p, NODE_ROOT);
}

/* ---- operators ------------------------------------------------------------------------------- */

static struct node *parse_binary(struct parser *p, enum node_kind kind, struct node *left) {
    enum token_kind op = p->token.kind;
    if (!parse_advance(p)) {
        return NULL;
    }
    struct node *right = parse_expression(p, parse_operators[op].power);
    struct node *n = right ? parse_over(p, kind, left->start, left, right) : NULL;
    if (n) {
        n->op = (uint8_t)op;
    }
    return n;
}

static struct node *parse_comparison(struct parser *p, struct node *left) {
    return parse_binary(p, NODE_COMPARE, left);
}

static struct node *parse_arithmetic(struct parser *p, struct node *left) {
    return parse_binary(p, NODE_ARITHMETIC, left);
}

/* a || b || c, a && b && c */
static struct node *parse_logic(struct parser *p, enum node_kind kind, struct node *left) {
    unsigned power = parse_operators[p->token.kind].power;
    if (!parse_advance(p)) {
        return NULL;
    }
    struct node *flat = parse_flat_over(p, kind, left);
    struct node *right = flat ? parse_expression(p, power) : NULL;
    return right && parse_add_child(p, flat, right) ? flat : NULL;
}

static struct node *parse_or(struct parser *p, struct node *left) {
    return parse_logic(p, NODE_OR, left);
}

static struct node *parse_and(struct parser *p, struct node *left) {
    return parse_logic(p, NODE_AND, left);
}

static struct node *parse_pipe(struct parser *p, struct node *left) {
    if (!parse_advance(p)) {
        return NULL;
    }
    struct node *right = parse_expression(p, BIND_PIPE);
    if (!right) {
        return NULL;
    }
    right->flags |= NODE_IS_PIPED;
    return parse_chain(p, left, right);
}

/* condition "?" expression ":" expression; looser than "||", tighter than "|", associates to the
 * right */
static struct node *parse_ternary(struct parser *p, struct node *condition) {
    if (!parse_advance(p)) {
        return NULL;
    }
    struct node *yes = parse_expression(p, 0);
    if (!yes || !parse_expect(p, TOK_COLON, "':'")) {
        return NULL;
    }
    struct node *no = parse_expression(p, BIND_PIPE);
    struct node *n = no ? parse_over(p, NODE_TERNARY, condition->start, condition, yes) : NULL;
    if (!n) {
        return NULL;
    }
    n->other = no;
    return parse_grow_depth(p, n, no) ? n : NULL;
}

/* ---- the two tables -------------------------------------------------------------------------- */

static struct node *(*const operands[TOK_KIND_COUNT])(struct parser *p) = {
    [TOK_IDENTIFIER] = parse_field,
    [TOK_QUOTED] = parse_quoted,
    [TOK_VARIABLE] = parse_variable,
    [TOK_NUMBER] = parse_literal,
    [TOK_RAW] = parse_literal,
    [TOK_LITERAL] = parse_literal,
    [TOK_CURRENT] = parse_current,
    [TOK_ROOT] = parse_root,
    [TOK_NOT] = parse_not,
    [TOK_MINUS] = parse_sign,
    [TOK_PLUS] = parse_sign,
    [TOK_STAR] = parse_star,
    [TOK_LPAREN] = parse_parenthesis,
    [TOK_LBRACKET] = parse_leading_bracket,
    [TOK_FILTER] = parse_leading_filter,
    [TOK_FLATTEN] = parse_leading_flatten,
    [TOK_LBRACE] = parse_hash,
};

const struct operator_rule parse_operators[TOK_KIND_COUNT] = {
    [TOK_PIPE] = {BIND_PIPE, parse_pipe},
    [TOK_QUESTION] = {BIND_TERNARY, parse_ternary},
    [TOK_OR] = {BIND_OR, parse_or},
    [TOK_AND] = {BIND_AND, parse_and},
    [TOK_EQ] = {BIND_COMPARE, parse_comparison},
    [TOK_NE] = {BIND_COMPARE, parse_comparison},
    [TOK_LT] = {BIND_COMPARE, parse_comparison},
    [TOK_LE] = {BIND_COMPARE, parse_comparison},
    [TOK_GT] = {BIND_COMPARE, parse_comparison},
    [TOK_GE] = {BIND_COMPARE, parse_comparison},
    [TOK_PLUS] = {BIND_SUM, parse_arithmetic},
    [TOK_MINUS] = {BIND_SUM, parse_arithmetic},
    [TOK_STAR] = {BIND_PRODUCT, parse_arithmetic},
    [TOK_TIMES] = {BIND_PRODUCT, parse_arithmetic},
    [TOK_DIVIDE] = {BIND_PRODUCT, parse_arithmetic},
    [TOK_FLOOR_DIVIDE] = {BIND_PRODUCT, parse_arithmetic},
    [TOK_MODULO] = {BIND_PRODUCT, parse_arithmetic},
    [TOK_FLATTEN] = {BIND_FLATTEN, parse_flatten},
    [TOK_FILTER] = {BIND_FILTER, parse_filter},
    [TOK_DOT] = {BIND_DOT, parse_dot},
    [TOK_LBRACKET] = {BIND_BRACKET, parse_bracket},
};

struct node *parse_expression(struct parser *p, unsigned limit) {
    if (p->nesting == LIMIT_EXPR_DEPTH) {
        return parse_fail_depth(p, p->token.start);
    }
    if (!operands[p->token.kind]) {
        return parse_fail_unexpected(p, "an expression");
    }
    p->nesting++;
    struct node *left = operands[p->token.kind](p);
    while (left && limit < parse_operators[p->token.kind].power) {
        left = parse_operators[p->token.kind].parse(p, left);
    }
    p->nesting--;
    return left;
}

bool expr_parse(struct arena *a, struct expr *e, bool allow_status, struct err *err) {
    struct parser p = {
        .arena = a, .expr = e, .allow_status = allow_status, .misuse = ERR_INIT, .err = err};
    lex_init(&p.lexer, e->text, e->len);
    bool ok = parse_advance(&p) && parse_advance(&p);
    if (ok && parse_at(&p, TOK_END)) {
        parse_fail(&p, 0, "the expression is empty");
        ok = false;
    }
    struct node *root = ok ? parse_expression(&p, 0) : NULL;
    if (root && !parse_at(&p, TOK_END)) {
        parse_fail_unexpected(&p, NULL);
        root = NULL;
    }
    if (root && p.misuse.kind) {
        err_move(err, &p.misuse);
        root = NULL;
    }
    err_release(&p.misuse);
    e->root = root;
    return root != NULL;
}
