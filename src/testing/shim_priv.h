/*
 * What the processes of one shim share.
 *
 *   DIR/bin/NAME   links to cpdflow      DIR/inputs   what names stand for, one NAME=VALUE a line
 *   DIR/tape       link to the cassette  DIR/faults   one a line
 *   DIR/calls/N    new recordings        DIR/mode     what is recorded
 *   DIR/secrets    found meanwhile       DIR/state    one line a call, see below
 *
 * Lines of the state: the number of the recording that answered ("7"), or that is made again ("s7"), of a fault ("f0"), of a new
 * recording ("r12"), or "- " and what was missing. It is read and appended to under a lock, so that parallel processes never get the same
 * recording.
 */
#ifndef TESTING_SHIM_PRIV_H
#define TESTING_SHIM_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "proc/runner.h"
#include "proc/timers.h"
#include "replay/curl_call.h"
#include "replay/tape.h"
#include "testing/shim.h"

struct err;
struct fake_timers;
struct player;
struct str;

struct shim {
    struct arena arena;
    const char *dir;
    struct fake_timers *clock;
    struct timers timers;
    struct tape_names names;
    struct player *player;
    enum shim_record record;
    int state_fd; /* locked, -1: not now */
    const char *const *state;
    const char *const *faults;
};

/* A call of a script, and what it hears. */
struct asked {
    const char *const *argv;
    const char *stdin_text; /* NULL: none */
    size_t stdin_len;
    const char *line;      /* for people */
    bool is_http;          /* `curl` holds */
    struct curl_call curl; /* with what files held */
    const char *why_not;   /* curl, but not understood; NULL: it is */
};

struct heard {
    struct str *out;
    struct str *errors;
    struct shim_answer answer;
};

/* ---- shim_state.c ---- */

bool shim_open(struct shim *s, const char *dir, struct err *err);
/* What the others have done so far. Behind everything that may have to wait for one of them, such as stdin. */
bool shim_enter(struct shim *s, struct err *err);
/* The others may go on. */
void shim_leave(struct shim *s);
/* Between the two. */
bool shim_append(struct shim *s, const char *line, struct err *err);
void shim_close(struct shim *s);
/* CALL=EXIT[:TEXT], the last `=` that a number follows. */
bool shim_split_fault(struct arena *a, const char *fault, const char **ret_call, int *ret_exit,
                      const char **ret_text);

/* ---- shim_record.c ---- */

/* Makes the call with the program that is next on PATH, and keeps what it answers. `stdin_text` NULL: none. */
bool shim_make_call(struct shim *s, const struct asked *q, struct heard *h, struct err *err);
/* The request as a recipe would make it, in the arena: what the recording of a call of curl holds. */
struct run_request shim_as_recipe(struct shim *s, const struct curl_call *curl);

#endif
