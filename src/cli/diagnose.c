/*
 * Prints what the loader found.
 */
#include "cli/diagnose.h"

#include <unistd.h>

#include "base/file.h"
#include "base/mask.h"
#include "base/str.h"
#include "recipe/load.h"

void diagnose_print(struct diagnostics *d) {
    diagnostics_sort(d);
    AUTO(str) struct str text = STR_INIT(0);
    for (size_t i = 0; i < d->n; i++) {
        err_render(&d->items[i].err, d->items[i].is_warning ? "warning" : "error", &text);
    }
    if (d->n_errors > 1 || d->n_suppressed > 0) {
        str_addf(&text, "%zu errors", d->n_errors);
        str_addf(&text, d->n_suppressed > 0 ? ", %zu more not shown\n" : "\n", d->n_suppressed);
    }
    AUTO(str) struct str masked = STR_INIT(0);
    mask_add(&masked, str_text(&text), text.len);
    (void)file_write_all(STDERR_FILENO, str_text(&masked), masked.len); /* nobody left to tell */
}
