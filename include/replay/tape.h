/*
 * A cassette: recorded calls as readable files, DIR/tape.yaml with one entry a call, and body files beside it.
 *
 *   cpdflow_tape: 1
 *   recipe: mlops
 *   calls:
 *     - step: space                        (who made it: told in messages, and asked first for its own recordings)
 *       role: find
 *       argv: [cpdctl, space, list, --all-pages, --output, json]
 *       env: [CPD_PROFILE=qa]              (variables that the recipe sets; left out: any)
 *       stdin: …                           (stdin_file: NAME when it is long; left out: none)
 *       exit: 0                            (outcome, signal and message tell of another end)
 *       duration_ms: 4000                  (left out when it is short)
 *       stdout: space-1.stdout             (a file beside tape.yaml; left out when empty; stderr likewise)
 *
 * src/replay/tape.schema.json says it in full. Texts do not depend on one run: secrets are "***", inputs are
 * {{inputs.NAME}}, the run's directory is {{run.dir}}, its id {{run.id}} and temporary files are {{temp}} (struct
 * tape_names). By hand {{any}} may stand in argv, env and stdin for any text.
 *
 * Recording the same thing twice gives the same bytes: calls stand in the order of their steps, whichever of several parallel
 * ones was quicker; times are rounded (tape_round_duration()); headers that tell of the moment are left out. Equal bodies are
 * one file, large ones are named by their digest, which is checked when they are read. Recording
 * again into the same directory keeps points in time and durations of calls that are otherwise as before.
 */
#ifndef REPLAY_TAPE_H
#define REPLAY_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct str;
struct value;

/* Texts that differ from run to run and the names that stand for them. */
struct tape_name {
    const char *name; /* "inputs.url" */
    const char *value;
};
struct tape_names {
    struct tape_name *items; /* longest value first, see tape_names_sort() */
    size_t n;
};

/* Longest value first, so that a name never hides inside another. */
void tape_names_sort(struct tape_names *names);
/*
 * What stands for the values of one run: its directory, its id, and public inputs long enough to be no common word. Sorted, in
 * the arena; keeps what it is given.
 */
struct tape_names tape_names_of_run(struct arena *a, const struct value *public_inputs,
                                    const char *run_dir, const char *run_id);
/* The common names and a request's volatile_values (NULL-terminated pairs, may be NULL), sorted, in the arena. */
struct tape_names tape_names_with(struct arena *a, const struct tape_names *common,
                                  const char *const *volatile_values);
/* Appends `text` masked and with every value replaced by {{name}}; only whole words are replaced. */
void tape_normalize(const struct tape_names *names, const char *text, size_t len, struct str *out);
/* Appends `text` with every {{name}} replaced by its value; unknown names stay. */
void tape_fill(const struct tape_names *names, const char *text, size_t len, struct str *out);
/* A NULL-terminated list (NULL: NULL) in this form, in the arena. */
const char *const *tape_normalize_list(struct arena *a, const struct tape_names *names,
                                       const char *const *list);
/* The normalized text in the arena. */
const char *tape_normalize_copy(struct arena *a, const struct tape_names *names, const char *text,
                                size_t len);

struct tape_call {
    const char *step;
    const char *role;
    const char *const *argv; /* normalized, NULL-terminated */
    const char *const *env;  /* normalized NAME=value, sorted, NULL-terminated; NULL: any */
    const char *stdin_text;  /* normalized, NULL: none */
    const char *outcome;     /* run_outcome_names of proc/runner.h */
    int exit_code;           /* -1: none */
    int signal;
    int64_t duration_ms;
    const char *message; /* spawn failure, NULL */
    const char *out;     /* normalized */
    size_t out_len;
    const char *err;
    size_t err_len;

    const char *const *words; /* argv as the matcher compares it (match_priv.h) */
    bool is_http;             /* words hold what stdin says: a request of curl */
    unsigned line;            /* in tape.yaml; on a new tape the order of recording */
    const char *place; /* of the step in the recipe (proc/runner.h), and of the call in it: */
    unsigned attempt;  /*   they decide the order on a new tape */
    bool is_used;      /* by the player */
    bool is_stale;     /* made again: not to be kept */
};

struct tape {
    const char *recipe;
    struct tape_call *calls;
    size_t n_calls;
};

/*
 * Lives in the arena. Kinds: invalid-tape (with its place), damaged-tape (a body that is not what its digest says) and those
 * of file_read() and yaml_read(). Body files are regular files in the directory itself: no path, link or device.
 */
bool tape_load(struct arena *a, const char *dir, struct tape *ret_tape, struct err *err);
/* Replaces the tape that `dir` held before; refuses a directory that holds anything else (kind not-a-tape). */
bool tape_save(const struct tape *tape, const char *dir, struct err *err);
/* By step and attempt; what has the same place keeps its order. */
void tape_sort(struct tape *tape);
/*
 * What a recording keeps of a duration: nothing below 100 ms, tenths of a second below 1 s, two digits above. What is
 * rounded away is noise of the machine that recorded.
 */
int64_t tape_round_duration(int64_t ms);

#endif
