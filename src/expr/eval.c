/*
 * The evaluator: walks the tree, sharing values with the input wherever it can.
 *
 * Every visit is counted (LIMIT_EXPR_STEPS) and everything sized by data asks for room first, so no
 * expression can hang or exhaust the program. The C stack is bounded by the depth of the tree,
 * which the parser limits. A path that does not exist yields value_missing, a null with an address
 * of its own.
 */
#include "eval_priv.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "lex_priv.h"
#include "maxima.h"
#include "value/value.h"

#include <stdarg.h>
#include <string.h>

const struct value value_missing = {.type = VALUE_NULL};

enum { MEMORY_CHECK_MASK = 255 };

/* ---- errors and limits ----------------------------------------------------------------------- */

const struct value *eval_fail(struct eval *ev, const struct node *n, const char *kind,
                              const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    err_vset(ev->err, kind, fmt, ap);
    va_end(ap);
    expr_err_at_byte(ev->expr, n->start, ev->err);
    return NULL;
}

bool eval_charge(struct eval *ev, const struct node *n, size_t steps) {
    ev->steps += steps;
    if (ev->steps > LIMIT_EXPR_STEPS) {
        eval_fail(ev, n, "expr-limit", "the evaluation takes more than %d steps", LIMIT_EXPR_STEPS);
        return false;
    }
    return true;
}

bool eval_room(struct eval *ev, const struct node *n, size_t bytes) {
    size_t used = ev->arena->total_bytes - ev->arena_start;
    if (bytes > LIMIT_EXPR_RESULT || used + bytes > LIMIT_EXPR_RESULT) {
        eval_fail(ev, n, "expr-limit", "the evaluation takes more than %zu MiB",
                  LIMIT_EXPR_RESULT / MIB);
        return false;
    }
    return true;
}

bool eval_charge_value(struct eval *ev, const struct node *n, const struct value *v) {
    if (v->type == VALUE_LIST) {
        for (uint32_t i = 0; i < v->len; i++) {
            if (!eval_charge_value(ev, n, v->as.items[i])) {
                return false;
            }
        }
    } else if (v->type == VALUE_OBJECT) {
        for (uint32_t i = 0; i < v->len; i++) {
            if (!eval_charge_value(ev, n, v->as.members[i].value)) {
                return false;
            }
        }
    }
    return eval_charge(ev, n, v->type == VALUE_STRING ? 1 + v->len / 64 : 1);
}

const struct value *eval_operand(struct eval *ev, const struct node *n,
                                 const struct value *current) {
    const struct value *v = eval_node(ev, n, current);
    if (v == &value_missing && ev->is_strict && current == &value_scope) {
        return eval_fail_missing(ev, n);
    }
    return v;
}

/* ---- paths ----------------------------------------------------------------------------------- */

static const struct value *eval_field(struct eval *ev, const struct node *n,
                                      const struct value *current) {
    if (current == &value_scope) {
        return eval_root_name(ev, n);
    }
    const struct value *v = value_get_hashed(current, n->name, n->name_len, n->name_hash);
    return v ? v : eval_miss(ev, n, current);
}

static const struct value *eval_index(struct eval *ev, const struct node *n,
                                      const struct value *current) {
    if (current->type != VALUE_LIST) {
        return eval_miss(ev, n, current);
    }
    int64_t i = n->index < 0 ? n->index + (int64_t)current->len : n->index;
    if (i < 0 || i >= (int64_t)current->len) {
        return eval_miss(ev, n, current);
    }
    return current->as.items[i];
}

/* `root.key` where the scope can give one member alone. */
static bool is_member_of_scope(const struct eval *ev, const struct node *step,
                               const struct value *current) {
    const struct node *key = step->next;
    if (!key || key->kind != NODE_FIELD || (key->flags & NODE_IS_PIPED) || !ev->run->scope ||
        !ev->run->scope->member) {
        return false;
    }
    if (step->kind == NODE_FIELD) {
        return current == &value_scope;
    }
    if (step->kind != NODE_VARIABLE) {
        return false;
    }
    for (const struct binding *b = ev->bindings; b; b = b->outer) {
        if (b->pair->name_len == step->name_len &&
            memcmp(b->pair->name, step->name, step->name_len) == 0) {
            return false;
        }
    }
    return true;
}

static const struct value *eval_any(struct eval *ev, const struct node *n,
                                    const struct value *current);

static const struct value *fail_unknown(struct eval *ev, const struct node *n,
                                        const struct value *v) {
    eval_fail(ev, n, "unknown-value", "unknown until %s", value_unknown_until(v));
    err_hint(ev->err, "%s", value_unknown_until(v));
    return NULL;
}

/* One step of a path, on the result of the one before. */
static const struct value *eval_step(struct eval *ev, const struct node *step,
                                     const struct value *current) {
    if (current->type == VALUE_NULL && !(step->flags & NODE_IS_PIPED)) {
        if (current == &value_missing || (current->flags & VALUE_UNKNOWN) != 0) {
            return current;
        }
        bool is_path = step->kind == NODE_FIELD || step->kind == NODE_INDEX;
        return is_path ? eval_miss(ev, step, current) : &value_null;
    }
    return eval_any(ev, step, current);
}

/* `@.inputs`: the path goes on in the scope, which need not be built as a whole. */
static bool stays_in_scope(const struct eval *ev, const struct node *head,
                           const struct value *current) {
    return current == &value_scope && ev->run->current == NULL && head->next &&
           (head->kind == NODE_CURRENT || head->kind == NODE_ROOT);
}

static const struct value *eval_chain(struct eval *ev, const struct node *n,
                                      const struct value *current) {
    const struct node *before = NULL; /* the step that gave `current` */
    const struct node *step = stays_in_scope(ev, n->first, current) ? n->first->next : n->first;
    while (step) {
        const struct node *last = step;
        if (is_member_of_scope(ev, step, current)) {
            last = step->next;
            before = step;
            current = eval_member(ev, step, last);
        } else {
            current = before ? eval_step(ev, step, current) : eval_any(ev, step, current);
        }
        if (!current) {
            return NULL;
        }
        if (current == &value_missing && ev->missing.node == last) {
            ev->missing.path_start = n->start;
            ev->missing.prefix_end = before ? before->end : n->start;
        }
        before = last;
        step = last->next;
    }
    return current;
}

/* ---- selections, logic, comparison ----------------------------------------------------------- */

static const struct value *eval_list(struct eval *ev, const struct node *n,
                                     const struct value *current) {
    struct list_builder out;
    list_begin(&out, ev->arena);
    list_reserve(&out, n->n);
    for (const struct node *child = n->first; child; child = child->next) {
        const struct value *v = eval_operand(ev, child, current);
        if (!v) {
            return NULL;
        }
        list_add(&out, v == &value_missing ? &value_null : v);
    }
    return list_end(&out);
}

static const struct value *eval_hash(struct eval *ev, const struct node *n,
                                     const struct value *current) {
    struct object_builder out;
    object_begin(&out, ev->arena);
    for (const struct node *pair = n->first; pair; pair = pair->next) {
        const struct value *v = eval_operand(ev, pair->left, current);
        if (!v) {
            return NULL;
        }
        object_put(&out, pair->name, pair->name_len, v == &value_missing ? &value_null : v);
    }
    return object_end(&out);
}

/* The first operand whose truth is `stop`, else the last one. */
static const struct value *eval_logic(struct eval *ev, const struct node *n,
                                      const struct value *current, bool stop) {
    const struct value *v = &value_null;
    for (const struct node *child = n->first; child; child = child->next) {
        v = eval_node(ev, child, current);
        if (!v || value_truth(v) == stop) {
            break;
        }
    }
    return v;
}

static const struct value *eval_not(struct eval *ev, const struct node *n,
                                    const struct value *current) {
    const struct value *v = eval_node(ev, n->left, current);
    return v ? value_bool(!value_truth(v)) : NULL;
}

static const struct value *eval_ternary(struct eval *ev, const struct node *n,
                                        const struct value *current) {
    const struct value *condition = eval_node(ev, n->left, current);
    if (!condition) {
        return NULL;
    }
    return eval_node(ev, value_truth(condition) ? n->right : n->other, current);
}

static const struct value *compare_order(uint8_t op, int order) {
    switch (op) {
    case TOK_LT:
        return value_bool(order < 0);
    case TOK_LE:
        return value_bool(order <= 0);
    case TOK_GT:
        return value_bool(order > 0);
    default:
        return value_bool(order >= 0);
    }
}

static bool is_null_literal(const struct node *n) {
    return n->kind == NODE_LITERAL && n->literal->type == VALUE_NULL;
}

static const struct value *eval_compare(struct eval *ev, const struct node *n,
                                        const struct value *current) {
    /* Comparing with null asks whether something is there. */
    bool asks_null = is_null_literal(n->left) || is_null_literal(n->right);
    const struct value *left =
        asks_null ? eval_node(ev, n->left, current) : eval_operand(ev, n->left, current);
    if (!left) {
        return NULL;
    }
    const struct value *right =
        asks_null ? eval_node(ev, n->right, current) : eval_operand(ev, n->right, current);
    if (!right) {
        return NULL;
    }
    if (n->op == TOK_EQ || n->op == TOK_NE) {
        if (left->type == right->type && left->type != VALUE_NUMBER &&
            !eval_charge_value(ev, n, left)) {
            return NULL;
        }
        return value_bool(value_equal(left, right) == (n->op == TOK_EQ));
    }
    bool has_order =
        left->type == right->type && (left->type == VALUE_NUMBER || left->type == VALUE_STRING);
    return has_order ? compare_order(n->op, value_compare(left, right)) : &value_null;
}

static const struct value *eval_binary(struct eval *ev, const struct node *n,
                                       const struct value *current) {
    const struct value *left = eval_node(ev, n->left, current);
    if (!left) {
        return NULL;
    }
    if (left->type != VALUE_NUMBER) {
        return eval_arithmetic(ev, n, left, NULL);
    }
    const struct value *right = eval_node(ev, n->right, current);
    return right ? eval_arithmetic(ev, n, left, right) : NULL;
}

static const struct value *eval_let(struct eval *ev, const struct node *n,
                                    const struct value *current) {
    struct binding *bindings = arena_alloc(ev->arena, n->n * sizeof *bindings);
    const struct binding *outer = ev->bindings;
    const struct binding *inner = outer;
    size_t i = 0;
    for (const struct node *pair = n->first; pair; pair = pair->next) {
        const struct value *v = eval_node(ev, pair->left, current);
        if (!v) {
            return NULL;
        }
        bindings[i] = (struct binding){pair, v, inner};
        inner = &bindings[i++];
    }
    ev->bindings = inner;
    const struct value *v = eval_node(ev, n->other, current);
    ev->bindings = outer;
    return v;
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static const struct value *eval_current(struct eval *ev, const struct value *current) {
    if (current != &value_scope) {
        return current;
    }
    return ev->run->current ? ev->run->current : eval_whole_scope(ev);
}

static const struct value *eval_root(struct eval *ev) {
    if (ev->run->current) {
        return ev->run->current;
    }
    return ev->expr->current_is_scope && ev->run->scope ? eval_whole_scope(ev) : &value_null;
}

static const struct value *eval_any(struct eval *ev, const struct node *n,
                                    const struct value *current) {
    ev->steps++;
    if ((ev->steps & MEMORY_CHECK_MASK) == 0 && (!eval_charge(ev, n, 0) || !eval_room(ev, n, 0))) {
        return NULL;
    }
    switch ((enum node_kind)n->kind) {
    case NODE_LITERAL:
        return n->literal;
    case NODE_CURRENT:
        return eval_current(ev, current);
    case NODE_ROOT:
        return eval_root(ev);
    case NODE_FIELD:
        return eval_field(ev, n, current);
    case NODE_VARIABLE:
        return eval_variable(ev, n);
    case NODE_INDEX:
        return eval_index(ev, n, current);
    case NODE_SLICE:
        return eval_slice(ev, n, current);
    case NODE_FLATTEN:
        return eval_flatten(ev, n, current);
    case NODE_CHAIN:
        return eval_chain(ev, n, current);
    case NODE_LIST:
        return eval_list(ev, n, current);
    case NODE_HASH:
        return eval_hash(ev, n, current);
    case NODE_OR:
        return eval_logic(ev, n, current, true);
    case NODE_AND:
        return eval_logic(ev, n, current, false);
    case NODE_NOT:
        return eval_not(ev, n, current);
    case NODE_COMPARE:
        return eval_compare(ev, n, current);
    case NODE_ARITHMETIC:
        return eval_binary(ev, n, current);
    case NODE_SIGN: {
        const struct value *v = eval_node(ev, n->left, current);
        return v ? eval_sign(ev, n, v) : NULL;
    }
    case NODE_TERNARY:
        return eval_ternary(ev, n, current);
    case NODE_CALL:
        return eval_call(ev, n, current);
    case NODE_LET:
        return eval_let(ev, n, current);
    case NODE_PROJECT:
        return eval_project(ev, n, current);
    case NODE_PROJECT_VALUES:
        return eval_project_values(ev, n, current);
    case NODE_FILTER:
        return eval_filter(ev, n, current);
    case NODE_PAIR:
    case NODE_EXPREF:
    case NODE_KIND_COUNT:
        break;
    }
    bug("node %d is not evaluated on its own", n->kind);
}

/* A path may lead past what a plan does not know yet; no other operation sees such a value. */
const struct value *eval_node(struct eval *ev, const struct node *n, const struct value *current) {
    const struct value *v = eval_any(ev, n, current);
    return v != NULL && (v->flags & VALUE_UNKNOWN) != 0 ? fail_unknown(ev, n, v) : v;
}

static const struct value *first_current(const struct expr *e, const struct expr_run *run) {
    if (e->current_is_scope && run->scope) {
        return &value_scope;
    }
    return run->current ? run->current : &value_null;
}

bool expr_eval(const struct expr *e, const struct expr_run *run, struct arena *a,
               const struct value **ret_value, struct err *err) {
    struct eval ev = {.expr = e,
                      .run = run,
                      .arena = a,
                      .err = err,
                      .arena_start = a->total_bytes,
                      .is_strict = run->is_missing_error && e->current_is_scope};
    const struct value *v = eval_node(&ev, e->root, first_current(e, run));
    if (v == &value_missing && run->is_missing_error) {
        v = eval_fail_missing(&ev, e->root);
    }
    if (ev.regexes) {
        regex_cache_release(ev.regexes);
    }
    if (!v) {
        return false;
    }
    *ret_value = v == &value_missing ? &value_null : v;
    return true;
}

bool expr_eval_condition(const struct expr *e, const struct expr_run *run, struct arena *a,
                         bool *ret_truth, struct err *err) {
    const struct value *v = NULL;
    if (!expr_eval(e, run, a, &v, err)) {
        return false;
    }
    if (v->type == VALUE_STRING || v->type == VALUE_NUMBER) {
        err_set(err, "invalid-condition",
                "a condition gives a boolean, null, a list or an object, not a %s",
                value_type_name(v));
        err_hint(
            err,
            v->type == VALUE_STRING
                ? "every text but the empty one is true, 'false' too: compare it, as in x == 'yes'"
                : "every number is true, 0 too: compare it, as in x > 0");
        return expr_err_at(e, 1, err);
    }
    *ret_truth = value_truth(v);
    return true;
}
