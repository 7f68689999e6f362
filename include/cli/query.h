/*
 * An expression with its variables, evaluated on documents and printed: what eval and extract share.
 */
#ifndef CLI_QUERY_H
#define CLI_QUERY_H

#include <stdbool.h>

#include "base/arena.h"
#include "cli/cli.h"
#include "cli/out.h"
#include "cli/render.h"
#include "expr/expr.h"

/* Texts that the help of both commands shares. */
#define QUERY_OUTPUT_HELP                                                                          \
    "json (the default, indented), compact, yaml, table, csv, or lines:\n"                         \
    "texts without quotes, one item of a list a line"
#define QUERY_RAW_HELP "the same as --output=lines"
#define QUERY_EXITS                                                                                \
    "  0  found: the result is true in JMESPath's sense\n"                                         \
    "  1  nothing found: null, false, \"\", [], {}, or no match\n"                                 \
    "  2  usage or expression error\n"                                                             \
    "  4  the input cannot be read as what it should be, or the output not be written\n"

struct query {
    struct arena arena;       /* of the expression and the variables */
    struct expr *expr;        /* NULL: documents are printed as they are */
    const struct value *vars; /* object by name */
    const char **names;       /* heap */
    struct expr_scope scope;
    struct render render;
    struct out out;
    enum cli_exit
        error_code; /* when the command fails now: what the user wrote, or what could not be read */
    bool is_found;  /* a result was neither null nor false nor empty */
};

/* `text` NULL: no expression. `vars` are NAME=JSON, `texts` are NAME=TEXT. Release with query_end(), also after a failure. */
bool query_begin(struct query *q, const char *text, const struct opt_list *vars,
                 const struct opt_list *texts, enum render_format format, struct err *err);
/* Evaluates, prints. Returns false on an error, or without one when nobody reads any more. */
bool query_document(struct query *q, const struct value *document, struct arena *scratch,
                    struct err *err);
/* --output and --raw together. */
enum render_format query_format(int output, bool raw);
/* One item of a list that comes item by item; there is no expression then. */
bool query_row(struct query *q, const struct value *row, struct err *err);
/* Flushes and releases; reports `err` when it is set. Returns the exit code. */
int query_end(struct query *q, bool has_rows, struct err *err);

#endif
