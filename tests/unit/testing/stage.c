#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stage.h"

#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "recipe/load.h"
#include "recipe/suite.h"
#include "testing/coverage.h"

static void fail_with(struct diagnostics *d) {
    AUTO(str) struct str shown = STR_INIT(0);
    for (size_t i = 0; i < d->n; i++) {
        err_render(&d->items[i].err, "error", &shown);
    }
    fail_msg("%s", str_text(&shown));
}

void stage_write(const struct stage *s, const char *name, const char *text) {
    struct err err = ERR_INIT;
    char *path = file_join(s->dir, name);
    assert_true(file_write_atomic(path, text, strlen(text), 0600, &err));
    mem_free(path);
}

void stage_open(struct stage *s, const char *recipe, const char *suite) {
    char dir[] = "/tmp/test_stage.XXXXXX";
    assert_non_null(mkdtemp(dir));
    *s = (struct stage){.dir = mem_strdup(dir)};
    stage_write(s, "flow.test.yaml", suite);
    struct diagnostics d = DIAGNOSTICS_INIT;
    char *path = file_join(s->dir, "flow.test.yaml");
    s->recipe = recipe_load_text(recipe, strlen(recipe), "flow.yaml", s->dir, &d);
    s->suite = suite_load(path, &d);
    mem_free(path);
    if (s->recipe == NULL || s->suite == NULL) {
        fail_with(&d);
        return;
    }
    diagnostics_release(&d);
    s->coverage = coverage_new(s->recipe);
    s->results = mem_zalloc(s->suite->n_runs, sizeof *s->results);
}

void stage_play(struct stage *s) {
    for (size_t i = 0; i < s->suite->n_runs; i++) {
        struct play_setup setup = {.suite = s->suite,
                                   .run = &s->suite->runs[i],
                                   .recipe = s->recipe,
                                   .suite_dir = s->dir,
                                   .scratch = s->dir,
                                   .coverage = s->coverage,
                                   .wants_actual = s->wants_actual};
        play_case(&setup, &s->results[s->n++]);
    }
}

void stage_close(struct stage *s) {
    struct err err = ERR_INIT;
    for (size_t i = 0; i < s->n; i++) {
        play_result_release(&s->results[i]);
    }
    mem_free(s->results);
    coverage_free(s->coverage);
    suite_free(s->suite);
    recipe_free(s->recipe);
    assert_true(file_remove_tree(s->dir, &err));
    mem_free(s->dir);
}

const char *stage_failures(const struct stage *s, size_t i) {
    static struct str text = STR_INIT(0);
    str_release(&text);
    for (size_t k = 0; k < s->results[i].n_failures; k++) {
        str_addf(&text, "%s%s", k == 0 ? "" : "\n", s->results[i].failures[k]);
    }
    return str_text(&text);
}
