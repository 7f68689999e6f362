/* value/yaml: nodes with marks, the core schema, merging, limits, every error with its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

#include <string.h>
#include <time.h>

static const struct yaml_options data_options = {.name = "d.yaml"};
static const struct yaml_options recipe_options = {
    .name = "r.yaml", .allow_merge = true, .explain_templates = true};

/* Values as JSON, errors as "line:col kind: message". */
static void read_to(struct str *out, const char *text, size_t len,
                    const struct yaml_options *options) {
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct yaml_node *node = NULL;
    if (yaml_read(&a, text, len, options, &node, &err)) {
        json_print(out, yaml_to_value(&a, node), JSON_COMPACT);
    } else {
        str_addf(out, "%u:%u %s: %s", err.place.line, err.place.col, err.kind, err.message);
        assert_string_equal(err.place.file, options->name);
    }
    arena_release(&a);
}

static void check_with(const struct yaml_options *options, const char *text, const char *expected) {
    AUTO(str) struct str out = STR_INIT(0);
    read_to(&out, text, strlen(text), options);
    assert_string_equal(str_text(&out), expected);
}

static void check(const char *text, const char *expected) {
    check_with(&data_options, text, expected);
}

static void check_recipe(const char *text, const char *expected) {
    check_with(&recipe_options, text, expected);
}

static void test_yaml_resolves_plain_scalars_by_the_core_schema(void **state) {
    (void)state;
    static const struct {
        const char *yaml;
        const char *json;
    } cases[] = {
        {"~", "null"},
        {"null", "null"},
        {"Null", "null"},
        {"NULL", "null"},
        {"nULL", "\"nULL\""},
        {"true", "true"},
        {"True", "true"},
        {"TRUE", "true"},
        {"tRUE", "\"tRUE\""},
        {"false", "false"},
        {"yes", "\"yes\""},
        {"no", "\"no\""},
        {"on", "\"on\""},
        {"off", "\"off\""},
        {"y", "\"y\""},
        {"0", "0"},
        {"-0", "-0"},
        {"+12", "12"},
        {"-17", "-17"},
        {"9223372036854775808", "9223372036854775808"},
        {"0o17", "15"},
        {"0x1F", "31"},
        {"0xffffffffffffffff", "18446744073709551615"},
        {"0x10000000000000000", "\"0x10000000000000000\""},
        {"0o2000000000000000000000", "\"0o2000000000000000000000\""},
        {"0x", "\"0x\""},
        {"0o8", "\"0o8\""},
        {"-0x1F", "\"-0x1F\""},
        {"0755", "\"0755\""},
        {"00", "\"00\""},
        {"-01", "\"-01\""},
        {"1.5", "1.5"},
        {"1.", "1.0"},
        {".5", "0.5"},
        {"-.5e3", "-0.5e3"},
        {"+1e3", "1e3"},
        {"1e400", "1e400"},
        {"1.234567e+06", "1.234567e+06"},
        {".", "\".\""},
        {"-", "[null]"},
        {"1e", "\"1e\""},
        {"1_000", "\"1_000\""},
        {"12:34:56", "\"12:34:56\""},
        {"2021-01-29", "\"2021-01-29\""},
        {".inf", "\".inf\""},
        {"-.INF", "\"-.INF\""},
        {".nan", "\".nan\""},
        {"'1'", "\"1\""},
        {"\"true\"", "\"true\""},
        {"|\n 1", "\"1\""},
        {">\n a\n b\n", "\"a b\\n\""},
        {"!!str 1", "\"1\""},
        {"! 1", "\"1\""},
        {"!!int '1'", "1"},
        {"!!float 1", "1"},
        {"!!bool 'true'", "true"},
        {"!!null ''", "null"},
        {"!!binary aGk=", "\"aGk=\""},
        {"!!map {a: 1}", "{\"a\":1}"},
        {"!!seq [a]", "[\"a\"]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check(cases[i].yaml, cases[i].json);
    }
}

static void test_yaml_nodes_keep_their_marks_and_style(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct yaml_node *node = NULL;
    static const char text[] = "é: [x, 'y']\nb: |\n  text\nc: !!str 1\n";
    assert_true(yaml_read(&a, text, strlen(text), &recipe_options, &node, &err));
    assert_int_equal(node->kind, YAML_MAP);
    assert_int_equal(node->n, 3);
    assert_int_equal(node->n_nodes, 9);
    assert_int_equal(node->height, 3);
    const struct yaml_node *list = node->pairs[0].value;
    assert_int_equal(list->line, 1);
    assert_int_equal(list->col, 4);
    assert_true(list->items[0]->is_plain);
    assert_int_equal(list->items[1]->col, 8);
    assert_false(list->items[1]->is_plain);
    const struct yaml_node *block = yaml_get(node, "b");
    assert_true(block->is_block);
    assert_int_equal(block->line, 2);
    assert_string_equal(block->text, "text\n");
    assert_string_equal(yaml_get(node, "c")->tag, "!!str");
    assert_null(yaml_get(node, "d"));
    assert_null(yaml_get(list, "d"));
    assert_null(yaml_get(NULL, "d"));
    arena_release(&a);
}

static void test_yaml_merges_maps_below_explicit_keys(void **state) {
    (void)state;
    check_recipe("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3, z: 4}\n",
                 "{\"a\":{\"x\":1,\"y\":2},\"b\":{\"y\":3,\"z\":4,\"x\":1}}");
    check_recipe("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: [*a, *b, {z: 3, y: 9}]\n",
                 "{\"a\":{\"x\":1},\"b\":{\"x\":2,\"y\":2},\"c\":{\"x\":1,\"y\":2,\"z\":3}}");
    check_recipe("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n",
                 "{\"a\":{\"x\":1},\"b\":{\"y\":2,\"x\":1},\"c\":{\"y\":2,\"x\":1}}");
    check_recipe("'<<': 1\n", "{\"<<\":1}");
    check("a: &a {x: 1}\nb: {<<: *a}\n", "{\"a\":{\"x\":1},\"b\":{\"<<\":{\"x\":1}}}");
    check_recipe("<<: 1\n", "1:5 invalid-yaml: '<<' takes a mapping or a list of mappings");
    check_recipe("<<: [{a: 1}, 2]\n",
                 "1:5 invalid-yaml: '<<' takes a mapping or a list of mappings");
    check_recipe("<<: {a: 1}\n<<: {b: 1}\n",
                 "2:1 duplicate-key: key '<<' is already defined on line 1");
}

static void test_yaml_marks_merged_keys(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct yaml_node *node = NULL;
    static const char text[] = "a: &a {x: 1}\nb: {<<: *a, y: 2}\n";
    assert_true(yaml_read(&a, text, strlen(text), &recipe_options, &node, &err));
    const struct yaml_node *merged = yaml_get(node, "b");
    assert_false(merged->pairs[0].key->is_merged);
    assert_true(merged->pairs[1].key->is_merged);
    assert_false(yaml_get(node, "a")->pairs[0].key->is_merged);
    arena_release(&a);
}

static void test_yaml_duplicate_keys_name_both_lines(void **state) {
    (void)state;
    check("a: 1\nb: 2\na: 3\n", "3:1 duplicate-key: key 'a' is already defined on line 1");
    check("x:\n  - {k: 1,\n     \"k\": 2}\n",
          "3:6 duplicate-key: key 'k' is already defined on line 2");
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str out = STR_INIT(0);
    for (int i = 0; i < 1000; i++) {
        str_addf(&text, "key%d: %d\n", i, i);
    }
    str_add(&text, "key500: again\n");
    read_to(&out, text.data, text.len, &data_options);
    assert_string_equal(str_text(&out),
                        "1001:1 duplicate-key: key 'key500' is already defined on line 501");
}

static void test_yaml_byte_order_mark_is_no_indentation(void **state) {
    (void)state;
    check("\xEF\xBB\xBF"
          "a: 1\nb: 2\n",
          "{\"a\":1,\"b\":2}");
    check("\xEF\xBB\xBF"
          "- 1\n- 2\n",
          "[1,2]");
    check("\xEF\xBB\xBF"
          "a: b: c\n",
          "1:5 invalid-yaml: mapping values are not allowed in this context");
}

static void test_yaml_documents(void **state) {
    (void)state;
    const struct yaml_options several = {.name = "s", .allow_documents = true};
    check("", "1:1 empty-document: the document is empty");
    check("# only a comment\n", "1:1 empty-document: the document is empty");
    check("---\n...\n", "null");
    check("--- a\n", "\"a\"");
    check("a: 1\n---\nb: 2\n",
          "2:1 several-documents: a second document starts here: expected one");
    check_with(&several, "a: 1\n---\nb: 2\n---\n", "[{\"a\":1},{\"b\":2},null]");
    check_with(&several, "", "[]");
    check("%YAML 1.2\n---\na\n", "\"a\"");
    check("\xEF\xBB\xBF"
          "a: 1\n",
          "{\"a\":1}");
}

static void test_yaml_aliases(void **state) {
    (void)state;
    check("[&a x, *a, *a]", "[\"x\",\"x\",\"x\"]");
    check("[&a 1, *a, &a 2, *a]", "[1,1,2,2]");
    check("[&a [&a 1, *a], *a]", "[[1,1],1]");
    check("[*a]", "1:2 invalid-yaml: alias '*a' has no anchor before it");
    check("&a [*a]", "1:5 invalid-yaml: alias '*a' stands inside the value that it names");
    check("x: &a {y: {z: *a}}",
          "1:15 invalid-yaml: alias '*a' stands inside the value that it names");
    check("&a 1\n---\n*a\n", "2:1 several-documents: a second document starts here: expected one");
    const struct yaml_options several = {.name = "s", .allow_documents = true};
    check_with(&several, "&a 1\n---\n*a\n", "3:1 invalid-yaml: alias '*a' has no anchor before it");
}

static void test_yaml_alias_expansion_is_limited(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str out = STR_INIT(0);
    str_add(&text, "- &a [0,1,2,3,4,5,6,7,8]\n"); /* 10 nodes */
    for (size_t i = 0; i < LIMIT_YAML_ALIASES / 10; i++) {
        str_add(&text, "- *a\n");
    }
    read_to(&out, text.data, text.len, &data_options);
    assert_true(str_starts(out.data, "[[0,1,"));
    str_add(&text, "- *a\n");
    str_reset(&out);
    read_to(&out, text.data, text.len, &data_options);
    assert_string_equal(str_text(&out),
                        "5002:3 too-many-nodes: the aliases stand for more than 50000 nodes");
    str_reset(&text);
    str_reset(&out);
    str_add(&text, "a: &a [x,x,x,x,x,x,x,x,x]\n"); /* a billion laughs */
    for (char c = 'b'; c < 'k'; c++) {
        str_addf(&text, "%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c - 1, c - 1,
                 c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1);
    }
    read_to(&out, text.data, text.len, &data_options);
    assert_non_null(strstr(out.data, "too-many-nodes"));
}

static void check_depth(const char *open, const char *close, size_t depth, const char *expected) {
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str out = STR_INIT(0);
    for (size_t i = 0; i < depth; i++) {
        str_add(&text, open);
    }
    for (size_t i = 0; i < depth; i++) {
        str_add(&text, close);
    }
    read_to(&out, text.data, text.len, &data_options);
    if (expected == NULL) {
        assert_string_equal(str_text(&out), str_text(&text));
    } else {
        assert_string_equal(str_text(&out), expected);
    }
}

static void test_yaml_depth_is_limited(void **state) {
    (void)state;
    check_depth("[", "]", LIMIT_YAML_DEPTH, NULL);
    check_depth("[", "]", LIMIT_YAML_DEPTH + 1, "1:65 too-deep: more than 64 levels of nesting");
    check_depth("- ", "", LIMIT_YAML_DEPTH + 1, "1:129 too-deep: more than 64 levels of nesting");
    const struct yaml_options shallow = {.name = "s", .max_depth = 2};
    check_with(&shallow, "[[1]]", "[[1]]");
    check_with(&shallow, "[[[1]]]", "1:3 too-deep: more than 2 levels of nesting");
    check_with(&shallow, "[&a [1], *a]", "[[1],[1]]");
    check_with(&shallow, "{a: &a [1], b: {c: *a}}", "1:20 too-deep: more than 2 levels of nesting");
}

static void test_yaml_rejects_a_megabyte_of_brackets_at_once(void **state) {
    (void)state;
    static const char *const units[] = {"[", "{", "- ", "? ", "[{", "a: [", "&a [", "!!seq ["};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        AUTO(str) struct str text = STR_INIT(0);
        AUTO(str) struct str out = STR_INIT(0);
        while (text.len < 1000000) {
            str_add(&text, units[i]);
        }
        clock_t before = clock();
        read_to(&out, text.data, text.len, &data_options);
        double took_ms = (double)(clock() - before) * 1000 / CLOCKS_PER_SEC;
        assert_null(strstr(out.data, "null"));
        if (took_ms > 1000) { /* 20 ms as shipped; without the limits it is minutes */
            fail_msg("%s took %.0f ms: %s", units[i], took_ms, str_text(&out));
        }
    }
}

static void test_yaml_memory_is_limited_by_the_arena(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    for (int i = 0; i < 500; i++) {
        str_addf(&text, "key%d: [a, {b: %d}]\n", i, i);
    }
    size_t max_bytes = 16;
    for (;;) {
        struct arena a = ARENA_INIT(max_bytes);
        AUTO(err) struct err err = ERR_INIT;
        struct yaml_node *node = NULL;
        bool is_read = yaml_read(&a, text.data, text.len, &recipe_options, &node, &err);
        arena_release(&a);
        if (is_read) {
            break;
        }
        assert_string_equal(err.message, "the document needs more memory than it may take");
        assert_string_equal(err.kind, "too-large");
        max_bytes += max_bytes / 8 + 8;
    }
}

static void test_yaml_text_is_limited(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str text = STR_INIT(LIMIT_RESULT_BYTES + 1);
    struct yaml_node *node = NULL;
    str_add_char(&text, '#');
    str_add_repeat(&text, 'x', LIMIT_RESULT_BYTES);
    assert_false(yaml_read(&a, text.data, text.len, &data_options, &node, &err));
    assert_string_equal(err.message, "the document has 67108865 bytes: at most 67108864 are read");
    assert_string_equal(err.kind, "too-large");
    AUTO(err) struct err empty = ERR_INIT;
    assert_false(yaml_read(&a, text.data, text.len - 1, &data_options, &node, &empty));
    assert_string_equal(empty.kind, "empty-document");
    arena_release(&a);
}

static void test_yaml_rejects_what_is_foreign(void **state) {
    (void)state;
    check("a: !Ref x\n", "1:4 foreign-tag: tag '!Ref' is not known: only !!str, !!int, !!float, "
                         "!!bool and !!null are");
    check("!!set {a}\n", "1:1 foreign-tag: tag 'tag:yaml.org,2002:set' is not known: only !!str, "
                         "!!int, !!float, !!bool and !!null are");
    check("!!str [a]\n", "1:1 foreign-tag: tag 'tag:yaml.org,2002:str' is not known: only !!str, "
                         "!!int, !!float, !!bool and !!null are");
    check("!!int abc\n", "1:1 invalid-yaml: 'abc' does not suit its tag !!int");
    check("!!int 1.5\n", "1:1 invalid-yaml: '1.5' does not suit its tag !!int");
    check("!!bool yes\n", "1:1 invalid-yaml: 'yes' does not suit its tag !!bool");
    check("? [a]\n: b\n", "1:3 invalid-yaml: a key must be a scalar, found a list");
    check("{{a}: b}\n", "1:2 invalid-yaml: a key must be a scalar, found a mapping");
    check("a: \"x\\0y\"\n", "1:4 invalid-yaml: a string must not hold the character \\0");
    check("%YAML 1.3\n---\n", "1:1 invalid-yaml: found incompatible YAML document");
}

static void test_yaml_data_may_hold_nul(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct value *v = NULL;
    assert_true(yaml_parse(&a, "\"x\\0y\"", 6, &data_options, &v, &err));
    assert_int_equal(v->len, 3);
    assert_memory_equal(v->as.text, "x\0y", 3);
    arena_release(&a);
}

static void test_yaml_reader_errors_have_line_and_column(void **state) {
    (void)state;
    check("a: 1\nb: \xC3(\n", "2:5 invalid-yaml: invalid trailing UTF-8 octet (0x28)");
    check("a: é\nb: é\x01\n", "2:5 invalid-yaml: control characters are not allowed (0x01)");
    check("\xFF", "1:1 invalid-yaml: invalid leading UTF-8 octet (0xFF)");
    check("a: \xED\xA0\x80", "1:4 invalid-yaml: invalid Unicode character (0xD800)");
    AUTO(str) struct str out = STR_INIT(0);
    read_to(&out, "a: x\0y", 6, &data_options);
    assert_string_equal(str_text(&out),
                        "1:5 invalid-yaml: control characters are not allowed (0x00)");
}

static void test_yaml_syntax_errors_name_both_places(void **state) {
    (void)state;
    check("a: [1, 2\nb: 3\n",
          "2:2 invalid-yaml: while parsing a flow sequence on line 1: did not find "
          "expected ',' or ']'");
    check("a:\n\tb: 1\n", "2:1 invalid-yaml: found character that cannot start any token");
    check("a: 'x\n", "2:1 invalid-yaml: while scanning a quoted scalar on line 1: found unexpected "
                     "end of stream");
    check("a: b: c\n", "1:5 invalid-yaml: mapping values are not allowed in this context");
}

static void check_rendered(const char *text, const char *expected) {
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str out = STR_INIT(0);
    struct yaml_node *node = NULL;
    assert_false(yaml_read(&a, text, strlen(text), &recipe_options, &node, &err));
    err_render(&err, "error", &out);
    assert_string_equal(str_text(&out), expected);
    arena_release(&a);
}

static void test_yaml_error_shows_line_caret_and_hint(void **state) {
    (void)state;
    check_rendered(
        "steps:\n  - id: a\n    when: x ? y : z\n",
        "r.yaml:3:17: error[invalid-yaml]: mapping values are not allowed in this context\n"
        "      when: x ? y : z\n"
        "                  ^\n"
        "hint: YAML reads this line differently; for an expression write: when: 'x ? y : z'\n");
}

static void test_yaml_hint_for_tabs(void **state) {
    (void)state;
    check_rendered("a:\n\tb: 1\n",
                   "r.yaml:2:1: error[invalid-yaml]: found character that cannot start any token\n"
                   "  \tb: 1\n"
                   "  ^\n"
                   "hint: indent with blanks: YAML does not take tabs there\n");
}

/* What YAML does to expressions: the message and the line that works, which must then be read as
 * that expression. */
static const struct {
    const char *line;
    const char *error;
    const char *fixed;
} damaged[] = {
    {"when: a ? b : c", "1:13 invalid-yaml: mapping values are not allowed in this context",
     "when: 'a ? b : c'"},
    {"when: ${{ a ? b : c }}", "1:17 invalid-yaml: mapping values are not allowed in this context",
     "when: '${{ a ? b : c }}'"},
    {"x: ${{ a #b }}", "1:4 invalid-yaml: YAML took ' #b }}' as a comment, so '${{' has no end",
     "x: '${{ a #b }}'"},
    {"x: y ${{ a", NULL, NULL}, /* no comment: the template parser has the words */
    {"when: !a",
     "1:7 foreign-tag: tag '!a' is not known: only !!str, !!int, !!float, !!bool and !!null are",
     "when: '!a'"},
    {"when: !(a.b)",
     "1:7 foreign-tag: tag '!(a.b)' is not known: only !!str, !!int, !!float, !!bool and !!null "
     "are",
     "when: '!(a.b)'"},
    {"when: *a", "1:7 invalid-yaml: alias '*a' has no anchor before it", "when: '*a'"},
    {"when: &a b", "1:7 invalid-yaml: anchor '&a' is never used", "when: '&a b'"},
    {"when: 'a' == b", "1:11 invalid-yaml: did not find expected key", "when: \"'a' == b\""},
    {"when: \"a\".b == c", "1:10 invalid-yaml: did not find expected key", "when: '\"a\".b == c'"},
    {"when: 'a' == \"b\"", "1:11 invalid-yaml: did not find expected key",
     "when: '''a'' == \"b\"'"},
    {"when: `1` == b", "1:7 invalid-yaml: found character that cannot start any token",
     "when: '`1` == b'"},
    {"when: @.a", "1:7 invalid-yaml: found character that cannot start any token", "when: '@.a'"},
    {"when: %a", "1:7 invalid-yaml: found character that cannot start any token", "when: '%a'"},
    {"- @.a", "1:3 invalid-yaml: found character that cannot start any token", "- '@.a'"},
    {"- when: @.a", "1:9 invalid-yaml: found character that cannot start any token",
     "- when: '@.a'"},
    {"x: {{ a.b }}", "1:5 invalid-yaml: a key must be a scalar, found a mapping", "x: ${{ a.b }}"},
    {"x: [ ${{ a }}, b ]", "1:7 invalid-yaml: did not find expected ',' or ']'",
     "x: [ '${{ a }}', b ]"},
    {"x: [${{ a['k'] }}, ${{ b }}]", "1:6 invalid-yaml: did not find expected ',' or ']'",
     "x: [\"${{ a['k'] }}\", '${{ b }}']"},
    {"x: {k: ${{ a }}}", "1:9 invalid-yaml: did not find expected ',' or '}'",
     "x: {k: '${{ a }}'}"},
};

static void test_yaml_hints_show_the_line_that_works(void **state) {
    (void)state;
    static const char before[] = "YAML reads this line differently; for an expression write: ";
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        struct arena a = ARENA_INIT(0);
        AUTO(err) struct err err = ERR_INIT;
        AUTO(str) struct str error = STR_INIT(0);
        struct yaml_node *node = NULL;
        bool is_read =
            yaml_read(&a, damaged[i].line, strlen(damaged[i].line), &recipe_options, &node, &err);
        assert_int_equal(is_read, damaged[i].error == NULL);
        if (!is_read) {
            str_addf(&error, "%u:%u %s: %s", err.place.line, err.place.col, err.kind, err.message);
            assert_string_equal(str_text(&error), damaged[i].error);
            assert_non_null(err.hint);
            assert_true(str_starts(err.hint, before));
            assert_string_equal(err.hint + sizeof before - 1, damaged[i].fixed);
            AUTO(err) struct err none = ERR_INIT;
            assert_true(yaml_read(&a, damaged[i].fixed, strlen(damaged[i].fixed), &recipe_options,
                                  &node, &none));
        }
        arena_release(&a);
    }
}

static void test_yaml_gives_no_hints_for_data(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct yaml_node *node = NULL;
    assert_false(yaml_read(&a, "when: @.a", 9, &data_options, &node, &err));
    assert_null(err.hint);
    check("x: ${{ a #b }}", "{\"x\":\"${{ a\"}");
    check("x: &a b", "{\"x\":\"b\"}");
    arena_release(&a);
}

static void check_print(const char *json, const char *yaml) {
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str out = STR_INIT(0);
    const struct json_options options = {.name = "x"};
    const struct value *v = NULL;
    assert_true(json_parse(&a, json, strlen(json), &options, &v, NULL, &err));
    yaml_print(&out, v);
    assert_string_equal(str_text(&out), yaml);
    arena_release(&a);
}

static void test_yaml_print_is_block_style_with_few_quotes(void **state) {
    (void)state;
    check_print(
        "{\"name\":\"a b\",\"list\":[1,[2,3],{\"x\":null,\"z\":[]},{}],\"t\":{\"u\":{\"v\":true}}}",
        "name: a b\n"
        "list:\n"
        "  - 1\n"
        "  - - 2\n"
        "    - 3\n"
        "  - x: null\n"
        "    z: []\n"
        "  - {}\n"
        "t:\n"
        "  u:\n"
        "    v: true\n");
    check_print("\"x\"", "x\n");
    check_print("[]", "[]\n");
    check_print("1.50", "1.50\n");
}

static void test_yaml_print_writes_lines_as_a_literal_block(void **state) {
    (void)state;
    check_print("{\"a\":\"x\\ny: z\\n\",\"b\":[\"p\\n\\nq\"],\"c\":\"t\\n\\n\",\"d\":\" s\\nt\"}",
                "a: |\n  x\n  y: z\nb:\n  - |-\n    p\n\n    q\nc: \"t\\n\\n\"\nd: \" s\\nt\"\n");
}

static void test_yaml_print_quotes_what_readers_would_misread(void **state) {
    (void)state;
    static const char *const quoted[] = {
        "",     "no",   "Yes", "ON",   "null", "~",  "123",  "-1",         "1e3",
        "0755", "0x1F", ".5",  ".inf", "<<",   "=",  "a: b", "a #b",       "- a",
        "[a]",  "{a}",  "*a",  "&a",   "!a",   "@a", "a ",   "2021-01-29", "12:34:56",
        "a:",   "'a'",  "%a",  "|",    ">",    "?",  "é",    "1_000",      "+1",
    };
    for (size_t i = 0; i < sizeof quoted / sizeof quoted[0]; i++) {
        AUTO(str) struct str json = STR_INIT(0);
        AUTO(str) struct str yaml = STR_INIT(0);
        json_print_string(&json, quoted[i], strlen(quoted[i]));
        str_addf(&yaml, "%s\n", str_text(&json));
        check_print(str_text(&json), str_text(&yaml));
    }
    static const char *const bare[] = {"a",  "a b", "/path/to.x", "a:b", "https://host:1/x_y-z",
                                       "_x", "nope"};
    for (size_t i = 0; i < sizeof bare / sizeof bare[0]; i++) {
        AUTO(str) struct str json = STR_INIT(0);
        AUTO(str) struct str yaml = STR_INIT(0);
        str_addf(&json, "\"%s\"", bare[i]);
        str_addf(&yaml, "%s\n", bare[i]);
        check_print(str_text(&json), str_text(&yaml));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml_resolves_plain_scalars_by_the_core_schema),
        cmocka_unit_test(test_yaml_nodes_keep_their_marks_and_style),
        cmocka_unit_test(test_yaml_merges_maps_below_explicit_keys),
        cmocka_unit_test(test_yaml_marks_merged_keys),
        cmocka_unit_test(test_yaml_duplicate_keys_name_both_lines),
        cmocka_unit_test(test_yaml_byte_order_mark_is_no_indentation),
        cmocka_unit_test(test_yaml_documents),
        cmocka_unit_test(test_yaml_aliases),
        cmocka_unit_test(test_yaml_alias_expansion_is_limited),
        cmocka_unit_test(test_yaml_depth_is_limited),
        cmocka_unit_test(test_yaml_rejects_a_megabyte_of_brackets_at_once),
        cmocka_unit_test(test_yaml_memory_is_limited_by_the_arena),
        cmocka_unit_test(test_yaml_text_is_limited),
        cmocka_unit_test(test_yaml_rejects_what_is_foreign),
        cmocka_unit_test(test_yaml_data_may_hold_nul),
        cmocka_unit_test(test_yaml_reader_errors_have_line_and_column),
        cmocka_unit_test(test_yaml_syntax_errors_name_both_places),
        cmocka_unit_test(test_yaml_error_shows_line_caret_and_hint),
        cmocka_unit_test(test_yaml_hint_for_tabs),
        cmocka_unit_test(test_yaml_hints_show_the_line_that_works),
        cmocka_unit_test(test_yaml_gives_no_hints_for_data),
        cmocka_unit_test(test_yaml_print_is_block_style_with_few_quotes),
        cmocka_unit_test(test_yaml_print_writes_lines_as_a_literal_block),
        cmocka_unit_test(test_yaml_print_quotes_what_readers_would_misread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
