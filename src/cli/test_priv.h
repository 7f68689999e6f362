/*
 * What the files of `cpdflow test` share.
 *
 *   cmd_test.c       options, test files, the flow of it
 *   test_cases.c     cases carried out, in this process or in several
 *   test_print.c     results for people, TAP, JUnit
 *   test_mutants.c   what no test notices
 *   test_update.c    expectations rewritten
 *   test_coverage.c  coverage for people and programs
 */
#ifndef CLI_TEST_PRIV_H
#define CLI_TEST_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "cli/opt.h"
#include "testing/play.h"

struct coverage;
struct err;
struct recipe;
struct str;
struct suite;

struct test_options {
    struct opt_list filters;
    size_t n_jobs;
    const char *seed;
    int output; /* enum test_output */
    bool shows_coverage;
    const char *coverage_file;
    size_t min_coverage;
    bool mutates;
    bool updates;
    int color;
};
enum test_output { TEST_TEXT, TEST_TAP, TEST_JUNIT };

/* One *.test.yaml. */
struct test_file {
    char *path; /* as people name it */
    char *dir;  /* absolute */
    struct suite *suite;
    const struct recipe *recipe;
    struct coverage *coverage; /* of the recipe, shared by all files that test it */
};

struct test_case {
    const struct test_file *file;
    size_t number; /* among the runs of its suite */
    const char *name;
    struct play_result result;
    bool is_done;
};

struct test_plan {
    struct test_file *files;
    size_t n_files;
    struct map recipes;   /* canonical path -> struct recipe * */
    struct map coverages; /* the same -> struct coverage * */
    struct test_case *cases;
    size_t n_cases;
    size_t *order; /* of cases, as they are carried out */
    uint64_t seed;
    bool updates; /* what came out is wanted */
    char *scratch;
    int64_t took_ms;
};

/* Carries all cases out with n_jobs processes; what goes wrong with a process stands in the results of its cases. */
void test_carry_out(struct test_plan *plan, size_t n_jobs);

size_t test_count_failed(const struct test_plan *plan);
void test_print(const struct test_plan *plan, const struct test_options *o, struct str *out);

/* Rewrites the expectations of cases that failed, in their files; how many values were changed, and what could not be. */
bool test_update(const struct test_plan *plan, size_t *ret_n_changed, struct str *notes,
                 struct err *err);
/* Breaks one field of each recipe at a time; appends what no case noticed. All cases must pass as they are. */
bool test_mutate(const struct test_plan *plan, size_t n_jobs, struct str *out, struct err *err);

/* Per cent, 100 of a recipe without items. */
double test_coverage_of(const struct coverage *c);
void test_coverage_print(const struct test_plan *plan, bool has_color, struct str *out);
void test_coverage_json(const struct test_plan *plan, struct str *out);

#endif
