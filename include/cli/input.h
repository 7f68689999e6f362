/*
 * What a command reads: a file or standard input, whole or as it arrives.
 *
 *   struct input in;
 *   if (!input_open(&in, path, &err)) …          // NULL or "-": standard input; fifos and devices are fine
 *   do { if (!input_more(&in, &err)) …  use in.text, then input_consume(&in, n) } while (!in.is_end);
 *   input_close(&in);
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct err;
struct out;

struct input {
    const char *name; /* for messages: the path, or "stdin"; borrowed */
    struct str text;  /* read and not consumed yet */
    int fd;
    struct out *
        tied; /* flushed before a read that may wait, so that a slow writer is answered at once; NULL: none */
    size_t wanted;           /* bytes that the next read asks for */
    unsigned n_lines_before; /* lines consumed so far */
    bool is_whole;           /* one input_more() reads all of it; may be cleared before the first */
    bool is_sized;           /* regular and its size is known */
    bool is_end;             /* nothing follows `text` */
};

/* Kinds file-not-found, file-read, file-type (a directory). */
bool input_open(struct input *in, const char *path, struct err *err);
/* Reads what is there, waiting for at least one byte. Past LIMIT_JSON_BYTES of pending text: kind file-too-large. */
bool input_more(struct input *in, struct err *err);
bool input_all(struct input *in, struct err *err);
/* Forgets the first n bytes of `text`. */
void input_consume(struct input *in, size_t n);
/* NULL and a closed input are allowed. */
void input_close(struct input *in);

#endif
