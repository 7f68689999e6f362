/*
 * cpdflow init [DIR]: a first recipe with its inputs, and the schema for the editor. Never replaces a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/diagnose.h"
#include "recipe/load.h"
#include "recipe/model.h"
#include "recipe/schema.h"
#include "value/json.h"
#include "value/value.h"

#define RECIPE_NAME "flow.yaml"
#define INPUTS_NAME "inputs.yaml"
#define SCHEMA_NAME "cpdflow.schema.json"
#define MODELINE    "# yaml-language-server: $schema=" SCHEMA_NAME "\n"

/* NAME.template beside this file. */
extern const unsigned char template_minimal_text[];
extern const size_t template_minimal_len;
extern const unsigned char template_script_text[];
extern const size_t template_script_len;
extern const unsigned char template_mlops_text[];
extern const size_t template_mlops_len;

struct starter {
    const unsigned char *text;
    const size_t *len;
};

/* In the order of the names. */
static const char *const names[] = {"minimal", "script", "mlops", NULL};
static const struct starter starters[] = {
    {template_minimal_text, &template_minimal_len},
    {template_script_text, &template_script_len},
    {template_mlops_text, &template_mlops_len},
};

struct init_options {
    int template;
};

/* ---- the inputs ---- */

static void add_description(const struct input *in, struct str *out) {
    if (in->description != NULL) {
        str_addf(out, "# %s\n", in->description);
    }
}

static void add_input(const struct input *in, struct str *out) {
    if (in->is_secret) {
        str_addf(out, "# %s: a secret: give it in the environment%s%s\n", in->name,
                 in->env == NULL ? "" : ", as ", in->env == NULL ? "" : in->env);
    } else if (in->default_value != NULL) {
        str_addf(out, "# %s: ", in->name);
        json_print(out, in->default_value, JSON_COMPACT);
        str_add_char(out, '\n');
    } else if (in->is_optional) {
        str_addf(out, "# %s: null\n", in->name);
    } else {
        str_addf(out, "%s: %s\n", in->name,
                 in->type == INPUT_STRING ? "https://cpd.example.com" : "null");
    }
}

static void add_inputs(const struct recipe *r, struct str *out) {
    str_addf(out,
             "# Inputs of %s: cpdflow run %s --inputs %s\n"
             "# Those that have a default stand as comments.\n",
             RECIPE_NAME, RECIPE_NAME, INPUTS_NAME);
    for (size_t i = 0; i < r->n_inputs; i++) {
        str_add_char(out, '\n');
        add_description(&r->inputs[i], out);
        add_input(&r->inputs[i], out);
    }
    bool is_needed = false;
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct input *in = &r->inputs[i];
        is_needed = is_needed || (!in->is_secret && !in->is_optional && in->default_value == NULL);
    }
    str_add(out,
            is_needed ? "" : "\n{} # all have a default: remove this line when you give one\n");
}

/* ---- files ---- */

struct starter_file {
    const char *name;
    struct str text;
    char *path;
};

static bool refuse_existing(const struct starter_file *f, struct err *err) {
    if (faccessat(AT_FDCWD, f->path, F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
        return true; /* what else is wrong shows when it is written */
    }
    err_set(err, "file-exists", "%s is there already: nothing was written", f->path);
    err_hint(err, "choose another directory: cpdflow init DIR");
    return false;
}

static bool write_new(const struct starter_file *f, struct err *err) {
    int fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0) {
        return err_errno(err, "file-write", errno, "cannot create %s", f->path);
    }
    bool is_written = file_write_all(fd, str_text(&f->text), f->text.len);
    is_written = close(fd) == 0 && is_written;
    return is_written || err_errno(err, "file-write", errno, "cannot write %s", f->path);
}

static bool write_files(const char *dir, struct starter_file *files, size_t n, struct err *err) {
    for (size_t i = 0; i < n; i++) {
        files[i].path = file_join(dir, files[i].name);
        if (!refuse_existing(&files[i], err)) {
            return false;
        }
    }
    if (!file_make_dirs(dir, 0755, err)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!write_new(&files[i], err)) {
            return false;
        }
    }
    return true;
}

/* ---- the command ---- */

static bool make_texts(const struct starter *s, struct starter_file *files) {
    str_add(&files[0].text, MODELINE);
    str_add_bytes(&files[0].text, (const char *)s->text, *s->len);
    struct diagnostics d = DIAGNOSTICS_INIT;
    struct recipe *r =
        recipe_load_text(str_text(&files[0].text), files[0].text.len, RECIPE_NAME, ".", &d);
    bool is_fine = r != NULL;
    if (is_fine) {
        add_inputs(r, &files[1].text);
    } else {
        diagnose_print(&d);
    }
    recipe_free(r);
    diagnostics_release(&d);
    schema_export(&files[2].text);
    return is_fine;
}

static int tell(const struct starter_file *files, size_t n) {
    AUTO(str) struct str text = STR_INIT(0);
    for (size_t i = 0; i < n; i++) {
        str_addf(&text, "wrote %s\n", files[i].path);
    }
    str_addf(&text,
             "\nnext:\n"
             "  cpdflow check %s\n"
             "  cpdflow plan %s --inputs %s\n"
             "  cpdflow run %s --inputs %s\n",
             files[0].path, files[0].path, files[1].path, files[0].path, files[1].path);
    return cli_print(&text, CLI_OK);
}

static int run_init(void *options, const struct opt_list *operands) {
    const struct init_options *o = options;
    struct starter_file files[] = {{.name = RECIPE_NAME, .text = STR_INIT(0)},
                                   {.name = INPUTS_NAME, .text = STR_INIT(0)},
                                   {.name = SCHEMA_NAME, .text = STR_INIT(0)}};
    enum { N_FILES = sizeof files / sizeof files[0] };
    const char *dir = operands->n > 0 ? operands->items[0] : ".";
    struct err err = ERR_INIT;
    int code = CLI_USAGE;
    if (make_texts(&starters[o->template], files)) {
        bool is_written = write_files(dir, files, N_FILES, &err);
        bool was_there = err.kind != NULL && strcmp(err.kind, "file-exists") == 0;
        code = is_written ? tell(files, N_FILES)
                          : cli_fail(&err, was_there ? CLI_USAGE : CLI_ENVIRONMENT);
    }
    for (size_t i = 0; i < N_FILES; i++) {
        str_release(&files[i].text);
        mem_free(files[i].path);
    }
    return code;
}

static const struct opt_row rows[] = {
    {'t', "template", OPT_CHOICE, NULL, offsetof(struct init_options, template), names,
     "what to begin with: minimal, the default, signs in and has a space;\n"
     "script needs no cluster; mlops is the whole way of a model"},
    OPT_END,
};

const struct cli_command cmd_init = {
    .name = "init",
    .summary = "write a first recipe to begin with",
    .operands = "[DIR]",
    .max_operands = 1,
    .completes = CLI_OPERAND_FILE,
    .options = rows,
    .options_size = sizeof(struct init_options),
    .details = "Writes " RECIPE_NAME ", " INPUTS_NAME " and " SCHEMA_NAME
               ", by which editors complete and check, into\n"
               "DIR or the working directory. A file that is there is never replaced.\n",
    .examples = "  cpdflow init my-flow\n"
                "  cpdflow init --template=script /tmp/try && cpdflow run /tmp/try/flow.yaml\n",
    .exits = "  0  written\n"
             "  2  wrong usage, or a file is there already: nothing was written\n"
             "  4  a file could not be written\n",
    .run = run_init,
};
