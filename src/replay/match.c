/*
 * Which recorded call a request is, and what to say when it is none.
 */
#include "match_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "replay/curl_call.h"

#define ANY "{{any}}"

/* ---- words ---- */

/* A flag with its value; equal names keep their order. */
struct flag_group {
    const char *name;
    const char *value; /* NULL: none */
    size_t place;
};

static bool is_long_flag(const char *word) {
    return word[0] == '-' && word[1] == '-' && word[2] != '\0';
}

static int by_name(const void *a, const void *b) {
    const struct flag_group *x = a;
    const struct flag_group *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

/* `--name=value`, or `--name` and the word behind it unless that is a flag too. */
static struct flag_group read_flag(struct arena *a, const char *const *argv, size_t *i) {
    const char *word = argv[(*i)++];
    const char *eq = strchr(word, '=');
    if (eq != NULL) {
        return (struct flag_group){arena_strndup(a, word, (size_t)(eq - word)), eq + 1, *i};
    }
    const char *next = argv[*i];
    bool is_value = next != NULL && (next[0] != '-' || next[1] == '\0');
    *i += is_value ? 1 : 0;
    return (struct flag_group){word, is_value ? next : NULL, *i};
}

static const char *const *command_words(struct arena *a, const char *const *argv) {
    size_t n = 0;
    while (argv[n] != NULL) {
        n++;
    }
    const char **words = arena_zalloc(a, (2 * n + 2) * sizeof *words);
    struct flag_group *flags = arena_zalloc(a, (n + 1) * sizeof *flags);
    size_t n_words = 0;
    size_t n_flags = 0;
    const char *slash = n == 0 ? NULL : strrchr(argv[0], '/');
    size_t i = 0;
    if (n > 0) {
        words[n_words++] = slash == NULL ? argv[0] : slash + 1;
        i = 1;
    }
    while (i < n && strcmp(argv[i], "--") != 0) {
        if (is_long_flag(argv[i])) {
            flags[n_flags++] = read_flag(a, argv, &i);
        } else {
            words[n_words++] = argv[i++];
        }
    }
    if (n_flags > 1) {
        qsort(flags, n_flags, sizeof *flags, by_name);
    }
    for (size_t k = 0; k < n_flags; k++) {
        words[n_words++] = flags[k].name;
        if (flags[k].value != NULL) {
            words[n_words++] = flags[k].value;
        }
    }
    while (i < n) {
        words[n_words++] = argv[i++];
    }
    return words;
}

const char *const *match_words(struct arena *a, const char *const *argv, const char *stdin_text,
                               bool *ret_is_http) {
    *ret_is_http = false;
    if (argv[0] == NULL || !curl_call_is_curl(argv[0])) {
        return command_words(a, argv);
    }
    struct curl_call call;
    AUTO(err) struct err ignored = ERR_INIT;
    *ret_is_http = curl_call_read(a, argv, stdin_text, CURL_FILES_NAMED, &call, &ignored);
    return *ret_is_http ? curl_call_words(a, &call) : command_words(a, argv);
}

/* ---- comparison ---- */

bool match_text(const char *recorded, const char *text) {
    if (recorded == NULL || text == NULL) {
        return recorded == text;
    }
    const char *any = strstr(recorded, ANY);
    if (any == NULL) {
        return strcmp(recorded, text) == 0;
    }
    if (strncmp(recorded, text, (size_t)(any - recorded)) != 0) {
        return false;
    }
    text += any - recorded;
    for (;
         ;) { /* a literal piece behind each {{any}}: its first place is as good as any later one */
        const char *piece = any + strlen(ANY);
        any = strstr(piece, ANY);
        if (any == NULL) {
            size_t len = strlen(piece);
            size_t left = strlen(text);
            return left >= len && strcmp(text + left - len, piece) == 0;
        }
        size_t len = (size_t)(any - piece);
        while (*text != '\0' && strncmp(text, piece, len) != 0) {
            text++;
        }
        if (strncmp(text, piece, len) != 0) {
            return false;
        }
        text += len;
    }
}

static bool same_list(const char *const *recorded, const char *const *list) {
    size_t i = 0;
    while (recorded[i] != NULL && list[i] != NULL && match_text(recorded[i], list[i])) {
        i++;
    }
    return recorded[i] == NULL && list[i] == NULL;
}

/* Every recorded variable has its recorded value. */
static bool same_env(const char *const *recorded, const char *const *env) {
    for (size_t i = 0; recorded != NULL && recorded[i] != NULL; i++) {
        bool is_there = false;
        for (size_t k = 0; env != NULL && env[k] != NULL && !is_there; k++) {
            is_there = match_text(recorded[i], env[k]);
        }
        if (!is_there) {
            return false;
        }
    }
    return true;
}

static bool same_step(const struct tape_call *call, const struct match_request *request) {
    return request->step != NULL && strcmp(call->step, request->step) == 0;
}

/* Of two requests the loose mode compares method and URL. */
static bool same_words(const struct tape_call *call, const struct match_request *request,
                       enum player_mode mode) {
    if (!call->is_http || !request->is_http) {
        return same_list(call->words, request->words);
    }
    bool is_near = true;
    for (size_t i = 0; i < 3; i++) {
        is_near = is_near && match_text(call->words[i], request->words[i]);
    }
    return is_near && (mode == PLAYER_LOOSE || same_list(call->words, request->words));
}

unsigned match_grade(const struct tape_call *call, const struct match_request *request,
                     enum player_mode mode) {
    enum { OF_STEP = 1, AS_WRITTEN = 2, SAME_DATA = 4, SAME_WORDS = 8 };
    bool is_http = call->is_http && request->is_http;
    bool has_stdin = match_text(call->stdin_text, request->stdin_text);
    bool is_written = same_list(call->argv, request->argv) && (has_stdin || !is_http);
    bool is_of_step = same_step(call, request);
    bool is_strict = mode == PLAYER_STRICT;
    bool is_same_request = is_http && same_words(call, request, PLAYER_NORMAL);
    bool has_data = (has_stdin || is_same_request) && same_env(call->env, request->env);
    if ((!is_written && (is_strict || !same_words(call, request, mode))) ||
        (!has_data && mode != PLAYER_LOOSE) ||
        (is_strict && !is_of_step && request->step != NULL)) {
        return 0;
    }
    return (unsigned)SAME_WORDS | (has_data ? (unsigned)SAME_DATA : 0) |
           (is_written ? (unsigned)AS_WRITTEN : 0) | (is_of_step ? (unsigned)OF_STEP : 0);
}

/* ---- what to say ---- */

/* How much two calls have in common: words, then the beginning of stdin, then the step. */
static size_t likeness(const struct tape_call *call, const struct match_request *request) {
    if (strcmp(call->words[0], request->words[0]) != 0) {
        return 0;
    }
    size_t n = same_step(call, request) ? 50 : 0;
    for (size_t i = 0; request->words[i] != NULL; i++) {
        size_t k = 0;
        while (call->words[k] != NULL && strcmp(call->words[k], request->words[i]) != 0) {
            k++;
        }
        n += call->words[k] != NULL ? 100 : 0;
        n += call->words[k] != NULL && k == i ? 20 : 0;
    }
    const char *a = call->stdin_text == NULL ? "" : call->stdin_text;
    const char *b = request->stdin_text == NULL ? "" : request->stdin_text;
    for (; *a != '\0' && *a == *b; a++, b++) {
        n++;
    }
    return n;
}

/* The recorded call that has most in common, NULL when nothing has. */
static const struct tape_call *nearest(const struct tape *tape,
                                       const struct match_request *request) {
    const struct tape_call *best = NULL;
    size_t best_n = 0;
    for (size_t i = 0; i < tape->n_calls; i++) {
        size_t n = likeness(&tape->calls[i], request);
        if (n > best_n) {
            best_n = n;
            best = &tape->calls[i];
        }
    }
    return best;
}

static void add_word(struct str *out, const char *word) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_-./=:,@%+{}*";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        str_add(out, word);
        return;
    }
    str_add_char(out, '\'');
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '\'') {
            str_add(out, "'\\''");
        } else {
            str_add_char(out, *c);
        }
    }
    str_add_char(out, '\'');
}

void match_add_argv(struct str *out, const char *const *argv) {
    for (size_t i = 0; argv[i] != NULL; i++) {
        str_add(out, i == 0 ? "" : " ");
        add_word(out, argv[i]);
    }
}

static size_t count_same(const struct tape *tape, const struct match_request *request) {
    size_t n = 0;
    for (size_t i = 0; i < tape->n_calls; i++) {
        n += match_grade(&tape->calls[i], request, PLAYER_NORMAL) > 0 ? 1 : 0;
    }
    return n;
}

static void add_env_difference(struct str *out, const struct tape_call *near,
                               const struct match_request *request) {
    for (size_t i = 0; near->env != NULL && near->env[i] != NULL; i++) {
        const char *const one[] = {near->env[i], NULL};
        if (!same_env(one, request->env)) {
            str_addf(out, "; recorded with %s in its environment", near->env[i]);
        }
    }
}

/* What differs between two calls, the command line as the matcher sees it. */
static void add_difference(struct str *out, const struct tape_call *near,
                           const struct match_request *request, bool has_color) {
    AUTO(str) struct str was = STR_INIT(0);
    AUTO(str) struct str is = STR_INIT(0);
    match_add_argv(&was, near->words);
    match_add_argv(&is, request->words);
    bool differs_in_stdin =
        !match_text(near->stdin_text, request->stdin_text) && !(near->is_http && request->is_http);
    if (!same_list(near->words, request->words)) {
        word_diff(str_text(&was), str_text(&is), has_color, out);
    } else {
        str_add(out, str_text(&is));
    }
    if (differs_in_stdin) {
        str_add(out, "; stdin: ");
        word_diff(near->stdin_text == NULL ? "" : near->stdin_text,
                  request->stdin_text == NULL ? "" : request->stdin_text, has_color, out);
    }
    add_env_difference(out, near, request);
}

/* Line ends would tear a message apart. */
static void add_in_one_line(struct str *out, const struct str *text) {
    for (const char *c = str_text(text); *c != '\0'; c++) {
        if (*c == '\n') {
            str_add(out, "\\n");
        } else {
            str_add_char(out, *c);
        }
    }
}

static void add_headline(struct str *out, size_t n_same, const struct match_request *request) {
    if (n_same > 0) {
        str_addf(out, "this call was recorded %zu time%s and is made once more: ", n_same,
                 n_same == 1 ? "" : "s");
    } else {
        str_add(out, "this call was never recorded: ");
    }
    AUTO(str) struct str line = STR_INIT(0);
    match_add_argv(&line, request->is_http ? request->words : request->argv);
    add_in_one_line(out, &line);
}

static void add_where(struct str *out, const struct tape_call *c) {
    bool has_step = c->step[0] != '\0';
    if (has_step) {
        str_addf(out, "step '%s'", c->step);
    }
    if (c->line > 0) {
        str_addf(out, "%stape.yaml:%u", has_step ? ", " : "", c->line);
    }
}

void match_explain(const struct tape *tape, const struct match_request *request, struct str *out) {
    size_t n_same = count_same(tape, request);
    add_headline(out, n_same, request);
    const struct tape_call *near = n_same > 0 ? NULL : nearest(tape, request);
    if (near == NULL) {
        return;
    }
    str_add(out, "; the nearest recorded one (");
    add_where(out, near);
    str_add(out, ") differs: ");
    AUTO(str) struct str difference = STR_INIT(0);
    add_difference(&difference, near, request, false);
    add_in_one_line(out, &difference);
}

void match_explain_long(const struct tape *tape, const struct match_request *request,
                        bool has_color, struct str *out) {
    size_t n_same = count_same(tape, request);
    if (request->step != NULL) {
        str_addf(out, "step '%s': ", request->step);
    }
    add_headline(out, n_same, request);
    const struct tape_call *near = n_same > 0 ? NULL : nearest(tape, request);
    if (near != NULL) {
        str_add(out, "\n  the nearest is of ");
        add_where(out, near);
        str_add(out, ": ");
        add_difference(out, near, request, has_color);
    }
    str_add_char(out, '\n');
}
