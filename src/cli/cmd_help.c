/*
 * cpdflow help [COMMAND].
 */
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"

static int run_help(void *options, const struct opt_list *operands) {
    (void)options;
    const struct cli_command *command = NULL;
    if (operands->n > 0) {
        command = cli_find_command(operands->items[0]);
        if (command == NULL) {
            return cli_unknown_command(operands->items[0]);
        }
    }
    AUTO(str) struct str text = STR_INIT(0);
    cli_add_help(command, &text);
    return cli_print(&text, CLI_OK);
}

const struct cli_command cmd_help = {
    .name = "help",
    .summary = "explain cpdflow or one of its commands",
    .operands = "[COMMAND]",
    .max_operands = 1,
    .completes = CLI_OPERAND_COMMAND,
    .run = run_help,
};
