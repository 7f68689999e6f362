/*
 * One line a fact, for logs: "2026-01-31T09:05:00Z space: created in 12 s". Nothing of a child's can start a line, so
 * no CI system takes it for a command.
 */
#include "console_priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "event/run_report.h"
#include "value/json.h"
#include "value/value.h"

/* Events that come from a journal may lack any text. */
static const char *or_unknown(const char *text) {
    return text == NULL ? "?" : text;
}

struct line console_plain_line(struct console *c, struct str *out, int64_t wall_ms, const char *who,
                               const char *separator) {
    struct line l = line_begin(out, &c->look, LINE_UNLIMITED);
    AUTO(str) struct str time = STR_INIT(0);
    clock_format_utc(wall_ms, &time);
    str_cut(&time, sizeof "2026-01-31T09:05:00" - 1);
    line_addf(&l, TONE_DIM, "%sZ ", str_text(&time));
    line_add(&l, TONE_BOLD, who);
    line_add(&l, TONE_PLAIN, separator);
    return l;
}

void console_plain_end(struct console *c, struct str *out) {
    str_add_char(out, '\n');
    outlet_add(&c->outlet, str_text(out), out->len);
    c->log.spoken_ms = c->elapsed_ms;
}

static void add_duration(struct line *l, const char *before, int64_t ms, const char *after) {
    AUTO(str) struct str text = STR_INIT(0);
    text_duration(&text, ms);
    line_addf(l, TONE_PLAIN, "%s%s%s", before, str_text(&text), after);
}

static void run_started(struct console *c, struct line *l, const struct event *ev) {
    const struct event_run_started *s = &ev->as.run_started;
    const struct value *inputs = c->options.report->inputs;
    line_addf(l, TONE_PLAIN, "started %s (%s), %s %s", or_unknown(s->recipe_name),
              or_unknown(s->recipe_file), or_unknown(s->mode), or_unknown(s->run_id));
    line_addf(l, TONE_PLAIN, ", cpdflow %s on %s", or_unknown(s->version), or_unknown(s->host));
    if (inputs != NULL && inputs->type == VALUE_OBJECT && inputs->len > 0) {
        AUTO(str) struct str text = STR_INIT(0);
        json_print(&text, inputs, JSON_COMPACT);
        line_addf(l, TONE_PLAIN, ", inputs %s", str_text(&text));
    }
}

/* As a shell would take it. */
static void add_quoted(struct str *out, const char *word) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        str_add(out, word);
        return;
    }
    str_add_char(out, '\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'') {
            str_add(out, "'\\'");
        }
        str_add_char(out, *word);
    }
    str_add_char(out, '\'');
}

static void add_command_line(struct line *l, const struct value *argv) {
    AUTO(str) struct str text = STR_INIT(0);
    for (size_t i = 0; i < argv->len; i++) {
        const char *word = value_text(argv->as.items[i]);
        str_add(&text, i == 0 ? "" : " ");
        add_quoted(&text, or_unknown(word));
    }
    line_add_len(l, TONE_PLAIN, str_text(&text), text.len);
}

static void attempt_started(const struct console *c, struct line *l, const struct event *ev) {
    const struct event_attempt_started *s = &ev->as.attempt_started;
    if (c->options.verbosity >= CONSOLE_DEBUG && s->argv != NULL && s->argv->type == VALUE_LIST) {
        line_addf(l, TONE_PLAIN, "attempt %u, %s: ", s->number, s->role == NULL ? "run" : s->role);
        add_command_line(l, s->argv);
        return;
    }
    line_addf(l, TONE_PLAIN, "attempt %u, %s: %s", s->number, s->role == NULL ? "run" : s->role,
              s->summary == NULL ? "" : s->summary);
}

static void attempt_failed(struct line *l, const struct event_attempt_finished *f) {
    line_addf(l, TONE_PLAIN, "attempt %u ", f->number);
    line_add(l, TONE_WARN, "failed");
    add_duration(l, " after ", f->duration_ms, ": ");
    line_addf(l, TONE_PLAIN, "%s%s%s", error_class_names[f->error_class],
              f->message == NULL ? "" : ": ", f->message == NULL ? "" : f->message);
}

static void retry(struct line *l, const struct event_retry *r) {
    line_addf(l, TONE_PLAIN, "attempt %u", r->next_attempt);
    if (r->max_attempts > 0) {
        line_addf(l, TONE_PLAIN, " of %u", r->max_attempts);
    }
    add_duration(l, " in ", r->delay_ms, "");
    if (r->reason != NULL) {
        line_addf(l, TONE_PLAIN, ": %s", r->reason);
    }
}

static void wait(struct line *l, const struct event_wait *w) {
    line_add(l, TONE_PLAIN, w->is_done ? "reached" : "waiting");
    if (w->state != NULL) {
        line_addf(l, TONE_PLAIN, ": %s", w->state);
    }
    if (w->reason != NULL) {
        line_addf(l, TONE_PLAIN, ": %s", w->reason);
    }
    if (w->poll > 1) {
        AUTO(str) struct str text = STR_INIT(0);
        text_duration(&text, w->elapsed_ms);
        line_addf(l, TONE_DIM, " (poll %u, after %s)", w->poll, str_text(&text));
    }
}

static void metric(struct console *c, struct line *l, const struct report_step *step) {
    const struct report_metric *m = &step->metrics[step->n_metrics - 1];
    AUTO(str) struct str value = STR_INIT(0);
    AUTO(str) struct str limits = STR_INIT(0);
    text_limits(&limits, &c->look, m);
    text_metric_value(&value, m);
    line_addf(l, TONE_PLAIN, "metric %s = %s", m->name, str_text(&value));
    if (limits.len > 0) {
        line_addf(l, m->verdict == METRIC_OK ? TONE_PLAIN : TONE_WARN, " (%s: %s)",
                  str_text(&limits), text_metric_verdict(m));
    }
}

static void step_finished(struct console *c, struct line *l, const struct report_step *step) {
    if (step->status == STEP_SUCCEEDED) {
        line_add(l, TONE_GOOD, "succeeded");
        bool has_words = console_has_changed(step) || step->is_unstable;
        line_add(l, TONE_PLAIN, has_words ? ", " : "");
    }
    console_step_outcome(l, step);
    if (step->status != STEP_SKIPPED) {
        AUTO(str) struct str text = STR_INIT(0);
        text_duration(&text, step->duration_ms);
        line_addf(l, TONE_DIM, " (%s)", str_text(&text));
    }
    if (c->options.verbosity >= CONSOLE_VERBOSE) {
        console_step_outputs(l, step);
    }
}

static void run_finished(struct line *l, const struct event_run_finished *f) {
    line_addf(l, TONE_PLAIN, "finished: %s%s%s", run_verdict_names[f->verdict],
              f->reason == NULL ? "" : ": ", f->reason == NULL ? "" : f->reason);
    line_addf(l, TONE_PLAIN, ", exit status %d", f->exit_code);
}

/* Whether the fact is worth a line. */
static bool is_shown(int verbosity, const struct event *ev) {
    switch (ev->kind) {
    case EVENT_STEP_FINISHED:
        return verbosity >= CONSOLE_NORMAL || ev->as.step_finished.status == STEP_FAILED;
    case EVENT_ATTEMPT_FINISHED:
        return verbosity >= CONSOLE_NORMAL && ev->as.attempt_finished.error_class != CLASS_NONE;
    case EVENT_ATTEMPT_STARTED:
        return verbosity >= CONSOLE_VERBOSE;
    case EVENT_OUTPUT:
        return verbosity >= CONSOLE_VERBOSE && !ev->as.output.is_secret;
    case EVENT_RUN_STARTED:
    case EVENT_STEP_STARTED:
    case EVENT_RETRY_SCHEDULED:
    case EVENT_WAIT_OBSERVED:
    case EVENT_METRIC:
    case EVENT_NOTICE:
    case EVENT_CANCEL:
    case EVENT_RUN_FINISHED:
        return verbosity >= CONSOLE_NORMAL;
    case EVENT_STEP_DECLARED:
    case EVENT_STEP_PLANNED:
    case EVENT_VARS:
    case EVENT_KIND_COUNT:
        break;
    }
    return false;
}

/* A poll is told when what it saw is new, or ends the wait; -vv tells all. */
static bool is_shown_of_step(const struct console *c, const struct event *ev,
                             const struct report_step *step) {
    if (ev->kind != EVENT_WAIT_OBSERVED || c->options.verbosity >= CONSOLE_DEBUG) {
        return true;
    }
    return ev->as.wait.is_done ||
           (step->n_waits > 0 && step->waits[step->n_waits - 1]->n_polls == 1);
}

static void tell_of_run(struct console *c, struct line *l, const struct event *ev) {
    if (ev->kind == EVENT_RUN_STARTED) {
        run_started(c, l, ev);
    } else if (ev->kind == EVENT_NOTICE) {
        line_addf(l, TONE_WARN, "notice: %s", or_unknown(ev->as.notice.text));
    } else if (ev->kind == EVENT_CANCEL) {
        line_addf(l, TONE_WARN, "cancelled: %s", or_unknown(ev->as.cancel.reason));
    } else if (ev->kind == EVENT_RUN_FINISHED) {
        run_finished(l, &ev->as.run_finished);
    }
}

static void tell_of_step(struct console *c, struct line *l, const struct event *ev,
                         const struct report_step *step) {
    switch (ev->kind) {
    case EVENT_STEP_STARTED:
        line_addf(l, TONE_PLAIN, "started%s%s", step->name == NULL ? "" : ": ",
                  step->name == NULL ? "" : step->name);
        break;
    case EVENT_ATTEMPT_STARTED:
        attempt_started(c, l, ev);
        break;
    case EVENT_OUTPUT:
        line_add(l, TONE_PLAIN, or_unknown(ev->as.output.text));
        break;
    case EVENT_ATTEMPT_FINISHED:
        attempt_failed(l, &ev->as.attempt_finished);
        break;
    case EVENT_RETRY_SCHEDULED:
        retry(l, &ev->as.retry);
        break;
    case EVENT_WAIT_OBSERVED:
        wait(l, &ev->as.wait);
        break;
    case EVENT_METRIC:
        metric(c, l, step);
        break;
    case EVENT_STEP_FINISHED:
        step_finished(c, l, step);
        break;
    case EVENT_RUN_STARTED:
    case EVENT_STEP_DECLARED:
    case EVENT_STEP_PLANNED:
    case EVENT_NOTICE:
    case EVENT_CANCEL:
    case EVENT_RUN_FINISHED:
    case EVENT_VARS:
    case EVENT_KIND_COUNT:
        tell_of_run(c, l, ev);
        break;
    }
}

static bool is_run_wide(enum event_kind kind) {
    return kind == EVENT_RUN_STARTED || kind == EVENT_NOTICE || kind == EVENT_CANCEL ||
           kind == EVENT_RUN_FINISHED;
}

static const char *separator(const struct event *ev) {
    if (ev->kind != EVENT_OUTPUT) {
        return ": ";
    }
    return ev->as.output.stream == 2 ? "! " : "| ";
}

/* Whether the event gets a line, and of which step; *ret_step NULL: of the run. */
static bool find_step(const struct console *c, const struct event *ev,
                      const struct report_step **ret_step) {
    const struct run_report *r = c->options.report;
    bool has_step = ev->step != NULL && ev->step->index < r->n_steps;
    *ret_step = has_step ? r->steps[ev->step->index] : NULL;
    return is_shown(c->options.verbosity, ev) &&
           (has_step ? is_shown_of_step(c, ev, *ret_step) : is_run_wide(ev->kind));
}

void console_plain_event(struct console *c, const struct event *ev) {
    const struct report_step *step;
    console_log_event(c, ev);
    if (!find_step(c, ev, &step)) {
        return;
    }
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str who = STR_INIT(0);
    console_log_before(c, ev, step);
    if (step != NULL) {
        text_step_path(&who, c->options.report, step);
    }
    struct line l = console_plain_line(c, &text, ev->wall_ms, step == NULL ? "run" : str_text(&who),
                                       separator(ev));
    if (step == NULL) {
        tell_of_run(c, &l, ev);
    } else {
        tell_of_step(c, &l, ev, step);
    }
    console_plain_end(c, &text);
}
