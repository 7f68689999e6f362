#include "event/output.h"

#include <string.h>

#include "base/mask.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "maxima.h"

enum { SHOWN_OF_OVERLONG = 4 * 1024 };

/* Masks first: what the safe form leaves out could tear a secret apart. */
static void add_part(struct str *out, const char *text, size_t len, bool is_cut_before,
                     bool is_cut_after) {
    AUTO(str) struct str masked = STR_INIT(0);
    size_t margin = mask_margin();
    mask_add(&masked, text, len);
    size_t start = is_cut_before ? margin : 0;
    size_t kept_off = start + (is_cut_after ? margin : 0);
    if (masked.len > kept_off) {
        utf8_add_safe(out, masked.data + start, masked.len - kept_off);
    }
}

void output_excerpt(struct str *out, const char *head, size_t head_len, const char *tail,
                    size_t tail_len) {
    add_part(out, head, head_len, false, tail != NULL);
    if (tail != NULL) {
        str_add(out, "\n… (cut) …\n");
        add_part(out, tail, tail_len, true, false);
    }
}

static void give(struct output_lines *o, output_line_fn fn, void *ctx) {
    AUTO(str) struct str safe = STR_INIT(0);
    add_part(&safe, str_text(&o->line), o->line.len, false, o->is_overlong);
    if (o->is_overlong && safe.len > SHOWN_OF_OVERLONG) {
        str_cut(&safe, utf8_valid_prefix(safe.data, SHOWN_OF_OVERLONG));
        str_add(&safe, "…");
    }
    fn(str_text(&safe), ctx);
    str_reset(&o->line);
}

/* Bytes of one line, or of a part of it: no newline in them. */
static void add_bytes(struct output_lines *o, const char *bytes, size_t len, output_line_fn fn,
                      void *ctx) {
    if (o->is_overlong) {
        return;
    }
    size_t room = LIMIT_LIVE_LINE - o->line.len;
    str_add_bytes(&o->line, bytes, len < room ? len : room);
    if (len > room) {
        o->is_overlong = true;
        give(o, fn, ctx);
    }
}

/* What a terminal would show of "10 %\r20 %\r": the text after the last return that something follows. */
static void collapse(struct str *line) {
    while (line->len > 0 && line->data[line->len - 1] == '\r') {
        str_cut(line, line->len - 1);
    }
    size_t start = line->len;
    while (start > 0 && line->data[start - 1] != '\r') {
        start--;
    }
    if (start > 0) {
        memmove(line->data, line->data + start, line->len - start);
        str_cut(line, line->len - start);
    }
}

static void end_line(struct output_lines *o, output_line_fn fn, void *ctx) {
    if (!o->is_overlong) {
        collapse(&o->line);
        give(o, fn, ctx);
    }
    o->is_overlong = false;
}

void output_lines_feed(struct output_lines *o, const char *bytes, size_t len, output_line_fn fn,
                       void *ctx) {
    while (len > 0) {
        const char *newline = memchr(bytes, '\n', len);
        size_t part = newline == NULL ? len : (size_t)(newline - bytes);
        add_bytes(o, bytes, part, fn, ctx);
        if (newline == NULL) {
            return;
        }
        end_line(o, fn, ctx);
        bytes += part + 1;
        len -= part + 1;
    }
}

void output_lines_end(struct output_lines *o, output_line_fn fn, void *ctx) {
    if (o->line.len > 0 || o->is_overlong) {
        end_line(o, fn, ctx);
    }
}

void output_lines_release(struct output_lines *o) {
    str_release(&o->line);
}
