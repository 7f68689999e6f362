/*
 * Where in a JSON text something is wrong: offsets become line and column, duplicate keys are
 * looked up again. Runs only on the way to an error, so it may read the text once more.
 */
#include "json_priv.h"

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "maxima.h"
#include "value/json.h"

#include <string.h>

enum {
    MAX_SOURCE_LINE = 4096
}; /* minified documents are one line of megabytes: then only line:col */

size_t json_max_depth(const struct json_options *options) {
    bool is_given = options->max_depth > 0 && options->max_depth < LIMIT_JSON_DEPTH;
    return is_given ? options->max_depth : LIMIT_JSON_DEPTH;
}

static const char *document_name(const struct json_options *options) {
    return options->name == NULL ? "<json>" : options->name;
}

/* Gives the error the place of `offset`. */
static bool at_offset(struct err *err, const char *text, size_t len, size_t offset,
                      const struct json_options *options) {
    struct place place = {.file = document_name(options), .line = 1};
    size_t line_start = 0;
    for (;;) {
        const char *newline = memchr(text + line_start, '\n', offset - line_start);
        if (newline == NULL) {
            break;
        }
        line_start = (size_t)(newline - text) + 1;
        place.line++;
    }
    place.col = (unsigned)utf8_count(text + line_start, offset - line_start) + 1;
    const char *end = memchr(text + line_start, '\n', len - line_start);
    size_t line_len = (end == NULL ? len : (size_t)(end - text)) - line_start;
    if (line_len > MAX_SOURCE_LINE) {
        return err_at(err, place, NULL);
    }
    char *line = mem_strndup(text + line_start, line_len);
    err_at(err, place, line);
    mem_free(line);
    return false;
}

/* "…, found 'x'" for messages that expect something. */
static void add_found(struct str *out, const struct json_scan *s) {
    size_t offset = s->fault.offset;
    if (offset >= s->len) {
        str_add(out, ", found the end of the text");
        return;
    }
    unsigned cp = 0;
    size_t n = utf8_decode(s->text + offset, s->len - offset, &cp);
    if (cp < 0x20 || cp == 0x7F || (n == 1 && cp == 0xFFFD)) {
        str_addf(out, ", found byte 0x%02x", (unsigned char)s->text[offset]);
    } else {
        str_addf(out, ", found '%.*s'", (int)n, s->text + offset);
    }
}

bool json_report(const struct json_scan *s, const struct json_options *options, struct err *err) {
    AUTO(str) struct str what = STR_INIT(0);
    if (strcmp(s->fault.kind, "too-deep") == 0) {
        str_addf(&what, "more than %zu levels of nesting", json_max_depth(options));
    } else {
        str_add(&what, s->fault.what);
    }
    if (str_starts(str_text(&what), "expected") || str_ends(str_text(&what), "must end here")) {
        add_found(&what, s);
    }
    err_set(err, s->fault.kind, "%s", str_text(&what));
    return at_offset(err, s->text, s->len, s->fault.offset, options);
}

struct duplicate {
    size_t first;
    size_t second;
    char *key; /* heap */
};

static bool find_duplicate(struct json_scan *s, struct duplicate *ret_duplicate);

static size_t scan_key(struct json_scan *s, struct str *ret_key) {
    bool has_nul = false;
    (void)json_next(s); /* the document is known to be valid: what follows is there */
    size_t start = s->at;
    (void)json_scan_string(s, &has_nul);
    str_reset(ret_key);
    json_decode_string(ret_key, s->text + start, s->at - start);
    (void)json_next(s);
    s->at++; /* the colon */
    return start;
}

static bool find_in_object(struct json_scan *s, struct duplicate *ret_duplicate) {
    struct map starts = MAP_INIT; /* key -> pointer into the text */
    AUTO(str) struct str key = STR_INIT(0);
    bool is_found = false;
    s->at++;
    while (!is_found && json_next(s) != '}') {
        size_t start = scan_key(s, &key);
        char *mark = mem_alloc(sizeof start);
        memcpy(mark, &start, sizeof start);
        char *before = map_put_len(&starts, str_text(&key), key.len, mark);
        if (before != NULL) {
            memcpy(&ret_duplicate->first, before, sizeof start);
            ret_duplicate->second = start;
            ret_duplicate->key = mem_strdup(str_text(&key));
            mem_free(before);
            is_found = true;
        }
        is_found = is_found || find_duplicate(s, ret_duplicate);
        if (!is_found && json_next(s) == ',') {
            s->at++;
        }
    }
    s->at++;
    for (size_t i = 0; i < starts.n_entries; i++) {
        mem_free(starts.entries[i].value);
    }
    map_release(&starts);
    return is_found;
}

static bool find_in_list(struct json_scan *s, struct duplicate *ret_duplicate) {
    s->at++;
    while (json_next(s) != ']') {
        if (find_duplicate(s, ret_duplicate)) {
            return true;
        }
        if (json_next(s) == ',') {
            s->at++;
        }
    }
    s->at++;
    return false;
}

/* Looks into the value at s->at and moves behind it. */
static bool find_duplicate(struct json_scan *s, struct duplicate *ret_duplicate) {
    bool has_nul = false;
    switch (json_next(s)) {
    case '{':
        return find_in_object(s, ret_duplicate);
    case '[':
        return find_in_list(s, ret_duplicate);
    case '"':
        (void)json_scan_string(s, &has_nul); /* valid, as all that follows */
        return false;
    case 't':
    case 'f':
    case 'n':
        (void)json_scan_word(s);
        return false;
    default:
        (void)json_scan_number(s);
        return false;
    }
}

bool json_report_duplicate(const char *text, size_t len, size_t start,
                           const struct json_options *options, struct err *err) {
    struct json_scan s = {.text = text, .len = len, .at = start};
    struct duplicate duplicate = {.key = NULL};
    if (!find_duplicate(&s, &duplicate)) {
        bug("json: a duplicate key was seen but is not there");
    }
    struct err first = ERR_INIT;
    err_set(&first, "duplicate-key", "first");
    at_offset(&first, text, len, duplicate.first, options);
    err_set(err, "duplicate-key", "key '%s' stands twice: first at %u:%u", duplicate.key,
            first.place.line, first.place.col);
    err_release(&first);
    mem_free(duplicate.key);
    return at_offset(err, text, len, duplicate.second, options);
}
