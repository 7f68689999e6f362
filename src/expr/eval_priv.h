/* One evaluation: what the evaluator and the functions share. */
#ifndef EXPR_EVAL_PRIV_H
#define EXPR_EVAL_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ast_priv.h"

struct arena;
struct regex_cache;
struct value;

/* A null that stands for a path that does not exist. Told apart from a null in the data by its
 * address; never inside a result. */
extern const struct value value_missing;

/* Variables of the `let`s around the node being evaluated; on the C stack. */
struct binding {
    const struct node *pair;
    const struct value *value;
    const struct binding *outer;
};

struct eval {
    const struct expr *expr;
    const struct expr_run *run;
    struct arena *arena;
    struct err *err;
    const struct binding *bindings;
    uint64_t steps;
    size_t arena_start; /* bytes of the arena when the evaluation began */
    bool is_strict;     /* a missing path of the scope is an error wherever it is used */
    /* The path that made the last value_missing. */
    struct {
        const struct node *node;       /* the step that found nothing */
        const struct value *container; /* what it looked into */
        uint32_t path_start;           /* span of the text in front of the step */
        uint32_t prefix_end;
    } missing;
    struct regex_cache *regexes; /* NULL until a pattern is used */
};

struct arg {
    const struct value *value; /* NULL for an expression reference */
    const struct node *expref; /* its body */
};

/* One call of a function; arguments have been counted and have the declared types. */
struct call {
    struct eval *ev;
    const struct node *node;
    const struct function *function;
    const struct arg *args;
    size_t n_args;
};

/* All of these return NULL after setting the error. */
const struct value *eval_node(struct eval *ev, const struct node *n, const struct value *current);
/*
 * An operand whose null would go unnoticed: an element of a selection, an argument, a side of a
 * comparison. Under strict rules a path of the scope that does not exist is an error there; `||`,
 * default() and the like do not come here.
 */
const struct value *eval_operand(struct eval *ev, const struct node *n,
                                 const struct value *current);
const struct value *eval_fail(struct eval *ev, const struct node *n, const char *kind,
                              const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Counts work that does not show as node visits (elements compared, copied …). False past
 * LIMIT_EXPR_STEPS. */
bool eval_charge(struct eval *ev, const struct node *n, size_t steps);
/* False when `bytes` more would pass LIMIT_EXPR_RESULT. */
bool eval_room(struct eval *ev, const struct node *n, size_t bytes);
/* Charges for walking through a whole value, as a comparison does. */
bool eval_charge_value(struct eval *ev, const struct node *n, const struct value *v);

/* ---- names.c: the scope, and what is said about names that are not there ---- */

/* The current node of an expression whose bare names are names of the scope. */
extern const struct value value_scope;

const struct value *eval_root_name(struct eval *ev, const struct node *n);
const struct value *eval_variable(struct eval *ev, const struct node *n);
/* Value of `root.key` without building the whole root. */
const struct value *eval_member(struct eval *ev, const struct node *root, const struct node *key);
/* The whole scope as one object. */
const struct value *eval_whole_scope(struct eval *ev);
const struct value *eval_miss(struct eval *ev, const struct node *n, const struct value *container);
/* Error undefined-path for the last missing path. */
const struct value *eval_fail_missing(struct eval *ev, const struct node *n);
/* Explains a null operand of an error: the path inside `n` that does not exist, `true` and "text"
 * taken for literals. */
void eval_hint_null(struct eval *ev, const struct node *n, const struct value *v);

/* ---- eval_list.c ---- */
const struct value *eval_slice(struct eval *ev, const struct node *n, const struct value *current);
const struct value *eval_project(struct eval *ev, const struct node *n,
                                 const struct value *current);
const struct value *eval_project_values(struct eval *ev, const struct node *n,
                                        const struct value *current);
const struct value *eval_filter(struct eval *ev, const struct node *n, const struct value *current);
const struct value *eval_flatten(struct eval *ev, const struct node *n,
                                 const struct value *current);

/* ---- func.c ---- */
const struct value *eval_call(struct eval *ev, const struct node *n, const struct value *current);
const struct value *call_fail(const struct call *c, size_t arg, const char *kind, const char *fmt,
                              ...) __attribute__((format(printf, 4, 5)));

/* ---- func_regex.c ---- */
void regex_cache_release(struct regex_cache *cache);

/* ---- number.c ---- */
const struct value *eval_arithmetic(struct eval *ev, const struct node *n, const struct value *left,
                                    const struct value *right);
const struct value *eval_sign(struct eval *ev, const struct node *n, const struct value *v);

#endif
