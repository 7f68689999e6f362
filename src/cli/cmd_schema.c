/*
 * cpdflow schema: the JSON Schema of recipes, for editors.
 */
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "recipe/schema.h"

static int run_schema(void *options, const struct opt_list *operands) {
    (void)options;
    (void)operands;
    AUTO(str) struct str text = STR_INIT(0);
    schema_export(&text);
    return cli_print(&text, CLI_OK);
}

const struct cli_command cmd_schema = {
    .name = "schema",
    .summary = "Prints the JSON Schema of recipes, for editors",
    .operands = "",
    .details = "Draft-07. An editor with a YAML language server uses it through a first line\n"
               "  # yaml-language-server: $schema=cpdflow.schema.json\n"
               "It knows keys and types; `cpdflow check` knows names, expressions and needs too.\n",
    .examples = "  cpdflow schema > cpdflow.schema.json\n",
    .run = run_schema,
};
