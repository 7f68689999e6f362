/* A plan: only reading calls are made, each step says what it would do and what is not known yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mask.h"
#include "base/str.h"
#include "play.h"
#include "value/json.h"
#include "value/value.h"

#define NONE "{\"items\": []}"
#define ONE  "{\"items\": [{\"metadata\": {\"id\": \"i1\"}, \"state\": \"ready\", \"size\": 3}]}"
#define TWO                                                                                        \
    "{\"items\": [{\"metadata\": {\"id\": \"i1\", \"created_at\": \"2026-01-01\"}, \"state\": "    \
    "\"ready\", \"size\": 3}, {\"metadata\": {\"id\": \"i2\", \"created_at\": \"2026-02-01\"}, "   \
    "\"state\": \"ready\", \"size\": 3}]}"

#define LOOK "  - {id: b, cmd: [look], reads: true}\n"

#define SPACE                                                                                      \
    "steps:\n  - id: space\n    ensure:\n"                                                         \
    "      find: {cmd: [find], output: json, select: items}\n"                                     \
    "      create: {cmd: [create, a], output: json}\n"                                             \
    "      update: {if: size < `5`, cmd: [grow, \"${{ item.metadata.id }}\"]}\n"                   \
    "      delete: {cmd: [drop, \"${{ item.metadata.id }}\"]}\n"                                   \
    "      duplicates: keep_oldest\n"                                                              \
    "      ready: {until: \"state == 'ready'\", every: 1s, timeout: 30s}\n"                        \
    "    outputs: {id: metadata.id, size: size}\n"

static void plan(struct play *p, const char *body) {
    play_init(p, body);
    p->is_plan = true;
}

/* Plans, and compares calls made and lines told. */
static void expect(struct play *p, const char *calls, const char *planned) {
    play_run(p);
    play_expect_calls(p, calls);
    assert_string_equal(str_text(&p->planned), planned);
    play_release(p);
}

static void test_plan_says_create_when_nothing_is_found(void **state) {
    (void)state;
    struct play p;
    plan(&p, SPACE);
    play_answer(&p, "find", 0, NONE, "");
    expect(&p, "find\n", "space: create | create a | {\"id\":null,\"size\":null}\n");
}

static void test_plan_says_update_with_its_drift_and_keeps_the_id(void **state) {
    (void)state;
    struct play p;
    plan(&p, SPACE);
    play_answer(&p, "find", 0, ONE, "");
    expect(&p, "find\n", "space: update | grow i1 | size < `5` | {\"id\":\"i1\",\"size\":null}\n");
}

static void test_plan_names_the_duplicates_that_it_would_delete(void **state) {
    (void)state;
    struct play p;
    plan(&p, SPACE);
    play_answer(&p, "find", 0, TWO, "");
    expect(&p, "find\n",
           "space: update | grow i1 | size < `5` | deletes [\"i2\"] | "
           "{\"id\":\"i1\",\"size\":null}\n");
}

static void test_plan_says_nothing_when_all_is_there(void **state) {
    (void)state;
    struct play p;
    plan(&p, "steps:\n  - id: e\n    ensure:\n"
             "      find: {cmd: [find], output: json, select: items}\n"
             "    outputs: {id: metadata.id}\n"
             "  - id: use\n    cmd: [look, \"${{ steps.e.outputs.id }}\"]\n    reads: true\n");
    play_answer(&p, "find", 0, ONE, "");
    play_answer(&p, "look", 0, "", "");
    expect(&p, "find\nlook i1\n", "e: nothing | {\"id\":\"i1\"}\nuse: read\n");
}

static void test_plan_withholds_what_changes_and_reads_what_reads(void **state) {
    (void)state;
    struct play p;
    plan(&p, "steps:\n"
             "  - {id: a, cmd: [change, x]}\n"
             "  - {id: b, cmd: [look], reads: true, outputs: {x: \"@\"}}\n"
             "  - {id: c, cpdctl: [space, list]}\n"
             "  - {id: d, cpdctl: [space, delete, --space-id, s1]}\n"
             "  - {id: e, run: echo}\n"
             "  - {id: f, write: {file: /nonexistent/x, text: y}}\n"
             "  - {id: g, pause: 1h}\n");
    play_answer(&p, "look", 0, "y", "");
    play_answer(&p, "cpdctl", 0, "{}", "");
    expect(&p, "look\ncpdctl space list --output json\n",
           "a: run | change x\n"
           "b: read | as of now, before step 'a' | {\"x\":\"y\"}\n"
           "c: read\n"
           "d: delete | cpdctl space delete --space-id s1 --output json\n"
           "e: run | sh script\n"
           "f: update | write ${{ run.dir }}/x\n"
           "g: nothing\n");
}

static void test_plan_is_lazy_about_what_is_not_known(void **state) {
    (void)state;
    struct play p;
    plan(&p, "steps:\n"
             "  - {id: a, cmd: [change], outputs: {x: \"@\"}}\n"
             "  - id: b\n"
             "    set:\n"
             "      open: steps.a.outputs.x\n"
             "      known: \"`true` || steps.a.outputs.x\"\n"
             "      done: steps.a.status\n"
             "  - {id: c, cmd: [look, \"${{ steps.b.outputs.known }}\"], reads: true}\n"
             "  - {id: d, cmd: [look, \"${{ steps.b.outputs.open }}\"], reads: true}\n"
             "  - {id: e, cmd: [change, \"${{ steps.d.stdout }}\"]}\n");
    play_answer(&p, "look", 0, "", "");
    expect(&p, "look true\n",
           "a: run | change | {\"x\":null}\n"
           "b: nothing | {\"open\":null,\"known\":true,\"done\":\"succeeded\"}\n"
           "c: read\n"
           "d: read | look (unknown until a) | unknown until step 'a' has run\n"
           "e: run | change (unknown until d)\n");
}

static const struct value *words; /* of the step planned last; lives as long as the play */

static bool keep_words(void *ctx, const struct event *ev) {
    struct play *p = ctx;
    if (ev->kind == EVENT_STEP_PLANNED) {
        words = ev->as.planned.words == NULL ? NULL : value_copy(&p->arena, ev->as.planned.words);
    }
    return true;
}

static void test_plan_fills_a_command_in_as_far_as_it_is_known(void **state) {
    (void)state;
    struct play p;
    plan(&p,
         "vars: {stage: dev, tags: [x, y]}\n"
         "steps:\n"
         "  - {id: m, cmd: [change], output: json, outputs: {id: id, n: n}}\n"
         "  - id: d\n"
         "    cpdctl: [ml, deployment, create, \"${{ vars.tags }}\", \"a-${{ vars.stage }}-${{ "
         "steps.m.outputs.id }}-${{ vars.stage }}\"]\n"
         "    flags:\n"
         "      name: ${{ vars.stage }}\n"
         "      space-id: ${{ steps.m.outputs.id }}\n"
         "      asset: {id: \"${{ steps.m.outputs.id }}\", name: '\"${{ steps.m.outputs.n }}\"', "
         "of: \"${{ vars.stage }}\"}\n"
         "      tags: [\"${{ steps.m.outputs.n }}\", b]\n"
         "      config: {secret_file: \"${{ steps.m.outputs.id }}\"}\n"
         "      async: true\n"
         "      quiet: false\n");
    event_bus_add(&p.bus, (struct sink){keep_words, &p});
    play_run(&p);
    assert_string_equal(
        str_text(&p.planned),
        "m: run | change | {\"id\":null,\"n\":null}\n"
        "d: create | cpdctl ml deployment create x y a-dev-(unknown until m)-dev --name=dev "
        "--space-id=(unknown until m) --asset={\"id\":(unknown until m),\"name\":\"\\\"(unknown "
        "until m)\\\"\",\"of\":\"dev\"} --tags=(unknown until m) --tags=b --config=(a private "
        "file) "
        "--async --output json\n");
    AUTO(str) struct str json = STR_INIT(0);
    json_print(&json, words, JSON_COMPACT);
#define ID "{\"expression\":\"steps.m.outputs.id\",\"until\":\"step 'm' has run\"}"
#define N  "{\"expression\":\"steps.m.outputs.n\",\"until\":\"step 'm' has run\"}"
    assert_string_equal(str_text(&json),
                        "[\"cpdctl\",\"ml\",\"deployment\",\"create\",\"x\",\"y\","
                        "[\"a-dev-\"," ID ",\"-dev\"],\"--name=dev\",[\"--space-id=\"," ID "],"
                        "[\"--asset={\\\"id\\\":\"," ID ",\",\\\"name\\\":\\\"\\\\\\\"\"," N
                        ",\"\\\\\\\"\\\",\\\"of\\\":\\\"dev\\\"}\"],"
                        "[\"--tags=\"," N
                        "],\"--tags=b\",\"--config=(a private file)\",\"--async\","
                        "\"--output\",\"json\"]");
    play_release(&p);
}

static void test_plan_tells_requests_and_files_as_far_as_they_are_known(void **state) {
    (void)state;
    struct play p;
    plan(&p,
         "steps:\n"
         "  - {id: a, cmd: [change], outputs: {id: \"@\"}}\n"
         "  - {id: b, http: {method: PUT, url: \"https://x/${{ steps.a.outputs.id }}/y\"}}\n"
         "  - {id: c, http: {url: \"https://x/z\", json: {id: \"${{ steps.a.outputs.id }}\"}}}\n"
         "  - {id: d, write: {file: \"${{ steps.a.outputs.id }}.txt\", text: x}}\n"
         "  - {id: e, cmd: [change], stdin: \"${{ steps.a.outputs.id }}\"}\n");
    expect(&p, "",
           "a: run | change | {\"id\":null}\n"
           "b: update | PUT https://x/(unknown until a)/y\n"
           "c: create | POST https://x/z | with values unknown until step 'a' has run\n"
           "d: update | write (unknown until a).txt\n"
           "e: run | change | with values unknown until step 'a' has run\n");
}

static void test_plan_masks_a_secret_before_it_cuts_a_word(void **state) {
    (void)state;
    AUTO(str) struct str body = STR_INIT(0);
    str_add(&body, "steps: [{id: a, cmd: [change, '");
    str_add_repeat(&body, 'x', 195);
    str_add(&body, "tr0ub4dor and more']}]\n");
    struct play p;
    plan(&p, str_text(&body));
    assert_true(mask_register("tr0ub4dor and more", 18));
    play_run(&p);
    assert_null(strstr(str_text(&p.planned), "tr0"));
    assert_non_null(strstr(str_text(&p.planned), "xx***\n"));
    mask_clear();
    play_release(&p);
}

static void test_plan_keeps_open_what_depends_on_an_unknown_condition(void **state) {
    (void)state;
    struct play p;
    plan(&p, "steps:\n"
             "  - {id: a, cmd: [change], outputs: {x: \"@\"}}\n"
             "  - id: g\n    if: steps.a.outputs.x == 'y'\n    steps:\n"
             "      - {id: b, cmd: [look], reads: true}\n"
             "      - {id: c, cmd: [change, c]}\n"
             "  - {id: d, if: steps.a.change == 'none', cmd: [change, d]}\n"
             "  - {id: e, if: steps.b.status == 'succeeded', cmd: [change, e]}\n"
             "  - {id: f, if: \"`false`\", cmd: [change, f]}\n");
#define WHY "only if steps.a.outputs.x == 'y', which is unknown until step 'a' has run"
    expect(&p, "",
           "a: run | change | {\"x\":null}\n"
           "b: read? | look | " WHY "\n"
           "c: run? | change c | " WHY "\n"
           "g: changes? | " WHY "\n"
           "d: skip | if: steps.a.change == 'none'\n"
           "e: run? | change e | only if steps.b.status == 'succeeded', which is unknown until "
           "step 'b' has run\n"
           "f: skip | if: `false`\n");
}

static void test_plan_of_an_ensure_that_may_be_skipped_is_unknown(void **state) {
    (void)state;
    struct play p;
    plan(&p, "steps:\n"
             "  - {id: a, cmd: [change], outputs: {x: \"@\"}}\n"
             "  - id: e\n    if: steps.a.outputs.x == 'y'\n    ensure:\n"
             "      find: {cmd: [find], output: json, select: items}\n"
             "      create: {cmd: [create], output: json}\n"
             "    outputs: {id: {value: metadata.id, secret: true}}\n");
    expect(&p, "",
           "a: run | change | {\"x\":null}\n"
           "e: unknown? | only if steps.a.outputs.x == 'y', which is unknown until step 'a' has "
           "run | {\"id\":null}\n");
}

static void test_plan_hides_a_known_output_that_is_secret(void **state) {
    (void)state;
    struct play p;
    plan(&p, "steps:\n"
             "  - id: e\n    ensure:\n"
             "      find: {cmd: [find], output: json, select: items}\n"
             "      update: {cmd: [grow], output: json}\n"
             "    outputs: {id: {value: metadata.id, secret: true}}\n");
    play_answer(&p, "find", 0, ONE, "");
    expect(&p, "find\n", "e: update | grow | {\"id\":\"***\"}\n");
}

static void test_plan_follows_what_an_ensure_would_do(void **state) {
    (void)state;
    struct play p;
    plan(&p, SPACE "  - {id: up, if: steps.space.change == 'created', cmd: [upload]}\n");
    play_answer(&p, "find", 0, NONE, "");
    expect(&p, "find\n",
           "space: create | create a | {\"id\":null,\"size\":null}\nup: run | upload\n");
}

static void test_plan_looks_once_where_a_run_waits(void **state) {
    (void)state;
    struct play p;
    plan(&p, "steps:\n"
             "  - id: w\n    cmd: [look]\n    reads: true\n    output: text\n"
             "    wait: {until: \"@ == 'done'\", every: 1s, timeout: 1h}\n"
             "    outputs: {x: \"@\"}\n");
    play_answer(&p, "look", 0, "busy", "");
    expect(&p, "look\n",
           "w: read | waits until @ == 'done', which does not hold now | {\"x\":null}\n");
}

static void test_plan_takes_a_failure_for_open_when_a_change_comes_before(void **state) {
    (void)state;
    struct play p;
    plan(&p, "steps:\n  - {id: a, cmd: [change]}\n" LOOK);
    play_answer(&p, "look", 1, "", "Error: not found");
    expect(&p, "look\n",
           "a: run | change\nb: read | unknown until step 'a' has run; now: Error: not found\n");
    plan(&p, "steps:\n" LOOK);
    play_answer(&p, "look", 1, "", "Error: not found");
    play_run(&p);
    assert_int_equal(p.exit_code, 1);
    assert_string_equal(str_text(&p.planned), "b: fail | Error: not found\n");
    play_release(&p);
}

static void test_plan_goes_through_foreach_when_the_list_is_known(void **state) {
    (void)state;
    struct play p;
    plan(&p, "steps:\n"
             "  - {id: a, foreach: [x, y], cmd: [change, \"${{ item }}\"]}\n"
             "  - {id: b, foreach: \"${{ steps.a.results }}\", cmd: [change, \"${{ item }}\"]}\n");
    expect(&p, "",
           "a[0]: run | change x\na[1]: run | change y\na: changes\n"
           "b: run | unknown until step 'a[0]' has run\n");
}

static void test_plan_leaves_finally_and_cleanup_untouched(void **state) {
    (void)state;
    struct play p;
    plan(&p, "steps:\n"
             "  - id: a\n    cmd: [change]\n    outputs: {x: \"@\"}\n"
             "    cleanup:\n      - {id: undo, cmd: [undo, \"${{ steps.a.outputs.x }}\"]}\n"
             "finally:\n  - {id: f, if: failed(), cmd: [tell]}\n  - {id: g, cmd: [tell]}\n");
    expect(&p, "",
           "a: run | change | {\"x\":null}\n"
           "undo: run | undo (unknown until a)\n"
           "f: skip | if: failed()\n"
           "g: run | tell\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan_says_create_when_nothing_is_found),
        cmocka_unit_test(test_plan_says_update_with_its_drift_and_keeps_the_id),
        cmocka_unit_test(test_plan_names_the_duplicates_that_it_would_delete),
        cmocka_unit_test(test_plan_says_nothing_when_all_is_there),
        cmocka_unit_test(test_plan_withholds_what_changes_and_reads_what_reads),
        cmocka_unit_test(test_plan_is_lazy_about_what_is_not_known),
        cmocka_unit_test(test_plan_fills_a_command_in_as_far_as_it_is_known),
        cmocka_unit_test(test_plan_tells_requests_and_files_as_far_as_they_are_known),
        cmocka_unit_test(test_plan_masks_a_secret_before_it_cuts_a_word),
        cmocka_unit_test(test_plan_keeps_open_what_depends_on_an_unknown_condition),
        cmocka_unit_test(test_plan_of_an_ensure_that_may_be_skipped_is_unknown),
        cmocka_unit_test(test_plan_hides_a_known_output_that_is_secret),
        cmocka_unit_test(test_plan_follows_what_an_ensure_would_do),
        cmocka_unit_test(test_plan_looks_once_where_a_run_waits),
        cmocka_unit_test(test_plan_takes_a_failure_for_open_when_a_change_comes_before),
        cmocka_unit_test(test_plan_goes_through_foreach_when_the_list_is_known),
        cmocka_unit_test(test_plan_leaves_finally_and_cleanup_untouched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
