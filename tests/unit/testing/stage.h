/* Cases of a test file from text, played one after the other on a recipe from text. */
#ifndef TESTS_UNIT_TESTING_STAGE_H
#define TESTS_UNIT_TESTING_STAGE_H

#include <stddef.h>

#include "base/str.h"
#include "testing/play.h"

struct coverage;

struct stage {
    char *dir; /* private; the test file stands in it */
    struct recipe *recipe;
    struct suite *suite;
    struct coverage *coverage; /* of all cases together */
    struct play_result *results;
    size_t n;
    bool wants_actual;
};

/* Loads both; fails the test, and shows why, when one has errors. */
void stage_open(struct stage *s, const char *recipe, const char *suite);
/* Plays every case. */
void stage_play(struct stage *s);
void stage_close(struct stage *s);
/* Failures of a case, one behind the other; valid until the next call. */
const char *stage_failures(const struct stage *s, size_t i);
/* The file `name` beside the test file. */
void stage_write(const struct stage *s, const char *name, const char *text);

#endif
