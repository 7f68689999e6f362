/*
 * Strict numbers, durations and sizes: the only parsers of digits in the program.
 *
 * Nothing here skips blanks, accepts a sign that is not described or stops early: the whole text
 * counts.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct str;

/* Optional '-' and decimal digits that fit. */
bool num_parse_i64(const char *text, size_t len, int64_t *ret_value);
/* A JSON number (RFC 8259 grammar); +-HUGE_VAL when it overflows, which is not a failure. */
bool num_parse_double(const char *text, size_t len, double *ret_value);
/* True when text is exactly a JSON number. */
bool num_is_json(const char *text, size_t len);
/* Shortest text that reads back as `value` (17 digits at most, integral values without fraction);
 * `value` must be finite. */
void num_format(double value, struct str *out);
/*
 * "500ms", "10s", "5m", "1h30m", "1.5s", "2d": units ms s m h d, descending, at least one, to
 * milliseconds. Errors (kind invalid-duration): no unit ("10": write "10s"), negative, unknown
 * unit, past LIMIT_DURATION_MS.
 */
bool num_parse_duration_ms(const char *text, size_t len, int64_t *ret_ms, struct err *err);
/* "1h 2m 3s", "1.5s", "20ms": for people. */
void num_format_duration_ms(int64_t ms, struct str *out);
/* "64KiB", "1MiB", "10MB", "123" (bytes). */
bool num_parse_size(const char *text, size_t len, uint64_t *ret_bytes, struct err *err);

#endif
