/*
 * The HTML report on its own: which files there are, what a journal from elsewhere cannot do. Browsers look at it in flow/html.bats.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "maxima.h"
#include "report/html_priv.h"
#include "report/report.h"
#include "unit/event/scripted.h"

struct site {
    struct script script;
    struct run_report *report;
    char dir[64];
};

static void site_open(struct site *s) {
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/test-html-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    s->report = run_report_new();
    script_init(&s->script);
    event_bus_add(&s->script.bus, run_report_sink(s->report));
}

static void site_write(const struct site *s) {
    AUTO(err) struct err err = ERR_INIT;
    struct report_source source = {.run = s->report};
    assert_true(report_write(report_format_find("html"), &source, s->dir, &err));
}

static bool site_has(const struct site *s, const char *name, struct str *out) {
    AUTO(err) struct err err = ERR_INIT;
    char *path = file_join(s->dir, name);
    str_reset(out);
    bool is_there = file_read(path, 16 * MIB, out, &err);
    mem_free(path);
    return is_there;
}

static void site_close(struct site *s) {
    AUTO(err) struct err err = ERR_INIT;
    assert_true(file_remove_tree(s->dir, &err));
    run_report_free(s->report);
    script_release(&s->script);
}

static void test_html_is_index_style_and_pictures_in_both_themes(void **state) {
    (void)state;
    static const char *const names[] = {"report.css",   "timeline.svg",      "timeline-dark.svg",
                                        "metric-1.svg", "metric-1-dark.svg", "index.html"};
    struct site s;
    AUTO(str) struct str text = STR_INIT(16 * MIB);
    site_open(&s);
    script_sample(&s.script);
    site_write(&s);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_true(site_has(&s, names[i], &text));
    }
    assert_non_null(strstr(str_text(&text), "<h2 id=\"h-failures\">What failed</h2>"));
    assert_null(strstr(str_text(&text), "style="));
    assert_null(strstr(str_text(&text), "<script"));
    site_close(&s);
}

static void test_html_of_a_run_that_never_began_is_a_page(void **state) {
    (void)state;
    struct site s;
    AUTO(str) struct str text = STR_INIT(16 * MIB);
    site_open(&s);
    site_write(&s);
    assert_true(site_has(&s, "index.html", &text));
    assert_non_null(strstr(str_text(&text), "<h1>Interrupted</h1>"));
    assert_false(site_has(&s, "timeline.svg", &text));
    assert_false(site_has(&s, "logs", &text));
    site_close(&s);
}

static void test_html_copies_no_file_but_logs_of_steps(void **state) {
    (void)state;
    static const char *const logs[] = {"/etc/passwd", "steps/../secret", "../secret",  "steps/.x",
                                       "steps/a/b",   "steps/",          "steps/link", NULL};
    struct site s;
    AUTO(err) struct err err = ERR_INIT;
    site_open(&s);
    char *steps = file_join(s.dir, "steps");
    char *link = file_join(s.dir, "steps/link");
    char *log = file_join(s.dir, "steps/0001-a.1.stdout");
    assert_true(file_make_dirs(steps, 0700, &err));
    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_true(file_write_atomic(log, "out\n", 4, 0600, &err));
    s.report->run_dir = s.dir;
    struct html h = {.run = s.report, .dir = s.dir, .logs_room = 100};
    char *copies = file_join(s.dir, "logs");
    assert_true(file_make_dirs(copies, 0700, &err));
    for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++) {
        assert_false(html_copy_log(&h, logs[i]));
    }
    assert_true(html_copy_log(&h, "steps/0001-a.1.stdout"));
    h.logs_room = 3;
    assert_false(html_copy_log(&h, "steps/0001-a.1.stdout"));
    mem_free(copies);
    mem_free(log);
    mem_free(link);
    mem_free(steps);
    site_close(&s);
}

static void test_html_addresses_of_logs_are_encoded(void **state) {
    (void)state;
    AUTO(str) struct str out = STR_INIT(0);
    html_add_log_href(&out, "steps/0001-a[0]#?%\".1.stdout");
    assert_string_equal(str_text(&out), "logs/0001-a%5B0%5D%23%3F%25%22.1.stdout.txt");
}

static void test_html_tail_starts_at_a_line_and_at_a_character(void **state) {
    (void)state;
    assert_string_equal(html_tail("a\nb\nc\n", 2, 100), "b\nc\n");
    assert_string_equal(html_tail("a\nb\nc", 1, 100), "c");
    assert_string_equal(html_tail("", 3, 100), "");
    assert_string_equal(html_tail("xx\xc3\xa4yy", 3, 3), "yy");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html_is_index_style_and_pictures_in_both_themes),
        cmocka_unit_test(test_html_of_a_run_that_never_began_is_a_page),
        cmocka_unit_test(test_html_copies_no_file_but_logs_of_steps),
        cmocka_unit_test(test_html_addresses_of_logs_are_encoded),
        cmocka_unit_test(test_html_tail_starts_at_a_line_and_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
