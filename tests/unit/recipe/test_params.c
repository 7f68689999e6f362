/* recipe/params: where the value of an input comes from, and what is said when it does not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mask.h"
#include "base/mem.h"
#include "fixture.h"
#include "recipe/params.h"
#include "value/json.h"
#include "value/value.h"

#define STEPS "steps: [{cmd: [echo, \"${{ inputs }}\"]}]\n"

static const char *test_env(const char *name, void *ctx) {
    (void)ctx;
    return strcmp(name, "FROM_ENV") == 0 ? "env" : NULL;
}

/* One resolution, seen as text: the inputs as JSON, or the diagnostics. */
static void resolve(const char *inputs, const struct params_source *source, struct str *out,
                    struct str *out_public) {
    AUTO(str) struct str text = STR_INIT(0);
    str_addf(&text, "cpdflow: 1\ninputs: {%s}\n" STEPS, inputs);
    struct recipe *r = load_ok(str_text(&text));
    struct arena a = ARENA_INIT(0);
    struct diagnostics d = DIAGNOSTICS_INIT;
    const struct value *v = NULL;
    const struct value *shown = NULL;
    if (params_resolve(r, source, &a, &v, &shown, &d)) {
        json_print(out, v, JSON_COMPACT);
        if (out_public != NULL) {
            json_print(out_public, shown, JSON_COMPACT);
        }
    }
    render_diagnostics(&d, out);
    diagnostics_release(&d);
    arena_release(&a);
    recipe_free(r);
}

static void check(const char *inputs, const struct param_text *texts, size_t n,
                  const char *expected) {
    const struct params_source source = {.texts = texts, .n_texts = n, .env = test_env};
    AUTO(str) struct str out = STR_INIT(0);
    resolve(inputs, &source, &out, NULL);
    assert_string_equal(str_text(&out), expected);
}

static void check_one(const char *declaration, const char *text, const char *expected) {
    AUTO(str) struct str inputs = STR_INIT(0);
    str_addf(&inputs, "x: %s", declaration);
    check(str_text(&inputs), &(struct param_text){"x", text}, 1, expected);
}

static void test_params_text_is_read_by_type(void **state) {
    (void)state;
    check_one("{type: string}", "5", "{\"x\":\"5\"}");
    check_one("{type: string}", "", "{\"x\":\"\"}");
    check_one("{type: number}", "0.10", "{\"x\":0.10}");
    check_one("{type: integer}", "9007199254740993", "{\"x\":9007199254740993}");
    check_one("{type: boolean}", "true", "{\"x\":true}");
    check_one("{type: list}", "[1, \"a\"]", "{\"x\":[1,\"a\"]}");
    check_one("{type: object}", "{\"a\": null}", "{\"x\":{\"a\":null}}");
    check_one("{type: duration}", "1h30m", "{\"x\":\"1h30m\"}");
}

static void test_params_the_nearest_source_wins(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    const struct value *files[2];
    const struct json_options options = {.name = NULL};
    AUTO(err) struct err err = ERR_INIT;
    const char *first = "{\"b\": \"file1\", \"c\": \"file1\"}";
    const char *second = "{\"c\": \"file2\", \"a\": \"file2\"}";
    assert_true(json_parse(&a, first, strlen(first), &options, &files[0], NULL, &err));
    assert_true(json_parse(&a, second, strlen(second), &options, &files[1], NULL, &err));
    const struct param_text texts[] = {{"a", "old"}, {"a", "cli"}};
    const struct params_source source = {
        .texts = texts, .n_texts = 2, .files = files, .n_files = 2, .env = test_env};
    AUTO(str) struct str out = STR_INIT(0);
    resolve("a: {env: FROM_ENV, default: d}, b: {env: FROM_ENV, default: d}, c: {env: FROM_ENV}, "
            "d: {env: FROM_ENV, default: d}, e: {env: ABSENT, default: d}, f: {required: false}",
            &source, &out, NULL);
    assert_string_equal(str_text(&out),
                        "{\"a\":\"cli\",\"b\":\"file1\",\"c\":\"file2\",\"d\":\"env\","
                        "\"e\":\"d\",\"f\":null}");
    arena_release(&a);
}

static void test_params_missing_says_how_to_give_it(void **state) {
    (void)state;
    check("a: {description: the space}, b: {type: list, env: ABSENT}", NULL, 0,
          "recipe.yaml:2:10: error[missing-input]: input 'a' is missing: the space\n"
          "  inputs: {a: {description: the space}, b: {type: list, env: ABSENT}}\n"
          "           ^\n"
          "hint: give it with --input a=VALUE\n"
          "recipe.yaml:2:39: error[missing-input]: input 'b' is missing\n"
          "  inputs: {a: {description: the space}, b: {type: list, env: ABSENT}}\n"
          "                                        ^\n"
          "hint: give it with --input b=JSON, or in the environment variable ABSENT\n");
}

static void test_params_unknown_names_the_nearest(void **state) {
    (void)state;
    check("space: {default: s}", (const struct param_text[]){{"spcae", "x"}, {"other", "x"}}, 2,
          "error[unknown-input]: recipe 'recipe' has no input 'spcae'\n"
          "hint: did you mean 'space'?\n"
          "error[unknown-input]: recipe 'recipe' has no input 'other'\n"
          "hint: its inputs: space\n");
}

static void test_params_errors_are_said_at_once(void **state) {
    (void)state;
    check("n: {type: integer}, m: {type: number, minimum: 1, maximum: 2}, e: {enum: [a, b]}, "
          "p: {pattern: '^x'}, d: {type: duration}, l: {type: list}",
          (const struct param_text[]){
              {"n", "1.5"}, {"m", "3"}, {"e", "c"}, {"p", "abc"}, {"d", "10"}, {"l", "a,b"}},
          6,
          "error[invalid-input]: input 'n' is a whole number, found number 1.5\n"
          "error[invalid-input]: input 'm' is at most 2, found 3\n"
          "error[invalid-input]: input 'e' is one of \"a\", \"b\", found \"c\"\n"
          "error[invalid-input]: input 'p' does not match ^x: \"abc\"\n"
          "error[invalid-input]: input 'd': '10' has no unit: write '10s' for seconds\n"
          "error[invalid-input]: input 'l' from --input: expected a value, found 'a'\n"
          "hint: an input of type list is written as JSON\n");
}

static void test_params_limits_hold_at_the_limit(void **state) {
    (void)state;
    check_one("{type: number, minimum: 0.1, maximum: 0.3}", "0.10", "{\"x\":0.10}");
    check_one("{type: number, minimum: 0.1, maximum: 0.3}", "0.3", "{\"x\":0.3}");
    check_one("{type: number, minimum: 0.1}", "0.09",
              "error[invalid-input]: input 'x' is at least 0.1, found 0.09\n");
    check_one("{type: integer, maximum: 9007199254740993}", "9007199254740994",
              "error[invalid-input]: input 'x' is at most 9007199254740993, found "
              "9007199254740994\n");
}

static void test_params_a_file_is_there_and_readable(void **state) {
    (void)state;
    char folder[] = "/tmp/test_params.XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *path = file_join(folder, "model.zip");
    AUTO(err) struct err err = ERR_INIT;
    assert_true(file_write_atomic(path, "x", 1, 0600, &err));
    AUTO(str) struct str expected = STR_INIT(0);
    str_addf(&expected, "{\"x\":\"%s\"}", path);
    check_one("{type: file}", path, str_text(&expected));
    check_one("{type: file}", "/nonexistent",
              "error[invalid-input]: input 'x': '/nonexistent': No such file or directory\n");
    str_reset(&expected);
    str_addf(&expected, "error[invalid-input]: input 'x': '%s' is not a regular file\n", folder);
    check_one("{type: file}", folder, str_text(&expected));
    assert_true(file_remove_tree(folder, &err));
    mem_free(path);
}

static void test_params_secrets_show_nowhere(void **state) {
    (void)state;
    mask_clear();
    const struct param_text texts[] = {{"s", "hunter22"}, {"n", "{\"key\": \"hunter33\"}"}};
    const struct params_source source = {.texts = texts, .n_texts = 2};
    AUTO(str) struct str out = STR_INIT(0);
    AUTO(str) struct str shown = STR_INIT(0);
    resolve(
        "s: {secret: true}, n: {type: object, secret: true}, o: {secret: true, required: false}",
        &source, &out, &shown);
    assert_string_equal(str_text(&out),
                        "{\"s\":\"hunter22\",\"n\":{\"key\":\"hunter33\"},\"o\":null}");
    assert_string_equal(str_text(&shown), "{\"s\":\"***\",\"n\":\"***\",\"o\":null}");
    assert_true(mask_finds("hunter22", 8));
    mask_clear();
}

static void test_params_a_secret_is_in_no_message(void **state) {
    (void)state;
    mask_clear();
    check_one("{type: integer, secret: true, maximum: 5}", "99999",
              "error[invalid-input]: input 'x' is at most 5, found ***\n");
    check_one("{secret: true, enum: [aaaa]}", "hunter22",
              "error[invalid-input]: input 'x' is one of \"aaaa\", found ***\n");
    check_one("{type: list, secret: true}", "hunter22",
              "error[invalid-input]: input 'x' from --input: the text is not valid JSON\n"
              "hint: an input of type list is written as JSON\n");
    mask_clear();
}

static void test_params_a_short_secret_is_a_warning(void **state) {
    (void)state;
    mask_clear();
    check_one(
        "{secret: true}", "abc",
        "{\"x\":\"abc\"}warning[short-secret]: input 'x' is too short to be hidden in output\n"
        "hint: a secret has at least 4 characters\n");
}

static void test_params_check_fills_what_with_leaves_out(void **state) {
    (void)state;
    struct recipe *r = load_ok("cpdflow: 1\ninputs: {a: {type: integer}, b: {default: d}}\n" STEPS);
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct object_builder b;
    object_begin(&b, &a);
    object_put_c(&b, "a", value_int(&a, 5));
    const struct value *v = NULL;
    assert_true(params_check(r, object_end(&b), &a, &v, &err));
    AUTO(str) struct str out = STR_INIT(0);
    json_print(&out, v, JSON_COMPACT);
    assert_string_equal(str_text(&out), "{\"a\":5,\"b\":\"d\"}");
    assert_false(params_check(r, &value_empty_object, &a, &v, &err));
    assert_string_equal(err.kind, "missing-input");
    arena_release(&a);
    recipe_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_params_text_is_read_by_type),
        cmocka_unit_test(test_params_the_nearest_source_wins),
        cmocka_unit_test(test_params_missing_says_how_to_give_it),
        cmocka_unit_test(test_params_unknown_names_the_nearest),
        cmocka_unit_test(test_params_errors_are_said_at_once),
        cmocka_unit_test(test_params_limits_hold_at_the_limit),
        cmocka_unit_test(test_params_a_file_is_there_and_readable),
        cmocka_unit_test(test_params_secrets_show_nowhere),
        cmocka_unit_test(test_params_a_secret_is_in_no_message),
        cmocka_unit_test(test_params_a_short_secret_is_a_warning),
        cmocka_unit_test(test_params_check_fills_what_with_leaves_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
