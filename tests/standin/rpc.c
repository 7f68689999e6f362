/*
 * A blocking HTTP client for exactly one exchange, see rpc.h.
 */
#include "rpc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool parse_url(const char *url, struct sockaddr_in *ret_address) {
    unsigned port = 80;
    char host[64];
    int n = sscanf(url, "http://%63[^:/]:%u", host, &port);
    if (n < 1 || port > 65535) {
        return false;
    }
    const char *ip = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    *ret_address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    return inet_pton(AF_INET, ip, &ret_address->sin_addr) == 1;
}

static bool send_all(int fd, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool receive_all(int fd, struct text *answer) {
    char part[65536];
    for (;;) {
        ssize_t n = recv(fd, part, sizeof part, 0);
        if (n == 0) {
            return true;
        }
        if (n < 0 && errno != EINTR) {
            return false;
        }
        text_add(answer, part, n > 0 ? (size_t)n : 0);
    }
}

static bool exchange(int fd, const char *path, const struct text *body, struct text *answer) {
    char *head = text_format("POST %s HTTP/1.1\r\nHost: standin\r\n"
                             "Content-Type: application/octet-stream\r\n"
                             "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                             path, body->len);
    bool is_done = send_all(fd, head, strlen(head)) && send_all(fd, text_get(body), body->len) &&
                   receive_all(fd, answer);
    free(head);
    return is_done;
}

cJSON *rpc_post(const char *url, const char *path, const struct text *body, char **ret_problem) {
    struct sockaddr_in address;
    if (!parse_url(url, &address)) {
        *ret_problem = text_format("Post \"%s/icp4d-api/v1/authorize\": no such host", url);
        return NULL;
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        *ret_problem =
            text_format("Post \"%s/icp4d-api/v1/authorize\": dial tcp %s:%u: connect: %s", url,
                        "127.0.0.1", ntohs(address.sin_port),
                        errno == ECONNREFUSED ? "connection refused" : strerror(errno));
        if (fd >= 0) {
            (void)close(fd);
        }
        return NULL;
    }
    struct text answer = {0};
    bool is_done = exchange(fd, path, body, &answer);
    (void)close(fd); /* nothing is written any more */
    const char *start = is_done ? strstr(text_get(&answer), "\r\n\r\n") : NULL;
    cJSON *json = start != NULL ? cJSON_Parse(start + 4) : NULL;
    text_release(&answer);
    if (json == NULL) {
        *ret_problem = text_format("Post \"%s\": EOF", url);
    }
    return json;
}
