/*
 * The aligned table of render.c.
 */
#ifndef CLI_RENDER_PRIV_H
#define CLI_RENDER_PRIV_H

struct str;
struct value;

/*
 * Lists of objects as columns, one object as `Label:   value` lines, anything else a line each; an empty list
 * is `Nothing to show.`. What this prints, `extract table` reads.
 */
void render_table(struct str *out, const struct value *v);

#endif
