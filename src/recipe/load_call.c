/*
 * What is called: `cpdctl`, `cmd` and `run` with their arguments, flags, standard input and output.
 */
#include "load_priv.h"
#include "shell_habits_priv.h"

#include <stddef.h>
#include <string.h>

#include "base/formats.h"
#include "base/str.h"
#include "maxima.h"

static struct call *call_of(const struct field *f, void *target) {
    return (void *)((char *)target - f->offset);
}

/* ---- typed arguments ------------------------------------------------------------------------- */

static const char *const typed_names[ARG_KIND_COUNT] = {
    [ARG_TEMPLATE] = "",
    [ARG_JSON] = "json",
    [ARG_YAML] = "yaml",
    [ARG_FILE_JSON] = "file_json",
    [ARG_SECRET_FILE] = "secret_file",
};

static enum arg_kind typed_kind(const char *key) {
    for (int kind = ARG_JSON; kind < ARG_KIND_COUNT; kind++) {
        if (strcmp(typed_names[kind], key) == 0) {
            return (enum arg_kind)kind;
        }
    }
    return ARG_TEMPLATE;
}

static bool is_typed(const struct yaml_node *node) {
    return node->kind == YAML_MAP && node->n == 1 &&
           typed_kind(node->pairs[0].key->text) != ARG_TEMPLATE;
}

static void load_typed(struct loader *l, const struct yaml_node *node, struct arg *ret_arg) {
    ret_arg->kind = typed_kind(node->pairs[0].key->text);
    bool was_argument = l->is_argument;
    l->is_argument = ret_arg->kind == ARG_JSON || ret_arg->kind == ARG_YAML;
    if (ret_arg->kind == ARG_SECRET_FILE) {
        ret_arg->template = load_template(l, node->pairs[0].value);
    } else {
        ret_arg->tree = load_tree(l, node->pairs[0].value);
    }
    l->is_argument = was_argument;
}

static void load_arg(struct loader *l, const struct yaml_node *node, struct arg *ret_arg) {
    ret_arg->place = diag_place(l, node);
    if (is_typed(node)) {
        load_typed(l, node, ret_arg);
    } else if (node->kind == YAML_MAP) {
        diag_error(
            l, node, "invalid-type",
            "an argument that is a mapping has one key: json, yaml, file_json or secret_file");
        diag_hint(l, "to pass the mapping as JSON write {json: {…}}");
    } else if (node->kind == YAML_LIST) {
        diag_error(l, node, "invalid-type", "an argument cannot be a list");
        diag_hint(l, "write its items one by one, or {json: […]} to pass it as JSON");
    } else if (load_is_null(node)) {
        diag_error(l, node, "invalid-type", "expected an argument, found nothing");
        diag_hint(l, "an empty argument is written ''");
    } else {
        ret_arg->template = load_template(l, node);
    }
}

static void check_habits(struct loader *l, const struct yaml_node *list, const struct call *call) {
    struct shell_word *words = arena_zalloc(&l->scratch, (list->n + 1) * sizeof *words);
    for (size_t i = 0; i < list->n; i++) {
        const struct yaml_node *item = list->items[i];
        words[i].text = item->kind == YAML_SCALAR ? item->text : NULL;
        words[i].place = diag_place(l, item);
    }
    shell_habits_check(l, words, list->n, true, call->kind == CALL_CMD);
}

static void load_args(struct loader *l, const struct yaml_node *node, const char *what,
                      struct call *call) {
    l->is_argument = true;
    if (node->kind == YAML_SCALAR && !load_is_null(node)) {
        load_words(l, node, call->kind == CALL_CMD, &call->args, &call->n_args);
    } else if (node->kind == YAML_LIST) {
        call->args =
            arena_zalloc(&l->recipe->arena, (node->n > 0 ? node->n : 1) * sizeof *call->args);
        call->n_args = node->n;
        for (size_t i = 0; i < node->n; i++) {
            load_arg(l, node->items[i], &call->args[i]);
        }
        check_habits(l, node, call);
    } else {
        diag_type(l, node, "a list of arguments, or one text");
        l->is_argument = false;
        return;
    }
    l->is_argument = false;
    if (call->n_args == 0) {
        diag_error(l, node, "missing-value", "'%s' without a word", what);
    }
}

static void decode_cpdctl(struct loader *l, const struct field *f, const struct yaml_node *node,
                          void *target) {
    struct call *call = call_of(f, target);
    call->kind = CALL_CPDCTL;
    call->place = diag_place(l, node);
    load_args(l, node, "cpdctl", call);
    if (call->n_args > 0 && call->args[0].template != NULL &&
        strcmp(template_text(call->args[0].template), "cpdctl") == 0) {
        diag_error(l, node, "redundant-program", "'cpdctl' is called with 'cpdctl' as its command");
        diag_hint(l, "leave the first word out: the key already names the program");
    }
}
static const struct field_type type_cpdctl = {
    .expects = "a list of arguments, or one text that is split into words",
    .decode = decode_cpdctl,
    .schema = "@arguments"};

static void decode_cmd(struct loader *l, const struct field *f, const struct yaml_node *node,
                       void *target) {
    struct call *call = call_of(f, target);
    call->kind = CALL_CMD;
    call->place = diag_place(l, node);
    load_args(l, node, "cmd", call);
}
static const struct field_type type_cmd = {
    .expects = "a program and its arguments, as a list or as one text",
    .decode = decode_cmd,
    .schema = "@arguments"};

static void decode_flags(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    struct call *call = call_of(f, target);
    if (!load_is_map(l, node, "flags")) {
        return;
    }
    call->flags =
        arena_zalloc(&l->recipe->arena, (node->n > 0 ? node->n : 1) * sizeof *call->flags);
    call->n_flags = node->n;
    for (size_t i = 0; i < node->n; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        const struct yaml_node *value = node->pairs[i].value;
        struct flag *flag = &call->flags[i];
        flag->name = arena_strdup(&l->recipe->arena, key->text);
        flag->place = diag_place(l, key);
        if (key->text[0] == '-' || key->text[0] == '\0' || strpbrk(key->text, "= \t\n") != NULL) {
            diag_error(l, key, "invalid-flag", "'%s' cannot be the name of a flag", key->text);
            diag_hint(l, "write it without dashes and '=': `name: value` becomes --name=value");
        }
        if (is_typed(value)) {
            flag->arg.place = diag_place(l, value);
            load_typed(l, value, &flag->arg);
        } else {
            l->is_argument = true;
            flag->tree = load_tree(l, value);
            l->is_argument = false;
        }
    }
}
static const struct field_type type_flags = {.expects = "flag names, each with a value",
                                             .decode = decode_flags,
                                             .schema = "{\"type\": \"object\"}"};

/* ---- scripts --------------------------------------------------------------------------------- */

static void decode_run(struct loader *l, const struct field *f, const struct yaml_node *node,
                       void *target) {
    struct call *call = call_of(f, target);
    call->kind = CALL_SHELL;
    call->place = diag_place(l, node);
    call->shell = "sh";
    if (node->kind != YAML_SCALAR || load_is_null(node)) {
        diag_type(l, node, "a shell script");
    } else if (load_has_template(node)) {
        diag_error(l, node, "template-in-script",
                   "a template inside a script: its value would be taken as shell code");
        diag_hint(l, "give it a name in `env:` and write \"$NAME\" in the script");
    } else {
        call->script = arena_strndup(&l->recipe->arena, node->text, node->text_len);
    }
}
static const struct field_type type_run = {
    .expects = "a shell script", .decode = decode_run, .schema = "@scalar"};

static void decode_shell(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    (void)f;
    static const char *const shells[] = {"sh", "bash"};
    const char *text = node->kind == YAML_SCALAR ? node->text : "";
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(text, shells[i]) == 0) {
            *(const char **)target = shells[i];
            return;
        }
    }
    diag_error(l, node, "invalid-value", "'shell' is sh or bash, found %s", diag_describe(l, node));
}
static const struct field_type type_shell = {
    .expects = "sh or bash", .decode = decode_shell, .schema = "{\"enum\": [\"sh\", \"bash\"]}"};

/* ---- output ---------------------------------------------------------------------------------- */

/* "," "tab" ";": one ASCII character. */
static void decode_separator(struct loader *l, const struct field *f, const struct yaml_node *node,
                             void *target) {
    (void)f;
    const char *text = node->kind == YAML_SCALAR ? node->text : "";
    if (strcmp(text, "tab") == 0) {
        *(char *)target = '\t';
    } else if (strlen(text) == 1 && strchr("\"\r\n", text[0]) == NULL) {
        *(char *)target = text[0];
    } else {
        diag_error(l, node, "invalid-value",
                   "a separator is one character or the word tab, found %s",
                   diag_describe(l, node));
    }
}
static const struct field_type type_separator = {.expects = "one character, or the word tab",
                                                 .decode = decode_separator,
                                                 .schema = "{\"type\": \"string\"}"};

static bool load_format(struct loader *l, const struct yaml_node *node, int *ret_format) {
    int format = node->kind == YAML_SCALAR ? extract_format_by_name(node->text) : -1;
    if (format >= 0 && format != EXTRACT_REGEX) {
        *ret_format = format;
        return true;
    }
    if (format == EXTRACT_REGEX) {
        diag_error(l, node, "invalid-format", "the format regex needs its pattern");
        diag_hint(l, "write {regex: '(?<id>[0-9a-f-]+)'}");
        return false;
    }
    diag_error(l, node, "invalid-format",
               "expected auto, json, yaml, table, csv, lines, text, none or {regex: …}, found %s",
               diag_describe(l, node));
    if (node->kind == YAML_SCALAR) {
        diag_nearest(l, node->text, extract_format_names, EXTRACT_FORMAT_COUNT);
    }
    return false;
}

static void decode_format(struct loader *l, const struct field *f, const struct yaml_node *node,
                          void *target) {
    (void)f;
    (void)load_format(l, node, target); /* reported */
}
static const struct field_type type_format = {
    .expects = "a format", .decode = decode_format, .schema = "@format"};

#define OUTPUT(member) offsetof(struct output_spec, member)
static const struct field output_fields[] = {
    {.key = "regex",
     .type = &type_regex,
     .offset = OUTPUT(regex),
     .doc = "The result is what the pattern captures: an object of its named groups, or the whole "
            "match"},
    {.key = "all",
     .type = &type_boolean,
     .offset = OUTPUT(all),
     .doc = "Every match, as a list, instead of the first"},
    {.key = "as",
     .type = &type_format,
     .offset = OUTPUT(format),
     .doc = "The format, when it needs further fields"},
    {.key = "separator",
     .type = &type_separator,
     .offset = OUTPUT(separator),
     .doc = "What stands between the cells of a csv"},
};
const struct object object_output = {.name = "output",
                                     .says = "an output",
                                     .fields = output_fields,
                                     .n_fields = sizeof output_fields / sizeof output_fields[0]};

static void decode_output(struct loader *l, const struct field *f, const struct yaml_node *node,
                          void *target) {
    (void)f;
    struct output_spec *output = target;
    output->place = diag_place(l, node);
    output->kind = OUTPUT_FORMAT;
    if (node->kind != YAML_MAP) {
        (void)load_format(l, node, &output->format); /* reported */
        return;
    }
    output->format = EXTRACT_AUTO;
    (void)schema_decode(l, &object_output, node, output, NULL, NULL); /* reported */
    bool has_regex = yaml_get(node, "regex") != NULL;
    if (has_regex == (yaml_get(node, "as") != NULL)) {
        diag_error(l, node, "invalid-format", "an output has either 'regex' or 'as'");
    }
    if (has_regex) {
        output->kind = OUTPUT_PATTERN;
        output->format = EXTRACT_REGEX;
    }
}
static const struct field_type type_output = {
    .expects = "a format, or {regex: …}", .decode = decode_output, .schema = "@output_or_format"};

/* ---- standard input -------------------------------------------------------------------------- */

static void decode_stdin_text(struct loader *l, const struct field *f, const struct yaml_node *node,
                              void *target) {
    (void)f;
    struct stdin_source *source = target;
    source->kind = STDIN_TEXT;
    source->text = load_template(l, node);
}
static const struct field_type type_stdin_text = {
    .expects = "a text", .decode = decode_stdin_text, .schema = "@scalar"};

static void decode_stdin_json(struct loader *l, const struct field *f, const struct yaml_node *node,
                              void *target) {
    (void)f;
    struct stdin_source *source = target;
    source->kind = STDIN_JSON;
    source->json = load_tree(l, node);
}
static const struct field_type type_stdin_json = {
    .expects = "any data", .decode = decode_stdin_json, .schema = "true"};

static void decode_stdin_file(struct loader *l, const struct field *f, const struct yaml_node *node,
                              void *target) {
    (void)f;
    struct stdin_source *source = target;
    source->kind = STDIN_FILE;
    source->text = load_template(l, node);
}
static const struct field_type type_stdin_file = {
    .expects = "a path", .decode = decode_stdin_file, .schema = "@scalar"};

static const struct field stdin_fields[] = {
    {.key = "text", .type = &type_stdin_text, .doc = "The text itself"},
    {.key = "json", .type = &type_stdin_json, .doc = "Data, written as compact JSON"},
    {.key = "file", .type = &type_stdin_file, .doc = "The content of a file"},
};
const struct object object_stdin = {.name = "stdin",
                                    .says = "standard input",
                                    .fields = stdin_fields,
                                    .n_fields = sizeof stdin_fields / sizeof stdin_fields[0]};

static void decode_stdin(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    if (node->kind != YAML_MAP) {
        decode_stdin_text(l, f, node, target);
        return;
    }
    (void)schema_decode(l, &object_stdin, node, target, NULL, NULL); /* reported */
    if (node->n != 1) {
        diag_error(l, node, "invalid-value", "standard input has one of text, json and file");
    }
}
static const struct field_type type_stdin = {.expects = "a text, {json: …} or {file: …}",
                                             .decode = decode_stdin,
                                             .schema = "@text_or_stdin"};

/* ---- the table ------------------------------------------------------------------------------- */

#define CALL(member) offsetof(struct call, member)
static const struct field call_fields[] = {
    {.key = "cpdctl",
     .type = &type_cpdctl,
     .flags = FIELD_ACTION,
     .fits = FITS_CPDCTL,
     .doc = "Runs cpdctl with these arguments"},
    {.key = "cmd",
     .type = &type_cmd,
     .flags = FIELD_ACTION,
     .fits = FITS_CMD,
     .doc = "Runs any program, without a shell"},
    {.key = "run",
     .type = &type_run,
     .flags = FIELD_ACTION,
     .fits = FITS_RUN,
     .doc = "Runs a shell script; values reach it through `env`"},
    {.key = "http",
     .type = &type_http,
     .offset = CALL(http),
     .flags = FIELD_ACTION,
     .fits = FITS_HTTP,
     .object = &object_http,
     .doc = "Makes one HTTP request"},
    {.key = "read",
     .type = &type_read,
     .offset = CALL(read),
     .flags = FIELD_ACTION,
     .fits = FITS_READ,
     .object = &object_read,
     .doc = "Reads a local file as data"},
    {.key = "write",
     .type = &type_write,
     .offset = CALL(write),
     .flags = FIELD_ACTION,
     .fits = FITS_WRITE,
     .object = &object_write,
     .doc = "Writes data to a local file, atomically"},
    {.key = "flags",
     .type = &type_flags,
     .fits = FITS_CPDCTL | FITS_CMD,
     .doc = "Arguments of the form --name=value, written as a mapping"},
    {.key = "shell",
     .type = &type_shell,
     .offset = CALL(shell),
     .fits = FITS_RUN,
     .doc = "The shell of `run`"},
    {.key = "output",
     .type = &type_output,
     .offset = CALL(output),
     .fits = FITS_CHILD | FITS_ENSURE,
     .object = &object_output,
     .doc = "How standard output becomes the result"},
    {.key = "stdin",
     .type = &type_stdin,
     .offset = CALL(stdin_source),
     .fits = FITS_CHILD,
     .object = &object_stdin,
     .doc = "What the child reads"},
    {.key = "env",
     .type = &type_env,
     .offset = CALL(env),
     .count_offset = CALL(n_env),
     .fits = FITS_CHILD | FITS_HTTP | FITS_ENSURE | FITS_STEPS | FITS_USE,
     .doc = "Environment variables for the child, beside those of the recipe"},
    {.key = "cwd",
     .type = &type_template,
     .offset = CALL(cwd),
     .fits = FITS_CHILD | FITS_ENSURE | FITS_STEPS,
     .doc = "The directory in which the child runs"},
};
const struct object object_call = {.name = "call",
                                   .says = "a call",
                                   .fields = call_fields,
                                   .n_fields = sizeof call_fields / sizeof call_fields[0]};
