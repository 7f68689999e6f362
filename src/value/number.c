/*
 * Numbers by their text: order and equality without rounding.
 *
 * A number is taken apart into sign, digits and a power of ten, so that 1, 1.0 and 10e-1 are equal,
 * and integers of any length differ in their last digit. Doubles are only a short cut where they
 * decide safely.
 */
#include "base/mem.h"
#include "base/num.h"
#include "value/value.h"

#include <math.h>
#include <string.h>

/* value = 0.d1d2d3… * 10^exponent with d1 != 0; n_digits == 0 is zero. Digits of the fraction
 * follow those before the dot. */
struct decimal {
    bool is_negative;
    const char *whole; /* significant digits before the dot */
    size_t n_whole;
    const char *fraction;
    size_t n_fraction;
    int64_t exponent;
};

static size_t count_digits(const char *text, const char *end) {
    size_t n = 0;
    while (text + n < end && text[n] >= '0' && text[n] <= '9') {
        n++;
    }
    return n;
}

static size_t skip_zeros(const char **digits, size_t n) {
    size_t n_zeros = 0;
    while (n_zeros < n && (*digits)[n_zeros] == '0') {
        n_zeros++;
    }
    *digits += n_zeros;
    return n_zeros;
}

/* "e+12" to 12; what does not fit 64 bits is clamped far outside of any other part of the sum. */
static int64_t read_exponent(const char *text, const char *end) {
    enum { FAR = 1000000000 };
    const int64_t clamp = (int64_t)FAR * FAR;
    if (text == end) {
        return 0;
    }
    text++;
    bool is_negative = text < end && *text == '-';
    const char *digits = text < end && (*text == '-' || *text == '+') ? text + 1 : text;
    int64_t exponent = 0;
    if (!num_parse_i64(digits, (size_t)(end - digits), &exponent) || exponent > clamp) {
        exponent = clamp;
    }
    return is_negative ? -exponent : exponent;
}

static struct decimal take_apart(const struct value *v) {
    const char *at = v->as.text;
    const char *end = at + v->len;
    struct decimal d = {.is_negative = *at == '-'};
    d.whole = d.is_negative ? at + 1 : at;
    d.n_whole = count_digits(d.whole, end);
    at = d.whole + d.n_whole;
    d.fraction = at;
    if (at < end && *at == '.') {
        d.fraction = at + 1;
        d.n_fraction = count_digits(d.fraction, end);
        at = d.fraction + d.n_fraction;
    }
    d.exponent = read_exponent(at, end);
    d.n_whole -= skip_zeros(&d.whole, d.n_whole);
    d.exponent += (int64_t)d.n_whole;
    if (d.n_whole == 0) {
        size_t n_zeros = skip_zeros(&d.fraction, d.n_fraction);
        d.n_fraction -= n_zeros;
        d.exponent -= (int64_t)n_zeros;
    }
    while (d.n_fraction > 0 && d.fraction[d.n_fraction - 1] == '0') {
        d.n_fraction--;
    }
    while (d.n_fraction == 0 && d.n_whole > 0 && d.whole[d.n_whole - 1] == '0') {
        d.n_whole--;
    }
    return d;
}

static char digit_at(const struct decimal *d, size_t i) {
    if (i < d->n_whole) {
        return d->whole[i];
    }
    return i - d->n_whole < d->n_fraction ? d->fraction[i - d->n_whole] : '0';
}

/* Order of the absolute values. */
static int compare_sizes(const struct decimal *a, const struct decimal *b) {
    size_t n_a = a->n_whole + a->n_fraction;
    size_t n_b = b->n_whole + b->n_fraction;
    if (n_a == 0 || n_b == 0) {
        return (n_a > 0) - (n_b > 0);
    }
    if (a->exponent != b->exponent) {
        return a->exponent < b->exponent ? -1 : 1;
    }
    size_t n = n_a > n_b ? n_a : n_b;
    for (size_t i = 0; i < n; i++) {
        char x = digit_at(a, i);
        char y = digit_at(b, i);
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    return 0;
}

static bool is_zero(const struct decimal *d) {
    return d->n_whole + d->n_fraction == 0;
}

static int compare_numbers(const struct value *a, const struct value *b) {
    /* Rounding keeps order, so different finite doubles decide; equal ones may hide a difference.
     */
    if (a->aux.number < b->aux.number) {
        return -1;
    }
    if (a->aux.number > b->aux.number) {
        return 1;
    }
    if (a->len == b->len && memcmp(a->as.text, b->as.text, a->len) == 0) {
        return 0;
    }
    struct decimal x = take_apart(a);
    struct decimal y = take_apart(b);
    bool is_x_negative = x.is_negative && !is_zero(&x);
    bool is_y_negative = y.is_negative && !is_zero(&y);
    if (is_x_negative != is_y_negative) {
        return is_x_negative ? -1 : 1;
    }
    int order = compare_sizes(&x, &y);
    return is_x_negative ? -order : order;
}

static int compare_strings(const struct value *a, const struct value *b) {
    uint32_t n = a->len < b->len ? a->len : b->len;
    int order = memcmp(a->as.text, b->as.text, n); /* bytes of UTF-8 order as code points do */
    if (order != 0) {
        return order < 0 ? -1 : 1;
    }
    return (a->len > b->len) - (a->len < b->len);
}

int value_compare(const struct value *a, const struct value *b) {
    if (a->type == VALUE_NUMBER && b->type == VALUE_NUMBER) {
        return compare_numbers(a, b);
    }
    if (a->type == VALUE_STRING && b->type == VALUE_STRING) {
        return compare_strings(a, b);
    }
    bug("value_compare: %s and %s", value_type_name(a), value_type_name(b));
}

bool value_as_i64(const struct value *v, int64_t *ret_n) {
    if (v == NULL || v->type != VALUE_NUMBER) {
        return false;
    }
    if (num_parse_i64(v->as.text, v->len, ret_n)) {
        return true;
    }
    struct decimal d = take_apart(v);
    if (is_zero(&d)) {
        *ret_n = 0;
        return true;
    }
    enum { MAX_DIGITS = 19 };
    size_t n_digits = d.n_whole + d.n_fraction;
    if (d.exponent < (int64_t)n_digits || d.exponent > MAX_DIGITS) {
        return false; /* a fraction is left, or too large */
    }
    char text[MAX_DIGITS + 2];
    size_t len = 0;
    if (d.is_negative) {
        text[len++] = '-';
    }
    for (size_t i = 0; i < (size_t)d.exponent; i++) {
        text[len++] = digit_at(&d, i);
    }
    return num_parse_i64(text, len, ret_n);
}
