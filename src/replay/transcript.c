/*
 * From commands and what was recorded of them to calls of a cassette: what may be taken, which exit code, which words are secret.
 * How the commands are found in a file is the readers' part (terminal.c, notebook.c).
 */
#include "replay/transcript.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/utf8.h"
#include "maxima.h"
#include "proc/runner.h"
#include "replay/secret_words.h"
#include "transcript_priv.h"
#include "value/json.h"
#include "value/value.h"

const struct transcript_left_text transcript_left_texts[LEFT_COUNT] = {
    [LEFT_CAPTURED] = {"captured-output",
                       "its output went into a variable; the recording has only what was printed "
                       "later",
                       "let the command print, or record a run: cpdflow run --record"},
    [LEFT_SHARED] = {"shared-output", "several commands have one output",
                     "give each command a cell or a prompt of its own"},
    [LEFT_BLOCK] = {"repeated-command",
                    "it stands in a loop or a condition: how often it ran is not recorded",
                    "take it out of the block"},
    [LEFT_MIXED] = {"mixed-output", "other code beside it may have printed a part of the output",
                    "leave the command alone in its cell"},
    [LEFT_PIPED] = {"piped-output", "the output is that of a pipe, not its own",
                    "leave the other programs out, and use --jmes-query"},
    [LEFT_REDIRECTED] = {"redirected-output",
                         "a redirection: what went through the file is not recorded",
                         "leave the redirection out"},
    [LEFT_EXPANSION] = {"shell-expansion",
                        "the shell or the notebook makes something else of a word: $(…), {a,b}",
                        "write what it became"},
    [LEFT_NOT_RUN] = {"not-run", "the cell was not run, or its output was cleared",
                      "run the notebook and save it"},
    [LEFT_CUT] = {"cut-output", "a part of the output is missing", "put the whole output there"},
    [LEFT_NO_OUTPUT] = {"not-output",
                        "what follows is the rest of the command, or prose, and no output",
                        "put the command on one line, and what it printed below"},
    [LEFT_UNREADABLE] = {"unreadable-command",
                         "words are missing, a quote is not closed, or keys were typed over",
                         "write the command as it was run"},
};

bool transcript_invalid(struct transcript_reader *r, unsigned line, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    err_vset(r->err, "invalid-transcript", fmt, ap);
    va_end(ap);
    return line == 0 ? err_wrap(r->err, "%s", r->options->file)
                     : err_at(r->err, (struct place){r->options->file, line, 1}, NULL);
}

/* ---- lines of an output ---- */

/* The next line of the output as people saw it: without colours and blanks at its ends; false: there is none. */
static bool next_line(const char **at, const char *end, struct str *line) {
    if (*at >= end) {
        return false;
    }
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    const char *stop = newline == NULL ? end : newline;
    while (stop > *at && stop[-1] == '\r') {
        stop--;
    }
    str_reset(line);
    utf8_add_safe(line, *at, (size_t)(stop - *at));
    while (line->len > 0 && strchr(" \t", str_text(line)[line->len - 1]) != NULL) {
        str_cut(line, line->len - 1);
    }
    *at = newline == NULL ? end : newline + 1;
    return true;
}

static bool is_cut_mark(const char *line, bool is_first) {
    static const char *const marks[] = {"IOPub data rate exceeded", "Output exceeds the size limit",
                                        "Streaming output truncated to the last",
                                        "... Output truncated"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (strncmp(line, marks[i], strlen(marks[i])) == 0) {
            return true;
        }
    }
    /* The first line of cpdctl is three dots; later ones are a reader's. */
    line += strspn(line, " \t");
    return !is_first && (strcmp(line, "...") == 0 || strcmp(line, "…") == 0);
}

/* "or" between two commands, flags that went to the next line, Markdown. */
static bool is_prose(const char *line, bool is_first) {
    bool is_flag = strncmp(line, "--", 2) == 0 && line[2] >= 'a' && line[2] <= 'z';
    return (is_first && (is_flag || strcmp(line, "or") == 0)) || str_starts(line, "**") ||
           str_starts(line, "* **") || str_starts(line, "* or **");
}

static enum transcript_left judge_output(const struct transcript_answer *answer, bool is_notebook) {
    AUTO(str) struct str line = STR_INIT(LIMIT_RESULT_BYTES);
    const char *at = answer->out;
    bool is_first = true;
    while (next_line(&at, answer->out + answer->out_len, &line)) {
        if (is_cut_mark(str_text(&line), is_first)) {
            return LEFT_CUT;
        }
        if (!is_notebook && is_prose(str_text(&line), is_first)) {
            return LEFT_NO_OUTPUT;
        }
        is_first = is_first && line.len == 0;
    }
    at = answer->errors;
    while (next_line(&at, answer->errors + answer->errors_len, &line)) {
        if (is_cut_mark(str_text(&line), true)) {
            return LEFT_CUT;
        }
    }
    return LEFT_NOT;
}

/* "Status code = 1", the last line of dsjob; -1: no such line. */
static int status_code(const char *line) {
    static const char label[] = "Status code";
    if (!str_starts(line, label)) {
        return -1;
    }
    line += strlen(label);
    line += strspn(line, " ");
    if (*line != '=') {
        return -1;
    }
    line += 1 + strspn(line + 1, " ");
    int64_t n = 0;
    if (!num_parse_i64(line, strlen(line), &n) || n < 0) {
        return -1;
    }
    return n > 255 ? 1 : (int)n;
}

static int told_exit(const char *text, size_t len) {
    AUTO(str) struct str line = STR_INIT(LIMIT_RESULT_BYTES);
    const char *at = text;
    int code = -1;
    while (next_line(&at, text + len, &line)) {
        int status = status_code(str_text(&line));
        if (status >= 0) {
            code = status;
        } else if (strcmp(str_text(&line), "FAILED") == 0) {
            code = 1;
        }
    }
    return code;
}

static void judge_exit(const struct transcript_answer *answer, struct transcript_command *c) {
    int told = told_exit(answer->out, answer->out_len);
    told = told >= 0 ? told : told_exit(answer->errors, answer->errors_len);
    if (answer->exit_code >= 0) {
        c->call.exit_code = answer->exit_code;
        c->exit_from = EXIT_RECORDED;
    } else if (told >= 0) {
        c->call.exit_code = told;
        c->exit_from = EXIT_TOLD;
    }
}

/* ---- words ---- */

/* `--file-name` at the end of a line: its value was lost with the line's end. */
static bool lacks_value(const char *const *argv) {
    static const char *const ends[] = {"-name", "-file", "-id", "-path", "-query", "-dir"};
    size_t n = 0;
    while (argv[n] != NULL) {
        n++;
    }
    const char *last = n == 0 ? "" : argv[n - 1];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (str_starts(last, "--") && strchr(last, '=') == NULL && str_ends(last, ends[i])) {
            return true;
        }
    }
    return false;
}

/* ---- commands ---- */

static struct transcript_command *new_command(struct transcript_reader *r, unsigned line) {
    struct transcript *t = r->transcript;
    if (t->n >= LIMIT_TAPE_CALLS) {
        (void)transcript_invalid(r, line, "more than %d commands", LIMIT_TAPE_CALLS);
        return NULL;
    }
    if (t->n == t->cap) {
        size_t cap = t->cap == 0 ? 64 : t->cap * 2;
        struct transcript_command *all = arena_zalloc(r->arena, cap * sizeof *all);
        if (t->n > 0) {
            memcpy(all, t->commands, t->n * sizeof *all);
        }
        t->commands = all;
        t->cap = cap;
    }
    return &t->commands[t->n++];
}

static enum transcript_left judge(const struct transcript_source *source,
                                  const struct shell_line *line,
                                  const struct transcript_answer *answer) {
    if (source->left != LEFT_NOT) {
        return source->left;
    }
    if (line->left != LEFT_NOT) {
        return line->left;
    }
    return lacks_value(line->argv) ? LEFT_NO_OUTPUT : judge_output(answer, source->is_notebook);
}

bool transcript_add(struct transcript_reader *r, const char *command,
                    const struct transcript_source *source,
                    const struct transcript_answer *answer) {
    struct shell_line line;
    shell_line_read(r->arena, command, strlen(command), r->options->programs, source->is_notebook,
                    &line);
    if (!line.is_ours) {
        r->transcript->n_others += line.argv[0] == NULL ? 0 : 1;
        return true;
    }
    struct transcript_command *c = new_command(r, source->line);
    if (c == NULL) {
        return false;
    }
    *c = (struct transcript_command){.line = source->line,
                                     .text = command,
                                     .left = judge(source, &line, answer),
                                     .has_any = line.has_any};
    c->call = (struct tape_call){.step = source->step,
                                 .role = "run",
                                 .argv = secret_words_hide(r->arena, line.argv, NULL),
                                 .env = line.env,
                                 .outcome = run_outcome_names[RUN_EXITED],
                                 .place = "",
                                 .out = answer->out,
                                 .out_len = answer->out_len,
                                 .err = answer->errors,
                                 .err_len = answer->errors_len};
    if (c->left == LEFT_NOT) {
        judge_exit(answer, c);
    }
    return true;
}

/* ---- the file ---- */

static bool looks_like_json(const char *file, const char *text, size_t len) {
    size_t blanks = 0;
    while (blanks < len && strchr(" \t\r\n", text[blanks]) != NULL && text[blanks] != '\0') {
        blanks++;
    }
    return str_ends(file, ".json") || str_ends(file, ".ipynb") ||
           (blanks < len && text[blanks] == '{');
}

bool transcript_read(struct arena *a, const struct transcript_options *options, const char *text,
                     size_t len, struct transcript *ret_transcript, struct err *err) {
    *ret_transcript = (struct transcript){.form = "transcript"};
    struct transcript_reader r = {
        .arena = a, .options = options, .transcript = ret_transcript, .err = err};
    if (!looks_like_json(options->file, text, len)) {
        return terminal_read(&r, text, len);
    }
    const struct value *document = NULL;
    struct json_options json = {.name = options->file, .duplicates = JSON_DUP_LAST};
    AUTO(arena) struct arena memory = ARENA_INIT(LIMIT_TRANSCRIPT_MEMORY);
    if (!json_parse(&memory, text, len, &json, &document, NULL, err)) {
        return false;
    }
    bool is_list = document->type == VALUE_LIST;
    ret_transcript->form = is_list ? "records" : "notebook";
    return is_list ? records_read(&r, text, len, document) : notebook_read(&r, text, len, document);
}

void transcript_tape(struct arena *a, const struct transcript *transcript, const char *name,
                     struct tape *ret_tape) {
    static const struct tape_names none = {NULL, 0};
    *ret_tape = (struct tape){.recipe = name};
    ret_tape->calls = arena_zalloc(a, (transcript->n + 1) * sizeof *ret_tape->calls);
    for (size_t i = 0; i < transcript->n; i++) {
        if (transcript->commands[i].left != LEFT_NOT) {
            continue;
        }
        struct tape_call *c = &ret_tape->calls[ret_tape->n_calls++];
        *c = transcript->commands[i].call;
        AUTO(str) struct str out = STR_INIT(2 * LIMIT_RESULT_BYTES);
        AUTO(str) struct str errors = STR_INIT(2 * LIMIT_RESULT_BYTES);
        mask_add(&out, c->out, c->out_len);
        mask_add(&errors, c->err, c->err_len);
        c->argv = tape_normalize_list(a, &none, c->argv);
        c->env = tape_normalize_list(a, &none, c->env);
        c->out = arena_strndup(a, str_text(&out), out.len);
        c->out_len = out.len;
        c->err = arena_strndup(a, str_text(&errors), errors.len);
        c->err_len = errors.len;
    }
}
