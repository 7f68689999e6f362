/*
 * Parsing of paths: dots, indexes, slices, and the projections [*] * [] [?] [1:2], each of which
 * takes everything behind it that binds at least as tight as PROJECTION_STOP.
 */
#include "parse_priv.h"

#include "base/arena.h"
#include "base/num.h"

/* sub-expression: what may stand behind a dot. */
static struct node *parse_behind_dot(struct parser *p, unsigned limit) {
    size_t start = p->token.start;
    if (parse_at(p, TOK_IDENTIFIER) || parse_at(p, TOK_QUOTED) || parse_at(p, TOK_STAR)) {
        return parse_expression(p, limit);
    }
    if (parse_at(p, TOK_LBRACKET)) {
        return parse_advance(p) ? parse_list(p, start) : NULL;
    }
    if (parse_at(p, TOK_LBRACE)) {
        return parse_hash(p);
    }
    parse_fail_unexpected(p, "a name, a function, '*', '[' or '{' behind '.'");
    if (parse_at(p, TOK_NUMBER)) {
        err_hint(p->err, "an element of a list is written list[0]");
    }
    return NULL;
}

/*
 * What is evaluated for each element of a projection. *ret_rest is NULL when nothing follows: the
 * elements themselves. False after an error.
 */
static bool parse_projected(struct parser *p, unsigned limit, struct node **ret_rest) {
    *ret_rest = NULL;
    if (parse_operators[p->token.kind].power < PROJECTION_STOP) {
        return true;
    }
    if (parse_at(p, TOK_DOT)) {
        if (!parse_advance(p)) {
            return false;
        }
        *ret_rest = parse_behind_dot(p, limit);
    } else {
        *ret_rest = parse_expression(p, limit);
    }
    return *ret_rest != NULL;
}

static struct node *project(struct parser *p, enum node_kind kind, size_t start, struct node *left,
                            unsigned limit) {
    struct node *rest = NULL;
    if (!parse_projected(p, limit, &rest)) {
        return NULL;
    }
    return parse_over(p, kind, start, left, rest);
}

/* [0-9]+ with a sign; saturates, for no list is that long. */
static int64_t index_number(const struct parser *p, const struct token *t) {
    const char *text = p->expr->text + t->start;
    int64_t n = 0;
    if (num_parse_i64(text, t->end - t->start, &n)) {
        return n;
    }
    return text[0] == '-' ? INT64_MIN : INT64_MAX;
}

static bool is_integer(const struct parser *p, const struct token *t) {
    for (size_t i = t->start; i < t->end; i++) {
        char c = p->expr->text[i];
        if (c == '.' || c == 'e' || c == 'E') {
            return false;
        }
    }
    return true;
}

/* slice-expression = [number] ":" [number] [ ":" [number] ] "]" */
static struct node *parse_slice(struct parser *p, size_t start) {
    struct slice *s = arena_zalloc(p->arena, sizeof *s);
    s->step = 1;
    for (unsigned part = 0;; part++) {
        if (parse_at(p, TOK_NUMBER)) {
            if (!is_integer(p, &p->token)) {
                return parse_fail_unexpected(p, "an integer");
            }
            int64_t n = index_number(p, &p->token);
            if (part == 0) {
                s->start = n;
                s->has_start = true;
            } else if (part == 1) {
                s->stop = n;
                s->has_stop = true;
            } else {
                s->step = n;
            }
            if (!parse_advance(p)) {
                return NULL;
            }
        }
        if (parse_at(p, TOK_RBRACKET)) {
            break;
        }
        if (!parse_at(p, TOK_COLON) || part == 2) {
            return parse_fail_unexpected(p, part == 2 ? "']'" : "a number, ':' or ']'");
        }
        if (!parse_advance(p)) {
            return NULL;
        }
    }
    if (!parse_advance(p)) {
        return NULL;
    }
    struct node *n = parse_new(p, NODE_SLICE, start);
    n->slice = s;
    return n;
}

static bool starts_index(const struct parser *p) {
    if (parse_at(p, TOK_COLON)) {
        return true;
    }
    return parse_at(p, TOK_NUMBER) && (p->after.kind == TOK_RBRACKET || p->after.kind == TOK_COLON);
}

/* Behind '[': an index or a slice of `left` (NULL: of the current node). */
static struct node *parse_index(struct parser *p, size_t start, struct node *left) {
    if (parse_at(p, TOK_NUMBER) && p->after.kind == TOK_RBRACKET) {
        if (!is_integer(p, &p->token)) {
            return parse_fail_unexpected(p, "an integer");
        }
        int64_t index = index_number(p, &p->token);
        if (!parse_advance(p) || !parse_advance(p)) {
            return NULL;
        }
        struct node *n = parse_new(p, NODE_INDEX, start);
        n->index = index;
        return left ? parse_chain(p, left, n) : n;
    }
    struct node *n = parse_slice(p, start);
    if (!n) {
        return NULL;
    }
    size_t whole_start = left ? left->start : start;
    struct node *sliced = left ? parse_chain(p, left, n) : n;
    struct node *projection =
        sliced ? project(p, NODE_PROJECT, whole_start, sliced, BIND_STAR) : NULL;
    if (projection) {
        projection->flags |= NODE_IS_SLICED;
    }
    return projection;
}

/* [*]: at the star. */
static struct node *parse_wildcard(struct parser *p, size_t start, struct node *left) {
    if (!parse_advance(p) || !parse_advance(p)) {
        return NULL;
    }
    return project(p, NODE_PROJECT, start, left, BIND_STAR);
}

static bool starts_wildcard(const struct parser *p) {
    return parse_at(p, TOK_STAR) && p->after.kind == TOK_RBRACKET;
}

/* At '[' behind an operand: [0] [1:2] [*] */
struct node *parse_bracket(struct parser *p, struct node *left) {
    size_t start = p->token.start;
    if (!parse_advance(p)) {
        return NULL;
    }
    if (starts_index(p)) {
        return parse_index(p, start, left);
    }
    if (starts_wildcard(p)) {
        return parse_wildcard(p, left->start, left);
    }
    enum token_kind kind = p->token.kind;
    parse_fail_unexpected(p, "a number, ':' or '*' behind '['");
    if (kind == TOK_IDENTIFIER || kind == TOK_QUOTED || kind == TOK_RAW) {
        err_hint(p->err, "a field is written x.name or x.\"any name\", a filter x[?condition], "
                         "a selection x.[a, b]");
    }
    return NULL;
}

/* At '[' where an operand begins. */
struct node *parse_leading_bracket(struct parser *p) {
    size_t start = p->token.start;
    if (!parse_advance(p)) {
        return NULL;
    }
    if (starts_index(p)) {
        return parse_index(p, start, NULL);
    }
    return starts_wildcard(p) ? parse_wildcard(p, start, NULL) : parse_list(p, start);
}

/* At '[?'; left is NULL where an operand begins. */
struct node *parse_filter(struct parser *p, struct node *left) {
    size_t start = left ? left->start : p->token.start;
    if (!parse_advance(p)) {
        return NULL;
    }
    struct node *condition = parse_expression(p, 0);
    if (!condition || !parse_expect(p, TOK_RBRACKET, "']'")) {
        return NULL;
    }
    struct node *filter = project(p, NODE_FILTER, start, left, BIND_FILTER);
    if (!filter) {
        return NULL;
    }
    filter->other = condition;
    return parse_grow_depth(p, filter, condition) ? filter : NULL;
}

struct node *parse_leading_filter(struct parser *p) {
    return parse_filter(p, NULL);
}

/* At '[]'; left is NULL where an operand begins. */
struct node *parse_flatten(struct parser *p, struct node *left) {
    size_t start = left ? left->start : p->token.start;
    if (!parse_advance(p)) {
        return NULL;
    }
    struct node *flat = parse_over(p, NODE_FLATTEN, start, left, NULL);
    return flat ? project(p, NODE_PROJECT, start, flat, BIND_FLATTEN) : NULL;
}

struct node *parse_leading_flatten(struct parser *p) {
    return parse_flatten(p, NULL);
}

/* At '*' where an operand begins. */
struct node *parse_star(struct parser *p) {
    size_t start = p->token.start;
    return parse_advance(p) ? project(p, NODE_PROJECT_VALUES, start, NULL, BIND_STAR) : NULL;
}

/* At '.'. */
struct node *parse_dot(struct parser *p, struct node *left) {
    if (!parse_advance(p)) {
        return NULL;
    }
    if (!parse_at(p, TOK_STAR)) {
        return parse_chain(p, left, parse_behind_dot(p, BIND_DOT));
    }
    return parse_advance(p) ? project(p, NODE_PROJECT_VALUES, left->start, left, BIND_STAR) : NULL;
}
