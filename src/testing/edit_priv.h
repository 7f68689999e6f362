/*
 * Values of a YAML text changed in place: comments, order and everything else of the text stay as they are.
 *
 *   struct edits e;
 *   edits_init(&e, text, len, root_of_what_was_read_from_it);
 *   edit_value(&e, map, "status", new_value);
 *   edits_apply(&e, &new_text);
 *   edits_release(&e);
 *
 * Nodes are those of yaml_read() of the same text. As little as can be is touched: of a map in block style single lines, of one
 * in flow style single values as long as its keys stay. A value that stands elsewhere (an alias, a merge) is left alone there and
 * written out here.
 */
#ifndef TESTING_EDIT_PRIV_H
#define TESTING_EDIT_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct edit;
struct str;
struct value;
struct yaml_node;

struct edits {
    struct arena arena;
    const char *text; /* borrowed */
    size_t len;
    struct edit *items;
    size_t n;
    size_t n_changed; /* values that are others now */
};

void edits_init(struct edits *e, const char *text, size_t len);
void edits_release(struct edits *e);
/*
 * The key of the map gets the value; a key that the map does not have comes behind the others. False: the place where it stands
 * could not be understood, and nothing was changed (ret_line tells which).
 */
bool edit_value(struct edits *e, const struct yaml_node *map, const char *key,
                const struct value *v, unsigned *ret_line);
/* Appends the text with all changes. False: two of them are for one place and differ (ret_line), the first one counts. */
bool edits_apply(struct edits *e, struct str *out, unsigned *ret_line);

/* The key of the map, merged ones too; NULL: it has none. */
const struct yaml_node *edit_find(const struct yaml_node *map, const char *key);

#endif
