/*
 * The HTTP server of the stand-in. Read from the end: server_run() polls, conn_read() collects a
 * request, serve() answers it, conn_write() sends.
 *
 * A connection works on one request at a time; what a client sends meanwhile waits in `in`.
 */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http_parse.h"
#include "route.h"

enum { CONNS_MAX = 1024, READ_SIZE = 65536 };

struct conn {
    int fd;
    struct text in;
    struct text out;
    size_t n_sent;
    struct answer answer; /* being held or waited for */
    bool is_busy;         /* `answer` belongs to a request that is not answered yet */
    bool was_told_to_continue;
    bool ends_after_answer;
    bool is_dead;
};

struct server {
    int fd;
    struct conn *conns[CONNS_MAX];
    size_t n_conns;
};

/* The only file-scope data: a signal handler has no other way to reach the loop. */
static volatile sig_atomic_t is_interrupted;

void server_interrupt(void) {
    is_interrupted = 1;
}

struct server *server_new(unsigned short port, unsigned short *ret_port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int one = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 256) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return NULL;
    }
    struct server *server = must_alloc(sizeof *server);
    server->fd = fd;
    *ret_port = ntohs(address.sin_port);
    return server;
}

static void conn_free(struct conn *conn) {
    (void)close(conn->fd);
    text_release(&conn->in);
    text_release(&conn->out);
    answer_release(&conn->answer);
    free(conn);
}

void server_free(struct server *server) {
    if (server == NULL) {
        return;
    }
    for (size_t i = 0; i < server->n_conns; i++) {
        conn_free(server->conns[i]);
    }
    (void)close(server->fd);
    free(server);
}

static void accept_all(struct server *server) {
    for (;;) {
        int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            return;
        }
        if (server->n_conns == CONNS_MAX) {
            (void)close(fd);
            continue;
        }
        int one = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* only slower without */
        struct conn *conn = must_alloc(sizeof *conn);
        conn->fd = fd;
        server->conns[server->n_conns++] = conn;
    }
}

static const char *reason_of(int status) {
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{200, "OK"},
                   {201, "Created"},
                   {202, "Accepted"},
                   {204, "No Content"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {409, "Conflict"},
                   {411, "Length Required"},
                   {413, "Too Large"},
                   {429, "Too Many Requests"},
                   {502, "Bad Gateway"},
                   {503, "Service Unavailable"},
                   {504, "Gateway Time-out"}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return status < 500 ? "Status" : "Internal Server Error";
}

/* Turns the finished answer into bytes. */
static void conn_send(struct conn *conn) {
    struct answer *answer = &conn->answer;
    struct text body = {0};
    conn->is_busy = false;
    if (answer->is_dropped) {
        conn->is_dead = true;
        return;
    }
    if (answer->json != NULL) {
        json_print(&body, answer->json, JSON_COMPACT);
    } else {
        text_add(&body, text_get(&answer->raw), answer->raw.len);
    }
    text_printf(&conn->out, "HTTP/1.1 %d %s\r\n", answer->status, reason_of(answer->status));
    if (body.len > 0) {
        text_printf(&conn->out, "Content-Type: %s\r\n",
                    answer->content_type != NULL ? answer->content_type : "application/json");
    }
    if (answer->location[0] != '\0') {
        text_printf(&conn->out, "Location: %s\r\n", answer->location);
    }
    if (answer->status != 204) {
        text_printf(&conn->out, "Content-Length: %zu\r\n", body.len);
    }
    text_printf(&conn->out, "Connection: %s\r\n\r\n",
                conn->ends_after_answer ? "close" : "keep-alive");
    text_add(&conn->out, text_get(&body), body.len);
    text_release(&body);
    answer_release(answer);
}

/* Goes on with an answer that had to wait; sends it when its time has come. */
static void conn_resume(struct conn *conn, struct world *world) {
    struct answer *answer = &conn->answer;
    if (answer->wait != NULL && answer->wait->due_ms <= world->now_ms) {
        struct wait *wait = answer->wait;
        answer->wait = NULL;
        wait->resume(world, wait, answer);
        if (wait->is_done) {
            free(wait);
        } else {
            answer->wait = wait;
        }
    }
    if (answer->wait == NULL && answer->not_before_ms <= world->now_ms) {
        conn_send(conn);
    }
}

static void serve(struct conn *conn, struct world *world, const struct http_message *message) {
    struct request request = {0};
    http_to_request(message, conn->in.bytes, &request);
    world_advance(world);
    conn->is_busy = true;
    conn->was_told_to_continue = false;
    conn->ends_after_answer = message->wants_close;
    route_rest(world, &request, &conn->answer);
    free(request.path);
    cJSON_Delete(request.query);
    cJSON_Delete(request.json);
    conn_resume(conn, world);
}

static void refuse(struct conn *conn, int status) {
    conn->ends_after_answer = true;
    answer_error(&conn->answer, status, "bad_request", "The request cannot be understood");
    conn->answer.not_before_ms = 0;
    conn_send(conn);
}

/* Answers the requests that are complete in `in`. Returns how many. */
static int conn_work(struct conn *conn, struct world *world) {
    int n = 0;
    while (!conn->is_busy && !conn->is_dead && conn->in.len > 0) {
        struct http_message message;
        enum http_progress progress = http_parse(conn->in.bytes, conn->in.len, &message);
        if (progress == HTTP_BAD) {
            refuse(conn, message.status);
            conn->in.len = 0;
            return n;
        }
        if (progress == HTTP_MORE) {
            if (message.expects_continue && !conn->was_told_to_continue) {
                conn->was_told_to_continue = true;
                text_puts(&conn->out, "HTTP/1.1 100 Continue\r\n\r\n");
            }
            return n;
        }
        serve(conn, world, &message);
        size_t used = message.head_len + message.body_len;
        memmove(conn->in.bytes, conn->in.bytes + used, conn->in.len - used);
        conn->in.len -= used;
        n++;
    }
    return n;
}

static void conn_read(struct conn *conn) {
    char part[READ_SIZE];
    for (;;) {
        ssize_t n = recv(conn->fd, part, sizeof part, 0);
        if (n > 0) {
            text_add(&conn->in, part, (size_t)n);
            continue;
        }
        bool is_just_empty = n < 0 && (errno == EAGAIN || errno == EINTR);
        conn->is_dead = conn->is_dead || !is_just_empty;
        return;
    }
}

static void conn_write(struct conn *conn) {
    while (conn->n_sent < conn->out.len) {
        ssize_t n = send(conn->fd, conn->out.bytes + conn->n_sent, conn->out.len - conn->n_sent,
                         MSG_NOSIGNAL);
        if (n < 0) {
            conn->is_dead = conn->is_dead || (errno != EAGAIN && errno != EINTR);
            return;
        }
        conn->n_sent += (size_t)n;
    }
    conn->n_sent = 0;
    conn->out.len = 0;
    conn->is_dead = conn->is_dead || (conn->ends_after_answer && !conn->is_busy);
}

/* Milliseconds until the first held answer is due, at most `longest`. */
static int poll_timeout(const struct server *server, const struct world *world, int longest) {
    int64_t timeout = longest;
    for (size_t i = 0; i < server->n_conns; i++) {
        const struct conn *conn = server->conns[i];
        if (!conn->is_busy) {
            continue;
        }
        int64_t due = conn->answer.not_before_ms;
        if (conn->answer.wait != NULL && conn->answer.wait->due_ms > due) {
            due = conn->answer.wait->due_ms;
        }
        int64_t left = due - world->now_ms;
        timeout = left < timeout ? left : timeout;
    }
    return timeout < 0 ? 0 : (int)timeout;
}

static void bury_dead(struct server *server) {
    size_t kept = 0;
    for (size_t i = 0; i < server->n_conns; i++) {
        if (server->conns[i]->is_dead) {
            conn_free(server->conns[i]);
        } else {
            server->conns[kept++] = server->conns[i];
        }
    }
    server->n_conns = kept;
}

/* One turn over the connections that were polled. Returns the number of requests answered. */
static int turn(struct server *server, struct world *world, const struct pollfd *polled,
                size_t n_polled) {
    int n_requests = 0;
    for (size_t i = 0; i < n_polled; i++) {
        struct conn *conn = server->conns[i];
        if (polled[i].revents & (POLLIN | POLLHUP | POLLERR)) {
            conn_read(conn);
        }
        if (conn->is_busy) {
            conn_resume(conn, world);
        }
        n_requests += conn_work(conn, world);
        conn_write(conn);
    }
    return n_requests;
}

void server_run(struct server *server, struct world *world, int idle_s) {
    sigset_t none;
    (void)sigemptyset(&none);
    int64_t last_request_ms = world->now_ms;
    struct pollfd *polled = must_alloc((CONNS_MAX + 1) * sizeof *polled);
    while (!world->is_quitting && !is_interrupted) {
        size_t n = server->n_conns;
        for (size_t i = 0; i < n; i++) {
            const struct conn *conn = server->conns[i];
            short events = (short)(POLLIN | (conn->out.len > 0 ? POLLOUT : 0));
            polled[i] = (struct pollfd){.fd = conn->fd, .events = events};
        }
        polled[n] = (struct pollfd){.fd = server->fd, .events = POLLIN};
        int timeout_ms = poll_timeout(server, world, 1000);
        struct timespec timeout = {timeout_ms / 1000, (timeout_ms % 1000) * 1000000L};
        int n_ready = ppoll(polled, (nfds_t)(n + 1), &timeout, &none);
        world_advance(world);
        if (n_ready < 0) {
            continue;
        }
        if (turn(server, world, polled, n) > 0) {
            last_request_ms = world->now_ms;
        }
        accept_all(server);
        bury_dead(server);
        if (idle_s > 0 && world->now_ms - last_request_ms > (int64_t)idle_s * 1000) {
            break;
        }
    }
    free(polled);
}
