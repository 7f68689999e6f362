/*
 * What a step of a recipe does and when, and what a command of cpdctl takes, in a few lines for people.
 */
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/diagnose.h"
#include "explain_priv.h"
#include "expr/expr.h"
#include "expr/template.h"
#include "recipe/catalogue.h"
#include "recipe/load.h"

/* ---- steps ----------------------------------------------------------------------------------- */

static const struct step *find_step(const struct step *steps, size_t n, const char *id) {
    const struct step *found = NULL;
    for (size_t i = 0; i < n && found == NULL; i++) {
        found = strcmp(steps[i].id, id) == 0 ? &steps[i] : NULL;
        found = found != NULL ? found : find_step(steps[i].steps, steps[i].n_steps, id);
        found = found != NULL ? found : find_step(steps[i].cleanup, steps[i].n_cleanup, id);
    }
    return found;
}

static const char *text_of(const struct template *t) {
    return t != NULL ? template_text(t) : "…";
}

static void add_call(const char *what, const struct call *call, struct str *out) {
    if (call == NULL) {
        return;
    }
    str_addf(out, "  %s:", what);
    if (call->kind == CALL_HTTP) {
        str_addf(out, " %s %s",
                 call->http->method != NULL ? text_of(call->http->method) : "request to",
                 text_of(call->http->url));
    }
    str_add(out, call->kind == CALL_CPDCTL  ? " cpdctl"
                 : call->kind == CALL_SHELL ? " a script"
                 : call->kind == CALL_READ  ? " reads a file"
                 : call->kind == CALL_WRITE ? " writes a file"
                                            : "");
    for (size_t i = 0; i < call->n_args; i++) {
        str_addf(out, " %s",
                 call->args[i].kind == ARG_TEMPLATE ? text_of(call->args[i].template) : "…");
    }
    for (size_t i = 0; i < call->n_flags; i++) {
        str_addf(out, " --%s", call->flags[i].name);
    }
    str_add(out, call->reads ? " (changes nothing)\n" : "\n");
}

static void add_duration(const char *what, const struct field_duration *d, struct str *out) {
    if (!d->is_set) {
        return;
    }
    str_addf(out, "  %s: ", what);
    if (d->template != NULL) {
        str_add(out, template_text(d->template));
    } else {
        num_format_duration_ms(d->ms, out);
    }
    str_add_char(out, '\n');
}

static void add_wait(const struct wait_spec *wait, struct str *out) {
    if (wait == NULL) {
        return;
    }
    if (wait->until != NULL) {
        str_addf(out, "  waits until: %s\n", expr_text(wait->until));
    }
    if (wait->fail_if != NULL) {
        str_addf(out, "  gives up if: %s\n", expr_text(wait->fail_if));
    }
    add_duration("waits at most", &wait->timeout, out);
}

static void add_ensure(const struct ensure_action *ensure, struct str *out) {
    add_call("finds it by", ensure->find, out);
    add_call("creates it by", ensure->create, out);
    add_call("updates it by", ensure->update, out);
    add_call("removes duplicates by", ensure->remove, out);
    add_wait(ensure->ready, out);
}

static void add_needs(const struct step *step, struct str *out) {
    for (size_t i = 0; i < step->n_needs; i++) {
        str_addf(out, "%s%s", i == 0 ? "  runs after: " : ", ", step->needs[i]->id);
    }
    str_add(out, step->n_needs > 0 ? "\n" : "  runs at once\n");
}

static void add_step(const struct recipe *r, const struct step *step, struct str *out) {
    str_addf(out, "%s: a step of %s, %s:%u%s%s\n", step->id, r->name, step->place.file,
             step->place.line, step->name != NULL ? ": " : "",
             step->name != NULL ? step->name : "");
    add_needs(step, out);
    if (step->condition != NULL) {
        str_addf(out, "  only if: %s\n", expr_text(step->condition));
    }
    if (step->foreach != NULL) {
        str_addf(out, "  once for each %s\n", step->as);
    }
    add_call("calls", step->call, out);
    if (step->ensure != NULL) {
        add_ensure(step->ensure, out);
    }
    if (step->use != NULL) {
        str_addf(out, "  uses: %s\n", step->use->file);
    }
    for (size_t i = 0; i < step->n_steps; i++) {
        str_addf(out, "%s%s", i == 0 ? "  holds: " : ", ", step->steps[i].id);
    }
    str_add(out, step->n_steps > 0 ? "\n" : "");
    add_wait(step->wait, out);
    add_duration("pauses", &step->pause, out);
    add_duration("each attempt at most", &step->rules->timeout, out);
    for (size_t i = 0; i < step->n_outputs; i++) {
        str_addf(out, "  output %s: %s\n", step->outputs[i].name, expr_text(step->outputs[i].expr));
    }
    for (size_t i = 0; i < step->n_expect; i++) {
        if (step->expect[i].that != NULL) {
            str_addf(out, "  expects: %s\n", expr_text(step->expect[i].that));
        }
    }
    for (size_t i = 0; i < step->n_cleanup; i++) {
        str_addf(out, "%s%s", i == 0 ? "  undone by: " : ", ", step->cleanup[i].id);
    }
    str_add(out, step->n_cleanup > 0 ? "\n" : "");
}

bool explain_step(const char *file, const char *id, struct str *out, struct err *err) {
    struct diagnostics found = DIAGNOSTICS_INIT;
    struct recipe *r = recipe_load(file, &found);
    const struct step *step = NULL;
    if (r != NULL) {
        step = find_step(r->steps, r->n_steps, id);
        step = step != NULL ? step : find_step(r->finally, r->n_finally, id);
        if (step != NULL) {
            add_step(r, step, out);
        } else {
            err_set(err, "undefined-step", "%s has no step '%s'", file, id);
            err_hint(err, "cpdflow completion steps %s", file);
        }
    } else {
        err_set(err, "usage", "%s is no recipe without errors", file);
        err_hint(err, "cpdflow check %s", file);
    }
    recipe_free(r);
    diagnostics_release(&found);
    return step != NULL;
}

/* ---- commands of cpdctl ---------------------------------------------------------------------- */

static void add_span(const struct catalogue *c, const struct catalogue_span *span,
                     struct str *out) {
    if (span->since > 0 && c->versions[span->since] != NULL) {
        str_addf(out, ", since %s", c->versions[span->since]);
    }
    if (span->until != SIZE_MAX) {
        str_addf(out, ", until %s", c->versions[span->until]);
    }
}

static void add_command(const struct catalogue *c, const struct catalogue_command *command,
                        struct str *out) {
    str_addf(out, "%s: a command of %s, %s", command->path, c->program,
             command->reads ? "changes nothing" : "changes something");
    add_span(c, &command->span, out);
    str_add(out, command->has_output ? "\n  Answers in JSON.\n" : "\n");
    if (command->wait != NULL) {
        str_addf(out, "  With --async it only starts; `%s` waits for it.\n", command->wait);
    }
    for (size_t i = 0; i < command->n_flags; i++) {
        const struct catalogue_flag *flag = &command->flags[i];
        str_addf(out, "  --%s: %s%s", flag->name, catalogue_type_names[flag->type],
                 flag->is_required ? ", required" : "");
        if (flag->instead != NULL) {
            str_addf(out, " unless --%s is given", flag->instead);
        }
        add_span(c, &flag->span, out);
        str_add_char(out, '\n');
    }
}

void explain_command(const char *path, struct str *out) {
    struct catalogue *c = catalogue_cpdctl();
    const struct catalogue_command *command;
    for (size_t i = 0; (command = catalogue_at(c, i)) != NULL; i++) {
        if (strcmp(command->path, path) == 0) {
            str_add(out, out->len > 0 ? "\n" : "");
            add_command(c, command, out);
        }
    }
    catalogue_free(c);
}
