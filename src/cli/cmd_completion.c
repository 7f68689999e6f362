/*
 * cpdflow completion bash|zsh|fish: a script for the shell, made from the command table. Bash and zsh share one function; zsh
 * runs it through bashcompinit.
 */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

static void add_words(struct str *out, const char *const *words) {
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        str_addf(out, " %s", words[i]);
    }
}

static void add_command_names(struct str *out) {
    for (size_t i = 0; i < cli_n_commands; i++) {
        str_addf(out, " %s", cli_commands[i]->name);
    }
}

static const struct opt_row *first_row(const struct cli_command *command) {
    static const struct opt_row none = OPT_END;
    return command->options != NULL ? command->options : &none;
}

/* ---- bash, zsh ------------------------------------------------------------------------------- */

/* A case of `command option` for every option whose value is one of some words. */
static void add_choices(struct str *out, const struct cli_command *command) {
    for (const struct opt_row *row = first_row(command); row->name != NULL; row++) {
        if (row->kind == OPT_CHOICE) {
            str_addf(out, "        %s\\ --%s) words=\"", command->name, row->name);
            add_words(out, row->choices);
            str_add(out, "\" ;;\n");
        }
    }
}

static void add_bash_command(struct str *out, const struct cli_command *command) {
    str_addf(out, "        %s) words=\"", command->name);
    for (const struct opt_row *row = first_row(command); row->name != NULL; row++) {
        str_addf(out, "%s--%s", row == first_row(command) ? "" : " ", row->name);
    }
    str_add(out, " --help");
    add_words(out, command->words);
    if (command->completes == CLI_OPERAND_COMMAND) {
        add_command_names(out);
    }
    str_addf(out, "\"%s ;;\n", command->completes == CLI_OPERAND_FILE ? " files=1" : "");
}

static void add_bash(struct str *out) {
    str_add(out, "# bash completion of cpdflow: source it, or install it as\n"
                 "# /usr/share/bash-completion/completions/cpdflow\n"
                 "_cpdflow() {\n"
                 "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
                 "    local words= files=\n"
                 "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                 "        words=\"");
    add_command_names(out);
    str_add(out, " --help --version\"\n"
                 "    else\n"
                 "        [ \"$before\" != = ] || before=${COMP_WORDS[COMP_CWORD-2]}\n"
                 "        [ \"$word\" != = ] || { before=${COMP_WORDS[COMP_CWORD-1]} word=; }\n"
                 "        case \"${COMP_WORDS[1]} $before\" in\n");
    for (size_t i = 0; i < cli_n_commands; i++) {
        add_choices(out, cli_commands[i]);
    }
    str_add(out, "        *)\n"
                 "        case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; i < cli_n_commands; i++) {
        add_bash_command(out, cli_commands[i]);
    }
    str_add(out, "        esac ;;\n"
                 "        esac\n"
                 "    fi\n"
                 "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                 "    [ -z \"$files\" ] || COMPREPLY+=($(compgen -f -- \"$word\"))\n"
                 "}\n"
                 "complete -o filenames -F _cpdflow cpdflow\n");
}

static void add_zsh(struct str *out) {
    str_add(out, "#compdef cpdflow\n"
                 "autoload -U +X bashcompinit && bashcompinit\n");
    add_bash(out);
}

/* ---- fish ------------------------------------------------------------------------------------ */

/* Text in single quotes, its first line only. */
static void add_fish_text(struct str *out, const char *text) {
    str_add_char(out, '\'');
    for (size_t i = 0, len = strcspn(text, "\n"); i < len; i++) {
        if (text[i] == '\'' || text[i] == '\\') {
            str_add_char(out, '\\');
        }
        str_add_char(out, text[i]);
    }
    str_add_char(out, '\'');
}

static void add_fish_option(struct str *out, const struct cli_command *command,
                            const struct opt_row *row) {
    str_addf(out, "complete -c cpdflow -n '__fish_seen_subcommand_from %s' -l %s", command->name,
             row->name);
    if (row->short_name != 0) {
        str_addf(out, " -s %c", row->short_name);
    }
    if (row->kind == OPT_CHOICE) {
        str_add(out, " -x -a '");
        add_words(out, row->choices);
        str_add(out, "'");
    } else if (row->kind != OPT_FLAG) {
        str_add(out, row->kind == OPT_FILE ? " -r" : " -x");
    }
    str_add(out, " -d ");
    add_fish_text(out, row->help);
    str_add_char(out, '\n');
}

static void add_fish(struct str *out) {
    str_add(out, "# fish completion of cpdflow\n");
    for (size_t i = 0; i < cli_n_commands; i++) {
        const struct cli_command *command = cli_commands[i];
        str_addf(out, "complete -c cpdflow -n __fish_use_subcommand -f -a %s -d ", command->name);
        add_fish_text(out, command->summary);
        str_add_char(out, '\n');
        if (command->words != NULL) {
            str_addf(out, "complete -c cpdflow -n '__fish_seen_subcommand_from %s' -a '",
                     command->name);
            add_words(out, command->words);
            str_add(out, "'\n");
        }
        for (const struct opt_row *row = first_row(command); row->name != NULL; row++) {
            add_fish_option(out, command, row);
        }
    }
}

static int run_completion(void *options, const struct opt_list *operands) {
    (void)options;
    static void (*const writers[])(struct str *) = {add_bash, add_zsh, add_fish};
    AUTO(str) struct str text = STR_INIT(0);
    for (size_t i = 0; shells[i] != NULL; i++) {
        if (strcmp(shells[i], operands->items[0]) == 0) {
            writers[i](&text);
            return cli_print(&text, CLI_OK);
        }
    }
    return cli_usage_error(&cmd_completion, "unknown shell '%s': use bash, zsh or fish",
                           operands->items[0]);
}

const struct cli_command cmd_completion = {
    .name = "completion",
    .summary = "print the completion script of a shell",
    .operands = "bash|zsh|fish",
    .min_operands = 1,
    .max_operands = 1,
    .words = shells,
    .run = run_completion,
    .examples = "  source <(cpdflow completion bash)\n"
                "  cpdflow completion zsh >\"${fpath[1]}/_cpdflow\"\n"
                "  cpdflow completion fish >~/.config/fish/completions/cpdflow.fish\n",
};
