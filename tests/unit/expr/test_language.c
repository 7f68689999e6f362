/* What the suites do not say: our extensions, decisions where implementations differ, numbers, the
 * scope. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "evaluate.h"
#include "value/value.h"

#include <string.h>

static void check(const char *expression, const char *expected) {
    check_result(expression, "{}", expected);
}

static void test_language_strings_have_an_order(void **state) {
    (void)state;
    check("'a' < 'b'", "true");
    check("'2026-01-31' >= '2026-01-30'", "true");
    check("'\xEF\xBD\x9E' < '\xF0\x9F\x98\x80'", "true"); /* code points, not UTF-16 units */
    check("'a' < `1`", "null");
    check("`true` < `false`", "null");
}

static void test_language_bare_numbers_are_operands(void **state) {
    (void)state;
    check("length('abc') > 2", "true");
    check("-1", "-1");
    check("0.5 + 1e3", "1000.5");
    check("{a: 1, b: -2}", "{\"a\":1,\"b\":-2}");
    check("abs(-3)", "3");
    check_result("a[?b > 1].b", "{\"a\":[{\"b\":1},{\"b\":2}]}", "[2]");
}

static void test_language_minus_after_an_operand_subtracts(void **state) {
    (void)state;
    check_result("a-1", "{\"a\":3}", "2");
    check_result("a -1", "{\"a\":3}", "2");
    check_result("a[-1]-1", "{\"a\":[1,5]}", "4");
    check_result("a[:-1]", "{\"a\":[1,5]}", "[1]");
    check("let $x = 5 in -1", "-1");
    check("2 \xE2\x88\x92 3 \xC3\x97 4 \xC3\xB7 2", "-4");
}

static void test_language_arithmetic_is_exact_for_integers(void **state) {
    (void)state;
    check("`9007199254740993` + `1`", "9007199254740994");
    check("`9223372036854775807` - `1`", "9223372036854775806");
    check("`9223372036854775807` + `1`", "9223372036854776000");
    check("`-9223372036854775808` // `-1`", "9223372036854776000");
    check("`-9223372036854775808` % `-1`", "0");
    check("`6` / `3`", "2");
    check("`7` / `2`", "3.5");
    check("`-10` % `3`", "2");
    check("`-10` // `3`", "-4");
    check("`-10` == (`-10` // `3`) * `3` + `-10` % `3`", "true");
    check("`5.5` % `-2`", "-0.5");
    check("8 / 4 * 2", "4");
    check("2 + 3 * 4 == 14", "true");
}

static void test_language_numbers_keep_their_text(void **state) {
    (void)state;
    check_result("a", "{\"a\":12345678901234567890123}", "12345678901234567890123");
    check_result("-a", "{\"a\":0.30000000000000004000}", "-0.30000000000000004000");
    check_result("abs(a)", "{\"a\":-1e400}", "1e400");
    check_result("max(a)", "{\"a\":[9007199254740992,9007199254740993,1.0]}", "9007199254740993");
    check_result("sort(a)", "{\"a\":[9007199254740993,9007199254740992]}",
                 "[9007199254740992,9007199254740993]");
    check_result("sum(a)", "{\"a\":[9007199254740993,1]}", "9007199254740994");
    check_result("ceil(a)", "{\"a\":12345678901234567890}", "12345678901234567890");
    check("to_number('1e400')", "1e400");
    check("[to_number('01'), to_number(''), to_number(' 5'), to_number('0x10'), to_number('-0.5')]",
          "[null,null,null,null,-0.5]");
    check("[to_string(`1.0`), to_string(`1e3`), to_string(`0.10`)]", "[\"1\",\"1000\",\"0.10\"]");
    check("avg(`[1, 2]`)", "1.5");
    check("[floor(`-1.5`), ceil(`-1.5`), floor(`2`)]", "[-2,-1,2]");
}

static void test_language_negation_is_looser_than_a_path(void **state) {
    (void)state;
    check_result("!a.b", "{\"a\":{\"b\":false}}", "true");
    check_result("!a[0]", "{\"a\":[true]}", "false");
    check_result("!a == b", "{\"a\":1,\"b\":false}", "true");
}

static void test_language_ternary_is_tighter_than_a_pipe(void **state) {
    (void)state;
    check_result("a ? b : c | [0]", "{\"a\":true,\"b\":[1],\"c\":[2]}", "1");
    check_result("a ? b : a ? c : d", "{\"a\":false,\"d\":4}", "4");
    check_result("a ? list[?x] : list", "{\"a\":true,\"list\":[{\"x\":1},{}]}", "[{\"x\":1}]");
    check_result("a ? list[*].x : list[0]", "{\"a\":true,\"list\":[{\"x\":1}]}", "[1]");
}

static void test_language_projections_carry_on(void **state) {
    (void)state;
    check_result("foo.*.a.b", "{\"foo\":{\"x\":{\"a\":{\"b\":1}},\"y\":{\"a\":{\"b\":2}}}}",
                 "[1,2]");
    check_result("a[?x][?y]", "{\"a\":[{\"x\":1,\"y\":1}]}", "[]");
    check_result("a[?x] | [?y]", "{\"a\":[{\"x\":1,\"y\":1}]}", "[{\"x\":1,\"y\":1}]");
    check("'naïve'[::-1].length(@)", "5");
    check("`[1,null,2]`[*]", "[1,2]");
    check("[`null`, `1`]", "[null,1]");
}

static void test_language_indexes_and_slices_do_not_overflow(void **state) {
    (void)state;
    check("`[1,2]`[99999999999999999999]", "null");
    check("`[1,2]`[-99999999999999999999]", "null");
    check("`[1,2,3]`[-99999999999999999999:99999999999999999999:99999999999999999999]", "[1]");
    check("`[1,2,3]`[99999999999999999999:-99999999999999999999:-99999999999999999999]", "[3]");
    check("`[1,2,3]`[007]", "null");
}

static void test_language_escapes_are_read_in_one_pass(void **state) {
    (void)state;
    check("'a\\\\'", "\"a\\\\\"");
    check("'\\\\\\'\\n'", "\"\\\\'\\\\n\"");
    check("`\"p\\`q\\`r\"`", "\"p`q`r\"");
    check("`\"a\\\\\"`", "\"a\\\\\"");
    check_result("\"a\\u00e9\\\"\"", "{\"aé\\\"\":1}", "1");
}

static void test_language_keywords_stay_names(void **state) {
    (void)state;
    check_result("let.in", "{\"let\":{\"in\":1}}", "1");
    check_result("let $in = in in $in", "{\"in\":2}", "2");
    check("let $a = `null` in let $b = $a in [$a, $b]", "[null,null]");
    check_result("$.a", "{\"a\":1}", "1");
    check_result("b[*].[@, $.a]", "{\"a\":1,\"b\":[2]}", "[[2,1]]");
}

static void test_language_functions_decide_by_the_specification(void **state) {
    (void)state;
    check("contains('abc', `1`)", "false");
    check("contains(`[{\"a\":[1]}]`, `{\"a\":[1.0]}`)", "true");
    check("group_by(`[{\"k\":\"x\"},{},{\"k\":\"x\"}]`, &k)",
          "{\"x\":[{\"k\":\"x\"},{\"k\":\"x\"}]}");
    check("split('a,b', ',', `5`)", "[\"a\",\"b\"]");
    check("split('日本', '')", "[\"日\",\"本\"]");
    check("replace('aaa', 'a', 'aa')", "\"aaaaaa\"");
    check("replace('abc', '', '-')", "\"abc\"");
    check("pad_left('日本', `4`, '語')", "\"語語日本\"");
    check("[find_first('日本語', '語'), find_last('abab', 'ab'), find_first('ab', 'b', `0`, `-1`)]",
          "[2,2,null]");
    check("max_by(`[{\"a\":\"x\"},{\"a\":\"y\"}]`, &a)", "{\"a\":\"y\"}");
    check("sort_by(`[{\"k\":\"b\",\"i\":1},{\"k\":\"a\",\"i\":2},{\"k\":\"b\",\"i\":3}]`, &k)[*].i",
          "[2,1,3]");
    check("upper('straße')", "\"STRASSE\"");
    check("lower('ÀÉΩЖ')", "\"àéωж\"");
    check("trim('\xC2\xA0 x\xE3\x80\x80')", "\"x\"");
    check("`null` | [@]", "[null]");
    check("not_null(`null`, `false`)", "false");
    check("zip(`[1,2]`, `[\"a\"]`)", "[[1,\"a\"]]");
}

static void test_language_functions_of_our_own(void **state) {
    (void)state;
    check("matches('job-12', '^job-\\d+$')", "true");
    check("capture('id=42', '(?<key>\\w+)=(?<value>\\d+)(?<rest>x)?')",
          "{\"key\":\"id\",\"value\":\"42\",\"rest\":null}");
    check("capture('nothing', '(?<a>\\d)')", "null");
    check("replace_regex('2026-01-31', '(\\d+)-(?<m>\\d+)', '$2/${m}/$1 $$')",
          "\"01/01/2026 $-31\"");
    check("replace_regex('日本', '', '-')", "\"-日-本-\"");
    check("replace_regex('aaa', 'a*', 'x')", "\"xx\"");
    check("parse_json(to_json({a: `[1, null]`}))", "{\"a\":[1,null]}");
    check("parse_yaml('a: [1, x]')", "{\"a\":[1,\"x\"]}");
    check("parse_csv('a,b\n1,\"x,y\"\n\n2,\n')",
          "[{\"a\":\"1\",\"b\":\"x,y\"},{\"a\":\"2\",\"b\":\"\"}]");
    check("parse_csv('a;b\n1;2', ';')", "[{\"a\":\"1\",\"b\":\"2\"}]");
    check("one(`[7]`)", "7");
    check("unique(`[1, 1.0, \"1\", {\"a\":1,\"b\":2}, {\"b\":2,\"a\":1}, null, null]`)",
          "[1,\"1\",{\"a\":1,\"b\":2},null]");
    check("[default(nope, 'd'), default(`false`, 'd'), default(`null`, `null`)]",
          "[\"d\",false,null]");
    check("[base64('héé'), base64_decode('aMOpw6k='), base64_decode('aMOpw6k'), base64('')]",
          "[\"aMOpw6k=\",\"héé\",\"héé\",\"\"]");
    check("url_encode('a b/ä~')", "\"a%20b%2F%C3%A4~\"");
}

static void test_language_time(void **state) {
    (void)state;
    check("now()", "\"2026-01-31T09:05:00.123Z\"");
    check("epoch('2026-01-31T09:05:00.5Z')", "1769850300.5");
    check("epoch(now()) > epoch('2026-01-31T10:05:00+01:00')", "true");
    check("format_time('2024-02-29T23:04:05.006Z', '%Y%m%d-%H%M%S.%L %j %a %A %b %B %e %I %p %u %w "
          "%y %z %Z %%')",
          "\"20240229-230405.006 060 Thu Thursday Feb February 29 11 PM 4 4 24 +0000 UTC %\"");
    check("format_time(`0`, '%F %T %s')", "\"1970-01-01 00:00:00 0\"");
    check("format_time(`-1`, '%F %T %A')", "\"1969-12-31 23:59:59 Wednesday\"");
    check("format_time('2023-12-31T00:00:00Z', '%j')", "\"365\"");
    check("format_time('2024-12-31T00:00:00Z', '%j')", "\"366\"");
    check("format_time('2023-03-01T00:00:00Z', '%j')", "\"060\"");
}

static void test_language_status_functions_only_where_allowed(void **state) {
    (void)state;
    check("[succeeded(), failed(), always()]", "[true,false,true]");
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct expr *e = NULL;
    assert_false(expr_compile(&a, "failed()", 8, NULL, &e, &err));
    assert_string_equal(err.kind, "unknown-function");
    assert_string_equal(err.message, "failed() is known in 'if' only");
    arena_release(&a);
}

/* The table is searched by halves, and its words are what `explain` shows. */
static void test_functions_are_sorted_and_documented(void **state) {
    (void)state;
    const struct expr_function_doc *before = NULL;
    size_t n = 0;
    for (const struct expr_function_doc *f = expr_function_doc(0); f; f = expr_function_doc(++n)) {
        assert_true(!before || strcmp(before->name, f->name) < 0);
        assert_true(str_starts(f->signature, f->name));
        assert_int_equal(f->signature[strlen(f->name)], '(');
        assert_true(str_ends(f->doc, "."));
        before = f;
    }
    assert_true(n > 50);
}

/* ---- conditions ------------------------------------------------------------------------------ */

static void check_condition(const char *expression, const char *expected_kind, bool expected) {
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct expr *e = NULL;
    struct expr_run run = {.current = &value_null};
    assert_true(expr_compile(&a, expression, strlen(expression), NULL, &e, &err));
    bool truth = false;
    bool ok = expr_eval_condition(e, &run, &a, &truth, &err);
    assert_int_equal(ok, expected_kind == NULL);
    if (ok) {
        assert_int_equal(truth, expected);
    } else {
        assert_string_equal(err.kind, expected_kind);
    }
    arena_release(&a);
}

static void test_language_conditions_refuse_strings_and_numbers(void **state) {
    (void)state;
    check_condition("`true`", NULL, true);
    check_condition("`null`", NULL, false);
    check_condition("`[0]`", NULL, true);
    check_condition("`{}`", NULL, false);
    check_condition("'false'", "invalid-condition", false);
    check_condition("''", "invalid-condition", false);
    check_condition("`0`", "invalid-condition", false);
}

/* ---- the scope ------------------------------------------------------------------------------- */

static const char scope[] =
    "{\"inputs\":{\"stage\":\"dev\",\"n\":3,\"nothing\":null,\"list\":[{\"a\":1},{}]},"
    "\"steps\":{\"space\":{\"outputs\":{\"id\":\"x1\"},\"result\":null}}}";

static void test_scope_names_paths_and_variables(void **state) {
    (void)state;
    check_scope_result("inputs.stage", scope, "\"dev\"");
    check_scope_result("$inputs.n + 1", scope, "4");
    check_scope_result("@.inputs.n", scope, "3");
    check_scope_result("$.steps.space.outputs.id", scope, "\"x1\"");
    check_scope_result("keys(@)", scope, "[\"inputs\",\"steps\"]");
    check_scope_result("inputs.list[*].a", scope, "[1]");
    check_scope_result("inputs.list[?a == $inputs.list[0].a]", scope, "[{\"a\":1}]");
    check_scope_result("let $inputs = `1` in $inputs", scope, "1");
}

static void test_scope_missing_paths_are_errors_unless_guarded(void **state) {
    (void)state;
    check_scope_result("inputs.nothing", scope, "null");
    check_scope_result("inputs.x || 'd'", scope, "\"d\"");
    check_scope_result("default(steps.x.y, 1)", scope, "1");
    check_scope_result("not_null(inputs.x)", scope, "null");
    check_scope_result("inputs.x ? 'a' : 'b'", scope, "\"b\"");
    check_scope_result("!inputs.x", scope, "true");
    check_scope_result("inputs.x == `null`", scope, "true");
    check_scope_result("inputs.list[*].{a: a}", scope, "[{\"a\":1},{\"a\":null}]");
    check_scope_error(
        "{id: steps.space.outputs.idd}", scope,
        "line 1:26: error[undefined-path]: path 'steps.space.outputs.idd' does not exist: "
        "'steps.space.outputs' has 'id'\n"
        "  {id: steps.space.outputs.idd}\n"
        "                           ^\n"
        "hint: did you mean 'id'?\n");
    check_scope_error(
        "inputs.x == 'a'", scope,
        "line 1:8: error[undefined-path]: path 'inputs.x' does not exist: 'inputs' has "
        "'stage', 'n', 'nothing', 'list'\n"
        "  inputs.x == 'a'\n"
        "         ^\n"
        "hint: default(path, value) accepts what is missing\n");
    check_scope_error(
        "(steps.space).result.x", scope,
        "line 1:22: error[undefined-path]: path '(steps.space).result.x' does not exist: "
        "'(steps.space).result' is null\n"
        "  (steps.space).result.x\n"
        "                       ^\n"
        "hint: default(path, value) accepts what is missing\n");
    check_scope_error("inputs.list.a", scope,
                      "line 1:13: error[undefined-path]: path 'inputs.list.a' does not exist: "
                      "'inputs.list' is a list of 2\n"
                      "  inputs.list.a\n"
                      "              ^\n"
                      "hint: an element has an index, as in [0].a; of every element it is [*].a\n");
    check_scope_error("inputs.list[5]", scope,
                      "line 1:12: error[undefined-path]: path 'inputs.list[5]' does not exist: "
                      "'inputs.list' is a list of 2\n"
                      "  inputs.list[5]\n"
                      "             ^\n"
                      "hint: default(path, value) accepts what is missing\n");
}

static void test_scope_members_are_asked_for_alone(void **state) {
    (void)state;
    struct json_scope s;
    json_scope_init(&s, scope);
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct expr_options options = {.current_is_scope = true};
    struct expr_run run = {.scope = &s.scope};
    static const char *const texts[] = {"steps.space.outputs.id", "$steps.space.outputs.id",
                                        "@.steps.space", "[steps.space.outputs.id]"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct expr *e = NULL;
        const struct value *v = NULL;
        assert_true(expr_compile(&a, texts[i], strlen(texts[i]), &options, &e, &err));
        assert_true(expr_eval(e, &run, &a, &v, &err));
    }
    assert_int_equal(s.n_roots_built, 0);
    assert_int_equal(s.n_members_built, 4);
    arena_release(&a);
    json_scope_release(&s);
}

static void show_ref(const struct expr_ref *ref, void *ctx) {
    struct str *out = ctx;
    str_addf(out, "%u:%s", ref->col, ref->is_variable ? "$" : "");
    for (size_t i = 0; i < ref->n_parts; i++) {
        str_addf(out, "%s%s", i > 0 ? "." : "", ref->parts[i]);
    }
    str_add(out, " ");
}

static void check_refs(const char *expression, bool is_scope, const char *expected) {
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str out = STR_INIT(0);
    struct expr *e = NULL;
    struct expr_options options = {.current_is_scope = is_scope};
    assert_true(expr_compile(&a, expression, strlen(expression), &options, &e, &err));
    expr_visit_refs(e, show_ref, &out);
    assert_string_equal(str_text(&out), expected);
    arena_release(&a);
}

static void test_refs_are_names_of_the_scope(void **state) {
    (void)state;
    check_refs("steps.a.outputs.id", true, "1:steps.a.outputs.id ");
    check_refs("a.b | c.d", true, "1:a.b.c.d ");
    check_refs("a.b | [c].d", true, "1:a.b ");
    check_refs("[a.b[0].c, {x: inputs.y}]", true, "2:a.b 16:inputs.y ");
    check_refs("list[?x == $inputs.y].z", true, "1:list 12:$inputs.y ");
    check_refs("let $v = a.b in [$v, $w.x, c]", true, "10:a.b 22:$w.x 28:c ");
    check_refs("sort_by(items.all, &name)[0]", true, "9:items.all ");
    check_refs("@.inputs.x == $.steps.y", true, "3:inputs.x 17:steps.y ");
    check_refs("a ? b.c : !d", true, "1:a 5:b.c 12:d ");
    check_refs("'é' == e.f", true, "8:e.f ");
    check_refs("a.b == $inputs.name", false, "8:$inputs.name ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_language_strings_have_an_order),
        cmocka_unit_test(test_language_bare_numbers_are_operands),
        cmocka_unit_test(test_language_minus_after_an_operand_subtracts),
        cmocka_unit_test(test_language_arithmetic_is_exact_for_integers),
        cmocka_unit_test(test_language_numbers_keep_their_text),
        cmocka_unit_test(test_language_negation_is_looser_than_a_path),
        cmocka_unit_test(test_language_ternary_is_tighter_than_a_pipe),
        cmocka_unit_test(test_language_projections_carry_on),
        cmocka_unit_test(test_language_indexes_and_slices_do_not_overflow),
        cmocka_unit_test(test_language_escapes_are_read_in_one_pass),
        cmocka_unit_test(test_language_keywords_stay_names),
        cmocka_unit_test(test_language_functions_decide_by_the_specification),
        cmocka_unit_test(test_language_functions_of_our_own),
        cmocka_unit_test(test_language_time),
        cmocka_unit_test(test_language_status_functions_only_where_allowed),
        cmocka_unit_test(test_functions_are_sorted_and_documented),
        cmocka_unit_test(test_language_conditions_refuse_strings_and_numbers),
        cmocka_unit_test(test_scope_names_paths_and_variables),
        cmocka_unit_test(test_scope_missing_paths_are_errors_unless_guarded),
        cmocka_unit_test(test_scope_members_are_asked_for_alone),
        cmocka_unit_test(test_refs_are_names_of_the_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
