/*
 * Fakes of programs on PATH that answer from a cassette: for scripts and other people's tools.
 *
 * One directory holds everything: links to cpdflow under the names of the programs, and what the processes of all of them share
 * (which recordings are used, what was asked in vain) under a lock. A process that finds itself called by another name
 * with CPDFLOW_SHIM in its environment answers with shim_answer().
 *
 * What a script passes is compared as in a replay, but variables are not, and `***` stands for any text: a script knows its
 * password.
 */
#ifndef TESTING_SHIM_H
#define TESTING_SHIM_H

#include <stdbool.h>
#include <stddef.h>

#define SHIM_VARIABLE "CPDFLOW_SHIM"
enum { SHIM_EXIT_MISSING = 97 };

struct err;
struct str;

struct shim_options {
    const char *dir;           /* exists, private */
    const char *tape;          /* absolute */
    const char *program;       /* cpdflow itself, absolute */
    const char *const *names;  /* of programs, NULL-terminated */
    const char *const *inputs; /* NAME=VALUE: what {{inputs.NAME}} stands for, NULL-terminated */
    const char *const *faults; /* CALL=EXIT or CALL=EXIT:TEXT, once each, NULL-terminated */
};

/* DIR/bin is what goes first on PATH. Kinds: those of tape_load(), usage, file-write. */
bool shim_make(const struct shim_options *o, struct err *err);
/*
 * The answer to one call: output is appended, a signal is one that the caller has to die of. A call without an answer has exit
 * code SHIM_EXIT_MISSING and says why in ret_err.
 */
struct shim_answer {
    int exit_code;
    int signal;
};
bool shim_answer(const char *dir, const char *const *argv, struct str *out, struct str *errors,
                 struct shim_answer *ret_answer, struct err *err);
/* At the end: recordings that nobody asked for, and calls without an answer, one a line; their numbers. */
bool shim_report(const char *dir, struct str *unused, size_t *ret_n_unused, struct str *missing,
                 size_t *ret_n_missing, struct err *err);

#endif
