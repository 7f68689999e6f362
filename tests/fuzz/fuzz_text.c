/* Numbers, durations, sizes and UTF-8: what one function says must fit what its neighbours say. */
#include "fuzz/fuzz.h"

#include <math.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "base/utf8.h"

static void numbers(const char *text, size_t len) {
    double number = 0;
    bool is_number = num_parse_double(text, len, &number);
    MUST_HOLD(is_number == num_is_json(text, len));
    if (is_number && isfinite(number)) {
        AUTO(str) struct str shortest = STR_INIT(64);
        num_format(number, &shortest);
        double again = 0;
        MUST_HOLD(num_parse_double(shortest.data, shortest.len, &again));
        MUST_HOLD(!(again < number) && !(again > number));
    }
    int64_t ms = 0;
    uint64_t n_bytes = 0;
    struct err err = ERR_INIT;
    MUST_HOLD(num_parse_duration_ms(text, len, &ms, &err) ? ms >= 0 : err.kind != NULL);
    MUST_HOLD(num_parse_size(text, len, &n_bytes, &err) || err.kind != NULL);
    err_release(&err);
}

static void characters(const char *text, size_t len) {
    size_t valid = utf8_valid_prefix(text, len);
    MUST_HOLD(valid <= len && utf8_is_valid(text, len) == (valid == len));
    size_t n = utf8_count(text, valid);
    MUST_HOLD(utf8_offset(text, valid, n) == valid);
    AUTO(str) struct str safe = STR_INIT(0);
    utf8_add_safe(&safe, text, len);
    MUST_HOLD(utf8_is_valid(str_text(&safe), safe.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    numbers((const char *)data, size);
    characters((const char *)data, size);
    return 0;
}
