/*
 * Output of children on its way into events: masked before it is cut, safe to show, live output in whole lines.
 *
 * Secrets are masked where bytes are still whole. A cut (the end of a head, the start of a tail, a line that is too long)
 * may go through a secret, of which the door of events (event.h) would not know the rest any more; so what could be a part of
 * one is left out at every cut.
 */
#ifndef EVENT_OUTPUT_H
#define EVENT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Appends a captured stream. `tail` NULL: `head` is all of it; else what stood between them is missing, and a line says so.
 */
void output_excerpt(struct str *out, const char *head, size_t head_len, const char *tail,
                    size_t tail_len);

/*
 * Live output of one stream, put together to lines.
 *
 *   struct output_lines lines = OUTPUT_LINES_INIT;      // one for each stream of each attempt
 *   output_lines_feed(&lines, bytes, len, on_line, ctx);
 *   output_lines_end(&lines, on_line, ctx);             // the last line may have no newline
 *   output_lines_release(&lines);
 *
 * A carriage return starts the line anew, as on a terminal: of a progress bar its last state is shown. Of a line longer than
 * LIMIT_LIVE_LINE the start is shown once it is that long, the rest is not.
 */
struct output_lines {
    struct str line; /* the bytes so far */
    bool is_overlong;
};
#define OUTPUT_LINES_INIT                                                                          \
    { STR_INIT(0), false }

/* The line without its end: masked and safe. Borrowed for the call. */
typedef void (*output_line_fn)(const char *line, void *ctx);

void output_lines_feed(struct output_lines *o, const char *bytes, size_t len, output_line_fn fn,
                       void *ctx);
void output_lines_end(struct output_lines *o, output_line_fn fn, void *ctx);
void output_lines_release(struct output_lines *o);

#endif
