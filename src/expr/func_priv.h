/* The function table: what each function is called, takes and does. */
#ifndef EXPR_FUNC_PRIV_H
#define EXPR_FUNC_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expr/expr.h"

struct call;
struct value;

enum arg_type {
    ARG_NUMBER = 1,
    ARG_STRING = 2,
    ARG_BOOLEAN = 4,
    ARG_NULL = 8,
    ARG_ARRAY = 16,
    ARG_OBJECT = 32,
    ARG_EXPREF = 64,
    ARG_ARRAY_OF_NUMBER = 128,
    ARG_ARRAY_OF_STRING = 256,
    ARG_ARRAY_OF_OBJECT = 512,
    ARG_ARRAY_OF_ARRAY = 1024,
    ARG_ANY = ARG_NUMBER | ARG_STRING | ARG_BOOLEAN | ARG_NULL | ARG_ARRAY | ARG_OBJECT,
};

enum { FUNCTION_VARIADIC = 255, FUNCTION_MAX_TYPES = 4 };

enum function_flag {
    FUNCTION_TAKES_MISSING = 1, /* default, not_null: a path that does not exist is null to them */
    FUNCTION_IS_STATUS = 2,     /* failed, succeeded, always: only where options allow them */
};

struct function {
    struct expr_function_doc doc;
    /* NULL after setting the error. Called with arguments of the right number and types. */
    const struct value *(*fn)(struct call *call);
    uint8_t min_args;
    uint8_t max_args; /* FUNCTION_VARIADIC: no maximum */
    uint8_t flags;    /* enum function_flag */
    uint16_t
        types[FUNCTION_MAX_TYPES]; /* per argument; those past the last one given have its type */
};

const struct function *function_find(const char *name, size_t len);
/* A word on what to write instead of a function that does not exist; "" when nothing comes to mind.
 */
void function_hint_unknown(const char *name, size_t len, struct err *err);

#endif
