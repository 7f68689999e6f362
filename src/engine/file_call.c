/*
 * `read` and `write`: local files as data, without a child.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "expr/template.h"
#include "extract/extract.h"
#include "maxima.h"
#include "value/json.h"
#include "value/yaml.h"

static bool text_of(struct inst *in, const struct template *t, struct str *out, const char *what,
                    struct err *err) {
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    return template_eval_text(t, &ev.run, &in->act->scratch, out, err) || err_wrap(err, "%s", what);
}

/* A list of column names. */
static bool names_of(struct inst *in, const struct template_tree *t, const char *what,
                     const char *const **ret_names, size_t *ret_n, struct err *err) {
    if (t == NULL) {
        return true;
    }
    struct arena *a = &in->act->scratch;
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    const struct value *v = NULL;
    if (!template_tree_eval(t, &ev.run, a, &v, err)) {
        return err_wrap(err, "%s", what);
    }
    if (v->type == VALUE_NULL) {
        return true;
    }
    const char **names = arena_alloc(a, (v->len + 1) * sizeof *names);
    for (uint32_t i = 0; v->type == VALUE_LIST && i < v->len; i++) {
        names[i] = value_text(v->as.items[i]);
        if (names[i] == NULL) {
            return err_set(err, "invalid-type", "%s: expected column names, found %s", what,
                           value_type_name(v->as.items[i]));
        }
    }
    if (v->type != VALUE_LIST) {
        return err_set(err, "invalid-type", "%s: expected a list of column names, found %s", what,
                       value_type_name(v));
    }
    *ret_names = names;
    *ret_n = v->len;
    return true;
}

/* "1500:", or a number n from a template: row n and on. */
static bool rows_of(struct inst *in, const struct template *t, struct extract_csv *csv,
                    struct err *err) {
    if (t == NULL) {
        return true;
    }
    AUTO(str) struct str text = STR_INIT(256);
    if (!text_of(in, t, &text, "rows", err)) {
        return false;
    }
    if (strchr(str_text(&text), ':') == NULL) {
        str_add_char(&text, ':');
    }
    return extract_parse_rows(str_text(&text), &csv->first_row, &csv->last_row, err);
}

static bool read_run(struct inst *in, const struct read_call *r, const struct value **ret_result,
                     struct err *err) {
    struct extract_spec spec = {.format = (enum extract_format)r->format};
    spec.csv.no_header = r->no_header;
    spec.csv.types = r->types_text ? EXTRACT_TYPES_TEXT : EXTRACT_TYPES_AUTO;
    AUTO(str) struct str path = STR_INIT(LIMIT_MESSAGE);
    AUTO(str) struct str separator = STR_INIT(16);
    if (!text_of(in, r->file, &path, "file", err) || !rows_of(in, r->rows, &spec.csv, err) ||
        !names_of(in, r->columns, "columns", &spec.csv.columns, &spec.csv.n_columns, err) ||
        !names_of(in, r->drop, "drop", &spec.csv.drop, &spec.csv.n_drop, err)) {
        return false;
    }
    if (r->separator != NULL) {
        if (!text_of(in, r->separator, &separator, "separator", err)) {
            return false;
        }
        if (separator.len != 1) {
            return err_set(err, "invalid-value",
                           "separator: one character was expected, found '%s'",
                           str_text(&separator));
        }
        spec.csv.separator = separator.data[0];
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_FILE_BYTES);
    if (!file_read(str_text(&path), LIMIT_FILE_BYTES, &text, err)) {
        return false;
    }
    spec.name = arena_strdup(&in->act->scratch, str_text(&path));
    struct extract_note note = {0};
    if (!extract_value(&in->act->scratch, str_text(&text), text.len, &spec, ret_result, &note,
                       err)) {
        return false;
    }
    if (spec.format == EXTRACT_JSON || spec.format == EXTRACT_YAML) {
        credentials_register(in, *ret_result);
    }
    return true;
}

static bool write_run(struct inst *in, const struct write_call *w, const struct value **ret_result,
                      struct err *err) {
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    const struct value *v = NULL;
    AUTO(str) struct str path = STR_INIT(LIMIT_MESSAGE);
    AUTO(str) struct str text = STR_INIT(LIMIT_FILE_BYTES);
    if (!text_of(in, w->file, &path, "file", err) ||
        !template_tree_eval(w->content, &ev.run, &in->act->scratch, &v, err)) {
        return false;
    }
    switch (w->kind) {
    case WRITE_JSON:
        json_print(&text, v, JSON_PRETTY);
        str_add_char(&text, '\n');
        break;
    case WRITE_YAML:
        yaml_print(&text, v);
        break;
    case WRITE_CSV:
        if (!extract_print_csv(&text, v, ',', err)) {
            return false;
        }
        break;
    case WRITE_TEXT:
        if (v->type != VALUE_STRING) {
            return err_set(err, "invalid-type", "text: expected a string, found %s",
                           value_type_name(v));
        }
        str_add_bytes(&text, v->as.text, v->len);
        break;
    }
    if (!cmdline_check_whole(&text, "the content", err)) {
        return false;
    }
    if (!file_write_atomic(str_text(&path), str_text(&text), text.len, w->mode, err)) {
        return false;
    }
    struct object_builder b;
    object_begin(&b, &in->act->scratch);
    object_put_c(&b, "file", value_string(&in->act->scratch, str_text(&path), path.len));
    object_put_c(&b, "bytes", value_int(&in->act->scratch, (int64_t)text.len));
    *ret_result = object_end(&b);
    return true;
}

bool file_call_run(struct inst *in, const struct call *call, const struct value **ret_result,
                   struct err *err) {
    bool is_fine = call->kind == CALL_READ ? read_run(in, call->read, ret_result, err)
                                           : write_run(in, call->write, ret_result, err);
    return is_fine || err_at(err, call->place, NULL);
}
