/*
 * Words of a command that only a shell would understand: a pipe, $NAME, ~/x. No shell reads them, so the program would get
 * them as they stand.
 *
 * What a program may well be meant to get is left alone: behind a shell (`sh -c`, `ssh HOST`) everything, behind what has a
 * language of its own (`awk`, `jq`, `python3 -c`) its text, within the quotes of a command in one text whatever they hold. An
 * operator in a list of arguments counts where a command follows it, for '|' may be a separator.
 */
#include "shell_habits_priv.h"

#include <string.h>

#include "base/str.h"

struct command {
    struct loader *l;
    const struct shell_word *words;
    size_t n;
    bool is_list;
    size_t shell;    /* number of the word that is a shell, or n */
    size_t language; /* the same of a program with a language of its own */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const shells[] = {"sh",    "bash",     "dash",   "ash", "ksh",
                                     "zsh",   "busybox",  "ssh",    "su",  "runuser",
                                     "watch", "parallel", "script", "eval"};
static const char *const languages[] = {
    "awk",  "gawk",    "mawk", "nawk",     "sed",    "perl",   "jq",      "yq",
    "ruby", "node",    "php",  "tclsh",    "expect", "python", "python3", "python2",
    "psql", "sqlite3", "make", "envsubst", "printf", "db2",    "Rscript"};
static const char *const programs[] = {
    "grep",   "egrep",   "fgrep",    "awk",      "gawk",    "sed",    "jq",     "yq",   "cut",
    "head",   "tail",    "sort",     "uniq",     "tr",      "wc",     "xargs",  "tee",  "cat",
    "less",   "column",  "perl",     "python",   "python3", "base64", "cpdctl", "oc",   "kubectl",
    "dsjob",  "curl",    "wget",     "sh",       "bash",    "echo",   "sleep",  "exit", "true",
    "false",  "test",    "date",     "hostname", "rm",      "mkdir",  "cp",     "mv",   "cd",
    "export", "git",     "basename", "dirname",  "whoami",  "pwd",    "uname",  "id",   "mktemp",
    "find",   "openssl", "ls",       "nproc",    "printf",  "seq"};
/* They take names of files and never look for a pattern. */
static const char *const file_programs[] = {"ls",   "rm",   "cp",     "mv",     "cat",      "head",
                                            "tail", "wc",   "chmod",  "chown",  "touch",    "du",
                                            "stat", "gzip", "gunzip", "md5sum", "sha256sum"};

static bool is_one_of(const char *const *names, size_t n, const char *word) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static const char *base_of(const char *word) {
    const char *slash = strrchr(word, '/');
    return slash == NULL ? word : slash + 1;
}

static const char *text_of(const struct command *c, size_t i) {
    return i < c->n && c->words[i].text != NULL ? c->words[i].text : "";
}

static size_t first_of(const struct command *c, const char *const *names, size_t n) {
    size_t i = 0;
    while (i < c->n && !is_one_of(names, n, base_of(text_of(c, i)))) {
        i++;
    }
    return i;
}

static bool say(const struct command *c, size_t i, const char *word, const char *hint) {
    diag_warning_at(c->l, c->words[i].place, "shell-syntax",
                    "'%s' is an argument here: there is no shell", word);
    diag_hint(c->l, c->is_list ? "%s" : "%s; within quotes it is meant as it is", hint);
    return true;
}

/* ---- operators ------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    bool takes_command; /* else a file, or nothing */
    const char *hint;
} operators[] = {
    {"|", true,
     "`outputs` takes values out of the result, `output: {regex: …}` parts of a text, `stdin` of "
     "another step passes "
     "it on; a script is `run:`"},
    {"||", true, "`continue_on_error` or a step with `if: failed()`; a script is `run:`"},
    {"&&", true, "make it the next step: it runs only if this one succeeded; a script is `run:`"},
    {";", true, "make what follows a step of its own; a script is `run:`"},
    {"&", false,
     "steps with `needs: []`, or in a group with `parallel: true`, run side by side; a script is "
     "`run:`"},
    {">", false,
     "the step's log keeps the output, `write` puts data into a file; a script is `run:`"},
    {">>", false,
     "the step's log keeps the output, `write` puts data into a file; a script is `run:`"},
    {"<", false, "write `stdin: {file: …}`"},
    {"<<<", false, "write `stdin: …`"},
};

/* 2>&1, 2>/dev/null, &>log */
static bool redirects_errors(const char *word) {
    const char *arrow = strchr(word, '>');
    return arrow == word + 1 && (word[0] == '2' || word[0] == '1' || word[0] == '&');
}

/* In a list nobody sees whether a word was meant: what follows it must show it. */
static bool is_operator(const struct command *c, size_t i, bool takes_command, const char *word) {
    if (!c->is_list) {
        return true;
    }
    const char *next = text_of(c, i + 1);
    if (takes_command) {
        return i > 0 && is_one_of(programs, COUNT(programs), base_of(next));
    }
    bool is_last = i + 2 == c->n;
    bool compares =
        is_one_of((const char *const[]){"test", "[", "expr"}, 3, base_of(text_of(c, 0)));
    return word[0] != '&' && i > 0 && is_last && next[0] != '-' && !compares &&
           strpbrk(next, "./") != NULL;
}

static bool check_operator(const struct command *c, size_t i) {
    const char *word = text_of(c, i);
    if (redirects_errors(word)) {
        return say(
            c, i, word,
            "leave it out: standard output and standard error are read apart, the log keeps both");
    }
    if (!c->is_list && str_ends(word, ";")) {
        return say(c, i, word, "make what follows a step of its own; a script is `run:`");
    }
    for (size_t k = 0; k < COUNT(operators); k++) {
        if (strcmp(word, operators[k].word) == 0) {
            return is_operator(c, i, operators[k].takes_command, word) &&
                   say(c, i, word, operators[k].hint);
        }
    }
    return false;
}

/* ---- what a shell would put in place of something ---------------------------------------------- */

static bool is_capital(char ch) {
    return (ch >= 'A' && ch <= 'Z') || ch == '_';
}

static size_t name_len(const char *text) {
    size_t len = is_capital(text[0]) ? 1 : 0;
    while (len > 0 && (is_capital(text[len]) || (text[len] >= '0' && text[len] <= '9'))) {
        len++;
    }
    return len;
}

/* The name of $NAME or ${NAME}: capitals, as variables of the environment have them. */
static const char *find_variable(const char *word, size_t *ret_len) {
    for (const char *at = strchr(word, '$'); at != NULL; at = strchr(at + 1, '$')) {
        bool is_escaped = at > word && at[-1] == '\\';
        bool has_brace = at[1] == '{';
        const char *name = at + 1 + has_brace;
        size_t len = name_len(name);
        char behind = name[len];
        bool is_whole = has_brace ? behind == '}' || strncmp(name + len, ":-", 2) == 0
                                  : behind != '(' && !(behind >= 'a' && behind <= 'z');
        if (len >= 2 && is_whole && !is_escaped) {
            *ret_len = len;
            return name;
        }
    }
    return NULL;
}

static bool check_variable(const struct command *c, size_t i) {
    const char *word = text_of(c, i);
    size_t len = 0;
    const char *name = find_variable(word, &len);
    bool is_short = !c->is_list && word[0] == '$' && word[1] != '{' && word[1] != '$' &&
                    word[1] != '(' && word[1] != '\0';
    if (name == NULL && !is_short) {
        return false;
    }
    AUTO(str) struct str hint = STR_INIT(0);
    str_addf(&hint, "an environment variable is ${{ env.%.*s }}, an input ${{ inputs.name }}",
             name == NULL ? 4 : (int)len, name == NULL ? "NAME" : name);
    return say(c, i, word, str_text(&hint));
}

/* `date +%F`: between backticks, as no literal of JMESPath is. */
static bool holds_command(const char *open, const char *close) {
    size_t len = strcspn(open, " `)");
    for (size_t i = 0; i < COUNT(programs); i++) {
        if (strlen(programs[i]) == len && strncmp(open, programs[i], len) == 0) {
            return open + len <= close;
        }
    }
    return false;
}

static bool check_substitution(const struct command *c, size_t i) {
    const char *word = text_of(c, i);
    const char *open = strstr(word, "$(");
    const char *tick = strchr(word, '`');
    const char *end = tick == NULL ? NULL : strchr(tick + 1, '`');
    bool is_new = open != NULL && (strchr(open, ')') != NULL || !c->is_list);
    bool is_old =
        tick != NULL && (end != NULL ? holds_command(tick + 1, end)
                                     : !c->is_list && holds_command(tick + 1, strchr(tick, '\0')));
    return (is_new || is_old) &&
           say(c, i, word,
               "make the command a step of its own, and take its result: ${{ steps.ID.result }}");
}

static bool check_home(const struct command *c, size_t i) {
    const char *word = text_of(c, i);
    const char *equals = strstr(word, "=~/");
    bool is_home = str_starts(word, "~/") || (word[0] == '-' && equals != NULL);
    return is_home && say(c, i, word, "the home directory is ${{ env.HOME }}");
}

static bool check_pattern(const struct command *c, size_t i) {
    const char *word = text_of(c, i);
    bool is_pattern = i > 0 && word[0] != '-' && strpbrk(word, "*") != NULL &&
                      is_one_of(file_programs, COUNT(file_programs), base_of(text_of(c, 0)));
    return is_pattern &&
           say(c, i, word, "only a shell looks for the files that fit; a script is `run:`");
}

/* ---- quotes and line ends --------------------------------------------------------------------- */

static bool takes_expression(const char *flag, size_t len) {
    static const char *const parts[] = {"query", "jmes", "filter", "format", "template", "json",
                                        "body",  "data", "value",  "expr",   "sql"};
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (memmem(flag, len, parts[i], strlen(parts[i])) != NULL) {
            return true;
        }
    }
    return false;
}

/* --name="a b" in a list: YAML took nothing off. */
static bool check_quotes(const struct command *c, size_t i) {
    const char *word = text_of(c, i);
    const char *equals = strchr(word, '=');
    if (!c->is_list || !str_starts(word, "--") || equals == NULL) {
        return false;
    }
    size_t len = strlen(equals + 1);
    char quote = equals[1];
    bool is_quoted = len >= 2 && (quote == '\'' || quote == '"') && equals[len] == quote;
    if (!is_quoted || takes_expression(word, (size_t)(equals - word))) {
        return false;
    }
    diag_warning_at(
        c->l, c->words[i].place, "shell-syntax",
        "the quotes in %s are part of the argument: there is no shell that takes them off", word);
    diag_hint(c->l, "write it without them: a word of a list is one argument, blanks and all");
    return true;
}

static bool check_line_end(const struct command *c, size_t i) {
    const char *word = text_of(c, i);
    bool is_end = c->is_list ? strcmp(word, "\\") == 0 : word[0] == ' ' || word[0] == '\n';
    if (!is_end) {
        return false;
    }
    diag_warning_at(c->l, c->words[i].place, "shell-syntax",
                    "the '\\' at the end of a line is part of an argument: there is no shell");
    diag_hint(c->l, c->is_list ? "leave it out" : "leave it out: lines are joined without it");
    return true;
}

/* ---- the command itself ----------------------------------------------------------------------- */

static const struct {
    const char *word;
    const char *hint;
} builtins[] = {
    {"cd", "the directory of a step is `cwd`"},
    {"export", "variables of a child stand under `env`"},
    {"set", "values are computed by the action `set`, variables of a child stand under `env`"},
    {"source", "variables of a child stand under `env`; a script is `run:`"},
    {".", "variables of a child stand under `env`; a script is `run:`"},
    {"unset", "a child has only what `env` and `pass_env` give it"},
    {"exit", "a step fails by its `expect`, or by the exit code of what it calls"},
    {"wait", "a group with `parallel: true` ends when all its steps have"},
};

static bool check_program(const struct command *c) {
    const char *word = text_of(c, 0);
    size_t len = name_len(word);
    if (len > 0 && word[len] == '=') {
        diag_warning_at(c->l, c->words[0].place, "shell-syntax",
                        "'%s' is the name of a program here: there is no shell", word);
        diag_hint(c->l, "write `env: {%.*s: …}` beside the command", (int)len, word);
        return true;
    }
    for (size_t i = 0; i < COUNT(builtins); i++) {
        if (strcmp(word, builtins[i].word) == 0) {
            diag_warning_at(c->l, c->words[0].place, "shell-syntax",
                            "'%s' is a word of the shell and no program", word);
            diag_hint(c->l, "%s", builtins[i].hint);
            return true;
        }
    }
    return false;
}

/* Nobody waits for time to pass: for something to happen. */
static void check_sleep(const struct command *c) {
    const char *time = text_of(c, 1);
    size_t len = strcspn(time, "smhd");
    bool is_sleep = c->n == 2 && strcmp(base_of(text_of(c, 0)), "sleep") == 0 && len > 0 &&
                    strspn(time, "0123456789.") == len && strlen(time) <= len + 1;
    if (is_sleep) {
        diag_warning_at(c->l, c->words[0].place, "sleep", "a command that only waits");
        diag_hint(c->l,
                  "to wait for something write `wait: {until: …}` in the step that looks at it; "
                  "for time to pass "
                  "`pause: %s%s`",
                  time, time[len] == '\0' ? "s" : "");
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* ${{ … }} is no text of a shell. */
static const char *without_templates(struct loader *l, const char *text) {
    if (text == NULL || strstr(text, "${{") == NULL) {
        return text;
    }
    AUTO(str) struct str rest = STR_INIT(0);
    const char *at = text;
    for (const char *open = strstr(at, "${{"); open != NULL; open = strstr(at, "${{")) {
        const char *close = strstr(open, "}}");
        str_add_bytes(&rest, at, (size_t)(open - at));
        str_add(&rest, "…");
        at = close == NULL ? strchr(open, '\0') : close + 2;
    }
    str_add(&rest, at);
    return arena_strdup(&l->scratch, str_text(&rest));
}

static void check_word(const struct command *c, size_t i) {
    if (i <= c->shell && check_operator(c, i)) {
        return;
    }
    if (i > c->shell || i > c->language) {
        return;
    }
    (void)(check_variable(c, i) || check_substitution(c, i) || check_home(c, i) ||
           check_pattern(c, i) || check_quotes(c, i) || check_line_end(c, i));
}

/* Most words are plain: they cost one look. */
static bool is_suspicious(const struct shell_word *word) {
    return word->text != NULL && !word->is_quoted &&
           (strpbrk(word->text, "|&;<>$`~*'\"\\") != NULL || word->text[0] == ' ' ||
            word->text[0] == '\n');
}

void shell_habits_check(struct loader *l, struct shell_word *words, size_t n, bool is_list,
                        bool has_program) {
    struct command c = {.l = l, .words = words, .n = n, .is_list = is_list};
    if (has_program && n > 0 && !check_program(&c)) {
        check_sleep(&c);
    }
    bool is_known = false; /* what stands before words that matter */
    for (size_t i = 0; i < n; i++) {
        if (!is_suspicious(&words[i])) {
            continue;
        }
        if (!is_known) {
            is_known = true;
            c.shell = has_program ? first_of(&c, shells, COUNT(shells)) : n;
            c.language = has_program ? first_of(&c, languages, COUNT(languages)) : n;
        }
        words[i].text = without_templates(l, words[i].text);
        check_word(&c, i);
    }
}
