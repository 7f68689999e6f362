/*
 * cpdflow explain WORD: a kind of error, a key of recipes, an error class, a function, a step, a command of cpdctl. A word may be several of them
 * (`timeout` is), then each is explained.
 */
#include <string.h>

#include "base/arena.h"
#include "base/classes.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "explain_priv.h"
#include "expr/expr.h"
#include "kinds_priv.h"
#include "recipe/schema.h"

static void begin(struct str *out) {
    if (out->len > 0) {
        str_add_char(out, '\n');
    }
}

static void explain_kind(const char *word, struct str *out) {
    const struct kind_text *found = kind_text(word);
    if (found != NULL) {
        begin(out);
        str_addf(out, "%s: a kind of error or warning\n  %s\n  %s\n", word, found->what,
                 found->help);
    }
}

static void explain_class(const char *word, struct str *out) {
    int found = error_class_by_name(word);
    if (found <= CLASS_NONE) {
        return;
    }
    begin(out);
    str_addf(out,
             "%s: an error class\n  %s.\n  For retry.on, continue_on_error, classify and expect.\n",
             word, class_texts[found]);
}

/* "retry.on" or "on". */
static bool is_key(const struct schema_key *key, const char *word) {
    size_t n = strlen(key->object);
    bool is_full = strncmp(word, key->object, n) == 0 && word[n] == '.';
    return strcmp(is_full ? word + n + 1 : word, key->key) == 0;
}

static void explain_keys(const char *word, struct str *out) {
    struct schema_key key;
    for (size_t i = 0; schema_key(i, &key); i++) {
        if (!is_key(&key, word)) {
            continue;
        }
        begin(out);
        str_addf(out, "%s: a key of %s%s\n  %s.\n  Takes ", key.key, key.says,
                 key.is_required ? ", required" : "", key.doc);
        for (size_t k = 0; key.words != NULL && key.words[k] != NULL; k++) {
            str_addf(out, "%s%s",
                     k == 0                     ? ""
                     : key.words[k + 1] == NULL ? " or "
                                                : ", ",
                     key.words[k]);
        }
        str_addf(out, "%s.\n", key.words != NULL ? "" : key.takes);
    }
}

static void explain_function(const char *word, struct str *out) {
    const struct expr_function_doc *f = expr_function_doc(0);
    for (size_t i = 0; f != NULL; f = expr_function_doc(++i)) {
        if (strcmp(f->name, word) == 0) {
            begin(out);
            str_addf(out, "%s: a function of expressions\n  %s\n  %s\n", word, f->signature,
                     f->doc);
        }
    }
}

struct words {
    const char **items;
    size_t n;
};

static void add_word(struct words *w, const char *word) {
    w->items = mem_realloc(w->items, w->n + 1, sizeof *w->items);
    w->items[w->n++] = word;
}

static void collect_words(struct words *w) {
    for (size_t i = 0; i < n_kind_texts; i++) {
        add_word(w, kind_texts[i].kind);
    }
    for (size_t i = CLASS_NONE + 1; i < CLASS_COUNT; i++) {
        add_word(w, error_class_names[i]);
    }
    struct schema_key key;
    for (size_t i = 0; schema_key(i, &key); i++) {
        add_word(w, key.key);
    }
    const struct expr_function_doc *f = expr_function_doc(0);
    for (size_t i = 0; f != NULL; f = expr_function_doc(++i)) {
        add_word(w, f->name);
    }
}

static int unknown_word(const char *word) {
    struct words all = {NULL, 0};
    collect_words(&all);
    struct err err = ERR_INIT;
    err_set(&err, "usage", "'%s' is no kind, key, class or function", word);
    const char *nearest = err_nearest(word, all.items, all.n);
    if (nearest != NULL) {
        err_hint(&err, "did you mean 'cpdflow explain %s'?", nearest);
    } else {
        err_hint(&err, "kinds stand within [ ] in messages: error[KIND]");
    }
    mem_free(all.items);
    return cli_fail(&err, CLI_USAGE);
}

static int run_explain(void *options, const struct opt_list *operands) {
    (void)options;
    AUTO(str) struct str text = STR_INIT(0);
    for (size_t i = 0; i < operands->n; i++) {
        size_t before = text.len;
        const char *colon = strrchr(operands->items[i], ':');
        if (colon != NULL) {
            struct err err = ERR_INIT;
            char *file = mem_strndup(operands->items[i], (size_t)(colon - operands->items[i]));
            bool is_found = explain_step(file, colon + 1, &text, &err);
            mem_free(file);
            if (!is_found) {
                return cli_fail(&err, CLI_USAGE);
            }
            continue;
        }
        explain_kind(operands->items[i], &text);
        explain_class(operands->items[i], &text);
        explain_keys(operands->items[i], &text);
        explain_function(operands->items[i], &text);
        explain_command(operands->items[i], &text);
        if (text.len == before) {
            return unknown_word(operands->items[i]);
        }
    }
    return cli_print(&text, CLI_OK);
}

const struct cli_command cmd_explain = {
    .name = "explain",
    .summary = "explain a kind of error, a key, a function, a step or a command",
    .operands = "WORD...",
    .min_operands = 1,
    .max_operands = CLI_MANY,
    .details =
        "A word is what stands within [ ] in a message (error[later-step]), a key of recipes\n"
        "(retry, or wait.timeout for one of several), an error class or a function. RECIPE:STEP\n"
        "tells what a step does and when; a command of cpdctl within quotes lists its flags.\n",
    .examples = "  cpdflow explain later-step\n"
                "  cpdflow explain ensure.duplicates one\n"
                "  cpdflow explain deploy.yaml:space\n"
                "  cpdflow explain 'job run create'\n",
    .exits = "  0  explained\n"
             "  2  there is no such word\n",
    .run = run_explain,
};
