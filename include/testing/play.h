/*
 * One case of a test file (recipe/suite.h) carried out: on a virtual clock, in a directory of its own, without a process.
 *
 *   struct play_setup setup = {.suite = s, .run = &s->runs[i], .recipe = r, .scratch = dir};
 *   struct play_result result;
 *   play_case(&setup, &result);
 *   … result.n_failures == 0 …
 *   play_result_release(&result);
 *
 * The working directory is changed during the call, and the mask is cleared after it: cases of one process run one after the
 * other.
 */
#ifndef TESTING_PLAY_H
#define TESTING_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct coverage;
struct recipe;
struct suite;
struct suite_case;

struct play_setup {
    const struct suite *suite;
    const struct suite_case *run;
    const struct recipe *recipe;
    const char *suite_dir; /* absolute: paths in the suite start here */
    const char *scratch;   /* absolute, exists; the case's directory is made in it and removed */
    struct coverage *coverage; /* may be NULL */
    bool wants_actual;         /* fills play_result.actual */
};

struct play_result {
    char **failures; /* what did not hold, each with its place; several lines */
    size_t n_failures;
    int64_t duration_ms; /* by the clock of the test */
    int64_t took_ms;     /* in truth */
    size_t n_calls;
    char *
        actual; /* JSON: the fields that were expected, as they came out; NULL: not asked for, or nothing was run */
};

void play_case(const struct play_setup *setup, struct play_result *ret_result);
void play_result_release(struct play_result *r);

#endif
