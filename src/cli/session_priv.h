/*
 * What the files of `cpdflow run` share: the options and everything that lives as long as one run.
 */
#ifndef CLI_SESSION_PRIV_H
#define CLI_SESSION_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "cli/opt.h"
#include "cli/run_dir.h"
#include "event/event.h"
#include "proc/runner.h"
#include "proc/timers.h"
#include "replay/tape.h"

struct run_options {
    struct opt_list inputs;
    struct opt_list input_files;
    struct opt_list reports;
    struct opt_list pass_env;
    const char *state_dir;
    const char *record;
    const char *replay;
    bool is_replay_strict;
    bool is_replay_loose;
    int output;
    int color;
    bool is_quiet;
    size_t verbosity;
    size_t max_parallel;
    int64_t cancel_within_ms;
    int64_t heartbeat_ms;
};

/* Everything that lives as long as one run. */
struct session {
    const struct run_options *options;
    bool is_plan;
    struct recipe *recipe;
    struct arena arena;
    const struct value *inputs;
    const struct value *public_inputs;
    struct run_dir dir;
    const char **environ;
    const char **child_environ;
    struct journal *journal;
    struct run_report *report;
    struct reports *reports;
    bool has_early_reports;
    struct console *console;
    struct event_bus bus;
    struct timers timers;
    struct runner runner; /* what the engine gets */
    struct tape_names names;
    struct loop *loop; /* live */
    struct proc_runner *procs;
    struct recorder *recorder; /* --record */
    struct renewal *renewal;   /* --record with --replay */
    struct fake_timers *clock; /* --replay */
    struct player *player;
    struct engine *engine;
    timer_id tick;
    int64_t started_ms;
    char host[256];
};

struct cli_command;

/* Children are started: no replay, or one that is being renewed. */
bool session_is_live(const struct run_options *o);
/* session_load.c: loads the recipe and resolves its inputs; what is wrong is printed. CLI_OK, or CLI_USAGE. */
int session_load(struct session *s, const struct cli_command *command, const char *path);

/*
 * drive.c: carries the run out, live or from a tape, and returns the engine's exit code; errors of its own are printed.
 * drive_release() frees what it made.
 */
int drive_live(struct session *s);
int drive_replay(struct session *s);
/* Writes what was recorded, if anything was. */
bool drive_save(struct session *s, struct err *err);
void drive_release(struct session *s);

#endif
