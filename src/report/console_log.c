/*
 * What a log gets beside its facts: sections that CI systems fold, and a sign of life when nothing happens.
 *
 * GitHub and GitLab fold what stands between two marks, and marks do not nest, so a section holds the lines of one step
 * while it is the only one at work. The outcome stands outside: a folded log reads as one line per step.
 *   https://docs.github.com/actions/reference/workflow-commands-for-github-actions#grouping-log-lines
 *   https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections
 */
#include "console_priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "event/event.h"
#include "event/run_report.h"

enum { BUSY_SHOWN = 4 };

static void add_busy(struct console_log *log, uint32_t index) {
    for (size_t i = 0; i < log->n_busy; i++) {
        if (log->busy[i] == index) {
            return;
        }
    }
    log->busy = mem_realloc(log->busy, log->n_busy + 1, sizeof *log->busy);
    log->busy[log->n_busy++] = index;
}

static void remove_busy(struct console_log *log, uint32_t index) {
    for (size_t i = 0; i < log->n_busy; i++) {
        if (log->busy[i] == index) {
            memmove(&log->busy[i], &log->busy[i + 1], (log->n_busy - i - 1) * sizeof *log->busy);
            log->n_busy--;
            return;
        }
    }
}

/* ---- sections ---- */

static void write(struct console *c, const struct str *text) {
    outlet_add(&c->outlet, str_text(text), text->len);
}

static void close_section(struct console *c, int64_t wall_ms) {
    if (!c->log.is_open) {
        return;
    }
    AUTO(str) struct str text = STR_INIT(0);
    if (c->options.ci == CONSOLE_CI_GITHUB) {
        str_add(&text, "::endgroup::\n");
    } else {
        str_addf(&text, "\x1b[0Ksection_end:%lld:cpdflow_%u\r\x1b[0K\n",
                 (long long)(wall_ms / 1000), c->log.n_sections);
    }
    write(c, &text);
    c->log.is_open = false;
}

static void open_section(struct console *c, const struct event *ev,
                         const struct report_step *step) {
    AUTO(str) struct str text = STR_INIT(0);
    c->log.n_sections++;
    if (c->options.ci == CONSOLE_CI_GITHUB) {
        str_add(&text, "::group::");
    } else {
        str_addf(&text, "\x1b[0Ksection_start:%lld:cpdflow_%u[collapsed=true]\r\x1b[0K",
                 (long long)(ev->wall_ms / 1000), c->log.n_sections);
    }
    struct line l = line_begin(&text, &c->look, LINE_UNLIMITED);
    AUTO(str) struct str path = STR_INIT(0);
    text_step_path(&path, c->options.report, step);
    line_add(&l, TONE_PLAIN, str_text(&path));
    if (step->name != NULL) {
        line_addf(&l, TONE_PLAIN, ": %s", step->name);
    }
    str_add_char(&text, '\n');
    write(c, &text);
    c->log.is_open = true;
    c->log.section = step->index;
}

static bool is_detail(enum event_kind kind) {
    return kind == EVENT_ATTEMPT_STARTED || kind == EVENT_OUTPUT ||
           kind == EVENT_ATTEMPT_FINISHED || kind == EVENT_RETRY_SCHEDULED ||
           kind == EVENT_WAIT_OBSERVED || kind == EVENT_METRIC;
}

void console_log_before(struct console *c, const struct event *ev, const struct report_step *step) {
    if (c->options.ci == CONSOLE_CI_NONE) {
        return;
    }
    bool is_inside = step != NULL && is_detail(ev->kind);
    if (c->log.is_open && (!is_inside || c->log.section != step->index)) {
        close_section(c, ev->wall_ms);
    }
    if (!c->log.is_open && is_inside && c->log.n_busy == 1) {
        open_section(c, ev, step);
    }
}

void console_log_event(struct console *c, const struct event *ev) {
    if (ev->kind == EVENT_ATTEMPT_STARTED) {
        add_busy(&c->log, ev->step->index);
    } else if (ev->kind == EVENT_STEP_FINISHED) {
        remove_busy(&c->log, ev->step->index);
    }
}

void console_log_end(struct console *c) {
    close_section(c, clock_wall_ms());
}

/* ---- heartbeat ---- */

static void add_step(struct console *c, struct line *l, const struct report_step *step) {
    AUTO(str) struct str time = STR_INIT(0);
    const struct report_wait *w = step->n_waits == 0 ? NULL : step->waits[step->n_waits - 1];
    AUTO(str) struct str path = STR_INIT(0);
    text_elapsed(&time, c->elapsed_ms - step->started_ms);
    text_step_path(&path, c->options.report, step);
    line_addf(l, TONE_PLAIN, "%s for %s", str_text(&path), str_text(&time));
    if (w != NULL && !w->is_done && w->state != NULL) {
        line_addf(l, TONE_PLAIN, " (%s)", w->state);
    }
}

void console_log_heartbeat(struct console *c) {
    const struct console_log *log = &c->log;
    if (c->options.heartbeat_ms <= 0 || c->elapsed_ms - log->spoken_ms < c->options.heartbeat_ms) {
        return;
    }
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str time = STR_INIT(0);
    struct line l = console_plain_line(c, &text, clock_wall_ms(), "run", ": ");
    text_elapsed(&time, c->elapsed_ms);
    line_addf(&l, TONE_PLAIN, "still running after %s", str_text(&time));
    for (size_t i = 0; i < log->n_busy && i < BUSY_SHOWN; i++) {
        line_add(&l, TONE_PLAIN, i == 0 ? ": " : ", ");
        add_step(c, &l, c->options.report->steps[log->busy[i]]);
    }
    if (log->n_busy > BUSY_SHOWN) {
        line_addf(&l, TONE_PLAIN, " and %zu more", log->n_busy - BUSY_SHOWN);
    }
    console_plain_end(c, &text);
}

void console_log_release(struct console_log *log) {
    mem_free(log->busy);
    *log = (struct console_log){0};
}
