/*
 * NAME.test.yaml: what a recipe must do when the programs that it calls answer in a given way.
 *
 *   struct diagnostics d = DIAGNOSTICS_INIT;
 *   struct suite *s = suite_load(path, &d);      // NULL when d.n_errors > 0; else immutable
 *   … carry the cases out (testing/) …
 *   suite_free(s);
 *
 * Same diagnostics, field tables and JSON Schema as a recipe. A case stands for one run; `table` makes one of each of its
 * rows, which say only what differs from the case.
 */
#ifndef RECIPE_SUITE_H
#define RECIPE_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recipe/model.h"

struct diagnostics;
struct str;

/* An answer in place of a recorded one, or what becomes of a recorded one. */
struct suite_fake {
    struct place place;
    /* Which calls: those that fit everything given. */
    const char *call; /* how the command line begins, `*` for any text: "cpdctl space list" */
    const char *step;
    const char *role;
    struct field_count attempt;
    struct field_count times; /* how many calls; not set: see suite_case */
    /* What they get. */
    const char *out;
    const struct value *json;      /* stdout as JSON */
    const struct suite_http *http; /* stdout as curl prints an answer */
    const char *err;
    int exit_code;
    bool has_exit;
    int signal;
    bool is_silent;  /* no_answer: never, until it is stopped */
    bool is_missing; /* no_program: could not be started */
    /* What becomes of the answer, recorded or given. */
    struct field_duration delay;
    struct field_count truncate; /* bytes of stdout that arrive */
    unsigned level;              /* 0: of the run itself; more: of what stands around it */
};

struct suite_http {
    int status; /* 0: 200 */
    const struct value *headers;
    const struct value *json;
    const char *text;
};

/* A text that must occur: literally, or as a pattern. */
struct suite_text {
    const char *text;
    const struct regex *pattern; /* NULL: literal */
};

struct suite_step {
    const char *id;
    struct place place;
    int status; /* enum step_status, -1: any; so are change and class */
    int change;
    int error_class;
    struct suite_text *messages; /* each in the step's message, hint or reason for being skipped */
    size_t n_messages;
    struct field_count attempts;
    struct field_count polls;
    const struct value *outputs; /* these among others; NULL: any */
};

struct suite_expect {
    struct place place;
    int status;      /* enum run_verdict, -1: any */
    int exit_code;   /* -1: any */
    int error_class; /* of at least one step; -1: any */
    struct suite_step *steps;
    size_t n_steps;
    const struct value *outputs; /* of the run, these among others */
    const struct value *metrics; /* name -> number or null */
    const struct value *changes; /* step -> change; no other step changed anything that is known */
    const struct value *calls;   /* in this order, others between them */
    const struct value *count;   /* call -> how often it was made */
    struct field_count n_calls;
    struct suite_text *messages; /* each in the message of some step or the reason of the run */
    size_t n_messages;
    struct field_duration duration;
};

/*
 * Of `faults` the first that fits counts, as often as it fits unless `times` is given. Of `answers` that fit the same call each is
 * given once, in order, and the last goes on; with `times` each that often. Those of a row hide those of its case
 * for the calls that they fit, those of a case those of the file. Faults come before answers, answers
 * before the cassette.
 */
struct suite_case {
    const char *name; /* of a row: "case / row" */
    struct place place;
    const struct value
        *inputs; /* objects; NULL: none. The suite's, the case's and the row's are joined */
    const struct value *
        files; /* made in the run's directory: name -> text, or {from: PATH}, {json: …}, {text: …} */
    const char *cassette; /* path from the suite's directory, NULL: none */
    struct suite_fake *answers;
    size_t n_answers;
    struct suite_fake *faults;
    size_t n_faults;
    bool allows_unused;
    struct suite_expect expect;
    struct suite_case *table;
    size_t n_table;
};

struct suite {
    struct recipe *file; /* text, lines and arena of the file: not a recipe to run */
    const char *recipe;  /* path from the suite's directory */
    struct suite_case common;
    struct suite_case *cases; /* as written */
    size_t n_cases;
    struct suite_case *runs; /* every row, or case without a table, complete */
    size_t n_runs;
};

/* Words of the fields above, NULL-terminated, in the order of event/event.h. */
extern const char *const suite_status_names[];
extern const char *const suite_change_names[];
extern const char *const suite_verdict_names[];

/* Called NAME.test.yaml or NAME.test.yml. */
bool suite_is_file(const char *path);
struct suite *suite_load(const char *path, struct diagnostics *d);
void suite_free(struct suite *s);

#endif
