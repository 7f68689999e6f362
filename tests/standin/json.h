#ifndef STANDIN_JSON_H
#define STANDIN_JSON_H
/*
 * What the stand-in does with cJSON trees: dotted paths, printing with sorted keys as cpdctl does,
 * YAML as the library behind cpdctl writes it, and JSON Patch.
 *
 * A path is keys joined by dots, "entity.status.state". Keys with dots cannot be addressed.
 */
#include <stdbool.h>
#include <cjson/cJSON.h>

#include "text.h"

/* The node at `path`, NULL when it is not there. `root` may be NULL. */
cJSON *json_at(const cJSON *root, const char *path);

/* The string at `path`; NULL when absent or no string. Valid as long as the node. */
const char *json_text(const cJSON *root, const char *path);
const char *json_text_or(const cJSON *root, const char *path, const char *fallback);
double json_number_or(const cJSON *root, const char *path, double fallback);
bool json_bool_or(const cJSON *root, const char *path, bool fallback);

/* Sets what is at `path`, making the objects on the way. Takes `value` (NULL: does nothing). */
void json_put(cJSON *root, const char *path, cJSON *value);
void json_put_text(cJSON *root, const char *path, const char *string);
void json_put_number(cJSON *root, const char *path, double number);

/* Copies what is at `from` in `source`, if it is there, to `to` in `root`. */
void json_put_copy(cJSON *root, const char *to, const cJSON *source, const char *from);

/* Removes what is at `path`, if anything is. */
void json_drop(cJSON *root, const char *path);

/* Lays `over` on `root`: objects are merged, everything else is replaced. */
void json_merge(cJSON *root, const cJSON *over);

/* Like cJSON's own constructors, but never NULL. */
cJSON *json_object(void);
cJSON *json_array(void);
cJSON *json_copy(const cJSON *value);
/* A string holds a line end or another control character as it is: cJSON takes it, Go's decoder does not. */
bool json_has_raw_control(const char *text);
/* Parses `text` or dies: for literals in the source. */
cJSON *json_literal(const char *text);

/* Adds `value` (taken) to the end of `array`. */
void json_push(cJSON *array, cJSON *value);

enum json_form { JSON_COMPACT, JSON_PRETTY, JSON_GO };

/* Keys are sorted by bytes. JSON_GO is JSON_PRETTY with < > & as \u00XX, as Go's encoder has it. */
void json_print(struct text *out, const cJSON *value, enum json_form form);
void json_print_yaml(struct text *out, const cJSON *value);

/* Children of an object in the order of their keys; the caller frees the array. */
const cJSON **json_sorted_members(const cJSON *object, size_t *ret_n);

/*
 * Applies RFC 6902 operations (an array, or one operation) to `doc`. Stops at the first that does
 * not fit and returns what is wrong with it (heap); NULL when all was done.
 */
char *json_patch(cJSON *doc, const cJSON *operations);

#endif
