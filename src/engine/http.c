/*
 * `http:` as a supervised curl child, configured through its standard input: nothing of the request, and no secret, is in argv.
 *
 * curl answers with the header blocks followed by the body (`include`); interim blocks (1xx) come first and are passed over. Status codes outside
 * `ok` are failures whose class comes from the code.
 */
#include "engine_priv.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/curl_config.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "expr/template.h"
#include "extract/extract.h"
#include "maxima.h"
#include "value/json.h"

/* A value that must be one line: a line end in it would begin another header. */
static bool config_single(struct str *out, const char *option, const struct str *value,
                          const char *what, struct err *err) {
    if (!cmdline_check_whole(value, what, err)) {
        return false;
    }
    if (memchr(str_text(value), '\0', value->len) != NULL) {
        return err_set(err, "invalid-argument", "%s holds a NUL character", what);
    }
    if (strpbrk(str_text(value), "\r\n") != NULL) {
        return err_set(err, "invalid-argument", "%s holds a line end", what);
    }
    curl_config_add(out, option, str_text(value), value->len);
    return true;
}

static bool is_unreserved(unsigned char c) {
    return isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static void add_url_encoded(struct str *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (is_unreserved((unsigned char)text[i])) {
            str_add_char(out, text[i]);
        } else {
            str_addf(out, "%%%02X", (unsigned)(unsigned char)text[i]);
        }
    }
}

static bool eval_text(struct inst *in, const struct template *t, struct str *out, const char *what,
                      struct err *err) {
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    return template_eval_text(t, &ev.run, &in->act->scratch, out, err) || err_wrap(err, "%s", what);
}

static bool eval_tree(struct inst *in, const struct template_tree *t, const struct value **ret_v,
                      const char *what, struct err *err) {
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    return template_tree_eval(t, &ev.run, &in->act->scratch, ret_v, err) ||
           err_wrap(err, "%s", what);
}

static bool add_pair(struct str *out, const char *name, const struct value *v, char first,
                     struct err *err) {
    AUTO(str) struct str text = STR_INIT(LIMIT_TEMPLATE_RESULT);
    if (!cmdline_add_value(v, &text, name, err) || !cmdline_check_whole(&text, name, err)) {
        return false;
    }
    str_add_char(out, first);
    add_url_encoded(out, name, strlen(name));
    str_add_char(out, '=');
    add_url_encoded(out, str_text(&text), text.len);
    return true;
}

/* A list repeats the name, null leaves it out. */
static bool add_pairs(struct str *out, const char *name, const struct value *v, char *separator,
                      struct err *err) {
    bool is_list = v->type == VALUE_LIST;
    for (uint32_t i = 0; v->type != VALUE_NULL && i < (is_list ? v->len : 1); i++) {
        if (!add_pair(out, name, is_list ? v->as.items[i] : v, *separator, err)) {
            return false;
        }
        *separator = '&';
    }
    return true;
}

static bool add_url(struct inst *in, const struct http_call *h, struct str *config, struct str *url,
                    struct err *err) {
    if (!eval_text(in, h->url, url, "url", err)) {
        return false;
    }
    if (strncmp(str_text(url), "http://", 7) != 0 && strncmp(str_text(url), "https://", 8) != 0) {
        return err_set(err, "invalid-argument", "url '%s' does not begin with http:// or https://",
                       str_text(url));
    }
    char separator = strchr(str_text(url), '?') == NULL ? '?' : '&';
    for (size_t i = 0; i < h->n_query; i++) {
        const struct value *v = NULL;
        if (!eval_tree(in, h->query[i].tree, &v, h->query[i].name, err) ||
            !add_pairs(url, h->query[i].name, v, &separator, err)) {
            return err_at(err, h->query[i].place, NULL);
        }
    }
    return config_single(config, "url", url, "url", err);
}

static bool has_header(const struct http_call *h, const char *name) {
    for (size_t i = 0; i < h->n_headers; i++) {
        if (strcasecmp(h->headers[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_headers(struct inst *in, const struct http_call *h, struct str *config,
                        struct err *err) {
    for (size_t i = 0; i < h->n_headers; i++) {
        const struct value *v = NULL;
        AUTO(str) struct str line = STR_INIT(LIMIT_HTTP_HEADER_BYTES);
        str_addf(&line, "%s: ", h->headers[i].name);
        if (!eval_tree(in, h->headers[i].tree, &v, h->headers[i].name, err)) {
            return err_at(err, h->headers[i].place, NULL);
        }
        if (v->type == VALUE_NULL) {
            continue;
        }
        const char *what = arena_printf(&in->act->scratch, "header '%s'", h->headers[i].name);
        if (!cmdline_add_value(v, &line, what, err) ||
            !config_single(config, "header", &line, what, err)) {
            return err_at(err, h->headers[i].place, NULL);
        }
    }
    if (!has_header(h, "Accept")) {
        curl_config_add_text(config, "header", "Accept: application/json");
    }
    return true;
}

static bool add_auth(struct inst *in, const struct http_call *h, struct str *config,
                     struct err *err) {
    if (h->bearer != NULL) {
        AUTO(str) struct str line = STR_INIT(LIMIT_HTTP_HEADER_BYTES);
        str_add(&line, "Authorization: Bearer ");
        if (!eval_text(in, h->bearer, &line, "auth", err) ||
            !config_single(config, "header", &line, "auth: the bearer token", err)) {
            return false;
        }
    }
    if (h->basic_user != NULL && h->basic_password != NULL) {
        AUTO(str) struct str user = STR_INIT(LIMIT_MESSAGE);
        if (!eval_text(in, h->basic_user, &user, "auth", err)) {
            return false;
        }
        str_add_char(&user, ':');
        if (!eval_text(in, h->basic_password, &user, "auth", err) ||
            !config_single(config, "user", &user, "auth: the user or password", err)) {
            return false;
        }
    }
    return true;
}

static bool add_tls(struct inst *in, const struct http_call *h, struct str *config,
                    struct err *err) {
    if (h->ca_file != NULL) {
        AUTO(str) struct str path = STR_INIT(LIMIT_MESSAGE);
        if (!eval_text(in, h->ca_file, &path, "ca_file", err)) {
            return false;
        }
        curl_config_add(config, "cacert", str_text(&path), path.len);
    }
    if (h->insecure != NULL) {
        const struct value *v = NULL;
        if (!eval_tree(in, h->insecure, &v, "insecure", err)) {
            return false;
        }
        if (v->type != VALUE_BOOL && v->type != VALUE_NULL) {
            return err_set(err, "invalid-type", "insecure: expected true or false, found %s",
                           value_type_name(v));
        }
        if (value_truth(v)) {
            str_add(config, "insecure\n");
        }
    }
    return true;
}

/* Bodies past a size go by private file: curl's configuration lines have a limit of their own. */
static bool add_body_text(struct inst *in, struct str *config, const struct str *body,
                          struct err *err) {
    if (!cmdline_check_whole(body, "the body", err)) {
        return false;
    }
    if (body->len <= LIMIT_HTTP_INLINE_BODY && memchr(str_text(body), '\0', body->len) == NULL) {
        curl_config_add(config, "data-raw", str_text(body), body->len);
        return true;
    }
    const char *path = NULL;
    if (!cmdline_temp_file(in, "body", str_text(body), body->len, &path, err)) {
        return false;
    }
    AUTO(str) struct str at = STR_INIT(LIMIT_MESSAGE);
    str_addf(&at, "@%s", path);
    curl_config_add(config, "data-binary", str_text(&at), at.len);
    curl_config_add_text(config, "header", "Expect:");
    return true;
}

static bool add_form(const struct value *v, struct str *body, struct err *err) {
    if (v->type != VALUE_OBJECT) {
        return err_set(err, "invalid-type", "form: expected an object, found %s",
                       value_type_name(v));
    }
    char separator = '&';
    for (uint32_t i = 0; i < v->len; i++) {
        if (!add_pairs(body, v->as.members[i].key, v->as.members[i].value, &separator, err)) {
            return false;
        }
    }
    if (body->len > 0) {
        memmove(body->data, body->data + 1, body->len); /* without the first & */
        body->len--;
    }
    return true;
}

static bool add_file_body(const struct value *v, struct str *config, struct err *err) {
    if (v->type != VALUE_STRING) {
        return err_set(err, "invalid-type", "file: expected a path, found %s", value_type_name(v));
    }
    curl_config_add(config, "upload-file", v->as.text, v->len);
    curl_config_add_text(config, "header", "Expect:");
    return true;
}

static bool add_body(struct inst *in, const struct http_call *h, struct str *config,
                     struct err *err) {
    static const char *const types[] = {
        [BODY_NONE] = NULL,
        [BODY_JSON] = "application/json",
        [BODY_TEXT] = "text/plain",
        [BODY_FORM] = "application/x-www-form-urlencoded",
        [BODY_FILE] = "application/octet-stream",
    };
    if (h->body_kind == BODY_NONE) {
        return true;
    }
    const struct value *v = NULL;
    if (!eval_tree(in, h->body, &v, "body", err)) {
        return false;
    }
    if (!has_header(h, "Content-Type")) {
        AUTO(str) struct str line = STR_INIT(LIMIT_MESSAGE);
        str_addf(&line, "Content-Type: %s", types[h->body_kind]);
        curl_config_add(config, "header", str_text(&line), line.len);
    }
    if (h->body_kind == BODY_FILE) {
        return add_file_body(v, config, err);
    }
    AUTO(str) struct str body = STR_INIT(LIMIT_RESULT_BYTES);
    if (h->body_kind == BODY_JSON) {
        json_print(&body, v, JSON_COMPACT);
    } else if (h->body_kind == BODY_FORM) {
        if (!add_form(v, &body, err)) {
            return false;
        }
    } else if (!cmdline_add_value(v, &body, "body", err)) {
        return false;
    }
    return add_body_text(in, config, &body, err);
}

static bool add_method(struct inst *in, const struct http_call *h, struct str *config,
                       struct str *method, struct err *err) {
    if (h->method == NULL) {
        str_add(method, h->body_kind == BODY_NONE ? "GET" : "POST");
    } else if (!eval_text(in, h->method, method, "method", err)) {
        return false;
    }
    if (strcmp(str_text(method), "HEAD") == 0) {
        str_add(config, "head\n");
    } else {
        curl_config_add(config, "request", str_text(method), method->len);
    }
    return true;
}

bool http_prepare(struct inst *in, const struct call *call, struct prepared *p, struct err *err) {
    static const char *const curl_argv[] = {"curl", "-q", "--config", "-", NULL};
    const struct http_call *h = call->http;
    struct arena *a = &in->act->scratch;
    AUTO(str) struct str config = STR_INIT(LIMIT_RESULT_BYTES);
    AUTO(str) struct str url = STR_INIT(LIMIT_HTTP_HEADER_BYTES);
    AUTO(str) struct str method = STR_INIT(64);
    str_add(
        &config,
        "silent\nshow-error\ninclude\nsuppress-connect-headers\ngloboff\nconnect-timeout = 30\n");
    p->is_http = true;
    p->argv = arena_alloc(a, sizeof curl_argv);
    memcpy(p->argv, curl_argv, sizeof curl_argv);
    bool is_fine = add_method(in, h, &config, &method, err) && add_url(in, h, &config, &url, err);
    p->summary = arena_printf(a, "%s %s", str_text(&method), str_text(&url));
    if (!is_fine || !add_headers(in, h, &config, err) || !add_auth(in, h, &config, err) ||
        !add_tls(in, h, &config, err) || !add_body(in, h, &config, err)) {
        return err_at(err, call->place, NULL);
    }
    p->stdin_data = arena_strndup(a, str_text(&config), config.len);
    p->stdin_len = config.len;
    return cmdline_prepare_common(in, call, p, err);
}

/* ---- the answer ---- */

struct header_block {
    int status;
    const char *fields; /* after the status line */
    size_t fields_len;
    size_t end; /* offset of what follows the block */
};

/* "HTTP/1.1 200 OK" … blank line. False: the text at `from` is no header block. */
static bool next_block(const char *bytes, size_t len, size_t from, struct header_block *ret_block) {
    if (len - from < 12 || memcmp(bytes + from, "HTTP/", 5) != 0) {
        return false;
    }
    const char *start = bytes + from;
    const char *line_end = memchr(start, '\n', len - from);
    const char *space = line_end == NULL ? NULL : memchr(start, ' ', (size_t)(line_end - start));
    int64_t status = 0;
    if (space == NULL || line_end - space < 4 || !num_parse_i64(space + 1, 3, &status)) {
        return false;
    }
    size_t pos = (size_t)(line_end - bytes) + 1;
    size_t fields = pos;
    while (pos < len) {
        const char *end = memchr(bytes + pos, '\n', len - pos);
        size_t next = end == NULL ? len : (size_t)(end - bytes) + 1;
        size_t line_len = end == NULL ? len - pos : (size_t)(end - bytes) - pos;
        if (line_len == 0 || (line_len == 1 && bytes[pos] == '\r')) {
            *ret_block = (struct header_block){(int)status, bytes + fields, pos - fields, next};
            return true;
        }
        pos = next;
    }
    return false;
}

static void put_header(struct arena *a, struct object_builder *b, struct map *seen,
                       const char *line, size_t len) {
    const char *colon = memchr(line, ':', len);
    if (colon == NULL) {
        return;
    }
    size_t name_len = (size_t)(colon - line);
    char *name = arena_strndup(a, line, name_len);
    for (size_t i = 0; i < name_len; i++) {
        name[i] = (char)tolower((unsigned char)name[i]);
    }
    const char *text = colon + 1;
    size_t text_len = len - name_len - 1;
    while (text_len > 0 && (text[0] == ' ' || text[0] == '\t')) {
        text++;
        text_len--;
    }
    while (text_len > 0 && (text[text_len - 1] == '\r' || text[text_len - 1] == ' ')) {
        text_len--;
    }
    const char *before = map_get(seen, name);
    char *joined = before == NULL ? arena_strndup(a, text, text_len)
                                  : arena_printf(a, "%s, %.*s", before, (int)text_len, text);
    map_put(seen, name, joined);
    object_put_c(b, name, extract_string(a, joined, strlen(joined)));
}

static const struct value *headers_value(struct arena *a, const struct header_block *block) {
    struct object_builder b;
    object_begin(&b, a);
    AUTO(map) struct map seen = MAP_INIT;
    size_t pos = 0;
    while (pos < block->fields_len) {
        const char *line = block->fields + pos;
        const char *end = memchr(line, '\n', block->fields_len - pos);
        size_t len = end == NULL ? block->fields_len - pos : (size_t)(end - line);
        put_header(a, &b, &seen, line, len);
        pos += len + 1;
    }
    return object_end(&b);
}

static bool looks_like_json(const struct value *headers, const char *body, size_t len) {
    const char *type = value_text(value_get(headers, "content-type"));
    if (type != NULL) {
        return strcasestr(type, "json") != NULL;
    }
    while (len > 0 && isspace((unsigned char)*body)) {
        body++;
        len--;
    }
    return len > 0 && (*body == '{' || *body == '[');
}

static const struct value *body_value(struct inst *in, const struct value *headers,
                                      const char *body, size_t len, struct err *err) {
    struct arena *a = &in->act->scratch;
    bool is_blank = strspn(body, " \t\r\n") >= len;
    if (is_blank) {
        return &value_null;
    }
    if (!looks_like_json(headers, body, len)) {
        return extract_string(a, body, len);
    }
    struct json_options options = {.name = "body"};
    const struct value *v = NULL;
    return json_parse(a, body, len, &options, &v, NULL, err) ? v : NULL;
}

static bool is_ok(const struct http_call *h, int status) {
    for (size_t i = 0; i < h->n_ok; i++) {
        if (h->ok[i] == status) {
            return true;
        }
    }
    return h->n_ok == 0 && status >= 200 && status <= 299;
}

static void fail_status(struct inst *in, int status, const char *body, size_t len,
                        struct answer *answer) {
    struct arena *a = &in->act->scratch;
    struct classified c = classify_text(in->frame->recipe, -1, status, true, body, len, "", 0);
    const char *message = in->step->is_secret ? NULL : classify_message(a, body, len, "", 0);
    answer->error_class = c.error_class;
    answer->nothing_happened = c.nothing_happened;
    answer->message = arena_printf(a, "%s: HTTP %d%s%s", in->act->prepared->summary, status,
                                   message == NULL ? "" : ": ", message == NULL ? "" : message);
    answer->hint = classify_hint(c.error_class, answer);
}

void http_read_answer(struct inst *in, const struct call *call, const char *bytes, size_t len,
                      struct answer *answer) {
    struct arena *a = &in->act->scratch;
    struct header_block block = {0};
    size_t from = 0;
    bool has_block = next_block(bytes, len, 0, &block);
    while (has_block && block.status >= 100 && block.status < 200) {
        from = block.end;
        has_block = next_block(bytes, len, from, &block);
    }
    if (!has_block) {
        answer->error_class = CLASS_OUTPUT;
        answer->message =
            arena_printf(a, "%s: the answer has no HTTP header", in->act->prepared->summary);
        return;
    }
    const struct value *headers = headers_value(a, &block);
    struct err err = ERR_INIT;
    const struct value *body = body_value(in, headers, bytes + block.end, len - block.end, &err);
    answer->http_status = block.status;
    struct object_builder b;
    object_begin(&b, a);
    object_put_c(&b, "status", value_int(a, block.status));
    object_put_c(&b, "headers", headers);
    object_put_c(&b, "body",
                 body == NULL ? extract_string(a, bytes + block.end, len - block.end) : body);
    answer->result = object_end(&b);
    if (!is_ok(call->http, block.status)) {
        fail_status(in, block.status, bytes + block.end, len - block.end, answer);
    } else if (body == NULL) {
        answer->error_class = CLASS_OUTPUT;
        answer->message = arena_printf(a, "%s: %s", in->act->prepared->summary,
                                       in->step->is_secret ? "the body is no JSON" : err.message);
    }
    err_release(&err);
}
