/*
 * Events as JSON lines: every event of a whole run comes back as it was, and lines of other versions do no harm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/event_json.h"
#include "unit/event/scripted.h"
#include "value/json.h"
#include "value/value.h"

static const struct value *parse(struct arena *a, const char *text) {
    AUTO(err) struct err err = ERR_INIT;
    struct json_options options = {0};
    const struct value *v = NULL;
    if (!json_parse(a, text, strlen(text), &options, &v, NULL, &err)) {
        fail_msg("%s: %s", text, err.message);
    }
    return v;
}

static bool check_round_trip(void *ctx, const struct event *ev) {
    AUTO(str) struct str there = STR_INIT(0);
    AUTO(str) struct str back = STR_INIT(0);
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct event read;
    struct event_step step;
    event_json_print(&there, ev);
    assert_null(strchr(str_text(&there), '\n'));
    assert_int_equal(event_json_read(parse(&a, str_text(&there)), &read, &step, &err),
                     EVENT_JSON_READ);
    event_json_print(&back, &read);
    assert_string_equal(str_text(&there), str_text(&back));
    assert_int_equal(read.kind, ev->kind);
    assert_int_equal(read.wall_ms, ev->wall_ms);
    assert_int_equal(read.seq, ev->seq);
    (*(unsigned *)ctx)++;
    return true;
}

static void test_event_json_brings_back_every_event_of_a_run(void **state) {
    (void)state;
    unsigned n = 0;
    struct script s;
    script_init(&s);
    event_bus_add(&s.bus, (struct sink){check_round_trip, &n});
    script_sample(&s);
    script_emit(&s, -1, (struct event){.kind = EVENT_CANCEL, .as.cancel = {15, "SIGTERM"}});
    assert_true(n > 80);
    script_release(&s);
}

static void test_event_json_line_has_its_documented_form(void **state) {
    (void)state;
    AUTO(str) struct str line = STR_INIT(0);
    struct event_step step = {.index = 3, .id = "space", .name = "The space", .parent = -1};
    struct event ev = {.kind = EVENT_STEP_STARTED,
                       .seq = 7,
                       .wall_ms = SCRIPT_WALL_MS + 123,
                       .elapsed_ms = 1204,
                       .step = &step};
    event_json_print(&line, &ev);
    assert_string_equal(str_text(&line),
                        "{\"seq\":7,\"time\":\"2026-01-31T09:05:00.123Z\",\"at_ms\":1204,"
                        "\"event\":\"step_started\",\"step\":{\"index\":3,\"id\":\"space\"}}");
}

static void test_event_json_leaves_out_what_is_absent(void **state) {
    (void)state;
    AUTO(str) struct str line = STR_INIT(0);
    struct event_step step = {.index = 0, .id = "a", .parent = -1};
    struct event ev = {.kind = EVENT_ATTEMPT_FINISHED,
                       .step = &step,
                       .as.attempt_finished = {.number = 1, .exit_code = -1, .duration_ms = 5}};
    event_json_print(&line, &ev);
    assert_string_equal(strstr(str_text(&line), "\"number\""),
                        "\"number\":1,\"error_class\":\"none\",\"stdout_bytes\":0,"
                        "\"stderr_bytes\":0,\"duration_ms\":5}");
}

static void test_event_json_stays_readable_when_text_is_not_utf8(void **state) {
    (void)state;
    AUTO(str) struct str line = STR_INIT(0);
    struct event ev = {.kind = EVENT_NOTICE, .as.notice = {"odd", "caf\xe9 \xff\xfe"}};
    event_json_print(&line, &ev);
    assert_non_null(strstr(str_text(&line), "caf\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\"}"));
}

static const char head[] = "\"seq\":1,\"time\":\"2026-01-31T09:05:00Z\",\"at_ms\":0";

static enum event_json_found read_line(const char *members) {
    AUTO(str) struct str line = STR_INIT(0);
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct event ev;
    struct event_step step;
    str_addf(&line, "{%s,%s}", head, members);
    enum event_json_found found = event_json_read(parse(&a, str_text(&line)), &ev, &step, &err);
    assert_int_equal(found == EVENT_JSON_BAD, err.kind != NULL);
    return found;
}

static void test_event_json_skips_what_it_does_not_know(void **state) {
    (void)state;
    assert_int_equal(read_line("\"event\":\"moon_phase\",\"phase\":3"), EVENT_JSON_UNKNOWN);
    assert_int_equal(read_line("\"event\":\"notice\",\"kind\":\"a\",\"text\":\"b\",\"mood\":{}"),
                     EVENT_JSON_READ);
}

static void test_event_json_refuses_fields_of_the_wrong_type(void **state) {
    (void)state;
    static const char *const bad[] = {
        "\"event\":3",
        "\"event\":\"notice\",\"text\":7",
        "\"event\":\"step_started\"",
        "\"event\":\"step_started\",\"step\":{\"index\":1}",
        "\"event\":\"step_started\",\"step\":{\"id\":\"a\"}",
        "\"event\":\"step_started\",\"step\":7",
        "\"event\":\"step_started\",\"step\":{\"index\":-1,\"id\":\"a\"}",
        "\"event\":\"step_started\",\"step\":{\"index\":4294967296,\"id\":\"a\"}",
        "\"event\":\"run_finished\",\"verdict\":\"splendid\"",
        "\"event\":\"run_finished\",\"exit_code\":1.5",
        "\"event\":\"run_started\",\"seed\":18446744073709551616",
        "\"event\":\"run_started\",\"seed\":-1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (read_line(bad[i]) != EVENT_JSON_BAD) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_json_brings_back_every_event_of_a_run),
        cmocka_unit_test(test_event_json_line_has_its_documented_form),
        cmocka_unit_test(test_event_json_leaves_out_what_is_absent),
        cmocka_unit_test(test_event_json_stays_readable_when_text_is_not_utf8),
        cmocka_unit_test(test_event_json_skips_what_it_does_not_know),
        cmocka_unit_test(test_event_json_refuses_fields_of_the_wrong_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
