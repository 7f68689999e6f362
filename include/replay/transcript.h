/*
 * Recordings that people have: what stands in notebooks and terminal logs, as calls of a cassette.
 *
 *   transcript_read(&arena, &options, text, len, &transcript, &err)
 *   transcript_tape(&arena, &transcript, &tape);
 *   tape_save(&tape, dir, &err)
 *
 * Three forms are read, told apart by what stands in them:
 *   notebook    a Jupyter notebook (nbformat 4): cells with `! cpdctl …`, `x = ! cpdctl …` and `%%bash`
 *   records     a JSON list of {command, stdout, stderr, exit_code}; with `source` and `execution_count` a record is a cell
 *   transcript  text: `$ cpdctl …`, also behind user@host, [user@host dir] or (venv), and its output up to the next prompt
 *
 * A command becomes a call only when the recording says what it printed. Nothing is guessed: a command whose output went into a
 * variable or a pipe, or cannot be told from that of others, is left out, and `left` says why. Python's and the shell's
 * variables, whose values no recording holds, become {{any}}. Values of flags such as --password become ***.
 *
 * Exit codes are in no recording: they are what the output tells (`Status code = 1`, `FAILED`), what `echo $?` printed, else 0.
 */
#ifndef REPLAY_TRANSCRIPT_H
#define REPLAY_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "replay/tape.h"

struct arena;
struct err;

/* Why a command is left out. */
enum transcript_left {
    LEFT_NOT, /* it is not: `call` is set */
    LEFT_CAPTURED,
    LEFT_SHARED,
    LEFT_BLOCK,
    LEFT_MIXED,
    LEFT_PIPED,
    LEFT_REDIRECTED,
    LEFT_EXPANSION,
    LEFT_NOT_RUN,
    LEFT_CUT,
    LEFT_NO_OUTPUT,
    LEFT_UNREADABLE,
    LEFT_COUNT
};
struct transcript_left_text {
    const char *kind; /* as in `cpdflow explain KIND` */
    const char *what;
    const char *hint;
};
extern const struct transcript_left_text transcript_left_texts[LEFT_COUNT];

enum transcript_exit { EXIT_ASSUMED, EXIT_TOLD, EXIT_RECORDED };

struct transcript_command {
    unsigned line;    /* in the file, 0: unknown */
    const char *text; /* as it was written */
    enum transcript_left left;
    struct tape_call call;
    enum transcript_exit exit_from;
    bool has_any; /* variables became {{any}} */
};

struct transcript {
    const char *form; /* "notebook", "records" or "transcript" */
    struct transcript_command *commands;
    size_t n;
    size_t cap;
    size_t n_others; /* commands of other programs, which are not among these */
};

struct transcript_options {
    const char *file;            /* its name, for errors and as the name of the cassette */
    const char *const *programs; /* whose commands are taken, NULL-terminated */
};

/*
 * Lives in the arena; keeps nothing of `text`. Kinds: invalid-transcript (with its line) and those of json_parse(). More than
 * LIMIT_TAPE_CALLS commands are an error.
 */
bool transcript_read(struct arena *a, const struct transcript_options *options, const char *text,
                     size_t len, struct transcript *ret_transcript, struct err *err);
/* The commands that are not left out, in their order; texts masked, in the arena. */
void transcript_tape(struct arena *a, const struct transcript *transcript, const char *name,
                     struct tape *ret_tape);

#endif
