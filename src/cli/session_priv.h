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
    const char *name;
    const char *record;
    const char *replay;
    bool is_replay_strict;
    bool is_replay_loose;
    int output;
    int color;
    bool is_durable;
    bool is_quiet;
    size_t verbosity;
    size_t max_parallel;
    int64_t cancel_within_ms;
    int64_t heartbeat_ms;
};

/* Rows of the options that a run and its resumption share; their struct begins with struct run_options. */
extern const char *const session_outputs[];
extern const char *const session_colors[];
/* clang-format off */
#define SESSION_OPTIONS \
    {'i', "input", OPT_LIST, "NAME=VALUE", offsetof(struct run_options, inputs), NULL, \
     "gives an input; VALUE is text for string, file and duration inputs, JSON for the others"}, \
    {0, "inputs", OPT_LIST, "FILE", offsetof(struct run_options, input_files), NULL, \
     "reads inputs from a YAML or JSON file; --input wins"}, \
    {0, "pass-env", OPT_LIST, "NAME", offsetof(struct run_options, pass_env), NULL, \
     "lets every child inherit the variable NAME, or with PREFIX* all that begin so"}, \
    {0, "report", OPT_LIST, "FORMAT=PATH", offsetof(struct run_options, reports), NULL, \
     REPORTS_FORMATS_HELP}, \
    {0, "state-dir", OPT_FILE, "DIR", offsetof(struct run_options, state_dir), NULL, \
     "where runs are kept, each under DIR/runs/ID (default .cpdflow)"}, \
    {'j', "max-parallel", OPT_COUNT, "N", offsetof(struct run_options, max_parallel), NULL, \
     "at most N commands at the same time, whatever the recipe says"}, \
    {0, "cancel-within", OPT_DURATION, "DURATION", offsetof(struct run_options, cancel_within_ms), \
     NULL, \
     "after SIGINT or SIGTERM all is over within this time, cleanup and reports included (default " \
     "10s)"}, \
    {'o', "output", OPT_CHOICE, NULL, offsetof(struct run_options, output), session_outputs, \
     "what standard output shows: text for people, or json: one event a line"}, \
    {0, "heartbeat", OPT_DURATION, "DURATION", offsetof(struct run_options, heartbeat_ms), NULL, \
     "away from a terminal: says what is running when nothing was said for so long"}, \
    {0, "color", OPT_CHOICE, NULL, offsetof(struct run_options, color), session_colors, \
     "colours (also NO_COLOR, CLICOLOR_FORCE)"}, \
    {0, "durable", OPT_FLAG, NULL, offsetof(struct run_options, is_durable), NULL, \
     "nothing is changed before the disk has the journal's word of it (else: within 100 ms)"}, \
    {'q', "quiet", OPT_FLAG, NULL, offsetof(struct run_options, is_quiet), NULL, \
     "only failures and the verdict"}, \
    {'v', "verbose", OPT_LEVEL, NULL, offsetof(struct run_options, verbosity), NULL, \
     "attempts and output of the commands too; -vv: every poll"}
/* clang-format on */

enum { SESSION_NOTICES = 8 };

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
    struct resume *resume; /* what earlier parts of the run did */
    const struct value
        *given;   /* inputs that the journal has, to be used when no option gives them */
    int lease_fd; /* 0: none */
    char *boot;   /* NULL: not known */
    char *cwd;
    const char *cpdctl; /* the file that is called so; NULL: there is none */
    struct event_notice notices[SESSION_NOTICES];
    size_t n_notices;
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
    bool has_begun; /* there was an engine: the run has something to tell */
    timer_id tick;
    timer_id watch;
    int64_t started_ms;
    char host[256];
};

struct cli_command;

/* Children are started: no replay, or one that is being renewed. */
bool session_is_live(const struct run_options *o);
/* session_load.c: loads the recipe and resolves its inputs; what is wrong is printed. CLI_OK, or CLI_USAGE. */
int session_load(struct session *s, const struct cli_command *command, const char *path);

/* session.c */
/* Which machine, since which start of it, in which directory, with which cpdctl. */
void session_look_around(struct session *s);
/* Kinds: those of lease_take(). */
bool session_take_lease(struct session *s, bool can_wait, struct err *err);
/* Told by the run at its start. */
void session_note(struct session *s, const char *kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Recipe, inputs, directory, lease and journal are there: does the work, writes the reports, closes all. Returns the exit code. */
int session_carry_out(struct session *s);
/* Of a run that has ended: the reports once more, which a crash may have prevented, and nothing else left behind. */
int session_tell_again(struct session *s);
void session_release(struct session *s);

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
