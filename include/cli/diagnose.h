/*
 * Diagnostics of a recipe or of inputs, for people.
 */
#ifndef CLI_DIAGNOSE_H
#define CLI_DIAGNOSE_H

struct diagnostics;
struct str;

/* Each with its place, source line and hint, as they stand; then how many more there are. */
void diagnose_add(struct str *out, const struct diagnostics *d);

/* All of them, in order of place, to standard error through the mask; ends with a count when there are several. */
void diagnose_print(struct diagnostics *d);

/* One line that says how many there are and who shows them: for commands that go on all the same. */
void diagnose_count(const struct diagnostics *d, const char *path);

#endif
