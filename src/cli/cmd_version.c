/*
 * cpdflow version.
 */
#include "base/version.h"

#include "base/mem.h"
#include "base/regex.h"
#include "base/str.h"
#include "cli/cli.h"
#include "proc/loop.h"
#include "value/json.h"
#include "value/yaml.h"

struct version_options {
    bool is_verbose;
};

static int run_version(void *options, const struct opt_list *operands) {
    (void)operands;
    const struct version_options *o = options;
    AUTO(str) struct str text = STR_INIT(0);
    str_add(&text, "cpdflow " CPDFLOW_VERSION "\n");
    if (o->is_verbose) {
        str_addf(&text, "libuv %s\ncJSON %s\nPCRE2 %s\nlibyaml %s\n", loop_library_version(),
                 json_library_version(), regex_library_version(), yaml_library_version());
    }
    return cli_print(&text, CLI_OK);
}

static const struct opt_row rows[] = {
    {'v', "verbose", OPT_FLAG, NULL, offsetof(struct version_options, is_verbose), NULL,
     "the libraries too, as they are loaded"},
    OPT_END,
};

const struct cli_command cmd_version = {
    .name = "version",
    .summary = "print the version",
    .operands = "",
    .options = rows,
    .options_size = sizeof(struct version_options),
    .examples = "  cpdflow version\n"
                "  cpdflow version --verbose\n",
    .run = run_version,
};
