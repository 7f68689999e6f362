/*
 * What a condition looks at: of `state == 'running'` the state, of `length(items) > 2` the length. For people who wait and want to
 * see how far it is; nothing is decided by it.
 */
#include "expr/expr.h"

#include "base/arena.h"
#include "ast_priv.h"

static const struct node *subject_of(const struct node *n);

static bool is_constant(const struct node *n) {
    return n->kind == NODE_LITERAL || n->kind == NODE_EXPREF ||
           (n->kind == NODE_SIGN && n->left->kind == NODE_LITERAL);
}

static const struct node *first_changing(const struct node *n) {
    while (n != NULL && is_constant(n)) {
        n = n->next;
    }
    return n;
}

static const struct node *first_subject(const struct node *n) {
    const struct node *found = NULL;
    for (; n != NULL && found == NULL; n = n->next) {
        found = subject_of(n);
    }
    return found;
}

/* What stands behind a pipe is a condition of its own, on a node that is not ours to name. */
static bool is_piped(const struct node *chain) {
    for (const struct node *n = chain->first; n != NULL; n = n->next) {
        if ((n->flags & NODE_IS_PIPED) != 0) {
            return true;
        }
    }
    return false;
}

static const struct node *subject_of(const struct node *n) {
    switch ((enum node_kind)n->kind) {
    case NODE_AND:
    case NODE_OR:
        return first_subject(n->first);
    case NODE_NOT:
        return subject_of(n->left);
    case NODE_COMPARE:
        return !is_constant(n->left) ? n->left : is_constant(n->right) ? NULL : n->right;
    case NODE_CALL:
        return first_changing(n->first);
    case NODE_CHAIN:
        return is_piped(n) ? NULL : n;
    case NODE_FIELD:
    case NODE_VARIABLE:
    case NODE_INDEX:
        return n;
    case NODE_LITERAL:
    case NODE_CURRENT:
    case NODE_ROOT:
    case NODE_SLICE:
    case NODE_FLATTEN:
    case NODE_LIST:
    case NODE_HASH:
    case NODE_PAIR:
    case NODE_ARITHMETIC:
    case NODE_SIGN:
    case NODE_TERNARY:
    case NODE_EXPREF:
    case NODE_LET:
    case NODE_PROJECT:
    case NODE_PROJECT_VALUES:
    case NODE_FILTER:
    case NODE_KIND_COUNT:
        break;
    }
    return NULL;
}

const struct expr *expr_subject(const struct expr *e, struct arena *a, const char **ret_text) {
    const struct node *node = subject_of(e->root);
    if (node == NULL) {
        return NULL;
    }
    struct expr *subject = arena_alloc(a, sizeof *subject);
    *subject = *e;
    subject->root = node;
    *ret_text = arena_strndup(a, e->text + node->start, node->end - node->start);
    return subject;
}
