/*
 * The console: a run as people follow it, or as a stream of events.
 *
 *   struct console_options o = {.fd = STDERR_FILENO, .report = r, …};
 *   struct console *c = console_new(&o);
 *   event_bus_add(&bus, run_report_sink(r));    // before the console: it looks at the report's state after each event
 *   event_bus_add(&bus, console_sink(c));
 *   … every 100 ms on a terminal or with a heartbeat: console_tick(c, elapsed_ms);
 *   console_summary(c, files, n_files);         // after the reports were written
 *   if (!console_free(c, &err)) …               // some of it could not be written
 *
 * On a terminal one line per running step is repainted in place, at most ten times a second, and finished steps scroll up as
 * one line each. Elsewhere every fact is one line with a UTC time stamp, written at once, without control characters. In the
 * JSON format events are the only output, one a line (event_json.h).
 *
 * Writing never blocks the run: what a full pipe does not take waits in a bounded queue, and beyond that lines are
 * dropped and counted. After the first failed write nothing more is written; a reader that went away is not a failure.
 */
#ifndef REPORT_CONSOLE_H
#define REPORT_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

struct console;
struct err;
struct run_report;

enum console_format { CONSOLE_TEXT, CONSOLE_JSON };
/* Who shows the log, for the marks that it folds sections by. */
enum console_ci { CONSOLE_CI_NONE, CONSOLE_CI_GITHUB, CONSOLE_CI_GITLAB };
enum console_color { CONSOLE_COLOR_AUTO, CONSOLE_COLOR_ALWAYS, CONSOLE_COLOR_NEVER };

enum console_verbosity {
    CONSOLE_QUIET = -1, /* failures and the verdict */
    CONSOLE_NORMAL = 0,
    CONSOLE_VERBOSE = 1, /* -v: output of children, attempts, outputs of steps */
    CONSOLE_DEBUG = 2,   /* -vv: every poll and whole command lines */
};

struct console_options {
    int fd; /* borrowed */
    enum console_format format;
    bool is_terminal;   /* live view; not for CONSOLE_JSON */
    unsigned columns;   /* 0: asked of the terminal at each repaint, 80 when it does not say */
    unsigned rows;      /* as columns, 24 */
    bool has_color;     /* see console_wants_color() */
    bool has_unicode;   /* see console_wants_unicode() */
    int verbosity;      /* enum console_verbosity */
    enum console_ci ci; /* away from a terminal */
    int64_t
        heartbeat_ms; /* away from a terminal: a line at least this often, given ticks; 0: none */
    const struct run_report *report; /* kept, must live as long as the console */
    int64_t (*now_ms)(void);         /* for the rate of repaints; NULL: clock_monotonic_ms */
};

/* --color, then NO_COLOR, CLICOLOR_FORCE, CLICOLOR=0, TERM=dumb, then whether it is a terminal. */
bool console_wants_color(enum console_color choice, bool is_terminal);
/* True when LC_ALL, LC_CTYPE or LANG (the first that is set) names UTF-8. */
bool console_wants_unicode(void);

/* By GITHUB_ACTIONS and GITLAB_CI. */
enum console_ci console_ci(void);

struct console *console_new(const struct console_options *options);
struct sink console_sink(struct console *c);
/* Time passes: repaints the live view when its turn has come, and writes what a full pipe did not take before. */
void console_tick(struct console *c, int64_t elapsed_ms);

/* Sets columns and rows anew; not needed when they are asked of the terminal. */
void console_resize(struct console *c, unsigned columns, unsigned rows);

struct console_file {
    const char *what; /* "report", "logs", "resume" */
    const char *path; /* or a command */
};
/* Verdict, what changed, metrics, failures, files. Nothing in the JSON format; only verdict and failures when quiet. */
void console_summary(struct console *c, const struct console_file *files, size_t n_files);

/* Waits for a slow reader, but not two seconds without progress. False, kind write-failed: something was not written. NULL is fine. */
bool console_free(struct console *c, struct err *err);

#endif
