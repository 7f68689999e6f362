/* YAML texts changed in place: what changes, what stays, and forms that are left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "testing/edit_priv.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

struct change {
    const char *before;
    const char *values; /* JSON: what the keys of the whole map get */
    const char *after;  /* NULL: is left alone */
};

static const struct value *read_json(struct arena *a, const char *text) {
    const struct json_options options = {.name = "values"};
    const struct value *v = NULL;
    struct err err = ERR_INIT;
    assert_true(json_parse(a, text, strlen(text), &options, &v, NULL, &err));
    return v;
}

static struct yaml_node *read_yaml(struct arena *a, const char *text) {
    const struct yaml_options options = {.name = "text", .allow_merge = true};
    struct yaml_node *root = NULL;
    struct err err = ERR_INIT;
    if (!yaml_read(a, text, strlen(text), &options, &root, &err)) {
        fail_msg("%s\n%s", text, err.message);
    }
    return root;
}

static void check(const struct change *c) {
    struct arena a = ARENA_INIT(0);
    struct edits e;
    const struct value *values = read_json(&a, c->values);
    const struct yaml_node *root = read_yaml(&a, c->before);
    edits_init(&e, c->before, strlen(c->before));
    bool is_fine = true;
    for (uint32_t i = 0; i < values->len; i++) {
        unsigned line = 0;
        is_fine =
            edit_value(&e, root, values->as.members[i].key, values->as.members[i].value, &line) &&
            is_fine;
        assert_true(is_fine || line > 0);
    }
    AUTO(str) struct str text = STR_INIT(0);
    unsigned line = 0;
    assert_true(edits_apply(&e, &text, &line));
    assert_int_equal(is_fine, c->after != NULL);
    assert_string_equal(str_text(&text), c->after == NULL ? c->before : c->after);
    const struct yaml_node *again = read_yaml(&a, str_text(&text));
    for (uint32_t i = 0; is_fine && i < values->len; i++) {
        const struct yaml_node *node = yaml_get(again, values->as.members[i].key);
        assert_non_null(node);
        assert_true(value_equal(yaml_to_value(&a, node), values->as.members[i].value));
    }
    edits_release(&e);
    arena_release(&a);
}

static void check_all(const struct change *all, size_t n) {
    for (size_t i = 0; i < n; i++) {
        check(&all[i]);
    }
}
#define CHECK_ALL(all) check_all(all, sizeof(all) / sizeof(all)[0])

static void test_edit_of_scalars_keeps_everything_around_them(void **state) {
    (void)state;
    static const struct change all[] = {
        {"a: one # why\nb: 2\n", "{\"a\": \"two\", \"b\": 2}", "a: two # why\nb: 2\n"},
        {"a: 'it''s' # why\n", "{\"a\": \"x: y\"}", "a: \"x: y\" # why\n"},
        {"a: \"say \\\"x\\\"\" # why\n", "{\"a\": \"true\"}", "a: \"true\" # why\n"},
        {"ä: ümläut # ö\nb: 1\n", "{\"ä\": \"x\"}", "ä: x # ö\nb: 1\n"},
        {"a:\nb: 1\n", "{\"a\": 7}", "a: 7\nb: 1\n"},
        {"a: |\n  one\n  two\n\nb: 1\n", "{\"a\": \"x\"}", "a: x\n\nb: 1\n"},
        {"a: >-\n  one\n  two\n", "{\"a\": null}", "a: null\n"},
        {"a: one\r\nb: 2\r\n", "{\"a\": \"two\", \"c\": 3}", "a: two\r\nb: 2\r\nc: 3\r\n"},
        {"{a: 1, b: [it's, 'x, ]'], c: 3}", "{\"b\": 0}", "{a: 1, b: 0, c: 3}"},
        {"a: {x: 1, # don't }\n    y: 2}\nb: 1\n", "{\"a\": {\"y\": 2}}", "a: {y: 2}\nb: 1\n"},
        {"a: one\n  two\n", "{\"a\": \"x\"}", NULL}, /* folded: its end is not known */
    };
    CHECK_ALL(all);
}

static void test_edit_of_maps_touches_single_lines(void **state) {
    (void)state;
    static const struct change all[] = {
        {"m:\n  a: 1 # one\n  b: 2 # two\n  # end\nn: 1\n", "{\"m\": {\"a\": 1, \"b\": 3}}",
         "m:\n  a: 1 # one\n  b: 3 # two\n  # end\nn: 1\n"},
        {"m:\n  a: 1 # one\n  b:\n    c: 2\n  d: 4\nn: 1\n", "{\"m\": {\"a\": 1, \"d\": 4}}",
         "m:\n  a: 1 # one\n  d: 4\nn: 1\n"},
        {"m: # all\n  a: 1\n  b: 2\nn: 1\n", "{\"m\": {}}", "m: {} # all\nn: 1\n"},
        {"m:\n  a: 1\nn: 1\n", "{\"m\": {\"b\": 2, \"c\": \"x y\"}}",
         "m:\n  b: 2\n  c: x y\nn: 1\n"},
        {"m:\n  a: 1", "{\"m\": {\"a\": 1, \"b\": 2}}", "m:\n  a: 1\n  b: 2"},
        {"m:\n  a:\n    x: 1\n", "{\"m\": {\"b\": 2, \"a\": {\"x\": 1, \"y\": 2}}}",
         "m:\n  a:\n    x: 1\n    y: 2\n  b: 2\n"},
        {"m: {a: 1, b: 2} # all\n", "{\"m\": {\"a\": 5, \"b\": 2}}", "m: {a: 5, b: 2} # all\n"},
        {"m: {}\n", "{\"m\": {\"a\": 1}}", "m: {a: 1}\n"},
        {"m: {a: 1}\n", "{\"m\": {}, \"n\": {\"x\": [1]}}", "m: {}\nn: {x: [1]}\n"},
    };
    CHECK_ALL(all);
}

static void test_edit_of_lists_keeps_the_lines_of_items_that_stay(void **state) {
    (void)state;
    static const struct change all[] = {
        {"l:\n  - a # one\n  - b # two\nn: 1\n", "{\"l\": [\"b\", \"c\", \"a\"]}",
         "l:\n  - b # two\n  - c\n  - a # one\nn: 1\n"},
        {"l:\n- a\n- b\nn: 1\n", "{\"l\": [\"a\"]}", "l:\n- a\nn: 1\n"},
        {"l:\n- a\n- b\nn: 1\n", "{\"l\": []}", "l: []\nn: 1\n"},
        {"l:\n  - {match: x}\n  - text: |\n      y\n", "{\"l\": [{\"text\": \"y\\n\"}, \"z\"]}",
         "l:\n  - text: |\n      y\n  - z\n"},
        {"l: [a, 'b', c] # all\n", "{\"l\": [\"a\", \"x\", \"c\"]}", "l: [a, x, c] # all\n"},
        {"l: [a]\n", "{\"l\": [\"cpdctl space list\", \"GET https://x\"]}",
         "l: [cpdctl space list, \"GET https://x\"]\n"},
        {"l:\n  -\n    a\n", "{\"l\": [\"b\"]}", NULL},
    };
    CHECK_ALL(all);
}

static void test_edit_writes_shared_values_out_where_they_are_used(void **state) {
    (void)state;
    static const struct change all[] = {
        {"a: &x {p: 1}\nb: *x # same\n", "{\"b\": {\"p\": 2}}", "a: &x {p: 1}\nb: {p: 2} # same\n"},
        {"a: &x one\nb: *x\n", "{\"a\": \"two\"}", "a: &x two\nb: *x\n"},
        {"base: &x {p: 1, q: 2}\nm:\n  <<: *x\n  r: 3\n", "{\"m\": {\"p\": 5, \"q\": 2, \"r\": 3}}",
         "base: &x {p: 1, q: 2}\nm:\n  <<: *x\n  r: 3\n  p: 5\n"},
        {"a: &x 1\nm: {s: *x}\n", "{\"m\": {\"s\": 1, \"t\": 2}}", "a: &x 1\nm: {s: 1, t: 2}\n"},
    };
    CHECK_ALL(all);
}

static void test_edit_of_one_place_twice_is_told_when_the_values_differ(void **state) {
    (void)state;
    static const char text[] = "a: &x {p: 1}\nb: {<<: *x}\n";
    struct arena a = ARENA_INIT(0);
    const struct yaml_node *root = read_yaml(&a, text);
    const struct value *two = read_json(&a, "{\"p\": 2}");
    const struct value *three = read_json(&a, "{\"p\": 3}");
    for (int differs = 0; differs < 2; differs++) {
        struct edits e;
        unsigned line = 0;
        edits_init(&e, text, sizeof text - 1);
        assert_true(edit_value(&e, root, "a", two, &line));
        assert_true(edit_value(&e, root, "a", differs == 1 ? three : two, &line));
        AUTO(str) struct str out = STR_INIT(0);
        assert_int_equal(edits_apply(&e, &out, &line), differs == 0);
        assert_string_equal(str_text(&out), "a: &x {p: 2}\nb: {<<: *x}\n");
        assert_int_equal(line, differs);
        edits_release(&e);
    }
    arena_release(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edit_of_scalars_keeps_everything_around_them),
        cmocka_unit_test(test_edit_of_maps_touches_single_lines),
        cmocka_unit_test(test_edit_of_lists_keeps_the_lines_of_items_that_stay),
        cmocka_unit_test(test_edit_writes_shared_values_out_where_they_are_used),
        cmocka_unit_test(test_edit_of_one_place_twice_is_told_when_the_values_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
