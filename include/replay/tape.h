/*
 * A tape: recorded calls as readable files, DIR/tape.yaml with one entry a call and a body file per output.
 *
 *   cpdflow_tape: 1
 *   recipe: mlops
 *   calls:
 *     - step: space
 *       role: find
 *       argv: [cpdctl, space, list, --all-pages, --output, json]
 *       exit: 0
 *       duration_ms: 4
 *       stdout: 0007-space.stdout          (a file beside tape.yaml; left out when empty)
 *
 * Texts are written in a form that does not depend on one run: secrets are "***", inputs are {{inputs.NAME}}, the run's
 * directory is {{run.dir}} and temporary files are {{temp}} (struct tape_names). A call is matched by argv and stdin in
 * this form.
 */
#ifndef REPLAY_TAPE_H
#define REPLAY_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct str;

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
/* The common names and a request's volatile_values (NULL-terminated pairs, may be NULL), sorted, in the arena. */
struct tape_names tape_names_with(struct arena *a, const struct tape_names *common,
                                  const char *const *volatile_values);
/* Appends `text` masked and with every value replaced by {{name}}; only whole words are replaced. */
void tape_normalize(const struct tape_names *names, const char *text, size_t len, struct str *out);
/* Appends `text` with every {{name}} replaced by its value; unknown names stay. */
void tape_fill(const struct tape_names *names, const char *text, size_t len, struct str *out);
/* argv in this form, NULL-terminated, in the arena. */
const char *const *tape_normalize_argv(struct arena *a, const struct tape_names *names,
                                       const char *const *argv);
/* The normalized text in the arena. */
const char *tape_normalize_copy(struct arena *a, const struct tape_names *names, const char *text,
                                size_t len);

struct tape_call {
    const char *step;
    const char *role;
    const char *const *argv; /* normalized, NULL-terminated */
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
    bool is_used; /* by the player */
};

struct tape {
    const char *recipe;
    struct tape_call *calls;
    size_t n_calls;
};

/* Lives in the arena. Kinds: invalid-tape and those of file_read(); names of body files must stay inside the directory. */
bool tape_load(struct arena *a, const char *dir, struct tape *ret_tape, struct err *err);
/* Replaces the tape that `dir` held before; refuses a directory that holds anything else (kind not-a-tape). */
bool tape_save(const struct tape *tape, const char *dir, struct err *err);

#endif
