#include "event/trace.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"

enum { TRACE_AT = 3, SPAN_AT = 36, FLAGS_AT = 53, PARENT_LEN = 55 };

static bool is_hex(const char *text, size_t len) {
    return strspn(text, "0123456789abcdef") >= len;
}

static bool is_zero(const char *text, size_t len) {
    return strspn(text, "0") >= len;
}

bool trace_parent_is_valid(const char *parent) {
    if (parent == NULL || strlen(parent) < PARENT_LEN || !is_hex(parent, 2) ||
        memcmp(parent, "ff", 2) == 0) {
        return false;
    }
    bool has_end =
        parent[PARENT_LEN] == '\0' || (parent[PARENT_LEN] == '-' && memcmp(parent, "00", 2) != 0);
    return has_end && parent[2] == '-' && parent[SPAN_AT - 1] == '-' &&
           parent[FLAGS_AT - 1] == '-' && is_hex(parent + TRACE_AT, TRACE_ID_SIZE - 1) &&
           is_hex(parent + SPAN_AT, TRACE_SPAN_SIZE - 1) && is_hex(parent + FLAGS_AT, 2) &&
           !is_zero(parent + TRACE_AT, TRACE_ID_SIZE - 1) &&
           !is_zero(parent + SPAN_AT, TRACE_SPAN_SIZE - 1);
}

/* The first `size - 1` digits of the hash of the text. All zero, which means none, does not come out of one. */
static void digits_of(const char *text, char *ret, size_t size) {
    struct sha256 hash;
    char hex[SHA256_HEX_SIZE];
    sha256_init(&hash);
    sha256_add(&hash, text, strlen(text));
    sha256_end(&hash, hex);
    memcpy(ret, hex, size - 1);
    ret[size - 1] = '\0';
}

void trace_id(const char *parent, const char *run_id, char ret_id[TRACE_ID_SIZE]) {
    if (trace_parent_is_valid(parent)) {
        memcpy(ret_id, parent + TRACE_AT, TRACE_ID_SIZE - 1);
        ret_id[TRACE_ID_SIZE - 1] = '\0';
        return;
    }
    char text[128];
    (void)snprintf(text, sizeof text, "trace %s", run_id == NULL ? "" : run_id);
    digits_of(text, ret_id, TRACE_ID_SIZE);
}

void trace_parent_span(const char *parent, char ret_span[TRACE_SPAN_SIZE]) {
    size_t len = trace_parent_is_valid(parent) ? TRACE_SPAN_SIZE - 1 : 0;
    memcpy(ret_span, len == 0 ? "" : parent + SPAN_AT, len);
    ret_span[len] = '\0';
}

void trace_span(const char *run_id, int64_t step, unsigned attempt,
                char ret_span[TRACE_SPAN_SIZE]) {
    char text[128];
    (void)snprintf(text, sizeof text, "span %s %lld %u", run_id == NULL ? "" : run_id,
                   (long long)step, attempt);
    digits_of(text, ret_span, TRACE_SPAN_SIZE);
}

void trace_child(const char *parent, const char *run_id, int64_t step, unsigned attempt,
                 char ret_parent[TRACE_PARENT_SIZE]) {
    char trace[TRACE_ID_SIZE];
    char span[TRACE_SPAN_SIZE];
    trace_id(parent, run_id, trace);
    trace_span(run_id, step, attempt, span);
    /* Whether the trace is kept is for the one who began it to say. */
    const char *flags = trace_parent_is_valid(parent) ? parent + FLAGS_AT : "01";
    (void)snprintf(ret_parent, TRACE_PARENT_SIZE, "00-%s-%s-%.2s", trace, span, flags);
}
