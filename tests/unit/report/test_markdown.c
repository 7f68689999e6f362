/*
 * The Markdown summary: its text for the sample run, and that nobody else's text becomes markup in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "maxima.h"
#include "report/report.h"
#include "unit/event/scripted.h"
#include "unit/report/golden.h"

struct fixture {
    struct script script;
    struct run_report *report;
};

static void begin(struct fixture *f) {
    script_init(&f->script);
    f->report = run_report_new();
    event_bus_add(&f->script.bus, run_report_sink(f->report));
}

static void end(struct fixture *f, struct str *out) {
    report_markdown_render(f->report, out);
    run_report_free(f->report);
    script_release(&f->script);
}

static void test_markdown_of_the_sample_is_as_before(void **state) {
    (void)state;
    struct fixture f;
    AUTO(str) struct str text = STR_INIT(0);
    begin(&f);
    script_sample(&f.script);
    end(&f, &text);
    golden_check("summary.md", str_text(&text), text.len);
}

/* P5 */
static void test_markdown_escapes_what_others_say(void **state) {
    (void)state;
    static const char evil[] = "[x](javascript:alert(1)) <img src=x> ``` | *b* _i_ ![p](q)\n# h";
    struct fixture f;
    AUTO(str) struct str text = STR_INIT(0);
    begin(&f);
    script_run_started(&f.script, script_object(&f.script, "input=|<b>|"));
    unsigned step = script_declare(&f.script, "step", "cmd");
    script_start(&f.script, step);
    script_attempt(&f.script, step, "run", "cmd ```` x");
    script_attempt_failed(&f.script, step, CLASS_UNKNOWN, 1, "```\n</details>\n");
    script_fail(&f.script, step, STEP_FAILED, CLASS_UNKNOWN, evil, evil);
    script_run_finished(&f.script, VERDICT_FAILED, 1, "# not a heading");
    end(&f, &text);
    assert_non_null(strstr(text.data, "\n\\# not a heading\n"));
    assert_non_null(strstr(text.data, "\\[x\\](javascript:alert(1)) &lt;img src=x> "
                                      "\\`\\`\\` \\| \\*b\\* \\_i\\_ !\\[p\\](q) # h"));
    assert_non_null(strstr(text.data, "`````text\n$ cmd ```` x\n```\n</details>\n`````\n"));
    assert_non_null(strstr(text.data, "| input | \\|&lt;b>\\| |\n"));
}

static void test_markdown_stays_below_a_mebibyte(void **state) {
    (void)state;
    struct fixture f;
    AUTO(str) struct str text = STR_INIT(0);
    begin(&f);
    script_run_started(&f.script, NULL);
    unsigned step = script_declare(&f.script, "step_with_a_name_of_some_length", "cmd");
    for (unsigned i = 0; i < 30000; i++) {
        struct event_step many = f.script.steps[step];
        struct event ev = {.kind = EVENT_STEP_DECLARED, .step = &many};
        many.index = 1 + i;
        event_emit(&f.script.bus, &ev);
    }
    end(&f, &text);
    assert_true(text.len < MIB);
    assert_non_null(strstr(text.data, " more steps are in the other reports.\n"));
}

static void test_markdown_stays_below_a_mebibyte_whatever_grows(void **state) {
    (void)state;
    struct fixture f;
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str pairs = STR_INIT(0);
    begin(&f);
    for (unsigned i = 0; i < 500; i++) {
        str_addf(&pairs, "%sinput%u=", i == 0 ? "" : " ", i);
        str_add_repeat(&pairs, '|', 4000);
    }
    script_run_started(&f.script, script_object(&f.script, str_text(&pairs)));
    unsigned step = script_declare(&f.script, "measure", "cmd");
    for (unsigned i = 0; i < 5000; i++) {
        char name[300];
        (void)snprintf(name, sizeof name, "%0250u", i);
        script_metric(&f.script, step, name, "1", "2", METRIC_BELOW);
    }
    end(&f, &text);
    assert_true(text.len < MIB);
    assert_non_null(strstr(text.data, "| measure |"));
    assert_non_null(strstr(text.data, "| input0 | "));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markdown_of_the_sample_is_as_before),
        cmocka_unit_test(test_markdown_escapes_what_others_say),
        cmocka_unit_test(test_markdown_stays_below_a_mebibyte),
        cmocka_unit_test(test_markdown_stays_below_a_mebibyte_whatever_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
