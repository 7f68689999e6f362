/*
 * A plan for programs. Its shape is plan.schema.json beside this file; each key is always there.
 */
#include "plan_priv.h"

#include "base/str.h"
#include "value/json_write.h"
#include "value/value.h"

/* Known members under `outputs`, the names of the others under `unknown_outputs`. */
static void put_outputs(struct json_writer *w, const struct value *outputs) {
    json_key(w, "outputs");
    json_begin_object(w);
    for (uint32_t i = 0; outputs != NULL && i < outputs->len; i++) {
        const struct value_member *m = &outputs->as.members[i];
        if ((m->value->flags & VALUE_UNKNOWN) == 0) {
            json_put_value(w, m->key, m->value);
        }
    }
    json_end_object(w);
    json_key(w, "unknown_outputs");
    json_begin_list(w);
    for (uint32_t i = 0; outputs != NULL && i < outputs->len; i++) {
        const struct value_member *m = &outputs->as.members[i];
        if ((m->value->flags & VALUE_UNKNOWN) != 0) {
            json_write_text(w, m->key);
        }
    }
    json_end_list(w);
}

static void put_steps(struct json_writer *w, const struct plan_step *first);

static void put_step(struct json_writer *w, const struct plan_step *s) {
    const struct event_planned *p = &s->planned;
    json_begin_object(w);
    json_put_text(w, "id", s->who.id);
    json_put_text(w, "name", s->who.name);
    json_put_text(w, "action", s->who.action);
    json_put_text(w, "phase", step_phase_names[s->who.phase]);
    json_put_text(w, "file", s->who.file);
    json_put_uint(w, "line", s->who.line);
    json_put_text(w, "plan", step_plan_names[p->plan]);
    json_put_bool(w, "certain", !p->is_uncertain);
    json_put_text(w, "reason", p->reason);
    json_put_text(w, "command", p->command);
    json_put_value(w, "words", p->words == NULL ? &value_empty_list : p->words);
    json_put_text(w, "drift", p->drift);
    json_put_value(w, "deletes", p->deletes == NULL ? &value_empty_list : p->deletes);
    put_outputs(w, p->outputs);
    put_steps(w, s->first);
    json_end_object(w);
}

static void put_steps(struct json_writer *w, const struct plan_step *first) {
    json_key(w, "steps");
    json_begin_list(w);
    for (const struct plan_step *s = first; s != NULL; s = s->next) {
        put_step(w, s);
    }
    json_end_list(w);
}

static void put_counts(struct json_writer *w, const char *key, const unsigned *n) {
    json_key(w, key);
    json_begin_object(w);
    for (int i = 0; i < PLAN_COUNT; i++) {
        if (i != PLAN_CHANGES) { /* containers are not counted */
            json_put_uint(w, step_plan_names[i], n[i]);
        }
    }
    json_end_object(w);
}

void plan_report_json(const struct plan_report *r, int exit_code, struct str *out) {
    struct json_writer w = json_writer(out, JSON_PRETTY);
    struct plan_counts counts = plan_count(r);
    const char *whole = plan_report_has_changes(r) ? "changes" : "no-changes";
    json_begin_object(&w);
    json_put_text(&w, "format", "cpdflow-plan");
    json_put_int(&w, "version", 1);
    json_put_text(&w, "cpdflow", r->version);
    json_put_text(&w, "recipe", r->recipe);
    json_put_text(&w, "file", r->file);
    json_put_text(&w, "digest", r->digest);
    json_put_text(&w, "verdict", r->reason == NULL ? whole : "incomplete");
    json_put_text(&w, "reason", r->reason);
    json_put_int(&w, "exit_code", exit_code);
    put_counts(&w, "counts", counts.certain);
    put_counts(&w, "uncertain", counts.uncertain);
    put_outputs(&w, r->outputs);
    put_steps(&w, r->top.first);
    json_end_object(&w);
    str_add_char(out, '\n');
}
