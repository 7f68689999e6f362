/*
 * Terminal logs: commands behind prompts and what stands below them.
 *
 * A prompt is `$ ` at the beginning of a line, or behind what shells put there: user@host:dir, [user@host dir], bash-5.1, sh-5.1,
 * (venv); `# ` and `% ` only behind these, because a line that begins with # is a comment. Everything up to the next prompt is
 * output, byte for byte. What `set -x` writes (`+ cpdctl …`) is no prompt: it shows neither pipes nor redirections.
 */
#include "transcript_priv.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "maxima.h"

struct terminal {
    struct transcript_reader *reader;
    const char *text;
    size_t len;
    size_t at;
    unsigned line; /* at `at`, from 1 */
};

/* ---- lines ---- */

static size_t line_end(const struct terminal *t, size_t at) {
    const char *newline = memchr(t->text + at, '\n', t->len - at);
    return newline == NULL ? t->len : (size_t)(newline - t->text) + 1;
}

static void next_line(struct terminal *t) {
    t->at = line_end(t, t->at);
    t->line++;
}

/* The line at `at` as it looked: without escape sequences and its end. Keys that were typed over become U+FFFD. */
static void see_line(const struct terminal *t, size_t at, struct str *out) {
    size_t end = line_end(t, at);
    while (end > at && (t->text[end - 1] == '\n' || t->text[end - 1] == '\r')) {
        end--;
    }
    str_reset(out);
    utf8_add_safe(out, t->text + at, end - at);
}

/* ---- prompts ---- */

static size_t skip_venv(const char *line) {
    size_t n = line[0] == '(' ? strcspn(line, ")") : 0;
    return n > 0 && line[n] == ')' && line[n + 1] == ' ' ? n + 2 : 0;
}

/* user@host:dir or [user@host dir] or bash-5.1: how long; 0: nothing of the kind. */
static size_t host_length(const char *line) {
    if (line[0] == '[') {
        size_t n = strcspn(line, "]");
        return line[n] == ']' && memchr(line, '@', n) != NULL ? n + 1 : 0;
    }
    size_t n = strcspn(line, " $#%");
    bool is_shell = str_starts(line, "bash-") || str_starts(line, "sh-");
    return memchr(line, '@', n) != NULL || is_shell ? n : 0;
}

/* Where the command begins; 0: the line has no prompt. */
static size_t prompt_length(const char *line) {
    size_t venv = skip_venv(line);
    size_t host = host_length(line + venv);
    size_t n = venv + host;
    if (host > 0 && line[n] == ' ') {
        n++;
    }
    bool is_mark = line[n] == '$' || (host > 0 && (line[n] == '#' || line[n] == '%'));
    return is_mark && line[n + 1] == ' ' ? n + 2 : 0;
}

static size_t prompt_at(const struct terminal *t, size_t at, struct str *line) {
    see_line(t, at, line);
    return prompt_length(str_text(line));
}

/* ---- commands ---- */

/* The command with the lines on which it goes on (behind `> ` or not); moves behind them. */
static const char *take_command(struct terminal *t, const char *first) {
    AUTO(str) struct str command = STR_INIT(LIMIT_ARGV_BYTES);
    AUTO(str) struct str line = STR_INIT(LIMIT_ARGV_BYTES);
    struct shell_open open = {.quote = '\0'};
    str_add(&command, first);
    bool goes_on = shell_line_goes_on(&open, str_text(&command), command.len);
    next_line(t);
    while (t->at < t->len && goes_on && prompt_at(t, t->at, &line) == 0) {
        const char *more = str_text(&line);
        size_t before = command.len;
        str_add_char(&command, '\n');
        str_add(&command, str_starts(more, "> ") ? more + 2 : more);
        goes_on = shell_line_goes_on(&open, str_text(&command) + before, command.len - before);
        next_line(t);
    }
    return arena_strndup(t->reader->arena, str_text(&command), command.len);
}

static void take_output(struct terminal *t, struct transcript_answer *ret_answer) {
    AUTO(str) struct str line = STR_INIT(LIMIT_ARGV_BYTES);
    size_t start = t->at;
    while (t->at < t->len && prompt_at(t, t->at, &line) == 0 &&
           !str_starts(str_text(&line), "Script done on ")) {
        next_line(t);
    }
    *ret_answer = (struct transcript_answer){
        .out = arena_strndup(t->reader->arena, t->text + start, t->at - start),
        .out_len = t->at - start,
        .errors = "",
        .exit_code = -1};
}

/* `echo $?` tells how the command before it ended. */
static bool take_exit_code(struct terminal *t, const char *command,
                           const struct transcript_answer *answer, size_t n_before) {
    if (strcmp(command, "echo $?") != 0) {
        return false;
    }
    struct transcript *all = t->reader->transcript;
    size_t len = strcspn(answer->out, "\r\n");
    int64_t code = 0;
    if (n_before > 0 && num_parse_i64(answer->out, len, &code) && code >= 0 && code <= 255) {
        all->commands[n_before - 1].call.exit_code = (int)code;
        all->commands[n_before - 1].exit_from = EXIT_RECORDED;
    }
    return true;
}

bool terminal_read(struct transcript_reader *r, const char *text, size_t len) {
    struct terminal t = {.reader = r, .text = text, .len = len, .line = 1};
    AUTO(str) struct str line = STR_INIT(LIMIT_ARGV_BYTES);
    size_t before = 0; /* commands up to the one whose exit code `echo $?` tells, 0: none of ours */
    size_t n_prompts = 0;
    while (t.at < t.len) {
        size_t prompt = prompt_at(&t, t.at, &line);
        if (prompt == 0) {
            next_line(&t);
            continue;
        }
        n_prompts++;
        struct transcript_source source = {
            .line = t.line, .step = arena_printf(r->arena, "line-%u", t.line), .left = LEFT_NOT};
        const char *command = take_command(&t, str_text(&line) + prompt);
        struct transcript_answer answer;
        take_output(&t, &answer);
        size_t n = r->transcript->n;
        if (!take_exit_code(&t, command, &answer, before) &&
            !transcript_add(r, command, &source, &answer)) {
            return false;
        }
        before = r->transcript->n > n ? r->transcript->n : 0;
    }
    if (n_prompts > 0) {
        return true;
    }
    (void)transcript_invalid(r, 1, "no command stands behind a prompt");
    err_hint(r->err,
             "a command begins with '$ ' or user@host:dir$; lines of set -x (+ cpdctl …) do "
             "not show pipes and are not read");
    return false;
}
