/*
 * Which words are secret.
 */
#include "replay/secret_words.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/curl_config.h"
#include "base/err.h"
#include "base/mask.h"
#include "base/str.h"
#include "maxima.h"
#include "replay/curl_call.h"
#include "value/json.h"
#include "value/value.h"

static void found_one(const char *value, size_t len, struct str *found) {
    if (len == 0 || !mask_register(value, len)) { /* too short: only its own place is hidden */
        return;
    }
    if (found != NULL && strcmp(value, MASK_TEXT) != 0) {
        json_print_string(found, value, len);
        str_add_char(found, '\n');
    }
}

static const char *hide(const char *value, struct str *found) {
    if (value[0] == '\0' || strstr(value, "{{any}}") != NULL) {
        return value;
    }
    found_one(value, strlen(value), found);
    return MASK_TEXT;
}

static bool is_named(const char *text, size_t len, const char *name) {
    return len == strlen(name) && strncasecmp(text, name, len) == 0;
}

/* "api_key" and "Api-Key" are "apikey". */
static bool is_secret_name(const char *name, size_t len) {
    static const char *const names[] = {"password",    "passwd",       "apikey",     "token",
                                        "accesstoken", "refreshtoken", "secret",     "clientsecret",
                                        "idtoken",     "authtoken",    "xauthtoken", "xapikey",
                                        "apitoken",    "sessiontoken"};
    char plain[32];
    size_t n = 0;
    for (size_t i = 0; i < len && n < sizeof plain; i++) {
        if (name[i] != '-' && name[i] != '_') {
            plain[n++] = name[i];
        }
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (is_named(plain, n, names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_secret_flag(const char *flag, size_t len) {
    return len > 2 && str_starts(flag, "--") && is_secret_name(flag + 2, len - 2);
}

/* ---- words of curl ---- */

/* What stands behind the first `len` bytes of `text` is hidden. */
static const char *hide_rest(struct arena *a, const char *text, size_t len, struct str *found) {
    return arena_printf(a, "%.*s%s", (int)len, text, hide(text + len, found));
}

/* "user:password" */
static const char *hide_user(struct arena *a, const char *value, struct str *found) {
    const char *colon = strchr(value, ':');
    return colon == NULL ? value : hide_rest(a, value, (size_t)(colon + 1 - value), found);
}

static const char *hide_all(struct arena *a, const char *value, struct str *found) {
    (void)a;
    return hide(value, found);
}

/* "name=value; name=value"; without `=` it is a file. */
static const char *hide_cookies(struct arena *a, const char *value, struct str *found) {
    AUTO(str) struct str out = STR_INIT(0);
    while (*value != '\0') {
        size_t len = strcspn(value, ";");
        const char *eq = memchr(value, '=', len);
        size_t n = eq == NULL ? len : (size_t)(eq + 1 - value);
        str_add_bytes(&out, value, n);
        str_add(&out, hide(arena_strndup(a, value + n, len - n), found));
        value += len;
        if (*value == ';') {
            str_add_char(&out, *value++);
        }
    }
    return arena_strdup(a, str_text(&out));
}

/* "Authorization: Bearer …", "Cookie: …", "X-Auth-Token: …" */
static const char *hide_header(struct arena *a, const char *value, struct str *found) {
    size_t name = strcspn(value, ":");
    size_t from = name + (value[name] == ':' ? 1 : 0);
    from += strspn(value + from, " \t");
    if (is_named(value, name, "authorization") || is_named(value, name, "proxy-authorization")) {
        size_t scheme = strcspn(value + from, " ");
        from += value[from + scheme] == ' ' ? scheme + 1 : 0;
        return hide_rest(a, value, from, found);
    }
    if (is_named(value, name, "cookie")) {
        return arena_printf(a, "%.*s%s", (int)from, value, hide_cookies(a, value + from, found));
    }
    return is_secret_name(value, name) ? hide_rest(a, value, from, found) : value;
}

/* https://user:password@host/ */
static const char *hide_url(struct arena *a, const char *value, struct str *found) {
    const char *mark = strstr(value, "://");
    const char *at = mark == NULL ? NULL : mark + 3 + strcspn(mark + 3, "@/?#");
    const char *colon =
        at == NULL || *at != '@' ? NULL : memchr(mark + 3, ':', (size_t)(at - mark) - 3);
    if (colon == NULL) {
        return value;
    }
    const char *password = arena_strndup(a, colon + 1, (size_t)(at - colon) - 1);
    return arena_printf(a, "%.*s%s%s", (int)(colon + 1 - value), value, hide(password, found), at);
}

struct curl_secret {
    char letter; /* '\0': none */
    const char *name;
    const char *(*hide)(struct arena *a, const char *value, struct str *found);
};

static const struct curl_secret curl_secrets[] = {
    {'H', "header", hide_header},      {'u', "user", hide_user},
    {'U', "proxy-user", hide_user},    {'b', "cookie", hide_cookies},
    {'\0', "oauth2-bearer", hide_all}, {'\0', "pass", hide_all},
    {'\0', "proxy-pass", hide_all},    {'E', "cert", hide_user},
    {'x', "proxy", hide_url},          {'\0', "url", hide_url},
};
enum { N_CURL_SECRETS = sizeof curl_secrets / sizeof *curl_secrets };

/* One word behind another; the letter of an option and its value may be one word. */
static const char *hide_curl(struct arena *a, const char *flag, const char *word,
                             struct str *found) {
    for (size_t i = 0; i < N_CURL_SECRETS; i++) {
        const struct curl_secret *s = &curl_secrets[i];
        bool is_long = str_starts(flag, "--") && strcmp(flag + 2, s->name) == 0;
        bool is_short =
            flag[0] == '-' && s->letter != '\0' && flag[1] == s->letter && flag[2] == '\0';
        if (is_long || is_short) {
            return s->hide(a, word, found);
        }
        if (word[0] == '-' && s->letter != '\0' && word[1] == s->letter && word[2] != '\0') {
            return arena_printf(a, "-%c%s", s->letter, s->hide(a, word + 2, found));
        }
    }
    return hide_url(a, word, found);
}

/* ---- command lines ---- */

const char *const *secret_words_hide(struct arena *a, const char *const *argv, struct str *found) {
    size_t n = 0;
    while (argv[n] != NULL) {
        n++;
    }
    const char **out = arena_zalloc(a, (n + 1) * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        const char *eq = strchr(argv[i], '=');
        out[i] = argv[i];
        if (eq != NULL && is_secret_flag(argv[i], (size_t)(eq - argv[i]))) {
            out[i] = arena_printf(a, "%.*s=%s", (int)(eq - argv[i]), argv[i], hide(eq + 1, found));
        } else if (i > 0 && is_secret_flag(argv[i - 1], strlen(argv[i - 1]))) {
            out[i] = hide(argv[i], found);
        } else if (i > 0 && curl_call_is_curl(argv[0])) {
            out[i] = hide_curl(a, argv[i - 1], argv[i], found);
        }
    }
    return out;
}

/* ---- bodies ---- */

static void learn_value(const struct value *v, struct str *found) {
    for (uint32_t i = 0; v->type == VALUE_LIST && i < v->len; i++) {
        learn_value(v->as.items[i], found);
    }
    for (uint32_t i = 0; v->type == VALUE_OBJECT && i < v->len; i++) {
        const struct value_member *m = &v->as.members[i];
        if (m->value->type == VALUE_STRING && is_secret_name(m->key, strlen(m->key))) {
            found_one(m->value->as.text, m->value->len, found);
        }
        learn_value(m->value, found);
    }
}

static int hex_of(char c) {
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    int n = at == NULL ? -1 : (int)(at - digits);
    return n < 16 ? n : n - 6;
}

/* One field of a form, %41 as A and + as a blank. */
static void decode(const char *text, size_t len, struct str *out) {
    for (size_t i = 0; i < len; i++) {
        int high = text[i] == '%' && i + 2 < len ? hex_of(text[i + 1]) : -1;
        int low = high < 0 ? -1 : hex_of(text[i + 2]);
        str_add_char(out, low >= 0 ? (char)(high * 16 + low) : text[i] == '+' ? ' ' : text[i]);
        i += low >= 0 ? 2 : 0;
    }
}

static void learn_form(const char *text, struct str *found) {
    while (*text != '\0') {
        size_t len = strcspn(text, "&");
        const char *eq = memchr(text, '=', len);
        if (eq != NULL && is_secret_name(text, (size_t)(eq - text))) {
            AUTO(str) struct str value = STR_INIT(LIMIT_RESULT_BYTES);
            decode(eq + 1, len - (size_t)(eq + 1 - text), &value);
            found_one(str_text(&value), value.len, found);
        }
        text += len + (text[len] == '&' ? 1 : 0);
    }
}

/* `Set-Cookie: name=value; Path=/`; shorter values are no keys to anything, and ordinary words. */
static void learn_cookie(const char *line, size_t len, struct str *found) {
    enum { MIN_COOKIE = 8 };
    static const char header[] = "set-cookie:";
    const char *eq = memchr(line, '=', len);
    if (len > strlen(header) && strncasecmp(line, header, strlen(header)) == 0 && eq != NULL) {
        size_t n = strcspn(eq + 1, ";\r\n");
        if (n >= MIN_COOKIE) {
            found_one(eq + 1, n, found);
        }
    }
}

/* Returns the body. */
static const char *learn_header_blocks(const char *text, struct str *found) {
    while (str_starts(text, "HTTP/")) {
        size_t len = 0;
        do {
            len = strcspn(text, "\n");
            learn_cookie(text, len, found);
            text += len + (text[len] == '\n' ? 1 : 0);
        } while (*text != '\0' && *text != '\r' && *text != '\n');
        text += strspn(text, "\r\n");
    }
    return text;
}

void secret_words_learn_config(const char *config, struct str *found) {
    AUTO(arena) struct arena memory = ARENA_INIT(0);
    AUTO(str) struct str name = STR_INIT(LIMIT_RESULT_BYTES);
    AUTO(str) struct str value = STR_INIT(LIMIT_RESULT_BYTES);
    bool has_value = false;
    while (curl_config_next(&config, &name, &value, &has_value)) {
        for (size_t i = 0; has_value && i < N_CURL_SECRETS; i++) {
            if (strcmp(curl_secrets[i].name, str_text(&name)) == 0) {
                (void)curl_secrets[i].hide(&memory, str_text(&value), found);
            }
        }
        if (has_value && str_starts(str_text(&name), "data")) {
            secret_words_learn(str_text(&value), value.len, found);
        }
    }
}

void secret_words_learn(const char *text, size_t len, struct str *found) {
    AUTO(str) struct str copy = STR_INIT(LIMIT_RESULT_BYTES);
    str_add_bytes(&copy, text, len);
    const char *body = learn_header_blocks(str_text(&copy), found);
    if (strchr("{[", body[strspn(body, " \t\r\n")]) == NULL) {
        learn_form(body, found);
        return;
    }
    AUTO(err) struct err not_json = ERR_INIT;
    AUTO(arena) struct arena memory = ARENA_INIT(0);
    struct json_options options = {.name = "body"};
    const struct value *v = NULL;
    if (json_parse(&memory, body, strlen(body), &options, &v, NULL, &not_json)) {
        learn_value(v, found);
    }
}

void secret_words_mask(const char *found, size_t len) {
    AUTO(arena) struct arena memory = ARENA_INIT(0);
    AUTO(err) struct err ignored = ERR_INIT;
    struct json_options options = {.name = "secrets"};
    const struct value *v = NULL;
    size_t at = 0;
    while (json_parse_next(&memory, found, len, &at, &options, &v, &ignored) && v != NULL) {
        if (v->type == VALUE_STRING) {
            (void)mask_register(v->as.text, v->len);
        }
        v = NULL;
    }
}
