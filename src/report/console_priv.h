/*
 * The parts of the console: console.c chooses, the others write.
 */
#ifndef REPORT_CONSOLE_PRIV_H
#define REPORT_CONSOLE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "line_priv.h"
#include "outlet_priv.h"
#include "report/console.h"

struct event;
struct report_step;
struct run_report;

/* A step under way, in order of start. */
struct console_running {
    uint32_t index;
    char *last_line;     /* of its output; NULL: none */
    int64_t retry_at_ms; /* -1: not backing off */
};

struct console_live {
    struct console_running *running;
    size_t n_running;
    struct str above;      /* lines that go above the live region at the next repaint */
    unsigned *line_widths; /* of the lines on the screen that are ours, top to bottom */
    size_t n_lines;
    int64_t painted_at_ms; /* by options.now_ms */
    unsigned id_width;
};

/* Away from a terminal. */
struct console_log {
    uint32_t *busy; /* steps with an attempt under way or behind them, in order of start */
    size_t n_busy;
    uint32_t section; /* the step whose lines are being folded */
    bool is_open;
    unsigned n_sections;
    int64_t spoken_ms; /* when the last line was written, in the run's time */
};

struct console {
    struct console_options options;
    struct look look;
    struct outlet outlet;
    struct console_live live;
    struct console_log log;
    int64_t elapsed_ms; /* of the newest event or tick */
};

/* ---- console_plain.c: one line a fact ---- */
void console_plain_event(struct console *c, const struct event *ev);
/* Begins "TIME who: " in `out`, which console_plain_end() writes. */
struct line console_plain_line(struct console *c, struct str *out, int64_t wall_ms, const char *who,
                               const char *separator);
void console_plain_end(struct console *c, struct str *out);

/* ---- console_log.c: sections to fold, a sign of life ---- */
/* Before the line of an event is written (`step` NULL: it is the run's): closes or opens a section where one ends or begins. */
void console_log_before(struct console *c, const struct event *ev, const struct report_step *step);
/* Of every event, shown or not. */
void console_log_event(struct console *c, const struct event *ev);
void console_log_end(struct console *c);
/* Writes a line when none was written for as long as the options say. */
void console_log_heartbeat(struct console *c);
void console_log_release(struct console_log *log);

/* ---- console_live.c: the view that is repainted ---- */
void console_live_event(struct console *c, const struct event *ev);
/* Repaints unless the last repaint is too fresh; `is_last` always does, and leaves no live line behind. */
void console_live_paint(struct console *c, bool is_last);
void console_live_release(struct console_live *live);

/* ---- console_step.c: what both say of a step ---- */
/* Status in a few words: "created", "failed: quota: …", "skipped: …". */
void console_step_outcome(struct line *l, const struct report_step *step);
/* True when it is known to have changed something: of most commands nobody can say. */
bool console_has_changed(const struct report_step *step);
enum glyph console_status_glyph(const struct report_step *step);
enum tone console_status_tone(const struct report_step *step);
/* "id=8f1c revision=4": outputs that are scalars. */
void console_step_outputs(struct line *l, const struct report_step *step);
/* True for an instance of a foreach: shown in its parent unless it failed. */
bool console_is_instance(const struct report_step *step);
/* How many containers under way or just ended it stands in: those of cleanup have ended long ago. */
unsigned console_depth(const struct run_report *r, const struct report_step *step);
/* Its id, or its path where its container does not stand near. */
void console_live_name(struct str *out, const struct run_report *r, const struct report_step *step);

unsigned console_columns(const struct console *c);
unsigned console_rows(const struct console *c);

#endif
