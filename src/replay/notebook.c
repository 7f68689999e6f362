/*
 * Notebooks, and records made of them: which commands a cell called, and whether what it printed is theirs.
 *
 * A cell has one output for everything in it. It belongs to a command only when that is the one command that prints and nothing
 * else of the cell can; assignments and imports cannot. Whether Python ran a line at all is known only of lines that do not stand
 * in a block.
 */
#include "transcript_priv.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

enum { NBFORMAT = 4 };

/* Where commands stand in the file: each is looked for behind the one before. */
struct locator {
    const char *text;
    size_t len;
    size_t at;
    unsigned line; /* at `at` */
    bool is_lost; /* a text was not found: it is not looked for others, so that this stays linear */
};

/* One cell. */
struct cell {
    struct transcript_reader *reader;
    struct locator *locator;
    const char *step;
    struct transcript_answer answer;
    bool has_run;
    bool has_failed; /* Python raised something */

    struct cell_command *commands;
    size_t n;
    size_t cap;
    size_t n_printing;   /* those that are not captured */
    bool is_hidden;      /* %%capture, %%bash --out: the output went elsewhere */
    bool has_other_code; /* that may print */
    size_t depth;        /* of brackets that are open: a statement goes on */
};
struct cell_command {
    const char *text;
    enum transcript_left left;
    bool is_shell; /* a line of %%bash */
};

/* ---- places ---- */

static void locate(struct locator *l, struct arena *a, const char *text) {
    AUTO(str) struct str quoted = STR_INIT(2 * LIMIT_ARGV_BYTES);
    json_print_string(&quoted, text, strcspn(text, "\n"));
    if (l->is_lost || quoted.len < 3) {
        return;
    }
    char *wanted = arena_strndup(a, str_text(&quoted) + 1, quoted.len - 2);
    const char *found = memmem(l->text + l->at, l->len - l->at, wanted, quoted.len - 2);
    if (found == NULL) {
        l->is_lost = true;
        return;
    }
    size_t at = (size_t)(found - l->text);
    for (; l->at < at; l->at++) {
        l->line += l->text[l->at] == '\n' ? 1 : 0;
    }
    l->at += quoted.len - 2;
}

static unsigned place(const struct locator *l) {
    return l->is_lost ? 0 : l->line;
}

/* ---- lines of a cell ---- */

static void add_command(struct cell *c, const char *text, enum transcript_left left,
                        bool is_shell) {
    if (c->n == c->cap) {
        c->cap = c->cap == 0 ? 8 : c->cap * 2;
        c->commands = mem_realloc(c->commands, c->cap, sizeof *c->commands);
    }
    c->n_printing += left == LEFT_CAPTURED ? 0 : 1;
    c->commands[c->n++] = (struct cell_command){text, left, is_shell};
}

/* `name = !…`, `a, b = !…`: where the ! is, NULL: something else. */
static const char *captured_command(const char *line) {
    static const char names[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_., []'\"";
    size_t n = strspn(line, names);
    if (n == 0 || line[n] != '=') {
        return NULL;
    }
    const char *value = line + n + 1;
    value += strspn(value, " \t");
    static const char *const magics[] = {"!", "%sx ", "%system "};
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        if (str_starts(value, magics[i])) {
            return value + strlen(magics[i]);
        }
    }
    return NULL;
}

/* Brackets that a line of Python leaves open, texts left aside. */
static void count_brackets(struct cell *c, const char *line) {
    char quote = '\0';
    for (const char *p = line; *p != '\0'; p++) {
        if (*p == '\\' && p[1] != '\0') {
            p++;
        } else if (quote != '\0') {
            quote = *p == quote ? '\0' : quote;
        } else if (*p == '\'' || *p == '"') {
            quote = *p;
        } else if (*p == '#') {
            return;
        } else if (strchr("([{", *p) != NULL) {
            c->depth++;
        } else if (strchr(")]}", *p) != NULL && c->depth > 0) {
            c->depth--;
        }
    }
}

static bool is_silent(const char *line) {
    static const char *const loud[] = {"print",  "display", "system", "subprocess",
                                       "stdout", "help(",   "\"\"\"", "'''"};
    for (size_t i = 0; i < sizeof loud / sizeof *loud; i++) {
        if (strstr(line, loud[i]) != NULL) {
            return false;
        }
    }
    size_t name =
        strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.[]'\"");
    const char *rest = line + name + strspn(line + name, " ");
    bool is_assignment = name > 0 && rest[0] == '=' && rest[1] != '=';
    return is_assignment || str_starts(line, "import ") || str_starts(line, "from ");
}

static void take_python(struct cell *c, const char *line, bool is_indented) {
    if (line[0] == '\0' || line[0] == '#') {
        return;
    }
    bool goes_on = c->depth > 0;
    count_brackets(c, line);
    bool is_loud = strstr(line, "print") != NULL || strstr(line, "display") != NULL;
    if (goes_on ? is_loud : is_indented || !is_silent(line)) {
        c->has_other_code = true;
    }
}

static void take_line(struct cell *c, const char *line) {
    size_t indent = strspn(line, " \t");
    const char *text = line + indent;
    if (c->depth > 0) {
        take_python(c, text, indent > 0);
        return;
    }
    const char *captured = captured_command(text);
    if (captured != NULL) {
        add_command(c, captured + strspn(captured, "! \t"), LEFT_CAPTURED, false);
    } else if (str_starts(text, "!!") || str_starts(text, "%sx ") || str_starts(text, "%system ")) {
        const char *command = text[0] == '!' ? text + 2 : strchr(text, ' ');
        add_command(c, command + strspn(command, " \t"), LEFT_CAPTURED, false);
    } else if (text[0] == '!') {
        add_command(c, text + 1 + strspn(text + 1, " \t"), indent > 0 ? LEFT_BLOCK : LEFT_NOT,
                    false);
    } else {
        take_python(c, text, indent > 0);
    }
}

static void take_shell_line(struct cell *c, const char *line) {
    line += strspn(line, " \t");
    if (line[0] != '\0' && line[0] != '#') {
        add_command(c, line, LEFT_NOT, true);
    }
}

/* The next line with those on which it goes on, in the arena; NULL at the end. */
static const char *next_line(struct arena *a, const char **at, bool is_shell) {
    if (**at == '\0') {
        return NULL;
    }
    const char *start = *at;
    struct shell_open open = {.quote = '\0'};
    size_t n = strcspn(start, "\n");
    bool goes_on = is_shell ? shell_line_goes_on(&open, start, n) : n > 0 && start[n - 1] == '\\';
    while (start[n] == '\n' && goes_on) {
        size_t more = 1 + strcspn(start + n + 1, "\n");
        goes_on = is_shell ? shell_line_goes_on(&open, start + n, more)
                           : more > 1 && start[n + more - 1] == '\\';
        n += more;
    }
    *at = start + n + (start[n] == '\n' ? 1 : 0);
    return arena_strndup(a, start, n);
}

enum magic { MAGIC_NONE, MAGIC_SHELL, MAGIC_PYTHON, MAGIC_FOREIGN };

/* What the first line makes of a cell. */
static enum magic cell_magic(struct cell *c, const char *line) {
    if (!str_starts(line, "%%")) {
        return MAGIC_NONE;
    }
    const char *name = line + 2;
    size_t n = strcspn(name, " \t");
    static const char *const shells[] = {"bash", "sh", "script"};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strlen(shells[i]) == n && strncmp(name, shells[i], n) == 0) {
            c->is_hidden = strstr(line, "--out") != NULL;
            bool is_script = strcmp(shells[i], "script") == 0;
            return !is_script || strstr(line, "sh") != NULL ? MAGIC_SHELL : MAGIC_FOREIGN;
        }
    }
    c->is_hidden = n == strlen("capture") && strncmp(name, "capture", n) == 0;
    bool is_timed = str_starts(name, "time");
    c->has_other_code = is_timed; /* it prints how long it took */
    return c->is_hidden || is_timed ? MAGIC_PYTHON : MAGIC_FOREIGN;
}

static void take_source(struct cell *c, const char *source) {
    struct arena *a = c->reader->arena;
    const char *at = source + strspn(source, "\n");
    const char *first = at;
    const char *line = next_line(a, &at, false);
    enum magic magic = line == NULL ? MAGIC_NONE : cell_magic(c, line);
    if (magic == MAGIC_NONE) {
        at = first;
    }
    bool is_shell = magic == MAGIC_SHELL;
    while (magic != MAGIC_FOREIGN && (line = next_line(a, &at, is_shell)) != NULL) {
        is_shell ? take_shell_line(c, line) : take_line(c, line);
    }
}

/* ---- cells ---- */

static enum transcript_left judge(const struct cell *c, const struct cell_command *command) {
    bool has_output = c->answer.out_len > 0 || c->answer.errors_len > 0;
    if (command->left != LEFT_NOT || c->is_hidden) {
        return command->left != LEFT_NOT ? command->left : LEFT_CAPTURED;
    }
    if (!c->has_run && !has_output) {
        return LEFT_NOT_RUN;
    }
    if (c->has_failed || (has_output && c->has_other_code)) {
        return LEFT_MIXED;
    }
    return has_output && c->n_printing > 1 ? LEFT_SHARED : LEFT_NOT;
}

static bool cell_end(struct cell *c) {
    bool is_fine = true;
    for (size_t i = 0; i < c->n && is_fine; i++) {
        const struct cell_command *command = &c->commands[i];
        locate(c->locator, c->reader->arena, command->text);
        struct transcript_source source = {.line = place(c->locator),
                                           .step = c->step,
                                           .is_notebook = !command->is_shell,
                                           .left = judge(c, command)};
        is_fine = transcript_add(c->reader, command->text, &source, &c->answer);
    }
    mem_free(c->commands);
    return is_fine;
}

/* ---- notebooks ---- */

/* A text, or a list of its lines; false: something else. */
static bool add_text(const struct value *v, struct str *out) {
    if (v != NULL && v->type == VALUE_STRING) {
        str_add_bytes(out, v->as.text, v->len);
        return true;
    }
    for (uint32_t i = 0; v != NULL && v->type == VALUE_LIST && i < v->len; i++) {
        if (v->as.items[i]->type != VALUE_STRING) {
            return false;
        }
        str_add_bytes(out, v->as.items[i]->as.text, v->as.items[i]->len);
    }
    return v != NULL && v->type == VALUE_LIST;
}

static bool is_text(const struct value *object, const char *key, const char *text) {
    const char *is = value_text(value_get(object, key));
    return is != NULL && strcmp(is, text) == 0;
}

static bool take_outputs(struct cell *c, const struct value *outputs) {
    AUTO(str) struct str out = STR_INIT(LIMIT_RESULT_BYTES);
    AUTO(str) struct str errors = STR_INIT(LIMIT_RESULT_BYTES);
    for (uint32_t i = 0; outputs != NULL && outputs->type == VALUE_LIST && i < outputs->len; i++) {
        const struct value *output = outputs->as.items[i];
        bool is_stream = is_text(output, "output_type", "stream");
        c->has_failed = c->has_failed || is_text(output, "output_type", "error");
        if (is_stream && !add_text(value_get(output, "text"),
                                   is_text(output, "name", "stderr") ? &errors : &out)) {
            return transcript_invalid(c->reader, place(c->locator),
                                      "%s: the text of an output is none", c->step);
        }
    }
    struct arena *a = c->reader->arena;
    c->answer =
        (struct transcript_answer){.out = arena_strndup(a, str_text(&out), out.len),
                                   .out_len = out.len,
                                   .errors = arena_strndup(a, str_text(&errors), errors.len),
                                   .errors_len = errors.len,
                                   .exit_code = -1};
    return true;
}

static bool read_cell(struct transcript_reader *r, struct locator *l, const struct value *v,
                      uint32_t number) {
    if (!is_text(v, "cell_type", "code")) {
        return true;
    }
    const struct value *count = value_get(v, "execution_count");
    struct cell c = {.reader = r,
                     .locator = l,
                     .step = arena_printf(r->arena, "cell-%u", number),
                     .has_run = count != NULL && count->type == VALUE_NUMBER};
    AUTO(str) struct str source = STR_INIT(LIMIT_RESULT_BYTES);
    if (!add_text(value_get(v, "source"), &source)) {
        return transcript_invalid(r, place(l), "cell %u: its source is no text", number);
    }
    if (!take_outputs(&c, value_get(v, "outputs"))) {
        return false;
    }
    take_source(&c, str_text(&source));
    return cell_end(&c);
}

bool notebook_read(struct transcript_reader *r, const char *text, size_t len,
                   const struct value *document) {
    int64_t version = 0;
    const struct value *format = value_get(document, "nbformat");
    const struct value *cells = value_get(document, "cells");
    if (format == NULL || !value_as_i64(format, &version)) {
        (void)transcript_invalid(r, 1, "this is no notebook: it has no nbformat");
        err_hint(r->err, "records are a JSON list of {command, stdout}");
        return false;
    }
    if (version < NBFORMAT || cells == NULL || cells->type != VALUE_LIST) {
        (void)transcript_invalid(r, 1, "the notebook has not the form of nbformat 4");
        err_hint(r->err, "jupyter nbconvert --to notebook writes it anew");
        return false;
    }
    struct locator locator = {.text = text, .len = len, .line = 1};
    for (uint32_t i = 0; i < cells->len; i++) {
        if (!read_cell(r, &locator, cells->as.items[i], i + 1)) {
            return false;
        }
    }
    return true;
}

/* ---- records ---- */

struct record {
    const char *command; /* NULL: none */
    const char *source;  /* NULL: it is no cell */
    struct transcript_answer answer;
    int64_t cell;
};

static bool take_text(struct transcript_reader *r, const struct value *v, const char *key,
                      uint32_t number, const char **ret_text, size_t *ret_len) {
    const struct value *member = value_get(v, key);
    *ret_text = NULL;
    *ret_len = 0;
    if (member == NULL || member->type == VALUE_NULL) {
        return true;
    }
    if (member->type != VALUE_STRING) {
        return transcript_invalid(r, 0, "record %u: '%s' is no text", number, key);
    }
    *ret_text = arena_strndup(r->arena, member->as.text, member->len);
    *ret_len = member->len;
    return true;
}

static bool take_number(struct transcript_reader *r, const struct value *v, const char *key,
                        int64_t max, uint32_t number, int64_t *ret_n) {
    const struct value *member = value_get(v, key);
    if (member == NULL || member->type == VALUE_NULL) {
        return true;
    }
    int64_t n = 0;
    if (!value_as_i64(member, &n) || n < 0 || n > max) {
        return transcript_invalid(r, 0, "record %u: '%s' is no number from 0 to %lld", number, key,
                                  (long long)max);
    }
    *ret_n = n;
    return true;
}

static bool parse_record(struct transcript_reader *r, const struct value *v, uint32_t number,
                         struct record *ret_record) {
    size_t ignored = 0;
    int64_t exit_code = -1;
    struct record *record = ret_record;
    *record = (struct record){.cell = -1};
    struct transcript_answer *answer = &record->answer;
    if (value_get(v, "command") == NULL || value_get(v, "stdout") == NULL) {
        return transcript_invalid(r, 0, "record %u has not both 'command' and 'stdout'", number);
    }
    if (!take_text(r, v, "command", number, &record->command, &ignored) ||
        !take_text(r, v, "source", number, &record->source, &ignored) ||
        !take_text(r, v, "stdout", number, &answer->out, &answer->out_len) ||
        !take_text(r, v, "stderr", number, &answer->errors, &answer->errors_len) ||
        !take_number(r, v, "exit_code", 255, number, &exit_code) ||
        !take_number(r, v, "cell", INT32_MAX, number, &record->cell)) {
        return false;
    }
    answer->out = answer->out == NULL ? "" : answer->out;
    answer->errors = answer->errors == NULL ? "" : answer->errors;
    answer->exit_code = (int)exit_code;
    return true;
}

static bool read_record(struct transcript_reader *r, struct locator *l, const struct value *v,
                        uint32_t number) {
    struct record record;
    if (!parse_record(r, v, number, &record)) {
        return false;
    }
    if (record.source == NULL) {
        if (record.command == NULL) {
            return true;
        }
        locate(l, r->arena, record.command);
        struct transcript_source source = {.line = place(l),
                                           .step = arena_printf(r->arena, "record-%u", number),
                                           .left = LEFT_NOT};
        return transcript_add(r, record.command, &source, &record.answer);
    }
    const struct value *count = value_get(v, "execution_count");
    struct cell c = {.reader = r,
                     .locator = l,
                     .step = record.cell < 0
                                 ? arena_printf(r->arena, "record-%u", number)
                                 : arena_printf(r->arena, "cell-%lld", (long long)record.cell),
                     .answer = record.answer,
                     .has_run = count == NULL || count->type == VALUE_NUMBER};
    take_source(&c, record.source);
    return cell_end(&c);
}

bool records_read(struct transcript_reader *r, const char *text, size_t len,
                  const struct value *document) {
    struct locator locator = {.text = text, .len = len, .line = 1};
    for (uint32_t i = 0; i < document->len; i++) {
        if (!read_record(r, &locator, document->as.items[i], i + 1)) {
            return false;
        }
    }
    return true;
}
