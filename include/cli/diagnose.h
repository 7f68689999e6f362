/*
 * Diagnostics of a recipe or of inputs, for people.
 */
#ifndef CLI_DIAGNOSE_H
#define CLI_DIAGNOSE_H

struct diagnostics;

/* All of them, in order of place, to standard error through the mask; ends with a count when there are several. */
void diagnose_print(struct diagnostics *d);

#endif
