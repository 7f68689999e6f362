/*
 * What the files of the YAML reader share. Reading order: yaml_read.c (events to nodes), yaml_map.c
 * (keys, merging), yaml_error.c (places), yaml_hint.c (expressions that YAML took apart),
 * yaml_value.c (core schema), yaml_print.c.
 */
#ifndef VALUE_YAML_PRIV_H
#define VALUE_YAML_PRIV_H

#include <yaml.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "value/yaml.h"

struct yaml_reader {
    yaml_parser_t parser;
    const char *text;
    size_t len;
    const struct yaml_options *options;
    struct arena *arena;
    struct map anchors;       /* name -> struct anchor, of this document */
    struct yaml_node **stack; /* children of the collections being read */
    size_t n_stack;
    size_t stack_cap;
    size_t depth;
    size_t max_depth;
    size_t n_alias_nodes; /* made by aliases in this document */
    struct err *err;
};

/* ---- yaml_map.c: the pairs of one mapping ---- */

/*
 * Makes the pairs of `map` from `n_nodes` keys and values in turn: refuses duplicate keys and keys
 * that are no scalars, merges << when that is allowed.
 */
bool yaml_fill_map(struct yaml_reader *r, struct yaml_node *map, struct yaml_node **nodes,
                   size_t n_nodes);

/* ---- yaml_error.c ---- */

/* An error at a node's mark or, for yaml_fail_mark(), at a mark of libyaml. Returns false. */
bool yaml_fail(struct yaml_reader *r, unsigned line, unsigned col, const char *kind,
               const char *fmt, ...) __attribute__((format(printf, 5, 6)));
bool yaml_fail_mark(struct yaml_reader *r, yaml_mark_t mark, const char *kind, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* What libyaml reports, with its place. */
bool yaml_fail_parser(struct yaml_reader *r);
bool yaml_fail_memory(struct yaml_reader *r);
/* The text of a line (one-based), without its end; NULL when there is none. Not NUL-terminated; of
 * a very long line only the start. */
const char *yaml_source_line(const struct yaml_reader *r, unsigned line, size_t *ret_len);

/* ---- yaml_hint.c: only when options->explain_templates ---- */

/* Gives the error at its place a hint with the line that would work, when the line looks like an
 * expression. */
void yaml_hint_line(struct yaml_reader *r);
/* A plain scalar that ends in the middle of "${{ … }}" because of a comment. */
bool yaml_check_comment(struct yaml_reader *r, const yaml_event_t *event);

/* ---- yaml_value.c ---- */

/* Whether the text suits an explicit tag such as "!!int". */
bool yaml_suits_tag(const char *tag, const char *text, size_t len);

#endif
