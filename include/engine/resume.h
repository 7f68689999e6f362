/*
 * What earlier parts of a run did, folded from its journal, for the engine that goes on with it.
 *
 *   struct resume *r = resume_new();
 *   journal_resume(path, resume_apply, r, &info, &err);
 *   resume_decide(r, "store", RESUME_REDO, NULL, &err);      // --redo, --accept
 *   if (!resume_check(r, &err)) …                            // steps of which nobody knows whether they did their work
 *   options.resume = r;                                      // of engine_new(); resume_free() after engine_free()
 *
 * The rules (recipes/README.md has them for people):
 * - A step that succeeded, was tolerated, or was skipped by its own condition is not run again; what it gave is restored.
 * - One that failed, was cancelled or was interrupted is run again. `ensure` then looks first whether its object is there after all.
 *   A changing call of which it is not known whether it did its work is never run again unless somebody decides so.
 * - A step that its cleanup undid is done again with all that need it, unless the whole main part was done: then only what is left of
 *   cleanup and finally is run.
 * - What cannot be restored because it is secret or too large is read again where the step only reads or ensures.
 */
#ifndef ENGINE_RESUME_H
#define ENGINE_RESUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct event;
struct recipe;
struct resume;
struct value;

/* As the first start of the run said it; texts live as long as the fold. */
struct resume_run {
    const char *run_id;
    const char *recipe_file;
    const char *recipe_digest;
    const char *mode;
    const char *version;
    const char *host;
    const char *boot;
    const char *cwd;
    const char *cpdctl;         /* as in the event; NULL: not known */
    const char *cpdctl_version; /* where a step asked for it; NULL: not known */
    int64_t user;
    uint64_t seed;
    int64_t pid;                /* of the newest part */
    const struct value *inputs; /* object; secrets are masked */
    const struct value
        *parts; /* digests of what the recipe says beside its steps; NULL: not known */
    int64_t started_wall_ms;
    int64_t last_ms; /* of the newest event, since the start */
    int64_t last_wall_ms;
    unsigned n_starts;
    bool is_finished; /* the newest part came to its end … */
    bool was_success; /* … with success or unstable: nothing is left to do */
    int exit_code;
};

enum resume_change_kind { RESUME_CHANGED, RESUME_ADDED, RESUME_REMOVED };

/* Something that a recipe says otherwise than the one that the run went on with last. */
struct resume_change {
    enum resume_change_kind kind;
    const char
        *name; /* "install/space"; of what is no step "vars.stamp"; lives as long as the fold */
    bool is_step;
    bool is_done; /* it will not be run again */
    bool reads;   /* it was done and changed nothing */
};
struct resume_changes {
    struct resume_change
        *items; /* in order of the recipe: steps, then what is gone of them, then the rest */
    size_t n;
    bool is_known; /* the journal has what it takes to know */
};

enum resume_choice { RESUME_REDO, RESUME_ACCEPT };

struct resume *resume_new(void);
void resume_free(struct resume *r);
/* A journal_event_fn; never fails. */
bool resume_apply(const struct event *ev, void *resume, struct err *err);
const struct resume_run *resume_run(const struct resume *r);
/* What was changed; comments, layout, the order of keys and names for people do not count. */
void resume_compare(struct resume *r, const struct recipe *recipe,
                    struct resume_changes *ret_changes);
void resume_changes_release(struct resume_changes *changes);
/*
 * What somebody decided about the step `name`: its id, or with the steps around it "install/space". REDO: run it again
 * whatever it did. ACCEPT: it did its work and gave `result` (NULL: null). Kinds: unknown-step, ambiguous-step.
 */
bool resume_decide(struct resume *r, const char *name, enum resume_choice choice,
                   const struct value *result, struct err *err);
/* Kind unknown-outcome: names every changing step of which nobody knows whether it did its work, and was not decided about. */
bool resume_check(const struct resume *r, struct err *err);

#endif
