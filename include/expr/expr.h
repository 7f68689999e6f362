/*
 * JMESPath Community (JEPs 1 to 21 as accepted) with cpdflow's extensions: compile once, evaluate
 * often.
 *
 *   struct expr *e;
 *   if (!expr_compile(&arena, text, len, &options, &e, err)) …
 *   struct expr_run run = {.current = result, .scope = &scope, .now_ms = …};
 *   if (!expr_eval(e, &run, &scratch, &value, err)) …
 *
 * Kinds of errors: compiling syntax, unknown-function, invalid-arity, expr-limit; evaluating
 * invalid-type, invalid-value, undefined-variable, not-a-number, undefined-path, expr-limit,
 * regex-limit, unknown-value (what is read and decides is not known yet, see value_unknown(); the hint says until when.
 * What an expression does not need may be unknown: `true || x`).
 *
 * Ownership: a compiled expression lives in the arena it was compiled into and is immutable.
 * Results live in the arena given to expr_eval() and may share parts with `current` and with the
 * scope's values; value_copy() when they must outlive those. Every error has the column and a caret
 * (err.source_line is the expression's text or the recipe's line). Limits (maxima.h): length,
 * depth, steps, result bytes: no expression can hang or exhaust the program.
 *
 * Extensions beyond JMESPath, none of which changes a result of its suites: strings order by code
 * point with < > <= >=; bare numbers as operands (`size > 100`); variables without `let`; functions
 * matches capture replace_regex to_json parse_json parse_yaml parse_csv one unique default base64
 * base64_decode url_encode now epoch format_time, and failed succeeded always where options allow
 * them.
 */
#ifndef EXPR_EXPR_H
#define EXPR_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct value;
struct expr;

/* Where the text of an expression stands, for errors. All zero: the expression stands alone
 * (command line). */
struct expr_origin {
    struct place
        place;     /* of the first character when `is_exact`, else of the scalar that holds it */
    bool is_exact; /* column n of the expression is column place.col + n - 1 of the line */
    /* The file's line when is_exact; borrowed, lives as long as the expression. Else NULL: the
     * caret is drawn under the expression's own text. */
    const char *source_line;
};

struct expr_options {
    struct expr_origin origin;
    /* Templates: bare `inputs.x` and `steps.a.outputs.b` are names of the scope. */
    bool current_is_scope;
    bool allow_status; /* failed() succeeded() always() are known (`if:` only) */
};

bool expr_compile(struct arena *a, const char *text, size_t len, const struct expr_options *options,
                  struct expr **ret_expr, struct err *err);

/*
 * The names an expression may see. `root` gives the whole value of a root ("inputs", "steps",
 * "item", "run", "env", "result" …) or NULL when there is no such name; `member` gives one member
 * of a root without building the whole of it
 * (`steps.ID` among 100,000 steps) and may be NULL. Both may build in `a`. `roots` lists the names
 * for error hints.
 */
struct expr_scope {
    const struct value *(*root)(void *ctx, const char *name, size_t name_len, struct arena *a);
    const struct value *(*member)(void *ctx, const char *name, size_t name_len, const char *key,
                                  size_t key_len, struct arena *a);
    const char *const *roots;
    size_t n_roots;
    void *ctx;
};

enum expr_status { EXPR_STATUS_SUCCEEDED, EXPR_STATUS_FAILED };

struct expr_run {
    /* @; with current_is_scope it may be NULL: bare names come from the scope. */
    const struct value *current;
    const struct expr_scope *scope; /* NULL: no variables */
    enum expr_status status;        /* what failed() and succeeded() answer */
    int64_t now_ms; /* wall time that now() answers, the same for a whole evaluation */
    /*
     * A result that is null because a path does not exist is an error undefined-path that names the
     * longest part that exists, its keys and the nearest name; an explicit null is a value. `||`,
     * default(), not_null(), `!`, a comparison with `null` and a ternary's condition accept what is
     * missing. With current_is_scope the same holds for every path of the scope that is an element
     * of a selection, an argument or a side of a comparison.
     */
    bool is_missing_error;
};

bool expr_eval(const struct expr *e, const struct expr_run *run, struct arena *a,
               const struct value **ret_value, struct err *err);
/*
 * Evaluates a condition (if until fail_if that): boolean, null, list and object by JMESPath truth;
 * a string or a number is an error of kind invalid-condition, because 'false' and 0 are true in
 * JMESPath and nobody means that.
 */
bool expr_eval_condition(const struct expr *e, const struct expr_run *run, struct arena *a,
                         bool *ret_truth, struct err *err);

/* The expression's source text, NUL-terminated. */
const char *expr_text(const struct expr *e);
/* True when it calls failed(), succeeded() or always(): such a step runs although one before it
 * failed. */
bool expr_uses_status(const struct expr *e);

/*
 * The part of a condition that changes until it holds: of `entity.state == 'running'` the state, of `length(items) > 2` the length.
 * Evaluated like `e` itself, which it borrows from; *ret_text is how it is written. NULL: there is no such part.
 */
const struct expr *expr_subject(const struct expr *e, struct arena *a, const char **ret_text);

/* One use of a scope name: `$inputs.space_name`, `steps.space.outputs.id`: path parts up to the
 * first that is not a plain field; `col` is the one-based column in the expression. */
struct expr_ref {
    const char *const *parts;
    size_t n_parts;
    unsigned col;
    bool is_variable; /* written with $ */
};
typedef void (*expr_ref_fn)(const struct expr_ref *ref, void *ctx);
/* Visits every use of a scope name ($x that no `let` binds; with current_is_scope also bare names
 * at the top level). */
void expr_visit_refs(const struct expr *e, expr_ref_fn fn, void *ctx);
/* Gives an error found at one-based column `col` of the expression its place and caret. Returns
 * false. */
bool expr_err_at(const struct expr *e, unsigned col, struct err *err);

/* The function table, for `explain` and completion. */
struct expr_function_doc {
    const char *name;
    const char *signature; /* "join(string $glue, array[string] $parts)" */
    const char *doc;       /* one sentence */
    bool is_extension;
};
/* The i-th function by name; NULL past the last. */
const struct expr_function_doc *expr_function_doc(size_t i);

#endif
