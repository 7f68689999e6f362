/*
 * Options of a command as a table: parsed, explained (--help) and completed from the same rows.
 *
 *   struct eval_options { bool no_input; const char *query; struct opt_list vars; };
 *   static const struct opt_row rows[] = {
 *       {'n', "no-input", OPT_FLAG, NULL, offsetof(struct eval_options, no_input), NULL, "…"},
 *       {'q', "query", OPT_TEXT, "EXPR", offsetof(struct eval_options, query), NULL, "…"},
 *       {0, "var", OPT_LIST, "NAME=JSON", offsetof(struct eval_options, vars), NULL, "…"},
 *       OPT_END,
 *   };
 *
 * GNU conventions: --name=value, --name value, -xvalue, -x value, bundles (-nr), options after operands,
 * `--` ends options, a lone `-` is an operand. Abbreviations of long names are not accepted: a new option
 * must never change what an old script means.
 */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct str;

/* Texts borrowed from argv, in the order given. */
struct opt_list {
    const char **items;
    size_t n;
};
void opt_list_add(struct opt_list *list, const char *text);
void opt_list_release(struct opt_list *list);

/* The type of an option and of its field, which is zeroed before parsing. */
enum opt_kind {
    OPT_FLAG,     /* bool */
    OPT_LEVEL,    /* size_t: how often the flag was given (-vv is 2) */
    OPT_TEXT,     /* const char *; the last one given wins */
    OPT_FILE,     /* as OPT_TEXT; completed with file names */
    OPT_LIST,     /* struct opt_list: may be repeated */
    OPT_CHOICE,   /* int: index in `choices`; 0, the first, is the default */
    OPT_COUNT,    /* size_t: a decimal number of at least 1; 0 when not given */
    OPT_DURATION, /* int64_t milliseconds; 0 when not given */
};

struct opt_row {
    char short_name;  /* 0: none */
    const char *name; /* without dashes */
    enum opt_kind kind;
    const char *arg; /* what the value is, for people ("FILE"); NULL for flags and choices */
    size_t offset;   /* of the field in the command's options */
    const char *const *choices; /* OPT_CHOICE: NULL-terminated */
    const char *help;           /* one or more lines separated by \n, without a full stop */
};
#define OPT_END                                                                                    \
    { 0, NULL, OPT_FLAG, NULL, 0, NULL, NULL }

/*
 * Parses argv[0 .. argc-1] (without the command's name) into `fields` and appends what is not an option
 * to `ret_operands`. Errors have kind usage and name the nearest option or choice. On failure the lists
 * hold what was read so far and still want opt_release(). Behind `--`, and from the operand number `rest_from` on (0: never),
 * everything is an operand: another command and its own options.
 */
bool opt_parse(const struct opt_row *rows, int argc, char **argv, size_t rest_from, void *fields,
               struct opt_list *ret_operands, struct err *err);
/* Releases every OPT_LIST of `fields`. */
void opt_release(const struct opt_row *rows, void *fields);
/* Appends one aligned block of lines that explains the rows. */
void opt_explain(const struct opt_row *rows, struct str *out);

#endif
