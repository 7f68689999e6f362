/*
 * Secrets: registered values and their encoded forms are replaced by "***" wherever text leaves the
 * program.
 *
 * mask_register() also derives base64 (three alignments, two alphabets, broken into lines), hexadecimal, URL, JSON (also
 * within JSON), XML, HTML, YAML and shell quoting, the value without blanks at its ends and, for multi-line values, other
 * ends of lines and each line of 8 characters or more. Values shorter than LIMIT_SECRET_MIN
 * characters cannot be masked (they would blank ordinary text): registration returns false and the
 * caller warns.
 *
 * The set is process wide: nobody can write text without it. Registration happens at the start of a
 * run and when a secret output appears; masking is read-only.
 */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#include <stdbool.h>
#include <stddef.h>

struct str;

#define MASK_TEXT "***"

bool mask_register(const char *secret, size_t len);
/* True when at least one secret is registered. */
bool mask_is_active(void);
/* Appends `text` to `out` with every secret replaced, longest first. */
void mask_add(struct str *out, const char *text, size_t len);
/* True when `text` holds a secret in any registered form. */
bool mask_finds(const char *text, size_t len);
/*
 * How many bytes at a cut through text may belong to a secret of which the rest is missing: the longest form less
 * one, 0 without secrets.
 */
size_t mask_margin(void);
/* Forgets everything (tests, and the end of a run). */
void mask_clear(void);

/*
 * Streaming form for output that arrives in pieces: a secret split across pieces is still found
 * because the last (longest form - 1) bytes are held back until more arrives or mask_stream_end().
 */
struct mask_stream;
struct mask_stream *mask_stream_new(void);
void mask_stream_free(struct mask_stream *m);
void mask_stream_feed(struct mask_stream *m, const char *bytes, size_t len, struct str *out);
void mask_stream_end(struct mask_stream *m, struct str *out);

#endif
