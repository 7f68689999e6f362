/*
 * Trees of YAML with templates in their scalars. Subtrees without an expression become values when
 * compiled, and every evaluation shares them.
 */
#include "expr/template.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

#include <string.h>

enum tree_kind { TREE_VALUE, TREE_TEMPLATE, TREE_LIST, TREE_MAP };

struct tree_key {
    const char *text;
    size_t len;
};

struct template_tree {
    enum tree_kind kind;
    struct place place;
    const struct value *value;       /* TREE_VALUE */
    struct template *template;       /* TREE_TEMPLATE */
    struct template_tree **children; /* TREE_LIST, TREE_MAP */
    struct tree_key *keys;           /* TREE_MAP */
    size_t n;
};

struct tree_compiler {
    struct arena *arena;
    const struct template_source *source;
    const struct expr_options *options;
    struct err *err;
};

/* ---- places ---------------------------------------------------------------------------------- */

/* The scalar's text as it stands in its line: behind a quote, or at once. */
static bool stands_in_line(const struct yaml_node *scalar, const char *line, unsigned *ret_col) {
    size_t len = strlen(line);
    if (!utf8_is_valid(line, len) || scalar->is_block || scalar->text_len == 0) {
        return false;
    }
    size_t at = utf8_offset(line, len, scalar->col - 1);
    bool is_quoted = at < len && !scalar->is_plain && (line[at] == '"' || line[at] == '\'');
    at += is_quoted;
    if (is_quoted == scalar->is_plain || len - at < scalar->text_len ||
        memcmp(line + at, scalar->text, scalar->text_len) != 0) {
        return false;
    }
    *ret_col = scalar->col + is_quoted;
    return true;
}

struct expr_origin template_origin(const struct yaml_node *scalar,
                                   const struct template_source *source) {
    struct expr_origin origin = {
        .place = {source ? source->file : NULL, scalar->line, scalar->col}};
    const char *line =
        source && source->line_text ? source->line_text(scalar->line, source->ctx) : NULL;
    if (line && stands_in_line(scalar, line, &origin.place.col)) {
        origin.is_exact = true;
        origin.source_line = line;
    }
    return origin;
}

/* ---- compiling ------------------------------------------------------------------------------- */

static bool compile_node(struct tree_compiler *c, const struct yaml_node *node,
                         struct template_tree **ret_tree);

static bool compile_scalar(struct tree_compiler *c, const struct yaml_node *node,
                           struct template_tree *tree) {
    if (!memmem(node->text, node->text_len, "${{", 3)) {
        return true;
    }
    struct expr_options options = *c->options;
    options.origin = template_origin(node, c->source);
    tree->kind = TREE_TEMPLATE;
    return template_compile(c->arena, node->text, node->text_len, &options, &tree->template,
                            c->err);
}

static const struct yaml_node *child_node(const struct yaml_node *node, size_t i) {
    return node->kind == YAML_MAP ? node->pairs[i].value : node->items[i];
}

/* The value of a subtree without an expression; made once, for the largest such subtree. */
static void make_value(struct tree_compiler *c, const struct yaml_node *node,
                       struct template_tree *tree) {
    if (tree->kind == TREE_VALUE) {
        tree->value = yaml_to_value(c->arena, node);
    }
}

static bool compile_children(struct tree_compiler *c, const struct yaml_node *node,
                             struct template_tree *tree) {
    bool is_map = node->kind == YAML_MAP;
    tree->kind = is_map ? TREE_MAP : TREE_LIST;
    tree->n = node->n;
    tree->children = arena_alloc(c->arena, node->n * sizeof *tree->children);
    tree->keys = arena_alloc(c->arena, node->n * sizeof *tree->keys);
    bool is_literal = true;
    for (size_t i = 0; i < node->n; i++) {
        if (!compile_node(c, child_node(node, i), &tree->children[i])) {
            return false;
        }
        if (is_map) {
            const struct yaml_node *key = node->pairs[i].key;
            tree->keys[i].text = arena_strndup(c->arena, key->text, key->text_len);
            tree->keys[i].len = key->text_len;
        }
        is_literal = is_literal && tree->children[i]->kind == TREE_VALUE;
    }
    if (is_literal) {
        tree->kind = TREE_VALUE;
        return true;
    }
    for (size_t i = 0; i < node->n; i++) {
        make_value(c, child_node(node, i), tree->children[i]);
    }
    return true;
}

static bool compile_node(struct tree_compiler *c, const struct yaml_node *node,
                         struct template_tree **ret_tree) {
    struct template_tree *tree = arena_zalloc(c->arena, sizeof *tree);
    tree->place = (struct place){c->source ? c->source->file : NULL, node->line, node->col};
    tree->kind = TREE_VALUE;
    bool ok =
        node->kind == YAML_SCALAR ? compile_scalar(c, node, tree) : compile_children(c, node, tree);
    if (!ok) {
        return err_at(c->err, tree->place, NULL);
    }
    *ret_tree = tree;
    return true;
}

bool template_tree_compile(struct arena *a, const struct yaml_node *node,
                           const struct template_source *source, const struct expr_options *options,
                           struct template_tree **ret_tree, struct err *err) {
    static const struct expr_options none;
    struct tree_compiler c = {a, source, options ? options : &none, err};
    struct template_tree *tree = NULL;
    if (!compile_node(&c, node, &tree)) {
        return false;
    }
    make_value(&c, node, tree);
    *ret_tree = tree;
    return true;
}

/* ---- evaluation ------------------------------------------------------------------------------ */

static bool eval_list(const struct template_tree *t, const struct expr_run *run, struct arena *a,
                      const struct value **ret_value, struct err *err) {
    struct list_builder out;
    list_begin(&out, a);
    for (size_t i = 0; i < t->n; i++) {
        const struct value *v = NULL;
        if (!template_tree_eval(t->children[i], run, a, &v, err)) {
            return false;
        }
        list_add(&out, v);
    }
    *ret_value = list_end(&out);
    return true;
}

static bool eval_map(const struct template_tree *t, const struct expr_run *run, struct arena *a,
                     const struct value **ret_value, struct err *err) {
    struct object_builder out;
    object_begin(&out, a);
    for (size_t i = 0; i < t->n; i++) {
        const struct value *v = NULL;
        if (!template_tree_eval(t->children[i], run, a, &v, err)) {
            return false;
        }
        object_put(&out, t->keys[i].text, t->keys[i].len, v);
    }
    *ret_value = object_end(&out);
    return true;
}

bool template_tree_eval(const struct template_tree *t, const struct expr_run *run, struct arena *a,
                        const struct value **ret_value, struct err *err) {
    switch (t->kind) {
    case TREE_VALUE:
        *ret_value = t->value;
        return true;
    case TREE_TEMPLATE:
        return template_eval(t->template, run, a, ret_value, err) || err_at(err, t->place, NULL);
    case TREE_LIST:
        return eval_list(t, run, a, ret_value, err);
    case TREE_MAP:
        return eval_map(t, run, a, ret_value, err);
    }
    bug("tree of kind %d", (int)t->kind);
}

void template_tree_visit_exprs(const struct template_tree *t,
                               void (*fn)(const struct expr *e, void *ctx), void *ctx) {
    if (t->kind == TREE_TEMPLATE) {
        template_visit_exprs(t->template, fn, ctx);
    } else if (t->kind != TREE_VALUE) {
        for (size_t i = 0; i < t->n; i++) {
            template_tree_visit_exprs(t->children[i], fn, ctx);
        }
    }
}

bool template_tree_is_literal(const struct template_tree *t) {
    if (t->kind == TREE_VALUE || t->kind == TREE_TEMPLATE) {
        return t->kind == TREE_VALUE || template_is_literal(t->template);
    }
    for (size_t i = 0; i < t->n; i++) {
        if (!template_tree_is_literal(t->children[i])) {
            return false;
        }
    }
    return true;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

/* Of a text in quotes: its known parts are escaped, the unknown stand between them. */
static void add_quoted(const struct value *parts, struct template_pieces *p) {
    str_add_char(&p->text, '"');
    for (uint32_t i = 0; i < parts->len; i++) {
        const struct value *part = parts->as.items[i];
        if (part->type != VALUE_STRING) {
            template_pieces_add(p, part);
            continue;
        }
        AUTO(str) struct str quoted = STR_INIT(0);
        json_print_string(&quoted, part->as.text, part->len);
        str_add_bytes(&p->text, str_text(&quoted) + 1, quoted.len - 2);
    }
    str_add_char(&p->text, '"');
}

static bool add_template_json(const struct template_tree *t, const struct expr_run *run,
                              struct arena *a, struct template_pieces *p, struct err *err) {
    const struct value *v = NULL;
    if (template_eval(t->template, run, a, &v, err)) {
        json_print(&p->text, v, JSON_COMPACT);
        return true;
    }
    err_release(err);
    if (template_is_single(t->template)) {
        return template_add_pieces(t->template, run, a, p, err);
    }
    struct template_pieces parts;
    template_pieces_begin(&parts, a);
    bool is_fine = template_add_pieces(t->template, run, a, &parts, err);
    const struct value *list = template_pieces_end(&parts);
    if (is_fine) {
        add_quoted(list, p);
    }
    return is_fine;
}

/* Depth is bounded by that of the YAML. */
static bool add_json(const struct template_tree *t, const struct expr_run *run, struct arena *a,
                     struct template_pieces *p, struct err *err) {
    if (t->kind == TREE_VALUE) {
        json_print(&p->text, t->value, JSON_COMPACT);
        return true;
    }
    if (t->kind == TREE_TEMPLATE) {
        return add_template_json(t, run, a, p, err);
    }
    bool is_map = t->kind == TREE_MAP;
    str_add_char(&p->text, is_map ? '{' : '[');
    for (size_t i = 0; i < t->n; i++) {
        str_add(&p->text, i == 0 ? "" : ",");
        if (is_map) {
            json_print_string(&p->text, t->keys[i].text, t->keys[i].len);
            str_add_char(&p->text, ':');
        }
        if (!add_json(t->children[i], run, a, p, err)) {
            return false;
        }
    }
    str_add_char(&p->text, is_map ? '}' : ']');
    return true;
}

bool template_tree_add_pieces(const struct template_tree *t, const struct expr_run *run,
                              struct arena *a, struct template_pieces *p, struct err *err) {
    if (t->kind == TREE_TEMPLATE) {
        return template_add_pieces(t->template, run, a, p, err);
    }
    if (t->kind == TREE_VALUE && t->value->type == VALUE_STRING) {
        str_add_bytes(&p->text, t->value->as.text, t->value->len);
        return true;
    }
    return add_json(t, run, a, p, err);
}

static bool is_scalar(const struct template_tree *t) {
    return t->kind == TREE_TEMPLATE || (t->kind == TREE_VALUE && t->value->type != VALUE_LIST &&
                                        t->value->type != VALUE_OBJECT);
}

const struct template_tree *template_tree_scalar(const struct template_tree *t, size_t i) {
    bool has_scalars = t->kind == TREE_LIST && i < t->n;
    for (size_t k = 0; has_scalars && k < t->n; k++) {
        has_scalars = is_scalar(t->children[k]);
    }
    return has_scalars ? t->children[i] : NULL;
}
