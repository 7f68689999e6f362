#ifndef STANDIN_RENDER_H
#define STANDIN_RENDER_H
/*
 * What cpdctl prints on stdout for an answer, in the layouts that were recorded.
 */
#include "commands.h"

enum output { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_YAML };

/* Appends the output for `body` (NULL: the command has none) to `out`. */
void render(struct text *out, const struct command *command, const cJSON *body, enum output output);

#endif
