/*
 * Reading a JSON document: one strict pass over the text that hands batches to cJSON as it goes.
 *
 * The pass keeps a frame for each open container. When a container has gathered BATCH_BYTES of
 * text, its complete elements go through cJSON into values, and the container is *split* from then
 * on: its later elements follow in batches, and its parent takes the finished value instead of
 * text. Containers that stay small are just text in the batch of their parent. So every byte is
 * scanned once and parsed once, and neither a cJSON tree nor a copy of a large document ever
 * exists.
 */
#include "json_priv.h"

#include "base/err.h"
#include "base/mem.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

#include <string.h>

enum {
    BATCH_BYTES = 16 * 1024,
    LONG_STRING = 4 * 1024, /* longer ones are decoded from the text, past cJSON and its copies */
};

struct frame {
    bool is_object;
    bool is_split;       /* `elements` is in use */
    bool is_batch_empty; /* the last element was a split container: nothing waits */
    size_t start;        /* of the container */
    size_t batch_start;  /* elements from here on are not converted yet */
    size_t n_strings;    /* strings in front of batch_start */
    size_t n_numbers;    /* tokens below these belong to frames further out */
    size_t n_specials;
    struct json_elements elements;
};

struct tokens {
    struct json_token *list;
    size_t n;
    size_t cap;
};

struct reader {
    struct json_scan scan;
    size_t max_depth;
    bool is_dry;          /* only look whether the document is valid and where it ends */
    struct frame *frames; /* frames[0] is the document itself, a list of one */
    size_t depth;
    size_t cap;
    struct tokens numbers;  /* not converted yet */
    struct tokens specials; /* strings that cJSON shall not see */
    size_t n_strings;
    struct arena scratch; /* for cJSON */
    struct str batch;     /* text for cJSON */
    struct json_converter *converter;
};

static void add_token(struct tokens *tokens, size_t start, size_t end, size_t number) {
    if (tokens->n == tokens->cap) {
        tokens->cap = tokens->cap == 0 ? 64 : tokens->cap * 2;
        tokens->list = mem_realloc(tokens->list, tokens->cap, sizeof *tokens->list);
    }
    tokens->list[tokens->n++] = (struct json_token){start, end - start, number};
}

static struct frame *top(struct reader *r) {
    return &r->frames[r->depth];
}

static void begin_batch(struct reader *r, struct frame *f, size_t start) {
    f->batch_start = start;
    f->is_batch_empty = false;
    f->n_strings = r->n_strings;
    f->n_numbers = r->numbers.n;
    f->n_specials = r->specials.n;
}

static void push_frame(struct reader *r, size_t start, bool is_object) {
    r->depth++;
    if (r->depth == r->cap) {
        r->cap *= 2;
        r->frames = mem_realloc(r->frames, r->cap, sizeof *r->frames);
    }
    struct frame *f = top(r);
    *f = (struct frame){.is_object = is_object, .start = start};
    begin_batch(r, f, start + 1);
}

/* Token `i` of a list that is NULL when no token was found. */
static const struct json_token *token_at(const struct tokens *tokens, size_t i) {
    return tokens->list != NULL ? tokens->list + i : NULL;
}

/* Copies the batch for cJSON, with stand-ins for the tokens that it could not carry. */
static void copy_batch(struct reader *r, const struct frame *f, size_t end) {
    const struct json_token *number = token_at(&r->numbers, f->n_numbers);
    const struct json_token *numbers_end = token_at(&r->numbers, r->numbers.n);
    const struct json_token *special = token_at(&r->specials, f->n_specials);
    const struct json_token *specials_end = token_at(&r->specials, r->specials.n);
    size_t from = f->batch_start;
    for (;;) {
        while (number < numbers_end && number->len <= JSON_LONG_NUMBER) {
            number++;
        }
        bool has_number = number < numbers_end;
        bool has_special = special < specials_end;
        if (!has_number && !has_special) {
            break;
        }
        bool is_number = has_number && (!has_special || number->start < special->start);
        const struct json_token *token = is_number ? number++ : special++;
        str_add_bytes(&r->batch, r->scan.text + from, token->start - from);
        str_add(&r->batch, is_number ? "0" : "\"\"");
        from = token->start + token->len;
    }
    str_add_bytes(&r->batch, r->scan.text + from, end - from);
}

static bool too_large(struct reader *r) {
    return json_fail(&r->scan, "too-large", r->scan.at,
                     "the document needs more memory than it may take");
}

/*
 * Converts the text from the start of the batch to `end`. When `ready` is not NULL, the text ends
 * before the value of the last element, which is `ready`.
 */
static bool flush_batch(struct reader *r, struct frame *f, size_t end, const struct value *ready) {
    struct json_converter *c = r->converter;
    str_reset(&r->batch);
    str_add_char(&r->batch, f->is_object ? '{' : '[');
    copy_batch(r, f, end);
    str_add(&r->batch, ready == NULL ? "" : "null");
    str_add_char(&r->batch, f->is_object ? '}' : ']');
    c->numbers = token_at(&r->numbers, f->n_numbers);
    c->strings = token_at(&r->specials, f->n_specials);
    c->strings_end = token_at(&r->specials, r->specials.n);
    c->string_number = f->n_strings;
    bool is_converted =
        json_convert_batch(c, &r->scratch, str_text(&r->batch), r->batch.len, &f->elements);
    arena_reset(&r->scratch);
    if (!is_converted) {
        return too_large(r);
    }
    if (ready != NULL) {
        size_t last = f->elements.n - 1;
        if (f->is_object) {
            f->elements.members[last].value = ready;
        } else {
            f->elements.items[last] = ready;
        }
    }
    f->is_split = true;
    r->numbers.n = f->n_numbers;
    r->specials.n = f->n_specials;
    return true;
}

static void release_elements(struct json_elements *e) {
    mem_free(e->items);
    mem_free(e->members);
    *e = (struct json_elements){.items = NULL};
}

/* The container on top has ended; what stands around it goes on. */
static bool close_frame(struct reader *r) {
    struct frame *f = top(r);
    size_t end = r->scan.at; /* of the closing bracket */
    r->scan.at++;
    if (!f->is_split) {
        r->depth--;
        return true;
    }
    if (!f->is_batch_empty && !flush_batch(r, f, end, NULL)) {
        return false;
    }
    const struct value *v = json_convert_elements(r->converter, &f->elements, f->is_object);
    if (v == NULL) {
        return too_large(r);
    }
    release_elements(&f->elements);
    size_t start = f->start;
    r->depth--;
    f = top(r);
    if (!flush_batch(r, f, start, v)) {
        return false;
    }
    f->is_batch_empty = true;
    return true;
}

static bool scan_key(struct reader *r) {
    struct json_scan *s = &r->scan;
    if (json_next(s) != '"') {
        return json_fail(s, "invalid-json", s->at, "expected a key in double quotes");
    }
    size_t start = s->at;
    bool has_nul = false;
    if (!json_scan_string(s, &has_nul)) {
        return false;
    }
    if (has_nul || s->at - start > LONG_STRING) {
        add_token(&r->specials, start, s->at, r->n_strings);
    }
    r->n_strings++;
    if (json_next(s) != ':') {
        return json_fail(s, "invalid-json", s->at, "expected ':' after the key");
    }
    s->at++;
    return true;
}

static bool scan_string_value(struct reader *r) {
    size_t start = r->scan.at;
    bool has_nul = false;
    if (!json_scan_string(&r->scan, &has_nul)) {
        return false;
    }
    if (has_nul || r->scan.at - start > LONG_STRING) {
        add_token(&r->specials, start, r->scan.at, r->n_strings);
    }
    r->n_strings++;
    return true;
}

static bool scan_number_value(struct reader *r) {
    size_t start = r->scan.at;
    if (!json_scan_number(&r->scan)) {
        return false;
    }
    add_token(&r->numbers, start, r->scan.at, 0);
    return true;
}

/* '[' or '{'. An empty container is complete at once. */
static bool open_container(struct reader *r, bool is_object, bool *ret_is_complete) {
    struct json_scan *s = &r->scan;
    size_t start = s->at;
    if (r->depth >= r->max_depth) {
        return json_fail(s, "too-deep", start, NULL);
    }
    s->at++;
    if (json_next(s) == (is_object ? '}' : ']')) {
        s->at++;
        *ret_is_complete = true;
        return true;
    }
    push_frame(r, start, is_object);
    *ret_is_complete = false;
    return !is_object || scan_key(r);
}

static bool scan_value(struct reader *r, bool *ret_is_complete) {
    *ret_is_complete = true;
    int c = json_next(&r->scan);
    if (c == '"') {
        return scan_string_value(r);
    }
    if (c == '{' || c == '[') {
        return open_container(r, c == '{', ret_is_complete);
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        return scan_number_value(r);
    }
    return json_scan_word(&r->scan);
}

/* Behind an element: a comma and the key of the next one, or the end of the container. */
static bool scan_after_element(struct reader *r, bool *ret_is_complete) {
    struct frame *f = top(r);
    struct json_scan *s = &r->scan;
    int c = json_next(s);
    if (c == (f->is_object ? '}' : ']')) {
        *ret_is_complete = true;
        return close_frame(r);
    }
    if (c != ',') {
        return json_fail(s, "invalid-json", s->at,
                         f->is_object ? "expected ',' or '}'" : "expected ',' or ']'");
    }
    if (f->is_batch_empty) {
        begin_batch(r, f, s->at + 1);
    } else if (s->at - f->batch_start >= BATCH_BYTES && !r->is_dry) {
        if (!flush_batch(r, f, s->at, NULL)) {
            return false;
        }
        begin_batch(r, f, s->at + 1);
    }
    s->at++;
    *ret_is_complete = false;
    return !f->is_object || scan_key(r);
}

/* One value with all that is in it. */
static bool scan_document(struct reader *r) {
    for (;;) {
        bool is_complete = false;
        if (!scan_value(r, &is_complete)) {
            return false;
        }
        while (is_complete) {
            if (r->depth == 0) {
                return true;
            }
            if (!scan_after_element(r, &is_complete)) {
                return false;
            }
        }
    }
}

static void open_reader(struct reader *r, const char *text, size_t len,
                        const struct json_options *options) {
    *r = (struct reader){.scan = {.text = text, .len = len},
                         .max_depth = json_max_depth(options),
                         .cap = 16,
                         .is_dry = true};
    r->frames = mem_zalloc(r->cap, sizeof *r->frames);
    r->batch = (struct str)STR_INIT(LIMIT_JSON_BYTES);
}

static void close_reader(struct reader *r) {
    for (size_t i = 0; i <= r->depth; i++) {
        release_elements(&r->frames[i].elements);
    }
    mem_free(r->frames);
    mem_free(r->numbers.list);
    mem_free(r->specials.list);
    mem_free(r->converter);
    str_release(&r->batch);
    arena_release(&r->scratch);
}

/* Makes r ready for a document that starts at `start`. */
static void begin_document(struct reader *r, size_t start, struct arena *a) {
    for (size_t i = 0; i <= r->depth; i++) {
        release_elements(&r->frames[i].elements);
    }
    r->depth = 0;
    r->numbers.n = 0;
    r->specials.n = 0;
    r->n_strings = 0;
    r->scan.at = start;
    r->frames[0] = (struct frame){.start = start};
    begin_batch(r, &r->frames[0], start);
    r->is_dry = a == NULL;
    if (a != NULL) {
        mem_free(r->converter);
        r->converter = mem_zalloc(1, sizeof *r->converter);
        r->converter->arena = a;
        r->converter->text = r->scan.text;
    }
}

/* Reads the document at `start`; r->scan.at is behind it then. */
static bool read_document(struct reader *r, size_t start, struct arena *a,
                          const struct value **ret_value) {
    begin_document(r, start, a);
    if (!scan_document(r)) {
        return false;
    }
    struct frame *f = &r->frames[0];
    if (!f->is_batch_empty && !flush_batch(r, f, r->scan.at, NULL)) {
        return false;
    }
    *ret_value = f->elements.items[0];
    return true;
}

static bool is_dry_document(struct reader *r, size_t start) {
    begin_document(r, start, NULL);
    return scan_document(r);
}

/* A byte order mark is not white space to JSON, but editors on Windows write it. */
static size_t skip_bom(const char *text, size_t len) {
    return len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* True when only blanks stand between `at` and the end of the line; *ret_next is the start of the
 * next line. */
static bool is_line_end(const char *text, size_t len, size_t at, size_t *ret_next) {
    while (at < len && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r')) {
        at++;
    }
    *ret_next = at < len ? at + 1 : len;
    return at == len || text[at] == '\n';
}

static size_t next_line(const char *text, size_t len, size_t at) {
    const char *newline = memchr(text + at, '\n', len - at);
    return newline == NULL ? len : (size_t)(newline - text) + 1;
}

enum search { SEARCH_FOUND, SEARCH_NOTHING, SEARCH_BROKEN };

/* Looks at the line as the start of a document that fills whole lines. */
static enum search try_line(struct reader *r, size_t line, size_t *ret_after) {
    const char *text = r->scan.text;
    size_t len = r->scan.len;
    if (is_dry_document(r, line)) {
        return is_line_end(text, len, r->scan.at, ret_after) ? SEARCH_FOUND : SEARCH_NOTHING;
    }
    /* A document that goes wrong on a later line is broken; its inner lines must not pass for
     * documents. */
    return r->scan.fault.offset >= next_line(text, len, line) ? SEARCH_BROKEN : SEARCH_NOTHING;
}

/*
 * Finds the document between lines of noise. It starts at the left edge with one of the characters
 * of `starts`.
 */
static enum search find_between_noise(struct reader *r, const char *starts, size_t *ret_start,
                                      size_t *ret_after) {
    enum { MAX_TRIES = 64 }; /* each may look like the start of a long document */
    const char *text = r->scan.text;
    size_t len = r->scan.len;
    int n_tries = 0;
    for (size_t line = 0; line < len && n_tries < MAX_TRIES; line = next_line(text, len, line)) {
        if (text[line] == '\0' || strchr(starts, text[line]) == NULL) {
            continue;
        }
        n_tries++;
        enum search result = try_line(r, line, ret_after);
        if (result != SEARCH_NOTHING) {
            *ret_start = line;
            return result;
        }
    }
    return SEARCH_NOTHING;
}

/* The whole text is one document, or the fault says where it is not. */
static bool read_whole(struct reader *r, struct arena *a, const struct value **ret_value) {
    const struct value *v = NULL;
    r->scan.at = skip_bom(r->scan.text, r->scan.len);
    if (json_next(&r->scan) < 0) {
        return json_fail(&r->scan, "empty-document", 0, "the document is empty");
    }
    if (!read_document(r, r->scan.at, a, &v)) {
        return false;
    }
    if (json_next(&r->scan) >= 0) {
        return json_fail(&r->scan, "invalid-json", r->scan.at,
                         "expected the end of the text after the document");
    }
    *ret_value = v;
    return true;
}

/* What is wrong with the text as it is stays the fault to tell, unless a document is seen to be
 * broken. */
static bool read_between_noise(struct reader *r, struct arena *a, const struct value **ret_value,
                               struct json_noise *ret_noise) {
    struct json_fault whole = r->scan.fault;
    size_t start = 0;
    size_t after = 0;
    /* Lists and objects first: a line of noise may well be a number or a word by itself. */
    enum search result = find_between_noise(r, "{[", &start, &after);
    if (result == SEARCH_NOTHING) {
        result = find_between_noise(r, "\"-0123456789tfn", &start, &after);
    }
    if (result == SEARCH_NOTHING) {
        r->scan.fault = whole;
    }
    if (result != SEARCH_FOUND || !read_document(r, start, a, ret_value)) {
        return false;
    }
    *ret_noise = (struct json_noise){start, after, r->scan.len - after};
    return true;
}

static bool check_size(size_t len, struct err *err) {
    return len <= LIMIT_JSON_BYTES ||
           err_set(err, "too-large", "the document has %zu bytes: at most %zu are read", len,
                   LIMIT_JSON_BYTES);
}

static bool has_forbidden_duplicates(const struct reader *r, const struct json_options *options) {
    return options->duplicates == JSON_DUP_ERROR && r->converter->has_duplicates;
}

bool json_parse(struct arena *a, const char *text, size_t len, const struct json_options *options,
                const struct value **ret_value, struct json_noise *ret_noise, struct err *err) {
    if (!check_size(len, err)) {
        return false;
    }
    struct reader r;
    open_reader(&r, text, len, options);
    struct json_noise noise = {0, len, 0};
    const struct value *v = NULL;
    bool is_read = read_whole(&r, a, &v);
    if (!is_read && options->allow_noise && strcmp(r.scan.fault.kind, "too-large") != 0) {
        is_read = read_between_noise(&r, a, &v, &noise);
    }
    if (!is_read) {
        json_report(&r.scan, options, err);
    } else if (has_forbidden_duplicates(&r, options)) {
        is_read = json_report_duplicate(text, len, r.frames[0].start, options, err);
    } else {
        *ret_value = v;
        if (ret_noise != NULL) {
            *ret_noise = noise;
        }
    }
    close_reader(&r);
    return is_read;
}

bool json_parse_next(struct arena *a, const char *text, size_t len, size_t *pos,
                     const struct json_options *options, const struct value **ret_value,
                     struct err *err) {
    if (!check_size(len, err)) {
        return false;
    }
    struct reader r;
    open_reader(&r, text, len, options);
    r.scan.at = *pos == 0 ? skip_bom(text, len) : *pos;
    const struct value *v = NULL;
    bool is_read = true;
    if (json_next(&r.scan) >= 0) {
        is_read = read_document(&r, r.scan.at, a, &v);
    }
    if (!is_read) {
        json_report(&r.scan, options, err);
    } else if (v != NULL && has_forbidden_duplicates(&r, options)) {
        is_read = json_report_duplicate(text, len, r.frames[0].start, options, err);
    } else {
        *pos = r.scan.at;
        *ret_value = v;
    }
    close_reader(&r);
    return is_read;
}
