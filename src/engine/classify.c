/*
 * What kind of failure it was: exit code, HTTP status and the words of stderr and stdout, by a table that a recipe can extend.
 *
 * The table is ordered: the first row that fits decides. `nothing_happened` marks the failures after which the server cannot have done anything, so
 * that even a changing call may be repeated. Sources of the texts: cpdctl.md section 5, mlops-flow.md section 1, the Go runtime's error strings.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/regex.h"
#include "base/str.h"
#include "base/utf8.h"
#include "extract/failed.h"
#include "maxima.h"

struct text_rule {
    const char *pattern;
    enum error_class error_class;
    bool nothing_happened;
};

static const struct text_rule text_rules[] = {
    {"(?i)unknown (shorthand )?flag|unknown command|required flag|flag needs an argument|invalid "
     "argument .* for",
     CLASS_USAGE, true},
    {"(?i)connection refused|no such host|could not resolve|no route to host|network is "
     "unreachable",
     CLASS_TRANSIENT, true},
    {"(?i)too many requests|rate.?limit|\\b429\\b", CLASS_TRANSIENT, true},
    {"(?i)context deadline exceeded|client\\.timeout|i/o timeout|tls handshake timeout|connection "
     "reset|unexpected eof|broken pipe|timed out",
     CLASS_TRANSIENT, false},
    {"(?i)\\b50[234]\\b|bad gateway|service unavailable|gateway time-?out|unexpected content, "
     "content-type",
     CLASS_TRANSIENT, false},
    {"(?i)unauthori[sz]ed|\\b401\\b|token (is |has )?(expired|invalid)|(expired|invalid) "
     "token|credentials are invalid|'authenticate' step|invalid credentials|"
     "authentication failed",
     CLASS_AUTH, true},
    {"(?i)\\b403\\b|forbidden|permission denied|not authorized|missing required .* role",
     CLASS_AUTH, true},
    {"(?i)already (exists|defined|in use)|\\bconflict\\b|\\b409\\b", CLASS_CONFLICT, false},
    {"(?i)quota|limit (is |was |has been )?(exceeded|reached)|insufficient (resources|capacity)",
     CLASS_QUOTA, true},
    {"(?i)could not be found|not found|does not exist|no such|\\b404\\b", CLASS_NOT_FOUND, true},
    {"(?i)invalid request|bad request|\\b400\\b|unsupported software specification", CLASS_USAGE,
     true},
};

static const struct {
    int from;
    int to;
    enum error_class error_class;
    bool nothing_happened;
} status_rules[] = {
    {401, 403, CLASS_AUTH, true},       {404, 404, CLASS_NOT_FOUND, true},
    {408, 408, CLASS_TRANSIENT, false}, {409, 409, CLASS_CONFLICT, false},
    {410, 410, CLASS_NOT_FOUND, true},  {425, 425, CLASS_TRANSIENT, true},
    {429, 429, CLASS_TRANSIENT, true},  {413, 413, CLASS_QUOTA, true},
    {507, 507, CLASS_QUOTA, true},      {400, 499, CLASS_USAGE, true},
    {500, 500, CLASS_TRANSIENT, false}, {502, 504, CLASS_TRANSIENT, false},
    {501, 599, CLASS_UNKNOWN, false},
};

/* curl's exit codes (curl(1), EXIT CODES). */
static const struct {
    int code;
    enum error_class error_class;
    bool nothing_happened;
} curl_rules[] = {
    {3, CLASS_USAGE, true},       {5, CLASS_TRANSIENT, true},   {6, CLASS_TRANSIENT, true},
    {7, CLASS_TRANSIENT, true},   {16, CLASS_TRANSIENT, false}, {18, CLASS_TRANSIENT, false},
    {26, CLASS_USAGE, true},      {28, CLASS_TRANSIENT, false}, {35, CLASS_TRANSIENT, true},
    {52, CLASS_TRANSIENT, false}, {55, CLASS_TRANSIENT, false}, {56, CLASS_TRANSIENT, false},
    {51, CLASS_AUTH, true},       {58, CLASS_AUTH, true},       {60, CLASS_AUTH, true},
    {77, CLASS_AUTH, true},       {92, CLASS_TRANSIENT, false},
};

static bool finds(const struct regex *re, const char *text, size_t len) {
    struct err err = ERR_INIT;
    struct regex_span span[1];
    int found = len == 0 ? 0 : regex_match(re, text, len, 0, span, 1, &err);
    err_release(&err);
    return found == 1;
}

static bool has_number(const int *numbers, size_t n, int wanted) {
    for (size_t i = 0; i < n; i++) {
        if (numbers[i] == wanted) {
            return true;
        }
    }
    return false;
}

/* All conditions that a rule names must hold. */
static bool recipe_rule_fits(const struct classify_rule *rule, int exit_code, int http_status,
                             const char *out, size_t out_len, const char *text, size_t text_len) {
    if (rule->n_exits > 0 && !has_number(rule->exits, rule->n_exits, exit_code)) {
        return false;
    }
    if (rule->n_http_status > 0 &&
        !has_number(rule->http_status, rule->n_http_status, http_status)) {
        return false;
    }
    return rule->match == NULL || finds(rule->match, text, text_len) ||
           finds(rule->match, out, out_len);
}

static bool classify_status(int status, struct classified *ret_c) {
    for (size_t i = 0; i < sizeof status_rules / sizeof *status_rules; i++) {
        if (status >= status_rules[i].from && status <= status_rules[i].to) {
            *ret_c =
                (struct classified){status_rules[i].error_class, status_rules[i].nothing_happened};
            return true;
        }
    }
    return false;
}

static bool classify_curl(int exit_code, struct classified *ret_c) {
    for (size_t i = 0; i < sizeof curl_rules / sizeof *curl_rules; i++) {
        if (curl_rules[i].code == exit_code) {
            *ret_c = (struct classified){curl_rules[i].error_class, curl_rules[i].nothing_happened};
            return true;
        }
    }
    return false;
}

static struct classified classify_words(const char *out, size_t out_len, const char *text,
                                        size_t text_len) {
    for (size_t i = 0; i < sizeof text_rules / sizeof *text_rules; i++) {
        struct err err = ERR_INIT;
        struct regex *re =
            regex_compile(text_rules[i].pattern, strlen(text_rules[i].pattern), NULL, &err);
        err_release(&err);
        bool fits = re != NULL && (finds(re, text, text_len) || finds(re, out, out_len));
        regex_free(re);
        if (fits) {
            return (struct classified){text_rules[i].error_class, text_rules[i].nothing_happened};
        }
    }
    return (struct classified){CLASS_UNKNOWN, false};
}

/* Programs say at the end why they end. */
static void keep_end(const char **text, size_t *len) {
    if (*len > LIMIT_CLASSIFY_BYTES) {
        *text += *len - LIMIT_CLASSIFY_BYTES;
        *len = LIMIT_CLASSIFY_BYTES;
    }
}

struct classified classify_text(const struct recipe *r, int exit_code, int http_status,
                                bool is_curl, const char *out, size_t out_len, const char *err_text,
                                size_t err_len) {
    keep_end(&out, &out_len);
    keep_end(&err_text, &err_len);
    for (size_t i = 0; i < r->n_classify; i++) {
        if (recipe_rule_fits(&r->classify[i], exit_code, http_status, out, out_len, err_text,
                             err_len)) {
            return (struct classified){(enum error_class)r->classify[i].error_class, false};
        }
    }
    struct classified c = {CLASS_UNKNOWN, false};
    if ((http_status != 0 && classify_status(http_status, &c)) ||
        (is_curl && http_status == 0 && classify_curl(exit_code, &c))) {
        return c;
    }
    return classify_words(out, out_len, err_text, err_len);
}

/* The last line that says anything, for programs without a form of their own: `curl: (7) Failed to connect …`. */
static void add_last_line(struct str *out, const char *text, size_t len) {
    size_t end = len;
    while (end > 0 && strchr(" \t\r\n", text[end - 1]) != NULL) {
        end--;
    }
    size_t start = end;
    while (start > 0 && text[start - 1] != '\n') {
        start--;
    }
    str_add_bytes(out, text + start, end - start);
}

const char *classify_message(struct arena *a, const char *out, size_t out_len, const char *err_text,
                             size_t err_len) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    if (!extract_failure_message(err_text, err_len, &text)) {
        (void)extract_failure_message(out, out_len, &text);
    }
    if (text.len == 0) {
        add_last_line(&text, err_text, err_len);
    }
    if (text.len == 0) {
        return NULL;
    }
    AUTO(str) struct str safe = STR_INIT(LIMIT_MESSAGE);
    utf8_add_safe(&safe, str_text(&text), text.len);
    return arena_strdup(a, str_text(&safe));
}

const char *classify_hint(enum error_class c, const struct answer *answer) {
    switch (c) {
    case CLASS_AUTH:
        return answer->exit_code == 60 || answer->exit_code == 77
                   ? "the server's certificate is not trusted: give its CA with `ca_file`"
                   : "check the user, the password and the rights of this user on the cluster";
    case CLASS_USAGE:
        return "the command refused its arguments: does this cpdctl version know them?";
    case CLASS_TRANSIENT:
        return "this may pass: `retry: {attempts: 3, on: [transient]}` tries again";
    case CLASS_QUOTA:
        return "a limit of the cluster or the plan was reached";
    case CLASS_NONE:
    case CLASS_SPAWN:
    case CLASS_NOT_FOUND:
    case CLASS_CONFLICT:
    case CLASS_TIMEOUT:
    case CLASS_IDLE_TIMEOUT:
    case CLASS_KILLED:
    case CLASS_RESOURCE_LIMIT:
    case CLASS_OUTPUT:
    case CLASS_EXPECT:
    case CLASS_CANCELLED:
    case CLASS_INTERNAL:
    case CLASS_UNKNOWN:
    case CLASS_COUNT:
        break;
    }
    return NULL;
}
