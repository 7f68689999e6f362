/*
 * Where a run goes on: the machine, its start, the user, the directory and cpdctl, each beside what it was when the run began.
 *
 * What may mean that the run still goes on elsewhere, or that its paths lead elsewhere, is refused unless the caller says that it is
 * meant. The rest is told: people who read the report want to know that the machine was started anew in the middle of it.
 */
#include "resume_priv.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "base/version.h"
#include "engine/resume.h"
#include "program_priv.h"
#include "recipe/catalogue.h"
#include "recipe/load.h"

/* What one of them does not know is not another. */
static bool is_same(const char *a, const char *b) {
    return a == NULL || b == NULL || strcmp(a, b) == 0;
}

bool place_is_new_boot(const struct session *s) {
    return !is_same(resume_run(s->resume)->boot, s->boot);
}

bool place_check(const struct session *s, bool takes_other, struct err *err) {
    const struct resume_run *run = resume_run(s->resume);
    if (run->run_id == NULL) {
        err_set(err, "run-not-begun", "%s: the run ended before its first step", s->dir.path);
        err_hint(err, "run the recipe: nothing of it was done");
        return false;
    }
    if (strcmp(run->mode, "run") != 0 && strcmp(run->mode, "record") != 0) {
        return err_set(err, "run-not-live", "%s: a %s has nothing to go on with", s->dir.path,
                       run->mode);
    }
    if (!takes_other && !is_same(run->host, s->host)) {
        err_set(err, "other-host", "the run began on host '%s', this is '%s'", run->host, s->host);
        err_hint(err, "whether it still goes on there cannot be seen from here; if it does not: "
                      "--other-host");
        return false;
    }
    if (!takes_other && run->user != (int64_t)getuid()) {
        err_set(err, "other-host", "the run belongs to user %lld, this is user %lld",
                (long long)run->user, (long long)getuid());
        err_hint(err, "--other-host goes on all the same");
        return false;
    }
    if (!takes_other && !is_same(run->cwd, s->cwd)) {
        err_set(err, "other-directory", "the run began in %s, and its paths begin there", run->cwd);
        err_hint(err, "cd %s, or --other-host where the directory has another name now", run->cwd);
        return false;
    }
    return true;
}

/* ---- what is told ---- */

static void tell_machine(struct session *s) {
    const struct resume_run *run = resume_run(s->resume);
    if (!is_same(run->host, s->host)) {
        session_note(s, "other-host", "goes on on host '%s', began on '%s'", s->host, run->host);
    } else if (place_is_new_boot(s)) {
        session_note(s, "new-boot",
                     "the machine was started anew since then (or is another of the same name): "
                     "no process of the run is left on it");
    }
    if (run->user != (int64_t)getuid()) {
        session_note(s, "other-user", "goes on as user %lld, began as %lld", (long long)getuid(),
                     (long long)run->user);
    }
    if (!is_same(run->cwd, s->cwd)) {
        session_note(s, "other-directory", "goes on in %s, began in %s", s->cwd, run->cwd);
    }
    if (!is_same(run->version, CPDFLOW_VERSION)) {
        session_note(s, "other-version", "goes on with cpdflow %s, began with %s", CPDFLOW_VERSION,
                     run->version);
    }
}

static bool needs_cpdctl(const struct recipe *recipe) {
    struct map programs = MAP_INIT;
    program_collect(recipe, &programs);
    bool is_needed = map_get(&programs, "cpdctl") != NULL;
    map_release(&programs);
    return is_needed;
}

/* " (1.8.1)", or nothing where it does not say. */
static const char *version_now(struct session *s) {
    const char *const argv[] = {program_find(&s->arena, "cpdctl"), "version", NULL};
    const char *why = NULL;
    const char *text = argv[0] == NULL ? NULL : program_ask(&s->arena, argv, &why);
    size_t len = 0;
    const char *version = text == NULL ? NULL : catalogue_find_version(text, &len);
    return version == NULL ? "" : arena_printf(&s->arena, " (%.*s)", (int)len, version);
}

static void tell_cpdctl(struct session *s) {
    const struct resume_run *run = resume_run(s->resume);
    if (is_same(run->cpdctl, s->cpdctl) || !needs_cpdctl(s->recipe)) {
        return;
    }
    const char *then =
        run->cpdctl_version == NULL ? "" : arena_printf(&s->arena, " (%s)", run->cpdctl_version);
    session_note(s, "other-cpdctl",
                 "cpdctl is another than when the run began: it was %s%s, is %s%s", run->cpdctl,
                 then, s->cpdctl, version_now(s));
}

void place_tell(struct session *s) {
    tell_machine(s);
    tell_cpdctl(s);
}
