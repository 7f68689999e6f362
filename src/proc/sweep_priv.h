/*
 * Descendants that left their group: they become children of ours when their parent dies (we are a subreaper), and the sweep
 * finds, kills and reaps them.
 *
 * A process that has only left its group is known by its session, which is its child's. Who started one that has left the
 * session too is not recorded anywhere. So it is taken for a descendant of the child that just ended when it started after
 * that child and after no other child that still lives; when another living child may be its ancestor it is left for that
 * one's end. Children that we had before the sweep was made (a shell's `helper & exec cpdflow`) are never touched.
 */
#ifndef PROC_SWEEP_PRIV_H
#define PROC_SWEEP_PRIV_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct sweep;

/* Becomes the parent of orphaned descendants. */
void sweep_adopt_orphans(void);
struct sweep *sweep_new(void);
void sweep_free(struct sweep *s);
/* "Now" as the start time of a process started from now on. */
uint64_t sweep_clock(void);

struct sweep_process {
    pid_t pid;
    pid_t group;
    pid_t session;
    uint64_t started; /* as sweep_clock() */
    bool is_exiting;  /* on its way out already */
};
struct sweep_judge {
    /* A child whose owner reaps it himself. */
    bool (*is_own)(pid_t pid, void *ctx);
    /* An adopted process that lives: is it to be ended now? */
    bool (*is_victim)(const struct sweep_process *process, void *ctx);
    void *ctx;
};
/*
 * One round: reaps adopted zombies, kills victims. Returns how many victims were alive, adds those to *n_found that were
 * not seen in an earlier round and not about to end by themselves. Repeat a little later until it returns 0: the dead leave us their children.
 */
unsigned sweep_round(struct sweep *s, const struct sweep_judge *judge, unsigned *n_found);
/* Rounds until no victim is left, waiting for their deaths, for 2 s at most: for the end, when no loop runs. */
void sweep_finish(struct sweep *s, const struct sweep_judge *judge);

#endif
