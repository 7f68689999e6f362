#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "recipe/catalogue.h"

static const char small[] = "catalogue 1\n"
                            "program tool\n"
                            "versions 0.9? 1.0 1.2 1.10\n"
                            "flags verbose,v:bool\n"
                            "output output,o\n"
                            "plugins extra\n"
                            "now thing old: thing new\n"
                            "now gone:\n"
                            "thing list: reads output\n"
                            "  limit:int all:bool@1.2\n"
                            "  tag:list@1.0-1.2\n"
                            "thing old: @0.9-1.0\n"
                            "thing new: @1.2 wait=thing.wait names=1\n"
                            "  id! name!id\n";

static struct catalogue *make(void) {
    struct err err = ERR_INIT;
    struct catalogue *c = catalogue_new(small, strlen(small), "small", &err);
    if (c == NULL) {
        fail_msg("%s", err.message);
    }
    return c;
}

static void test_catalogue_finds_the_longest_path(void **state) {
    (void)state;
    struct catalogue *c = make();
    const char *const words[] = {"thing", "list", "more"};
    size_t n_used = 0;
    const struct catalogue_command *found = catalogue_find(c, words, 3, &n_used);
    assert_string_equal(found->path, "thing list");
    assert_int_equal(n_used, 2);
    assert_true(found->reads && found->has_output);
    assert_int_equal(found->n_flags, 3);
    assert_null(catalogue_find(c, words, 1, &n_used));
    catalogue_free(c);
}

static void test_catalogue_flags_are_those_of_the_command_and_around_it(void **state) {
    (void)state;
    struct catalogue *c = make();
    const char *const words[] = {"thing", "list"};
    size_t n_used = 0;
    const struct catalogue_command *list = catalogue_find(c, words, 2, &n_used);
    assert_int_equal(catalogue_flag(c, list, "limit")->type, CATALOGUE_INT);
    assert_int_equal(catalogue_flag(c, list, "verbose")->type, CATALOGUE_BOOL);
    assert_string_equal(catalogue_short_flag(c, list, 'o')->name, "output");
    assert_null(catalogue_flag(c, list, "id"));
    assert_false(catalogue_has(&catalogue_flag(c, list, "all")->span, 1));
    assert_true(catalogue_has(&catalogue_flag(c, list, "all")->span, 3));
    assert_false(catalogue_has(&catalogue_flag(c, list, "tag")->span, 3));
    const char *const other[] = {"thing", "new"};
    const struct catalogue_command *new = catalogue_find(c, other, 2, &n_used);
    assert_null(catalogue_flag(c, new, "output"));
    assert_string_equal(new->wait, "thing wait");
    assert_int_equal(new->n_names, 1);
    assert_true(catalogue_flag(c, new, "id")->is_required);
    assert_string_equal(catalogue_flag(c, new, "name")->instead, "id");
    catalogue_free(c);
}

static void assert_version(const struct catalogue *c, const char *text, size_t index, bool exact) {
    bool is_exact = !exact;
    assert_int_equal(catalogue_version(c, text, &is_exact), index);
    assert_int_equal(is_exact, exact);
}

static void test_catalogue_version_is_the_newest_that_is_not_newer(void **state) {
    (void)state;
    struct catalogue *c = make();
    assert_version(c, NULL, 3, false);
    assert_version(c, "1.0", 1, true);
    assert_version(c, "v1.1.7", 1, true);
    assert_version(c, "1.9", 2, true);
    assert_version(c, "1.10", 3, true);
    assert_version(c, "1", 3, true); /* any 1.x: the newest */
    assert_version(c, "2.0", 3, false);
    assert_version(c, "0.9", 0, false); /* known in part */
    assert_version(c, "0.1", 0, false);
    assert_int_equal(catalogue_compare_versions("1.8.9", "1.8.10"), -1);
    assert_int_equal(catalogue_compare_versions("1.4", "1.4.0"), 0);
    assert_int_equal(catalogue_compare_versions("2", "1.99"), 1);
    catalogue_free(c);
}

static void test_catalogue_knows_successors_and_plugins(void **state) {
    (void)state;
    struct catalogue *c = make();
    const char *const old[] = {"thing", "old", "x"};
    const char *const gone[] = {"gone", "y"};
    size_t n_used = 0;
    assert_string_equal(catalogue_renamed(c, old, 3, &n_used), "thing new");
    assert_int_equal(n_used, 2);
    assert_string_equal(catalogue_renamed(c, gone, 2, &n_used), "");
    assert_null(catalogue_renamed(c, gone + 1, 1, &n_used));
    assert_true(catalogue_is_plugin(c, "extra"));
    assert_false(catalogue_is_plugin(c, "thing"));
    catalogue_free(c);
}

static void test_catalogue_reads_what_it_knows_and_guesses_the_rest_by_its_verb(void **state) {
    (void)state;
    struct catalogue *c = make();
    const char *const known[] = {"thing", "new"};
    const char *const get[] = {"else", "get"};
    const char *const make_it[] = {"else", "make"};
    assert_false(catalogue_reads(c, known, 2));
    assert_true(catalogue_reads(c, get, 2));
    assert_false(catalogue_reads(c, make_it, 2));
    assert_false(catalogue_reads(c, NULL, 0));
    catalogue_free(c);
}

/* Flags are read when their command is first found: here all of them are. */
static void test_catalogue_of_cpdctl_is_whole(void **state) {
    (void)state;
    struct catalogue *c = catalogue_cpdctl();
    size_t n_reading = 0;
    size_t n_flags = 0;
    size_t n = 0;
    const struct catalogue_command *command;
    for (; (command = catalogue_at(c, n)) != NULL; n++) {
        n_reading += command->reads ? 1 : 0;
        n_flags += command->n_flags;
        assert_true(command->span.since < c->n_versions);
    }
    assert_true(n > 450);
    assert_true(n_flags > 4000);
    assert_true(n_reading > 150 && n_reading < n / 2);
    assert_string_equal(c->program, "cpdctl");
    catalogue_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_catalogue_finds_the_longest_path),
        cmocka_unit_test(test_catalogue_flags_are_those_of_the_command_and_around_it),
        cmocka_unit_test(test_catalogue_version_is_the_newest_that_is_not_newer),
        cmocka_unit_test(test_catalogue_knows_successors_and_plugins),
        cmocka_unit_test(test_catalogue_reads_what_it_knows_and_guesses_the_rest_by_its_verb),
        cmocka_unit_test(test_catalogue_of_cpdctl_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
