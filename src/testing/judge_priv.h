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
struct run_report;
struct suite_expect;

/* Adds "file:line: …" to the failures; `fmt` has no line end. Returns false. */
bool judge_add(struct play_result *r, const struct place *place, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void judge_run(const struct suite_expect *expect, const struct run_report *report,
               const struct calls *calls, struct play_result *r);

#endif
