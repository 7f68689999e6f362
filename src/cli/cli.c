/*
 * The frame around all commands: finds the command, parses its options, answers --help, prints errors.
 * Commands live in cmd_*.c; they return an exit code and never exit.
 */
#include "cli/cli.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/defaults.h"
#include "cli/out.h"
#include "maxima.h"
#include "shim_priv.h"

#define CLI_ENTRY(name) &cmd_##name,
const struct cli_command *const cli_commands[] = {CLI_COMMANDS(CLI_ENTRY)};
#undef CLI_ENTRY
const size_t cli_n_commands = sizeof cli_commands / sizeof cli_commands[0];

static const struct opt_row no_options[] = {OPT_END};

static const struct opt_row *options_of(const struct cli_command *command) {
    return command->options != NULL ? command->options : no_options;
}

static void print_to_stderr(const struct str *text) {
    (void)file_write_all(STDERR_FILENO, str_text(text), text->len); /* nobody left to tell */
}

static void report(struct err *err, const char *severity) {
    AUTO(str) struct str text = STR_INIT(0);
    err_render(err, severity, &text);
    print_to_stderr(&text);
    err_release(err);
}

int cli_fail(struct err *err, enum cli_exit code) {
    report(err, "error");
    return (int)code;
}

void cli_warn(struct err *err) {
    report(err, "warning");
}

int cli_usage_error(const struct cli_command *command, const char *fmt, ...) {
    struct err err = ERR_INIT;
    va_list ap;
    va_start(ap, fmt);
    err_vset(&err, "usage", fmt, ap);
    va_end(ap);
    err_hint(&err, "cpdflow %s --help", command->name);
    return cli_fail(&err, CLI_USAGE);
}

int cli_print(const struct str *text, enum cli_exit code) {
    struct err err = ERR_INIT;
    struct out out;
    out_init(&out, STDOUT_FILENO);
    str_add_bytes(&out.text, str_text(text), text->len);
    return out_end(&out, &err) ? (int)code : cli_fail(&err, CLI_ENVIRONMENT);
}

const struct cli_command *cli_find_command(const char *name) {
    for (size_t i = 0; i < cli_n_commands; i++) {
        if (strcmp(cli_commands[i]->name, name) == 0) {
            return cli_commands[i];
        }
    }
    return NULL;
}

static void add_command_list(struct str *out) {
    str_add(out, "usage: cpdflow COMMAND [options] [operands]\n\n"
                 "Run declarative recipes of cpdctl calls: supervised, retried, reported.\n\n"
                 "Commands:\n");
    for (size_t i = 0; i < cli_n_commands; i++) {
        str_addf(out, "  %-12s%s\n", cli_commands[i]->name, cli_commands[i]->summary);
    }
    str_add(out,
            "\n`cpdflow COMMAND --help` explains one command, with examples and exit codes.\n");
}

void cli_add_help(const struct cli_command *command, struct str *out) {
    if (command == NULL) {
        add_command_list(out);
        return;
    }
    str_addf(out, "usage: cpdflow %s [options]%s%s\n\n%c%s.\n\nOptions:\n", command->name,
             command->operands[0] != '\0' ? " " : "", command->operands,
             command->summary[0] - 'a' + 'A', command->summary + 1);
    opt_explain(options_of(command), out);
    if (command->details != NULL) {
        str_addf(out, "\n%s", command->details);
    }
    if (command->examples != NULL) {
        str_addf(out, "\nExamples:\n%s", command->examples);
    }
    if (command->exits != NULL) {
        str_addf(out, "\nExit codes:\n%s", command->exits);
    }
}

/* Of a command that runs another one, only in front of that: its own --help is for it. */
static bool wants_help(const struct cli_command *command, int argc, char **argv) {
    int end = command->rest_from > 0 && (size_t)argc > command->rest_from ? (int)command->rest_from
                                                                          : argc;
    for (int i = 0; i < end && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

static int check_and_run(const struct cli_command *command, void *options,
                         const struct opt_list *operands) {
    if (operands->n < command->min_operands) {
        return cli_usage_error(command, "%s needs %s", command->name, command->operands);
    }
    if (operands->n > command->max_operands) {
        return cli_usage_error(command, "unexpected operand '%s'",
                               operands->items[command->max_operands]);
    }
    return command->run(options, operands);
}

static int run_command(const struct cli_command *command, int argc, char **argv) {
    if (wants_help(command, argc, argv)) {
        AUTO(str) struct str text = STR_INIT(0);
        cli_add_help(command, &text);
        return cli_print(&text, CLI_OK);
    }
    struct err err = ERR_INIT;
    struct opt_list operands = {NULL, 0};
    AUTO(arena) struct arena defaults = ARENA_INIT(LIMIT_RECIPE_BYTES * 16);
    void *options = mem_zalloc(1, command->options_size > 0 ? command->options_size : 1);
    int code;
    if (defaults_apply(command, &defaults, options, &err) &&
        opt_parse(options_of(command), argc, argv, command->rest_from, options, &operands, &err)) {
        code = check_and_run(command, options, &operands);
    } else {
        if (err.hint == NULL && err.place.line == 0) {
            err_hint(&err, "cpdflow %s --help", command->name);
        }
        code = cli_fail(&err, CLI_USAGE);
    }
    opt_release(options_of(command), options);
    opt_list_release(&operands);
    mem_free(options);
    return code;
}

const char *cli_nearest_command(const char *name) {
    const char **names = mem_zalloc(cli_n_commands, sizeof *names);
    for (size_t i = 0; i < cli_n_commands; i++) {
        names[i] = cli_commands[i]->name;
    }
    const char *nearest = err_nearest(name, names, cli_n_commands);
    mem_free(names);
    return nearest;
}

int cli_unknown_command(const char *name) {
    struct err err = ERR_INIT;
    err_set(&err, "usage", "unknown command '%s'", name);
    const char *nearest = cli_nearest_command(name);
    if (nearest != NULL) {
        err_hint(&err, "did you mean 'cpdflow %s'?", nearest);
    } else {
        err_hint(&err, "`cpdflow help` lists the commands");
    }
    return cli_fail(&err, CLI_USAGE);
}

int cli_main(int argc, char **argv) {
    /* A reader that goes away must not kill a run half-way; every writer sees EPIPE instead. */
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGPIPE, &ignore, NULL); /* cannot fail for this signal */
    const char *fake = argc < 1 ? NULL : shim_fake_name(argv[0]);
    if (fake != NULL) {
        return shim_run_fake(fake, argc, argv);
    }
    if (argc < 2) {
        AUTO(str) struct str text = STR_INIT(0);
        cli_add_help(NULL, &text);
        print_to_stderr(&text);
        return CLI_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        name = "help";
    } else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        name = "version";
    }
    const struct cli_command *command = cli_find_command(name);
    if (command == NULL) {
        return cli_unknown_command(name);
    }
    return run_command(command, argc - 2, argv + 2);
}
