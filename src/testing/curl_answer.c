/*
 * An answer as curl would have put it out.
 */
#include "curl_answer_priv.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "replay/curl_call.h"

enum { EXIT_WRITE = 23, EXIT_HTTP = 22, STATUS_ASSUMED = 200, FIRST_ERROR_STATUS = 400 };

struct told {
    struct arena *arena;
    const struct curl_call *call;
    const struct curl_reply *reply;
    size_t body_at;    /* in the bytes: behind the last header block */
    const char *block; /* the last one, "" when there is none */
    int status;        /* 0: no answer */
    int exit_code;
    const char *message; /* of the exit code, "" */
};

/* ---- header blocks ---- */

static size_t block_length(const char *text, size_t len) {
    if (len < 5 || memcmp(text, "HTTP/", 5) != 0) {
        return 0;
    }
    for (size_t at = 0; at < len;) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t n = newline == NULL ? len - at : (size_t)(newline - (text + at)) + 1;
        at += n;
        if (text[at - n] == '\n' || (text[at - n] == '\r' && n == 2)) {
            return at;
        }
    }
    return len;
}

static int status_of(const char *block) {
    const char *blank = strchr(block, ' ');
    int status = 0;
    for (const char *c = blank == NULL ? "" : blank + 1;
         isdigit((unsigned char)*c) && status < 1000; c++) {
        status = status * 10 + (*c - '0');
    }
    return status;
}

static void read_blocks(struct told *t) {
    const struct curl_reply *r = t->reply;
    t->block = "";
    t->status = r->exit_code == 0 ? STATUS_ASSUMED : 0;
    size_t n = r->has_headers ? block_length(r->bytes, r->len) : 0;
    while (n > 0) {
        t->block = arena_strndup(t->arena, r->bytes + t->body_at, n);
        t->status = status_of(t->block);
        t->body_at += n;
        n = block_length(r->bytes + t->body_at, r->len - t->body_at);
    }
}

/* The value of a header of the last block in the arena, "" when it is not there. */
static const char *header(const struct told *t, const char *name) {
    size_t n = strlen(name);
    for (const char *line = t->block; *line != '\0';) {
        size_t len = strcspn(line, "\r\n");
        if (len > n && line[n] == ':' && strncasecmp(line, name, n) == 0) {
            size_t blanks = strspn(line + n + 1, " \t");
            return arena_strndup(t->arena, line + n + 1 + blanks, len - n - 1 - blanks);
        }
        line += len;
        line += strspn(line, "\r\n");
    }
    return "";
}

/* ---- -w ---- */

static const char *tell_status(const struct told *t) {
    return arena_printf(t->arena, "%03d", t->status);
}

static const char *tell_content_type(const struct told *t) {
    return header(t, "Content-Type");
}

static const char *tell_redirect_url(const struct told *t) {
    return t->status >= 300 && t->status < 400 ? header(t, "Location") : "";
}

static const char *tell_size(const struct told *t) {
    return arena_printf(t->arena, "%zu", t->reply->len - t->body_at);
}

static const char *tell_header_size(const struct told *t) {
    return arena_printf(t->arena, "%zu", t->body_at);
}

static const char *tell_time(const struct told *t) {
    return arena_printf(t->arena, "%lld.%03lld000", (long long)t->reply->duration_ms / 1000,
                        (long long)t->reply->duration_ms % 1000);
}

static const char *tell_url(const struct told *t) {
    return t->call->url;
}

static const char *tell_method(const struct told *t) {
    return t->call->method;
}

static const char *tell_exit_code(const struct told *t) {
    return arena_printf(t->arena, "%d", t->exit_code);
}

static const char *tell_message(const struct told *t) {
    return t->message;
}

static const char *tell_version(const struct told *t) {
    bool has_version = str_starts(t->block, "HTTP/");
    return has_version ? arena_strndup(t->arena, t->block + 5, strcspn(t->block + 5, " ")) : "0";
}

static const char *tell_zero(const struct told *t) {
    (void)t;
    return "0";
}

struct variable {
    const char *name;
    const char *(*tell)(const struct told *t);
};

static const struct variable variables[] = {
    {"http_code", tell_status},
    {"response_code", tell_status},
    {"content_type", tell_content_type},
    {"redirect_url", tell_redirect_url},
    {"size_download", tell_size},
    {"size_header", tell_header_size},
    {"time_total", tell_time},
    {"time_starttransfer", tell_time},
    {"url", tell_url},
    {"url_effective", tell_url},
    {"method", tell_method},
    {"exitcode", tell_exit_code},
    {"errormsg", tell_message},
    {"http_version", tell_version},
    {"num_redirects", tell_zero},
    {"ssl_verify_result", tell_zero},
};

/* At `%{`: the variable and how long it is with its braces, NULL: none of these. */
static const struct variable *variable_at(const char *text, size_t *ret_len) {
    size_t len = strcspn(text + 2, "}");
    *ret_len = len + 3;
    for (size_t i = 0; text[2 + len] == '}' && i < sizeof variables / sizeof *variables; i++) {
        if (strlen(variables[i].name) == len && strncmp(variables[i].name, text + 2, len) == 0) {
            return &variables[i];
        }
    }
    return NULL;
}

bool curl_answer_check(const struct curl_call *c, struct err *err) {
    const char *text = c->write_out == NULL ? "" : c->write_out;
    if (text[0] == '@') {
        return err_set(err, "not-imitated", "curl: -w with a file is not imitated");
    }
    for (; *text != '\0'; text++) {
        size_t len = 0;
        bool is_pair = text[0] == '%' && text[1] == '%';
        if (text[0] == '%' && text[1] == '{' && variable_at(text, &len) == NULL) {
            return err_set(err, "not-imitated", "curl: -w '%.*s' is not one that is imitated",
                           (int)(strcspn(text, "}") + 1), text);
        }
        text += is_pair ? 1 : 0;
    }
    return true;
}

static void add_write_out(const struct told *t, struct str *out) {
    static const char escapes[] = "n\nt\tr\r";
    const char *text = t->call->write_out == NULL ? "" : t->call->write_out;
    while (*text != '\0') {
        size_t len = 1;
        const char *escape = text[0] == '\\' && text[1] != '\0' ? strchr("ntr", text[1]) : NULL;
        if (text[0] == '%' && text[1] == '{') {
            const struct variable *v = variable_at(text, &len);
            str_add(out, v == NULL ? "" : v->tell(t));
        } else if (escape != NULL) {
            str_add_char(out, strchr(escapes, text[1])[1]);
            len = 2;
        } else {
            str_add_char(out, text[0]);
            len = text[0] == '%' && text[1] == '%' ? 2 : 1;
        }
        text += len;
    }
}

/* ---- where it goes ---- */

/* Not through a file of our own that is renamed: /dev/null stays what it is. */
static bool write_file(const struct told *t, const char *path, const char *bytes, size_t len) {
    struct err ignored = ERR_INIT;
    char *dir = file_dirname(path);
    bool has_dir = !t->call->makes_dirs || file_make_dirs(dir, 0750, &ignored);
    mem_free(dir);
    err_release(&ignored); /* open() fails in its turn */
    int fd = has_dir ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    if (fd < 0) {
        return false;
    }
    bool is_fine = file_write_all(fd, bytes, len);
    return close(fd) == 0 && is_fine;
}

static void put(struct told *t, const char *path, const char *bytes, size_t len, struct str *out) {
    if (path == NULL || strcmp(path, "-") == 0) {
        str_add_bytes(out, bytes, len);
    } else if (!write_file(t, path, bytes, len)) {
        t->exit_code = EXIT_WRITE;
        t->message = arena_printf(t->arena, "Failure writing output to destination: %s", path);
    }
}

static void put_all(struct told *t, struct str *out) {
    const struct curl_call *c = t->call;
    const struct curl_reply *r = t->reply;
    size_t from = c->includes ? 0 : t->body_at;
    size_t to = strcmp(c->method, "HEAD") == 0 ? t->body_at : r->len;
    if (t->exit_code == EXIT_HTTP && !c->fails_with_body) {
        to = c->includes ? t->body_at : from;
    }
    if (c->headers_file != NULL) {
        put(t, c->headers_file, r->bytes, t->body_at, out);
    }
    if (to > from || t->exit_code == 0) { /* curl makes no file without a byte to put in */
        put(t, c->out_file, r->bytes + from, to > from ? to - from : 0, out);
    }
}

int curl_answer(struct arena *a, const struct curl_call *c, const struct curl_reply *reply,
                struct str *out, struct str *errors) {
    struct told t = {.arena = a, .call = c, .reply = reply, .message = ""};
    read_blocks(&t);
    t.exit_code = reply->exit_code;
    if (t.exit_code == 0 && (c->fails || c->fails_with_body) && t.status >= FIRST_ERROR_STATUS) {
        t.exit_code = EXIT_HTTP;
        t.message = arena_printf(a, "The requested URL returned error: %d", t.status);
    }
    put_all(&t, out);
    bool is_told = !c->is_silent || c->shows_errors;
    if (is_told && t.message[0] != '\0') {
        str_addf(errors, "curl: (%d) %s\n", t.exit_code, t.message);
    } else if (is_told) {
        str_add(errors, reply->errors);
    }
    add_write_out(&t, out);
    return t.exit_code;
}
