/*
 * The libuv loop of a live run: timers, signals, children. Calling order:
 *
 *   proc_prepare_process();                 // first thing in main(): fds 0-2, signal mask, SIGPIPE, close-on-exec, subreaper
 *   struct loop *l = loop_new(err);
 *   loop_timers(l, &timers);  proc_runner(l, &options, &runner);    // (proc/proc.h)
 *   loop_on_signal(l, fn, ctx);
 *   loop_run(l);                            // until loop_stop() and every handle is closed
 *   loop_free(l);                           // asserts that nothing is left
 */
#ifndef PROC_LOOP_H
#define PROC_LOOP_H

#include <stdbool.h>

struct err;
struct loop;
struct timers;

/*
 * Makes the inherited process state safe: opens /dev/null on closed fds 0-2, empties the signal mask, ignores SIGPIPE and SIGXFSZ, marks all
 * other fds close-on-exec, becomes a child subreaper. Safe to call once, before anything else.
 */
void proc_prepare_process(void);

/*
 * SIGINT, SIGTERM, SIGHUP and SIGQUIT wait: for the whole process, until loop_on_signal() takes them or proc_pass_signals() lets
 * them do what they do. For as long as there is something that must not stay behind, and no longer: nobody can end a process that holds them.
 */
void proc_hold_signals(void);
void proc_pass_signals(void);

struct loop *loop_new(struct err *err);
void loop_timers(struct loop *l, struct timers *ret_timers);
/*
 * `fn(signal, count)` on SIGINT, SIGTERM, SIGHUP and SIGQUIT, each only when it was not ignored on entry; `count` counts all of them.
 * Those that proc_hold_signals() held back come first.
 */
void loop_on_signal(struct loop *l, void (*fn)(int signal, unsigned count, void *ctx), void *ctx);
/* Runs until loop_stop() was called and every child is gone; also returns when no timer and no child is left to wait for. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
void loop_free(struct loop *l);

/* Of libuv as it is loaded: "1.44.2". */
const char *loop_library_version(void);

#endif
