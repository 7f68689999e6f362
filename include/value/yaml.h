/*
 * YAML text -> node tree with marks -> values. YAML 1.2 core schema over libyaml events; limits are
 * checked while reading.
 *
 * Recipes are read as nodes, because every diagnostic needs its line and column; data files and
 * command output as values.
 */
#ifndef VALUE_YAML_H
#define VALUE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct arena;
struct value;

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_pair;
/* Lives in the arena given to yaml_read(). */
struct yaml_node {
    enum yaml_kind kind;
    unsigned line; /* one-based start mark, columns in characters */
    unsigned col;
    bool is_plain; /* scalar without quotes and not a block scalar: its type is resolved by the core
                      schema */
    bool is_block; /* | or > : marks inside the text count from the next line */
    bool is_merged;   /* a key whose pair came in through << */
    const char *tag;  /* explicit core tag ("!!str") or NULL */
    const char *text; /* scalar: NUL-terminated, may hold NUL inside only if allow_nul */
    size_t text_len;
    struct yaml_node **items; /* list */
    struct yaml_pair *pairs;  /* map: explicit pairs first, then merged ones */
    size_t n;                 /* items or pairs */
    size_t n_nodes;           /* this one and all below, aliases counted as what they stand for */
    size_t height;            /* 1 for a scalar */
};

struct yaml_pair {
    struct yaml_node *key; /* a scalar */
    struct yaml_node *value;
};

struct yaml_options {
    const char *name;     /* file name for errors */
    bool allow_merge;     /* << merges maps (recipes); otherwise it is an ordinary key (data) */
    bool allow_documents; /* true: the node is a list of all documents; false: a second one is an
                             error */
    bool allow_nul;       /* false: a string with \0 is an error (yaml_parse() always allows it) */
    bool explain_templates; /* hints for expressions that YAML damaged: `a ? b : c`, `${{ a #b }}`,
                               `!x` */
    size_t max_depth;       /* 0: LIMIT_YAML_DEPTH */
};

/*
 * Reads one document (or all, see allow_documents). An alias gives the same node as its anchor, so
 * nodes may be shared, but never in a cycle. Errors have place and source line; their kinds:
 * invalid-yaml, duplicate-key, too-deep, too-many-nodes (aliases), foreign-tag, several-documents,
 * empty-document; too-large (more text than LIMIT_RESULT_BYTES, or more memory than the arena may
 * take) has no place. `text` may be freed afterwards.
 */
bool yaml_read(struct arena *a, const char *text, size_t len, const struct yaml_options *options,
               struct yaml_node **ret_node, struct err *err);
/* Value of a map's key, NULL when absent. */
struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/*
 * Resolves a node by the core schema: plain true/false/null/~, integers (also 0x 0o), floats.
 * Strings are: quoted and block scalars, .inf and .nan (JSON has no such numbers), numbers with
 * leading zeros (0755 means different things to different readers), hexadecimal and octal numbers
 * past 64 bits.
 */
const struct value *yaml_to_value(struct arena *a, const struct yaml_node *node);
/* Text of command output or a data file as a value. */
bool yaml_parse(struct arena *a, const char *text, size_t len, const struct yaml_options *options,
                const struct value **ret_value, struct err *err);

struct str;
/* Block style, two blanks, keys in their order, strings quoted only where a core-schema reader
 * would misread them. */
void yaml_print(struct str *out, const struct value *v);

/* Of libyaml as it is loaded: "0.2.5". */
const char *yaml_library_version(void);

#endif
