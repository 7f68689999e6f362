/*
 * cpdflow eval EXPR [FILE].
 */
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "cli/cli.h"
#include "cli/documents.h"
#include "cli/input.h"
#include "cli/query.h"
#include "extract/extract.h"
#include "value/value.h"

struct eval_options {
    bool no_input;
    bool raw;
    int input_format;
    int output;
    struct opt_list vars;
    struct opt_list args;
};

static const char *const input_formats[] = {"json",  "yaml", "csv",  "table",
                                            "lines", "text", "auto", NULL};

static const struct opt_row option_rows[] = {
    {'i', "input-format", OPT_CHOICE, NULL, offsetof(struct eval_options, input_format),
     input_formats, "what FILE holds (default json: one or more documents)"},
    {'n', "no-input", OPT_FLAG, NULL, offsetof(struct eval_options, no_input), NULL,
     "read nothing; the current node is null"},
    {0, "var", OPT_LIST, "NAME=JSON", offsetof(struct eval_options, vars), NULL,
     "$NAME in the expression; may be repeated"},
    {0, "arg", OPT_LIST, "NAME=TEXT", offsetof(struct eval_options, args), NULL,
     "the same for a text, which then needs no quotes"},
    {'o', "output", OPT_CHOICE, NULL, offsetof(struct eval_options, output), render_format_names,
     QUERY_OUTPUT_HELP},
    {'r', "raw", OPT_FLAG, NULL, offsetof(struct eval_options, raw), NULL, QUERY_RAW_HELP},
    OPT_END,
};

static bool on_document(const struct value *document, const struct extract_note *note,
                        struct arena *scratch, void *ctx, struct err *err) {
    (void)note;
    return query_document(ctx, document, scratch, err);
}

static void eval_nothing(struct query *q, struct err *err) {
    struct arena scratch = ARENA_INIT(0);
    (void)query_document(q, &value_null, &scratch, err); /* query_end() looks at err */
    arena_release(&scratch);
}

static void eval_input(struct query *q, const struct eval_options *o, const char *path,
                       struct err *err) {
    struct input in;
    if (!input_open(&in, path, err)) {
        return;
    }
    in.tied = &q->out;
    int format = extract_format_by_name(input_formats[o->input_format]);
    struct extract_spec spec = {.format = (enum extract_format)format, .name = in.name};
    (void)documents_read(&in, &spec, on_document, q, err); /* query_end() looks at err */
    input_close(&in);
}

static int run_eval(void *options, const struct opt_list *operands) {
    const struct eval_options *o = options;
    const char *path = operands->n > 1 ? operands->items[1] : NULL;
    if (o->no_input && path != NULL) {
        return cli_usage_error(&cmd_eval, "--no-input reads no file, but '%s' is given", path);
    }
    struct err err = ERR_INIT;
    struct query q;
    if (query_begin(&q, operands->items[0], &o->vars, &o->args, query_format(o->output, o->raw),
                    &err)) {
        if (o->no_input) {
            eval_nothing(&q, &err);
        } else {
            eval_input(&q, o, path, &err);
        }
    }
    return query_end(&q, false, &err);
}

const struct cli_command cmd_eval = {
    .name = "eval",
    .summary = "evaluate a JMESPath expression on JSON, YAML, CSV or a table",
    .operands = "EXPR [FILE]",
    .min_operands = 1,
    .max_operands = 2,
    .completes = CLI_OPERAND_FILE,
    .options = option_rows,
    .options_size = sizeof(struct eval_options),
    .run = run_eval,
    .details =
        "FILE is standard input when it is missing or `-`. Several JSON documents (also one a\n"
        "line) are answered one by one as they arrive. The language is that of recipes:\n"
        "JMESPath Community with variables, bare numbers and more functions.\n",
    .examples = "  cpdctl space list --output json | cpdflow eval -r \"resources[0].metadata.id\"\n"
                "  cpdflow eval -r --arg name=prod 'resources[?entity.name == $name] | "
                "one(@).metadata.id' spaces.json\n"
                "  cpdflow eval -n 'now()'\n"
                "  if cpdflow eval \"entity.status.state == 'active'\" space.json >/dev/null; then "
                "…\n",
    .exits = QUERY_EXITS,
};
