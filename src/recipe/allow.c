/*
 * `# cpdflow: allow KIND, KIND` takes warnings back: those of its own line and of the line below, or of
 * the whole file when it stands above the first key. Errors are never taken back.
 */
#include "load_priv.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static const char mark[] = "# cpdflow: allow ";

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* The kinds that a line allows, NULL: none. The mark begins a comment: it stands first or behind a blank. */
static const char *allowed_in(const char *line) {
    const char *found = line != NULL ? strstr(line, mark) : NULL;
    return found != NULL && (found == line || is_blank(found[-1])) ? found + strlen(mark) : NULL;
}

static bool lists(const char *kinds, const char *kind) {
    size_t n = strlen(kind);
    while (kinds != NULL && *kinds != '\0') {
        kinds += strspn(kinds, " \t,");
        size_t len = strcspn(kinds, " \t,");
        if (len == n && strncmp(kinds, kind, n) == 0) {
            return true;
        }
        kinds += len;
    }
    return false;
}

static bool is_comment(const char *line) {
    line += strspn(line, " \t");
    return *line == '#' || *line == '\0';
}

static bool is_allowed(const struct recipe *r, const struct err *err) {
    unsigned line = err->place.line;
    const char *above = diag_line(r, line - 1);
    if (lists(allowed_in(diag_line(r, line)), err->kind) ||
        (above != NULL && is_comment(above) && lists(allowed_in(above), err->kind))) {
        return true;
    }
    for (unsigned i = 1; i <= r->n_lines && is_comment(diag_line(r, i)); i++) {
        if (lists(allowed_in(diag_line(r, i)), err->kind)) {
            return true;
        }
    }
    return false;
}

void allow_warnings(struct loader *l, size_t n_before) {
    struct diagnostics *d = l->d;
    if (strstr(l->recipe->text, mark) == NULL) {
        return;
    }
    size_t n = n_before;
    for (size_t i = n_before; i < d->n; i++) {
        struct diagnostic *item = &d->items[i];
        bool is_here = item->err.place.file != NULL && item->err.place.line > 0 &&
                       strcmp(item->err.place.file, l->recipe->file) == 0;
        if (item->is_warning && is_here && is_allowed(l->recipe, &item->err)) {
            err_release(&item->err);
        } else {
            d->items[n++] = *item;
        }
    }
    d->n = n;
}
