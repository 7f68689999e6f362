/*
 * cpdflow extract FORMAT [PATTERN] [FILE]...
 *
 * CSV and lines without an expression go through row by row; everything else is read as documents.
 */
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/regex.h"
#include "cli/cli.h"
#include "cli/documents.h"
#include "cli/input.h"
#include "cli/query.h"
#include "extract/extract.h"

struct extract_options {
    const char *query;
    struct opt_list vars;
    struct opt_list args;
    int output;
    bool raw;
    bool all;
    bool no_header;
    int types;
    const char *separator;
    const char *rows;
    struct opt_list columns;
    struct opt_list drop;
};

static const char *const formats[] = {"table", "json", "yaml", "csv", "regex",
                                      "lines", "text", "auto", NULL};
static const char *const types[] = {"auto", "text", NULL};

static const struct opt_row option_rows[] = {
    {'q', "query", OPT_TEXT, "EXPR", offsetof(struct extract_options, query), NULL,
     "print the result of a JMESPath expression on what was read"},
    {0, "var", OPT_LIST, "NAME=JSON", offsetof(struct extract_options, vars), NULL,
     "$NAME in the expression; may be repeated"},
    {0, "arg", OPT_LIST, "NAME=TEXT", offsetof(struct extract_options, args), NULL,
     "the same for a text, which then needs no quotes"},
    {'o', "output", OPT_CHOICE, NULL, offsetof(struct extract_options, output), render_format_names,
     QUERY_OUTPUT_HELP},
    {'r', "raw", OPT_FLAG, NULL, offsetof(struct extract_options, raw), NULL, QUERY_RAW_HELP},
    {'a', "all", OPT_FLAG, NULL, offsetof(struct extract_options, all), NULL,
     "regex: a list of all matches, not the first one"},
    {0, "separator", OPT_TEXT, "CHAR", offsetof(struct extract_options, separator), NULL,
     "csv: what stands between cells; \\t is a tab (default: a comma)"},
    {0, "no-header", OPT_FLAG, NULL, offsetof(struct extract_options, no_header), NULL,
     "csv: the first line is data, rows become lists"},
    {0, "rows", OPT_TEXT, "FROM:TO", offsetof(struct extract_options, rows), NULL,
     "csv: only these rows, counted from 1, both included: 1500: :20 1:100"},
    {0, "columns", OPT_LIST, "A,B", offsetof(struct extract_options, columns), NULL,
     "csv: only these columns, in this order"},
    {0, "drop", OPT_LIST, "A,B", offsetof(struct extract_options, drop), NULL,
     "csv: all columns but these"},
    {0, "types", OPT_CHOICE, NULL, offsetof(struct extract_options, types), types,
     "csv: auto (the default) makes numbers of cells that are JSON numbers\n"
     "and null of empty ones; text leaves all cells as they are"},
    OPT_END,
};

struct job {
    struct extract_spec spec;
    struct query query;
    struct regex *regex;
    struct opt_list columns; /* texts in the query's arena */
    struct opt_list drop;
    bool is_by_row;
    bool has_next_page;
};

/* ---- options --------------------------------------------------------------------------------- */

static void split_names(const struct opt_list *lists, struct arena *a, struct opt_list *ret_names) {
    for (size_t i = 0; i < lists->n; i++) {
        const char *name = lists->items[i];
        for (;;) {
            size_t len = strcspn(name, ",");
            opt_list_add(ret_names, arena_strndup(a, name, len));
            if (name[len] == '\0') {
                break;
            }
            name += len + 1;
        }
    }
}

static bool read_separator(const char *text, char *ret_separator, struct err *err) {
    if (strcmp(text, "\\t") == 0) {
        *ret_separator = '\t';
        return true;
    }
    if (strlen(text) != 1 || strchr("\"\r\n", text[0]) != NULL || (text[0] & 0x80) != 0) {
        return err_set(err, "usage", "option '--separator' wants one character, not '%s'", text);
    }
    *ret_separator = text[0];
    return true;
}

static bool read_csv_options(struct job *job, const struct extract_options *o, struct err *err) {
    struct extract_csv *csv = &job->spec.csv;
    csv->no_header = o->no_header;
    csv->types = (enum extract_types)o->types;
    split_names(&o->columns, &job->query.arena, &job->columns);
    split_names(&o->drop, &job->query.arena, &job->drop);
    csv->columns = job->columns.items;
    csv->n_columns = job->columns.n;
    csv->drop = job->drop.items;
    csv->n_drop = job->drop.n;
    if (o->rows != NULL && !extract_parse_rows(o->rows, &csv->first_row, &csv->last_row, err)) {
        return false;
    }
    return o->separator == NULL || read_separator(o->separator, &csv->separator, err);
}

static bool compile_regex(struct job *job, const char *pattern, struct err *err) {
    job->regex = regex_compile(pattern, strlen(pattern), NULL, err);
    job->spec.regex = job->regex;
    return job->regex != NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool on_document(const struct value *document, const struct extract_note *note,
                        struct arena *scratch, void *ctx, struct err *err) {
    struct job *job = ctx;
    job->has_next_page = job->has_next_page || note->has_next_page;
    return query_document(&job->query, document, scratch, err);
}

static bool on_row(const struct value *row, void *ctx, struct err *err) {
    struct job *job = ctx;
    return query_row(&job->query, row, err);
}

/* Returns false when nothing more shall be read: on an error, or when nobody reads the output. */
static bool read_file(struct job *job, const char *path, struct err *err) {
    struct input in;
    if (!input_open(&in, path, err)) {
        return false;
    }
    in.tied = &job->query.out;
    job->spec.name = in.name;
    bool ok = job->is_by_row ? rows_read(&in, &job->spec, on_row, job, err)
                             : documents_read(&in, &job->spec, on_document, job, err);
    input_close(&in);
    if (!ok && strcmp(err->kind, "no-match") == 0) {
        err_release(err); /* like grep: the exit code says it */
        return true;
    }
    return ok && !job->query.out.is_closed;
}

static void read_files(struct job *job, const struct opt_list *operands, size_t first,
                       struct err *err) {
    if (first == operands->n) {
        (void)read_file(job, NULL, err); /* query_end() looks at err */
        return;
    }
    for (size_t i = first; i < operands->n; i++) {
        if (!read_file(job, operands->items[i], err)) {
            return;
        }
    }
}

static void warn_next_page(void) {
    struct err err = ERR_INIT;
    err_set(&err, "more-pages", "the table ends in `Next token`: there are more rows than these");
    err_hint(&err, "call the command with --all-pages");
    cli_warn(&err);
}

static bool prepare(struct job *job, const struct extract_options *o, struct err *err) {
    enum render_format format = query_format(o->output, o->raw);
    if (!query_begin(&job->query, o->query, &o->vars, &o->args, format, err)) {
        return false;
    }
    job->query.error_code = CLI_USAGE;
    if (!read_csv_options(job, o, err)) {
        return false;
    }
    job->query.error_code = CLI_ENVIRONMENT;
    return true;
}

static int unknown_format(const char *name) {
    struct err err = ERR_INIT;
    size_t n = sizeof formats / sizeof formats[0] - 1;
    err_set(&err, "usage", "unknown format '%s'", name);
    const char *nearest = err_nearest(name, formats, n);
    err_hint(&err, nearest != NULL ? "did you mean '%s'?" : "cpdflow extract --help", nearest);
    return cli_fail(&err, CLI_USAGE);
}

static int run_extract(void *options, const struct opt_list *operands) {
    const struct extract_options *o = options;
    int format = extract_format_by_name(operands->items[0]);
    if (format < 0 || format == EXTRACT_NONE) {
        return unknown_format(operands->items[0]);
    }
    bool is_regex = format == EXTRACT_REGEX;
    if (is_regex && operands->n < 2) {
        return cli_usage_error(&cmd_extract, "extract regex needs a PATTERN");
    }
    bool is_list = format == EXTRACT_CSV || format == EXTRACT_LINES;
    struct job job = {.spec = {.format = (enum extract_format)format, .all = o->all},
                      .is_by_row = is_list && o->query == NULL};
    struct err err = ERR_INIT;
    if (prepare(&job, o, &err)) {
        job.query.error_code = is_regex ? CLI_USAGE : CLI_ENVIRONMENT;
        if (!is_regex || compile_regex(&job, operands->items[1], &err)) {
            job.query.error_code = CLI_ENVIRONMENT;
            read_files(&job, operands, is_regex ? 2 : 1, &err);
        }
    }
    if (job.has_next_page && err.kind == NULL) {
        warn_next_page();
    }
    regex_free(job.regex);
    opt_list_release(&job.columns);
    opt_list_release(&job.drop);
    return query_end(&job.query, job.is_by_row, &err);
}

const struct cli_command cmd_extract = {
    .name = "extract",
    .summary = "read a table, JSON, YAML, CSV or text as data",
    .operands = "table|json|yaml|csv|regex|lines|text|auto [PATTERN] [FILE]...",
    .min_operands = 1,
    .max_operands = CLI_MANY,
    .completes = CLI_OPERAND_FILE,
    .words = formats,
    .options = option_rows,
    .options_size = sizeof(struct extract_options),
    .run = run_extract,
    .details =
        "For scripts that are not recipes yet: the same readers and the same expressions, instead "
        "of\n"
        "grep, awk and sed on what cpdctl prints. FILE is standard input when it is missing or "
        "`-`.\n"
        "PATTERN is there for regex only: PCRE2, matched against the whole input; (?<name>…) "
        "groups\n"
        "become an object. A row that does not fit its header is an error, never a guess; so is a\n"
        "cut cell (`…`) printed with --raw. CSV and lines without --query pass row by row.\n",
    .examples =
        "  cpdctl space list | cpdflow extract table -r -q \"[?Name == 'demo'] | one(@).ID\"\n"
        "  cpdctl job list --output json | cpdflow extract json -q 'results[].metadata.name' -r\n"
        "  cpdflow extract csv --rows 1500: --columns id,amount -o json data.csv\n"
        "  cpdflow extract regex 'run ID: (?<id>\\S+)' -q id -r log.txt\n"
        "  cpdctl space get --space-id ID | cpdflow extract table -o yaml\n",
    .exits = QUERY_EXITS,
};
