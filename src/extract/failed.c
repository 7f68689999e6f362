/*
 * The decisive lines of a failure. Each finder looks for one thing and appends what it says; the first that finds
 * something wins. Order: a JSON body is the most exact, an HTML page would make a bad table.
 */
#include "extract/failed.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "extract/extract.h"
#include "lines_priv.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

#define LOOK_BYTES  (64 * KIB)
#define MAX_ENTRIES 3 /* of a list of errors */
#define MAX_LINES   5 /* of plain text below FAILED */

static bool add_part(struct str *out, const char *text) {
    if (text == NULL || text[0] == '\0') {
        return false;
    }
    str_add(out, text);
    return true;
}

static const char *first_text(const struct value *object, const char *const *keys) {
    for (; *keys != NULL; keys++) {
        const char *text = value_text(value_get(object, *keys));
        if (text != NULL && text[0] != '\0') {
            return text;
        }
    }
    return NULL;
}

/* "code: message", as far as the object has them. */
static bool add_entry(const struct value *entry, struct str *out) {
    static const char *const codes[] = {"code", "messageCode", "error_code", "Code", NULL};
    static const char *const messages[] = {"message", "description", "reason", "detail",
                                           "error",   "Message",     NULL};
    if (entry->type == VALUE_STRING) {
        return add_part(out, entry->as.text);
    }
    const char *code = first_text(entry, codes);
    const char *message = first_text(entry, messages);
    if (code == NULL && message == NULL) {
        return false;
    }
    str_addf(out, "%s%s%s", code != NULL ? code : "", code != NULL && message != NULL ? ": " : "",
             message != NULL ? message : "");
    return true;
}

static bool add_entries(const struct value *list, struct str *out) {
    bool has_any = false;
    for (uint32_t i = 0; i < list->len && i < MAX_ENTRIES; i++) {
        size_t before = out->len;
        if (has_any) {
            str_add_char(out, '\n');
        }
        if (add_entry(list->as.items[i], out)) {
            has_any = true;
        } else {
            str_cut(out, before);
        }
    }
    return has_any;
}

/* {errors: [{code, message}]}, {error: {…}}, {message: …}, or a list of such entries. */
static bool add_body(const struct value *body, struct str *out) {
    if (body->type == VALUE_LIST) {
        return add_entries(body, out);
    }
    const struct value *errors = value_get(body, "errors");
    if (errors != NULL && errors->type == VALUE_LIST && add_entries(errors, out)) {
        return true;
    }
    const struct value *error = value_get(body, "error");
    if (error != NULL && error->type == VALUE_OBJECT && add_entry(error, out)) {
        return true;
    }
    return body->type == VALUE_OBJECT && add_entry(body, out);
}

static bool find_json(const char *text, size_t len, struct str *out) {
    if (memchr(text, '{', len) == NULL) {
        return false;
    }
    struct arena arena = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct json_options options = {.allow_noise = true};
    const struct value *body = NULL;
    bool is_found =
        json_parse(&arena, text, len, &options, &body, NULL, &err) && add_body(body, out);
    arena_release(&arena);
    return is_found;
}

/* Text between <title> and </title>, blanks folded. */
static bool find_html_title(const char *text, size_t len, struct str *out) {
    const char *start = strcasestr(text, "<title>");
    const char *end = start != NULL ? strcasestr(start, "</title>") : NULL;
    (void)len;
    if (end == NULL) {
        return false;
    }
    size_t before = out->len;
    for (const char *p = start + strlen("<title>"); p < end; p++) {
        bool is_blank = strchr(" \t\r\n", *p) != NULL;
        if (!is_blank) {
            str_add_char(out, *p);
        } else if (out->len > before && out->data[out->len - 1] != ' ') {
            str_add_char(out, ' ');
        }
    }
    while (out->len > before && out->data[out->len - 1] == ' ') {
        str_cut(out, out->len - 1);
    }
    return out->len > before;
}

static bool add_lines(const struct lines *lines, struct str *out) {
    size_t n = 0;
    for (size_t i = lines->first; i < lines->end && n < MAX_LINES; i++) {
        const struct line *line = &lines->items[i];
        if (line->len > 0) {
            str_addf(out, "%s%s", n > 0 ? "\n" : "", line->text);
            n++;
        }
    }
    return n > 0;
}

/* Index of the line FAILED, or lines->end. */
static size_t find_failed_line(const struct lines *lines) {
    size_t i = lines->first;
    while (i < lines->end && strcmp(lines->items[i].text, "FAILED") != 0) {
        i++;
    }
    return i;
}

/* The raw text behind line number `number`. */
static const char *behind_line(const char *text, unsigned number) {
    for (; number > 0 && text != NULL; number--) {
        const char *newline = strchr(text, '\n');
        text = newline != NULL ? newline + 1 : NULL;
    }
    return text != NULL ? text : "";
}

/* The body below FAILED: a table of errors, or text. */
static bool find_failed(struct arena *a, const char *text, size_t len, struct str *out) {
    AUTO(err) struct err err = ERR_INIT;
    struct lines lines;
    if (!lines_read(a, text, len, "stderr", &lines, &err)) {
        return false;
    }
    size_t failed = find_failed_line(&lines);
    if (failed == lines.end) {
        return false;
    }
    const char *below = behind_line(text, lines.items[failed].number);
    struct extract_spec spec = {.format = EXTRACT_TABLE, .name = "stderr"};
    const struct value *body = NULL;
    if (extract_value(a, below, strlen(below), &spec, &body, NULL, &err) && add_body(body, out)) {
        return true;
    }
    struct peeled around;
    lines.first = failed + 1;
    lines_peel(&lines, &around);
    return add_lines(&lines, out);
}

static bool is_error_line(const struct line *line) {
    static const char *const starts[] = {
        "Error:", "error:", "ERROR:", "[ERROR]", "fatal:", "FATAL:"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (str_starts(line->text, starts[i])) {
            return true;
        }
    }
    return false;
}

static bool find_error_line(struct arena *a, const char *text, size_t len, struct str *out) {
    AUTO(err) struct err err = ERR_INIT;
    struct lines lines;
    if (!lines_read(a, text, len, "stderr", &lines, &err)) {
        return false;
    }
    for (size_t i = lines.first; i < lines.end; i++) {
        if (is_error_line(&lines.items[i])) {
            return add_part(out, lines.items[i].text);
        }
    }
    return false;
}

static bool find_message(const char *text, size_t len, struct str *out) {
    if (find_json(text, len, out) || find_html_title(text, len, out)) {
        return true;
    }
    struct arena arena = ARENA_INIT(0);
    bool is_found = find_failed(&arena, text, len, out) || find_error_line(&arena, text, len, out);
    arena_release(&arena);
    return is_found;
}

bool extract_failure_message(const char *bytes, size_t len, struct str *out) {
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str message = STR_INIT(LIMIT_MESSAGE);
    size_t head = len < LOOK_BYTES ? len : LOOK_BYTES;
    size_t tail = len - head < LOOK_BYTES ? len - head : LOOK_BYTES;
    str_add_bytes(&text, bytes, head);
    if (head + tail < len) {
        str_add_char(&text, '\n');
    }
    str_add_bytes(&text, bytes + len - tail, tail);
    if (!find_message(str_text(&text), text.len, &message)) {
        return false;
    }
    size_t before = out->len;
    utf8_add_safe(out, str_text(&message), message.len);
    return out->len > before;
}
