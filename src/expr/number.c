/*
 * Arithmetic: exact while both operands are integers of 64 bits and the result is one, else in
 * doubles. What leaves the numbers (a zero divisor, an overflow, an operand that is no number) is
 * the error not-a-number.
 */
#include "number_priv.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "eval_priv.h"
#include "lex_priv.h"
#include "value/value.h"

#include <math.h>
#include <string.h>

/* The smallest double from which on every double is an integer. */
#define ALL_INTEGERS 9007199254740992.0

/* Division towards minus infinity, so that a == (a // b) * b + a % b. The caller excludes b == 0
 * and overflow. */
static int64_t floor_divide(int64_t a, int64_t b) {
    int64_t quotient = a / b;
    bool has_rest = a % b != 0;
    return has_rest && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

/* False when the result is no 64-bit integer. */
static bool integer_result(uint8_t op, int64_t a, int64_t b, int64_t *ret) {
    bool overflows_division = a == INT64_MIN && b == -1;
    switch (op) {
    case TOK_PLUS:
        return !__builtin_add_overflow(a, b, ret);
    case TOK_MINUS:
        return !__builtin_sub_overflow(a, b, ret);
    case TOK_STAR:
    case TOK_TIMES:
        return !__builtin_mul_overflow(a, b, ret);
    case TOK_MODULO:
        *ret = overflows_division ? 0 : a - floor_divide(a, b) * b;
        return true;
    case TOK_FLOOR_DIVIDE:
        if (overflows_division) {
            return false;
        }
        *ret = floor_divide(a, b);
        return true;
    default: /* TOK_DIVIDE */
        if (overflows_division || a % b != 0) {
            return false;
        }
        *ret = a / b;
        return true;
    }
}

static double double_result(uint8_t op, double a, double b) {
    switch (op) {
    case TOK_PLUS:
        return a + b;
    case TOK_MINUS:
        return a - b;
    case TOK_STAR:
    case TOK_TIMES:
        return a * b;
    case TOK_MODULO: {
        double rest = fmod(a, b);
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
    case TOK_FLOOR_DIVIDE:
        return floor(a / b);
    default: /* TOK_DIVIDE */
        return a / b;
    }
}

/* NULL when it is not finite. */
static const struct value *from_double(struct arena *a, double d) {
    return isfinite(d) ? value_double(a, d == 0 ? 0 : d) : NULL;
}

const struct value *number_binary(struct arena *arena, uint8_t op, const struct value *a,
                                  const struct value *b, const char **ret_why) {
    bool divides = op == TOK_DIVIDE || op == TOK_FLOOR_DIVIDE || op == TOK_MODULO;
    int64_t y = 0;
    bool is_integer = value_as_i64(b, &y);
    if (divides && ((is_integer && y == 0) || fpclassify(b->aux.number) == FP_ZERO)) {
        *ret_why = "division by zero";
        return NULL;
    }
    int64_t x = 0;
    int64_t exact = 0;
    if (is_integer && value_as_i64(a, &x) && integer_result(op, x, y, &exact)) {
        return value_int(arena, exact);
    }
    *ret_why = "the result is too large for a number";
    return from_double(arena, double_result(op, a->aux.number, b->aux.number));
}

/* By text: exact for numbers of any length. */
static const struct value *negate(struct arena *a, const struct value *v) {
    int64_t n = 0;
    if (value_as_i64(v, &n) && n == 0) {
        return value_int(a, 0);
    }
    if (v->as.text[0] == '-') {
        return value_number_text(a, v->as.text + 1, v->len - 1);
    }
    char *text = arena_alloc(a, (size_t)v->len + 2);
    text[0] = '-';
    memcpy(text + 1, v->as.text, (size_t)v->len + 1);
    return value_number_text(a, text, (size_t)v->len + 1);
}

const struct value *number_absolute(struct arena *a, const struct value *v) {
    return v->as.text[0] == '-' ? negate(a, v) : v;
}

const struct value *number_round(struct arena *a, const struct value *v,
                                 double (*direction)(double)) {
    int64_t n = 0;
    if (value_as_i64(v, &n) || fabs(v->aux.number) >= ALL_INTEGERS) {
        return v;
    }
    return from_double(a, direction(v->aux.number));
}

void total_begin(struct total *t) {
    *t = (struct total){.is_exact = true};
}

void total_add(struct total *t, const struct value *v) {
    int64_t n = 0;
    t->is_exact =
        t->is_exact && value_as_i64(v, &n) && !__builtin_add_overflow(t->exact, n, &t->exact);
    t->nearest += v->aux.number;
}

const struct value *total_end(const struct total *t, struct arena *a) {
    return t->is_exact ? value_int(a, t->exact) : from_double(a, t->nearest);
}

/* ---- operators ------------------------------------------------------------------------------- */

/* `create-project`: a minus without blanks between two names. */
static bool looks_like_hyphen(const struct eval *ev, const struct node *n) {
    const struct node *left = n->left;
    return n->op == TOK_MINUS && (left->kind == NODE_FIELD || left->kind == NODE_CHAIN) &&
           (n->right->kind == NODE_FIELD || n->right->kind == NODE_CHAIN) &&
           n->right->start == left->end + 1 && ev->expr->text[left->end] == '-';
}

static const struct value *fail_operand(struct eval *ev, const struct node *n,
                                        const struct node *operand, const struct value *v) {
    const char *text = ev->expr->text;
    eval_fail(ev, operand, "not-a-number", "'%.*s' is %s%s, not a number",
              (int)(operand->end - operand->start), text + operand->start,
              v->type == VALUE_NULL
                  ? ""
                  : (v->type == VALUE_LIST || v->type == VALUE_OBJECT ? "an " : "a "),
              value_type_name(v));
    if (n->kind == NODE_ARITHMETIC && looks_like_hyphen(ev, n)) {
        const struct node *before = n->left->kind == NODE_CHAIN ? n->left->last : n->left;
        const struct node *behind = n->right->kind == NODE_CHAIN ? n->right->first : n->right;
        err_hint(ev->err, "'-' subtracts; a name with a hyphen is written \"%.*s-%.*s\"",
                 (int)(before->end - before->start), text + before->start,
                 (int)(behind->end - behind->start), text + behind->start);
    } else if (n->op == TOK_PLUS && v->type == VALUE_STRING) {
        err_hint(ev->err, "strings are put together with join('', [a, b])");
    } else {
        eval_hint_null(ev, operand, v);
    }
    return NULL;
}

const struct value *eval_arithmetic(struct eval *ev, const struct node *n, const struct value *left,
                                    const struct value *right) {
    if (left->type != VALUE_NUMBER) {
        return fail_operand(ev, n, n->left, left);
    }
    if (right->type != VALUE_NUMBER) {
        return fail_operand(ev, n, n->right, right);
    }
    const char *why = NULL;
    const struct value *v = number_binary(ev->arena, n->op, left, right, &why);
    return v ? v : eval_fail(ev, n, "not-a-number", "%s", why);
}

const struct value *eval_sign(struct eval *ev, const struct node *n, const struct value *v) {
    if (v->type != VALUE_NUMBER) {
        return fail_operand(ev, n, n->left, v);
    }
    return n->op == TOK_PLUS ? v : negate(ev->arena, v);
}
