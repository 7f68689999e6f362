/*
 * Data that stand outside the repository (conformance suites, captured outputs): tests over them
 * skip where they are absent.
 */
#ifndef TESTS_UNIT_BASE_OUTSIDE_H
#define TESTS_UNIT_BASE_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>

struct str;

/*
 * Appends the path of "suites/…" (in $CPDFLOW_SUITES when that is set) or "data/…" in the shared
 * folder beside the repository. False and a word on stderr when there is no such folder.
 */
bool outside_path(const char *relative, struct str *ret_path);
/* Names in a folder in byte order, without those that start with a dot; freed with
 * outside_free_names(). */
char **outside_names(const char *folder, size_t *ret_n_names);
void outside_free_names(char **names, size_t n_names);
/* Replaces `out` by the text of folder/name; false when there is no such file. */
bool outside_read(const char *folder, const char *name, struct str *out);

#endif
