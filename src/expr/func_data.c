/* Functions between text and data: JSON, YAML, CSV, base64, URLs. */
#include "functions_priv.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "eval_priv.h"
#include "maxima.h"
#include "value/csv.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

#include <string.h>

static const struct value *json_text(struct call *c, const struct value *v) {
    if (!eval_charge_value(c->ev, c->node, v)) {
        return NULL;
    }
    AUTO(str) struct str out = STR_INIT(LIMIT_EXPR_RESULT);
    json_print(&out, v, JSON_COMPACT);
    if (!eval_room(c->ev, c->node, out.len + out.is_over)) {
        return NULL;
    }
    return value_string(c->ev->arena, str_text(&out), out.len);
}

const struct value *fn_to_json(struct call *c) {
    return json_text(c, c->args[0].value);
}

const struct value *fn_to_string(struct call *c) {
    const struct value *v = c->args[0].value;
    if (v->type == VALUE_STRING) {
        return v;
    }
    int64_t n = 0;
    if (v->type == VALUE_NUMBER && value_as_i64(v, &n)) {
        v = value_int(c->ev->arena, n); /* 1.0 and 1e3 as 1 and 1000 */
    }
    return json_text(c, v);
}

/* An error of a parser inside: its place is a line of the text, which the message keeps. */
static const struct value *fail_inner(struct call *c, const struct err *inner) {
    const char *message = inner->message ? inner->message : "";
    if (inner->place.line == 0) {
        return call_fail(c, 0, "invalid-value", "%s", message);
    }
    return call_fail(c, 0, "invalid-value", "line %u, column %u: %s", inner->place.line,
                     inner->place.col, message);
}

/* What a document may take in the arena, with its nodes. */
static bool document_room(struct call *c, const struct value *text) {
    return eval_charge(c->ev, c->node, text->len) &&
           eval_room(c->ev, c->node, 8 * (size_t)text->len);
}

const struct value *fn_parse_json(struct call *c) {
    const struct value *text = c->args[0].value;
    if (!document_room(c, text)) {
        return NULL;
    }
    const struct value *v = NULL;
    AUTO(err) struct err inner = ERR_INIT;
    struct json_options options = {.duplicates = JSON_DUP_LAST};
    bool ok = json_parse(c->ev->arena, text->as.text, text->len, &options, &v, NULL, &inner);
    return ok ? v : fail_inner(c, &inner);
}

const struct value *fn_parse_yaml(struct call *c) {
    const struct value *text = c->args[0].value;
    if (!document_room(c, text)) {
        return NULL;
    }
    const struct value *v = NULL;
    AUTO(err) struct err inner = ERR_INIT;
    struct yaml_options options = {.name = NULL};
    bool ok = yaml_parse(c->ev->arena, text->as.text, text->len, &options, &v, &inner);
    return ok ? v : fail_inner(c, &inner);
}

/* ---- CSV ------------------------------------------------------------------------------------- */

struct csv_table {
    struct call *call;
    const struct value *header; /* list of names, NULL before the first row */
    struct list_builder rows;
    struct err *err;
};

static const struct value *row_names(struct csv_table *t, const struct csv_row *row) {
    struct list_builder names;
    list_begin(&names, t->call->ev->arena);
    for (size_t i = 0; i < row->n_cells; i++) {
        list_add(&names, value_string(t->call->ev->arena, row->cells[i].text, row->cells[i].len));
    }
    return list_end(&names);
}

static bool add_row(const struct csv_row *row, void *ctx) {
    struct csv_table *t = ctx;
    struct eval *ev = t->call->ev;
    if (row->n_cells == 0) {
        return true;
    }
    if (!t->header) {
        t->header = row_names(t, row);
        return true;
    }
    if (row->n_cells != t->header->len) {
        return err_set(t->err, "invalid-csv", "line %u has %zu cells, the header %u", row->line,
                       row->n_cells, t->header->len);
    }
    if (!eval_room(ev, t->call->node, 0)) {
        return false;
    }
    struct object_builder object;
    object_begin(&object, ev->arena);
    for (size_t i = 0; i < row->n_cells; i++) {
        const struct value *name = t->header->as.items[i];
        object_put(&object, name->as.text, name->len,
                   value_string(ev->arena, row->cells[i].text, row->cells[i].len));
    }
    list_add(&t->rows, object_end(&object));
    return true;
}

const struct value *fn_parse_csv(struct call *c) {
    const struct value *text = c->args[0].value;
    struct csv_options options = {.separator = ','};
    if (c->n_args > 1) {
        const struct value *separator = c->args[1].value;
        if (separator->len != 1 || strchr("\"\r\n", separator->as.text[0]) != NULL) {
            return call_fail(c, 1, "invalid-value", "argument 2 must be a single ASCII character");
        }
        options.separator = separator->as.text[0];
    }
    if (!document_room(c, text)) {
        return NULL;
    }
    AUTO(err) struct err inner = ERR_INIT;
    struct csv_table table = {.call = c, .err = &inner};
    list_begin(&table.rows, c->ev->arena);
    if (!csv_read(text->as.text, text->len, &options, add_row, &table, &inner)) {
        return fail_inner(c, &inner);
    }
    return c->ev->err->kind ? NULL : list_end(&table.rows);
}

/* ---- base64 and URLs ------------------------------------------------------------------------- */

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const struct value *fn_base64(struct call *c) {
    const struct value *text = c->args[0].value;
    const unsigned char *in = (const unsigned char *)text->as.text;
    size_t len = ((size_t)text->len + 2) / 3 * 4;
    if (!eval_charge(c->ev, c->node, text->len / 16) || !eval_room(c->ev, c->node, len)) {
        return NULL;
    }
    char *out = arena_alloc(c->ev->arena, len + 1);
    char *to = out;
    for (size_t i = 0; i < text->len; i += 3) {
        size_t n = text->len - i < 3 ? text->len - i : 3;
        unsigned bits = (unsigned)in[i] << 16;
        bits |= n > 1 ? (unsigned)in[i + 1] << 8 : 0;
        bits |= n > 2 ? in[i + 2] : 0;
        *to++ = base64_digits[bits >> 18];
        *to++ = base64_digits[bits >> 12 & 63];
        *to++ = n > 1 ? base64_digits[bits >> 6 & 63] : '=';
        *to++ = n > 2 ? base64_digits[bits & 63] : '=';
    }
    *to = '\0';
    return value_string_keep(c->ev->arena, out, len);
}

/* Also the digits of the URL alphabet, for tokens are written in it. */
static int base64_value(char digit) {
    if (digit == '-') {
        return 62;
    }
    if (digit == '_') {
        return 63;
    }
    const char *at = digit == '\0' ? NULL : strchr(base64_digits, digit);
    return at ? (int)(at - base64_digits) : -1;
}

const struct value *fn_base64_decode(struct call *c) {
    const struct value *text = c->args[0].value;
    if (!eval_charge(c->ev, c->node, text->len) || !eval_room(c->ev, c->node, text->len)) {
        return NULL;
    }
    size_t end = text->len;
    while (end > 0 && text->len - end < 2 && text->as.text[end - 1] == '=') {
        end--;
    }
    char *out = arena_alloc(c->ev->arena, (size_t)text->len + 1);
    size_t len = 0;
    unsigned bits = 0;
    unsigned n_bits = 0;
    size_t n_digits = 0;
    for (size_t i = 0; i < end; i++) {
        char digit = text->as.text[i];
        if (digit == '\n' || digit == '\r') {
            continue; /* MIME breaks lines */
        }
        int value = base64_value(digit);
        if (value < 0) {
            return call_fail(c, 0, "invalid-value", "not base64 at character %zu", i + 1);
        }
        n_digits++;
        bits = (bits << 6 | (unsigned)value) & 0xFFFF;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            out[len++] = (char)(bits >> n_bits & 0xFF);
        }
    }
    if (n_digits % 4 == 1) {
        return call_fail(c, 0, "invalid-value", "not base64: the last character is alone");
    }
    out[len] = '\0';
    if (!utf8_is_valid(out, len)) {
        return call_fail(c, 0, "invalid-value", "the decoded bytes are not UTF-8 text");
    }
    return value_string_keep(c->ev->arena, out, len);
}

static bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

const struct value *fn_url_encode(struct call *c) {
    static const char digits[] = "0123456789ABCDEF";
    const struct value *text = c->args[0].value;
    if (!eval_charge(c->ev, c->node, text->len) ||
        !eval_room(c->ev, c->node, 3 * (size_t)text->len)) {
        return NULL;
    }
    char *out = arena_alloc(c->ev->arena, 3 * (size_t)text->len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text->len; i++) {
        char byte = text->as.text[i];
        if (is_unreserved(byte)) {
            out[len++] = byte;
            continue;
        }
        out[len++] = '%';
        out[len++] = digits[(unsigned char)byte >> 4];
        out[len++] = digits[(unsigned char)byte & 15];
    }
    out[len] = '\0';
    return value_string_keep(c->ev->arena, out, len);
}
