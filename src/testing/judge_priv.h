/*
 * What a case expected against what happened. Each difference is one text that begins with its place.
 */
#ifndef TESTING_JUDGE_PRIV_H
#define TESTING_JUDGE_PRIV_H

#include <stdbool.h>
#include <stddef.h>

struct calls;
struct place;
struct play_result;
struct report_metric;
struct report_step;
struct run_report;
struct suite_expect;
struct suite_text;

/* Adds "file:line: …" to the failures; `fmt` has no line end. Returns false. */
bool judge_add(struct play_result *r, const struct place *place, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* NULL: there is none. */
const struct report_step *judge_find_step(const struct run_report *r, const char *id);
const struct report_metric *judge_find_metric(const struct run_report *r, const char *name);
/* Groups and the like only sum up what stands in them; what is not known is not said. */
bool judge_has_changed(const struct report_step *s);
bool judge_holds(const struct suite_text *wanted, const char *text);
/* In a text of some step or of the run. */
bool judge_is_said(const struct run_report *r, const struct suite_text *wanted);
/* The step's message, or why it was skipped; NULL: neither. */
const char *judge_why(const struct report_step *s);
/* In its message, its hint or the reason why it was skipped. */
bool judge_says(const struct report_step *s, const struct suite_text *wanted);
/*
 * actual.c: the expectation as it would have to be, as a JSON object; `notes` in it are lines about what cannot be expected.
 * Heap text.
 */
char *actual_of_run(const struct suite_expect *expect, const struct run_report *report,
                    const struct calls *calls, const char *scratch);

void judge_run(const struct suite_expect *expect, const struct run_report *report,
               const struct calls *calls, struct play_result *r);

#endif
