/* Command lines of curl as requests: what makes two of them the same, and what is not understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "replay/curl_call.h"

enum { MAX_WORDS = 24 };

/* Words with `|` between them. */
static const char *const *split(struct arena *a, const char *line) {
    const char **argv = arena_zalloc(a, MAX_WORDS * sizeof *argv);
    size_t n = 0;
    for (const char *at = line; *at != '\0' && n + 1 < MAX_WORDS;) {
        size_t len = strcspn(at, "|");
        argv[n++] = arena_strndup(a, at, len);
        at += len + (at[len] == '|' ? 1 : 0);
    }
    return argv;
}

static struct curl_call read_call(struct arena *a, const char *line, const char *stdin_text) {
    struct curl_call call;
    AUTO(err) struct err err = ERR_INIT;
    if (!curl_call_read(a, split(a, line), stdin_text, CURL_FILES_READ, &call, &err)) {
        fail_msg("%s: %s", line, err.message);
    }
    return call;
}

static const char *key_of(struct arena *a, const struct curl_call *call) {
    AUTO(str) struct str text = STR_INIT(0);
    const char *const *words = curl_call_words(a, call);
    for (size_t i = 1; words[i] != NULL; i++) {
        str_addf(&text, "%s%s", i == 1 ? "" : " ", words[i]);
    }
    return arena_strdup(a, str_text(&text));
}

static void expect_key(const char *line, const char *stdin_text, const char *key) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    struct curl_call call = read_call(&a, line, stdin_text);
    const char *is = key_of(&a, &call);
    if (strcmp(is, key) != 0) {
        fail_msg("%s: %s", line, is);
    }
}

static void test_curl_key_is_method_url_headers_and_body(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"curl|-sSkL|HTTPS://Host.X:443/A%41?b=2&a=%2f#c", "GET https://host.x/AA?a=%2F&b=2"},
        {"curl|host:80", "GET http://host/"},
        {"curl|https://host:80/|-X|GET", "GET https://host:80/"},
        {"curl|-XDELETE|{{inputs.url}}/v2", "DELETE {{inputs.url}}/v2"},
        {"curl|-I|https://x/", "HEAD https://x/"},
        {"curl|--url|https://x/|-d|{ \"b\": 1,  \"a\": [ {\"d\":1,\"c\":2} ] }",
         "POST https://x/ -d {\"a\":[{\"c\":2,\"d\":1}],\"b\":1}"},
        {"curl|https://x/|-d|a=1|--data-urlencode|b=c d", "POST https://x/ -d a=1&b=c%20d"},
        {"curl|https://x/?z=1|-G|-d|a=1", "GET https://x/?a=1&z=1"},
        {"curl|https://x/|--json|{\"a\": 1}", "POST https://x/ -d {\"a\":1}"},
        {"curl|https://x/|-T|file", "PUT https://x/ -d @file"},

        {"curl|https://x/|-HAccept: text/csv|-H|X-Version:  2 |-H|Authorization: Bearer "
         "t|-H|Accept: "
         "application/json; q=1|-A|me",
         "GET https://x/ -H accept: text/csv -H x-version: 2"},
        {"curl|https://x/|-H|Content-Type: application/merge-patch+json|-d|1",
         "POST https://x/ -H content-type: application/merge-patch+json -d 1"},
        {"curl|https://x/|-d|{\"broken\": ", "POST https://x/ -d {\"broken\": "},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        expect_key(pairs[i][0], NULL, pairs[i][1]);
    }
}

static void test_curl_key_is_that_of_the_configuration_of_a_recipe(void **state) {
    (void)state;
    static const char config[] =
        "silent\nshow-error\ninclude\nsuppress-connect-headers\ngloboff\nmax-time = \"30\"\n"
        "request = \"POST\"\nurl = \"https://x/a?b=1\"\nheader = \"Content-Type: "
        "application/json\"\n"
        "data-raw = \"{\\\"n\\\":1}\"\n";
    static const char key[] = "POST https://x/a?b=1 -d {\"n\":1}";
    expect_key("curl|-q|--config|-", config, key);
    expect_key("curl|https://x/a?b=1|-d|@-|-o|/dev/null", "{\n \"n\": 1 }", key);
}

static void test_curl_call_reads_a_body_from_a_file_or_names_it(void **state) {
    (void)state;
    char path[] = "/tmp/test_curl_call.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    assert_true(fputs("a\r\nb\n", f) >= 0 && fclose(f) == 0);
    AUTO(arena) struct arena a = ARENA_INIT(0);
    const char *line = arena_printf(&a, "curl|https://x/|-d|@%s", path);
    struct curl_call call = read_call(&a, line, NULL);
    assert_string_equal(call.body, "ab");
    call = read_call(&a, arena_printf(&a, "curl|https://x/|--data-binary|@%s", path), NULL);
    assert_string_equal(call.body, "a\r\nb\n");
    AUTO(err) struct err err = ERR_INIT;
    assert_true(curl_call_read(&a, split(&a, line), NULL, CURL_FILES_NAMED, &call, &err));
    assert_null(call.body);
    assert_string_equal(call.body_file, path);
    line = "curl|https://x/|--data-binary|@{{temp}}|-XPUT";
    assert_true(curl_call_read(&a, split(&a, line), NULL, CURL_FILES_NAMED, &call, &err));
    assert_string_equal(key_of(&a, &call), "PUT https://x/ -d {{any}}");
    assert_int_equal(remove(path), 0);
    assert_false(curl_call_read(&a, split(&a, line), NULL, CURL_FILES_READ, &call, &err));
    assert_string_equal(err.kind, "file-not-found");
}

static void test_curl_call_knows_where_the_answer_goes(void **state) {
    (void)state;
    AUTO(arena) struct arena a = ARENA_INIT(0);
    struct curl_call c =
        read_call(&a, "curl|-sfi|-O|https://x/d/name.csv?q=1|-D|h|-w|%{http_code}", NULL);
    assert_true(c.is_silent && c.fails && c.includes && !c.shows_errors);
    assert_string_equal(c.out_file, "name.csv");
    assert_string_equal(c.headers_file, "h");
    assert_string_equal(c.write_out, "%{http_code}");
    c = read_call(&a, "curl|-o-|https://x/", NULL);
    assert_null(c.out_file);
}

static void test_curl_call_is_put_to_curl_again_as_a_recipe_would(void **state) {
    (void)state;
    AUTO(arena) struct arena a = ARENA_INIT(0);
    struct curl_call c = read_call(
        &a, "curl|-k|--proxy||-m|3|-u|a:b|-H|X: y|https://x/|-d|{\"a\":\"\\\\\"}|-o|out", NULL);
    AUTO(str) struct str config = STR_INIT(0);
    curl_call_config(&c, &config);
    assert_string_equal(str_text(&config),
                        "silent\nshow-error\ninclude\nsuppress-connect-headers\ngloboff\n"
                        "insecure\nproxy = \"\"\nmax-time = \"3\"\nrequest = \"POST\"\n"
                        "url = \"https://x/\"\nheader = \"X: y\"\nuser = \"a:b\"\n"
                        "data-raw = \"{\\\"a\\\":\\\"\\\\\\\\\\\"}\"\n");
    struct curl_call again = read_call(&a, "curl|-q|--config|-", str_text(&config));
    assert_string_equal(key_of(&a, &c), key_of(&a, &again));
}

static void test_curl_call_says_what_it_does_not_understand(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"curl|-F|a=b|https://x/", "curl: the option -F is not one that is imitated"},
        {"curl|--parallel|https://x/", "curl: the option --parallel is not one that is imitated"},
        {"curl|https://x/|https://y/", "curl: several URLs in one call are not imitated"},
        {"curl|https://x/[1-3]",
         "curl: a URL with [ ] is several to curl: without -g it is not imitated"},
        {"curl|https://x/{a,b}",
         "curl: a URL with {a,b} is several to curl: without -g it is not imitated"},
        {"curl|-s", "curl: there is no URL"},
        {"curl|https://x/|-o", "curl: -o needs a value"},
        {"curl|https://x/|--data", "curl: --data needs a value"},
        {"curl|https://x/|-K|file", "curl: --config with a file is not imitated"},
        {"curl|https://x/|-d|a|-T|f", "curl: a body of several files is not imitated"},
        {"curl|https://x/|-H|@f", "curl: headers from a file are not imitated"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        AUTO(arena) struct arena a = ARENA_INIT(0);
        AUTO(err) struct err err = ERR_INIT;
        struct curl_call call;
        assert_false(
            curl_call_read(&a, split(&a, pairs[i][0]), NULL, CURL_FILES_READ, &call, &err));
        assert_string_equal(err.kind, "not-imitated");
        assert_string_equal(err.message, pairs[i][1]);
    }
    AUTO(arena) struct arena a = ARENA_INIT(0);
    (void)read_call(&a, "curl|-g|https://x/[1-3]{a,b}|--no-keepalive", NULL);
    (void)read_call(&a, "curl|https://x/{{inputs.name}}?filter={}", NULL);
}

static void test_curl_call_reads_stdin_only_where_a_word_says_so(void **state) {
    (void)state;
    static const char *const reads[] = {"curl|-d|@-|x", "curl|-d@-|x", "curl|--config|-",
                                        "curl|-K-", "curl|-T|-|x"};
    static const char *const not [] = {"curl|-o|-|x", "curl|x", "curl|-K|file"};
    AUTO(arena) struct arena a = ARENA_INIT(0);
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        assert_true(curl_call_wants_stdin(split(&a, reads[i])));
    }
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++) {
        assert_false(curl_call_wants_stdin(split(&a, not [i])));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curl_key_is_method_url_headers_and_body),
        cmocka_unit_test(test_curl_key_is_that_of_the_configuration_of_a_recipe),
        cmocka_unit_test(test_curl_call_reads_a_body_from_a_file_or_names_it),
        cmocka_unit_test(test_curl_call_knows_where_the_answer_goes),
        cmocka_unit_test(test_curl_call_is_put_to_curl_again_as_a_recipe_would),
        cmocka_unit_test(test_curl_call_says_what_it_does_not_understand),
        cmocka_unit_test(test_curl_call_reads_stdin_only_where_a_word_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
