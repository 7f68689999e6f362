/*
 * value/yaml against yaml-test-suite: the same values as in.json, errors where the suite has them.
 * Where libyaml 0.2.5 itself deviates, the list beside the suite says so; beyond it only our own
 * rules reject: foreign tags and keys that are no scalars. And cpdctl's YAML output against its
 * JSON output.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "unit/base/outside.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

#include <string.h>

struct suite {
    struct str deviations; /* lines "REJECTS-VALID name: title" */
    size_t n_cases;
    size_t n_values; /* compared with in.json */
    size_t n_own;    /* rejected by our own rules */
};

static bool is_listed(const struct suite *suite, const char *what, const char *name) {
    AUTO(str) struct str line = STR_INIT(0);
    str_addf(&line, "%s %s:", what, name);
    return strstr(str_text(&suite->deviations), str_text(&line)) != NULL;
}

/* All documents of in.json as one list. */
static const struct value *read_documents(struct arena *a, const struct str *text) {
    AUTO(err) struct err err = ERR_INIT;
    const struct json_options options = {.name = "in.json"};
    struct list_builder list;
    list_begin(&list, a);
    size_t pos = 0;
    for (;;) {
        const struct value *v = NULL;
        if (!json_parse_next(a, str_text(text), text->len, &pos, &options, &v, &err)) {
            fail_msg("in.json: %s", err.message);
        }
        if (v == NULL) {
            return list_end(&list);
        }
        list_add(&list, v);
    }
}

static bool is_own_rule(const struct err *err) {
    return strcmp(err->kind, "foreign-tag") == 0 ||
           str_starts(err->message, "a key must be a scalar");
}

static void check_rejected(struct suite *suite, const char *name, bool is_error,
                           const struct err *err) {
    if (is_error || is_listed(suite, "REJECTS-VALID", name)) {
        return;
    }
    if (!is_own_rule(err)) {
        fail_msg("%s: rejected: %s", name, err->message);
    }
    suite->n_own++;
}

static void check_accepted(struct suite *suite, const char *name, bool is_error,
                           const struct value *v, const char *folder) {
    if (is_error) {
        if (!is_listed(suite, "ACCEPTS-INVALID", name)) {
            fail_msg("%s: accepted", name);
        }
        return;
    }
    struct arena a = ARENA_INIT(0);
    AUTO(str) struct str text = STR_INIT(0);
    if (outside_read(folder, "in.json", &text) && !is_listed(suite, "DIFF", name)) {
        const struct value *expected = read_documents(&a, &text);
        if (!value_equal(v, expected)) {
            AUTO(str) struct str ours = STR_INIT(0);
            json_print(&ours, v, JSON_COMPACT);
            fail_msg("%s: %s", name, str_text(&ours));
        }
        suite->n_values++;
    }
    arena_release(&a);
}

static void check_case(struct suite *suite, const char *name, const char *folder) {
    struct arena a = ARENA_INIT(0);
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str marker = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct yaml_options options = {.name = name, .allow_documents = true};
    const struct value *v = NULL;
    assert_true(outside_read(folder, "in.yaml", &text));
    bool is_error = outside_read(folder, "error", &marker);
    if (yaml_parse(&a, str_text(&text), text.len, &options, &v, &err)) {
        check_accepted(suite, name, is_error, v, folder);
    } else {
        check_rejected(suite, name, is_error, &err);
        assert_true(err.place.line > 0 && err.place.col > 0);
    }
    suite->n_cases++;
    arena_release(&a);
}

/* A folder is a case, or holds numbered cases. */
static void check_folder(struct suite *suite, const char *name, const char *folder) {
    AUTO(str) struct str text = STR_INIT(0);
    if (outside_read(folder, "in.yaml", &text)) {
        check_case(suite, name, folder);
        return;
    }
    size_t n_names = 0;
    char **names = outside_names(folder, &n_names);
    for (size_t i = 0; i < n_names; i++) {
        AUTO(str) struct str sub_name = STR_INIT(0);
        AUTO(str) struct str sub_folder = STR_INIT(0);
        str_addf(&sub_name, "%s/%s", name, names[i]);
        str_addf(&sub_folder, "%s/%s", folder, names[i]);
        check_case(suite, str_text(&sub_name), str_text(&sub_folder));
    }
    outside_free_names(names, n_names);
}

static void test_yaml_suite(void **state) {
    (void)state;
    struct suite suite = {.n_cases = 0};
    AUTO(str) struct str top = STR_INIT(0);
    if (!outside_path("suites/yaml-test-suite", &top)) {
        skip();
    }
    assert_true(outside_read(str_text(&top), "libyaml-0.2.5-deviations.txt", &suite.deviations));
    str_add(&top, "/data");
    size_t n_names = 0;
    char **names = outside_names(str_text(&top), &n_names);
    for (size_t i = 0; i < n_names; i++) {
        AUTO(str) struct str folder = STR_INIT(0);
        str_addf(&folder, "%s/%s", str_text(&top), names[i]);
        check_folder(&suite, names[i], str_text(&folder));
    }
    outside_free_names(names, n_names);
    str_release(&suite.deviations);
    assert_int_equal(suite.n_cases, 402);
    assert_int_equal(suite.n_values, 219);
    assert_int_equal(suite.n_own, 29);
}

static void read_yaml_file(struct arena *a, const char *folder, const char *name,
                           const struct value **ret_value) {
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct yaml_options options = {.name = name};
    assert_true(outside_read(folder, name, &text));
    if (!yaml_parse(a, str_text(&text), text.len, &options, ret_value, &err)) {
        fail_msg("%s: %s", name, err.message);
    }
}

/* What a YAML library of Go loses when it prints: `from` in the JSON text becomes `to` in what its
 * YAML says. */
struct loss {
    const char *from;
    const char *to; /* not longer than `from` */
};
static const struct loss loss_of_v2 = {"\xC2\x85", " "};
static const struct loss loss_of_v3 = {"\"\\n lead nl\"", "\" lead nl\""};

static void lose(struct str *text, const struct loss *loss) {
    size_t from_len = strlen(loss->from);
    size_t to_len = strlen(loss->to);
    for (char *at = strstr(text->data, loss->from); at != NULL; at = strstr(at, loss->from)) {
        memcpy(at, loss->to, to_len);
        memmove(at + to_len, at + from_len, strlen(at + from_len) + 1);
        text->len -= from_len - to_len;
    }
}

static void read_json_file(struct arena *a, const char *folder, const char *name,
                           const struct loss *loss, const struct value **ret_value) {
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct json_options options = {.name = name};
    assert_true(outside_read(folder, name, &text));
    lose(&text, loss);
    if (!json_parse(a, str_text(&text), text.len, &options, ret_value, NULL, &err)) {
        fail_msg("%s: %s", name, err.message);
    }
}

/* "q01.yaml" -> is "q01.json" the same value? */
static void check_pair(const char *folder, const char *yaml_name, const char *json_name,
                       const struct loss *loss) {
    struct arena a = ARENA_INIT(0);
    const struct value *from_yaml = NULL;
    const struct value *from_json = NULL;
    read_yaml_file(&a, folder, yaml_name, &from_yaml);
    read_json_file(&a, folder, json_name, loss, &from_json);
    if (!value_equal(from_yaml, from_json)) {
        AUTO(str) struct str ours = STR_INIT(0);
        json_print(&ours, from_yaml, JSON_PRETTY);
        fail_msg("%s is not %s: %s", yaml_name, json_name, str_text(&ours));
    }
    arena_release(&a);
}

static void test_yaml_of_cpdctl_equals_its_json(void **state) {
    (void)state;
    AUTO(str) struct str folder = STR_INIT(0);
    if (!outside_path("data/cpdctl/go-output", &folder)) {
        skip();
    }
    size_t n_names = 0;
    size_t n_pairs = 0;
    char **names = outside_names(str_text(&folder), &n_names);
    for (size_t i = 0; i < n_names; i++) {
        if (names[i][0] == 'q' && str_ends(names[i], ".yaml")) {
            AUTO(str) struct str json_name = STR_INIT(0);
            str_addf(&json_name, "%.*s.json", (int)strlen(names[i]) - 5, names[i]);
            check_pair(str_text(&folder), names[i], str_text(&json_name), &loss_of_v2);
            n_pairs++;
        }
    }
    outside_free_names(names, n_names);
    assert_true(n_pairs > 5);
    check_pair(str_text(&folder), "full.ghodss-yamlv2.yaml", "full.out.json", &loss_of_v2);
    check_pair(str_text(&folder), "full.yamlv3.yaml", "full.out.json", &loss_of_v3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml_suite),
        cmocka_unit_test(test_yaml_of_cpdctl_equals_its_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
