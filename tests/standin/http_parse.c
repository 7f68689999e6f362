/*
 * HTTP requests from bytes, see http_parse.h.
 */
#include "http_parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEAD_MAX = 65536, BODY_MAX = 64 * 1024 * 1024 };

/* Copies a header value without the blanks around it. */
static void copy_value(char *to, size_t size, const char *value, size_t len) {
    while (len > 0 && (*value == ' ' || *value == '\t')) {
        value++;
        len--;
    }
    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\r')) {
        len--;
    }
    (void)snprintf(to, size, "%.*s", (int)len, value);
}

/* False when the request cannot be served at all; then `status` says why. */
static bool take_header(struct http_message *message, const char *line, size_t len) {
    const char *colon = memchr(line, ':', len);
    if (colon == NULL) {
        return true;
    }
    size_t name_len = (size_t)(colon - line);
    char value[512];
    copy_value(value, sizeof value, colon + 1, len - name_len - 1);
    if (name_len == 14 && strncasecmp(line, "Content-Length", name_len) == 0) {
        message->body_len = (size_t)strtoul(value, NULL, 10);
        message->status = 413;
        return message->body_len <= BODY_MAX;
    }
    if (name_len == 17 && strncasecmp(line, "Transfer-Encoding", name_len) == 0) {
        message->status = 411;
        return false;
    }
    if (name_len == 12 && strncasecmp(line, "Content-Type", name_len) == 0) {
        (void)snprintf(message->content_type, sizeof message->content_type, "%.127s", value);
    } else if (name_len == 13 && strncasecmp(line, "Authorization", name_len) == 0) {
        bool is_bearer = strncasecmp(value, "Bearer ", 7) == 0;
        (void)snprintf(message->bearer, sizeof message->bearer, "%.63s",
                       is_bearer ? value + 7 : "");
    } else if (name_len == 6 && strncasecmp(line, "Expect", name_len) == 0) {
        message->expects_continue = strcasecmp(value, "100-continue") == 0;
    } else if (name_len == 10 && strncasecmp(line, "Connection", name_len) == 0) {
        message->wants_close = strcasecmp(value, "close") == 0;
    }
    return true;
}

static bool take_request_line(struct http_message *message, const char *line, size_t len) {
    const char *first = memchr(line, ' ', len);
    const char *rest = first != NULL ? first + 1 : line;
    const char *second = memchr(rest, ' ', len - (size_t)(rest - line));
    message->status = 400;
    if (first == NULL || second == NULL || (size_t)(first - line) >= sizeof message->method ||
        (size_t)(second - rest) >= sizeof message->target || *rest != '/') {
        return false;
    }
    (void)snprintf(message->method, sizeof message->method, "%.*s", (int)(first - line), line);
    (void)snprintf(message->target, sizeof message->target, "%.*s", (int)(second - rest), rest);
    return true;
}

enum http_progress http_parse(const char *bytes, size_t len, struct http_message *ret_message) {
    struct http_message *message = ret_message;
    *message = (struct http_message){.status = 400};
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    if (end == NULL) {
        return len > HEAD_MAX ? HTTP_BAD : HTTP_MORE;
    }
    message->head_len = (size_t)(end - bytes) + 4;
    const char *line = bytes;
    while (line < end + 2) {
        const char *line_end = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        size_t line_len = line_end != NULL ? (size_t)(line_end - line) : 0;
        bool is_good = line == bytes ? take_request_line(message, line, line_len)
                                     : take_header(message, line, line_len);
        if (!is_good) {
            return HTTP_BAD;
        }
        line += line_len + 2;
    }
    return len - message->head_len >= message->body_len ? HTTP_DONE : HTTP_MORE;
}

static int hex_of(char c) {
    const char *digits = "0123456789abcdef";
    const char *found = strchr(digits, tolower((unsigned char)c));
    return c != '\0' && found != NULL ? (int)(found - digits) : -1;
}

static char *decode(const char *text, size_t len, bool is_query) {
    struct text out = {0};
    for (size_t i = 0; i < len; i++) {
        bool is_escape =
            text[i] == '%' && i + 2 < len && hex_of(text[i + 1]) >= 0 && hex_of(text[i + 2]) >= 0;
        if (is_escape) {
            text_putc(&out, (char)(hex_of(text[i + 1]) * 16 + hex_of(text[i + 2])));
            i += 2;
        } else {
            text_putc(&out, is_query && text[i] == '+' ? ' ' : text[i]);
        }
    }
    return text_take(&out);
}

static cJSON *parse_query(const char *query) {
    cJSON *object = json_object();
    while (*query != '\0') {
        size_t len = strcspn(query, "&");
        const char *equals = memchr(query, '=', len);
        size_t name_len = equals != NULL ? (size_t)(equals - query) : len;
        char *name = decode(query, name_len, true);
        char *value = equals != NULL ? decode(equals + 1, len - name_len - 1, true) : text_dup("");
        (void)cJSON_AddStringToObject(object, name, value);
        free(name);
        free(value);
        query += len + (query[len] == '&' ? 1 : 0);
    }
    return object;
}

void http_to_request(const struct http_message *message, const char *bytes,
                     struct request *ret_request) {
    struct request *request = ret_request;
    const char *question = strchr(message->target, '?');
    size_t path_len =
        question != NULL ? (size_t)(question - message->target) : strlen(message->target);
    (void)snprintf(request->method, sizeof request->method, "%s", message->method);
    (void)snprintf(request->content_type, sizeof request->content_type, "%s",
                   message->content_type);
    (void)snprintf(request->bearer, sizeof request->bearer, "%s", message->bearer);
    request->path = decode(message->target, path_len, false);
    request->query = parse_query(question != NULL ? question + 1 : "");
    request->body = bytes + message->head_len;
    request->body_len = message->body_len;
    bool may_be_json = message->content_type[0] == '\0' ||
                       strstr(message->content_type, "json") != NULL ||
                       strstr(message->content_type, "x-www-form") != NULL;
    if (may_be_json && message->body_len > 0) {
        request->json = cJSON_ParseWithLength(request->body, request->body_len);
    }
}
