/* Secrets by the names beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/mask.h"
#include "base/str.h"
#include "replay/secret_words.h"

enum { MAX_WORDS = 16 };

static int forget(void **state) {
    (void)state;
    mask_clear();
    return 0;
}

/* Words with `|` between them; `hidden` is what the recording shows of them. */
static void expect_hidden(const char *line, const char *hidden) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    const char *argv[MAX_WORDS] = {NULL};
    size_t n = 0;
    for (const char *at = line; *at != '\0' && n + 1 < MAX_WORDS;) {
        size_t len = strcspn(at, "|");
        argv[n++] = arena_strndup(&a, at, len);
        at += len + (at[len] == '|' ? 1 : 0);
    }
    const char *const *out = secret_words_hide(&a, argv, NULL);
    AUTO(str) struct str text = STR_INIT(0);
    for (size_t i = 0; out[i] != NULL; i++) {
        str_addf(&text, "%s%s", i == 0 ? "" : "|", out[i]);
    }
    assert_string_equal(str_text(&text), hidden);
}

static void test_secret_words_hides_values_of_flags(void **state) {
    (void)state;
    expect_hidden("cpdctl|x|--password|hunter22|--name|n", "cpdctl|x|--password|***|--name|n");
    expect_hidden("cpdctl|x|--Api-Key=k1|--token=t1", "cpdctl|x|--Api-Key=***|--token=***");
    expect_hidden("cpdctl|--password={{any}}|--password=", "cpdctl|--password={{any}}|--password=");
    expect_hidden("cpdctl|-u|a:b|--max-tokens|5", "cpdctl|-u|a:b|--max-tokens|5");
    assert_true(mask_finds("hunter22", 8));
}

static void test_secret_words_hides_how_curl_signs_in(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"curl|-u|admin:s3cret-1", "curl|-u|admin:***"},
        {"/usr/bin/curl|-uadmin:s3cret-2", "/usr/bin/curl|-uadmin:***"},
        {"curl|--user|admin", "curl|--user|admin"},
        {"curl|-H|Authorization: Bearer s3cret-3", "curl|-H|Authorization: Bearer ***"},
        {"curl|-Hauthorization:s3cret-4", "curl|-Hauthorization:***"},
        {"curl|--header|Authorization: ZenApiKey s3cret-5",
         "curl|--header|Authorization: ZenApiKey ***"},
        {"curl|-H|Cookie: a=s3cret-6; b=s3cret-7", "curl|-H|Cookie: a=***; b=***"},
        {"curl|-b|a=s3cret-8", "curl|-b|a=***"},
        {"curl|-b|jar.txt|-H|Accept: a/b", "curl|-b|jar.txt|-H|Accept: a/b"},
        {"curl|-H|X-Auth-Token: s3cret-9", "curl|-H|X-Auth-Token: ***"},
        {"curl|--oauth2-bearer|s3cret-10", "curl|--oauth2-bearer|***"},
        {"curl|https://me:s3cret-11@host/a?b=c@d", "curl|https://me:***@host/a?b=c@d"},
        {"curl|https://host/a:b@c", "curl|https://host/a:b@c"},
        {"curl|-x|http://me:s3cret-12@proxy:3128|-U|me:s3cret-13",
         "curl|-x|http://me:***@proxy:3128|-U|me:***"},
        {"curl|--cert|client.pem:s3cret-14|--pass|s3cret-15",
         "curl|--cert|client.pem:***|--pass|***"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        expect_hidden(pairs[i][0], pairs[i][1]);
    }
    for (int i = 1; i <= 15; i++) {
        AUTO(arena) struct arena a = ARENA_INIT(0);
        const char *secret = arena_printf(&a, "s3cret-%d", i);
        if (!mask_finds(secret, strlen(secret))) {
            fail_msg("%s is not masked", secret);
        }
    }
}

/* What `text` looks like when everything that was found in it is masked. */
static void expect_masked(const char *text, const char *masked) {
    AUTO(str) struct str out = STR_INIT(0);
    secret_words_learn(text, strlen(text), NULL);
    mask_add(&out, text, strlen(text));
    assert_string_equal(str_text(&out), masked);
}

static void test_secret_words_learns_from_bodies(void **state) {
    (void)state;
    expect_masked("{\"a\": [{\"access_token\": \"tok-1\\n\"}], \"tokens\": \"many\", \"n\": 1}",
                  "{\"a\": [{\"access_token\": \"***\"}], \"tokens\": \"many\", \"n\": 1}");
    expect_masked("grant_type=x&apikey=k%2B1%20z&b=c", "grant_type=x&apikey=***&b=c");
    expect_masked("HTTP/1.1 200 OK\r\nSet-Cookie: sid=cookie-value; Path=/\r\n\r\n"
                  "HTTP/1.1 200 OK\nset-cookie: lang=en\n\n{\"token\": \"tok-2\"}",
                  "HTTP/1.1 200 OK\r\nSet-Cookie: sid=***; Path=/\r\n\r\n"
                  "HTTP/1.1 200 OK\nset-cookie: lang=en\n\n{\"token\": \"***\"}");
    expect_masked("HTTP/1.1 200 OK", "HTTP/1.1 200 OK");
    expect_masked("{\"token\": \"unfinished", "{\"token\": \"unfinished");
}

static void test_secret_words_learns_from_a_configuration(void **state) {
    (void)state;
    static const char config[] = "silent\nurl = \"https://x\"\nuser = \"a:pass-1\"\n"
                                 "header = \"Authorization: Bearer pass-2\"\n"
                                 "data-raw = \"{\\\"password\\\": \\\"pass-3\\\"}\"\n";
    AUTO(str) struct str found = STR_INIT(0);
    secret_words_learn_config(config, &found);
    assert_string_equal(str_text(&found), "\"pass-1\"\n\"pass-2\"\n\"pass-3\"\n");
    mask_clear();
    secret_words_mask(str_text(&found), found.len);
    assert_true(mask_finds("pass-3", 6));
    secret_words_mask("[damaged", 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_secret_words_hides_values_of_flags, forget),
        cmocka_unit_test_teardown(test_secret_words_hides_how_curl_signs_in, forget),
        cmocka_unit_test_teardown(test_secret_words_learns_from_bodies, forget),
        cmocka_unit_test_teardown(test_secret_words_learns_from_a_configuration, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
