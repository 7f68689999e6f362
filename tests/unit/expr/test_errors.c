/* Errors of expressions: the whole text, with place, source line, caret and hint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "evaluate.h"

#include <string.h>

static const char document[] =
    "{\"foo\": {\"bar\": [1, 2]}, \"s\": \"text\", \"n\": 3, \"list\": [{\"a\": 1}, {\"b\": 2}],"
    " \"items\": [{\"k\": \"b\"}, {\"k\": 2}]}";

struct error_case {
    const char *expression;
    const char *expected; /* kind, column, message and hint; the frame is the same for all */
    unsigned col;
    const char *hint; /* NULL: none */
};

/* Builds the printed form of an error in a single line and compares with it. */
static void check_cases(const struct error_case *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct error_case *c = &cases[i];
        AUTO(str) struct str text = STR_INIT(0);
        const char *colon = strchr(c->expected, ':');
        str_addf(&text, "line 1:%u: error[%.*s]%s\n  %s\n  ", c->col, (int)(colon - c->expected),
                 c->expected, colon, c->expression);
        str_add_repeat(&text, ' ', c->col - 1);
        str_add(&text, "^\n");
        if (c->hint) {
            str_addf(&text, "hint: %s\n", c->hint);
        }
        check_error(c->expression, document, str_text(&text));
    }
}

#define CHECK(cases) check_cases(cases, sizeof(cases) / sizeof(cases)[0])

static void test_errors_syntax(void **state) {
    (void)state;
    static const struct error_case cases[] = {
        {"foo.",
         "syntax: the expression ends too early: expected a name, a function, '*', '[' or '{' "
         "behind '.'",
         5, NULL},
        {"foo.0", "syntax: unexpected '0': expected a name, a function, '*', '[' or '{' behind '.'",
         5, "an element of a list is written list[0]"},
        {"foo['bar']", "syntax: unexpected ''bar'': expected a number, ':' or '*' behind '['", 5,
         "a field is written x.name or x.\"any name\", a filter x[?condition], a selection x.[a, "
         "b]"},
        {"foo[1.5]", "syntax: unexpected '1.5': expected an integer", 5, NULL},
        {"foo[0:1:2:3]", "syntax: unexpected ':': expected ']'", 10, NULL},
        {"foo.[1]", "syntax: a bare number as an element of a list", 6, "write `1`"},
        {"[n, -2]", "syntax: a bare number as an element of a list", 5, "write `-2`"},
        {"a b", "syntax: unexpected 'b'", 3, NULL},
        {"a and b", "syntax: unexpected 'and'", 3, "write '&&'"},
        {"not a", "syntax: unexpected 'a'", 5, "write '!'"},
        {"n = 3", "syntax: unexpected '='", 3, "'==' compares"},
        {"n == a = 3", "syntax: unexpected '='", 8, "'==' compares"},
        {"&foo", "syntax: unexpected '&': expected an expression", 1,
         "'&expression' stands as an argument of a function only"},
        {"length(foo,)", "syntax: unexpected ')': expected an expression", 12, NULL},
        {"length(foo", "syntax: the expression ends too early: expected ',' or ')'", 11, NULL},
        {"\"length\"(foo)", "syntax: a function's name in quotes", 1,
         "write the name without quotes"},
        {"@(foo)", "syntax: unexpected '('", 2, "only a function's name is followed by '('"},
        {"{a: 1,}", "syntax: unexpected '}': expected a key", 7, NULL},
        {"{a: 1", "syntax: the expression ends too early: expected ',' or '}'", 6, NULL},
        {"let $x in $x", "syntax: unexpected 'in': expected '='", 8, NULL},
        {"let $x = n $x", "syntax: unexpected '$x': expected ',' or 'in'", 12, NULL},
        {"a ? b", "syntax: the expression ends too early: expected ':'", 6, NULL},
        {"`foo`", "syntax: a literal that is not JSON", 1,
         "a string is written 'text' or `\"text\"`"},
        {"\"\\u12\"", "syntax: a quoted name that is not a JSON string", 1,
         "a backslash is written \\\\, a quote \\\""},
        {"'abc", "syntax: a string that is never closed", 1, NULL},
        {"foo # bar", "syntax: a character that no expression holds outside of quotes", 5, NULL},
        {"01", "syntax: a number with a leading zero", 1, "write it without, or quote it"},
        {"", "syntax: the expression is empty", 1, NULL},
    };
    CHECK(cases);
}

static void test_errors_functions_that_are_not_there(void **state) {
    (void)state;
    static const struct error_case cases[] = {
        {"lenght(n)", "unknown-function: no function is called 'lenght'", 1,
         "did you mean 'length'?"},
        {"concat('a','b')", "unknown-function: no function is called 'concat'", 1,
         "write join('', [a, b])"},
        {"nope(foo)", "unknown-function: no function is called 'nope'", 1, NULL},
        {"join('-')", "invalid-arity: join() takes 2 arguments, found 1", 1,
         "join(string $glue, array[string] $parts)"},
        {"merge()", "invalid-arity: merge() takes at least 1 argument, found 0", 1,
         "merge(object $x, ...)"},
        {"abs(n, n)", "invalid-arity: abs() takes 1 argument, found 2", 1, "abs(number $x)"},
        {"split('a')", "invalid-arity: split() takes 2 to 3 arguments, found 1", 1,
         "split(string $text, string $separator[, number $count])"},
        /* A syntax error tells more than an unknown function before it. */
        {"nope(foo) b", "syntax: unexpected 'b'", 11, NULL},
    };
    CHECK(cases);
}

static void test_errors_types_of_arguments(void **state) {
    (void)state;
    static const struct error_case cases[] = {
        {"abs(s)", "invalid-type: abs(): the argument must be a number, found a string", 5, NULL},
        {"length(foo.nope)",
         "invalid-type: length(): the argument must be a string or an array or an object, found "
         "null",
         8, "path 'foo.nope' does not exist: 'foo' has 'bar'"},
        {"length(foo.baz)",
         "invalid-type: length(): the argument must be a string or an array or an object, found "
         "null",
         8, "path 'foo.baz' does not exist: 'foo' has 'bar'; did you mean 'bar'?"},
        {"abs(true)", "invalid-type: abs(): the argument must be a number, found null", 5,
         "the literal is written `true`, with backquotes; true alone is a name"},
        {"lower(\"ABC\")", "invalid-type: lower(): the argument must be a string, found null", 7,
         "double quotes make a name; a string is written 'ABC'"},
        {"max(list)",
         "invalid-type: max(): the argument must be an array of numbers or an array of strings, "
         "found an array whose element 0 is an object",
         5, NULL},
        {"sort(`[1, \"a\"]`)",
         "invalid-type: sort(): the argument must be an array of numbers or an array of strings, "
         "found an array whose element 1 is a string",
         6, NULL},
        {"join(foo.bar, '-')", "invalid-type: join(): argument 1 must be a string, found an array",
         6, "join takes the glue first: join('-', list); split the text first: split(text, '-')"},
        {"split(foo.bar, '-')",
         "invalid-type: split(): argument 1 must be a string, found an array", 7,
         "split takes the text first: split(text, '/'); join the glue first: join('/', list)"},
        {"sort_by(list, &a)",
         "invalid-type: sort_by(): the key of element 1 is null: keys are numbers or strings", 15,
         "leave such elements out first: sort_by(list[?a], &a)"},
        {"max_by(items, &k)",
         "invalid-type: max_by(): the key of element 1 is a number, that of the first one a string",
         15, NULL},
        {"group_by(list, &a)",
         "invalid-type: group_by(): the key of element 0 is a number: keys are strings", 16,
         "to_string(x) makes a string of anything"},
        {"to_array(&n)",
         "invalid-type: to_array(): the argument must be a value, found an &expression", 10, NULL},
        {"sort_by(list, n)",
         "invalid-type: sort_by(): argument 2 must be an expression written &expression, found a "
         "number",
         15, NULL},
    };
    CHECK(cases);
}

static void test_errors_values_of_arguments(void **state) {
    (void)state;
    static const struct error_case cases[] = {
        {"s[::0]", "invalid-value: the step of a slice is 0", 2, NULL},
        {"find_first(s, 'e', `1.5`)",
         "invalid-value: find_first(): argument 3 must be an integer, found 1.5", 20, NULL},
        {"pad_left(s, `-1`)",
         "invalid-value: pad_left(): argument 2 must not be negative, found -1", 13, NULL},
        {"pad_left(s, `9`, 'ab')",
         "invalid-value: pad_left(): argument 3 must be a single character, found 'ab'", 18, NULL},
        {"from_items(`[[\"a\"]]`)",
         "invalid-value: from_items(): element 0 is not a pair of a string and a value", 12, NULL},
        {"capture(s, 'x')", "invalid-value: capture(): the pattern has no named group", 12,
         "a group with a name is written (?<name>...)"},
        {"replace_regex(s, 't', '${x}')",
         "invalid-value: replace_regex(): the pattern has no group 'x'", 23,
         "a dollar sign is written $$"},
        {"parse_json('{\"a\" 1}')",
         "invalid-value: parse_json(): line 1, column 6: expected ':' after the key, found '1'", 12,
         NULL},
        {"base64_decode('a$b')", "invalid-value: base64_decode(): not base64 at character 2", 15,
         NULL},
        {"epoch('yesterday')",
         "invalid-value: epoch(): 'yesterday' is not a timestamp such as 2026-01-31T09:05:00Z", 7,
         NULL},
        {"epoch(`1701802812862`)",
         "invalid-value: epoch(): 1701802812862 seconds are outside of the years 0000 to 9999", 7,
         "milliseconds become seconds by x / 1000"},
        {"format_time(now(), '%Q')",
         "invalid-value: format_time(): '%Q' means nothing in a time format", 20,
         "known are %Y %m %d %H %M %S %L %F %T %j %y %b %B %a %A %I %p %e %s %u %w %z %Z and %%"},
    };
    CHECK(cases);
}

static void test_errors_not_a_number(void **state) {
    (void)state;
    static const struct error_case cases[] = {
        {"n + s", "not-a-number: 's' is a string, not a number", 5,
         "strings are put together with join('', [a, b])"},
        {"n * foo", "not-a-number: 'foo' is an object, not a number", 5, NULL},
        {"n - foo.nope", "not-a-number: 'foo.nope' is null, not a number", 5,
         "path 'foo.nope' does not exist: 'foo' has 'bar'"},
        {"foo.create-project.id", "not-a-number: 'foo.create' is null, not a number", 1,
         "'-' subtracts; a name with a hyphen is written \"create-project\""},
        {"-s", "not-a-number: 's' is a string, not a number", 2, NULL},
        {"n / `0`", "not-a-number: division by zero", 1, NULL},
        {"n // `0.0`", "not-a-number: division by zero", 1, NULL},
        {"n % `0`", "not-a-number: division by zero", 1, NULL},
        {"`1e308` * `10`", "not-a-number: the result is too large for a number", 1, NULL},
        {"sum(`[1e308, 1e308]`)", "not-a-number: sum(): the result is too large for a number", 5,
         NULL},
    };
    CHECK(cases);
}

static void test_errors_undefined_variables(void **state) {
    (void)state;
    static const struct error_case cases[] = {
        {"$nope", "undefined-variable: there is no '$nope' here", 1, NULL},
        {"[let $a = n in $a, $a]", "undefined-variable: there is no '$a' here", 20, NULL},
    };
    CHECK(cases);
    check_scope_error("$input.x", "{\"inputs\": {}, \"steps\": {}}",
                      "line 1:1: error[undefined-variable]: there is no '$input' here\n"
                      "  $input.x\n"
                      "  ^\n"
                      "hint: did you mean '$inputs'?\n");
    check_scope_error(
        "true", "{\"inputs\": {}, \"steps\": {}}",
        "line 1:1: error[undefined-variable]: there is no 'true' here\n"
        "  true\n"
        "  ^\n"
        "hint: the literal is written `true`, with backquotes; true alone is a name\n");
}

static void test_errors_stand_in_their_line_and_count_characters(void **state) {
    (void)state;
    check_error("{a: 'é日本',\n  b: nope(1)}", "{}",
                "line 2:6: error[unknown-function]: no function is called 'nope'\n"
                "    b: nope(1)}\n"
                "       ^\n");
    check_error(
        "'日本' == abs('x')", "{}",
        "line 1:13: error[invalid-type]: abs(): the argument must be a number, found a string\n"
        "  '日本' == abs('x')\n"
        "                ^\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_syntax),
        cmocka_unit_test(test_errors_functions_that_are_not_there),
        cmocka_unit_test(test_errors_types_of_arguments),
        cmocka_unit_test(test_errors_values_of_arguments),
        cmocka_unit_test(test_errors_not_a_number),
        cmocka_unit_test(test_errors_undefined_variables),
        cmocka_unit_test(test_errors_stand_in_their_line_and_count_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
