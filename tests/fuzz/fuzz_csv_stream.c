/* CSV in pieces gives the rows, or the error, of CSV as a whole. The first byte says how long the pieces are. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "extract/extract.h"
#include "value/json.h"
#include "value/value.h"

static bool add_row(const struct value *row, void *ctx) {
    json_print(ctx, row, JSON_COMPACT);
    return true;
}

static void read_whole(const char *text, size_t len, const struct extract_spec *spec,
                       struct str *out, struct err *err) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    const struct value *rows = NULL;
    if (extract_value(&a, text, len, spec, &rows, NULL, err)) {
        for (uint32_t i = 0; i < rows->len; i++) {
            (void)add_row(rows->as.items[i], out);
        }
    }
}

static void read_pieces(const char *text, size_t len, size_t step, const struct extract_spec *spec,
                        struct str *out, struct err *err) {
    struct csv_stream *csv = csv_stream_new(spec, add_row, out);
    size_t start = 0;
    size_t end = 0;
    do {
        size_t used = 0;
        end = len - end > step ? end + step : len;
        if (!csv_stream_feed(csv, text + start, end - start, end == len, &used, err)) {
            break;
        }
        start += used;
    } while (end < len);
    csv_stream_free(csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    const char *text = (const char *)data + 1;
    struct extract_spec spec = {.format = EXTRACT_CSV, .name = "data.csv"};
    AUTO(str) struct str whole = STR_INIT(0);
    AUTO(str) struct str pieces = STR_INIT(0);
    AUTO(err) struct err whole_err = ERR_INIT;
    AUTO(err) struct err pieces_err = ERR_INIT;
    read_whole(text, size - 1, &spec, &whole, &whole_err);
    read_pieces(text, size - 1, 1 + data[0] % 64, &spec, &pieces, &pieces_err);
    MUST_HOLD((whole_err.kind == NULL) == (pieces_err.kind == NULL));
    if (whole_err.kind != NULL) {
        MUST_HOLD(strcmp(whole_err.kind, pieces_err.kind) == 0);
        MUST_HOLD(whole_err.place.line == pieces_err.place.line);
        return 0;
    }
    MUST_HOLD(strcmp(str_text(&whole), str_text(&pieces)) == 0);
    return 0;
}
