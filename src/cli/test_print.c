/*
 * Results of recipe tests: for people, as TAP 13, as JUnit.
 */
#include "test_priv.h"

#include <string.h>

#include "base/mask.h"
#include "base/num.h"
#include "base/str.h"
#include "recipe/model.h"
#include "recipe/suite.h"
#include "report/console.h"
#include "report/xml.h"

size_t test_count_failed(const struct test_plan *plan) {
    size_t n = 0;
    for (size_t i = 0; i < plan->n_cases; i++) {
        n += plan->cases[i].result.n_failures > 0 ? 1 : 0;
    }
    return n;
}

static void add_indented(struct str *out, const char *text, const char *indent) {
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        str_add(out, len > 0 ? indent : "");
        str_add_bytes(out, text, len);
        str_add_char(out, '\n');
        text += len + (text[len] == '\n' ? 1 : 0);
    }
}

/* ---- people ---- */

static void add_case(const struct test_case *c, bool has_color, struct str *out) {
    bool has_failed = c->result.n_failures > 0;
    const char *word = has_failed ? "FAIL" : "ok";
    if (has_color) {
        str_addf(out, "  \033[%sm%-4s\033[0m  %s", has_failed ? "31" : "32", word, c->name);
    } else {
        str_addf(out, "  %-4s  %s", word, c->name);
    }
    AUTO(str) struct str played = STR_INIT(64);
    num_format_duration_ms(c->result.duration_ms, &played);
    str_addf(out, " (%zu calls, %s in %lld ms)\n", c->result.n_calls, str_text(&played),
             (long long)c->result.took_ms);
    for (size_t i = 0; i < c->result.n_failures; i++) {
        add_indented(out, c->result.failures[i], "        ");
    }
}

static void print_text(const struct test_plan *plan, bool has_color, struct str *out) {
    const struct test_file *file = NULL;
    for (size_t i = 0; i < plan->n_cases; i++) {
        const struct test_case *c = &plan->cases[i];
        if (c->file != file) {
            file = c->file;
            str_addf(out, "%s\n", file->path);
        }
        add_case(c, has_color, out);
    }
    size_t n_failed = test_count_failed(plan);
    str_addf(out, "%zu passed, %zu failed in %lld ms (--seed %llu)\n", plan->n_cases - n_failed,
             n_failed, (long long)plan->took_ms, (unsigned long long)plan->seed);
}

/* ---- TAP ---- */

/* `#` begins a directive in TAP. */
static void add_tap_name(struct str *out, const struct test_case *c) {
    AUTO(str) struct str name = STR_INIT(0);
    str_addf(&name, "%s: %s", c->file->path, c->name);
    for (const char *p = str_text(&name); *p != '\0'; p++) {
        if (*p == '#' || *p == '\\') {
            str_add_char(out, '\\');
        }
        str_add_char(out, *p == '\n' ? ' ' : *p);
    }
    str_add_char(out, '\n');
}

static void print_tap(const struct test_plan *plan, struct str *out) {
    str_addf(out, "TAP version 13\n1..%zu\n# seed %llu\n", plan->n_cases,
             (unsigned long long)plan->seed);
    for (size_t i = 0; i < plan->n_cases; i++) {
        const struct test_case *c = &plan->cases[i];
        str_addf(out, "%s %zu - ", c->result.n_failures > 0 ? "not ok" : "ok", i + 1);
        add_tap_name(out, c);
        for (size_t k = 0; k < c->result.n_failures; k++) {
            add_indented(out, c->result.failures[k], "# ");
        }
    }
}

/* ---- JUnit ---- */

static void add_seconds(struct str *out, int64_t ms) {
    str_addf(out, " time=\"%lld.%03lld\"", (long long)(ms / 1000), (long long)(ms % 1000));
}

static void junit_case(const struct test_case *c, struct str *out) {
    str_add(out, "    <testcase");
    xml_add_attribute(out, "name", c->name);
    xml_add_attribute(out, "classname", c->file->path);
    add_seconds(out, c->result.took_ms);
    if (c->result.n_failures == 0) {
        str_add(out, "/>\n");
        return;
    }
    str_add(out, ">\n");
    size_t len = strcspn(c->result.failures[0], "\n");
    AUTO(str) struct str first = STR_INIT(0);
    str_add_bytes(&first, c->result.failures[0], len);
    str_add(out, "      <failure type=\"expectation\"");
    xml_add_attribute(out, "message", str_text(&first));
    str_add_char(out, '>');
    for (size_t i = 0; i < c->result.n_failures; i++) {
        xml_add_text(out, c->result.failures[i]);
        str_add_char(out, '\n');
    }
    str_add(out, "</failure>\n    </testcase>\n");
}

static void junit_suite(const struct test_plan *plan, const struct test_file *file,
                        struct str *out) {
    size_t n = 0;
    size_t n_failed = 0;
    int64_t took_ms = 0;
    for (size_t i = 0; i < plan->n_cases; i++) {
        const struct test_case *c = &plan->cases[i];
        n += c->file == file ? 1 : 0;
        n_failed += c->file == file && c->result.n_failures > 0 ? 1 : 0;
        took_ms += c->file == file ? c->result.took_ms : 0;
    }
    if (n == 0) {
        return;
    }
    str_add(out, "  <testsuite");
    xml_add_attribute(out, "name", file->path);
    str_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\"", n, n_failed);
    add_seconds(out, took_ms);
    str_add(out, ">\n");
    for (size_t i = 0; i < plan->n_cases; i++) {
        if (plan->cases[i].file == file) {
            junit_case(&plan->cases[i], out);
        }
    }
    str_add(out, "  </testsuite>\n");
}

static void print_junit(const struct test_plan *plan, struct str *out) {
    str_addf(out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
             "<testsuites name=\"cpdflow test\" tests=\"%zu\" failures=\"%zu\" errors=\"0\"",
             plan->n_cases, test_count_failed(plan));
    add_seconds(out, plan->took_ms);
    str_add(out, ">\n");
    for (size_t i = 0; i < plan->n_files; i++) {
        junit_suite(plan, &plan->files[i], out);
    }
    str_add(out, "</testsuites>\n");
}

void test_print(const struct test_plan *plan, const struct test_options *o, struct str *out) {
    switch ((enum test_output)o->output) {
    case TEST_TEXT:
        print_text(plan, o->color == CONSOLE_COLOR_ALWAYS, out);
        break;
    case TEST_TAP:
        print_tap(plan, out);
        break;
    case TEST_JUNIT:
        print_junit(plan, out);
        break;
    }
}
