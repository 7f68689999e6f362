/*
 * The console's face: which of its parts an event goes to, what the terminal is like, what became of the writing.
 */
#include "report/console.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/err.h"
#include "base/mem.h"
#include "console_priv.h"
#include "event/event_json.h"
#include "event/run_report.h"

enum {
    COLUMNS_MIN = 20,
    COLUMNS_DEFAULT = 80,
    ROWS_DEFAULT = 24,
    LAST_WAIT_MS = 2000,
};

/* ---- the terminal ---- */

static bool is_set(const char *name) {
    const char *text = getenv(name);
    return text != NULL && text[0] != '\0';
}

static bool is_exactly(const char *name, const char *value) {
    const char *text = getenv(name);
    return text != NULL && strcmp(text, value) == 0;
}

bool console_wants_color(enum console_color choice, bool is_terminal) {
    if (choice != CONSOLE_COLOR_AUTO) {
        return choice == CONSOLE_COLOR_ALWAYS;
    }
    if (is_set("NO_COLOR")) {
        return false;
    }
    if (is_set("CLICOLOR_FORCE") && !is_exactly("CLICOLOR_FORCE", "0")) {
        return true;
    }
    return is_terminal && !is_exactly("CLICOLOR", "0") && !is_exactly("TERM", "dumb");
}

bool console_wants_unicode(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *locale = getenv(names[i]);
        if (locale != NULL && locale[0] != '\0') {
            return strcasestr(locale, "utf-8") != NULL || strcasestr(locale, "utf8") != NULL;
        }
    }
    return false;
}

enum console_ci console_ci(void) {
    if (is_exactly("GITHUB_ACTIONS", "true")) {
        return CONSOLE_CI_GITHUB;
    }
    return is_exactly("GITLAB_CI", "true") ? CONSOLE_CI_GITLAB : CONSOLE_CI_NONE;
}

static bool window_size(const struct console *c, struct winsize *ret_size) {
    return c->options.is_terminal && ioctl(c->options.fd, TIOCGWINSZ, ret_size) == 0;
}

unsigned console_columns(const struct console *c) {
    struct winsize size;
    unsigned columns = c->options.columns;
    if (columns == 0) {
        columns = window_size(c, &size) && size.ws_col > 0 ? size.ws_col : COLUMNS_DEFAULT;
    }
    return columns < COLUMNS_MIN ? COLUMNS_MIN : columns;
}

unsigned console_rows(const struct console *c) {
    struct winsize size;
    if (c->options.rows != 0) {
        return c->options.rows;
    }
    return window_size(c, &size) && size.ws_row > 0 ? size.ws_row : ROWS_DEFAULT;
}

void console_resize(struct console *c, unsigned columns, unsigned rows) {
    c->options.columns = columns;
    c->options.rows = rows;
}

/* ---- events ---- */

static void print_json(struct console *c, const struct event *ev) {
    AUTO(str) struct str line = STR_INIT(0);
    event_json_print(&line, ev);
    str_add_char(&line, '\n');
    outlet_add(&c->outlet, str_text(&line), line.len);
}

static bool is_live(const struct console *c) {
    return c->options.format == CONSOLE_TEXT && c->options.is_terminal &&
           c->options.verbosity > CONSOLE_QUIET;
}

static bool on_event(void *ctx, const struct event *ev) {
    struct console *c = ctx;
    c->elapsed_ms = ev->elapsed_ms;
    if (c->options.format == CONSOLE_JSON) {
        print_json(c, ev);
    } else if (is_live(c)) {
        console_live_event(c, ev);
    } else {
        console_plain_event(c, ev);
    }
    return true; /* a console that cannot be written to is no reason to stop a run */
}

struct sink console_sink(struct console *c) {
    return (struct sink){on_event, c};
}

void console_tick(struct console *c, int64_t elapsed_ms) {
    c->elapsed_ms = elapsed_ms;
    if (is_live(c)) {
        console_live_paint(c, false);
    } else if (c->options.format == CONSOLE_TEXT) {
        console_log_heartbeat(c);
    }
    outlet_flush(&c->outlet, 0);
}

/* ---- life ---- */

struct console *console_new(const struct console_options *options) {
    assert(options->report != NULL);
    struct console *c = mem_zalloc(1, sizeof *c);
    c->options = *options;
    c->look = (struct look){options->has_color, options->has_unicode};
    outlet_init(&c->outlet, options->fd);
    return c;
}

bool console_free(struct console *c, struct err *err) {
    if (c == NULL) {
        return true;
    }
    if (is_live(c) && (c->live.n_lines > 0 || c->live.above.len > 0)) {
        console_live_paint(c, true);
    }
    console_log_end(c);
    outlet_flush(&c->outlet, LAST_WAIT_MS);
    int errnum = c->outlet.errnum;
    size_t n_dropped = c->outlet.n_dropped;
    bool is_stuck = c->outlet.start < c->outlet.waiting.len;
    console_live_release(&c->live);
    console_log_release(&c->log);
    outlet_release(&c->outlet);
    mem_free(c);
    if (errnum != 0) {
        return err_errno(err, "write-failed", errnum, "the console could not be written");
    }
    if (n_dropped > 0 || is_stuck) {
        return err_set(err, "write-failed",
                       "the console's reader was too slow: %zu lines are missing", n_dropped);
    }
    return true;
}
