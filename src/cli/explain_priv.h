/*
 * The longer answers of `cpdflow explain`.
 */
#ifndef CLI_EXPLAIN_PRIV_H
#define CLI_EXPLAIN_PRIV_H

#include <stdbool.h>

struct err;
struct str;

/* Appends what the step of the recipe does; false when there is no such step or recipe. */
bool explain_step(const char *file, const char *id, struct str *out, struct err *err);
/* Appends what the catalogue knows of a command of cpdctl ("space create"); nothing when it knows none. */
void explain_command(const char *path, struct str *out);

#endif
