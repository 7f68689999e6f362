/*
 * What is drawn of a run: the order of its steps with what stands in what, the rows of the timeline, and what has no room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "report/graph_priv.h"
#include "value/value.h"

/* A run told step by step, as many as one likes. */
struct tale {
    struct arena arena;
    struct run_report *report;
    uint32_t n;
};

static void tale_begin(struct tale *t) {
    arena_init(&t->arena, 0);
    t->report = run_report_new();
    t->n = 0;
}

static void tale_end(struct tale *t) {
    run_report_free(t->report);
    arena_release(&t->arena);
}

static void tell(struct tale *t, uint32_t index, int64_t at_ms, struct event ev) {
    struct event_step who = {.index = index, .parent = -1};
    ev.step = &who;
    ev.elapsed_ms = at_ms;
    run_report_apply(t->report, &ev);
}

/* need NULL: it waits for nobody. */
static uint32_t add(struct tale *t, int32_t parent, const char *id, const char *need) {
    struct list_builder b;
    list_begin(&b, &t->arena);
    if (need != NULL) {
        list_add(&b, value_cstring(&t->arena, need));
    }
    struct event_step who = {
        .index = t->n, .parent = parent, .id = id, .action = "cmd", .needs = list_end(&b)};
    struct event ev = {.kind = EVENT_STEP_DECLARED, .step = &who};
    run_report_apply(t->report, &ev);
    return t->n++;
}

static void run(struct tale *t, uint32_t index, int64_t from_ms, int64_t ms,
                enum step_status status) {
    tell(t, index, from_ms, (struct event){.kind = EVENT_STEP_STARTED});
    struct event ev = {.kind = EVENT_STEP_FINISHED};
    ev.as.step_finished = (struct event_step_finished){.status = status, .duration_ms = ms};
    tell(t, index, from_ms + ms, ev);
}

static const char *numbered(struct tale *t, const char *word, unsigned n) {
    return arena_printf(&t->arena, "%s%u", word, n);
}

static const struct graph_point *node_of(const struct graph *g, const char *id) {
    for (size_t i = 0; g != NULL && i < g->n_nodes; i++) {
        if (strcmp(g->points[i].step->id, id) == 0) {
            return &g->points[i];
        }
    }
    return NULL;
}

static void test_graph_of_a_group_stands_in_its_node(void **state) {
    (void)state;
    struct tale t;
    struct graph_tree tree;
    tale_begin(&t);
    add(&t, -1, "login", NULL);
    int32_t group = (int32_t)add(&t, -1, "group", "login");
    add(&t, group, "one", NULL);
    int32_t use = (int32_t)add(&t, group, "use", "one");
    add(&t, use, "deep", NULL);
    graph_lay_out(&tree, t.report);
    assert_int_equal(tree.top->n_nodes, 2);
    assert_int_equal(tree.left_out.n, 0);
    const struct graph_point *outer = node_of(tree.top, "group");
    assert_int_equal(outer->layer, 1);
    const struct graph_point *inner = node_of(outer->inside, "use");
    assert_int_equal(inner->layer, 1);
    assert_non_null(node_of(inner->inside, "deep"));
    assert_true(outer->height > inner->height + GRAPH_NODE_HEIGHT);
    assert_true(outer->width > inner->width);
    graph_release(&tree);
    tale_end(&t);
}

static void test_graph_gives_the_number_of_items_and_draws_none(void **state) {
    (void)state;
    struct tale t;
    struct graph_tree tree;
    AUTO(str) struct str text = STR_INIT(0);
    struct svg svg = {.out = &text, .theme = SVG_LIGHT};
    struct svg_left_out left_out = {0};
    tale_begin(&t);
    add(&t, -1, "first", NULL);
    int32_t each = (int32_t)add(&t, -1, "each", "first");
    for (unsigned i = 0; i < 300; i++) {
        int32_t item = (int32_t)add(&t, each, arena_printf(&t.arena, "each[%u]", i), NULL);
        add(&t, item, "step", NULL);
    }
    graph_lay_out(&tree, t.report);
    assert_null(node_of(tree.top, "each")->inside);
    assert_int_equal(tree.left_out.n, 0);
    graph_release(&tree);
    assert_true(svg_graph(&svg, t.report, &left_out));
    assert_non_null(strstr(str_text(&text), ">300 items<"));
    assert_null(strstr(str_text(&text), "each[0]"));
    tale_end(&t);
}

static void test_graph_past_its_limit_tells_what_is_left_out(void **state) {
    (void)state;
    struct tale t;
    struct graph_tree tree;
    tale_begin(&t);
    add(&t, -1, "s0", NULL);
    for (unsigned i = 1; i < GRAPH_NODES_MAX + 40; i++) {
        add(&t, -1, numbered(&t, "s", i), numbered(&t, "s", i - 1));
    }
    graph_lay_out(&tree, t.report);
    assert_int_equal(tree.top->n_nodes, GRAPH_NODES_MAX);
    assert_int_equal(tree.left_out.n, 40);
    assert_string_equal(tree.left_out.first->id, "s150");
    graph_release(&tree);
    tale_end(&t);
}

/* Two groups of which one has room: the one that failed. */
static void test_graph_opens_what_failed_before_what_succeeded(void **state) {
    (void)state;
    struct tale t;
    struct graph_tree tree;
    tale_begin(&t);
    for (unsigned g = 0; g < 2; g++) {
        uint32_t group = add(&t, -1, g == 0 ? "fine" : "broken", g == 0 ? NULL : "fine");
        for (unsigned i = 0; i < 100; i++) {
            add(&t, (int32_t)group, numbered(&t, "s", i), NULL);
        }
        run(&t, group, 0, 10, g == 0 ? STEP_SUCCEEDED : STEP_FAILED);
    }
    graph_lay_out(&tree, t.report);
    assert_null(node_of(tree.top, "fine")->inside);
    assert_int_equal(node_of(tree.top, "fine")->n_inside, 100);
    assert_int_equal(node_of(tree.top, "broken")->inside->n_nodes, 100);
    assert_int_equal(tree.left_out.n, 100);
    assert_int_equal(tree.left_out.first->parent, 0);
    graph_release(&tree);
    tale_end(&t);
}

static void test_graph_of_steps_that_wait_for_nobody_is_not_drawn(void **state) {
    (void)state;
    struct tale t;
    AUTO(str) struct str text = STR_INIT(0);
    struct svg svg = {.out = &text, .theme = SVG_LIGHT};
    struct svg_left_out left_out = {0};
    tale_begin(&t);
    assert_false(svg_graph(&svg, t.report, &left_out));
    add(&t, -1, "a", NULL);
    add(&t, -1, "b", NULL);
    assert_false(svg_graph(&svg, t.report, &left_out));
    assert_int_equal(text.len, 0);
    tale_end(&t);
}

/* What waits for what, told by a journal that nobody checked. */
static void test_graph_ends_for_a_circle(void **state) {
    (void)state;
    struct tale t;
    AUTO(str) struct str text = STR_INIT(0);
    struct svg svg = {.out = &text, .theme = SVG_LIGHT};
    struct svg_left_out left_out = {0};
    tale_begin(&t);
    add(&t, -1, "a", "c");
    add(&t, -1, "b", "a");
    add(&t, -1, "c", "b");
    add(&t, -1, "d", "d");
    (void)svg_graph(&svg, t.report, &left_out);
    tale_end(&t);
}

/* ---- timeline ---- */

static void wait_once(struct tale *t, uint32_t index, int64_t at_ms, unsigned poll, bool is_done) {
    struct event ev = {.kind = EVENT_WAIT_OBSERVED};
    ev.as.wait = (struct event_wait){.poll = poll, .is_done = is_done};
    tell(t, index, at_ms, ev);
}

static void test_timeline_keeps_what_failed_what_waited_and_what_was_long(void **state) {
    (void)state;
    struct tale t;
    AUTO(str) struct str text = STR_INIT(0);
    struct svg svg = {.out = &text, .theme = SVG_LIGHT};
    struct svg_left_out left_out = {0};
    tale_begin(&t);
    int32_t group = (int32_t)add(&t, -1, "group", NULL);
    tell(&t, 0, 0, (struct event){.kind = EVENT_STEP_STARTED});
    for (unsigned i = 1; i <= 300; i++) {
        uint32_t step = add(&t, group, numbered(&t, "s", i), NULL);
        run(&t, step, i, i == 7 ? 5000 : 100, i == 20 ? STEP_FAILED : STEP_SUCCEEDED);
    }
    uint32_t waits = add(&t, group, "waits", NULL);
    tell(&t, waits, 400, (struct event){.kind = EVENT_STEP_STARTED});
    wait_once(&t, waits, 400, 1, false);
    wait_once(&t, waits, 4000, 2, true);
    assert_true(svg_timeline(&svg, t.report, &left_out));
    static const char *const shown[] = {">group<", ">s7<", ">s20<", ">waits<", ">not ready<"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        assert_non_null(strstr(str_text(&text), shown[i]));
    }
    assert_int_equal(left_out.n, 302 - 200);
    tale_end(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_graph_of_a_group_stands_in_its_node),
        cmocka_unit_test(test_graph_gives_the_number_of_items_and_draws_none),
        cmocka_unit_test(test_graph_past_its_limit_tells_what_is_left_out),
        cmocka_unit_test(test_graph_opens_what_failed_before_what_succeeded),
        cmocka_unit_test(test_graph_of_steps_that_wait_for_nobody_is_not_drawn),
        cmocka_unit_test(test_graph_ends_for_a_circle),
        cmocka_unit_test(test_timeline_keeps_what_failed_what_waited_and_what_was_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
