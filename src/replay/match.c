/*
 * Which recorded call a request is, and what to say when it is none.
 */
#include "match_priv.h"

#include <string.h>

#include "base/str.h"

static bool same_text(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool match_is_same(const struct tape_call *call, const char *const *argv, const char *stdin_text) {
    size_t i = 0;
    while (argv[i] != NULL && call->argv[i] != NULL && strcmp(argv[i], call->argv[i]) == 0) {
        i++;
    }
    return argv[i] == NULL && call->argv[i] == NULL && same_text(call->stdin_text, stdin_text);
}

/* How much two calls have in common: arguments from the front, then lines of stdin. */
static size_t likeness(const struct tape_call *call, const char *const *argv,
                       const char *stdin_text) {
    size_t n = 0;
    for (size_t i = 0; argv[i] != NULL && call->argv[i] != NULL; i++) {
        n += strcmp(argv[i], call->argv[i]) == 0 ? 100 : 0;
    }
    const char *a = call->stdin_text == NULL ? "" : call->stdin_text;
    const char *b = stdin_text == NULL ? "" : stdin_text;
    while (*a != '\0' && *a == *b) {
        n++;
        a++;
        b++;
    }
    return n;
}

const struct tape_call *match_nearest(const struct tape *tape, const char *const *argv,
                                      const char *stdin_text) {
    const struct tape_call *best = NULL;
    size_t best_n = 0;
    for (size_t i = 0; i < tape->n_calls; i++) {
        size_t n = likeness(&tape->calls[i], argv, stdin_text);
        if (n > best_n) {
            best_n = n;
            best = &tape->calls[i];
        }
    }
    return best;
}

static void add_argv(struct str *out, const char *const *argv) {
    for (size_t i = 0; argv[i] != NULL; i++) {
        str_addf(out, "%s%s", i == 0 ? "" : " ", argv[i]);
    }
}

/* The first line of stdin that differs. */
static void add_stdin_difference(struct str *out, const char *was, const char *is) {
    while (*was != '\0' && *is != '\0') {
        size_t n = strcspn(was, "\n");
        size_t m = strcspn(is, "\n");
        if (n != m || memcmp(was, is, n) != 0) {
            break;
        }
        was += n + (was[n] == '\n');
        is += m + (is[m] == '\n');
    }
    str_addf(out, "; recorded stdin has '%.*s' where this call has '%.*s'", (int)strcspn(was, "\n"),
             was, (int)strcspn(is, "\n"), is);
}

void match_explain(const struct tape *tape, const char *const *argv, const char *stdin_text,
                   struct str *out) {
    size_t n_same = 0;
    for (size_t i = 0; i < tape->n_calls; i++) {
        n_same += match_is_same(&tape->calls[i], argv, stdin_text) ? 1 : 0;
    }
    if (n_same > 0) {
        str_addf(out, "this call was recorded %zu times and is made once more: ", n_same);
        add_argv(out, argv);
        return;
    }
    str_add(out, "this call was never recorded: ");
    add_argv(out, argv);
    const struct tape_call *near = match_nearest(tape, argv, stdin_text);
    if (near == NULL) {
        return;
    }
    str_addf(out, "; the nearest recorded one (step '%s') is: ", near->step);
    add_argv(out, near->argv);
    if (near->stdin_text != NULL && stdin_text != NULL &&
        strcmp(near->stdin_text, stdin_text) != 0) {
        add_stdin_difference(out, near->stdin_text, stdin_text);
    }
}
