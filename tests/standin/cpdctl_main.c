/*
 * The stand-in cpdctl: reads the command line and the files that it names, finds the cluster in
 * its configuration, and lets the daemon do the rest. See commands.h for what it understands.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "config.h"
#include "config_file.h"
#include "rpc.h"

enum { WORDS_MAX = 6 };

struct line {
    const char *words[WORDS_MAX];
    int n_words;
    const char *config;
    const char *profile;
    const char *context;
    const char *output;
    bool wants_help;
    bool wants_version;
    cJSON *flags; /* everything else, by name */
    struct text upload;
};

static int fail(const char *problem) {
    (void)fprintf(stderr, "FAILED\n%s\n", problem);
    return 1;
}

static int fail_and_free(char *problem) {
    int status = fail(problem);
    free(problem);
    return status;
}

/* ---- words ---- */

/* "config profile set NAME": the group of 1.x in the plural of 0.4, NULL when there is none. */
static const char *config_group(const struct line *line) {
    static const char *const groups[][2] = {
        {"user", "users"}, {"profile", "profiles"}, {"context", "contexts"}};
    for (size_t i = 0; line->n_words >= 3 && i < sizeof groups / sizeof *groups; i++) {
        if (strcmp(line->words[1], groups[i][0]) == 0 ||
            strcmp(line->words[1], groups[i][1]) == 0) {
            return groups[i][1];
        }
    }
    return NULL;
}

static bool is_config_action(const char *group, const char *action) {
    static const char *const everywhere[] = {"set", "get", "list", "unset"};
    bool is_use = strcmp(action, "use") == 0 || strcmp(action, "current") == 0;
    if (is_use) {
        return strcmp(group, "users") != 0;
    }
    for (size_t i = 0; i < sizeof everywhere / sizeof *everywhere; i++) {
        if (strcmp(everywhere[i], action) == 0) {
            return true;
        }
    }
    return false;
}

static char *join_words(const struct line *line) {
    struct text joined = {0};
    for (int i = 0; i < line->n_words; i++) {
        text_puts(&joined, i > 0 ? " " : "");
        text_puts(&joined, line->words[i]);
    }
    return text_take(&joined);
}

/* ---- flags ---- */

/* Does this flag stand without a value? Then only --flag=value can give it one. */
static bool is_bare(const struct command *command, const char *name) {
    static const char *const globals[] = {"help", "version", "quiet", "verbose", "raw-output"};
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++) {
        if (strcmp(globals[i], name) == 0) {
            return true;
        }
    }
    const struct flag *flag = command != NULL ? command_flag(command, name) : NULL;
    return flag != NULL && (flag->use == FLAG_SWITCH || flag->use == FLAG_BOOL);
}

static bool take_global(struct line *line, const char *name, const char *value) {
    const struct {
        const char *name;
        const char **value;
    } texts[] = {{"cpd-config", &line->config},
                 {"cpdconfig", &line->config},
                 {"profile", &line->profile},
                 {"context", &line->context},
                 {"output", &line->output}};
    bool is_config = line->n_words > 0 && strcmp(line->words[0], "config") == 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bool is_own_flag = is_config && strcmp(name, "profile") == 0;
        if (strcmp(texts[i].name, name) == 0 && !is_own_flag) {
            *texts[i].value = value;
            return true;
        }
    }
    line->wants_help = line->wants_help || strcmp(name, "help") == 0;
    line->wants_version = line->wants_version || strcmp(name, "version") == 0;
    return is_bare(NULL, name);
}

static bool is_config_flag(const char *name) {
    static const char *const names[] = {"username", "password", "apikey",  "token-file",
                                        "user",     "url",      "profile", "auth-scope",
                                        "auth-id",  "region",   "ibmcloud"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* JSON may come from a file; the bytes of --body go up as they are. */
static char *load_value(struct line *line, const struct flag *flag, const char *value) {
    bool is_file = flag->use == FLAG_FILE;
    bool is_reference = flag_takes_json(flag) && value[0] == '@';
    if (!is_file && !is_reference) {
        json_put_text(line->flags, flag->name, value);
        return NULL;
    }
    struct text content = {0};
    const char *path = value + (value[0] == '@' ? 1 : 0);
    if (!file_read(path, &content)) {
        text_release(&content);
        return text_format("open %s: %s", path, strerror(errno));
    }
    if (is_file) {
        line->upload = content;
        json_put_text(line->flags, flag->name, path);
    } else {
        json_put_text(line->flags, flag->name, text_get(&content));
        text_release(&content);
    }
    return NULL;
}

/* Takes one flag; returns what is wrong with it (heap) or NULL. */
static char *take_flag(struct line *line, const struct command *command, const char *name,
                       const char *value) {
    if (take_global(line, name, value)) {
        return NULL;
    }
    const struct flag *flag = command != NULL ? command_flag(command, name) : NULL;
    bool is_config = command == NULL && config_group(line) != NULL && is_config_flag(name);
    if (flag == NULL && !is_config) {
        return text_format("unknown flag: --%s", name);
    }
    if (flag != NULL && flag->use == FLAG_SWITCH && strcmp(value, "false") == 0) {
        return NULL;
    }
    if (flag != NULL) {
        return load_value(line, flag, value);
    }
    json_put_text(line->flags, name, value);
    return NULL;
}

/* Words first: what a flag means depends on the command. Values of flags are no words. */
static void take_words(struct line *line, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (arg[0] != '-' || arg[1] == '\0') {
            if (line->n_words < WORDS_MAX) {
                line->words[line->n_words++] = arg;
            }
            continue;
        }
        const char *name = arg + strspn(arg, "-");
        bool has_value = strchr(arg, '=') != NULL;
        bool takes_none = strcmp(name, "async") == 0 || strcmp(name, "all-pages") == 0 ||
                          strcmp(name, "h") == 0 || strcmp(name, "v") == 0 || is_bare(NULL, name);
        i += has_value || takes_none ? 0 : 1;
    }
}

static char *take_flags(struct line *line, const struct command *command, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (arg[0] != '-' || arg[1] == '\0') {
            continue;
        }
        bool is_short = arg[1] != '-';
        const char *body = arg + (is_short ? 1 : 2);
        const char *equals = strchr(body, '=');
        size_t name_len = equals != NULL ? (size_t)(equals - body) : strlen(body);
        char *name = text_format("%.*s", (int)name_len, body);
        const char *value = equals != NULL ? equals + 1 : "true";
        char *problem = NULL;
        if (is_short) {
            line->wants_help = line->wants_help || strcmp(name, "h") == 0;
            line->wants_version = line->wants_version || strcmp(name, "v") == 0;
            if (strcmp(name, "h") != 0 && strcmp(name, "v") != 0) {
                problem = text_format("unknown shorthand flag: '%c' in %s", arg[1], arg);
            }
        } else if (equals == NULL && !is_bare(command, name) && i + 1 >= argc) {
            problem = text_format("flag needs an argument: --%s", name);
        } else {
            value = equals == NULL && !is_bare(command, name) ? argv[++i] : value;
            problem = take_flag(line, command, name, value);
        }
        free(name);
        if (problem != NULL) {
            return problem;
        }
    }
    return NULL;
}

/* ---- running ---- */

static int print_help(const struct command *command) {
    if (command == NULL) {
        (void)puts("NAME:\n   cpdctl - a stand-in for tests\n\nCOMMANDS:");
        for (size_t i = 0; command_tables[i] != NULL; i++) {
            for (const struct command *c = command_tables[i]; c->words != NULL; c++) {
                (void)printf("   %s\n", c->words);
            }
        }
        return 0;
    }
    (void)printf("NAME:\n   %s\n\nOPTIONS:\n", command->words);
    for (const struct flag *flag = command->flags; flag->name != NULL; flag++) {
        (void)printf("   --%s%s\n", flag->name, flag->is_required ? " (required)" : "");
    }
    return 0;
}

static bool parse_output(const struct line *line, enum output *ret_output) {
    static const char *const names[] = {"table", "json", "yaml"};
    *ret_output = OUTPUT_TABLE;
    if (line->output == NULL) {
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], line->output) == 0) {
            *ret_output = (enum output)i;
            return true;
        }
    }
    return false;
}

static const char *or_environment(const char *flag, const char *variable) {
    const char *value = flag != NULL ? flag : getenv(variable);
    return value != NULL && *value != '\0' ? value : NULL;
}

static int run_config(const struct line *line, enum output output) {
    char *path = config_path(line->config);
    const struct config_call call = {
        .path = path,
        .group = config_group(line),
        .action = line->words[2],
        .name = line->n_words > 3 ? line->words[3] : NULL,
        .flags = line->flags,
        .output = output,
    };
    int status = config_run(&call);
    free(path);
    return status;
}

static struct text describe_call(const struct line *line, const struct command *command,
                                 const cJSON *auth, int argc, char **argv) {
    cJSON *call = json_object();
    cJSON *args = json_array();
    for (int i = 1; i < argc; i++) {
        json_push(args, cJSON_CreateString(argv[i]));
    }
    json_put_text(call, "words", command->words);
    json_put(call, "argv", args);
    json_put(call, "flags", json_copy(line->flags));
    json_put_text(call, "output", line->output != NULL ? line->output : "table");
    json_put(call, "auth", json_copy(auth));
    struct text body = {0};
    json_print(&body, call, JSON_COMPACT);
    text_putc(&body, '\n');
    text_add(&body, text_get(&line->upload), line->upload.len);
    cJSON_Delete(call);
    return body;
}

/* What a download is written to; false with `errno` set. */
static bool write_download(const cJSON *answer) {
    const char *path = json_text(answer, "file.path");
    const char *content = json_text_or(answer, "file.content", "");
    FILE *file = path != NULL ? fopen(path, "wb") : NULL;
    if (file == NULL) {
        return path == NULL;
    }
    bool is_written = fputs(content, file) >= 0;
    return fclose(file) == 0 && is_written;
}

static int run_command(const struct line *line, const struct command *command, int argc,
                       char **argv) {
    char *problem = NULL;
    char *path = config_path(line->config);
    cJSON *config = config_read(path);
    free(path);
    cJSON *target = config_target(config, or_environment(line->profile, "CPD_PROFILE"),
                                  or_environment(line->context, "CPD_CONTEXT"), &problem);
    cJSON_Delete(config);
    if (target == NULL) {
        return fail_and_free(problem);
    }
    struct text body = describe_call(line, command, json_at(target, "auth"), argc, argv);
    cJSON *answer = rpc_post(json_text_or(target, "url", ""), "/standin/cpdctl", &body, &problem);
    text_release(&body);
    cJSON_Delete(target);
    if (answer == NULL) {
        return fail_and_free(problem);
    }
    if (!write_download(answer)) {
        problem =
            text_format("open %s: %s", json_text_or(answer, "file.path", ""), strerror(errno));
        cJSON_Delete(answer);
        return fail_and_free(problem);
    }
    bool is_printed = fputs(json_text_or(answer, "stdout", ""), stdout) >= 0 &&
                      fflush(stdout) == 0 && fputs(json_text_or(answer, "stderr", ""), stderr) >= 0;
    int status = (int)json_number_or(answer, "exit", 1);
    cJSON_Delete(answer);
    return is_printed ? status : 1;
}

static int run(struct line *line, int argc, char **argv) {
    take_words(line, argc, argv);
    char *words = join_words(line);
    const struct command *command = command_find(words);
    const char *group =
        line->n_words > 0 && strcmp(line->words[0], "config") == 0 ? config_group(line) : NULL;
    bool is_config = group != NULL && is_config_action(group, line->words[2]);
    bool is_version = strcmp(words, "version") == 0;
    bool is_known = command != NULL || is_config || is_version || line->n_words == 0;
    char *problem = is_known ? take_flags(line, command, argc, argv)
                             : text_format("unknown command \"%s\" for \"cpdctl\"", words);
    enum output output = OUTPUT_TABLE;
    int status = 0;
    free(words);
    if (problem != NULL) {
        status = fail_and_free(problem);
    } else if (is_version || (line->wants_version && line->n_words == 0)) {
        (void)puts("1.8.153");
    } else if (line->wants_help || line->n_words == 0) {
        status = print_help(command);
    } else if (!parse_output(line, &output)) {
        status = fail("Invalid output format, choose one of: table, json, yaml");
    } else if (is_config) {
        status = run_config(line, output);
    } else {
        status = run_command(line, command, argc, argv);
    }
    return status;
}

int main(int argc, char **argv) {
    struct line line = {.flags = json_object()};
    int status = run(&line, argc, argv);
    cJSON_Delete(line.flags);
    text_release(&line.upload);
    return status;
}
