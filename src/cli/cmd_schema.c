/*
 * cpdflow schema: the JSON Schema of recipes and of their tests, for editors.
 */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "recipe/schema.h"

static const char *const words[] = {"recipe", "test", NULL};

static int run_schema(void *options, const struct opt_list *operands) {
    (void)options;
    const char *of = operands->n == 0 ? words[0] : operands->items[0];
    AUTO(str) struct str text = STR_INIT(0);
    if (strcmp(of, "recipe") == 0) {
        schema_export(&text);
    } else if (strcmp(of, "test") == 0) {
        schema_export_suite(&text);
    } else {
        return cli_usage_error(&cmd_schema, "'%s' is neither recipe nor test", of);
    }
    return cli_print(&text, CLI_OK);
}

const struct cli_command cmd_schema = {
    .name = "schema",
    .summary = "print the JSON Schema of recipes or their tests, for editors",
    .operands = "[recipe|test]",
    .max_operands = 1,
    .words = words,
    .details = "Draft-07. An editor with a YAML language server uses it through a first line\n"
               "  # yaml-language-server: $schema=cpdflow.schema.json\n"
               "It knows keys and types; `cpdflow check` knows names, expressions and needs too.\n",
    .examples = "  cpdflow schema > cpdflow.schema.json\n"
                "  cpdflow schema test > cpdflow-test.schema.json\n",
    .run = run_schema,
};
