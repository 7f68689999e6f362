/*
 * Regular expressions that always come to an end.
 *
 * PCRE2's limits count per start offset, so a pattern that fails slowly at each of many offsets is
 * not stopped by them. A search therefore runs over windows of start offsets and looks at the
 * processor time between them: a pattern that is quick gets windows that double, so a linear search
 * pays for a handful of calls.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/regex.h"

#include "base/err.h"
#include "base/mem.h"
#include "maxima.h"

#include <pcre2.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

enum {
    MATCH_LIMIT_MIN = 100000, /* steps at one start offset; grows with the text */
    HEAP_LIMIT_KIB = 20 * 1024,
    JIT_STACK_MIN = 32 * 1024,
    JIT_STACK_MAX = 512 * 1024,
    WINDOW_MIN = 64,                     /* start offsets of the first call */
    BUDGET_NS = 30 * 1000 * 1000,        /* of processor time for one search ... */
    BUDGET_NS_PER_BYTE = 100,            /* ... and this for each byte of the text: 10 MB/s */
    SLOW_WINDOW_NS = 2 * 1000 * 1000,    /* windows shrink past this ... */
    QUICK_WINDOW_NS = SLOW_WINDOW_NS / 4 /* ... and double below this */
};

struct regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *jit_stack; /* NULL: no JIT */
    const char **names;         /* one a group, NULL for an unnamed one; they point into `code` */
    size_t n_groups;
};

static const uint32_t compile_options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
                                        PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UCP |
                                        PCRE2_USE_OFFSET_LIMIT;

/* \G means "where the search began", which windows move. */
static bool has_start_anchor(const char *pattern, size_t len, size_t *ret_offset) {
    for (size_t i = 0; i + 1 < len; i++) {
        if (pattern[i] == '\\') {
            if (pattern[i + 1] == 'G') {
                *ret_offset = i;
                return true;
            }
            i++;
        }
    }
    return false;
}

static struct regex *bad_pattern(struct err *err, size_t offset, size_t *ret_offset,
                                 const char *text) {
    if (ret_offset != NULL) {
        *ret_offset = offset;
    }
    err_set(err, "invalid-regex", "invalid regular expression: %s (at offset %zu)", text, offset);
    return NULL;
}

static pcre2_code *compile(const char *pattern, size_t len, size_t *ret_offset, struct err *err) {
    size_t offset = 0;
    if (len > LIMIT_REGEX_PATTERN) {
        bad_pattern(err, LIMIT_REGEX_PATTERN, ret_offset, "it is longer than 10000 bytes");
        return NULL;
    }
    if (has_start_anchor(pattern, len, &offset)) {
        bad_pattern(err, offset, ret_offset, "\\G is not supported");
        return NULL;
    }
    int code_number = 0;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, len, compile_options, &code_number, &offset, NULL);
    if (code == NULL && code_number == PCRE2_ERROR_HEAP_FAILED) {
        mem_exhausted();
    }
    if (code == NULL) {
        char text[256] = "";
        (void)pcre2_get_error_message(code_number, (PCRE2_UCHAR *)text, sizeof text);
        bad_pattern(err, offset, ret_offset, text);
    }
    return code;
}

/* Name table entries: two bytes of group number, then the NUL-terminated name. */
static void read_names(struct regex *re) {
    uint32_t n_names = 0;
    uint32_t entry_size = 0;
    PCRE2_SPTR table = NULL;
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &n_names); /* these cannot fail */
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &entry_size);
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < n_names; i++) {
        PCRE2_SPTR entry = table + (size_t)i * entry_size;
        size_t group = (size_t)entry[0] << 8 | entry[1];
        if (group < re->n_groups) {
            re->names[group] = (const char *)(entry + 2);
        }
    }
}

static void *or_die(void *p) {
    if (p == NULL) {
        mem_exhausted();
    }
    return p;
}

struct regex *regex_compile(const char *pattern, size_t len, size_t *ret_offset, struct err *err) {
    pcre2_code *code = compile(pattern, len, ret_offset, err);
    if (code == NULL) {
        return NULL;
    }
    struct regex *re = mem_zalloc(1, sizeof *re);
    re->code = code;
    re->data = or_die(pcre2_match_data_create_from_pattern(code, NULL));
    re->context = or_die(pcre2_match_context_create(NULL));
    (void)pcre2_set_heap_limit(re->context, HEAP_LIMIT_KIB); /* the setters cannot fail */
    if (pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0) {
        re->jit_stack = or_die(pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL));
        pcre2_jit_stack_assign(re->context, NULL, re->jit_stack);
    }
    uint32_t n_captures = 0;
    (void)pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &n_captures); /* cannot fail */
    re->n_groups = (size_t)n_captures + 1;
    re->names = mem_zalloc(re->n_groups, sizeof *re->names);
    read_names(re);
    return re;
}

void regex_free(struct regex *re) {
    if (re == NULL) {
        return;
    }
    pcre2_match_data_free(re->data);
    pcre2_match_context_free(re->context);
    pcre2_jit_stack_free(re->jit_stack);
    pcre2_code_free(re->code);
    mem_free(re->names);
    mem_free(re);
}

size_t regex_group_count(const struct regex *re) {
    return re->n_groups;
}

const char *regex_group_name(const struct regex *re, size_t i) {
    return i < re->n_groups ? re->names[i] : NULL;
}

/* Processor time, so that a busy machine does not turn a slow answer into an error. */
static int64_t spent_ns(void) {
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* cannot fail for this clock */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Looks for a match that starts in [from, last]. */
static int match_window(const struct regex *re, const char *text, size_t len, size_t from,
                        size_t last) {
    (void)pcre2_set_offset_limit(re->context, last); /* cannot fail */
    int rc = pcre2_match(re->code, (PCRE2_SPTR)text, len, from, 0, re->data, re->context);
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT) {
        /* The interpreter keeps its state on the heap, which may grow further. */
        rc =
            pcre2_match(re->code, (PCRE2_SPTR)text, len, from, PCRE2_NO_JIT, re->data, re->context);
    }
    return rc;
}

/* The next start offset behind `last`, on a character boundary. */
static size_t next_start(const char *text, size_t len, size_t last) {
    size_t at = last + 1;
    while (at < len && at - last < 4 && ((unsigned char)text[at] & 0xC0) == 0x80) {
        at++;
    }
    return at;
}

static int search(const struct regex *re, const char *text, size_t len, size_t from) {
    int64_t budget_ns = BUDGET_NS + (int64_t)len * BUDGET_NS_PER_BYTE;
    int64_t start_ns = len > WINDOW_MIN ? spent_ns() : 0;
    int64_t last_ns = start_ns;
    size_t window = WINDOW_MIN;
    while (from <= len) {
        size_t last = len - from < window ? len : from + window - 1;
        int rc = match_window(re, text, len, from, last);
        if (rc != PCRE2_ERROR_NOMATCH || last == len) {
            return rc;
        }
        int64_t now_ns = spent_ns();
        if (now_ns - start_ns > budget_ns) {
            return PCRE2_ERROR_MATCHLIMIT;
        }
        if (now_ns - last_ns < QUICK_WINDOW_NS) {
            window = window > len ? window : window * 2;
        } else if (now_ns - last_ns > SLOW_WINDOW_NS && window > 1) {
            window /= 2;
        }
        last_ns = now_ns;
        from = next_start(text, len, last);
    }
    return PCRE2_ERROR_NOMATCH;
}

static void copy_spans(const struct regex *re, int n_set, struct regex_span *spans,
                       size_t n_spans) {
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(re->data);
    for (size_t i = 0; i < n_spans; i++) {
        bool is_set = i < (size_t)n_set && offsets[2 * i] != PCRE2_UNSET;
        spans[i].start = is_set ? offsets[2 * i] : REGEX_UNSET;
        spans[i].end = is_set ? offsets[2 * i + 1] : REGEX_UNSET;
    }
    /* Before PCRE2 10.38 \K in a lookahead can put the start behind the end; callers rely on the
     * order. */
    if (n_spans > 0 && spans[0].start > spans[0].end) {
        spans[0].start = spans[0].end;
    }
}

static int match_failed(int rc, struct err *err) {
    switch (rc) {
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
        err_set(err, "regex-limit", "the regular expression takes too long on this text");
        err_hint(err, "nested repetitions such as (a+)+ and a repetition before $ try many ways: "
                      "make them more precise");
        return -1;
    default:
        break;
    }
    char text[256] = "";
    (void)pcre2_get_error_message(rc, (PCRE2_UCHAR *)text, sizeof text);
    err_set(err, "regex-limit", "the regular expression cannot be matched: %s", text);
    return -1;
}

int regex_match(const struct regex *re, const char *text, size_t len, size_t from,
                struct regex_span *spans, size_t n_spans, struct err *err) {
    if (from > len) {
        return 0;
    }
    /* A legitimate pattern may step over the whole text once or twice at one offset. */
    size_t match_limit = MATCH_LIMIT_MIN + 2 * len;
    (void)pcre2_set_match_limit(re->context, /* cannot fail */
                                match_limit > UINT32_MAX ? UINT32_MAX : (uint32_t)match_limit);
    int rc = search(re, text, len, from);
    if (rc == PCRE2_ERROR_NOMATCH) {
        return 0;
    }
    if (rc < 0) {
        return match_failed(rc, err);
    }
    copy_spans(re, rc, spans, n_spans);
    return 1;
}

const char *regex_library_version(void) {
    static char version[64];
    (void)pcre2_config(PCRE2_CONFIG_VERSION, version); /* 24 bytes at most, says its manual */
    return version;
}
