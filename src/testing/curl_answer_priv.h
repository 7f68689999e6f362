/*
 * What curl makes of an answer: files, status codes, texts of -w; for a fake that answers from a recording.
 */
#ifndef TESTING_CURL_ANSWER_PRIV_H
#define TESTING_CURL_ANSWER_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct curl_call;
struct err;
struct str;

/* As it was recorded. */
struct curl_reply {
    bool has_headers; /* header blocks stand before the body */
    const char *bytes;
    size_t len;
    const char *errors;
    int exit_code;
    int64_t duration_ms;
};

/* What -w asks for can be told; else kind not-imitated. */
bool curl_answer_check(const struct curl_call *c, struct err *err);
/* Appends what goes to the standard streams, writes the files of -o and -D; returns the exit code. */
int curl_answer(struct arena *a, const struct curl_call *c, const struct curl_reply *reply,
                struct str *out, struct str *errors);

#endif
