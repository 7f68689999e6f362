/*
 * What the loader's files share: the state of one file being loaded, the doors through which every
 * expression and every diagnostic goes, and the decoders of simple fields.
 *
 * Two passes: the tables decode the node tree into the model and note every use of a name (struct
 * ref); then link.c resolves names and needs, inherit.c merges defaults and lint.c judges the
 * whole.
 */
#ifndef RECIPE_LOAD_PRIV_H
#define RECIPE_LOAD_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "expr/expr.h"
#include "expr/template.h"
#include "recipe/catalogue.h"
#include "recipe/load.h"
#include "recipe/model.h"
#include "value/value.h"
#include "value/yaml.h"

#include "schema_priv.h"

/* Which names of the scope an expression may use, by where it stands. */
enum root_bit {
    ROOT_INPUTS = 1,
    ROOT_VARS = 2,
    ROOT_STEPS = 4,
    ROOT_RUN = 8,
    ROOT_ENV = 16,
    ROOT_ITEM =
        32, /* `item` is what `ensure` found; foreach items are known by the step's parents */
    ROOT_ATTEMPT = 64, /* exit_code stdout stderr attempt: judged after an attempt */
    ROOT_RESULT = 128, /* result */
};
#define ROOTS_RECIPE (ROOT_INPUTS | ROOT_RUN | ROOT_ENV)
#define ROOTS_STEP   (ROOTS_RECIPE | ROOT_VARS | ROOT_STEPS)
#define ROOTS_OWN    (ROOTS_STEP | ROOT_ATTEMPT)

#define REF_PARTS 4
/* One use of a scope name, noted while loading and judged when all names are known. */
struct ref {
    const struct expr *expr;
    struct step *step;  /* NULL: of the recipe */
    size_t var;         /* inside `vars`: how many stand before it; else SIZE_MAX */
    unsigned roots;     /* enum root_bit */
    unsigned col;       /* in the expression */
    unsigned n_parts;   /* of the path, may be more than REF_PARTS */
    bool is_variable;   /* $name */
    bool is_bare;       /* not a use of the scope, but written as if it were */
    bool is_of_foreach; /* in `foreach` itself: the item does not exist yet */
    bool is_argument;   /* in an argument of a child, which everyone on the machine can read */
    const char *parts[REF_PARTS];
};

/* Where a top-level list stands; cleanup lists are CLEANUP all the way down. */
enum list_kind { LIST_MAIN, LIST_FINALLY, LIST_CLEANUP };

/* What the loader knows of a step beyond the model; infos[step->number]. */
struct step_info {
    struct step *step;
    const struct yaml_node *node;
    const struct yaml_node *needs; /* NULL: not given */
    const struct step *list;       /* first step of the list it stands in: names the list */
    uint32_t position;             /* in that list */
    uint32_t depth;
    enum list_kind kind;
    unsigned action;    /* enum action_bit */
    struct call *draft; /* env, cwd, output, stdin written beside an action that is no call */
};

/* `defaults:` */
struct defaults {
    struct step_rules rules;
    struct wait_spec wait;
    struct named_tree *env; /* before that of a step, so that the step's wins */
    size_t n_env;
    struct template *cwd;
};

/* One file of a run of the loader; those being loaded form a chain. */
struct use_chain {
    const char *path; /* canonical */
    const struct use_chain *above;
    unsigned depth;
};

/* Recipes loaded so far: shared by everything below one root. */
struct use_cache {
    struct map by_path;   /* canonical path -> struct recipe *, or a mark for a broken one */
    struct recipe **list; /* those that were loaded */
    size_t n;
    size_t n_files;
    struct catalogue *cpdctl; /* NULL until a call needs it */
    const struct program_version
        *versions; /* for recipes that name none; of others the newest known */
    size_t n_versions;
};

/* `catalogues:` */
struct own_catalogue {
    const char *program;
    const char *file;
    const char *version;         /* NULL: not said */
    struct catalogue *catalogue; /* NULL: it was not readable */
};

/* A call whose command a catalogue knows, noted for the rules. */
struct known_call {
    const struct step *step;
    const struct call *call;
    const struct catalogue_command *command;
    bool has_name;      /* --name is given: what it makes has a name */
    struct place async; /* of --async; line 0: not given */
};

struct loader {
    struct recipe *recipe;
    struct diagnostics *d;
    struct arena scratch; /* notes: gone after loading */
    struct template_source source;
    struct use_cache *cache;
    struct use_chain chain;

    struct step *step; /* being decoded; NULL: the recipe's own fields */
    enum list_kind list_kind;
    uint32_t depth;
    unsigned roots;     /* what the expression being decoded may use */
    size_t var;         /* see struct ref */
    bool is_of_foreach; /* see struct ref */
    bool is_argument;   /* see struct ref */

    struct ref *refs;
    size_t n_refs;
    size_t refs_cap;
    struct step_info *infos;
    size_t infos_cap;
    struct defaults defaults;
    struct own_catalogue *catalogues;
    size_t n_catalogues;
    struct known_call *known_calls;
    size_t n_known_calls;
    bool *is_input_used; /* by link.c, for lint.c */
    bool *is_var_used;
};

/* ---- diagnostics (diag.c) -------------------------------------------------------------------- */
/* All return false. The place is the node's; diag_at_* take another one in the same file. */
bool diag_error(struct loader *l, const struct yaml_node *node, const char *kind, const char *fmt,
                ...) __attribute__((format(printf, 4, 5)));
bool diag_warning(struct loader *l, const struct yaml_node *node, const char *kind, const char *fmt,
                  ...) __attribute__((format(printf, 4, 5)));
bool diag_error_at(struct loader *l, struct place place, const char *kind, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
bool diag_warning_at(struct loader *l, struct place place, const char *kind, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Hint of the diagnostic just added. */
void diag_hint(struct loader *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "did you mean 'x'?" for the diagnostic just added, when one of the names is near. */
bool diag_nearest(struct loader *l, const char *word, const char *const *names, size_t n);
/* Takes an error made elsewhere; gives it the node's place unless it has one. */
bool diag_take(struct loader *l, const struct yaml_node *node, struct err *err);
/* As diag_take for a scalar whose text is wrong at byte `offset`. */
bool diag_take_inside(struct loader *l, const struct yaml_node *scalar, size_t offset,
                      struct err *err);
/* "expected X, found a list", with a hint where YAML took an expression apart. */
bool diag_type(struct loader *l, const struct yaml_node *node, const char *expected);
struct place diag_place(const struct loader *l, const struct yaml_node *node);
/* Of byte `offset` of a scalar; of the scalar itself where that cannot be said. */
struct place diag_place_inside(const struct loader *l, const struct yaml_node *scalar,
                               size_t offset);
const char *diag_line(const struct recipe *r, unsigned line);
/* "a list", "the string 'x'", "nothing": for messages. */
const char *diag_describe(struct loader *l, const struct yaml_node *node);

/* ---- expressions (load_expr.c) --------------------------------------------------------------- */
enum expr_kind {
    EXPR_OWN,       /* current node: the result of the attempt */
    EXPR_SCOPE,     /* current node: the whole scope */
    EXPR_OWN_TRUTH, /* conditions */
    EXPR_SCOPE_TRUTH,
};
/* NULL after an error was reported. */
struct expr *load_expr(struct loader *l, const struct yaml_node *node, enum expr_kind kind);
struct template *load_template(struct loader *l, const struct yaml_node *node);
struct template_tree *load_tree(struct loader *l, const struct yaml_node *node);
/* A part of a scalar as a template; `offset` in bytes, or SIZE_MAX when its place is not exact. */
struct template *load_template_part(struct loader *l, const struct yaml_node *node,
                                    const char *text, size_t len, size_t offset);
/* True when the scalar holds `${{`. */
bool load_has_template(const struct yaml_node *node);

/* ---- simple fields (load_field.c) ------------------------------------------------------------ */
extern const struct field_type type_text;              /* const char * */
extern const struct field_type type_boolean;           /* bool */
extern const struct field_type type_duration;          /* struct field_duration */
extern const struct field_type type_deadline;          /* struct field_duration, not 0 */
extern const struct field_type type_constant_duration; /* struct field_duration */
extern const struct field_type type_count;             /* struct field_count */
extern const struct field_type type_size;              /* struct field_size */
extern const struct field_type type_number;            /* struct field_number */
extern const struct field_type type_choice;            /* int: index in names */
extern const struct field_type type_template;          /* struct template * */
extern const struct field_type type_tree;              /* struct template_tree * */
extern const struct field_type type_own;               /* struct expr *, result as current node */
extern const struct field_type type_own_truth;         /* struct expr * */
extern const struct field_type type_own_map;           /* struct named_expr * and count */
extern const struct field_type type_scope_map;         /* struct named_expr * and count */
extern const struct field_type type_tree_map;   /* struct named_tree * and count, keys are ids */
extern const struct field_type type_pass_env;   /* const char ** and count */
extern const struct field_type type_env;        /* struct named_tree * and count */
extern const struct field_type type_exit_codes; /* int * and count */
extern const struct field_type type_regex;      /* struct regex * */
extern const struct field_type type_class;      /* int: enum error_class */
extern const struct field_type type_object;     /* the field's object, in place */

/* Plain scalar or text: the constant text of a scalar, NULL after an error. `what`: "a name". */
/* `key` is the field, for messages. */
const char *load_text(struct loader *l, const struct yaml_node *node, const char *key);
bool load_id(struct loader *l, const struct yaml_node *node, const char *what);
bool load_boolean(struct loader *l, const struct yaml_node *node, bool *ret_value);
bool load_integer(struct loader *l, const struct yaml_node *node, int64_t min, int64_t max,
                  int64_t *ret_n);
/* A list of integers, or one. */
bool load_integers(struct loader *l, const struct yaml_node *node, int64_t min, int64_t max,
                   int **ret_items, size_t *ret_n);
/* Owned by the recipe. */
struct regex *load_regex(struct loader *l, const struct yaml_node *node);
int load_class(struct loader *l, const struct yaml_node *node);
bool load_is_map(struct loader *l, const struct yaml_node *node, const char *what);
void load_named_trees(struct loader *l, const struct yaml_node *map, bool are_ids,
                      struct named_tree **ret_items, size_t *ret_n);
/* Null written as nothing, `null` or `~`. */
bool load_is_null(const struct yaml_node *node);
/* The node of a key that the map has. */
const struct yaml_node *load_key(const struct yaml_node *map, const char *key);
/* Where a field's value stands, and the count beside the value at `target`. */
void *load_at(void *target, size_t offset);
size_t *load_count(const struct field *f, void *target);

/* ---- parts of the language ------------------------------------------------------------------- */
extern const struct object object_recipe;
extern const struct object object_cpdctl;
extern const struct object object_catalogue;
extern const struct object object_defaults;
extern const struct object object_input;
extern const struct object object_step;
extern const struct object object_part;
extern const struct object object_call;
extern const struct object object_http;
extern const struct object object_auth;
extern const struct object object_basic;
extern const struct object object_read;
extern const struct object object_write;
extern const struct object object_ensure;
extern const struct object object_limits;
extern const struct object object_retry;
extern const struct object object_wait;
extern const struct object object_expect;
extern const struct object object_metric;
extern const struct object object_classify;
extern const struct object object_output;
extern const struct object object_stdin;

extern const struct foreign_word foreign_step[];
extern const struct foreign_word foreign_retry[];

extern const struct field_type type_inputs;
extern const struct field_type type_vars;
extern const struct field_type type_steps; /* struct step * and count */
extern const struct field_type type_retry;
extern const struct field_type type_wait;          /* struct wait_spec * */
extern const struct field_type type_wait_defaults; /* struct wait_spec in place, no conditions */
extern const struct field_type type_tolerance;
extern const struct field_type type_expect;
extern const struct field_type type_metrics;
extern const struct field_type type_classify;
extern const struct field_type type_ensure;
extern const struct field_type type_catalogues;
extern const struct field_type type_program_version; /* const char * */
extern const struct field_type type_http;
extern const struct field_type type_read;
extern const struct field_type type_write;

/* The name of an action bit: "cpdctl". */
const char *load_action_name(unsigned action);
/* Splits text into words, quotes respected, `${{ … }}` kept whole; each word becomes a template. */
void load_words(struct loader *l, const struct yaml_node *node, bool has_program,
                struct arg **ret_args, size_t *ret_n);
struct recipe *load_use(struct loader *l, const struct yaml_node *node);
/* Are the inputs of a `use` step known, of their type, and complete? */
void load_check_with(struct loader *l, const struct yaml_node *node, const struct step *step);
/* One file. Returns NULL when it has errors, which are reported. Keeps nothing of `text`. */
struct recipe *load_text_file(const char *text, size_t len, const char *name, const char *dir,
                              struct use_cache *cache, const struct use_chain *chain,
                              struct diagnostics *d);

/* The text of a file, its lines and an arena; nothing of it is decoded. */
struct recipe *load_new_file(const char *text, size_t len, const char *name, const char *dir);
/* Its nodes, in the loader's scratch; false after an error was reported. */
bool load_read_nodes(struct loader *l, struct yaml_node **ret_root);

/* ---- second pass ----------------------------------------------------------------------------- */
void inherit_defaults(struct loader *l);
/* Calls of programs that have a catalogue: completed and checked (contract.c). */
void contract_calls(struct loader *l);
void contract_release(struct loader *l);
void link_steps(struct loader *l);
void lint_recipe(struct loader *l);
void note_fingerprints(struct loader *l, const struct yaml_node *root);
/* Takes out the warnings of this file, behind the first `n_before`, that a comment of it allows. */
void allow_warnings(struct loader *l, size_t n_before);

#endif
