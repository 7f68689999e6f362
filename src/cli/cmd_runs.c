/*
 * `cpdflow runs`: what was run in a state directory, and how old runs go away.
 */
#include "cli/cli.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/out.h"
#include "cli/render.h"
#include "cli/run_dir.h"
#include "event/run_report.h"
#include "prune_priv.h"
#include "value/value.h"

struct runs_options {
    const char *state_dir;
    int output;
    bool is_prune;
    size_t keep;
    int64_t older_than_ms;
    bool is_resumable;
    bool with_files;
    bool is_dry;
};
enum { OUTPUT_TABLE, OUTPUT_JSON };

/* What one line says. */
struct run_line {
    const char *id;
    const char *path;
    const char *recipe;
    int64_t started_wall_ms; /* 0: not known */
    const char *verdict;
    int64_t duration_ms;
    size_t n_changes;
    bool is_alive;
    bool is_done;  /* nothing is left that a resume would do */
    char *problem; /* why the journal could not be read, NULL */
};

static size_t count_changes(const struct run_report *r) {
    struct report_counts counts = run_report_counts(r);
    size_t n = 0;
    for (int change = CHANGE_NONE + 1; change < CHANGE_COUNT; change++) {
        n += counts.by_change[change];
    }
    return n;
}

static bool ended_well(const struct run_report *r) {
    return r->is_finished && (r->verdict == VERDICT_SUCCESS || r->verdict == VERDICT_UNSTABLE);
}

/* A run whose journal cannot be read has its line too. */
static struct run_line look_at(const struct run_dir *dir, struct arena *a) {
    struct run_line line = {.id = dir->id, .path = dir->path};
    struct run_seen seen;
    struct err err = ERR_INIT;
    if (!run_dir_see(dir, &seen, &err)) {
        bool has_begun = strcmp(err.kind, "journal-empty") != 0;
        line.verdict = has_begun ? "unreadable" : "not begun";
        line.is_done = !has_begun;
        line.problem = arena_strdup(a, err.message);
        err_release(&err);
        return line;
    }
    const struct run_report *r = seen.report;
    line.recipe = r->recipe_name == NULL ? NULL : arena_strdup(a, r->recipe_name);
    line.started_wall_ms = r->started_wall_ms;
    line.verdict = run_seen_verdict(&seen);
    line.duration_ms = r->duration_ms;
    line.n_changes = count_changes(r);
    line.is_alive = seen.is_alive;
    line.is_done = ended_well(r);
    run_seen_release(&seen);
    return line;
}

/* ---- the list ---- */

static const struct value *utc(struct arena *a, int64_t wall_ms) {
    if (wall_ms == 0) {
        return &value_null;
    }
    AUTO(str) struct str text = STR_INIT(64);
    clock_format_utc(wall_ms, &text);
    return value_string(a, str_text(&text), text.len);
}

static const struct value *text_or_null(struct arena *a, const char *text) {
    return text == NULL ? &value_null : value_cstring(a, text);
}

static const struct value *json_row(struct arena *a, const struct run_line *line) {
    struct object_builder b;
    object_begin(&b, a);
    object_put_c(&b, "id", value_cstring(a, line->id));
    object_put_c(&b, "recipe", text_or_null(a, line->recipe));
    object_put_c(&b, "started", utc(a, line->started_wall_ms));
    object_put_c(&b, "verdict", value_cstring(a, line->verdict));
    object_put_c(&b, "duration_ms", value_int(a, line->duration_ms));
    object_put_c(&b, "changes", value_int(a, (int64_t)line->n_changes));
    object_put_c(&b, "can_resume",
                 value_bool(!line->is_done && !line->is_alive && line->problem == NULL));
    object_put_c(&b, "path", value_cstring(a, line->path));
    if (line->problem != NULL) {
        object_put_c(&b, "problem", value_cstring(a, line->problem));
    }
    return object_end(&b);
}

static const struct value *table_row(struct arena *a, const struct run_line *line) {
    AUTO(str) struct str duration = STR_INIT(64);
    if (line->problem == NULL) {
        num_format_duration_ms(line->duration_ms, &duration);
    }
    struct object_builder b;
    object_begin(&b, a);
    object_put_c(&b, "RUN", value_cstring(a, line->id));
    object_put_c(&b, "RECIPE", value_cstring(a, line->recipe == NULL ? "-" : line->recipe));
    object_put_c(&b, "STARTED", utc(a, line->started_wall_ms));
    object_put_c(&b, "VERDICT", value_cstring(a, line->verdict));
    object_put_c(&b, "DURATION", value_cstring(a, duration.len == 0 ? "-" : str_text(&duration)));
    object_put_c(&b, "CHANGES", value_int(a, (int64_t)line->n_changes));
    return object_end(&b);
}

static int list_runs(const struct runs_options *o, const struct run_dirs *dirs) {
    struct arena arena = ARENA_INIT(0);
    struct list_builder rows;
    list_begin(&rows, &arena);
    for (size_t i = 0; i < dirs->n; i++) {
        struct run_line line = look_at(&dirs->items[i], &arena);
        list_add(&rows,
                 o->output == OUTPUT_JSON ? json_row(&arena, &line) : table_row(&arena, &line));
    }
    struct out out;
    struct render render;
    struct err err = ERR_INIT;
    out_init(&out, STDOUT_FILENO);
    render_init(&render, o->output == OUTPUT_JSON ? RENDER_JSON : RENDER_TABLE, &out);
    bool is_shown = render_value(&render, list_end(&rows), &err);
    render_end(&render, false);
    arena_release(&arena);
    bool is_written = out_end(&out, is_shown ? &err : &(struct err)ERR_INIT);
    return is_shown && is_written ? CLI_OK : cli_fail(&err, CLI_ENVIRONMENT);
}

/* ---- prune ---- */

struct pruning {
    const struct runs_options *options;
    struct out out;
    size_t n_failed;
};

/* Of a run that does not say when it began its directory does. */
static bool is_old(const struct run_line *line, int64_t age_ms) {
    int64_t started_ms = line->started_wall_ms;
    struct stat st;
    if (started_ms == 0 && stat(line->path, &st) == 0) {
        started_ms = (int64_t)st.st_mtime * 1000;
    }
    return age_ms == 0 || clock_wall_ms() - started_ms > age_ms;
}

static void say_kept(struct pruning *p, const char *id, const char *why) {
    str_addf(&p->out.text, "kept %s: %s\n", id, why);
}

static void remove_run(struct pruning *p, const struct run_dir *dir) {
    struct err err = ERR_INIT;
    char *foreign = NULL;
    if (p->options->is_dry) {
        str_addf(&p->out.text, "would remove %s\n", dir->id);
        return;
    }
    switch (prune_run(dir, p->options->with_files, &foreign, &err)) {
    case PRUNE_REMOVED:
        str_addf(&p->out.text, "removed %s\n", dir->id);
        break;
    case PRUNE_ALIVE:
        say_kept(p, dir->id, "it is running");
        break;
    case PRUNE_FOREIGN:
        str_addf(&p->out.text, "kept %s: '%s' is not cpdflow's (--with-files removes it too)\n",
                 dir->id, foreign);
        break;
    case PRUNE_FAILED:
        p->n_failed++;
        (void)cli_fail(&err, CLI_ENVIRONMENT);
        break;
    }
    mem_free(foreign);
}

static int prune_runs(const struct runs_options *o, const struct run_dirs *dirs) {
    struct pruning p = {.options = o};
    struct arena arena = ARENA_INIT(0);
    out_init(&p.out, STDOUT_FILENO);
    for (size_t i = o->keep; i < dirs->n; i++) {
        const struct run_dir *dir = &dirs->items[i];
        struct run_line line = look_at(dir, &arena);
        if (!is_old(&line, o->older_than_ms)) {
            continue;
        }
        if (line.is_alive) {
            say_kept(&p, dir->id, "it is running");
        } else if (!line.is_done && !o->is_resumable) {
            str_addf(&p.out.text, "kept %s: %s, it can be resumed (--resumable removes it too)\n",
                     dir->id, line.verdict);
        } else {
            remove_run(&p, dir);
        }
    }
    arena_release(&arena);
    struct err err = ERR_INIT;
    if (!out_end(&p.out, &err)) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    return p.n_failed == 0 ? CLI_OK : CLI_ENVIRONMENT;
}

static int run_runs(void *options, const struct opt_list *operands) {
    const struct runs_options *o = options;
    (void)operands;
    bool has_rule = o->keep != 0 || o->older_than_ms != 0;
    if (!o->is_prune && (o->is_resumable || o->with_files || o->is_dry)) {
        return cli_usage_error(&cmd_runs,
                               "--resumable, --with-files and --dry-run are for --prune");
    }
    if (o->is_prune != has_rule) {
        return cli_usage_error(&cmd_runs, has_rule ? "--keep and --older-than are for --prune"
                                                   : "--prune needs --keep or --older-than");
    }
    struct run_dirs dirs;
    struct err err = ERR_INIT;
    if (!run_dirs_list(o->state_dir, &dirs, &err)) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    int code = o->is_prune ? prune_runs(o, &dirs) : list_runs(o, &dirs);
    run_dirs_release(&dirs);
    return code;
}

static const char *const outputs[] = {"table", "json", NULL};

static const struct opt_row rows[] = {
    {0, "state-dir", OPT_FILE, "DIR", offsetof(struct runs_options, state_dir), NULL,
     "where runs are kept (default .cpdflow)"},
    {'o', "output", OPT_CHOICE, NULL, offsetof(struct runs_options, output), outputs,
     "a table for people, or a JSON list"},
    {0, "prune", OPT_FLAG, NULL, offsetof(struct runs_options, is_prune), NULL,
     "removes old runs instead"},
    {0, "keep", OPT_COUNT, "N", offsetof(struct runs_options, keep), NULL,
     "--prune: never one of the N newest"},
    {0, "older-than", OPT_DURATION, "TIME", offsetof(struct runs_options, older_than_ms), NULL,
     "--prune: only what began longer ago (30d, 12h)"},
    {0, "resumable", OPT_FLAG, NULL, offsetof(struct runs_options, is_resumable), NULL,
     "--prune: also runs that were interrupted or failed and could be resumed"},
    {0, "with-files", OPT_FLAG, NULL, offsetof(struct runs_options, with_files), NULL,
     "--prune: also runs into whose directory a recipe wrote files, with these files"},
    {'n', "dry-run", OPT_FLAG, NULL, offsetof(struct runs_options, is_dry), NULL,
     "--prune: only says what would go"},
    OPT_END,
};

const struct cli_command cmd_runs = {
    .name = "runs",
    .summary = "list the runs of a state directory, or remove old ones",
    .operands = "",
    .completes = CLI_OPERAND_NONE,
    .options = rows,
    .options_size = sizeof(struct runs_options),
    .details = "Verdicts are those of reports, and: running; interrupted (it ended without saying "
               "how: resume it); not\n"
               "begun; unreadable. A run that is going on is never removed. With both rules a run "
               "goes that fits both.\n",
    .examples = "  cpdflow runs\n"
                "  cpdflow runs --output json | cpdflow eval \"[?verdict == 'interrupted'].id\"\n"
                "  cpdflow runs --prune --keep 20 --older-than 30d\n",
    .exits = "  0  done\n"
             "  2  wrong usage\n"
             "  4  the state directory could not be read, a run could not be removed\n",
    .run = run_runs,
};
