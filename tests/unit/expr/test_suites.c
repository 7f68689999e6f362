/*
 * The JMESPath conformance suites, which stand outside of the repository: ../shared/suites or
 * $CPDFLOW_SUITES. A case fails on a wrong result and on a wrong kind of error; all failing cases
 * of a folder are listed at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/expr.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

struct tally {
    struct str failures;
    unsigned n_cases;
    unsigned n_failed;
};

static const char *suites_root(void) {
    const char *root = getenv("CPDFLOW_SUITES");
    return root ? root : TEST_TOP "/../shared/suites";
}

static void fail_case(struct tally *t, const char *expression, const char *wanted,
                      const char *found) {
    t->n_failed++;
    str_addf(&t->failures, "%s\n    wanted %s\n    found  %s\n", expression, wanted, found);
}

static void show_value(struct str *out, const struct value *v) {
    json_print(out, v, JSON_COMPACT);
}

/* Two numbers that differ in the last digits of a double are one: the suites were written with
 * several printers. */
static bool is_same(const struct value *a, const struct value *b) {
    if (a->type != b->type) {
        return false;
    }
    if (a->type == VALUE_NUMBER) {
        double difference = a->aux.number - b->aux.number;
        double size = a->aux.number < 0 ? -a->aux.number : a->aux.number;
        return value_equal(a, b) || (difference <= size * 1e-15 && -difference <= size * 1e-15);
    }
    if (a->type != VALUE_LIST) {
        return value_equal(a, b);
    }
    for (uint32_t i = 0; a->len == b->len && i < a->len; i++) {
        if (!is_same(a->as.items[i], b->as.items[i])) {
            return false;
        }
    }
    return a->len == b->len;
}

static bool run_expression(struct arena *a, const struct value *text, const struct value *given,
                           const struct value **ret, struct err *err) {
    struct expr *e = NULL;
    if (!expr_compile(a, text->as.text, text->len, NULL, &e, err)) {
        return false;
    }
    struct expr_run run = {.current = given};
    return expr_eval(e, &run, a, ret, err);
}

static void run_case(struct tally *t, const struct value *given, const struct value *test) {
    const struct value *text = value_get(test, "expression");
    const struct value *wanted = value_get(test, "result");
    const char *error = value_text(value_get(test, "error"));
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct value *found = &value_null;
    bool ok = run_expression(&a, text, given, &found, &err);
    t->n_cases++;
    AUTO(str) struct str seen = STR_INIT(0);
    AUTO(str) struct str expected = STR_INIT(0);
    if (ok) {
        show_value(&seen, found);
    } else {
        str_addf(&seen, "%s: %s", err.kind, err.message);
    }
    if (error) {
        if (ok || strcmp(err.kind, error) != 0) {
            fail_case(t, text->as.text, error, str_text(&seen));
        } else if (err.place.line == 0 || err.place.col == 0) {
            fail_case(t, text->as.text, "an error with its column", str_text(&seen));
        }
    } else if (wanted && (!ok || !is_same(found, wanted))) {
        show_value(&expected, wanted);
        fail_case(t, text->as.text, str_text(&expected), str_text(&seen));
    } else if (!ok) { /* a benchmark without a result must run */
        fail_case(t, text->as.text, "a result", str_text(&seen));
    }
    arena_release(&a);
}

static bool is_excepted(const char *expression, const char *const *except) {
    for (; except && *except; except++) {
        if (strcmp(expression, *except) == 0) {
            return true;
        }
    }
    return false;
}

/* `except`: expressions that are left out, NULL at the end. */
static void run_file(struct tally *t, const char *path, const char *const *except) {
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str text = STR_INIT(0);
    const struct value *groups = NULL;
    bool ok = file_read(path, LIMIT_FILE_BYTES, &text, &err) &&
              json_parse(&a, str_text(&text), text.len, &(struct json_options){.name = path},
                         &groups, NULL, &err);
    if (!ok) {
        fail_msg("%s: %s", path, err.message);
    }
    for (uint32_t i = 0; i < groups->len; i++) {
        const struct value *given = value_get(groups->as.items[i], "given");
        const struct value *cases = value_get(groups->as.items[i], "cases");
        for (uint32_t j = 0; j < cases->len; j++) {
            const char *expression = value_text(value_get(cases->as.items[j], "expression"));
            if (!is_excepted(expression, except)) {
                run_case(t, given, cases->as.items[j]);
            }
        }
    }
    arena_release(&a);
}

static void run_folder(const char *folder, const char *const *except) {
    AUTO(str) struct str path = STR_INIT(0);
    str_addf(&path, "%s/%s", suites_root(), folder);
    DIR *dir = opendir(str_text(&path));
    if (!dir) {
        print_message("no suite at %s\n", str_text(&path));
        skip();
        return;
    }
    struct tally t = {.failures = STR_INIT(0)};
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (str_ends(entry->d_name, ".json")) {
            AUTO(str) struct str file = STR_INIT(0);
            str_addf(&file, "%s/%s", str_text(&path), entry->d_name);
            run_file(&t, str_text(&file), except);
        }
    }
    closedir(dir);
    if (t.n_failed > 0) {
        print_error("%s", str_text(&t.failures));
    }
    str_release(&t.failures);
    print_message("%s: %u of %u cases\n", folder, t.n_cases - t.n_failed, t.n_cases);
    assert_int_equal(t.n_failed, 0);
    assert_true(t.n_cases > 0);
}

static void test_suites_community(void **state) {
    (void)state;
    run_folder("jmespath/community", NULL);
}

static void test_suites_community_jep12(void **state) {
    (void)state;
    run_folder("jmespath/community/jep-12", NULL);
}

/* The two suites contradict each other in one expression; the community edition reads '\\' as one
 * backslash. */
static void test_suites_original(void **state) {
    (void)state;
    static const char *const except[] = {"'\\\\'", NULL};
    run_folder("jmespath/org", except);
}

/* That implementation gives null an order; in the specification ordering anything but numbers
 * yields null. */
static void test_suites_jmespath_net_regressions(void **state) {
    (void)state;
    static const char *const except[] = {"[?a<`\"whatever\"`]", "[?a<=`\"whatever\"`]",
                                         "[?a<=`null`]", "[?a>=`null`]", NULL};
    run_folder("extra/jmespath.net-regression", except);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suites_community),
        cmocka_unit_test(test_suites_community_jep12),
        cmocka_unit_test(test_suites_original),
        cmocka_unit_test(test_suites_jmespath_net_regressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
