/*
 * The live view: finished steps scroll up, one line each; below them one line per running step and a line of totals,
 * repainted in place. The cursor rests at the start of the line below, so that whatever else is written appears whole.
 *
 * A repaint is one write: up to the first line that is ours, erase to the end of the screen, new lines above, the region
 * again. Lines stay one column short of the width, so no terminal wraps them; after the window became narrower the
 * rows that the old lines may take now are counted.
 */
#include "console_priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "event/run_report.h"

enum {
    PAINT_EVERY_MS = 100,
    ID_WIDTH_MIN = 8,
    ID_WIDTH_MAX = 28,
    DURATION_WIDTH = 7,
    ABOVE_MAX = 256 * 1024, /* lines of output that wait for the next repaint */
};

/* ---- what is running ---- */

static struct console_running *find_running(struct console_live *live, uint32_t index) {
    for (size_t i = 0; i < live->n_running; i++) {
        if (live->running[i].index == index) {
            return &live->running[i];
        }
    }
    return NULL;
}

static void add_running(struct console_live *live, uint32_t index) {
    if (find_running(live, index) != NULL) {
        return;
    }
    live->running = mem_realloc(live->running, live->n_running + 1, sizeof *live->running);
    live->running[live->n_running++] = (struct console_running){.index = index, .retry_at_ms = -1};
}

static void remove_running(struct console_live *live, uint32_t index) {
    struct console_running *found = find_running(live, index);
    if (found == NULL) {
        return;
    }
    mem_free(found->last_line);
    size_t after = live->n_running - (size_t)(found - live->running) - 1;
    memmove(found, found + 1, after * sizeof *found);
    live->n_running--;
}

/* ---- lines ---- */

static struct line new_line(const struct console *c, struct str *out) {
    return line_begin(out, &c->look, console_columns(c) - 1);
}

/* Glyph, id, time: the columns that all lines of steps share. */
static void step_columns(const struct console *c, struct line *l, const struct report_step *step,
                         enum glyph glyph, const char *time) {
    unsigned indent = 2 * console_depth(c->options.report, step);
    AUTO(str) struct str name = STR_INIT(0);
    unsigned id_end = 2 + c->live.id_width;
    line_pad(l, indent);
    line_glyph(l, console_status_tone(step), glyph);
    line_add(l, TONE_PLAIN, " ");
    console_live_name(&name, c->options.report, step);
    line_add(l, step->status == STEP_RUNNING ? TONE_BOLD : TONE_PLAIN, str_text(&name));
    line_pad(l, id_end);
    line_add(l, TONE_PLAIN, " ");
    line_add_right(l, TONE_DIM, time, DURATION_WIDTH);
    line_add(l, TONE_PLAIN, "  ");
}

static void add_failing_note(struct line *l, const struct report_attempt *a) {
    if (a->retry_reason != NULL) {
        line_addf(l, TONE_WARN, ": %s", a->retry_reason);
    } else if (a->message != NULL) {
        line_addf(l, TONE_WARN, ": %s", a->message);
    }
}

static void add_retry(const struct console *c, struct line *l, const struct report_attempt *a,
                      int64_t retry_at_ms) {
    AUTO(str) struct str left = STR_INIT(0);
    text_elapsed(&left, retry_at_ms - c->elapsed_ms + 999);
    line_addf(l, TONE_WARN, "attempt %u", a->number + 1);
    if (a->max_attempts > 0) {
        line_addf(l, TONE_WARN, " of %u", a->max_attempts);
    }
    line_addf(l, TONE_WARN, " in %s: %s", str_text(&left), error_class_names[a->error_class]);
    add_failing_note(l, a);
}

static void add_wait(const struct console *c, struct line *l, const struct report_wait *w) {
    AUTO(str) struct str since = STR_INIT(0);
    text_elapsed(&since, c->elapsed_ms - w->since_ms);
    line_add(l, TONE_PLAIN, w->state == NULL ? "waiting" : w->state);
    if (c->elapsed_ms - w->since_ms >= 1000) {
        line_addf(l, TONE_DIM, " for %s", str_text(&since));
    }
    if (w->reason != NULL) {
        line_addf(l, TONE_DIM, ": %s", w->reason);
    }
}

static void add_command(struct line *l, const struct report_step *step,
                        const struct console_running *running) {
    const struct report_attempt *a = step->attempts[step->n_attempts_kept - 1];
    if (step->n_attempts_kept > 1 && step->attempts[step->n_attempts_kept - 2]->is_retried) {
        line_addf(l, TONE_WARN, "attempt %u  ", a->number);
    }
    if (running->last_line != NULL) {
        line_add(l, TONE_DIM, running->last_line);
    } else if (a->summary != NULL) {
        line_add(l, TONE_DIM, a->summary);
    }
}

/* A wait is what the step does now when its last poll came after the last attempt of another kind. */
static const struct report_wait *open_wait(const struct report_step *step) {
    const struct report_wait *w = step->n_waits == 0 ? NULL : step->waits[step->n_waits - 1];
    return w == NULL || w->is_done ? NULL : w;
}

/* Both return the columns that the line takes. */
static unsigned running_line(const struct console *c, struct str *out,
                             const struct console_running *running) {
    const struct report_step *step = c->options.report->steps[running->index];
    const struct report_wait *wait = open_wait(step);
    bool is_retry = running->retry_at_ms >= 0;
    AUTO(str) struct str time = STR_INIT(0);
    struct line l = new_line(c, out);
    enum glyph glyph = is_retry ? GLYPH_RETRY : wait != NULL ? GLYPH_WAITING : GLYPH_RUNNING;
    text_elapsed(&time, c->elapsed_ms - step->started_ms);
    step_columns(c, &l, step, glyph, str_text(&time));
    if (step->n_children > 0) {
        line_addf(&l, TONE_DIM, "%u of %u done", step->n_children_ended, step->n_children);
    } else if (is_retry && step->n_attempts_kept > 0) {
        add_retry(c, &l, step->attempts[step->n_attempts_kept - 1], running->retry_at_ms);
    } else if (wait != NULL) {
        add_wait(c, &l, wait);
    } else if (step->n_attempts_kept > 0) {
        add_command(&l, step, running);
    }
    str_add_char(out, '\n');
    return l.used;
}

static unsigned totals_line(const struct console *c, struct str *out, size_t n_hidden) {
    struct report_counts counts = run_report_counts(c->options.report);
    size_t n_open = counts.by_status[STEP_PENDING] + counts.by_status[STEP_RUNNING];
    AUTO(str) struct str time = STR_INIT(0);
    struct line l = new_line(c, out);
    text_elapsed(&time, c->elapsed_ms);
    line_addf(&l, TONE_DIM, "  %zu of %zu steps done", counts.n_steps - n_open, counts.n_steps);
    if (counts.by_status[STEP_FAILED] > 0) {
        line_addf(&l, TONE_BAD, ", %zu failed", counts.by_status[STEP_FAILED]);
    }
    if (n_hidden > 0) {
        line_addf(&l, TONE_DIM, ", %zu more running", n_hidden);
    }
    line_addf(&l, TONE_DIM, ", %s", str_text(&time));
    str_add_char(out, '\n');
    return l.used;
}

/* ---- painting ---- */

static void move_to_region_start(const struct console *c, struct str *out) {
    const struct console_live *live = &c->live;
    unsigned columns = console_columns(c);
    size_t rows = 0;
    for (size_t i = 0; i < live->n_lines; i++) {
        unsigned width = live->line_widths[i];
        rows += width <= columns ? 1 : (width + columns - 1) / columns;
    }
    if (rows > 0) {
        str_addf(out, "\x1b[%zuA\r\x1b[J", rows);
    }
}

static void paint_region(struct console *c, struct str *out) {
    struct console_live *live = &c->live;
    unsigned rows = console_rows(c);
    size_t room = rows > 6 ? rows / 2 : 2;
    size_t n_shown = live->n_running <= room ? live->n_running : room;
    live->line_widths = mem_realloc(live->line_widths, n_shown + 1, sizeof *live->line_widths);
    for (size_t i = 0; i < n_shown; i++) {
        live->line_widths[i] = running_line(c, out, &live->running[i]);
    }
    live->line_widths[n_shown] = totals_line(c, out, live->n_running - n_shown);
    live->n_lines = n_shown + 1;
}

static int64_t now_ms(const struct console *c) {
    return c->options.now_ms != NULL ? c->options.now_ms() : clock_monotonic_ms();
}

void console_live_paint(struct console *c, bool is_last) {
    struct console_live *live = &c->live;
    int64_t now = now_ms(c);
    if (!is_last && now - live->painted_at_ms < PAINT_EVERY_MS) {
        return;
    }
    AUTO(str) struct str out = STR_INIT(0);
    move_to_region_start(c, &out);
    str_add_bytes(&out, str_text(&live->above), live->above.len);
    str_reset(&live->above);
    live->n_lines = 0;
    if (!is_last && live->n_running > 0) {
        paint_region(c, &out);
    }
    live->painted_at_ms = now;
    outlet_add(&c->outlet, str_text(&out), out.len);
}

/* ---- events ---- */

static void widen_ids(struct console *c, const struct report_step *step) {
    AUTO(str) struct str name = STR_INIT(0);
    console_live_name(&name, c->options.report, step);
    unsigned width = 2 * console_depth(c->options.report, step) +
                     (unsigned)utf8_text_width(str_text(&name), name.len);
    unsigned *widest = &c->live.id_width;
    *widest = width > *widest ? width : *widest;
    *widest = *widest < ID_WIDTH_MIN ? ID_WIDTH_MIN : *widest;
    *widest = *widest > ID_WIDTH_MAX ? ID_WIDTH_MAX : *widest;
}

static void say_run(struct console *c, const struct event_run_started *s) {
    struct line l = new_line(c, &c->live.above);
    line_add(&l, TONE_BOLD, s->recipe_name == NULL ? "run" : s->recipe_name);
    line_addf(&l, TONE_DIM, "  %s %s, cpdflow %s", s->mode == NULL ? "run" : s->mode,
              s->run_id == NULL ? "" : s->run_id, s->version == NULL ? "" : s->version);
    str_add(&c->live.above, "\n");
}

static bool is_worth_a_line(const struct console *c, const struct report_step *step) {
    bool is_good = step->status == STEP_SUCCEEDED || step->status == STEP_SKIPPED;
    if (c->options.verbosity >= CONSOLE_VERBOSE || !is_good) {
        return true;
    }
    return !console_is_instance(step);
}

/* "accuracy 0.83, recall 0.70 below its limit" */
static void add_metrics(struct line *l, const struct report_step *step, const char *before) {
    for (size_t i = 0; i < step->n_metrics; i++) {
        const struct report_metric *m = &step->metrics[i];
        AUTO(str) struct str value = STR_INIT(0);
        text_metric_value(&value, m);
        line_addf(l, TONE_PLAIN, "%s%s %s", i == 0 ? before : ", ", m->name, str_text(&value));
        if (m->verdict != METRIC_OK) {
            line_addf(l, TONE_WARN, " %s", text_metric_verdict(m));
        }
    }
}

static void say_step(struct console *c, const struct report_step *step) {
    if (!is_worth_a_line(c, step)) {
        return;
    }
    AUTO(str) struct str time = STR_INIT(0);
    struct line l = new_line(c, &c->live.above);
    if (step->status != STEP_SKIPPED) {
        text_duration(&time, step->duration_ms);
    }
    step_columns(c, &l, step, console_status_glyph(step), str_text(&time));
    if (step->n_children > 0 && step->status == STEP_SUCCEEDED) {
        line_addf(&l, TONE_DIM, "%u done", step->n_children);
    } else {
        console_step_outcome(&l, step);
    }
    bool has_words =
        console_has_changed(step) || step->is_unstable || step->status != STEP_SUCCEEDED;
    add_metrics(&l, step, has_words ? ": " : "");
    if (c->options.verbosity >= CONSOLE_VERBOSE) {
        console_step_outputs(&l, step);
    }
    str_add_char(&c->live.above, '\n');
}

static void say_output(struct console *c, const struct report_step *step,
                       const struct event_output *o) {
    struct console_running *running = find_running(&c->live, step->index);
    if (o->is_secret || o->text == NULL) {
        return;
    }
    if (running != NULL) {
        mem_free(running->last_line);
        running->last_line = mem_strdup(o->text);
    }
    if (c->options.verbosity >= CONSOLE_VERBOSE && c->live.above.len < ABOVE_MAX) {
        AUTO(str) struct str path = STR_INIT(0);
        struct line l = new_line(c, &c->live.above);
        text_step_path(&path, c->options.report, step);
        line_pad(&l, 2);
        line_add(&l, TONE_DIM, str_text(&path));
        line_add(&l, TONE_PLAIN, " ");
        line_glyph(&l, o->stream == 2 ? TONE_WARN : TONE_DIM, GLYPH_QUOTE);
        line_addf(&l, TONE_PLAIN, " %s", o->text);
        str_add_char(&c->live.above, '\n');
    }
}

static void say_note(struct console *c, const struct report_step *step, enum tone tone,
                     const char *text) {
    AUTO(str) struct str path = STR_INIT(0);
    struct line l = new_line(c, &c->live.above);
    if (step != NULL) {
        text_step_path(&path, c->options.report, step);
    }
    line_glyph(&l, tone, GLYPH_NOTICE);
    line_addf(&l, TONE_PLAIN, " %s  ", step == NULL ? "run" : str_text(&path));
    line_add(&l, tone, text == NULL ? "" : text);
    str_add_char(&c->live.above, '\n');
}

static void drop_last_line(struct console_running *running) {
    mem_free(running->last_line);
    running->last_line = NULL;
    running->retry_at_ms = -1;
}

static void step_event(struct console *c, const struct event *ev, const struct report_step *step) {
    struct console_running *running = find_running(&c->live, step->index);
    switch (ev->kind) {
    case EVENT_STEP_DECLARED:
        widen_ids(c, step);
        break;
    case EVENT_STEP_STARTED:
        add_running(&c->live, step->index);
        break;
    case EVENT_ATTEMPT_STARTED:
        if (running != NULL) {
            drop_last_line(running);
        }
        break;
    case EVENT_RETRY_SCHEDULED:
        if (running != NULL) {
            running->retry_at_ms = ev->elapsed_ms + ev->as.retry.delay_ms;
        }
        break;
    case EVENT_OUTPUT:
        say_output(c, step, &ev->as.output);
        break;
    case EVENT_STEP_FINISHED:
        remove_running(&c->live, step->index);
        say_step(c, step);
        break;
    case EVENT_NOTICE:
        say_note(c, step, TONE_DIM, ev->as.notice.text);
        break;
    case EVENT_ATTEMPT_FINISHED:
    case EVENT_WAIT_OBSERVED:
    case EVENT_METRIC:
    case EVENT_STEP_PLANNED:
    case EVENT_RUN_STARTED:
    case EVENT_CANCEL:
    case EVENT_RUN_FINISHED:
    case EVENT_VARS:
    case EVENT_KIND_COUNT:
        break;
    }
}

void console_live_event(struct console *c, const struct event *ev) {
    const struct run_report *r = c->options.report;
    if (ev->step != NULL && ev->step->index < r->n_steps) {
        step_event(c, ev, r->steps[ev->step->index]);
    } else if (ev->kind == EVENT_RUN_STARTED) {
        say_run(c, &ev->as.run_started);
    } else if (ev->kind == EVENT_NOTICE) {
        say_note(c, NULL, TONE_DIM, ev->as.notice.text);
    } else if (ev->kind == EVENT_CANCEL) {
        say_note(c, NULL, TONE_WARN, ev->as.cancel.reason);
    }
    console_live_paint(c, ev->kind == EVENT_RUN_FINISHED);
}

void console_live_release(struct console_live *live) {
    for (size_t i = 0; i < live->n_running; i++) {
        mem_free(live->running[i].last_line);
    }
    mem_free(live->running);
    mem_free(live->line_widths);
    str_release(&live->above);
}
