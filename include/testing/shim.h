/*
 * Fakes of programs on PATH that answer from a cassette: for scripts and other people's tools.
 *
 * One directory holds everything: links to cpdflow under the names of the programs, and what the processes of all of them share
 * (which recordings are used, what was asked in vain) under a lock. A process that finds itself called by another name
 * with CPDFLOW_SHIM in its environment (the directory, and behind colons those of shims around it) answers with shim_answer().
 *
 * What a script passes is compared as in a replay, but variables are not, and `***` stands for any text: a script knows its
 * password. A call of curl is compared as the request that it makes (replay/curl_call.h), and its answer is put out as its options ask.
 */
#ifndef TESTING_SHIM_H
#define TESTING_SHIM_H

#include <stdbool.h>
#include <stddef.h>

#define SHIM_VARIABLE "CPDFLOW_SHIM"
enum { SHIM_EXIT_MISSING = 97 };

struct err;
struct str;

/* Which calls the real programs, found on PATH behind the fakes, are asked for, and recorded. */
enum shim_record {
    SHIM_RECORD_NONE,
    SHIM_RECORD_ALL,
    SHIM_RECORD_MISSING, /* that the cassette has no answer to */
    SHIM_RECORD_FAILED   /* and those whose recorded answer is a failure */
};

struct shim_options {
    const char *dir;           /* exists, private */
    const char *tape;          /* absolute; NULL: none yet */
    const char *program;       /* cpdflow itself, absolute */
    const char *const *names;  /* of programs, NULL-terminated */
    const char *const *inputs; /* NAME=VALUE: what {{inputs.NAME}} stands for, NULL-terminated */
    const char *const *faults; /* CALL=EXIT or CALL=EXIT:TEXT, once each, NULL-terminated */
    enum shim_record record;
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
/*
 * At the end of a recording: what stood on the cassette, unless all was made anew, and what is new, in the order of the script. Kinds:
 * those of recorder_save(). *ret_n_new: how many calls were made; when it is 0 nothing is written.
 */
bool shim_save(const char *dir, const char *tape, size_t *ret_n_new, struct err *err);
/* What is to be told at the end, one a line each. The texts are the caller's. */
struct shim_left {
    struct str *unused; /* recordings that nobody asked for */
    size_t n_unused;
    struct str *missing; /* calls without an answer */
    size_t n_missing;
    struct str *faults; /* that no call met */
    size_t n_faults;
};
bool shim_report(const char *dir, struct shim_left *left, struct err *err);

#endif
