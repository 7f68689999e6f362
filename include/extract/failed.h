/*
 * What a failed command said, for messages and for the class of the failure.
 *
 * cpdctl answers errors with `FAILED` and the error body as a table on stderr, even when JSON was asked for; a
 * proxy answers with an HTML page; Go programs write `Error: …`.
 */
#ifndef EXTRACT_FAILED_H
#define EXTRACT_FAILED_H

#include <stdbool.h>
#include <stddef.h>

struct str;

/*
 * Appends the decisive lines, joined by newlines, at most LIMIT_MESSAGE bytes: "code: message" of each entry of a JSON or
 * table error body, the title of an HTML page, the text below FAILED, or the first `Error:` line. Returns false, with
 * nothing appended, when the text holds none of these. Only the first and last 64 KiB are looked at.
 */
bool extract_failure_message(const char *bytes, size_t len, struct str *out);

#endif
