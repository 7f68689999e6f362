/*
 * The readers behind extract_value(), one per format, and what they share.
 */
#ifndef EXTRACT_EXTRACT_PRIV_H
#define EXTRACT_EXTRACT_PRIV_H

#include "extract/extract.h"

/* spec->name is set and *note is zeroed when a reader is called. */
typedef bool (*extract_reader_fn)(struct arena *a, const char *bytes, size_t len,
                                  const struct extract_spec *spec, const struct value **ret_value,
                                  struct extract_note *note, struct err *err);

bool x_auto(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
            const struct value **ret_value, struct extract_note *note, struct err *err);
bool x_json(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
            const struct value **ret_value, struct extract_note *note, struct err *err);
bool x_yaml(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
            const struct value **ret_value, struct extract_note *note, struct err *err);
bool x_table(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
             const struct value **ret_value, struct extract_note *note, struct err *err);
bool x_csv(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
           const struct value **ret_value, struct extract_note *note, struct err *err);
bool x_lines(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
             const struct value **ret_value, struct extract_note *note, struct err *err);
bool x_text(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
            const struct value **ret_value, struct extract_note *note, struct err *err);
bool x_regex(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
             const struct value **ret_value, struct extract_note *note, struct err *err);

/* Kind output-too-large. Returns false. */
bool extract_fail_too_large(const struct extract_spec *spec, size_t len, struct err *err);
/* Kind unexpected-output: the command printed FAILED instead of data. Returns false. */
bool extract_fail_failed(const char *bytes, size_t len, const char *name, struct err *err);

#endif
