/*
 * cpdflow completion bash|zsh|fish: a script for the shell, made from the command table, and the lists that it asks for. Bash and zsh share one function; zsh
 * runs it through bashcompinit.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/run_dir.h"
#include "event/run_report.h"
#include "recipe/load.h"

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

/* What `cpdflow completion` lists for the value of the option; NULL: nothing. */
static const char *list_for(const struct opt_row *row) {
    if (row->arg != NULL && strcmp(row->arg, "NAME=VALUE") == 0) {
        return "inputs";
    }
    return row->arg != NULL && str_starts(row->arg, "STEP") ? "steps" : NULL;
}

/* A case of `command option` for every option whose value is one of some words. */
static void add_choices(struct str *out, const struct cli_command *command) {
    for (const struct opt_row *row = first_row(command); row->name != NULL; row++) {
        if (row->kind == OPT_CHOICE) {
            str_addf(out, "        %s\\ --%s) words=\"", command->name, row->name);
            add_words(out, row->choices);
            str_add(out, "\" ;;\n");
        } else if (list_for(row) != NULL) {
            str_addf(out, "        %s\\ --%s", command->name, row->name);
            if (row->short_name != 0) {
                str_addf(out, "|%s\\ -%c", command->name, row->short_name);
            }
            str_addf(
                out,
                ")\n            words=$(\"${COMP_WORDS[0]}\" completion %s -- \"${COMP_WORDS[@]}\" "
                "2>/dev/null)\n            compopt -o nospace 2>/dev/null ;;\n",
                list_for(row));
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
    if (str_starts(command->operands, "RUN") || str_starts(command->operands, "[RUN")) {
        str_add(out, " $(\"${COMP_WORDS[0]}\" completion runs 2>/dev/null)");
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
    } else if (list_for(row) != NULL) {
        str_addf(out, " -x -a '(cpdflow completion %s -- (commandline -opc) 2>/dev/null)'",
                 list_for(row));
    } else if (row->kind != OPT_FLAG && row->kind != OPT_LEVEL) {
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
        if (str_starts(command->operands, "RUN") || str_starts(command->operands, "[RUN")) {
            str_addf(out,
                     "complete -c cpdflow -n '__fish_seen_subcommand_from %s' -f -a '(cpdflow "
                     "completion runs 2>/dev/null)'\n",
                     command->name);
        }
        for (const struct opt_row *row = first_row(command); row->name != NULL; row++) {
            add_fish_option(out, command, row);
        }
    }
}

/* ---- lists, for the scripts ------------------------------------------------------------------- */

static struct recipe *load(const char *file) {
    struct diagnostics found = DIAGNOSTICS_INIT;
    struct recipe *r = recipe_load(file, &found);
    diagnostics_release(&found);
    return r;
}

/* The recipe of a run; NULL when the word names none. */
static struct recipe *recipe_of_run(const char *word) {
    struct err err = ERR_INIT;
    struct run_dir dir;
    struct run_seen seen;
    struct recipe *r = NULL;
    if (!run_dir_find(NULL, word, &dir, &err)) {
        err_release(&err);
        return NULL;
    }
    if (run_dir_see(&dir, &seen, &err)) {
        r = seen.report->recipe_file != NULL ? load(seen.report->recipe_file) : NULL;
        run_seen_release(&seen);
    }
    err_release(&err);
    run_dir_release(&dir);
    return r;
}

/* The recipe that a command line (list, program, command, …) speaks of; NULL: none. */
static struct recipe *recipe_among(const struct opt_list *words) {
    for (size_t i = 1; i < words->n; i++) {
        bool is_recipe = str_ends(words->items[i], ".yaml") || str_ends(words->items[i], ".yml");
        struct recipe *r = is_recipe ? load(words->items[i])
                           : i > 2 && words->items[i][0] != '-' && words->items[i][0] != '\0'
                               ? recipe_of_run(words->items[i])
                               : NULL;
        if (r != NULL) {
            return r;
        }
    }
    return NULL;
}

static void list_inputs(const struct opt_list *words, struct str *out) {
    struct recipe *r = recipe_among(words);
    for (size_t i = 0; r != NULL && i < r->n_inputs; i++) {
        str_addf(out, "%s=\n", r->inputs[i].name);
    }
    recipe_free(r);
}

static void add_ids(const struct step *steps, size_t n, struct str *out) {
    for (size_t i = 0; i < n; i++) {
        if (steps[i].has_own_id) {
            str_addf(out, "%s\n", steps[i].id);
        }
        add_ids(steps[i].steps, steps[i].n_steps, out);
        add_ids(steps[i].cleanup, steps[i].n_cleanup, out);
    }
}

static void list_steps(const struct opt_list *words, struct str *out) {
    struct recipe *r = recipe_among(words);
    if (r != NULL) {
        add_ids(r->steps, r->n_steps, out);
        add_ids(r->finally, r->n_finally, out);
    }
    recipe_free(r);
}

static void list_runs(const struct opt_list *words, struct str *out) {
    (void)words;
    struct run_dirs dirs;
    struct err err = ERR_INIT;
    if (!run_dirs_list(NULL, &dirs, &err)) {
        err_release(&err);
        return;
    }
    str_add(out, dirs.n > 0 ? "last\n" : "");
    for (size_t i = 0; i < dirs.n; i++) {
        str_addf(out, "%s\n", dirs.items[i].id);
    }
    run_dirs_release(&dirs);
}

static const struct {
    const char *word;
    void (*write)(const struct opt_list *words, struct str *out);
} lists[] = {{"inputs", list_inputs}, {"steps", list_steps}, {"runs", list_runs}};

static int run_completion(void *options, const struct opt_list *operands) {
    (void)options;
    static void (*const writers[])(struct str *) = {add_bash, add_zsh, add_fish};
    AUTO(str) struct str text = STR_INIT(0);
    for (size_t i = 0; shells[i] != NULL; i++) {
        if (strcmp(shells[i], operands->items[0]) == 0 && operands->n == 1) {
            writers[i](&text);
            return cli_print(&text, CLI_OK);
        }
    }
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (strcmp(lists[i].word, operands->items[0]) == 0) {
            lists[i].write(operands, &text);
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
    .max_operands = CLI_MANY,
    .words = shells,
    .run = run_completion,
    .details = "The scripts ask cpdflow for what depends on a recipe: `cpdflow completion inputs "
               "WORD...`\n"
               "and `completion steps -- WORD...` list the inputs and steps of the recipe among "
               "the words,\n"
               "`completion runs` the runs of .cpdflow.\n",
    .examples = "  source <(cpdflow completion bash)\n"
                "  cpdflow completion zsh >\"${fpath[1]}/_cpdflow\"\n"
                "  cpdflow completion fish >~/.config/fish/completions/cpdflow.fish\n",
};
