/*
 * The command line: a table of commands, one printer of errors, one list of exit codes.
 *
 * A new command is a file cmd_NAME.c with one `const struct cli_command cmd_NAME` and its name in
 * CLI_COMMANDS. The frame parses its options, answers --help, counts its operands and then calls run().
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stddef.h>

#include "cli/opt.h"

struct err;

/* Exit codes, the same for every command; recipe-level meanings are in README.md. */
enum cli_exit {
    CLI_OK = 0,
    CLI_FAILED = 1,   /* a step failed; eval and extract: nothing found */
    CLI_USAGE = 2,    /* usage, recipe or expression error: nothing was run */
    CLI_UNSTABLE = 3, /* limits crossed, tolerated failures */
    CLI_ENVIRONMENT = 4,
    CLI_DEADLINE = 5,
    CLI_CHANGES = 6, /* plan: a run would change something */
    CLI_LOCKED = 75,
};

/* What an operand is, for completion. */
enum cli_operand { CLI_OPERAND_NONE, CLI_OPERAND_FILE, CLI_OPERAND_COMMAND };

struct cli_command {
    const char *name;
    const char *summary;  /* one line, an order that begins with a small letter: "run a recipe" */
    const char *operands; /* "EXPR [FILE]"; "" for none */
    size_t min_operands;
    size_t max_operands; /* CLI_MANY: any number */
    size_t rest_from; /* the operand with which another command begins, 1 for the first; 0: none */
    enum cli_operand completes;
    const char *const *words; /* first operand is one of these, for completion; NULL: free */
    const struct opt_row *options;
    size_t options_size;  /* of the struct that `options` fills */
    const char *details;  /* paragraphs of --help after the options; may be NULL */
    const char *examples; /* indented by two blanks, one command a line; may be NULL */
    const char *exits;    /* "  0  found\n  1  …\n" */
    int (*run)(void *options, const struct opt_list *operands);
};
#define CLI_MANY ((size_t)-1)

/* Commands in the order that `cpdflow help` shows them. */
#define CLI_COMMANDS(X)                                                                            \
    X(run)                                                                                         \
    X(resume)                                                                                      \
    X(runs)                                                                                        \
    X(report)                                                                                      \
    X(plan)                                                                                        \
    X(init)                                                                                        \
    X(test)                                                                                        \
    X(shim)                                                                                        \
    X(record)                                                                                      \
    X(check)                                                                                       \
    X(doctor)                                                                                      \
    X(eval)                                                                                        \
    X(extract)                                                                                     \
    X(explain)                                                                                     \
    X(schema)                                                                                      \
    X(completion)                                                                                  \
    X(bugreport)                                                                                   \
    X(version)                                                                                     \
    X(help)

#define CLI_DECLARE(name) extern const struct cli_command cmd_##name;
CLI_COMMANDS(CLI_DECLARE)
#undef CLI_DECLARE

extern const struct cli_command *const cli_commands[];
extern const size_t cli_n_commands;

int cli_main(int argc, char **argv);
/* NULL when there is none. */
const struct cli_command *cli_find_command(const char *name);
/* The command that was probably meant; NULL when none is near. */
const char *cli_nearest_command(const char *name);
/* Appends the text of `cpdflow NAME --help`; NULL: of `cpdflow --help`. */
void cli_add_help(const struct cli_command *command, struct str *out);

/* Prints the error through the mask, releases it and returns `code`. */
int cli_fail(struct err *err, enum cli_exit code);
/* As cli_fail, for a warning that changes nothing. */
void cli_warn(struct err *err);
/* Usage error of a command: kind usage, hint "cpdflow NAME --help". */
int cli_usage_error(const struct cli_command *command, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Usage error that names the nearest command. */
int cli_unknown_command(const char *name);
/* Writes `text` to standard output. Returns `code`, or CLI_ENVIRONMENT (reported) when that failed. */
int cli_print(const struct str *text, enum cli_exit code);

#endif
