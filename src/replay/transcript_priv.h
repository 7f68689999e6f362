/* What the readers of notebooks, records and logs share. */
#ifndef REPLAY_TRANSCRIPT_PRIV_H
#define REPLAY_TRANSCRIPT_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "replay/transcript.h"

struct arena;
struct err;
struct value;

/* ---- shell_line.c: a command as a shell reads it ---- */

struct shell_line {
    const char *const *argv; /* NULL-terminated, empty when nothing is called */
    const char *const *env;  /* NAME=value before the program, NULL-terminated */
    enum transcript_left
        left; /* why argv does not say what was called, or its output is not that of argv */
    bool has_any;
    bool is_ours; /* one of the programs is called somewhere in it */
};
/* In a notebook {name} and $name are replaced before the shell sees the line. */
void shell_line_read(struct arena *a, const char *text, size_t len, const char *const *programs,
                     bool is_notebook, struct shell_line *ret_line);
/* Whether a command goes on behind the end of its line: after a backslash or within quotes. Begins zeroed. */
struct shell_open {
    char quote;
    bool is_escaped;
    bool is_comment;
    bool is_in_word;
};
/* Takes the next piece of the command, which ends with a line (without its newline, which begins the next piece). */
bool shell_line_goes_on(struct shell_open *o, const char *text, size_t len);

/* ---- transcript.c ---- */

struct transcript_reader {
    struct arena *arena;
    const struct transcript_options *options;
    struct transcript *transcript;
    struct err *err;
};

/* What the recording has for one command. */
struct transcript_answer {
    const char *out;
    size_t out_len;
    const char *errors;
    size_t errors_len;
    int exit_code; /* -1: not recorded */
};
struct transcript_source {
    unsigned line;
    const char *step; /* "cell-12" */
    bool is_notebook;
    enum transcript_left left; /* what is known before the command is looked at */
};
/* Takes a command; keeps what it is given, which is in the arena. False: there are too many. */
bool transcript_add(struct transcript_reader *r, const char *command,
                    const struct transcript_source *source, const struct transcript_answer *answer);
/* Sets err (kind invalid-transcript) with the line; returns false. */
bool transcript_invalid(struct transcript_reader *r, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- the forms ---- */

bool terminal_read(struct transcript_reader *r, const char *text, size_t len);
bool notebook_read(struct transcript_reader *r, const char *text, size_t len,
                   const struct value *document);
bool records_read(struct transcript_reader *r, const char *text, size_t len,
                  const struct value *document);

#endif
