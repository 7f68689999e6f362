/*
 * Defaults of options, from files and the environment. The strongest comes last:
 *
 *   $XDG_CONFIG_HOME/cpdflow/config.yaml (~/.config/…)   of the person
 *   .cpdflow.yaml in the current directory               of the project
 *   CPDFLOW_STATE_DIR, CPDFLOW_COLOR                     for every command that has the option
 *   CPDFLOW_COMMAND_OPTION, such as CPDFLOW_RUN_REPORT   for one command
 *   the command line
 *
 * CPDFLOW_CONFIG=FILE takes the place of both files; CPDFLOW_CONFIG= (empty) reads none. A file has a map per command,
 * with the long names of its options as keys:
 *
 *   run: {state-dir: /var/lib/cpdflow, report: [junit=report/junit.xml], inputs: [cluster.yaml], verbose: true}
 *   check: {format: github}
 *
 * Only the current directory is looked at for a project's file, not those above it: a file in a folder that others may
 * write, such as /tmp, must not reach the commands below it. What may be given several times adds up; of anything else
 * the strongest wins. A list in a variable has one item a line.
 */
#ifndef CLI_DEFAULTS_H
#define CLI_DEFAULTS_H

#include <stdbool.h>

struct arena;
struct cli_command;
struct err;

/*
 * Stores all defaults of the command's options in `fields`, before the command line is parsed. `a` keeps their texts
 * and must live as long as the fields. Errors have the place in the file, or name the variable: file-not-found (only
 * of $CPDFLOW_CONFIG), file-read, those of yaml_read(), unknown-key, invalid-type, usage.
 */
bool defaults_apply(const struct cli_command *command, struct arena *a, void *fields,
                    struct err *err);

#endif
