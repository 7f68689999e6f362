/*
 * A runner that gives the answers and faults of a test case, and passes other calls on to a cassette when there is one. A call
 * that nothing answers is counted and fails to start.
 */
#ifndef TESTING_FAKES_PRIV_H
#define TESTING_FAKES_PRIV_H

#include <stddef.h>

struct fakes;
struct runner;
struct str;
struct suite_case;
struct timers;

/* Keeps all of it; `inner` NULL: no cassette. */
struct fakes *fakes_new(const struct suite_case *c, const struct runner *inner,
                        const struct timers *timers);
void fakes_runner(struct fakes *f, struct runner *ret_runner);
/* Calls without an answer, one a line; returns their number. */
size_t fakes_missing(const struct fakes *f, struct str *out);
/* Faults that fit no call, one a line; returns their number. */
size_t fakes_unused(const struct fakes *f, struct str *out);
void fakes_free(struct fakes *f);

#endif
