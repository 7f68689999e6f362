/* A pattern, a NUL, a text: an answer or an error in time, and every group inside the text. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/err.h"
#include "base/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
    if (end == NULL) {
        return 0;
    }
    const char *pattern = (const char *)data;
    const char *text = (const char *)end + 1;
    size_t pattern_len = (size_t)(end - data);
    size_t len = size - pattern_len - 1;
    struct err err = ERR_INIT;
    size_t offset = 0;
    struct regex *re = regex_compile(pattern, pattern_len, &offset, &err);
    if (re == NULL) {
        MUST_HOLD(err.kind != NULL && offset <= pattern_len);
        err_release(&err);
        return 0;
    }
    struct regex_span spans[4];
    int found = regex_match(re, text, len, 0, spans, 4, &err);
    MUST_HOLD((found == -1) == (err.kind != NULL));
    for (size_t i = 0; found == 1 && i < 4; i++) {
        MUST_HOLD(spans[i].start == REGEX_UNSET || spans[i].end <= len);
    }
    regex_free(re);
    err_release(&err);
    return 0;
}
