/*
 * cpdflow version.
 */
#include "base/str.h"
#include "base/mem.h"
#include "base/version.h"
#include "cli/cli.h"

static int run_version(void *options, const struct opt_list *operands) {
    (void)options;
    (void)operands;
    AUTO(str) struct str text = STR_INIT(0);
    str_add(&text, "cpdflow " CPDFLOW_VERSION "\n");
    return cli_print(&text, CLI_OK);
}

const struct cli_command cmd_version = {
    .name = "version",
    .summary = "print the version",
    .operands = "",
    .run = run_version,
};
