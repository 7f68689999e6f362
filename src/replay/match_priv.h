/*
 * Which recorded call answers a request.
 *
 * Two command lines are the same when they give the same words: flags (--name) in any order, `--name=value` or
 * `--name value`, the program with or without its directory. Behind a lone `--`, and for anything that begins with one
 * dash, order counts. A call of curl is the request that it makes (replay/curl_call.h), standard input included, wherever
 * its command line is understood. A call that was written exactly so is preferred, then one of the same step.
 */
#ifndef REPLAY_MATCH_PRIV_H
#define REPLAY_MATCH_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "replay/player.h"
#include "replay/tape.h"

struct arena;
struct str;

/* A request in the form of a tape. */
struct match_request {
    const char *step;        /* may be NULL */
    const char *const *argv; /* normalized */
    const char *const *words;
    bool is_http;           /* the words hold what stdin says */
    const char *const *env; /* normalized NAME=value, may be NULL */
    const char *stdin_text; /* NULL: none */
};

/* What is compared of argv and stdin (may be NULL), NULL-terminated, in the arena; *ret_is_http: stdin is in it. */
const char *const *match_words(struct arena *a, const char *const *argv, const char *stdin_text,
                               bool *ret_is_http);
/* Both texts are the same, where {{any}} in `recorded` stands for any text. */
bool match_text(const char *recorded, const char *text);

/* The grade of a match: 0 none; more is better. */
unsigned match_grade(const struct tape_call *call, const struct match_request *request,
                     enum player_mode mode);
/* Why there is no answer, in one line: never recorded (with the nearest and what differs), or more often than recorded. */
void match_explain(const struct tape *tape, const struct match_request *request, struct str *out);
/* The same for people at the end of a run, in several lines, coloured when asked. */
void match_explain_long(const struct tape *tape, const struct match_request *request,
                        bool has_color, struct str *out);

/* Appends the words of a call, quoted where a shell would need it. */
void match_add_argv(struct str *out, const char *const *argv);

/*
 * worddiff.c: `is` with what was taken away from and added to `was`, word by word: [-was-]{+is+}, or red and green. Long
 * stretches without a difference are left out ("…").
 */
void word_diff(const char *was, const char *is, bool has_color, struct str *out);

#endif
