/*
 * Rows of formats that are lists by nature, read and given piece by piece.
 */
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "cli/documents.h"
#include "cli/input.h"
#include "extract/extract.h"
#include "maxima.h"

#define PIECE (256 * KIB)

struct rows {
    struct input *in;
    row_fn fn;
    void *ctx;
    struct err *err;
    bool is_stopped;
};

static bool give(const struct value *row, void *ctx) {
    struct rows *r = ctx;
    r->is_stopped = !r->fn(row, r->ctx, r->err);
    return !r->is_stopped;
}

static bool read_csv(struct rows *r, const struct extract_spec *spec) {
    struct csv_stream *csv = csv_stream_new(spec, give, r);
    bool ok = true;
    while (ok && !r->in->is_end && !csv_stream_is_done(csv)) {
        size_t used = 0;
        ok = input_more(r->in, r->err) &&
             csv_stream_feed(csv, r->in->text.data, r->in->text.len, r->in->is_end, &used, r->err);
        input_consume(r->in, used);
    }
    csv_stream_free(csv);
    return ok;
}

/* Gives the lines that are complete; at the end also what has no newline. */
static bool give_lines(struct rows *r, struct arena *a) {
    const char *text = r->in->text.data;
    size_t len = r->in->text.len;
    size_t at = 0;
    while (at < len) {
        const char *newline = memchr(text + at, '\n', len - at);
        if (newline == NULL && !r->in->is_end) {
            break;
        }
        size_t end = newline != NULL ? (size_t)(newline - text) : len;
        size_t line_len = end - at - (end > at && newline != NULL && text[end - 1] == '\r');
        if (!give(extract_string(a, text + at, line_len), r)) {
            return false;
        }
        arena_reset(a);
        at = end + (newline != NULL);
    }
    input_consume(r->in, at);
    return true;
}

static bool read_lines(struct rows *r) {
    struct arena arena = ARENA_INIT(0);
    bool ok = true;
    while (ok && !r->in->is_end) {
        ok = input_more(r->in, r->err) && give_lines(r, &arena);
    }
    arena_release(&arena);
    return ok;
}

bool rows_read(struct input *in, const struct extract_spec *spec, row_fn fn, void *ctx,
               struct err *err) {
    struct rows r = {in, fn, ctx, err, false};
    in->is_whole = false;
    in->wanted = PIECE;
    bool ok = spec->format == EXTRACT_CSV ? read_csv(&r, spec) : read_lines(&r);
    return ok || (r.is_stopped && err->kind == NULL);
}
