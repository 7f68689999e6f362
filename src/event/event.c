/*
 * The door through which everything that happens goes out: names, masking, fan-out.
 *
 * Masking copies only what holds a secret, into an arena that lives for one event; without a registered
 * secret nothing is looked at.
 */
#include "event/event.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "fields_priv.h"
#include "value/value.h"

#define NAMES_COMPLETE(table, count)                                                               \
    static_assert(sizeof(table) / sizeof((table)[0]) == (count), #table " names every member")

const char *const event_kind_names[] = {
    [EVENT_RUN_STARTED] = "run_started",
    [EVENT_VARS] = "vars",
    [EVENT_STEP_DECLARED] = "step_declared",
    [EVENT_STEP_STARTED] = "step_started",
    [EVENT_ATTEMPT_STARTED] = "attempt_started",
    [EVENT_OUTPUT] = "output",
    [EVENT_ATTEMPT_FINISHED] = "attempt_finished",
    [EVENT_RETRY_SCHEDULED] = "retry_scheduled",
    [EVENT_WAIT_OBSERVED] = "wait_observed",
    [EVENT_METRIC] = "metric",
    [EVENT_STEP_PLANNED] = "step_planned",
    [EVENT_STEP_FINISHED] = "step_finished",
    [EVENT_NOTICE] = "notice",
    [EVENT_CANCEL] = "cancel",
    [EVENT_RUN_FINISHED] = "run_finished",
};
NAMES_COMPLETE(event_kind_names, EVENT_KIND_COUNT);

const char *const step_status_names[] = {
    [STEP_PENDING] = "pending",     [STEP_RUNNING] = "running",     [STEP_SUCCEEDED] = "succeeded",
    [STEP_FAILED] = "failed",       [STEP_TOLERATED] = "tolerated", [STEP_SKIPPED] = "skipped",
    [STEP_CANCELLED] = "cancelled",
};
NAMES_COMPLETE(step_status_names, STEP_STATUS_COUNT);

const char *const step_change_names[] = {
    [CHANGE_NONE] = "none",       [CHANGE_CREATED] = "created",
    [CHANGE_UPDATED] = "updated", [CHANGE_DEDUPLICATED] = "deduplicated",
    [CHANGE_DELETED] = "deleted", [CHANGE_UNKNOWN] = "unknown",
};
NAMES_COMPLETE(step_change_names, CHANGE_COUNT);

const char *const step_plan_names[] = {
    [PLAN_NOTHING] = "nothing", [PLAN_READ] = "read",       [PLAN_CREATE] = "create",
    [PLAN_UPDATE] = "update",   [PLAN_DELETE] = "delete",   [PLAN_RUN] = "run",
    [PLAN_CHANGES] = "changes", [PLAN_UNKNOWN] = "unknown", [PLAN_SKIP] = "skip",
    [PLAN_FAIL] = "fail",
};
NAMES_COMPLETE(step_plan_names, PLAN_COUNT);

const char *const run_verdict_names[] = {
    [VERDICT_SUCCESS] = "success",   [VERDICT_FAILED] = "failed",
    [VERDICT_UNSTABLE] = "unstable", [VERDICT_ENVIRONMENT] = "environment",
    [VERDICT_TIMEOUT] = "timeout",   [VERDICT_CANCELLED] = "cancelled",
};
NAMES_COMPLETE(run_verdict_names, VERDICT_COUNT);

const char *const step_phase_names[] = {
    [PHASE_MAIN] = "main",
    [PHASE_CLEANUP] = "cleanup",
    [PHASE_FINALLY] = "finally",
};
NAMES_COMPLETE(step_phase_names, PHASE_COUNT);

const char *const metric_verdict_names[] = {
    [METRIC_OK] = "ok",
    [METRIC_BELOW] = "below",
    [METRIC_ABOVE] = "above",
    [METRIC_MISSING] = "missing",
};
NAMES_COMPLETE(metric_verdict_names, METRIC_VERDICT_COUNT);

/* ---- masking ---- */

/* `text` itself when it holds no secret. */
static const char *mask_text(struct arena *a, const char *text, size_t len) {
    if (!mask_finds(text, len)) {
        return text;
    }
    AUTO(str) struct str masked = STR_INIT(0);
    mask_add(&masked, text, len);
    return arena_strndup(a, str_text(&masked), masked.len);
}

static const struct value *mask_value(struct arena *a, const struct value *v);

/* The builders start at the first child that changes: most values hold no secret and stay as they are. */
static const struct value *mask_list(struct arena *a, const struct value *v) {
    struct list_builder b;
    bool has_changed = false;
    for (size_t i = 0; i < v->len; i++) {
        const struct value *item = mask_value(a, v->as.items[i]);
        if (!has_changed && item == v->as.items[i]) {
            continue;
        }
        if (!has_changed) {
            has_changed = true;
            list_begin(&b, a);
            for (size_t before = 0; before < i; before++) {
                list_add(&b, v->as.items[before]);
            }
        }
        list_add(&b, item);
    }
    return has_changed ? list_end(&b) : v;
}

static void put_masked(struct object_builder *b, const char *key, size_t len,
                       const struct value *value) {
    AUTO(str) struct str masked = STR_INIT(0);
    mask_add(&masked, key, len);
    object_put(b, str_text(&masked), masked.len, value);
}

static const struct value *mask_object(struct arena *a, const struct value *v) {
    struct object_builder b;
    bool has_changed = false;
    for (size_t i = 0; i < v->len; i++) {
        const struct value_member *m = &v->as.members[i];
        const struct value *value = mask_value(a, m->value);
        if (!has_changed && value == m->value && !mask_finds(m->key, m->key_len)) {
            continue;
        }
        if (!has_changed) {
            has_changed = true;
            object_begin(&b, a);
            for (size_t before = 0; before < i; before++) {
                object_put(&b, v->as.members[before].key, v->as.members[before].key_len,
                           v->as.members[before].value);
            }
        }
        put_masked(&b, m->key, m->key_len, value);
    }
    return has_changed ? object_end(&b) : v;
}

/* A number whose digits hold a secret (a PIN, a numeric password) becomes text. */
static const struct value *mask_scalar(struct arena *a, const struct value *v) {
    if (!mask_finds(v->as.text, v->len)) {
        return v;
    }
    AUTO(str) struct str masked = STR_INIT(0);
    mask_add(&masked, v->as.text, v->len);
    return value_string(a, str_text(&masked), masked.len);
}

static const struct value *mask_value(struct arena *a, const struct value *v) {
    switch ((enum value_type)v->type) {
    case VALUE_STRING:
    case VALUE_NUMBER:
        return mask_scalar(a, v);
    case VALUE_LIST:
        return mask_list(a, v);
    case VALUE_OBJECT:
        return mask_object(a, v);
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_TYPE_COUNT:
        break;
    }
    return v;
}

static void mask_field(struct arena *a, const struct event_field *field, void *record) {
    void *slot = (char *)record + field->offset;
    if (field->type == FIELD_TEXT) {
        const char **text = slot;
        if (*text != NULL) {
            *text = mask_text(a, *text, strlen(*text));
        }
    } else if (field->type == FIELD_VALUE || field->type == FIELD_HIDDEN) {
        const struct value **value = slot;
        if (*value != NULL) {
            *value = mask_value(a, *value);
        }
    }
}

static void mask_fields(struct arena *a, const struct event_fields *fields, void *record) {
    for (size_t i = 0; i < fields->n; i++) {
        mask_field(a, &fields->fields[i], record);
    }
}

/* ---- fan-out ---- */

void event_bus_add(struct event_bus *bus, struct sink sink) {
    assert(bus->n_sinks < EVENT_SINKS_MAX);
    bus->sinks[bus->n_sinks++] = sink;
}

static void hand_out(struct event_bus *bus, const struct event *ev) {
    for (size_t i = 0; i < bus->n_sinks; i++) {
        if (!bus->sinks[i].on_event(bus->sinks[i].ctx, ev)) {
            bus->has_failed = true;
        }
    }
}

void event_emit(struct event_bus *bus, struct event *ev) {
    ev->seq = bus->next_seq++;
    if (!mask_is_active()) {
        hand_out(bus, ev);
        return;
    }
    struct arena arena = ARENA_INIT(0);
    struct event masked = *ev;
    struct event_step step;
    mask_fields(&arena, &event_kind_fields[ev->kind], &masked);
    if (ev->step != NULL) {
        step = *ev->step;
        mask_fields(&arena, &event_step_fields, &step);
        masked.step = &step;
    }
    hand_out(bus, &masked);
    arena_release(&arena);
}
