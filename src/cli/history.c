#include "history_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/run_dir.h"
#include "event/run_report.h"
#include "maxima.h"
#include "report/report.h"
#include "value/json.h"
#include "value/value.h"

static bool has_metrics(const struct run_report *run) {
    for (size_t i = 0; i < run->n_steps; i++) {
        if (run->steps[i]->n_metrics > 0) {
            return true;
        }
    }
    return false;
}

static bool same_text(const struct value *v, const char *text) {
    const char *other = value_text(v);
    return other != NULL && text != NULL && strcmp(other, text) == 0;
}

/* True: the report of a run of this recipe that was carried out, and its metrics. */
static bool read_report(struct history *h, const struct run_dir *dir, const struct run_report *run,
                        struct report_earlier *ret_earlier) {
    AUTO(str) struct str text = STR_INIT(LIMIT_HISTORY_REPORT);
    AUTO(err) struct err err = ERR_INIT;
    const struct value *report = NULL;
    char *path = file_join(dir->path, "report.json");
    struct json_options options = {.name = path, .max_depth = LIMIT_JSON_DEPTH};
    bool is_read = file_read(path, LIMIT_HISTORY_REPORT, &text, &err) &&
                   json_parse(&h->arena, str_text(&text), text.len, &options, &report, NULL, &err);
    mem_free(path);
    const struct value *started = is_read ? value_path(report, "run.started") : NULL;
    if (started == NULL || started->type != VALUE_STRING ||
        !same_text(value_path(report, "run.recipe"), run->recipe_name) ||
        !same_text(value_path(report, "run.mode"), run->mode)) {
        return false;
    }
    ret_earlier->run_id = arena_strdup(&h->arena, dir->id);
    ret_earlier->metrics = value_get(report, "metrics");
    return clock_parse_utc(started->as.text, started->len, &ret_earlier->started_wall_ms) &&
           ret_earlier->started_wall_ms < run->started_wall_ms;
}

/* Ids sort by the second only. */
static int by_start(const void *a, const void *b) {
    const struct report_earlier *x = a;
    const struct report_earlier *y = b;
    return x->started_wall_ms < y->started_wall_ms ? -1 : x->started_wall_ms > y->started_wall_ms;
}

static void read_runs(struct history *h, const struct run_dirs *dirs,
                      const struct run_report *run) {
    size_t n_tried = 0;
    h->items = arena_zalloc(&h->arena, LIMIT_HISTORY_RUNS * sizeof *h->items);
    for (size_t i = 0; i < dirs->n && h->n < LIMIT_HISTORY_RUNS; i++) {
        bool is_own = run->run_id != NULL && strcmp(dirs->items[i].id, run->run_id) == 0;
        if (!is_own && n_tried++ < LIMIT_HISTORY_LOOKS) {
            h->n += read_report(h, &dirs->items[i], run, &h->items[h->n]);
        }
    }
    qsort(h->items, h->n, sizeof *h->items, by_start);
}

void history_read(struct history *h, const struct run_report *run, const char *run_dir) {
    arena_init(&h->arena, 0);
    h->n = 0;
    if (!has_metrics(run)) {
        return;
    }
    char *runs = file_dirname(run_dir);
    char *state = file_dirname(runs);
    struct run_dirs dirs;
    AUTO(err) struct err err = ERR_INIT;
    if (run_dirs_list(state, &dirs, &err)) {
        read_runs(h, &dirs, run);
        run_dirs_release(&dirs);
    }
    mem_free(state);
    mem_free(runs);
}

void history_release(struct history *h) {
    arena_release(&h->arena);
    *h = (struct history){.n = 0};
}
