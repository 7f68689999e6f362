/*
 * One event as one line of JSON, and back.
 *
 *   {"seq":7,"time":"2026-01-31T09:05:00.123Z","at_ms":1204,"event":"step_started","step":{"index":3,"id":"space"}}
 *
 * `at_ms` counts from the start of the run. The fields of the kind follow under the names they have in struct event; what is absent (NULL, exit_code -1, signal 0 …) is left
 * out. `step` is complete (name, action, phase, file, line, parent, needs) in step_declared only. Readers skip fields they do not know.
 */
#ifndef EVENT_EVENT_JSON_H
#define EVENT_EVENT_JSON_H

#include <stdbool.h>

#include "event/event.h"

struct err;
struct json_writer;
struct str;
struct value;

/* Appends the line without its newline. */
void event_json_print(struct str *out, const struct event *ev);
/* The same members into an object that is already begun. */
void event_json_members(struct json_writer *w, const struct event *ev);

enum event_json_found { EVENT_JSON_BAD, EVENT_JSON_READ, EVENT_JSON_UNKNOWN };
/*
 * Reads an event from the object `v`. UNKNOWN: an event kind of a newer version, to be skipped. BAD: err is set (kind
 * invalid-event). Text in *ret_event points into `v`; *ret_step is its step when it has one.
 */
enum event_json_found event_json_read(const struct value *v, struct event *ret_event,
                                      struct event_step *ret_step, struct err *err);

#endif
