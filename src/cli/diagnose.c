/*
 * Prints what the loader found.
 */
#include "cli/diagnose.h"

#include <unistd.h>

#include "base/file.h"
#include "base/mask.h"
#include "base/str.h"
#include "recipe/load.h"

void diagnose_add(struct str *out, const struct diagnostics *d) {
    for (size_t i = 0; i < d->n; i++) {
        err_render(&d->items[i].err, d->items[i].is_warning ? "warning" : "error", out);
    }
    if (d->n_suppressed > 0) {
        str_addf(out, "… and %zu more\n", d->n_suppressed);
    }
}

static void print(const struct str *text) {
    AUTO(str) struct str masked = STR_INIT(0);
    mask_add(&masked, str_text(text), text->len);
    (void)file_write_all(STDERR_FILENO, str_text(&masked), masked.len); /* nobody left to tell */
}

void diagnose_print(struct diagnostics *d) {
    diagnostics_sort(d);
    AUTO(str) struct str text = STR_INIT(0);
    diagnose_add(&text, d);
    if (d->n_errors > 1) {
        str_addf(&text, "%zu errors\n", d->n_errors);
    }
    print(&text);
}

void diagnose_count(const struct diagnostics *d, const char *path) {
    size_t n = d->n + d->n_suppressed;
    AUTO(str) struct str text = STR_INIT(0);
    str_addf(&text, "%s: %zu warning%s: `cpdflow check` shows %s\n", path, n, n == 1 ? "" : "s",
             n == 1 ? "it" : "them");
    print(&text);
}
