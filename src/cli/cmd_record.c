/*
 * `cpdflow record --from FILE --to DIR`: a notebook or a terminal log becomes a cassette, and what of it could not.
 */
#include "cli/cli.h"

#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "maxima.h"
#include "replay/tape.h"
#include "replay/transcript.h"
#include "value/json_write.h"

enum output { OUTPUT_TEXT, OUTPUT_JSON };
enum { SHOWN_COMMAND = 100 }; /* characters of a command in the list for people */

struct record_options {
    const char *from;
    const char *to;
    struct opt_list programs;
    int output;
};

struct conversion {
    const struct record_options *options;
    const char *file;
    struct transcript transcript;
    size_t n_calls;
    size_t n_any;
    size_t n_exits[EXIT_RECORDED + 1];
    size_t n_left[LEFT_COUNT];
};

static const char *const exit_names[] = {
    [EXIT_ASSUMED] = "assumed", [EXIT_TOLD] = "told", [EXIT_RECORDED] = "recorded"};

static void count(struct conversion *c) {
    for (size_t i = 0; i < c->transcript.n; i++) {
        const struct transcript_command *command = &c->transcript.commands[i];
        c->n_left[command->left]++;
        if (command->left == LEFT_NOT) {
            c->n_calls++;
            c->n_any += command->has_any ? 1 : 0;
            c->n_exits[command->exit_from]++;
        }
    }
}

/* ---- what is said ---- */

static const char *plural(size_t n) {
    return n == 1 ? "" : "s";
}

/* One line of it, without secrets and controls. */
static void add_command(struct str *out, const char *text) {
    AUTO(str) struct str masked = STR_INIT(2 * LIMIT_ARGV_BYTES);
    AUTO(str) struct str safe = STR_INIT(4 * LIMIT_ARGV_BYTES);
    mask_add(&masked, text, strcspn(text, "\n"));
    utf8_add_safe(&safe, str_text(&masked), masked.len);
    bool is_long = utf8_count(str_text(&safe), safe.len) > SHOWN_COMMAND;
    str_add_bytes(out, str_text(&safe),
                  is_long ? utf8_offset(str_text(&safe), safe.len, SHOWN_COMMAND) : safe.len);
    str_add(out, is_long || strchr(text, '\n') != NULL ? "…\n" : "\n");
}

static void add_left(const struct conversion *c, struct str *out) {
    for (size_t i = 0; i < c->transcript.n; i++) {
        const struct transcript_command *command = &c->transcript.commands[i];
        if (command->left == LEFT_NOT) {
            continue;
        }
        str_addf(out, "  %s:", c->file);
        if (command->line > 0) {
            str_addf(out, "%u:", command->line);
        }
        str_addf(out, " %s: ", transcript_left_texts[command->left].kind);
        add_command(out, command->text);
    }
    for (int left = LEFT_NOT + 1; left < LEFT_COUNT; left++) {
        const struct transcript_left_text *text = &transcript_left_texts[left];
        if (c->n_left[left] > 0) {
            str_addf(out, "%s (%zu): %s\n  hint: %s\n", text->kind, c->n_left[left], text->what,
                     text->hint);
        }
    }
}

static void add_text(const struct conversion *c, struct str *out) {
    size_t n_left = c->transcript.n - c->n_calls;
    str_addf(out, "%s: %zu call%s from %s (%s)", c->options->to, c->n_calls, plural(c->n_calls),
             c->file, c->transcript.form);
    if (c->n_any > 0) {
        str_addf(out, ", %zu with {{any}} for variables", c->n_any);
    }
    str_addf(out, "\nexit codes: %zu recorded, %zu told by the output, %zu taken as 0\n",
             c->n_exits[EXIT_RECORDED], c->n_exits[EXIT_TOLD], c->n_exits[EXIT_ASSUMED]);
    if (c->transcript.n_others > 0) {
        str_addf(out, "%zu command%s of other programs not looked at (--program takes more)\n",
                 c->transcript.n_others, plural(c->transcript.n_others));
    }
    if (n_left > 0) {
        str_addf(out, "%zu command%s left out:\n", n_left, plural(n_left));
        add_left(c, out);
    }
}

static void put_command(struct json_writer *w, const struct transcript_command *command) {
    json_begin_object(w);
    if (command->line > 0) {
        json_put_uint(w, "line", command->line);
    }
    AUTO(str) struct str masked = STR_INIT(2 * LIMIT_ARGV_BYTES);
    mask_add(&masked, command->text, strlen(command->text));
    json_put_text(w, "command", str_text(&masked));
    if (command->left == LEFT_NOT) {
        json_put_text(w, "step", command->call.step);
        json_put_int(w, "exit", command->call.exit_code);
        json_put_text(w, "exit_from", exit_names[command->exit_from]);
        json_put_bool(w, "has_any", command->has_any);
    } else {
        json_put_text(w, "reason", transcript_left_texts[command->left].kind);
        json_put_text(w, "message", transcript_left_texts[command->left].what);
        json_put_text(w, "hint", transcript_left_texts[command->left].hint);
    }
    json_end_object(w);
}

static void put_commands(const struct conversion *c, struct json_writer *w, bool is_left) {
    json_begin_list(w);
    for (size_t i = 0; i < c->transcript.n; i++) {
        if ((c->transcript.commands[i].left != LEFT_NOT) == is_left) {
            put_command(w, &c->transcript.commands[i]);
        }
    }
    json_end_list(w);
}

static void add_json(const struct conversion *c, struct str *out) {
    struct json_writer w = json_writer(out, JSON_PRETTY);
    json_begin_object(&w);
    json_put_text(&w, "from", c->file);
    json_put_text(&w, "form", c->transcript.form);
    json_put_text(&w, "cassette", c->n_calls > 0 ? c->options->to : NULL);
    json_put_uint(&w, "n_calls", c->n_calls);
    json_put_uint(&w, "n_left_out", c->transcript.n - c->n_calls);
    json_put_uint(&w, "n_other_programs", c->transcript.n_others);
    json_key(&w, "calls");
    put_commands(c, &w, false);
    json_key(&w, "left_out");
    put_commands(c, &w, true);
    json_end_object(&w);
    str_add_char(out, '\n');
}

/* ---- the command ---- */

static const char *const *programs_of(struct arena *a, const struct opt_list *more) {
    const char **all = arena_zalloc(a, (more->n + 3) * sizeof *all);
    all[0] = "cpdctl";
    all[1] = "curl";
    for (size_t i = 0; i < more->n; i++) {
        all[i + 2] = more->items[i];
    }
    return all;
}

/* "Project-backup" of samples/Project-backup.ipynb. */
static const char *name_of(struct arena *a, const char *file) {
    const char *slash = strrchr(file, '/');
    const char *name = slash == NULL ? file : slash + 1;
    const char *dot = strrchr(name, '.');
    return dot == NULL || dot == name ? name : arena_strndup(a, name, (size_t)(dot - name));
}

static bool read_file(const char *path, struct str *out, struct err *err) {
    if (strcmp(path, "-") == 0) {
        return file_read_fd(STDIN_FILENO, "stdin", LIMIT_TRANSCRIPT_BYTES, out, err);
    }
    return file_read(path, LIMIT_TRANSCRIPT_BYTES, out, err);
}

static bool convert(struct conversion *c, struct arena *a, struct err *err) {
    AUTO(str) struct str text = STR_INIT(LIMIT_TRANSCRIPT_BYTES);
    struct transcript_options options = {.file = c->file,
                                         .programs = programs_of(a, &c->options->programs)};
    if (!read_file(c->options->from, &text, err) ||
        !transcript_read(a, &options, str_text(&text), text.len, &c->transcript, err)) {
        return false;
    }
    count(c);
    if (c->n_calls == 0) {
        return true;
    }
    struct tape tape;
    transcript_tape(a, &c->transcript, name_of(a, c->file), &tape);
    return tape_save(&tape, c->options->to, err);
}

static int run_record(void *fields, const struct opt_list *operands) {
    const struct record_options *o = fields;
    (void)operands;
    if (o->from == NULL || o->to == NULL) {
        return cli_usage_error(&cmd_record, "record needs --from FILE and --to DIR");
    }
    struct conversion c = {.options = o, .file = strcmp(o->from, "-") == 0 ? "stdin" : o->from};
    struct err err = ERR_INIT;
    AUTO(arena) struct arena arena = ARENA_INIT(0);
    if (!convert(&c, &arena, &err)) {
        return cli_fail(&err, strcmp(err.kind, "file-write") == 0 ? CLI_ENVIRONMENT : CLI_USAGE);
    }
    AUTO(str) struct str out = STR_INIT(LIMIT_REPORT_BYTES);
    o->output == OUTPUT_JSON ? add_json(&c, &out) : add_text(&c, &out);
    int code = cli_print(&out, CLI_OK);
    if (c.n_calls > 0 || code != CLI_OK) {
        return code;
    }
    (void)err_set(&err, "nothing-recorded",
                  "no command of %s could become a call: nothing was written", c.file);
    return cli_fail(&err, CLI_FAILED);
}

static const char *const outputs[] = {"text", "json", NULL};

static const struct opt_row rows[] = {
    {0, "from", OPT_FILE, "FILE", offsetof(struct record_options, from), NULL,
     "a Jupyter notebook, JSON records or a terminal log (-: standard input)"},
    {'o', "to", OPT_FILE, "DIR", offsetof(struct record_options, to), NULL,
     "the cassette that is written"},
    {'p', "program", OPT_LIST, "NAME", offsetof(struct record_options, programs), NULL,
     "takes the calls of this program too (cpdctl and curl always are); may be repeated"},
    {0, "output", OPT_CHOICE, NULL, offsetof(struct record_options, output), outputs,
     "a summary for people, or JSON with every command"},
    OPT_END,
};

const struct cli_command cmd_record = {
    .name = "record",
    .summary = "make a cassette of a notebook or a terminal log",
    .operands = "",
    .completes = CLI_OPERAND_NONE,
    .options = rows,
    .options_size = sizeof(struct record_options),
    .details =
        "A log has commands behind `$ `, also behind user@host, and their output below. A notebook "
        "has `! cpdctl …`\n"
        "in its cells, or %%bash. Records are a JSON list of {command, stdout, stderr, exit_code}. "
        "A command becomes\n"
        "a call when the recording has just its output: not what went into a variable or a pipe, "
        "not one of several\n"
        "commands with one output. The rest is left out and named with its reason; `cpdflow "
        "explain REASON` tells more.\n"
        "Variables become {{any}}, which stands for any text; values of flags such as --password "
        "become ***. Exit codes\n"
        "are what the output tells (Status code = N, FAILED), what `echo $?` printed, or 0. What a "
        "terminal showed is\n"
        "stdout, with what the command wrote to stderr among it.\n"
        "`cpdflow run --record=DIR` records a run as it happens, whole.\n",
    .examples =
        "  cpdflow record --from samples/Project-backup.ipynb --to tape\n"
        "  cpdflow record --from session.log -o tape && cpdflow shim tape -- sh deploy.sh\n"
        "  cpdflow record --from session.log -o tape --output json | cpdflow eval left_out\n",
    .exits = "  0  the cassette was written\n"
             "  1  no command could become a call: nothing was written\n"
             "  2  wrong usage, or the file is none of these\n"
             "  4  the cassette could not be written\n",
    .run = run_record,
};
