/*
 * A command line of a recording as the words that the program got.
 *
 * The shell is long gone, so only what can be told from the text alone is read: words, quotes, variables (as {{any}}),
 * assignments before the program. Whatever depends on more (substitutions, braces, redirections, lists) says so in `left`. Reading
 * goes on behind it, to see whether a program that matters is called at all.
 */
#include "transcript_priv.h"

#include <string.h>

#include "base/arena.h"
#include "maxima.h"

#define ANY        "{{any}}"
#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789"
enum { MAX_DEPTH = 16 };

struct scan {
    struct arena *arena;
    const char *text; /* NUL-terminated */
    size_t len;
    size_t at;
    const char *const *programs;
    bool is_notebook;
    unsigned depth; /* of $( … ) */
    struct str word;
    bool has_word;    /* also an empty one: '' */
    bool is_quoted;   /* any part of the word */
    bool is_program;  /* the next word names a program */
    bool is_first;    /* still in the first command of a list */
    const char **env; /* grow with the words */
    size_t n_env;
    const char **argv;
    size_t n_argv;
    size_t cap;
    struct shell_line *line;
};

static void leave(struct scan *s, enum transcript_left left) {
    s->line->left = s->line->left == LEFT_NOT ? left : s->line->left;
}

static char peek(const struct scan *s, size_t ahead) {
    return s->at + ahead < s->len ? s->text[s->at + ahead] : '\0';
}

static bool is_name_start(char c) {
    return c != '\0' && strchr(NAME_CHARS, c) != NULL && (c < '0' || c > '9');
}

/* ---- words ---- */

static bool is_ours(const struct scan *s, const char *word) {
    const char *slash = strrchr(word, '/');
    const char *name = slash == NULL ? word : slash + 1;
    for (size_t i = 0; s->programs[i] != NULL; i++) {
        if (strcmp(name, s->programs[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_assignment(const char *word) {
    return is_name_start(word[0]) && word[strspn(word, NAME_CHARS)] == '=';
}

/* Words before a program that are the shell's own: what they do with it is not in the recording. */
static bool take_keyword(struct scan *s, const char *word) {
    static const char *const blocks[] = {"if",    "then", "else", "elif", "while",
                                         "until", "for",  "do",   "case", "!"};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        if (strcmp(word, blocks[i]) == 0) {
            leave(s, LEFT_BLOCK);
            return true;
        }
    }
    if (strcmp(word, "time") == 0) {
        leave(s, LEFT_MIXED);
        return true;
    }
    return false;
}

static void keep(struct scan *s, const char *word, bool is_env) {
    if (s->n_argv + s->n_env + 1 >= s->cap) {
        size_t cap = s->cap == 0 ? 32 : s->cap * 2;
        const char **argv = arena_zalloc(s->arena, cap * sizeof *argv);
        const char **env = arena_zalloc(s->arena, cap * sizeof *env);
        if (s->cap > 0) {
            memcpy(argv, s->argv, s->n_argv * sizeof *argv);
            memcpy(env, s->env, s->n_env * sizeof *env);
        }
        s->argv = argv;
        s->env = env;
        s->cap = cap;
    }
    if (is_env) {
        s->env[s->n_env++] = word;
    } else {
        s->argv[s->n_argv++] = word;
    }
}

static bool is_dots(const char *word) {
    return strcmp(word, "…") == 0 || (strlen(word) >= 3 && strspn(word, ".") == strlen(word));
}

static void end_word(struct scan *s) {
    if (!s->has_word) {
        return;
    }
    const char *word = arena_strndup(s->arena, str_text(&s->word), s->word.len);
    bool is_plain = !s->is_quoted;
    str_reset(&s->word);
    s->has_word = false;
    s->is_quoted = false;
    if (is_plain && is_dots(word)) {
        leave(s, LEFT_UNREADABLE);
    }
    bool is_env = s->is_program && is_assignment(word);
    if (s->is_program && !is_env) {
        if (is_plain && take_keyword(s, word)) {
            return;
        }
        s->is_program = false;
        s->line->is_ours = s->line->is_ours || is_ours(s, word);
    }
    if (s->is_first) {
        keep(s, word, is_env);
    }
}

static void add_any(struct scan *s) {
    str_add(&s->word, ANY);
    s->has_word = true;
    s->line->has_any = true;
}

static void add_char(struct scan *s, char c) {
    str_add_char(&s->word, c);
    s->has_word = true;
    s->at++;
}

/* ---- what is replaced ---- */

static void read_line(const struct scan *whole, struct shell_line *ret_line);

/* $( … ) or ` … `: is one of ours called in it? Its output went into the word. */
static void skip_substitution(struct scan *s, size_t start, char close) {
    size_t end = start;
    size_t depth = 1;
    for (; end < s->len && depth > 0; end++) {
        char c = s->text[end];
        if (c == close) {
            depth--;
        } else if (c == '(' && close == ')') {
            depth++;
        }
    }
    size_t len = end - start - (depth == 0 ? 1 : 0);
    struct shell_line inner = {.left = LEFT_NOT};
    if (s->depth < MAX_DEPTH) {
        struct scan within = *s;
        within.depth++;
        within.text += start;
        within.len = len;
        read_line(&within, &inner);
    }
    leave(s, inner.is_ours ? LEFT_CAPTURED : LEFT_EXPANSION);
    s->line->is_ours = s->line->is_ours || inner.is_ours;
    s->at = end;
    s->has_word = true;
}

static void take_dollar(struct scan *s) {
    bool has_brace = peek(s, 1) == '{';
    size_t start = has_brace ? 2 : 1;
    size_t n = is_name_start(peek(s, start)) ? strspn(s->text + s->at + start, NAME_CHARS) : 0;
    if (peek(s, 1) == '(') {
        skip_substitution(s, s->at + 2, ')');
    } else if (n > 0 && (!has_brace || peek(s, start + n) == '}')) {
        add_any(s);
        s->at += start + n + (has_brace ? 1 : 0);
    } else if (strchr(" \t\"'/.,:)", peek(s, 1)) != NULL) { /* and at the end: only a dollar */
        add_char(s, '$');
    } else {
        leave(s, LEFT_EXPANSION);
        add_char(s, '$');
    }
}

/* {name}, {name[0]}, {name.x}: replaced by the notebook, within quotes too. Its length, 0: it is something else. */
static size_t python_length(const struct scan *s) {
    if (!is_name_start(peek(s, 1))) {
        return 0;
    }
    size_t n = 1 + strspn(s->text + s->at + 1, NAME_CHARS);
    if (strchr(".[(", peek(s, n)) != NULL && peek(s, n) != '\0') {
        n += strcspn(s->text + s->at + n, "{}\n");
    }
    return peek(s, n) == '}' ? n + 1 : 0;
}

/* In a shell {a,b} is several words; what a notebook makes of braces that hold no name only Python knows. */
static void take_brace(struct scan *s, bool is_quoted) {
    size_t n = s->is_notebook ? python_length(s) : 0;
    if (n > 0) {
        add_any(s);
        s->at += n;
        return;
    }
    size_t end = strcspn(s->text + s->at, "} \t");
    bool is_list = !is_quoted && memchr(s->text + s->at, ',', end) != NULL;
    if (s->is_notebook || is_list) {
        leave(s, LEFT_EXPANSION);
    }
    add_char(s, '{');
}

/* ---- quotes ---- */

static void take_single_quotes(struct scan *s) {
    s->at++;
    while (s->at < s->len && s->text[s->at] != '\'') {
        if (s->is_notebook && s->text[s->at] == '{') {
            take_brace(s, true);
        } else if (s->is_notebook && s->text[s->at] == '$' && is_name_start(peek(s, 1))) {
            take_dollar(s);
        } else {
            add_char(s, s->text[s->at]);
        }
    }
    if (s->at >= s->len) {
        leave(s, LEFT_UNREADABLE);
    }
    s->at++;
}

static void take_double_quotes(struct scan *s) {
    s->at++;
    while (s->at < s->len && s->text[s->at] != '"') {
        char c = s->text[s->at];
        if (c == '\\' && strchr("\"\\$`", peek(s, 1)) != NULL && peek(s, 1) != '\0') {
            s->at++;
            add_char(s, s->text[s->at]);
        } else if (c == '\\' && peek(s, 1) == '\n') {
            s->at += 2;
        } else if (c == '$') {
            take_dollar(s);
        } else if (c == '`') {
            skip_substitution(s, s->at + 1, '`');
        } else if (c == '{' && s->is_notebook) {
            take_brace(s, true);
        } else {
            add_char(s, c);
        }
    }
    if (s->at >= s->len) {
        leave(s, LEFT_UNREADABLE);
    }
    s->at++;
}

/* ---- operators ---- */

static void next_command(struct scan *s, enum transcript_left left, size_t len) {
    end_word(s);
    leave(s, left);
    s->is_program = true;
    s->is_first = false;
    s->at += len;
}

/* 2>&1 joins what a terminal joins anyway, 2>/dev/null takes away what is not there; all others hide output or give input. */
static void take_redirection(struct scan *s) {
    bool is_errors = s->text[s->at] == '>' && s->word.len == 1 && str_text(&s->word)[0] == '2';
    const char *rest = s->text + s->at + 1;
    size_t blanks = strspn(rest, " ");
    size_t harmless = 0;
    if (is_errors && str_starts(rest, "&1")) {
        harmless = 2;
    } else if (is_errors && str_starts(rest + blanks, "/dev/null")) {
        harmless = blanks + strlen("/dev/null");
    }
    if (harmless == 0) {
        leave(s, LEFT_REDIRECTED);
        end_word(s);
        s->at++;
        return;
    }
    str_reset(&s->word);
    s->has_word = false;
    s->at += 1 + harmless;
}

/* The end of a simple list: one behind another, each with its own output. */
static bool is_list_end(const struct scan *s) {
    return s->at + 1 + strspn(s->text + s->at + 1, " \t\n;") >= s->len;
}

static void take_operator(struct scan *s) {
    char c = s->text[s->at];
    bool is_twice = peek(s, 1) == c;
    if (c == '<' || c == '>') {
        take_redirection(s);
    } else if (c == '|' && !is_twice) {
        next_command(s, LEFT_PIPED, 1);
    } else if (c == '(' || c == ')') {
        next_command(s, LEFT_EXPANSION, 1);
    } else if ((c == ';' || c == '\n') && is_list_end(s)) {
        end_word(s);
        s->at++;
    } else {
        next_command(s, LEFT_SHARED, is_twice ? 2 : 1);
    }
}

static void take_plain(struct scan *s) {
    char c = s->text[s->at];
    if (c == '\'' || c == '"') {
        s->is_quoted = true;
        s->has_word = true;
        c == '"' ? take_double_quotes(s) : take_single_quotes(s);
    } else if (c == '\\') {
        s->is_quoted = true;
        s->at++;
        if (peek(s, 0) == '\n') {
            s->at++;
        } else if (s->at < s->len) {
            add_char(s, s->text[s->at]);
        }
    } else if (c == '$') {
        take_dollar(s);
    } else if (c == '`') {
        skip_substitution(s, s->at + 1, '`');
    } else if (c == '{') {
        take_brace(s, false);
    } else if (c == '~' && !s->has_word) {
        add_any(s);
        s->at++;
    } else {
        add_char(s, c);
    }
}

static void read_all(struct scan *s) {
    while (s->at < s->len) {
        char c = s->text[s->at];
        if (c == ' ' || c == '\t' || c == '\r') {
            end_word(s);
            s->at++;
        } else if (c == '#' && !s->has_word) {
            s->at += strcspn(s->text + s->at, "\n");
        } else if (strchr("<>|&;()\n", c) != NULL) {
            take_operator(s);
        } else {
            take_plain(s);
        }
    }
    end_word(s);
}

/* Keys that were typed over (U+FFFD once a line was made safe), and bytes that no command line has. */
static bool has_control(const char *text, size_t len) {
    if (strstr(text, "\xef\xbf\xbd") != NULL) {
        return true;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
            return true;
        }
    }
    return false;
}

/* Reads the text of `whole` with its programs from the beginning. */
static void read_line(const struct scan *whole, struct shell_line *ret_line) {
    static const char *const none[] = {NULL};
    *ret_line = (struct shell_line){.argv = none, .env = none};
    struct scan s = {.arena = whole->arena,
                     .text = arena_strndup(whole->arena, whole->text, whole->len),
                     .len = whole->len,
                     .programs = whole->programs,
                     .is_notebook = whole->is_notebook,
                     .depth = whole->depth,
                     .word = STR_INIT(LIMIT_ARGV_BYTES),
                     .is_program = true,
                     .is_first = true,
                     .line = ret_line};
    if (s.len >= LIMIT_ARGV_BYTES || has_control(s.text, s.len)) {
        ret_line->left = LEFT_UNREADABLE;
    }
    read_all(&s);
    str_release(&s.word);
    if (s.n_argv > 0) {
        ret_line->argv = s.argv;
        ret_line->env = s.env;
    }
}

void shell_line_read(struct arena *a, const char *text, size_t len, const char *const *programs,
                     bool is_notebook, struct shell_line *ret_line) {
    struct scan whole = {
        .arena = a, .text = text, .len = len, .programs = programs, .is_notebook = is_notebook};
    read_line(&whole, ret_line);
}

bool shell_line_goes_on(struct shell_open *o, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool was_escaped = o->is_escaped;
        o->is_escaped = false;
        if (o->is_comment) {
            o->is_comment = c != '\n';
        } else if (was_escaped) {
            /* whatever it is, it is itself */
        } else if (c == '\\' && o->quote != '\'') {
            o->is_escaped = true;
        } else if (o->quote != '\0') {
            o->quote = c == o->quote ? '\0' : o->quote;
        } else if (c == '\'' || c == '"') {
            o->quote = c;
        } else {
            o->is_comment = c == '#' && !o->is_in_word;
        }
        o->is_in_word = strchr(" \t\n", c) == NULL;
    }
    return o->quote != '\0' || o->is_escaped;
}
