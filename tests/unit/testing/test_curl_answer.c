/* What curl makes of an answer: streams, files, exit codes, texts of -w. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "replay/curl_call.h"
#include "testing/curl_answer_priv.h"

#define FOUND   "HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n"
#define OK      "HTTP/2 200 \r\ncontent-type: text/csv\r\n\r\n"
#define MISSING "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\n"

struct answered {
    struct arena arena;
    struct str out;
    struct str errors;
    int exit_code;
};

static struct answered answer_to(const char *options, const char *bytes, int exit_code,
                                 const char *errors) {
    struct answered r = {.out = STR_INIT(0), .errors = STR_INIT(0)};
    arena_init(&r.arena, 0);
    const char *argv[16] = {"curl", "https://x/d/name.csv"};
    size_t n = 2;
    for (const char *at = options; *at != '\0';) {
        size_t len = strcspn(at, "|");
        argv[n++] = arena_strndup(&r.arena, at, len);
        at += len + (at[len] == '|' ? 1 : 0);
    }
    struct curl_call call;
    AUTO(err) struct err err = ERR_INIT;
    assert_true(curl_call_read(&r.arena, argv, NULL, CURL_FILES_NAMED, &call, &err));
    assert_true(curl_answer_check(&call, &err));
    struct curl_reply reply = {.has_headers = true,
                               .bytes = bytes,
                               .len = strlen(bytes),
                               .errors = errors,
                               .exit_code = exit_code,
                               .duration_ms = 1250};
    r.exit_code = curl_answer(&r.arena, &call, &reply, &r.out, &r.errors);
    return r;
}

static void release(struct answered *r) {
    str_release(&r->out);
    str_release(&r->errors);
    arena_release(&r->arena);
}

static void expect(const char *options, const char *bytes, const char *out, const char *errors,
                   int exit_code) {
    struct answered r = answer_to(options, bytes, 0, "");
    assert_string_equal(str_text(&r.out), out);
    assert_string_equal(str_text(&r.errors), errors);
    assert_int_equal(r.exit_code, exit_code);
    release(&r);
}

static void test_curl_answer_is_the_body_or_with_its_headers(void **state) {
    (void)state;
    expect("-s", OK "a,b\n", "a,b\n", "", 0);
    expect("-i", OK "a,b\n", OK "a,b\n", "", 0);
    expect("-L", FOUND OK "a,b\n", "a,b\n", "", 0);
    expect("-Li", FOUND OK "a,b\n", FOUND OK "a,b\n", "", 0);
    expect("-I", OK, OK, "", 0);
    expect("-D|-", OK "a", OK "a", "", 0);
    expect("-s", "no headers at all", "no headers at all", "", 0);
}

static void test_curl_answer_of_a_failure_is_exit_22_where_it_is_asked_for(void **state) {
    (void)state;
    static const char told[] = "curl: (22) The requested URL returned error: 404\n";
    expect("-s", MISSING "gone", "gone", "", 0);
    expect("-f", MISSING "gone", "", told, 22);
    expect("-sf", MISSING "gone", "", "", 22);
    expect("-sSf", MISSING "gone", "", told, 22);
    expect("-sfi", MISSING "gone", MISSING, "", 22);
    expect("--fail-with-body|-s", MISSING "gone", "gone", "", 22);
    expect("-f", OK "fine", "fine", "", 0);
}

static void test_curl_answer_writes_what_w_asks_for(void **state) {
    (void)state;
    expect("-s|-w|\\n%{http_code} %{content_type} 100%% %x %{size_download}\\t%{time_total}\\r",
           OK "a,b\n", "a,b\n\n200 text/csv 100% %x 4\t1.250000\r", "", 0);
    expect("-s|-w|%{redirect_url} %{num_redirects} %{http_version} %{url} %{method}", FOUND,
           "/b 0 1.1 https://x/d/name.csv GET", "", 0);
    expect("-sf|-w|%{response_code} %{exitcode} %{errormsg}", MISSING "gone",
           "404 22 The requested URL returned error: 404", "", 22);
}

static void test_curl_answer_keeps_the_end_of_a_call_that_got_none(void **state) {
    (void)state;
    struct answered r = answer_to("-sS|-w|%{http_code}", "", 7, "curl: (7) Failed to connect\n");
    assert_string_equal(str_text(&r.out), "000");
    assert_string_equal(str_text(&r.errors), "curl: (7) Failed to connect\n");
    assert_int_equal(r.exit_code, 7);
    release(&r);
    r = answer_to("-s", "", 7, "curl: (7) Failed to connect\n");
    assert_string_equal(str_text(&r.errors), "");
    release(&r);
}

static void expect_file(const char *path, const char *content) {
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    assert_true(file_read(path, 1000, &text, &err));
    assert_string_equal(str_text(&text), content);
}

static void test_curl_answer_makes_the_files_that_curl_makes(void **state) {
    (void)state;
    char dir[] = "/tmp/test_curl_answer.XXXXXX";
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    expect("-O|-D|h", OK "a,b\n", "", "", 0);
    expect_file("name.csv", "a,b\n");
    expect_file("h", OK);
    expect("-o|x/y|-s", OK "a", "", "", 23);
    expect("-o|x/y|-s|-S", OK "a", "", "curl: (23) Failure writing output to destination: x/y\n",
           23);
    expect("-o|x/y|--create-dirs|-w|%{http_code}", OK "a", "200", "", 0);
    expect_file("x/y", "a");
    expect("-o|none|-sf", MISSING "gone", "", "", 22);
    assert_int_equal(access("none", F_OK), -1);
    expect("-o|/dev/null|-sw|%{http_code}", OK "a", "200", "", 0);
    assert_int_equal(chdir("/"), 0);
    AUTO(err) struct err err = ERR_INIT;
    assert_true(file_remove_tree(dir, &err));
}

static void test_curl_answer_refuses_what_w_cannot_be_told(void **state) {
    (void)state;
    static const char *const texts[] = {"%{json}", "%{time_namelookup}", "@file", "%{http_code"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct curl_call call = {.write_out = texts[i]};
        AUTO(err) struct err err = ERR_INIT;
        assert_false(curl_answer_check(&call, &err));
        assert_string_equal(err.kind, "not-imitated");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curl_answer_is_the_body_or_with_its_headers),
        cmocka_unit_test(test_curl_answer_of_a_failure_is_exit_22_where_it_is_asked_for),
        cmocka_unit_test(test_curl_answer_writes_what_w_asks_for),
        cmocka_unit_test(test_curl_answer_keeps_the_end_of_a_call_that_got_none),
        cmocka_unit_test(test_curl_answer_makes_the_files_that_curl_makes),
        cmocka_unit_test(test_curl_answer_refuses_what_w_cannot_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
