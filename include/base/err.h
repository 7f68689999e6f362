/*
 * struct err: what went wrong, where, and what to do.
 *
 * A function that can fail returns bool (or a pointer) and takes `struct err *err` last:
 *
 *   if (!file_read(path, LIMIT_RECIPE, &text, err)) {
 *       return err_wrap(err, "recipe '%s'", path);
 *   }
 *   return err_set(err, "invalid-type", "expected a list, found %s", name);   // returns false
 *
 * `kind` is one of the stable words that `cpdflow explain` knows (static storage). The form printed:
 *
 *   file:line:col: error[KIND]: message
 *     source line
 *     ^
 *   hint: …
 *
 * Text is lower case, without a full stop, quotes around the user's words. err_render() makes the
 * form, only cli prints it. Secrets pass through the mask there, not before.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct str;

/* A place in a file, both one-based, columns in characters; line 0 means no place. */
struct place {
    const char *file; /* borrowed from the recipe or argument that it names; NULL: none */
    unsigned line;
    unsigned col;
};

struct err {
    const char *kind;  /* NULL: no error */
    char *message;     /* heap */
    char *hint;        /* heap, NULL: none */
    char *source_line; /* heap: the text of the line that `place` names, NULL: unknown */
    struct place place;
};

#define ERR_INIT                                                                                   \
    {                                                                                              \
        NULL, NULL, NULL, NULL, {                                                                  \
            NULL, 0, 0                                                                             \
        }                                                                                          \
    }

void err_release(struct err *err);
/* Both always return false, for `return err_set(…);`. Set replaces an earlier error. */
bool err_set(struct err *err, const char *kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool err_vset(struct err *err, const char *kind, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));
/* Puts "context: " before the message. */
bool err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Same as err_set, with strerror(errnum) appended: "…: No such file or directory". */
bool err_errno(struct err *err, const char *kind, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Gives the error a place unless it has one already. `source_line` may be NULL. Returns false. */
bool err_at(struct err *err, struct place place, const char *source_line);
/* Renders with severity "error" or "warning"; ends with a newline. */
void err_render(const struct err *err, const char *severity, struct str *out);
/* Moves `from` into `to` (releasing what was in `to`). */
void err_move(struct err *to, struct err *from);

/* The nearest of `names` to `word` by edit distance when close enough to be meant, else NULL. */
const char *err_nearest(const char *word, const char *const *names, size_t n_names);

#endif
