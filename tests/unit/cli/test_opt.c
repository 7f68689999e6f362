/*
 * Option rows: what GNU conventions promise, and the texts of usage errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/opt.h"

struct options {
    bool raw;
    bool no_input;
    const char *query;
    struct opt_list vars;
    int output;
    size_t rows;
    int64_t timeout_ms;
};

static const char *const outputs[] = {"json", "yaml", "table", NULL};
static const struct opt_row rows[] = {
    {'r', "raw", OPT_FLAG, NULL, offsetof(struct options, raw), NULL, "bare strings"},
    {'n', "no-input", OPT_FLAG, NULL, offsetof(struct options, no_input), NULL, "read nothing"},
    {'q', "query", OPT_TEXT, "EXPR", offsetof(struct options, query), NULL, "select\nwith EXPR"},
    {0, "var", OPT_LIST, "NAME=JSON", offsetof(struct options, vars), NULL, "a variable"},
    {'o', "output", OPT_CHOICE, NULL, offsetof(struct options, output), outputs, "format"},
    {0, "rows", OPT_COUNT, "N", offsetof(struct options, rows), NULL, "how many"},
    {0, "timeout", OPT_DURATION, "TIME", offsetof(struct options, timeout_ms), NULL, "how long"},
    OPT_END,
};

#define MAX_ARGS 16

struct parsed {
    struct options options;
    struct opt_list operands;
    struct err err;
    bool ok;
};

/* `line` is split at single blanks. */
static void parse_up_to(struct parsed *p, size_t rest_from, const char *line) {
    static char copy[256];
    static char *argv[MAX_ARGS];
    *p = (struct parsed){.err = ERR_INIT};
    assert_true(strlen(line) < sizeof copy);
    memcpy(copy, line, strlen(line) + 1);
    int argc = 0;
    for (char *arg = copy; arg != NULL && *arg != '\0'; argc++) {
        assert_true(argc < MAX_ARGS);
        char *blank = strchr(arg, ' ');
        if (blank != NULL) {
            *blank = '\0';
        }
        argv[argc] = arg;
        arg = blank != NULL ? blank + 1 : NULL;
    }
    p->ok = opt_parse(rows, argc, argv, rest_from, &p->options, &p->operands, &p->err);
}

static void parse(struct parsed *p, const char *line) {
    parse_up_to(p, 0, line);
}

static void release(struct parsed *p) {
    opt_release(rows, &p->options);
    opt_list_release(&p->operands);
    err_release(&p->err);
}

static void assert_usage_error(const char *line, const char *message, const char *hint) {
    struct parsed p;
    parse(&p, line);
    assert_false(p.ok);
    assert_string_equal(p.err.kind, "usage");
    assert_string_equal(p.err.message, message);
    assert_string_equal(p.err.hint != NULL ? p.err.hint : "", hint);
    release(&p);
}

static void test_opt_values_are_taken_in_every_gnu_form(void **state) {
    (void)state;
    static const char *const forms[] = {"--query=a.b", "--query a.b", "-qa.b", "-q a.b", "-rnqa.b"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct parsed p;
        parse(&p, forms[i]);
        assert_true(p.ok);
        assert_string_equal(p.options.query, "a.b");
        assert_int_equal(p.operands.n, 0);
        release(&p);
    }
}

static void test_opt_flags_bundle(void **state) {
    (void)state;
    struct parsed p;
    parse(&p, "-rn");
    assert_true(p.ok && p.options.raw && p.options.no_input);
    release(&p);
}

static void test_opt_options_may_follow_operands(void **state) {
    (void)state;
    struct parsed p;
    parse(&p, "EXPR --raw - file");
    assert_true(p.ok && p.options.raw);
    assert_int_equal(p.operands.n, 3);
    assert_string_equal(p.operands.items[1], "-");
    release(&p);
}

static void test_opt_double_dash_ends_options(void **state) {
    (void)state;
    struct parsed p;
    parse(&p, "-r -- -n --raw");
    assert_true(p.ok && p.options.raw && !p.options.no_input);
    assert_int_equal(p.operands.n, 2);
    assert_string_equal(p.operands.items[0], "-n");
    release(&p);
}

static void test_opt_list_keeps_every_value_in_order(void **state) {
    (void)state;
    struct parsed p;
    parse(&p, "--var a=1 --var=b=2");
    assert_true(p.ok);
    assert_int_equal(p.options.vars.n, 2);
    assert_string_equal(p.options.vars.items[1], "b=2");
    release(&p);
}

static void test_opt_last_value_wins(void **state) {
    (void)state;
    struct parsed p;
    parse(&p, "-q a -q b -o table -o yaml --rows 7 --timeout 1m");
    assert_true(p.ok);
    assert_string_equal(p.options.query, "b");
    assert_int_equal(p.options.output, 1);
    assert_int_equal(p.options.rows, 7);
    assert_int_equal(p.options.timeout_ms, 60000);
    release(&p);
}

static void test_opt_empty_value_counts_as_one(void **state) {
    (void)state;
    struct parsed p;
    parse(&p, "--query=");
    assert_true(p.ok);
    assert_string_equal(p.options.query, "");
    release(&p);
}

static void test_opt_usage_errors_say_what_to_write(void **state) {
    (void)state;
    assert_usage_error("--qeury a", "unknown option '--qeury'", "did you mean '--query'?");
    assert_usage_error("--que=a", "unknown option '--que'", "did you mean '--query'?");
    assert_usage_error("--xyzzy", "unknown option '--xyzzy'", "");
    assert_usage_error("-x", "unknown option '-x'", "");
    assert_usage_error("-rx", "unknown option '-x' in '-rx'", "");
    assert_usage_error("--raw=yes", "option '--raw' takes no value", "");
    assert_usage_error("--query", "option '--query' needs a value: EXPR", "");
    assert_usage_error("-rq", "option '-q' needs a value: EXPR", "");
    assert_usage_error("-o jsn", "option '--output' cannot be 'jsn': use one of json, yaml, table",
                       "did you mean 'json'?");
    assert_usage_error("--rows 0", "option '--rows' wants a number of at least 1, not '0'", "");
    assert_usage_error("--rows x", "option '--rows' wants a number of at least 1, not 'x'", "");
}

static void test_opt_duration_without_unit_is_refused(void **state) {
    (void)state;
    struct parsed p;
    parse(&p, "--timeout 10");
    assert_false(p.ok);
    assert_non_null(strstr(p.err.message, "option '--timeout': "));
    release(&p);
}

static void test_opt_explain_aligns_and_lists_choices(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    opt_explain(rows, &text);
    assert_string_equal(str_text(&text), "  -r, --raw                 bare strings\n"
                                         "  -n, --no-input            read nothing\n"
                                         "  -q, --query=EXPR          select\n"
                                         "                            with EXPR\n"
                                         "      --var=NAME=JSON       a variable\n"
                                         "  -o, --output=json|yaml|table\n"
                                         "                            format\n"
                                         "      --rows=N              how many\n"
                                         "      --timeout=TIME        how long\n"
                                         "  -h, --help                print this help\n");
}

static void test_opt_leaves_options_of_another_command_to_it(void **state) {
    (void)state;
    struct parsed p;
    parse_up_to(&p, 2, "dir sh -c true -- x");
    assert_true(p.ok);
    assert_int_equal(p.operands.n, 6);
    assert_string_equal(p.operands.items[2], "-c");
    assert_string_equal(p.operands.items[4], "--");
    release(&p);
    parse_up_to(&p, 2, "dir -- sh --help");
    assert_true(p.ok);
    assert_int_equal(p.operands.n, 3);
    release(&p);
    parse_up_to(&p, 2, "dir -c sh");
    assert_false(p.ok);
    release(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opt_values_are_taken_in_every_gnu_form),
        cmocka_unit_test(test_opt_flags_bundle),
        cmocka_unit_test(test_opt_options_may_follow_operands),
        cmocka_unit_test(test_opt_double_dash_ends_options),
        cmocka_unit_test(test_opt_list_keeps_every_value_in_order),
        cmocka_unit_test(test_opt_last_value_wins),
        cmocka_unit_test(test_opt_empty_value_counts_as_one),
        cmocka_unit_test(test_opt_usage_errors_say_what_to_write),
        cmocka_unit_test(test_opt_duration_without_unit_is_refused),
        cmocka_unit_test(test_opt_leaves_options_of_another_command_to_it),
        cmocka_unit_test(test_opt_explain_aligns_and_lists_choices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
