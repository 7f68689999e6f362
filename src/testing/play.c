/*
 * One case: directory, inputs, files, the run, the verdict.
 */
#include "testing/play.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "calls_priv.h"
#include "engine/engine.h"
#include "event/event.h"
#include "event/run_report.h"
#include "fakes_priv.h"
#include "judge_priv.h"
#include "maxima.h"
#include "proc/fake.h"
#include "recipe/load.h"
#include "recipe/params.h"
#include "recipe/suite.h"
#include "replay/player.h"
#include "replay/tape.h"
#include "testing/coverage.h"
#include "value/json.h"
#include "value/value.h"

/* Every run begins at the same moment with the same chance, so that times and texts are the same each time. */
#define WALL_START_MS INT64_C(1577836800000) /* 2020-01-01T00:00:00Z */
enum { SEED = 1 };

/* Everything that lives as long as one case. */
struct play {
    const struct play_setup *setup;
    struct play_result *result;
    struct arena arena;
    char *dir; /* of the case; `run.dir` is .run in it */
    char *run_dir;
    char *tmp_dir;
    int old_dir_fd;
    const struct value *inputs;
    const struct value *public_inputs;
    struct fake_timers *clock;
    struct timers timers;
    struct tape_names names;
    struct player *player;
    struct runner cassette;
    struct fakes *fakes;
    struct runner runner;
    struct event_bus bus;
    struct run_report *report;
    struct calls calls;
    struct engine *engine;
};

/* In the form of a real one: no word that an argument may be, since it stands for {{run.id}} wherever it occurs. */
#define RUN_ID "20000101-000000-test"

static bool fail(struct play *p, struct err *err) {
    judge_add(p->result, &p->setup->run->place, "%s", err->message);
    err_release(err);
    return false;
}

/* ---- directory and files ---- */

static bool write_file(struct play *p, const char *name, const char *text, size_t len) {
    struct err err = ERR_INIT;
    char *path = file_join(p->dir, name);
    char *dir = file_dirname(path);
    bool is_fine =
        file_make_dirs(dir, 0700, &err) && file_write_atomic(path, text, len, 0600, &err);
    mem_free(dir);
    mem_free(path);
    return is_fine || fail(p, &err);
}

static bool copy_file(struct play *p, const char *name, const char *from) {
    AUTO(str) struct str text = STR_INIT(LIMIT_RESULT_BYTES);
    struct err err = ERR_INIT;
    char *path = file_join(p->setup->suite_dir, from);
    bool is_fine = file_read(path, LIMIT_RESULT_BYTES, &text, &err) || fail(p, &err);
    mem_free(path);
    return is_fine && write_file(p, name, str_text(&text), text.len);
}

/* A text, or {json: …}, {text: …}, {from: PATH}. Nothing is written outside the case's directory. */
static bool make_file(struct play *p, const char *name, const struct value *v) {
    const struct value *json = value_get(v, "json");
    const char *from = value_text(value_get(v, "from"));
    const char *text = value_text(v->type == VALUE_OBJECT ? value_get(v, "text") : v);
    bool is_inside = name[0] != '/' && strstr(name, "..") == NULL;
    if (!is_inside || (json == NULL && from == NULL && text == NULL)) {
        return judge_add(p->result, &p->setup->run->place,
                         "files: '%s' is not a name in the directory of the run with a text, "
                         "{json: …}, {text: …} or {from: PATH}",
                         name);
    }
    if (from != NULL) {
        return copy_file(p, name, from);
    }
    AUTO(str) struct str content = STR_INIT(LIMIT_RESULT_BYTES);
    if (json != NULL) {
        json_print(&content, json, JSON_COMPACT);
    } else {
        str_add(&content, text);
    }
    return write_file(p, name, str_text(&content), content.len);
}

static bool make_files(struct play *p) {
    const struct value *files = p->setup->run->files;
    for (uint32_t i = 0; files != NULL && i < files->len; i++) {
        if (!make_file(p, files->as.members[i].key, files->as.members[i].value)) {
            return false;
        }
    }
    return true;
}

static bool enter_dir(struct play *p) {
    struct err err = ERR_INIT;
    AUTO(str) struct str name = STR_INIT(0);
    str_addf(&name, "%s/case-%u-%lld", p->setup->scratch, p->setup->run->place.line,
             (long long)clock_monotonic_ns());
    p->dir = str_take(&name);
    p->run_dir = file_join(p->dir, ".run");
    p->tmp_dir = file_join(p->run_dir, "tmp");
    char *steps = file_join(p->run_dir, "steps");
    bool is_fine = file_make_dirs(p->tmp_dir, 0700, &err) && file_make_dirs(steps, 0700, &err);
    mem_free(steps);
    if (!is_fine) {
        return fail(p, &err);
    }
    p->old_dir_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return (p->old_dir_fd >= 0 && chdir(p->dir) == 0) ||
           judge_add(p->result, &p->setup->run->place, "cannot enter %s", p->dir);
}

static void leave_dir(struct play *p) {
    struct err err = ERR_INIT;
    if (p->old_dir_fd >= 0) {
        if (fchdir(p->old_dir_fd) != 0) {
            judge_add(p->result, &p->setup->run->place, "cannot go back to where the test began");
        }
        (void)close(p->old_dir_fd); /* it was only a place */
    }
    if (!file_remove_tree(p->dir, &err)) {
        (void)fail(p, &err);
    }
    mem_free(p->dir);
    mem_free(p->run_dir);
    mem_free(p->tmp_dir);
}

/* ---- inputs ---- */

/* A test needs no secret: what is recorded has their mark in their place. */
static size_t absent_secrets(const struct play *p, struct param_text *texts) {
    size_t n = 0;
    const struct recipe *r = p->setup->recipe;
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct value *given = p->setup->run->inputs;
        bool is_given = given != NULL && value_get(given, r->inputs[i].name) != NULL;
        if (r->inputs[i].is_secret && !is_given && r->inputs[i].default_value == NULL) {
            texts[n++] = (struct param_text){r->inputs[i].name, MASK_TEXT};
        }
    }
    return n;
}

static bool resolve_inputs(struct play *p) {
    struct param_text *texts =
        arena_zalloc(&p->arena, (p->setup->recipe->n_inputs + 1) * sizeof *texts);
    const struct value *file =
        p->setup->run->inputs == NULL ? &value_empty_object : p->setup->run->inputs;
    struct params_source source = {
        .texts = texts, .n_texts = absent_secrets(p, texts), .files = &file, .n_files = 1};
    struct diagnostics d = DIAGNOSTICS_INIT;
    bool is_fine =
        params_resolve(p->setup->recipe, &source, &p->arena, &p->inputs, &p->public_inputs, &d);
    for (size_t i = 0; i < d.n; i++) {
        if (!d.items[i].is_warning) {
            judge_add(p->result, &p->setup->run->place, "inputs: %s", d.items[i].err.message);
        }
    }
    diagnostics_release(&d);
    return is_fine;
}

/* ---- the run ---- */

static bool open_cassette(struct play *p) {
    const char *name = p->setup->run->cassette;
    if (name == NULL) {
        return true;
    }
    struct err err = ERR_INIT;
    char *dir = file_join(p->setup->suite_dir, name);
    p->player = player_new(&p->arena, dir, &p->timers, &p->names, PLAYER_NORMAL, &err);
    mem_free(dir);
    if (p->player == NULL) {
        return fail(p, &err);
    }
    player_runner(p->player, &p->cassette);
    return true;
}

static void on_finished(void *ctx) {
    struct play *p = ctx;
    fake_timers_stop(p->clock);
}

static void make_engine(struct play *p) {
    static const char *const environ_of_tests[] = {"PATH=/usr/bin:/bin", "HOME=/", "TZ=UTC",
                                                   "LC_ALL=C", NULL};
    struct engine_options options = {
        .recipe = p->setup->recipe,
        .inputs = p->inputs,
        .public_inputs = p->public_inputs,
        .runner = &p->runner,
        .timers = &p->timers,
        .bus = &p->bus,
        .environ = environ_of_tests,
        .run_id = RUN_ID,
        .run_dir = p->run_dir,
        .tmp_dir = p->tmp_dir,
        .mode = "replay",
        .host = "test",
        .seed = SEED,
        .on_finished = on_finished,
        .ctx = p,
    };
    p->engine = engine_new(&options);
}

/* Nothing is due any more and the run has not ended: some call has neither an answer nor a deadline. */
static void end_stuck_run(struct play *p) {
    if (engine_is_finished(p->engine)) {
        return;
    }
    judge_add(p->result, &p->setup->run->place,
              "the run waits for ever: a call has no answer and no timeout");
    for (int i = 0; i < 2 && !engine_is_finished(p->engine); i++) {
        engine_cancel(p->engine, 15);
        (void)fake_timers_run_until_idle(p->clock);
    }
}

static void run(struct play *p) {
    p->report = run_report_new();
    event_bus_add(&p->bus, run_report_sink(p->report));
    event_bus_add(&p->bus, calls_sink(&p->calls));
    if (p->setup->coverage != NULL) {
        event_bus_add(&p->bus, coverage_sink(p->setup->coverage));
    }
    p->fakes = fakes_new(p->setup->run, p->player == NULL ? NULL : &p->cassette, &p->timers);
    fakes_runner(p->fakes, &p->runner);
    make_engine(p);
    engine_start(p->engine);
    (void)fake_timers_run_until_idle(p->clock);
    end_stuck_run(p);
}

/* ---- the verdict ---- */

static void judge_answers(struct play *p) {
    const struct suite_case *c = p->setup->run;
    AUTO(str) struct str missing = STR_INIT(LIMIT_REPORT_BYTES);
    size_t n = fakes_missing(p->fakes, &missing);
    n += p->player == NULL ? 0 : player_missing(p->player, &missing);
    if (n > 0) {
        judge_add(p->result, &c->place, "%zu call%s had no answer:\n%s", n, n == 1 ? "" : "s",
                  str_text(&missing));
    }
    AUTO(str) struct str faults = STR_INIT(LIMIT_REPORT_BYTES);
    if (fakes_unused(p->fakes, &faults) > 0) {
        judge_add(p->result, &c->place, "faults that met no call:\n%s", str_text(&faults));
    }
    AUTO(str) struct str unused = STR_INIT(LIMIT_REPORT_BYTES);
    bool is_whole = c->n_faults == 0 && c->n_answers == 0 && !c->allows_unused;
    if (is_whole && p->player != NULL && player_unused(p->player, &unused) > 0) {
        judge_add(p->result, &c->place,
                  "recorded calls that were not made (allow_unused: true allows it):\n%s",
                  str_text(&unused));
    }
}

static void release(struct play *p) {
    engine_free(p->engine);
    fakes_free(p->fakes);
    player_free(p->player);
    fake_timers_free(p->clock);
    run_report_free(p->report);
    calls_release(&p->calls);
    leave_dir(p);
    arena_release(&p->arena);
    mask_clear();
}

void play_case(const struct play_setup *setup, struct play_result *ret_result) {
    int64_t began_ms = clock_monotonic_ms();
    *ret_result = (struct play_result){.failures = NULL};
    struct play p = {.setup = setup, .result = ret_result, .old_dir_fd = -1};
    arena_init(&p.arena, 0);
    calls_init(&p.calls);
    p.clock = fake_timers_new(WALL_START_MS);
    fake_timers_get(p.clock, &p.timers);
    if (enter_dir(&p) && make_files(&p) && resolve_inputs(&p)) {
        p.names = tape_names_of_run(&p.arena, p.public_inputs, p.run_dir, RUN_ID);
        if (open_cassette(&p)) {
            run(&p);
            judge_run(&setup->run->expect, p.report, &p.calls, ret_result);
            judge_answers(&p);
            ret_result->duration_ms = p.report->duration_ms;
            ret_result->n_calls = p.calls.n;
            ret_result->actual = setup->wants_actual ? actual_of_run(&setup->run->expect, p.report,
                                                                     &p.calls, setup->scratch)
                                                     : NULL;
        }
    }
    release(&p);
    ret_result->took_ms = clock_monotonic_ms() - began_ms;
}

void play_result_release(struct play_result *r) {
    for (size_t i = 0; i < r->n_failures; i++) {
        mem_free(r->failures[i]);
    }
    mem_free(r->failures);
    mem_free(r->actual);
    *r = (struct play_result){.failures = NULL};
}
