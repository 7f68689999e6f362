/*
 * Reading documents. JSON is split where documents end, so that a stream is answered while it is open; when the first of them is
 * not JSON at its start, all of the input is read and given to the reader that skips noise.
 */
#include "cli/documents.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "cli/input.h"
#include "extract/extract.h"
#include "value/json.h"

struct stream {
    struct input *in;
    const struct extract_spec *spec;
    document_fn fn;
    void *ctx;
    struct err *err;
    struct arena scratch;
    size_t n_documents;
    bool is_stopped; /* by fn */
};

static bool give(struct stream *s, const struct value *document, const struct extract_note *note) {
    s->n_documents++;
    s->is_stopped = !s->fn(document, note, &s->scratch, s->ctx, s->err);
    arena_reset(&s->scratch);
    return !s->is_stopped;
}

/* The whole input as one value. */
static bool read_whole(struct stream *s) {
    const struct value *value = NULL;
    struct extract_note note;
    return input_all(s->in, s->err) &&
           extract_value(&s->scratch, s->in->text.data, s->in->text.len, s->spec, &value, &note,
                         s->err) &&
           give(s, value, &note);
}

/* Parses the documents in the first `len` bytes. */
static bool parse_documents(struct stream *s, size_t len, size_t *ret_pos) {
    static const struct extract_note no_note = {0};
    struct json_options options = {.name = s->spec->name};
    for (;;) {
        const struct value *document = NULL;
        if (!json_parse_next(&s->scratch, s->in->text.data, len, ret_pos, &options, &document,
                             s->err)) {
            s->err->place.line += s->err->place.line > 0 ? s->in->n_lines_before : 0;
            return false;
        }
        if (document == NULL) {
            return true;
        }
        if (!give(s, document, &no_note)) {
            return false;
        }
    }
}

/* No line of the text could begin a document: it is what a command printed behind its JSON. */
static bool is_noise(const char *text, size_t len) {
    for (const char *end = text + len; text < end;) {
        size_t indent = strspn(text, " \t\r");
        if (strchr("{[\"", text[indent]) != NULL && text[indent] != '\0') {
            return false;
        }
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        text = newline != NULL ? newline + 1 : end;
    }
    return true;
}

/* Everything is read: what is left holds whole documents, and perhaps noise. */
static bool parse_rest(struct stream *s) {
    if (extract_is_blank(s->in->text.data, s->in->text.len)) {
        return s->n_documents > 0 || read_whole(s); /* which says that it is empty */
    }
    size_t pos = 0;
    if (parse_documents(s, s->in->text.len, &pos) || s->is_stopped) {
        return !s->is_stopped;
    }
    bool is_first = s->n_documents == 0;
    if (!is_first && !is_noise(s->in->text.data + pos, s->in->text.len - pos)) {
        return false;
    }
    err_release(s->err);
    arena_reset(&s->scratch);
    return !is_first || read_whole(s);
}

/* Gives the documents that are complete; the rest waits for more. */
static bool parse_complete(struct stream *s, struct json_splitter *splitter, size_t *at) {
    size_t end = 0;
    while (json_split(splitter, s->in->text.data, s->in->text.len, at)) {
        end = *at;
    }
    size_t pos = 0;
    if (end == 0) {
        return true;
    }
    if (!parse_documents(s, end, &pos)) {
        return false;
    }
    input_consume(s->in, end);
    *at -= end;
    return true;
}

static bool read_json(struct stream *s) {
    struct json_splitter splitter = {0};
    size_t at = 0;
    while (!s->in->is_end) {
        if (!input_more(s->in, s->err)) {
            return false;
        }
        if (s->in->is_end || parse_complete(s, &splitter, &at)) {
            continue;
        }
        if (s->is_stopped || s->n_documents > 0 || !input_all(s->in, s->err)) {
            return false;
        }
        err_release(
            s->err); /* the first document is not JSON: parse_rest() tries again with noise */
    }
    return parse_rest(s);
}

bool documents_read(struct input *in, const struct extract_spec *spec, document_fn fn, void *ctx,
                    struct err *err) {
    struct stream s = {.in = in, .spec = spec, .fn = fn, .ctx = ctx, .err = err};
    bool ok = spec->format == EXTRACT_JSON ? read_json(&s) : read_whole(&s);
    arena_release(&s.scratch);
    return ok || (s.is_stopped && err->kind == NULL);
}
