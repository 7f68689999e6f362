#ifndef STANDIN_HTTP_PARSE_H
#define STANDIN_HTTP_PARSE_H
/*
 * The little of HTTP that curl and the stand-in cpdctl speak. No chunked bodies.
 */
#include "answer.h"

enum http_progress { HTTP_MORE, HTTP_DONE, HTTP_BAD };

enum { TARGET_MAX = 4096 };

struct http_message {
    char method[12];
    char target[TARGET_MAX];
    char content_type[128];
    char bearer[ID_SIZE];
    size_t head_len; /* with the empty line */
    size_t body_len;
    bool expects_continue;
    bool wants_close;
    int status; /* with HTTP_BAD: what to refuse it with */
};

/* Looks for one whole message at the start of `bytes`. */
enum http_progress http_parse(const char *bytes, size_t len, struct http_message *ret_message);

/* Fills a zeroed request; its body borrows from `bytes`. The caller frees path, query and json. */
void http_to_request(const struct http_message *message, const char *bytes,
                     struct request *ret_request);

#endif
