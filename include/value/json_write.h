/*
 * Writing JSON piece by piece, for documents that are not a value: reports, event lines.
 *
 *   struct json_writer w = json_writer(&out, JSON_PRETTY);
 *   json_begin_object(&w);
 *   json_put_text(&w, "name", step->name);       // NULL writes null
 *   json_put_value(&w, "outputs", step->outputs);
 *   json_key(&w, "names");
 *   json_begin_list(&w);
 *   json_write_text(&w, name);
 *   json_end_list(&w);
 *   json_end_object(&w);
 *
 * The writer sets commas, line ends and indentation; that begins and ends match, and that a key
 * stands before each value of an object, is the caller's part. Text must be valid UTF-8.
 */
#ifndef VALUE_JSON_WRITE_H
#define VALUE_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "value/json.h"

struct json_writer {
    struct str *out;
    enum json_style style;
    unsigned depth;
    bool has_sibling; /* something stands before in this object or list */
    bool is_after_key;
};

struct json_writer json_writer(struct str *out, enum json_style style);
void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_list(struct json_writer *w);
void json_end_list(struct json_writer *w);
/* Before the value of a member that json_put_…() cannot write in one go. */
void json_key(struct json_writer *w, const char *key);

/* An element of a list, or the value behind json_key(). */
void json_write_text(struct json_writer *w, const char *text);
void json_write_uint(struct json_writer *w, uint64_t n);

/* A member of an object. NULL writes null. */
void json_put_text(struct json_writer *w, const char *key, const char *text);
void json_put_int(struct json_writer *w, const char *key, int64_t n);
void json_put_uint(struct json_writer *w, const char *key, uint64_t n);
void json_put_bool(struct json_writer *w, const char *key, bool b);
void json_put_value(struct json_writer *w, const char *key, const struct value *v);

#endif
