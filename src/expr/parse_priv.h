/* The parser's state and tools, shared by its files. */
#ifndef EXPR_PARSE_PRIV_H
#define EXPR_PARSE_PRIV_H

#include "ast_priv.h"
#include "base/err.h"
#include "lex_priv.h"

struct arena;

struct parser {
    struct arena *arena;
    struct expr *expr;
    struct lexer lexer;
    struct token token; /* the next one to use */
    struct token after; /* and the one behind it */
    size_t last_end;    /* end of the token used last */
    size_t nesting;
    bool allow_status;
    struct err misuse; /* the first unknown function or wrong number of arguments */
    struct err *err;
};

/* Binding powers: pipe is the loosest. Zero ends an expression. */
enum {
    BIND_PIPE = 1,
    BIND_TERNARY = 2,
    BIND_OR = 3,
    BIND_AND = 4,
    BIND_COMPARE = 5,
    BIND_SUM = 6,
    BIND_PRODUCT = 7,
    BIND_NOT =
        8, /* looser than '.' and '[': `!a.b` is !(a.b), as the specification's table has it */
    BIND_FLATTEN = 9,
    PROJECTION_STOP = 10,
    BIND_STAR = 20,
    BIND_FILTER = 21,
    BIND_DOT = 40,
    BIND_BRACKET = 55,
};

/* What a token does behind an operand: its binding power (0: it ends the expression) and how to go
 * on from `left`. */
struct operator_rule {
    unsigned power;
    struct node *(*parse)(struct parser *p, struct node *left);
};
extern const struct operator_rule parse_operators[TOK_KIND_COUNT];

/* All functions return NULL or false after setting the error. */

/* ---- parse_node.c: errors, tokens, nodes ---- */
struct node *parse_fail(struct parser *p, size_t offset, const char *message);
struct node *parse_fail_hint(struct parser *p, size_t offset, const char *message,
                             const char *hint);
struct node *parse_fail_unexpected(struct parser *p, const char *expected);
struct node *parse_fail_depth(struct parser *p, size_t offset);
bool parse_token_is(const struct parser *p, const struct token *t, const char *word);
bool parse_at(const struct parser *p, enum token_kind kind);
bool parse_advance(struct parser *p);
bool parse_expect(struct parser *p, enum token_kind kind, const char *what);
struct node *parse_new(struct parser *p, enum node_kind kind, size_t start);
/* A node over up to two others, which may be NULL. */
struct node *parse_over(struct parser *p, enum node_kind kind, size_t start, struct node *left,
                        struct node *right);
bool parse_grow_depth(struct parser *p, struct node *n, const struct node *child);
bool parse_add_child(struct parser *p, struct node *parent, struct node *child);
/* Makes `left` the first child of a flat node of `kind`, unless it is one already. */
struct node *parse_flat_over(struct parser *p, enum node_kind kind, struct node *left);
/* Appends a step to a path; the steps of a path are taken one by one. Passes NULL on. */
struct node *parse_chain(struct parser *p, struct node *left, struct node *step);

/* ---- parse_path.c: what follows a dot or stands in brackets ---- */
struct node *parse_dot(struct parser *p, struct node *left);
struct node *parse_bracket(struct parser *p, struct node *left);
struct node *parse_filter(struct parser *p, struct node *left);
struct node *parse_flatten(struct parser *p, struct node *left);
struct node *parse_leading_bracket(struct parser *p);
struct node *parse_leading_filter(struct parser *p);
struct node *parse_leading_flatten(struct parser *p);
struct node *parse_star(struct parser *p);

/* ---- parse_operand.c: names, literals, selections, calls ---- */
struct node *parse_field(struct parser *p);
struct node *parse_quoted(struct parser *p);
struct node *parse_variable(struct parser *p);
struct node *parse_literal(struct parser *p);
/* Behind the opening bracket, which stands at `start`. */
struct node *parse_list(struct parser *p, size_t start);
struct node *parse_hash(struct parser *p);

/* ---- parse.c ---- */
struct node *parse_expression(struct parser *p, unsigned limit);

#endif
