/* Tokens of an expression. The lexer knows no arena: strings and literals are spans that the parser
 * decodes. */
#ifndef EXPR_LEX_PRIV_H
#define EXPR_LEX_PRIV_H

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
    TOK_END,
    TOK_IDENTIFIER,
    TOK_QUOTED,   /* "name" */
    TOK_VARIABLE, /* $name */
    TOK_NUMBER,   /* 12 -3 0.5 1e3 */
    TOK_RAW,      /* 'text' */
    TOK_LITERAL,  /* `json` */
    TOK_DOT,
    TOK_COMMA,
    TOK_COLON,
    TOK_STAR,
    TOK_LPAREN,
    TOK_RPAREN,
    TOK_LBRACKET,
    TOK_RBRACKET,
    TOK_FLATTEN, /* [] */
    TOK_FILTER,  /* [? */
    TOK_LBRACE,
    TOK_RBRACE,
    TOK_CURRENT, /* @ */
    TOK_ROOT,    /* $ */
    TOK_EXPREF,  /* & */
    TOK_AND,
    TOK_OR,
    TOK_PIPE,
    TOK_NOT,
    TOK_EQ,
    TOK_NE,
    TOK_LT,
    TOK_LE,
    TOK_GT,
    TOK_GE,
    TOK_PLUS,
    TOK_MINUS,
    TOK_TIMES,  /* U+00D7; the asterisk is TOK_STAR */
    TOK_DIVIDE, /* / and U+00F7 */
    TOK_FLOOR_DIVIDE,
    TOK_MODULO,
    TOK_QUESTION,
    TOK_ASSIGN,
    TOK_KIND_COUNT
};

struct token {
    enum token_kind kind;
    size_t start; /* byte offsets into the expression */
    size_t end;
    bool has_escape; /* quoted, raw, literal: a backslash is in it */
};

struct lexer {
    const char *text;
    size_t len;
    size_t pos;
    enum token_kind last; /* decides whether '-' before a digit belongs to the number */
    const char *fault;    /* what is wrong when lex_next() failed (static text) */
    const char *fault_hint;
    size_t fault_pos;
};

void lex_init(struct lexer *l, const char *text, size_t len);
/* False when no token starts here: `fault` says why. At the end of the text the token is TOK_END.
 */
bool lex_next(struct lexer *l, struct token *ret_token);

#endif
