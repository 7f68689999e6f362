/*
 * What two calls of curl have in common when they ask for the same.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "maxima.h"
#include "replay/curl_call.h"
#include "value/json.h"
#include "value/value.h"

/* Of a body whose keys are put in order; a deeper one is compared as it is. */
enum { MAX_KEY_DEPTH = 64 };

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* ---- URL ---- */

static int hex_digit(char c) {
    static const char digits[] = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, tolower((unsigned char)c));
    return at == NULL ? -1 : (int)(at - digits);
}

/* %41 is A, %2f is %2F: what stands for the same is written the same. */
static void add_part(struct str *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        int high = text[i] == '%' && i + 2 < len ? hex_digit(text[i + 1]) : -1;
        int low = high < 0 ? -1 : hex_digit(text[i + 2]);
        if (low < 0) {
            str_add_char(out, text[i]);
            continue;
        }
        int c = high * 16 + low;
        if (isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            str_add_char(out, (char)c);
        } else {
            str_addf(out, "%%%02X", (unsigned)c);
        }
        i += 2;
    }
}

static void add_query(struct arena *a, struct str *out, const char *query, size_t len) {
    const char **parts = arena_zalloc(a, (len + 1) * sizeof *parts);
    size_t n = 0;
    for (size_t at = 0; at <= len;) {
        const char *end = memchr(query + at, '&', len - at);
        size_t part = end == NULL ? len - at : (size_t)(end - (query + at));
        AUTO(str) struct str text = STR_INIT(LIMIT_RESULT_BYTES);
        add_part(&text, query + at, part);
        if (part > 0) {
            parts[n++] = arena_strdup(a, str_text(&text));
        }
        at += part + 1;
    }
    if (n > 1) {
        qsort(parts, n, sizeof *parts, by_text);
    }
    for (size_t i = 0; i < n; i++) {
        str_addf(out, "%c%s", i == 0 ? '?' : '&', parts[i]);
    }
}

/* Without a scheme curl takes http; a port that goes without saying is left out. Returns where the path begins. */
static size_t add_host(struct str *out, const char *url) {
    static const struct {
        const char *scheme;
        const char *port;
    } usual[] = {{"http://", ":80"}, {"https://", ":443"}};
    const char *mark = strstr(url, "://");
    size_t host = mark == NULL ? 0 : (size_t)(mark - url) + 3;
    size_t end = host + strcspn(url + host, "/?#");
    str_add(out, mark == NULL && !str_starts(url, "{{") ? "http://" : "");
    for (size_t i = 0; i < end; i++) {
        str_add_char(out, (char)tolower((unsigned char)url[i]));
    }
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        if (str_starts(str_text(out), usual[i].scheme) && str_ends(str_text(out), usual[i].port)) {
            str_cut(out, out->len - strlen(usual[i].port));
        }
    }
    return end;
}

static const char *url_key(struct arena *a, const char *url) {
    AUTO(str) struct str out = STR_INIT(LIMIT_RESULT_BYTES);
    size_t host_end = add_host(&out, url);
    size_t path_end = host_end + strcspn(url + host_end, "?#");
    str_add(&out, path_end > host_end || str_starts(url, "{{") ? "" : "/");
    add_part(&out, url + host_end, path_end - host_end);
    if (url[path_end] == '?') {
        size_t len = strcspn(url + path_end + 1, "#");
        add_query(a, &out, url + path_end + 1, len);
    }
    return arena_strdup(a, str_text(&out));
}

/* ---- headers ---- */

struct header {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
};

static bool split_header(const char *line, struct header *ret_header) {
    size_t name_len = strcspn(line, ":;");
    if (line[name_len] != ':' || name_len == 0) {
        return false; /* `Name;` sends it empty */
    }
    const char *value = line + name_len + 1;
    value += strspn(value, " \t");
    size_t len = strlen(value);
    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t')) {
        len--;
    }
    *ret_header = (struct header){line, name_len, value, len};
    return true;
}

static bool is_one_of(const char *text, size_t len, const char *const *names) {
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strlen(names[i]) == len && strncasecmp(names[i], text, len) == 0) {
            return true;
        }
    }
    return false;
}

/* Who asks and how the answer travels; types that people leave out or put in without meaning anything by it. */
static bool is_chosen(const struct header *h) {
    static const char *const passing[] = {"authorization",
                                          "user-agent",
                                          "host",
                                          "expect",
                                          "connection",
                                          "cookie",
                                          "referer",
                                          "cache-control",
                                          "content-length",
                                          "accept-encoding",
                                          "x-request-id",
                                          "traceparent",
                                          NULL};
    static const char *const typed[] = {"accept", "content-type", NULL};
    static const char *const usual[] = {"application/json",
                                        "*/*",
                                        "text/plain",
                                        "application/octet-stream",
                                        "application/x-www-form-urlencoded",
                                        NULL};
    if (h->value_len == 0 || is_one_of(h->name, h->name_len, passing)) {
        return false;
    }
    size_t type = strcspn(h->value, "; ,");
    type = type < h->value_len ? type : h->value_len;
    return !is_one_of(h->name, h->name_len, typed) || !is_one_of(h->value, type, usual);
}

static size_t add_headers(struct arena *a, const struct curl_call *c, const char **words) {
    size_t n = 0;
    for (size_t i = 0; c->headers[i] != NULL; i++) {
        struct header h;
        if (!split_header(c->headers[i], &h) || !is_chosen(&h)) {
            continue;
        }
        char *text =
            arena_printf(a, "%.*s: %.*s", (int)h.name_len, h.name, (int)h.value_len, h.value);
        for (size_t k = 0; k < h.name_len; k++) {
            text[k] = (char)tolower((unsigned char)text[k]);
        }
        words[n++] = text;
    }
    if (n > 1) {
        qsort(words, n, sizeof *words, by_text);
    }
    for (size_t i = n; i > 0;
         i--) { /* from the last: words[2i] is never one that is still to move */
        words[2 * i - 1] = words[i - 1];
        words[2 * i - 2] = "-H";
    }
    return 2 * n;
}

/* ---- body ---- */

static int by_key(const void *a, const void *b) {
    const struct value_member *x = a;
    const struct value_member *y = b;
    return strcmp(x->key, y->key);
}

static const struct value *in_order(struct arena *a, const struct value *v) {
    if (v->type == VALUE_LIST) {
        struct list_builder list;
        list_begin(&list, a);
        for (uint32_t i = 0; i < v->len; i++) {
            list_add(&list, in_order(a, v->as.items[i]));
        }
        return list_end(&list);
    }
    if (v->type != VALUE_OBJECT || v->len == 0) {
        return v;
    }
    struct value_member *members = arena_zalloc(a, v->len * sizeof *members);
    memcpy(members, v->as.members, v->len * sizeof *members);
    qsort(members, v->len, sizeof *members, by_key);
    struct object_builder object;
    object_begin(&object, a);
    for (uint32_t i = 0; i < v->len; i++) {
        object_put(&object, members[i].key, strlen(members[i].key), in_order(a, members[i].value));
    }
    return object_end(&object);
}

/* JSON in one form, any other text as it is. */
static const char *body_key(struct arena *a, const char *body) {
    if (strchr("{[", body[strspn(body, " \t\r\n")]) == NULL) {
        return body;
    }
    AUTO(err) struct err err = ERR_INIT;
    struct json_options options = {.name = "body", .max_depth = MAX_KEY_DEPTH};
    const struct value *v = NULL;
    AUTO(arena) struct arena scratch = ARENA_INIT(0);
    if (!json_parse(&scratch, body, strlen(body), &options, &v, NULL, &err)) {
        return body;
    }
    AUTO(str) struct str out = STR_INIT(LIMIT_RESULT_BYTES);
    json_print(&out, in_order(&scratch, v), JSON_COMPACT);
    return arena_strndup(a, str_text(&out), out.len);
}

const char *const *curl_call_words(struct arena *a, const struct curl_call *c) {
    size_t n_headers = 0;
    while (c->headers[n_headers] != NULL) {
        n_headers++;
    }
    const char **words = arena_zalloc(a, (2 * n_headers + 6) * sizeof *words);
    words[0] = "curl";
    words[1] = c->method;
    words[2] = url_key(a, c->url);
    size_t n = 3 + add_headers(a, c, words + 3);
    if (c->body != NULL) {
        words[n++] = "-d";
        words[n++] = body_key(a, c->body);
    } else if (c->body_file != NULL) {
        words[n++] = "-d";
        words[n++] = strcmp(c->body_file, "{{temp}}") == 0
                         ? "{{any}}" /* a recipe's large body: its content is not on the tape */
                         : arena_printf(a, "@%s", c->body_file);
    }
    return words;
}
