/*
 * All digits of the program are read and written here. strtod() and printf() follow the locale's
 * decimal point; the program never calls setlocale(), so it is a dot.
 */
#include "base/num.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN = 100 }; /* bytes of a wrong text that a message repeats */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t count_digits(const char *text, size_t len) {
    size_t n = 0;
    while (n < len && is_digit(text[n])) {
        n++;
    }
    return n;
}

/* Decimal digits that fit into 64 bits. */
static bool parse_u64(const char *text, size_t len, uint64_t *ret_value) {
    if (len == 0 || count_digits(text, len) != len) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *ret_value = value;
    return true;
}

bool num_parse_i64(const char *text, size_t len, int64_t *ret_value) {
    bool is_negative = len > 0 && text[0] == '-';
    uint64_t size = 0;
    if (!parse_u64(text + (is_negative ? 1 : 0), len - (is_negative ? 1 : 0), &size)) {
        return false;
    }
    if (size > (uint64_t)INT64_MAX + (is_negative ? 1 : 0)) {
        return false;
    }
    if (is_negative) {
        *ret_value = size == 0 ? 0 : -(int64_t)(size - 1) - 1; /* reaches INT64_MIN */
    } else {
        *ret_value = (int64_t)size;
    }
    return true;
}

/*
 * number   = [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ exponent ]
 * exponent = ( "e" / "E" ) [ "+" / "-" ] 1*digit
 */
bool num_is_json(const char *text, size_t len) {
    size_t at = len > 0 && text[0] == '-' ? 1 : 0;
    size_t n = count_digits(text + at, len - at);
    if (n == 0 || (n > 1 && text[at] == '0')) {
        return false;
    }
    at += n;
    if (at < len && text[at] == '.') {
        n = count_digits(text + at + 1, len - at - 1);
        if (n == 0) {
            return false;
        }
        at += n + 1;
    }
    if (at < len && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < len && (text[at] == '+' || text[at] == '-')) {
            at++;
        }
        n = count_digits(text + at, len - at);
        if (n == 0) {
            return false;
        }
        at += n;
    }
    return at == len;
}

bool num_parse_double(const char *text, size_t len, double *ret_value) {
    char small[128];
    if (!num_is_json(text, len)) {
        return false;
    }
    char *copy = len < sizeof small ? small : mem_alloc(len + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    *ret_value = strtod(copy, NULL);
    if (copy != small) {
        mem_free(copy);
    }
    return true;
}

/* "d.ddde+xx" with the fewest digits that read back as `value`. */
static void shortest_scientific(double value, char *text, size_t size_bytes) {
    /* 15 digits are enough for all that people write; only numbers below DBL_MIN have shorter
     * forms. */
    int n_digits = fabs(value) < 2.2250738585072014e-308 ? 1 : 15;
    for (; n_digits <= 17; n_digits++) {
        (void)snprintf(text, size_bytes, "%.*e", n_digits - 1, value); /* at most 24 characters */
        if (strtod(text, NULL) == value) {                             /* NOLINT: exact by intent */
            return;
        }
    }
}

void num_format(double value, struct str *out) {
    if (value == 0) {
        str_add_char(out, '0');
        return;
    }
    char text[40];
    shortest_scientific(value, text, sizeof text);
    const char *e = strchr(text, 'e');
    if (e == NULL) {
        bug("num_format: '%s' is not a finite number", text);
    }
    char digits[24] = "0"; /* never empty, which only the loop below shows */
    size_t n_digits = 0;
    for (const char *c = text; c < e; c++) {
        if (is_digit(*c) && n_digits < sizeof digits) {
            digits[n_digits++] = *c;
        }
    }
    while (n_digits > 1 && digits[n_digits - 1] == '0') {
        n_digits--;
    }
    int64_t exponent = 0;
    const char *e_digits = e[1] == '+' ? e + 2 : e + 1;
    if (!num_parse_i64(e_digits, strlen(e_digits), &exponent)) {
        bug("num_format: exponent of '%s'", text);
    }
    if (value < 0) {
        str_add_char(out, '-');
    }
    if (exponent >= 21 || exponent < -6) {
        str_add_char(out, digits[0]);
        if (n_digits > 1) {
            str_add_char(out, '.');
            str_add_bytes(out, digits + 1, n_digits - 1);
        }
        str_addf(out, "e%+d", (int)exponent);
    } else if (exponent < 0) {
        str_add(out, "0.");
        str_add_repeat(out, '0', (size_t)(-exponent - 1));
        str_add_bytes(out, digits, n_digits);
    } else if ((size_t)exponent + 1 >= n_digits) {
        str_add_bytes(out, digits, n_digits);
        str_add_repeat(out, '0', (size_t)exponent + 1 - n_digits);
    } else {
        str_add_bytes(out, digits, (size_t)exponent + 1);
        str_add_char(out, '.');
        str_add_bytes(out, digits + exponent + 1, n_digits - (size_t)exponent - 1);
    }
}

/* A name with a factor, in the order they may follow each other. */
struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit duration_units[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};
enum { N_DURATION_UNITS = sizeof duration_units / sizeof duration_units[0] };

static size_t count_letters(const char *text, size_t len) {
    size_t n = 0;
    while (n < len && ((text[n] >= 'a' && text[n] <= 'z') || (text[n] >= 'A' && text[n] <= 'Z'))) {
        n++;
    }
    return n;
}

/* Index of the unit named by exactly these bytes, or n_units. */
static size_t find_unit(const struct unit *units, size_t n_units, const char *name, size_t len) {
    size_t i = 0;
    while (i < n_units &&
           !(strlen(units[i].name) == len && memcmp(units[i].name, name, len) == 0)) {
        i++;
    }
    return i;
}

/* A decimal number as it stands in text: "12" or "1.5". */
struct decimal {
    const char *text;
    size_t n_whole;
    size_t n_fraction;
    size_t len;
};

/* False when there are no digits, or none after the dot. */
static bool scan_decimal(const char *text, size_t len, struct decimal *ret_decimal) {
    struct decimal d = {.text = text, .n_whole = count_digits(text, len)};
    d.len = d.n_whole;
    if (d.len < len && text[d.len] == '.') {
        d.n_fraction = count_digits(text + d.len + 1, len - d.len - 1);
        d.len += 1 + d.n_fraction;
    }
    *ret_decimal = d;
    return d.n_whole > 0 && (d.len == d.n_whole || d.n_fraction > 0);
}

/* The number times `factor`, rounded down; false when it does not fit. */
static bool scale(const struct decimal *d, uint64_t factor, uint64_t *ret_value) {
    enum { MAX_FRACTION = 6 }; /* milliseconds of a day need no more, and nothing overflows */
    uint64_t whole = 0;
    if (!parse_u64(d->text, d->n_whole, &whole) || whole > UINT64_MAX / factor) {
        return false;
    }
    uint64_t fraction = 0;
    uint64_t weight = 1;
    for (size_t i = 0; i < d->n_fraction && i < MAX_FRACTION; i++) {
        fraction = fraction * 10 + (uint64_t)(d->text[d->n_whole + 1 + i] - '0');
        weight *= 10;
    }
    uint64_t part = fraction == 0 ? 0 : factor * fraction / weight;
    *ret_value = whole * factor + part;
    return *ret_value >= part;
}

static bool bad_duration(struct err *err, const char *text, size_t len, const char *why) {
    return err_set(err, "invalid-duration", "'%.*s' is not a duration: %s",
                   (int)(len > MAX_SHOWN ? MAX_SHOWN : len), text, why);
}

/* Adds the "1.5h" at the start of text; *unit is the number of the smallest unit so far and moves
 * on. */
static const char *add_part(const char *text, size_t len, size_t *next_unit, uint64_t *total_ms,
                            size_t *ret_len) {
    struct decimal number;
    if (!scan_decimal(text, len, &number)) {
        return "expected a number with a unit (ms, s, m, h, d)";
    }
    size_t name_len = count_letters(text + number.len, len - number.len);
    size_t unit = find_unit(duration_units, N_DURATION_UNITS, text + number.len, name_len);
    if (unit == N_DURATION_UNITS) {
        return "units are ms, s, m, h, d";
    }
    if (unit < *next_unit) {
        return "each unit stands once, larger units first";
    }
    uint64_t part_ms = 0;
    if (!scale(&number, duration_units[unit].factor, &part_ms) ||
        part_ms > (uint64_t)LIMIT_DURATION_MS - *total_ms) {
        return "it is longer than 100 years";
    }
    *next_unit = unit + 1;
    *total_ms += part_ms;
    *ret_len = number.len + name_len;
    return NULL;
}

bool num_parse_duration_ms(const char *text, size_t len, int64_t *ret_ms, struct err *err) {
    if (len == 0) {
        return bad_duration(err, text, len, "it is empty: write for example '10s'");
    }
    if (text[0] == '-') {
        return bad_duration(err, text, len, "it must not be negative");
    }
    if (len < MAX_SHOWN && count_digits(text, len) == len) {
        return err_set(err, "invalid-duration", "'%.*s' has no unit: write '%.*ss' for seconds",
                       (int)len, text, (int)len, text);
    }
    uint64_t total_ms = 0;
    size_t next_unit = 0;
    size_t part_len = 0;
    for (size_t at = 0; at < len; at += part_len) {
        const char *why = add_part(text + at, len - at, &next_unit, &total_ms, &part_len);
        if (why != NULL) {
            return bad_duration(err, text, len, why);
        }
    }
    *ret_ms = (int64_t)total_ms;
    return true;
}

void num_format_duration_ms(int64_t ms, struct str *out) {
    if (ms < 0) {
        str_add_char(out, '-');
    }
    uint64_t left = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    if (left < 1000) {
        str_addf(out, "%llums", (unsigned long long)left);
        return;
    }
    if (left < 60000) { /* tenths matter below a minute only */
        uint64_t tenths = left / 100;
        str_addf(out, "%llu", (unsigned long long)(tenths / 10));
        if (tenths % 10 != 0) {
            str_addf(out, ".%llu", (unsigned long long)(tenths % 10));
        }
        str_add_char(out, 's');
        return;
    }
    const char *gap = "";
    for (size_t i = 0; i < N_DURATION_UNITS - 1; i++) {
        uint64_t n = left / duration_units[i].factor;
        left %= duration_units[i].factor;
        if (n > 0) {
            str_addf(out, "%s%llu%s", gap, (unsigned long long)n, duration_units[i].name);
            gap = " ";
        }
    }
}

static const struct unit size_units[] = {
    {"", 1},
    {"B", 1},
    {"KiB", UINT64_C(1) << 10},
    {"MiB", UINT64_C(1) << 20},
    {"GiB", UINT64_C(1) << 30},
    {"TiB", UINT64_C(1) << 40},
    {"kB", 1000},
    {"KB", 1000},
    {"MB", 1000000},
    {"GB", 1000000000},
    {"TB", 1000000000000},
};
enum { N_SIZE_UNITS = sizeof size_units / sizeof size_units[0] };

bool num_parse_size(const char *text, size_t len, uint64_t *ret_bytes, struct err *err) {
    size_t n_digits = count_digits(text, len);
    size_t unit = find_unit(size_units, N_SIZE_UNITS, text + n_digits, len - n_digits);
    int shown = (int)(len > MAX_SHOWN ? MAX_SHOWN : len);
    if (n_digits == 0 || unit == N_SIZE_UNITS) {
        return err_set(err, "invalid-size",
                       "'%.*s' is not a size: write bytes or a number with KiB, MiB, GiB, TiB, "
                       "KB, MB, GB or TB",
                       shown, text);
    }
    struct decimal number = {.text = text, .n_whole = n_digits, .len = n_digits};
    uint64_t bytes = 0;
    if (!scale(&number, size_units[unit].factor, &bytes)) {
        return err_set(err, "invalid-size", "'%.*s' is more than 2^64 bytes", shown, text);
    }
    *ret_bytes = bytes;
    return true;
}
