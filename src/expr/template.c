/*
 * Templates: a text is cut into segments, each literal text or a compiled expression.
 *
 * The end of an expression is found by its own lexer, so that '}}' inside of quotes or of {a: {b:
 * c}} does not end it.
 */
#include "expr/template.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "lex_priv.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

#include <string.h>

#define OPEN  "${{"
#define CLOSE "}}"

struct segment {
    const char *text; /* literal, when expr is NULL */
    size_t len;
    const struct expr *expr;
    struct segment *next;
};

struct template {
    const char *text;
    struct segment *first;
    bool is_single;
    bool is_literal;
};

struct compiler {
    struct arena *arena;
    const char *text;
    size_t len;
    const struct expr_options *options;
    struct template *template;
    struct segment *last;
    struct err *err;
};

static size_t find(const char *text, size_t len, size_t from, const char *what) {
    const char *found = memmem(text + from, len - from, what, strlen(what));
    return found ? (size_t)(found - text) : len;
}

static void add_segment(struct compiler *c, struct segment segment) {
    struct segment *s = arena_alloc(c->arena, sizeof *s);
    *s = segment;
    if (c->last) {
        c->last->next = s;
    } else {
        c->template->first = s;
    }
    c->last = s;
}

static void add_literal(struct compiler *c, size_t from, size_t to) {
    if (from < to) {
        size_t len = to - from;
        add_segment(
            c, (struct segment){.text = arena_strndup(c->arena, c->text + from, len), .len = len});
    }
}

/* Where the text from `start` on stands. */
static struct expr_origin origin_at(const struct compiler *c, size_t start) {
    struct expr_origin origin = c->options->origin;
    if (origin.is_exact) {
        origin.place.col += (unsigned)utf8_count(c->text, utf8_valid_prefix(c->text, start));
    }
    return origin;
}

/*
 * Offset of the '}}' that ends the expression at `start`. Where the lexer finds none because
 * something inside is not closed, the first '}}' is taken: compiling up to it tells what is wrong.
 * c->len when there is no end.
 */
static size_t find_end(const struct compiler *c, size_t start) {
    struct lexer lexer;
    struct token token;
    lex_init(&lexer, c->text + start, c->len - start);
    size_t depth = 0;
    bool is_sound = true;
    while (lex_next(&lexer, &token)) {
        size_t at = start + token.start;
        if (token.kind == TOK_END && depth == 0 && is_sound) {
            return c->len;
        }
        if (token.kind == TOK_END) {
            break;
        }
        if (token.kind == TOK_LBRACE) {
            depth++;
        } else if (token.kind == TOK_RBRACE && depth > 0) {
            depth--;
        } else if (token.kind == TOK_RBRACE && at + 1 < c->len && c->text[at + 1] == '}') {
            return at;
        } else if (token.kind == TOK_RBRACE) {
            is_sound = false;
        }
    }
    return find(c->text, c->len, start, CLOSE);
}

static bool fail_unclosed(const struct compiler *c, size_t open) {
    err_set(c->err, "unclosed-template", "'" OPEN "' without '" CLOSE "'");
    err_hint(c->err, "close the expression with '" CLOSE
                     "'; in YAML ' #' begins a comment unless the text is "
                     "quoted; '$" OPEN "' is the text '" OPEN "'");
    struct expr_origin origin = origin_at(c, open);
    return err_at(c->err, origin.place, origin.is_exact ? origin.source_line : c->text);
}

static bool is_blank(char ch) {
    return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
}

/* Compiles the expression behind the OPEN at `open`; *ret_end is behind its CLOSE. */
static bool add_expr(struct compiler *c, size_t open, size_t *ret_end) {
    size_t start = open + strlen(OPEN);
    size_t close = find_end(c, start);
    if (close == c->len) {
        return fail_unclosed(c, open);
    }
    size_t end = close;
    while (start < end && is_blank(c->text[start])) {
        start++;
    }
    while (end > start && is_blank(c->text[end - 1])) {
        end--;
    }
    struct expr_options options = *c->options;
    options.origin = origin_at(c, start);
    struct expr *e = NULL;
    if (!expr_compile(c->arena, c->text + start, end - start, &options, &e, c->err)) {
        return false;
    }
    add_segment(c, (struct segment){.expr = e});
    *ret_end = close + strlen(CLOSE);
    return true;
}

static bool compile_segments(struct compiler *c) {
    size_t copied = 0;
    for (;;) {
        size_t open = find(c->text, c->len, copied, OPEN);
        bool is_escaped = open > copied && open < c->len && c->text[open - 1] == '$';
        add_literal(c, copied, is_escaped ? open - 1 : open);
        if (open == c->len) {
            return true;
        }
        if (is_escaped) {
            add_literal(c, open, open + strlen(OPEN));
            copied = open + strlen(OPEN);
        } else if (!add_expr(c, open, &copied)) {
            return false;
        }
    }
}

static bool is_line_ends(const struct segment *s) {
    for (size_t i = 0; i < s->len; i++) {
        if (s->text[i] != '\n') {
            return false;
        }
    }
    return s->expr == NULL;
}

/* One expression and nothing else; the line end of a block scalar is nothing. */
static bool is_single_expr(const struct template *t) {
    const struct segment *s = t->first;
    if (!s || !s->expr) {
        return false;
    }
    return !s->next || (!s->next->next && is_line_ends(s->next));
}

bool template_compile(struct arena *a, const char *text, size_t len,
                      const struct expr_options *options, struct template **ret_template,
                      struct err *err) {
    static const struct expr_options none;
    struct template *t = arena_zalloc(a, sizeof *t);
    t->text = arena_strndup(a, text, len);
    struct compiler c = {.arena = a,
                         .text = t->text,
                         .len = len,
                         .options = options ? options : &none,
                         .template = t,
                         .err = err};
    if (!compile_segments(&c)) {
        return false;
    }
    t->is_literal = true;
    for (const struct segment *s = t->first; s; s = s->next) {
        t->is_literal = t->is_literal && !s->expr;
    }
    t->is_single = is_single_expr(t);
    *ret_template = t;
    return true;
}

bool template_is_literal(const struct template *t) {
    return t->is_literal;
}

bool template_is_single(const struct template *t) {
    return t->is_single;
}

const char *template_text(const struct template *t) {
    return t->text;
}

void template_visit_exprs(const struct template *t, void (*fn)(const struct expr *e, void *ctx),
                          void *ctx) {
    for (const struct segment *s = t->first; s; s = s->next) {
        if (s->expr) {
            fn(s->expr, ctx);
        }
    }
}

/* ---- evaluation ------------------------------------------------------------------------------ */

static bool eval_expr(const struct segment *s, const struct expr_run *run, struct arena *a,
                      const struct value **ret_value, struct err *err) {
    struct expr_run strict = *run;
    strict.is_missing_error = true;
    return expr_eval(s->expr, &strict, a, ret_value, err);
}

/* Numbers by their text, so that an id or 0.10 stays what it was. */
static bool add_value(const struct segment *s, const struct value *v, struct str *out,
                      struct err *err) {
    switch ((enum value_type)v->type) {
    case VALUE_NULL:
        err_set(err, "null-in-text", "'%s' is null, and a text needs a value", expr_text(s->expr));
        err_hint(err, "default(x, '') puts nothing there");
        return expr_err_at(s->expr, 1, err);
    case VALUE_STRING:
    case VALUE_NUMBER:
        str_add_bytes(out, v->as.text, v->len);
        return true;
    case VALUE_BOOL:
    case VALUE_LIST:
    case VALUE_OBJECT:
        json_print(out, v, JSON_COMPACT);
        return true;
    case VALUE_TYPE_COUNT:
        break;
    }
    bug("value of type %d", v->type);
}

bool template_eval_text(const struct template *t, const struct expr_run *run, struct arena *a,
                        struct str *out, struct err *err) {
    for (const struct segment *s = t->first; s; s = s->next) {
        if (t->is_single && !s->expr) {
            break; /* the line end of a block scalar */
        }
        const struct value *v = NULL;
        if (!s->expr) {
            str_add_bytes(out, s->text, s->len);
        } else if (!eval_expr(s, run, a, &v, err) || !add_value(s, v, out, err)) {
            return false;
        }
        if (out->is_over) {
            return err_set(err, "expr-limit", "the text of a template is longer than %zu bytes",
                           out->max);
        }
    }
    return true;
}

bool template_eval(const struct template *t, const struct expr_run *run, struct arena *a,
                   const struct value **ret_value, struct err *err) {
    if (t->is_single) {
        return eval_expr(t->first, run, a, ret_value, err);
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_TEMPLATE_RESULT);
    if (!template_eval_text(t, run, a, &text, err)) {
        return false;
    }
    *ret_value = value_string(a, str_text(&text), text.len);
    return true;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

void template_pieces_begin(struct template_pieces *p, struct arena *a) {
    list_begin(&p->list, a);
    p->text = (struct str)STR_INIT(LIMIT_TEMPLATE_RESULT);
}

static void end_text(struct template_pieces *p) {
    if (p->text.len > 0) {
        list_add(&p->list, value_string(p->list.arena, str_text(&p->text), p->text.len));
        str_reset(&p->text);
    }
}

const struct value *template_pieces_end(struct template_pieces *p) {
    end_text(p);
    str_release(&p->text);
    return list_end(&p->list);
}

void template_pieces_add(struct template_pieces *p, const struct value *unknown) {
    end_text(p);
    list_add(&p->list, unknown);
}

static void add_unknown(struct template_pieces *p, const struct expr *e, const char *until) {
    struct object_builder b;
    object_begin(&b, p->list.arena);
    object_put_c(&b, "expression", value_cstring(p->list.arena, expr_text(e)));
    object_put_c(&b, "until", value_cstring(p->list.arena, until));
    template_pieces_add(p, object_end(&b));
}

bool template_add_pieces(const struct template *t, const struct expr_run *run, struct arena *a,
                         struct template_pieces *p, struct err *err) {
    for (const struct segment *s = t->first; s; s = s->next) {
        const struct value *v = NULL;
        if (!s->expr) {
            str_add_bytes(&p->text, s->text, t->is_single ? 0 : s->len);
        } else if (eval_expr(s, run, a, &v, err)) {
            if (!add_value(s, v, &p->text, err)) {
                return false;
            }
        } else if (err->kind && strcmp(err->kind, "unknown-value") == 0) {
            add_unknown(p, s->expr, err->hint);
            err_release(err);
        } else {
            return false;
        }
    }
    return true;
}
