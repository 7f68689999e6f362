/*
 * The writer of JSON pieces. Text and numbers are written by value/json.c, so both make the same
 * bytes.
 */
#include "value/json_write.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "value/value.h"

struct json_writer json_writer(struct str *out, enum json_style style) {
    return (struct json_writer){.out = out, .style = style};
}

static void new_line(struct json_writer *w) {
    if (w->style == JSON_PRETTY) {
        str_add_char(w->out, '\n');
        str_add_repeat(w->out, ' ', (size_t)w->depth * 2);
    }
}

/* What stands between this piece and the one before it. */
static void separate(struct json_writer *w) {
    if (w->is_after_key) {
        w->is_after_key = false;
        return;
    }
    if (w->has_sibling) {
        str_add_char(w->out, ',');
    }
    if (w->depth > 0) {
        new_line(w);
    }
}

static void begin(struct json_writer *w, char bracket) {
    separate(w);
    str_add_char(w->out, bracket);
    w->depth++;
    w->has_sibling = false;
}

static void end(struct json_writer *w, char bracket) {
    w->depth--;
    if (w->has_sibling) {
        new_line(w);
    }
    str_add_char(w->out, bracket);
    w->has_sibling = true;
}

void json_begin_object(struct json_writer *w) {
    begin(w, '{');
}

void json_end_object(struct json_writer *w) {
    end(w, '}');
}

void json_begin_list(struct json_writer *w) {
    begin(w, '[');
}

void json_end_list(struct json_writer *w) {
    end(w, ']');
}

static void write_key(struct json_writer *w, const char *key, size_t len) {
    separate(w);
    json_print_string(w->out, key, len);
    str_add(w->out, w->style == JSON_PRETTY ? ": " : ":");
    w->is_after_key = true;
}

void json_key(struct json_writer *w, const char *key) {
    write_key(w, key, strlen(key));
}

void json_write_text(struct json_writer *w, const char *text) {
    separate(w);
    if (text == NULL) {
        str_add(w->out, "null");
    } else {
        json_print_string(w->out, text, strlen(text));
    }
    w->has_sibling = true;
}

static void write_int(struct json_writer *w, int64_t n) {
    separate(w);
    str_addf(w->out, "%" PRId64, n);
    w->has_sibling = true;
}

void json_write_uint(struct json_writer *w, uint64_t n) {
    separate(w);
    str_addf(w->out, "%" PRIu64, n);
    w->has_sibling = true;
}

static void write_bool(struct json_writer *w, bool b) {
    separate(w);
    str_add(w->out, b ? "true" : "false");
    w->has_sibling = true;
}

static void write_scalar(struct json_writer *w, const struct value *v) {
    separate(w);
    json_print(w->out, v, JSON_COMPACT);
    w->has_sibling = true;
}

static void write_value(struct json_writer *w, const struct value *v) {
    if (v == NULL) {
        json_write_text(w, NULL);
    } else if (v->type == VALUE_LIST) {
        json_begin_list(w);
        for (size_t i = 0; i < v->len; i++) {
            write_value(w, v->as.items[i]);
        }
        json_end_list(w);
    } else if (v->type == VALUE_OBJECT) {
        json_begin_object(w);
        for (size_t i = 0; i < v->len; i++) {
            const struct value_member *m = &v->as.members[i];
            write_key(w, m->key, m->key_len);
            write_value(w, m->value);
        }
        json_end_object(w);
    } else {
        write_scalar(w, v);
    }
}

void json_put_text(struct json_writer *w, const char *key, const char *text) {
    json_key(w, key);
    json_write_text(w, text);
}

void json_put_int(struct json_writer *w, const char *key, int64_t n) {
    json_key(w, key);
    write_int(w, n);
}

void json_put_uint(struct json_writer *w, const char *key, uint64_t n) {
    json_key(w, key);
    json_write_uint(w, n);
}

void json_put_bool(struct json_writer *w, const char *key, bool b) {
    json_key(w, key);
    write_bool(w, b);
}

void json_put_value(struct json_writer *w, const char *key, const struct value *v) {
    json_key(w, key);
    write_value(w, v);
}
