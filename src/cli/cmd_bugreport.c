/*
 * `cpdflow bugreport [RUN]`: Markdown for an issue, of facts that can be shown to strangers.
 *
 * It is made from a list of what is harmless, never by taking out what is not: versions, the machine, names of
 * variables, and of a run the shape: kinds of steps, states, classes of errors, counts and times. Ids, arguments, inputs, outputs,
 * messages and addresses stay at home, masked or not.
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/regex.h"
#include "base/str.h"
#include "base/version.h"
#include "cli/run_dir.h"
#include "event/run_report.h"
#include "proc/loop.h"
#include "value/json.h"
#include "value/yaml.h"

enum { STEPS_MAX = 500, NOTICES_MAX = 20 };

struct bugreport_options {
    const char *state_dir;
};

/* ---- the machine ---- */

static void add_system(struct str *out) {
    struct utsname system;
    str_add(out, "### cpdflow\n\n- cpdflow " CPDFLOW_VERSION ", compiler " __VERSION__ "\n");
    str_addf(out, "- libuv %s, cJSON %s, PCRE2 %s, libyaml %s\n", loop_library_version(),
             json_library_version(), regex_library_version(), yaml_library_version());
    if (uname(&system) == 0) {
        str_addf(out, "- %s %s %s\n", system.sysname, system.release, system.machine);
    }
}

/* Whether they are set says much; what they hold is nobody's business. */
static void add_variables(struct str *out) {
    static const char *const names[] = {
        "TERM",        "LANG",        "LC_ALL",         "NO_COLOR",       "CI",
        "JENKINS_URL", "GITLAB_CI",   "GITHUB_ACTIONS", "CPDFLOW_CONFIG", "CPD_CONFIG",
        "https_proxy", "HTTPS_PROXY", "TMPDIR",         "KUBECONFIG",     "TRACEPARENT"};
    bool is_first = true;
    str_add(out, "- variables that are set:");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (getenv(names[i]) != NULL) {
            str_addf(out, "%s %s", is_first ? "" : ",", names[i]);
            is_first = false;
        }
    }
    str_add(out, is_first ? " none that matter\n" : "\n");
}

/* ---- the run ---- */

static void add_step(struct str *out, const struct report_step *step) {
    const struct report_attempt *a = report_step_decisive(step);
    str_addf(out, "| %u | %s | %s | %s | %u | %u | ", step->index + 1,
             step->action != NULL ? step->action : "?", step_status_names[step->status],
             step->error_class != CLASS_NONE ? error_class_names[step->error_class] : "",
             step->n_attempts, step->n_polls);
    if (a != NULL && a->is_finished && a->signal != 0) {
        str_addf(out, "signal %d", a->signal);
    } else if (a != NULL && a->is_finished && a->http_status != 0) {
        str_addf(out, "HTTP %d", a->http_status);
    } else if (a != NULL && a->is_finished && a->exit_code >= 0) {
        str_addf(out, "exit %d", a->exit_code);
    }
    str_addf(out, " | %lld |\n", (long long)step->duration_ms);
}

static void add_notices(struct str *out, const struct run_report *r) {
    for (size_t i = 0; i < r->n_notices && i < NOTICES_MAX; i++) {
        str_addf(out, "- notice %s after %lld ms\n", r->notices[i]->kind,
                 (long long)r->notices[i]->at_ms);
    }
}

static void add_run(struct str *out, const struct run_seen *seen) {
    const struct run_report *r = seen->report;
    str_addf(out, "\n### the run\n\n- %s, exit code %d, %lld ms, mode %s, started %u times\n",
             run_seen_verdict(seen), r->is_finished ? r->exit_code : -1, (long long)r->duration_ms,
             r->mode != NULL ? r->mode : "?", r->n_starts);
    str_addf(out, "- written by cpdflow %s; %llu torn bytes at the journal's end\n",
             r->version != NULL ? r->version : "?", (unsigned long long)seen->torn_bytes);
    if (r->is_cancelled) {
        str_addf(out, "- cancelled by signal %d after %lld ms\n", r->cancel_signal,
                 (long long)r->cancelled_ms);
    }
    add_notices(out, r);
    str_add(out, "\n| step | action | status | class | attempts | polls | last | ms |\n"
                 "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < r->n_steps && i < STEPS_MAX; i++) {
        add_step(out, r->steps[i]);
    }
    if (r->n_steps > STEPS_MAX) {
        str_addf(out, "\nand %zu more steps\n", r->n_steps - STEPS_MAX);
    }
}

static bool see_run(const char *state_dir, const char *name, struct str *out, struct err *err) {
    struct run_dir dir;
    struct run_seen seen;
    if (!run_dir_find(state_dir, name, &dir, err)) {
        return false;
    }
    bool ok = run_dir_see(&dir, &seen, err);
    if (ok) {
        add_run(out, &seen);
        run_seen_release(&seen);
    }
    run_dir_release(&dir);
    return ok;
}

static int run_bugreport(void *options, const struct opt_list *operands) {
    const struct bugreport_options *o = options;
    AUTO(str) struct str text = STR_INIT(0);
    add_system(&text);
    add_variables(&text);
    struct err err = ERR_INIT;
    if (operands->n > 0 && !see_run(o->state_dir, operands->items[0], &text, &err)) {
        return cli_fail(&err, CLI_USAGE);
    }
    str_add(&text, "\n### what happened, and what you expected\n\n\n");
    return cli_print(&text, CLI_OK);
}

static const struct opt_row rows[] = {
    {0, "state-dir", OPT_FILE, "DIR", offsetof(struct bugreport_options, state_dir), NULL,
     "where runs are kept (default .cpdflow)"},
    OPT_END,
};

const struct cli_command cmd_bugreport = {
    .name = "bugreport",
    .summary = "collect what is safe to show to strangers",
    .operands = "[RUN]",
    .max_operands = 1,
    .options = rows,
    .options_size = sizeof(struct bugreport_options),
    .details =
        "Prints Markdown for an issue: versions, the machine, and of RUN (an id, the beginning of "
        "one, `last`, or a\n"
        "directory) the shape: kinds of steps, states, error classes, attempts, times. No ids, "
        "arguments, inputs,\n"
        "outputs, messages or addresses: nothing is taken from the run that is not on that list.\n",
    .examples = "  cpdflow bugreport last >issue.md\n",
    .exits = "  0  printed\n"
             "  2  there is no such run, or its journal cannot be read\n",
    .run = run_bugreport,
};
