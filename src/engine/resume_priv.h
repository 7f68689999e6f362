/*
 * The past of a run, step by step, between the fold (resume.c) and the engine that restores it (restore.c).
 */
#ifndef ENGINE_RESUME_PRIV_H
#define ENGINE_RESUME_PRIV_H

#include "base/arena.h"
#include "base/map.h"
#include "engine/resume.h"
#include "event/event.h"

enum past_decision { PAST_UNDECIDED, PAST_REDO, PAST_ACCEPT };

/* One step as the journal left it. */
struct past_step {
    struct event_step who;
    char *path; /* "install/space": for people */
    bool is_started;
    bool is_finished; /* since it was started last */
    struct event_step_finished end;
    uint32_t order; /* of its end among all ends */
    unsigned n_attempts;
    uint32_t n_children;

    bool has_attempt;     /* since then */
    bool is_attempt_open; /* begun, and no word of its end */
    bool is_done_unseen;  /* the last attempt worked, and the step's end was not written */
    bool attempt_reads;
    bool asks_version;     /* the last attempt is `cpdctl version` */
    bool is_clear_failure; /* the last attempt failed and said so */
    enum step_change
        floor; /* what an interrupted or failed `ensure` had begun or done: at least this */
    bool is_updated;

    bool is_undone; /* a cleanup of it was begun, and it was not done again */
    enum past_decision decision;
    const struct value *accepted;
    const struct value *vars; /* of the recipe that a `use` step ran */
};

struct resume {
    struct arena arena;
    struct resume_run run;
    struct past_step **steps; /* by index */
    uint32_t n_steps;
    uint32_t n_ends;
    struct map by_place;      /* add_key() of resume.c -> struct past_step * */
    const struct value *vars; /* of the recipe itself */
};

/* NULL: no such step was ever declared. `parent` and `owner` as in struct event_step. */
struct past_step *resume_find(const struct resume *r, const struct event_step *who);
/* It ended, and not so that it has to be run again. */
bool past_is_done(const struct past_step *p);

#endif
