/* expr/template: every rule of the recipe language's section on templates, and trees of YAML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "evaluate.h"
#include "expr/template.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

#include <string.h>

static const char scope_json[] =
    "{\"inputs\": {\"name\": \"n\", \"id\": 12345678901234567890, \"half\": 0.50, \"yes\": true, "
    "\"list\": [1, \"a\"], \"object\": {\"k\": [null]}, \"nothing\": null, \"code\": \"${{ "
    "inputs.name }}\"},"
    " \"steps\": {\"space\": {\"outputs\": {\"id\": \"s-1\", \"name\": \"x\"}}}}";

static bool eval_template(const char *text, struct arena *a, struct json_scope *s,
                          const struct value **ret, struct err *err) {
    struct template *t = NULL;
    struct expr_options options = {.current_is_scope = true};
    struct expr_run run = {.scope = &s->scope};
    return template_compile(a, text, strlen(text), &options, &t, err) &&
           template_eval(t, &run, a, ret, err);
}

static void check_template(const char *text, const char *expected) {
    struct json_scope s;
    json_scope_init(&s, scope_json);
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str out = STR_INIT(0);
    const struct value *v = NULL;
    if (eval_template(text, &a, &s, &v, &err)) {
        json_print(&out, v, JSON_COMPACT);
    } else {
        err_render(&err, "error", &out);
    }
    assert_string_equal(str_text(&out), expected);
    arena_release(&a);
    json_scope_release(&s);
}

static void test_template_single_keeps_its_type(void **state) {
    (void)state;
    check_template("${{ inputs.id }}", "12345678901234567890");
    check_template("${{inputs.yes}}", "true");
    check_template("${{ inputs.list }}", "[1,\"a\"]");
    check_template("${{ inputs.nothing }}", "null");
    check_template("${{ inputs.name }}\n", "\"n\"");
    check_template("${{ inputs.name }} ", "\"n \"");
    check_template("", "\"\"");
    check_template("no expression }} $ {{", "\"no expression }} $ {{\"");
}

static void test_template_mixed_text_follows_the_type(void **state) {
    (void)state;
    check_template("a-${{ inputs.name }}-b", "\"a-n-b\"");
    check_template("${{ inputs.id }}${{ inputs.half }}", "\"123456789012345678900.50\"");
    check_template("is ${{ inputs.yes }}", "\"is true\"");
    check_template("l=${{ inputs.list }} o=${{ inputs.object }}",
                   "\"l=[1,\\\"a\\\"] o={\\\"k\\\":[null]}\"");
}

static void test_template_null_in_text_is_an_error(void **state) {
    (void)state;
    check_template(
        "x ${{ inputs.nothing }}",
        "line 1:1: error[null-in-text]: 'inputs.nothing' is null, and a text needs a value\n"
        "  inputs.nothing\n"
        "  ^\n"
        "hint: default(x, '') puts nothing there\n");
    check_template("x ${{ default(inputs.nothing, '') }}", "\"x \"");
}

static void test_template_end_is_found_by_the_lexer(void **state) {
    (void)state;
    check_template("${{ {a: {b: inputs.name}} }}", "{\"a\":{\"b\":\"n\"}}");
    check_template("${{ {a: {b: inputs.name}}}}", "{\"a\":{\"b\":\"n\"}}");
    check_template("${{ '}}' }}.${{ `\"}}\"` }}.${{ {\"}}\": inputs.name} }}",
                   "\"}}.}}.{\\\"}}\\\":\\\"n\\\"}\"");
}

static void test_template_results_are_not_scanned_again(void **state) {
    (void)state;
    check_template("${{ inputs.code }}", "\"${{ inputs.name }}\"");
    check_template("a ${{ inputs.code }}", "\"a ${{ inputs.name }}\"");
}

static void test_template_dollar_escapes(void **state) {
    (void)state;
    check_template("$${{ x }}", "\"${{ x }}\"");
    check_template("a$${{ ${{ inputs.name }}", "\"a${{ n\"");
    check_template("$$${{", "\"$${{\"");
}

static void test_template_missing_path_is_an_error(void **state) {
    (void)state;
    check_template(
        "id ${{ steps.space.outputs.idd }}",
        "line 1:21: error[undefined-path]: path 'steps.space.outputs.idd' does not exist: "
        "'steps.space.outputs' has 'id', 'name'\n"
        "  steps.space.outputs.idd\n"
        "                      ^\n"
        "hint: did you mean 'id'?\n");
    check_template("${{ steps.space.outputs.idd || 'none' }}", "\"none\"");
    check_template("${{ steps.other ? 'yes' : 'no' }}", "\"no\"");
    check_template("${{ not_null(steps.other.outputs.id, inputs.name) }}", "\"n\"");
}

static void test_template_unclosed_is_an_error(void **state) {
    (void)state;
    check_template(
        "a ${{ inputs.name",
        "error[unclosed-template]: '${{' without '}}'\n"
        "hint: close the expression with '}}'; in YAML ' #' begins a comment unless the text "
        "is quoted; '$${{' is the text '${{'\n");
    check_template("${{ 'a }}", "line 1:1: error[syntax]: a string that is never closed\n"
                                "  'a\n"
                                "  ^\n");
    check_template("${{ {a: inputs.name }}",
                   "line 1:16: error[syntax]: the expression ends too early: expected ',' or '}'\n"
                   "  {a: inputs.name\n"
                   "                 ^\n");
    check_template("${{ }}", "line 1:1: error[syntax]: the expression is empty\n"
                             "  \n"
                             "  ^\n");
}

static void test_template_eval_text_keeps_the_rules_for_a_single_expression(void **state) {
    (void)state;
    struct json_scope s;
    json_scope_init(&s, scope_json);
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str out = STR_INIT(0);
    struct template *t = NULL;
    struct expr_options options = {.current_is_scope = true};
    struct expr_run run = {.scope = &s.scope};
    assert_true(template_compile(&a, "${{ inputs.list }}", 18, &options, &t, &err));
    assert_true(template_is_single(t));
    assert_false(template_is_literal(t));
    assert_true(template_eval_text(t, &run, &a, &out, &err));
    assert_string_equal(str_text(&out), "[1,\"a\"]");
    assert_true(template_compile(&a, "${{ inputs.nothing }}", 21, &options, &t, &err));
    assert_false(template_eval_text(t, &run, &a, &out, &err));
    assert_string_equal(err.kind, "null-in-text");
    arena_release(&a);
    json_scope_release(&s);
}

static void test_template_text_at_the_limit_and_one_past(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str out = STR_INIT(4);
    struct template *t = NULL;
    struct expr_run run = {.current = NULL};
    assert_true(template_compile(&a, "ab${{ 'cd' }}", 13, NULL, &t, &err));
    assert_true(template_eval_text(t, &run, &a, &out, &err));
    assert_string_equal(str_text(&out), "abcd");
    str_release(&out);
    out.max = 3;
    assert_false(template_eval_text(t, &run, &a, &out, &err));
    assert_string_equal(err.kind, "expr-limit");
    arena_release(&a);
}

/* ---- trees ----------------------------------------------------------------------------------- */

struct source {
    const char *text;
    struct arena *arena;
};

static const char *source_line(unsigned line, void *ctx) {
    struct source *s = ctx;
    const char *p = s->text;
    for (unsigned i = 1; i < line; i++) {
        p = strchr(p, '\n') + 1;
    }
    return arena_strndup(s->arena, p, strcspn(p, "\n"));
}

static void check_tree(const char *yaml, const char *expected) {
    struct json_scope s;
    json_scope_init(&s, scope_json);
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str out = STR_INIT(0);
    struct yaml_node *node = NULL;
    struct yaml_options yaml_options = {.name = "r.yaml"};
    assert_true(yaml_read(&a, yaml, strlen(yaml), &yaml_options, &node, &err));
    struct source text = {yaml, &a};
    struct template_source source = {"r.yaml", source_line, &text};
    struct expr_options options = {.current_is_scope = true};
    struct expr_run run = {.scope = &s.scope};
    struct template_tree *t = NULL;
    const struct value *v = NULL;
    if (template_tree_compile(&a, node, &source, &options, &t, &err) &&
        template_tree_eval(t, &run, &a, &v, &err)) {
        json_print(&out, v, JSON_COMPACT);
    } else {
        err_render(&err, "error", &out);
    }
    assert_string_equal(str_text(&out), expected);
    arena_release(&a);
    json_scope_release(&s);
}

static void test_template_tree_scalars_keep_their_types(void **state) {
    (void)state;
    check_tree("a: ${{ inputs.id }}\nb: [1, 'x ${{ inputs.name }}', no, ~]\n${{ k }}: \"true\"\n",
               "{\"a\":12345678901234567890,\"b\":[1,\"x n\",\"no\",null],\"${{ k }}\":\"true\"}");
    check_tree("|\n  ${{ inputs.list }}\n", "[1,\"a\"]");
    check_tree("a: 1\nb: {c: '$${{ x }}'}\n", "{\"a\":1,\"b\":{\"c\":\"${{ x }}\"}}");
}

static void test_template_tree_errors_stand_in_the_file(void **state) {
    (void)state;
    check_tree("a: 1\nb:\n  - \"x ${{ inputs.nam }}\"\n",
               "r.yaml:3:19: error[undefined-path]: path 'inputs.nam' does not exist: 'inputs' has "
               "'name', 'id', 'half', 'yes', 'list', 'object', 'nothing', 'code'\n"
               "    - \"x ${{ inputs.nam }}\"\n"
               "                    ^\n"
               "hint: did you mean 'name'?\n");
    check_tree("a: ${{ inputs. }}\n", "r.yaml:1:15: error[syntax]: the expression ends too early: "
                                      "expected a name, a function, '*', "
                                      "'[' or '{' behind '.'\n"
                                      "  a: ${{ inputs. }}\n"
                                      "                ^\n");
    /* Escapes and block scalars move columns: the caret then stands under the expression itself. */
    check_tree("a: \"\\x41 ${{ nope }}\"\n",
               "r.yaml:1:1: error[undefined-variable]: there is no 'nope' here\n"
               "  nope\n"
               "  ^\n"
               "hint: there are: inputs, steps\n");
}

static void count_expr(const struct expr *e, void *ctx) {
    (void)e;
    (*(unsigned *)ctx)++;
}

static void test_template_tree_visits_every_expression(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct yaml_node *node = NULL;
    struct template_tree *t = NULL;
    struct yaml_options yaml_options = {.name = "r.yaml"};
    static const char yaml[] = "{a: \"${{ x }} ${{ y }}\", b: [1, \"${{ z }}\"], c: {d: 1}}";
    assert_true(yaml_read(&a, yaml, strlen(yaml), &yaml_options, &node, &err));
    assert_true(template_tree_compile(&a, node, NULL, NULL, &t, &err));
    unsigned n = 0;
    template_tree_visit_exprs(t, count_expr, &n);
    assert_int_equal(n, 3);
    assert_false(template_tree_is_literal(t));
    arena_release(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_template_single_keeps_its_type),
        cmocka_unit_test(test_template_mixed_text_follows_the_type),
        cmocka_unit_test(test_template_null_in_text_is_an_error),
        cmocka_unit_test(test_template_end_is_found_by_the_lexer),
        cmocka_unit_test(test_template_results_are_not_scanned_again),
        cmocka_unit_test(test_template_dollar_escapes),
        cmocka_unit_test(test_template_missing_path_is_an_error),
        cmocka_unit_test(test_template_unclosed_is_an_error),
        cmocka_unit_test(test_template_eval_text_keeps_the_rules_for_a_single_expression),
        cmocka_unit_test(test_template_text_at_the_limit_and_one_past),
        cmocka_unit_test(test_template_tree_scalars_keep_their_types),
        cmocka_unit_test(test_template_tree_errors_stand_in_the_file),
        cmocka_unit_test(test_template_tree_visits_every_expression),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
