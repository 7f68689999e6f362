/*
 * A plan as people and programs read it: a sink collects what the steps would do, then it is shown.
 *
 *   struct plan_report *r = plan_report_new();
 *   event_bus_add(&bus, plan_report_sink(r));
 *   … the engine plans …
 *   plan_report_text(r, &look, &out), or plan_report_json(r, exit_code, &out);
 *   plan_report_free(r);
 */
#ifndef REPORT_PLAN_H
#define REPORT_PLAN_H

#include <stdbool.h>

#include "event/event.h"

struct plan_report;
struct str;

struct plan_look {
    bool has_color;
    bool has_unicode;
    unsigned columns; /* longer texts are wrapped; 0: not at all */
    bool is_verbose; /* steps that change nothing too, each item of a long foreach, known outputs */
};

struct plan_report *plan_report_new(void);
struct sink plan_report_sink(struct plan_report *r);
/* A step would change something, or nobody knows yet whether it would. */
bool plan_report_has_changes(const struct plan_report *r);
/* Appends the tree of steps and a line that sums it up. */
void plan_report_text(const struct plan_report *r, const struct plan_look *look, struct str *out);
/* Appends a document of the shape plan.schema.json. */
void plan_report_json(const struct plan_report *r, int exit_code, struct str *out);
void plan_report_free(struct plan_report *r);

#endif
