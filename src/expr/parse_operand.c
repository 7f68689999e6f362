/* Parsing of operands: names, literals, selections, `let`, calls of functions. */
#include "parse_priv.h"

#include "base/arena.h"
#include "base/num.h"
#include "func_priv.h"
#include "literal_priv.h"
#include "value/value.h"

#include <string.h>

static struct node *parse_name(struct parser *p, enum node_kind kind) {
    struct token t = p->token;
    const char *text = p->expr->text + t.start;
    if (!parse_advance(p)) {
        return NULL;
    }
    struct node *n = parse_new(p, kind, t.start);
    size_t prefix = t.kind == TOK_VARIABLE ? 1 : 0;
    size_t len = t.end - t.start - prefix;
    if (t.kind != TOK_QUOTED) {
        n->name = arena_strndup(p->arena, text + prefix, len);
    } else if (literal_quoted(p->arena, text, len, t.has_escape, &n->name, &len)) {
        n->flags = NODE_IS_QUOTED;
    } else {
        return parse_fail_hint(p, t.start, "a quoted name that is not a JSON string",
                               "a backslash is written \\\\, a quote \\\"");
    }
    n->name_len = (uint32_t)len; /* an expression is shorter than 4 GiB */
    n->name_hash = kind == NODE_FIELD ? value_key_hash(n->name, len) : 0;
    return n;
}

struct node *parse_literal(struct parser *p) {
    struct token t = p->token;
    const char *text = p->expr->text + t.start;
    size_t len = t.end - t.start;
    if (!parse_advance(p)) {
        return NULL;
    }
    struct node *n = parse_new(p, NODE_LITERAL, t.start);
    if (t.kind == TOK_RAW) {
        n->literal = literal_raw(p->arena, text, len, t.has_escape);
        return n;
    }
    if (t.kind == TOK_LITERAL) {
        n->literal = literal_json(p->arena, text, len, t.has_escape);
        return n->literal ? n
                          : parse_fail_hint(p, t.start, "a literal that is not JSON",
                                            "a string is written 'text' or `\"text\"`");
    }
    if (!num_is_json(text, len)) {
        return parse_fail_hint(p, t.start, "a number with a leading zero",
                               "write it without, or quote it");
    }
    n->literal = literal_number(p->arena, text, len);
    n->flags = NODE_IS_BARE;
    return n;
}

/* An element that is only a number would make `[0]` two things at once. */
static bool check_element(struct parser *p, const struct node *n) {
    if (n->kind == NODE_LITERAL && (n->flags & NODE_IS_BARE)) {
        parse_fail(p, n->start, "a bare number as an element of a list");
        err_hint(p->err, "write `%.*s`", (int)(n->end - n->start), p->expr->text + n->start);
        return false;
    }
    return true;
}

/* multi-select-list: behind '['. */
struct node *parse_list(struct parser *p, size_t start) {
    struct node *list = parse_new(p, NODE_LIST, start);
    for (;;) {
        struct node *element = parse_expression(p, 0);
        if (!element || !check_element(p, element) || !parse_add_child(p, list, element)) {
            return NULL;
        }
        if (parse_at(p, TOK_RBRACKET)) {
            break;
        }
        if (!parse_expect(p, TOK_COMMA, "',' or ']'")) {
            return NULL;
        }
    }
    if (!parse_advance(p)) {
        return NULL;
    }
    list->end = (uint32_t)p->last_end;
    return list;
}

/* name ':' expression, or $name '=' expression */
static struct node *parse_pair(struct parser *p, enum token_kind separator, const char *what) {
    size_t start = p->token.start;
    struct node *pair = parse_name(p, NODE_PAIR);
    if (!pair || !parse_expect(p, separator, what)) {
        return NULL;
    }
    pair->left = parse_expression(p, 0);
    pair->start = (uint32_t)start;
    return pair->left && parse_grow_depth(p, pair, pair->left) ? pair : NULL;
}

/* multi-select-hash: at '{'. */
struct node *parse_hash(struct parser *p) {
    struct node *hash = parse_new(p, NODE_HASH, p->token.start);
    if (!parse_advance(p)) {
        return NULL;
    }
    for (;;) {
        if (!parse_at(p, TOK_IDENTIFIER) && !parse_at(p, TOK_QUOTED)) {
            return parse_fail_unexpected(p, "a key");
        }
        struct node *pair = parse_pair(p, TOK_COLON, "':'");
        if (!pair || !parse_add_child(p, hash, pair)) {
            return NULL;
        }
        if (parse_at(p, TOK_RBRACE)) {
            break;
        }
        if (!parse_expect(p, TOK_COMMA, "',' or '}'")) {
            return NULL;
        }
    }
    if (!parse_advance(p)) {
        return NULL;
    }
    hash->end = (uint32_t)p->last_end;
    return hash;
}

/* let-expression: at 'let', with a variable behind it. */
static struct node *parse_let(struct parser *p) {
    struct node *let = parse_new(p, NODE_LET, p->token.start);
    if (!parse_advance(p)) {
        return NULL;
    }
    for (;;) {
        if (!parse_at(p, TOK_VARIABLE)) {
            return parse_fail_unexpected(p, "$name");
        }
        struct node *pair = parse_pair(p, TOK_ASSIGN, "'='");
        if (!pair || !parse_add_child(p, let, pair)) {
            return NULL;
        }
        if (parse_at(p, TOK_IDENTIFIER) && parse_token_is(p, &p->token, "in")) {
            break;
        }
        if (!parse_expect(p, TOK_COMMA, "',' or 'in'")) {
            return NULL;
        }
    }
    if (!parse_advance(p)) {
        return NULL;
    }
    let->other = parse_expression(p, 0);
    let->end = (uint32_t)p->last_end;
    return let->other && parse_grow_depth(p, let, let->other) ? let : NULL;
}

/* ---- functions ------------------------------------------------------------------------------- */

static void check_call(struct parser *p, const struct node *call, const struct token *name) {
    if (p->misuse.kind) {
        return;
    }
    const char *text = p->expr->text + name->start;
    size_t len = name->end - name->start;
    const struct function *f = call->function;
    p->expr->uses_status = p->expr->uses_status || (f && (f->flags & FUNCTION_IS_STATUS));
    if (!f) {
        err_set(&p->misuse, "unknown-function", "no function is called '%.*s'", (int)len, text);
        function_hint_unknown(text, len, &p->misuse);
    } else if ((f->flags & FUNCTION_IS_STATUS) && !p->allow_status) {
        err_set(&p->misuse, "unknown-function", "%s() is known in 'if' only", f->doc.name);
    } else if (call->n < f->min_args ||
               (f->max_args != FUNCTION_VARIADIC && call->n > f->max_args)) {
        const char *plural =
            f->max_args == 1 || (f->max_args == FUNCTION_VARIADIC && f->min_args == 1) ? "" : "s";
        if (f->min_args == f->max_args) {
            err_set(&p->misuse, "invalid-arity", "%s() takes %u argument%s, found %u", f->doc.name,
                    f->min_args, plural, call->n);
        } else if (f->max_args == FUNCTION_VARIADIC) {
            err_set(&p->misuse, "invalid-arity", "%s() takes at least %u argument%s, found %u",
                    f->doc.name, f->min_args, plural, call->n);
        } else {
            err_set(&p->misuse, "invalid-arity", "%s() takes %u to %u arguments, found %u",
                    f->doc.name, f->min_args, f->max_args, call->n);
        }
        err_hint(&p->misuse, "%s", f->doc.signature);
    } else {
        return;
    }
    expr_err_at_byte(p->expr, name->start, &p->misuse);
}

/* function-arg = expression / "&" expression */
static struct node *parse_argument(struct parser *p) {
    if (!parse_at(p, TOK_EXPREF)) {
        return parse_expression(p, 0);
    }
    size_t start = p->token.start;
    if (!parse_advance(p)) {
        return NULL;
    }
    struct node *body = parse_expression(p, 0);
    return body ? parse_over(p, NODE_EXPREF, start, body, NULL) : NULL;
}

/* function-expression = unquoted-string "(" [ function-arg *( "," function-arg ) ] ")" */
static struct node *parse_call(struct parser *p) {
    struct token name = p->token;
    struct node *call = parse_new(p, NODE_CALL, name.start);
    call->function = function_find(p->expr->text + name.start, name.end - name.start);
    if (!parse_advance(p) || !parse_advance(p)) {
        return NULL;
    }
    while (!parse_at(p, TOK_RPAREN) || call->n > 0) {
        struct node *argument = parse_argument(p);
        if (!argument || !parse_add_child(p, call, argument)) {
            return NULL;
        }
        if (parse_at(p, TOK_RPAREN)) {
            break;
        }
        if (!parse_expect(p, TOK_COMMA, "',' or ')'")) {
            return NULL;
        }
    }
    if (!parse_advance(p)) {
        return NULL;
    }
    call->end = (uint32_t)p->last_end;
    check_call(p, call, &name);
    return call;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* At an identifier: a call, `let`, or a field; both keywords stay names where the grammar leaves no
 * doubt. */
struct node *parse_field(struct parser *p) {
    if (p->after.kind == TOK_LPAREN) {
        return parse_call(p);
    }
    if (p->after.kind == TOK_VARIABLE && parse_token_is(p, &p->token, "let")) {
        return parse_let(p);
    }
    return parse_name(p, NODE_FIELD);
}

struct node *parse_quoted(struct parser *p) {
    if (p->after.kind == TOK_LPAREN) {
        return parse_fail_hint(p, p->token.start, "a function's name in quotes",
                               "write the name without quotes");
    }
    return parse_name(p, NODE_FIELD);
}

struct node *parse_variable(struct parser *p) {
    return parse_name(p, NODE_VARIABLE);
}
