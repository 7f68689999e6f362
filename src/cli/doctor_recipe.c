/*
 * What one recipe needs of this machine: programs, inputs, and a cpdctl that has its commands.
 */
#include "doctor_priv.h"
#include "program_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "recipe/catalogue.h"
#include "recipe/load.h"

/* ---- programs -------------------------------------------------------------------------------- */

static void look_at_own_programs(struct doctor *d, const struct recipe *r) {
    struct map programs = MAP_INIT;
    program_collect(r, &programs);
    for (size_t i = 0; i < programs.n_entries; i++) {
        const char *name = programs.entries[i].key;
        if (strcmp(name, "cpdctl") == 0 || strcmp(name, "curl") == 0) {
            continue; /* looked at already */
        }
        const char *path = program_find(&d->arena, name);
        if (path != NULL) {
            doctor_say(d, "program", DOCTOR_OK, NULL, "%s, %s", name, path);
        } else {
            doctor_say(d, "program", DOCTOR_FAIL, "install it, or put its folder on PATH",
                       "%s calls %s, which is not on PATH", r->name, name);
        }
    }
    map_release(&programs);
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static bool has_value(const struct input *in) {
    const char *value = in->env != NULL ? getenv(in->env) : NULL;
    return in->default_value != NULL || in->is_optional || value != NULL;
}

static void look_at_inputs(struct doctor *d, const struct recipe *r) {
    AUTO(str) struct str missing = STR_INIT(LIMIT_MESSAGE);
    AUTO(str) struct str help = STR_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct input *in = &r->inputs[i];
        if (has_value(in)) {
            continue;
        }
        str_addf(&missing, "%s%s", missing.len > 0 ? ", " : "", in->name);
        str_addf(&help, "%s%s%s", help.len > 0 ? " " : "", in->env != NULL ? in->env : "--input ",
                 in->env != NULL ? "=…" : in->name);
        str_add(&help, in->env != NULL ? "" : "=…");
    }
    if (missing.len > 0) {
        doctor_say(d, "inputs", DOCTOR_WARN, str_text(&help), "%s still needs %s", r->name,
                   str_text(&missing));
    } else {
        doctor_say(d, "inputs", DOCTOR_OK, NULL, "%s has all it needs", r->name);
    }
}

/* ---- calls ----------------------------------------------------------------------------------- */

static bool is_about_contract(const char *kind) {
    static const char *const kinds[] = {"unknown-command", "unknown-flag", "other-version",
                                        "missing-flag",    "flag-value",   "repeated-flag",
                                        "extra-argument"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i], kind) == 0) {
            return true;
        }
    }
    return false;
}

static void say_findings(struct doctor *d, const struct diagnostics *found, bool are_all_meant) {
    for (size_t i = 0; i < found->n; i++) {
        const struct diagnostic *item = &found->items[i];
        if (are_all_meant ? !item->is_warning : is_about_contract(item->err.kind)) {
            doctor_say(d, "calls", item->is_warning ? DOCTOR_WARN : DOCTOR_FAIL, item->err.hint,
                       "%s:%u: %s", item->err.place.file, item->err.place.line, item->err.message);
        }
    }
}

static void look_at_version(struct doctor *d, const struct recipe *r) {
    if (r->cpdctl_version == NULL || d->cpdctl_version == NULL) {
        return;
    }
    struct catalogue *c = catalogue_cpdctl();
    bool is_exact = false;
    size_t wanted = catalogue_version(c, r->cpdctl_version, &is_exact);
    size_t here = catalogue_version(c, d->cpdctl_version, &is_exact);
    /* 1.8 is satisfied by 1.8.1: only what was asked for counts, part by part. */
    bool is_older = catalogue_compare_versions(d->cpdctl_version, r->cpdctl_version) < 0;
    bool has_gap = (wanted == 0) != (here == 0);
    if (is_older || has_gap) {
        doctor_say(d, "cpdctl", DOCTOR_FAIL, "use that version, or the recipe for this one",
                   "%s is written for cpdctl %s, this is %s", r->name, r->cpdctl_version,
                   d->cpdctl_version);
    }
    catalogue_free(c);
}

/* ---- versions -------------------------------------------------------------------------------- */

/* The programs of the recipe's catalogues say themselves which version they are. */
struct versions {
    struct program_version *items;
    size_t n;
};

static void add_version(struct versions *v, const char *program, const char *version) {
    v->items = mem_realloc(v->items, v->n + 1, sizeof *v->items);
    v->items[v->n++] = (struct program_version){program, version};
}

static const char *version_of(const struct versions *v, const char *program) {
    for (size_t i = 0; i < v->n; i++) {
        if (strcmp(v->items[i].program, program) == 0) {
            return v->items[i].version;
        }
    }
    return NULL;
}

static const char *ask_version(struct doctor *d, const struct recipe_catalogue *c) {
    const char *path = program_find(&d->arena, c->program);
    if (path == NULL) {
        return NULL; /* told with the programs */
    }
    size_t n = 0;
    while (c->asks[n] != NULL) {
        n++;
    }
    const char **argv = arena_zalloc(&d->arena, (n + 2) * sizeof *argv);
    argv[0] = path;
    memcpy(argv + 1, c->asks, n * sizeof *argv);
    const char *why = NULL;
    const char *text = program_ask(&d->arena, argv, &why);
    size_t len = 0;
    const char *version = text == NULL ? NULL : catalogue_find_version(text, &len);
    if (version == NULL) {
        doctor_say(d, "version", DOCTOR_WARN,
                   "`asks` in its catalogue says with which arguments it tells its version",
                   "%s %s does not say a version%s%s", c->program, c->asks[0],
                   text == NULL ? ": " : "", text == NULL ? why : "");
        return NULL;
    }
    return arena_strndup(&d->arena, version, len);
}

/* Each program is asked once, however many recipes have a catalogue of it. */
static void look_at_catalogue(struct doctor *d, const struct recipe *r,
                              const struct recipe_catalogue *c, struct versions *v) {
    const char *here = version_of(v, c->program);
    if (here == NULL) {
        here = ask_version(d, c);
        if (here == NULL) {
            return;
        }
        add_version(v, arena_strdup(&d->arena, c->program), here);
        doctor_say(d, "version", DOCTOR_OK, NULL, "%s %s", c->program, here);
    }
    if (c->version != NULL && catalogue_compare_versions(here, c->version) < 0) {
        doctor_say(d, "version", DOCTOR_FAIL, "use that version, or the recipe for this one",
                   "%s is written for %s %s, this is %s", r->name, c->program, c->version, here);
    }
}

static void look_at_catalogues(struct doctor *d, const struct recipe *r, struct versions *v) {
    for (size_t i = 0; i < r->n_catalogues; i++) {
        look_at_catalogue(d, r, &r->catalogues[i], v);
    }
}

/* What this machine has for the recipe and those that it uses. */
static struct versions versions_for(struct doctor *d, const char *file) {
    struct versions v = {NULL, 0};
    struct diagnostics found = DIAGNOSTICS_INIT;
    struct recipe *r = recipe_load(file, &found);
    if (d->cpdctl_version != NULL) {
        add_version(&v, "cpdctl", d->cpdctl_version);
    }
    if (r != NULL) {
        look_at_catalogues(d, r, &v);
        for (size_t i = 0; i < r->n_used; i++) {
            look_at_catalogues(d, r->used[i], &v);
        }
    }
    recipe_free(r);
    diagnostics_release(&found);
    return v;
}

void doctor_look_at_recipe(struct doctor *d, const char *file) {
    struct diagnostics found = DIAGNOSTICS_INIT;
    struct versions here = versions_for(d, file);
    struct recipe *r = recipe_load_for(file, here.items, here.n, &found);
    size_t n_before = d->n;
    say_findings(d, &found, r == NULL);
    if (r != NULL) {
        if (d->n == n_before) {
            doctor_say(d, "calls", DOCTOR_OK, NULL, "%s fits %s%s", r->name,
                       d->cpdctl_version != NULL && r->cpdctl_version == NULL ? "cpdctl "
                                                                              : "its catalogue",
                       d->cpdctl_version != NULL && r->cpdctl_version == NULL ? d->cpdctl_version
                                                                              : "");
        }
        look_at_version(d, r);
        look_at_own_programs(d, r);
        look_at_inputs(d, r);
    }
    mem_free(here.items);
    recipe_free(r);
    diagnostics_release(&found);
}
