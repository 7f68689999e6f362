/*
 * The chaos driver: main.c starts runs and disturbs them, recipe.c writes their recipes, judge.c looks at what they left.
 */
#ifndef TESTS_CHAOS_H
#define TESTS_CHAOS_H

#include <stdbool.h>
#include <stdint.h>

/* A sequence that its seed determines (splitmix64). */
struct dice {
    uint64_t state;
};
uint64_t dice_next(struct dice *d);
/* 0 … n-1 */
unsigned dice_below(struct dice *d, unsigned n);
bool dice_percent(struct dice *d, unsigned percent);

/* Writes a recipe of twenty steps that call `fakectl` in the most different ways. */
void write_recipe(const char *path, struct dice *d, const char *fakectl);

/* What is known of how a run ended. */
struct ending {
    int status; /* exit status; -1: died of a signal, which is fine before the run has begun and after its end */
    bool was_killed; /* SIGKILL: only the journal's form is promised */
    bool
        is_resumed; /* killed before: when that was between its end and its report, there is none */
    bool is_faulty; /* system calls failed: the report may be missing */
};
/*
 * Looks at DIR/.cpdflow/runs/ *: the journal can be read, each step has ended once, the report agrees with the exit status.
 * False: says on standard error what is wrong.
 */
bool judge_run(const char *dir, const struct ending *ending);

#endif
