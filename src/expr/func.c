/*
 * Calling functions: evaluates the arguments, checks their types against the table, explains what
 * does not fit.
 */
#include "func_priv.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "eval_priv.h"
#include "maxima.h"
#include "value/value.h"

#include <stdarg.h>
#include <string.h>

enum { LOCAL_ARGS = 8 };

static const struct {
    unsigned type;
    const char *text;
} type_words[] = {
    {ARG_NUMBER, "a number"},
    {ARG_STRING, "a string"},
    {ARG_BOOLEAN, "a boolean"},
    {ARG_NULL, "null"},
    {ARG_ARRAY, "an array"},
    {ARG_OBJECT, "an object"},
    {ARG_EXPREF, "an expression written &expression"},
    {ARG_ARRAY_OF_NUMBER, "an array of numbers"},
    {ARG_ARRAY_OF_STRING, "an array of strings"},
    {ARG_ARRAY_OF_OBJECT, "an array of objects"},
    {ARG_ARRAY_OF_ARRAY, "an array of arrays"},
};

static const uint16_t type_of_value[VALUE_TYPE_COUNT] = {
    [VALUE_NULL] = ARG_NULL,     [VALUE_BOOL] = ARG_BOOLEAN, [VALUE_NUMBER] = ARG_NUMBER,
    [VALUE_STRING] = ARG_STRING, [VALUE_LIST] = ARG_ARRAY,   [VALUE_OBJECT] = ARG_OBJECT,
};

static const char *word_of(unsigned type) {
    for (size_t i = 0; i < sizeof type_words / sizeof type_words[0]; i++) {
        if (type_words[i].type == type) {
            return type_words[i].text;
        }
    }
    bug("no word for type %u", type);
}

/* Which types every element of an array must have to be an "array of" the wanted kind. */
static const struct {
    unsigned array;
    unsigned char element;
} array_types[] = {
    {ARG_ARRAY_OF_NUMBER, VALUE_NUMBER},
    {ARG_ARRAY_OF_STRING, VALUE_STRING},
    {ARG_ARRAY_OF_OBJECT, VALUE_OBJECT},
    {ARG_ARRAY_OF_ARRAY, VALUE_LIST},
};

/* Index of the first element of another type; the length when there is none. */
static uint32_t first_other(const struct value *list, unsigned char type) {
    uint32_t i = 0;
    while (i < list->len && list->as.items[i]->type == type) {
        i++;
    }
    return i;
}

static bool fits(const struct value *v, unsigned wanted) {
    if (wanted & type_of_value[v->type]) {
        return true;
    }
    if (v->type != VALUE_LIST) {
        return false;
    }
    for (size_t i = 0; i < sizeof array_types / sizeof array_types[0]; i++) {
        if ((wanted & array_types[i].array) && first_other(v, array_types[i].element) == v->len) {
            return true;
        }
    }
    return false;
}

/* "an array whose element 3 is null": the first element that spoils what the array began as. */
static void add_found(struct str *out, const struct value *v, unsigned wanted) {
    str_add(out, word_of(type_of_value[v->type]));
    bool wants_array = false;
    uint32_t longest = 0;
    for (size_t i = 0; i < sizeof array_types / sizeof array_types[0]; i++) {
        if (v->type == VALUE_LIST && (wanted & array_types[i].array)) {
            uint32_t other = first_other(v, array_types[i].element);
            longest = other > longest ? other : longest;
            wants_array = true;
        }
    }
    if (wants_array && longest < v->len) {
        str_addf(out, " whose element %u is %s", longest,
                 word_of(type_of_value[v->as.items[longest]->type]));
    }
}

static void add_wanted(struct str *out, unsigned wanted) {
    if (wanted == ARG_ANY) {
        str_add(out, "a value");
        return;
    }
    const char *separator = "";
    for (size_t i = 0; i < sizeof type_words / sizeof type_words[0]; i++) {
        if (wanted & type_words[i].type) {
            str_addf(out, "%s%s", separator, type_words[i].text);
            separator = " or ";
        }
    }
}

static unsigned wanted_type(const struct function *f, size_t arg) {
    size_t i = arg < FUNCTION_MAX_TYPES ? arg : FUNCTION_MAX_TYPES - 1;
    while (f->types[i] == 0 && i > 0) {
        i--;
    }
    return f->types[i];
}

static const struct node *arg_node(const struct call *c, size_t arg) {
    const struct node *n = c->node->first;
    for (size_t i = 0; n && i < arg; i++) {
        n = n->next;
    }
    return n ? n : c->node;
}

const struct value *call_fail(const struct call *c, size_t arg, const char *kind, const char *fmt,
                              ...) {
    va_list ap;
    va_start(ap, fmt);
    err_vset(c->ev->err, kind, fmt, ap);
    va_end(ap);
    err_wrap(c->ev->err, "%s()", c->function->doc.name);
    expr_err_at_byte(c->ev->expr, arg_node(c, arg)->start, c->ev->err);
    return NULL;
}

/* The two functions whose arguments everybody swaps. */
static bool hint_order(const struct call *c, size_t arg) {
    const char *name = c->function->doc.name;
    const struct value *v = c->args[arg].value;
    if (strcmp(name, "join") == 0 && arg == 0 && v && v->type == VALUE_LIST) {
        err_hint(
            c->ev->err,
            "join takes the glue first: join('-', list); split the text first: split(text, '-')");
        return true;
    }
    if (strcmp(name, "split") == 0 && v && v->type == VALUE_LIST) {
        err_hint(
            c->ev->err,
            "split takes the text first: split(text, '/'); join the glue first: join('/', list)");
        return true;
    }
    return false;
}

static bool fail_type(const struct call *c, size_t arg, unsigned wanted) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    if (c->function->max_args != 1) {
        str_addf(&text, "argument %zu", arg + 1);
    } else {
        str_add(&text, "the argument");
    }
    str_add(&text, " must be ");
    add_wanted(&text, wanted);
    str_add(&text, ", found ");
    const struct value *v = c->args[arg].value;
    if (v) {
        add_found(&text, v, wanted);
    } else {
        str_add(&text, "an &expression");
    }
    call_fail(c, arg, "invalid-type", "%s", str_text(&text));
    if (!hint_order(c, arg) && v) {
        eval_hint_null(c->ev, arg_node(c, arg), v);
    }
    return false;
}

static bool check_types(const struct call *c) {
    for (size_t i = 0; i < c->n_args; i++) {
        unsigned wanted = wanted_type(c->function, i);
        const struct value *v = c->args[i].value;
        if (v && v->type == VALUE_LIST && !eval_charge(c->ev, c->node, v->len)) {
            return false;
        }
        if (!(v ? fits(v, wanted) : (wanted & ARG_EXPREF) != 0)) {
            return fail_type(c, i, wanted);
        }
    }
    return true;
}

/* Evaluates the arguments into `args` and counts them in the call. */
static bool eval_args(struct call *c, const struct value *current, struct arg *args) {
    bool takes_missing = c->function->flags & FUNCTION_TAKES_MISSING;
    for (const struct node *child = c->node->first; child; child = child->next) {
        struct arg arg = {NULL, NULL};
        if (child->kind == NODE_EXPREF) {
            arg.expref = child->left;
        } else {
            arg.value = takes_missing ? eval_node(c->ev, child, current)
                                      : eval_operand(c->ev, child, current);
            if (!arg.value) {
                return false;
            }
        }
        args[c->n_args++] = arg;
    }
    return true;
}

const struct value *eval_call(struct eval *ev, const struct node *n, const struct value *current) {
    struct arg local[LOCAL_ARGS];
    struct arg *args = n->n <= LOCAL_ARGS ? local : arena_alloc(ev->arena, n->n * sizeof *args);
    struct call call = {ev, n, n->function, args, 0};
    if (!eval_args(&call, current, args) || !check_types(&call)) {
        return NULL;
    }
    return n->function->fn(&call);
}
