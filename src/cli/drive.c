/*
 * Carries a run out: live on the libuv loop, or from a tape on a virtual clock. The engine does not see the difference.
 */
#include "session_priv.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/run_env.h"
#include "engine/engine.h"
#include "engine/resume.h"
#include "event/trace.h"
#include "event/journal.h"
#include "maxima.h"
#include "proc/fake.h"
#include "proc/loop.h"
#include "proc/proc.h"
#include "recipe/model.h"
#include "replay/player.h"
#include "replay/recorder.h"
#include "replay/renewal.h"
#include "report/console.h"
#include "value/value.h"

enum { TICK_MS = 100, WATCH_MS = 250 };

static void on_tick(void *arg) {
    struct session *s = arg;
    console_tick(s->console, timers_now_ms(&s->timers) - s->started_ms);
    s->tick = timers_after(&s->timers, TICK_MS, on_tick, s);
}

/* The disk may refuse while nothing happens that would be written. */
static void on_watch(void *arg) {
    struct session *s = arg;
    s->watch = timers_after(&s->timers, WATCH_MS, on_watch, s);
    if (journal_failure(s->journal) != NULL) {
        s->bus.has_failed = true;
        engine_check(s->engine);
    }
}

static void on_signal(int signal, unsigned count, void *ctx) {
    (void)count;
    struct session *s = ctx;
    engine_cancel(s->engine, signal);
}

static void on_finished(void *ctx) {
    struct session *s = ctx;
    timers_cancel(&s->timers, &s->tick);
    timers_cancel(&s->timers, &s->watch);
    if (s->loop != NULL) {
        loop_stop(s->loop);
    } else {
        fake_timers_stop(s->clock);
    }
}

static void make_names(struct session *s) {
    s->names = tape_names_of_run(&s->arena, s->public_inputs, s->dir.path, s->dir.id);
}

static bool open_loop(struct session *s, struct err *err) {
    mem_at_death(proc_kill_all); /* children do not outlive us, however we end */
    s->loop = loop_new(err);
    if (s->loop == NULL) {
        return false;
    }
    loop_timers(s->loop, &s->timers);
    struct proc_options options = {.spill_dir = s->dir.tmp,
                                   .lease_fd = s->lease_fd > 0 ? s->lease_fd : -1};
    s->procs = proc_runner_new(s->loop, &options, err);
    if (s->procs == NULL) {
        return false;
    }
    proc_runner_get(s->procs, &s->runner);
    loop_on_signal(s->loop, on_signal, s);
    return true;
}

static enum player_mode player_mode_of(const struct run_options *o) {
    return o->is_replay_strict ? PLAYER_STRICT : o->is_replay_loose ? PLAYER_LOOSE : PLAYER_NORMAL;
}

static void make_engine(struct session *s) {
    const char *traceparent = run_env_get("TRACEPARENT", NULL);
    struct engine_options options = {
        .recipe = s->recipe,
        .inputs = s->inputs,
        .public_inputs = s->public_inputs,
        .runner = &s->runner,
        .timers = &s->timers,
        .bus = &s->bus,
        .environ = s->environ,
        .child_environ = s->child_environ,
        .run_id = s->dir.id,
        .run_dir = s->dir.path,
        .tmp_dir = s->dir.tmp,
        .is_plan = s->is_plan,
        .mode = s->is_plan                   ? "plan"
                : s->options->record != NULL ? "record"
                : s->options->replay != NULL ? "replay"
                                             : "run",
        .host = s->host,
        .boot = s->boot,
        .cwd = s->cwd,
        .cpdctl = s->cpdctl,
        .notices = s->notices,
        .n_notices = s->n_notices,
        .user = (int64_t)getuid(),
        .resume = s->resume,
        .traceparent = trace_parent_is_valid(traceparent) ? traceparent : NULL,
        .pid = getpid(),
        .seed = s->resume != NULL ? resume_run(s->resume)->seed : (uint64_t)clock_monotonic_ns(),
        .max_parallel = (unsigned)s->options->max_parallel,
        .cancel_budget_ms = s->options->cancel_within_ms,
        .on_finished = on_finished,
        .ctx = s,
    };
    s->engine = engine_new(&options);
    s->has_begun = true;
}

/* --record and --replay together: what the tape does not hold is made and added to it. */
static bool open_renewal(struct session *s, struct err *err) {
    s->player = player_new(&s->arena, s->options->replay, &s->timers, &s->names,
                           player_mode_of(s->options), err);
    if (s->player == NULL) {
        return false;
    }
    s->renewal = renewal_new(s->player, s->recorder, strcmp(s->options->record, "failed") == 0);
    renewal_runner(s->renewal, &s->runner);
    return true;
}

static bool open_recorder(struct session *s, struct err *err) {
    make_names(s);
    s->recorder = recorder_new(&s->runner, &s->names, s->recipe->name);
    recorder_runner(s->recorder, &s->runner);
    return s->options->replay == NULL || strcmp(s->options->record, "all") == 0 ||
           open_renewal(s, err);
}

bool drive_save(struct session *s, struct err *err) {
    const char *dir = s->options->replay != NULL ? s->options->replay : s->options->record;
    return s->recorder == NULL || (s->renewal != NULL ? renewal_save(s->renewal, dir, err)
                                                      : recorder_save(s->recorder, dir, err));
}

int drive_live(struct session *s) {
    struct err err = ERR_INIT;
    if (!open_loop(s, &err)) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    if (s->options->record != NULL && !open_recorder(s, &err)) {
        return cli_fail(&err, CLI_USAGE);
    }
    make_engine(s);
    s->started_ms = timers_now_ms(&s->timers);
    if (s->console != NULL && (isatty(STDOUT_FILENO) == 1 || s->options->heartbeat_ms > 0)) {
        s->tick = timers_after(&s->timers, TICK_MS, on_tick, s);
    }
    if (s->journal != NULL) {
        s->watch = timers_after(&s->timers, WATCH_MS, on_watch, s);
    }
    engine_start(s->engine);
    loop_run(s->loop);
    return engine_exit_code(s->engine);
}

/* A run that asked for what nobody recorded is no success, whatever the recipe tolerates. */
static int report_missing(struct session *s, int code) {
    AUTO(str) struct str missing = STR_INIT(LIMIT_REPORT_BYTES);
    size_t n = player_missing(s->player, &missing);
    if (n == 0) {
        return code;
    }
    struct err err = ERR_INIT;
    (void)err_set(&err, "missing-recording", "%zu call%s had no recorded answer:\n%s", n,
                  n == 1 ? "" : "s", str_text(&missing));
    err_hint(&err, "make and add what is missing with --record=missing --replay %s",
             s->options->replay);
    int failed = cli_fail(&err, CLI_ENVIRONMENT);
    return code == CLI_OK || code == CLI_UNSTABLE ? failed : code;
}

static int report_unused(struct session *s, int code) {
    AUTO(str) struct str unused = STR_INIT(LIMIT_MESSAGE);
    size_t n = player_unused(s->player, &unused);
    if (n == 0) {
        return code;
    }
    struct err err = ERR_INIT;
    (void)err_set(&err, "unused-recording", "%zu recorded call%s not made:\n%s", n,
                  n == 1 ? " was" : "s were", str_text(&unused));
    if (!s->options->is_replay_strict) {
        cli_warn(&err);
        return code;
    }
    int failed = cli_fail(&err, CLI_FAILED);
    return code == CLI_OK || code == CLI_UNSTABLE ? failed : code;
}

int drive_replay(struct session *s) {
    struct err err = ERR_INIT;
    make_names(s);
    s->clock = fake_timers_new(clock_wall_ms());
    fake_timers_get(s->clock, &s->timers);
    s->player = player_new(&s->arena, s->options->replay, &s->timers, &s->names,
                           player_mode_of(s->options), &err);
    if (s->player == NULL) {
        return cli_fail(&err, CLI_USAGE);
    }
    if (console_wants_color((enum console_color)s->options->color, isatty(STDERR_FILENO) == 1)) {
        player_use_color(s->player);
    }
    player_runner(s->player, &s->runner);
    make_engine(s);
    engine_start(s->engine);
    (void)fake_timers_run_until_idle(s->clock);
    int code = report_missing(s, engine_exit_code(s->engine));
    return s->is_plan ? code : report_unused(s, code); /* a plan leaves out most calls */
}

void drive_release(struct session *s) {
    engine_free(s->engine);
    proc_runner_free(s->procs);
    loop_free(s->loop);
    renewal_free(s->renewal);
    recorder_free(s->recorder);
    player_free(s->player);
    fake_timers_free(s->clock);
}
