/*
 * Places of YAML errors. libyaml's marks are zero-based and count characters; its reader (bad
 * UTF-8, control characters) knows a byte offset only. Lines end where libyaml lets them end, or
 * its numbers would not fit.
 */
#include "yaml_priv.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <string.h>

enum { MAX_SOURCE_LINE = 4096 }; /* longer lines are not shown */

/* Length of the line break at `at` (LF, CR, CRLF, NEL, LS, PS), 0 when there is none. */
static size_t break_len(const char *text, size_t len, size_t at) {
    size_t left = len - at;
    const char *p = text + at;
    if (*p == '\n') {
        return 1;
    }
    if (*p == '\r') {
        return left > 1 && p[1] == '\n' ? 2 : 1;
    }
    if (left > 1 && memcmp(p, "\xC2\x85", 2) == 0) {
        return 2;
    }
    if (left > 2 && (memcmp(p, "\xE2\x80\xA8", 3) == 0 || memcmp(p, "\xE2\x80\xA9", 3) == 0)) {
        return 3;
    }
    return 0;
}

/* Offset of the end of the line that holds `at`; *ret_next is the start of the next one. */
static size_t line_end(const char *text, size_t len, size_t at, size_t *ret_next) {
    for (; at < len; at++) {
        size_t n = break_len(text, len, at);
        if (n > 0) {
            *ret_next = at + n;
            return at;
        }
    }
    *ret_next = len;
    return len;
}

const char *yaml_source_line(const struct yaml_reader *r, unsigned line, size_t *ret_len) {
    size_t start = 0;
    for (unsigned i = 1; i < line; i++) {
        size_t next = 0;
        size_t end = line_end(r->text, r->len, start, &next);
        if (next == end) {
            return NULL; /* the text has fewer lines */
        }
        start = next;
    }
    size_t next = 0;
    size_t left = r->len - start;
    size_t looked_at = left > MAX_SOURCE_LINE ? MAX_SOURCE_LINE + 1 : left;
    *ret_len = line_end(r->text, start + looked_at, start, &next) - start;
    return r->text + start;
}

static const char *document_name(const struct yaml_reader *r) {
    return r->options->name == NULL ? "<yaml>" : r->options->name;
}

static bool set_place(struct yaml_reader *r, unsigned line, unsigned col) {
    struct place place = {.file = document_name(r), .line = line, .col = col};
    size_t len = 0;
    const char *text = yaml_source_line(r, line, &len);
    if (text == NULL || len > MAX_SOURCE_LINE) {
        return err_at(r->err, place, NULL);
    }
    char *copy = mem_strndup(text, len);
    err_at(r->err, place, copy);
    mem_free(copy);
    return false;
}

bool yaml_fail(struct yaml_reader *r, unsigned line, unsigned col, const char *kind,
               const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    err_vset(r->err, kind, fmt, ap);
    va_end(ap);
    return set_place(r, line, col);
}

bool yaml_fail_mark(struct yaml_reader *r, yaml_mark_t mark, const char *kind, const char *fmt,
                    ...) {
    va_list ap;
    va_start(ap, fmt);
    err_vset(r->err, kind, fmt, ap);
    va_end(ap);
    return set_place(r, (unsigned)mark.line + 1, (unsigned)mark.column + 1);
}

bool yaml_fail_memory(struct yaml_reader *r) {
    return err_set(r->err, "too-large", "the document needs more memory than it may take");
}

/* Line and column of a byte offset; what stands before it is valid UTF-8 (libyaml came so far). */
static yaml_mark_t mark_of_offset(const struct yaml_reader *r, size_t offset) {
    yaml_mark_t mark = {offset, 0, 0};
    size_t start = 0;
    for (;;) {
        size_t next = 0;
        size_t end = line_end(r->text, r->len, start, &next);
        if (next > offset || next == end) {
            break;
        }
        start = next;
        mark.line++;
    }
    mark.column = utf8_count(r->text + start, offset - start);
    return mark;
}

static bool fail_reader(struct yaml_reader *r) {
    size_t offset = r->parser.problem_offset < r->len ? r->parser.problem_offset : r->len;
    yaml_mark_t mark = mark_of_offset(r, offset);
    if (r->parser.problem_value < 0) {
        return yaml_fail_mark(r, mark, "invalid-yaml", "%s", r->parser.problem);
    }
    return yaml_fail_mark(r, mark, "invalid-yaml", "%s (0x%02X)", r->parser.problem,
                          (unsigned)r->parser.problem_value);
}

bool yaml_fail_parser(struct yaml_reader *r) {
    if (r->parser.error == YAML_MEMORY_ERROR) {
        mem_exhausted();
    }
    if (r->parser.error == YAML_READER_ERROR) {
        return fail_reader(r);
    }
    yaml_fail_mark(r, r->parser.problem_mark, "invalid-yaml", "%s", r->parser.problem);
    if (r->parser.context != NULL && r->parser.context_mark.line != r->parser.problem_mark.line) {
        err_wrap(r->err, "%s on line %zu", r->parser.context, r->parser.context_mark.line + 1);
    }
    yaml_hint_line(r);
    return false;
}
