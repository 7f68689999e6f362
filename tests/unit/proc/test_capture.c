/*
 * The bounded capture alone: every length around its limits, read back as a whole or as head and tail.
 */
#include "proc/capture_priv.h"
#include "proc/runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

#include <string.h>

enum { MEMORY = (int)LIMIT_CAPTURE_MEMORY, CAP = 4 * (int)LIMIT_CAPTURE_MEMORY };

/* A sequence without a short period, so that a shifted copy shows. */
static char byte_at(uint64_t i) {
    return (char)((i * 2654435761U) >> 13);
}

static void add_range(struct capture *c, uint64_t from, size_t len) {
    char *bytes = mem_alloc(len + 1);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = byte_at(from + i);
    }
    capture_add(c, bytes, len);
    mem_free(bytes);
}

static void assert_range(const char *bytes, uint64_t from, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != byte_at(from + i)) {
            fail_msg("byte %llu differs", (unsigned long long)(from + i));
        }
    }
}

static void check_view(const struct run_output *o, size_t total) {
    struct err err = ERR_INIT;
    struct str all = STR_INIT(0);
    assert_int_equal(total, o->total_bytes);
    assert_range(o->head, 0, o->head_len);
    if (total <= MEMORY) {
        assert_null(o->tail);
        assert_int_equal(-1, o->spill_fd);
    } else {
        assert_int_equal(MEMORY, o->head_len);
        assert_range(o->tail, total - o->tail_len, o->tail_len);
    }
    if (total <= CAP) {
        assert_int_equal(0, o->dropped_bytes);
        assert_true(runner_output_read(o, CAP, &all, &err));
        assert_int_equal(total, all.len);
        assert_range(str_text(&all), 0, total);
    } else {
        assert_int_equal(total - CAP, o->dropped_bytes);
        assert_false(runner_output_read(o, 2 * total, &all, &err));
        assert_string_equal("output-too-large", err.kind);
    }
    err_release(&err);
    str_release(&all);
}

static void check_length(size_t total, size_t chunk) {
    struct capture c;
    struct run_output view;
    capture_init(&c, "/tmp", CAP);
    for (size_t done = 0; done < total; done += chunk) {
        add_range(&c, done, chunk < total - done ? chunk : total - done);
    }
    capture_view(&c, &view);
    check_view(&view, total);
    capture_release(&c);
}

static void test_capture_keeps_every_length_in_any_pieces(void **state) {
    (void)state;
    static const size_t lengths[] = {0,
                                     1,
                                     511,
                                     512,
                                     MEMORY - 1,
                                     MEMORY,
                                     MEMORY + 1,
                                     2 * MEMORY - 1,
                                     2 * MEMORY,
                                     2 * MEMORY + 1,
                                     3 * MEMORY,
                                     CAP - 1,
                                     CAP,
                                     CAP + 1,
                                     CAP + MEMORY + 7};
    static const size_t chunks[] = {997, 4096, MEMORY - 1, MEMORY, MEMORY + 1, 3 * MEMORY + 5};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (size_t j = 0; j < sizeof chunks / sizeof *chunks; j++) {
            check_length(lengths[i], chunks[j]);
        }
    }
}

static void test_capture_without_spill_keeps_head_and_tail(void **state) {
    (void)state;
    struct capture c;
    struct run_output view;
    struct err err = ERR_INIT;
    struct str all = STR_INIT(0);
    capture_init(&c, "/no/such/folder", 0);
    add_range(&c, 0, 2 * MEMORY);
    capture_view(&c, &view);
    assert_int_equal(-1, view.spill_fd);
    assert_int_equal(0, view.dropped_bytes);
    assert_true(runner_output_read(&view, MIB, &all, &err));
    assert_int_equal(2 * MEMORY, all.len);
    assert_range(str_text(&all), 0, all.len);
    add_range(&c, 2 * MEMORY, 10);
    capture_view(&c, &view);
    assert_int_equal(10, view.dropped_bytes);
    assert_range(view.tail, MEMORY + 10, MEMORY);
    capture_release(&c);
    str_release(&all);
}

static void test_capture_read_refuses_more_than_asked_for(void **state) {
    (void)state;
    struct err err = ERR_INIT;
    struct str all = STR_INIT(0);
    const struct run_output o = {.head = "12345", .head_len = 5, .total_bytes = 5, .spill_fd = -1};
    assert_true(runner_output_read(&o, 5, &all, &err));
    assert_false(runner_output_read(&o, 4, &all, &err));
    assert_string_equal("output-too-large", err.kind);
    assert_string_equal("the output is 5 bytes long: at most 4 are read", err.message);
    assert_string_equal("12345", str_text(&all));
    err_release(&err);
    str_release(&all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capture_keeps_every_length_in_any_pieces),
        cmocka_unit_test(test_capture_without_spill_keeps_head_and_tail),
        cmocka_unit_test(test_capture_read_refuses_more_than_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
