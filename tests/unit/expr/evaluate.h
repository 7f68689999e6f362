/* One-line evaluation for the tests of expressions: results as JSON text, errors as they are
 * printed. */
#ifndef TESTS_UNIT_EXPR_EVALUATE_H
#define TESTS_UNIT_EXPR_EVALUATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "expr/expr.h"

struct value;

/* A scope made of one JSON object: its keys are the roots. Counts how often a whole root and one
 * member were asked for. */
struct json_scope {
    struct arena arena;
    const struct value *object;
    const char **roots;
    struct expr_scope scope;
    unsigned n_roots_built;
    unsigned n_members_built;
};
void json_scope_init(struct json_scope *s, const char *json);
void json_scope_release(struct json_scope *s);

/* Asserts the result as compact JSON. */
void check_result(const char *expression, const char *json, const char *expected);
/* Asserts the whole text of the error: place, message, source line, caret, hint. */
void check_error(const char *expression, const char *json, const char *expected);

/* The same as a template's expression sees it: bare names are names of the scope, a missing path is
 * an error. */
void check_scope_result(const char *expression, const char *scope_json, const char *expected);
void check_scope_error(const char *expression, const char *scope_json, const char *expected);

#endif
