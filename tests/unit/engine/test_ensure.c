/* ensure: find, create, look again, duplicates, update, readiness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "play.h"

#define NONE  "{\"items\": []}"
#define ONE   "{\"items\": [{\"metadata\": {\"id\": \"i1\"}, \"state\": \"ready\"}]}"
#define OTHER "{\"items\": [{\"metadata\": {\"id\": \"old\"}, \"state\": \"ready\"}]}"
#define BOTH                                                                                       \
    "{\"items\": [{\"metadata\": {\"id\": \"old\", \"created_at\": \"2026-01-01\"}, \"state\": "   \
    "\"ready\"}, {\"metadata\": {\"id\": \"i1\", \"created_at\": \"2026-02-01\"}, \"state\": "     \
    "\"ready\"}]}"

#define ENSURE                                                                                     \
    "steps:\n  - id: e\n    ensure:\n"                                                             \
    "      find: {cmd: [find], output: json, select: items}\n"                                     \
    "      create: {cmd: [create], output: json}\n"                                                \
    "      ready: {until: \"state == 'ready'\", fail_if: \"state == 'bad'\", every: 1s, timeout: " \
    "30s}\n"

static void test_ensure_adopts_what_is_there(void **state) {
    (void)state;
    struct play p;
    play_init(&p, ENSURE "    outputs: {id: metadata.id}\n");
    play_answer(&p, "find", 0, ONE, "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_int_equal(play_step(&p, "e")->change, CHANGE_NONE);
    play_expect_calls(&p, "find\n");
    play_release(&p);
}

static void test_ensure_creates_and_waits_until_it_is_listed(void **state) {
    (void)state;
    struct play p;
    play_init(&p, ENSURE);
    play_answer(&p, "find", 0, NONE, "");
    play_answer(&p, "create", 0, "{\"metadata\": {\"id\": \"i1\"}}", "");
    play_answer(&p, "find", 0, NONE, "");
    play_answer(&p, "find", 0, OTHER, ""); /* somebody else's: not the one that create returned */
    play_answer(&p, "find", 0, ONE, "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_int_equal(play_step(&p, "e")->change, CHANGE_CREATED);
    play_expect_calls(&p, "find\ncreate\nfind\nfind\nfind\n");
    play_release(&p);
}

static void test_ensure_looks_again_after_a_client_timeout_and_adopts(void **state) {
    (void)state;
    struct play p;
    play_init(&p, ENSURE);
    play_answer(&p, "find", 0, NONE, "");
    play_answer(
        &p, "create", 1, "...\n",
        "FAILED\ncontext deadline exceeded (Client.Timeout exceeded while awaiting headers)\n");
    play_answer(&p, "find", 0, NONE, "");
    play_answer(&p, "find", 0, ONE, "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_int_equal(play_step(&p, "e")->change, CHANGE_CREATED);
    play_expect_calls(&p, "find\ncreate\nfind\nfind\n");
    play_release(&p);
}

static void test_ensure_create_that_never_shows_fails_with_the_message_of_create(void **state) {
    (void)state;
    struct play p;
    play_init(&p, ENSURE);
    play_answer(&p, "find", 0, NONE, "");
    play_answer(&p, "create", 1, "", "FAILED\nthe server is on holiday\n");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    play_expect(&p, "e", STEP_FAILED, "create: the server is on holiday");
    assert_int_equal(play_step(&p, "e")->change, CHANGE_NONE);
    play_release(&p);
}

static void test_ensure_refused_create_is_not_repeated(void **state) {
    (void)state;
    struct play p;
    play_init(&p, ENSURE "    retry: {attempts: 5, on: [transient]}\n");
    play_answer(&p, "find", 0, NONE, "");
    play_answer(&p, "create", 1, "", "FAILED\nunknown flag: --nmae\n");
    play_run(&p);
    play_expect_calls(&p, "find\ncreate\n");
    assert_int_equal(play_step(&p, "e")->error_class, CLASS_USAGE);
    play_release(&p);
}

static void test_ensure_several_are_an_error_that_lists_them(void **state) {
    (void)state;
    struct play p;
    play_init(&p, ENSURE);
    play_answer(&p, "find", 0, BOTH, "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    play_expect(&p, "e", STEP_FAILED,
                "2 objects match, one was expected: old of 2026-01-01, i1 of 2026-02-01");
    play_release(&p);
}

#define FIRST_PAGE                                                                                 \
    "{\"items\": [{\"metadata\": {\"id\": \"other\"}, \"state\": \"no\"}], \"next\": {\"href\": "  \
    "\"/x?start=1\"}}"

static void expect_unseen_pages(struct play *p, const char *calls) {
    play_run(p);
    assert_int_equal(p->exit_code, 1);
    play_expect(p, "e", STEP_FAILED,
                "nothing matches on the first page of the list, and there are further pages");
    play_expect_calls(p, calls);
    play_release(p);
}

static void test_ensure_creates_nothing_while_pages_are_unseen(void **state) {
    (void)state;
    static const char *const pages[] = {FIRST_PAGE, "{\"items\": [], \"next\": \"/x?start=1\"}"};
    for (size_t i = 0; i < 2; i++) {
        struct play p;
        play_init(&p,
                  "steps:\n  - id: e\n    ensure:\n"
                  "      find: {cmd: [find], output: json, select: \"items[?state == 'ready']\"}\n"
                  "      create: {cmd: [create], output: json}\n");
        play_answer(&p, "find", 0, pages[i], "");
        expect_unseen_pages(&p, "find\n");
    }
}

static void test_ensure_creates_nothing_while_a_table_goes_on(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: e\n    ensure:\n"
                  "      find: {cmd: [find], output: table, select: \"[?Name == 'mine']\"}\n"
                  "      create: {cmd: [create], output: none}\n");
    play_answer(&p, "find", 0, "...\nID   Name\n1    a\nNext token: '/x?start=1'\n", "");
    expect_unseen_pages(&p, "find\n");
}

static void test_ensure_creates_when_all_pages_were_asked_for_or_next_is_empty(void **state) {
    (void)state;
    static const char *const finds[] = {"[find, --all-pages]", "[find]"};
    static const char *const pages[] = {"{\"items\": [], \"next\": {\"href\": \"/x\"}}",
                                        "{\"items\": [], \"next\": null}"};
    for (size_t i = 0; i < 2; i++) {
        AUTO(str) struct str body = STR_INIT(1000);
        str_addf(&body,
                 "steps:\n  - id: e\n    ensure:\n"
                 "      find: {cmd: %s, output: json, select: items}\n"
                 "      create: {cmd: [create], output: json}\n",
                 finds[i]);
        struct play p;
        play_init(&p, str_text(&body));
        play_answer(&p, "find", 0, pages[i], "");
        play_answer(&p, "create", 0, "{\"metadata\": {\"id\": \"i1\"}}", "");
        play_answer(&p, "find", 0, ONE, "");
        play_run(&p);
        assert_int_equal(p.exit_code, 0);
        assert_int_equal(play_step(&p, "e")->change, CHANGE_CREATED);
        play_release(&p);
    }
}

static void test_ensure_duplicates_are_deleted_by_exact_id_only_when_asked(void **state) {
    (void)state;
    struct play p;
    play_init(
        &p, ENSURE
        "      duplicates: keep_newest\n      delete: {cmd: [rm, \"${{ item.metadata.id }}\"]}\n");
    play_answer(&p, "find", 0, BOTH, "");
    play_answer(&p, "rm old", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_int_equal(play_step(&p, "e")->change, CHANGE_DEDUPLICATED);
    play_expect_calls(&p, "find\nrm old\n");
    play_release(&p);

    play_init(&p, ENSURE "      duplicates: keep_oldest\n");
    play_answer(&p, "find", 0, BOTH, "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    play_expect_calls(&p, "find\n");
    play_release(&p);
}

static void test_ensure_updates_what_drifted_and_looks_again(void **state) {
    (void)state;
    struct play p;
    play_init(
        &p, ENSURE
        "      update: {if: \"state != 'new'\", cmd: [update, \"${{ item.metadata.id }}\"]}\n");
    play_answer(&p, "find", 0, ONE, "");
    play_answer(&p, "update i1", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 0);
    assert_int_equal(play_step(&p, "e")->change, CHANGE_UPDATED);
    play_expect_calls(&p, "find\nupdate i1\nfind\n");
    play_release(&p);
}

static void test_ensure_failed_state_ends_the_wait_with_the_reason(void **state) {
    (void)state;
    struct play p;
    play_init(&p, ENSURE);
    play_answer(&p, "find", 0,
                "{\"items\": [{\"metadata\": {\"id\": \"i1\"}, \"state\": \"bad\", \"failure\": "
                "{\"errors\": "
                "[{\"code\": \"X1\", \"message\": \"no luck\"}]}}]}",
                "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    play_expect(&p, "e", STEP_FAILED, "state bad: X1: no luck");
    play_release(&p);
}

static void test_ensure_deadline_has_its_own_exit_code(void **state) {
    (void)state;
    struct play p;
    play_init(&p, ENSURE);
    play_answer(&p, "find", 0,
                "{\"items\": [{\"metadata\": {\"id\": \"i1\"}, \"state\": \"slow\"}]}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 5);
    play_expect(&p, "e", STEP_FAILED,
                "not ready within 30s: last state slow (waited for: state == 'ready')");
    play_release(&p);
}

static void test_ensure_find_that_gives_something_else_fails(void **state) {
    (void)state;
    struct play p;
    play_init(&p, ENSURE);
    play_answer(&p, "find", 0, "{\"resources\": []}", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    assert_int_equal(play_step(&p, "e")->error_class, CLASS_OUTPUT);
    play_expect_calls(&p, "find\n");
    play_release(&p);
}

static void test_ensure_object_that_vanishes_while_waiting_is_a_failure(void **state) {
    (void)state;
    struct play p;
    play_init(&p, ENSURE);
    play_answer(&p, "find", 0,
                "{\"items\": [{\"metadata\": {\"id\": \"i1\"}, \"state\": \"slow\"}]}", "");
    play_answer(&p, "find", 0, NONE, "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    assert_int_equal(play_step(&p, "e")->error_class, CLASS_NOT_FOUND);
    play_release(&p);
}

#define CLEANED                                                                                    \
    ENSURE "    outputs: {id: metadata.id, url: status.url}\n"                                     \
           "    cleanup: [{id: undo, cmd: [delete, \"${{ steps.e.outputs.id }}\"]}]\n"
#define CREATED_IN(word) "{\"items\": [{\"metadata\": {\"id\": \"i1\"}, \"state\": \"" word "\"}]}"

static void test_ensure_that_fails_after_its_create_is_reported_and_undone(void **state) {
    (void)state;
    struct play p;
    play_init(&p, CLEANED);
    play_answer(&p, "find", 0, NONE, "");
    play_answer(&p, "create", 0, "{\"metadata\": {\"id\": \"i1\"}}", "");
    play_answer(&p, "find", 0, CREATED_IN("bad"), "");
    play_answer(&p, "delete", 0, "", "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    assert_int_equal(play_step(&p, "e")->change, CHANGE_CREATED);
    play_expect_calls(&p, "find\ncreate\nfind\ndelete i1\n");
    play_release(&p);
}

static void test_ensure_that_is_cancelled_while_waiting_is_undone(void **state) {
    (void)state;
    struct play p;
    play_init(&p, CLEANED);
    play_answer(&p, "find", 0, NONE, "");
    play_answer(&p, "create", 0, "{\"metadata\": {\"id\": \"i1\"}}", "");
    play_answer(&p, "find", 0, CREATED_IN("new"), "");
    play_answer(&p, "delete", 0, "", "");
    p.cancel_at_ms = 1500;
    p.cancel_signal = 15;
    play_run(&p);
    assert_int_equal(p.exit_code, 143);
    play_expect(&p, "e", STEP_CANCELLED, NULL);
    assert_int_equal(play_step(&p, "e")->change, CHANGE_CREATED);
    play_expect_calls(&p, "find\ncreate\nfind\nfind\ndelete i1\n");
    play_release(&p);
}

static void test_ensure_cancelled_during_its_create_does_not_know_what_came_of_it(void **state) {
    (void)state;
    struct play p;
    play_init(&p, CLEANED);
    play_answer(&p, "find", 0, NONE, "");
    play_answer(&p, "create", 0, "", "");
    play_hangs(&p);
    p.cancel_at_ms = 1500;
    p.cancel_signal = 15;
    play_run(&p);
    assert_int_equal(play_step(&p, "e")->change, CHANGE_UNKNOWN);
    play_expect_calls(&p, "find\ncreate\n");
    play_release(&p);
}

static void test_ensure_that_is_cancelled_before_its_object_is_listed_is_undone(void **state) {
    (void)state;
    struct play p;
    play_init(&p, CLEANED);
    play_answer(&p, "find", 0, NONE, "");
    play_answer(&p, "create", 0, "{\"metadata\": {\"id\": \"i1\"}}", "");
    play_answer(&p, "find", 0, NONE, "");
    play_answer(&p, "delete i1", 0, "", "");
    p.cancel_at_ms = 3500;
    p.cancel_signal = 15;
    play_run(&p);
    assert_int_equal(p.exit_code, 143);
    play_expect(&p, "undo", STEP_SUCCEEDED, NULL);
    play_release(&p);
}

static void test_ensure_what_vanishes_after_its_update_is_given_up(void **state) {
    (void)state;
    struct play p;
    play_init(&p, "steps:\n  - id: e\n    ensure:\n"
                  "      find: {cmd: [find], output: json, select: items}\n"
                  "      update: {cmd: [update]}\n");
    play_answer(&p, "find", 0, ONE, "");
    play_answer(&p, "update", 0, "", "");
    play_answer(&p, "find", 0, NONE, "");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    play_expect(&p, "e", STEP_FAILED, "it was there and has vanished while waiting for it: i1");
    assert_true(p.calls.len < 100); /* not polled at full speed for ever */
    play_release(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ensure_adopts_what_is_there),
        cmocka_unit_test(test_ensure_creates_and_waits_until_it_is_listed),
        cmocka_unit_test(test_ensure_looks_again_after_a_client_timeout_and_adopts),
        cmocka_unit_test(test_ensure_create_that_never_shows_fails_with_the_message_of_create),
        cmocka_unit_test(test_ensure_refused_create_is_not_repeated),
        cmocka_unit_test(test_ensure_several_are_an_error_that_lists_them),
        cmocka_unit_test(test_ensure_creates_nothing_while_pages_are_unseen),
        cmocka_unit_test(test_ensure_creates_nothing_while_a_table_goes_on),
        cmocka_unit_test(test_ensure_creates_when_all_pages_were_asked_for_or_next_is_empty),
        cmocka_unit_test(test_ensure_duplicates_are_deleted_by_exact_id_only_when_asked),
        cmocka_unit_test(test_ensure_updates_what_drifted_and_looks_again),
        cmocka_unit_test(test_ensure_failed_state_ends_the_wait_with_the_reason),
        cmocka_unit_test(test_ensure_deadline_has_its_own_exit_code),
        cmocka_unit_test(test_ensure_find_that_gives_something_else_fails),
        cmocka_unit_test(test_ensure_object_that_vanishes_while_waiting_is_a_failure),
        cmocka_unit_test(test_ensure_that_fails_after_its_create_is_reported_and_undone),
        cmocka_unit_test(test_ensure_that_is_cancelled_while_waiting_is_undone),
        cmocka_unit_test(test_ensure_cancelled_during_its_create_does_not_know_what_came_of_it),
        cmocka_unit_test(test_ensure_that_is_cancelled_before_its_object_is_listed_is_undone),
        cmocka_unit_test(test_ensure_what_vanishes_after_its_update_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
