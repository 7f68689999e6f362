/*
 * auto, JSON, YAML, lines, text and regex: what they make of what commands print.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/regex.h"
#include "base/str.h"
#include "extract/extract.h"
#include "value/json.h"
#include "value/value.h"

static void assert_extracts_bytes(const struct extract_spec *spec, const char *bytes, size_t len,
                                  const char *expected) {
    struct arena arena = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str shown = STR_INIT(0);
    const struct value *value = NULL;
    struct extract_spec named = *spec;
    named.name = "stdout";
    if (extract_value(&arena, bytes, len, &named, &value, NULL, &err)) {
        json_print(&shown, value, JSON_COMPACT);
    } else {
        err_render(&err, "error", &shown);
    }
    assert_string_equal(str_text(&shown), expected);
    arena_release(&arena);
}

static void assert_extracts(enum extract_format format, const char *text, const char *expected) {
    assert_extracts_bytes(&(struct extract_spec){.format = format}, text, strlen(text), expected);
}

/* ---- auto ------------------------------------------------------------------------------------- */

static void test_extract_auto_takes_json_with_what_stands_around_it(void **state) {
    (void)state;
    assert_extracts(EXTRACT_AUTO, "{\"a\": 1}\n", "{\"a\":1}");
    assert_extracts(EXTRACT_AUTO, "[1, 2]", "[1,2]");
    assert_extracts(EXTRACT_AUTO, "...\n{\n  \"a\": 1\n}\n\nStatus code =  0\n", "{\"a\":1}");
    assert_extracts(EXTRACT_AUTO, "2025-02-19 11:28:29: Project export status: x\n[]\n", "[]");
}

static void test_extract_auto_takes_scalars_as_query_results_print_them(void **state) {
    (void)state;
    assert_extracts(EXTRACT_AUTO, "\"d9bf-1\"\n", "\"d9bf-1\"");
    assert_extracts(EXTRACT_AUTO, "d9bf-1\r\n", "\"d9bf-1\"");
    assert_extracts(EXTRACT_AUTO, "1701802812862\n", "1701802812862");
    assert_extracts(EXTRACT_AUTO, "null\n", "null");
    assert_extracts(EXTRACT_AUTO, "Switched to profile \"cpd\".\n",
                    "\"Switched to profile \\\"cpd\\\".\"");
}

static void test_extract_auto_takes_yaml_of_go_writers(void **state) {
    (void)state;
    assert_extracts(EXTRACT_AUTO, "resources:\n- metadata:\n    id: x\n",
                    "{\"resources\":[{\"metadata\":{\"id\":\"x\"}}]}");
    assert_extracts(EXTRACT_AUTO, "- a\n- b\n", "[\"a\",\"b\"]");
    assert_extracts(EXTRACT_AUTO, "location: /v2/projects/1\n\n",
                    "{\"location\":\"/v2/projects/1\"}");
    assert_extracts(EXTRACT_AUTO, "\"123\": numkey\nb: 2\n", "{\"123\":\"numkey\",\"b\":2}");
    assert_extracts(EXTRACT_AUTO, "|-\n  line1\n  line2\n", "\"line1\\nline2\"");
}

static void test_extract_auto_takes_every_form_of_table(void **state) {
    (void)state;
    assert_extracts(EXTRACT_AUTO, "...\nID   Name\n1    a\n", "[{\"ID\":\"1\",\"Name\":\"a\"}]");
    assert_extracts(EXTRACT_AUTO, "...\n     \nID:     1\nName:   a: b\n",
                    "{\"ID\":\"1\",\"Name\":\"a: b\"}");
    assert_extracts(EXTRACT_AUTO, "\x1b[1mID\x1b[0m   \x1b[1mURL\x1b[0m\r\n1    https://x\r\n",
                    "[{\"ID\":\"1\",\"URL\":\"https://x\"}]");
    assert_extracts(EXTRACT_AUTO, "A |B\n--|--\n1 |2\n", "[{\"A\":\"1\",\"B\":\"2\"}]");
    assert_extracts(EXTRACT_AUTO, "...\nNothing to show.\n", "[]");
    assert_extracts(EXTRACT_AUTO, "...\nOK\n", "null");
}

static void test_extract_auto_does_not_guess(void **state) {
    (void)state;
    assert_extracts(EXTRACT_AUTO, "id\n7fb\n",
                    "stdout:1:1: error[unexpected-output]: stdout is neither JSON nor YAML nor a "
                    "table\n  id\n  ^\nhint: say what it is: output: lines, text, or a regex\n");
    assert_extracts(EXTRACT_AUTO, "", "error[empty-output]: stdout is empty: expected a table\n");
    assert_extracts(EXTRACT_AUTO, "FAILED\nno such space\n",
                    "error[unexpected-output]: stdout says FAILED: no such space\n");
}

/* ---- json, yaml ------------------------------------------------------------------------------- */

static void test_extract_json_counts_what_it_skipped(void **state) {
    (void)state;
    struct arena arena = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    static const char text[] = "...\n{\"a\": 1}\nStatus code = 0\n";
    struct extract_spec spec = {.format = EXTRACT_JSON};
    struct extract_note note;
    const struct value *value = NULL;
    assert_true(extract_value(&arena, text, sizeof text - 1, &spec, &value, &note, &err));
    assert_int_equal(note.noise_before, 4);
    assert_true(note.noise_after > 0);
    arena_release(&arena);
}

static void test_extract_json_error_suspects_a_table(void **state) {
    (void)state;
    struct arena arena = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    static const char text[] = "...\nID   Name\n1    a\n";
    struct extract_spec spec = {.format = EXTRACT_JSON, .name = "stdout"};
    const struct value *value = NULL;
    assert_false(extract_value(&arena, text, sizeof text - 1, &spec, &value, NULL, &err));
    assert_string_equal(err.kind, "invalid-json");
    assert_string_equal(err.hint, "this looks like a table: use output: table, or call the command "
                                  "with --output json");
    arena_release(&arena);
    assert_extracts(EXTRACT_JSON, " \n", "error[empty-output]: stdout is empty: expected JSON\n");
}

static void test_extract_yaml_error_names_the_line_of_the_whole_output(void **state) {
    (void)state;
    assert_extracts(EXTRACT_YAML, "...\na: 1\n\nStatus code = 0\n", "{\"a\":1}");
    assert_extracts(EXTRACT_YAML, "...\n", "error[empty-output]: stdout is empty: expected YAML\n");
    struct arena arena = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    static const char text[] = "...\na: 1\na: 2\n";
    struct extract_spec spec = {.format = EXTRACT_YAML, .name = "stdout"};
    const struct value *value = NULL;
    assert_false(extract_value(&arena, text, sizeof text - 1, &spec, &value, NULL, &err));
    assert_string_equal(err.kind, "duplicate-key");
    assert_int_equal(err.place.line, 3);
    arena_release(&arena);
}

/* ---- lines, text, none ------------------------------------------------------------------------ */

static void test_extract_lines_lose_only_their_ends(void **state) {
    (void)state;
    assert_extracts(EXTRACT_LINES, "a\r\n\n b \nc", "[\"a\",\"\",\" b \",\"c\"]");
    assert_extracts(EXTRACT_LINES, "", "[]");
}

static void test_extract_text_loses_one_line_end(void **state) {
    (void)state;
    assert_extracts(EXTRACT_TEXT, "a\nb\n\n", "\"a\\nb\\n\"");
    assert_extracts(EXTRACT_TEXT, "", "\"\"");
    assert_extracts_bytes(&(struct extract_spec){.format = EXTRACT_TEXT}, "a\0b\xff", 4,
                          "\"a\\u0000b\xEF\xBF\xBD\"");
}

static void test_extract_none_is_null(void **state) {
    (void)state;
    assert_extracts(EXTRACT_NONE, "whatever", "null");
}

/* ---- regex ------------------------------------------------------------------------------------ */

static void assert_regex(const char *pattern, bool all, const char *text, const char *expected) {
    AUTO(err) struct err err = ERR_INIT;
    struct regex *regex = regex_compile(pattern, strlen(pattern), NULL, &err);
    assert_non_null(regex);
    struct extract_spec spec = {.format = EXTRACT_REGEX, .regex = regex, .all = all};
    assert_extracts_bytes(&spec, text, strlen(text), expected);
    regex_free(regex);
}

static void test_extract_regex_named_groups_become_an_object(void **state) {
    (void)state;
    assert_regex("id: (?<id>\\w+)(?: state: (?<state>\\w+))?( x)?", false, "id: a1\n",
                 "{\"id\":\"a1\",\"state\":null}");
}

static void test_extract_regex_without_names_gives_the_match(void **state) {
    (void)state;
    assert_regex("[0-9]+", false, "a 12 b 34", "\"12\"");
    assert_regex("(?<=id=)\\w+", false, "id=x1", "\"x1\"");
}

static void test_extract_regex_all_gives_every_match(void **state) {
    (void)state;
    assert_regex("[0-9]+", true, "a 12 b 34", "[\"12\",\"34\"]");
    assert_regex("(?<k>\\w)=(?<v>\\d)", true, "a=1 b=2",
                 "[{\"k\":\"a\",\"v\":\"1\"},{\"k\":\"b\",\"v\":\"2\"}]");
    assert_regex("x*", true, "\xC3\xA9x", "[\"\",\"x\",\"\"]");
    assert_regex("z", true, "abc", "[]");
}

static void test_extract_regex_no_match_is_an_error_of_its_own_kind(void **state) {
    (void)state;
    assert_regex("z", false, "abc",
                 "error[no-match]: stdout: the pattern matches nothing in 3 bytes\n");
}

static void test_extract_regex_limit_is_not_no_match(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    struct regex *regex = regex_compile("^(a+)+$", 7, NULL, &err);
    struct arena arena = ARENA_INIT(0);
    struct extract_spec spec = {.format = EXTRACT_REGEX, .regex = regex};
    static const char text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
    const struct value *value = NULL;
    assert_false(extract_value(&arena, text, sizeof text - 1, &spec, &value, NULL, &err));
    assert_string_equal(err.kind, "regex-limit");
    arena_release(&arena);
    regex_free(regex);
}

static void test_extract_lossy_cells_survive_as_flags(void **state) {
    (void)state;
    struct arena arena = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    static const char text[] = "ID   Name\n-    b\n";
    struct extract_spec spec = {.format = EXTRACT_AUTO};
    const struct value *value = NULL;
    assert_true(extract_value(&arena, text, sizeof text - 1, &spec, &value, NULL, &err));
    assert_int_equal(value_get(value->as.items[0], "ID")->flags & VALUE_LOSSY, VALUE_LOSSY);
    assert_int_equal(value_get(value->as.items[0], "Name")->flags & VALUE_LOSSY, 0);
    arena_release(&arena);
}

static void test_extract_past_the_arenas_maximum_is_an_error(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    str_add(&text, "ID   Name\n");
    for (int i = 0; i < 1000; i++) {
        str_add(&text, "1    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
    }
    static const enum extract_format formats[] = {EXTRACT_TABLE, EXTRACT_TEXT};
    for (size_t i = 0; i < 2; i++) {
        struct arena arena = ARENA_INIT(8192);
        AUTO(err) struct err err = ERR_INIT;
        struct extract_spec spec = {.format = formats[i], .name = "stdout"};
        const struct value *value = NULL;
        assert_false(extract_value(&arena, text.data, text.len, &spec, &value, NULL, &err));
        assert_string_equal(err.kind, "output-too-large");
        arena_release(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extract_auto_takes_json_with_what_stands_around_it),
        cmocka_unit_test(test_extract_auto_takes_scalars_as_query_results_print_them),
        cmocka_unit_test(test_extract_auto_takes_yaml_of_go_writers),
        cmocka_unit_test(test_extract_auto_takes_every_form_of_table),
        cmocka_unit_test(test_extract_auto_does_not_guess),
        cmocka_unit_test(test_extract_json_counts_what_it_skipped),
        cmocka_unit_test(test_extract_json_error_suspects_a_table),
        cmocka_unit_test(test_extract_yaml_error_names_the_line_of_the_whole_output),
        cmocka_unit_test(test_extract_lines_lose_only_their_ends),
        cmocka_unit_test(test_extract_text_loses_one_line_end),
        cmocka_unit_test(test_extract_none_is_null),
        cmocka_unit_test(test_extract_regex_named_groups_become_an_object),
        cmocka_unit_test(test_extract_regex_without_names_gives_the_match),
        cmocka_unit_test(test_extract_regex_all_gives_every_match),
        cmocka_unit_test(test_extract_regex_no_match_is_an_error_of_its_own_kind),
        cmocka_unit_test(test_extract_regex_limit_is_not_no_match),
        cmocka_unit_test(test_extract_lossy_cells_survive_as_flags),
        cmocka_unit_test(test_extract_past_the_arenas_maximum_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
