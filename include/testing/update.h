/*
 * Expectations of a test file rewritten to what came out (`cpdflow test --update`).
 *
 *   struct update *u = update_new(suite);
 *   update_case(u, i, result.actual);       // of runs[i], which failed
 *   update_text(u, &text);                  // the file as it should be
 *   … update_n_changed(u), update_notes(u) …
 *   update_free(u);
 *
 * Values are changed where they stand, and everything else of the file stays as it is. What a row of a table takes from its case
 * is written into the row, so that other rows keep it.
 */
#ifndef TESTING_UPDATE_H
#define TESTING_UPDATE_H

#include <stddef.h>

struct str;
struct suite;
struct update;

/* Keeps the suite. */
struct update *update_new(const struct suite *s);
/* `actual`: play_result.actual of the run with this number. */
void update_case(struct update *u, size_t run, const char *actual);
/* Appends the new text. Once, behind the last case. */
void update_text(struct update *u, struct str *out);
size_t update_n_changed(const struct update *u);
/* What is left for people, "FILE:LINE: …", a line each. */
const char *update_notes(const struct update *u);
void update_free(struct update *u);

#endif
