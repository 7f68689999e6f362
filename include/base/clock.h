/*
 * Time. Decisions use the monotonic clock of `struct timers` (proc/timers.h); this header serves
 * what is outside a run and the conversion of wall time to text.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str;

int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_ns(void);
/* Milliseconds since 1970-01-01T00:00:00Z. */
int64_t clock_wall_ms(void);
/* "2026-01-31T09:05:00.123Z" (years 0000 to 9999, clamped). */
void clock_format_utc(int64_t wall_ms, struct str *out);
/* RFC 3339 and cpdctl's forms: "2021-01-29T08:56:07.389Z", offsets, 0 to 9 fraction digits. */
bool clock_parse_utc(const char *text, size_t len, int64_t *ret_wall_ms);

#endif
