/*
 * JUnit XML: what Jenkins' junit step, GitLab and every other reader make of a run.
 *
 * One suite for each phase that has steps, one case for each step that does something itself and for each metric, and
 * one case for the run as a whole, so that no document is without a case (Jenkins drops empty suites). Case names are
 * unique (GitLab keeps only the first of equal ones) and class names are "recipe.phase" (Jenkins cuts at the last dot).
 *
 *   failed                       failure, type = class; earlier attempts as rerunFailure
 *   succeeded after retries      flakyFailure for each attempt that failed
 *   tolerated                    skipped, as other tools report expected failures: the build stays what it is
 *   metric outside its limits    failure: the build becomes unstable
 *   cancelled, cut off, spawn    error
 *
 * The shape is the intersection of the dialects (no attributes on testsuites, no output or properties in a case, properties and both
 * outputs in a suite), except flakyFailure and rerunFailure, which only the Surefire family has. The schema of Ant allows a case
 * one child at most and none of another name, so no place in it can hold them: junit-ant tells earlier attempts in words,
 * in the text of the failure or, for a case that passed, in the output of the suite.
 */
#include "report/report.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "line_priv.h"
#include "report/xml.h"

enum { OUTPUT_MAX = 16 * 1024 };

struct suite {
    const struct run_report *report;
    const char *class_name;
    struct map *names; /* of all cases of the document */
    bool is_ant;       /* earlier attempts are told in words */
    struct str said;   /* of these, on attempts of cases that passed */
    struct str cases;
    size_t body_start; /* in `cases`: what the open case holds */
    unsigned n_tests;
    unsigned n_failures;
    unsigned n_errors;
    unsigned n_skipped;
    int64_t total_ms;
};

static void add_seconds(struct str *out, int64_t ms) {
    ms = ms < 0 ? 0 : ms;
    str_addf(out, " time=\"%" PRId64 ".%03d\"", ms / 1000, (int)(ms % 1000));
}

/* ---- names ---- */

static void begin_case(struct suite *s, struct str *name, int64_t ms) {
    text_make_unique(s->names, name);
    str_add(&s->cases, "    <testcase");
    xml_add_attribute(&s->cases, "name", str_text(name));
    xml_add_attribute(&s->cases, "classname", s->class_name);
    add_seconds(&s->cases, ms);
    str_add(&s->cases, ">\n");
    s->body_start = s->cases.len;
    s->n_tests++;
}

static void end_case(struct suite *s) {
    if (s->cases.len == s->body_start) {
        str_cut(&s->cases, s->cases.len - 2); /* ">\n" */
        str_add(&s->cases, "/>\n");
    } else {
        str_add(&s->cases, "    </testcase>\n");
    }
}

/* ---- outcomes ---- */

static void begin_outcome(struct suite *s, const char *element, const char *type,
                          const char *message) {
    str_addf(&s->cases, "      <%s", element);
    xml_add_attribute(&s->cases, "message", message == NULL ? type : message);
    xml_add_attribute(&s->cases, "type", type);
    str_add_char(&s->cases, '>');
}

static void end_outcome(struct suite *s, const char *element) {
    str_addf(&s->cases, "</%s>\n", element);
}

static void add_error(struct suite *s, const char *type, const char *message) {
    s->n_errors++;
    begin_outcome(s, "error", type, message);
    end_outcome(s, "error");
}

static void add_skipped(struct suite *s, const char *message) {
    s->n_skipped++;
    str_add(&s->cases, "      <skipped");
    xml_add_attribute(&s->cases, "message", message);
    str_add(&s->cases, "/>\n");
}

/* The end of an output: Jenkins shows the first and last bytes, and what decides stands last. */
static void add_output(struct str *out, const char *text) {
    size_t len = strlen(text);
    size_t start = len > OUTPUT_MAX ? len - OUTPUT_MAX : 0;
    while (start < len && ((unsigned char)text[start] & 0xC0U) == 0x80U) {
        start++;
    }
    xml_add(out, text + start, len - start);
}

static void add_attempt_text(struct str *out, const struct run_report *r,
                             const struct report_attempt *a) {
    if (a->summary != NULL) {
        str_add(out, "$ ");
        xml_add_text(out, a->summary);
        str_add_char(out, '\n');
    }
    if (a->stdout_text != NULL && a->stderr_text == NULL) {
        add_output(out, a->stdout_text);
    } else if (a->stderr_text != NULL) {
        add_output(out, a->stderr_text);
    }
    const char *log = a->stderr_log != NULL ? a->stderr_log : a->stdout_log;
    if (log != NULL) {
        bool is_open = out->len > 0 && out->data[out->len - 1] != '\n';
        str_add(out, is_open ? "\nlog: " : "log: ");
        if (r->run_dir != NULL) {
            xml_add_text(out, r->run_dir);
            str_add_char(out, '/');
        }
        xml_add_text(out, log);
        str_add_char(out, '\n');
    }
}

static const char *class_word(enum error_class class) {
    return class == CLASS_NONE ? "failed" : error_class_names[class];
}

static bool was_retried(const struct report_attempt *a) {
    return a->is_retried && a->error_class != CLASS_NONE;
}

/* The attempts before the last in words, where the dialect has no elements for them. */
static void add_earlier_words(const struct suite *s, struct str *out,
                              const struct report_step *step) {
    for (size_t i = 0; s->is_ant && i + 1 < step->n_attempts_kept; i++) {
        const struct report_attempt *a = step->attempts[i];
        if (was_retried(a)) {
            xml_add_text(out, step->id);
            str_addf(out, ": attempt %u: %s: ", a->number, error_class_names[a->error_class]);
            xml_add_text(out, a->message == NULL ? "failed" : a->message);
            str_add_char(out, '\n');
        }
    }
}

/* Each attempt before the last that failed and was tried again. */
static void add_earlier_attempts(struct suite *s, const struct report_step *step,
                                 const char *element) {
    for (size_t i = 0; !s->is_ant && i + 1 < step->n_attempts_kept; i++) {
        const struct report_attempt *a = step->attempts[i];
        if (!was_retried(a)) {
            continue;
        }
        begin_outcome(s, element, error_class_names[a->error_class], a->message);
        str_add(&s->cases, "<stackTrace>");
        str_addf(&s->cases, "attempt %u\n", a->number);
        add_attempt_text(&s->cases, s->report, a);
        str_add(&s->cases, "</stackTrace>");
        end_outcome(s, element);
    }
}

static void add_failure_body(struct suite *s, const struct report_step *step) {
    const struct report_attempt *a = report_step_decisive(step);
    if (step->file != NULL) {
        xml_add_text(&s->cases, step->file);
        str_addf(&s->cases, ":%u\n", step->line);
    }
    if (a != NULL) {
        add_attempt_text(&s->cases, s->report, a);
    }
    if (step->hint != NULL) {
        str_add(&s->cases, "hint: ");
        xml_add_text(&s->cases, step->hint);
        str_add_char(&s->cases, '\n');
    }
    add_earlier_words(s, &s->cases, step);
}

static void add_failed(struct suite *s, const struct report_step *step) {
    bool is_error = step->error_class == CLASS_SPAWN || step->error_class == CLASS_INTERNAL;
    const char *element = is_error ? "error" : "failure";
    *(is_error ? &s->n_errors : &s->n_failures) += 1;
    begin_outcome(s, element, class_word(step->error_class), step->message);
    add_failure_body(s, step);
    end_outcome(s, element);
    add_earlier_attempts(s, step, "rerunFailure");
}

static void add_tolerated(struct suite *s, const struct report_step *step) {
    AUTO(str) struct str text = STR_INIT(0);
    str_addf(&text, "tolerated: %s%s%s", class_word(step->error_class),
             step->message == NULL ? "" : ": ", step->message == NULL ? "" : step->message);
    add_skipped(s, str_text(&text));
}

/* What was never begun is no error of its own. */
static void add_cancelled(struct suite *s, const struct report_step *step) {
    if (step->started_ms < 0) {
        add_skipped(s, step->message == NULL ? "never began" : step->message);
    } else {
        add_error(s, "cancelled", step->message);
    }
}

static void add_outcome(struct suite *s, const struct report_step *step) {
    switch (step->status) {
    case STEP_SUCCEEDED:
        add_earlier_attempts(s, step, "flakyFailure");
        add_earlier_words(s, &s->said, step);
        break;
    case STEP_FAILED:
        add_failed(s, step);
        break;
    case STEP_TOLERATED:
        add_tolerated(s, step);
        break;
    case STEP_SKIPPED:
        add_skipped(s, step->skip_reason == NULL ? "skipped" : step->skip_reason);
        break;
    case STEP_CANCELLED:
        add_cancelled(s, step);
        break;
    case STEP_RUNNING:
        add_error(s, "cut off", "under way when the run ended");
        break;
    case STEP_PENDING:
        add_skipped(s, "not reached");
        break;
    case STEP_STATUS_COUNT:
        break;
    }
}

/* ---- cases ---- */

static void add_metric(struct suite *s, const struct report_step *step,
                       const struct report_metric *m) {
    static const struct look look = {.has_unicode = true};
    AUTO(str) struct str name = STR_INIT(0);
    AUTO(str) struct str said = STR_INIT(0);
    text_step_path(&name, s->report, step);
    str_addf(&name, " metric %s", m->name);
    begin_case(s, &name, 0);
    if (m->verdict != METRIC_OK) {
        str_addf(&said, "%s is ", m->name);
        text_metric_value(&said, m);
        str_add(&said, ", should be ");
        text_limits(&said, &look, m);
        s->n_failures++;
        begin_outcome(s, "failure", metric_verdict_names[m->verdict], str_text(&said));
        end_outcome(s, "failure");
    }
    end_case(s);
}

static void add_step(struct suite *s, const struct report_step *step) {
    int64_t ms = step->ended_ms >= 0 ? step->duration_ms : 0;
    if (report_step_is_case(s->report, step)) {
        AUTO(str) struct str name = STR_INIT(0);
        text_step_path(&name, s->report, step);
        begin_case(s, &name, ms);
        add_outcome(s, step);
        end_case(s);
        s->total_ms += ms;
    }
    for (size_t i = 0; i < step->n_metrics; i++) {
        add_metric(s, step, &step->metrics[i]);
    }
}

/* What no step's case tells: a run that was ended from outside, or broke off. */
static void add_run(struct suite *s) {
    const struct run_report *r = s->report;
    struct report_counts counts = run_report_counts(r);
    AUTO(str) struct str name = STR_INIT(0);
    str_add(&name, "run");
    begin_case(s, &name, 0);
    if (!r->is_finished) {
        add_error(s, "cut off", "the run ended without saying so");
    } else if (r->verdict == VERDICT_FAILED && counts.by_status[STEP_FAILED] == 0) {
        s->n_failures++;
        begin_outcome(s, "failure", "failed", r->reason);
        end_outcome(s, "failure");
    } else if (r->verdict == VERDICT_ENVIRONMENT || r->verdict == VERDICT_TIMEOUT ||
               r->verdict == VERDICT_CANCELLED) {
        add_error(s, run_verdict_names[r->verdict], r->reason);
    }
    end_case(s);
}

/* ---- suites ---- */

static void add_property(struct str *out, const char *name, const char *text) {
    if (text != NULL) {
        str_add(out, "      <property");
        xml_add_attribute(out, "name", name);
        xml_add_attribute(out, "value", text);
        str_add(out, "/>\n");
    }
}

static void add_properties(struct str *out, const struct run_report *r) {
    str_add(out, "    <properties>\n");
    add_property(out, "run", r->run_id);
    add_property(out, "recipe", r->recipe_file);
    add_property(out, "digest", r->recipe_digest);
    add_property(out, "cpdflow", r->version);
    add_property(out, "mode", r->mode);
    add_property(out, "directory", r->run_dir);
    add_property(out, "verdict", r->is_finished ? run_verdict_names[r->verdict] : "not finished");
    str_add(out, "    </properties>\n");
}

static void add_suite(struct str *out, const struct suite *s, unsigned id, const char *phase) {
    const struct run_report *r = s->report;
    AUTO(str) struct str time = STR_INIT(0);
    clock_format_utc(r->started_wall_ms, &time);
    str_cut(&time, sizeof "2026-01-31T09:05:00" - 1); /* the dialect knows no zone */
    str_add(out, "  <testsuite");
    xml_add_attribute(out, "name", phase);
    xml_add_attribute(out, "package", r->recipe_name == NULL ? "cpdflow" : r->recipe_name);
    str_addf(out, " id=\"%u\" tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"", id,
             s->n_tests, s->n_failures, s->n_errors, s->n_skipped);
    add_seconds(out, s->total_ms);
    xml_add_attribute(out, "timestamp", str_text(&time));
    xml_add_attribute(out, "hostname",
                      r->host == NULL || r->host[0] == '\0' ? "localhost" : r->host);
    str_add(out, ">\n");
    add_properties(out, r);
    str_add_bytes(out, str_text(&s->cases), s->cases.len);
    str_add(out, "    <system-out>");
    if (id == 0 && r->reason != NULL) {
        xml_add_text(out, r->reason);
        str_add(out, s->said.len > 0 ? "\n" : "");
    }
    str_add(out, str_text(&s->said));
    str_add(out, "</system-out>\n    <system-err></system-err>\n  </testsuite>\n");
}

static bool has_phase(const struct run_report *r, enum step_phase phase) {
    for (size_t i = 0; i < r->n_steps; i++) {
        if (r->steps[i]->phase == phase) {
            return true;
        }
    }
    return phase == PHASE_MAIN;
}

static void render(const struct run_report *r, bool is_ant, struct str *out) {
    struct map names = MAP_INIT;
    unsigned id = 0;
    str_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (enum step_phase phase = PHASE_MAIN; phase < PHASE_COUNT; phase++) {
        if (!has_phase(r, phase)) {
            continue;
        }
        AUTO(str) struct str class_name = STR_INIT(0);
        str_addf(&class_name, "%s.%s", r->recipe_name == NULL ? "cpdflow" : r->recipe_name,
                 step_phase_names[phase]);
        struct suite s = {.report = r,
                          .class_name = str_text(&class_name),
                          .names = &names,
                          .is_ant = is_ant,
                          .said = STR_INIT(out->max),
                          .cases = STR_INIT(out->max)};
        if (phase == PHASE_MAIN) {
            add_run(&s);
        }
        for (size_t i = 0; i < r->n_steps; i++) {
            if (r->steps[i]->phase == phase) {
                add_step(&s, r->steps[i]);
            }
        }
        add_suite(out, &s, id++, step_phase_names[phase]);
        out->is_over = out->is_over || s.cases.is_over;
        str_release(&s.cases);
        str_release(&s.said);
    }
    str_add(out, "</testsuites>\n");
    map_release(&names);
}

void report_junit_render(const struct run_report *r, struct str *out) {
    render(r, false, out);
}

void report_junit_ant_render(const struct run_report *r, struct str *out) {
    render(r, true, out);
}
