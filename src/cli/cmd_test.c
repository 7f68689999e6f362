/*
 * `cpdflow test [FILE|DIR]…`: recipe tests on recordings and given answers; no process, no cluster, no waiting.
 */
#include "cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/diagnose.h"
#include "maxima.h"
#include "recipe/load.h"
#include "recipe/suite.h"
#include "report/console.h"
#include "test_priv.h"
#include "testing/coverage.h"

enum { MAX_DIRECTORY_DEPTH = 32, MAX_JOBS = 16, CASES_PER_JOB = 4 };

/* ---- test files ---- */

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_path(struct test_plan *plan, const char *path) {
    plan->files = mem_realloc(plan->files, plan->n_files + 1, sizeof *plan->files);
    plan->files[plan->n_files++] = (struct test_file){.path = mem_strdup(path)};
}

static bool find_files(struct test_plan *plan, const char *path, unsigned depth, struct err *err);

/* Entries by name, so that the order is the same everywhere; hidden ones are left alone. */
static bool find_in_dir(struct test_plan *plan, const char *path, unsigned depth, struct err *err) {
    DIR *d = opendir(path);
    if (d == NULL || depth > MAX_DIRECTORY_DEPTH) {
        return err_errno(err, "file-read", d == NULL ? errno : ELOOP, "cannot read %s", path);
    }
    char **names = NULL;
    size_t n = 0;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.') {
            names = mem_realloc(names, n + 1, sizeof *names);
            names[n++] = file_join(strcmp(path, ".") == 0 ? "" : path, e->d_name);
        }
    }
    (void)closedir(d); /* it was only read */
    if (n > 1) {
        qsort(names, n, sizeof *names, by_text);
    }
    bool is_fine = true;
    for (size_t i = 0; i < n; i++) {
        struct stat st;
        bool is_dir = lstat(names[i], &st) == 0 && S_ISDIR(st.st_mode);
        if (is_dir || suite_is_file(names[i])) {
            is_fine = is_fine && find_files(plan, names[i], depth + 1, err);
        }
        mem_free(names[i]);
    }
    mem_free(names);
    return is_fine;
}

static bool find_files(struct test_plan *plan, const char *path, unsigned depth, struct err *err) {
    struct stat st;
    if (stat(path, &st) != 0) {
        return err_errno(err, "file-not-found", errno, "cannot find %s", path);
    }
    if (S_ISDIR(st.st_mode)) {
        return find_in_dir(plan, path, depth, err);
    }
    add_path(plan, path);
    return true;
}

/* ---- loading ---- */

static struct recipe *load_recipe(struct test_plan *plan, const char *path, struct diagnostics *d,
                                  struct coverage **ret_coverage) {
    char *canonical = realpath(path, NULL);
    const char *key = canonical == NULL ? path : canonical;
    struct recipe *r = map_get(&plan->recipes, key);
    if (r == NULL) {
        r = recipe_load(path, d);
        if (r != NULL) {
            (void)map_put(&plan->recipes, key, r);
            (void)map_put(&plan->coverages, key, coverage_new(r));
        }
    }
    *ret_coverage = map_get(&plan->coverages, key);
    free(canonical); /* realpath's own */
    return r;
}

static void load_file(struct test_plan *plan, struct test_file *file, struct diagnostics *d) {
    file->suite = suite_load(file->path, d);
    if (file->suite == NULL) {
        return;
    }
    char *dir = file_dirname(file->path);
    char *absolute = realpath(dir, NULL);
    file->dir = mem_strdup(absolute == NULL ? dir : absolute);
    free(absolute); /* realpath's own */
    char *path = strcmp(dir, ".") == 0 ? mem_strdup(file->suite->recipe)
                                       : file_join(dir, file->suite->recipe);
    file->recipe = load_recipe(plan, path, d, &file->coverage);
    mem_free(path);
    mem_free(dir);
}

static bool is_wanted(const struct test_options *o, const char *name) {
    bool is_wanted = o->filters.n == 0;
    for (size_t i = 0; i < o->filters.n && !is_wanted; i++) {
        is_wanted = strstr(name, o->filters.items[i]) != NULL;
    }
    return is_wanted;
}

static void list_cases(struct test_plan *plan, const struct test_options *o) {
    for (size_t i = 0; i < plan->n_files; i++) {
        const struct suite *s = plan->files[i].suite;
        for (size_t k = 0; s != NULL && k < s->n_runs; k++) {
            if (is_wanted(o, s->runs[k].name)) {
                plan->cases = mem_realloc(plan->cases, plan->n_cases + 1, sizeof *plan->cases);
                plan->cases[plan->n_cases++] = (struct test_case){
                    .file = &plan->files[i], .number = k, .name = s->runs[k].name};
            }
        }
    }
}

static bool load_files(struct test_plan *plan, const struct test_options *o) {
    struct diagnostics d = DIAGNOSTICS_INIT;
    for (size_t i = 0; i < plan->n_files; i++) {
        load_file(plan, &plan->files[i], &d);
    }
    bool is_fine = d.n_errors == 0;
    diagnose_print(&d);
    diagnostics_release(&d);
    list_cases(plan, o);
    return is_fine;
}

/* ---- order ---- */

/* splitmix64: enough to find tests that depend on each other. */
static uint64_t next_random(uint64_t *state) {
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30U)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27U)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31U);
}

static void shuffle(struct test_plan *plan) {
    plan->order = mem_zalloc(plan->n_cases + 1, sizeof *plan->order);
    for (size_t i = 0; i < plan->n_cases; i++) {
        plan->order[i] = i;
    }
    uint64_t state = plan->seed;
    for (size_t i = plan->n_cases; i > 1; i--) {
        size_t k = (size_t)(next_random(&state) % i);
        size_t kept = plan->order[i - 1];
        plan->order[i - 1] = plan->order[k];
        plan->order[k] = kept;
    }
}

static bool read_seed(struct test_plan *plan, const struct test_options *o, struct err *err) {
    if (o->seed == NULL) {
        plan->seed = (uint64_t)clock_monotonic_ns() % 1000000;
        return true;
    }
    int64_t n = 0;
    if (!num_parse_i64(o->seed, strlen(o->seed), &n) || n < 0) {
        return err_set(err, "usage", "--seed '%s' is not a whole number", o->seed);
    }
    plan->seed = (uint64_t)n;
    return true;
}

static size_t choose_jobs(const struct test_plan *plan, const struct test_options *o) {
    if (o->updates) {
        return 1; /* what came out stays in this process */
    }
    if (o->n_jobs > 0) {
        return o->n_jobs;
    }
    long n_cpus = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = n_cpus < 1 ? 1 : (size_t)n_cpus;
    size_t enough = 1 + plan->n_cases / CASES_PER_JOB;
    n = n > MAX_JOBS ? MAX_JOBS : n;
    return n > enough ? enough : n;
}

/* ---- the flow of it ---- */

static int write_coverage(const struct test_plan *plan, const struct test_options *o) {
    if (o->coverage_file == NULL) {
        return CLI_OK;
    }
    struct err err = ERR_INIT;
    AUTO(str) struct str text = STR_INIT(0);
    test_coverage_json(plan, &text);
    bool is_fine = file_write_atomic(o->coverage_file, str_text(&text), text.len, 0644, &err);
    return is_fine ? CLI_OK : cli_fail(&err, CLI_ENVIRONMENT);
}

static int check_coverage(const struct test_plan *plan, const struct test_options *o) {
    int code = CLI_OK;
    for (size_t i = 0; i < plan->coverages.n_entries; i++) {
        const struct coverage *c = plan->coverages.entries[i].value;
        if (test_coverage_of(c) < (double)o->min_coverage) {
            struct err err = ERR_INIT;
            (void)err_set(&err, "low-coverage", "%s: %.1f %% of it is tested, %zu %% are wanted",
                          c->recipe->file, test_coverage_of(c), o->min_coverage);
            err_hint(&err, "--coverage shows what is not");
            code = cli_fail(&err, CLI_FAILED);
        }
    }
    return code;
}

static int mutate(const struct test_plan *plan, const struct test_options *o) {
    struct err err = ERR_INIT;
    AUTO(str) struct str text = STR_INIT(0);
    long n_cpus = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n_jobs = o->n_jobs > 0 ? o->n_jobs : n_cpus < 1 ? 1 : (size_t)n_cpus;
    bool is_fine = test_mutate(plan, n_jobs > MAX_JOBS ? MAX_JOBS : n_jobs, &text, &err);
    int code = cli_print(&text, CLI_OK);
    return is_fine ? code : cli_fail(&err, CLI_ENVIRONMENT);
}

static int tell(const struct test_plan *plan, const struct test_options *o) {
    AUTO(str) struct str text = STR_INIT(0);
    struct test_options shown = *o;
    bool has_color = console_wants_color((enum console_color)o->color, isatty(STDOUT_FILENO) == 1);
    shown.color = has_color ? CONSOLE_COLOR_ALWAYS : CONSOLE_COLOR_NEVER;
    test_print(plan, &shown, &text);
    if (o->shows_coverage && o->output == TEST_TEXT) {
        test_coverage_print(plan, has_color, &text);
    }
    int code = cli_print(&text, test_count_failed(plan) > 0 ? CLI_FAILED : CLI_OK);
    if (code == CLI_OK && o->mutates) {
        code = mutate(plan, o);
    }
    int written = write_coverage(plan, o);
    int covered = check_coverage(plan, o);
    return written != CLI_OK ? written : code != CLI_OK ? code : covered;
}

/* Tells how many values were changed and what is left for people; the verdict is that of the run that follows. */
static int update(const struct test_plan *plan) {
    struct err err = ERR_INIT;
    size_t n = 0;
    AUTO(str) struct str notes = STR_INIT(LIMIT_REPORT_BYTES);
    if (!test_update(plan, &n, &notes, &err)) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_REPORT_BYTES);
    str_addf(&text, "%zu expectation%s updated\n", n, n == 1 ? "" : "s");
    if (notes.len > 0) {
        str_addf(&text, "not updated:\n%s", str_text(&notes));
    }
    return cli_print(&text, CLI_OK);
}

static int run_plan(struct test_plan *plan, const struct test_options *o,
                    const struct opt_list *operands) {
    struct err err = ERR_INIT;
    bool is_fine = read_seed(plan, o, &err);
    for (size_t i = 0; i < operands->n && is_fine; i++) {
        is_fine = find_files(plan, operands->items[i], 0, &err);
    }
    if (operands->n == 0 && is_fine) {
        is_fine = find_files(plan, ".", 0, &err);
    }
    if (!is_fine) {
        return cli_fail(&err, CLI_USAGE);
    }
    if (!load_files(plan, o)) {
        return CLI_USAGE;
    }
    if (plan->n_cases == 0) {
        (void)err_set(&err, "no-tests", "no case was found");
        err_hint(&err, "cases stand in files called NAME.test.yaml");
        return cli_fail(&err, CLI_USAGE);
    }
    plan->scratch = file_make_temp_dir("cpdflow-test-", &err);
    if (plan->scratch == NULL) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    shuffle(plan);
    plan->updates = o->updates;
    test_carry_out(plan, choose_jobs(plan, o));
    return o->updates ? update(plan) : tell(plan, o);
}

static void plan_release(struct test_plan *plan) {
    for (size_t i = 0; i < plan->n_cases; i++) {
        play_result_release(&plan->cases[i].result);
    }
    for (size_t i = 0; i < plan->n_files; i++) {
        suite_free(plan->files[i].suite);
        mem_free(plan->files[i].path);
        mem_free(plan->files[i].dir);
    }
    for (size_t i = 0; i < plan->coverages.n_entries; i++) {
        coverage_free(plan->coverages.entries[i].value);
        recipe_free(plan->recipes.entries[i].value);
    }
    map_release(&plan->coverages);
    map_release(&plan->recipes);
    mem_free(plan->files);
    mem_free(plan->cases);
    mem_free(plan->order);
}

static int run_once(const struct test_options *options, const struct opt_list *operands) {
    struct test_plan plan = {.recipes = MAP_INIT, .coverages = MAP_INIT};
    int code = run_plan(&plan, options, operands);
    plan_release(&plan);
    struct err err = ERR_INIT;
    if (plan.scratch != NULL && !file_remove_tree(plan.scratch, &err)) {
        code = cli_fail(&err, CLI_ENVIRONMENT);
    }
    mem_free(plan.scratch);
    return code;
}

static int run_test(void *options, const struct opt_list *operands) {
    struct test_options *o = options;
    if (o->updates) {
        int code = run_once(o, operands);
        if (code != CLI_OK) {
            return code;
        }
        o->updates = false;
    }
    return run_once(o, operands);
}

static const char *const outputs[] = {"text", "tap", "junit", NULL};
static const char *const colors[] = {"auto", "always", "never", NULL};

static const struct opt_row rows[] = {
    {'k', "filter", OPT_LIST, "TEXT", offsetof(struct test_options, filters), NULL,
     "only cases with TEXT in their name; may be repeated"},
    {'j', "jobs", OPT_COUNT, "N", offsetof(struct test_options, n_jobs), NULL,
     "processes side by side (default: one for each processor)"},
    {0, "seed", OPT_TEXT, "N", offsetof(struct test_options, seed), NULL,
     "the order of an earlier run, which told its seed"},
    {'o', "output", OPT_CHOICE, NULL, offsetof(struct test_options, output), outputs,
     "for people, as TAP or as JUnit"},
    {0, "coverage", OPT_FLAG, NULL, offsetof(struct test_options, shows_coverage), NULL,
     "shows what of the recipes was never tried, by line"},
    {0, "coverage-json", OPT_FILE, "FILE", offsetof(struct test_options, coverage_file), NULL,
     "the same for programs"},
    {0, "min-coverage", OPT_COUNT, "PERCENT", offsetof(struct test_options, min_coverage), NULL,
     "fails when less of a recipe is tested"},
    {0, "update", OPT_FLAG, NULL, offsetof(struct test_options, updates), NULL,
     "writes what came out into the expectations of cases that fail, then tests again"},
    {0, "mutate", OPT_FLAG, NULL, offsetof(struct test_options, mutates), NULL,
     "then breaks one field of each recipe at a time and names what no case notices"},
    {0, "color", OPT_CHOICE, NULL, offsetof(struct test_options, color), colors,
     "colours (also NO_COLOR, CLICOLOR_FORCE)"},
    OPT_END,
};

const struct cli_command cmd_test = {
    .name = "test",
    .summary = "test recipes on recordings, without a cluster",
    .operands = "[FILE|DIR]...",
    .max_operands = CLI_MANY,
    .completes = CLI_OPERAND_FILE,
    .options = rows,
    .options_size = sizeof(struct test_options),
    .details = "Runs the cases of NAME.test.yaml files, in a directory all of them (default: "
               "here). No process is\n"
               "started and no time passes: answers come from cassettes (cpdflow run --record) and "
               "from the case.\n"
               "recipes/TESTS.md says what a case may hold.\n",
    .examples = "  cpdflow test\n"
                "  cpdflow test recipes/mlops.test.yaml -k feedback --coverage\n"
                "  cpdflow test --output=junit > junit.xml\n",
    .exits = "  0  all cases passed\n"
             "  1  a case failed, or too little of a recipe is tested\n"
             "  2  wrong usage, a wrong test file or recipe: nothing was run\n",
    .run = run_test,
};
