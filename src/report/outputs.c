/*
 * The outputs of the recipe for what comes after the run: JSON, shell variables, Java properties.
 *
 * An output that is secret is in none of them: a later stage that needs one must fetch it itself. What is no text is written as
 * JSON.
 */
#include "report/report.h"

#include <string.h>

#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "event/run_report.h"
#include "value/json.h"
#include "value/json_write.h"
#include "value/value.h"

static void add_text_of(struct str *out, const struct value *v) {
    if (v->type == VALUE_STRING) {
        str_add_bytes(out, v->as.text, v->len);
    } else if (v->type != VALUE_NULL) {
        json_print(out, v, JSON_COMPACT);
    }
}

/* The mark of a secret anywhere in it. */
static bool is_secret(const struct value *v) {
    AUTO(str) struct str text = STR_INIT(0);
    add_text_of(&text, v);
    return strstr(str_text(&text), MASK_TEXT) != NULL;
}

static uint32_t n_outputs(const struct run_report *r) {
    return r->outputs != NULL && r->outputs->type == VALUE_OBJECT ? r->outputs->len : 0;
}

void report_outputs_render(const struct run_report *r, struct str *out) {
    struct json_writer w = json_writer(out, JSON_PRETTY);
    json_begin_object(&w);
    for (uint32_t i = 0; i < n_outputs(r); i++) {
        const struct value_member *m = &r->outputs->as.members[i];
        if (!is_secret(m->value)) {
            json_put_value(&w, m->key, m->value);
        }
    }
    json_end_object(&w);
    str_add_char(out, '\n');
}

/* ---- shell ---- */

/* What is sourced must not be more than assignments: a journal from elsewhere may hold any name. */
static bool is_variable(const char *name) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    bool is_word = name[0] != '\0' && strspn(name, letters) == strlen(name);
    return is_word && (name[0] < '0' || name[0] > '9');
}

static void add_quoted(struct str *out, const char *text) {
    str_add_char(out, '\'');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'') {
            str_add(out, "'\\''");
        } else {
            str_add_char(out, *c);
        }
    }
    str_add_char(out, '\'');
}

void report_env_render(const struct run_report *r, struct str *out) {
    for (uint32_t i = 0; i < n_outputs(r); i++) {
        const struct value_member *m = &r->outputs->as.members[i];
        AUTO(str) struct str text = STR_INIT(0);
        if (!is_variable(m->key) || is_secret(m->value)) {
            continue;
        }
        add_text_of(&text, m->value);
        str_addf(out, "%s=", m->key);
        add_quoted(out, str_text(&text));
        str_add_char(out, '\n');
    }
}

/* ---- properties ---- */

/* UTF-16 as Java reads it: files of properties are Latin-1 for most readers, so only ASCII stands for itself. */
static void add_unit(struct str *out, unsigned cp) {
    if (cp >= 0x10000) {
        cp -= 0x10000;
        str_addf(out, "\\u%04X\\u%04X", 0xd800 + (cp >> 10U), 0xdc00 + (cp & 0x3ffU));
    } else {
        str_addf(out, "\\u%04X", cp);
    }
}

static void add_property_text(struct str *out, const char *text, size_t len, bool is_key) {
    for (size_t at = 0; at < len;) {
        unsigned cp = 0;
        bool is_first = at == 0;
        at += utf8_decode(text + at, len - at, &cp);
        if (cp < 0x20 || cp >= 0x7f) {
            add_unit(out, cp);
        } else if (cp == '\\' || (cp == ' ' && (is_key || is_first)) ||
                   (is_key && strchr(":=#!", (int)cp) != NULL)) {
            str_addf(out, "\\%c", (int)cp);
        } else {
            str_add_char(out, (char)cp);
        }
    }
}

void report_properties_render(const struct run_report *r, struct str *out) {
    for (uint32_t i = 0; i < n_outputs(r); i++) {
        const struct value_member *m = &r->outputs->as.members[i];
        AUTO(str) struct str text = STR_INIT(0);
        if (is_secret(m->value)) {
            continue;
        }
        add_text_of(&text, m->value);
        add_property_text(out, m->key, m->key_len, true);
        str_add_char(out, '=');
        add_property_text(out, str_text(&text), text.len, false);
        str_add_char(out, '\n');
    }
}
