/*
 * The string form of `cpdctl:` and `cmd:`: one text split into words as a shell would split it, but
 * never by a shell. Blanks separate; '…' and "…" and \x keep them, a `\` at the end of a line does not; `${{ … }}` is part of a word
 * whatever it holds.
 */
#include "load_priv.h"
#include "shell_habits_priv.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

struct words {
    struct loader *l;
    const struct yaml_node *node;
    size_t at;
    struct arg *args;
    struct shell_word *seen; /* as many, for their looks */
    size_t n;
    size_t cap;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* `\` there means that the line goes on: it is nothing, as in a shell. */
static bool ends_line(const struct words *w) {
    return strncmp(w->node->text + w->at, "\\\n", 2) == 0;
}

static void skip_blanks(struct words *w) {
    while (w->at < w->node->text_len && (is_blank(w->node->text[w->at]) || ends_line(w))) {
        w->at += ends_line(w) ? 2 : 1;
    }
}

static bool starts_template(const struct words *w) {
    return strncmp(w->node->text + w->at, "${{", 3) == 0;
}

/*
 * Copies a template to the word: up to the }} outside of its quotes and braces, or to the end
 * (an error found later).
 */
static void copy_template(struct words *w, struct str *word) {
    const char *text = w->node->text;
    size_t start = w->at;
    size_t depth = 0;
    char quote = 0;
    for (w->at += 3; w->at < w->node->text_len; w->at++) {
        char c = text[w->at];
        if (quote != 0) {
            w->at += c == '\\' ? 1 : 0;
            quote = c == quote ? 0 : quote;
        } else if (c == '\'' || c == '"' || c == '`') {
            quote = c;
        } else if (c == '{') {
            depth++;
        } else if (c == '}' && depth > 0) {
            depth--;
        } else if (c == '}' && text[w->at + 1] == '}') {
            w->at += 2;
            break;
        }
    }
    w->at = w->at < w->node->text_len ? w->at : w->node->text_len;
    str_add_bytes(word, text + start, w->at - start);
}

/* `\` outside of quotes keeps the next character; within "…" only before " \ and $. */
static void copy_escaped(struct words *w, struct str *word, bool is_quoted) {
    char next = w->node->text[w->at + 1];
    if (is_quoted && strchr("\"\\$", next) == NULL) {
        str_add_char(word, '\\');
    }
    if (next != '\0') {
        str_add_char(word, next);
        w->at++;
    }
    w->at++;
}

static bool copy_quoted(struct words *w, struct str *word) {
    const char *text = w->node->text;
    size_t start = w->at;
    char quote = text[w->at++];
    while (w->at < w->node->text_len && text[w->at] != quote) {
        if (starts_template(w)) {
            copy_template(w, word);
        } else if (text[w->at] == '\\' && quote == '"') {
            copy_escaped(w, word, true);
        } else {
            str_add_char(word, text[w->at++]);
        }
    }
    if (w->at >= w->node->text_len) {
        struct err err = ERR_INIT;
        err_set(&err, "unclosed-quote", "the quote %c is not closed", quote);
        return diag_take_inside(w->l, w->node, start, &err);
    }
    w->at++;
    return true;
}

static bool copy_word(struct words *w, struct str *word, bool *ret_is_plain) {
    const char *text = w->node->text;
    while (w->at < w->node->text_len && !is_blank(text[w->at])) {
        if (starts_template(w)) {
            copy_template(w, word);
        } else if (text[w->at] == '\'' || text[w->at] == '"') {
            *ret_is_plain = false;
            if (!copy_quoted(w, word)) {
                return false;
            }
        } else if (ends_line(w)) {
            w->at += 2;
        } else if (text[w->at] == '\\') {
            *ret_is_plain = false;
            copy_escaped(w, word, false);
        } else {
            str_add_char(word, text[w->at++]);
        }
    }
    return true;
}

/* `\` and a blank: mostly the end of a line that YAML joined with the next. */
static bool begins_escaped(const struct words *w, size_t start) {
    return w->node->text[start] == '\\' && is_blank(w->node->text[start + 1]);
}

static void add_word(struct words *w, const struct str *word, size_t start, bool is_plain) {
    size_t offset = is_plain ? start : SIZE_MAX;
    if (w->n == w->cap) {
        size_t cap = w->cap == 0 ? 8 : w->cap * 2;
        struct arg *args = arena_alloc(&w->l->recipe->arena, cap * sizeof *args);
        struct shell_word *seen = arena_alloc(&w->l->scratch, cap * sizeof *seen);
        if (w->n > 0) {
            memcpy(args, w->args, w->n * sizeof *args);
            memcpy(seen, w->seen, w->n * sizeof *seen);
        }
        w->args = args;
        w->seen = seen;
        w->cap = cap;
    }
    bool is_quoted = !is_plain && !begins_escaped(w, start);
    w->seen[w->n] = (struct shell_word){arena_strdup(&w->l->scratch, str_text(word)),
                                        diag_place_inside(w->l, w->node, start), is_quoted};
    struct arg *arg = &w->args[w->n++];
    *arg = (struct arg){.kind = ARG_TEMPLATE, .place = diag_place(w->l, w->node)};
    arg->template = load_template_part(w->l, w->node, str_text(word), word->len, offset);
}

void load_words(struct loader *l, const struct yaml_node *node, bool has_program,
                struct arg **ret_args, size_t *ret_n) {
    struct words w = {.l = l, .node = node};
    AUTO(str) struct str word = STR_INIT(LIMIT_RECIPE_BYTES);
    for (;;) {
        skip_blanks(&w);
        if (w.at >= node->text_len) {
            break;
        }
        size_t start = w.at;
        bool is_plain = true;
        str_reset(&word);
        if (!copy_word(&w, &word, &is_plain)) {
            break;
        }
        add_word(&w, &word, start, is_plain);
    }
    shell_habits_check(l, w.seen, w.n, false, has_program);
    *ret_args = w.args;
    *ret_n = w.n;
}
