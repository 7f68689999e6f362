/*
 * The door of events: order, numbering, failing sinks, and that no secret passes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/mask.h"
#include "event/event.h"
#include "value/value.h"

static const char secret[] = "tRustNo1-9f";

struct seen {
    unsigned n;
    uint64_t last_seq;
    unsigned order; /* digits of the sinks in the order they were called */
    struct event ev;
    struct event_step step;
    char text[256]; /* of whatever the test looks at */
};

static bool record(void *ctx, const struct event *ev) {
    struct seen *seen = ctx;
    seen->n++;
    seen->last_seq = ev->seq;
    seen->ev = *ev;
    if (ev->step != NULL) {
        seen->step = *ev->step;
    }
    return true;
}

static unsigned order_of_calls;

static bool first(void *ctx, const struct event *ev) {
    (void)ctx;
    (void)ev;
    order_of_calls = order_of_calls * 10 + 1;
    return false;
}

static bool second(void *ctx, const struct event *ev) {
    (void)ctx;
    (void)ev;
    order_of_calls = order_of_calls * 10 + 2;
    return true;
}

static struct event notice(const char *text) {
    return (struct event){.kind = EVENT_NOTICE, .as.notice = {"test", text}};
}

static void test_event_emit_numbers_from_zero(void **state) {
    (void)state;
    struct seen seen = {0};
    struct event_bus bus = {0};
    event_bus_add(&bus, (struct sink){record, &seen});
    for (uint64_t i = 0; i < 3; i++) {
        struct event ev = notice("x");
        event_emit(&bus, &ev);
        assert_int_equal(seen.last_seq, i);
        assert_int_equal(ev.seq, i);
    }
}

static void test_event_emit_reaches_all_sinks_when_the_first_fails(void **state) {
    (void)state;
    order_of_calls = 0;
    struct event_bus bus = {0};
    event_bus_add(&bus, (struct sink){first, NULL});
    event_bus_add(&bus, (struct sink){second, NULL});
    struct event ev = notice("x");
    event_emit(&bus, &ev);
    assert_int_equal(order_of_calls, 12);
    assert_true(bus.has_failed);
}

static void test_event_emit_copies_nothing_without_a_secret(void **state) {
    (void)state;
    mask_clear();
    struct seen seen = {0};
    struct event_bus bus = {0};
    event_bus_add(&bus, (struct sink){record, &seen});
    const char text[] = "plain";
    struct event ev = notice(text);
    event_emit(&bus, &ev);
    assert_ptr_equal(seen.ev.as.notice.text, text);
}

static bool check_notice(void *ctx, const struct event *ev) {
    struct seen *seen = ctx;
    (void)snprintf(seen->text, sizeof seen->text, "%s", ev->as.notice.text);
    return true;
}

static void test_event_emit_masks_text(void **state) {
    (void)state;
    mask_clear();
    assert_true(mask_register(secret, strlen(secret)));
    struct seen seen = {0};
    struct event_bus bus = {0};
    event_bus_add(&bus, (struct sink){check_notice, &seen});
    struct event ev = notice("login with tRustNo1-9f refused");
    event_emit(&bus, &ev);
    assert_string_equal(seen.text, "login with *** refused");
    assert_string_equal(ev.as.notice.text, "login with tRustNo1-9f refused");
    mask_clear();
}

static bool check_inputs(void *ctx, const struct event *ev) {
    const struct value *inputs = ev->as.run_started.inputs;
    const struct value *expected = ctx;
    assert_true(value_equal(inputs, expected));
    return true;
}

static const struct value *object(struct arena *a, const char *key, const struct value *v) {
    struct object_builder b;
    object_begin(&b, a);
    object_put_c(&b, "before", value_int(a, 1));
    object_put_c(&b, key, v);
    object_put_c(&b, "after", value_cstring(a, "kept"));
    return object_end(&b);
}

static const struct value *list(struct arena *a, const struct value *v) {
    struct list_builder b;
    list_begin(&b, a);
    list_add(&b, &value_true);
    list_add(&b, v);
    list_add(&b, &value_null);
    return list_end(&b);
}

static void test_event_emit_masks_values_at_any_depth(void **state) {
    (void)state;
    mask_clear();
    assert_true(mask_register(secret, strlen(secret)));
    assert_true(mask_register("424242", 6));
    struct arena a = ARENA_INIT(0);
    const struct value *given =
        object(&a, "key-tRustNo1-9f",
               list(&a, object(&a, "pin", list(&a, value_number_text(&a, "1424242", 7)))));
    const struct value *expected =
        object(&a, "key-***", list(&a, object(&a, "pin", list(&a, value_cstring(&a, "1***")))));
    struct event_bus bus = {0};
    event_bus_add(&bus, (struct sink){check_inputs, (void *)(uintptr_t)expected});
    struct event ev = {.kind = EVENT_RUN_STARTED, .as.run_started.inputs = given};
    event_emit(&bus, &ev);
    arena_release(&a);
    mask_clear();
}

static bool check_same_value(void *ctx, const struct event *ev) {
    assert_ptr_equal(ev->as.run_started.inputs, ctx);
    return true;
}

static void test_event_emit_keeps_values_without_a_secret(void **state) {
    (void)state;
    mask_clear();
    assert_true(mask_register(secret, strlen(secret)));
    struct arena a = ARENA_INIT(0);
    const struct value *given = object(&a, "key", list(&a, value_cstring(&a, "text")));
    struct event_bus bus = {0};
    event_bus_add(&bus, (struct sink){check_same_value, (void *)(uintptr_t)given});
    struct event ev = {.kind = EVENT_RUN_STARTED, .as.run_started.inputs = given};
    event_emit(&bus, &ev);
    arena_release(&a);
    mask_clear();
}

static bool check_step(void *ctx, const struct event *ev) {
    (void)ctx;
    assert_string_equal(ev->step->id, "space");
    assert_string_equal(ev->step->name, "log in as ***");
    assert_string_equal(ev->as.step_finished.message, "*** is not allowed");
    return true;
}

static void test_event_emit_masks_the_name_of_a_step_but_not_its_id(void **state) {
    (void)state;
    mask_clear();
    assert_true(mask_register("space", 5));
    struct event_bus bus = {0};
    event_bus_add(&bus, (struct sink){check_step, NULL});
    struct event_step step = {.id = "space", .name = "log in as space", .parent = -1};
    struct event ev = {.kind = EVENT_STEP_FINISHED,
                       .step = &step,
                       .as.step_finished.message = "space is not allowed"};
    event_emit(&bus, &ev);
    mask_clear();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_emit_numbers_from_zero),
        cmocka_unit_test(test_event_emit_reaches_all_sinks_when_the_first_fails),
        cmocka_unit_test(test_event_emit_copies_nothing_without_a_secret),
        cmocka_unit_test(test_event_emit_masks_text),
        cmocka_unit_test(test_event_emit_masks_values_at_any_depth),
        cmocka_unit_test(test_event_emit_keeps_values_without_a_secret),
        cmocka_unit_test(test_event_emit_masks_the_name_of_a_step_but_not_its_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
