/* The class of a failure: texts that cpdctl, curl and Go print, HTTP states, rules of a recipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/classes.h"
#include "base/str.h"
#include "engine/engine_priv.h"
#include "maxima.h"
#include "play.h"

static const struct recipe no_rules;

static struct classified of_text(const char *text) {
    return classify_text(&no_rules, 1, 0, false, "", 0, text, strlen(text));
}

static void expect_class(const char *text, enum error_class wanted, bool nothing_happened) {
    struct classified c = of_text(text);
    if (c.error_class != wanted || c.nothing_happened != nothing_happened) {
        fail_msg("'%s' is %s%s", text, error_class_names[c.error_class],
                 c.nothing_happened ? ", nothing happened" : "");
    }
}

static void test_classify_texts_of_cpdctl_have_their_class(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum error_class error_class;
        bool nothing_happened;
    } rows[] = {
        {"An error occurred while performing the 'authenticate' step: Unauthorized", CLASS_AUTH,
         true},
        {"401 Unauthorized", CLASS_AUTH, true},
        {"FAILED: The user credentials are invalid or the token has expired.", CLASS_AUTH, true},
        {"SPACES0045E missing required editor member role", CLASS_AUTH, true},
        {"502 Bad Gateway", CLASS_TRANSIENT, false},
        {"failed to create 502", CLASS_TRANSIENT, false},
        {"The response contained unexpected content, Content-Type=text/html", CLASS_TRANSIENT,
         false},
        {"context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
         CLASS_TRANSIENT, false},
        {"dial tcp 10.0.0.1:443: connect: connection refused", CLASS_TRANSIENT, true},
        {"dial tcp: lookup cpd.example.com: no such host", CLASS_TRANSIENT, true},
        {"429 Too Many Requests", CLASS_TRANSIENT, true},
        {"unknown flag: --nmae", CLASS_USAGE, true},
        {"required flag(s) \"name\" not set", CLASS_USAGE, true},
        {"A space named 'x' already exists", CLASS_CONFLICT, false},
        {"The resource could not be found", CLASS_NOT_FOUND, true},
        {"quota of deployments reached", CLASS_QUOTA, true},
        {"the server is on holiday", CLASS_UNKNOWN, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expect_class(rows[i].text, rows[i].error_class, rows[i].nothing_happened);
    }
}

static void test_classify_status_of_http_comes_before_the_words_of_the_body(void **state) {
    (void)state;
    static const struct {
        int status;
        enum error_class error_class;
        bool nothing_happened;
    } rows[] = {
        {400, CLASS_USAGE, true},      {401, CLASS_AUTH, true},       {403, CLASS_AUTH, true},
        {404, CLASS_NOT_FOUND, true},  {408, CLASS_TRANSIENT, false}, {409, CLASS_CONFLICT, false},
        {413, CLASS_QUOTA, true},      {429, CLASS_TRANSIENT, true},  {500, CLASS_TRANSIENT, false},
        {501, CLASS_UNKNOWN, false},   {502, CLASS_TRANSIENT, false}, {503, CLASS_TRANSIENT, false},
        {504, CLASS_TRANSIENT, false}, {507, CLASS_QUOTA, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct classified c =
            classify_text(&no_rules, -1, rows[i].status, true, "Unauthorized not found", 22, "", 0);
        assert_int_equal(c.error_class, rows[i].error_class);
        assert_int_equal(c.nothing_happened, rows[i].nothing_happened);
    }
}

static void test_classify_exit_codes_of_curl_have_their_class(void **state) {
    (void)state;
    assert_int_equal(classify_text(&no_rules, 7, 0, true, "", 0, "", 0).error_class,
                     CLASS_TRANSIENT);
    assert_int_equal(classify_text(&no_rules, 60, 0, true, "", 0, "", 0).error_class, CLASS_AUTH);
    assert_int_equal(classify_text(&no_rules, 7, 0, false, "", 0, "", 0).error_class,
                     CLASS_UNKNOWN);
}

static void test_classify_looks_at_the_end_of_a_long_text(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    str_add_repeat(&text, '.', LIMIT_CLASSIFY_BYTES);
    str_add(&text, "\n401 Unauthorized\n");
    assert_int_equal(of_text(str_text(&text)).error_class, CLASS_AUTH);
    str_reset(&text);
    str_add(&text, "connection refused, trying again\n");
    str_add_repeat(&text, '.', LIMIT_CLASSIFY_BYTES);
    assert_int_equal(of_text(str_text(&text)).error_class, CLASS_UNKNOWN);
}

static void test_classify_long_stderr_gives_its_last_words(void **state) {
    (void)state;
    struct play p;
    AUTO(str) struct str text = STR_INIT(0);
    str_add_repeat(&text, '.', 3 * LIMIT_CAPTURE_MEMORY);
    str_add(&text, "\nFAILED\nquota of deployments reached\n");
    play_init(&p, "steps:\n  - id: a\n    cmd: [work]\n");
    play_answer(&p, "work", 1, "", str_text(&text));
    play_run(&p);
    assert_int_equal(play_step(&p, "a")->error_class, CLASS_QUOTA);
    play_expect(&p, "a", STEP_FAILED, "quota of deployments reached");
    play_release(&p);
}

static void test_classify_rule_of_the_recipe_comes_first(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "classify:\n  - {match: 'unknown flag', exit: [3], class: transient}\n"
                  "steps:\n  - id: a\n    continue_on_error: true\n    cmd: [one]\n"
                  "  - id: b\n    cmd: [two]\n");
    play_answer(&p, "one", 3, "", "unknown flag\n");
    play_answer(&p, "two", 1, "", "unknown flag\n");
    play_run(&p);
    assert_int_equal(play_step(&p, "a")->error_class, CLASS_TRANSIENT);
    assert_int_equal(play_step(&p, "b")->error_class, CLASS_USAGE);
    play_release(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classify_texts_of_cpdctl_have_their_class),
        cmocka_unit_test(test_classify_status_of_http_comes_before_the_words_of_the_body),
        cmocka_unit_test(test_classify_exit_codes_of_curl_have_their_class),
        cmocka_unit_test(test_classify_looks_at_the_end_of_a_long_text),
        cmocka_unit_test(test_classify_long_stderr_gives_its_last_words),
        cmocka_unit_test(test_classify_rule_of_the_recipe_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
