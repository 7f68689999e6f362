/*
 * What a run and its resumption have in common once journal and inputs are there: listeners, the work itself, reports, the end.
 */
#include "session_priv.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/reports.h"
#include "cli/run_env.h"
#include "engine/resume.h"
#include "engine/engine.h"
#include "event/journal.h"
#include "event/run_report.h"
#include "maxima.h"
#include "proc/lease.h"
#include "program_priv.h"
#include "recipe/load.h"
#include "report/console.h"
#include "report/report.h"

const char *const session_outputs[] = {"text", "json", NULL};
const char *const session_colors[] = {"auto", "always", "never", NULL};

/* ---- where it runs ---- */

/* A random id that the kernel draws at each start; other systems have none. */
static char *boot_id(void) {
    AUTO(str) struct str text = STR_INIT(64);
    struct err err = ERR_INIT;
    if (!file_read("/proc/sys/kernel/random/boot_id", 64, &text, &err)) {
        err_release(&err);
        return NULL;
    }
    return mem_strndup(str_text(&text), strcspn(str_text(&text), "\n"));
}

/* Which file it is, told so that another can be told from it without being asked: path, size, time of its last change. */
static const char *look_at_cpdctl(struct arena *a) {
    char path[PATH_MAX];
    struct stat st;
    const char *found = program_find(a, "cpdctl");
    if (found == NULL || realpath(found, path) == NULL || stat(path, &st) != 0) {
        return NULL;
    }
    AUTO(str) struct str time = STR_INIT(0);
    clock_format_utc((int64_t)st.st_mtime * 1000, &time);
    return arena_printf(a, "%s, %lld bytes of %s", path, (long long)st.st_size, str_text(&time));
}

void session_look_around(struct session *s) {
    char cwd[PATH_MAX];
    s->cpdctl = look_at_cpdctl(&s->arena);
    s->boot = boot_id();
    s->cwd = getcwd(cwd, sizeof cwd) == NULL ? NULL : mem_strdup(cwd);
    if (gethostname(s->host, sizeof s->host - 1) != 0) {
        s->host[0] = '\0';
    }
}

bool session_take_lease(struct session *s, bool can_wait, struct err *err) {
    char *path = file_join(s->dir.path, "lease");
    s->lease_fd = lease_take(path, can_wait, err);
    mem_free(path);
    return s->lease_fd > 0;
}

void session_note(struct session *s, const char *kind, const char *fmt, ...) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(&text, fmt, ap);
    va_end(ap);
    assert(s->n_notices < SESSION_NOTICES);
    s->notices[s->n_notices++] =
        (struct event_notice){kind, arena_strdup(&s->arena, str_text(&text))};
}

/* ---- listeners ---- */

/* Before the first step: a reader that comes while the run goes on, or after it was killed, finds a report that says so. */
static bool write_early(void *ctx, const struct event *ev) {
    struct session *s = ctx;
    if (!s->has_early_reports && ev->kind == EVENT_STEP_STARTED) {
        s->has_early_reports = true;
        (void)reports_write_early(s->reports, &s->options->reports); /* the last ones count */
    }
    return true;
}

static void open_listeners(struct session *s) {
    const struct run_options *o = s->options;
    bool is_terminal = isatty(STDOUT_FILENO) == 1;
    if (s->report == NULL) {
        s->report = run_report_new();
    }
    s->reports = reports_new(s->report, s->dir.path);
    struct console_options console = {
        .fd = STDOUT_FILENO,
        .format = o->output == 1 ? CONSOLE_JSON : CONSOLE_TEXT,
        .is_terminal = is_terminal && o->output == 0,
        .has_color = console_wants_color((enum console_color)o->color, is_terminal),
        .has_unicode = console_wants_unicode(),
        .verbosity = o->is_quiet ? CONSOLE_QUIET : (int)o->verbosity,
        .ci = console_ci(),
        .heartbeat_ms = o->heartbeat_ms,
        .report = s->report,
    };
    s->console = console_new(&console);
    event_bus_add(&s->bus, journal_sink(s->journal));
    event_bus_add(&s->bus, run_report_sink(s->report));
    event_bus_add(&s->bus, (struct sink){write_early, s});
    event_bus_add(&s->bus, console_sink(s->console));
}

/* ---- the end ---- */

/* The command that goes on with a run that left something undone; of a replay there is nothing to go on with. */
static void add_resume(const struct session *s, struct str *out) {
    const struct run_report *r = s->report;
    bool is_done = r->verdict == VERDICT_SUCCESS || r->verdict == VERDICT_UNSTABLE;
    if (!r->is_finished || is_done || !session_is_live(s->options)) {
        return;
    }
    str_addf(out, "cpdflow resume %s", s->dir.id);
    if (s->options->state_dir != NULL) {
        str_addf(out, " --state-dir %s", s->options->state_dir);
    }
}

static int write_files(struct session *s, const char *path) {
    int own = reports_write_one(s->reports, report_format_find("json"), path);
    int asked = reports_write(s->reports, &s->options->reports);
    return own != CLI_OK ? own : asked;
}

static int write_reports(struct session *s) {
    struct err err = ERR_INIT;
    char *path = file_join(s->dir.path, "report.json");
    int code = write_files(s, path);
    AUTO(str) struct str resume = STR_INIT(0);
    add_resume(s, &resume);
    const struct console_file files[] = {
        {"report", path}, {"logs", s->dir.path}, {"resume", str_text(&resume)}};
    console_summary(s->console, files, resume.len > 0 ? 3 : 2);
    mem_free(path);
    if (!drive_save(s, &err)) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    return code;
}

/* Each part is closed whatever became of the one before. A run that never began leaves nothing. */
static int close_listeners(struct session *s) {
    int worst = CLI_OK;
    struct err err = ERR_INIT;
    if (!journal_close(s->journal, &err)) {
        worst = cli_fail(&err, CLI_ENVIRONMENT);
    }
    s->journal = NULL;
    if (!console_free(s->console, &err)) {
        worst = cli_fail(&err, CLI_ENVIRONMENT);
    }
    s->console = NULL;
    bool is_clean = s->has_begun || s->resume != NULL ? run_dir_clean(&s->dir, &err)
                                                      : file_remove_tree(s->dir.path, &err);
    return is_clean ? worst : cli_fail(&err, CLI_ENVIRONMENT);
}

static int finish(struct session *s, int code) {
    /* The reports need what the listeners kept: of a large run the engine is as large as that again. */
    engine_free(s->engine);
    s->engine = NULL;
    int reports = s->has_begun ? write_reports(s) : CLI_OK;
    int closing = close_listeners(s);
    int worst = closing != CLI_OK ? closing : reports;
    return worst != CLI_OK && (code == CLI_OK || code == CLI_UNSTABLE) ? worst : code;
}

void session_release(struct session *s) {
    drive_release(s);
    resume_free(s->resume);
    lease_give(s->lease_fd);
    reports_free(s->reports);
    run_report_free(s->report);
    mem_free((void *)s->environ);
    mem_free(s->boot);
    mem_free(s->cwd);
    mem_free((void *)s->child_environ);
    run_dir_release(&s->dir);
    arena_release(&s->arena);
    recipe_free(s->recipe);
    mask_clear();
}

int session_tell_again(struct session *s) {
    struct err err = ERR_INIT;
    char *path = file_join(s->dir.path, "report.json");
    s->reports = reports_new(s->report, s->dir.path);
    int code = write_files(s, path);
    mem_free(path);
    return run_dir_clean(&s->dir, &err) ? code : cli_fail(&err, CLI_ENVIRONMENT);
}

int session_carry_out(struct session *s) {
    struct err err = ERR_INIT;
    /* A replay starts nothing, no thread either, and changes nothing that a journal would have to remember. */
    if (session_is_live(s->options) &&
        !journal_start_sync(s->journal, s->options->is_durable, &err)) {
        (void)cli_fail(&err, CLI_ENVIRONMENT);
        (void)close_listeners(s); /* tells what it finds itself */
        return CLI_ENVIRONMENT;
    }
    s->environ = run_env_make(s->recipe);
    s->child_environ = run_env_child(s->environ, &s->options->pass_env);
    open_listeners(s);
    return finish(s, session_is_live(s->options) ? drive_live(s) : drive_replay(s));
}
