/* Any bytes as CSV: cells lie inside the text, rows come in the order of their lines. */
#include "fuzz/fuzz.h"

#include "base/err.h"
#include "value/csv.h"

struct seen {
    const char *text;
    size_t len;
    unsigned last_line;
};

static bool on_row(const struct csv_row *row, void *ctx) {
    struct seen *seen = ctx;
    MUST_HOLD(row->line > seen->last_line);
    seen->last_line = row->line;
    size_t n_bytes = 0;
    for (size_t i = 0; i < row->n_cells; i++) {
        n_bytes += row->cells[i].len;
    }
    MUST_HOLD(n_bytes <= seen->len);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char separators[] = {',', ';', '\t', '|'};
    if (size == 0) {
        return 0;
    }
    struct csv_options options = {.separator = separators[data[0] % sizeof separators]};
    struct seen seen = {(const char *)data + 1, size - 1, 0};
    struct err err = ERR_INIT;
    if (!csv_read(seen.text, seen.len, &options, on_row, &seen, &err)) {
        MUST_HOLD(err.kind != NULL && err.place.line > 0);
    }
    err_release(&err);
    return 0;
}
