/*
 * The lexer: one token per call, decided by the first byte; two or three bytes of look-ahead, no
 * memory. It must not know the grammar, with one exception: `a -1` is a subtraction and `[-1]` is
 * an index, which only the token before the sign can tell apart.
 */
#include "lex_priv.h"

#include <string.h>

void lex_init(struct lexer *l, const char *text, size_t len) {
    *l = (struct lexer){.text = text, .len = len, .last = TOK_COMMA};
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_char(char c) {
    return is_name_start(c) || is_digit(c);
}

static char byte_at(const struct lexer *l, size_t pos) {
    return pos < l->len ? l->text[pos] : '\0';
}

/* Positive: what follows can only be an operator, so a sign is one too. */
static bool can_end_operand(enum token_kind kind) {
    static const bool ends[TOK_KIND_COUNT] = {
        [TOK_IDENTIFIER] = true, [TOK_QUOTED] = true,  [TOK_VARIABLE] = true, [TOK_NUMBER] = true,
        [TOK_RAW] = true,        [TOK_LITERAL] = true, [TOK_RPAREN] = true,   [TOK_RBRACKET] = true,
        [TOK_FLATTEN] = true,    [TOK_RBRACE] = true,  [TOK_CURRENT] = true,  [TOK_ROOT] = true,
    };
    return ends[kind];
}

static bool fault(struct lexer *l, size_t pos, const char *what, const char *hint) {
    l->fault = what;
    l->fault_pos = pos;
    l->fault_hint = hint;
    return false;
}

static bool finish(struct lexer *l, struct token *t, enum token_kind kind, size_t len) {
    t->kind = kind;
    t->end = t->start + len;
    l->pos = t->end;
    l->last = kind;
    return true;
}

static bool lex_name(struct lexer *l, struct token *t, enum token_kind kind, size_t prefix) {
    size_t pos = t->start + prefix;
    while (pos < l->len && is_name_char(l->text[pos])) {
        pos++;
    }
    return finish(l, t, kind, pos - t->start);
}

static size_t skip_digits(const struct lexer *l, size_t pos) {
    while (is_digit(byte_at(l, pos))) {
        pos++;
    }
    return pos;
}

/* ["-"] digits [ "." digits ] [ e [sign] digits ]: an index uses the first part only. */
static bool lex_number(struct lexer *l, struct token *t) {
    size_t pos = skip_digits(l, t->start + (l->text[t->start] == '-' ? 1 : 0));
    if (byte_at(l, pos) == '.' && is_digit(byte_at(l, pos + 1))) {
        pos = skip_digits(l, pos + 1);
    }
    if (byte_at(l, pos) == 'e' || byte_at(l, pos) == 'E') {
        size_t exponent = pos + 1;
        if (byte_at(l, exponent) == '+' || byte_at(l, exponent) == '-') {
            exponent++;
        }
        if (is_digit(byte_at(l, exponent))) {
            pos = skip_digits(l, exponent);
        }
    }
    return finish(l, t, TOK_NUMBER, pos - t->start);
}

/* Up to the closing `quote`; a backslash takes the byte behind it along. */
static bool lex_delimited(struct lexer *l, struct token *t, enum token_kind kind,
                          const char *what) {
    char quote = l->text[t->start];
    size_t pos = t->start + 1;
    while (pos < l->len && l->text[pos] != quote) {
        if (l->text[pos] == '\\') {
            t->has_escape = true;
            pos++;
        }
        pos++;
    }
    if (pos >= l->len) {
        return fault(l, t->start, what, NULL);
    }
    return finish(l, t, kind, pos + 1 - t->start);
}

/* One character, or two when `second` follows. */
static bool lex_pair(struct lexer *l, struct token *t, enum token_kind one, char second,
                     enum token_kind two) {
    bool is_pair = byte_at(l, t->start + 1) == second && second != '\0';
    return finish(l, t, is_pair ? two : one, is_pair ? 2 : 1);
}

static bool lex_bracket(struct lexer *l, struct token *t) {
    if (byte_at(l, t->start + 1) == '?') {
        return finish(l, t, TOK_FILTER, 2);
    }
    return lex_pair(l, t, TOK_LBRACKET, ']', TOK_FLATTEN);
}

static bool lex_minus(struct lexer *l, struct token *t) {
    if (is_digit(byte_at(l, t->start + 1)) && !can_end_operand(l->last)) {
        return lex_number(l, t);
    }
    return finish(l, t, TOK_MINUS, 1);
}

static bool lex_dollar(struct lexer *l, struct token *t) {
    if (is_name_start(byte_at(l, t->start + 1))) {
        return lex_name(l, t, TOK_VARIABLE, 1);
    }
    return finish(l, t, TOK_ROOT, 1);
}

/* JEP 16 spells the operators in Unicode too. */
static bool lex_unicode(struct lexer *l, struct token *t) {
    static const struct {
        const char *text;
        size_t len;
        enum token_kind kind;
    } operators[] = {
        {"\xC3\x97", 2, TOK_TIMES},     /* U+00D7 */
        {"\xC3\xB7", 2, TOK_DIVIDE},    /* U+00F7 */
        {"\xE2\x88\x92", 3, TOK_MINUS}, /* U+2212 */
    };
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        size_t len = operators[i].len;
        if (l->len - t->start >= len && memcmp(l->text + t->start, operators[i].text, len) == 0) {
            return finish(l, t, operators[i].kind, len);
        }
    }
    return fault(l, t->start, "a character that no expression holds outside of quotes",
                 "a name with other characters than A-Z a-z 0-9 _ is written in double quotes");
}

static bool lex_punctuation(struct lexer *l, struct token *t) {
    static const enum token_kind single[128] = {
        ['.'] = TOK_DOT,      [','] = TOK_COMMA,   [':'] = TOK_COLON,    ['*'] = TOK_STAR,
        ['('] = TOK_LPAREN,   [')'] = TOK_RPAREN,  [']'] = TOK_RBRACKET, ['{'] = TOK_LBRACE,
        ['}'] = TOK_RBRACE,   ['@'] = TOK_CURRENT, ['+'] = TOK_PLUS,     ['%'] = TOK_MODULO,
        ['?'] = TOK_QUESTION,
    };
    unsigned char c = (unsigned char)l->text[t->start];
    if (c >= sizeof single / sizeof single[0]) {
        return lex_unicode(l, t);
    }
    if (single[c] != TOK_END) {
        return finish(l, t, single[c], 1);
    }
    return fault(l, t->start, "a character that no expression holds outside of quotes", NULL);
}

static void skip_blanks(struct lexer *l) {
    while (l->pos < l->len && (l->text[l->pos] == ' ' || l->text[l->pos] == '\t' ||
                               l->text[l->pos] == '\n' || l->text[l->pos] == '\r')) {
        l->pos++;
    }
}

bool lex_next(struct lexer *l, struct token *ret_token) {
    skip_blanks(l);
    struct token *t = ret_token;
    *t = (struct token){.start = l->pos};
    if (l->pos >= l->len) {
        return finish(l, t, TOK_END, 0);
    }
    char c = l->text[l->pos];
    if (is_name_start(c)) {
        return lex_name(l, t, TOK_IDENTIFIER, 0);
    }
    if (is_digit(c)) {
        return lex_number(l, t);
    }
    switch (c) {
    case '"':
        return lex_delimited(l, t, TOK_QUOTED, "a quoted name that is never closed");
    case '\'':
        return lex_delimited(l, t, TOK_RAW, "a string that is never closed");
    case '`':
        return lex_delimited(l, t, TOK_LITERAL, "a JSON literal that is never closed");
    case '[':
        return lex_bracket(l, t);
    case '-':
        return lex_minus(l, t);
    case '$':
        return lex_dollar(l, t);
    case '&':
        return lex_pair(l, t, TOK_EXPREF, '&', TOK_AND);
    case '|':
        return lex_pair(l, t, TOK_PIPE, '|', TOK_OR);
    case '!':
        return lex_pair(l, t, TOK_NOT, '=', TOK_NE);
    case '<':
        return lex_pair(l, t, TOK_LT, '=', TOK_LE);
    case '>':
        return lex_pair(l, t, TOK_GT, '=', TOK_GE);
    case '=':
        return lex_pair(l, t, TOK_ASSIGN, '=', TOK_EQ);
    case '/':
        return lex_pair(l, t, TOK_DIVIDE, '/', TOK_FLOOR_DIVIDE);
    default:
        return lex_punctuation(l, t);
    }
}
