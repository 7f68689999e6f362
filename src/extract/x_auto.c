/*
 * output: auto. The first line that is not noise decides, by marks that only one format has:
 *
 *   { or [                      JSON
 *   "…", a number, true … alone JSON; any other line alone is a text, as --raw-output prints it
 *   --- or `- …` or `key: …`    YAML (Go's writer puts exactly one blank behind a key's colon)
 *   names between | over ---    dsjob's table
 *   two or more fields with gaps of three blanks, or a blank line before   cpdctl's table
 *
 * What has none of these marks is an error that names the formats which could read it, because a list of names under one
 * header and a text of several lines look the same.
 */
#include "extract_priv.h"

#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "lines_priv.h"
#include "table_priv.h"

static bool is_word(const struct line *line, const char *word) {
    return line->len == strlen(word) && memcmp(line->text, word, line->len) == 0;
}

/* A line on its own that is a JSON scalar. */
static bool is_json_scalar(const struct line *line) {
    return line->text[0] == '"' || is_word(line, "null") || is_word(line, "true") ||
           is_word(line, "false") || num_is_json(line->text, line->len);
}

/* A key with its colon at the end of the line, or with exactly one blank behind the colon. */
static bool is_yaml_key(const struct line *line) {
    size_t len = line_field_len(line, 0);
    for (size_t i = 1; i < len; i++) {
        if (line->text[i] != ':') {
            continue;
        }
        if (i + 1 == line->len ||
            (i + 2 < len && line->text[i + 1] == ' ' && line->text[i + 2] != ' ')) {
            return true;
        }
    }
    return false;
}

static bool is_yaml(const struct line *line) {
    static const char *const marks[] = {"---", "-", "|", "|-", "|+", "|2", "|2-", "|2+", ">", ">-"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (is_word(line, marks[i])) {
            return true;
        }
    }
    return str_starts(line->text, "- ") || str_starts(line->text, "--- ") || is_yaml_key(line);
}

static bool is_table(const struct body *body) {
    struct line both[2] = {body->first};
    struct lines lines = {both, 0, 1, NULL};
    if (body->second != NULL) {
        both[1] = *body->second;
        lines.end = 2;
    }
    return body->follows_blank || table_is_pipes(&lines) ||
           line_field_len(&body->first, 0) < body->first.len;
}

static bool fail_unknown(const struct extract_spec *spec, const struct body *body,
                         struct err *err) {
    err_set(err, "unexpected-output", "%s is neither JSON nor YAML nor a table", spec->name);
    err_hint(err, "say what it is: output: lines, text, or a regex");
    struct place place = {spec->name, body->n_lines_before + 1, 1};
    return err_at(err, place, body->first.text);
}

/* The reader that the marks ask for; NULL when there is no mark. */
static extract_reader_fn choose(const struct body *body) {
    const struct line *first = &body->first;
    if (body->len == 0 || body->is_failed || is_word(first, "Nothing to show.")) {
        return x_table; /* knows what `OK`, `FAILED` and silence mean */
    }
    if (first->text[0] == '{' || first->text[0] == '[') {
        return x_json;
    }
    if (body->follows_blank) {
        return x_table;
    }
    if (is_yaml(first)) {
        return x_yaml;
    }
    if (is_table(body)) {
        return x_table;
    }
    if (body->second == NULL) {
        return is_json_scalar(first) ? x_json : x_text;
    }
    return NULL;
}

bool x_auto(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
            const struct value **ret_value, struct extract_note *note, struct err *err) {
    struct body body;
    if (!lines_find_body(a, bytes, len, &body)) {
        return extract_fail_too_large(spec, len, err);
    }
    extract_reader_fn reader = choose(&body);
    if (reader == NULL) {
        return fail_unknown(spec, &body, err);
    }
    if (reader == x_text) {
        return x_text(a, body.first.text, body.first.len, spec, ret_value, note, err);
    }
    return reader(a, bytes, len, spec, ret_value, note, err);
}
