/*
 * Options of curl.
 */
#include "replay/curl_call.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/curl_config.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "maxima.h"

struct reader;

struct curl_option {
    char letter; /* '\0': none */
    const char *name;
    bool has_value;
    bool (*take)(struct reader *r, const struct curl_option *o, const char *value);
    size_t offset; /* of what it sets */
};

/* A list of texts that grows in the arena. */
struct texts {
    const char **items;
    size_t n;
    size_t cap;
};

struct reader {
    struct arena *arena;
    struct curl_call *call;
    enum curl_files files;
    const char *stdin_text;
    struct err *err;
    struct str data; /* of -d and the like */
    bool has_data;
    unsigned n_files;
    bool is_get;
    bool is_head;
    bool is_json;
    bool is_remote_name;
    bool is_glob_off;
    struct texts headers;
    struct texts travel;
};

static void add(struct reader *r, struct texts *list, const char *text) {
    if (list->n + 1 >= list->cap) {
        size_t cap = list->cap == 0 ? 16 : 2 * list->cap;
        const char **items = arena_zalloc(r->arena, cap * sizeof *items);
        if (list->n > 0) {
            memcpy(items, list->items, list->n * sizeof *items);
        }
        list->items = items;
        list->cap = cap;
    }
    list->items[list->n++] = text;
    list->items[list->n] = NULL;
}

static bool cannot(struct reader *r, const char *what) {
    (void)err_set(r->err, "not-imitated", "curl: %s", what);
    err_hint(r->err, "a call that is recorded word for word is answered as it was");
    return false;
}

/* ---- bodies ---- */

static void begin_piece(struct reader *r) {
    if (r->has_data && !r->is_json) {
        str_add_char(&r->data, '&');
    }
    r->has_data = true;
}

static void add_url_encoded(struct str *out, const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        if (isalnum((unsigned char)*c) || strchr("-._~", *c) != NULL) {
            str_add_char(out, *c);
        } else {
            str_addf(out, "%%%02X", (unsigned)(unsigned char)*c);
        }
    }
}

/* The text behind `@`, as far as it is one; *ret_is_text false: it is named only. */
static bool read_data_file(struct reader *r, const char *path, struct str *text,
                           bool *ret_is_text) {
    *ret_is_text = false;
    if (strcmp(path, "-") == 0) {
        *ret_is_text = true;
        str_add(text, r->stdin_text == NULL ? "" : r->stdin_text);
        return true;
    }
    if (r->files == CURL_FILES_NAMED) {
        return true;
    }
    struct err too_large = ERR_INIT;
    if (!file_read(path, LIMIT_HTTP_INLINE_BODY, text, &too_large)) {
        bool is_large = strcmp(too_large.kind, "file-too-large") == 0;
        if (!is_large) {
            *r->err = too_large;
            return false;
        }
        err_release(&too_large);
        return true;
    }
    *ret_is_text = memchr(str_text(text), '\0', text->len) == NULL;
    return true;
}

static bool take_file(struct reader *r, const char *path, bool strips_line_ends) {
    AUTO(str) struct str text = STR_INIT(LIMIT_RESULT_BYTES);
    bool is_text = false;
    if (!read_data_file(r, path, &text, &is_text)) {
        return false;
    }
    if (!is_text) {
        r->n_files++;
        r->call->body_file = path;
        return true;
    }
    begin_piece(r);
    for (size_t i = 0; i < text.len; i++) {
        char c = str_text(&text)[i];
        if (!strips_line_ends || (c != '\n' && c != '\r')) {
            str_add_char(&r->data, c);
        }
    }
    return true;
}

static bool take_data_raw(struct reader *r, const struct curl_option *o, const char *value) {
    (void)o;
    begin_piece(r);
    str_add(&r->data, value);
    return true;
}

static bool take_data_binary(struct reader *r, const struct curl_option *o, const char *value) {
    return value[0] == '@' ? take_file(r, value + 1, false) : take_data_raw(r, o, value);
}

static bool take_data(struct reader *r, const struct curl_option *o, const char *value) {
    return value[0] == '@' ? take_file(r, value + 1, true) : take_data_raw(r, o, value);
}

static bool take_json(struct reader *r, const struct curl_option *o, const char *value) {
    r->is_json = true;
    return take_data_binary(r, o, value);
}

static bool take_data_urlencode(struct reader *r, const struct curl_option *o, const char *value) {
    (void)o;
    const char *mark = strpbrk(value, "=@");
    if (mark != NULL && *mark == '@') {
        return cannot(r, "--data-urlencode with a file is not imitated");
    }
    begin_piece(r);
    if (mark != NULL && mark > value) {
        str_add_bytes(&r->data, value, (size_t)(mark - value) + 1);
    }
    add_url_encoded(&r->data, mark == NULL ? value : mark + 1);
    return true;
}

/* ---- options ---- */

static bool take_text(struct reader *r, const struct curl_option *o, const char *value) {
    *(const char **)((char *)r->call + o->offset) = value;
    return true;
}

static bool take_flag(struct reader *r, const struct curl_option *o, const char *value) {
    (void)value;
    *(bool *)((char *)r->call + o->offset) = true;
    return true;
}

static bool take_mode(struct reader *r, const struct curl_option *o, const char *value) {
    (void)value;
    *(bool *)((char *)r + o->offset) = true;
    return true;
}

/* How the request travels: of no matter for the answer, kept for the one that makes it. */
static bool take_travel(struct reader *r, const struct curl_option *o, const char *value) {
    AUTO(str) struct str line = STR_INIT(LIMIT_RESULT_BYTES);
    if (o->has_value) {
        curl_config_add_text(&line, o->name, value);
    } else {
        str_addf(&line, "%s\n", o->name);
    }
    add(r, &r->travel, arena_strdup(r->arena, str_text(&line)));
    return true;
}

/* What people see meanwhile. */
static bool take_nothing(struct reader *r, const struct curl_option *o, const char *value) {
    (void)r;
    (void)o;
    (void)value;
    return true;
}

static bool take_url(struct reader *r, const struct curl_option *o, const char *value) {
    (void)o;
    if (r->call->url != NULL) {
        return cannot(r, "several URLs in one call are not imitated");
    }
    r->call->url = value;
    return true;
}

static bool take_header(struct reader *r, const struct curl_option *o, const char *value) {
    (void)o;
    add(r, &r->headers, value);
    return value[0] != '@' || cannot(r, "headers from a file are not imitated");
}

static bool take_upload(struct reader *r, const struct curl_option *o, const char *value) {
    (void)o;
    r->n_files++;
    r->call->body_file = value;
    r->call->is_upload = true;
    return strcmp(value, "-") != 0 || cannot(r, "-T - is not imitated");
}

static bool take_config(struct reader *r, const struct curl_option *o, const char *value);

#define TEXT(field)   take_text, offsetof(struct curl_call, field)
#define FLAG(field)   take_flag, offsetof(struct curl_call, field)
#define READER(field) take_mode, offsetof(struct reader, field)
static const struct curl_option options[] = {
    {'X', "request", true, TEXT(method)},
    {'\0', "url", true, take_url, 0},
    {'H', "header", true, take_header, 0},
    {'d', "data", true, take_data, 0},
    {'\0', "data-ascii", true, take_data, 0},
    {'\0', "data-binary", true, take_data_binary, 0},
    {'\0', "data-raw", true, take_data_raw, 0},
    {'\0', "data-urlencode", true, take_data_urlencode, 0},
    {'\0', "json", true, take_json, 0},
    {'T', "upload-file", true, take_upload, 0},
    {'G', "get", false, READER(is_get)},
    {'I', "head", false, READER(is_head)},
    {'u', "user", true, TEXT(user)},
    {'K', "config", true, take_config, 0},
    {'o', "output", true, TEXT(out_file)},
    {'O', "remote-name", false, READER(is_remote_name)},
    {'D', "dump-header", true, TEXT(headers_file)},
    {'w', "write-out", true, TEXT(write_out)},
    {'\0', "create-dirs", false, FLAG(makes_dirs)},
    {'i', "include", false, FLAG(includes)},
    {'f', "fail", false, FLAG(fails)},
    {'\0', "fail-with-body", false, FLAG(fails_with_body)},
    {'s', "silent", false, FLAG(is_silent)},
    {'S', "show-error", false, FLAG(shows_errors)},
    {'q', "disable", false, take_nothing, 0},
    {'v', "verbose", false, take_nothing, 0},
    {'#', "progress-bar", false, take_nothing, 0},
    {'\0', "progress-meter", false, take_nothing, 0},
    {'N', "buffer", false, take_nothing, 0},
    {'\0', "suppress-connect-headers", false, take_nothing, 0},
    {'g', "globoff", false, READER(is_glob_off)},
    {'k', "insecure", false, take_travel, 0},
    {'L', "location", false, take_travel, 0},
    {'\0', "location-trusted", false, take_travel, 0},
    {'\0', "max-redirs", true, take_travel, 0},
    {'\0', "post301", false, take_travel, 0},
    {'\0', "post302", false, take_travel, 0},
    {'\0', "post303", false, take_travel, 0},
    {'\0', "oauth2-bearer", true, take_travel, 0},
    {'n', "netrc", false, take_travel, 0},
    {'\0', "netrc-file", true, take_travel, 0},
    {'\0', "basic", false, take_travel, 0},
    {'\0', "digest", false, take_travel, 0},
    {'\0', "ntlm", false, take_travel, 0},
    {'\0', "negotiate", false, take_travel, 0},
    {'\0', "anyauth", false, take_travel, 0},
    {'A', "user-agent", true, take_travel, 0},
    {'e', "referer", true, take_travel, 0},
    {'b', "cookie", true, take_travel, 0},
    {'c', "cookie-jar", true, take_travel, 0},
    {'m', "max-time", true, take_travel, 0},
    {'\0', "connect-timeout", true, take_travel, 0},
    {'\0', "retry", true, take_travel, 0},
    {'\0', "retry-delay", true, take_travel, 0},
    {'\0', "retry-max-time", true, take_travel, 0},
    {'\0', "retry-connrefused", false, take_travel, 0},
    {'\0', "retry-all-errors", false, take_travel, 0},
    {'\0', "limit-rate", true, take_travel, 0},
    {'y', "speed-time", true, take_travel, 0},
    {'Y', "speed-limit", true, take_travel, 0},
    {'\0', "cacert", true, take_travel, 0},
    {'\0', "capath", true, take_travel, 0},
    {'E', "cert", true, take_travel, 0},
    {'\0', "cert-type", true, take_travel, 0},
    {'\0', "key", true, take_travel, 0},
    {'\0', "pass", true, take_travel, 0},
    {'\0', "ciphers", true, take_travel, 0},
    {'\0', "tls-max", true, take_travel, 0},
    {'1', "tlsv1", false, take_travel, 0},
    {'\0', "tlsv1.2", false, take_travel, 0},
    {'\0', "tlsv1.3", false, take_travel, 0},
    {'\0', "ssl-no-revoke", false, take_travel, 0},
    {'x', "proxy", true, take_travel, 0},
    {'U', "proxy-user", true, take_travel, 0},
    {'p', "proxytunnel", false, take_travel, 0},
    {'\0', "noproxy", true, take_travel, 0},
    {'\0', "resolve", true, take_travel, 0},
    {'\0', "connect-to", true, take_travel, 0},
    {'\0', "interface", true, take_travel, 0},
    {'\0', "keepalive", false, take_travel, 0},
    {'\0', "keepalive-time", true, take_travel, 0},
    {'\0', "tcp-nodelay", false, take_travel, 0},
    {'\0', "compressed", false, take_travel, 0},
    {'\0', "path-as-is", false, take_travel, 0},
    {'0', "http1.0", false, take_travel, 0},
    {'\0', "http1.1", false, take_travel, 0},
    {'\0', "http2", false, take_travel, 0},
    {'4', "ipv4", false, take_travel, 0},
    {'6', "ipv6", false, take_travel, 0},
};
#undef TEXT
#undef FLAG
#undef READER
enum { N_OPTIONS = sizeof options / sizeof *options };

static const struct curl_option *find_long(const char *name) {
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static const struct curl_option *find_letter(char letter) {
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (options[i].letter == letter) {
            return &options[i];
        }
    }
    return NULL;
}

/* --no-NAME takes back what is seldom given before it: what stays is the default. */
static bool is_taken_back(const char *name) {
    const struct curl_option *o = str_starts(name, "no-") ? find_long(name + 3) : NULL;
    return o != NULL && !o->has_value;
}

static bool unknown(struct reader *r, const char *name) {
    return cannot(r, arena_printf(r->arena, "the option %s is not one that is imitated", name));
}

static bool take_long(struct reader *r, const char *const **at) {
    const char *word = **at;
    const struct curl_option *o = find_long(word + 2);
    if (o == NULL) {
        return is_taken_back(word + 2) || unknown(r, word);
    }
    if (!o->has_value) {
        return o->take(r, o, NULL);
    }
    ++*at;
    return **at != NULL ? o->take(r, o, **at)
                        : cannot(r, arena_printf(r->arena, "%s needs a value", word));
}

/* -sSfk, -XPOST, -o file */
static bool take_letters(struct reader *r, const char *const **at) {
    for (const char *c = **at + 1; *c != '\0'; c++) {
        const struct curl_option *o = find_letter(*c);
        if (o == NULL) {
            return unknown(r, arena_printf(r->arena, "-%c", *c));
        }
        if (!o->has_value) {
            if (!o->take(r, o, NULL)) {
                return false;
            }
            continue;
        }
        if (c[1] != '\0') {
            return o->take(r, o, c + 1);
        }
        ++*at;
        return **at != NULL ? o->take(r, o, **at)
                            : cannot(r, arena_printf(r->arena, "-%c needs a value", *c));
    }
    return true;
}

static bool take_words(struct reader *r, const char *const *argv) {
    for (const char *const *at = argv + 1; *at != NULL; at++) {
        bool is_fine = false;
        if (str_starts(*at, "--") && (*at)[2] != '\0') {
            is_fine = take_long(r, &at);
        } else if ((*at)[0] == '-' && (*at)[1] != '\0') {
            is_fine = take_letters(r, &at);
        } else {
            is_fine = take_url(r, NULL, *at);
        }
        if (!is_fine) {
            return false;
        }
    }
    return true;
}

static bool take_config(struct reader *r, const struct curl_option *config, const char *path) {
    if (strcmp(path, "-") != 0) {
        return cannot(r, "--config with a file is not imitated");
    }
    AUTO(str) struct str name = STR_INIT(LIMIT_RESULT_BYTES);
    AUTO(str) struct str value = STR_INIT(LIMIT_RESULT_BYTES);
    const char *at = r->stdin_text == NULL ? "" : r->stdin_text;
    bool has_value = false;
    r->stdin_text = NULL; /* it is read once */
    while (curl_config_next(&at, &name, &value, &has_value)) {
        const struct curl_option *o =
            name.len == 1 ? find_letter(str_text(&name)[0]) : find_long(str_text(&name));
        if (o == NULL) {
            return unknown(r, arena_strdup(r->arena, str_text(&name)));
        }
        if (o == config) {
            return cannot(r, "a configuration in a configuration is not imitated");
        }
        if (!o->take(r, o, arena_strndup(r->arena, str_text(&value), value.len))) {
            return false;
        }
    }
    return true;
}

/* ---- the whole ---- */

static const char *remote_name(struct arena *a, const char *url) {
    size_t len = strcspn(url, "?#");
    const char *slash = str_find_last(url, len, '/');
    const char *name = slash == NULL ? url : slash + 1;
    return arena_strndup(a, name, (size_t)(url + len - name));
}

/* {a,b}; braces without a comma between them, placeholders for one, are no list. */
static bool has_list(const char *url) {
    for (const char *c = strchr(url, '{'); c != NULL; c = strchr(c + 1, '{')) {
        size_t len = strcspn(c, "}");
        if (c[len] == '}' && memchr(c, ',', len) != NULL) {
            return true;
        }
    }
    return false;
}

/* -G: what would be the body goes to the query. */
static void move_data_to_query(struct reader *r) {
    const char *url = r->call->url;
    r->call->url = arena_printf(r->arena, "%s%c%s", url, strchr(url, '?') == NULL ? '?' : '&',
                                str_text(&r->data));
    r->has_data = false;
}

static bool finish(struct reader *r) {
    struct curl_call *c = r->call;
    if (c->url == NULL) {
        return cannot(r, "there is no URL");
    }
    if (!r->is_glob_off && strpbrk(c->url, "[]") != NULL) {
        return cannot(r, "a URL with [ ] is several to curl: without -g it is not imitated");
    }
    if (!r->is_glob_off && has_list(c->url)) {
        return cannot(r, "a URL with {a,b} is several to curl: without -g it is not imitated");
    }
    if (r->n_files + (r->has_data ? 1 : 0) > 1) {
        return cannot(r, "a body of several files is not imitated");
    }
    if (r->is_get && r->has_data) {
        move_data_to_query(r);
    }
    if (r->is_json) {
        add(r, &r->headers, "Content-Type: application/json");
        add(r, &r->headers, "Accept: application/json");
    }
    if (c->method == NULL) {
        bool is_post = r->has_data || c->body_file != NULL;
        c->method = r->is_head ? "HEAD" : c->is_upload ? "PUT" : is_post ? "POST" : "GET";
    }
    c->includes = c->includes || r->is_head;
    if (c->out_file != NULL && strcmp(c->out_file, "-") == 0) {
        c->out_file = NULL;
    }
    if (r->is_remote_name && c->out_file == NULL) {
        c->out_file = remote_name(r->arena, c->url);
    }
    c->body = r->has_data ? arena_strndup(r->arena, str_text(&r->data), r->data.len) : NULL;
    return true;
}

bool curl_call_is_curl(const char *program) {
    const char *slash = strrchr(program, '/');
    return strcmp(slash == NULL ? program : slash + 1, "curl") == 0;
}

bool curl_call_wants_stdin(const char *const *argv) {
    for (size_t i = 1; argv[i] != NULL; i++) {
        bool is_config = strcmp(argv[i - 1], "--config") == 0 || strcmp(argv[i - 1], "-K") == 0;
        bool is_upload =
            strcmp(argv[i - 1], "--upload-file") == 0 || strcmp(argv[i - 1], "-T") == 0;
        if (str_ends(argv[i], "@-") || strcmp(argv[i], "-K-") == 0 ||
            ((is_config || is_upload) && strcmp(argv[i], "-") == 0)) {
            return true;
        }
    }
    return false;
}

bool curl_call_read(struct arena *a, const char *const *argv, const char *stdin_text,
                    enum curl_files files, struct curl_call *ret_call, struct err *err) {
    static const char *const none[] = {NULL};
    struct curl_call call = {.method = NULL};
    struct reader r = {.arena = a,
                       .call = &call,
                       .files = files,
                       .stdin_text = stdin_text,
                       .err = err,
                       .data = STR_INIT(LIMIT_RESULT_BYTES)};
    bool is_fine = take_words(&r, argv) && finish(&r);
    str_release(&r.data);
    call.headers = r.headers.n > 0 ? r.headers.items : none;
    call.travel = r.travel.n > 0 ? r.travel.items : none;
    if (is_fine) {
        *ret_call = call;
    }
    return is_fine;
}

/* ---- the request for curl ---- */

void curl_call_config(const struct curl_call *c, struct str *out) {
    str_add(out, "silent\nshow-error\ninclude\nsuppress-connect-headers\ngloboff\n");
    for (size_t i = 0; c->travel[i] != NULL; i++) {
        str_add(out, c->travel[i]);
    }
    if (strcmp(c->method, "HEAD") == 0) {
        str_add(out, "head\n");
    } else {
        curl_config_add_text(out, "request", c->method);
    }
    curl_config_add_text(out, "url", c->url);
    for (size_t i = 0; c->headers[i] != NULL; i++) {
        curl_config_add_text(out, "header", c->headers[i]);
    }
    if (c->user != NULL) {
        curl_config_add_text(out, "user", c->user);
    }
    if (c->body != NULL) {
        curl_config_add_text(out, "data-raw", c->body);
    } else if (c->body_file != NULL && c->is_upload) {
        curl_config_add_text(out, "upload-file", c->body_file);
    } else if (c->body_file != NULL) {
        AUTO(str) struct str at = STR_INIT(0);
        str_addf(&at, "@%s", c->body_file);
        curl_config_add_text(out, "data-binary", str_text(&at));
    }
}
