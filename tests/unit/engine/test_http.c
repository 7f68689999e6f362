/* `http`: what curl is told through its standard input, and what becomes of its answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "maxima.h"
#include "play.h"

#define HEAD                                                                                       \
    "silent\nshow-error\ninclude\nsuppress-connect-headers\ngloboff\nconnect-timeout = 30\n"
#define OK "HTTP/1.1 204 No Content\r\n\r\n"

/* Plays one request and returns what curl was told; the play stays open. */
static void request(struct play *p, const char *http, const char *answer) {
    AUTO(str) struct str body = STR_INIT(0);
    str_addf(&body, "steps:\n  - id: a\n    http: %s\n", http);
    play_init(p, str_text(&body));
    play_answer(p, "curl", 0, answer, "");
    play_run(p);
}

static void expect_config(const char *http, const char *config) {
    struct play p;
    request(&p, http, OK);
    play_expect(&p, "a", STEP_SUCCEEDED, NULL);
    play_expect_calls(&p, "curl -q --config -\n");
    assert_string_equal(str_text(&p.stdin_text), config);
    play_release(&p);
}

static void expect_refused(const char *http, const char *message) {
    struct play p;
    request(&p, http, OK);
    play_expect_calls(&p, "");
    play_expect(&p, "a", STEP_FAILED, NULL);
    if (strstr(play_step(&p, "a")->message, message) == NULL) {
        fail_msg("'%s' is not in '%s'", message, play_step(&p, "a")->message);
    }
    play_release(&p);
}

static void test_http_query_is_encoded_and_lists_repeat(void **state) {
    (void)state;
    expect_config("{url: 'https://h/p', query: {q: 'a b&c', n: [1, 2], none: null}}",
                  HEAD "request = \"GET\"\nurl = \"https://h/p?q=a%20b%26c&n=1&n=2\"\n"
                       "header = \"Accept: application/json\"\n");
    expect_config("{url: 'https://h/p?v=1', query: {q: x}}",
                  HEAD "request = \"GET\"\nurl = \"https://h/p?v=1&q=x\"\n"
                       "header = \"Accept: application/json\"\n");
}

static void test_http_auth_goes_through_stdin(void **state) {
    (void)state;
    expect_config("{url: 'https://h', auth: {bearer: 't\"1'}}",
                  HEAD "request = \"GET\"\nurl = \"https://h\"\n"
                       "header = \"Accept: application/json\"\n"
                       "header = \"Authorization: Bearer t\\\"1\"\n");
    expect_config("{url: 'https://h', auth: {basic: {username: u, password: 'p\\w'}}}",
                  HEAD "request = \"GET\"\nurl = \"https://h\"\n"
                       "header = \"Accept: application/json\"\nuser = \"u:p\\\\w\"\n");
}

static void test_http_bodies_have_their_content_type(void **state) {
    (void)state;
    expect_config("{url: 'https://h', json: {a: \"x\\ny\"}}",
                  HEAD "request = \"POST\"\nurl = \"https://h\"\n"
                       "header = \"Accept: application/json\"\n"
                       "header = \"Content-Type: application/json\"\n"
                       "data-raw = \"{\\\"a\\\":\\\"x\\\\ny\\\"}\"\n");
    expect_config("{url: 'https://h', method: PUT, headers: {content-type: a/b, Accept: c/d}, "
                  "form: {k: 'v w', l: [1, 2]}}",
                  HEAD "request = \"PUT\"\nurl = \"https://h\"\nheader = \"content-type: a/b\"\n"
                       "header = \"Accept: c/d\"\ndata-raw = \"k=v%20w&l=1&l=2\"\n");
    expect_config("{url: 'https://h', file: /tmp/model.zip}",
                  HEAD "request = \"POST\"\nurl = \"https://h\"\n"
                       "header = \"Accept: application/json\"\n"
                       "header = \"Content-Type: application/octet-stream\"\n"
                       "upload-file = \"/tmp/model.zip\"\nheader = \"Expect:\"\n");
}

static void test_http_tls_and_head(void **state) {
    (void)state;
    expect_config("{url: 'https://h', method: HEAD, ca_file: /ca.pem, insecure: true}",
                  HEAD "head\nurl = \"https://h\"\nheader = \"Accept: application/json\"\n"
                       "cacert = \"/ca.pem\"\ninsecure\n");
    expect_config("{url: 'https://h', insecure: false}",
                  HEAD "request = \"GET\"\nurl = \"https://h\"\n"
                       "header = \"Accept: application/json\"\n");
}

static void test_http_line_end_in_a_header_is_refused(void **state) {
    (void)state;
    expect_refused("{url: 'https://h', auth: {bearer: \"t\\n\"}}",
                   "auth: the bearer token holds a line end");
    expect_refused("{url: 'https://h', auth: {basic: {username: u, password: \"p\\r\"}}}",
                   "auth: the user or password holds a line end");
    expect_refused("{url: 'https://h', headers: {X: \"a\\nB: c\"}}", "header 'X' holds a line end");
    expect_refused("{url: \"https://h/\\n\"}", "url holds a line end");
    expect_refused("{url: \"${{ join('', ['ftp', '://h']) }}\"}",
                   "does not begin with http:// or https://");
}

static void test_http_url_past_its_limit_is_refused_whole(void **state) {
    (void)state;
    AUTO(str) struct str http = STR_INIT(0);
    str_add(&http, "{url: 'https://h', query: {q: '");
    str_add_repeat(&http, 'x', LIMIT_HTTP_HEADER_BYTES);
    str_add(&http, "'}}");
    expect_refused(str_text(&http), "url is larger than 262144 bytes");
}

/* A body whose quoted form would not fit a line of curl's configuration goes by file. */
static void test_http_large_body_goes_by_private_file(void **state) {
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        AUTO(str) struct str http = STR_INIT(0);
        str_add(&http, "{url: 'https://h', body: '");
        str_add_repeat(&http, '"', LIMIT_HTTP_INLINE_BODY + (size_t)extra);
        str_add(&http, "'}");
        struct play p;
        request(&p, str_text(&http), OK);
        assert_int_equal(p.exit_code, 0);
        bool is_file = strstr(str_text(&p.stdin_text), "data-binary = \"@/tmp/body") != NULL;
        assert_int_equal(is_file, extra == 1);
        assert_true(p.stdin_text.len < 100 * KIB);
        play_release(&p);
    }
}

/* ---- answers ---- */

static void expect_part(const char *answer, const char *expr, const char *json) {
    AUTO(str) struct str body = STR_INIT(0);
    str_addf(&body,
             "steps:\n  - id: a\n    http: {url: 'https://h'}\n"
             "  - id: b\n    cmd: [show, \"${{ to_json(steps.a.result.%s) }}\"]\n",
             expr);
    struct play p;
    play_init(&p, str_text(&body));
    play_answer(&p, "curl", 0, answer, "");
    play_answer(&p, "show", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    AUTO(str) struct str calls = STR_INIT(0);
    str_addf(&calls, "curl -q --config -\nshow %s\n", json);
    play_expect_calls(&p, str_text(&calls));
    play_release(&p);
}

static void test_http_answer_is_status_headers_and_body(void **state) {
    (void)state;
    expect_part("HTTP/1.1 200 OK\r\nContent-Type: Application/JSON\r\n\r\n{\"a\": 1}", "body",
                "{\"a\":1}");
    expect_part("HTTP/2 201 \r\nX-A:  b \r\nx-a: c\r\nno colon here\r\n\r\n", "headers",
                "{\"x-a\":\"b, c\"}");
    expect_part("HTTP/2 201\r\n\r\n", "status", "201");
    expect_part("HTTP/1.0 200 OK\n\ntext", "body", "\"text\"");
    expect_part("HTTP/1.1 200 OK\r\n\r\n [1]", "body", "[1]");
    expect_part("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n[1]", "body", "\"[1]\"");
    expect_part("HTTP/1.1 204 No Content\r\n\r\n", "body", "null");
}

static void test_http_interim_answers_are_passed_over(void **state) {
    (void)state;
    expect_part("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                "HTTP/1.1 200 OK\r\nA: b\r\n\r\n",
                "headers", "{\"a\":\"b\"}");
    expect_part("HTTP/1.1 200 OK\r\nA: b\r\n\r\nHTTP/1.1 500 no header\r\n\r\n", "body",
                "\"HTTP/1.1 500 no header\\r\\n\\r\\n\"");
}

static void test_http_bytes_that_are_no_text_are_repaired(void **state) {
    (void)state;
    expect_part("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nX: \xff\r\n\r\n\x89PNG", "body",
                "\"\xEF\xBF\xBDPNG\"");
    expect_part("HTTP/1.1 200 OK\r\nX: \xff\r\n\r\n", "headers.x", "\"\xEF\xBF\xBD\"");
}

static void expect_failure(const char *answer, enum error_class error_class, const char *message) {
    struct play p;
    request(&p, "{url: 'https://h'}", answer);
    play_expect(&p, "a", STEP_FAILED, message);
    assert_int_equal(play_step(&p, "a")->error_class, error_class);
    play_release(&p);
}

static void test_http_failures_say_what_the_server_said(void **state) {
    (void)state;
    expect_failure("HTTP/1.1 404 Not Found\r\n\r\n{\"errors\": [{\"code\": \"gone\", \"message\": "
                   "\"no such model\"}]}",
                   CLASS_NOT_FOUND, "GET https://h: HTTP 404: gone: no such model");
    expect_failure("HTTP/1.1 503\r\n\r\n", CLASS_TRANSIENT, "GET https://h: HTTP 503");
    expect_failure("", CLASS_OUTPUT, "GET https://h: the answer has no HTTP header");
    expect_failure("<html>", CLASS_OUTPUT, "GET https://h: the answer has no HTTP header");
    expect_failure("HTTP/1.1 200", CLASS_OUTPUT, "GET https://h: the answer has no HTTP header");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http_query_is_encoded_and_lists_repeat),
        cmocka_unit_test(test_http_auth_goes_through_stdin),
        cmocka_unit_test(test_http_bodies_have_their_content_type),
        cmocka_unit_test(test_http_tls_and_head),
        cmocka_unit_test(test_http_line_end_in_a_header_is_refused),
        cmocka_unit_test(test_http_url_past_its_limit_is_refused_whole),
        cmocka_unit_test(test_http_large_body_goes_by_private_file),
        cmocka_unit_test(test_http_answer_is_status_headers_and_body),
        cmocka_unit_test(test_http_interim_answers_are_passed_over),
        cmocka_unit_test(test_http_bytes_that_are_no_text_are_repaired),
        cmocka_unit_test(test_http_failures_say_what_the_server_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
