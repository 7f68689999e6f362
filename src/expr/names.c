/*
 * Names: looking them up in the scope, and explaining those that are not there.
 *
 * The text of a missing path is cut out of the expression, so people read what they wrote. What an
 * error says: the longest part that exists, what it holds, and the nearest name.
 */
#include "eval_priv.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "lex_priv.h"
#include "maxima.h"
#include "value/value.h"

#include <string.h>

const struct value value_scope = {.type = VALUE_OBJECT};

enum { MAX_LISTED = 12, MAX_COMPARED = 1000 };

/* ---- lookup ---------------------------------------------------------------------------------- */

/* true, false and null are names like any other in JMESPath, which surprises everybody once. */
static bool is_word_literal(const struct node *n) {
    static const char *const words[] = {"true", "false", "null"};
    if (n->kind != NODE_FIELD || (n->flags & NODE_IS_QUOTED)) {
        return false;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(n->name, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void hint_name(struct eval *ev, const struct node *n) {
    if (is_word_literal(n)) {
        err_hint(ev->err, "the literal is written `%s`, with backquotes; %s alone is a name",
                 n->name, n->name);
    } else if (n->flags & NODE_IS_QUOTED) {
        err_hint(ev->err, "double quotes make a name; a string is written '%s'", n->name);
    }
}

static const struct value *fail_unknown(struct eval *ev, const struct node *n, const char *sigil) {
    eval_fail(ev, n, "undefined-variable", "there is no '%s%s' here", sigil, n->name);
    const struct expr_scope *scope = ev->run->scope;
    const char *nearest = scope ? err_nearest(n->name, scope->roots, scope->n_roots) : NULL;
    if (nearest) {
        err_hint(ev->err, "did you mean '%s%s'?", sigil, nearest);
        return NULL;
    }
    AUTO(str) struct str names = STR_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; scope && i < scope->n_roots; i++) {
        str_addf(&names, "%s%s%s", i > 0 ? ", " : "", sigil, scope->roots[i]);
    }
    if (names.len > 0) {
        err_hint(ev->err, "there are: %s", str_text(&names));
    }
    hint_name(ev, n);
    return NULL;
}

const struct value *eval_root_name(struct eval *ev, const struct node *n) {
    const struct expr_scope *scope = ev->run->scope;
    const struct value *v = scope->root(scope->ctx, n->name, n->name_len, ev->arena);
    return v ? v : fail_unknown(ev, n, "");
}

const struct value *eval_variable(struct eval *ev, const struct node *n) {
    for (const struct binding *b = ev->bindings; b; b = b->outer) {
        if (b->pair->name_len == n->name_len && memcmp(b->pair->name, n->name, n->name_len) == 0) {
            return b->value;
        }
    }
    const struct expr_scope *scope = ev->run->scope;
    const struct value *v = scope ? scope->root(scope->ctx, n->name, n->name_len, ev->arena) : NULL;
    return v ? v : fail_unknown(ev, n, "$");
}

const struct value *eval_member(struct eval *ev, const struct node *root, const struct node *key) {
    const struct expr_scope *scope = ev->run->scope;
    const struct value *v =
        scope->member(scope->ctx, root->name, root->name_len, key->name, key->name_len, ev->arena);
    if (v) {
        return v;
    }
    const struct value *whole =
        root->kind == NODE_VARIABLE ? eval_variable(ev, root) : eval_root_name(ev, root);
    if (!whole) {
        return NULL;
    }
    v = value_get_len(whole, key->name, key->name_len);
    return v ? v : eval_miss(ev, key, whole);
}

const struct value *eval_whole_scope(struct eval *ev) {
    const struct expr_scope *scope = ev->run->scope;
    struct object_builder out;
    object_begin(&out, ev->arena);
    for (size_t i = 0; i < scope->n_roots; i++) {
        const char *name = scope->roots[i];
        const struct value *v = scope->root(scope->ctx, name, strlen(name), ev->arena);
        if (v) {
            object_put_c(&out, name, v);
        }
    }
    return object_end(&out);
}

const struct value *eval_miss(struct eval *ev, const struct node *n,
                              const struct value *container) {
    ev->missing.node = n;
    ev->missing.container = container;
    ev->missing.path_start = n->start;
    ev->missing.prefix_end = n->start;
    return &value_missing;
}

/* ---- explanations ---------------------------------------------------------------------------- */

/* Adds a piece of the expression on one line, without parentheses that open in it and close behind
 * it. */
static void add_piece(struct str *out, const char *text, size_t len) {
    int n_open = 0;
    for (size_t i = 0; i < len; i++) {
        n_open += (text[i] == '(') - (text[i] == ')');
    }
    for (; n_open > 0 && len > 0 && text[0] == '('; n_open--) {
        text++;
        len--;
    }
    for (size_t i = 0; i < len; i++) {
        bool is_blank = text[i] == '\n' || text[i] == '\r' || text[i] == '\t';
        str_add_char(out, is_blank ? ' ' : text[i]);
    }
}

static void add_keys(struct str *out, const struct value *object) {
    for (uint32_t i = 0; i < object->len && i < MAX_LISTED; i++) {
        str_addf(out, "%s'%s'", i > 0 ? ", " : "", object->as.members[i].key);
    }
    if (object->len > MAX_LISTED) {
        str_addf(out, " and %u more", object->len - MAX_LISTED);
    }
}

/* "has 'a', 'b'", "is a list of 3", "is null" … */
static void add_container(struct str *out, const struct value *v) {
    switch ((enum value_type)v->type) {
    case VALUE_OBJECT:
        if (v->len == 0) {
            str_add(out, "is empty");
            return;
        }
        str_add(out, "has ");
        add_keys(out, v);
        return;
    case VALUE_LIST:
        str_addf(out, "is a list of %u", v->len);
        return;
    case VALUE_NULL:
        str_add(out, "is null");
        return;
    case VALUE_BOOL:
    case VALUE_NUMBER:
    case VALUE_STRING:
        str_addf(out, "is a %s", value_type_name(v));
        return;
    case VALUE_TYPE_COUNT:
        break;
    }
    bug("value of type %d", v->type);
}

static const char *nearest_key(const struct value *object, const char *name) {
    if (object->type != VALUE_OBJECT || object->len == 0) {
        return NULL;
    }
    size_t n = object->len < MAX_COMPARED ? object->len : MAX_COMPARED;
    const char **keys = mem_zalloc(n, sizeof *keys);
    for (size_t i = 0; i < n; i++) {
        keys[i] = object->as.members[i].key;
    }
    const char *nearest = err_nearest(name, keys, n);
    mem_free(keys);
    return nearest;
}

/* "path 'a.b' does not exist: 'a' has 'c'" */
static void describe_missing(const struct eval *ev, struct str *out) {
    const struct node *n = ev->missing.node;
    const char *text = ev->expr->text;
    str_add(out, "path '");
    add_piece(out, text + ev->missing.path_start, n->end - ev->missing.path_start);
    str_add(out, "' does not exist: ");
    if (ev->missing.prefix_end > ev->missing.path_start) {
        str_add_char(out, '\'');
        add_piece(out, text + ev->missing.path_start,
                  ev->missing.prefix_end - ev->missing.path_start);
        str_add(out, "' ");
    } else {
        str_add(out, "the current node ");
    }
    add_container(out, ev->missing.container);
}

static void hint_missing(struct eval *ev) {
    const struct node *n = ev->missing.node;
    if (n->kind != NODE_FIELD) {
        return;
    }
    const char *nearest = nearest_key(ev->missing.container, n->name);
    if (nearest) {
        err_hint(ev->err, "did you mean '%s'?", nearest);
    } else if (ev->missing.container->type == VALUE_LIST) {
        err_hint(ev->err, "an element has an index, as in [0].%s; of every element it is [*].%s",
                 n->name, n->name);
    } else {
        hint_name(ev, n);
    }
}

const struct value *eval_fail_missing(struct eval *ev, const struct node *n) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    describe_missing(ev, &text);
    const struct node *at = ev->missing.node ? ev->missing.node : n;
    eval_fail(ev, at, "undefined-path", "%s", str_text(&text));
    hint_missing(ev);
    if (!ev->err->hint) {
        err_hint(ev->err, "default(path, value) accepts what is missing");
    }
    return NULL;
}

void eval_hint_null(struct eval *ev, const struct node *n, const struct value *v) {
    const struct node *at = ev->missing.node;
    if (v != &value_missing || !at || at->start < n->start || at->end > n->end) {
        return;
    }
    if (is_word_literal(at) || (at->flags & NODE_IS_QUOTED)) {
        hint_name(ev, at);
        return;
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    describe_missing(ev, &text);
    const char *nearest =
        at->kind == NODE_FIELD ? nearest_key(ev->missing.container, at->name) : NULL;
    if (nearest) {
        str_addf(&text, "; did you mean '%s'?", nearest);
    }
    err_hint(ev->err, "%s", str_text(&text));
}
