/* What reading (tape.c) and writing (tape_save.c) of cassettes share. */
#ifndef REPLAY_TAPE_PRIV_H
#define REPLAY_TAPE_PRIV_H

#include <stddef.h>

#define TAPE_INDEX "tape.yaml"
enum { TAPE_VERSION = 1, TAPE_DIGEST_CHARS = 16 };

/* The beginning of a body's SHA-256; CRLF counts as LF, so that a checkout on another system does not change it. */
void tape_digest(const char *text, size_t len, char ret_hex[TAPE_DIGEST_CHARS + 1]);

#endif
