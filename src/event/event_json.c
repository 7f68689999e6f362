/*
 * Events to JSON and back, by the tables in fields.c.
 */
#include "event/event_json.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/utf8.h"
#include "fields_priv.h"
#include "value/json_write.h"
#include "value/value.h"

/* ---- writing ---- */

static void write_int(struct json_writer *w, const struct event_field *f, int64_t n) {
    if (f->none == FIELD_ALWAYS || n != f->none) {
        json_put_int(w, f->name, n);
    }
}

static void write_field(struct json_writer *w, const struct event_field *f, const void *record) {
    const void *slot = (const char *)record + f->offset;
    switch (f->type) {
    case FIELD_WORD:
    case FIELD_TEXT:
        if (*(const char *const *)slot != NULL) {
            json_put_text(w, f->name, *(const char *const *)slot);
        }
        break;
    case FIELD_VALUE:
    case FIELD_WORDS:
        if (*(const struct value *const *)slot != NULL) {
            json_put_value(w, f->name, *(const struct value *const *)slot);
        }
        break;
    case FIELD_HIDDEN:
        break;
    case FIELD_BOOL:
        if (*(const bool *)slot) {
            json_put_bool(w, f->name, true);
        }
        break;
    case FIELD_INT:
        write_int(w, f, *(const int *)slot);
        break;
    case FIELD_UNSIGNED:
        write_int(w, f, *(const unsigned *)slot);
        break;
    case FIELD_I64:
        write_int(w, f, *(const int64_t *)slot);
        break;
    case FIELD_U64:
        json_put_uint(w, f->name, *(const uint64_t *)slot);
        break;
    case FIELD_ENUM:
        json_put_text(w, f->name, f->names[*(const int *)slot]);
        break;
    }
}

static void write_fields(struct json_writer *w, const struct event_fields *fields,
                         const void *record) {
    for (size_t i = 0; i < fields->n; i++) {
        write_field(w, &fields->fields[i], record);
    }
}

static void write_step(struct json_writer *w, const struct event_step *step, bool is_whole) {
    json_key(w, "step");
    json_begin_object(w);
    if (is_whole) {
        write_fields(w, &event_step_fields, step);
    } else {
        json_put_int(w, "index", step->index);
        json_put_text(w, "id", step->id);
    }
    json_end_object(w);
}

/* Text of a kind that should have been made safe before it came here must not make the line unreadable. */
static void repair(struct str *out, size_t start) {
    size_t len = out->len - start;
    if (len == 0 || utf8_is_valid(out->data + start, len)) {
        return;
    }
    AUTO(str) struct str safe = STR_INIT(out->max);
    utf8_add_safe(&safe, out->data + start, len);
    str_cut(out, start);
    str_add_bytes(out, str_text(&safe), safe.len);
}

void event_json_members(struct json_writer *w, const struct event *ev) {
    size_t start = w->out->len;
    AUTO(str) struct str time = STR_INIT(0);
    clock_format_utc(ev->wall_ms, &time);
    json_put_uint(w, "seq", ev->seq);
    json_put_text(w, "time", str_text(&time));
    json_put_int(w, "at_ms", ev->elapsed_ms);
    json_put_text(w, "event", event_kind_names[ev->kind]);
    if (ev->step != NULL) {
        write_step(w, ev->step, ev->kind == EVENT_STEP_DECLARED);
    }
    write_fields(w, &event_kind_fields[ev->kind], ev);
    repair(w->out, start);
}

void event_json_print(struct str *out, const struct event *ev) {
    struct json_writer w = json_writer(out, JSON_COMPACT);
    json_begin_object(&w);
    event_json_members(&w, ev);
    json_end_object(&w);
}

/* ---- reading ---- */

static int name_index(const char *const *names, int n_names, const char *name) {
    for (int i = 0; name != NULL && i < n_names; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

static bool read_u64(const struct value *v, uint64_t *ret_n) {
    int64_t high = 0;
    if (value_as_i64(v, &high)) {
        *ret_n = (uint64_t)high;
        return high >= 0;
    }
    if (v->type != VALUE_NUMBER || v->len < 2 || !num_parse_i64(v->as.text, v->len - 1, &high)) {
        return false;
    }
    char last = v->as.text[v->len - 1];
    if (last < '0' || last > '9' || high < 0 || (uint64_t)high > UINT64_MAX / 10) {
        return false;
    }
    uint64_t digit = (uint64_t)(last - '0');
    if ((uint64_t)high * 10 > UINT64_MAX - digit) {
        return false;
    }
    *ret_n = (uint64_t)high * 10 + digit;
    return true;
}

static bool read_int(const struct value *v, int64_t min, int64_t max, int64_t *ret_n) {
    int64_t n = 0;
    if (!value_as_i64(v, &n) || n < min || n > max) {
        return false;
    }
    *ret_n = n;
    return true;
}

/* Sets what the field is when the line does not have it. */
static void set_none(const struct event_field *f, void *slot) {
    if (f->none == FIELD_ALWAYS) {
        return;
    }
    if (f->type == FIELD_INT) {
        *(int *)slot = f->none;
    } else if (f->type == FIELD_UNSIGNED) {
        *(unsigned *)slot = (unsigned)f->none;
    } else if (f->type == FIELD_I64) {
        *(int64_t *)slot = f->none;
    }
}

static bool read_text(const struct value *v, const char **slot) {
    *slot = value_text(v);
    return *slot != NULL;
}

static bool read_field(const struct event_field *f, const struct value *v, void *slot) {
    int64_t n = 0;
    switch (f->type) {
    case FIELD_WORD:
    case FIELD_TEXT:
        return read_text(v, slot);
    case FIELD_VALUE:
    case FIELD_WORDS:
        *(const struct value **)slot = v;
        return true;
    case FIELD_HIDDEN: /* a line that has it all the same is of another version */
        return true;
    case FIELD_BOOL:
        *(bool *)slot = v->type == VALUE_BOOL && v->as.boolean;
        return v->type == VALUE_BOOL;
    case FIELD_INT:
        if (!read_int(v, INT32_MIN, INT32_MAX, &n)) {
            return false;
        }
        *(int *)slot = (int)n;
        return true;
    case FIELD_UNSIGNED:
        if (!read_int(v, 0, UINT32_MAX, &n)) {
            return false;
        }
        *(unsigned *)slot = (unsigned)n;
        return true;
    case FIELD_I64:
        return value_as_i64(v, slot);
    case FIELD_U64:
        return read_u64(v, slot);
    case FIELD_ENUM:
        *(int *)slot = name_index(f->names, f->n_names, value_text(v));
        return *(int *)slot >= 0;
    }
    return false;
}

static bool read_fields(const struct value *v, const struct event_fields *fields, void *record,
                        struct err *err) {
    for (size_t i = 0; i < fields->n; i++) {
        const struct event_field *f = &fields->fields[i];
        void *slot = (char *)record + f->offset;
        const struct value *member = value_get(v, f->name);
        if (member == NULL) {
            set_none(f, slot);
        } else if (!read_field(f, member, slot)) {
            return err_set(err, "invalid-event", "field '%s' does not hold what it should",
                           f->name);
        }
    }
    return true;
}

static bool read_head(const struct value *v, struct event *ev, struct err *err) {
    const struct value *seq = value_get(v, "seq");
    const struct value *elapsed = value_get(v, "at_ms");
    const struct value *time = value_get(v, "time");
    if (seq == NULL || !read_u64(seq, &ev->seq)) {
        return err_set(err, "invalid-event", "no sequence number");
    }
    if (elapsed == NULL || !value_as_i64(elapsed, &ev->elapsed_ms)) {
        return err_set(err, "invalid-event", "no 'at_ms'");
    }
    if (time == NULL || time->type != VALUE_STRING ||
        !clock_parse_utc(time->as.text, time->len, &ev->wall_ms)) {
        return err_set(err, "invalid-event", "no time stamp");
    }
    return true;
}

/* Some events make no sense without a step, run-wide ones never have one. */
static bool is_step_event(enum event_kind kind) {
    return kind != EVENT_RUN_STARTED && kind != EVENT_RUN_FINISHED && kind != EVENT_CANCEL &&
           kind != EVENT_NOTICE && kind != EVENT_VARS;
}

enum event_json_found event_json_read(const struct value *v, struct event *ret_event,
                                      struct event_step *ret_step, struct err *err) {
    const struct value *kind_name = value_get(v, "event");
    if (kind_name == NULL || kind_name->type != VALUE_STRING) {
        err_set(err, "invalid-event", "no 'event'");
        return EVENT_JSON_BAD;
    }
    int kind = name_index(event_kind_names, EVENT_KIND_COUNT, kind_name->as.text);
    if (kind < 0) {
        return EVENT_JSON_UNKNOWN;
    }
    struct event ev = {.kind = (enum event_kind)kind};
    struct event_step step = {.parent = -1};
    const struct value *step_value = value_get(v, "step");
    if (!read_head(v, &ev, err) || !read_fields(v, &event_kind_fields[kind], &ev, err)) {
        return EVENT_JSON_BAD;
    }
    if (step_value == NULL && is_step_event(ev.kind)) {
        err_set(err, "invalid-event", "no 'step'");
        return EVENT_JSON_BAD;
    }
    if (step_value != NULL && !read_fields(step_value, &event_step_fields, &step, err)) {
        return EVENT_JSON_BAD;
    }
    if (step_value != NULL && (step.id == NULL || value_get(step_value, "index") == NULL)) {
        err_set(err, "invalid-event", "a step without id or index");
        return EVENT_JSON_BAD;
    }
    *ret_step = step;
    *ret_event = ev;
    ret_event->step = step_value != NULL ? ret_step : NULL;
    return EVENT_JSON_READ;
}
