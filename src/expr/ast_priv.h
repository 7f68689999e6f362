/*
 * The compiled form: a tree of nodes in the arena of the expression, immutable after parsing.
 *
 * Paths are flat: `a.b[0] | c` is one NODE_CHAIN whose children are evaluated one after the other,
 * each on the result of the one before. `a || b || c` and `a && b && c` are flat as well, so the
 * depth of the tree is the depth of what somebody really nested.
 */
#ifndef EXPR_AST_PRIV_H
#define EXPR_AST_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expr/expr.h"

struct value;
struct function;

enum node_kind {
    NODE_LITERAL,
    NODE_CURRENT,
    NODE_ROOT,
    NODE_FIELD,
    NODE_VARIABLE,
    NODE_INDEX,
    NODE_SLICE,
    NODE_FLATTEN,        /* left, or the current node */
    NODE_CHAIN,          /* children */
    NODE_LIST,           /* children */
    NODE_HASH,           /* children of kind NODE_PAIR */
    NODE_PAIR,           /* name, left */
    NODE_OR,             /* children */
    NODE_AND,            /* children */
    NODE_NOT,            /* left */
    NODE_COMPARE,        /* left op right */
    NODE_ARITHMETIC,     /* left op right */
    NODE_SIGN,           /* op left */
    NODE_TERNARY,        /* left ? right : other */
    NODE_CALL,           /* children: arguments */
    NODE_EXPREF,         /* left; only as an argument */
    NODE_LET,            /* children of kind NODE_PAIR, then `other` is the body */
    NODE_PROJECT,        /* left: list, right: per element (NULL: the element itself) */
    NODE_PROJECT_VALUES, /* left: object, right as above */
    NODE_FILTER,         /* left: list, right as above, other: condition */
    NODE_KIND_COUNT
};

enum node_flag {
    NODE_IS_PIPED = 1,  /* a chain's child that is evaluated even on null */
    NODE_IS_QUOTED = 2, /* a field written "name" */
    NODE_IS_BARE = 4,   /* a number written without backquotes */
    NODE_IS_SLICED = 8, /* a projection made by a slice: passes strings through */
};

struct slice {
    int64_t start;
    int64_t stop;
    int64_t step;
    bool has_start;
    bool has_stop;
};

struct node {
    uint8_t kind;   /* enum node_kind */
    uint8_t op;     /* enum token_kind of operators */
    uint8_t flags;  /* enum node_flag */
    uint16_t depth; /* of the tree below, this node included */
    uint32_t start; /* byte span in the text, parentheses around it included */
    uint32_t end;
    uint32_t n; /* children */
    union {
        struct node *first; /* children are linked by `next` */
        struct node *left;
    };
    union {
        struct node *last;
        struct node *right;
    };
    struct node *next;
    struct node *other;
    union {
        struct {
            const char *name; /* field, variable (without $), pair; NUL-terminated */
            uint32_t name_len;
            uint32_t name_hash; /* field: value_key_hash() of the name */
        };
        const struct value *literal;
        int64_t index;
        const struct slice *slice;
        const struct function *function;
    };
};

struct expr {
    const char *text; /* NUL-terminated copy */
    size_t len;
    const struct node *root;
    struct expr_origin origin;
    bool current_is_scope;
    bool uses_status; /* failed(), succeeded() or always() */
};

/* expr_err_at() for a byte offset. */
bool expr_err_at_byte(const struct expr *e, size_t offset, struct err *err);

/* parse.c: fills e->root. */
bool expr_parse(struct arena *a, struct expr *e, bool allow_status, struct err *err);

#endif
